/* SPDX-License-Identifier: MIT */
#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE_MS 2000
#define SLICE_MS 20		/* where the kernel cannot tell when a process ends */

extern char **environ;

/* A child at work: the ends of its pipes that are ours, -1 when closed. */
struct child {
	pid_t pid;
	int to, from, fd;	/* fd: readable once it has ended, or -1 */
	int status;
	bool ended;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The attributes and the wiring of descriptors 0, 1, 2; an errno value. */
static int prepare(posix_spawnattr_t *attr, posix_spawn_file_actions_t *actions, int in, int out)
{
	sigset_t defaults, none;
	int rc;

	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGXFSZ);
	rc = posix_spawnattr_setflags(attr,
	    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	if (!rc)
		rc = posix_spawnattr_setpgroup(attr, 0);
	if (!rc)
		rc = posix_spawnattr_setsigdefault(attr, &defaults);
	if (!rc)
		rc = posix_spawnattr_setsigmask(attr, &none);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(actions, in, 0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(actions, out, 1);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(actions, out, 2);
	if (!rc)		/* what whoever started us left open is none of its business */
		rc = posix_spawn_file_actions_addclosefrom_np(actions, 3);
	return rc;
}

/* Start it; an errno value. */
static int start(char *const argv[], int in, int out, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int rc = posix_spawnattr_init(&attr);

	if (rc)
		return rc;
	rc = posix_spawn_file_actions_init(&actions);
	if (!rc) {
		rc = prepare(&attr, &actions, in, out);
		if (!rc)
			rc = posix_spawnp(pid, argv[0], &actions, &attr, argv, environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attr);
	return rc;
}

/* Has it ended?  Remembers how. */
static bool reap(struct child *c, bool wait)
{
	while (!c->ended) {
		pid_t got = waitpid(c->pid, &c->status, wait ? 0 : WNOHANG);

		if (got == 0)
			break;
		c->ended = got == c->pid || errno != EINTR;
	}
	return c->ended;
}

/* Give it what it takes. */
static void feed(struct child *c, struct span *input)
{
	ssize_t n = write(c->to, input->p, input->n);

	if (n > 0) {
		input->p += n;
		input->n -= (size_t)n;
	}
	if (input->n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		shut(&c->to);		/* it does not want to know more: its exit status tells */
}

/* Take what it says; what is too much is read and dropped. */
static void hear(struct child *c, struct buf *said)
{
	char block[4096];
	ssize_t n = read(c->from, block, sizeof block);

	if (n > 0 && said->n < SPAWN_SAID_MAX)
		buf_put(said, block, (size_t)n < SPAWN_SAID_MAX - said->n ? (size_t)n
		    : SPAWN_SAID_MAX - said->n);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		shut(&c->from);
}

/* Serve its pipes until it ends or the time is up; true when it ended. */
static bool serve(struct child *c, struct span *input, struct buf *said, int64_t until)
{
	while (!reap(c, false)) {
		struct pollfd p[3] = { { c->fd, POLLIN, 0 }, { c->to, POLLOUT, 0 }, { c->from, POLLIN, 0 } };
		int64_t left = until - now_ms();

		if (left <= 0)
			return false;
		if (c->fd < 0 && left > SLICE_MS)
			left = SLICE_MS;
		if (poll(p, 3, left > INT32_MAX ? INT32_MAX : (int)left) <= 0)
			continue;
		if (c->to >= 0 && p[1].revents)
			feed(c, input);
		if (c->from >= 0 && p[2].revents)
			hear(c, said);
	}
	return true;
}

/* Stop it with all that it started. */
static void stop(struct child *c, struct buf *said)
{
	struct span nothing = { NULL, 0 };

	shut(&c->to);
	kill(-c->pid, SIGTERM);
	serve(c, &nothing, said, now_ms() + GRACE_MS);
	kill(-c->pid, SIGKILL);
	reap(c, true);
}

/* Both pipes, all ends closed on exec; -1 e. */
static int make_pipes(int in[2], int out[2], struct err *e)
{
	if (pipe2(in, O_CLOEXEC) < 0)
		return err_sys(e, "cannot make a pipe");
	if (pipe2(out, O_CLOEXEC) == 0)
		return 0;
	err_sys(e, "cannot make a pipe");
	shut(&in[0]);
	shut(&in[1]);
	return -1;
}

int spawn_run(char *const argv[], struct span input, int64_t timeout_ms, struct spawn_result *out,
    struct err *e)
{
	int in[2] = { -1, -1 }, back[2] = { -1, -1 }, rc;
	int64_t until = now_ms() + timeout_ms;
	struct child c = { .fd = -1 };

	*out = (struct spawn_result){ .end = SPAWN_MISSING };
	if (make_pipes(in, back, e))
		return -1;
	rc = start(argv, in[0], back[1], &c.pid);
	shut(&in[0]);
	shut(&back[1]);
	c.to = in[1];
	c.from = back[0];
	if (rc) {
		shut(&c.to);
		shut(&c.from);
		if (rc == EAGAIN || rc == ENOMEM || rc == EMFILE || rc == ENFILE) {
			errno = rc;
			return err_sys(e, "%s: cannot be started", argv[0]);
		}
		buf_puts(&out->said, strerror(rc));
		return 0;
	}
	c.fd = pidfd_open(c.pid, 0);
	fcntl(c.to, F_SETFL, O_NONBLOCK);
	fcntl(c.from, F_SETFL, O_NONBLOCK);
	if (input.n == 0)
		shut(&c.to);
	if (serve(&c, &input, &out->said, until)) {
		while (c.from >= 0) {	/* what it said last is still in the pipe; a daemon it left behind may hold it open */
			size_t before = out->said.n;

			hear(&c, &out->said);
			if (out->said.n == before)
				shut(&c.from);
		}
		out->end = WIFEXITED(c.status) ? SPAWN_EXIT : SPAWN_SIGNAL;
		out->code = WIFEXITED(c.status) ? WEXITSTATUS(c.status) : WTERMSIG(c.status);
	} else {
		stop(&c, &out->said);
		out->end = SPAWN_TIMEOUT;
	}
	shut(&c.to);
	shut(&c.from);
	shut(&c.fd);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MS 30000
#define MOST (1 << 20)		/* bytes of a read or write that is cut short */

enum { LOOK, CHANGE, LOCK, OPEN };

/* The calls that faults are tried at: where their path and descriptor stand among the arguments, -1 none. */
static const struct call {
	const char *name;
	int nr, path, fd, does;
} calls[] = {
#define CALL(name, path, fd, does) { #name, SYS_##name, path, fd, does }
	CALL(read, -1, 0, LOOK), CALL(pread64, -1, 0, LOOK), CALL(write, -1, 0, CHANGE), CALL(pwrite64, -1, 0, CHANGE),
	CALL(writev, -1, 0, CHANGE), CALL(pwritev, -1, 0, CHANGE), CALL(openat, 1, 0, OPEN), CALL(close, -1, 0, LOOK),
	CALL(newfstatat, 1, 0, LOOK), CALL(fstat, -1, 0, LOOK), CALL(faccessat2, 1, 0, LOOK), CALL(readlinkat, 1, 0, LOOK),
	CALL(getdents64, -1, 0, LOOK), CALL(lseek, -1, 0, LOOK), CALL(fstatfs, -1, 0, LOOK), CALL(fcntl, -1, 0, LOOK),
	CALL(mmap, -1, 4, LOOK), CALL(dup, -1, 0, LOOK), CALL(flock, -1, 0, LOCK), CALL(fdatasync, -1, 0, CHANGE),
	CALL(fsync, -1, 0, CHANGE), CALL(ftruncate, -1, 0, CHANGE), CALL(fallocate, -1, 0, CHANGE), CALL(fchmod, -1, 0, CHANGE),
	CALL(fchown, -1, 0, CHANGE), CALL(mkdirat, 1, 0, CHANGE), CALL(unlinkat, 1, 0, CHANGE), CALL(renameat2, 3, 2, CHANGE),
	CALL(linkat, 3, 2, CHANGE), CALL(socket, -1, -1, LOOK), CALL(connect, -1, 0, LOOK), CALL(exit_group, -1, -1, LOOK),
#ifdef SYS_renameat
	CALL(renameat, 3, 2, CHANGE),
#endif
#ifdef SYS_mkdir
	CALL(mkdir, 0, -1, CHANGE), CALL(rmdir, 0, -1, CHANGE), CALL(unlink, 0, -1, CHANGE), CALL(rename, 1, -1, CHANGE),
	CALL(open, 0, -1, OPEN), CALL(access, 0, -1, LOOK), CALL(stat, 0, -1, LOOK), CALL(lstat, 0, -1, LOOK),
#endif
#undef CALL
};
#define CALLS (sizeof calls / sizeof *calls)

static const struct { const char *name; int error; } errors[] = {
	{ "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EINTR", EINTR }, { "EDQUOT", EDQUOT }, { "ENOMEM", ENOMEM },
	{ "EMFILE", EMFILE }, { "EAGAIN", EAGAIN },
};

/* A program under way. */
struct run {
	pid_t pid;
	int pidfd, listener;
	const struct fault *f;
	FILE *log;
	struct outcome *o;
	bool others;		/* it has started programs, whose calls are let through */
	int count[CALLS], number;
	int next_fails;		/* FAULT_HALF: the count at which the error comes */
	uint64_t random;
	ino_t failed[16];	/* files whose sync failed */
	size_t nfailed;
	char cwd[PATH_MAX];
	char bytes[MOST];
};

static bool is_call(int call, const char *name)
{
	return call >= 0 && strcmp(calls[call].name, name) == 0;
}

bool fault_of(struct fault *f, const char *kind, const char *call, int n)
{
	static const struct { const char *name; enum fault_kind kind; } kinds[] = {
		{ "kill", FAULT_KILL }, { "torn", FAULT_TORN }, { "lie", FAULT_LIE }, { "short", FAULT_SHORT },
	};
	const char *name = strncmp(kind, "half-", 5) == 0 ? kind + 5 : kind;
	size_t len = strcspn(name, "+/");

	*f = (struct fault){ .call = -1, .n = n, .seed = (unsigned)n };
	for (size_t i = 0; i < CALLS; i++)
		if (strcmp(calls[i].name, call) == 0)
			f->call = (int)i;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, kind) == 0)
			f->kind = kinds[i].kind;
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strlen(errors[i].name) == len && strncmp(errors[i].name, name, len) == 0) {
			f->kind = name == kind ? FAULT_ERROR : FAULT_HALF;
			f->error = errors[i].error;
			f->step = name[len] == '\0' ? 0 : name[len] == '+' ? 1 : atoi(name + len + 1);
		}
	return f->kind != FAULT_NONE && (f->kind == FAULT_SHORT || (f->call >= 0 && n > 0));
}

/* ---- the program's side ---- */

/* The filter over all calls of the table, or over this one and the syncs; its descriptor. */
static int install(const struct fault *f, bool all)
{
	struct sock_filter code[CALLS + 3];
	struct sock_fprog prog = { .filter = code };
	bool wanted[CALLS];
	size_t n = 0, left;

	for (size_t i = 0; i < CALLS; i++) {
		const char *name = calls[i].name;

		wanted[i] = all || (f->kind == FAULT_SHORT ? strcmp(name, "read") == 0 || strcmp(name, "pread64") == 0
		    || strcmp(name, "write") == 0 || strcmp(name, "pwrite64") == 0 || strcmp(name, "openat") == 0
		    : (int)i == f->call || strcmp(name, "fdatasync") == 0 || strcmp(name, "fsync") == 0 || strcmp(name, "ftruncate") == 0);
		n += wanted[i];
	}
	left = n;
	n = 0;
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < CALLS; i++)
		if (wanted[i])
			code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i].nr, (unsigned char)left--, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	prog.len = (unsigned short)n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
}

/* A descriptor through a socket; the calls used are in no filter. */
static void send_fd(int socket, int fd)
{
	union { struct cmsghdr h; char room[CMSG_SPACE(sizeof(int))]; } control = { .room = { 0 } };
	char byte = fd < 0 ? 1 : 0;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	if (fd >= 0) {
		m.msg_control = control.room;
		m.msg_controllen = sizeof control.room;
		control.h = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd) };
		memcpy(CMSG_DATA(&control.h), &fd, sizeof fd);
	}
	sendmsg(socket, &m, 0);
}

static int receive_fd(int socket)
{
	union { struct cmsghdr h; char room[CMSG_SPACE(sizeof(int))]; } control;
	char byte;
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room };
	int fd = -1;

	if (recvmsg(socket, &m, MSG_CMSG_CLOEXEC) == 1 && byte == 0 && CMSG_FIRSTHDR(&m) != NULL)
		memcpy(&fd, CMSG_DATA(&control.h), sizeof fd);
	return fd;
}

static void become(char **argv, int out, int words, int socket, const struct fault *f, bool all)
{
	dup2(out, 1);
	dup2(words, 2);
	send_fd(socket, install(f, all));
	execvp(argv[0], argv);
	_exit(127);
}

/* ---- the kernel's side ---- */

/* A string of the program's. */
static void get_text(const struct run *r, uint64_t at, char *text, size_t max)
{
	struct iovec mine = { text, max - 1 }, theirs = { (void *)(uintptr_t)at, max - 1 };
	ssize_t got = process_vm_readv(r->pid, &mine, 1, &theirs, 1, 0);

	for (size_t want = 256; got < 0 && want > 0; want /= 2) {	/* near the end of its memory */
		mine.iov_len = theirs.iov_len = want < max ? want : max - 1;
		got = process_vm_readv(r->pid, &mine, 1, &theirs, 1, 0);
	}
	text[got < 0 ? 0 : got] = '\0';
}

/* The file that a call is about, below the working directory without it. */
static void get_file(const struct run *r, const struct call *c, const struct seccomp_data *d, char *file)
{
	char link[64];
	ssize_t got;

	file[0] = '\0';
	if (c->path >= 0)
		get_text(r, d->args[c->path], file, PATH_MAX);
	if (file[0] == '\0' && c->fd >= 0) {
		snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)r->pid, (int)d->args[c->fd]);
		got = readlink(link, file, PATH_MAX - 1);
		file[got < 0 ? 0 : got] = '\0';
	}
	if (strncmp(file, r->cwd, strlen(r->cwd)) == 0 && file[strlen(r->cwd)] == '/')
		memmove(file, file + strlen(r->cwd) + 1, strlen(file + strlen(r->cwd)));
}

/* The program's descriptor as one of ours. */
static int borrow(const struct run *r, uint64_t fd)
{
	return (int)syscall(SYS_pidfd_getfd, r->pidfd, (int)fd, 0);
}

static void put_log(struct run *r, int i, const struct seccomp_data *d)
{
	static const char *const words[] = { "look", "change", "lock" };
	const struct call *c = &calls[i];
	char file[PATH_MAX], text[17] = "";
	int does = c->does, mine;

	if (strcmp(c->name, "mmap") == 0 && (d->args[3] & MAP_ANONYMOUS))
		return;
	get_file(r, c, d, file);
	if (does == OPEN)
		does = d->args[c->path + 1] & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC) ? CHANGE : LOOK;
	if (strcmp(c->name, "close") == 0 && (mine = borrow(r, d->args[0])) >= 0) {
		does = fcntl(mine, F_GETFL) & (O_WRONLY | O_RDWR) ? CHANGE : LOOK;
		close(mine);
	}
	if (strcmp(c->name, "write") == 0)
		get_text(r, d->args[1], text, sizeof text);
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	fprintf(r->log, "%s\t%d\t%d\t%s\t%s\t%s\n", c->name, r->count[i], ++r->number, words[does], file, text);
}

/* Do the first part of a read or write for the program: how much was done, or -1 with errno. */
static ssize_t do_part(struct run *r, int i, const struct seccomp_data *d, size_t n)
{
	struct iovec mine = { r->bytes, n }, theirs = { (void *)(uintptr_t)d->args[1], n };
	int fd = borrow(r, d->args[0]);
	ssize_t done = -1;

	if (fd < 0)
		return -1;
	if (is_call(i, "read") || is_call(i, "pread64")) {
		done = is_call(i, "read") ? read(fd, r->bytes, n) : pread(fd, r->bytes, n, (off_t)d->args[3]);
		mine.iov_len = theirs.iov_len = done < 0 ? 0 : (size_t)done;
		if (done > 0 && process_vm_writev(r->pid, &mine, 1, &theirs, 1, 0) != done)
			done = -1;
	} else if (process_vm_readv(r->pid, &mine, 1, &theirs, 1, 0) == (ssize_t)n) {
		done = is_call(i, "write") ? write(fd, r->bytes, n) : pwrite(fd, r->bytes, n, (off_t)d->args[3]);
	}
	close(fd);
	return done;
}

/* xorshift */
static unsigned draw(struct run *r)
{
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return (unsigned)(r->random >> 11);
}

/* FAULT_SHORT: one in five is interrupted, three in five are cut short; what the loader and the C library read for
 * themselves is left alone. */
static bool shorten(struct run *r, int i, const struct seccomp_data *d, struct seccomp_notif_resp *a)
{
	char file[PATH_MAX];
	unsigned luck = draw(r) % 5;
	size_t n = d->args[2] < MOST ? d->args[2] : MOST;
	ssize_t done;

	get_file(r, &calls[i], d, file);
	if (luck == 0 || (file[0] == '/' && !strstr(file, ".yaml") && !strstr(file, ".csv")))
		return false;
	r->o->reached = true;
	r->o->faults++;
	if (luck == 1 || is_call(i, "openat")) {
		a->error = -EINTR;
		return true;
	}
	if (n < 2)
		return false;
	n = luck == 2 ? 1 + draw(r) % (n - 1) : 1 + draw(r) % (n < 7 ? n - 1 : 7);
	done = do_part(r, i, d, n);
	a->val = done;
	a->error = done < 0 ? -errno : 0;
	return true;
}

/* Count syncs of a file whose sync has failed. */
static void watch_syncs(struct run *r, int i, const struct seccomp_data *d, bool fails)
{
	char link[64];
	struct stat st;
	size_t k = 0;

	if (!is_call(i, "fdatasync") && !is_call(i, "fsync") && !is_call(i, "ftruncate"))
		return;
	snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)r->pid, (int)d->args[0]);
	if (stat(link, &st) < 0)
		return;
	while (k < r->nfailed && r->failed[k] != st.st_ino)
		k++;
	if (is_call(i, "ftruncate")) {
		if (k < r->nfailed && !fails)
			r->failed[k] = r->failed[--r->nfailed];
		return;
	}
	r->o->resynced += k < r->nfailed;
	if (fails && k == r->nfailed && k < sizeof r->failed / sizeof *r->failed)
		r->failed[r->nfailed++] = st.st_ino;
}

/* Is this call the one?  For an error: or one of those that fail too. */
static bool is_due(const struct run *r, int i)
{
	const struct fault *f = r->f;
	int past = r->count[i] - f->n;

	if (i != f->call)
		return false;
	return past == 0 || (past > 0 && f->step > 0 && past % f->step == 0);
}

/* The answer to one call; false when the kernel shall do it. */
static bool meddle(struct run *r, int i, const struct seccomp_data *d, struct seccomp_notif_resp *a)
{
	const struct fault *f = r->f;
	size_t half = d->args[2] / 2 < MOST ? d->args[2] / 2 : MOST;

	if (f->kind == FAULT_SHORT)
		return shorten(r, i, d, a);
	if (r->next_fails != 0 && i == f->call && r->count[i] == r->next_fails) {
		a->error = -f->error;
		return true;
	}
	if (!is_due(r, i))
		return false;
	r->o->reached = true;
	r->o->faults++;
	switch (f->kind) {
	case FAULT_TORN:
		do_part(r, i, d, half);
		/* fallthrough */
	case FAULT_KILL:
		/* an answer may come before the signal does: one that says go on would have the call done yet */
		kill(r->pid, SIGKILL);
		a->error = -EINTR;
		return true;
	case FAULT_HALF:
		a->val = do_part(r, i, d, half);
		a->error = a->val < 0 ? -errno : 0;
		r->next_fails = r->count[i] + 1;
		return true;
	case FAULT_LIE:
		a->val = (int64_t)d->args[2];
		return true;
	default:
		a->error = -f->error;
		return true;
	}
}

static int answer(struct run *r)
{
	struct seccomp_notif q;
	struct seccomp_notif_resp a;
	int i = 0;

	memset(&q, 0, sizeof q);
	if (ioctl(r->listener, SECCOMP_IOCTL_NOTIF_RECV, &q) < 0)
		return errno == EINTR || errno == ENOENT ? 0 : -1;
	memset(&a, 0, sizeof a);
	a.id = q.id;
	if ((pid_t)q.pid != r->pid) {
		r->others = true;
		a.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		return ioctl(r->listener, SECCOMP_IOCTL_NOTIF_SEND, &a) < 0 && errno != ENOENT && errno != EINTR ? -1 : 0;
	}
	while (i < (int)CALLS && calls[i].nr != q.data.nr)
		i++;
	r->count[i]++;
	if (r->log != NULL)
		put_log(r, i, &q.data);
	if (!meddle(r, i, &q.data, &a))
		a.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	watch_syncs(r, i, &q.data, a.error != 0);
	return ioctl(r->listener, SECCOMP_IOCTL_NOTIF_SEND, &a) < 0 && errno != ENOENT && errno != EINTR ? -1 : 0;
}

/* Until what the program started has ended too: a kill -9 of the program does not reach it. */
static void serve_others(struct run *r)
{
	struct pollfd p = { .fd = r->listener, .events = POLLIN };

	while (poll(&p, 1, LIMIT_MS) > 0 && !(p.revents & POLLHUP) && answer(r) == 0)
		;
}

/* Until the program has ended. */
static int serve(struct run *r)
{
	struct pollfd p[2] = { { .fd = r->listener, .events = POLLIN }, { .fd = r->pidfd, .events = POLLIN } };
	int got, state, result = 0;

	while (result == 0 && (p[1].revents & POLLIN) == 0) {
		got = poll(p, 2, LIMIT_MS);
		if (got == 0) {
			r->o->status = 124;
			break;
		}
		if (got > 0 && (p[0].revents & POLLIN))
			result = answer(r);
	}
	if (result < 0 || r->o->status == 124)
		kill(r->pid, SIGKILL);
	waitpid(r->pid, &state, 0);
	if (r->others)
		serve_others(r);
	if (r->o->status != 124)
		r->o->status = WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
	return result;
}

/* What a program says into the pipe, into the file. */
static pid_t drain(int pipe, int out, int other)
{
	char bytes[512];
	ssize_t got;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	close(other);
	while ((got = read(pipe, bytes, sizeof bytes)) > 0)
		if (write(out, bytes, (size_t)got) != got)
			_exit(1);
	_exit(0);
}

int fault_run(char **argv, const char *answer_path, bool piped, const char *words, const struct fault *f, FILE *log, struct outcome *o)
{
	static struct run r;
	int out = open(answer_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), pair[2], through[2] = { -1, -1 };
	int err = open(words, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), result = -1;
	pid_t reader = 0;

	memset(&r, 0, offsetof(struct run, cwd));
	*o = (struct outcome){ .status = 0 };
	r.f = f;
	r.log = log;
	r.o = o;
	r.random = 88172645463325252u + f->seed * 2654435761u;
	if (out < 0 || err < 0 || getcwd(r.cwd, sizeof r.cwd) == NULL || socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0
	    || (piped && (pipe2(through, O_CLOEXEC) < 0 || (reader = drain(through[0], out, through[1])) < 0)))
		return -1;
	r.pid = fork();
	if (r.pid == 0)
		become(argv, piped ? through[1] : out, err, pair[1], f, log != NULL);
	close(through[1]);
	close(through[0]);
	close(pair[1]);
	r.pidfd = (int)syscall(SYS_pidfd_open, r.pid, 0);
	r.listener = receive_fd(pair[0]);
	if (r.pidfd >= 0 && r.listener >= 0)
		result = serve(&r);
	else
		kill(r.pid, SIGKILL);
	if (reader > 0)
		waitpid(reader, NULL, 0);
	close(pair[0]);
	close(r.pidfd);
	close(r.listener);
	close(out);
	close(err);
	return result;
}

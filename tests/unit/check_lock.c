/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "proofhelp.h"
/*
 * A writer who meets another one: who holds the lock is named as well as can be, and a journal that was replaced is not
 * written to.
 */

static struct io_table kernel;
static bool no_locks;		/* the kernel does not list its locks */

static int f_openat(int dir, const char *path, int flags, mode_t mode)
{
	if (no_locks && strcmp(path, "/proc/locks") == 0) {
		errno = ENOENT;
		return -1;
	}
	return kernel.openat(dir, path, flags, mode);
}

/* A process that holds the lock until it is killed. */
static pid_t hold(const char *dir)
{
	char path[512], ready;
	int go[2];
	pid_t pid;

	ck_assert_int_eq(pipe(go), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		int fd;

		snprintf(path, sizeof path, "%s/journal.csv", dir);
		fd = open(path, O_RDONLY);
		if (fd < 0 || flock(fd, LOCK_EX) < 0 || write(go[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	ck_assert_int_eq(read(go[0], &ready, 1), 1);
	close(go[0]);
	close(go[1]);
	return pid;
}

/* What the holder left of itself, and what is said of it; %d is its process. */
static const struct {
	const char *holder;	/* NULL: nothing */
	bool no_locks;
	const char *says;
} holders[] = {
	{ "pid %d, clerk@office, hazard-add, since 2026-02-02T10:40:00+08:00\nold end", false, "locked by pid %d, clerk@office, hazard-add, since"
	    " 2026-02-02T10:40:00+08:00 (waited 0 ms)" },
	{ "pid %d, clerk@office, hazard-add, since 2026-02-02T10:40:00+08:00\n", true, "locked by pid %d, clerk@office, hazard-add, since"
	    " 2026-02-02T10:40:00+08:00 (waited 0 ms)" },
	{ "pid 1, somebody else\n", false, "locked by pid %d, " },
	{ "words\n", false, "locked by pid %d, " },
	{ "", false, "locked by pid %d, " },
	{ NULL, false, "locked by pid %d, " },
	{ NULL, true, "another program has held its lock for 0 ms" },
	{ "pid 2147483646, gone\n", true, "another program has held its lock for 0 ms" },
	{ "pid %d, \x1b[31mred\n", false, "locked by pid %d, " },
};

START_TEST(holder_named)
{
	char *dir = h_create(), text[512], want[512];
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	pid_t pid;

	h_ok(r, "", 1, H_NOW);
	snprintf(text, sizeof text, "%s/.index/holder", dir);
	unlink(text);
	pid = hold(dir);
	if (holders[_i].holder != NULL) {
		snprintf(text, sizeof text, holders[_i].holder, (int)pid);
		h_append(dir, ".index/holder", text);
	}
	snprintf(want, sizeof want, holders[_i].says, (int)pid);
	who.lock_wait_ms = 0;
	no_locks = holders[_i].no_locks;
	kernel = io;
	io.openat = f_openat;
	ck_assert_ptr_null(commit_open(r, &who, &e));
	io = kernel;
	ck_assert_int_eq(e.status, ERR_FAILED);
	ck_assert_msg(strstr(e.text, want) != NULL, "%s: should say %s", e.text, want);
	ck_assert_ptr_null(strchr(e.text, '\x1b'));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	h_ok(r, "", 1, H_NOW);
	reg_close(r);
	h_drop(dir);
}
END_TEST

static const char *where;

/* Somebody puts another file there while this one waits. */
static int replaced(int fd, int op)
{
	char from[512], to[512];
	struct buf b = h_slurp(where, "journal.csv");

	snprintf(from, sizeof from, "%s/journal.csv", where);
	snprintf(to, sizeof to, "%s/old", where);
	ck_assert_int_eq(rename(from, to), 0);
	h_write(where, "journal.csv", b.p, b.n, O_TRUNC);
	buf_clear(&b);
	return kernel.flock(fd, op);
}

START_TEST(journal_replaced)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;

	where = dir;
	kernel = io;
	io.flock = replaced;
	ck_assert_ptr_null(commit_open(r, &who, &e));
	io = kernel;
	ck_assert_int_eq(e.status, ERR_FAILED);
	ck_assert_str_eq(e.text, "journal.csv: was replaced while this program waited for it; try again");
	h_ok(r, "", 1, H_NOW);
	verified(r, 2);
	reg_close(r);
	h_drop(dir);
}
END_TEST

static const struct {
	const char *name;	/* of a ledger that grows between open and close */
	const char *says;
} hands[] = {
	{ "hazards.csv", "hazards.csv: has " },
	{ "events.csv", "events.csv: has " },
	{ "tags.csv", NULL },	/* this commit does not touch it */
};

/* Another hand writes to a ledger while a commit is built. */
START_TEST(another_hand)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct commit_who who = { .now = H_NOW, .lock_wait_ms = 1000 };	/* neither actor, command nor key */
	struct err e = ERR_INIT;
	struct commit *c = commit_open(r, &who, &e);
	int result;

	ck_assert_msg(c != NULL, "%s", e.text);
	h_pair(c, NULL, "", "x");
	h_append(dir, hands[_i].name, "by hand\n");
	result = commit_close(c, NULL, &e);
	ck_assert_int_eq(result, hands[_i].says == NULL ? 0 : -1);
	if (result < 0) {
		ck_assert_int_eq(e.status, ERR_PERSON);
		ck_assert_msg(strncmp(e.text, hands[_i].says, strlen(hands[_i].says)) == 0 && strstr(e.text, "another hand is writing to it") != NULL,
		    "%s", e.text);
	} else {
		struct buf journal = h_slurp(dir, "journal.csv");

		ck_assert_ptr_nonnull(strstr(journal.p, ",,unknown,"));
		buf_clear(&journal);
	}
	reg_close(r);
	h_drop(dir);
}
END_TEST

#define COUNT(v) (int)(sizeof (v) / sizeof *(v))

int main(void)
{
	Suite *s = suite_create("lock");
	TCase *t = tcase_create("lock");

	tcase_add_loop_test(t, holder_named, 0, COUNT(holders));
	tcase_add_test(t, journal_replaced);
	tcase_add_loop_test(t, another_hand, 0, COUNT(hands));
	suite_add_tcase(s, t);
	return h_run(s);
}

/* SPDX-License-Identifier: MIT */
#include "base/spawn.h"
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "runhelp.h"

static struct spawn_result r;

/* Run a shell command with this input. */
static void run(const char *command, struct span input, int64_t timeout_ms)
{
	char *argv[] = { (char *)(uintptr_t)"sh", (char *)(uintptr_t)"-c", (char *)(uintptr_t)command, NULL };
	struct err e = ERR_INIT;

	ck_assert_msg(spawn_run(argv, input, timeout_ms, &r, &e) == 0, "%s", e.text);
}

static void end(enum spawn_end how, int code, const char *said)
{
	ck_assert_int_eq(r.end, how);
	ck_assert_int_eq(r.code, code);
	ck_assert_str_eq(r.said.p ? r.said.p : "", said);
	buf_clear(&r.said);
}

START_TEST(ends)
{
	run("cat; echo err >&2; exit 3", SPAN("in\n"), 5000);
	end(SPAWN_EXIT, 3, "in\nerr\n");
	run("exit 0", SPAN(""), 5000);
	end(SPAWN_EXIT, 0, "");
	run("kill -9 $$", SPAN("x"), 5000);
	end(SPAWN_SIGNAL, SIGKILL, "");
}
END_TEST

START_TEST(missing)
{
	char *argv[] = { (char *)(uintptr_t)"/no/such/program", NULL };
	struct err e = ERR_INIT;

	ck_assert_int_eq(spawn_run(argv, SPAN("x"), 5000, &r, &e), 0);
	/* valgrind's child has its own memory, so what went wrong there is not told here (memcheck.sh) */
	if (getenv("UNDER_VALGRIND") == NULL) {
		ck_assert_int_eq(r.end, SPAWN_MISSING);
		ck_assert_str_eq(r.said.p, "No such file or directory");
	}
	buf_clear(&r.said);
}
END_TEST

/* More input than a pipe holds, read late, partly or not at all. */
START_TEST(large)
{
	size_t n = 3 << 20;
	char *big = malloc(n);

	memset(big, 'x', n);
	run("sleep 0.1; wc -c", (struct span){ big, n }, 20000);
	end(SPAWN_EXIT, 0, "3145728\n");
	run("head -c 5", (struct span){ big, n }, 20000);
	end(SPAWN_EXIT, 0, "xxxxx");
	run("true", (struct span){ big, n }, 20000);
	end(SPAWN_EXIT, 0, "");
	run("exec 0<&-; sleep 0.1; exit 4", (struct span){ big, n }, 20000);
	end(SPAWN_EXIT, 4, "");
	free(big);
}
END_TEST

/* What is said beyond the limit is dropped, not waited for. */
START_TEST(talks)
{
	run("head -c 1000000 /dev/zero | tr '\\0' y", SPAN(""), 20000);
	ck_assert_int_eq(r.end, SPAWN_EXIT);
	ck_assert_uint_eq(r.said.n, SPAWN_SAID_MAX);
	buf_clear(&r.said);
	run("yes", SPAN(""), 300);
	ck_assert_int_eq(r.end, SPAWN_TIMEOUT);
	buf_clear(&r.said);
}
END_TEST

/* The time limit ends it and what it started; one that ignores TERM is killed. */
START_TEST(hangs)
{
	struct timespec a, b;

	run("echo late; sleep 60 & sleep 60", SPAN(""), 200);
	end(SPAWN_TIMEOUT, 0, "late\n");
	clock_gettime(CLOCK_MONOTONIC, &a);
	run("trap '' TERM; while :; do sleep 0.1; done", SPAN(""), 100);
	end(SPAWN_TIMEOUT, 0, "");
	clock_gettime(CLOCK_MONOTONIC, &b);
	ck_assert_int_lt(b.tv_sec - a.tv_sec, 60);
}
END_TEST

/* A daemon left behind that holds the outputs open is not waited for. */
START_TEST(leaves_a_daemon)
{
	run("sleep 30 & echo started $!", SPAN(""), 20000);
	ck_assert_int_eq(r.end, SPAWN_EXIT);
	ck_assert_int_eq(strncmp(r.said.p, "started ", 8), 0);
	kill((pid_t)atoi(r.said.p + 8), SIGKILL);
	buf_clear(&r.said);
}
END_TEST

/* Descriptors, ignored signals and arguments do not reach it. */
START_TEST(clean)
{
	int fd = open("/dev/null", O_RDONLY);	/* without O_CLOEXEC */

	ck_assert_int_ge(fd, 3);
	run("ls /proc/self/fd | tr '\\n' ' '", SPAN(""), 5000);
	end(SPAWN_EXIT, 0, "0 1 2 3 ");
	run("trap - PIPE; sh -c 'kill -PIPE $$; echo alive'; echo $?", SPAN(""), 5000);
	end(SPAWN_EXIT, 0, "141\n");
	close(fd);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("spawn");
	TCase *t = tcase_create("spawn");

	signal(SIGPIPE, SIG_IGN);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, ends);
	tcase_add_test(t, missing);
	tcase_add_test(t, large);
	tcase_add_test(t, talks);
	tcase_add_test(t, hangs);
	tcase_add_test(t, leaves_a_daemon);
	tcase_add_test(t, clean);
	suite_add_tcase(s, t);
	return h_run(s);
}

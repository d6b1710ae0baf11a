/* SPDX-License-Identifier: MIT */
#include "base/io.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "runhelp.h"

static struct io_table kernel;
static int file;		/* an empty one */
static int calls, fail_errno;	/* of the stand-ins below */
static off_t asked;		/* the bytes of the last reserve */

static void set_up(void)
{
	char path[] = "/tmp/check_ioroom.XXXXXX";

	file = mkostemp(path, O_APPEND);
	ck_assert_int_ge(file, 0);
	unlink(path);
	kernel = io;
	calls = 0;
}

static void tear_down(void)
{
	io = kernel;
	close(file);
}

static int counting_reserve(int fd, off_t at, off_t n)
{
	calls++;
	asked = n;
	return kernel.reserve(fd, at, n);
}

/* A file system that has room for 4096 bytes at most. */
static int small_reserve(int fd, off_t at, off_t n)
{
	(void)fd, (void)at;
	asked = n;
	errno = fail_errno;
	return n <= 4096 && fail_errno == ENOSPC ? 0 : -1;
}

START_TEST(test_room_is_asked_for_ahead)
{
	static const char line[1000];
	struct err e = ERR_INIT;
	off_t size = 0;

	io.reserve = counting_reserve;
	for (int i = 0; i < 32; i++) {
		ck_assert_int_eq(io_reserve(file, "journal.csv", size, sizeof line, &e), 0);
		ck_assert_int_eq(io_size(file, "journal.csv", &size, &e), 0);
		ck_assert_int_eq(size, i * (int)sizeof line);
		ck_assert_int_eq(io_write_all(file, "journal.csv", line, sizeof line, &e), 0);
		size += (off_t)sizeof line;
	}
	/* 32,000 bytes are two pieces; a file system that does not say what it holds is asked each time */
	ck_assert_int_ge(calls, 2);
	ck_assert_int_le(calls, 32);
	ck_assert_int_eq(e.status, ERR_OK);
}
END_TEST

START_TEST(test_room_that_is_not_there)
{
	struct err e = ERR_INIT;

	/* no room for the piece ahead, but for what is to be written */
	io.reserve = small_reserve;
	fail_errno = ENOSPC;
	ck_assert_int_eq(io_reserve(file, "journal.csv", 0, 1200, &e), 0);
	ck_assert_int_eq(asked, 1200);
	ck_assert_int_eq(io_reserve(file, "journal.csv", 0, 5000, &e), -1);
	ck_assert_str_eq(e.text, "journal.csv: no room for what is to be written: No space left on device");
	/* it cannot be promised */
	e = (struct err)ERR_INIT;
	fail_errno = EOPNOTSUPP;
	ck_assert_int_eq(io_reserve(file, "journal.csv", 0, 1200, &e), 0);
	ck_assert_int_eq(e.status, ERR_OK);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ioroom");
	TCase *c = tcase_create("ioroom");

	tcase_add_test(c, test_room_is_asked_for_ahead);
	tcase_add_test(c, test_room_that_is_not_there);
	tcase_add_checked_fixture(c, set_up, tear_down);
	suite_add_tcase(s, c);
	return h_run(s);
}

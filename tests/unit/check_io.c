/* SPDX-License-Identifier: MIT */
#include "base/io.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>
#include "runhelp.h"

static char root[64];
static int dir;
static struct io_table kernel;
static int calls, fail_errno;	/* of the stand-ins below */

static void set_up(void)
{
	struct err e = ERR_INIT;

	strcpy(root, "/tmp/check_io.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	dir = io_open_dir(AT_FDCWD, root, &e);
	ck_assert_msg(dir >= 0, "%s", e.text);
	kernel = io;
	calls = 0;
}

static void tear_down(void)
{
	char command[100];

	io = kernel;
	close(dir);
	snprintf(command, sizeof command, "rm -rf %s", root);
	ck_assert_int_eq(system(command), 0);
}

/* A write that is interrupted every other time and takes at most three bytes. */
static ssize_t stingy_write(int fd, const void *p, size_t n)
{
	if (calls++ % 2 == 0) {
		errno = EINTR;
		return -1;
	}
	return kernel.write(fd, p, n < 3 ? n : 3);
}

static ssize_t stingy_pread(int fd, void *p, size_t n, off_t at)
{
	if (calls++ % 2 == 0) {
		errno = EINTR;
		return -1;
	}
	return kernel.pread(fd, p, n < 2 ? n : 2, at);
}

static ssize_t stingy_read(int fd, void *p, size_t n)
{
	if (calls++ % 2 == 0) {
		errno = EINTR;
		return -1;
	}
	return kernel.read(fd, p, n < 2 ? n : 2);
}

static int interrupted_openat(int at, const char *path, int flags, mode_t mode)
{
	if (calls++ % 2 == 0) {
		errno = EINTR;
		return -1;
	}
	return kernel.openat(at, path, flags, mode);
}

static ssize_t failing_write(int fd, const void *p, size_t n)
{
	if (calls++ > 0) {
		errno = fail_errno;
		return -1;
	}
	return kernel.write(fd, p, n < 2 ? n : 2);
}

static ssize_t empty_write(int fd, const void *p, size_t n)
{
	(void)fd, (void)p, (void)n;
	return 0;
}

static ssize_t odd_pwrite(int fd, const void *p, size_t n, off_t at)
{
	(void)fd, (void)p, (void)n, (void)at;
	errno = fail_errno;
	if (calls++ < 3 && fail_errno == EINTR)
		return -1;
	return fail_errno == EINTR ? kernel.pwrite(fd, p, n < 2 ? n : 2, at) : 0;
}

static int failing_fd(int fd)
{
	(void)fd;
	calls++;
	errno = fail_errno;
	return -1;
}

static int failing_close(int fd)
{
	kernel.close(fd);
	calls++;
	errno = fail_errno;
	return -1;
}

static int failing_rename(int at, const char *from, const char *to)
{
	(void)at, (void)from, (void)to;
	errno = EIO;
	return -1;
}

static int interrupted_ftruncate(int fd, off_t size)
{
	if (calls++ < 3) {
		errno = EINTR;
		return -1;
	}
	return kernel.ftruncate(fd, size);
}

static int interrupted_flock(int fd, int op)
{
	if (calls++ < 3) {
		errno = EINTR;
		return -1;
	}
	return kernel.flock(fd, op);
}

static int failing_flock(int fd, int op)
{
	(void)fd, (void)op;
	errno = ENOLCK;
	return -1;
}

/* The file holds exactly this text. */
static void assert_holds(const char *path, const char *text)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	ck_assert_msg(io_slurp(dir, path, 1 << 20, &b, &e) == 0, "%s", e.text);
	ck_assert_str_eq(b.p, text);
	buf_clear(&b);
}

START_TEST(test_open)
{
	struct err e = ERR_INIT;
	int fd;

	ck_assert_int_eq(io_open(dir, "a.csv", O_RDONLY, 0, true, &e), -1);
	ck_assert_int_eq(e.status, ERR_OK);
	ck_assert_int_eq(io_open(dir, "a.csv", O_RDONLY, 0, false, &e), -1);
	ck_assert_str_eq(e.text, "a.csv: cannot open: No such file or directory");
	ck_assert_int_eq(e.status, ERR_FAILED);
	err_clear(&e);
	fd = io_open(dir, "a.csv", O_RDWR | O_CREAT | O_APPEND, 0640, false, &e);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_eq(io_close(fd, "a.csv", &e), 0);
	ck_assert_int_eq(io_close(fd, "a.csv", &e), -1);
	ck_assert_str_eq(e.text, "a.csv: cannot close: Bad file descriptor");
	err_clear(&e);
	ck_assert_int_eq(symlinkat("a.csv", dir, "link.csv"), 0);
	ck_assert_int_eq(io_open(dir, "link.csv", O_RDONLY, 0, true, &e), -1);
	ck_assert_str_eq(e.text, "link.csv: is a symbolic link; put the file itself there");
	err_clear(&e);
	ck_assert_int_eq(io_open_dir(dir, "none", &e), -1);
	ck_assert_str_eq(e.text, "none: cannot open the directory: No such file or directory");
}
END_TEST

START_TEST(test_short_counts_and_interrupts_are_invisible)
{
	struct err e = ERR_INIT;
	char text[12];
	int fd;

	io.openat = interrupted_openat;
	fd = io_open(dir, "a.csv", O_RDWR | O_CREAT, 0640, false, &e);
	ck_assert_int_ge(fd, 0);
	io.write = stingy_write;
	io.pread = stingy_pread;
	io.read = stingy_read;
	io.ftruncate = interrupted_ftruncate;
	io.flock = interrupted_flock;
	ck_assert_int_eq(io_write_all(fd, "a.csv", "hello world", 11, &e), 0);
	ck_assert_int_eq(io_read_at(fd, "a.csv", text, 11, 0, &e), 0);
	ck_assert_int_eq(memcmp(text, "hello world", 11), 0);
	assert_holds("a.csv", "hello world");
	calls = 0;
	ck_assert_int_eq(io_truncate(fd, "a.csv", 5, &e), 0);
	calls = 0;
	ck_assert_int_eq(io_lock(fd, "a.csv", 0, &e), 0);
	assert_holds("a.csv", "hello");
	calls = 0;
	fail_errno = EINTR;
	io.close = failing_close;
	ck_assert_int_eq(io_close(fd, "a.csv", &e), 0);
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(e.status, ERR_OK);
}
END_TEST

START_TEST(test_read_and_size)
{
	struct err e = ERR_INIT;
	char text[10];
	off_t size;
	int fd;

	ck_assert_int_eq(io_create(dir, "a.csv", 0640, SPAN("abcdef"), &e), 0);
	fd = io_open(dir, "a.csv", O_RDONLY, 0, false, &e);
	ck_assert_int_eq(io_size(fd, "a.csv", &size, &e), 0);
	ck_assert_int_eq(size, 6);
	ck_assert_int_eq(io_read_some(fd, "a.csv", text, 4, 3, &e), 3);
	ck_assert_int_eq(io_read_some(fd, "a.csv", text, 4, 6, &e), 0);
	ck_assert_int_eq(io_read_some(fd, "a.csv", text, 4, -1, &e), 4);
	ck_assert_int_eq(io_read_some(fd, "a.csv", text, 4, -1, &e), 2);
	ck_assert_int_eq(memcmp(text, "ef", 2), 0);
	ck_assert_int_eq(io_read_at(fd, "a.csv", text, 5, 3, &e), -1);
	ck_assert_str_eq(e.text, "a.csv: ends at byte 6, 2 bytes too early");
	err_clear(&e);
	ck_assert_int_eq(io_truncate(fd, "a.csv", 1, &e), -1);
	ck_assert_str_eq(e.text, "a.csv: cannot cut to 1 bytes: Invalid argument");
	err_clear(&e);
	close(fd);
	ck_assert_int_eq(io_size(fd, "a.csv", &size, &e), -1);
	ck_assert_str_eq(e.text, "a.csv: cannot ask for its size: Bad file descriptor");
	err_clear(&e);
	ck_assert_int_eq(io_read_some(fd, "a.csv", text, 4, 0, &e), -1);
	ck_assert_str_eq(e.text, "a.csv: cannot read: Bad file descriptor");
}
END_TEST

START_TEST(test_failed_writes_and_syncs)
{
	struct err e = ERR_INIT;
	int fd = io_open(dir, "a.csv", O_RDWR | O_CREAT, 0640, false, &e);

	io.write = failing_write;
	fail_errno = ENOSPC;
	ck_assert_int_eq(io_write_all(fd, "a.csv", "abcdef", 6, &e), -1);
	ck_assert_str_eq(e.text, "a.csv: cannot write: No space left on device");
	err_clear(&e);
	io.write = empty_write;
	ck_assert_int_eq(io_write_all(fd, "a.csv", "abcdef", 6, &e), -1);
	ck_assert_str_eq(e.text, "a.csv: cannot write: Input/output error");
	err_clear(&e);
	/* in place: interrupted it goes on, and a write of nothing is a failure */
	io = kernel;
	ck_assert_int_eq(io_write_all(fd, "a.csv", "abcdef", 6, &e), 0);
	io.pwrite = odd_pwrite;
	fail_errno = EINTR;
	calls = 0;
	ck_assert_int_eq(io_write_at(fd, "a.csv", "uvwxy", 5, 1, &e), 0);
	assert_holds("a.csv", "auvwxyef");
	fail_errno = 0;
	ck_assert_int_eq(io_write_at(fd, "a.csv", "z", 1, 0, &e), -1);
	ck_assert_str_eq(e.text, "a.csv: cannot write: Input/output error");
	err_clear(&e);
	io.fdatasync = failing_fd;
	io.fsync = failing_fd;
	fail_errno = EINTR;
	calls = 0;
	ck_assert_int_eq(io_sync_data(fd, "a.csv", &e), -1);
	ck_assert_int_eq(calls, 1);
	ck_assert_str_eq(e.text, "a.csv: cannot sync: Interrupted system call");
	err_clear(&e);
	fail_errno = EIO;
	ck_assert_int_eq(io_sync(fd, "a.csv", &e), -1);
	ck_assert_int_eq(calls, 2);
	ck_assert_str_eq(e.text, "a.csv: cannot sync: Input/output error");
	io = kernel;
	err_clear(&e);
	ck_assert_int_eq(io_sync_data(fd, "a.csv", &e), 0);
	ck_assert_int_eq(io_sync(fd, "a.csv", &e), 0);
	close(fd);
}
END_TEST

START_TEST(test_slurp)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	char path[100];
	int ends[2], keep;

	ck_assert_int_eq(io_create(dir, "a.csv", 0640, SPAN("abcdef"), &e), 0);
	buf_puts(&b, ">");
	ck_assert_int_eq(io_slurp(dir, "a.csv", 6, &b, &e), 0);
	ck_assert_str_eq(b.p, ">abcdef");
	ck_assert_int_eq(io_slurp(dir, "a.csv", 5, &b, &e), -1);
	ck_assert_str_eq(e.text, "a.csv: longer than the 5 bytes allowed");
	ck_assert_int_eq(e.status, ERR_DATA);
	ck_assert_str_eq(b.p, ">abcdef");
	err_clear(&e);
	ck_assert_int_eq(io_slurp(dir, "none", SIZE_MAX, &b, &e), -1);
	ck_assert_str_eq(e.text, "none: cannot open: No such file or directory");
	err_clear(&e);
	ck_assert_int_eq(io_slurp(dir, ".", 5, &b, &e), -1);
	ck_assert_str_eq(e.text, ".: cannot read: Is a directory");
	err_clear(&e);
	/* links: a user's own are followed, one inside a register is not */
	ck_assert_int_eq(symlinkat("a.csv", dir, "link"), 0);
	ck_assert_int_eq(io_slurp(dir, "link", 6, &b, &e), -1);
	err_clear(&e);
	snprintf(path, sizeof path, "%s/link", root);
	buf_reset(&b);
	ck_assert_int_eq(io_slurp(AT_FDCWD, path, SIZE_MAX, &b, &e), 0);
	ck_assert_str_eq(b.p, "abcdef");
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "piped", 5), 5);
	close(ends[1]);
	keep = dup(0);
	dup2(ends[0], 0);
	buf_reset(&b);
	ck_assert_int_eq(io_slurp(dir, "-", 5, &b, &e), 0);
	ck_assert_str_eq(b.p, "piped");
	close(0);
	ck_assert_int_eq(io_slurp(dir, "-", 5, &b, &e), -1);
	ck_assert_str_eq(e.text, "standard input: cannot read: Bad file descriptor");
	dup2(keep, 0);
	close(keep);
	close(ends[0]);
	buf_clear(&b);
}
END_TEST

START_TEST(test_slurp_of_more_than_one_step)
{
	struct buf b = BUF_INIT, big = BUF_INIT;
	struct err e = ERR_INIT;

	for (int i = 0; i < 40000; i++)
		buf_printf(&big, "line %d\n", i);
	ck_assert_int_eq(io_create(dir, "big", 0640, buf_view(&big), &e), 0);
	ck_assert_int_eq(io_slurp(dir, "big", big.n, &b, &e), 0);
	ck_assert(span_eq(buf_view(&b), buf_view(&big)));
	buf_reset(&b);
	ck_assert_int_eq(io_slurp(dir, "big", big.n - 1, &b, &e), -1);
	ck_assert_uint_eq(b.n, 0);
	buf_clear(&b);
	buf_clear(&big);
}
END_TEST

START_TEST(test_create)
{
	struct err e = ERR_INIT;

	ck_assert_int_eq(io.mkdirat(dir, "versions", 0750), 0);
	ck_assert_int_eq(io_create(dir, "versions/aa", 0640, SPAN("first"), &e), 0);
	ck_assert_int_eq(io_create(dir, "versions/aa", 0640, SPAN("second"), &e), 1);
	ck_assert_int_eq(e.status, ERR_OK);
	assert_holds("versions/aa", "first");
	ck_assert_int_eq(io_create(dir, "none/aa", 0640, SPAN("x"), &e), -1);
	ck_assert_str_eq(e.text, "none/aa: cannot create: No such file or directory");
	err_clear(&e);
	/* what could not be written whole is not left behind */
	io.fsync = failing_fd;
	fail_errno = EIO;
	ck_assert_int_eq(io_create(dir, "versions/bb", 0640, SPAN("x"), &e), -1);
	ck_assert_str_eq(e.text, "versions/bb: cannot sync: Input/output error");
	io = kernel;
	err_clear(&e);
	ck_assert_int_eq(io_create(dir, "versions/bb", 0640, SPAN(""), &e), 0);
	assert_holds("versions/bb", "");
}
END_TEST

START_TEST(test_replace)
{
	static char name[5000];
	struct err e = ERR_INIT;

	ck_assert_int_eq(io_replace(dir, "grids.csv", 0640, SPAN("one"), &e), 0);
	ck_assert_int_eq(io_create(dir, "grids.csv.tmp", 0640, SPAN("left by a crash"), &e), 0);
	ck_assert_int_eq(io_replace(dir, "grids.csv", 0640, SPAN("two"), &e), 0);
	assert_holds("grids.csv", "two");
	ck_assert_int_eq(faccessat(dir, "grids.csv.tmp", F_OK, 0), -1);
	io.write = failing_write;
	fail_errno = ENOSPC;
	calls = 1;
	ck_assert_int_eq(io_replace(dir, "grids.csv", 0640, SPAN("three"), &e), -1);
	ck_assert_str_eq(e.text, "grids.csv.tmp: cannot write: No space left on device");
	io = kernel;
	err_clear(&e);
	io.renameat = failing_rename;
	ck_assert_int_eq(io_replace(dir, "grids.csv", 0640, SPAN("three"), &e), -1);
	ck_assert_str_eq(e.text, "grids.csv: cannot replace: Input/output error");
	io = kernel;
	assert_holds("grids.csv", "two");
	ck_assert_int_eq(faccessat(dir, "grids.csv.tmp", F_OK, 0), -1);
	err_clear(&e);
	ck_assert_int_eq(io.mkdirat(dir, "d.tmp", 0750), 0);
	ck_assert_int_eq(io_replace(dir, "d", 0640, SPAN("x"), &e), -1);
	ck_assert_str_eq(e.text, "d.tmp: cannot remove: Is a directory");
	err_clear(&e);
	memset(name, 'a', sizeof name - 1);
	ck_assert_int_eq(io_replace(dir, name, 0640, SPAN("x"), &e), -1);
	ck_assert_int_eq(e.status, ERR_FAILED);
	ck_assert_int_eq(strncmp(e.text, name, 100), 0);
	err_clear(&e);
	ck_assert_int_eq(io_replace(dir, "none/x", 0640, SPAN("x"), &e), -1);
	ck_assert_str_eq(e.text, "none/x.tmp: cannot open: No such file or directory");
	err_clear(&e);
	/* a directory that is named with slashes behind it */
	ck_assert_int_eq(io_sync_parent(dir, "d.tmp//", &e), 0);
	ck_assert_int_eq(io_sync_parent(dir, "d.tmp//x", &e), 0);
	ck_assert_int_eq(io_sync_parent(dir, "none/x", &e), -1);
	ck_assert_str_eq(e.text, "none: cannot open the directory: No such file or directory");
}
END_TEST

START_TEST(test_lock)
{
	struct err e = ERR_INIT;
	struct timespec a, b;
	int one = io_open(dir, "journal.csv", O_RDWR | O_CREAT, 0640, false, &e);
	int two = io_open(dir, "journal.csv", O_RDWR, 0, false, &e);

	ck_assert_int_eq(io_lock(one, "journal.csv", 0, &e), 0);
	ck_assert_int_eq(io_lock(two, "journal.csv", 0, &e), 1);
	clock_gettime(CLOCK_MONOTONIC, &a);
	ck_assert_int_eq(io_lock(two, "journal.csv", 120, &e), 1);
	clock_gettime(CLOCK_MONOTONIC, &b);
	ck_assert_int_ge((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000, 119);
	ck_assert_int_eq(e.status, ERR_OK);
	close(one);
	ck_assert_int_eq(io_lock(two, "journal.csv", 0, &e), 0);
	io.flock = failing_flock;
	ck_assert_int_eq(io_lock(two, "journal.csv", 0, &e), -1);
	ck_assert_str_eq(e.text, "journal.csv: cannot lock: No locks available");
	close(two);
}
END_TEST

START_TEST(test_local_file_systems_are_trusted)
{
	const char *kind = "x";

	ck_assert(!io_is_network(dir, &kind));
	ck_assert_ptr_null(kind);
	ck_assert(!io_is_network(-1, NULL));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("io");
	TCase *c = tcase_create("io");

	tcase_add_test(c, test_open);
	tcase_add_test(c, test_short_counts_and_interrupts_are_invisible);
	tcase_add_test(c, test_read_and_size);
	tcase_add_test(c, test_failed_writes_and_syncs);
	tcase_add_test(c, test_slurp);
	tcase_add_test(c, test_slurp_of_more_than_one_step);
	tcase_add_test(c, test_create);
	tcase_add_test(c, test_replace);
	tcase_add_test(c, test_lock);
	tcase_add_test(c, test_local_file_systems_are_trusted);
	tcase_add_checked_fixture(c, set_up, tear_down);
	suite_add_tcase(s, c);
	return h_run(s);
}

/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_FAULTHELP_H
#define GL_TESTS_FAULTHELP_H
#include <errno.h>

#include "proofhelp.h"
/*
 * The n-th system call fails, in one of several ways: arm, run, disarm.  A sync that failed must not be tried again.
 */

/* How the call fails. */
enum mode { MODE_EIO, MODE_ENOSPC, MODE_EINTR, MODE_SHORT, MODE_LIE, MODE_DEAD, MODES };

static struct io_table kernel;
static enum mode mode;
static long count, target;
static bool hit;
static dev_t unsynced_dev;	/* the file whose sync failed: it may not be synced again before it was cut */
static ino_t unsynced_ino;

/* Is this the call?  A dead process makes no call any more. */
__attribute__((unused)) static bool fails(void)
{
	count++;
	if (target == 0 || (mode == MODE_DEAD ? count < target : count != target))
		return false;
	hit = true;
	errno = mode == MODE_ENOSPC ? ENOSPC : mode == MODE_EINTR ? EINTR : EIO;
	return mode != MODE_SHORT && mode != MODE_LIE;
}

__attribute__((unused)) static int f_openat(int dir, const char *path, int flags, mode_t m)
{
	return fails() ? -1 : kernel.openat(dir, path, flags, m);
}

__attribute__((unused)) static int f_close(int fd)
{
	bool bad = fails();
	int result = kernel.close(fd);

	return bad ? -1 : result;
}

__attribute__((unused)) static ssize_t f_read(int fd, void *p, size_t n)
{
	return fails() ? -1 : kernel.read(fd, p, hit && mode == MODE_SHORT && n > 1 ? n / 2 : n);
}

__attribute__((unused)) static ssize_t f_pread(int fd, void *p, size_t n, off_t at)
{
	return fails() ? -1 : kernel.pread(fd, p, hit && mode == MODE_SHORT && n > 1 ? n / 2 : n, at);
}

__attribute__((unused)) static ssize_t f_write(int fd, const void *p, size_t n)
{
	bool before = hit;

	if (!fails()) {
		if (!before && hit && mode == MODE_LIE)
			return (ssize_t)n;	/* says so and does nothing */
		return kernel.write(fd, p, hit && mode == MODE_SHORT && n > 1 ? n / 2 : n);
	}
	/* a part may have been written when the process died or the disk was full */
	if (!before && n > 1 && mode != MODE_EINTR && count % 2 == 0)
		return kernel.write(fd, p, n / 2);
	return -1;
}

__attribute__((unused)) static int sync_fails(int fd)
{
	struct stat st;
	bool bad = fails();

	ck_assert_int_eq(kernel.fstat(fd, &st), 0);
	ck_assert_msg(mode == MODE_DEAD || st.st_ino != unsynced_ino || st.st_dev != unsynced_dev, "a failed sync was tried again");
	if (bad && S_ISREG(st.st_mode)) {
		unsynced_dev = st.st_dev;
		unsynced_ino = st.st_ino;
	}
	return bad;
}

__attribute__((unused)) static ssize_t f_pwrite(int fd, const void *p, size_t n, off_t at)
{
	return fails() ? -1 : kernel.pwrite(fd, p, n, at);
}

__attribute__((unused)) static int f_fdatasync(int fd)
{
	return sync_fails(fd) ? -1 : 0;
}

__attribute__((unused)) static int f_ftruncate(int fd, off_t size)
{
	if (fails())
		return -1;
	unsynced_ino = 0;
	return kernel.ftruncate(fd, size);
}

__attribute__((unused)) static int f_reserve(int fd, off_t at, off_t n)
{
	return fails() ? -1 : kernel.reserve(fd, at, n);
}

__attribute__((unused)) static int f_fstat(int fd, struct stat *st)
{
	return fails() ? -1 : kernel.fstat(fd, st);
}

__attribute__((unused)) static int f_fstatat(int dir, const char *path, struct stat *st, int flags)
{
	return fails() ? -1 : kernel.fstatat(dir, path, st, flags);
}

__attribute__((unused)) static int f_flock(int fd, int op)
{
	return fails() ? -1 : kernel.flock(fd, op);
}

__attribute__((unused)) static int f_mkdirat(int dir, const char *path, mode_t m)
{
	return fails() ? -1 : kernel.mkdirat(dir, path, m);
}

__attribute__((unused)) static int f_renameat(int dir, const char *from, const char *to)
{
	return fails() ? -1 : kernel.renameat(dir, from, to);
}

__attribute__((unused)) static int f_unlinkat(int dir, const char *path, int flags)
{
	return fails() ? -1 : kernel.unlinkat(dir, path, flags);
}

__attribute__((unused)) static void arm(enum mode m, long n)
{
	kernel = io;
	io = (struct io_table){ .openat = f_openat, .close = f_close, .read = f_read, .pread = f_pread, .write = f_write, .pwrite = f_pwrite,
		.fdatasync = f_fdatasync, .fsync = f_fdatasync, .ftruncate = f_ftruncate, .reserve = f_reserve, .fstat = f_fstat, .fstatat = f_fstatat,
		.flock = f_flock, .mkdirat = f_mkdirat, .renameat = f_renameat, .unlinkat = f_unlinkat };
	mode = m;
	target = n;
	count = 0;
	hit = false;
	unsynced_ino = 0;
}

__attribute__((unused)) static void disarm(void)
{
	io = kernel;
}
#endif

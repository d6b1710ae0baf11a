/* SPDX-License-Identifier: MIT */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define SLURP_FIRST 4096u		/* bytes read at first: most files are small … */
#define SLURP_STEP 65536u		/* … and at a time, later */
#define RESERVE_AHEAD 16384		/* pieces in which room is asked for */
#define STAT_BLOCK 512			/* bytes of one of st_blocks */
#define LOCK_POLL_MIN_US 100
#define LOCK_POLL_MAX_US 20000

/* openat without its variable arguments, again while a signal interrupts it: some call it through the table. */
static int kernel_openat(int dir, const char *path, int flags, mode_t mode)
{
	int fd;

	do
		fd = openat(dir, path, flags, mode);
	while (fd < 0 && errno == EINTR);
	return fd;
}

/* fstatat, likewise. */
static int kernel_fstatat(int dir, const char *path, struct stat *st, int flags)
{
	int result;

	do
		result = fstatat(dir, path, st, flags);
	while (result < 0 && errno == EINTR);
	return result;
}

/* renameat within one directory. */
static int kernel_renameat(int dir, const char *from, const char *to)
{
	return renameat(dir, from, dir, to);
}

/* fallocate that keeps the size. */
static int reserve(int fd, off_t at, off_t n)
{
	return fallocate(fd, FALLOC_FL_KEEP_SIZE, at, n);
}

struct io_table io = {
	.openat = kernel_openat,
	.close = close,
	.read = read,
	.pread = pread,
	.write = write,
	.pwrite = pwrite,
	.fdatasync = fdatasync,
	.fsync = fsync,
	.ftruncate = ftruncate,
	.reserve = reserve,
	.fstat = fstat,
	.fstatat = kernel_fstatat,
	.flock = flock,
	.mkdirat = mkdirat,
	.renameat = kernel_renameat,
	.unlinkat = unlinkat,
};

/* openat, again while a signal interrupts it. */
static int open_again(int dir, const char *path, int flags, mode_t mode)
{
	int fd;

	do
		fd = io.openat(dir, path, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR);
	return fd;
}

int io_open(int dir, const char *path, int flags, mode_t mode, bool missing_ok, struct err *e)
{
	int fd = open_again(dir, path, flags | O_NOFOLLOW, mode);

	if (fd >= 0 || (missing_ok && errno == ENOENT))
		return fd;
	if (errno == ELOOP)
		return err_set(e, ERR_FAILED, "%s: is a symbolic link; put the file itself there", path);
	return err_sys(e, "%s: cannot open", path);
}

int io_open_named(const char *path, struct err *e)
{
	int fd = open_again(AT_FDCWD, path, O_RDONLY, 0);

	return fd >= 0 ? fd : err_sys(e, "%s: cannot open", path);
}

int io_open_dir(int dir, const char *path, struct err *e)
{
	/* a register may be reached by a link, what lies inside it may not */
	int follow = dir == AT_FDCWD ? 0 : O_NOFOLLOW;
	int fd = open_again(dir, path, O_RDONLY | O_DIRECTORY | follow, 0);

	return fd >= 0 ? fd : err_sys(e, "%s: cannot open the directory", path);
}

int io_close(int fd, const char *name, struct err *e)
{
	/* after EINTR Linux has let go of fd; what had to be safe was synced before */
	if (io.close(fd) < 0 && errno != EINTR)
		return err_sys(e, "%s: cannot close", name);
	return 0;
}

ssize_t io_read_some(int fd, const char *name, void *p, size_t n, off_t at, struct err *e)
{
	ssize_t got;

	do
		got = at < 0 ? io.read(fd, p, n) : io.pread(fd, p, n, at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		err_sys(e, "%s: cannot read", name);
	return got;
}

int io_read_at(int fd, const char *name, void *p, size_t n, off_t at, struct err *e)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = io_read_some(fd, name, (char *)p + done, n - done, at + (off_t)done, e);

		if (got < 0)
			return -1;
		if (got == 0)
			return err_set(e, ERR_FAILED, "%s: ends at byte %jd, %zu bytes too early", name,
			    (intmax_t)at + (intmax_t)done, n - done);
		done += (size_t)got;
	}
	return 0;
}

int io_write_all(int fd, const char *name, const void *p, size_t n, struct err *e)
{
	size_t done = 0;

	while (done < n) {
		ssize_t put = io.write(fd, (const char *)p + done, n - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put == 0)
			errno = EIO;
		if (put <= 0)
			return err_sys(e, "%s: cannot write", name);
		done += (size_t)put;
	}
	return 0;
}

int io_write_at(int fd, const char *name, const void *p, size_t n, off_t at, struct err *e)
{
	size_t done = 0;

	while (done < n) {
		ssize_t put = io.pwrite(fd, (const char *)p + done, n - done, at + (off_t)done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put == 0)
			errno = EIO;
		if (put <= 0)
			return err_sys(e, "%s: cannot write", name);
		done += (size_t)put;
	}
	return 0;
}

void io_forget(int fd)
{
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

int io_sync_data(int fd, const char *name, struct err *e)
{
	return io.fdatasync(fd) == 0 ? 0 : err_sys(e, "%s: cannot sync", name);
}

int io_sync(int fd, const char *name, struct err *e)
{
	return io.fsync(fd) == 0 ? 0 : err_sys(e, "%s: cannot sync", name);
}

/* fstat, again while a signal interrupts it. */
static int stat_again(int fd, const char *name, struct stat *st, struct err *e)
{
	int r;

	do
		r = io.fstat(fd, st);
	while (r < 0 && errno == EINTR);
	return r == 0 ? 0 : err_sys(e, "%s: cannot ask for its size", name);
}

/* reserve, again while a signal interrupts it. */
static int reserve_again(int fd, off_t at, off_t n)
{
	int r;

	do
		r = io.reserve(fd, at, n);
	while (r < 0 && errno == EINTR);
	return r;
}

int io_reserve(int fd, const char *name, off_t at, off_t n, struct err *e)
{
	off_t ahead = (at + n + RESERVE_AHEAD - 1) / RESERVE_AHEAD * RESERVE_AHEAD - at;
	struct stat st;

	if (stat_again(fd, name, &st, e) < 0)
		return -1;
	if ((off_t)st.st_blocks * STAT_BLOCK >= at + n || reserve_again(fd, at, ahead) == 0 || reserve_again(fd, at, n) == 0)
		return 0;
	if (errno == ENOSPC || errno == EDQUOT)
		return err_sys(e, "%s: no room for what is to be written", name);
	return 0;
}

int io_truncate(int fd, const char *name, off_t size, struct err *e)
{
	int r;

	do
		r = io.ftruncate(fd, size);
	while (r < 0 && errno == EINTR);
	return r == 0 ? 0 : err_sys(e, "%s: cannot cut to %jd bytes", name, (intmax_t)size);
}

int io_size(int fd, const char *name, off_t *size, struct err *e)
{
	struct stat st;

	if (stat_again(fd, name, &st, e) < 0)
		return -1;
	*size = st.st_size;
	return 0;
}

int io_slurp_fd(int fd, const char *name, size_t max, struct buf *out, struct err *e)
{
	size_t start = out->n, step = SLURP_FIRST, room;
	ssize_t got;

	buf_put(out, "", 0);
	do {
		/* what a read left of the room is enough to see the end */
		if (step == SLURP_FIRST || out->cap - out->n == 1) {
			buf_reserve(out, max < step ? max + 1 : step);
			step = step < SLURP_STEP ? 2 * step : SLURP_STEP;
		}
		room = out->cap - out->n - 1;
		if (max < SIZE_MAX && room > max - (out->n - start) + 1)
			room = max - (out->n - start) + 1;
		got = io_read_some(fd, name, out->p + out->n, room, -1, e);
		if (got < 0)
			goto fail;
		out->n += (size_t)got;
		if (out->n - start > max) {
			err_set(e, ERR_DATA, "%s: longer than the %zu bytes allowed", name, max);
			goto fail;
		}
	} while (got > 0);
	out->p[out->n] = '\0';
	return 0;
fail:
	out->n = start;
	out->p[start] = '\0';
	return -1;
}

int io_slurp(int dir, const char *path, size_t max, struct buf *out, struct err *e)
{
	int fd, r;

	if (strcmp(path, "-") == 0)
		return io_slurp_fd(STDIN_FILENO, "standard input", max, out, e);
	/* a file that a user names (/dev/stdin, /dev/fd/63, his own link) is followed, one of a register is not */
	fd = dir == AT_FDCWD ? io_open_named(path, e) : io_open(dir, path, O_RDONLY, 0, false, e);
	if (fd < 0)
		return -1;
	r = io_slurp_fd(fd, path, max, out, e);
	if (io_close(fd, path, e) < 0)
		r = -1;
	return r;
}

int io_sync_parent(int dir, const char *path, struct err *e)
{
	char parent[PATH_MAX] = ".";
	size_t n = strlen(path);
	int fd, r;

	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	while (n > 1 && path[n - 1] == '/')
		n--;
	if (n > 0 && n < sizeof parent) {
		memcpy(parent, path, n);
		parent[n] = '\0';
	}
	fd = io_open_dir(dir, parent, e);
	if (fd < 0)
		return -1;
	r = io_sync(fd, parent, e);
	if (io_close(fd, parent, e) < 0)
		r = -1;
	return r;
}

/* Bytes into a file just opened, synced and closed. */
static int fill_and_close(int fd, const char *name, struct span bytes, struct err *e)
{
	int r = io_write_all(fd, name, bytes.p, bytes.n, e);

	if (r == 0)
		r = io_sync(fd, name, e);
	if (io_close(fd, name, e) < 0)
		r = -1;
	return r;
}

int io_create(int dir, const char *path, mode_t mode, struct span bytes, struct err *e)
{
	int fd = open_again(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);

	if (fd < 0)
		return errno == EEXIST ? 1 : err_sys(e, "%s: cannot create", path);
	if (fill_and_close(fd, path, bytes, e) < 0) {
		/* a part must not pass for the whole the next time */
		io.unlinkat(dir, path, 0);
		return -1;
	}
	return io_sync_parent(dir, path, e);
}

int io_replace(int dir, const char *path, mode_t mode, struct span bytes, struct err *e)
{
	char tmp[PATH_MAX];
	int fd, r;

	if ((size_t)snprintf(tmp, sizeof tmp, "%s.tmp", path) >= sizeof tmp)
		return err_set(e, ERR_FAILED, "%s: the name is too long", path);
	if (io.unlinkat(dir, tmp, 0) < 0 && errno != ENOENT)
		return err_sys(e, "%s: cannot remove", tmp);
	fd = io_open(dir, tmp, O_WRONLY | O_CREAT | O_EXCL, mode, false, e);
	if (fd < 0)
		return -1;
	r = fill_and_close(fd, tmp, bytes, e);
	if (r == 0 && io.renameat(dir, tmp, path) < 0)
		r = err_sys(e, "%s: cannot replace", path);
	if (r < 0) {
		io.unlinkat(dir, tmp, 0);
		return -1;
	}
	return io_sync_parent(dir, path, e);
}

/* Milliseconds of a clock that is never set. */
static int64_t steady_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int io_lock(int fd, const char *name, int64_t wait_ms, struct err *e)
{
	int64_t start = steady_ms(), pause = LOCK_POLL_MIN_US, left;

	for (;;) {
		struct timespec t;

		if (io.flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return err_sys(e, "%s: cannot lock", name);
		left = wait_ms - (steady_ms() - start);
		if (left <= 0)
			return 1;
		t.tv_sec = 0;
		t.tv_nsec = (pause / 1000 < left ? pause : left * 1000) * 1000;
		nanosleep(&t, NULL);
		pause = pause * 2 > LOCK_POLL_MAX_US ? LOCK_POLL_MAX_US : pause * 2;
	}
}

bool io_is_network(int fd, const char **kind)
{
	static const struct {
		uint32_t magic;
		const char *kind;
	} known[] = {
		{ 0x6969, "nfs" }, { 0xff534d42, "cifs" }, { 0xfe534d42, "smb2" }, { 0x517b, "smb" },
		{ 0x01021997, "9p" }, { 0x65735546, "fuse" },
	};
	struct statfs fs;

	if (kind != NULL)
		*kind = NULL;
	if (fstatfs(fd, &fs) < 0)
		return false;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if ((uint32_t)fs.f_type == known[i].magic) {
			if (kind != NULL)
				*kind = known[i].kind;
			return true;
		}
	return false;
}

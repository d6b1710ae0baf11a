/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_IO_H
#define GL_BASE_IO_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"
/*
 * Every system call of the read and write path of a register, through one
 * table of functions, so that a simulator can stand in for the kernel
 * (reliability.md 8).  Loops for EINTR and short counts are here and nowhere
 * else.  Names in messages are the caller's.  All descriptors are O_CLOEXEC,
 * files under a register are opened with O_NOFOLLOW relative to its
 * descriptor.
 */
struct io_table {
	int (*openat)(int dir, const char *path, int flags, mode_t mode);
	int (*close)(int fd);
	ssize_t (*read)(int fd, void *p, size_t n);
	ssize_t (*pread)(int fd, void *p, size_t n, off_t at);
	ssize_t (*write)(int fd, const void *p, size_t n);
	ssize_t (*pwrite)(int fd, const void *p, size_t n, off_t at);
	int (*fdatasync)(int fd);
	int (*fsync)(int fd);
	int (*ftruncate)(int fd, off_t size);
	int (*reserve)(int fd, off_t at, off_t n);	/* fallocate(2) that keeps the size */
	int (*fstat)(int fd, struct stat *st);
	int (*fstatat)(int dir, const char *path, struct stat *st, int flags);
	int (*flock)(int fd, int op);
	int (*mkdirat)(int dir, const char *path, mode_t mode);
	int (*renameat)(int dir, const char *from, const char *to);	/* derived files and working copies only */
	int (*unlinkat)(int dir, const char *path, int flags);		/* likewise */
};
extern struct io_table io;	/* the kernel's, until a test replaces entries */

/* flags: O_RDONLY, O_RDWR|O_APPEND, O_WRONLY|O_CREAT|O_EXCL …; CLOEXEC and NOFOLLOW are added.
 * Returns the descriptor or -1 with e set; with missing_ok ENOENT gives -1 and leaves e alone. */
int io_open(int dir, const char *path, int flags, mode_t mode, bool missing_ok, struct err *e);
int io_open_dir(int dir, const char *path, struct err *e);
int io_open_named(const char *path, struct err *e);	/* by a user, to be read: a link is followed */
int io_close(int fd, const char *name, struct err *e);		/* -1 and e on failure; fd is gone either way */
int io_read_at(int fd, const char *name, void *p, size_t n, off_t at, struct err *e); /* exactly n bytes, else an error */
ssize_t io_read_some(int fd, const char *name, void *p, size_t n, off_t at, struct err *e); /* at<0: read(); 0 at the end */
int io_write_all(int fd, const char *name, const void *p, size_t n, struct err *e);
/* Over bytes that are there already; fd must not be O_APPEND, which would put them at the end. */
int io_write_at(int fd, const char *name, const void *p, size_t n, off_t at, struct err *e);
/* Sync the directory that path lies in: what makes a new name durable. */
int io_sync_parent(int dir, const char *path, struct err *e);
/* What is cached of the file and clean is let go, so that the next read asks the disk; best effort. */
void io_forget(int fd);
int io_sync_data(int fd, const char *name, struct err *e);	/* never retried after it failed; EINTR too is a failure */
int io_sync(int fd, const char *name, struct err *e);
/* Make sure of room for n bytes from at on, the end of the file, without changing its size.  The file system is asked for a
 * piece ahead, so that most calls find the room there.  -1 with e when there is none (disk full, quota) or the file's
 * size cannot be asked; a file system that cannot promise room is 0. */
int io_reserve(int fd, const char *name, off_t at, off_t n, struct err *e);
int io_truncate(int fd, const char *name, off_t size, struct err *e);
int io_size(int fd, const char *name, off_t *size, struct err *e);
/* A whole file of at most max bytes appended to out.  Path "-" is standard input (dir ignored). */
int io_slurp(int dir, const char *path, size_t max, struct buf *out, struct err *e);
/* The rest of fd, likewise; when there is more than max nothing is appended. */
int io_slurp_fd(int fd, const char *name, size_t max, struct buf *out, struct err *e);
/* Write a new file under dir, synced with its directory: path must not exist (EEXIST is 1, not an error). */
int io_create(int dir, const char *path, mode_t mode, struct span bytes, struct err *e);
/* A working copy or derived file: write path.tmp, sync, rename over path, sync the directory. */
int io_replace(int dir, const char *path, mode_t mode, struct span bytes, struct err *e);
/* Takes the exclusive lock, polling for at most wait_ms; 1 when somebody else still holds it, -1 on error. */
int io_lock(int fd, const char *name, int64_t wait_ms, struct err *e);
/* True on nfs, cifs, smb2, 9p, fuse: locks and appends are not to be trusted there; *kind names it. */
bool io_is_network(int fd, const char **kind);

#endif

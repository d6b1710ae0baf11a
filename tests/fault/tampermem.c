/* SPDX-License-Identifier: MIT */
#include "tests/fault/tampermem.h"

#include <errno.h>

#include "base/io.h"

#define FIRST_FD 100000
#define FDS 64

static const struct tamper_reg *model;
static const struct tamper_file *changed;
static struct span change;
static struct { const struct tamper_file *f; size_t at; } open_file[FDS];

/* The file of that name. */
static const struct tamper_file *find(const char *path)
{
	for (size_t i = 0; i < model->nfiles; i++)
		if (strcmp(model->file[i].name, path) == 0)
			return &model->file[i];
	errno = ENOENT;
	return NULL;
}

/* What it holds. */
static struct span bytes_of(const struct tamper_file *f)
{
	return f == changed ? change : buf_view(&f->bytes);
}

static int mem_openat(int dir, const char *path, int flags, mode_t mode)
{
	const struct tamper_file *f = find(path);
	int i = 0;

	(void)dir;
	(void)flags;
	(void)mode;
	if (!f)
		return -1;
	while (i < FDS && open_file[i].f)
		i++;
	if (i == FDS) {
		errno = EMFILE;
		return -1;
	}
	open_file[i].f = f;
	open_file[i].at = 0;
	return FIRST_FD + i;
}

static int mem_close(int fd)
{
	if (fd < FIRST_FD)	/* the directory */
		return 0;
	open_file[fd - FIRST_FD].f = NULL;
	return 0;
}

static ssize_t mem_pread(int fd, void *p, size_t n, off_t at)
{
	struct span b = bytes_of(open_file[fd - FIRST_FD].f);

	if ((size_t)at >= b.n)
		return 0;
	if (n > b.n - (size_t)at)
		n = b.n - (size_t)at;
	memcpy(p, b.p + at, n);
	return (ssize_t)n;
}

static ssize_t mem_read(int fd, void *p, size_t n)
{
	size_t *at = &open_file[fd - FIRST_FD].at;
	ssize_t got = mem_pread(fd, p, n, (off_t)*at);

	*at += (size_t)got;
	return got;
}

/* A regular file of that size. */
static int say_stat(const struct tamper_file *f, struct stat *st)
{
	if (!f)
		return -1;
	memset(st, 0, sizeof *st);
	st->st_mode = S_IFREG | 0644;
	st->st_size = (off_t)bytes_of(f).n;
	return 0;
}

static int mem_fstat(int fd, struct stat *st)
{
	return say_stat(open_file[fd - FIRST_FD].f, st);
}

static int mem_fstatat(int dir, const char *path, struct stat *st, int flags)
{
	(void)dir;
	(void)flags;
	return say_stat(find(path), st);
}

static int mem_flock(int fd, int op)
{
	(void)fd;
	(void)op;
	return 0;
}

void tampermem_use(const struct tamper_reg *r)
{
	model = r;
	io.openat = mem_openat;
	io.close = mem_close;
	io.read = mem_read;
	io.pread = mem_pread;
	io.fstat = mem_fstat;
	io.fstatat = mem_fstatat;
	io.flock = mem_flock;
}

void tampermem_change(const struct tamper_file *f, struct span now)
{
	changed = f;
	change = now;
}

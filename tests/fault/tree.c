/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define OLD 1000000000	/* the time of files that were not touched since the first tree_take; the second: a second later */

struct file {
	char *path;
	bool is_dir;
	mode_t mode;
	unsigned char *bytes;
	size_t n;
	uint64_t hash;
};

struct tree {
	struct file *file;
	size_t n, cap;
	time_t old;
	bool *here;		/* while walking: was it met? */
	uint64_t sum;
	int (*meet)(struct tree *t, const char *path, const struct stat *st);
};

/* FNV-1a. */
static uint64_t hash(uint64_t h, const void *p, size_t n)
{
	const unsigned char *c = p;

	while (n-- > 0)
		h = (h ^ *c++) * 1099511628211u;
	return h;
}

/* Of a file's name and bytes; 0 for what names machines and processes, or says times of files. */
static uint64_t hash_file(const char *path, const void *p, size_t n)
{
	static const char *const apart[] = { "lock", "lock.mdb", "holder", "boot", "copies" };
	const char *index = strstr(path, ".index/");

	for (size_t i = 0; index != NULL && i < sizeof apart / sizeof *apart; i++)
		if (strcmp(index + strlen(".index/"), apart[i]) == 0)
			return 0;
	return hash(hash(14695981039346656037u, path, strlen(path) + 1), p, n);
}

/* All bytes of a file of n bytes; NULL with errno. */
static unsigned char *slurp(const char *path, size_t n)
{
	unsigned char *p = malloc(n + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t at = 0;
	ssize_t got = 1;

	while (p != NULL && fd >= 0 && at < n && (got = read(fd, p + at, n - at)) > 0)
		at += (size_t)got;
	if (fd >= 0)
		close(fd);
	if (p == NULL || fd < 0 || at != n) {
		free(p);
		return NULL;
	}
	return p;
}

static int walk(struct tree *t, const char *dir)
{
	char path[4096];
	struct dirent *d;
	struct stat st;
	DIR *list = opendir(dir);
	int result = list == NULL ? -1 : 0;

	while (result == 0 && (d = readdir(list)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, d->d_name);
		if (lstat(path, &st) < 0)
			result = -1;
		else if (S_ISDIR(st.st_mode) && walk(t, path) < 0)
			result = -1;
		else
			result = t->meet(t, path, &st);
	}
	if (list != NULL)
		closedir(list);
	return result;
}

static void make_old(const struct tree *t, const char *path)
{
	struct timespec old[2] = { { .tv_sec = t->old }, { .tv_sec = t->old } };

	utimensat(AT_FDCWD, path, old, AT_SYMLINK_NOFOLLOW);
}

static int meet_new(struct tree *t, const char *path, const struct stat *st)
{
	struct file f = { .path = strdup(path), .is_dir = S_ISDIR(st->st_mode), .mode = st->st_mode & 07777 };

	if (!f.is_dir) {
		f.n = (size_t)st->st_size;
		f.bytes = slurp(path, f.n);
		if (f.bytes == NULL)
			return -1;
		f.hash = hash_file(path, f.bytes, f.n);
		make_old(t, path);
	}
	if (t->n == t->cap) {
		t->cap = t->cap * 2 + 64;
		t->file = realloc(t->file, t->cap * sizeof *t->file);
		if (t->file == NULL)
			abort();
	}
	t->file[t->n++] = f;
	return 0;
}

static struct file *find(struct tree *t, const char *path)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->file[i].path, path) == 0)
			return &t->file[i];
	return NULL;
}

static bool is_untouched(const struct tree *t, const struct file *f, const struct stat *st)
{
	return st->st_mtim.tv_sec == t->old && st->st_mtim.tv_nsec == 0 && (size_t)st->st_size == f->n
	    && (st->st_mode & 07777) == f->mode;
}

/* Write a file's bytes again, into the same inode when there is one. */
static int put_back(const struct tree *t, const struct file *f)
{
	int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write(fd, f->bytes, f->n) == (ssize_t)f->n && fchmod(fd, f->mode) == 0;

	if (fd >= 0)
		close(fd);
	make_old(t, f->path);
	return good ? 0 : -1;
}

static int meet_restore(struct tree *t, const char *path, const struct stat *st)
{
	struct file *f = find(t, path);

	if (f == NULL)
		return S_ISDIR(st->st_mode) ? rmdir(path) : unlink(path);
	t->here[f - t->file] = true;
	return f->is_dir || is_untouched(t, f, st) ? 0 : put_back(t, f);
}

static int meet_digest(struct tree *t, const char *path, const struct stat *st)
{
	struct file *f = find(t, path);
	unsigned char *bytes;

	if (S_ISDIR(st->st_mode)) {
		t->sum += f == NULL ? hash_file(path, "", 0) : 0;
	} else if (f != NULL && is_untouched(t, f, st)) {
		t->here[f - t->file] = true;
		t->sum += f->hash;
	} else {
		bytes = slurp(path, (size_t)st->st_size);
		if (bytes == NULL)
			return -1;
		t->sum += hash_file(path, bytes, (size_t)st->st_size);
		free(bytes);
	}
	return 0;
}

struct tree *tree_take(void)
{
	static time_t next = OLD;
	struct tree *t = calloc(1, sizeof *t);

	if (t == NULL)
		return NULL;
	t->old = next++;
	t->meet = meet_new;
	if (walk(t, ".") < 0) {
		tree_free(t);
		return NULL;
	}
	t->here = calloc(t->n + 1, sizeof *t->here);
	return t;
}

int tree_restore(const struct tree *taken)
{
	struct tree t = *taken;

	memset(t.here, 0, t.n * sizeof *t.here);
	t.meet = meet_restore;
	if (walk(&t, ".") < 0)
		return -1;
	for (size_t i = t.n; i-- > 0;)	/* a directory stands behind what is in it */
		if (!t.here[i] && t.file[i].is_dir && mkdir(t.file[i].path, t.file[i].mode) < 0)
			return -1;
	for (size_t i = 0; i < t.n; i++)
		if (!t.here[i] && !t.file[i].is_dir && put_back(&t, &t.file[i]) < 0)
			return -1;
	return 0;
}

uint64_t tree_digest(const struct tree *taken)
{
	struct tree t = *taken;

	t.sum = 0;
	t.meet = meet_digest;
	return walk(&t, ".") < 0 ? 0 : t.sum;
}

void tree_free(struct tree *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->n; i++) {
		free(t->file[i].path);
		free(t->file[i].bytes);
	}
	free(t->file);
	free(t->here);
	free(t);
}

/* SPDX-License-Identifier: MIT */
#include "powermodel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

#define FDS 1024

static struct io_table kernel;
static struct model *rec;
static char rec_root[512], rec_parent[512];
static int fd_node[FDS];

void model_die(const char *what)
{
	fprintf(stderr, "powermodel: %s\n", what);
	exit(2);
}

static struct op *op_new(struct model *m, enum op_kind kind, int node)
{
	struct op *o;

	if (m->nops == MODEL_OPS)
		model_die("too many operations");
	o = &m->op[m->nops++];
	memset(o, 0, sizeof *o);
	o->kind = kind;
	o->node = node;
	return o;
}

static int node_new(struct model *m, int parent, const char *name, bool is_dir)
{
	struct node *x;

	if (m->nnodes == MODEL_NODES || strlen(name) >= sizeof x->name)
		model_die("too many files, or a long name");
	x = &m->node[m->nnodes];
	memset(x, 0, sizeof *x);
	x->is_dir = is_dir;
	x->parent = parent;
	strcpy(x->name, name);
	snprintf(x->path, sizeof x->path, "%.60s%s%.90s", parent > 1 ? m->node[parent].path : "", parent > 1 ? "/" : "", name);
	return m->nnodes++;
}

int model_lookup(const struct model *m, int n, int dir, const char *name)
{
	int child = MODEL_NONE;

	for (int i = 0; i < m->nbase; i++)
		if (m->node[i].parent == dir && strcmp(m->node[i].name, name) == 0)
			child = i;
	for (int i = 0; i < n; i++) {
		const struct op *o = &m->op[i];

		if (o->node != dir)
			continue;
		if (o->kind == OP_MAKE && strcmp(o->name, name) == 0)
			child = o->child;
		else if (o->kind == OP_REMOVE && strcmp(o->name, name) == 0)
			child = MODEL_NONE;
		else if (o->kind == OP_RENAME && strcmp(o->to, name) == 0)
			child = o->child;
		else if (o->kind == OP_RENAME && strcmp(o->name, name) == 0)
			child = MODEL_NONE;
	}
	return child;
}

/* Walk a path from a directory: its node, with the directory and name of its last part. */
static int walk(const struct model *m, int n, int dir, const char *path, int *in, char name[96])
{
	int at = dir;

	*in = dir;
	strcpy(name, "");
	while (*path != '\0') {
		size_t len = strcspn(path, "/");

		if (len >= 96)
			model_die("a long name");
		if (at == MODEL_NONE)
			return MODEL_NONE;
		if (len > 0 && !(len == 1 && path[0] == '.')) {
			memcpy(name, path, len);
			name[len] = '\0';
			*in = at;
			at = model_lookup(m, n, at, name);
		}
		path += len;
		while (*path == '/')
			path++;
	}
	return at;
}

/* The same for a call's arguments; false when it is outside of what is looked at. */
static bool resolve(int dir, const char *path, int *node, int *in, char name[96])
{
	int from;

	if (path[0] == '/') {
		size_t root = strlen(rec_root), parent = strlen(rec_parent);

		if (strncmp(path, rec_root, root) == 0 && (path[root] == '/' || path[root] == '\0')) {
			*node = walk(rec, rec->nops, 0, "reg", in, name);
			if (path[root] == '/' && path[root + 1] != '\0')
				*node = walk(rec, rec->nops, *node, path + root + 1, in, name);
			return true;
		}
		*node = 0;
		return strcmp(path, rec_parent) == 0 || (strncmp(path, rec_parent, parent) == 0 && strcmp(path + parent, "/") == 0);
	}
	if (dir < 0 || dir >= FDS || (from = fd_node[dir]) == MODEL_NONE || strncmp(path, ".index", 6) == 0)
		return false;
	*node = walk(rec, rec->nops, from, path, in, name);
	return true;
}

/* Does this change happen? */
static bool happens(void)
{
	rec->changes++;
	if (rec->die > 0 && rec->changes >= rec->die)
		rec->dead = true;
	if (rec->fail > 0 && rec->changes == rec->fail) {
		rec->failed = true;
		errno = EIO;
		return false;
	}
	errno = EIO;
	return !rec->dead;
}

static int r_openat(int dir, const char *path, int flags, mode_t mode)
{
	int node = MODEL_NONE, in = MODEL_NONE, fd;
	char name[96];
	bool mine = resolve(dir, path, &node, &in, name), new = mine && (flags & O_CREAT) && node == MODEL_NONE;

	if (new ? !happens() : rec->dead)
		return errno = EIO, -1;
	fd = kernel.openat(dir, path, flags, mode);
	if (fd < 0)
		return -1;
	if (fd >= FDS)
		model_die("too many descriptors");
	if (new) {
		struct op *o = op_new(rec, OP_MAKE, in);

		node = node_new(rec, in, name, false);
		strcpy(o->name, name);
		o->child = node;
	}
	fd_node[fd] = mine ? node : MODEL_NONE;
	return fd;
}

static int r_close(int fd)
{
	if (fd >= 0 && fd < FDS)
		fd_node[fd] = MODEL_NONE;
	return kernel.close(fd);
}

static ssize_t r_read(int fd, void *p, size_t n)
{
	return rec->dead ? (errno = EIO, -1) : kernel.read(fd, p, n);
}

static ssize_t r_pread(int fd, void *p, size_t n, off_t at)
{
	return rec->dead ? (errno = EIO, -1) : kernel.pread(fd, p, n, at);
}

/* Bytes that reached the file. */
static void wrote(int fd, const void *p, size_t n, off_t at)
{
	struct op *o = op_new(rec, OP_WRITE, fd_node[fd]);

	o->at = at;
	o->n = n;
	o->bytes = malloc(n + 1);
	memcpy(o->bytes, p, n);
}

static ssize_t r_write(int fd, const void *p, size_t n)
{
	bool before = rec->failed;
	struct stat st;
	ssize_t put;

	if (fd < 0 || fd >= FDS || fd_node[fd] == MODEL_NONE)
		return rec->dead ? (errno = EIO, -1) : kernel.write(fd, p, n);
	if (!happens()) {
		if (rec->dead || before || n < 2)
			return -1;
		n /= 2;		/* a part of it gets there; the rest fails */
		rec->fail++;
	}
	kernel.fstat(fd, &st);
	put = kernel.write(fd, p, n);
	if (put > 0)
		wrote(fd, p, (size_t)put, st.st_size);	/* all writing is at the end */
	return put;
}

static ssize_t r_pwrite(int fd, const void *p, size_t n, off_t at)
{
	ssize_t put;

	if (!happens())
		return -1;
	put = kernel.pwrite(fd, p, n, at);
	if (put > 0 && fd_node[fd] != MODEL_NONE)
		wrote(fd, p, (size_t)put, at);
	return put;
}

static int r_sync(int fd)
{
	if (fd < 0 || fd >= FDS || fd_node[fd] == MODEL_NONE)
		return rec->dead ? (errno = EIO, -1) : 0;
	if (!happens()) {
		if (!rec->dead)
			op_new(rec, OP_SYNC_FAILED, fd_node[fd]);
		return -1;
	}
	op_new(rec, OP_SYNC, fd_node[fd]);
	return 0;
}

static int r_ftruncate(int fd, off_t size)
{
	if (!happens())
		return -1;
	op_new(rec, OP_CUT, fd_node[fd])->at = size;
	return kernel.ftruncate(fd, size);
}

static int r_reserve(int fd, off_t at, off_t n)
{
	(void)fd, (void)at, (void)n;
	return rec->dead ? (errno = EIO, -1) : 0;
}

static int r_fstat(int fd, struct stat *st)
{
	return rec->dead ? (errno = EIO, -1) : kernel.fstat(fd, st);
}

static int r_fstatat(int dir, const char *path, struct stat *st, int flags)
{
	return rec->dead ? (errno = EIO, -1) : kernel.fstatat(dir, path, st, flags);
}

static int r_flock(int fd, int how)
{
	return rec->dead ? (errno = EIO, -1) : kernel.flock(fd, how);
}

static int r_mkdirat(int dir, const char *path, mode_t mode)
{
	int node, in = MODEL_NONE, result;
	char name[96];
	bool mine = resolve(dir, path, &node, &in, name);

	if (mine && node == MODEL_NONE ? !happens() : rec->dead)
		return errno = EIO, -1;
	result = kernel.mkdirat(dir, path, mode);
	if (result == 0 && mine) {
		struct op *o = op_new(rec, OP_MAKE, in);

		strcpy(o->name, name);
		o->child = node_new(rec, in, name, true);
	}
	return result;
}

static int r_renameat(int dir, const char *from, const char *to)
{
	int node, there, in = MODEL_NONE, in_to = MODEL_NONE, result;
	char name[96], name_to[96];
	bool mine = resolve(dir, from, &node, &in, name) && resolve(dir, to, &there, &in_to, name_to);

	if (!happens())
		return -1;
	result = kernel.renameat(dir, from, to);
	if (result == 0 && mine) {
		struct op *o = op_new(rec, OP_RENAME, in);

		if (in != in_to)
			model_die("a rename from one directory into another");
		strcpy(o->name, name);
		strcpy(o->to, name_to);
		o->child = node;
	}
	return result;
}

static int r_unlinkat(int dir, const char *path, int flags)
{
	int node, in = MODEL_NONE, result;
	char name[96];
	bool mine = resolve(dir, path, &node, &in, name);

	if (mine && node != MODEL_NONE ? !happens() : rec->dead)
		return errno = EIO, -1;
	result = kernel.unlinkat(dir, path, flags);
	if (result == 0 && mine)
		strcpy(op_new(rec, OP_REMOVE, in)->name, name);
	return result;
}

void model_record(struct model *m)
{
	rec = m;
	for (int i = 0; i < FDS; i++)
		fd_node[i] = MODEL_NONE;
	io = (struct io_table){ .openat = r_openat, .close = r_close, .read = r_read, .pread = r_pread, .write = r_write,
		.pwrite = r_pwrite, .fdatasync = r_sync, .fsync = r_sync, .ftruncate = r_ftruncate, .reserve = r_reserve,
		.fstat = r_fstat, .fstatat = r_fstatat, .flock = r_flock, .mkdirat = r_mkdirat, .renameat = r_renameat,
		.unlinkat = r_unlinkat };
}

void model_stop(void)
{
	io = kernel;
	rec = NULL;
}

void model_ack(struct model *m, int number)
{
	if (!m->dead)
		op_new(m, OP_ACK, number);
}

/* Take in what stands in a directory. */
static void take(struct model *m, int node, const char *path)
{
	DIR *list = opendir(path);
	struct dirent *d;

	if (list == NULL)
		return;
	while ((d = readdir(list)) != NULL) {
		struct err e = ERR_INIT;
		struct stat st;
		char sub[1024];
		int child;

		snprintf(sub, sizeof sub, "%s/%s", path, d->d_name);
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0 || strcmp(d->d_name, ".index") == 0
		    || lstat(sub, &st) < 0)
			continue;
		child = node_new(m, node, d->d_name, S_ISDIR(st.st_mode));
		if (S_ISDIR(st.st_mode))
			take(m, child, sub);
		else if (io_slurp(AT_FDCWD, sub, SIZE_MAX, &m->node[child].base, &e) < 0)
			model_die(e.text);
	}
	closedir(list);
}

struct model *model_new(const char *root)
{
	struct model *m = calloc(1, sizeof *m);
	char *slash;

	kernel = io;
	snprintf(rec_root, sizeof rec_root, "%s", root);
	snprintf(rec_parent, sizeof rec_parent, "%s", root);
	slash = strrchr(rec_parent, '/');
	*slash = '\0';
	node_new(m, MODEL_NONE, "parent", true);
	if (access(root, F_OK) == 0)
		take(m, node_new(m, 0, "reg", true), root);
	m->nbase = m->nnodes;
	return m;
}

void model_free(struct model *m)
{
	for (int i = 0; i < m->nops; i++)
		free(m->op[i].bytes);
	for (int i = 0; i < m->nnodes; i++)
		buf_clear(&m->node[i].base);
	free(m);
}

void model_put_at(struct buf *out, off_t at, const char *p, size_t n)
{
	static const char zeros[MODEL_SECTOR];

	while (out->n < (size_t)at)
		buf_put(out, zeros, (size_t)at - out->n < sizeof zeros ? (size_t)at - out->n : sizeof zeros);
	if (out->n < (size_t)at + n)
		buf_put(out, p + (out->n - (size_t)at), (size_t)at + n - out->n);
	memcpy(out->p + at, p, n);
}

void model_set_size(struct buf *out, size_t size)
{
	if (out->n < size)
		model_put_at(out, (off_t)size, "", 0);
	if (out->p == NULL)
		buf_put(out, "", 0);
	out->n = size;
	out->p[size] = '\0';
}

void model_bytes(const struct model *m, int n, int node, struct buf *out)
{
	buf_reset(out);
	buf_span(out, buf_view(&m->node[node].base));
	for (int i = 0; i < n; i++) {
		const struct op *o = &m->op[i];

		if (o->node != node)
			continue;
		if (o->kind == OP_WRITE)
			model_put_at(out, o->at, o->bytes, o->n);
		else if (o->kind == OP_CUT)
			model_set_size(out, (size_t)o->at);
	}
}

int model_node(const struct model *m, int n, const char *path)
{
	char name[96];
	int in, root = walk(m, n, 0, "reg", &in, name);

	return root == MODEL_NONE ? MODEL_NONE : walk(m, n, root, path, &in, name);
}

bool model_file(const struct model *m, int n, const char *path, struct buf *out)
{
	int node = model_node(m, n, path);

	buf_reset(out);
	if (node == MODEL_NONE)
		return false;
	model_bytes(m, n, node, out);
	return true;
}

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
#define SECTOR 512u
#define NONE (-1)
#define RANGES 256

static struct io_table kernel;
static struct model *rec;
static char rec_root[512], rec_parent[512];
static int fd_node[FDS];

static void die(const char *what)
{
	fprintf(stderr, "powermodel: %s\n", what);
	exit(2);
}

static struct op *op_new(struct model *m, enum op_kind kind, int node)
{
	struct op *o;

	if (m->nops == MODEL_OPS)
		die("too many operations");
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
		die("too many files, or a long name");
	x = &m->node[m->nnodes];
	memset(x, 0, sizeof *x);
	x->is_dir = is_dir;
	x->parent = parent;
	strcpy(x->name, name);
	snprintf(x->path, sizeof x->path, "%.60s%s%.90s", parent > 1 ? m->node[parent].path : "", parent > 1 ? "/" : "", name);
	return m->nnodes++;
}

/* What name stood for in the directory after n ops. */
static int lookup(const struct model *m, int n, int dir, const char *name)
{
	int child = NONE;

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
			child = NONE;
		else if (o->kind == OP_RENAME && strcmp(o->to, name) == 0)
			child = o->child;
		else if (o->kind == OP_RENAME && strcmp(o->name, name) == 0)
			child = NONE;
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
			die("a long name");
		if (at == NONE)
			return NONE;
		if (len > 0 && !(len == 1 && path[0] == '.')) {
			memcpy(name, path, len);
			name[len] = '\0';
			*in = at;
			at = lookup(m, n, at, name);
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
	if (dir < 0 || dir >= FDS || (from = fd_node[dir]) == NONE || strncmp(path, ".index", 6) == 0)
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
	int node = NONE, in = NONE, fd;
	char name[96];
	bool mine = resolve(dir, path, &node, &in, name), new = mine && (flags & O_CREAT) && node == NONE;

	if (new ? !happens() : rec->dead)
		return errno = EIO, -1;
	fd = kernel.openat(dir, path, flags, mode);
	if (fd < 0)
		return -1;
	if (fd >= FDS)
		die("too many descriptors");
	if (new) {
		struct op *o = op_new(rec, OP_MAKE, in);

		node = node_new(rec, in, name, false);
		strcpy(o->name, name);
		o->child = node;
	}
	fd_node[fd] = mine ? node : NONE;
	return fd;
}

static int r_close(int fd)
{
	if (fd >= 0 && fd < FDS)
		fd_node[fd] = NONE;
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

	if (fd < 0 || fd >= FDS || fd_node[fd] == NONE)
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
	if (put > 0 && fd_node[fd] != NONE)
		wrote(fd, p, (size_t)put, at);
	return put;
}

static int r_sync(int fd)
{
	if (fd < 0 || fd >= FDS || fd_node[fd] == NONE)
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
	int node, in = NONE, result;
	char name[96];
	bool mine = resolve(dir, path, &node, &in, name);

	if (mine && node == NONE ? !happens() : rec->dead)
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
	int node, there, in = NONE, in_to = NONE, result;
	char name[96], name_to[96];
	bool mine = resolve(dir, from, &node, &in, name) && resolve(dir, to, &there, &in_to, name_to);

	if (!happens())
		return -1;
	result = kernel.renameat(dir, from, to);
	if (result == 0 && mine) {
		struct op *o = op_new(rec, OP_RENAME, in);

		if (in != in_to)
			die("a rename from one directory into another");
		strcpy(o->name, name);
		strcpy(o->to, name_to);
		o->child = node;
	}
	return result;
}

static int r_unlinkat(int dir, const char *path, int flags)
{
	int node, in = NONE, result;
	char name[96];
	bool mine = resolve(dir, path, &node, &in, name);

	if (mine && node != NONE ? !happens() : rec->dead)
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
		fd_node[i] = NONE;
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
			die(e.text);
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
	node_new(m, NONE, "parent", true);
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

/* Bytes at a place, with zeros before it where there are none yet. */
static void put_at(struct buf *out, off_t at, const char *p, size_t n)
{
	static const char zeros[SECTOR];

	while (out->n < (size_t)at)
		buf_put(out, zeros, (size_t)at - out->n < sizeof zeros ? (size_t)at - out->n : sizeof zeros);
	if (out->n < (size_t)at + n)
		buf_put(out, p + (out->n - (size_t)at), (size_t)at + n - out->n);
	memcpy(out->p + at, p, n);
}

/* The size becomes this. */
static void set_size(struct buf *out, size_t size)
{
	if (out->n < size)
		put_at(out, (off_t)size, "", 0);
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
			put_at(out, o->at, o->bytes, o->n);
		else if (o->kind == OP_CUT)
			set_size(out, (size_t)o->at);
	}
}

int model_node(const struct model *m, int n, const char *path)
{
	char name[96];
	int in, root = walk(m, n, 0, "reg", &in, name);

	return root == NONE ? NONE : walk(m, n, root, path, &in, name);
}

bool model_file(const struct model *m, int n, const char *path, struct buf *out)
{
	int node = model_node(m, n, path);

	buf_reset(out);
	if (node == NONE)
		return false;
	model_bytes(m, n, node, out);
	return true;
}

/* ---- the states ---- */

uint64_t model_random(uint64_t *seed, uint64_t below)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (z ^ z >> 31) % below;
}

/* Bytes of a file that may not be on the disk. */
struct range {
	off_t from, to;
	bool doomed;
};
struct pending {
	struct range v[RANGES];
	int n;
	off_t size[RANGES];	/* that the file had since its last sync, that one first */
	int nsizes;
	int synced;		/* ops up to there count as synced */
};

/* Take [from, to) out of the ranges. */
static void range_drop(struct pending *p, off_t from, off_t to)
{
	for (int i = 0, n = p->n; i < n; i++) {
		struct range *r = &p->v[i];

		if (r->to <= from || r->from >= to)
			continue;
		if (r->to > to && p->n < RANGES)
			p->v[p->n++] = (struct range){ to, r->to, r->doomed };
		if (r->from < from)
			r->to = from;
		else
			r->to = r->from;
	}
}

/* What of a file is not durable after the ops. */
static void pending_of(const struct model *m, const struct cut *c, int node, struct pending *p)
{
	off_t size = (off_t)m->node[node].base.n;

	p->n = 0;
	p->synced = 0;
	p->size[0] = size;
	p->nsizes = 1;
	for (int i = 0; i < c->n; i++) {
		const struct op *o = &m->op[i];

		if (o->node != node)
			continue;
		if (o->kind == OP_WRITE) {
			range_drop(p, o->at, o->at + (off_t)o->n);
			if (p->n == RANGES || p->nsizes == RANGES)
				die("too many writes");
			p->v[p->n++] = (struct range){ o->at, o->at + (off_t)o->n, false };
			size = o->at + (off_t)o->n > size ? o->at + (off_t)o->n : size;
			p->size[p->nsizes++] = size;
		} else if (o->kind == OP_CUT) {
			range_drop(p, o->at, INT64_MAX);
			size = o->at;
			p->size[p->nsizes++] = size;
		} else if (o->kind == OP_SYNC_FAILED) {
			for (int k = 0; k < p->n; k++)
				p->v[k].doomed = true;
		} else if (o->kind == OP_SYNC && (c->skip == NULL || !c->skip[i])) {
			int kept = 0;

			for (int k = 0; k < p->n; k++)
				if (p->v[k].doomed)
					p->v[kept++] = p->v[k];
			p->n = kept;
			p->size[0] = size;
			p->nsizes = 1;
			p->synced = i + 1;
		}
	}
}

enum how { HOW_OLD, HOW_NEW, HOW_PREFIX, HOW_ZEROS, HOW_SECTORS, HOW_GARBAGE, HOWS };

/* Nothing that somebody could have typed, unless text is wanted: a power cut leaves what the disk held before. */
static void garble(char *p, size_t n, struct cut *c)
{
	static const char stale[] = "commit,9,2026-02-02T10:40:00+08:00,\nT01-H2026-000009,9,,x\n";

	if (c->text && model_random(c->seed, 2) == 0) {
		c->has_text = true;
		for (size_t i = 0; i < n; i++)
			p[i] = stale[i % (sizeof stale - 1)];
		return;
	}
	for (size_t i = 0; i < n; i++)
		p[i] = (char)model_random(c->seed, 256);
	if (n > 0)
		p[0] = '\0';
}

/* One sector of what is not durable. */
static void fill(struct cut *c, enum how how, struct buf *out, const struct buf *old, const struct buf *new, size_t from, size_t to)
{
	uint64_t pick = how == HOW_OLD ? 0 : how == HOW_NEW ? 1 : how == HOW_ZEROS ? 2
	    : how == HOW_SECTORS ? model_random(c->seed, 2) : model_random(c->seed, 4);

	for (size_t i = from; i < to; i++)
		out->p[i] = pick == 0 ? i < old->n ? old->p[i] : '\0' : pick == 1 && i < new->n ? new->p[i] : '\0';
	if (pick == 3)
		garble(out->p + from, to - from, c);
}

/* The bytes that the disk holds of a file. */
static void cut_file(const struct model *m, struct cut *c, int node, enum how how, struct buf *out)
{
	static struct pending p;
	struct buf old = BUF_INIT, new = BUF_INIT;
	size_t size;

	pending_of(m, c, node, &p);
	model_bytes(m, c->n, node, &new);
	buf_reset(out);
	if (p.n == 0 && p.nsizes == 1) {
		buf_span(out, buf_view(&new));
		goto done;
	}
	model_bytes(m, p.synced, node, &old);
	if (how == HOW_PREFIX) {	/* some of the ops, the last one in part */
		int i = p.synced + (int)model_random(c->seed, (uint64_t)(c->n - p.synced + 1));

		model_bytes(m, i, node, out);
		if (i < c->n && m->op[i].node == node && m->op[i].kind == OP_WRITE)
			put_at(out, m->op[i].at, m->op[i].bytes, model_random(c->seed, m->op[i].n + 1));
		how = HOW_SECTORS;	/* for what no sync will save */
		for (int k = 0; k < p.n; k++)
			if (!p.v[k].doomed)
				p.v[k].to = p.v[k].from;
	} else {
		uint64_t which = how == HOW_OLD ? 0 : how == HOW_NEW ? (uint64_t)p.nsizes - 1 : model_random(c->seed, (uint64_t)p.nsizes + 1);

		if (which == (uint64_t)p.nsizes) {
			off_t a = p.size[p.nsizes - 1], b = p.size[0];

			size = (size_t)(a < b ? a : b) + model_random(c->seed, (uint64_t)(a < b ? b - a : a - b) + 1);
		} else {
			size = (size_t)p.size[which];
		}
		buf_span(out, buf_view(&new));
		if (old.n > out->n)
			put_at(out, (off_t)out->n, old.p + out->n, old.n - out->n);
		set_size(out, size);
	}
	for (int k = 0; k < p.n; k++)
		for (size_t at = (size_t)p.v[k].from; at < (size_t)p.v[k].to && at < out->n;) {
			size_t end = (at / SECTOR + 1) * SECTOR;

			end = end < (size_t)p.v[k].to ? end : (size_t)p.v[k].to;
			end = end < out->n ? end : out->n;
			fill(c, how, out, &old, &new, at, end);
			at = end;
		}
done:
	buf_clear(&old);
	buf_clear(&new);
}

/* The child that a name has on the disk: as at the last sync of the directory, or at any time since. */
static int cut_name(const struct model *m, struct cut *c, int dir, const char *name, int mood)
{
	int synced = 0, at = c->n;

	for (int i = 0; i < c->n; i++)
		if (m->op[i].kind == OP_SYNC && m->op[i].node == dir && (c->skip == NULL || !c->skip[i]))
			synced = i;
	if (mood == 0)
		at = synced;
	else if (mood > 1)
		at = synced + (int)model_random(c->seed, (uint64_t)(c->n - synced + 1));
	return lookup(m, at, dir, name);
}

/* All names that a directory ever had. */
static int names_of(const struct model *m, int dir, const char **name)
{
	int n = 0;

	for (int i = 0; i < m->nbase; i++)
		if (m->node[i].parent == dir)
			name[n++] = m->node[i].name;
	for (int i = 0; i < m->nops; i++) {
		const struct op *o = &m->op[i];
		const char *s = o->node != dir ? NULL : o->kind == OP_MAKE ? o->name : o->kind == OP_RENAME ? o->to : NULL;
		bool new = s != NULL;

		for (int k = 0; k < n && new; k++)
			new = strcmp(name[k], s) != 0;
		if (new && n == MODEL_NODES)
			die("too many names");
		if (new)
			name[n++] = s;
	}
	return n;
}

/* A directory and what lies in it. */
static void lay(const struct model *m, struct cut *c, int dir, const char *to, int mood, int how)
{
	const char **name = malloc(MODEL_NODES * sizeof *name);
	int n = names_of(m, dir, name);
	struct buf bytes = BUF_INIT;
	char path[1024];

	for (int i = 0; i < n; i++) {
		int child = cut_name(m, c, dir, name[i], mood), fd;

		if (child == NONE)
			continue;
		snprintf(path, sizeof path, "%s/%s", to, name[i]);
		if (m->node[child].is_dir) {
			if (mkdir(path, 0755) < 0)
				die("cannot make a directory");
			lay(m, c, child, path, mood, how);
			continue;
		}
		cut_file(m, c, child, how < 0 ? (enum how)model_random(c->seed, HOWS) : (enum how)how, &bytes);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
		if (fd < 0 || write(fd, bytes.p ? bytes.p : "", bytes.n) != (ssize_t)bytes.n || close(fd) < 0)
			die("cannot lay out a file");
	}
	buf_clear(&bytes);
	free(name);
}

void model_cut(const struct model *m, struct cut *c, const char *to)
{
	/* half of them with one fate for all files, and for all names */
	int how = model_random(c->seed, 2) ? (int)model_random(c->seed, HOWS) : -1, mood = (int)model_random(c->seed, 4);

	c->has_text = false;
	lay(m, c, 0, to, mood, how);
}

/* SPDX-License-Identifier: MIT */
#include "register/copies.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "register/inside.h"

#define COPIES ".index/copies"
#define MAGIC UINT64_C(0x31736569706f6367)	/* gcopies1 */
#define COPIES_MAX 4096			/* copies; more are not remembered */
#define READ ((size_t)1 << 16)
#define MISSING (-1)			/* sizes */
#define UNKNOWN (-2)

/* One working copy as the file has it. */
struct copy {
	int64_t size, changed, written;	/* nanoseconds of mtime and ctime */
	uint64_t inode;
	char committed[DIGEST_HEX + 1], found[DIGEST_HEX + 1];
	char path[REG_FILE_MAX + 256];
};
struct head {
	uint64_t magic, versions;	/* versions: a hash of what is committed */
	uint64_t n;
};
struct copies {
	struct copy *v;
	size_t n, cap;
	uint64_t versions;
	int64_t looked;			/* when the file was written; copies younger than that are read */
};

static bool is_watched(const struct moment_version *v)
{
	return strcmp(v->name, "register") != 0;
}

/* A hash of what is committed of the files that have working copies. */
static uint64_t versions_of(const struct moment *m)
{
	uint64_t h = MAGIC;

	for (size_t i = 0; i < m->nversions; i++)
		if (is_watched(&m->version[i]))
			h = mem_hash(span_of(m->version[i].digest), mem_hash(span_of(m->version[i].name), h));
	return h;
}

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The bytes of the file into c; false when it says nothing. */
static bool read_open(int fd, struct copies *c)
{
	struct err ignored = ERR_INIT;
	struct head h;
	struct stat st;

	if (io.fstat(fd, &st) < 0 || io_read_at(fd, COPIES, &h, sizeof h, 0, &ignored) < 0 || h.magic != MAGIC || h.n > COPIES_MAX
	    || (uint64_t)st.st_size != sizeof h + h.n * sizeof *c->v)
		return false;
	c->v = mem_alloc(h.n * sizeof *c->v + 1);
	c->cap = h.n;
	if (io_read_at(fd, COPIES, c->v, h.n * sizeof *c->v, sizeof h, &ignored) < 0)
		return false;
	c->n = h.n;
	for (size_t i = 0; i < c->n; i++)
		c->v[i].path[sizeof c->v[i].path - 1] = c->v[i].committed[DIGEST_HEX] = c->v[i].found[DIGEST_HEX] = '\0';
	c->versions = h.versions;
	c->looked = nanoseconds(st.st_mtim);
	return true;
}

/* What is remembered; empty when nothing is. */
static void read_copies(struct reg *r, struct copies *c)
{
	struct err ignored = ERR_INIT;
	int fd = io_open(r->dir, COPIES, O_RDONLY, 0, true, &ignored);

	if (fd < 0)
		return;
	if (!read_open(fd, c))
		c->n = 0;
	io.close(fd);
}

static void write_copies(struct reg *r, const struct copies *c)
{
	struct head h = { MAGIC, c->versions, c->n };
	struct err ignored = ERR_INIT;
	int fd = c->n <= COPIES_MAX ? io_open(r->dir, COPIES ".tmp", O_WRONLY | O_CREAT | O_TRUNC, r->file_mode, true, &ignored) : -1;
	bool good;

	if (fd < 0)
		return;
	good = io_write_all(fd, COPIES, &h, sizeof h, &ignored) == 0 && io_write_all(fd, COPIES, c->v, c->n * sizeof *c->v, &ignored) == 0;
	good = io.close(fd) == 0 && good && ((r->dir_mode & 02000) == 0 || fchmodat(r->dir, COPIES ".tmp", r->file_mode, 0) == 0);
	if (!good || io.renameat(r->dir, COPIES ".tmp", COPIES) < 0)
		io.unlinkat(r->dir, COPIES ".tmp", 0);
}

/* The copy of a file that is committed so, and what the one of `old` remembers of it. */
static void add(struct copies *c, const struct copies *old, const char *path, const char *digest)
{
	struct copy x = { .size = UNKNOWN };

	for (size_t i = 0; i < old->n; i++)
		if (strcmp(old->v[i].path, path) == 0)
			x = old->v[i];
	memset(x.path, 0, sizeof x.path);
	snprintf(x.path, sizeof x.path, "%s", path);
	memcpy(x.committed, digest, DIGEST_HEX);
	MEM_GROW(c->v, c->cap, c->n + 1);
	c->v[c->n++] = x;
}

/* The copies of all that is committed. */
static void list_copies(struct reg *r, const struct moment *m, const struct copies *old, struct copies *c)
{
	struct buf manifest = BUF_INIT;
	struct err ignored = ERR_INIT;
	char path[REG_FILE_MAX + 256];
	struct span rest, digest, file;

	for (size_t i = 0; i < m->nversions; i++) {
		const struct moment_version *v = &m->version[i];

		if (!is_watched(v))
			continue;
		if (strcmp(v->name, "policy") != 0) {
			snprintf(path, sizeof path, "%s.csv", v->name);
			add(c, old, path, v->digest);
			continue;
		}
		if (reg_version(r, v->digest, &manifest, &ignored) < 0)
			continue;
		for (rest = buf_view(&manifest); manifest_next(&rest, &digest, &file);) {
			snprintf(path, sizeof path, "policy/%.*s", (int)file.n, file.p);
			add(c, old, path, digest.p);
		}
	}
	buf_clear(&manifest);
}

/* The digest of a copy's bytes; empty when it cannot be read. */
static void digest_copy(struct reg *r, struct copy *x)
{
	struct err ignored = ERR_INIT;
	int fd = io_open(r->dir, x->path, O_RDONLY, 0, true, &ignored);
	char *bytes = fd >= 0 ? mem_alloc(READ) : NULL;
	struct digest d;
	ssize_t n = -1;

	x->found[0] = '\0';
	digest_start(&d);
	while (fd >= 0 && (n = io_read_some(fd, x->path, bytes, READ, -1, &ignored)) > 0)
		digest_put(&d, bytes, (size_t)n);
	if (n == 0) {
		digest_hex(&d, x->found);
	} else {			/* nothing is said of it, and it is looked at again */
		memcpy(x->found, x->committed, DIGEST_HEX);
		x->size = UNKNOWN;
	}
	free(bytes);
	if (fd >= 0)
		io.close(fd);
}

/* Look at a copy; true when it is not as it is remembered. */
static bool look(struct reg *r, struct copy *x, int64_t looked)
{
	struct stat st;
	struct copy was = *x;

	if (io.fstatat(r->dir, x->path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		x->size = MISSING;
	else
		x->size = st.st_size, x->changed = nanoseconds(st.st_mtim), x->written = nanoseconds(st.st_ctim), x->inode = st.st_ino;
	if (x->size == was.size && (x->size == MISSING || (x->changed == was.changed && x->written == was.written && x->inode == was.inode
	    && x->written < looked && x->changed < looked)))
		return false;
	if (x->size >= 0)
		digest_copy(r, x);
	else
		x->found[0] = '\0';
	return true;
}

/* The line about a copy; what gridctl put takes: policy, or the table's name. */
static void say(const struct copy *x, struct buf *out)
{
	bool policy = strncmp(x->path, "policy/", strlen("policy/")) == 0;

	buf_printf(out, "%s: the working copy is not what is committed; it changes nothing until gridctl put %.*s\n", x->path,
	    policy ? (int)strlen("policy") : (int)strcspn(x->path, "."), policy ? "policy" : x->path);
}

void copies_warn(struct reg *r, const struct moment *m, bool remember, struct buf *out)
{
	struct copies old = { .n = 0 }, c = { .n = 0 };
	uint64_t versions = versions_of(m);
	size_t edited = 0;
	bool changed;

	if (r->told)
		return;
	r->told = true;
	read_copies(r, &old);
	changed = old.n == 0 || old.versions != versions;
	if (changed) {
		list_copies(r, m, &old, &c);
		c.looked = old.looked;
	} else {
		c = old;
		old = (struct copies){ .n = 0 };
	}
	c.versions = versions;
	for (size_t i = 0; i < c.n; i++) {
		changed |= look(r, &c.v[i], c.looked);
		if (memcmp(c.v[i].found, c.v[i].committed, DIGEST_HEX) != 0 && edited++ < COPIES_NAMED)
			say(&c.v[i], out);
	}
	if (edited > COPIES_NAMED)
		buf_printf(out, "%zu more working copies are not what is committed; gridctl check copies names them\n", edited - COPIES_NAMED);
	if (changed && remember)
		write_copies(r, &c);
	free(old.v);
	free(c.v);
}

/* SPDX-License-Identifier: MIT */
#include "register/copies.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/text.h"
#include "register/inside.h"

#define COPIES ".index/copies"
#define MAGIC UINT64_C(0x32736569706f6367)	/* gcopies2 */
#define COPIES_MAX 4096			/* copies; more are not remembered */
#define DEPTH_MAX 8			/* folders under policy/ */
#define READ ((size_t)1 << 16)
#define MISSING (-1)			/* sizes */
#define UNKNOWN (-2)

/* What stands in the file: a working copy of what is committed, a folder under policy/, or what lies there beside the copies. */
enum copy_kind { COPY_FILE, COPY_FOLDER, COPY_EXTRA };
struct copy {
	enum copy_kind kind;
	int depth;			/* of a folder: policy/ is 0 */
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

static void append(struct copies *c, const struct copy *x)
{
	MEM_GROW(c->v, c->cap, c->n + 1);
	c->v[c->n++] = *x;
}

/* The copy of a file that is committed so, and what the one of `old` remembers of it. */
static void add(struct copies *c, const struct copies *old, const char *path, const char *digest)
{
	struct copy x = { .size = UNKNOWN };

	for (size_t i = 0; i < old->n; i++)
		if (old->v[i].kind == COPY_FILE && strcmp(old->v[i].path, path) == 0)
			x = old->v[i];
	memset(x.path, 0, sizeof x.path);
	snprintf(x.path, sizeof x.path, "%s", path);
	memcpy(x.committed, digest, DIGEST_HEX);
	append(c, &x);
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

/* What a copy or folder is now; true when that is not what is remembered. */
static bool ask(struct reg *r, struct copy *x, int64_t looked)
{
	struct stat st;
	struct copy was = *x;

	if (io.fstatat(r->dir, x->path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		x->size = MISSING;
	else
		x->size = st.st_size, x->changed = nanoseconds(st.st_mtim), x->written = nanoseconds(st.st_ctim), x->inode = st.st_ino;
	return x->size != was.size || (x->size != MISSING && (x->changed != was.changed || x->written != was.written
	    || x->inode != was.inode || x->written >= looked || x->changed >= looked));
}

/* Look at a copy; true when it is not as it is remembered. */
static bool look(struct reg *r, struct copy *x, int64_t looked)
{
	if (!ask(r, x, looked))
		return false;
	if (x->size >= 0)
		digest_copy(r, x);
	else
		x->found[0] = '\0';
	return true;
}

bool copies_passes_over(const char *name, bool top)
{
	size_t n = strlen(name);

	return name[0] == '.' || name[n - 1] == '~' || (n > 4 && strcmp(name + n - 4, ".tmp") == 0)
	    || (top && (strncmp(name, "README", 6) == 0 || strcmp(name, "demo") == 0));
}

/* Is it a copy of what is committed? */
static bool is_copy(const struct copies *c, const char *path)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].kind == COPY_FILE && strcmp(c->v[i].path, path) == 0)
			return true;
	return false;
}

/* Take in a name of a folder under policy/: a folder to be listed, or a file beside the copies. */
static void meet(struct reg *r, struct copies *c, size_t folder, const char *name)
{
	struct copy x = { .depth = c->v[folder].depth + 1, .size = UNKNOWN };
	struct stat st;

	if (copies_passes_over(name, c->v[folder].depth == 0)
	    || (size_t)snprintf(x.path, sizeof x.path, "%s/%s", c->v[folder].path, name) >= sizeof x.path
	    || is_copy(c, x.path) || io.fstatat(r->dir, x.path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	x.kind = S_ISDIR(st.st_mode) ? COPY_FOLDER : COPY_EXTRA;
	if (x.kind == COPY_FOLDER ? x.depth <= DEPTH_MAX : S_ISREG(st.st_mode))
		append(c, &x);
}

/* List a folder; its times are those from before. */
static void list_folder(struct reg *r, struct copies *c, size_t folder)
{
	struct err ignored = ERR_INIT;
	struct dirent *d;
	DIR *list;
	int fd;

	ask(r, &c->v[folder], 0);
	fd = io_open_dir(r->dir, c->v[folder].path, &ignored);
	list = fd >= 0 ? fdopendir(fd) : NULL;
	while (list != NULL && c->n <= COPIES_MAX && (d = readdir(list)) != NULL)
		meet(r, c, folder, d->d_name);
	if (list != NULL)
		closedir(list);
	else if (fd >= 0)
		io.close(fd);
}

/* Has any folder under policy/ changed since it was listed, or was none? */
static bool folders_changed(struct reg *r, struct copies *c)
{
	bool changed = true;

	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].kind == COPY_FOLDER) {
			if (ask(r, &c->v[i], c->looked))
				return true;
			changed = false;
		}
	return changed;
}

/* By path, so that they are named in the same order each time. */
static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct copy *)a)->path, ((const struct copy *)b)->path);
}

/* List all folders under policy/ anew. */
static void list_folders(struct reg *r, struct copies *c)
{
	struct copy top = { .kind = COPY_FOLDER, .path = "policy", .size = UNKNOWN };
	size_t n = 0, files;

	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].kind == COPY_FILE)
			c->v[n++] = c->v[i];
	c->n = files = n;
	append(c, &top);
	for (size_t i = files; i < c->n; i++)
		if (c->v[i].kind == COPY_FOLDER)
			list_folder(r, c, i);
	qsort(c->v + files, c->n - files, sizeof *c->v, by_path);
}

/* The line about a copy; what gridctl put takes: policy, or the table's name. */
static void say(const struct copy *x, struct buf *out)
{
	bool policy = strncmp(x->path, "policy/", strlen("policy/")) == 0;

	text_escape(out, span_of(x->path), false);	/* anybody may have laid it there, by any name */
	if (x->kind == COPY_EXTRA)
		buf_puts(out, ": is not committed; it changes nothing until gridctl put policy\n");
	else
		buf_printf(out, ": the working copy is not what is committed; it changes nothing until gridctl put %.*s\n",
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
	if (folders_changed(r, &c)) {
		list_folders(r, &c);
		changed = true;
	}
	for (size_t i = 0; i < c.n; i++) {
		struct copy *x = &c.v[i];

		if (x->kind == COPY_FOLDER)
			continue;
		changed |= x->kind == COPY_FILE && look(r, x, c.looked);
		if ((x->kind == COPY_EXTRA || memcmp(x->found, x->committed, DIGEST_HEX) != 0) && edited++ < COPIES_NAMED)
			say(x, out);
	}
	if (edited > COPIES_NAMED)
		buf_printf(out, "%zu more working copies are not what is committed; gridctl check copies names them\n", edited - COPIES_NAMED);
	if (changed && remember)
		write_copies(r, &c);
	free(old.v);
	free(c.v);
}

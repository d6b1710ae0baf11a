/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/text.h"
#include "register/indexenv.h"
#include "yaml/tree.h"

int make_dir(struct reg *r, const char *path, struct err *e)
{
	if (io.mkdirat(r->dir, path, r->dir_mode & 07777) < 0)
		return errno == EEXIST ? 0 : err_sys(e, "%s: cannot make the directory", path);
	if ((r->dir_mode & 02000) && fchmodat(r->dir, path, r->dir_mode, 0) < 0)
		return err_sys(e, "%s: cannot give it to the group", path);
	return io_sync_parent(r->dir, path, e);
}

int open_inside(struct reg *r, const char *path, int flags, struct err *e)
{
	char dir[REG_FILE_MAX];
	const char *slash = strchr(path, '/');
	int fd = io_open(r->dir, path, flags, r->file_mode, true, e);

	if (fd >= 0 || e->status != ERR_OK)
		return fd;
	snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
	return make_dir(r, dir, e) < 0 ? -1 : io_open(r->dir, path, flags, r->file_mode, false, e);
}

/* In a shared register the umask has no say. */
static void share(struct reg *r, const char *path)
{
	/* another member's file stays as he made it */
	if ((r->dir_mode & 02000) && fchmodat(r->dir, path, r->file_mode, 0) < 0)
		errno = 0;
}

int make_file(struct reg *r, const char *path, struct span bytes, struct err *e)
{
	int result = io_create(r->dir, path, r->file_mode, bytes, e);
	struct stat st;

	if (result != 0)
		return result;
	share(r, path);
	/* a write may lie, and what is cut or committed next relies on this file */
	while (io.fstatat(r->dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		if (errno != EINTR)
			return err_sys(e, "%s: cannot ask for its size", path);
	if (st.st_size == (off_t)bytes.n)
		return 0;
	io.unlinkat(r->dir, path, 0);
	return err_set(e, ERR_FAILED, "%s: has %jd bytes after a write that should have made %zu", path, (intmax_t)st.st_size, bytes.n);
}

/* The file is there: sync it when it is whole, else write it anew (a crash left a part of it). */
static int version_mend(struct reg *r, const char *path, const char *digest, struct span bytes, struct err *e)
{
	struct buf now = BUF_INIT;
	struct err ignored = ERR_INIT;
	char found[DIGEST_HEX + 1] = "";
	int fd, result;

	if (io_slurp(r->dir, path, VERSION_MAX, &now, &ignored) == 0)
		digest_of(buf_view(&now), found);
	buf_clear(&now);
	if (strcmp(found, digest) != 0)
		return io_replace(r->dir, path, r->file_mode, bytes, e);
	fd = io_open(r->dir, path, O_RDONLY, 0, false, e);
	if (fd < 0)
		return -1;
	result = io_sync(fd, path, e);
	if (io_close(fd, path, e) < 0 || result < 0)
		return -1;
	fd = io_open_dir(r->dir, "versions", e);
	if (fd < 0)
		return -1;
	result = io_sync(fd, "versions", e);
	return io_close(fd, "versions", e) < 0 ? -1 : result;
}

int version_store(struct reg *r, struct span bytes, char digest[65], struct err *e)
{
	char path[REG_FILE_MAX + 32];
	int result;

	digest_of(bytes, digest);
	snprintf(path, sizeof path, "versions/%s", digest);
	result = make_file(r, path, bytes, e);
	return result == 1 ? version_mend(r, path, digest, bytes, e) : result;
}

bool policy_path_ok(struct span path)
{
	struct span part = { path.p, 0 };

	if (path.n == 0 || path.n > 255 || text_clean(path) != path.n)
		return false;
	for (size_t i = 0; i <= path.n; i++) {
		if (i < path.n && path.p[i] != '/') {
			part.n++;
			continue;
		}
		if (part.n == 0 || span_is(part, ".") || span_is(part, ".."))
			return false;
		part = (struct span){ path.p + i + 1, 0 };
	}
	return true;
}

bool manifest_next(struct span *rest, struct span *digest, struct span *path)
{
	const char *lf = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
	struct span line;

	if (lf == NULL)
		return false;
	line = (struct span){ rest->p, (size_t)(lf - rest->p) };
	rest->p += line.n + 1;
	rest->n -= line.n + 1;
	if (line.n < DIGEST_HEX + 3 || memcmp(line.p + DIGEST_HEX, "  ", 2) != 0)
		return false;
	*digest = (struct span){ line.p, DIGEST_HEX };
	*path = (struct span){ line.p + DIGEST_HEX + 2, line.n - DIGEST_HEX - 2 };
	return digest_is_hex(*digest, DIGEST_HEX) && policy_path_ok(*path);
}

int working_copy(struct reg *r, const char *path, struct span bytes, struct err *e)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
		if (make_dir(r, part, e) < 0)
			return -1;
	}
	if (io_replace(r->dir, path, r->file_mode, bytes, e) < 0)
		return -1;
	share(r, path);
	return 0;
}

/* Sizes of a path and of a tree, which follow. */
struct tree_head {
	uint32_t path, tree;
};
#define TREES_MAX ((size_t)8 << 20)	/* bytes of a policy's trees; more are not kept */

/* Put the tree of one file; a file that is no YAML for this program has none. */
static void put_tree(struct span path, struct span bytes, struct buf *out)
{
	char name[REG_FILE_MAX];
	struct tree_head h = { (uint32_t)path.n, 0 };
	struct yaml_file *f;
	struct diag d;
	size_t start;

	if (path.n >= sizeof name)
		return;	/* no file that a policy is read from */
	snprintf(name, sizeof name, "%.*s", (int)path.n, path.p);
	diag_init(&d, NULL, NULL, 0);
	f = yaml_parse(name, bytes, &d);
	if (f == NULL)
		return;
	start = out->n;
	buf_put(out, &h, sizeof h);
	buf_span(out, path);
	yaml_pack(f, out);
	h.tree = (uint32_t)(out->n - start - sizeof h - path.n);
	memcpy(out->p + start, &h, sizeof h);
	yaml_free(f);
}

/* Is it a YAML file of the policy itself, or an overlay of it, and not one of another directory in it? */
static bool is_part(struct span path)
{
	static const char overlays[] = "policy.d/";
	const size_t n = sizeof overlays - 1;

	if (path.n > n && memcmp(path.p, overlays, n) == 0)
		path = (struct span){ path.p + n, path.n - n };
	return path.n > 5 && memcmp(path.p + path.n - 5, ".yaml", 5) == 0 && memchr(path.p, '/', path.n) == NULL;
}

void index_put_trees(struct reg *r, const char *digest, struct buf *out)
{
	struct buf manifest = BUF_INIT, bytes = BUF_INIT;
	struct err ignored = ERR_INIT;
	struct span rest, hex, path;
	bool good = reg_version(r, digest, &manifest, &ignored) == 0;
	uint64_t hash = 0;

	buf_put(out, &hash, sizeof hash);
	for (rest = buf_view(&manifest); good && manifest_next(&rest, &hex, &path);) {
		char name[DIGEST_HEX + 1];

		if (!is_part(path))
			continue;
		snprintf(name, sizeof name, "%.*s", (int)hex.n, hex.p);
		buf_reset(&bytes);
		good = reg_version(r, name, &bytes, &ignored) == 0 && out->n < TREES_MAX;
		if (good)
			put_tree(path, buf_view(&bytes), out);
	}
	hash = mem_hash((struct span){ out->p + sizeof hash, out->n - sizeof hash }, INDEX_POLICY);
	memcpy(out->p, &hash, sizeof hash);
	if (!good || rest.n > 0)
		buf_reset(out);
	buf_clear(&manifest);
	buf_clear(&bytes);
}

bool reg_next_tree(struct span *rest, struct span *path, struct span *tree)
{
	struct tree_head h;

	if (rest->n < sizeof h)
		return false;
	memcpy(&h, rest->p, sizeof h);
	if (h.path > rest->n - sizeof h || h.tree > rest->n - sizeof h - h.path)
		return false;
	*path = (struct span){ rest->p + sizeof h, h.path };
	*tree = (struct span){ path->p + path->n, h.tree };
	*rest = (struct span){ tree->p + tree->n, rest->n - sizeof h - h.path - h.tree };
	return true;
}

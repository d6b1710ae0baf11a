/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_REGHELP_H
#define GL_TESTS_REGHELP_H
#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/io.h"
#include "base/time.h"
#include "register/commit.h"
#include "register/inside.h"
#include "register/register.h"
#include "runhelp.h"
/*
 * Scratch registers for the tests of lib/register.
 */
#define H_NOW 1770000000	/* 2026-02-02T10:40:00+08:00 */
#define H_DAY 86400
#define H_OFFSET 28800

__attribute__((unused)) static int h_unlink(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)flag;
	(void)f;
	return remove(path);
}

__attribute__((unused)) static void h_remove(const char *dir)
{
	nftw(dir, h_unlink, 32, FTW_DEPTH | FTW_PHYS);
}

/* The end of what h_dir and h_create gave. */
__attribute__((unused)) static void h_drop(char *dir)
{
	h_remove(dir);
	free(dir);
}

/* A new name under the scratch directory; the name is the caller's to free. */
__attribute__((unused)) static char *h_dir(void)
{
	const char *tmp = getenv("TMPDIR");
	char *path = malloc(256);

	/* in memory where that is to be had: these tests sync a great deal */
	if (tmp == NULL)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(path, 256, "%s/gl-XXXXXX", tmp);
	ck_assert_ptr_nonnull(mkdtemp(path));
	return path;
}

__attribute__((unused)) static char *h_create(void)
{
	static const struct policy_bytes file[] = { { "policy.yaml", { "place: test\n", 12 } },
		{ "templates/a.txt", { "hello\n", 6 } } };
	char digest[65], *dir = h_dir();
	struct buf manifest = BUF_INIT;
	struct err e = ERR_INIT;
	struct reg_new n = { .office = "T01", .name = "测试 \"office\"", .language = "zh", .offset = H_OFFSET, .policy = file, .npolicy = 2,
		.now = H_NOW, .actor = "", .command = "gridctl init" };

	for (size_t i = 0; i < 2; i++) {
		digest_of(file[i].bytes, digest);
		buf_printf(&manifest, "%s  %s\n", digest, file[i].path);
	}
	n.manifest = buf_view(&manifest);
	ck_assert_msg(reg_create(dir, &n, &e) == 0, "%s", e.text);
	buf_clear(&manifest);
	return dir;
}

__attribute__((unused)) static struct reg *h_open(const char *dir)
{
	struct err e = ERR_INIT;
	struct reg *r = reg_open(dir, &e);

	ck_assert_msg(r != NULL, "%s", e.text);
	return r;
}

/* The register as it stands. */
__attribute__((unused)) static void h_moment(struct reg *r, struct moment *m)
{
	struct err e = ERR_INIT;

	ck_assert_msg(reg_moment(r, NULL, m, &e) == 0, "%s", e.text);
}

__attribute__((unused)) static struct commit_who h_who(const char *key, int64_t now)
{
	return (struct commit_who){ .actor = "T01-O1", .command = "hazard-add", .key = key, .now = now, .lock_wait_ms = 60000 };
}

__attribute__((unused)) static const struct table *h_table(const char *name)
{
	return schema_table(span_of(name));
}

/* Append a row with a new id; sets are column, value pairs ending in NULL.  The id is written to out. */
__attribute__((unused)) static void h_row(struct commit *c, const char *table, char out[ID_MAX], const char *const *sets)
{
	const struct table *t = h_table(table);
	struct span v[128] = { { "", 0 } };
	char id[ID_MAX] = "";

	if (t->id_letter != 0) {
		commit_mint(c, t, id);
		v[t->key] = span_of(id);
	}
	for (; *sets != NULL; sets += 2) {
		int col = schema_column(t, span_of(sets[0]));

		ck_assert_int_ge(col, 0);
		v[col] = span_of(sets[1]);
	}
	commit_append(c, t, v);
	if (out != NULL)
		memcpy(out, id, ID_MAX);
}

/* One hazard and one event about it. */
__attribute__((unused)) static void h_pair(struct commit *c, char hazard[ID_MAX], const char *ref, const char *description)
{
	char id[ID_MAX];

	h_row(c, "hazards", id, (const char *const[]){ "reported_at", "2026-02-02T10:40:00+08:00", "grid", "G1", "subject", "S1",
		"severity", "general", "ref", ref, "description", description, NULL });
	h_row(c, "events", NULL, (const char *const[]){ "at", "2026-02-02T10:40:00+08:00", "hazard", id, "step", "assign", NULL });
	if (hazard != NULL)
		memcpy(hazard, id, ID_MAX);
}

/* A commit of n such pairs; its status. */
__attribute__((unused)) static int h_commit(struct reg *r, const char *key, int n, int64_t now, struct err *e)
{
	struct commit_who who = h_who(key, now);
	struct commit *c = commit_open(r, &who, e);

	if (c == NULL)
		return -1;
	for (int i = 0; i < n; i++)
		h_pair(c, NULL, "", "液化气瓶, \"室内\" 存放");
	return commit_close(c, NULL, e);
}

__attribute__((unused)) static void h_ok(struct reg *r, const char *key, int n, int64_t now)
{
	struct err e = ERR_INIT;

	ck_assert_msg(h_commit(r, key, n, now, &e) == 0, "%s", e.text);
}

/* A file of the register. */
__attribute__((unused)) static struct buf h_slurp(const char *dir, const char *name)
{
	char path[1024];
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	ck_assert_msg(io_slurp(AT_FDCWD, path, 1 << 28, &b, &e) == 0, "%s", e.text);
	return b;
}

/* What another hand added behind the newest moment: -1 with e, or, out given, the tails. */
__attribute__((unused)) static int h_foreign(struct reg *r, struct adopt_tail *out, size_t max, size_t *n, struct err *e)
{
	struct moment m;

	return reg_moment(r, NULL, &m, e) < 0 ? -1 : foreign_check(r, &m, out, max, n, e);
}

/* For reg_policy_trees: the bytes, kept. */
__attribute__((unused)) static void h_put(void *out, struct span bytes)
{
	buf_span(out, bytes);
}

__attribute__((unused)) static void h_write(const char *dir, const char *name, const void *p, size_t n, int flags)
{
	char path[1024];
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | flags, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, p, n), (ssize_t)n);
	close(fd);
}

__attribute__((unused)) static void h_append(const char *dir, const char *name, const char *text)
{
	h_write(dir, name, text, strlen(text), O_APPEND);
}

#endif

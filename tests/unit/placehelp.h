/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_PLACEHELP_H
#define GL_TESTS_PLACEHELP_H
#include "base/diag.h"
#include "engine/pack.h"
#include "model/office.h"
#include "reghelp.h"
/*
 * Scratch registers of a shipped place, for the tests of the engines: office
 * P01, and what a diag wrote.
 */
#ifndef PKGDATADIR
#define PKGDATADIR "data-schemas"
#endif

__attribute__((unused)) static const char *p_data(void)
{
	const char *data = getenv("GRIDLEDGER_DATA");

	return data != NULL ? data : PKGDATADIR;
}

__attribute__((unused)) static char *p_create(const char *place)
{
	struct buf dir = BUF_INIT;
	struct pack pack = PACK_INIT;
	struct err e = ERR_INIT;
	char *path = h_dir();

	ck_assert_msg(pack_find(place, p_data(), &dir, &e) == 0 && pack_read(&pack, dir.p, &e) == 0, "%s", e.text);
	struct reg_new n = { .office = "P01", .name = place, .language = "zh", .offset = H_OFFSET, .policy = pack.bytes, .npolicy = pack.n,
		.manifest = buf_view(&pack.manifest), .now = H_NOW, .actor = "", .command = "gridctl init" };
	ck_assert_msg(reg_create(path, &n, &e) == 0, "%s", e.text);
	pack_clear(&pack);
	buf_clear(&dir);
	return path;
}

/* Commit a version of a master; rows without header, columns in schema order up to where they differ from empty. */
__attribute__((unused)) static void p_master(struct reg *r, const char *table, const char *csv)
{
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct commit *c = commit_open(r, &who, &e);

	ck_assert_msg(c != NULL, "%s", e.text);
	commit_version(c, table, span_of(csv));
	ck_assert_msg(commit_close(c, NULL, &e) == 0, "%s", e.text);
}

__attribute__((unused)) static struct office *p_office(struct reg *r, struct moment *m)
{
	struct err e = ERR_INIT;
	struct office *o;

	ck_assert_msg(reg_moment(r, NULL, m, &e) == 0, "%s", e.text);
	o = office_on(r, m, &e);
	ck_assert_msg(o != NULL, "%s", e.text);
	return o;
}

/* What a diag writes, as a string. */
struct said {
	struct diag d;
	char *text;
	size_t n;
};
__attribute__((unused)) static void said_start(struct said *s)
{
	FILE *f = open_memstream(&s->text, &s->n);

	ck_assert_ptr_nonnull(f);
	diag_init(&s->d, f, "test", 0);
}
/* The text is exactly this; empties it. */
__attribute__((unused)) static void said_is(struct said *s, const char *want)
{
	fclose(s->d.to);
	ck_assert_str_eq(s->text, want);
	free(s->text);
}
#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_INTAKEHELP_H
#define GL_TESTS_INTAKEHELP_H
#include "engine/pack.h"
#include "model/office.h"
#include "reghelp.h"
/*
 * An office of the place default for the tests of steps and intake.
 */
#ifndef PKGDATADIR
#define PKGDATADIR "data-schemas"
#endif
#define IH_CLERK "T01-O1"

/* Master data as commit 2. */
__attribute__((unused)) static void ih_masters(struct reg *r)
{
	static const char *const file[][2] = {
		{ "grids", "990101,,county,,,,,,,2020-01-01,,County\n990101001,990101,township,,,,,,,2020-01-01,,East\n"
		    "990101001001,990101001,village,,,,,,,2020-01-01,,Bridge\n" },
		{ "organs", "T01-GOV,government,county,990101,,,2020-01-01,,County,,\nT01-FIRE,fire,county,990101,T01-GOV,,2020-01-01,,Fire,,\n"
		    "T01-E,government,township,990101001,T01-GOV,,2020-01-01,,East,,\n" },
		{ "officers", "T01-O1,T01-GOV,,,,,2020-01-01,,Clerk,\nT01-O2,T01-E,,,,,2020-01-01,,Walker,\n" },
		{ "posts", "T01-P1,T01-O1,clerk,,990101,,,2020-01-01,\nT01-P2,T01-O1,dispatcher,,990101,,,2020-01-01,\n"
		    "T01-P3,T01-O2,grid-officer,,990101001001,,,2020-01-01,\n" },
		{ "subjects", "T01-S1,enterprise,industry,990101001001,,,,,91990101MADEM0003C,,,,2020-01-01,,Wood,,,\n"
		    "T01-S2,shop,commerce,990101001001,,,,,,,,,2020-01-01,,Shop,,,\n" },
	};
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct commit *c = commit_open(r, &who, &e);

	ck_assert_msg(c != NULL, "%s", e.text);
	for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
		struct buf b = BUF_INIT;

		schema_header(schema_table(span_of(file[i][0])), &b);
		buf_puts(&b, file[i][1]);
		commit_version(c, file[i][0], buf_view(&b));
		buf_clear(&b);
	}
	ck_assert_msg(commit_close(c, NULL, &e) == 0, "%s", e.text);
}

/* A new register with the pack default and masters; the name is the caller's to free. */
__attribute__((unused)) static char *ih_register(void)
{
	const char *data = getenv("GRIDLEDGER_DATA");
	char *dir = h_dir(), place[512];
	struct pack p = PACK_INIT;
	struct err e = ERR_INIT;
	struct reg_new n = { .office = "T01", .name = "test", .language = "zh", .offset = H_OFFSET, .now = H_NOW, .actor = "",
		.command = "gridctl init" };
	struct reg *r;

	snprintf(place, sizeof place, "%s/places/default", data != NULL ? data : PKGDATADIR);
	ck_assert_msg(pack_read(&p, place, &e) == 0, "%s", e.text);
	n.policy = p.bytes;
	n.npolicy = p.n;
	n.manifest = buf_view(&p.manifest);
	ck_assert_msg(reg_create(dir, &n, &e) == 0, "%s", e.text);
	pack_clear(&p);
	r = h_open(dir);
	ih_masters(r);
	reg_close(r);
	return dir;
}

/* A commit under way on it. */
struct ih {
	char *dir;
	struct reg *reg;
	struct commit *commit;
	struct office *office;
	FILE *said;
	char *text;
	size_t ntext;
	struct diag d;
	int64_t now;
};

__attribute__((unused)) static void ih_begin(struct ih *h, int64_t now)
{
	struct commit_who who = h_who("", now);
	struct err e = ERR_INIT;

	h->now = now;
	h->commit = commit_open(h->reg, &who, &e);
	ck_assert_msg(h->commit != NULL, "%s", e.text);
	h->office = office_on(h->reg, commit_moment(h->commit), &e);
	ck_assert_msg(h->office != NULL, "%s", e.text);
	h->said = open_memstream(&h->text, &h->ntext);
	diag_init(&h->d, h->said, "test", 0);
}

__attribute__((unused)) static void ih_open(struct ih *h, int64_t now)
{
	*h = (struct ih){ .dir = ih_register() };
	h->reg = h_open(h->dir);
	ih_begin(h, now);
}

/* What was complained about since the last time; valid until the next complaint. */
__attribute__((unused)) static const char *ih_said(struct ih *h)
{
	fflush(h->said);
	rewind(h->said);
	return h->text != NULL ? h->text : "";
}

__attribute__((unused)) static void ih_end(struct ih *h, bool write)
{
	struct err e = ERR_INIT;

	office_close(h->office);
	if (write)
		ck_assert_msg(commit_close(h->commit, NULL, &e) == 0, "%s", e.text);
	else
		commit_drop(h->commit);
	fclose(h->said);
	free(h->text);
	h->text = NULL;
}

__attribute__((unused)) static void ih_close(struct ih *h)
{
	ih_end(h, false);
	reg_close(h->reg);
	h_remove(h->dir);
	free(h->dir);
}

#define IH_SAYS(h, want) do { \
	const char *ih_text = ih_said(h); \
	ck_assert_msg(strstr(ih_text, want) != NULL, "said: %s; wanted: %s", ih_text, want); \
} while (0)

#endif

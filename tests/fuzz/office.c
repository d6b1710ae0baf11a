/* SPDX-License-Identifier: MIT */
#include "office.h"
#include <ftw.h>
#include <stdlib.h>
#include "engine/pack.h"
#include "fuzz.h"

static char dir[256];

static int drop_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st, (void)flag, (void)f;
	return remove(path);
}

static void drop(void)
{
	nftw(dir, drop_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void masters(struct reg *r)
{
	static const char *const file[][2] = {
		{ "grids", "990101,,county,,,,,,,2020-01-01,,County\n990101001,990101,township,,,,,,,2020-01-01,,East\n"
		    "990101001001,990101001,village,,,,,,,2020-01-01,,Bridge\n" },
		{ "organs", "T01-GOV,government,county,990101,,,2020-01-01,,County,,\nT01-FIRE,fire,county,990101,T01-GOV,,2020-01-01,,Fire,,\n" },
		{ "officers", "T01-O1,T01-GOV,,,,,2020-01-01,,Clerk,\nT01-O2,T01-GOV,,,,,2020-01-01,,王五,\n" },
		{ "posts", "T01-P1,T01-O1,clerk,,990101,,,2020-01-01,\nT01-P2,T01-O1,dispatcher,,990101,,,2020-01-01,\n" },
		{ "subjects", "T01-S1,enterprise,industry,990101001001,,,,,91990101MADEM0003C,,,,2020-01-01,,Wood,,,\n"
		    "T01-S2,shop,commerce,990101001001,,,,,,,,,2020-01-01,,Shop,,,\n" },
	};
	struct commit_who who = { .actor = "", .command = "fuzz", .key = "", .now = FUZZ_NOW };
	struct err e = ERR_INIT;
	struct commit *c = commit_open(r, &who, &e);

	FUZZ_CHECK(c != NULL, "%s", e.text);
	for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
		struct buf b = BUF_INIT;

		schema_header(schema_table(span_of(file[i][0])), &b);
		buf_puts(&b, file[i][1]);
		commit_version(c, file[i][0], buf_view(&b));
		buf_clear(&b);
	}
	FUZZ_CHECK(commit_close(c, NULL, &e) == 0, "%s", e.text);
}

struct fuzz_office *fuzz_office(void)
{
	static struct fuzz_office o;
	struct commit_who who = { .actor = "T01-O1", .command = "fuzz", .key = "", .now = FUZZ_NOW, .dry_run = true };
	struct reg_new n = { .office = "T01", .name = "test", .language = "zh", .offset = 28800, .now = FUZZ_NOW, .actor = "",
		.command = "gridctl init" };
	const char *data = getenv("GRIDLEDGER_DATA"), *tmp = getenv("TMPDIR");
	struct pack p = PACK_INIT;
	struct err e = ERR_INIT;
	char place[512];

	if (o.office)
		return &o;
	snprintf(dir, sizeof dir, "%s/gl-fuzz-XXXXXX", tmp ? tmp : "/tmp");
	FUZZ_CHECK(mkdtemp(dir) != NULL, "%s", dir);
	atexit(drop);
	snprintf(place, sizeof place, "%s/places/default", data ? data : "data-schemas");
	FUZZ_CHECK(pack_read(&p, place, &e) == 0, "%s", e.text);
	n.policy = p.bytes;
	n.npolicy = p.n;
	n.manifest = buf_view(&p.manifest);
	FUZZ_CHECK(reg_create(dir, &n, &e) == 0, "%s", e.text);
	pack_clear(&p);
	o.reg = reg_open(dir, &e);
	FUZZ_CHECK(o.reg != NULL, "%s", e.text);
	masters(o.reg);
	o.commit = commit_open(o.reg, &who, &e);
	FUZZ_CHECK(o.commit != NULL, "%s", e.text);
	o.office = office_on(o.reg, commit_moment(o.commit), &e);
	FUZZ_CHECK(o.office != NULL, "%s", e.text);
	return &o;
}

/* SPDX-License-Identifier: MIT */
#include "proofhelp.h"
#include "register/inside.h"
#include "register/master.h"
/*
 * Ledgers, versions and settings that were changed where the program looks first: what readers and writers say of them.
 */

/* A moment whose tags are what stands in the file. */
static void with_tags(const char *dir, struct reg *r, const char *bytes, struct moment *m)
{
	struct err e = ERR_INIT;

	h_write(dir, "tags.csv", bytes, strlen(bytes), O_TRUNC);
	ck_assert_int_eq(reg_moment(r, NULL, m, &e), 0);
	for (size_t i = 0; i < m->nledgers; i++)
		if (strcmp(m->ledger[i].table->name, "tags") == 0)
			m->ledger[i].size = (off_t)strlen(bytes);
}

static int no_row(void *arg, const struct scan_row *row)
{
	(void)arg;
	(void)row;
	return 0;
}

static const struct {
	const char *bytes;
	long at;		/* where a record is read; -1: a scan */
	const char *says;	/* NULL: it is read */
} ledgers[] = {
	{ "tag,commit,name\nT01-T2026-000001,2,old\n", 16, NULL },
	{ "tag,commit,name\nT01-T2026-000001,2,old\n", 15, "tags.csv: there is no record at byte 15" },
	{ "tag,commit,name\nT01-T2026-000001,2,old\n", 39, "tags.csv: there is no record at byte 39" },
	{ "tag,commit,name\nT01-T2026-000001,2\n", 16, "tags.csv: the record at byte 16 has 2 fields, its header has 3; run gridctl verify" },
	{ "tag,commit,name\nT01-T2026-000001,2,\"old\n", 16, "tags.csv: " },
	{ "tag,commit,name\nT01-T2026-000001,2,old", 16, "tags.csv: was changed before byte 38, where the committed rows end; run gridctl verify" },
	{ "name,commit\nx,2\n", 12, "tags.csv: its header has no column \"tag\"; run gridctl verify" },
	{ "\ntag,commit\nx,2\n", 12, NULL },
	{ "tag,commit", 4, "tags.csv: " },
	{ "tag, commit\nT01-T2026-000001,2\n", 12, NULL },
	{ "tag,commit,name\nT01-T2026-000001,2\n", -1, "tags.csv:2: " },
	{ "tag,commit,name\nT01-T2026-000001,2,old\n\n", -1, "tags.csv:3: " },
	{ "tag,commit,name\n", -1, NULL },
};

START_TEST(a_byte_of_a_ledger)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct ledger_at at = { 1, (off_t)ledgers[_i].at };
	struct buf text = BUF_INIT;
	struct span f[64];
	struct moment m;
	struct err e = ERR_INIT;
	void *args[] = { NULL };
	int result;

	with_tags(dir, r, ledgers[_i].bytes, &m);
	result = at.at >= 0 ? ledger_read(r, &m, "tags", at, &text, f, &e)
	    : ledger_scan(r, &m, "tags", (const int[]){ 0, 1 }, 2, no_row, args, 1, &e);
	ck_assert_msg(result == (ledgers[_i].says == NULL ? 0 : -1), "%d: %s", _i, e.text);
	if (ledgers[_i].says != NULL)
		ck_assert_int_eq(e.status, strstr(e.text, "there is no record") != NULL ? ERR_FAILED : ERR_PERSON);
	if (ledgers[_i].says != NULL)
		ck_assert_msg(strncmp(e.text, ledgers[_i].says, strlen(ledgers[_i].says)) == 0, "%d: %s", _i, e.text);
	buf_clear(&text);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* Bytes of a ledger of the same length as committed: a writer who needs its last id says that there is none. */
static const struct {
	size_t cut;		/* bytes of the end put in place of others; 0: all of the last record */
	char with;
	const char *says;
} tails[] = {
	{ 0, 'x', "hazards.csv: its last record has no id; run gridctl verify" },
	{ 1, 'x', "hazards.csv: was changed before byte " },
	{ 20, '\n', "hazards.csv: its last record has no id; run gridctl verify" },
	{ 61, '"', "hazards.csv: " },
};

START_TEST(last_record)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct buf b;
	struct err e = ERR_INIT;

	h_ok(r, "", 1, H_NOW);
	b = h_slurp(dir, "hazards.csv");
	if (tails[_i].cut == 0)
		for (size_t i = b.n - 2; b.p[i] != '\n'; i--)
			b.p[i] = tails[_i].with;
	else
		memset(b.p + b.n - tails[_i].cut - (tails[_i].cut > 1), tails[_i].with, tails[_i].cut);
	h_write(dir, "hazards.csv", b.p, b.n, O_TRUNC);
	buf_clear(&b);
	reg_close(r);
	r = h_open(dir);
	ck_assert_int_eq(h_commit(r, "", 1, H_NOW, &e), -1);
	ck_assert_int_eq(e.status, ERR_PERSON);
	ck_assert_msg(strncmp(e.text, tails[_i].says, strlen(tails[_i].says)) == 0, "%s", e.text);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* A master's version as another program may have written it, and what is found in it. */
static const struct {
	const char *bytes;
	const char *says;	/* NULL: G2 is there, in G1 */
} masters[] = {
	{ "parent,grid,name,other\nG1,G2,East,x\n", NULL },
	{ "grid,parent\nG2,G1\n", NULL },
	{ "grid,parent\nG2,G1,x\n", "versions/" },
	{ "grid,par\"ent\nG2,G1\n", "versions/" },
	{ "grid,parent", " has no header; run gridctl verify" },
	{ "", " has no header; run gridctl verify" },
};

START_TEST(master_bytes)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct master_row row;
	const struct master_row *all;
	struct master *x;
	struct moment m;
	struct err e = ERR_INIT;
	size_t n;
	struct commit *c = commit_open(r, &who, &e);

	commit_version(c, "grids", span_of(masters[_i].bytes));
	ck_assert_msg(commit_close(c, NULL, &e) == 0, "%s", e.text);
	h_moment(r, &m);
	x = master_open(r, &m, "grids", &e);
	if (masters[_i].says == NULL) {
		ck_assert_msg(master_find(x, SPAN("G2"), DATE_NONE, &row, &e) == 1, "%s", e.text);
		ck_assert(span_is(row.f[schema_column(h_table("grids"), SPAN("parent"))], "G1"));
		ck_assert_uint_eq(row.f[schema_column(h_table("grids"), SPAN("level"))].n, 0);
		ck_assert_uint_eq(master_number(x, SPAN("G9"), &e), UINT32_MAX);
	} else {
		ck_assert_int_eq(master_find(x, SPAN("G2"), DATE_NONE, &row, &e), -1);
		ck_assert_msg(strstr(e.text, masters[_i].says) != NULL, "%s", e.text);
		ck_assert_int_eq(master_find_by(x, 0, SPAN("G2"), DATE_NONE, &row, 1, &e), -1);
		ck_assert_int_eq(master_rows(x, &all, &n, &e), -1);
		ck_assert_uint_eq(master_number(x, SPAN("G2"), &e), UINT32_MAX);
	}
	master_close(x);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* The same policy again: its files are there already; one that was damaged is written anew. */
START_TEST(versions_mended)
{
	static const struct policy_bytes file = { "policy.yaml", { "place: test\n", 12 } };
	char *dir = h_create(), path[128], digest[65], manifest[512];
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct commit *c;
	struct buf b = BUF_INIT;

	digest_of(file.bytes, digest);
	snprintf(path, sizeof path, "versions/%s", digest);
	for (int i = 0; i < 3; i++) {
		if (i > 0)
			h_write(dir, path, "plac", 4, O_TRUNC);
		snprintf(manifest, sizeof manifest, i == 1 ? "%s  policy.yaml\n%s  b.yaml\n" : "%s  policy.yaml\n", digest, digest);
		c = commit_open(r, &who, &e);
		commit_policy(c, &file, 1, span_of(manifest));
		ck_assert_msg(commit_close(c, NULL, &e) == 0, "%s", e.text);
		buf_reset(&b);
		ck_assert_msg(reg_version(r, digest, &b, &e) == 0, "%s", e.text);
		ck_assert_str_eq(b.p, "place: test\n");
	}
	buf_clear(&b);
	b = h_slurp(dir, "policy/policy.yaml");
	ck_assert_str_eq(b.p, "place: test\n");
	buf_clear(&b);
	ck_assert_int_ne(access("policy/templates/a.txt", F_OK), 0);	/* what the new policy has no longer */
	verified(r, 0);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* register.yaml edited in place, with a journal in several states: what counts is what was committed, where that can be told. */
static const struct {
	const char *copy;		/* register.yaml */
	int journal;			/* 0 as it is, 1 gone, 2 garbage, 3 its digest of register.yaml damaged, 4 the version gone */
	const char *language;		/* NULL: it cannot be opened */
	bool edited;
} settings[] = {
	{ "format: 1\noffice: T01\nname: x\noffset: \"+08:00\"\nlanguage: en\n", 0, "zh", true },
	{ "format: 1\noffice: T01\nname: x\noffset: \"+08:00\"\nlanguage: en\n", 1, "en", false },
	{ "format: 1\noffice: T01\nname: x\noffset: \"+08:00\"\nlanguage: en\n", 2, "en", false },
	{ "format: 1\noffice: T01\nname: x\noffset: \"+08:00\"\nlanguage: en\n", 3, "en", false },
	{ "format: 1\noffice: T01\nname: x\noffset: \"+08:00\"\nlanguage: en\n", 4, "en", false },
	{ "format: 0\noffice: T01\nname: x\noffset: \"+08:00\"\nlanguage: en\n", 0, NULL, false },
	{ "format: x\noffice: T01\nname: x\noffset: \"+08:00\"\nlanguage: en\n", 0, NULL, false },
	{ "", 0, NULL, false },
};

START_TEST(edited_settings)
{
	char *dir = h_create(), path[512];
	struct err e = ERR_INIT;
	struct buf b = h_slurp(dir, "journal.csv");
	char *at = strstr(b.p, "register::");
	struct reg *r;

	h_write(dir, "register.yaml", settings[_i].copy, strlen(settings[_i].copy), O_TRUNC);
	snprintf(path, sizeof path, "%s/journal.csv", dir);
	if (settings[_i].journal == 1)
		unlink(path);
	if (settings[_i].journal == 2)
		h_write(dir, "journal.csv", "garbage\n", 8, O_TRUNC);
	for (; settings[_i].journal == 3 && at != NULL; at = strstr(at + 1, "register::"))
		at[20] = 'X';
	if (settings[_i].journal == 3)
		h_write(dir, "journal.csv", b.p, b.n, O_TRUNC);
	if (settings[_i].journal == 4) {
		snprintf(path, sizeof path, "%s/versions/%.64s", dir, at + 10);
		ck_assert_int_eq(unlink(path), 0);
	}
	r = reg_open(dir, &e);
	ck_assert_msg((r != NULL) == (settings[_i].language != NULL), "%s", e.text);
	if (r != NULL) {
		ck_assert_str_eq(r->language, settings[_i].language);
		ck_assert_int_eq(r->edited, settings[_i].edited);
	} else {
		ck_assert_int_eq(e.status, ERR_PERSON);
		ck_assert_msg(strncmp(e.text, "register.yaml:", 14) == 0, "%s", e.text);
	}
	buf_clear(&b);
	reg_close(r);
	h_drop(dir);
}
END_TEST

#define COUNT(v) (int)(sizeof (v) / sizeof *(v))

int main(void)
{
	Suite *s = suite_create("damage");
	TCase *t = tcase_create("damage");

	tcase_add_loop_test(t, a_byte_of_a_ledger, 0, COUNT(ledgers));
	tcase_add_loop_test(t, last_record, 0, COUNT(tails));
	tcase_add_loop_test(t, master_bytes, 0, COUNT(masters));
	tcase_add_test(t, versions_mended);
	tcase_add_loop_test(t, edited_settings, 0, COUNT(settings));
	suite_add_tcase(s, t);
	return h_run(s);
}

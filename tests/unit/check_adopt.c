/* SPDX-License-Identifier: MIT */
#include "proofhelp.h"
/*
 * Ledgers that another hand was at: refused, named, adopted.
 */

START_TEST(foreign_rows)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct adopt_tail tail[4];
	struct moment m;
	struct err e = ERR_INIT;
	static const char rows[] = "T01-H2026-000002,3,2026-02-02T10:40:00+08:00,,G1,S1,,,general,,,,,,,,,,,,by hand\n"
	    "T01-H2026-000003,3,2026-02-02T10:40:00+08:00,,G1,S1,,,general,,,,,,,,,,,,by hand";
	size_t n;
	char want[256];

	h_ok(r, "", 1, H_NOW);
	h_moment(r, &m);
	ck_assert_int_eq(commit_adopt(r, &who, NULL, NULL, &e), -1);
	ck_assert_int_eq(e.status, ERR_NO);
	ck_assert_str_eq(e.text, "there are no rows to adopt");
	err_clear(&e);
	h_append(dir, "hazards.csv", rows);
	ck_assert_int_eq(h_commit(r, "", 1, H_NOW, &e), -1);
	ck_assert_int_eq(e.status, ERR_PERSON);
	snprintf(want, sizeof want, "hazards.csv: 2 rows (bytes %jd-%jd) were not written by this toolkit; look at them, then run gridctl adopt",
	    (intmax_t)moment_ledger(&m, "hazards")->size, (intmax_t)moment_ledger(&m, "hazards")->size + (intmax_t)sizeof rows - 2);
	ck_assert_str_eq(e.text, want);
	err_clear(&e);
	ck_assert_int_eq(h_foreign(r, tail, 4, &n, &e), -1);
	ck_assert_str_eq(e.text, "hazards.csv: the last row that was added has no line end; end it with a newline first");
	err_clear(&e);
	h_append(dir, "hazards.csv", "\n");
	ck_assert_int_eq(h_foreign(r, tail, 4, &n, &e), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(tail[0].table->name, "hazards");
	ck_assert_int_eq(tail[0].from, moment_ledger(&m, "hazards")->size);
	who.dry_run = true;
	ck_assert_int_eq(commit_adopt(r, &who, NULL, NULL, &e), 0);
	who.dry_run = false;
	ck_assert_int_eq(commit_adopt(r, &who, NULL, NULL, &e), 0);
	verified(r, 4);
	h_ok(r, "", 1, H_NOW);
	ids_are(r, "hazards", "T01-H2026-000001/2 T01-H2026-000002/3 T01-H2026-000003/3 T01-H2026-000004/4 ");
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* What a spreadsheet or a careless hand leaves, and what is said. */
static const struct {
	const char *bytes, *says;
} saved[] = {
	{ "\xef\xbb\xbfhazard,commit\n", "hazards.csv: was saved by a spreadsheet (it begins with a byte order mark); put the saved copy away" },
	{ "\"hazard\",\"commit\"\n", "hazards.csv: was saved by a spreadsheet (its header is quoted)" },
	{ "hazard;commit;reported_at\n", "hazards.csv: was saved by a spreadsheet (its fields are separated by semicolons)" },
	{ "\xff\xfeh", "hazards.csv: was saved by a spreadsheet (it is UTF-16)" },
	{ "\xfe\xffh", "hazards.csv: was saved by a spreadsheet (it is UTF-16)" },
	{ "\xff\xff", "hazards.csv: has 2 bytes, " },
	{ "\xfe\xfe", "hazards.csv: has 2 bytes, " },
	{ "h", "hazards.csv: has 1 bytes, " },
	{ "", "hazards.csv: has 0 bytes, " },
	{ "hazard,commit\n", "hazards.csv: has 14 bytes, " },
	{ NULL, "hazards.csv: is missing; restore it" },
};

START_TEST(spreadsheet)
{
	char *dir = h_create(), path[512];
	struct reg *r = h_open(dir);
	struct err e = ERR_INIT;

	h_ok(r, "", 1, H_NOW);
	snprintf(path, sizeof path, "%s/hazards.csv", dir);
	if (saved[_i].bytes != NULL)
		h_write(dir, "hazards.csv", saved[_i].bytes, strlen(saved[_i].bytes), O_TRUNC);
	else
		unlink(path);
	ck_assert_int_eq(h_commit(r, "", 1, H_NOW, &e), -1);
	ck_assert_int_eq(e.status, ERR_PERSON);
	ck_assert_msg(strncmp(e.text, saved[_i].says, strlen(saved[_i].says)) == 0, "%s", e.text);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(crlf_and_links)
{
	char *dir = h_create(), path[512], to[512];
	struct reg *r = h_open(dir);
	struct err e = ERR_INIT;
	struct buf header = BUF_INIT;

	schema_header(h_table("hazards"), &header);
	header.n--;
	buf_puts(&header, "\r\n");
	h_write(dir, "hazards.csv", header.p, header.n, O_TRUNC);
	buf_clear(&header);
	ck_assert_int_eq(h_commit(r, "", 1, H_NOW, &e), -1);
	ck_assert_int_eq(strncmp(e.text, "hazards.csv: was saved by a spreadsheet (its lines end in CRLF)", 63), 0);
	err_clear(&e);
	snprintf(path, sizeof path, "%s/hazards.csv", dir);
	snprintf(to, sizeof to, "%s/other", dir);
	rename(path, to);
	ck_assert_int_eq(symlink("other", path), 0);
	ck_assert_int_eq(h_commit(r, "", 1, H_NOW, &e), -1);
	ck_assert_str_eq(e.text, "hazards.csv: is not a regular file; put the ledger itself there");
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* However little it is, and in a ledger that the commit does not touch. */
START_TEST(one_byte)
{
	static const char *const ledger[] = { "hazards.csv", "events.csv", "tags.csv" };

	for (size_t i = 0; i < sizeof ledger / sizeof *ledger; i++) {
		char *dir = h_create();
		struct reg *r = h_open(dir);
		struct err e = ERR_INIT;

		h_append(dir, ledger[i], "\n");
		ck_assert_int_eq(h_commit(r, "", (int)i % 2, H_NOW, &e), -1);
		ck_assert_int_eq(e.status, ERR_PERSON);
		ck_assert_int_eq(strncmp(e.text, ledger[i], strlen(ledger[i])), 0);
		ck_assert_ptr_nonnull(strstr(e.text, ": 1 row (bytes "));
		reg_close(r);
		h_remove(dir);
		free(dir);
	}
}
END_TEST

static const char row[] = "T01-H2026-000002,3,2026-02-02T10:40:00+08:00,,G1,S1,,,general,,,,,,,,,,,,by hand\n";

/* What looks at the rows before they are sealed. */
static int refuse(void *arg, const struct moment *m, uint64_t seq, const struct adopt_tail *tail, size_t n, struct err *e)
{
	(void)arg;
	(void)m;
	return err_set(e, ERR_NO, "%zu tail of commit %ju: %s is not wanted", n, (uintmax_t)seq, tail[0].table->name);
}

static int change(void *arg, const struct moment *m, uint64_t seq, const struct adopt_tail *tail, size_t n, struct err *e)
{
	char path[512];
	FILE *f;

	(void)m;
	(void)seq;
	(void)n;
	(void)e;
	snprintf(path, sizeof path, "%s/hazards.csv", (const char *)arg);
	f = fopen(path, "r+");
	ck_assert_int_eq(fseek(f, tail[0].to - 3, SEEK_SET), 0);
	fputs("XX", f);
	fclose(f);
	return 0;
}

static int add(void *arg, const struct moment *m, uint64_t seq, const struct adopt_tail *tail, size_t n, struct err *e)
{
	(void)m;
	(void)seq;
	(void)tail;
	(void)n;
	(void)e;
	h_append(arg, "hazards.csv", row);
	return 0;
}

/* Only what was looked at is sealed. */
START_TEST(looked_at)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct adopt_tail tail[2];
	struct err e = ERR_INIT;
	size_t n;

	h_ok(r, "", 1, H_NOW);
	who.dry_run = true;
	ck_assert_int_eq(commit_adopt(r, &who, NULL, NULL, &e), -1);
	ck_assert_int_eq(e.status, ERR_NO);
	ck_assert_str_eq(e.text, "there are no rows to adopt");
	h_append(dir, "hazards.csv", row);
	for (int dry = 1; dry >= 0; dry--) {
		who.dry_run = dry;
		err_clear(&e);
		ck_assert_int_eq(commit_adopt(r, &who, refuse, NULL, &e), -1);
		ck_assert_str_eq(e.text, "1 tail of commit 3: hazards is not wanted");
	}
	err_clear(&e);
	ck_assert_int_eq(commit_adopt(r, &who, change, dir, &e), -1);
	ck_assert_int_eq(e.status, ERR_FAILED);
	ck_assert_str_eq(e.text, "hazards.csv: was changed while its rows were looked at; try again");
	h_append(dir, "tags.csv", "by hand\n");
	err_clear(&e);
	ck_assert_int_eq(h_foreign(r, tail, 1, &n, &e), -1);
	ck_assert_str_eq(e.text, "more than 1 ledgers have rows by another hand");
	err_clear(&e);
	ck_assert_int_eq(h_foreign(r, tail, 2, &n, &e), 0);
	ck_assert_uint_eq(n, 2);
	/* what comes in meanwhile stays another hand's */
	ck_assert_msg(commit_adopt(r, &who, add, dir, &e) == 0, "%s", e.text);
	ck_assert_int_eq(h_foreign(r, tail, 2, &n, &e), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(commit_adopt(r, &who, NULL, NULL, &e), 0);
	verified(r, 5);
	reg_close(r);
	h_drop(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("adopt");
	TCase *t = tcase_create("adopt");

	tcase_add_test(t, foreign_rows);
	tcase_add_test(t, one_byte);
	tcase_add_loop_test(t, spreadsheet, 0, (int)(sizeof saved / sizeof *saved));
	tcase_add_test(t, crlf_and_links);
	tcase_add_test(t, looked_at);
	suite_add_tcase(s, t);
	return h_run(s);
}

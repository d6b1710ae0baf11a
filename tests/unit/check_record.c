/* SPDX-License-Identifier: MIT */
#include "model/measure.h"
#include "model/record.h"
#include "modelhelp.h"

#define HAZARD "T01-H2026-000001"
#define LATER (H_NOW + 86400)	/* 2026-02-03T10:40:00+08:00 */
#define SETS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Two hazards reported an hour before H_NOW, recorded; a commit of the day after is open. */
static void begin(struct ih *h)
{
	const struct table *t = schema_table(SPAN("hazards"));
	char digest[13], id[ID_MAX];

	ih_open(h, H_NOW);
	snprintf(digest, sizeof digest, "%.12s", h->office->policy->digest);
	for (int i = 0; i < 2; i++) {
		struct span row[64] = { { NULL, 0 } };

		commit_mint(h->commit, t, id);
		mh_set(row, t, SETS("hazard", id, "reported_at", "2026-02-02T09:40:00+08:00", "grid", "990101001001", "category", "fire",
			"severity", "general", "reporter", IH_CLERK, "policy", digest, "description", "x"));
		commit_append(h->commit, t, row);
	}
	ih_end(h, true);
	ih_begin(h, LATER);
}

/* A row of pairs COLUMN, VALUE for a ledger; its id in id.  What record_row gives. */
static int row(struct ih *h, struct record *r, char id[ID_MAX], const char *const *sets)
{
	struct span name[32], value[32];
	struct err e = ERR_INIT;
	size_t n = 0;
	int result;

	for (; *sets != NULL; sets += 2, n++) {
		name[n] = span_of(sets[0]);
		value[n] = span_of(sets[1]);
	}
	if (record_bind(r, "in.csv", name, n, &h->d))
		return 2;
	result = record_row(r, "in.csv", 7, value, id, &h->d, &e);
	ck_assert_msg(result >= 0, "%s", e.text);
	return result;
}

static void start(struct ih *h, struct record *r, const char *ledger)
{
	*r = (struct record){ .csv = false };
	record_start(r, schema_table(span_of(ledger)), h->office, h->commit, SPAN(IH_CLERK), h->now);
}

/* The measures of HAZARD as recorded. */
static void read_measures(struct ih *h, struct measures *m, int64_t as_of)
{
	struct err e = ERR_INIT;

	*m = (struct measures){ .v = NULL };
	ck_assert_msg(measures_read(m, h->office, SPAN(HAZARD), as_of, &e) == 0, "%s", e.text);
}

START_TEST(row_becomes_canonical)
{
	struct ih h;
	struct record r;
	char id[ID_MAX];

	begin(&h);
	start(&h, &r, "measures");
	ck_assert_int_eq(row(&h, &r, id, SETS("整改措施", " 换, \"管\" ", "隐患编号", HAZARD, "owner", "Fire", "due", "2026/2/5",
		"fund_fen", "１２", "verifier", "Walker")), 0);
	ck_assert_str_eq(id, "T01-M2026-000001");
	ck_assert_str_eq(commit_pending(h.commit, r.t).p, "T01-M2026-000001,4,2026-02-03T10:40:00+08:00," HAZARD
	    ",1,T01-FIRE,,2026-02-05T23:59:59+08:00,12,T01-O2,,\"换, \"\"管\"\"\"\n");
	record_end(&r);
	ih_close(&h);
}
END_TEST

START_TEST(answer_names_rows)
{
	struct record r = { .t = schema_table(SPAN("tags")) };

	record_answer(&r, 1, SPAN("T01-T2026-000001"));
	record_answer(&r, 2, SPAN("T01-T2026-000002"));
	ck_assert_str_eq(r.answer.p, "T01-T2026-000001\nT01-T2026-000002\n");
	buf_clear(&r.answer);
	r.csv = true;
	record_answer(&r, 1, SPAN("T01-T2026-000001"));
	record_answer(&r, 3, SPAN("T01-T2026-000002"));
	ck_assert_str_eq(r.answer.p, "tag,row\nT01-T2026-000001,1\nT01-T2026-000002,3\n");
	record_end(&r);
}
END_TEST

START_TEST(numbers_go_on)
{
	struct ih h;
	struct record r;
	char id[ID_MAX];

	begin(&h);
	start(&h, &r, "measures");
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", HAZARD, "text", "a")), 0);
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", "T01-H2026-000002", "text", "b")), 0);
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", HAZARD, "text", "c", "no", "7")), 0);
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", HAZARD, "text", "d")), 0);
	ck_assert_str_eq(id, "T01-M2026-000004");
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", HAZARD, "text", "e", "no", "8")), 1);
	IH_SAYS(&h, "in.csv:7: no: 8 is the number of T01-M2026-000004; leave it empty for 9, or say what it replaces");
	ck_assert_ptr_nonnull(strstr(commit_pending(h.commit, r.t).p, HAZARD ",8,,,,,,,d\n"));
	ck_assert_ptr_nonnull(strstr(commit_pending(h.commit, r.t).p, "T01-H2026-000002,1,,,,,,,b\n"));
	record_end(&r);
	ih_close(&h);
}
END_TEST

START_TEST(header_is_understood)
{
	const struct { const char *const *sets; const char *says; } cases[] = {
		{ SETS("hazard", HAZARD), "in.csv:1: no column \"text\" (整改措施): every row needs one" },
		{ SETS("hazard", HAZARD, "txt", "x"), "in.csv:1: unknown column \"txt\"; did you mean text?" },
		{ SETS("measure", "x", "text", "x"), "in.csv:1: column \"measure\" is given by the register; leave it out" },
		{ SETS("commit", "1", "text", "x"), "in.csv:1: column \"commit\" is given by the register; leave it out" },
		{ SETS("text", "x", "整改措施", "x"), "in.csv:1: columns 1 (\"text\") and 2 (\"整改措施\") are the same" },
		{ SETS("", "x", "text", "x"), "in.csv:1: column 1 has no name" },
	};
	struct ih h;
	struct record r;
	char id[ID_MAX];

	begin(&h);
	start(&h, &r, "measures");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(row(&h, &r, id, cases[i].sets), 2);
		IH_SAYS(&h, cases[i].says);
	}
	ck_assert_uint_eq(commit_rows(h.commit), 0);
	record_end(&r);
	ih_close(&h);
}
END_TEST

START_TEST(correction_keeps_the_rest)
{
	struct ih h;
	struct record r;
	char id[ID_MAX];

	begin(&h);
	start(&h, &r, "incidents");
	ck_assert_int_eq(row(&h, &r, id, SETS("kind", "fire", "at", "2026-02-01 12:00", "dead", "1", "note", "n")), 0);
	record_end(&r);
	ih_end(&h, true);
	ih_begin(&h, LATER + 60);
	start(&h, &r, "incidents");
	ck_assert_int_eq(row(&h, &r, id, SETS("replaces", "T01-K2026-000001", "dead", "0")), 0);
	ck_assert_str_eq(commit_pending(h.commit, r.t).p,
	    "T01-K2026-000002,5,2026-02-01T12:00:00+08:00,fire,,,0,,,T01-K2026-000001,n\n");
	ck_assert_int_eq(row(&h, &r, id, SETS("replaces", "T01-K2026-000001", "dead", "2")), 1);
	IH_SAYS(&h, "in.csv:7: replaces: T01-K2026-000001 is replaced already; name the row that replaces it");
	ck_assert_int_eq(row(&h, &r, id, SETS("replaces", "T01-K2026-000003", "dead", "2")), 1);
	IH_SAYS(&h, "in.csv:7: replaces: T01-K2026-000003 is not in incidents.csv");
	ck_assert_uint_eq(h.d.errors, 2);
	record_end(&r);
	ih_close(&h);
}
END_TEST

/* Evidence of the phase after, of a measure, in the commit that is open. */
static void show(struct ih *h, const char *measure, const char *phase, const char *at)
{
	const struct table *t = schema_table(SPAN("evidence"));
	struct span v[64] = { { NULL, 0 } };
	char id[ID_MAX];

	commit_mint(h->commit, t, id);
	mh_set(v, t, SETS("evidence", id, "at", at, "hazard", HAZARD, "measure", measure, "phase", phase, "bytes", "1", "sha256",
		"0000000000000000000000000000000000000000000000000000000000000000", "by", IH_CLERK, "file", "a.jpg"));
	commit_append(h->commit, t, v);
}

START_TEST(measures_count_and_are_done)
{
	struct ih h;
	struct record r;
	struct measures m;
	char id[ID_MAX];

	begin(&h);
	start(&h, &r, "measures");
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", HAZARD, "text", "a", "at", "2026-02-02 12:00")), 0);
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", HAZARD, "text", "b")), 0);
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", "T01-H2026-000002", "text", "c")), 0);
	record_end(&r);
	read_measures(&h, &m, INT64_MAX);
	ck_assert_uint_eq(m.n, 0);
	measures_clear(&m);
	ih_end(&h, true);

	ih_begin(&h, LATER + 60);
	start(&h, &r, "measures");
	ck_assert_int_eq(row(&h, &r, id, SETS("replaces", "T01-M2026-000001", "text", "a2")), 0);
	record_end(&r);
	show(&h, "T01-M2026-000001", "after", "2026-02-03T10:41:00+08:00");	/* that of the replaced one does not do */
	show(&h, "T01-M2026-000004", "before", "2026-02-03T10:41:00+08:00");
	show(&h, "T01-M2026-000002", "after", "2026-02-03T10:41:00+08:00");
	ih_end(&h, true);
	ih_begin(&h, LATER + 120);
	read_measures(&h, &m, INT64_MAX);
	ck_assert_uint_eq(m.n, 3);
	ck_assert(!measure_counts(&m.v[0]) && m.v[0].by == 2);
	ck_assert(measure_counts(&m.v[1]) && m.v[1].done == LATER + 60);
	ck_assert(measure_counts(&m.v[2]) && m.v[2].done == TIME_NONE);
	ck_assert(span_is(measure_id(&m.v[2]), "T01-M2026-000004") && span_is(measure_value(&m.v[2], "no"), "1"));
	ck_assert_ptr_eq(measures_find(&m, SPAN("T01-M2026-000002")), &m.v[1]);
	ck_assert_ptr_null(measures_find(&m, SPAN("T01-M2026-000003")));
	measures_clear(&m);
	read_measures(&h, &m, LATER - 3600);	/* the first one, and its correction, which bears its time */
	ck_assert_uint_eq(m.n, 2);
	ck_assert(span_is(measure_value(&m.v[0], "text"), "a") && span_is(measure_value(&m.v[1], "text"), "a2"));
	measures_clear(&m);
	ih_close(&h);
}
END_TEST

START_TEST(measure_fits_its_hazard)
{
	struct ih h;
	struct record r;
	char id[ID_MAX];
	struct err e = ERR_INIT;

	begin(&h);
	start(&h, &r, "measures");
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", "T01-H2026-000003", "text", "a")), 1);
	IH_SAYS(&h, "in.csv:7: hazard: T01-H2026-000003 is not in hazards.csv");
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", "X09-H2026-000003", "text", "a")), 1);
	IH_SAYS(&h, "in.csv:7: hazard: there is no hazard X09-H2026-000003 in this register");
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", HAZARD, "text", "a", "at", "2026-02-01")), 1);
	IH_SAYS(&h, "in.csv:7: at: 2026-02-01T00:00:00+08:00 is before hazard " HAZARD " was reported (2026-02-02T09:40:00+08:00)");
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", HAZARD, "text", "a", "at", "2026-02-04")), 1);
	IH_SAYS(&h, "in.csv:7: at: 2026-02-04T00:00:00+08:00 is after now (2026-02-03T10:40:00+08:00)");
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", HAZARD, "text", "a", "due", "2026-02-01")), 1);
	IH_SAYS(&h, "in.csv:7: due: 2026-02-01T23:59:59+08:00 is before hazard " HAZARD " was found (2026-02-02T09:40:00+08:00)");
	ck_assert_int_eq(row(&h, &r, id, SETS("hazard", HAZARD, "text", "a", "due", "2027-02-01")), 0);
	IH_SAYS(&h, "test: warning: in.csv:7: the measure is due 2027-02-01T23:59:59+08:00, after hazard " HAZARD);
	ck_assert_int_eq(record_sums(&r, &h.d, &e), 0);
	ck_assert_uint_eq(h.d.warnings, 1);
	record_end(&r);
	ih_close(&h);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("record");
	TCase *t = tcase_create("record");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, row_becomes_canonical);
	tcase_add_test(t, answer_names_rows);
	tcase_add_test(t, numbers_go_on);
	tcase_add_test(t, header_is_understood);
	tcase_add_test(t, correction_keeps_the_rest);
	tcase_add_test(t, measures_count_and_are_done);
	tcase_add_test(t, measure_fits_its_hazard);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0;
}

/* SPDX-License-Identifier: MIT */
#include "engine/limitroll.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { RUNS = 30000, PARTS = 5 };
static const char *const levels[] = { "township" };
static const struct rollup_part t01 = { SPAN("T01"), SPAN("9"), SPAN("limits"), SPAN("1"), { NULL, 0 } };
static const struct limit ack = { .id = "ack" }, report_in = { .id = "report-in" };
static struct err e;

static struct limitroll *by(const char *dims)
{
	struct rollup_spec spec = { .by = dims, .levels = levels, .nlevels = 1 };
	struct limitroll *l = limitroll_new(&spec, &e);

	ck_assert_msg(l != NULL, "%s", e.text);
	return l;
}

/* The i-th run of many. */
static void some_run(struct limitroll *l, unsigned i)
{
	static const struct span town[] = { SPAN("a"), SPAN("b") }, organ[] = { SPAN("FIRE"), SPAN("GAS"), SPAN("") };
	unsigned h = i * 2654435761u;
	struct limit_run run = { .limit = h % 5 ? &ack : &report_in, .outcome = (enum limit_outcome)((h >> 8) % LIMIT_NOUTCOMES),
		.taken = (h >> 4) % 4000000, .organ = organ[(h >> 11) % 3], .clock = h % 5 ? CALENDAR_WALL : CALENDAR_HOURS };
	size_t n, optional;
	const char *const *need = rollup_needs(l->rollup, &n, &optional);
	struct span v[32] = { { NULL, 0 } };

	for (size_t k = 0; k < n; k++)
		if (!strcmp(need[k], "township_grid"))
			v[k] = town[(h >> 14) % 2];
	limitroll_add(l, v, &run);
}

/* Read parts back, each with its header. */
static struct limitroll *merge(struct span text, size_t *rows)
{
	struct limitroll *sum = NULL;
	struct span line;

	for (*rows = 0; span_split(&text, '\n', &line); ++*rows) {
		struct span f[32] = { { NULL, 0 } };
		size_t n = 0;

		ck_assert_uint_lt(line.n, 70000);
		for (const char *p = line.p, *end = p + line.n; p <= end; p += f[n++].n + 1) {
			const char *c = memchr(p, ',', (size_t)(end - p));

			f[n] = (struct span){ p, (size_t)((c ? c : end) - p) };
		}
		if (!span_is(f[0], "office"))
			ck_assert_msg(limitroll_part_row(sum, f, n, &e) == 0, "%s", e.text);
		else if (!sum) {
			ck_assert(limitroll_is_part(f, n));
			ck_assert_msg((sum = limitroll_part_open(f, n, &e)) != NULL, "%s", e.text);
		}
	}
	return sum;
}

START_TEST(test_any_split_merged_is_the_whole)
{
	struct limitroll *whole = by("township,organ"), *sum, *joined = limitroll_like(whole);
	struct buf parts = BUF_INIT, one = BUF_INIT, again = BUF_INIT;
	size_t rows, groups;

	for (unsigned i = 0; i < RUNS; i++)
		some_run(whole, i);
	limitroll_part_write(whole, &t01, &one);
	for (unsigned k = 0; k < PARTS; k++) {
		struct limitroll *part = limitroll_like(whole);

		for (unsigned i = k; i < RUNS; i += PARTS)
			some_run(part, i);
		limitroll_part_write(part, &t01, &parts);
		limitroll_join(joined, part);
		limitroll_free(part);
	}
	sum = merge(buf_view(&parts), &rows);
	limitroll_part_write(sum, &t01, &again);
	ck_assert_str_eq(again.p, one.p);
	buf_reset(&again);
	limitroll_part_write(joined, &t01, &again);
	ck_assert_str_eq(again.p, one.p);
	rollup_groups(sum->rollup, &groups);
	ck_assert_uint_eq(groups, 2 * 3 * 2);
	limitroll_free(whole);
	limitroll_free(joined);
	limitroll_free(sum);
	buf_clear(&parts);
	buf_clear(&one);
	buf_clear(&again);
}
END_TEST

/* More times than a reader takes in one field stand in several rows, which add up. */
START_TEST(test_many_times_stand_in_many_rows)
{
	struct limitroll *whole = by(""), *sum, *totals;
	struct buf one = BUF_INIT, again = BUF_INIT;
	size_t rows, groups;
	uint64_t begun = 0;
	const struct rollup_group *g;

	for (unsigned i = 0; i < RUNS; i++)
		some_run(whole, i);
	limitroll_part_write(whole, &t01, &one);
	sum = merge(buf_view(&one), &rows);
	ck_assert_uint_gt(rows, 3);	/* two limits */
	limitroll_part_write(sum, &t01, &again);
	ck_assert_str_eq(again.p, one.p);
	totals = limitroll_totals(sum);
	g = rollup_groups(totals->rollup, &groups);
	ck_assert_uint_eq(groups, 2);
	for (size_t i = 0; i < groups; i++)
		begun += limit_sum_begun(limitroll_sum(totals, &g[i]));
	ck_assert_uint_eq(begun, RUNS);
	limitroll_free(whole);
	limitroll_free(sum);
	limitroll_free(totals);
	buf_clear(&one);
	buf_clear(&again);
}
END_TEST

START_TEST(test_bad_parts_are_refused)
{
	struct span header[] = { SPAN("office"), SPAN("head"), SPAN("basis"), SPAN("decimals"), SPAN("target"), SPAN("limit"), SPAN("clock"),
		SPAN("begun"), SPAN("met"), SPAN("late"), SPAN("running"), SPAN("overdue"), SPAN("lapsed"), SPAN("times") };
	struct span row[] = { SPAN("T01"), SPAN("9"), SPAN("limits"), SPAN("1"), SPAN(""), SPAN("ack"), SPAN("wall"), SPAN("3"), SPAN("1"),
		SPAN("1"), SPAN("0"), SPAN("1"), SPAN("0"), SPAN("60:1 90:1") };
	struct limitroll *l = limitroll_part_open(header, 14, &e);

	ck_assert_msg(l != NULL, "%s", e.text);
	ck_assert_int_eq(limitroll_part_row(l, row, 14, &e), 0);
	ck_assert_int_eq(limitroll_part_row(l, row, 13, &e), -1);
	ck_assert_str_eq(e.text, "13 fields, a part of this shape has 14");
	err_clear(&e);
	row[13] = SPAN("60:1");
	ck_assert_int_eq(limitroll_part_row(l, row, 14, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "times are not of all that were met"));
	err_clear(&e);
	row[7] = SPAN("-1");
	ck_assert_int_eq(limitroll_part_row(l, row, 14, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "begun: \"-1\" is not a whole number"));
	err_clear(&e);
	limitroll_free(l);
	header[6] = SPAN("clocks");
	ck_assert_ptr_null(limitroll_part_open(header, 14, &e));
	ck_assert_ptr_nonnull(strstr(e.text, "not a part"));
	err_clear(&e);
	header[6] = SPAN("clock");
	header[8] = SPAN("mat");
	ck_assert_ptr_null(limitroll_part_open(header, 14, &e));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("limitroll");
	TCase *t = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_any_split_merged_is_the_whole);
	tcase_add_test(t, test_many_times_stand_in_many_rows);
	tcase_add_test(t, test_bad_parts_are_refused);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
#include "engine/rollup.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const levels[] = { "county", "township", "village" };
static const char *const major[] = { "major" };
static const struct rollup_part t01 = { SPAN("T01"), SPAN("9"), SPAN("rectified"), SPAN("0"), SPAN("90") };
static struct rollup *r;
static struct err e;
static struct buf out;

static struct rollup *by(const char *dims)
{
	struct rollup_spec spec = { .by = dims, .levels = levels, .nlevels = 3, .major = major, .nmajor = 1 };

	return rollup_new(&spec, &e);
}

static void teardown(void)
{
	rollup_free(r);
	r = NULL;
	buf_clear(&out);
	err_clear(&e);
}

/* A row as list_run would give it, by column name. */
static void add(struct rollup *to, const char *const (*cells)[2], size_t n)
{
	struct span v[40] = { { NULL, 0 } };
	size_t nneeds, optional;
	const char *const *need = rollup_needs(to, &nneeds, &optional);

	for (size_t i = 0; i < nneeds; i++)
		for (size_t k = 0; k < n; k++)
			if (!strcmp(cells[k][0], need[i]))
				v[i] = span_of(cells[k][1]);
	rollup_add(to, v);
}
#define ROW(to, ...) do { const char *const c_[][2] = { __VA_ARGS__ }; add(to, c_, sizeof c_ / sizeof *c_); } while (0)

START_TEST(test_phases_are_counted_where_they_belong)
{
	const struct rollup_group *g;
	size_t n;

	r = by("severity");
	ROW(r, { "severity", "major" }, { "phase", "open" }, { "round", "1" }, { "overdue", "yes" });
	ROW(r, { "severity", "major" }, { "phase", "done" }, { "round", "1" }, { "followed", "yes" }, { "days", "3" });
	ROW(r, { "severity", "major" }, { "phase", "closed" }, { "round", "1" }, { "followed", "yes" }, { "days", "4" });
	ROW(r, { "severity", "major" }, { "phase", "ended" }, { "round", "1" });
	ROW(r, { "severity", "major" }, { "phase", "void" }, { "round", "1" }, { "overdue", "" });
	g = rollup_groups(r, &n);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(g->sum.found, 4);
	ck_assert_uint_eq(g->sum.rectified, 2);
	ck_assert_uint_eq(g->sum.closed, 1);
	ck_assert_uint_eq(g->sum.open, 1);
	ck_assert_uint_eq(g->sum.overdue, 1);
	ck_assert_uint_eq(g->sum.terminated, 1);
	ck_assert_uint_eq(g->sum.void_, 1);
	ck_assert_uint_eq(g->sum.followed, 2);
	ck_assert_uint_eq(g->sum.major, 4);
	ck_assert_uint_eq(g->sum.days, 7);
	ck_assert_uint_eq(g->sum.ndays, 2);
}
END_TEST

START_TEST(test_earlier_rounds_count)
{
	struct figures sum;

	r = by("");
	ROW(r, { "phase", "open" }, { "round", "3" });
	rollup_total(r, &sum);
	ck_assert_uint_eq(sum.found, 3);
	ck_assert_uint_eq(sum.rectified, 2);
	ck_assert_uint_eq(sum.closed, 2);
	ck_assert_uint_eq(sum.open, 1);
}
END_TEST

START_TEST(test_a_reset_forgets_all)
{
	const struct rollup_group *g;
	size_t n;

	r = by("severity");
	ROW(r, { "severity", "major" }, { "phase", "open" }, { "round", "2" });
	ROW(r, { "severity", "minor" }, { "phase", "void" }, { "round", "1" });
	rollup_reset(r);
	rollup_groups(r, &n);
	ck_assert_uint_eq(n, 0);
	ROW(r, { "severity", "minor" }, { "phase", "open" }, { "round", "1" });
	g = rollup_groups(r, &n);
	ck_assert_uint_eq(n, 1);
	ck_assert(span_is(g->id[0], "minor"));
	ck_assert_uint_eq(g->sum.found, 1);
	ck_assert_uint_eq(g->sum.void_, 0);
}
END_TEST

START_TEST(test_villages_of_one_name_stay_two)
{
	const struct rollup_group *g;
	size_t n;

	r = by("village");
	ROW(r, { "village_grid", "990101002" }, { "village_name", "东村" }, { "phase", "open" }, { "round", "1" });
	ROW(r, { "village_grid", "990101001" }, { "village_name", "东村" }, { "phase", "open" }, { "round", "1" });
	g = rollup_groups(r, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert(span_is(g[0].id[0], "990101001"));
	ck_assert(span_is(g[0].name[0], "东村"));
	ck_assert(span_is(g[1].id[0], "990101002"));
}
END_TEST

START_TEST(test_time_buckets)
{
	static const char *const at = "2026-03-16T08:00:00+08:00";
	static const struct { const char *dim, *shown; } want[] = { { "day", "2026-03-16" }, { "week", "2026-W12" },
		{ "month", "2026-03" }, { "quarter", "2026Q1" }, { "year", "2026" } };

	for (size_t i = 0; i < 5; i++) {
		size_t n;

		r = by(want[i].dim);
		ROW(r, { "reported_at", at }, { "phase", "open" }, { "round", "1" });
		ck_assert(span_is(rollup_groups(r, &n)->id[0], want[i].shown));
		rollup_free(r);
	}
	r = by("day,month");	/* two dimensions from one column */
	ROW(r, { "reported_at", at }, { "phase", "open" }, { "round", "1" });
}
END_TEST

START_TEST(test_unknown_dimensions_are_named)
{
	ck_assert_ptr_null(by("vilage"));
	ck_assert_int_eq(e.status, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "--by: \"vilage\" is not a dimension, did you mean village?"));
	err_clear(&e);
	ck_assert_ptr_null(by("village,village"));
	ck_assert_str_eq(e.text, "--by: \"village\" stands twice");
}
END_TEST

/* A thousand made-up rows, the i-th of them. */
static void some_row(struct rollup *to, unsigned i)
{
	static const char *const phase[] = { "open", "done", "closed", "ended", "void" };
	static const char *const town[] = { "a", "b", "c" }, *const sev[] = { "minor", "major" };
	unsigned h = i * 2654435761u;
	char round[12], days[12];

	snprintf(round, sizeof round, "%u", 1 + (h >> 7) % 3);
	snprintf(days, sizeof days, "%u", (h >> 9) % 50);
	ROW(to, { "township_grid", town[h % 3] }, { "township_name", town[h % 3] }, { "severity", sev[(h >> 3) % 2] },
	    { "phase", phase[(h >> 5) % 5] }, { "round", round }, { "days", days }, { "overdue", (h >> 11) % 2 ? "yes" : "" },
	    { "followed", (h >> 12) % 2 ? "yes" : "" });
}

/* Every part read back and added up. */
static struct rollup *merge(const struct buf *parts, size_t n)
{
	struct rollup *sum = NULL;

	for (size_t i = 0; i < n; i++) {
		struct span rest = buf_view(&parts[i]), line;

		for (bool header = true; span_split(&rest, '\n', &line); header = false) {
			struct span f[40] = { { NULL, 0 } }, field;
			size_t nf = 0;

			for (const char *p = line.p, *end = p + line.n; p <= end; p += field.n + 1) {
				const char *c = memchr(p, ',', (size_t)(end - p));

				field = (struct span){ p, (size_t)((c ? c : end) - p) };
				f[nf++] = field;
			}
			if (header && !sum)
				ck_assert_ptr_nonnull(sum = rollup_part_open(f, nf, &e));
			else if (!header)
				ck_assert_msg(rollup_part_row(sum, f, nf, &e) == 0, "%s", e.text);
		}
	}
	return sum;
}

START_TEST(test_any_split_merged_is_the_whole)
{
	struct buf whole = BUF_INIT, parts[7] = { BUF_INIT }, again = BUF_INIT;

	r = by("township,severity");
	for (unsigned i = 0; i < 1000; i++)
		some_row(r, i);
	rollup_part_write(r, &t01, &whole);
	for (unsigned k = 0; k < 7; k++) {
		struct rollup *part = rollup_like(r);

		for (unsigned i = k; i < 1000; i += 7)
			some_row(part, i);
		rollup_part_write(part, &t01, &parts[k]);
		rollup_free(part);
	}
	struct rollup *sum = merge(parts, 7);

	rollup_part_write(sum, &t01, &again);
	ck_assert_str_eq(again.p, whole.p);
	rollup_free(sum);
	for (unsigned k = 0; k < 7; k++)
		buf_clear(&parts[k]);
	buf_clear(&whole);
	buf_clear(&again);
}
END_TEST

START_TEST(test_threads_join_to_the_same)
{
	struct rollup *half;
	struct figures one, two;

	r = by("township");
	half = rollup_like(r);
	for (unsigned i = 0; i < 500; i++) {
		some_row(r, i);
		some_row(half, i + 500);
	}
	rollup_join(r, half);
	rollup_free(half);
	rollup_total(r, &one);
	half = by("");
	for (unsigned i = 0; i < 1000; i++)
		some_row(half, i);
	rollup_total(half, &two);
	ck_assert(memcmp(&one, &two, sizeof one) == 0);
	rollup_free(half);
}
END_TEST

START_TEST(test_missing_columns_are_not_zero)
{
	const char *const *need;
	size_t n, optional;

	r = by("township");
	need = rollup_needs(r, &n, &optional);
	for (size_t i = optional; i < n; i++)
		if (!strcmp(need[i], "days"))
			rollup_without(r, i);
	ck_assert(!rollup_has(r, ROLLUP_DAYS));
	ck_assert(rollup_has(r, ROLLUP_OVERDUE));
	some_row(r, 1);
	rollup_part_write(r, &t01, &out);
	ck_assert(out.n > 3 && !strcmp(out.p + out.n - 3, ",,\n"));
	struct rollup *sum = merge(&out, 1);
	ck_assert(!rollup_has(sum, ROLLUP_DAYS));
	rollup_free(sum);
}
END_TEST

START_TEST(test_counts_are_for_who_asks)
{
	struct rollup_spec spec = { .by = "duty", .counts = true };
	const char *const *need;
	struct figures sum;
	size_t n, optional;

	r = by("severity");
	ck_assert(!rollup_has(r, ROLLUP_CLIMBED));
	rollup_free(r);
	ck_assert_ptr_nonnull(r = rollup_new(&spec, &e));
	need = rollup_needs(r, &n, &optional);
	for (size_t i = optional; i < n; i++)
		if (!strcmp(need[i], "raised"))
			rollup_without(r, i);
	ROW(r, { "duty", "A" }, { "phase", "open" }, { "round", "3" }, { "handovers", "2" }, { "returns", "1" }, { "raised", "9" }, { "climbed", "4" });
	ROW(r, { "duty", "A" }, { "phase", "void" }, { "round", "1" }, { "handovers", "5" }, { "returns", "5" }, { "climbed", "5" });
	ROW(r, { "duty", "B" }, { "phase", "closed" }, { "round", "1" }, { "handovers", "" }, { "returns", "x" }, { "climbed", "1" });
	rollup_part_write(r, &t01, &out);
	struct rollup *merged = merge(&out, 1);
	rollup_total(merged, &sum);
	ck_assert_uint_eq(sum.found, 4);
	ck_assert_uint_eq(sum.handovers, 2);
	ck_assert_uint_eq(sum.returns, 1);
	ck_assert_uint_eq(sum.climbed, 5);
	ck_assert(rollup_has(merged, ROLLUP_CLIMBED) && !rollup_has(merged, ROLLUP_RAISED));
	rollup_free(merged);
}
END_TEST

START_TEST(test_bad_parts_are_refused)
{
	struct span header[] = { SPAN("township"), SPAN("found") }, row[40] = { { NULL, 0 } };

	ck_assert_ptr_null(rollup_part_open(header, 2, &e));
	ck_assert_ptr_nonnull(strstr(e.text, "not a part"));
	err_clear(&e);
	r = by("township");
	ck_assert_int_eq(rollup_part_row(r, row, 5, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "5 fields"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rollup");
	TCase *tc = tcase_create("rollup");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, test_phases_are_counted_where_they_belong);
	tcase_add_test(tc, test_earlier_rounds_count);
	tcase_add_test(tc, test_a_reset_forgets_all);
	tcase_add_test(tc, test_villages_of_one_name_stay_two);
	tcase_add_test(tc, test_time_buckets);
	tcase_add_test(tc, test_unknown_dimensions_are_named);
	tcase_add_test(tc, test_any_split_merged_is_the_whole);
	tcase_add_test(tc, test_threads_join_to_the_same);
	tcase_add_test(tc, test_missing_columns_are_not_zero);
	tcase_add_test(tc, test_counts_are_for_who_asks);
	tcase_add_test(tc, test_bad_parts_are_refused);
	suite_add_tcase(suite, tc);
	sr = srunner_create(suite);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}

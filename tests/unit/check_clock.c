/* SPDX-License-Identifier: MIT */
#include "model/clock.h"

#include <check.h>
#include <stdlib.h>

#include "base/time.h"

#define OFFSET 28800
#define HOUR 3600

static int64_t at(const char *s)
{
	int64_t t;
	struct err e = ERR_INIT;

	ck_assert_msg(time_parse(span_of(s), OFFSET, &t, NULL, &e) == 0, "%s", e.text);
	return t;
}

static struct term term_of(const char *s)
{
	struct term t;
	struct err e = ERR_INIT;

	ck_assert_msg(term_parse(span_of(s), &t, &e) == 0, "%s", e.text);
	return t;
}

static void is_at(int64_t t, const char *want)
{
	char text[TIME_LEN + 1];

	time_write(t, OFFSET, text);
	ck_assert_str_eq(text, want);
}

/* The due time of a term without holds. */
static void due_is(const char *start, const char *term, const char *want)
{
	struct err e = ERR_INIT;
	int64_t due;
	bool held;

	ck_assert_msg(clock_due(at(start), term_of(term), NULL, 0, 0, OFFSET, NULL, &due, &held, NULL, &e) == 0, "%s", e.text);
	ck_assert(!held);
	is_at(due, want);
}

START_TEST(terms)
{
	due_is("2026-02-02T14:35:00", "30m", "2026-02-02T15:05:00+08:00");
	due_is("2026-02-02T14:35:00", "24h", "2026-02-03T14:35:00+08:00");
	due_is("2026-02-02T14:35:00", "72h", "2026-02-05T14:35:00+08:00");
	due_is("2026-02-02T14:35:00", "0d", "2026-02-03T00:00:00+08:00");
	due_is("2026-02-02T14:35:00", "3d", "2026-02-06T00:00:00+08:00");
	due_is("2026-02-28T23:59:59", "1d", "2026-03-02T00:00:00+08:00");
	due_is("2028-02-02T14:35:00", "month end", "2028-03-01T00:00:00+08:00");
	due_is("2026-12-31T14:35:00", "month end", "2027-01-01T00:00:00+08:00");
}
END_TEST

START_TEST(working_time_needs_a_calendar)
{
	struct err e = ERR_INIT;
	int64_t due;
	bool held;

	ck_assert_int_eq(clock_due(0, term_of("5wd"), NULL, 0, 0, OFFSET, NULL, &due, &held, NULL, &e), -1);
	ck_assert_str_eq(e.text, "5wd counts working time, and no calendar of working days is given; write m, h or d");
	err_clear(&e);
	ck_assert_int_eq(clock_add(0, term_of("4wh"), OFFSET, NULL, &due, &e), -1);
	ck_assert_str_eq(e.text, "4wh counts working time, and no calendar of working days is given; write m, h or d");
}
END_TEST

START_TEST(holds_do_not_count)
{
	struct clock_hold h[2] = { { at("2026-02-02T12:00:00"), at("2026-02-02T18:00:00"), SPAN("rain") },
		{ at("2026-02-03T06:00:00"), TIME_NONE, SPAN("parts") } };
	int64_t start = at("2026-02-02T10:00:00"), due;
	struct err e = ERR_INIT;
	bool held;

	clock_due(start, term_of("8h"), h, 1, start, OFFSET, NULL, &due, &held, NULL, &e);
	is_at(due, "2026-02-03T00:00:00+08:00");
	ck_assert(!held);
	/* 2 + 12 hours used when the open hold began; 10 are left, from now */
	clock_due(start, term_of("24h"), h, 2, at("2026-02-04T06:00:00"), OFFSET, NULL, &due, &held, NULL, &e);
	is_at(due, "2026-02-04T16:00:00+08:00");
	ck_assert(held);
	/* a hold after the limit was used up changes nothing */
	clock_due(start, term_of("1h"), h, 2, at("2026-02-04T06:00:00"), OFFSET, NULL, &due, &held, NULL, &e);
	is_at(due, "2026-02-02T11:00:00+08:00");
	/* days move by as much as was held */
	clock_due(start, term_of("0d"), h, 1, start, OFFSET, NULL, &due, &held, NULL, &e);
	is_at(due, "2026-02-03T06:00:00+08:00");
}
END_TEST

START_TEST(a_hold_before_the_start_counts_from_the_start)
{
	struct clock_hold h = { at("2026-02-02T08:00:00"), at("2026-02-02T12:00:00"), SPAN("") };
	int64_t due;
	struct err e = ERR_INIT;
	bool held;

	clock_due(at("2026-02-02T10:00:00"), term_of("1h"), &h, 1, 0, OFFSET, NULL, &due, &held, NULL, &e);
	is_at(due, "2026-02-02T13:00:00+08:00");
}
END_TEST

/* Whatever the holds, counted spans add up to the limit, spans meet without gaps, and the last one ends at the due time. */
START_TEST(spans_add_up)
{
	unsigned seed = 20260202;

	for (int round = 0; round < 2000; round++) {
		struct clock_hold h[6];
		struct clock_trace trace = { NULL, 0, 0 };
		struct term term = { rand_r(&seed) % 40, rand_r(&seed) % 2 ? TERM_HOUR : TERM_DAY };
		int64_t start = at("2026-02-02T10:00:00") + rand_r(&seed) % 100000, t = start - 5 * HOUR, due, sum = 0, plain, now;
		size_t n = (size_t)(rand_r(&seed) % 6);
		struct err e = ERR_INIT;
		bool held;

		for (size_t i = 0; i < n; i++) {
			h[i].from = t += rand_r(&seed) % (9 * HOUR);
			h[i].to = t += rand_r(&seed) % (9 * HOUR);
			h[i].reason = SPAN("r");
		}
		now = t + rand_r(&seed) % 100000;
		if (n > 0 && rand_r(&seed) % 3 == 0)
			h[n - 1].to = TIME_NONE;
		ck_assert_int_eq(clock_due(start, term, NULL, 0, now, OFFSET, NULL, &plain, &held, NULL, &e), 0);
		ck_assert_int_eq(clock_due(start, term, h, n, now, OFFSET, NULL, &due, &held, &trace, &e), 0);
		for (size_t i = 0; i < trace.n; i++) {
			ck_assert_int_eq(trace.v[i].from, i ? trace.v[i - 1].to : start);
			sum += trace.v[i].counted ? trace.v[i].to - trace.v[i].from : 0;
		}
		ck_assert_int_eq(sum, plain - start);
		ck_assert_int_eq(trace.n ? trace.v[trace.n - 1].to : start, due);
		ck_assert_int_ge(due, plain);
		free(trace.v);
	}
}
END_TEST

/* When a rung falls. */
static void rung_is(const char *rung, const char *want)
{
	struct rung_at a;
	struct err e = ERR_INIT;
	int64_t t;

	ck_assert_msg(rung_at_parse(span_of(rung), &a, &e) == 0, "%s", e.text);
	ck_assert_msg(clock_rung(at("2026-02-02T10:00:00"), at("2026-02-03T10:00:00"), &a, OFFSET, NULL, &t, &e) == 0, "%s", e.text);
	is_at(t, want);
}

START_TEST(rungs)
{
	rung_is("due", "2026-02-03T10:00:00+08:00");
	rung_is("due-50%", "2026-02-02T22:00:00+08:00");
	rung_is("due-100%", "2026-02-02T10:00:00+08:00");
	rung_is("due-2h", "2026-02-03T08:00:00+08:00");
	rung_is("due+2d", "2026-02-05T10:00:00+08:00");
}
END_TEST

START_TEST(adding)
{
	struct err e = ERR_INIT;
	int64_t t;

	clock_add(at("2026-02-02T10:00:00"), term_of("7d"), OFFSET, NULL, &t, &e);
	is_at(t, "2026-02-09T10:00:00+08:00");
	clock_add(at("2026-02-02T10:00:00"), term_of("90m"), OFFSET, NULL, &t, &e);
	is_at(t, "2026-02-02T11:30:00+08:00");
	clock_add(at("2026-02-02T10:00:00"), term_of("month end"), OFFSET, NULL, &t, &e);
	is_at(t, "2026-03-01T00:00:00+08:00");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("clock");
	TCase *t = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, terms);
	tcase_add_test(t, working_time_needs_a_calendar);
	tcase_add_test(t, holds_do_not_count);
	tcase_add_test(t, a_hold_before_the_start_counts_from_the_start);
	tcase_add_test(t, spans_add_up);
	tcase_add_test(t, rungs);
	tcase_add_test(t, adding);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0;
}

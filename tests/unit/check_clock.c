/* SPDX-License-Identifier: MIT */
#include "model/clock.h"

#include "calhelp.h"
#include "model/worktime.h"
#include "runhelp.h"

#define HOUR 3600

static struct term term_of(const char *s)
{
	struct term t;
	struct err e = ERR_INIT;

	ck_assert_msg(term_parse(span_of(s), &t, &e) == 0, "%s", e.text);
	return t;
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

/* From a due time on: at midnight that is the end of the day before. */
static void after_due_is(const char *due, const char *term, const struct worktime *w, const char *want)
{
	struct err e = ERR_INIT;
	int64_t end;
	bool held;

	ck_assert_msg(clock_after_due(at(due), term_of(term), NULL, 0, 0, OFFSET, w, &end, &held, NULL, &e) == 0, "%s", e.text);
	is_at(end, want);
}

START_TEST(from_a_due_time)
{
	struct policy *p = cal_load("years:\n  2026: {holidays: [2026-03-11], workdays: [2026-01-04]}\nhours: [\"08:00-12:00\", \"14:00-18:00\"]\n");
	struct worktime w = { p->calendar, CALENDAR_DAYS, "", OFFSET };
	struct rung_at rung;
	struct err e = ERR_INIT;
	int64_t t;

	after_due_is("2026-03-10T00:00:00", "10d", NULL, "2026-03-20T00:00:00+08:00");
	after_due_is("2026-03-10T00:00:00", "0d", NULL, "2026-03-10T00:00:00+08:00");
	after_due_is("2026-03-10T00:00:01", "10d", NULL, "2026-03-21T00:00:00+08:00");
	after_due_is("2026-03-09T23:59:59", "10d", NULL, "2026-03-20T00:00:00+08:00");
	after_due_is("2026-03-10T00:00:00", "24h", NULL, "2026-03-11T00:00:00+08:00");
	after_due_is("2026-03-10T00:00:00", "month end", NULL, "2026-04-01T00:00:00+08:00");
	after_due_is("2026-04-01T00:00:00", "month end", NULL, "2026-04-01T00:00:00+08:00");
	/* Monday the 9th ends then: Tuesday, (a holiday), Thursday, Friday, Monday */
	after_due_is("2026-03-10T00:00:00", "2wd", &w, "2026-03-13T00:00:00+08:00");
	after_due_is("2026-03-10T00:00:00", "4wd", &w, "2026-03-17T00:00:00+08:00");
	after_due_is("2026-03-09T18:00:00", "2wd", &w, "2026-03-13T00:00:00+08:00");
	/* Friday the 13th ends then; Sunday the 15th */
	after_due_is("2026-03-14T00:00:00", "1wd", &w, "2026-03-17T00:00:00+08:00");
	after_due_is("2026-03-16T00:00:00", "1wd", &w, "2026-03-17T00:00:00+08:00");
	after_due_is("2026-03-10T00:00:00", "4wh", &w, "2026-03-10T12:00:00+08:00");
	/* rungs and what repeats after them are lengths, and agree: three days, two working days behind it and before it */
	ck_assert_int_eq(rung_at_parse(SPAN("due+3d"), &rung, &e), 0);
	ck_assert_int_eq(clock_rung(0, at("2026-03-10T00:00:00"), &rung, OFFSET, &w, &t, &e), 0);
	is_at(t, "2026-03-13T00:00:00+08:00");
	ck_assert_int_eq(rung_at_parse(SPAN("due+2wd"), &rung, &e), 0);
	ck_assert_int_eq(clock_rung(0, at("2026-03-10T00:00:00"), &rung, OFFSET, &w, &t, &e), 0);
	is_at(t, "2026-03-13T00:00:00+08:00");
	ck_assert_int_eq(clock_add(t, term_of("1wd"), OFFSET, &w, &t, &e), 0);
	is_at(t, "2026-03-14T00:00:00+08:00");
	ck_assert_int_eq(rung_at_parse(SPAN("due-2wd"), &rung, &e), 0);
	ck_assert_int_eq(clock_rung(0, at("2026-03-17T00:00:00"), &rung, OFFSET, &w, &t, &e), 0);
	is_at(t, "2026-03-13T00:00:00+08:00");
	policy_free(p);
}
END_TEST

START_TEST(working_time_needs_a_calendar)
{
	struct err e = ERR_INIT;
	int64_t due;
	bool held;

	ck_assert_int_eq(clock_due(0, term_of("5wd"), NULL, 0, 0, OFFSET, NULL, &due, &held, NULL, &e), -1);
	ck_assert_str_eq(e.text, "5wd counts working time, and the policy has no calendar.yaml; add one, or write m, h or d");
	err_clear(&e);
	ck_assert_int_eq(clock_add(0, term_of("4wh"), OFFSET, NULL, &due, &e), -1);
	ck_assert_str_eq(e.text, "4wh counts working time, and the policy has no calendar.yaml; add one, or write m, h or d");
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

/* An office whose Sunday of 8 March 2026 is a make-up day, closed from 1 to 5 May. */
static const char mayday[] = "years:\n  2025: {holidays: [], workdays: []}\n  2026:\n"
	"    holidays: [2026-05-01, 2026-05-02, 2026-05-03, 2026-05-04, 2026-05-05]\n    workdays: [2026-03-08, 2026-05-09]\n" OFFICE_HOURS
	"organs: {fire: {hours: [\"00:00-24:00\"], week: [1, 2, 3, 4, 5, 6, 7], holidays: no}}\n";

START_TEST(working_time)
{
	static const struct {
		const char *organ, *start, *term, *due;
	} all[] = {
		{ "", "2026-03-06T16:30", "4wh", "2026-03-08T11:30" }, { "", "2026-03-13T16:30", "4wh", "2026-03-16T11:30" },
		{ "", "2026-04-30T16:30", "4wh", "2026-05-06T11:30" },
		{ "", "2026-04-30T16:30", "5wd", "2026-05-12T00:00" },		/* 24:00 of Monday 11 May: the 9th is worked */
		{ "", "2026-04-30T15:00", "24h", "2026-05-01T15:00" },		/* wall time is due on the holiday */
		{ "", "2026-04-30T15:00", "1d", "2026-05-02T00:00" },
		{ "", "2026-03-09T09:00", "0wd", "2026-03-10T00:00" },		/* what is left of the day */
		{ "", "2026-03-09T00:00", "1wd", "2026-03-11T00:00" },
		{ "", "2026-03-09T23:59:59", "1wd", "2026-03-11T00:00" },
		{ "", "2026-03-14T10:00", "1wd", "2026-03-17T00:00" },		/* found on a Saturday: 24:00 of Monday */
		{ "", "2026-03-14T10:00", "0wh", "2026-03-16T08:00" },
		{ "", "2026-01-30T16:30", "1wd", "2026-02-03T00:00" },		/* the end of a month on a Friday */
		{ "fire", "2026-05-01T22:00", "4wh", "2026-05-02T02:00" }, { "fire", "2026-05-01T22:00", "2wd", "2026-05-04T00:00" },
	};
	struct policy *p = cal_load(mayday);
	struct err e = ERR_INIT;
	int64_t due;
	bool held;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct worktime w = { p->calendar, CALENDAR_WALL, all[i].organ, OFFSET };

		ck_assert_msg(clock_due(at(all[i].start), term_of(all[i].term), NULL, 0, 0, OFFSET, &w, &due, &held, NULL, &e) == 0, "%s",
		    e.text);
		is_at(due, all[i].due);
	}
	struct worktime w = { p->calendar, CALENDAR_WALL, "", OFFSET };

	ck_assert_int_eq(clock_due(at("2026-12-31T16:30"), term_of("5wd"), NULL, 0, 0, OFFSET, &w, &due, &held, NULL, &e), -1);
	ck_assert_str_eq(e.text, "calendar.yaml: 2027 is not covered; add it under years");
	policy_free(p);
}
END_TEST

/* n working days with the start day left out (domain.md 9): due at 24:00 of the result, whenever in the day it began. */
START_TEST(domain)
{
	static const struct {
		const char *start, *term, *result;
	} all[] = {
		{ "2026-02-03", "3wd", "2026-02-06" }, { "2026-02-13", "1wd", "2026-02-14" }, { "2026-02-13", "2wd", "2026-02-24" },
		{ "2026-02-14", "1wd", "2026-02-24" }, { "2026-02-27", "1wd", "2026-02-28" }, { "2026-01-01", "1wd", "2026-01-04" },
		{ "2026-09-18", "1wd", "2026-09-20" }, { "2026-09-24", "3wd", "2026-09-30" }, { "2026-09-30", "5wd", "2026-10-13" },
		{ "2025-09-26", "1wd", "2025-09-28" }, { "2025-09-30", "1wd", "2025-10-09" }, { "2025-01-24", "3wd", "2025-02-05" },
		{ "2024-02-09", "5wd", "2024-02-22" }, { "2024-09-13", "2wd", "2024-09-18" }, { "2024-12-31", "1wd", "2025-01-02" },
		{ "2025-12-31", "3wd", "2026-01-06" },
	};
	struct policy *p = cal_shipped(OFFICE_HOURS);
	struct worktime w = { p->calendar, CALENDAR_WALL, "", OFFSET };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (int hour = 0; hour < 24; hour += 7) {
			struct err e = ERR_INIT;
			int64_t due;
			bool held;

			ck_assert_int_eq(clock_due(at(all[i].start) + hour * HOUR, term_of(all[i].term), NULL, 0, 0, OFFSET, &w, &due, &held, NULL,
			    &e), 0);
			ck_assert_int_eq(due, at(all[i].result) + TIME_DAY);
		}
	policy_free(p);
}
END_TEST

/* A hold takes away counted time only: lunch and weekends within it were lost to nobody. */
START_TEST(working_time_held)
{
	static const struct {
		const char *start, *term, *from, *to, *due;
	} all[] = {
		{ "2026-03-09T08:00", "2wh", "2026-03-09T08:30", "2026-03-09T09:35", "2026-03-09T11:05" },	/* 65 minutes, Znuny's manual */
		{ "2026-03-09T08:00", "2h", "2026-03-09T08:30", "2026-03-09T09:35", "2026-03-09T11:05" },
		{ "2026-03-09T11:00", "2wh", "2026-03-09T11:30", "2026-03-09T14:30", "2026-03-09T16:00" },
		{ "2026-03-13T16:00", "2wh", "2026-03-13T18:00", "2026-03-16T08:00", "2026-03-16T09:00" },	/* over the weekend: nothing */
		{ "2026-03-09T09:00", "1wd", "2026-03-13T10:00", "2026-03-13T11:00", "2026-03-11T00:00" },	/* after the end: nothing */
		{ "2026-03-12T09:00", "1wd", "2026-03-13T10:00", "2026-03-13T11:00", "2026-03-16T01:00" },
		{ "2026-03-12T09:00", "1wd", "2026-03-13T10:00", "2026-03-15T11:00", "2026-03-16T14:00" },
		{ "2026-03-09T08:00", "4wh", "2026-03-09T12:00", "2026-03-09T15:00", "2026-03-09T12:00" },	/* begins as the limit ends */
		{ "2026-03-09T08:00", "4wh", "2026-03-09T07:00", "2026-03-09T09:00", "2026-03-09T15:00" },	/* 3 hours of the morning, one after lunch */
	};
	struct policy *p = cal_load(mayday);
	struct worktime w = { p->calendar, CALENDAR_WALL, "", OFFSET };
	struct err e = ERR_INIT;
	struct clock_hold h;
	int64_t due;
	bool held;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		h = (struct clock_hold){ at(all[i].from), at(all[i].to), SPAN("") };
		ck_assert_int_eq(clock_due(at(all[i].start), term_of(all[i].term), &h, 1, 0, OFFSET, &w, &due, &held, NULL, &e), 0);
		is_at(due, all[i].due);
		ck_assert(!held);
	}
	/* still held: the due time moves with now, and stands still while nothing would count */
	h = (struct clock_hold){ at("2026-03-13T16:30"), TIME_NONE, SPAN("") };
	clock_due(at("2026-03-13T16:00"), term_of("1wh"), &h, 1, at("2026-03-14T12:00"), OFFSET, &w, &due, &held, NULL, &e);
	is_at(due, "2026-03-16T08:30");
	ck_assert(held);
	clock_due(at("2026-03-13T16:00"), term_of("1wh"), &h, 1, at("2026-03-16T10:00"), OFFSET, &w, &due, &held, NULL, &e);
	is_at(due, "2026-03-16T10:30");
	policy_free(p);
}
END_TEST

/* The lines of --explain. */
START_TEST(told)
{
	static const struct {
		const char *from, *to, *why;
		bool counted;
	} want[] = {
		{ "2026-03-06T16:00", "2026-03-06T17:00", "", true }, { "2026-03-06T17:00", "2026-03-08T08:00", "weekend", false },
		{ "2026-03-08T08:00", "2026-03-08T09:00", "make-up day", true }, { "2026-03-08T09:00", "2026-03-08T11:00", "rain", false },
		{ "2026-03-08T11:00", "2026-03-08T12:00", "make-up day", true }, { "2026-03-08T12:00", "2026-03-08T14:00", "off hours", false },
		{ "2026-03-08T14:00", "2026-03-08T15:00", "make-up day", true },
	};
	struct policy *p = cal_load(mayday);
	struct worktime w = { p->calendar, CALENDAR_WALL, "", OFFSET };
	struct clock_hold h = { at("2026-03-08T09:00"), at("2026-03-08T11:00"), SPAN("rain") };
	struct clock_trace trace = { NULL, 0, 0 };
	struct err e = ERR_INIT;
	int64_t due;
	bool held;

	ck_assert_int_eq(clock_due(at("2026-03-06T16:00"), term_of("4wh"), &h, 1, 0, OFFSET, &w, &due, &held, &trace, &e), 0);
	ck_assert_uint_eq(trace.n, sizeof want / sizeof *want);
	for (size_t i = 0; i < trace.n; i++) {
		is_at(trace.v[i].from, want[i].from);
		is_at(trace.v[i].to, want[i].to);
		ck_assert(span_is(trace.v[i].why, want[i].why));
		ck_assert(trace.v[i].counted == want[i].counted);
	}
	/* days that meet are one */
	trace.n = 0;
	ck_assert_int_eq(clock_due(at("2026-03-09T16:00"), term_of("3wd"), NULL, 0, 0, OFFSET, &w, &due, &held, &trace, &e), 0);
	ck_assert_uint_eq(trace.n, 1);
	is_at(trace.v[0].to, "2026-03-13T00:00");
	free(trace.v);
	policy_free(p);
}
END_TEST

/* Whatever the calendar, the holds and the term: counted spans add up to the limit, each of them is counted by the calendar and by
 * no hold, spans meet without gaps, and the last one ends at the due time. */
START_TEST(counted_spans_add_up)
{
	static const enum term_unit units[] = { TERM_WORK_HOUR, TERM_WORK_DAY, TERM_HOUR, TERM_DAY, TERM_MONTH_END, TERM_MINUTE };
	unsigned seed = 20260430;

	for (int round = 0; round < 3000; round++) {
		static struct policy *p;
		struct clock_hold h[6];
		struct clock_trace trace = { NULL, 0, 0 };
		struct term term = { dice(&seed, 30), units[dice(&seed, 6)] };
		int64_t start = at("2023-03-02T10:00:00") + dice(&seed, 86400 * 300), t = start - 5 * HOUR, due, plain, now, limit, sum = 0, in;
		size_t n = (size_t)dice(&seed, 6);
		struct err e = ERR_INIT;
		bool held;

		if (round % 50 == 0) {
			policy_free(p);
			p = cal_random(&seed);
		}
		struct worktime w = { p->calendar, CALENDAR_WALL, "", OFFSET };

		for (size_t i = 0; i < n; i++) {
			h[i].from = t += dice(&seed, 30 * HOUR);
			h[i].to = t += dice(&seed, 30 * HOUR);
			h[i].reason = SPAN("r");
		}
		now = t + dice(&seed, 100000);
		if (n > 0 && dice(&seed, 3) == 0)
			h[n - 1].to = TIME_NONE;
		ck_assert_int_eq(clock_due(start, term, NULL, 0, now, OFFSET, &w, &plain, &held, NULL, &e), 0);
		ck_assert_msg(clock_due(start, term, h, n, now, OFFSET, &w, &due, &held, &trace, &e) == 0, "%s", e.text);
		w.kind = term.unit == TERM_WORK_HOUR ? CALENDAR_HOURS : term.unit == TERM_WORK_DAY ? CALENDAR_DAYS : CALENDAR_WALL;
		ck_assert_int_eq(worktime_between(&w, start, plain, &limit, &e), 0);
		if (term.unit == TERM_WORK_HOUR)
			ck_assert_int_eq(limit, term.n * HOUR);
		for (size_t i = 0; i < trace.n; i++) {
			ck_assert_int_eq(trace.v[i].from, i ? trace.v[i - 1].to : start);
			if (!trace.v[i].counted)
				continue;
			ck_assert_int_eq(worktime_between(&w, trace.v[i].from, trace.v[i].to, &in, &e), 0);
			ck_assert_int_eq(in, trace.v[i].to - trace.v[i].from);
			for (size_t k = 0; k < n; k++)
				ck_assert(h[k].from >= trace.v[i].to || (h[k].to == TIME_NONE ? now : h[k].to) <= trace.v[i].from || h[k].from == h[k].to);
			sum += in;
		}
		ck_assert_int_eq(sum, limit);
		ck_assert_int_eq(trace.n ? trace.v[trace.n - 1].to : start, due);
		ck_assert_int_ge(due, plain);
		free(trace.v);
		if (round == 2999)
			policy_free(p);
	}
}
END_TEST

/* Rungs before and after a due time of working time, and shares of it. */
START_TEST(working_rungs)
{
	static const struct {
		enum calendar_kind kind;
		const char *start, *due, *rung, *at;
	} all[] = {
		{ CALENDAR_HOURS, "2026-03-06T16:30", "2026-03-08T11:30", "due-2wh", "2026-03-08T09:30" },
		{ CALENDAR_HOURS, "2026-03-06T16:30", "2026-03-08T11:30", "due-4wh", "2026-03-06T16:30" },
		{ CALENDAR_HOURS, "2026-03-06T16:30", "2026-03-08T11:30", "due-50%", "2026-03-08T09:30" },
		{ CALENDAR_HOURS, "2026-03-06T16:30", "2026-03-08T11:30", "due-100%", "2026-03-06T16:30" },
		{ CALENDAR_HOURS, "2026-03-06T16:30", "2026-03-08T11:30", "due", "2026-03-08T11:30" },
		{ CALENDAR_HOURS, "2026-03-06T16:30", "2026-03-08T11:30", "due+1wh", "2026-03-08T14:30" },
		{ CALENDAR_HOURS, "2026-03-06T16:30", "2026-03-08T11:30", "due+2wd", "2026-03-10T11:30" },
		{ CALENDAR_DAYS, "2026-04-29T00:00", "2026-05-08T00:00", "due-50%", "2026-05-06T00:00" },
		{ CALENDAR_WALL, "2026-04-29T00:00", "2026-05-09T00:00", "due-50%", "2026-05-04T00:00" },
		{ CALENDAR_WALL, "2026-04-29T00:00", "2026-05-02T00:00", "due+1wd", "2026-05-07T00:00" },
		{ CALENDAR_WALL, "2026-04-29T00:00", "2026-05-02T00:00", "due-1wd", "2026-04-30T00:00" },
	};
	struct policy *p = cal_load(mayday);
	struct err e = ERR_INIT;
	int64_t t;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct worktime w = { p->calendar, all[i].kind, "", OFFSET };
		struct rung_at a;

		ck_assert(rung_at_parse(span_of(all[i].rung), &a, &e) == 0);
		ck_assert_msg(clock_rung(at(all[i].start), at(all[i].due), &a, OFFSET, &w, &t, &e) == 0, "%s", e.text);
		is_at(t, all[i].at);
	}
	policy_free(p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("clock");
	TCase *t = tcase_create("all");

	tcase_add_test(t, terms);
	tcase_add_test(t, from_a_due_time);
	tcase_add_test(t, working_time_needs_a_calendar);
	tcase_add_test(t, holds_do_not_count);
	tcase_add_test(t, a_hold_before_the_start_counts_from_the_start);
	tcase_add_test(t, spans_add_up);
	tcase_add_test(t, rungs);
	tcase_add_test(t, adding);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, working_time);
	tcase_add_test(t, domain);
	tcase_add_test(t, working_time_held);
	tcase_add_test(t, told);
	tcase_add_test(t, counted_spans_add_up);
	tcase_add_test(t, working_rungs);
	suite_add_tcase(s, t);
	return h_run(s);
}

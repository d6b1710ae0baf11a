/* SPDX-License-Identifier: MIT */
#include "model/worktime.h"

#include "calhelp.h"
#include "runhelp.h"

#define HOUR 3600

/* An office of those hours, a Sunday that is a make-up day, and the holidays of May 2026. */
static const char mayday[] = "years:\n  2024: {holidays: [], workdays: []}\n  2025: {holidays: [], workdays: []}\n  2026:\n"
	"    holidays: [2026-05-01, 2026-05-02, 2026-05-03, 2026-05-04, 2026-05-05]\n    workdays: [2026-03-08, 2026-05-09]\n"
	"    half: {2026-03-25: [\"08:00-12:00\"]}\n" OFFICE_HOURS
	"organs: {fire: {hours: [\"00:00-24:00\"], week: [1, 2, 3, 4, 5, 6, 7], holidays: no}}\n";

static struct worktime of(const struct policy *p, enum calendar_kind kind, const char *organ)
{
	return (struct worktime){ p->calendar, kind, organ, OFFSET };
}

static int64_t add(const struct worktime *w, const char *t, int64_t seconds)
{
	struct err e = ERR_INIT;
	int64_t out;

	ck_assert_msg(worktime_add(w, at(t), seconds, &out, &e) == 0, "%s", e.text);
	return out;
}

static int64_t between(const struct worktime *w, int64_t a, int64_t b)
{
	struct err e = ERR_INIT;
	int64_t out;

	ck_assert_msg(worktime_between(w, a, b, &out, &e) == 0, "%s", e.text);
	return out;
}

START_TEST(adding)
{
	static const struct {
		const char *organ, *from;
		double hours;
		const char *to;
	} all[] = {
		{ "", "2026-03-06T16:30", 4, "2026-03-08T11:30" },	/* Friday; Sunday is a make-up day */
		{ "", "2026-03-13T16:30", 4, "2026-03-16T11:30" },	/* a normal week */
		{ "", "2026-04-30T16:30", 4, "2026-05-06T11:30" },
		{ "", "2026-03-09T08:00", 4, "2026-03-09T12:00" },	/* the end of a span, not the beginning of the next */
		{ "", "2026-03-09T08:00", 7, "2026-03-09T17:00" },
		{ "", "2026-03-09T12:00", 0, "2026-03-09T14:00" },
		{ "", "2026-03-09T11:59", 0, "2026-03-09T11:59" },
		{ "", "2026-03-09T09:00", 0, "2026-03-09T09:00" },
		{ "", "2026-03-14T09:00", 0.5, "2026-03-16T08:30" },
		{ "", "2026-03-24T16:00", 6, "2026-03-26T09:00" },	/* a half day between: 1 + 4 + 1 */
		{ "", "2024-02-28T16:00", 2, "2024-02-29T09:00" },	/* leap day */
		{ "", "2025-02-28T16:00", 2, "2025-03-03T09:00" },	/* a month's end, a weekend */
		{ "", "2025-12-31T16:00", 2, "2026-01-01T09:00" },	/* a year's end */
		{ "fire", "2026-02-28T23:00", 2, "2026-03-01T01:00" },
		{ "fire", "2024-01-01T00:00", 24 * 366, "2025-01-01T00:00" },	/* no minute is lost at midnight */
		{ "fire", "2026-05-01T12:00", 24 * 7, "2026-05-08T12:00" },
		/* backwards: the latest moment from which so much remains */
		{ "", "2026-03-08T11:30", -4, "2026-03-06T16:30" },
		{ "", "2026-03-09T14:30", -0.5, "2026-03-09T14:00" },
		{ "", "2026-03-09T12:00", -4, "2026-03-09T08:00" },
		{ "", "2026-03-10T00:00", -7, "2026-03-09T08:00" },
		{ "", "2026-03-16T11:30", -3.5, "2026-03-16T08:00" },
		{ "fire", "2026-03-01T01:00", -2, "2026-02-28T23:00" },
	};
	struct policy *p = cal_load(mayday);

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct worktime w = of(p, CALENDAR_HOURS, all[i].organ);

		is_at(add(&w, all[i].from, (int64_t)(all[i].hours * HOUR)), all[i].to);
	}
	policy_free(p);
}
END_TEST

/* add_workdays and workdays_between of domain.md 9: n whole days from the end of the start day. */
START_TEST(domain)
{
	static const struct {
		const char *start;
		int n;
		const char *result;
	} all[] = {
		{ "2026-02-03", 3, "2026-02-06" }, { "2026-02-13", 1, "2026-02-14" }, { "2026-02-13", 2, "2026-02-24" },
		{ "2026-02-14", 1, "2026-02-24" }, { "2026-02-27", 1, "2026-02-28" }, { "2026-01-01", 1, "2026-01-04" },
		{ "2026-09-18", 1, "2026-09-20" }, { "2026-09-24", 3, "2026-09-30" }, { "2026-09-30", 5, "2026-10-13" },
		{ "2025-09-26", 1, "2025-09-28" }, { "2025-09-30", 1, "2025-10-09" }, { "2025-01-24", 3, "2025-02-05" },
		{ "2024-02-09", 5, "2024-02-22" }, { "2024-09-13", 2, "2024-09-18" }, { "2024-12-31", 1, "2025-01-02" },
		{ "2025-12-31", 3, "2026-01-06" },
	}, counts[] = {
		{ "2026-02-03", 14, "2026-02-28" }, { "2026-02-13", 2, "2026-02-24" }, { "2025-09-26", 7, "2025-10-13" },
		{ "2024-04-30", 6, "2024-05-11" },
	};
	struct policy *p = cal_shipped(OFFICE_HOURS);
	struct worktime w = of(p, CALENDAR_DAYS, "");
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		int64_t out;

		ck_assert(worktime_add(&w, at(all[i].start) + TIME_DAY, all[i].n * TIME_DAY, &out, &e) == 0);
		ck_assert_int_eq(out, at(all[i].result) + TIME_DAY);
	}
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		ck_assert_int_eq(between(&w, at(counts[i].start) + TIME_DAY, at(counts[i].result) + TIME_DAY), counts[i].n * TIME_DAY);
	policy_free(p);
}
END_TEST

START_TEST(spans)
{
	struct policy *p = cal_load(mayday);
	struct worktime w = of(p, CALENDAR_HOURS, "");
	struct err e = ERR_INIT;
	int64_t from, to;

	ck_assert_int_eq(worktime_next(&w, at("2026-03-09T11:59:59"), &from, &to, &e), 0);
	is_at(from, "2026-03-09T08:00");
	is_at(to, "2026-03-09T12:00");
	ck_assert_int_eq(worktime_next(&w, at("2026-03-09T12:00"), &from, &to, &e), 0);
	is_at(from, "2026-03-09T14:00");
	ck_assert_int_eq(worktime_next(&w, at("2026-04-30T17:00"), &from, &to, &e), 0);
	is_at(from, "2026-05-06T08:00");
	ck_assert_int_eq(worktime_last(&w, at("2026-05-06T08:00"), &from, &to, &e), 0);
	is_at(to, "2026-04-30T17:00");
	ck_assert_int_eq(worktime_last(&w, at("2026-05-06T08:00:01"), &from, &to, &e), 0);
	is_at(from, "2026-05-06T08:00");
	ck_assert_int_eq(worktime_open(&w, at("2026-03-09T08:00"), &e), 1);
	ck_assert_int_eq(worktime_open(&w, at("2026-03-09T07:59:59"), &e), 0);
	ck_assert_int_eq(worktime_open(&w, at("2026-03-09T12:00"), &e), 0);
	ck_assert_int_eq(worktime_open(&w, at("2026-03-09T11:59:59"), &e), 1);
	ck_assert_int_eq(worktime_open(&w, at("2026-03-08T09:00"), &e), 1);
	ck_assert_str_eq(worktime_gap(&w, at("2026-03-13T17:00"), at("2026-03-16T08:00")), "weekend");
	ck_assert_str_eq(worktime_gap(&w, at("2026-04-30T17:00"), at("2026-05-06T08:00")), "holiday");
	ck_assert_str_eq(worktime_gap(&w, at("2026-03-09T12:00"), at("2026-03-09T14:00")), "off hours");
	ck_assert_str_eq(worktime_note(&w, at("2026-03-08T09:00")), "make-up day");
	ck_assert_str_eq(worktime_note(&w, at("2026-03-25T09:00")), "half day");
	ck_assert_str_eq(worktime_note(&w, at("2026-03-09T09:00")), "");
	policy_free(p);
}
END_TEST

/* Where the years end, what needs no later day still works, and the error names the year. */
START_TEST(ends)
{
	struct policy *p = cal_load(mayday);
	struct worktime w = of(p, CALENDAR_HOURS, ""), fire = of(p, CALENDAR_HOURS, "fire");
	struct err e = ERR_INIT;
	int64_t out, to;

	is_at(add(&w, "2026-12-31T16:00", HOUR), "2026-12-31T17:00");
	is_at(add(&fire, "2026-12-31T16:00", 8 * HOUR), "2027-01-01T00:00");
	ck_assert_int_eq(between(&fire, at("2024-01-01"), at("2027-01-01")), 1096 * TIME_DAY);
	is_at(add(&fire, "2027-01-01", -HOUR), "2026-12-31T23:00");
	ck_assert_int_eq(worktime_add(&w, at("2026-12-31T16:00"), HOUR + 1, &out, &e), -1);
	ck_assert_str_eq(e.text, "calendar.yaml: 2027 is not covered; add it under years");
	err_clear(&e);
	ck_assert_int_eq(worktime_add(&w, at("2026-12-31T17:00"), 0, &out, &e), -1);
	ck_assert_str_eq(e.text, "calendar.yaml: 2027 is not covered; add it under years");
	err_clear(&e);
	ck_assert_int_eq(worktime_add(&w, at("2024-01-01T09:00"), -2 * HOUR, &out, &e), -1);
	ck_assert_str_eq(e.text, "calendar.yaml: 2023 is not covered; add it under years");
	err_clear(&e);
	ck_assert_int_eq(worktime_between(&w, at("2023-06-01"), at("2024-06-01"), &out, &e), -1);
	ck_assert_str_eq(e.text, "calendar.yaml: 2023 is not covered; add it under years");
	err_clear(&e);
	ck_assert_int_eq(worktime_next(&w, at("2030-01-01"), &out, &to, &e), -1);
	ck_assert_str_eq(e.text, "calendar.yaml: 2030 is not covered; add it under years");
	err_clear(&e);
	ck_assert_int_eq(worktime_last(&w, at("2024-01-01T07:00"), &out, &to, &e), -1);
	err_clear(&e);
	ck_assert_int_eq(worktime_open(&w, at("2027-01-01"), &e), -1);
	policy_free(p);
}
END_TEST

/* Against counting minute by minute, with calendars as the dice fall: what is added is what is between, and no earlier moment has it. */
START_TEST(against_counting)
{
	static const enum calendar_kind kinds[] = { CALENDAR_HOURS, CALENDAR_DAYS, CALENDAR_SENDING, CALENDAR_WALL };
	unsigned seed = 4711;
	struct err e = ERR_INIT;

	for (int round = 0; round < 40; round++) {
		struct policy *p = cal_random(&seed);

		for (int k = 0; k < 12; k++) {
			struct worktime w = of(p, kinds[dice(&seed, 4)], "");
			int64_t start = at("2023-06-01") + dice(&seed, 86400 * 500), length = 1 + dice(&seed, 86400 * 4), end, sum = 0, t;

			ck_assert_msg(worktime_add(&w, start, length, &end, &e) == 0, "%s", e.text);
			ck_assert_int_eq(between(&w, start, end), length);
			ck_assert_int_eq(between(&w, end, start), -length);
			ck_assert_int_eq(between(&w, start, end - 1), length - 1);
			for (t = start; t % 60 && t < end; t++)
				sum += worktime_open(&w, t, &e);
			for (; t + 60 <= end; t += 60)
				sum += 60 * worktime_open(&w, t, &e);
			for (; t < end; t++)
				sum += worktime_open(&w, t, &e);
			ck_assert_int_eq(sum, length);
			/* and back: the latest moment from which so much remains */
			ck_assert(worktime_add(&w, end, -length, &t, &e) == 0);
			ck_assert_int_eq(between(&w, t, end), length);
			ck_assert_int_eq(between(&w, t + 1, end), length - 1);
			ck_assert_int_ge(t, start);
		}
		policy_free(p);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("worktime");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, adding);
	tcase_add_test(t, domain);
	tcase_add_test(t, spans);
	tcase_add_test(t, ends);
	tcase_add_test(t, against_counting);
	suite_add_tcase(s, t);
	return h_run(s);
}

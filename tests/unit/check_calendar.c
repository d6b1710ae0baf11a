/* SPDX-License-Identifier: MIT */
#include "policy/calendar.h"

#include "calhelp.h"
#include "runhelp.h"

/* "08:00-12:00 14:00-17:00" of a day. */
static const char *spans(const struct calendar *c, enum calendar_kind kind, const char *organ, const char *day)
{
	static char text[1100];
	const struct calendar_hours *h;
	struct err e = ERR_INIT;
	size_t n = 0;

	*text = '\0';
	if (calendar_day(c, kind, organ, day_of(day), &h, &e) < 0) {
		snprintf(text, sizeof text, "%s", e.text);
		return text;
	}
	for (size_t i = 0; i < h->n; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%02d:%02d-%02d:%02d", i > 0 ? " " : "", h->v[i].from / 60, h->v[i].from % 60,
		    h->v[i].to / 60, h->v[i].to % 60);
	return text;
}

static int64_t before(const struct calendar *c, enum calendar_kind kind, const char *organ, int32_t day)
{
	struct err e = ERR_INIT;
	int64_t seconds;

	ck_assert_msg(calendar_before(c, kind, organ, day, &seconds, &e) == 0, "%s", e.text);
	return seconds;
}

/* Working days of the months of 2024 to 2026, as an independent program computed them (domain.md 9). */
START_TEST(months)
{
	static const int want[3][12] = { { 22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22 }, { 19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23 },
		{ 21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23 } };
	static const int total[3] = { 251, 248, 248 };
	struct policy *p = cal_shipped(OFFICE_HOURS);
	int32_t first, last, a, b;

	calendar_covers(p->calendar, &first, &last);
	ck_assert_int_eq(first, day_of("2024-01-01"));
	ck_assert_int_eq(last, day_of("2026-12-31"));
	for (int y = 0; y < 3; y++) {
		int64_t sum = 0;

		for (int m = 0; m < 12; m++) {
			ck_assert(date_of(2024 + y, m + 1, 1, &a) && date_of(2024 + y + m / 11, (m + 1) % 12 + 1, 1, &b));
			int64_t days = before(p->calendar, CALENDAR_DAYS, "", b) - before(p->calendar, CALENDAR_DAYS, "", a);

			ck_assert_int_eq(days, want[y][m] * 86400);
			ck_assert_int_eq(before(p->calendar, CALENDAR_HOURS, "", b) - before(p->calendar, CALENDAR_HOURS, "", a),
			    want[y][m] * 7 * 3600);
			sum += days / 86400;
		}
		ck_assert_int_eq(sum, total[y]);
	}
	policy_free(p);
}
END_TEST

/* What each day is, and the spans it has. */
START_TEST(days)
{
	struct policy *p = cal_shipped(OFFICE_HOURS);
	const struct calendar *c = p->calendar;
	static const struct {
		const char *day, *says;
		bool worked;
	} all[] = {
		{ "2026-01-05", "working", true }, { "2026-01-04", "workday", true }, { "2026-01-03", "holiday", false },
		{ "2026-01-10", "weekend", false }, { "2026-05-01", "holiday", false }, { "2026-05-09", "workday", true },
		{ "2024-02-29", "working", true }, { "2024-02-10", "holiday", false }, { "2026-12-31", "working", true },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		ck_assert_str_eq(calendar_says(c, "", day_of(all[i].day)), all[i].says);
		ck_assert_str_eq(spans(c, CALENDAR_HOURS, "", all[i].day), all[i].worked ? "08:00-12:00 14:00-17:00" : "");
		ck_assert_str_eq(spans(c, CALENDAR_DAYS, NULL, all[i].day), all[i].worked ? "00:00-24:00" : "");
		ck_assert_str_eq(spans(c, CALENDAR_SENDING, "", all[i].day), "00:00-24:00");
		ck_assert_str_eq(spans(c, CALENDAR_WALL, "", all[i].day), "00:00-24:00");
	}
	ck_assert_str_eq(calendar_says(c, "", day_of("2027-01-01")), "");
	ck_assert(!calendar_has_organs(c));
	policy_free(p);
}
END_TEST

START_TEST(uncovered)
{
	struct policy *p = cal_shipped(OFFICE_HOURS);
	struct err e = ERR_INIT;
	int64_t seconds;

	ck_assert_str_eq(spans(p->calendar, CALENDAR_HOURS, "", "2027-01-01"), "calendar.yaml: 2027 is not covered; add it under years");
	ck_assert_str_eq(spans(p->calendar, CALENDAR_DAYS, "", "2023-12-31"), "calendar.yaml: 2023 is not covered; add it under years");
	/* the day after the last one has a beginning, and no more */
	before(p->calendar, CALENDAR_WALL, "", day_of("2027-01-01"));
	ck_assert_int_eq(calendar_before(p->calendar, CALENDAR_HOURS, "", day_of("2027-01-02"), &seconds, &e), -1);
	ck_assert_int_eq(e.status, ERR_DATA);
	policy_free(p);
	p = cal_load("years: {2026: {holidays: [], workdays: []}}\n");
	ck_assert_str_eq(spans(p->calendar, CALENDAR_HOURS, "", "2026-03-02"),
	    "calendar.yaml: gives no working hours; add hours, such as hours: [\"08:00-12:00\", \"14:00-18:00\"]");
	ck_assert_str_eq(spans(p->calendar, CALENDAR_DAYS, "", "2026-03-02"), "00:00-24:00");
	policy_free(p);
}
END_TEST

/* Hours by weekday, a make-up day without any, half days, spans that touch, sending hours. */
START_TEST(hours)
{
	struct policy *p = cal_load("years:\n  2026:\n    holidays: [2026-02-16]\n    workdays: [2026-02-14, 2026-02-15]\n"
	    "    half: {2026-02-14: [\"08:00-12:00\"], 2026-02-13: [\"09:00-10:00\", \"10:00-11:00\"]}\n"
	    "hours: {1: [\"08:00-12:00\", \"13:00-17:00\"], 2: [\"09:00-17:00\"], 3: [\"09:00-17:00\"], 4: [\"09:00-17:00\"], 5: [\"08:00-13:00\"],"
	    " 7: [\"10:00-11:00\"]}\n"
	    "sending: [\"08:00-20:00\"]\nsending-days: working\n");
	const struct calendar *c = p->calendar;

	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "", "2026-02-09"), "08:00-12:00 13:00-17:00");
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "", "2026-02-10"), "09:00-17:00");
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "", "2026-02-13"), "09:00-11:00");
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "", "2026-02-14"), "08:00-12:00");
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "", "2026-02-15"), "10:00-11:00");
	ck_assert_str_eq(spans(c, CALENDAR_DAYS, "", "2026-02-14"), "00:00-24:00");
	ck_assert_str_eq(calendar_says(c, "", day_of("2026-02-14")), "half");
	ck_assert_str_eq(calendar_says(c, "", day_of("2026-02-15")), "workday");
	ck_assert_str_eq(spans(c, CALENDAR_SENDING, "", "2026-02-15"), "08:00-20:00");
	ck_assert_str_eq(spans(c, CALENDAR_SENDING, "", "2026-02-16"), "");
	/* 9 to 13 February: 8 + 8 + 8 + 8 + 2 hours; 5 sending days */
	ck_assert_int_eq(before(c, CALENDAR_HOURS, "", day_of("2026-02-14")) - before(c, CALENDAR_HOURS, "", day_of("2026-02-09")), 34 * 3600);
	ck_assert_int_eq(before(c, CALENDAR_SENDING, "", day_of("2026-02-14")) - before(c, CALENDAR_SENDING, "", day_of("2026-02-09")),
	    5 * 12 * 3600);
	policy_free(p);
	/* a make-up day of a weekday without hours has those of the first day of the week */
	p = cal_load("years: {2026: {holidays: [], workdays: [2026-02-14]}}\nweek: [2, 3]\nhours: {2: [\"09:00-10:00\"], 3: [\"11:00-12:00\"]}\n"
	    "sending: [\"00:00-24:00\"]\n");
	ck_assert_str_eq(spans(p->calendar, CALENDAR_HOURS, "", "2026-02-14"), "09:00-10:00");
	ck_assert_str_eq(spans(p->calendar, CALENDAR_HOURS, "", "2026-02-13"), "");
	ck_assert_str_eq(spans(p->calendar, CALENDAR_SENDING, "", "2026-02-13"), "00:00-24:00");
	policy_free(p);
}
END_TEST

/* Organs: round the clock, another week, hours alone, half days; by id before by kind. */
START_TEST(organs)
{
	struct policy *p = cal_load("years:\n  2026:\n    holidays: [2026-05-01]\n    workdays: [2026-05-09]\n    half: {2026-04-30: [\"08:00-12:00\"]}\n"
	    "hours: [\"08:00-12:00\", \"14:00-17:00\"]\n"
	    "sending: [\"08:00-20:00\"]\n"
	    "organs:\n"
	    "  fire: {hours: [\"00:00-24:00\"], week: [1, 2, 3, 4, 5, 6, 7], holidays: no, sending: [\"00:00-24:00\"], basis: 全天备勤}\n"
	    "  T01-FIRE2: {week: [1, 2, 3, 4, 5, 6]}\n"
	    "  village: {hours: [\"09:00-11:00\"], half: {2026-05-06: [\"09:00-10:00\"]}}\n");
	const struct calendar *c = p->calendar;

	ck_assert(calendar_has_organs(c));
	ck_assert_str_eq(calendar_whose(c, SPAN("T01-FIRE2"), SPAN("fire")), "T01-FIRE2");
	ck_assert_str_eq(calendar_whose(c, SPAN("T01-FIRE1"), SPAN("fire")), "fire");
	ck_assert_str_eq(calendar_whose(c, SPAN("T01-GAS"), SPAN("gas")), "");
	ck_assert_str_eq(calendar_whose(c, SPAN(""), SPAN("")), "");
	ck_assert_str_eq(calendar_basis(c, "fire"), "全天备勤");
	ck_assert_str_eq(calendar_basis(c, ""), "");
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "fire", "2026-05-01"), "00:00-24:00");
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "fire", "2026-04-30"), "00:00-24:00");
	ck_assert_str_eq(calendar_says(c, "fire", day_of("2026-05-01")), "working");
	ck_assert_str_eq(calendar_says(c, "fire", day_of("2026-05-09")), "working");
	ck_assert_int_eq(before(c, CALENDAR_HOURS, "fire", day_of("2027-01-01")), 365 * 86400);
	ck_assert_int_eq(before(c, CALENDAR_DAYS, "fire", day_of("2027-01-01")), 365 * 86400);
	ck_assert_str_eq(spans(c, CALENDAR_SENDING, "fire", "2026-05-01"), "00:00-24:00");
	ck_assert_str_eq(spans(c, CALENDAR_SENDING, "T01-FIRE2", "2026-05-01"), "08:00-20:00");
	/* another week, everybody's hours, holidays and half days */
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "T01-FIRE2", "2026-05-02"), "08:00-12:00 14:00-17:00");
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "T01-FIRE2", "2026-05-01"), "");
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "T01-FIRE2", "2026-04-30"), "08:00-12:00");
	/* hours of its own: the half days of others say nothing */
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "village", "2026-04-30"), "09:00-11:00");
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "village", "2026-05-06"), "09:00-10:00");
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "village", "2026-05-09"), "09:00-11:00");
	/* one that stands not there keeps everybody's */
	ck_assert_str_eq(spans(c, CALENDAR_HOURS, "T01-GAS", "2026-04-30"), "08:00-12:00");
	policy_free(p);
}
END_TEST

/* Each mistake, and where it is. */
static const struct {
	const char *yaml, *want;
} mistakes[] = {
	{ "", "calendar.yaml:1:1: missing key \"years\"; it takes a map (key: value) (years covered, without a gap; a day outside them is an error, not a guess)\n" },
	{ "years: {}\n", NULL },
	{ "years: {2025: {holidays: [], workdays: []}, 2027: {holidays: [], workdays: []}}\n",
	  "calendar.yaml:1:8: years: 2026 is missing between 2025 and 2027; list every year in between\n" },
	{ "years: {2026: {holidays: [2026-02-30], workdays: []}}\n",
	  "calendar.yaml:1:27: \"2026-02-30\" is not a date; write a day that exists, like 2026-02-28\n" },
	{ "years: {2026: {holidays: [2027-01-01], workdays: []}}\n",
	  "calendar.yaml:1:27: 2027-01-01 does not fall in 2026, the year it stands under\n" },
	{ "years: {2026: {holidays: [2026-01-03], workdays: [2026-01-03]}}\n",
	  "calendar.yaml:1:51: 2026-01-03 is given twice; a day is a holiday or a workday, once\n" },
	{ "years: {2026: {holidays: [], workdays: [2026-02-16]}}\n",
	  "calendar.yaml:1:41: 2026-02-16 is a Monday, worked every week; under workdays stand days of a weekend that are worked\n" },
	{ "years: {2026: {holidays: [], workdays: [], half: {2026-02-14: [\"08:00-12:00\"]}}}\nhours: [\"08:00-17:00\"]\n",
	  "calendar.yaml:1:51: half: 2026-02-14 is a Saturday, not worked; a half day is a working day with hours of its own\n" },
	{ "years: {2026: {holidays: [2026-02-16], workdays: [], half: {2026-02-16: [\"08:00-12:00\"]}}}\nhours: [\"08:00-17:00\"]\n",
	  "calendar.yaml:1:61: half: 2026-02-16 is a Monday, a holiday; a half day is a working day with hours of its own\n" },
	{ "years: {2026: {holidays: [], workdays: [], half: {2025-02-14: [\"08:00-12:00\"]}}}\nhours: [\"08:00-17:00\"]\n",
	  "calendar.yaml:1:51: 2025-02-14 does not fall in 2026, the year it stands under\n" },
	{ "years: {2026: {holidays: [], workdays: [], half: {2026-02-31: [\"08:00-12:00\"]}}}\nhours: [\"08:00-17:00\"]\n",
	  "calendar.yaml:1:51: \"2026-02-31\" is not a date; write a day that exists, like 2026-02-28\n" },
	{ "years: {2026: {holidays: [], workdays: [], half: {2026-02-13: [\"08:00-12:00\"]}}}\n",
	  "calendar.yaml:1:50: half: needs hours; add the hours of an ordinary day\n" },
	{ "years: {2026: {holidays: [], workdays: []}}\nhours: [\"14:00-12:00\"]\n",
	  "calendar.yaml:2:9: hours: \"14:00-12:00\" is no span of a day after the one before; write it like 08:00-12:00\n" },
	{ "years: {2026: {holidays: [], workdays: []}}\nhours: [\"08:00-24:01\"]\n",
	  "calendar.yaml:2:9: hours: \"08:00-24:01\" is no span of a day after the one before; write it like 08:00-12:00\n" },
	{ "years: {2026: {holidays: [], workdays: []}}\nhours: {1: [\"08:00-12:00\"]}\nweek: [1, 6]\n",
	  "calendar.yaml:2:8: hours: none for 6 (Saturday), a working day by week; add 6: [\"08:00-12:00\"] or take it out of week\n" },
	{ "years: {2026: {holidays: [], workdays: []}}\nsending: [\"20:00-08:00\"]\n",
	  "calendar.yaml:2:11: sending: \"20:00-08:00\" is no span of a day after the one before; write it like 08:00-12:00\n" },
	{ "years: {2026: {holidays: [], workdays: []}}\norgans: {fire: {hours: [\"8-12\"]}}\n", NULL },
	{ "years: {2026: {holidays: [], workdays: []}}\norgans: {fire: {week: [0]}}\n", NULL },
	{ "years: {2026: {holidays: [], workdays: []}}\norgans: {fire: {holiday: no}}\n", NULL },
	{ "years: {2026: {holidays: [], workdays: []}}\norgans: {fire: {hours: [\"08:00-12:00\"], half: {2027-01-04: [\"08:00-09:00\"]}}}\n",
	  "calendar.yaml:2:48: half: 2027-01-04 is in no year that stands under years; add the year there\n" },
	{ "years: {2026: {holidays: [], workdays: []}}\nsending-days: weekdays\n", NULL },
	{ "years: {2026: {holidays: [], workdays: []}}\nhours: {8: [\"08:00-12:00\"]}\n", NULL },
	{ "years: {2026: {holidays: [], workdays: []}}\nhours: 8\n", NULL },
};

START_TEST(wrong)
{
	char *said = NULL;
	size_t size;
	struct diag d;
	FILE *f = open_memstream(&said, &size);

	diag_init(&d, f, NULL, 0);
	ck_assert_ptr_null(policy_load_calendar("calendar.yaml", span_of(mistakes[_i].yaml), &d));
	fclose(f);
	if (mistakes[_i].want != NULL)
		ck_assert_str_eq(said, mistakes[_i].want);
	else	/* the schema's words: a position, and no more than one complaint */
		ck_assert_msg(d.errors == 1 && strncmp(said, "calendar.yaml:", 14) == 0, "%s", said);
	free(said);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("calendar");
	TCase *t = tcase_create("all");

	tcase_add_test(t, months);
	tcase_add_test(t, days);
	tcase_add_test(t, uncovered);
	tcase_add_test(t, hours);
	tcase_add_test(t, organs);
	tcase_add_loop_test(t, wrong, 0, sizeof mistakes / sizeof *mistakes);
	suite_add_tcase(s, t);
	return h_run(s);
}

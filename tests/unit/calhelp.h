/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_CALHELP_H
#define GL_TESTS_CALHELP_H
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/input.h"
#include "base/time.h"
#include "policy/policy.h"
/*
 * Calendars for the tests of calendar, worktime and clock: the years that are
 * shipped (calendars/cn.yaml) with hours of the test's own, and times of +08:00.
 */
#define OFFSET 28800
#ifndef PKGDATADIR
#define PKGDATADIR "data-schemas"
#endif
#define OFFICE_HOURS "hours: [\"08:00-12:00\", \"14:00-17:00\"]\n"

/* A calendar of this text; everything in it must be right. */
__attribute__((unused)) static struct policy *cal_load(const char *text)
{
	struct diag d;
	struct policy *p;

	diag_init(&d, stderr, NULL, 0);
	p = policy_load_calendar("calendar.yaml", span_of(text), &d);
	ck_assert_msg(p != NULL, "%s", text);
	ck_assert_ptr_nonnull(p->calendar);
	return p;
}

/* The shipped years, and then this text. */
__attribute__((unused)) static struct policy *cal_shipped(const char *tail)
{
	const char *data = getenv("GRIDLEDGER_DATA");
	struct buf path = BUF_INIT, text = BUF_INIT;
	char digest[DIGEST_HEX + 1];
	struct err e = ERR_INIT;
	struct policy *p;
	char *hours;

	buf_printf(&path, "%s/calendars/cn.yaml", data != NULL ? data : PKGDATADIR);
	ck_assert_msg(input_read(path.p, 1 << 20, false, &text, digest, NULL, &e) == 0, "%s", e.text);
	hours = strstr(text.p, "\nhours:");
	ck_assert_ptr_nonnull(hours);
	text.n = (size_t)(hours + 1 - text.p);
	buf_puts(&text, tail);
	p = cal_load(text.p);
	buf_clear(&path);
	buf_clear(&text);
	return p;
}

__attribute__((unused)) static int dice(unsigned *seed, int n)
{
	return rand_r(seed) % n;
}

/* A calendar of 2023 to 2025 that nobody would keep: any week, any spans, days off and make-up days as the dice fall. */
__attribute__((unused)) static struct policy *cal_random(unsigned *seed)
{
	struct buf text = BUF_INIT, off = BUF_INIT, work = BUF_INIT;
	unsigned week = (unsigned)dice(seed, 127) + 1;
	struct policy *p;
	char date[DATE_LEN + 1];
	int minute = 0;

	buf_puts(&text, "years:\n");
	for (int y = 2023; y <= 2025; y++) {
		int32_t day;

		buf_reset(&off);
		buf_reset(&work);
		ck_assert(date_of(y, 1, 1, &day));
		for (int i = 0; i < 365; i += 1 + dice(seed, 40)) {
			date_write(day + i, date);
			if (dice(seed, 2) || week >> (date_weekday(day + i) - 1) & 1)
				buf_printf(&off, "%s%s", off.n ? ", " : "", date);
			else
				buf_printf(&work, "%s%s", work.n ? ", " : "", date);
		}
		buf_printf(&text, "  %d: {holidays: [%s], workdays: [%s]}\n", y, off.n ? off.p : "", work.n ? work.p : "");
	}
	buf_puts(&text, "week: [");
	for (int i = 0; i < 7; i++)
		if (week >> i & 1)
			buf_printf(&text, "%s%d", text.p[text.n - 1] == '[' ? "" : ", ", i + 1);
	buf_puts(&text, "]\nhours: [");
	for (int i = 0; i == 0 || (i < 4 && minute < 1300); i++) {
		int from = dice(seed, 4) ? minute + dice(seed, 200) : minute, to = dice(seed, 8) ? from + 1 + dice(seed, 139) : 1440;

		buf_printf(&text, "%s\"%02d:%02d-%02d:%02d\"", i ? ", " : "", from / 60, from % 60, to / 60, to % 60);
		minute = to;
	}
	buf_puts(&text, "]\nsending: [\"07:30-21:00\"]\nsending-days: working\n");
	p = cal_load(text.p);
	buf_clear(&text);
	buf_clear(&off);
	buf_clear(&work);
	return p;
}

__attribute__((unused)) static int32_t day_of(const char *s)
{
	int32_t day;

	ck_assert_msg(date_read(span_of(s), &day), "%s", s);
	return day;
}

__attribute__((unused)) static int64_t at(const char *s)
{
	struct err e = ERR_INIT;
	int64_t t;

	ck_assert_msg(time_parse(span_of(s), OFFSET, &t, NULL, &e) == 0, "%s", e.text);
	return t;
}

/* A time is this one: yyyy-mm-ddThh:mm, with or without seconds. */
__attribute__((unused)) static void is_at(int64_t t, const char *want)
{
	char text[TIME_LEN + 1];

	time_write(t, OFFSET, text);
	ck_assert_msg(t == at(want), "%s, wanted %s", text, want);
}

#endif

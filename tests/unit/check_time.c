/* SPDX-License-Identifier: MIT */
#include "base/time.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "runhelp.h"

#define CN 28800	/* +08:00 */

START_TEST(test_every_day_there_is)
{
	int32_t day, expected = -25567;	/* 1900-01-01 */
	int weekday = 1, y, m, d;
	char text[DATE_LEN + 1];

	for (int year = 1900; year <= 9999; year++)
		for (int month = 1; month <= 12; month++)
			for (int i = 1; i <= date_month_days(year, month); i++, expected++) {
				if (!date_of(year, month, i, &day) || day != expected || date_weekday(day) != weekday)
					ck_abort_msg("%d-%d-%d", year, month, i);
				date_civil(day, &y, &m, &d);
				if (y != year || m != month || d != i)
					ck_abort_msg("%d-%d-%d comes back as %d-%d-%d", year, month, i, y, m, d);
				date_write(day, text);
				if (!date_read(span_of(text), &day) || day != expected)
					ck_abort_msg("%s", text);
				weekday = weekday % 7 + 1;
			}
	ck_assert(date_of(1970, 1, 1, &day) && day == 0);
	date_civil(-719528, &y, &m, &d);	/* year 0 is no error */
	ck_assert_int_eq(y, 0);
}
END_TEST

START_TEST(test_days_that_do_not_exist)
{
	static const int none[][3] = { { 2026, 2, 29 }, { 1900, 2, 29 }, { 2026, 4, 31 }, { 2026, 13, 1 }, { 2026, 0, 1 },
		{ 2026, 1, 0 }, { 1899, 12, 31 }, { 10000, 1, 1 }, { 2026, -1, 1 } };
	int32_t day;

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		ck_assert_msg(!date_of(none[i][0], none[i][1], none[i][2], &day), "%zu", i);
	ck_assert(date_of(2000, 2, 29, &day));
	ck_assert(date_of(2024, 2, 29, &day));
}
END_TEST

START_TEST(test_iso_weeks)
{
	static const struct {
		int y, m, d, year, week;
	} rows[] = { { 2026, 1, 1, 2026, 1 }, { 2025, 12, 29, 2026, 1 }, { 2027, 1, 1, 2026, 53 }, { 2027, 1, 4, 2027, 1 },
		{ 2021, 1, 3, 2020, 53 }, { 2024, 12, 30, 2025, 1 }, { 2026, 2, 3, 2026, 6 }, { 2005, 1, 1, 2004, 53 } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int year, week;
		int32_t day;

		ck_assert(date_of(rows[i].y, rows[i].m, rows[i].d, &day));
		date_isoweek(day, &year, &week);
		ck_assert_int_eq(year, rows[i].year);
		ck_assert_int_eq(week, rows[i].week);
	}
}
END_TEST

START_TEST(test_read_and_write_agree_with_libc)
{
	for (int64_t t = -2208000000; t < 253402200000; t += 86399 * 37 + 1234567) {
		char text[TIME_LEN + 1], libc[40];
		time_t local = (time_t)(t + CN);
		struct tm tm;
		int64_t back;

		gmtime_r(&local, &tm);
		strftime(libc, sizeof libc, "%Y-%m-%dT%H:%M:%S+08:00", &tm);
		time_write(t, CN, text);
		ck_assert_str_eq(text, libc);
		ck_assert(time_read(span_of(text), CN, &back));
		ck_assert_int_eq(back, t);
		ck_assert_int_eq(time_trust(text, CN), t);
	}
}
END_TEST

START_TEST(test_read_is_strict)
{
	static const char *const bad[] = { "", "2026-02-03", "2026-02-03T14:35:00", "2026-02-03T14:35:00Z",
		"2026-02-03 14:35:00+08:00", "2026-02-30T14:35:00+08:00", "2026-13-03T14:35:00+08:00",
		"2026-02-03T24:00:00+08:00", "2026-02-03T14:60:00+08:00", "2026-02-03T14:35:60+08:00",
		"2026-02-03T14:35:00+09:00", "2026-02-03T14:35:00-08:00", "2026-02-03T14:35:00+08:0x",
		"2026-02-03T14:35:00+08:00 ", "2026/02/03T14:35:00+08:00", "2026-02-03T14.35:00+08:00",
		"202\xe5-02-03T14:35:00+08:00", "1899-02-03T14:35:00+08:00", "2026-00-03T14:35:00+08:00",
		"2026-02-00T14:35:00+08:00", "2026-02-03T-1:35:00+08:00", "2026-02-03T14:35:00+07:60" };
	int64_t t;
	int32_t day;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!time_read(span_of(bad[i]), CN, &t), "%s", bad[i]);
	ck_assert(time_read(SPAN("2026-02-03T14:35:00+00:00"), 0, &t));
	ck_assert_int_eq(t, 1770129300);
	ck_assert(!time_read(SPAN("2026-02-03T14:35:00-00:00"), 0, &t));
	ck_assert(time_read(SPAN("2026-02-03T14:35:00-03:30"), -12600, &t));
	ck_assert_int_eq(t, 1770129300 + 12600);
	ck_assert(!date_read(SPAN("2026-2-3"), &day));
	ck_assert(!date_read(SPAN("2026-02-29"), &day));
	ck_assert(!date_read(SPAN("2026-02-030"), &day));
	ck_assert(date_read(SPAN("2026-02-03"), &day) && day == 20487);
}
END_TEST

START_TEST(test_what_cannot_be_written_is_empty)
{
	char text[TIME_LEN + 1] = "x", date[DATE_LEN + 1] = "x";

	time_write(TIME_NONE, CN, text);
	ck_assert_str_eq(text, "");
	time_write(INT64_MAX, CN, text);
	ck_assert_str_eq(text, "");
	time_write(253402300800, 0, text);	/* the year 10000 */
	ck_assert_str_eq(text, "");
	date_write(DATE_NONE, date);
	ck_assert_str_eq(date, "");
}
END_TEST

START_TEST(test_local_days)
{
	ck_assert_int_eq(time_day(0, 0), 0);
	ck_assert_int_eq(time_day(-1, 0), -1);
	ck_assert_int_eq(time_day(16 * 3600 - 1, CN), 0);
	ck_assert_int_eq(time_day(16 * 3600, CN), 1);
	ck_assert_int_eq(time_of_day(1, CN), 16 * 3600);
	ck_assert_int_eq(time_day(time_of_day(-5, CN), CN), -5);
	ck_assert_int_gt(time_now(), 1700000000);
}
END_TEST

START_TEST(test_offsets)
{
	static const struct {
		const char *text;
		int offset;
	} good[] = { { "+08:00", 28800 }, { "-03:30", -12600 }, { "+14:00", 50400 }, { "-14:00", -50400 }, { "+00:00", 0 } };
	static const char *const bad[] = { "", "+8:00", "+0800", "08:00", "+14:01", "+15:00", "+08:60", "z", "+08:00:00", "+a8:00" };
	char text[7];
	int offset = 1;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert(time_offset_read(span_of(good[i].text), &offset));
		ck_assert_int_eq(offset, good[i].offset);
		time_offset_write(offset, text);
		ck_assert_str_eq(text, good[i].text);
	}
	ck_assert(time_offset_read(SPAN("Z"), &offset) && offset == 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!time_offset_read(span_of(bad[i]), &offset), "%s", bad[i]);
}
END_TEST

START_TEST(test_what_clerks_write)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "2026-02-03T14:35:00+08:00", "2026-02-03T14:35:00" }, { "2026-02-03T14:35", "2026-02-03T14:35:00" },
		{ "2026-02-03T06:35:00Z", "2026-02-03T14:35:00" }, { "2026-02-03T14:35-03:30", "2026-02-04T02:05:00" },
		{ "2026-02-03 14:35", "2026-02-03T14:35:00" }, { "2026/2/3 14:35:09", "2026-02-03T14:35:09" },
		{ "2026.2.3 9:05", "2026-02-03T09:05:00" }, { "  2026/02/03  14:35\t", "2026-02-03T14:35:00" },
		{ "2026年2月3日14时35分", "2026-02-03T14:35:00" }, { "2026年02月03日 14时35分20秒", "2026-02-03T14:35:20" },
		{ "2026 年 2 月 3 日 14 时", "2026-02-03T14:00:00" }, { "2026年2月3日14点35", "2026-02-03T14:35:00" },
		{ "2026年2月3日14：35", "2026-02-03T14:35:00" }, { "２０２６－０２－０３　１４：３５", "2026-02-03T14:35:00" },
		{ "2026／2／3 14：35：07", "2026-02-03T14:35:07" }, { "2026—2—3 0:00", "2026-02-03T00:00:00" },
		{ "20260203 14:35", "2026-02-03T14:35:00" }, { "2026/2/3 下午 02:35:00", "2026-02-03T14:35:00" },
		{ "2026/2/3 上午12:05", "2026-02-03T00:05:00" }, { "2026/2/3 下午12:05", "2026-02-03T12:05:00" },
		{ "2026-02-03 14:35:00.000", "2026-02-03T14:35:00" }, { "\xef\xbb\xbf" "2026-02-03 14:35", "2026-02-03T14:35:00" },
	};
	char text[TIME_LEN + 1];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e = ERR_INIT;
		bool dated = true;
		int64_t t;

		ck_assert_msg(time_parse(span_of(rows[i].text), CN, &t, &dated, &e) == 0, "%s", e.text);
		time_write(t, CN, text);
		ck_assert_msg(strncmp(text, rows[i].expected, 19) == 0, "%s gave %s", rows[i].text, text);
		ck_assert_msg(!dated, "%s", rows[i].text);
	}
}
END_TEST

START_TEST(test_dates_clerks_write)
{
	static const char *const same[] = { "2026-02-03", "2026/2/3", "2026/02/03", "2026-2-3", "2026.2.3", "20260203",
		"2026年2月3日", "2026年02月03日", "2026年2月3号", "2026年2月3", "二〇二六年二月三日", "二○二六年二月三日", "２０２６年２月３日" };
	struct err e = ERR_INIT;
	bool dated = false;
	int32_t day;
	int64_t t;

	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		ck_assert_msg(date_parse(span_of(same[i]), &day, &e) == 0, "%s", e.text);
		ck_assert_msg(day == 20487, "%s", same[i]);
		ck_assert_msg(time_parse(span_of(same[i]), CN, &t, &dated, &e) == 0, "%s", e.text);
		ck_assert_int_eq(t, time_of_day(20487, CN));
		ck_assert(dated);
	}
	ck_assert_int_eq(date_parse(SPAN("2026/2/3 0:00:00"), &day, &e), 0);
	ck_assert_int_eq(date_parse(SPAN("二〇二六年十二月二十一日"), &day, &e), 0);
	ck_assert_int_eq(day, 20487 + 321);
	ck_assert_int_eq(date_parse(SPAN("二〇二六年十月三十日"), &day, &e), 0);
	ck_assert_int_eq(date_parse(SPAN("二〇二六年十一月二十日"), &day, &e), 0);
	ck_assert_int_eq(day, 20487 + 290);
	ck_assert_int_eq(time_parse(SPAN("2026/2/3"), CN, &t, NULL, &e), 0);
}
END_TEST

START_TEST(test_time_messages)
{
#define EX "; write it as 2026-02-03T14:35:00+08:00"
	static const char *const rows[][2] = {
		{ "", "it is empty" EX },
		{ "昨天", "it does not begin with a year" EX },
		{ "正月十五", "it does not begin with a year" EX },
		{ "2026-02-30", "February 2026 has 28 days; write 2026-02-28T00:00:00+08:00" },
		{ "2026-02-30 14:35", "February 2026 has 28 days; write 2026-02-28T14:35:00+08:00" },
		{ "2024/2/30", "February 2024 has 29 days; write 2024-02-29T00:00:00+08:00" },
		{ "2026-04-31T10:00Z", "April 2026 has 30 days; write 2026-04-30T18:00:00+08:00" },
		{ "2026-13-01", "there is no month 13" EX },
		{ "2026-00-01", "there is no month 0" EX },
		{ "2026-01-00", "there is no day 0" EX },
		{ "2026-02-03 24:00", "24:00 is 00:00 of the next day; write 2026-02-04T00:00:00+08:00" },
		{ "2026-02-03 25:00", "there is no hour 25" EX },
		{ "2026-02-03 14:60", "there is no minute 60" EX },
		{ "2026-02-03 14:35:60", "there is no second 60" EX },
		{ "2026-02-03 14:35:00.5", "it has parts of a second, times are whole seconds" EX },
		{ "2026-02-03T", "the time of day is missing" EX },
		{ "2026-02-03 14", "the minutes are missing" EX },
		{ "2026-02-03 14:5", "the minutes are not two digits" EX },
		{ "2026-02-03 14:35:1", "the seconds are not two digits" EX },
		{ "2026-02-03 14x35", "the time of day cannot be read" EX },
		{ "2026年2月3日14时半", "the time of day cannot be read" EX },
		{ "2026年2月3日14时35分20", "the seconds cannot be read" EX },
		{ "2026-02-03T14:35+0800", "the offset from UTC is not one like +08:00" EX },
		{ "2026-02-03T14:35+15:00", "the offset from UTC is not one like +08:00" EX },
		{ "2026-02-03T14:35 CST", "there is more after the time of day" EX },
		{ "2026/2/3-2/5", "there is more after the date than a time of day" EX },
		{ "2026/2/3 下午14:35", "hours of 上午 and 下午 go from 1 to 12" EX },
		{ "46056", "it looks like a day number of Excel; write 2026-02-03T00:00:00+08:00" },
		{ "46055.60763889", "it looks like a day number of Excel; write 2026-02-02T14:35:00+08:00" },
		{ "46055.9999999", "it looks like a day number of Excel; write 2026-02-03T00:00:00+08:00" },
		{ "45351", "it looks like a day number of Excel; write 2024-02-29T00:00:00+08:00" },
		{ "46022", "it looks like a day number of Excel; write 2025-12-31T00:00:00+08:00" },
		{ "99999", "it is only a number" EX },
		{ "46056.5x", "it is only a number" EX },
		{ "123", "it cannot be read as one" EX },
		{ "2月3日", "the year is missing" EX },
		{ "14:35", "the date is missing" EX },
		{ "26/2/3", "the year must come first and have four digits" EX },
		{ "2/3/2026", "the year must come first and have four digits" EX },
		{ "2026", "it is only a year" EX },
		{ "2026年2月", "the day is missing" EX },
		{ "2026-02", "the day is missing" EX },
		{ "2026-02-", "the day is missing" EX },
		{ "2026-2/3", "it cannot be read as one" EX },
		{ "2026 02 03", "it cannot be read as one" EX },
		{ "2026年第一季度", "the month is not a number of one or two digits" EX },
		{ "2026-2-003", "the day is not a number of one or two digits" EX },
		{ "1899-12-31", "the year is before 1900" EX },
		{ "9999-12-31T23:00Z", "here it falls outside the years 1900 to 9999" EX },
	};
	char expected[300];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e = ERR_INIT;
		int64_t t;

		ck_assert_msg(time_parse(span_of(rows[i][0]), CN, &t, NULL, &e) == -1, "%s was taken", rows[i][0]);
		snprintf(expected, sizeof expected, "\"%s\" is not a time: %s", rows[i][0], rows[i][1]);
		ck_assert_str_eq(e.text, expected);
		ck_assert_int_eq(e.status, ERR_DATA);
	}
}
END_TEST

START_TEST(test_date_messages)
{
	static const char *const rows[][2] = {
		{ "2026-02-30", "February 2026 has 28 days; write 2026-02-28" },
		{ "46056", "it looks like a day number of Excel; write 2026-02-03" },
		{ "2026/2/3 14:35", "it has a time of day; write 2026-02-03" },
		{ "2026/2/3 0:00Z", "it has a time of day; write 2026-02-03" },
		{ "2026-13-01", "there is no month 13; write it as 2026-02-03" },
		{ "2月底", "the year is missing; write it as 2026-02-03" },
		{ "-", "it does not begin with a year; write it as 2026-02-03" },
	};
	char expected[300];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e = ERR_INIT;
		int32_t day;

		ck_assert_msg(date_parse(span_of(rows[i][0]), &day, &e) == -1, "%s was taken", rows[i][0]);
		snprintf(expected, sizeof expected, "\"%s\" is not a date: %s", rows[i][0], rows[i][1]);
		ck_assert_str_eq(e.text, expected);
	}
}
END_TEST

START_TEST(test_a_long_value_is_cut_in_the_message)
{
	char text[400] = "";
	struct err e = ERR_INIT;
	int64_t t;

	for (int i = 0; i < 100; i++)
		strcat(text, "年");
	ck_assert_int_eq(time_parse(span_of(text), CN, &t, NULL, &e), -1);
	ck_assert_str_eq(e.text, "\"年年年年年年年年年年年年年年年年…\" is not a time: it is too long" EX);
}
END_TEST

START_TEST(test_any_bytes_are_survived)
{
	unsigned seed = 7;

	for (int i = 0; i < 20000; i++) {
		static const char alphabet[] = "0123456789-/.: TZ+\xe5\xb9\xb4\xe6\x9c\x88\xe6\x97\xa5\xef\xbc\x9a\x01\xff";
		struct err e = ERR_INIT;
		char text[40];
		size_t n = (size_t)i % sizeof text;
		int32_t day;
		int64_t t;

		for (size_t k = 0; k < n; k++) {
			seed = seed * 1103515245 + 12345;
			text[k] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		time_parse((struct span){ text, n }, CN, &t, NULL, &e);
		date_parse((struct span){ text, n }, &day, &e);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("time");
	TCase *c = tcase_create("time");

	tcase_add_test(c, test_every_day_there_is);
	tcase_add_test(c, test_days_that_do_not_exist);
	tcase_add_test(c, test_iso_weeks);
	tcase_add_test(c, test_read_and_write_agree_with_libc);
	tcase_add_test(c, test_read_is_strict);
	tcase_add_test(c, test_what_cannot_be_written_is_empty);
	tcase_add_test(c, test_local_days);
	tcase_add_test(c, test_offsets);
	tcase_add_test(c, test_what_clerks_write);
	tcase_add_test(c, test_dates_clerks_write);
	tcase_add_test(c, test_time_messages);
	tcase_add_test(c, test_date_messages);
	tcase_add_test(c, test_a_long_value_is_cut_in_the_message);
	tcase_add_test(c, test_any_bytes_are_survived);
	suite_add_tcase(s, c);
	return h_run(s);
}

/* SPDX-License-Identifier: MIT */
#include "policy/term.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runhelp.h"

static const struct {
	const char *text;
	int64_t n;
	enum term_unit unit;
} good[] = {
	{ "10m", 10, TERM_MINUTE }, { "24h", 24, TERM_HOUR }, { "3d", 3, TERM_DAY }, { "4wh", 4, TERM_WORK_HOUR },
	{ "5wd", 5, TERM_WORK_DAY }, { "month end", 0, TERM_MONTH_END }, { "0d", 0, TERM_DAY }, { "100000m", 100000, TERM_MINUTE },
};

START_TEST(test_good_terms)
{
	struct err e = ERR_INIT;
	struct term t;
	struct buf b = BUF_INIT;
	ck_assert_int_eq(term_parse(span_of(good[_i].text), &t, &e), 0);
	ck_assert_int_eq(t.n, good[_i].n);
	ck_assert_int_eq(t.unit, good[_i].unit);
	term_write(&b, t);
	ck_assert_str_eq(b.p, good[_i].text);
	buf_clear(&b);
}
END_TEST

#define UNITS "; write a number and a unit (m h d wh wd) such as 30m, 24h, 3d, 4wh, 5wd, or \"month end\""
static const char *const bad[][2] = {
	{ "5x", "\"5x\" has no known unit" UNITS }, { "5", "\"5\" has no known unit" UNITS },
	{ "", "\"\" is not a length of time" UNITS }, { "h", "\"h\" is not a length of time" UNITS },
	{ "-3d", "\"-3d\" is not a length of time" UNITS }, { "010h", "\"010h\" is not a length of time" UNITS },
	{ "1.5h", "\"1.5h\" has no known unit" UNITS }, { "3 d", "\"3 d\" has no known unit" UNITS },
	{ "3D", "\"3D\" has no known unit" UNITS }, { "100001m", "\"100001m\" is too long a time; at most 100000" },
	{ "99999999999999999999999h", "\"99999999999999999999999h\" is too long a time; at most 100000" },
	{ "within a week", "\"within a week\" is not a length of time" UNITS },
};

START_TEST(test_bad_terms)
{
	struct err e = ERR_INIT;
	struct term t;
	ck_assert_int_eq(term_parse(span_of(bad[_i][0]), &t, &e), -1);
	ck_assert_int_eq(e.status, ERR_DATA);
	ck_assert_str_eq(e.text, bad[_i][1]);
}
END_TEST

static const struct {
	const char *text;
	bool share;
	int64_t n;
	enum term_unit unit;
} points[] = {
	{ "due", false, 0, TERM_MINUTE }, { "due-50%", true, 50, TERM_MINUTE }, { "due-0%", true, 0, TERM_MINUTE },
	{ "due-100%", true, 100, TERM_MINUTE }, { "due-2h", false, -2, TERM_HOUR }, { "due+5wd", false, 5, TERM_WORK_DAY },
	{ "due+2d", false, 2, TERM_DAY },
};

START_TEST(test_good_points)
{
	struct err e = ERR_INIT;
	struct rung_at a;
	struct buf b = BUF_INIT;
	ck_assert_int_eq(rung_at_parse(span_of(points[_i].text), &a, &e), 0);
	ck_assert_int_eq(a.share, points[_i].share);
	ck_assert_int_eq(a.off.n, points[_i].n);
	ck_assert_int_eq(a.off.unit, points[_i].unit);
	rung_at_write(&b, &a);
	ck_assert_str_eq(b.p, points[_i].text);
	buf_clear(&b);
}
END_TEST

static const char *const bad_points[] = {
	"", "du", "dues", "due50%", "due+50%", "due-101%", "due-%", "due-", "due+", "due-5", "due-5x", "due-month end", "due - 2h",
	"due--2h", "Due",
};

START_TEST(test_bad_points)
{
	struct err e = ERR_INIT;
	struct rung_at a;
	char want[200];
	snprintf(want, sizeof want, "\"%s\" is no point in time; write due, due-50%% (that share of the time left), due-2h, due+1d or due+5wd",
		 bad_points[_i]);
	ck_assert_int_eq(rung_at_parse(span_of(bad_points[_i]), &a, &e), -1);
	ck_assert_str_eq(e.text, want);
}
END_TEST

#define COUNT(v) ((int)(sizeof(v) / sizeof *(v)))

int main(void)
{
	Suite *s = suite_create("term");
	TCase *t = tcase_create("term");
	tcase_add_loop_test(t, test_good_terms, 0, COUNT(good));
	tcase_add_loop_test(t, test_bad_terms, 0, COUNT(bad));
	tcase_add_loop_test(t, test_good_points, 0, COUNT(points));
	tcase_add_loop_test(t, test_bad_points, 0, COUNT(bad_points));
	suite_add_tcase(s, t);
	return h_run(s);
}

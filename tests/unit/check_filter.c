/* SPDX-License-Identifier: MIT */
#include "model/filter.h"

#include <check.h>

#include "base/time.h"
#include "runhelp.h"

static struct vocab_item words[] = { { .id = "minor", .name = "小隐患", .zh = "小隐患" },
	{ .id = "general", .name = "一般隐患", .zh = "一般隐患", .alias = (const char *[]){ "一般" }, .naliases = 1 } };
static const struct vocab severity = { "severity", words, 2 };

/* Columns 0 and 1 of a row, shown to the filter the other way round. */
static int passes(const struct filter *f, const char *zero, const char *one)
{
	struct span v[2] = { span_of(one), span_of(zero) };
	const int map[2] = { 1, 0 };
	struct err e = ERR_INIT;
	int r = filter_pass(f, v, map, &e);

	ck_assert_msg(r >= 0, "%s", e.text);
	return r;
}

START_TEST(one_of_several)
{
	struct filter f = { NULL, 0, 0 };
	struct err e = ERR_INIT;

	ck_assert_int_eq(filter_in(&f, 0, "severity", "minor, 一般", &severity, &e), 0);
	ck_assert(passes(&f, "general", ""));
	ck_assert(passes(&f, "minor", ""));
	ck_assert(!passes(&f, "major", ""));
	ck_assert(!passes(&f, "", ""));
	ck_assert_int_eq(filter_in(&f, 1, "owner", "", NULL, &e), 0);
	ck_assert(passes(&f, "minor", ""));
	ck_assert(!passes(&f, "minor", "GAS"));
	filter_clear(&f);
	ck_assert(passes(&f, "anything", ""));
}
END_TEST

START_TEST(unknown_words)
{
	struct filter f = { NULL, 0, 0 };
	struct err e = ERR_INIT;

	ck_assert_int_eq(filter_in(&f, 0, "severity", "genral", &severity, &e), -1);
	ck_assert_str_eq(e.text, "severity: \"genral\" is not one of minor, general; did you mean general?");
	ck_assert_int_eq(e.status, ERR_USAGE);
	filter_clear(&f);
}
END_TEST

START_TEST(patterns)
{
	struct filter f = { NULL, 0, 0 }, copy;
	struct err e = ERR_INIT;

	ck_assert_int_eq(filter_match(&f, 1, SPAN("燃气|液化气"), NULL, &e), 0);
	ck_assert(passes(&f, "", "用液化气的店"));
	ck_assert(!passes(&f, "", "用电"));
	ck_assert_int_eq(filter_copy(&copy, &f, &e), 0);
	filter_clear(&f);
	ck_assert(passes(&copy, "", "燃气"));
	filter_clear(&copy);
	ck_assert_int_eq(filter_match(&f, 1, SPAN("(a"), NULL, &e), -1);
	ck_assert_int_eq(e.status, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "parenthes"));
	filter_clear(&f);
}
END_TEST

START_TEST(a_limit_is_an_error)
{
	struct filter f = { NULL, 0, 0 };
	struct span v[1] = { SPAN("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab") };
	const int map[1] = { 0 };
	struct err e = ERR_INIT;

	ck_assert_int_eq(filter_match(&f, 0, SPAN("^(a+)+$"), NULL, &e), 0);
	ck_assert_int_eq(filter_pass(&f, v, map, &e), -1);
	ck_assert_msg(strncmp(e.text, "--match: ", 9) == 0, "%s", e.text);
	filter_clear(&f);
}
END_TEST

START_TEST(times)
{
	struct filter f = { NULL, 0, 0 };

	filter_time(&f, 0, true, 1770000000, 28800);
	filter_time(&f, 0, false, 1770086400, 28800);
	ck_assert(passes(&f, "2026-02-02T10:40:00+08:00", ""));
	ck_assert(!passes(&f, "2026-02-02T10:39:59+08:00", ""));
	ck_assert(passes(&f, "2026-02-03T10:39:59+08:00", ""));
	ck_assert(!passes(&f, "2026-02-03T10:40:00+08:00", ""));
	ck_assert(!passes(&f, "", ""));
	filter_clear(&f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("filter");
	TCase *t = tcase_create("all");

	tcase_add_test(t, one_of_several);
	tcase_add_test(t, unknown_words);
	tcase_add_test(t, patterns);
	tcase_add_test(t, a_limit_is_an_error);
	tcase_add_test(t, times);
	suite_add_tcase(s, t);
	return h_run(s);
}

/* SPDX-License-Identifier: MIT */
#include "policy/pattern.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "runhelp.h"

/* Does text match? Any error fails the test. */
static int hit(const char *pattern, const char *text)
{
	struct err e = ERR_INIT;
	struct pattern *p = pattern_new(span_of(pattern), &e);
	ck_assert_msg(p != NULL, "%s", e.text);
	int rc = pattern_match(p, span_of(text), &e);
	ck_assert_msg(rc >= 0, "%s", e.text);
	pattern_free(p);
	return rc;
}

START_TEST(test_matches_characters)
{
	ck_assert_int_eq(hit("燃气|液化气", "瓶装液化气泄漏"), 1);
	ck_assert_int_eq(hit("燃气|液化气", "消防"), 0);
	ck_assert_int_eq(hit("^.$", "气"), 1);	/* one character, not three bytes */
	ck_assert_int_eq(hit("^\\w+$", "隐患"), 1);
	ck_assert_int_eq(hit("a$", "a\n"), 0);
	ck_assert_int_eq(hit("x*", ""), 1);
	ck_assert_int_eq(hit("(?i)GAS", "gas"), 1);
}
END_TEST

START_TEST(test_bad_patterns_name_their_position)
{
	struct err e = ERR_INIT;
	ck_assert_ptr_null(pattern_new(SPAN("燃气("), &e));
	ck_assert_int_eq(e.status, ERR_DATA);
	ck_assert_str_eq(e.text, "bad pattern: missing closing parenthesis at character 4");
	err_clear(&e);
	ck_assert_ptr_null(pattern_new(SPAN("a\\Cb"), &e));
	ck_assert_ptr_nonnull(strstr(e.text, "bad pattern: using \\C is disabled"));
	err_clear(&e);
	ck_assert_ptr_null(pattern_new(SPAN("a\xff"), &e));
	ck_assert_ptr_nonnull(strstr(e.text, "bad pattern: UTF-8 error"));
	err_clear(&e);
	ck_assert_ptr_null(pattern_new((struct span){ NULL, 0 }, &e));
	ck_assert_str_eq(e.text, "the pattern is empty");
}
END_TEST

START_TEST(test_compiled_at_the_first_match)
{
	struct err e = ERR_INIT;
	struct pattern *p = pattern_later(SPAN("燃气|液化气"));
	ck_assert_int_eq(pattern_match(p, SPAN("瓶装液化气泄漏"), &e), 1);
	ck_assert_int_eq(pattern_match(p, SPAN("消防"), &e), 0);
	pattern_free(p);
	pattern_free(pattern_later(SPAN("燃气(")));	/* never asked */
	p = pattern_later(SPAN("燃气("));
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(pattern_match(p, SPAN("x"), &e), -1);
		ck_assert_str_eq(e.text, "bad pattern: missing closing parenthesis at character 4");
		err_clear(&e);
	}
	pattern_free(p);
}
END_TEST

START_TEST(test_length_limits)
{
	static char big[5000];
	struct err e = ERR_INIT;
	memset(big, 'a', sizeof big);
	struct pattern *p = pattern_new((struct span){ big, 1000 }, &e);
	ck_assert_ptr_nonnull(p);
	ck_assert_int_eq(pattern_match(p, (struct span){ big, 4096 }, &e), 1);
	ck_assert_int_eq(pattern_match(p, (struct span){ big, 4097 }, &e), -1);
	ck_assert_str_eq(e.text, "the text is 4097 bytes long; a pattern is tried on at most 4096");
	pattern_free(p);
	err_clear(&e);
	ck_assert_ptr_null(pattern_new((struct span){ big, 1001 }, &e));
	ck_assert_str_eq(e.text, "the pattern is 1001 bytes long; at most 1000 are allowed");
	pattern_free(NULL);
}
END_TEST

/* Patterns that take exponential or high polynomial time on a run of a's, and match none or all of them. */
static const char *const evil[] = {
	"a*a*a*[bc]$", "(a+)+$x", "^(a|a)*$x", "(a*)*b", "(a|aa)+$x", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*)*[bc]", "(a?){30}a{30}b",
	"a*a*a*a*a*a*b", "(?:a|a|a|a)*b", "((a*)*)*b", "(\\w+\\s?)*\\.$", "(x+x+)+y|(a+a+)+b", "^(a+)*[^a]$", "(?=(a+))\\1*b",
	"[a-z]*[a-z]*[a-z]*[0-9]", "(a{1,50}){1,50}b", "(.+)+\\d", "(?:.*,){11}P|(.*a){12}b", "(a+b?)*c",
};

START_TEST(test_no_pattern_stalls)
{
	static char text[4096];
	static const size_t sizes[] = { 100, 1000, 4096 };
	memset(text, 'a', sizeof text);
	for (size_t i = 0; i < 3; i++) {
		struct timespec a, b;
		struct err e = ERR_INIT;
		struct pattern *p = pattern_new(span_of(evil[_i]), &e);
		ck_assert_msg(p != NULL, "%s: %s", evil[_i], e.text);
		clock_gettime(CLOCK_MONOTONIC, &a);
		int rc = pattern_match(p, (struct span){ text, sizes[i] }, &e);
		clock_gettime(CLOCK_MONOTONIC, &b);
		double ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
		/* none of them matches a's alone: "no match" is true when said, else it is an error with a reason */
		ck_assert_int_ne(rc, 1);
		if (rc < 0)
			ck_assert_msg(strstr(e.text, "make it simpler") != NULL, "%s", e.text);
		ck_assert_msg(ms < 2000, "%s took %.0f ms", evil[_i], ms);
		pattern_free(p);
	}
}
END_TEST

START_TEST(test_limits_are_errors_not_answers)
{
	struct err e = ERR_INIT;
	struct span a = SPAN("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	struct pattern *p = pattern_new(SPAN("(a+)+$x|(a+)+b"), &e);
	ck_assert_int_eq(pattern_match(p, a, &e), -1);
	ck_assert_int_eq(e.status, ERR_DATA);
	ck_assert_str_eq(e.text, "the pattern needs too many tries on one text; make it simpler");
	err_clear(&e);
	ck_assert_int_eq(pattern_match(p, SPAN("aab"), &e), 1);	/* usable again */
	ck_assert_int_eq(pattern_match(p, SPAN("\xff"), &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "the pattern cannot be tried: UTF-8 error"));
	pattern_free(p);
}
END_TEST

START_TEST(test_deadline)
{
	static char text[4000];
	struct err e = ERR_INIT;
	memset(text, 'a', sizeof text);
	/* under the match limit at each start, but there are thousands of starts */
	struct pattern *p = pattern_new(SPAN("a{0,90}[ab]{0,90}[ac][bc]"), &e);
	ck_assert_int_eq(pattern_match(p, (struct span){ text, sizeof text }, &e), -1);
	ck_assert_str_eq(e.text, "the pattern takes more than 50 ms on one text; make it simpler");
	pattern_free(p);
}
END_TEST

START_TEST(test_slashes)
{
	struct span in;
	ck_assert(pattern_slashes(SPAN("/a|b/"), &in) && span_is(in, "a|b"));
	ck_assert(pattern_slashes(SPAN("//"), &in) && in.n == 0);
	ck_assert(!pattern_slashes(SPAN("/"), &in));
	ck_assert(!pattern_slashes(SPAN("/a"), &in));
	ck_assert(!pattern_slashes(SPAN("a/"), &in));
	ck_assert(!pattern_slashes(SPAN(""), &in));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pattern");
	TCase *t = tcase_create("pattern");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_matches_characters);
	tcase_add_test(t, test_bad_patterns_name_their_position);
	tcase_add_test(t, test_compiled_at_the_first_match);
	tcase_add_test(t, test_length_limits);
	tcase_add_loop_test(t, test_no_pattern_stalls, 0, (int)(sizeof evil / sizeof *evil));
	tcase_add_test(t, test_limits_are_errors_not_answers);
	tcase_add_test(t, test_deadline);
	tcase_add_test(t, test_slashes);
	suite_add_tcase(s, t);
	return h_run(s);
}

/* SPDX-License-Identifier: MIT */
#include "base/diag.h"

#include <check.h>
#include <stdlib.h>
#include "runhelp.h"

/* What a run of calls wrote. */
static char *text;
static size_t size;

START_TEST(test_lines)
{
	FILE *f = open_memstream(&text, &size);
	struct diag d;
	struct err e = ERR_INIT;

	diag_init(&d, f, "hazard-add", DIAG_MAX_DEFAULT);
	ck_assert_int_eq(diag_end(&d, &e), 0);
	diag_row(&d, "hazards.csv", 17, "severity", "\"%s\" is not one of minor, general, major", "serious");
	diag_row(&d, "hazards.csv", 0, NULL, "it is empty");
	diag_row(&d, "hazards.csv", 3, NULL, "too few fields");
	diag_pos(&d, "policy.yaml", 4, 9, "unknown key");
	diag_pos(&d, "policy.yaml", 4, 0, "unknown key");
	diag_pos(&d, "policy.yaml", 0, 0, "unknown key");
	diag_warn(&d, "%d days late", 3);
	d.prog = NULL;
	diag_warn(&d, "nobody speaks");
	ck_assert_uint_eq(d.errors, 6);
	ck_assert_uint_eq(d.warnings, 2);
	ck_assert_int_eq(diag_end(&d, &e), -1);
	fclose(f);
	ck_assert_str_eq(text, "hazards.csv:17: severity: \"serious\" is not one of minor, general, major\n"
	    "hazards.csv: it is empty\nhazards.csv:3: too few fields\npolicy.yaml:4:9: unknown key\n"
	    "policy.yaml:4: unknown key\npolicy.yaml: unknown key\nhazard-add: warning: 3 days late\n"
	    "warning: nobody speaks\n");
	ck_assert_int_eq(e.status, ERR_DATA);
	ck_assert_str_eq(e.text, "6 errors, nothing was written");
	free(text);
}
END_TEST

START_TEST(test_hostile_data_is_escaped)
{
	FILE *f = open_memstream(&text, &size);
	struct diag d;

	diag_init(&d, f, NULL, 0);
	diag_row(&d, "a\nb.csv", 1, "x\x1b", "%s", "\x1b]0;pwned\x07 隐患 \xff\xe2\x80\xae");
	diag_warn(&d, "%s", "two\nlines");
	fclose(f);
	ck_assert_str_eq(text, "a\\u{a}b.csv:1: x\\u{1b}: \\u{1b}]0;pwned\\u{7} 隐患 \\x{ff}\\u{202e}\n"
	    "warning: two\\u{a}lines\n");
	free(text);
}
END_TEST

START_TEST(test_the_rest_is_counted)
{
	struct err e = ERR_INIT;
	struct diag d;
	FILE *f;

	for (size_t n = 3; n <= 5; n++) {
		f = open_memstream(&text, &size);
		diag_init(&d, f, "x", 3);
		for (size_t i = 0; i < n; i++)
			diag_row(&d, "f", i + 1, NULL, "bad");
		err_clear(&e);
		ck_assert_int_eq(diag_end(&d, &e), -1);
		fclose(f);
		ck_assert_str_eq(text, n == 3 ? "f:1: bad\nf:2: bad\nf:3: bad\n"
		    : n == 4 ? "f:1: bad\nf:2: bad\nf:3: bad\n… and 1 more error\n"
		    : "f:1: bad\nf:2: bad\nf:3: bad\n… and 2 more errors\n");
		free(text);
	}
}
END_TEST

START_TEST(test_counting_only)
{
	struct err e = ERR_INIT;
	struct diag d;

	diag_init(&d, NULL, "x", 0);
	diag_row(&d, "f", 1, NULL, "bad");
	diag_warn(&d, "odd");
	ck_assert_int_eq(diag_end(&d, &e), -1);
	ck_assert_str_eq(e.text, "1 error, nothing was written");
	ck_assert_uint_eq(d.warnings, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("diag");
	TCase *c = tcase_create("diag");

	tcase_add_test(c, test_lines);
	tcase_add_test(c, test_hostile_data_is_escaped);
	tcase_add_test(c, test_the_rest_is_counted);
	tcase_add_test(c, test_counting_only);
	suite_add_tcase(s, c);
	return h_run(s);
}

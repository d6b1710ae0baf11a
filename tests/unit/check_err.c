/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "runhelp.h"

START_TEST(test_first_error_wins)
{
	struct err e = ERR_INIT;

	ck_assert_int_eq(err_set(&e, ERR_DATA, "hazards.csv:%d: %s", 17, "severity"), -1);
	ck_assert_int_eq(err_set(&e, ERR_FAILED, "second"), -1);
	errno = EIO;
	ck_assert_int_eq(err_sys(&e, "third"), -1);
	ck_assert_int_eq(e.status, ERR_DATA);
	ck_assert_str_eq(e.text, "hazards.csv:17: severity");
	err_clear(&e);
	ck_assert_int_eq(e.status, ERR_OK);
	ck_assert_str_eq(e.text, "");
	ck_assert_int_eq(err_set(NULL, ERR_DATA, "nobody listens"), -1);
}
END_TEST

START_TEST(test_sys_appends_the_reason)
{
	struct err e = ERR_INIT;

	errno = ENOSPC;
	ck_assert_int_eq(err_sys(&e, "%s: cannot write", "events.csv"), -1);
	ck_assert_int_eq(e.status, ERR_FAILED);
	ck_assert_str_eq(e.text, "events.csv: cannot write: No space left on device");
	ck_assert_int_eq(errno, ENOSPC);
	err_clear(&e);
	errno = 9999;
	err_sys(&e, "x");
	ck_assert_str_eq(e.text, "x: error 9999");
}
END_TEST

START_TEST(test_prefix)
{
	struct err e = ERR_INIT;

	ck_assert_int_eq(err_prefix(&e, "nothing"), -1);
	ck_assert_str_eq(e.text, "");
	err_set(&e, ERR_PERSON, "broken");
	ck_assert_int_eq(err_prefix(&e, "%s:%d", "journal.csv", 4), -1);
	ck_assert_int_eq(e.status, ERR_PERSON);
	ck_assert_str_eq(e.text, "journal.csv:4: broken");
	err_prefix(&e, "again: %s", e.text);	/* its own text as an argument */
	ck_assert_str_eq(e.text, "again: journal.csv:4: broken: journal.csv:4: broken");
}
END_TEST

START_TEST(test_long_text_is_cut_between_characters)
{
	char text[4000];

	for (size_t shift = 0; shift < 3; shift++) {
		struct err e = ERR_INIT;
		size_t n;

		memset(text, 'x', shift);
		for (n = shift; n + 3 < sizeof text; n += 3)
			memcpy(text + n, "隐", 3);
		text[n] = '\0';
		err_set(&e, ERR_DATA, "%s", text);
		n = strlen(e.text);
		ck_assert_uint_lt(n, sizeof e.text);
		ck_assert_uint_gt(n, sizeof e.text - 5);
		ck_assert_uint_eq((n - shift) % 3, 0);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("err");
	TCase *c = tcase_create("err");

	tcase_add_test(c, test_first_error_wins);
	tcase_add_test(c, test_sys_appends_the_reason);
	tcase_add_test(c, test_prefix);
	tcase_add_test(c, test_long_text_is_cut_between_characters);
	suite_add_tcase(s, c);
	return h_run(s);
}

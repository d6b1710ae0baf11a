/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <check.h>
#include <stdlib.h>
#include "runhelp.h"

START_TEST(test_put_keeps_a_nul_behind)
{
	struct buf b = BUF_INIT;

	buf_put(&b, NULL, 0);
	ck_assert_str_eq(b.p, "");
	for (int i = 0; i < 1000; i++) {
		buf_putc(&b, 'a');
		buf_puts(&b, "隐患");
		buf_span(&b, SPAN("xy"));
		ck_assert_int_eq(b.p[b.n], 0);
	}
	ck_assert_uint_eq(b.n, 9000);
	ck_assert_uint_eq(strlen(b.p), 9000);
	buf_reset(&b);
	ck_assert_uint_eq(b.n, 0);
	ck_assert_str_eq(b.p, "");
	ck_assert_uint_ge(b.cap, 9001);
	buf_clear(&b);
	ck_assert_ptr_null(b.p);
	buf_put(&b, "a\0b", 3);
	ck_assert(span_eq(buf_view(&b), (struct span){ "a\0b", 3 }));
	buf_clear(&b);
	buf_clear(&b);
}
END_TEST

START_TEST(test_printf_of_any_length)
{
	struct buf b = BUF_INIT;
	char longer[500];

	memset(longer, 'z', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	buf_printf(&b, "%d-", 7);
	for (int n = 0; n < 200; n++) {
		buf_reset(&b);
		buf_printf(&b, "%.*s|%s", n, longer, "end");
		ck_assert_uint_eq(b.n, (size_t)n + 4);
		ck_assert_str_eq(b.p + n, "|end");
	}
	buf_reset(&b);
	buf_printf(&b, "%s%s", longer, longer);
	buf_printf(&b, "%s", "");
	ck_assert_uint_eq(b.n, 998);
	buf_clear(&b);
}
END_TEST

START_TEST(test_compare)
{
	ck_assert(span_eq((struct span){ NULL, 0 }, SPAN("")));
	ck_assert(span_is(SPAN("abc"), "abc"));
	ck_assert(!span_is(SPAN("abc"), "abcd"));
	ck_assert_int_lt(span_cmp(SPAN("ab"), SPAN("abc")), 0);
	ck_assert_int_gt(span_cmp(SPAN("b"), SPAN("abc")), 0);
	ck_assert_int_gt(span_cmp(SPAN("\xe9"), SPAN("z")), 0);
	ck_assert_int_eq(span_cmp((struct span){ NULL, 0 }, SPAN("")), 0);
	ck_assert_int_lt(span_cmp((struct span){ NULL, 0 }, SPAN("a")), 0);
}
END_TEST

START_TEST(test_split)
{
	struct span rest = SPAN("a;;bc;"), piece;

	ck_assert(span_split(&rest, ';', &piece) && span_is(piece, "a"));
	ck_assert(span_split(&rest, ';', &piece) && span_is(piece, ""));
	ck_assert(span_split(&rest, ';', &piece) && span_is(piece, "bc"));
	ck_assert(!span_split(&rest, ';', &piece));
	ck_assert(!span_split(&rest, ';', &piece));
	rest = SPAN("");
	ck_assert(!span_split(&rest, ';', &piece));
	rest = (struct span){ NULL, 0 };
	ck_assert(!span_split(&rest, ';', &piece));
	rest = SPAN("whole");
	ck_assert(span_split(&rest, ',', &piece) && span_is(piece, "whole"));
	ck_assert(!span_split(&rest, ',', &piece));
}
END_TEST

START_TEST(test_trim)
{
	ck_assert(span_is(span_trim(SPAN(" \t　\xc2\xa0 隐 患 \xc2\xa0　\t ")), "隐 患"));
	ck_assert_uint_eq(span_trim(SPAN(" 　 ")).n, 0);
	ck_assert_uint_eq(span_trim((struct span){ NULL, 0 }).n, 0);
	ck_assert(span_is(span_trim(SPAN("\nx\n")), "\nx\n"));
	ck_assert(span_is(span_trim(SPAN("退")), "退"));
}
END_TEST

START_TEST(test_numbers)
{
	uint64_t v = 5;

	ck_assert(span_u64(SPAN("0"), 10, &v) && v == 0);
	ck_assert(span_u64(SPAN("010"), 10, &v) && v == 10);
	ck_assert(span_u64(SPAN("18446744073709551615"), UINT64_MAX, &v) && v == UINT64_MAX);
	v = 5;
	ck_assert(!span_u64(SPAN("18446744073709551616"), UINT64_MAX, &v));
	ck_assert(!span_u64(SPAN("99999999999999999999999"), UINT64_MAX, &v));
	ck_assert(!span_u64(SPAN("11"), 10, &v));
	ck_assert(!span_u64(SPAN(""), 10, &v));
	ck_assert(!span_u64(SPAN("5x"), 10, &v));
	ck_assert(!span_u64(SPAN(" 5"), 10, &v));
	ck_assert(!span_u64(SPAN("+5"), 10, &v));
	ck_assert(!span_u64(SPAN("-5"), 10, &v));
	ck_assert_uint_eq(v, 5);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("buf");
	TCase *c = tcase_create("buf");

	tcase_add_test(c, test_put_keeps_a_nul_behind);
	tcase_add_test(c, test_printf_of_any_length);
	tcase_add_test(c, test_compare);
	tcase_add_test(c, test_split);
	tcase_add_test(c, test_trim);
	tcase_add_test(c, test_numbers);
	suite_add_tcase(s, c);
	return h_run(s);
}

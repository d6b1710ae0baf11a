/* SPDX-License-Identifier: MIT */
#include "model/figures.h"

#include <check.h>
#include "runhelp.h"

/* What a rate prints as. */
static void rate_is(uint64_t num, uint64_t den, int decimals, const char *want)
{
	struct buf b = BUF_INIT;

	figures_rate(&b, num, den, decimals);
	ck_assert_str_eq(b.p, want);
	buf_clear(&b);
}

START_TEST(published_rates)
{
	rate_is(5521, 16241, 2, "33.99%");
	rate_is(5075, 16180, 2, "31.37%");
	rate_is(3188, 3680, 2, "86.63%");
	rate_is(3188, 3680, 0, "87%");
	rate_is(446, 521, 0, "86%");
	rate_is(1350, 1541, 0, "88%");
	rate_is(1105, 1379, 2, "80.13%");
	rate_is(1275, 1593, 2, "80.04%");
	rate_is(503, 565, 0, "89%");
	rate_is(192, 208, 0, "92%");
	rate_is(26, 26, 0, "100%");
}
END_TEST

START_TEST(edges)
{
	rate_is(0, 0, 0, "/");
	rate_is(7, 0, 2, "/");
	rate_is(0, 9, 1, "0.0%");
	rate_is(1, 200, 0, "1%");		/* half goes up */
	rate_is(1, 201, 0, "0%");
	rate_is(3, 2, 0, "150%");
	rate_is(1, 3, 9, "33.333333333%");
	rate_is(UINT64_MAX, UINT64_MAX, 2, "100.00%");
}
END_TEST

START_TEST(means)
{
	struct buf b = BUF_INIT;

	figures_mean(&b, 7, 2, 1);
	buf_putc(&b, ' ');
	figures_mean(&b, 7, 2, 0);
	buf_putc(&b, ' ');
	figures_mean(&b, 7, 0, 1);
	ck_assert_str_eq(b.p, "3.5 4 /");
	buf_clear(&b);
}
END_TEST

START_TEST(under_a_target)
{
	ck_assert(figures_under(899, 1000, 90));
	ck_assert(!figures_under(900, 1000, 90));
	ck_assert(!figures_under(0, 0, 90));
	ck_assert(!figures_under(0, 10, -1));	/* no target */
	ck_assert(!figures_under(UINT64_MAX, UINT64_MAX, 100));
}
END_TEST

START_TEST(sums)
{
	struct figures a = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }, b = a;

	figures_add(&a, &b);
	ck_assert_uint_eq(a.found + a.rectified + a.closed + a.open + a.overdue + a.major + a.followed + a.terminated + a.void_, 90);
	ck_assert_uint_eq(a.days, 20);
	ck_assert_uint_eq(a.ndays, 22);
	ck_assert_uint_eq(a.handovers, 24);
	ck_assert_uint_eq(a.returns, 26);
	ck_assert_uint_eq(a.raised, 28);
	ck_assert_uint_eq(a.climbed, 30);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("figures");
	TCase *t = tcase_create("all");

	tcase_add_test(t, published_rates);
	tcase_add_test(t, edges);
	tcase_add_test(t, means);
	tcase_add_test(t, under_a_target);
	tcase_add_test(t, sums);
	suite_add_tcase(s, t);
	return h_run(s);
}

/* SPDX-License-Identifier: MIT */
#include "engine/histogram.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct histogram h;
static struct err e;
static struct buf out;

static void teardown(void)
{
	histogram_clear(&h);
	buf_clear(&out);
	err_clear(&e);
}

/* The smallest of sorted values that at least percent % of all do not exceed, by counting. */
static uint64_t rank_of(const uint64_t *v, size_t n, unsigned percent)
{
	for (size_t i = 0; i < n; i++)
		if ((i + 1) * 100 >= n * percent)
			return v[i];
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

START_TEST(test_ranks_are_those_of_the_values)
{
	static uint64_t v[5000];
	unsigned seed = 20261122;

	for (size_t n = 1; n <= 5000; n = n * 3 + 1) {
		histogram_clear(&h);
		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245u + 12345u;
			v[i] = (seed >> 8) % (n % 2 ? 90 : 100000);
			histogram_add(&h, v[i], 1);
		}
		qsort(v, n, sizeof *v, by_value);
		ck_assert_uint_eq(histogram_count(&h), n);
		for (unsigned p = 1; p <= 100; p++)
			ck_assert_msg(histogram_rank(&h, p) == rank_of(v, n, p), "%zu values, %u%%", n, p);
	}
}
END_TEST

START_TEST(test_nearest_rank_by_hand)
{
	ck_assert_uint_eq(histogram_rank(&h, 50), 0);
	for (uint64_t v = 15; v <= 50; v += 5)
		if (v != 25 && v != 30 && v != 45)
			histogram_add(&h, v, 1);
	/* 15 20 35 40 50: the example that everybody knows */
	ck_assert_uint_eq(histogram_rank(&h, 30), 20);
	ck_assert_uint_eq(histogram_rank(&h, 40), 20);
	ck_assert_uint_eq(histogram_rank(&h, 50), 35);
	ck_assert_uint_eq(histogram_rank(&h, 100), 50);
}
END_TEST

START_TEST(test_parts_add_up)
{
	struct histogram whole = { .n = 0 }, part = { .n = 0 };
	struct buf text = BUF_INIT;
	uint64_t count, all = 0;
	unsigned seed = 7;

	for (int i = 0; i < 3000; i++) {
		uint64_t v = (seed = seed * 1103515245u + 12345u) >> 20;

		histogram_add(&whole, v, 1 + (uint64_t)(i % 3));
		histogram_add(i % 2 ? &part : &h, v, 1 + (uint64_t)(i % 3));
	}
	for (size_t next = 0, rows = 0; next > 0 || rows == 0; rows++) {	/* in pieces of a hundred bytes */
		buf_reset(&text);
		next = histogram_write(&part, next, 100, &text, &count);
		ck_assert_uint_lt(text.n, 150);
		all += count;
		ck_assert_int_eq(histogram_read(&h, buf_view(&text), &e), 0);
	}
	ck_assert_uint_eq(all, histogram_count(&part));
	buf_reset(&text);
	ck_assert_uint_eq(histogram_write(&whole, 0, SIZE_MAX, &text, &count), 0);
	ck_assert_uint_eq(count, histogram_count(&whole));
	histogram_write(&h, 0, SIZE_MAX, &out, &count);
	ck_assert_str_eq(out.p, text.p);
	histogram_join(&whole, &h);
	ck_assert_uint_eq(histogram_count(&whole), 2 * histogram_count(&h));
	ck_assert_uint_eq(histogram_rank(&whole, 90), histogram_rank(&h, 90));
	histogram_clear(&whole);
	histogram_clear(&part);
	buf_clear(&text);
}
END_TEST

START_TEST(test_what_is_no_histogram_is_refused)
{
	static const char *const bad[] = { "5", "5:", ":5", "a:1", "1:b", "1:2,3:4", "1:2 ", "1:-2", "1:2  3:4", "1:2:3" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		err_clear(&e);
		/* a blank at the very end is followed by nothing (span_split) */
		ck_assert_msg(histogram_read(&h, span_of(bad[i]), &e) == (strcmp(bad[i], "1:2 ") == 0 ? 0 : -1), "\"%s\"", bad[i]);
	}
	ck_assert_str_eq(e.text, "times: \"1:2:3\" is not SECONDS:COUNT");
	histogram_clear(&h);
	ck_assert_int_eq(histogram_read(&h, SPAN(""), &e), 0);
	ck_assert_uint_eq(histogram_count(&h), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("histogram");
	TCase *t = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, test_ranks_are_those_of_the_values);
	tcase_add_test(t, test_nearest_rank_by_hand);
	tcase_add_test(t, test_parts_add_up);
	tcase_add_test(t, test_what_is_no_histogram_is_refused);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}

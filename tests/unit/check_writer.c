/* SPDX-License-Identifier: MIT */
#include "csv/writer.h"
#include <check.h>
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "csv/scan.h"
#include "runhelp.h"

START_TEST(quoting)
{
	static const struct {
		const char *value, *written;
	} v[] = {
		{ "", "" }, { "a", "a" }, { "a b", "a b" }, { "a,b", "\"a,b\"" }, { "a\"b", "\"a\"\"b\"" }, { "\"", "\"\"\"\"" },
		{ "a\nb", "\"a\nb\"" }, { "a\rb", "\"a\rb\"" }, { " a", "\" a\"" }, { "a\t", "\"a\t\"" }, { "隐患", "隐患" }, { "'a'", "'a'" },
	};
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
		buf_reset(&b);
		writer_field(&b, span_of(v[i].value));
		ck_assert(span_is(buf_view(&b), v[i].written));
	}
	buf_clear(&b);
}
END_TEST

START_TEST(rows)
{
	struct span f[3] = { SPAN("a"), { NULL, 0 }, SPAN("b,c") };
	struct buf b = BUF_INIT;

	writer_row(&b, f, 3);
	writer_row(&b, f + 1, 1);
	writer_row(&b, f, 1);
	ck_assert(span_is(buf_view(&b), "a,,\"b,c\"\n\"\"\na\n"));
	buf_clear(&b);
}
END_TEST

struct back {
	const struct span *f;
	size_t n, at, rows;
};

static void on_field(void *p, size_t n, void *arg)
{
	struct back *k = arg;

	ck_assert_uint_lt(k->at, k->n);
	ck_assert(span_eq((struct span){ p, n }, k->f[k->at]));
	k->at++;
}

static void on_row(int c, void *arg)
{
	struct back *k = arg;

	ck_assert_int_eq(c, '\n');
	ck_assert_uint_eq(k->at, k->n);
	k->rows++;
}

/* ---- what is written parses to the same, and that is written as the same bytes ---- */
#define ROWS 20000
#define ROWS_LONG 1000000
#define FIELDS 12
#define LONGEST 1000

static uint64_t state;

static uint32_t below(uint32_t n)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)(((z >> 32) * n) >> 32);
}

/* A value of n bytes: any of 0x01 to 0xFF, with more or less of what needs quotes. */
static struct span value(char *p, size_t n, uint32_t marks)
{
	for (size_t i = 0; i < n; i++)
		p[i] = below(100) < marks ? "\",\n\r \t"[below(6)] : (char)(1 + below(255));
	return (struct span){ p, n };
}

static int same_row(void *arg, const struct scan_row *row)
{
	struct back *k = arg;

	for (size_t i = 0; i < k->n; i++)
		ck_assert_msg(span_eq(row->f[i], k->f[i]), "field %zu of %zu bytes", i, k->f[i].n);
	k->rows++;
	return 0;
}

/* By libcsv, and by the fast reader. */
static void parses_back(struct span written, const struct span *f, size_t n)
{
	static const int cols[FIELDS] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
	struct scan_want want = { n, cols, n };
	struct back slow = { f, n, 0, 0 }, fast = { f, n, 0, 0 };
	struct err e = ERR_INIT;
	struct csv_parser p;

	csv_init(&p, CSV_STRICT | CSV_STRICT_FINI);
	ck_assert_uint_eq(csv_parse(&p, written.p, written.n, on_field, on_row, &slow), written.n);
	ck_assert_uint_eq(slow.rows, 1);
	csv_free(&p);
	ck_assert_msg(scan_bytes("f", written, false, 1, &want, same_row, &fast, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(fast.rows, 1);
}

/* The same bytes from the fields of a point read. */
static void writes_again(struct span written, size_t n)
{
	struct buf text = BUF_INIT, again = BUF_INIT;
	struct span f[FIELDS];
	struct err e = ERR_INIT;

	ck_assert_msg(scan_record("f", written, &text, f, FIELDS, &e) == (int)n, "%s", e.text);
	writer_row(&again, f, n);
	ck_assert(span_eq(buf_view(&again), written));
	buf_clear(&text);
	buf_clear(&again);
}

/* All lengths of a first field in turn, every byte but NUL. */
START_TEST(round_trip)
{
	static char text[FIELDS][LONGEST];
	const char *seed = getenv("SEED"), *is_long = getenv("TEST_LONG");
	size_t many = is_long && strcmp(is_long, "yes") == 0 ? ROWS_LONG : ROWS;
	struct buf b = BUF_INIT;

	state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
	printf("check_writer: SEED=%llu ROWS=%zu\n", (unsigned long long)state, many);
	fflush(stdout);
	for (size_t i = 0; i < many; i++) {
		static const uint32_t marks[] = { 0, 2, 30, 100 };
		struct span f[FIELDS];
		size_t n = 1 + below(FIELDS);

		for (size_t j = 0; j < n; j++)
			f[j] = value(text[j], j ? below(below(20) ? 30 : LONGEST + 1) : i % (LONGEST + 1), marks[below(4)]);
		buf_reset(&b);
		writer_row(&b, f, n);
		parses_back(buf_view(&b), f, n);
		writes_again(buf_view(&b), n);
	}
	buf_clear(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("writer");
	TCase *t = tcase_create("writer");

	tcase_set_timeout(t, 0);
	tcase_add_test(t, quoting);
	tcase_add_test(t, rows);
	tcase_add_test(t, round_trip);
	suite_add_tcase(s, t);
	return h_run(s);
}

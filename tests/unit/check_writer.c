/* SPDX-License-Identifier: MIT */
#include "csv/writer.h"
#include <check.h>
#include <csv.h>
#include <stdlib.h>

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

/* libcsv gives back what was written: every byte but NUL, every length up to 1000. */
START_TEST(round_trip)
{
	static char text[4][1000];
	struct buf b = BUF_INIT;
	uint32_t x = 1;

	for (int i = 0; i < 4000; i++) {
		struct span f[4];
		struct back k = { f, 1 + (size_t)i % 4, 0, 0 };
		struct csv_parser p;

		for (size_t j = 0; j < k.n; j++) {
			size_t len = j ? (size_t)(x >> 16) % 30 : (size_t)i % 1001;

			for (size_t c = 0; c < len && c < sizeof text[j]; c++) {
				x = x * 1664525u + 1013904223u;
				text[j][c] = x >> 30 ? (char)(1 + (x >> 16) % 255) : "\",\n\r \t"[(x >> 16) % 6];
			}
			f[j] = (struct span){ text[j], len };
		}
		buf_reset(&b);
		writer_row(&b, f, k.n);
		csv_init(&p, CSV_STRICT | CSV_STRICT_FINI);
		ck_assert_uint_eq(csv_parse(&p, b.p, b.n, on_field, on_row, &k), b.n);
		ck_assert_uint_eq(k.rows, 1);
		csv_free(&p);
	}
	buf_clear(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("writer");
	TCase *t = tcase_create("writer");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, quoting);
	tcase_add_test(t, rows);
	tcase_add_test(t, round_trip);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}

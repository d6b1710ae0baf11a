/* SPDX-License-Identifier: MIT */
#include "csv/scan.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/io.h"
#include "base/mem.h"
#include "csv/scanint.h"
#include "csv/writer.h"
#include "scanhelp.h"
#include "runhelp.h"

/* What the writer wrote, the scan reads in canonical mode. */
START_TEST(round_trip)
{
	static const int cols[] = { 0, 1, 2 };
	struct scan_want want = { 3, cols, 3 };
	struct buf file = BUF_INIT, expect = BUF_INIT;
	struct got g = { .nfields = 3 };
	struct err e = ERR_INIT;

	state = 11;
	for (int i = 0; i < 5000; i++) {
		char v[3][64];
		struct span f[3];

		for (int k = 0; k < 3; k++) {
			f[k] = (struct span){ v[k], below(60) };
			for (size_t j = 0; j < f[k].n; j++)
				do
					v[k][j] = below(4) ? "\" ,\t"[below(4)] : (char)(1 + below(255));
				while (v[k][j] == '\n' || v[k][j] == '\r');
			put_field(&expect, f[k].p, f[k].n);
		}
		buf_puts(&expect, "\036");
		writer_row(&file, f, 3);
	}
	ck_assert_msg(scan_bytes("f", buf_view(&file), true, 1, &want, on_row, &g, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(g.rows, 5000);
	ck_assert(span_eq(buf_view(&g.text), buf_view(&expect)));
	buf_clear(&g.text);
	buf_clear(&file);
	buf_clear(&expect);
}
END_TEST

/* What on_wide compares: the rows again, each by itself. */
struct wide {
	const int *cols;
	size_t n, rows;
};

static int on_wide(void *arg, const struct scan_row *row)
{
	struct wide *w = arg;
	struct span f[32];
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;

	ck_assert_int_eq(scan_record("t", (struct span){ row->bytes, row->length }, &text, f, 32, &e), 20);
	for (size_t i = 0; i < w->n; i++) {
		ck_assert_ptr_nonnull(row->f[i].p);
		ck_assert(w->cols[i] < 0 ? row->f[i].n == 0 : span_eq(row->f[i], f[w->cols[i]]));
	}
	buf_clear(&text);
	w->rows++;
	return 0;
}

/* Many columns of mostly empty rows, now and then a quoted or irregular one: what a row leaves out is not what the one
 * before said. */
START_TEST(wide_rows)
{
	static const char *const words[] = { "a", "bc", "\"q,\"", "\"d\"\"d\"", " blank ", "long enough to be no short word" };
	int cols[20];
	struct scan_want want = { 20, cols, 20 };
	struct wide w = { cols, 20, 0 };
	struct buf csv = BUF_INIT;
	struct err e = ERR_INIT;

	state = 11;
	for (int i = 0; i < 20; i++)
		cols[i] = i == 7 ? -1 : 19 - i;
	for (int i = 0; i < 4000; i++) {
		for (int c = 0; c < 20; c++) {
			buf_puts(&csv, c ? "," : "");
			if (c == 0 || below(6) == 0)
				buf_puts(&csv, words[below(6)]);
		}
		buf_putc(&csv, '\n');
	}
	ck_assert_msg(scan_bytes("t", buf_view(&csv), true, 1, &want, on_wide, &w, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(w.rows, 4000);
	buf_clear(&csv);
}
END_TEST

/* The best instruction set there is, or the one before it. */
static const struct scan_isa *isa_of(int which)
{
#if defined(__x86_64__)
	if (which > 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("pclmul"))
		return &scan_isa_avx2;
#endif
	(void)which;
	return scan_isa();
}

/* All instruction sets give the same lists. */
START_TEST(instruction_sets)
{
	static char p[4096 + SCAN_SLACK];
	const struct scan_isa *isa = isa_of(_i);
	struct scan_lists a, b;

	scan_lists_init(&a, 3, 4096);
	scan_lists_init(&b, 3, 4096);
	state = 5;
	for (int i = 0; i < 3000; i++) {
		size_t n = below(4096), kinds = 2 + below(9);

		memset(p, 0, sizeof p);
		for (size_t k = 0; k < n; k++)
			p[k] = "a,\"\n\r  b\"\","[below((uint32_t)kinds)];
		scan_isa_plain.mask(p, n, i % 2, &a);
		isa->mask(p, n, i % 2, &b);
		ck_assert_uint_eq(a.bad, b.bad);
		ck_assert_uint_eq(a.nsep, b.nsep);
		ck_assert_uint_eq(a.nnl, b.nnl);
		ck_assert_int_eq(a.cr, b.cr);
		ck_assert_int_eq(memcmp(a.sep - 1, b.sep - 1, (a.nsep + 1) * sizeof *a.sep), 0);
		ck_assert_int_eq(memcmp(a.nl, b.nl, a.nnl * sizeof *a.nl), 0);
		ck_assert_uint_eq(a.sep[a.nsep + 2], UINT16_MAX);
		ck_assert_uint_eq(scan_isa_plain.count(p, n, ','), isa->count(p, n, ','));
		for (size_t k = 0; k + 40 <= a.nsep; k += 17)
			ck_assert_uint_eq(scan_isa_plain.filled(a.sep + k, 1 + k % 40), isa->filled(a.sep + k, 1 + k % 40));
	}
	scan_lists_clear(&a);
	scan_lists_clear(&b);
}
END_TEST

/* ---- columns ---- */
START_TEST(wanted_columns)
{
	static const int cols[] = { 2, -1, 0, 2 };
	struct scan_want want = { 3, cols, 4 };
	struct got g = { .nfields = 4 };
	struct err e = ERR_INIT;

	ck_assert_int_eq(scan_bytes("f", SPAN("a,b,\"c\"\"d\"\n"), true, 1, &want, on_row, &g, &e), 0);
	ck_assert_uint_eq(g.rows, 1);
	ck_assert(span_eq(buf_view(&g.text), SPAN("\3\0\0\0c\"d\0\0\0\0\1\0\0\0a\3\0\0\0c\"d\036")));
	buf_clear(&g.text);
}
END_TEST

START_TEST(stops_with_the_callback)
{
	static const int cols[] = { 0 };
	struct scan_want want = { 1, cols, 1 };
	struct got g = { .nfields = 1, .stop_at = 2 };
	struct err e = ERR_INIT;

	ck_assert_int_eq(scan_bytes("f", SPAN("a\nb\nc\n"), true, 1, &want, on_row, &g, &e), 7);
	ck_assert_uint_eq(g.rows, 2);
	ck_assert_int_eq(e.status, ERR_OK);
	buf_clear(&g.text);
}
END_TEST

/* ---- errors ---- */
struct message {
	bool canonical;
	size_t ncols, rows;
	const char *file, *text;
};

static const struct message messages[] = {
	{ true, 2, 1, "a,b\nc\n", "f:3: 1 column, the header has 2" },
	{ true, 2, 2, "a,b\nc,d\n1,2,3\n", "f:4: 3 columns, the header has 2" },
	{ true, 2, 1, "a,b\n\nc,d\n", "f:3: an empty line" },
	{ true, 2, 1, "a,b\n \"x\" ,2,3\n", "f:3: 3 columns, the header has 2" },
	{ false, 3, 1, "a,b,c\n \"x\" ,2\n", "f:3: 2 columns, the header has 3" },
	{ true, 1, 1, "\"\"\n\n", "f:3: an empty line" },
	{ true, 2, 1, "a,b\nc,\"d\ne,f\n", "f:3: column 2: quote opened here is never closed" },
	{ true, 2, 1, "a,b\nc,d\r\ne,f\n", "f:3: a carriage return outside quotes (saved by another program?)" },
	{ true, 2, 0, "a\rb,c\n", "f:2: a carriage return outside quotes (saved by another program?)" },
	{ true, 2, 1, "a,b\nc,d\"e\n", "f:3: column 2: a quote inside an unquoted field" },
	{ true, 2, 1, "a,b\n\"c\"d,e\n", "f:3: column 1: text behind the closing quote, or a quote that is not doubled" },
	{ false, 2, 2, "a,b\r\n\r\n \n c , d \r1,2,3", "f:5: 3 columns, the header has 2" },
	{ false, 2, 1, "a,\"b\nb\"\nc,\"d\nx\ny,\"e\"\n", "f:4: column 2: text behind the closing quote, or a quote that is not doubled" },
	{ false, 2, 1, "a,\"b\nb\"\nc\n,\"d\nx\n", "f:4: 1 column, the header has 2" },
	{ false, 2, 1, "a,\"b\nb\"\n\"c\n\",\"d\"\"\nx\n", "f:5: column 2: quote opened here is never closed" },
};

START_TEST(error_texts)
{
	static const int cols[] = { 0 };
	const struct message *m = &messages[_i];
	struct scan_want want = { m->ncols, cols, 1 };
	struct scan_source src = { .name = "f", .canonical = m->canonical, .first_line = 2, .to = (off_t)strlen(m->file) };
	struct got g = { .nfields = 1 };
	struct err e = ERR_INIT;

	ck_assert_int_eq(scan_bytes("f", span_of(m->file), m->canonical, 2, &want, on_row, &g, &e), -1);
	ck_assert_str_eq(e.text, m->text);
	ck_assert_int_eq(e.status, ERR_DATA);
	ck_assert_uint_eq(g.rows, m->rows);
	err_clear(&e);
	src.fd = memory_file(span_of(m->file));
	ck_assert_int_eq(scan_rows(&src, &want, on_row, &g, &e), -1);
	ck_assert_str_eq(e.text, m->text);
	close(src.fd);
	buf_clear(&g.text);
}
END_TEST

/* A broken column is found though nobody wants it, wherever it stands in the vectors. */
START_TEST(unwanted_columns_too)
{
	static const char *const bad[] = { "\"q\"x", "x\"q", "\"q\" \"", "x\"\"" };
	static const int cols[] = { 0 };
	struct scan_want want = { 3, cols, 1 };

	for (int i = 0; i < 150; i++)
		for (int k = 0; k < 4; k++) {
			struct buf b = BUF_INIT;
			struct got g = { .nfields = 1 };
			struct err e = ERR_INIT;

			buf_printf(&b, "a,b,c\n%0*d,%s,c\n", i + 1, 0, bad[k]);
			ck_assert_int_eq(scan_bytes("f", buf_view(&b), k % 2, 1, &want, on_row, &g, &e), -1);
			ck_assert_uint_eq(g.rows, 1);
			ck_assert_int_eq(strncmp(e.text, "f:2: column 2: ", 15), 0);
			buf_clear(&b);
			buf_clear(&g.text);
		}
}
END_TEST

/* A record of two fields, the second of n bytes in quotes, or unquoted, or a record that never ends. */
static int long_field(size_t n, int kind, struct err *e)
{
	static const int cols[] = { 1 };
	struct scan_want want = { 2, cols, 1 };
	struct scan_source src = { .name = "f", .to = -1, .canonical = kind == 3, .first_line = 1 };
	char *p = mem_alloc(n);
	struct buf b = BUF_INIT;
	size_t got = 0;
	int r;

	memset(p, kind == 2 ? ',' : 'x', n);
	buf_puts(&b, kind == 1 ? "a," : "a,\"");
	if (kind == 2)
		b.n--;
	buf_put(&b, p, n);
	buf_puts(&b, kind == 1 ? "\n" : "\"\n");
	if (kind == 2)
		b.n -= 2;
	src.fd = memory_file(buf_view(&b));
	r = scan_rows(&src, &want, count_rows, &got, e);
	if (r == 0)
		ck_assert_uint_eq(got, n);
	close(src.fd);
	buf_clear(&b);
	free(p);
	return r;
}

START_TEST(long_fields)
{
	struct err e = ERR_INIT;
	static const int kinds[] = { 0, 1, 3 };

	for (int i = 0; i < 3; i++) {
		ck_assert_msg(long_field(SCAN_FIELD_MAX, kinds[i], &e) == 0, "%s", e.text);
		ck_assert_int_eq(long_field(SCAN_FIELD_MAX + 1, kinds[i], &e), -1);
		ck_assert_str_eq(e.text, "f:1: column 2: the field is longer than 1048576 bytes");
		err_clear(&e);
		ck_assert_int_eq(long_field(3 << 20, kinds[i], &e), -1);
		ck_assert_str_eq(e.text, "f:1: column 2: the field is longer than 1048576 bytes");
		err_clear(&e);
	}
	ck_assert_int_eq(long_field(3 << 20, 2, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, " columns and more, the header has 2"));
}
END_TEST

/* A stream of blanks that never ends, behind a start. */
static struct endless {
	const char *start;
	size_t given;
} endless;

static ssize_t read_blanks(int fd, void *p, size_t n)
{
	size_t k = strlen(endless.start);

	(void)fd;
	memset(p, endless.given % 2 ? '\t' : ' ', n);
	if (endless.given == 0)
		memcpy(p, endless.start, k);
	endless.given += n;
	ck_assert_uint_le(endless.given, 16 * SCAN_FIELD_MAX);
	return (ssize_t)n;
}

/* Blanks are cut and so never fill a field: their number is limited all the same. */
START_TEST(endless_blanks)
{
	static const char *const starts[] = { "", "x", "\"x\"", "\"x", "a,", "a,x", "a,\"x\"", "\"a\nb\" ,", "1,2\n\n" };
	static const int cols[] = { 0 };
	struct scan_want want = { 2, cols, 1 };

	for (int i = 0; i < 18; i++) {
		struct scan_source src = { .fd = 9, .name = "f", .to = -1, .canonical = i % 2, .first_line = 1 };
		struct got g = { .nfields = 1 };
		struct err e = ERR_INIT;

		if (src.canonical && strchr(starts[i / 2], '\n'))
			continue;
		endless = (struct endless){ starts[i / 2], 0 };
		io.read = read_blanks;
		ck_assert_int_eq(scan_rows(&src, &want, on_row, &g, &e), -1);
		io.read = read;
		ck_assert_msg(strstr(e.text, strchr(starts[i / 2], ',') && i < 16 ? ": column 2: the field is longer than 1048576 bytes" :
		    ": column 1: the field is longer than 1048576 bytes") != NULL, "%d: %s", i, e.text);
		buf_clear(&g.text);
	}
}
END_TEST

/* Verdicts do not hang on how the bytes come: at the limit taken, one more refused, in bytes, file, stream and small reads. */
START_TEST(blanks_at_the_limit)
{
	static const char *const shapes[][2] = { { "a,", "x\n" }, { "a,x", "\n" }, { "a", ",x\n" }, { "\"a\"", ",x\n" }, { "", "a,x\n" } };
	static const int cols[] = { 0, 1 };
	struct scan_want want = { 2, cols, 2 };

	for (int i = 0; i < 40; i++) {
		const char *const *shape = shapes[i / 8];
		size_t n = SCAN_FIELD_MAX + (size_t)(i & 1);
		struct buf b = BUF_INIT;
		struct got g = { .nfields = 2 };
		struct err e = ERR_INIT;
		struct scan_source src = { .name = "f", .first_line = 1 };
		int r;

		buf_puts(&b, shape[0]);
		for (size_t k = 0; k < n; k++)
			buf_putc(&b, ' ');
		buf_puts(&b, shape[1]);
		src.fd = memory_file(buf_view(&b));
		src.to = i / 2 % 4 == 1 ? (off_t)b.n : -1;
		read_most = 100000;
		io.read = i / 2 % 4 == 3 ? odd_read : read;
		r = i / 2 % 4 == 0 ? scan_bytes("f", buf_view(&b), false, 1, &want, on_row, &g, &e) : scan_rows(&src, &want, on_row, &g, &e);
		io.read = read;
		ck_assert_msg(r == (i & 1 ? -1 : 0), "%d: %s", i, e.text);
		if (r == 0)
			ck_assert(span_eq(buf_view(&g.text), SPAN("\1\0\0\0a\1\0\0\0x\036")));
		else
			ck_assert_ptr_nonnull(strstr(e.text, "the field is longer than 1048576 bytes"));
		close(src.fd);
		buf_clear(&g.text);
		buf_clear(&b);
	}
}
END_TEST

START_TEST(file_too_short)
{
	static const int cols[] = { 0 };
	struct scan_want want = { 1, cols, 1 };
	struct scan_source src = { .name = "f", .to = 9, .canonical = true, .fd = memory_file(SPAN("a\nb\n")) };
	struct got g = { .nfields = 1 };
	struct err e = ERR_INIT;

	ck_assert_int_eq(scan_rows(&src, &want, on_row, &g, &e), -1);
	ck_assert_str_eq(e.text, "f: ends at byte 4, but 9 bytes were expected");
	ck_assert_int_eq(e.status, ERR_FAILED);
	close(src.fd);
	buf_clear(&g.text);
}
END_TEST

START_TEST(bad_wants)
{
	static const int cols[] = { 3 };
	struct scan_want want = { 2, cols, 1 }, none = { 0, cols, 0 };
	struct got g = { .nfields = 1 };
	struct err e = ERR_INIT;

	ck_assert_int_eq(scan_bytes("f", SPAN("a,b\n"), true, 1, &want, on_row, &g, &e), -1);
	ck_assert_str_eq(e.text, "f: column 4 cannot be read, there are 2");
	err_clear(&e);
	ck_assert_int_eq(scan_bytes("f", SPAN("a,b\n"), true, 1, &none, on_row, &g, &e), -1);
	ck_assert_str_eq(e.text, "f: 0 of 0 columns cannot be read");
}
END_TEST

/* ---- rows at hand before their turn ---- */
struct ahead {
	char said[3][16];	/* what the hints said of the rows to come, by the row's number modulo 3 */
	size_t row, hints;
};

static int check_soon(void *arg, const struct scan_row *row)
{
	struct ahead *a = arg;
	const char *said = a->said[a->row % 3];

	if (*said != '\0')
		ck_assert(span_is(row->f[1], said));
	ck_assert_uint_eq(scan_soon(row, 0, 1).n, 0);	/* a column that is not there */
	for (size_t k = 1; k <= 2; k++) {
		struct span s = scan_soon(row, 1, k);

		ck_assert_uint_lt(s.n, 16);
		snprintf(a->said[(a->row + k) % 3], 16, "%.*s", (int)s.n, s.n > 0 ? s.p : "");
		a->hints += s.n > 0;
	}
	a->row++;
	return 0;
}

START_TEST(soon)
{
	static const int cols[] = { -1, 1 };
	struct scan_want want = { 3, cols, 2 };
	struct buf b = BUF_INIT;
	struct ahead a = { .row = 0 };
	struct err e = ERR_INIT;

	for (int i = 0; i < 5000; i++)
		buf_printf(&b, "%d,n%d,\"a, %d\"\n", i, i * 7919 % 5000, i);
	ck_assert_msg(scan_bytes("f", buf_view(&b), true, 1, &want, check_soon, &a, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(a.row, 5000);
	ck_assert_uint_gt(a.hints, 9900);
	buf_clear(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scan");
	TCase *t = tcase_create("scan");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, round_trip);
	tcase_add_loop_test(t, instruction_sets, 0, 2);
	tcase_add_test(t, wide_rows);
	tcase_add_test(t, wanted_columns);
	tcase_add_test(t, stops_with_the_callback);
	tcase_add_loop_test(t, error_texts, 0, (int)(sizeof messages / sizeof *messages));
	tcase_add_test(t, unwanted_columns_too);
	tcase_add_test(t, long_fields);
	tcase_add_test(t, endless_blanks);
	tcase_add_test(t, blanks_at_the_limit);
	tcase_add_test(t, file_too_short);
	tcase_add_test(t, bad_wants);
	tcase_add_test(t, soon);
	suite_add_tcase(s, t);
	return h_run(s);
}

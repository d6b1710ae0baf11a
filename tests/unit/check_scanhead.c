/* SPDX-License-Identifier: MIT */
#include "csv/scan.h"
#include <check.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/io.h"
#include "scanhelp.h"
#include "runhelp.h"

/* ---- header, and what comes behind it ---- */
static void check_header(struct span file, bool stream, const char *f0, const char *f1, size_t line, off_t from)
{
	static const int cols[] = { 0, 1 };
	struct scan_want want = { 2, cols, 2 };
	struct scan_source src = { .name = "f", .to = stream ? -1 : (off_t)file.n, .fd = memory_file(file) };
	struct buf text = BUF_INIT, rest = BUF_INIT;
	struct span *f = NULL;
	struct got g = { .nfields = 2, .file = file };
	struct err e = ERR_INIT;
	size_t n = 0;

	ck_assert_msg(scan_header(&src, &text, &f, &n, &rest, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(n, 2);
	ck_assert(span_is(f[0], f0));
	ck_assert(span_is(f[1], f1));
	ck_assert_int_eq(src.from, from);
	ck_assert_uint_eq(src.first_line, line);
	ck_assert_int_eq(scan_rest(&src, buf_view(&rest), &want, on_row, &g, &e), 0);
	ck_assert(span_eq(buf_view(&g.text), SPAN("\1\0\0\0" "1\1\0\0\0" "2\036\1\0\0\0" "3\1\0\0\0" "4\036")));
	close(src.fd);
	free(f);
	buf_clear(&text);
	buf_clear(&rest);
	buf_clear(&g.text);
}

START_TEST(headers)
{
	for (int stream = 0; stream < 2; stream++) {
		for (read_most = 1; read_most < 9; read_most += 7) {
			io.read = odd_read;
			check_header(SPAN("a,b\n1,2\n3,4\n"), stream, "a", "b", 2, 4);
			check_header(SPAN(" a,b \n1,2\n3,4\n"), stream, "a", "b", 2, 6);
			check_header(SPAN("\xef\xbb\xbf" "a,b\r\n1,2\r\n3,4"), stream, "a", "b", 2, 8);
			check_header(SPAN("\xef\xbb\xbf\n\n\"a\n\"\"x\", b \n1,2\n3,4\n"), stream, "a\n\"x", "b", 5, 17);
			io.read = read;
		}
	}
}
END_TEST

static void refuse_header(struct span file, const char *text)
{
	struct scan_source src = { .name = "f", .to = -1, .fd = memory_file(file) };
	struct buf b = BUF_INIT, rest = BUF_INIT;
	struct span *f = NULL;
	struct err e = ERR_INIT;
	size_t n = 0;

	for (int stream = 1; stream >= 0; stream--) {
		ck_assert_int_eq(scan_header(&src, &b, &f, &n, &rest, &e), -1);
		ck_assert_str_eq(e.text, text);
		err_clear(&e);
		src.to = (off_t)file.n;
	}
	close(src.fd);
}

START_TEST(bad_headers)
{
	struct buf b = BUF_INIT;

	refuse_header(SPAN(""), "f: no header, the file is empty");
	refuse_header(SPAN("\n \n"), "f: no header, the file is empty");
	refuse_header(SPAN("\na,\"b\n"), "f:2: header column 2: quote opened here is never closed");
	refuse_header(SPAN("a\"b\n"), "f:1: header column 1: a quote inside an unquoted field");
	refuse_header(SPAN("a,\"b\"c\n"), "f:1: header column 2: text behind the closing quote, or a quote that is not doubled");
	for (int i = 0; i < 70000; i++)
		buf_putc(&b, 'x');
	refuse_header(buf_view(&b), "f:1: the header is longer than 65536 bytes");
	buf_clear(&b);
}
END_TEST

/* ---- one record ---- */
static void refuse_record(struct span record, const char *text)
{
	struct span f[2];
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	ck_assert_int_eq(scan_record("f", record, &b, f, 2, &e), -1);
	ck_assert_str_eq(e.text, text);
	buf_clear(&b);
}

START_TEST(records)
{
	struct span f[3];
	struct buf b = BUF_INIT, big = BUF_INIT;
	struct err e = ERR_INIT;

	ck_assert_int_eq(scan_record("f", SPAN("a,\"b\"\"\nc\",\n"), &b, f, 3, &e), 3);
	ck_assert(span_is(f[0], "a") && span_is(f[1], "b\"\nc") && f[2].n == 0);
	ck_assert_int_eq(scan_record("f", SPAN("a"), &b, f, 3, &e), 1);
	ck_assert_int_eq(scan_record("f", SPAN("\"\"\n"), &b, f, 3, &e), 1);
	ck_assert_int_eq(scan_record("f", SPAN(""), &b, f, 3, &e), 0);
	ck_assert_int_eq(scan_record("f", SPAN("\"甲,乙\",\"\"\"\"\"丙\"\"\",\"\""), &b, f, 3, &e), 3);
	ck_assert(span_is(f[0], "甲,乙") && span_is(f[1], "\"\"丙\"") && f[2].n == 0);
	ck_assert_int_eq(scan_record("f", SPAN(" \"a, b\"\t,\" b \""), &b, f, 3, &e), 2);
	ck_assert(span_is(f[0], "a, b") && span_is(f[1], " b "));
	buf_clear(&b);
	refuse_record(SPAN("a,b,c"), "f: 3 columns, at most 2 were expected");
	refuse_record(SPAN("a\nb\n"), "f: byte 3 of the record: another record begins");
	refuse_record(SPAN("a,\"b"), "f: byte 3 of the record: quote opened here is never closed");
	refuse_record(SPAN("a,\"b\"\""), "f: byte 3 of the record: quote opened here is never closed");
	refuse_record(SPAN("\"a\"b\",c"), "f: byte 4 of the record: text behind the closing quote, or a quote that is not doubled");
	refuse_record(SPAN("\"a\",\"b\",\"c\""), "f: 3 columns, at most 2 were expected");
	refuse_record(SPAN("a,b\""), "f: byte 4 of the record: a quote inside an unquoted field");
	refuse_record(SPAN("\"a\" b"), "f: byte 5 of the record: text behind the closing quote, or a quote that is not doubled");
	for (unsigned i = 0; i <= SCAN_FIELD_MAX; i++)
		buf_putc(&big, 'x');
	refuse_record(buf_view(&big), "f: column 1: the field is longer than 1048576 bytes");
	buf_clear(&big);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scanhead");
	TCase *t = tcase_create("scanhead");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, headers);
	tcase_add_test(t, bad_headers);
	tcase_add_test(t, records);
	suite_add_tcase(s, t);
	return h_run(s);
}

/* SPDX-License-Identifier: MIT */
#include "csv/foreign.h"
#include <check.h>
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/text.h"
#include "runhelp.h"

/* What came out: rows as `line:field|field;`, a `!` in front of bad ones. */
struct got {
	struct buf rows;
	size_t n, stop_at;
};

static int on_row(void *arg, const struct foreign_row *row)
{
	struct got *g = arg;

	buf_printf(&g->rows, "%s%zu:", row->bad ? "!" : "", row->line);
	for (size_t i = 0; i < row->n && !row->bad; i++) {
		if (i)
			buf_putc(&g->rows, '|');
		buf_span(&g->rows, row->f[i]);
	}
	if (row->bad)
		buf_span(&g->rows, row->raw);
	buf_putc(&g->rows, ';');
	return ++g->n == g->stop_at ? 9 : 0;
}

/* Parses; the complaints in *said (to be freed), e's text behind them as `e: …`. */
static int parse_once(struct span bytes, const struct foreign_options *opt, struct got *g, char **said)
{
	struct err e = ERR_INIT;
	size_t n;
	FILE *to = open_memstream(said, &n);
	struct diag d;
	char *exact = mem_alloc(bytes.n ? bytes.n : 1);	/* so that ASan sees a read behind the end */
	int r;

	memcpy(exact, bytes.n ? bytes.p : "", bytes.n);
	diag_init(&d, to, "t", 0);
	r = foreign_parse("f", (struct span){ exact, bytes.n }, opt, &d, on_row, g, &e);
	if (e.status)
		fprintf(to, "e: %s\n", e.text);
	fclose(to);
	free(exact);
	return r;
}

/* The same; where the bytes are UTF-8 without NULs it does not matter whether that is known. */
static int parse(struct span bytes, const struct foreign_options *opt, struct got *g, char **said)
{
	struct foreign_options known = *opt;
	struct got again = { .n = g->n, .stop_at = g->stop_at };
	size_t before = g->rows.n;
	char *said_again;
	int r = parse_once(bytes, opt, g, said);

	if (text_valid(bytes) < bytes.n || (bytes.n > 0 && memchr(bytes.p, 0, bytes.n) != NULL))
		return r;
	known.clean = true;
	ck_assert_int_eq(parse_once(bytes, &known, &again, &said_again), r);
	ck_assert(span_eq(buf_view(&again.rows), (struct span){ g->rows.p + before, g->rows.n - before }));
	ck_assert_str_eq(said_again, *said);
	free(said_again);
	buf_clear(&again.rows);
	return r;
}

static const struct file {
	struct span bytes, rows;
	const char *said;
} files[] = {
	/* good ones */
	{ SPAN("a,b\n1,2\n3,4\n"), SPAN("1:a|b;2:1|2;3:3|4;"), "" },
	{ SPAN("a,b\n1,2"), SPAN("1:a|b;2:1|2;"), "" },
	{ SPAN("a,b"), SPAN("1:a|b;"), "" },
	{ SPAN("\xef\xbb\xbf\"a\",b\r\n1,2\r\n"), SPAN("1:a|b;2:1|2;"), "" },
	{ SPAN("\xff\xfe" "a\0,\0b\0\n\0" "1\0,\0\x63\x96\n\0"), SPAN("1:a|b;2:1|陣;"), "" },
	{ SPAN("\xfe\xff\0a\0,\0b\0\n\0" "1\0,\x96\x63\0\n"), SPAN("1:a|b;2:1|陣;"), "" },
	{ SPAN("\n\na,b\n \n1,\"2\n3\"\n\n4,5\n"), SPAN("3:a|b;5:1|2\n3;8:4|5;"), "" },
	{ SPAN("a,b\r1,2\r3,4\r"), SPAN("1:a|b;2:1|2;3:3|4;"), "" },
	{ SPAN("a,b\r\n\"x\r\ny\",2\r\n3,4"), SPAN("1:a|b;2:x\r\ny|2;4:3|4;"), "" },
	{ SPAN("a , b\n\"1 \" ,\t\"\"\"2\"\"\"\n"), SPAN("1:a|b;2:1|\"2\";"), "" },
	{ SPAN("a,b\n\xe3\x80\x80隐患\xe3\x80\x80,\" x\xe3\x80\x80\"\n"), SPAN("1:a|b;2:隐患|x;"), "" },
	{ SPAN("a\n\"\"\n1\n"), SPAN("1:a;2:;3:1;"), "" },
	/* counts */
	{ SPAN("a,b\n1\n2,3\n4,5,6\n"), SPAN("1:a|b;!2:1;3:2|3;!4:4,5,6;"),
	  "f:2: 1 field, the header has 2\nf:4: 3 fields, the header has 2\n" },
	{ SPAN("a,b\n1,\"x\ny\",3\n2,3\n"), SPAN("1:a|b;!2:1,\"x\ny\",3;4:2|3;"), "f:2: 3 fields, the header has 2\n" },
	{ SPAN("a,b\n1 ,\"2\" ,3\n"), SPAN("1:a|b;!2:1 ,\"2\" ,3;"), "f:2: 3 fields, the header has 2\n" },
	/* quotes */
	{ SPAN("a,b\n1,x\"y\n2,3\n"), SPAN("1:a|b;!2:1,x\"y;3:2|3;"),
	  "f:2:4: a quote inside an unquoted field; put the field in quotes and double this one\n" },
	{ SPAN("a,b\n隐患,隐\"患\r\n2,3\r\n"), SPAN("1:a|b;!2:隐患,隐\"患;3:2|3;"),
	  "f:2:5: a quote inside an unquoted field; put the field in quotes and double this one\n" },
	{ SPAN("a,b\n1,\"2\n3,4\n5,6"), SPAN("1:a|b;!2:1,\"2;3:3|4;4:5|6;"), "f:2:3: quote opened here is never closed\n" },
	{ SPAN("a,b\n1,\"2\"\"3\n4,5\n"), SPAN("1:a|b;!2:1,\"2\"\"3;3:4|5;"), "f:2:3: quote opened here is never closed\n" },
	{ SPAN("a,b\n1,\"x\"y\n3,4\n"), SPAN("1:a|b;!2:1,\"x\"y;3:3|4;"),
	  "f:2:6: text behind the closing quote of the field that begins in line 2; close it elsewhere, or double the quote\n" },
	{ SPAN("a,b\n\"m\nn\",\"2\n3,4\n5,\"6\"\n7,8\n"), SPAN("1:a|b;!2:\"m\nn\",\"2;4:3|4;5:5|6;6:7|8;"),
	  "f:5:4: text behind the closing quote of the field that begins in line 3; close it elsewhere, or double the quote\n" },
	/* bytes */
	{ SPAN("a,b\n1,\0x\n2,3\n隐,4\n"), SPAN("1:a|b;!2:1,\0x;3:2|3;4:隐|4;"), "f:2:3: a NUL byte\n" },
	{ SPAN("a,b\n1,2\n\x1a"), SPAN("1:a|b;2:1|2;!3:\x1a;"), "f:3:1: ctrl-Z (0x1A), an end-of-file mark of old systems; delete it\n" },
	{ SPAN("a,b\n1,2\r\n\x1a\r\n"), SPAN("1:a|b;2:1|2;!3:\x1a;"), "f:3:1: ctrl-Z (0x1A), an end-of-file mark of old systems; delete it\n" },
	{ SPAN("a,隐\n1,患\n2,\xff\n3,4\n"), SPAN("1:a|隐;2:1|患;!3:2,\xff;4:3|4;"), "f:3:3: invalid UTF-8 (byte 0xFF)\n" },
	{ SPAN("a,隐\n1,患\n2,\xd2\xfe\n3,4\n"), SPAN("1:a|隐;2:1|患;!3:2,\xd2\xfe;4:3|4;"),
	  "f:3:3: invalid UTF-8 (byte 0xD2); the row alone reads as gb18030\n" },
	/* nothing to be had */
	{ SPAN(""), SPAN(""), "e: f: the file is empty\n" },
	{ SPAN("\xef\xbb\xbf"), SPAN(""), "e: f: no header, the file has only empty lines\n" },
	{ SPAN("\n \r\n"), SPAN(""), "e: f: no header, the file has only empty lines\n" },
	{ SPAN("\n,,\n1,2,3\n"), SPAN(""), "e: f:2: the header is empty\n" },
	{ SPAN("a,b\"c\n1,2\n"), SPAN(""), "e: f:1:4: a quote inside an unquoted field; put the field in quotes and double this one\n" },
	{ SPAN("a,\"b\n1,2\n"), SPAN(""), "e: f:1:3: quote opened here is never closed\n" },
	{ SPAN("a,\0b\n1,2隐\n"), SPAN(""), "e: f:1:3: a NUL byte\n" },
	{ SPAN("\xd2\xfe,b\n1,\xbb\xbc\n"), SPAN(""), "e: f:1:1: invalid UTF-8 (byte 0xD2), but the file reads cleanly as gb18030; "
	  "if it is that, say --encoding=gb18030\n" },
	{ SPAN("a,b\n1,\xff\n"), SPAN(""), "e: f:2:3: invalid UTF-8 (byte 0xFF); name the file's encoding with --encoding\n" },
	{ SPAN("a,\xff\n1,隐\n"), SPAN(""), "e: f:1:3: invalid UTF-8 (byte 0xFF)\n" },
	{ SPAN("a\0,\0b\0\n\0"), SPAN(""), "e: f: NUL bytes as in UTF-16 without a BOM; if it is that, say --encoding=utf-16le\n" },
	{ SPAN("\0a\0,\0b\0\n"), SPAN(""), "e: f: NUL bytes as in UTF-16 without a BOM; if it is that, say --encoding=utf-16be\n" },
};

START_TEST(hand_made)
{
	const struct file *f = &files[_i];
	struct foreign_options opt = { 0 };
	struct got g = { 0 };
	char *said = NULL;
	int r = parse(f->bytes, &opt, &g, &said);

	ck_assert_str_eq(said, f->said);
	ck_assert_msg(span_eq(buf_view(&g.rows), f->rows), "rows are %s", g.rows.p);
	ck_assert_int_eq(r, strncmp(said, "e: ", 3) == 0 ? -1 : 0);
	free(said);
	buf_clear(&g.rows);
}
END_TEST

static void with(struct foreign_options opt, struct span bytes, int result, const char *rows, const char *said)
{
	struct got g = { 0 };
	char *s = NULL;

	ck_assert_int_eq(parse(bytes, &opt, &g, &s), result);
	ck_assert_str_eq(s, said);
	ck_assert_str_eq(g.rows.p ? g.rows.p : "", rows);
	free(s);
	buf_clear(&g.rows);
}

START_TEST(named_encodings)
{
	struct foreign_options gb = { .encoding = "gb18030" }, utf8 = { .encoding = "UTF-8" };

	with(gb, SPAN("\xd2\xfe,b\n1,\xbb\xbc\n"), 0, "1:隐|b;2:1|患;", "");
	with((struct foreign_options){ .encoding = "utf-16" }, SPAN("\xff\xfe" "a\0\n\0"), 0, "1:a;", "");
	with((struct foreign_options){ .encoding = "utf-16le" }, SPAN("\xff\xfe" "a\0\n\0"), 0, "1:a;", "");
	with(utf8, SPAN("a,b\n\xd2\xfe,\xbb\xbc\n1,2\n"), 0, "1:a|b;!2:\xd2\xfe,\xbb\xbc;3:1|2;",
	    "f:2:1: invalid UTF-8 (byte 0xD2); the row alone reads as gb18030\n");
	with(gb, SPAN("a,b\n1,\xff\n"), -1, "", "e: f: byte 7 (0xff) is not gb18030; name the encoding the file was saved in\n");
}
END_TEST

START_TEST(limits)
{
	struct foreign_options opt = { .field_max = 3, .fields_max = 2 };

	with(opt, SPAN("a,b\n123,2\n1234,2\n1,\"2\n3\"\n"), 0, "1:a|b;2:123|2;!3:1234,2;4:1|2\n3;",
	    "f:3: column 1: the field has 4 bytes, at most 3 are taken\n");
	with(opt, SPAN("a,b\n1,\"2\" \n1,\"2345\" \n"), 0, "1:a|b;2:1|2;!3:1,\"2345\" ;",
	    "f:3: column 2: the field has 4 bytes, at most 3 are taken\n");
	with(opt, SPAN("a,b\n1,2,3\n"), 0, "1:a|b;!2:1,2,3;", "f:2: 3 fields, at most 2 are taken\n");
	with(opt, SPAN("a,b\n1,2 ,\"3\" \n"), 0, "1:a|b;!2:1,2 ,\"3\" ;", "f:2: 3 fields, at most 2 are taken\n");
	with(opt, SPAN("a,b,c\n"), -1, "", "e: f:1: 3 fields, at most 2 are taken\n");
}
END_TEST

/* At the default limits: one byte, one field more is refused, and the rest goes on. */
START_TEST(default_limits)
{
	struct foreign_options opt = { 0 };
	struct buf b = BUF_INIT, row = BUF_INIT;
	struct got g = { 0 };
	char *said = NULL;

	for (int i = 0; i < 1 << 20; i++)
		buf_putc(&row, 'x');
	buf_puts(&b, "a\n");
	buf_span(&b, buf_view(&row));
	buf_puts(&b, "\n\"");
	buf_span(&b, buf_view(&row));
	buf_puts(&b, "y\"\nz\n");
	ck_assert_int_eq(parse(buf_view(&b), &opt, &g, &said), 0);
	ck_assert_str_eq(said, "f:3: column 1: the field has 1048577 bytes, at most 1048576 are taken\n");
	ck_assert_uint_eq(g.n, 4);
	free(said);
	buf_reset(&b);
	for (int i = 0; i < 1024; i++)
		buf_puts(&b, "h,");
	ck_assert_int_eq(parse(buf_view(&b), &opt, &g, &said), -1);
	ck_assert_str_eq(said, "e: f:1: 1025 fields, at most 1024 are taken\n");
	free(said);
	b.p[b.n - 1] = '\n';
	ck_assert_int_eq(parse(buf_view(&b), &opt, &g, &said), 0);
	free(said);
	buf_clear(&b);
	buf_clear(&row);
	buf_clear(&g.rows);
}
END_TEST

START_TEST(stops_with_the_callback)
{
	struct foreign_options opt = { 0 };
	struct got g = { .stop_at = 2 };
	char *said = NULL;

	ck_assert_int_eq(parse(SPAN("a\n1\n2\n"), &opt, &g, &said), 9);
	ck_assert_uint_eq(g.n, 2);
	free(said);
	buf_clear(&g.rows);
}
END_TEST

/* 10,000 bad rows: all found in one pass, each with its own line. */
START_TEST(many_bad_rows)
{
	struct foreign_options opt = { 0 };
	struct buf b = BUF_INIT;
	struct got g = { 0 };
	char *said = NULL, *p;
	size_t n = 0;

	buf_puts(&b, "a,b\n");
	for (int i = 0; i < 10000; i++)
		buf_puts(&b, i % 2 ? "1,\"x\"y\n" : "1,2,3\n");
	ck_assert_int_eq(parse(buf_view(&b), &opt, &g, &said), 0);
	ck_assert_uint_eq(g.n, 10001);
	for (p = said; (p = strchr(p, '\n')) != NULL; p++)
		n++;
	ck_assert_uint_eq(n, 10000);
	ck_assert_ptr_nonnull(strstr(said, "\nf:10001:6: text behind"));
	free(said);
	buf_clear(&b);
	buf_clear(&g.rows);
}
END_TEST

/* ---- random files against libcsv ---- */
static uint64_t state;

static uint32_t below(uint32_t n)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	return (uint32_t)((((z ^ (z >> 27)) >> 16 & 0xffffffff) * n) >> 32);
}

struct oracle {
	struct buf rows;
	size_t n, first;
	bool odd;	/* a row with another number of fields */
};

static void oracle_field(void *p, size_t n, void *arg)
{
	struct oracle *o = arg;

	if (o->n++)
		buf_putc(&o->rows, '|');
	buf_span(&o->rows, span_trim((struct span){ p, n }));
}

static void oracle_row(int c, void *arg)
{
	struct oracle *o = arg;

	(void)c;
	if (!o->first)
		o->first = o->n;
	o->odd = o->odd || o->n != o->first;
	o->n = 0;
	buf_putc(&o->rows, ';');
}

struct plain {
	struct buf rows;
	size_t bad;
};

static int plain_row(void *arg, const struct foreign_row *row)
{
	struct plain *p = arg;

	p->bad += row->bad;
	for (size_t i = 0; i < row->n; i++) {
		if (i)
			buf_putc(&p->rows, '|');
		buf_span(&p->rows, row->f[i]);
	}
	buf_putc(&p->rows, ';');
	return 0;
}

static void random_file(struct buf *b)
{
	static const char *const cells[] = { "", "a", "隐患", "\"\"", "\"a,b\"", "\"x\"\"y\"", "\"l\nm\"", "\"l\r\nm\"", " pad ", "\xe3\x80\x80w",
		"\"q\" ", " \"q\"", "0123456789012345678901234567890123456789" };
	static const char *const ends[] = { "\n", "\r\n", "\n\n", "\r" };
	uint32_t cols = 1 + below(5), rows = below(60) ? below(10) : 900, plain = below(3), end = below(3) ? below(2) : 4;

	buf_puts(b, "h");
	for (uint32_t i = 1; i < cols; i++)
		buf_puts(b, ",h");
	buf_putc(b, '\n');
	for (; rows; rows--) {
		for (uint32_t i = 0; i < cols; i++) {
			if (i)
				buf_putc(b, ',');
			buf_puts(b, cells[below(plain ? 7 : 13)]);
			if (below(2000) == 0) {
				buf_putc(b, '"');
				for (int k = 0; k < 5000; k++)
					buf_puts(b, ",long");
				buf_putc(b, '"');
			}
		}
		buf_puts(b, ends[end < 4 ? end : below(4)]);
	}
	if (below(4) == 0)
		b->p[below((uint32_t)b->n)] = "\",\n\rx"[below(5)];
	if (below(4) == 0)
		b->n--;
}

START_TEST(oracle)
{
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;
	struct foreign_options opt = { .encoding = "utf-8" };
	struct buf b = BUF_INIT;
	size_t good = 0;

	printf("check_foreign: SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	state = seed;
	for (int i = 0; i < 6000; i++) {
		struct oracle o = { .n = 0 };
		struct plain p = { .bad = 0 };
		struct err e = ERR_INIT;
		struct csv_parser c;
		struct diag d;
		char *exact;
		bool broken;
		int r;

		buf_reset(&b);
		random_file(&b);
		exact = mem_alloc(b.n ? b.n : 1);
		memcpy(exact, b.p, b.n);
		diag_init(&d, NULL, "t", 0);
		csv_init(&c, CSV_STRICT | CSV_STRICT_FINI);
		broken = csv_parse(&c, exact, b.n, oracle_field, oracle_row, &o) < b.n || csv_fini(&c, oracle_field, oracle_row, &o) != 0;
		csv_free(&c);
		r = foreign_parse("f", (struct span){ exact, b.n }, &opt, &d, plain_row, &p, &e);
		ck_assert_uint_eq(p.bad, d.errors);
		if (text_valid((struct span){ exact, b.n }) < b.n)
			broken = true;
		if (broken || o.odd)
			ck_assert(r == -1 || d.errors > 0);
		else if (r == 0) {
			good++;
			ck_assert_uint_eq(d.errors, 0);
			ck_assert(span_eq(buf_view(&p.rows), buf_view(&o.rows)));
		}
		free(exact);
		buf_clear(&o.rows);
		buf_clear(&p.rows);
	}
	ck_assert_uint_gt(good, 3000);
	buf_clear(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("foreign");
	TCase *t = tcase_create("foreign");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, hand_made, 0, (int)(sizeof files / sizeof *files));
	tcase_add_test(t, named_encodings);
	tcase_add_test(t, limits);
	tcase_add_test(t, default_limits);
	tcase_add_test(t, stops_with_the_callback);
	tcase_add_test(t, many_bad_rows);
	tcase_add_test(t, oracle);
	suite_add_tcase(s, t);
	return h_run(s);
}

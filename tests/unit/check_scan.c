/* SPDX-License-Identifier: MIT */
#include "csv/scan.h"
#include <check.h>
#include <csv.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include "base/io.h"
#include "base/mem.h"
#include "csv/scanint.h"
#include "csv/writer.h"

#define FILES 20000

/* ---- random numbers: the seed is printed, $SEED repeats a run ---- */
static uint64_t state;

static uint32_t below(uint32_t n)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)(((z >> 32) * n) >> 32);
}

/* ---- what a scan gave: fields each behind a US byte pair, rows ended by RS ---- */
struct got {
	struct buf text;
	size_t rows, stop_at;	/* stop_at: the callback returns 7 at this row */
	size_t nfields;
	struct span file;	/* to check `at`, `length` and `bytes` against */
};

static void put_field(struct buf *b, const char *p, size_t n)
{
	uint32_t k = (uint32_t)n;

	buf_put(b, &k, sizeof k);
	buf_put(b, p, n);
}

static int on_row(void *arg, const struct scan_row *row)
{
	struct got *g = arg;
	unsigned sum = 0;

	for (size_t i = 0; i < g->nfields; i++) {
		put_field(&g->text, row->f[i].p, row->f[i].n);
		for (size_t k = 0; k < 32; k++)		/* 32 readable bytes behind: ASan looks */
			sum += (unsigned char)row->f[i].p[row->f[i].n + k];
	}
	buf_puts(&g->text, "\036");
	ck_assert_uint_lt(sum, UINT32_MAX);
	if (g->file.p) {
		ck_assert_uint_le((size_t)row->at + row->length, g->file.n);
		ck_assert_int_eq(memcmp(g->file.p + row->at, row->bytes, row->length), 0);
		ck_assert(row->length == 0 || (row->bytes[row->length - 1] != '\n' && row->bytes[row->length - 1] != '\r'));
	}
	return ++g->rows == g->stop_at ? 7 : 0;
}

/* ---- the oracle: libcsv over the whole file ---- */
struct oracle {
	struct buf text, row;
	size_t ncols, n, rows;
	bool canonical;	/* where a CR outside quotes is damage */
	bool bad;	/* a broken record or one with another number of columns; text has the rows before it */
};

static void oracle_field(void *p, size_t n, void *arg)
{
	struct oracle *o = arg;

	o->n++;
	put_field(&o->row, p, n);
}

static void oracle_row(int c, void *arg)
{
	struct oracle *o = arg;

	if (o->n != o->ncols || (o->canonical && c == '\r'))
		o->bad = true;
	if (!o->bad) {
		buf_span(&o->text, buf_view(&o->row));
		buf_puts(&o->text, "\036");
		o->rows++;
	}
	buf_reset(&o->row);
	o->n = 0;
}

static void oracle_parse(struct oracle *o, struct span in, unsigned char more)
{
	struct csv_parser p;

	csv_init(&p, CSV_STRICT | CSV_STRICT_FINI | more);
	if (csv_parse(&p, in.n ? in.p : "", in.n, oracle_field, oracle_row, o) < in.n || csv_error(&p) ||
	    csv_fini(&p, oracle_field, oracle_row, o) != 0)
		o->bad = true;
	csv_free(&p);
}

/* Line by line, as in a ledger of ours. */
static void oracle_lines(struct oracle *o, struct span in)
{
	struct span line;

	while (!o->bad && span_split(&in, '\n', &line)) {
		size_t was = o->rows, text = o->text.n;

		if (in.p == NULL && line.n == 0)
			break;
		oracle_parse(o, line, CSV_REPALL_NL);	/* a CR outside quotes is a row of its own then */
		if (o->rows != was + 1)
			o->bad = true;
		if (o->bad)
			o->text.n = text;	/* nothing of a damaged line */
		if (in.n == 0)
			break;
	}
}

/* ---- files ---- */
static const char *const pieces[] = { "a", "bc", "隐患", "\xff", "0123456789", "T01-H2026-000123", "2026-02-03T14:35:00+08:00", "x y" };

static void random_text(struct buf *b, size_t most)
{
	for (uint32_t n = below((uint32_t)most + 1); n; n--)
		buf_puts(b, pieces[below(8)]);
}

/* A field, mostly well-formed. */
static void random_field(struct buf *b, int wild)
{
	uint32_t k = below(100);

	if (k < 55)
		random_text(b, 3);
	else if (k < 60)
		buf_putc(b, "\0\x1a\x01|"[below(4)]);
	else if (k < 70) {
		buf_puts(b, below(2) ? " " : "\t ");
		random_text(b, 2);
		buf_puts(b, below(2) ? " " : "");
	} else {
		bool blank = below(100) < (uint32_t)wild;

		if (blank)
			buf_putc(b, ' ');
		buf_putc(b, '"');
		for (uint32_t n = below(4); n; n--) {
			static const char *const in[] = { "\"\"", ",", "\n", "\r\n", "\r", " ", "字", "\"\"\"\"" };
			random_text(b, 2);
			buf_puts(b, in[below(wild ? 8 : 2)]);
		}
		buf_putc(b, '"');
		if (blank && below(2))
			buf_putc(b, '\t');
	}
}

static void random_file(struct buf *b, size_t ncols)
{
	static const char *const ends[] = { "\n", "\r\n", "\r", "\n\n", "\r\n\n", "\n \t\n" };
	uint32_t style = below(6), size = below(1500), rows = below(12);
	int wild = below(3) ? 0 : 20;

	if (size == 0)
		rows = 3000;
	else if (size < 4)
		rows = 400;
	for (; rows; rows--) {
		if (size < 4 && below(300) == 0)
			random_text(b, below(4) ? 3000 : 12000);	/* longer than a window */
		for (size_t i = 0; i < ncols; i++) {
			if (i)
				buf_putc(b, ',');
			random_field(b, wild);
		}
		buf_puts(b, ends[below(4) ? (style < 3 ? 0 : style - 3) : below(wild ? 6 : 2)]);
	}
	if (b->n && below(5) == 0)
		b->n--;
	if (b->n && below(3) == 0)		/* damage */
		for (uint32_t n = below(3); n; n--)
			b->p[below((uint32_t)b->n)] = ",\"\n\r a\0"[below(7)];
}

/* ---- streams with odd read sizes ---- */
static uint32_t read_most;

static ssize_t odd_read(int fd, void *p, size_t n)
{
	size_t most = 1 + below(read_most);

	return read(fd, p, n < most ? n : most);
}

static int memory_file(struct span s)
{
	int fd = memfd_create("check_scan", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, s.p, s.n), (ssize_t)s.n);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void compare(const char *how, int r, const struct err *e, struct got *g, const struct oracle *o)
{
	if (o->bad != (r == -1) || r > 0 || (r < 0 && e->status != ERR_DATA))
		ck_abort_msg("%s: r %d (%s), libcsv %s after %zu rows", how, r, e->text, o->bad ? "refused" : "took it", o->rows);
	if (g->text.n != o->text.n || (g->text.n && memcmp(g->text.p, o->text.p, g->text.n) != 0))
		ck_abort_msg("%s: %zu rows differ from libcsv's %zu (%s)", how, g->rows, o->rows, e->text);
}

/* The file by every way in; all must agree with libcsv, and among each other on the error's text. */
static void one_file(struct span file, const struct scan_want *want, uint32_t turn, bool canonical)
{
	struct oracle o = { .ncols = want->ncols, .canonical = canonical };
	struct got g = { .nfields = want->n, .file = file };
	struct err e = ERR_INIT, e2 = ERR_INIT;
	struct scan_source src = { .name = "f", .from = 0, .canonical = canonical, .first_line = 1 };
	int r;

	if (canonical)
		oracle_lines(&o, file);
	else
		oracle_parse(&o, file, 0);
	r = scan_bytes("f", file, canonical, 1, want, on_row, &g, &e);
	compare("bytes", r, &e, &g, &o);
	src.fd = memory_file(file);
	if (turn % 3 == 0) {
		buf_reset(&g.text);
		g.rows = 0;
		src.to = -1;
		read_most = turn % 2 ? 7 : 5000;
		if (file.n > 20000)
			read_most = 9000;
		io.read = odd_read;
		r = scan_rows(&src, want, on_row, &g, &e2);
		io.read = read;
		compare("stream", r, &e2, &g, &o);
		ck_assert_str_eq(e.text, e2.text);
	} else if (turn % 3 == 1) {
		struct got each[5] = { { .nfields = want->n, .file = file }, { .nfields = want->n, .file = file },
			{ .nfields = want->n, .file = file }, { .nfields = want->n, .file = file }, { .nfields = want->n, .file = file } };
		void *args[5] = { &each[0], &each[1], &each[2], &each[3], &each[4] };
		size_t n = 1 + below(5);

		src.to = (off_t)file.n;
		buf_reset(&g.text);
		g.rows = 0;
		r = scan_threads(&src, want, on_row, args, n, &e2);
		for (size_t i = 0; i < n; i++) {
			if (r == 0)
				buf_span(&g.text, buf_view(&each[i].text));
			buf_clear(&each[i].text);
		}
		if (r)
			buf_span(&g.text, buf_view(&o.text));
		compare("threads", r, &e2, &g, &o);
		ck_assert_str_eq(e.text, e2.text);
	}
	close(src.fd);
	buf_clear(&g.text);
	buf_clear(&o.text);
	buf_clear(&o.row);
}

START_TEST(oracle)
{
	static int all[40];
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;
	struct buf b = BUF_INIT;

	for (int i = 0; i < 40; i++)
		all[i] = i;
	printf("check_scan: SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	state = seed;
	for (uint32_t i = 0; i < FILES; i++) {
		size_t ncols = below(8) ? 1 + below(6) : 40;
		struct scan_want want = { ncols, all, ncols };
		struct span file;
		char *exact;

		buf_reset(&b);
		random_file(&b, ncols);
		exact = mem_alloc(b.n + 1);	/* so that ASan sees a read behind the end */
		memcpy(exact, b.n ? b.p : "", b.n);
		file = (struct span){ mem_realloc(exact, b.n ? b.n : 1, 1), b.n };
		one_file(file, &want, i, i % 4 == 3);
		free((void *)(uintptr_t)file.p);
	}
	buf_clear(&b);
}
END_TEST

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

/* Both instruction sets give the same lists. */
START_TEST(instruction_sets)
{
	static char p[4096 + SCAN_SLACK];
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
		scan_isa()->mask(p, n, i % 2, &b);
		ck_assert_uint_eq(a.bad, b.bad);
		ck_assert_uint_eq(a.nsep, b.nsep);
		ck_assert_uint_eq(a.nnl, b.nnl);
		ck_assert_int_eq(a.cr, b.cr);
		ck_assert_int_eq(memcmp(a.sep - 1, b.sep - 1, (a.nsep + 1) * sizeof *a.sep), 0);
		ck_assert_int_eq(memcmp(a.nl, b.nl, a.nnl * sizeof *a.nl), 0);
		ck_assert_uint_eq(a.sep[a.nsep + 2], UINT32_MAX);
		ck_assert_uint_eq(scan_isa_plain.count(p, n, ','), scan_isa()->count(p, n, ','));
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

static int count_rows(void *arg, const struct scan_row *row)
{
	*(size_t *)arg += row->f[0].n;
	return 0;
}

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

/* ---- threads on a file large enough to start them ---- */
START_TEST(large_threads)
{
	static const int cols[] = { 0, 1 };
	struct scan_want want = { 2, cols, 2 };
	struct buf b = BUF_INIT;
	struct scan_source src = { .name = "f", .first_line = 1 };
	size_t bytes[4] = { 0 };
	void *args[4] = { &bytes[0], &bytes[1], &bytes[2], &bytes[3] };
	struct err e = ERR_INIT;
	size_t expect = 0;

	for (int i = 0; i < 60000; i++) {
		size_t was = b.n;

		buf_printf(&b, "%d", i);
		expect += b.n - was;
		buf_puts(&b, i % 3 ? ",\"多行\n\"\"文本\"\", 第二行\"\n" : ",plain\n");
	}
	src.fd = memory_file(buf_view(&b));
	src.to = (off_t)b.n;
	for (size_t n = 1; n <= 4; n++) {
		memset(bytes, 0, sizeof bytes);
		ck_assert_msg(scan_threads(&src, &want, count_rows, args, n, &e) == 0, "%s", e.text);
		ck_assert_uint_eq(bytes[0] + bytes[1] + bytes[2] + bytes[3], expect);
		ck_assert_uint_gt(bytes[n - 1], 0);
	}
	ck_assert_int_eq(pwrite(src.fd, "x\"\"\n", 4, (off_t)b.n - 4), 4);
	ck_assert_int_eq(scan_threads(&src, &want, count_rows, args, 4, &e), -1);
	ck_assert_str_eq(e.text, "f:99999: column 2: quote opened here is never closed");
	close(src.fd);
	buf_clear(&b);
}
END_TEST

START_TEST(cores)
{
	ck_assert_uint_ge(scan_cores(4), 1);
	ck_assert_uint_eq(scan_cores(1), 1);
	ck_assert_uint_eq(scan_cores(0), 1);
	setenv("GRIDLEDGER_THREADS", "3", 1);
	ck_assert_uint_eq(scan_cores(8), 3);
	ck_assert_uint_eq(scan_cores(2), 2);
	setenv("GRIDLEDGER_THREADS", "many", 1);
	ck_assert_uint_ge(scan_cores(8), 1);
	unsetenv("GRIDLEDGER_THREADS");
}
END_TEST

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
	buf_clear(&b);
	refuse_record(SPAN("a,b,c"), "f: 3 columns, at most 2 were expected");
	refuse_record(SPAN("a\nb\n"), "f: byte 3 of the record: another record begins");
	refuse_record(SPAN("a,\"b"), "f: byte 3 of the record: quote opened here is never closed");
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
	Suite *s = suite_create("scan");
	TCase *t = tcase_create("scan");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 120);
	tcase_add_test(t, oracle);
	tcase_add_test(t, round_trip);
	tcase_add_test(t, instruction_sets);
	tcase_add_test(t, wanted_columns);
	tcase_add_test(t, stops_with_the_callback);
	tcase_add_loop_test(t, error_texts, 0, (int)(sizeof messages / sizeof *messages));
	tcase_add_test(t, unwanted_columns_too);
	tcase_add_test(t, long_fields);
	tcase_add_test(t, file_too_short);
	tcase_add_test(t, bad_wants);
	tcase_add_test(t, large_threads);
	tcase_add_test(t, cores);
	tcase_add_test(t, headers);
	tcase_add_test(t, bad_headers);
	tcase_add_test(t, records);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * The fast reader against libcsv, the authority on quoting: random and hostile
 * files, read as bytes, as a stream and in ranges by every instruction set of
 * the machine, canonical and not, give libcsv's rows, its verdict, and one and
 * the same message.  20,000 files, 1,000,000 with TEST_LONG=yes; $FILES and
 * $SEED for others.
 */
#include "csv/scan.h"
#include <check.h>
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "base/io.h"
#include "base/mem.h"
#include "csv/scanint.h"
#include "csv/strict.h"
#include "scanhelp.h"
#include "runhelp.h"

#define FILES 20000
#define FILES_LONG 1000000
#define WINDOW 16384u
#define BUFFER (64u << 10)
#define RANGES_MAX 64

/* ---- the oracle: libcsv over the whole file ---- */
struct oracle {
	struct buf text, row;
	size_t ncols, n, rows;
	bool canonical;	/* where a CR outside quotes is damage */
	bool bad;	/* a broken record or one with another number of columns; text has the rows before it */
	size_t stopped;	/* at this byte */
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
	o->stopped = csv_parse(&p, in.n ? in.p : "", in.n, oracle_field, oracle_row, o);
	if (o->stopped < in.n || csv_error(&p) || csv_fini(&p, oracle_field, oracle_row, o) != 0)
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

/* Goes on to just before the next border of a window or of the buffer, within a field, quoted or not, or a row of short ones. */
static void fill_up(struct buf *b, size_t border)
{
	size_t to = (b->n / border + 1) * border - below(8);
	uint32_t how = below(3);

	if (how == 0)
		buf_putc(b, '"');
	while (b->n < to)
		buf_puts(b, how == 2 && b->n % 3 == 0 ? "\n" : how == 0 && b->n % 7 == 0 ? "\"\"" : "x");
	if (how == 0)
		buf_puts(b, below(2) ? "\"" : "\"\"\"");
}

static void random_file(struct buf *b, size_t ncols)
{
	static const char *const ends[] = { "\n", "\r\n", "\r", "\n\n", "\r\n\n", "\n \t\n" };
	uint32_t style = below(6), size = below(3000), rows = below(9);
	int wild = below(3) ? 0 : 20;

	if (size == 0)
		rows = 3000;
	else if (size < 8)
		rows = 400;
	for (; rows; rows--) {
		if (size > 2990)
			fill_up(b, size > 2998 ? BUFFER : WINDOW);
		if (size < 8 && below(300) == 0)
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

/* ---- every way in ---- */
static void compare(const char *how, int r, const struct err *e, const struct got *g, const struct oracle *o)
{
	if (o->bad != (r == -1) || r > 0 || (r < 0 && e->status != ERR_DATA))
		ck_abort_msg("%s: r %d (%s), libcsv %s after %zu rows", how, r, e->text, o->bad ? "refused" : "took it", o->rows);
	if (g->text.n != o->text.n || (g->text.n && memcmp(g->text.p, o->text.p, g->text.n) != 0))
		ck_abort_msg("%s: %zu rows differ from libcsv's %zu (%s)", how, g->rows, o->rows, e->text);
}

/* The instruction sets of this machine. */
static size_t instruction_sets(const struct scan_isa *v[3])
{
	size_t n = 0;

	v[n++] = &scan_isa_plain;
#if defined(__x86_64__)
	if (scan_isa() != &scan_isa_plain)
		v[n++] = &scan_isa_avx2;
	if (scan_isa() != v[n - 1])
		v[n++] = scan_isa();
#endif
	return n;
}

/* One file and what is expected of it. */
struct trial {
	struct span file;
	const struct scan_want *want;
	const struct oracle *o;
	bool canonical;
	const char *said;	/* the message of the first way */
};

/* What came of one more way. */
static void judge(const struct trial *t, const char *how, int r, struct got *g, const struct err *e)
{
	compare(how, r, e, g, t->o);
	ck_assert_str_eq(e->text, t->said);
	buf_clear(&g->text);
}

/* The line of the first record with another number of columns, by libcsv byte for byte. */
static size_t odd_line(const struct trial *t)
{
	struct oracle o = { .ncols = t->want->ncols };
	size_t line = 1, start = 1;
	struct csv_parser p;

	csv_init(&p, CSV_STRICT | CSV_STRICT_FINI);
	for (size_t i = 0; i < t->file.n && !o.bad; i++) {
		int was = p.pstate;

		if (csv_parse(&p, t->file.p + i, 1, oracle_field, oracle_row, &o) != 1)
			break;
		if (was == 0 && p.pstate != 0)
			start = line;
		line += t->file.p[i] == '\n';
	}
	csv_free(&p);
	buf_clear(&o.text);
	buf_clear(&o.row);
	return start;
}

/* The message names the right line: in a canonical source the one behind the good rows, else as libcsv has it. */
static void check_line(const struct trial *t)
{
	size_t line = strtoul(t->said + 2, NULL, 10), want = line;

	if (t->canonical)
		want = t->o->rows + 1;
	else if (strstr(t->said, "the header has"))
		want = odd_line(t);
	else if (strstr(t->said, "a quote inside an unquoted field"))
		want = 1 + scan_isa_plain.count(t->file.p, t->o->stopped, '\n');
	ck_assert_msg(line == want, "%s: expected line %zu", t->said, want);
}

static void by_instruction_sets(const struct trial *t)
{
	struct scan_source src = { .fd = -1, .name = "f", .to = -1, .canonical = t->canonical, .first_line = 1 };
	const struct scan_isa *isa[3];

	for (size_t i = instruction_sets(isa); i-- > 0;) {
		struct got g = { .nfields = t->want->n, .file = t->file };
		struct err e = ERR_INIT;
		struct scanner s;
		int r;

		if (isa[i] == scan_isa())
			continue;
		scanner_init(&s, &src, t->file, t->want, on_row, &g);
		s.isa = isa[i];
		r = scanner_run(&s, &e);
		scanner_clear(&s);
		judge(t, isa[i]->name, r, &g, &e);
	}
}

static void by_stream(const struct trial *t)
{
	struct scan_source src = { .fd = memory_file(t->file), .name = "f", .to = -1, .canonical = t->canonical, .first_line = 1 };
	struct got g = { .nfields = t->want->n, .file = t->file };
	struct err e = ERR_INIT;
	int r;

	read_most = t->file.n > 20000 ? 9000 : below(2) ? 7 : 5000;
	io.read = odd_read;
	r = scan_rows(&src, t->want, on_row, &g, &e);
	io.read = read;
	judge(t, "stream", r, &g, &e);
	close(src.fd);
}

/* All that a thread was given comes once more. */
static void forget(void *arg)
{
	struct got *g = arg;

	buf_reset(&g->text);
	g->rows = 0;
}

/* In n ranges; a small file in one for each byte, so that a range begins everywhere. */
static void by_ranges(const struct trial *t, size_t n, bool guess)
{
	struct scan_source src = { .fd = memory_file(t->file), .name = "f", .to = (off_t)t->file.n, .canonical = t->canonical,
		.first_line = 1 };
	struct got each[RANGES_MAX], all = { .nfields = t->want->n };
	void *args[RANGES_MAX];
	struct err e = ERR_INIT;
	int r;

	for (size_t i = 0; i < n; i++) {
		each[i] = (struct got){ .nfields = t->want->n, .file = t->file };
		args[i] = &each[i];
	}
	r = scan_threads_again(&src, t->want, on_row, guess ? forget : NULL, args, n, &e);
	for (size_t i = 0; i < n; i++) {
		if (r == 0)
			buf_span(&all.text, buf_view(&each[i].text));
		buf_clear(&each[i].text);
	}
	if (r)		/* rows behind the bad one may have been given already */
		buf_span(&all.text, buf_view(&t->o->text));
	judge(t, guess ? "guessed ranges" : "ranges", r, &all, &e);
	close(src.fd);
}

/* The rows before a row's end and those behind it are all rows. */
static void in_two(const struct trial *t)
{
	struct got g = { .nfields = t->want->n };
	struct err e = ERR_INIT;
	struct span rest = t->file, line;
	size_t at = 0;

	if (t->said[0] || t->file.n == 0)
		return;
	for (uint32_t i = below((uint32_t)t->o->rows + 1); i && span_split(&rest, '\n', &line); i--)
		at = (size_t)(line.p + line.n + 1 - t->file.p);
	at = at < t->file.n ? at : t->file.n;
	for (int i = 0; i < 2; i++) {
		struct scan_source src = { .fd = memory_file(t->file), .name = "f", .from = i ? (off_t)at : 0,
			.to = i ? (off_t)t->file.n : (off_t)at, .canonical = true, .first_line = 1 };

		ck_assert_msg(scan_rows(&src, t->want, on_row, &g, &e) == 0, "%s", e.text);
		close(src.fd);
	}
	judge(t, "in two", 0, &g, &e);
}

static void one_file(struct span file, const struct scan_want *want, uint32_t turn, bool canonical)
{
	struct oracle o = { .ncols = want->ncols, .canonical = canonical };
	struct got g = { .nfields = want->n, .file = file };
	struct err e = ERR_INIT;
	struct trial t = { file, want, &o, canonical, e.text };
	int r;

	if (canonical)
		oracle_lines(&o, file);
	else
		oracle_parse(&o, file, 0);
	r = scan_bytes("f", file, canonical, 1, want, on_row, &g, &e);
	judge(&t, "bytes", r, &g, &e);
	if (r)
		check_line(&t);
	by_instruction_sets(&t);
	if (turn % 3 == 0)
		by_stream(&t);
	else if (turn % 3 == 1)
		by_ranges(&t, file.n && file.n <= RANGES_MAX ? file.n : 1 + below(8), turn / 3 % 2 == 0);
	else if (canonical)
		in_two(&t);
	buf_clear(&o.text);
	buf_clear(&o.row);
}

/* One record in memory: what scan_record takes apart itself, where there is nothing special in it, is what libcsv gives. */
START_TEST(records)
{
	static const char piece[] = "ab,,,  \t\"\n\r\0\xe7";
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	size_t rows = 0, used;
	unsigned seed = 5;
	struct span f[4];

	for (int i = 0; i < 100000; i++) {
		size_t n = (size_t)rand_r(&seed) % 9;
		char *bytes = mem_alloc(n);	/* of its own size, so that a read behind it is seen */
		enum strict_result r;
		struct strict s;
		int got;

		for (size_t k = 0; k < n; k++)
			bytes[k] = piece[(size_t)rand_r(&seed) % (i % 2 ? 8 : sizeof piece - 1)];
		strict_init(&s, 4, SCAN_FIELD_MAX);
		ck_assert_int_eq(strict_ready(&s, &e), 0);
		r = strict_take(&s, (struct span){ bytes, n }, true, &used);
		err_clear(&e);
		got = scan_record("f", (struct span){ bytes, n }, &text, f, 4, &e);
		if ((r != STRICT_ROW && r != STRICT_BLANK) || s.n > 4)
			ck_assert_int_eq(got, -1);
		else if (used == n)
			ck_assert_int_eq(got, (int)s.n);
		for (int k = 0; k < got; k++)
			ck_assert(span_eq(f[k], strict_field(&s, (size_t)k)));
		rows += got > 1;
		strict_clear(&s);
		free(bytes);
	}
	ck_assert_uint_gt(rows, 20000);
	buf_clear(&text);
}
END_TEST

START_TEST(files)
{
	static int all[40];
	const char *given = getenv("SEED"), *many = getenv("FILES"), *is_long = getenv("TEST_LONG");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32;
	size_t n = many ? strtoul(many, NULL, 10) : is_long && strcmp(is_long, "yes") == 0 ? FILES_LONG : FILES, large = 0;
	struct buf b = BUF_INIT;

	for (int i = 0; i < 40; i++)
		all[i] = i;
	printf("check_oracle: SEED=%llu FILES=%zu\n", (unsigned long long)seed, n);
	fflush(stdout);
	state = seed;
	for (uint32_t i = 0; i < n; i++) {
		size_t ncols = below(8) ? 1 + below(6) : 40;
		struct scan_want want = { ncols, all, ncols };
		struct span file;

		buf_reset(&b);
		random_file(&b, ncols);
		/* an allocation of its size, so that ASan sees a read behind the end */
		file = (struct span){ mem_alloc(b.n ? b.n : 1), b.n };
		if (b.n)
			memcpy((char *)(uintptr_t)file.p, b.p, b.n);
		one_file(file, &want, i, below(4) == 3);
		free((void *)(uintptr_t)file.p);
		large += b.n > WINDOW;
	}
	printf("check_oracle: %zu files, %zu of them larger than a window: the same as libcsv\n", n, large);
	buf_clear(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("oracle");
	TCase *t = tcase_create("oracle");

	tcase_set_timeout(t, 0);
	tcase_add_test(t, records);
	tcase_add_test(t, files);
	suite_add_tcase(s, t);
	return h_run(s);
}

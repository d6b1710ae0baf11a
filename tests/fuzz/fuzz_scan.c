/* SPDX-License-Identifier: MIT */
/*
 * The fast reader against libcsv.  Bytes by the best instruction set and, as
 * the first byte says, a stream or a file by the portable one, or two to five
 * ranges, give the same rows and the same message.
 */
#include <csv.h>
#include <stdlib.h>
#include "base/mem.h"
#include "csv/scanint.h"
#include "csv/writer.h"
#include "fuzz.h"

fuzz_fn FUZZ_TARGET(scan);

struct got {
	struct buf text;
	size_t nfields, rows;
	bool bad;
};

static void put(struct buf *b, const char *p, size_t n)
{
	uint32_t k = (uint32_t)n;

	buf_put(b, &k, sizeof k);
	buf_put(b, p, n);
}

static int on_row(void *arg, const struct scan_row *row)
{
	struct got *g = arg;

	for (size_t i = 0; i < g->nfields; i++)
		put(&g->text, row->f[i].p, row->f[i].n);
	buf_putc(&g->text, 30);
	g->rows++;
	return 0;
}

/* libcsv over the whole input. */
struct oracle {
	struct got g;
	struct buf row;
	size_t n;
};

static void oracle_field(void *p, size_t n, void *arg)
{
	struct oracle *o = arg;

	o->n++;
	put(&o->row, p, n);
}

static void oracle_row(int c, void *arg)
{
	struct oracle *o = arg;

	(void)c;
	o->g.bad |= o->n != o->g.nfields;
	if (!o->g.bad)
		buf_span(&o->g.text, buf_view(&o->row)), buf_putc(&o->g.text, 30);
	buf_reset(&o->row);
	o->n = 0;
}

static void oracle(struct oracle *o, struct span in)
{
	struct csv_parser p;

	csv_init(&p, CSV_STRICT | CSV_STRICT_FINI);
	if (csv_parse(&p, in.p, in.n, oracle_field, oracle_row, o) < in.n || csv_fini(&p, oracle_field, oracle_row, o) != 0)
		o->g.bad = true;
	csv_free(&p);
}

/* One way to read the input. */
static int read_as(int way, const struct scan_source *as, struct span in, const struct scan_want *want, struct got *g, struct err *e)
{
	struct scan_source src = *as;
	struct scanner s;
	struct got each[5] = { 0 };
	void *args[5];
	int r;

	if (way == 0)
		return scan_bytes(src.name, in, src.canonical, 1, want, on_row, g, e);
	if (way < 3) {
		src.to = way == 1 ? -1 : (off_t)in.n;
		scanner_init(&s, &src, (struct span){ NULL, 0 }, want, on_row, g);
		s.isa = &scan_isa_plain;
		r = scanner_run(&s, e);
		scanner_clear(&s);
		return r;
	}
	for (int i = 0; i < 5; i++) {
		each[i].nfields = g->nfields;
		args[i] = &each[i];
	}
	src.to = (off_t)in.n;
	r = scan_threads(&src, want, on_row, args, (size_t)way - 1, e);
	for (int i = 0; i < 5; i++) {
		buf_span(&g->text, buf_view(&each[i].text));
		buf_clear(&each[i].text);
	}
	return r;
}

int FUZZ_TARGET(scan)(const uint8_t *p, size_t n)
{
	static int cols[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	struct fuzz_in in = { { (const char *)p, n } };
	unsigned how = fuzz_byte(&in);
	struct scan_want want = { 1 + (how >> 1) % 8, cols, 1 + (how >> 1) % 8 };
	struct scan_source src = { .fd = FUZZ_FD, .name = "f", .canonical = how & 1, .first_line = 1 };
	struct span bytes = fuzz_rest(&in);
	struct got first = { .nfields = want.n };
	struct err said = ERR_INIT;
	int r = 0;

	fuzz_file("f", bytes);
	for (int way = 0; way < 7; way = way ? 7 : 1 + (int)(how >> 4) % 6) {
		struct got g = { .nfields = want.n };
		struct err e = ERR_INIT;
		int k;

		fuzz_file("again", bytes);
		src.fd++;
		k = read_as(way, &src, bytes, &want, &g, &e);
		if (way == 0) {
			first = g, said = e, r = k;
			continue;
		}
		FUZZ_CHECK(k == r && strcmp(e.text, said.text) == 0, "way %d: %s; %s", way, e.text, said.text);
		if (way < 3 || r == 0)
			FUZZ_CHECK(span_eq(buf_view(&g.text), buf_view(&first.text)), "way %d: other rows", way);
		buf_clear(&g.text);
	}
	if (r)
		fuzz_error(&said);
	if (!src.canonical) {
		struct oracle o = { .g.nfields = want.n };

		oracle(&o, bytes);
		FUZZ_CHECK(o.g.bad == (r != 0), "libcsv %s it: %s", o.g.bad ? "refused" : "took", said.text);
		FUZZ_CHECK(span_eq(buf_view(&o.g.text), buf_view(&first.text)), "other rows than libcsv");
		buf_clear(&o.g.text);
		buf_clear(&o.row);
	}
	fuzz_files_end();
	buf_clear(&first.text);
	fuzz_free(bytes);
	return 0;
}

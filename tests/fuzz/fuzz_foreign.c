/* SPDX-License-Identifier: MIT */
/* CSV from other hands in any encoding: positions lie inside, good rows are as wide as the header and write and read back. */
#include "base/text.h"
#include "csv/foreign.h"
#include "csv/writer.h"
#include "fuzz.h"

fuzz_fn FUZZ_TARGET(foreign);

struct got {
	struct buf rows, csv;
	size_t n, ncols, line, good, ahead;
	struct foreign_options opt;
};

static int on_row(void *arg, const struct foreign_row *row)
{
	struct got *g = arg;

	FUZZ_CHECK(row->line > g->line || g->n == 0, "line %zu after %zu", row->line, g->line);
	g->line = row->line;
	if (g->n++ == 0)
		g->ncols = row->n;
	buf_printf(&g->rows, "%zu %d", row->line, row->bad);
	if (row->bad) {
		buf_span(&g->rows, row->raw);
		return 0;
	}
	FUZZ_CHECK(row->n == g->ncols, "%zu fields, the header has %zu", row->n, g->ncols);
	for (size_t i = 0; i < row->n; i++) {
		FUZZ_CHECK(text_valid(row->f[i]) == row->f[i].n, "not UTF-8");
		FUZZ_CHECK(row->f[i].n <= g->opt.field_max, "%zu bytes", row->f[i].n);
		FUZZ_CHECK(span_eq(span_trim(row->f[i]), row->f[i]), "blanks around a field");
		buf_printf(&g->rows, "|%zu:", row->f[i].n);
		buf_span(&g->rows, row->f[i]);
	}
	writer_row(&g->csv, row->f, row->n);
	g->good++;
	return 0;
}

/* The rows behind the header, before on_row gets them. */
static void look_ahead(void *arg, unsigned slot, const struct foreign_row *row, size_t n)
{
	struct got *g = arg;

	FUZZ_CHECK(slot < FOREIGN_SLOTS && g->n > 0, "slot %u, %zu rows", slot, n);
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(row[i].line > g->line && row[i].slot == slot && row[i].at == i && row[i].at + row[i].left + 1 == n,
		    "row %zu of %zu", i, n);
	g->ahead += n;
}

/* What was written of the good rows reads back to as many, and writes the same again. */
static void again(const struct got *g)
{
	struct got b = { .opt = g->opt };
	struct foreign_options opt = { .encoding = "utf-8" };
	struct err e = ERR_INIT;
	struct diag d;

	diag_init(&d, NULL, NULL, 0);
	FUZZ_CHECK(foreign_parse("w", buf_view(&g->csv), &opt, &d, on_row, &b, &e) == 0 && d.errors == 0, "%s", e.text);
	FUZZ_CHECK(b.good == g->good && span_eq(buf_view(&b.csv), buf_view(&g->csv)), "%zu of %zu rows", b.good, g->good);
	buf_clear(&b.rows);
	buf_clear(&b.csv);
}

/* No ctrl-Z, which means something at the end of a file, and no BOM, which does at its start. */
static bool is_plain(struct span csv)
{
	return csv.n > 3 && !memchr(csv.p, 0x1a, csv.n) && memcmp(csv.p, "\xef\xbb\xbf", 3) != 0;
}

int FUZZ_TARGET(foreign)(const uint8_t *p, size_t n)
{
	static const char *const encodings[] = { NULL, NULL, "utf-8", "gb18030", "gbk", "utf-16le", "utf-16", "big5", "latin1",
		"utf-32", "gb2312", "hz", "iso-2022-cn", "utf-7", "none" };
	struct fuzz_in in = { { (const char *)p, n } };
	unsigned how = fuzz_byte(&in);
	struct got g[2] = { 0 };
	struct span bytes = fuzz_rest(&in);
	struct err e[2] = { ERR_INIT, ERR_INIT };
	int r[2];

	for (int i = 0; i < 2; i++) {
		struct fuzz_said said;

		g[i].opt = (struct foreign_options){ .encoding = encodings[how % 15], .field_max = how & 0x80 ? 16 : 1 << 20,
			.fields_max = how & 0x40 ? 4 : 1024, .ahead = i ? look_ahead : NULL, .threaded = i,
			.clean = i && text_valid(bytes) == bytes.n && (bytes.n == 0 || memchr(bytes.p, 0, bytes.n) == NULL) };
		fuzz_listen(&said, 20);
		r[i] = foreign_parse("f", bytes, &g[i].opt, &said.d, on_row, &g[i], &e[i]);
		fuzz_heard(&said, "f", bytes);
	}
	FUZZ_CHECK(r[0] == r[1] && span_eq(buf_view(&g[0].rows), buf_view(&g[1].rows)), "a second time is other");
	FUZZ_CHECK(r[0] < 0 || g[1].ahead + 1 == g[1].n, "%zu rows ahead, %zu in all", g[1].ahead, g[1].n);
	if (r[0] < 0)
		fuzz_error(&e[0]);
	else if (is_plain(buf_view(&g[0].csv)))
		again(&g[0]);
	for (int i = 0; i < 2; i++) {
		buf_clear(&g[i].rows);
		buf_clear(&g[i].csv);
	}
	fuzz_free(bytes);
	return 0;
}

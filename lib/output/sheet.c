/* SPDX-License-Identifier: MIT */
#include "output/sheet.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "csv/writer.h"

#define GAP 2		/* blanks between columns of a text table */
#define NARROWEST 8	/* a column is never cut below this */

void sheet_init(struct sheet *s)
{
	*s = (struct sheet){ .total_from = SIZE_MAX };
}

void sheet_clear(struct sheet *s)
{
	arena_clear(&s->mem);
	free(s->column);
	free(s->cell);
	sheet_init(s);
}

size_t sheet_add_column(struct sheet *s, struct sheet_column c)
{
	MEM_GROW(s->column, s->columns_cap, s->ncolumns + 1);
	s->column[s->ncolumns] = c;
	return s->ncolumns++;
}

void sheet_add_row(struct sheet *s)
{
	MEM_GROW(s->cell, s->cells_cap, (s->nrows + 1) * s->ncolumns);
	memset(s->cell + s->nrows * s->ncolumns, 0, s->ncolumns * sizeof *s->cell);
	s->nrows++;
}

void sheet_put(struct sheet *s, size_t column, struct span value)
{
	char *copy = arena_spandup(&s->mem, value);

	s->cell[(s->nrows - 1) * s->ncolumns + column] = (struct span){ copy, value.n };
}

void sheet_putf(struct sheet *s, size_t column, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n > 0)
		sheet_put(s, column, (struct span){ text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1 });
}

static struct span cell(const struct sheet *s, size_t row, size_t col)
{
	return s->cell[row * s->ncolumns + col];
}

static struct span title(const struct sheet_column *c)
{
	return span_of(c->title ? c->title : c->name);
}

/* The display width of every shown column, 0 for those not shown. */
static size_t *widths(const struct sheet *s)
{
	size_t *w = mem_zalloc(s->ncolumns + 1, sizeof *w);

	for (size_t c = 0; c < s->ncolumns; c++) {
		if (s->column[c].csv_only)
			continue;
		w[c] = text_width(title(&s->column[c]));
		if (w[c] == 0)
			w[c] = 1;
		for (size_t r = 0; r < s->nrows; r++) {
			size_t n = text_width(cell(s, r, c));

			if (n > w[c])
				w[c] = n;
		}
	}
	return w;
}

/* Narrow the widest left-aligned columns until the table fits, as far as that goes. */
static void narrow(const struct sheet *s, size_t *w, size_t width)
{
	for (;;) {
		size_t total = 0, widest = SIZE_MAX;

		for (size_t c = 0; c < s->ncolumns; c++) {
			total += w[c] ? w[c] + (total ? GAP : 0) : 0;
			if (!s->column[c].right && !s->column[c].whole && w[c] > NARROWEST && (widest == SIZE_MAX || w[c] > w[widest]))
				widest = c;
		}
		if (total <= width || widest == SIZE_MAX)
			return;
		w[widest]--;
	}
}

/* A line of dashes, one run a column. */
static void rule(const struct sheet *s, const size_t *w, struct buf *out)
{
	bool first = true;

	for (size_t c = 0; c < s->ncolumns; c++) {
		if (!w[c])
			continue;
		for (size_t i = 0; i < w[c] + (first ? 0 : GAP); i++)
			buf_putc(out, !first && i < GAP ? ' ' : '-');
		first = false;
	}
	buf_putc(out, '\n');
}

/* A cell; one that was cut says so. */
static void put_cell(struct buf *out, struct span text, size_t width, bool right)
{
	bool cut = text_width(text) > width;
	size_t from = out->n;

	text_pad(out, text, width - cut, right);
	if (!cut)
		return;
	while (out->n > from && out->p[out->n - 1] == ' ')
		out->n--;
	buf_puts(out, "…");
	for (size_t n = text_width((struct span){ out->p + from, out->n - from }); n < width; n++)
		buf_putc(out, ' ');
}

/* One line of cells (row) or of titles (SIZE_MAX), without blanks at its end. */
static void line(const struct sheet *s, const size_t *w, size_t row, struct buf *out)
{
	bool first = true;

	for (size_t c = 0; c < s->ncolumns; c++) {
		if (!w[c])
			continue;
		if (!first)
			buf_put(out, "  ", GAP);
		put_cell(out, row == SIZE_MAX ? title(&s->column[c]) : cell(s, row, c), w[c], s->column[c].right);
		first = false;
	}
	while (out->n && out->p[out->n - 1] == ' ')
		out->n--;
	buf_putc(out, '\n');
}

void sheet_text(const struct sheet *s, size_t width, struct buf *out)
{
	size_t *w = widths(s);

	if (width)
		narrow(s, w, width);
	line(s, w, SIZE_MAX, out);
	rule(s, w, out);
	for (size_t r = 0; r < s->nrows; r++) {
		if (r == s->total_from && r > 0)
			rule(s, w, out);
		line(s, w, r, out);
	}
	free(w);
}

void sheet_csv(const struct sheet *s, struct buf *out)
{
	struct span *row = mem_zalloc(s->ncolumns + 1, sizeof *row);
	size_t n;

	n = 0;
	for (size_t c = 0; c < s->ncolumns; c++)
		if (!s->column[c].text_only)
			row[n++] = span_of(s->column[c].name);
	writer_row(out, row, n);
	for (size_t r = 0; r < s->nrows; r++) {
		n = 0;
		for (size_t c = 0; c < s->ncolumns; c++)
			if (!s->column[c].text_only)
				row[n++] = cell(s, r, c);
		writer_row(out, row, n);
	}
	free(row);
}

void sheet_json_string(struct buf *out, struct span s)
{
	buf_putc(out, '"');
	while (s.n) {
		size_t ok = text_clean(s), i;

		for (i = 0; i < ok; i++) {
			if (s.p[i] == '"' || s.p[i] == '\\')
				buf_putc(out, '\\');
			buf_putc(out, s.p[i]);
		}
		s.p += ok;
		s.n -= ok;
		if (!s.n)
			break;
		if ((unsigned char)*s.p < 0x20 || *s.p == 0x7f)
			buf_printf(out, "\\u%04x", (unsigned)(unsigned char)*s.p);
		else if (text_valid(s) >= 2 && (unsigned char)*s.p == 0xc2) {	/* C1 controls are two bytes */
			buf_printf(out, "\\u%04x", (unsigned)(unsigned char)s.p[1]);
			s.p++;
			s.n--;
		} else
			buf_puts(out, "\xef\xbf\xbd");
		s.p++;
		s.n--;
	}
	buf_putc(out, '"');
}

/* Digits only, no needless zero in front: a JSON number as it stands. */
static bool is_integer(struct span v)
{
	uint64_t n;

	return span_u64(v, UINT64_MAX, &n) && (v.n == 1 || v.p[0] != '0');
}

void sheet_json(const struct sheet *s, struct buf *out)
{
	buf_puts(out, "[");
	for (size_t r = 0; r < s->nrows; r++) {
		bool first = true;

		buf_puts(out, r ? ",\n {" : "\n {");
		for (size_t c = 0; c < s->ncolumns; c++) {
			struct span v = cell(s, r, c);

			if (s->column[c].text_only)
				continue;
			buf_puts(out, first ? "" : ", ");
			first = false;
			sheet_json_string(out, span_of(s->column[c].name));
			buf_puts(out, ": ");
			if (s->column[c].right && is_integer(v))
				buf_span(out, v);
			else if (s->column[c].right && v.n == 0)
				buf_puts(out, "null");
			else
				sheet_json_string(out, v);
		}
		buf_puts(out, "}");
	}
	buf_puts(out, s->nrows ? "\n]\n" : "]\n");
}

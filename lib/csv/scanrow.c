/* SPDX-License-Identifier: MIT */
#include "csv/scanint.h"
#include "base/mem.h"

#define READABLE 32		/* bytes behind a field, as scan.h says */
#define WINDOW_LEAST 512u	/* behind an irregular record, which may not be the only one */
#define IRREGULAR (-2)		/* the record at pos is one for libcsv */

bool scan_blank(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t')
			return false;
	return true;
}

bool scan_unquote(struct span raw, char **to, struct span *out)
{
	const char *p = raw.p, *end = raw.p + raw.n, *q;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (p < end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*out = (struct span){ p, (size_t)(end - p) };
	if (p == end || *p != '"')
		return true;
	if (end - p < 2 || end[-1] != '"')
		return false;
	p++, end--;
	q = memchr(p, '"', (size_t)(end - p));
	if (!q) {
		*out = (struct span){ p, (size_t)(end - p) };
		return true;
	}
	out->p = *to;
	while (q) {
		if (q + 1 >= end || q[1] != '"')
			return false;
		memcpy(*to, p, (size_t)(q + 1 - p));
		*to += q + 1 - p;
		p = q + 2;
		q = memchr(p, '"', (size_t)(end - p));
	}
	memcpy(*to, p, (size_t)(end - p));
	*to += end - p;
	out->n = (size_t)(*to - out->p);
	return true;
}

/* A field that needs no work: nothing quoted, no blank at either end.  No branch, which would go another way in every row;
 * an empty field's first byte is what stands behind it, and may have it looked at in vain. */
static inline bool is_plain(const char *p, size_t n)
{
	return ((unsigned char)p[0] > ' ') & (p[0] != '"') & ((unsigned char)p[n - (n > 0)] > ' ');
}

/* A whole quoted field without a doubled quote needs only its quotes cut. */
static inline bool cut_quotes(struct span *f)
{
	if (f->n < 2 || f->p[0] != '"' || f->p[f->n - 1] != '"' || memchr(f->p + 1, '"', f->n - 2))
		return false;
	*f = (struct span){ f->p + 1, f->n - 2 };
	return true;
}

/* Unquotes field i, where *to is where text may go (NULL: none yet in this row). */
static bool unquote_field(struct scanner *s, size_t i, size_t length, char **to)
{
	if (!*to) {
		size_t need = s->copies * length + READABLE;

		if (need > s->text_cap) {
			s->text = mem_realloc(s->text, need, 2);
			s->text_cap = 2 * need;
		}
		*to = s->text;
	}
	if (!scan_unquote(s->f[i], to, &s->f[i]))
		return false;
	memset(*to, 0, READABLE);
	return true;
}

/* Has what there is to do to field i done. */
static inline bool clean_field(struct scanner *s, size_t i, size_t length, char **to)
{
	struct span *f = &s->f[i];

	return f->n == 0 || cut_quotes(f) || is_plain(f->p, f->n) || unquote_field(s, i, length, to);
}

/* The wanted fields of a regular record in the window at p, by its separators (sep[-1] is the one in front). */
static inline bool wanted_fields(struct scanner *s, const char *p, const uint16_t *sep, size_t length)
{
	uint16_t from = (uint16_t)(sep[-1] + 1);
	bool plain = true;
	char *to = NULL;

	for (size_t k = 0; k < s->npresent; k++) {
		unsigned c = s->present[k].col, i = s->present[k].place;
		const char *q = p + (uint16_t)((sep + c)[-1] + 1);
		size_t n = (size_t)(p + sep[c] - q);

		if (__builtin_expect(c + 1 == s->want->ncols, 0))
			n = (size_t)(p + from + length - q);
		s->f[i] = (struct span){ q, n };
		plain &= is_plain(q, n);
	}
	for (size_t k = 0; k < s->npresent && !plain; k++)
		if (!clean_field(s, s->present[k].place, length, &to))
			return false;
	return true;
}

/* The same when few of the wanted columns are filled. */
static inline bool filled_fields(struct scanner *s, const char *p, const uint16_t *sep, size_t length)
{
	uint64_t filled = s->isa->filled(sep, s->want->ncols) & s->asked;
	uint16_t from = (uint16_t)(sep[-1] + 1);
	char *to = NULL;

	for (uint64_t gone = s->shown & ~filled; gone; gone &= gone - 1)
		s->f[s->place[__builtin_ctzll(gone)]] = (struct span){ scan_nothing, 0 };
	s->shown = filled;
	for (; filled; filled &= filled - 1) {
		unsigned c = (unsigned)__builtin_ctzll(filled), i = s->place[c];
		const char *q = p + (uint16_t)((sep + c)[-1] + 1);
		size_t n = (size_t)(p + sep[c] - q);

		if (__builtin_expect(c + 1 == s->want->ncols, 0))
			n = (size_t)(p + from + length - q);
		s->f[i] = (struct span){ q, n };
		if (!clean_field(s, i, length, &to))
			return false;
	}
	return true;
}

/* A regular line with another number of columns than wanted: an empty line is passed over, else an error. */
static int odd_line(struct scanner *s, size_t off, size_t length, size_t columns, struct err *e)
{
	size_t want = s->want->ncols;

	if (scan_blank((struct span){ s->b + off, length })) {
		if (!s->src->canonical)
			return 0;
		return scanner_complain(s, off, e, "an empty line");
	}
	return scanner_complain(s, off, e, "%zu column%s, the header has %zu", columns, columns == 1 ? "" : "s", want);
}

/* Hands out the records of the window that end before its first irregular byte, and moves pos behind them. */
static int regular_rows(struct scanner *s, struct err *e)
{
	const struct scan_lists *l = &s->l;
	const uint16_t *sep = l->sep;
	const char *p = s->b + s->pos;
	size_t ncols = s->want->ncols, start = s->pos;
	struct scan_row row = { .f = s->f, .window = p, .want = s->want };
	int r;

	for (size_t k = 0; k < l->nnl && l->nl[k] < l->bad; k++) {
		uint16_t end = l->nl[k], from = (uint16_t)(sep[-1] + 1);
		size_t length = (size_t)(end - from);

		if (l->cr && length && p[end - 1] == '\r')
			length--;
		if (__builtin_expect(sep[ncols - 1] != end, 0) ||
		    (ncols == 1 && scan_blank((struct span){ p + from, length }))) {
			size_t columns = 1;

			while (*sep++ != end)
				columns++;
			r = odd_line(s, start + from, length, columns, e);
			if (r)
				return r;
			s->pos = start + end + 1;
			continue;
		}
		s->pos = start + from;
		if (!(s->sparse ? filled_fields(s, p, sep, length) : wanted_fields(s, p, sep, length)))
			return IRREGULAR;
		row.at = s->base + (off_t)s->pos;
		row.length = length;
		row.bytes = p + from;
		row.ends = sep;
		row.nends = l->nsep - (size_t)(sep - l->sep);
		r = s->row(s->arg, &row);
		if (r)
			return r;
		sep += ncols;
		s->pos = start + end + 1;
	}
	return 0;
}

/* Why libcsv does not take a record. */
static int broken(struct scanner *s, enum strict_result r, struct span in, size_t used, struct err *e)
{
	size_t column = s->strict.n + 1, at = s->pos + used;

	switch (r) {
	case STRICT_OPEN:
		return scanner_complain(s, at, e, "column %zu: quote opened here is never closed", column);
	case STRICT_JUNK:
		at = s->pos + strict_opening(in, used);
		return scanner_complain(s, at, e, "column %zu: text behind the closing quote, or a quote that is not doubled",
		    column);
	case STRICT_QUOTE:
		return scanner_complain(s, at, e, "column %zu: a quote inside an unquoted field", column);
	default:
		return scanner_complain(s, at, e, "a carriage return outside quotes (saved by another program?)");
	}
}

/* Limits on a finished record. */
static int check_record(struct scanner *s, struct err *e)
{
	size_t n = s->strict.n, want = s->want->ncols;

	if (s->strict.too_long)
		return scanner_complain(s, s->pos, e, "column %zu: the field is longer than %u bytes", s->strict.too_long,
		    SCAN_FIELD_MAX);
	if (n != want)
		return scanner_complain(s, s->pos, e, "%zu column%s, the header has %zu", n, n == 1 ? "" : "s", want);
	return 0;
}

/* Reads on behind a record that is not complete, unless it has grown beyond all bounds. */
static int read_on(struct scanner *s, size_t have, struct err *e)
{
	size_t n = s->strict.n, want = s->want->ncols;

	if (s->strict.too_long)
		return check_record(s, e);
	if (n > want && have > SCAN_FIELD_MAX)
		return scanner_complain(s, s->pos, e, "%zu columns and more, the header has %zu", n, want);
	return scanner_fill(s, have, e);
}

/* Hands out the record libcsv has read, which takes `used` bytes. */
static int strict_row(struct scanner *s, size_t used, struct err *e)
{
	struct scan_row row = { .at = s->base + (off_t)s->pos, .length = used, .bytes = s->b + s->pos, .f = s->f };
	int r = check_record(s, e);

	if (r)
		return r;
	while (row.length && (row.bytes[row.length - 1] == '\n' || row.bytes[row.length - 1] == '\r'))
		row.length--;
	for (size_t i = 0; i < s->want->n; i++) {
		int c = s->want->cols[i];

		s->f[i] = c < 0 ? (struct span){ scan_nothing, 0 } : strict_field(&s->strict, (size_t)c);
	}
	s->shown = s->asked;
	return s->row(s->arg, &row);
}

/* Reads the record at pos by libcsv; in a canonical source it is one line. */
static int irregular(struct scanner *s, struct err *e)
{
	struct span in = { s->b + s->pos, s->n - s->pos - s->added_lf };
	const char *lf = s->src->canonical ? memchr(in.p, '\n', in.n) : NULL;
	enum strict_result r;
	size_t used;
	int k;

	if (lf)
		in.n = (size_t)(lf - in.p);
	if (s->window > WINDOW_LEAST)
		s->window = WINDOW_LEAST;
	if (strict_ready(&s->strict, e) < 0)
		return -1;
	r = strict_take(&s->strict, in, lf || s->eof, &used);
	if (r == STRICT_MORE)
		return read_on(s, in.n, e);
	if (s->src->canonical && (r == STRICT_ROW || r == STRICT_BLANK) && used && in.p[used - 1] == '\r')
		return broken(s, STRICT_MORE, in, used, e);
	if (r == STRICT_ROW)
		k = strict_row(s, used, e);
	else if (r == STRICT_BLANK && s->strict.too_long)
		k = check_record(s, e);
	else if (r == STRICT_BLANK)
		k = s->src->canonical ? scanner_complain(s, s->pos, e, "an empty line") : 0;
	else
		k = broken(s, r, in, used, e);
	s->pos += used + (lf != NULL);
	if (s->added_lf && s->pos + 1 == s->n)
		s->pos = s->n;
	return k;
}

int scanner_step(struct scanner *s, struct err *e)
{
	size_t left = s->n - s->pos, n = left < s->window ? left : s->window, was = s->pos;
	bool whole = n == left;	/* the window sees all that is there */
	int r;

	/* a map's bytes go on behind n: only whole windows of it */
	if (n == 0 || (s->map.p != NULL && n < s->window))
		return scanner_fill(s, 1, e);
	s->isa->mask(s->b + s->pos, n, s->src->canonical, &s->l);
	r = regular_rows(s, e);
	if (r == IRREGULAR || (r == 0 && s->l.bad != SCAN_NOT_BAD))
		return irregular(s, e);
	if (r)
		return r;
	if (s->window < s->window_most)
		s->window = 2 * s->window < s->window_most ? 2 * s->window : s->window_most;
	else if (s->pos == was && !whole)
		return irregular(s, e);	/* longer than a window */
	if (whole && s->pos < s->n && s->eof)
		return irregular(s, e);	/* the last record, and it does not end */
	return whole && !s->eof ? scanner_fill(s, 1, e) : 0;
}

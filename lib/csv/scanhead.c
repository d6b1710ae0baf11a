/* SPDX-License-Identifier: MIT */
#include "csv/scanint.h"
#include <stdlib.h>
#include "base/io.h"
#include "base/mem.h"

#define HEADER_MAX (64u << 10)
#define BOM "\xef\xbb\xbf"

/* Reads on into b, which holds the source's bytes from src->from; 1 when the end was there, -1. */
static int read_more(const struct scan_source *src, struct buf *b, struct err *e)
{
	off_t at = src->to < 0 ? -1 : src->from + (off_t)b->n;
	size_t room = HEADER_MAX + 4 - b->n;
	ssize_t k = 0;

	if (at >= 0 && (off_t)room > src->to - at)
		room = (size_t)(src->to - at);
	buf_reserve(b, room);
	if (room)
		k = io_read_some(src->fd, src->name, b->p + b->n, room, at, e);
	if (k < 0)
		return -1;
	b->n += (size_t)k;
	return k == 0;
}

/* Does the field begin or end with what libcsv cuts off where there are no quotes? */
static bool is_padded(struct span f)
{
	return f.n > 0 && (f.p[0] == ' ' || f.p[0] == '\t' || f.p[f.n - 1] == ' ' || f.p[f.n - 1] == '\t');
}

/* Where the quoted field that opens at p ends in front of a comma or the record's end; NULL: it does not. */
static const char *quoted_end(const char *p, const char *end)
{
	do {
		p = memchr(p + 1, '"', (size_t)(end - p - 1));
		if (p == NULL)
			return NULL;
		p++;
	} while (p < end && *p == '"');	/* a doubled one: the field goes on */
	return p == end || *p == ',' ? p : NULL;
}

/* Where the field at p ends; NULL when a quote stands where libcsv has to say what it means. */
static const char *field_end(const char *p, const char *end)
{
	const char *comma;

	if (p < end && *p == '"')
		return quoted_end(p, end);
	comma = memchr(p, ',', (size_t)(end - p));
	if (comma == NULL)
		comma = end;
	return memchr(p, '"', (size_t)(comma - p)) == NULL ? comma : NULL;
}

/* The fields of a record that has no line end, NUL or padding, nor a quote but around fields and doubled in those: these need
 * no libcsv; -1: there is something of it, or there are more of them. */
static int plain_fields(struct span record, struct buf *text, struct span *fields, size_t max)
{
	static const char special[] = { '\n', '\r', '\0' };
	const char *p, *end = record.p + record.n;
	size_t n = 0;

	if (record.n == 0 || record.n > SCAN_FIELD_MAX)
		return -1;
	for (size_t i = 0; i < sizeof special; i++)
		if (memchr(record.p, special[i], record.n) != NULL)
			return -1;
	buf_reset(text);
	buf_span(text, record);
	for (p = record.p; n < max; p++) {
		const char *stop = field_end(p, end);
		struct span raw = { p, stop != NULL ? (size_t)(stop - p) : 0 };
		char *at = text->p + (p - record.p), *to = at;

		if (stop == NULL || is_padded(raw) || !scan_unquote(raw, &to, &fields[n]))
			return -1;
		if (to == at)	/* no doubled quote: the copy is good as it is */
			fields[n].p = text->p + (fields[n].p - record.p);
		n++;
		if (stop == end)
			return (int)n;
		p = stop;
	}
	return -1;
}

/* The fields libcsv has just read, owned by *text and *fields. */
static size_t hand_over(struct strict *s, struct buf *text, struct span **fields)
{
	size_t n = s->n;

	*text = s->text;
	s->text = (struct buf)BUF_INIT;
	*fields = mem_zalloc(n ? n : 1, sizeof **fields);
	for (size_t i = 0; i < n; i++) {
		size_t from = i ? s->end[i - 1] : 0;

		(*fields)[i] = (struct span){ text->p + from, s->end[i] - from };
	}
	return n;
}

/* Why there is no header at `used`. */
static int no_header(const struct scan_source *src, enum strict_result r, size_t line, size_t column, struct err *e)
{
	const char *name = src->name;

	switch (r) {
	case STRICT_BLANK:
		return err_set(e, ERR_DATA, "%s: no header, the file is empty", name);
	case STRICT_MORE:
		return err_set(e, ERR_DATA, "%s:%zu: the header is longer than %u bytes", name, line, HEADER_MAX);
	case STRICT_OPEN:
		return err_set(e, ERR_DATA, "%s:%zu: header column %zu: quote opened here is never closed", name, line, column);
	case STRICT_JUNK:
		return err_set(e, ERR_DATA, "%s:%zu: header column %zu: text behind the closing quote, or a quote that is not "
		    "doubled", name, line, column);
	default:
		return err_set(e, ERR_DATA, "%s:%zu: header column %zu: a quote inside an unquoted field", name, line, column);
	}
}

/* Finds the header in b; the bytes up to its end in *used.  ROW, or why not; reads on as long as it has to. */
static int find_header(struct scan_source *src, struct strict *s, struct buf *b, size_t *used, struct err *e)
{
	size_t at = 0, k = 0;
	int end = 0;

	for (;;) {
		enum strict_result r;
		struct span in;

		if (at == 0 && b->n >= sizeof BOM - 1 && memcmp(b->p, BOM, sizeof BOM - 1) == 0)
			at = sizeof BOM - 1;
		in = (struct span){ b->p ? b->p + at : "", b->n - at };
		r = in.n || end ? strict_take(s, in, end, &k) : STRICT_MORE;
		/* a CR at the end of what is there may be half a CRLF */
		if (r == STRICT_MORE || (!end && (r == STRICT_ROW || r == STRICT_BLANK) && at + k == b->n))
			end = end ? 0 : b->n > HEADER_MAX ? 2 : read_more(src, b, e);
		else if (r == STRICT_BLANK && at + k < b->n)
			at += k;
		else if (r == STRICT_ROW) {
			*used = at + k;
			return 0;
		} else {
			size_t upto = r == STRICT_BLANK || r == STRICT_MORE ? at : at + k;

			return no_header(src, r, (src->first_line ? src->first_line : 1) +
			    scan_isa()->count(b->p ? b->p : "", upto, '\n'), s->n + 1, e);
		}
		if (end < 0)
			return -1;
		if (end == 2)
			return no_header(src, STRICT_MORE, 1, 0, e);
	}
}

/* A header that begins the bytes and has no need of libcsv; *used: its bytes with the LF. */
static bool plain_header(struct span b, struct buf *text, struct span **fields, size_t *n, size_t *used)
{
	const char *lf = b.n > 0 ? memchr(b.p, '\n', b.n) : NULL;
	struct span line = { b.p, lf != NULL ? (size_t)(lf - b.p) : 0 };
	size_t most;
	int got;

	if (line.n == 0 || b.p[0] == BOM[0])
		return false;
	most = 1 + scan_isa()->count(b.p, line.n, ',');
	*fields = mem_alloc(most * sizeof **fields);
	got = plain_fields(line, text, *fields, most);
	if (got < 0) {
		buf_clear(text);
		free(*fields);
		*fields = NULL;
		return false;
	}
	*n = (size_t)got;
	*used = line.n + 1;
	return true;
}

/* Any other header. */
static int strict_header(struct scan_source *src, struct buf *b, struct buf *text, struct span **fields, size_t *n, size_t *used,
    struct err *e)
{
	struct strict s;
	int r;

	strict_init(&s, SIZE_MAX, HEADER_MAX);
	r = strict_ready(&s, e) < 0 ? -1 : find_header(src, &s, b, used, e);
	if (r == 0)
		*n = hand_over(&s, text, fields);
	strict_clear(&s);
	return r;
}

int scan_header(struct scan_source *src, struct buf *text, struct span **fields, size_t *n, struct buf *rest, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t used = 0;
	int r;

	do
		r = read_more(src, &b, e);
	while (r == 0 && b.n <= HEADER_MAX && memchr(b.p, '\n', b.n) == NULL);
	r = r < 0 ? -1 : 0;
	if (r == 0 && !plain_header(buf_view(&b), text, fields, n, &used))
		r = strict_header(src, &b, text, fields, n, &used, e);
	if (r == 0) {
		src->first_line = (src->first_line ? src->first_line : 1) + scan_isa()->count(b.p, used, '\n');
		src->from += (off_t)used;
		if (src->to < 0)
			buf_put(rest, b.p + used, b.n - used);
	}
	buf_clear(&b);
	return r;
}

int scan_record(const char *name, struct span record, struct buf *text, struct span *fields, size_t max, struct err *e)
{
	enum strict_result r;
	struct strict s;
	size_t used = 0;
	int n = plain_fields(record, text, fields, max);

	if (n >= 0)
		return n;
	strict_init(&s, max, SCAN_FIELD_MAX);
	if (strict_ready(&s, e) < 0)
		return -1;
	r = strict_take(&s, record, true, &used);
	if (r != STRICT_ROW && r != STRICT_BLANK)
		err_set(e, ERR_DATA, "%s: byte %zu of the record: %s", name, used + 1,
		    r == STRICT_OPEN ? "quote opened here is never closed" :
		    r == STRICT_JUNK ? "text behind the closing quote, or a quote that is not doubled" :
				       "a quote inside an unquoted field");
	else if (used < record.n && !scan_blank((struct span){ record.p + used, record.n - used }))
		err_set(e, ERR_DATA, "%s: byte %zu of the record: another record begins", name, used + 1);
	else if (s.too_long)
		err_set(e, ERR_DATA, "%s: column %zu: the field is longer than %u bytes", name, s.too_long, SCAN_FIELD_MAX);
	else if (s.n > max)
		err_set(e, ERR_DATA, "%s: %zu columns, at most %zu were expected", name, s.n, max);
	else
		n = (int)s.n;
	if (n >= 0) {
		buf_reset(text);
		buf_span(text, buf_view(&s.text));
		for (int i = 0; i < n; i++) {
			size_t from = i ? s.end[i - 1] : 0;

			fields[i] = (struct span){ text->p + from, s.end[i] - from };
		}
	}
	strict_clear(&s);
	return n;
}

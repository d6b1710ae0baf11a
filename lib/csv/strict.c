/* SPDX-License-Identifier: MIT */
#include "csv/strict.h"
#include <stdlib.h>
#include "base/mem.h"

#define READABLE 32	/* bytes behind the fields, as scan.h says */

/* libcsv's memory comes from mem. */
static void *grow(void *p, size_t n)
{
	return mem_realloc(p, n, 1);
}

/* A parser that stands at the start of a record. */
static void start(struct strict *s)
{
	s->lib->init(&s->p, CSV_STRICT | CSV_STRICT_FINI);
	s->lib->set_realloc_func(&s->p, grow);
	s->lib->set_blk_size(&s->p, 4096);
}

void strict_init(struct strict *s, size_t keep, size_t field_max)
{
	*s = (struct strict){ .keep = keep, .field_max = field_max };
}

int strict_ready(struct strict *s, struct err *e)
{
	if (s->lib != NULL)
		return 0;
	s->lib = libcsv(e);
	if (s->lib == NULL)
		return -1;
	start(s);
	return 0;
}

void strict_clear(struct strict *s)
{
	if (s->lib != NULL)
		s->lib->free(&s->p);
	buf_clear(&s->text);
	free(s->end);
	s->end = NULL;
	s->end_cap = 0;
}

/* libcsv's callback for a field. */
static void on_field(void *p, size_t n, void *arg)
{
	struct strict *s = arg;

	s->n++;
	if (n > s->field_max && !s->too_long)
		s->too_long = s->n;
	if (s->n > s->keep)
		return;
	buf_put(&s->text, p, n);
	MEM_GROW(s->end, s->end_cap, s->n);
	s->end[s->n - 1] = s->text.n;
}

/* libcsv's callback for a row. */
static void on_row(int c, void *arg)
{
	(void)c;
	((struct strict *)arg)->done = true;
}

/* The length of the piece at p that ends with the next CR or LF: a row can end nowhere else. */
static size_t piece(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] != '\n' && p[i] != '\r')
		i++;
	return i < n ? i + 1 : n;
}

size_t strict_opening(struct span record, size_t at)
{
	size_t open = at;
	bool in = false;

	for (size_t i = 0; i < at && i < record.n; i++) {
		if (record.p[i] != '"')
			continue;
		if (!in && (i == 0 || record.p[i - 1] != '"' || open == at))
			open = i;	/* else the second of a doubled quote, the field goes on */
		in = !in;
	}
	return open;
}

/* The fields of an unfinished record at the end of everything. */
static enum strict_result finish(struct strict *s, struct span in, size_t *used)
{
	if (s->lib->fini(&s->p, on_field, on_row, s) == 0) {
		*used = in.n;
		return s->done ? STRICT_ROW : STRICT_BLANK;
	}
	*used = strict_opening(in, in.n);
	return STRICT_OPEN;
}

/* Feeds pieces until a row comes out. */
static enum strict_result feed(struct strict *s, struct span in, bool last, size_t *used)
{
	size_t at = 0;

	while (at < in.n) {
		size_t n = piece(in.p + at, in.n - at);
		size_t k = s->lib->parse(&s->p, in.p + at, n, on_field, on_row, s);

		at += k;
		if (k < n) {
			*used = at;
			return s->p.quoted ? STRICT_JUNK : STRICT_QUOTE;
		}
		if (s->done) {
			*used = at;
			return STRICT_ROW;
		}
	}
	if (last)
		return finish(s, in, used);
	/* blanks behind a field, and its closing quote, are cut when it ends */
	if (s->p.entry_pos > s->field_max + s->p.spaces + 1 && !s->too_long)
		s->too_long = s->n + 1;
	return STRICT_MORE;
}

/* A line end at in.p[.., used) with the LF of a CRLF, if it is there. */
static size_t whole_end(struct span in, size_t used)
{
	return used < in.n && in.p[used - 1] == '\r' && in.p[used] == '\n' ? used + 1 : used;
}

/* The number of the field that has more than `most` blanks in a row, which libcsv cuts or never gives out; 0 for none. */
static size_t blank_field(struct span in, size_t most)
{
	size_t run = 0, field = 1;
	bool quoted = false;

	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];

		run = c == ' ' || c == '\t' ? run + 1 : 0;
		if (run > most)
			return field;
		quoted ^= c == '"';
		field += c == ',' && !quoted;
	}
	return 0;
}

enum strict_result strict_take(struct strict *s, struct span in, bool last, size_t *used)
{
	enum strict_result r;
	size_t i = 0;

	s->n = s->too_long = 0;
	s->done = false;
	buf_reset(&s->text);
	while (i < in.n && (in.p[i] == ' ' || in.p[i] == '\t'))
		i++;
	if (i > s->field_max)
		s->too_long = 1;
	if (i == in.n) {
		*used = i;
		return last ? STRICT_BLANK : STRICT_MORE;
	}
	if (in.p[i] == '\n' || in.p[i] == '\r') {
		*used = whole_end(in, i + 1);
		return STRICT_BLANK;
	}
	r = feed(s, in, last, used);
	if ((r == STRICT_ROW ? *used : in.n) > s->field_max && (r == STRICT_ROW || r == STRICT_MORE) && !s->too_long)
		s->too_long = blank_field((struct span){ in.p, r == STRICT_ROW ? *used : in.n }, s->field_max);
	if (r == STRICT_ROW)
		*used = whole_end(in, *used);
	else {
		s->lib->free(&s->p);	/* csv_fini would hand out the rest of a broken record */
		start(s);
	}
	buf_reserve(&s->text, READABLE);
	memset(s->text.p + s->text.n, 0, READABLE);
	return r;
}

struct span strict_field(const struct strict *s, size_t i)
{
	size_t from = i ? s->end[i - 1] : 0;

	return (struct span){ s->text.p + from, s->end[i] - from };
}

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/text.h"
#include "csv/foreignint.h"

#define WINDOW_LEAST 512u
#define BLOCK (2 * SCAN_WINDOW)		/* bytes of text in a block, about */
#define ROWS_MAX 4096u			/* and rows */

/* A complaint about text.p[at], with its column when `col`: the header's end the parse, the others go with the row. */
static void __attribute__((format(printf, 5, 6))) complain(struct foreign_parse *p, struct foreign_block *b, size_t at, bool col,
    const char *fmt, ...)
{
	size_t line = p->line + foreign_lines((struct span){ p->text.p + p->pos, at - p->pos });
	size_t c = col ? foreign_column(p->text, at) : 0;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (p->headed)
		b->said[b->n] = (struct foreign_said){ line, c, arena_strdup(&b->mem, text) };
	else if (col)
		err_set(p->e, ERR_DATA, "%s:%zu:%zu: %s", p->name, line, c, text);
	else
		err_set(p->e, ERR_DATA, "%s:%zu: %s", p->name, line, text);
	p->fatal = !p->headed;
}

/* Bytes that no text has; raw is the record at pos.  True if there was a complaint. */
static bool has_bad_bytes(struct foreign_parse *p, struct foreign_block *b, struct span raw)
{
	const char *nul = p->nul ? memchr(raw.p, 0, raw.n) : NULL;
	size_t ok = p->valid ? raw.n : text_valid(raw);

	if (raw.n && raw.p[0] == 0x1a && p->pos + raw.n + 2 >= p->text.n) {
		complain(p, b, p->pos, true, "ctrl-Z (0x1A), an end-of-file mark of old systems; delete it");
		return true;
	}
	if (nul) {
		complain(p, b, p->pos + (size_t)(nul - raw.p), true, "a NUL byte");
		return true;
	}
	if (ok < raw.n) {
		complain(p, b, p->pos + ok, true, "invalid UTF-8 (byte 0x%02X)%s", (unsigned char)raw.p[ok], foreign_guess(raw));
		return true;
	}
	return false;
}

/* Too many, too few or too long fields.  True if there was a complaint. */
static bool has_bad_fields(struct foreign_parse *p, struct foreign_block *b, struct span raw, size_t n)
{
	const struct span *f = b->f + b->nf;

	for (size_t i = 0; raw.n > p->field_max && i < n && i < p->fields_max; i++)
		if (f[i].n > p->field_max) {
			complain(p, b, p->pos, false, "column %zu: the field has %zu bytes, at most %zu are taken", i + 1, f[i].n,
			    p->field_max);
			return true;
		}
	if (n > p->fields_max)
		complain(p, b, p->pos, false, "%zu fields, at most %zu are taken", n, p->fields_max);
	else if (p->headed && n != p->ncols)
		complain(p, b, p->pos, false, "%zu field%s, the header has %zu", n, n == 1 ? "" : "s", p->ncols);
	else
		return false;
	return true;
}

/* What separates the fields of a header in which no comma does, in words; NULL when it is but one name. */
static const char *odd_separator(struct span header)
{
	static const char *const marks[][2] = { { ";", "semicolons" }, { "\t", "tabs" }, { "|", "bars (|)" },
		{ "；", "full-width semicolons" }, { "，", "full-width commas" }, { "、", "、" } };

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (memmem(header.p, header.n, marks[i][0], strlen(marks[i][0])) != NULL)
			return marks[i][1];
	return NULL;
}

/* The first record: its fields name the columns. */
static void head(struct foreign_parse *p, struct foreign_block *b, size_t n)
{
	const char *odd = n == 1 ? odd_separator(b->f[b->nf]) : NULL;
	bool named = false;

	for (size_t i = 0; i < n; i++)
		named = named || b->f[b->nf + i].n;
	if (!named)
		complain(p, b, p->pos, false, "the header is empty");
	else if (odd != NULL)
		complain(p, b, p->pos, false, "the fields are separated by %s, not by commas; save the file as CSV, comma delimited", odd);
	p->ncols = n;
}

/* Room for more rows with so many fields in all. */
static void make_room(struct foreign_block *b, size_t rows, size_t fields)
{
	MEM_GROW(b->row, b->row_cap, b->n + rows);
	MEM_GROW(b->said, b->said_cap, b->n + rows);
	MEM_GROW(b->f, b->f_cap, b->nf + fields + 1);
}

/* Takes in the record at pos, whose n fields stand behind those of the rows before; `bad` if it was complained about already. */
static void take(struct foreign_parse *p, struct foreign_block *b, struct span raw, size_t n, bool bad)
{
	bad = bad || has_bad_bytes(p, b, raw) || has_bad_fields(p, b, raw, n);
	if (!p->headed && !bad)
		head(p, b, n);
	if (p->fatal)
		return;
	p->headed = true;
	n = n < p->fields_max ? n : p->fields_max;
	b->row[b->n++] = (struct foreign_row){ .line = p->line, .n = n, .raw = raw, .bad = bad };
	b->nf += n;
}

/* Moves on to text.p[to]; `one`: behind the line end that is the only one. */
static void advance(struct foreign_parse *p, size_t to, bool one)
{
	if (to > p->text.n)
		to = p->text.n;
	p->line += one ? 1 : foreign_lines((struct span){ p->text.p + p->pos, to - p->pos });
	p->pos = to;
}

/* Does the field stand as it is: no quotes around it, no blank at either end?  Says no where unsure. */
static inline bool stands(const char *f, size_t n)
{
	unsigned char first = (unsigned char)f[0], last = (unsigned char)f[n - 1];

	return first > ' ' && first != '"' && first != 0xc2 && first != 0xe3 && last > ' ' && last != 0xa0 && last != 0x80;
}

/* All fields of the regular record whose line end is at t[end]; their number, 0 if it is not regular after all.  *plain when
 * none has quotes, so that the record is one line. */
static size_t split(struct foreign_block *b, const char *t, const uint16_t *sep, uint16_t end, size_t length, bool *plain)
{
	uint16_t from = (uint16_t)(sep[-1] + 1);
	struct span *f = b->f + b->nf;
	size_t n = 0;
	bool last;

	*plain = true;
	do {
		uint16_t a = (uint16_t)(sep[-1] + 1), z = *sep;

		last = z == end;
		f[n] = (struct span){ t + a, last ? from + length - a : (size_t)(z - a) };
		if (f[n].n > 0 && !stands(f[n].p, f[n].n)) {
			*plain = false;
			if (!scan_unquote(f[n], &b->to, &f[n]))
				return 0;
			f[n] = span_trim(f[n]);
		}
		n++;
		sep++;
	} while (!last);
	return n;
}

/* A window of the text at pos for the fast path: n bytes at the result, with slack behind. */
static const char *window(const struct foreign_parse *p, size_t *n)
{
	size_t left = p->text.n - p->pos;

	*n = left < p->window ? left : p->window;
	if (p->pos < p->tail_from)
		return p->text.p + p->pos;
	if (*n == left)
		*n = p->tail_n - (p->pos - p->tail_from);	/* a last line has its LF there */
	return p->tail + (p->pos - p->tail_from);
}

/* Takes in the regular records at the head of the window; *stuck when the next one is for libcsv. */
static void regular(struct foreign_parse *p, struct foreign_block *b, bool *stuck)
{
	struct scan_lists *l = &p->l;
	const uint16_t *sep = l->sep;
	size_t n, start = p->pos;
	const char *t = window(p, &n);

	scan_isa()->mask(t, n, false, l);
	make_room(b, l->nnl + 1, l->nsep + 1);
	for (size_t k = 0; k < l->nnl && l->nl[k] < l->bad; k++) {
		uint16_t end = l->nl[k], from = (uint16_t)(sep[-1] + 1);
		struct span raw = { t + from, (size_t)(end - from) };
		bool alone = !p->headed, plain = true;

		if (l->cr && raw.n && t[end - 1] == '\r')
			raw.n--;
		if (!scan_blank(raw)) {
			size_t fields;

			b->said[b->n].text = NULL;
			fields = split(b, t, sep, end, raw.n, &plain);
			if (fields == 0)
				break;
			take(p, b, raw, fields, false);
		}
		while (*sep++ != end)
			;
		if (p->fatal)
			return;
		advance(p, start + end + 1, plain && !l->cr);
		if (alone && p->headed)
			return;
	}
	*stuck = l->bad != SCAN_NOT_BAD || start + n >= p->text.n || (p->pos == start && p->window == SCAN_WINDOW);
}

/* Complains about a record that libcsv does not take; the offset where to go on. */
static size_t broken(struct foreign_parse *p, struct foreign_block *b, enum strict_result r, struct span in, size_t used)
{
	size_t at = p->pos + used, open = at;

	if (r == STRICT_OPEN)
		complain(p, b, at, true, "quote opened here is never closed");
	else if (r == STRICT_QUOTE)
		complain(p, b, at, true, "a quote inside an unquoted field; put the field in quotes and double this one");
	else {
		size_t line = p->line;

		open = p->pos + strict_opening(in, used);
		line += foreign_lines((struct span){ p->text.p + p->pos, open - p->pos });
		complain(p, b, at, true, "text behind the closing quote of the field that begins in line %zu; close it elsewhere, or "
		    "double the quote", line);
	}
	return foreign_next_line(p->text, open);	/* the lines behind an opening quote get their chance */
}

/* Reads the record at pos by libcsv. */
static void irregular(struct foreign_parse *p, struct foreign_block *b)
{
	struct span in = { p->text.p + p->pos, p->text.n - p->pos }, raw = in;
	size_t used, n, to;
	enum strict_result r = strict_take(&p->strict, in, true, &used);
	bool bad = r != STRICT_ROW && r != STRICT_BLANK;

	p->window = WINDOW_LEAST;
	n = p->strict.n;
	make_room(b, 1, n);
	b->said[b->n].text = NULL;
	to = bad ? broken(p, b, r, in, used) : p->pos + used;
	raw.n = to - p->pos;
	while (raw.n && (raw.p[raw.n - 1] == '\n' || raw.p[raw.n - 1] == '\r'))
		raw.n--;
	for (size_t i = 0; r != STRICT_BLANK && i < n && i < p->strict.keep; i++) {
		struct span f = span_trim(strict_field(&p->strict, i));

		b->f[b->nf + i] = (struct span){ arena_spandup(&b->mem, f), f.n };
	}
	if (r != STRICT_BLANK)
		take(p, b, raw, n, bad);
	if (!p->fatal)
		advance(p, to, false);
}

/* Points each row at its fields, now that these do not move any more. */
static void finish(struct foreign_block *b)
{
	const struct span *f = b->f;

	for (size_t i = 0; i < b->n; i++) {
		b->row[i].f = f;
		b->row[i].at = i;
		b->row[i].left = b->n - 1 - i;
		f += b->row[i].n;
	}
}

void foreign_fill(struct foreign_parse *p, struct foreign_block *b)
{
	size_t start = p->pos;
	bool alone = !p->headed;

	if (b->unquoted == NULL)
		b->unquoted = mem_alloc(BLOCK + SCAN_WINDOW + SCAN_SLACK);
	b->to = b->unquoted;
	b->n = b->nf = 0;
	arena_clear(&b->mem);
	while (!p->fatal && p->pos < p->text.n && p->pos - start < BLOCK && b->n < ROWS_MAX && !(alone && p->headed)) {
		bool stuck = false;

		regular(p, b, &stuck);
		if (p->fatal || (alone && p->headed))
			break;
		if (stuck && p->pos < p->text.n)
			irregular(p, b);
		else if (p->window < SCAN_WINDOW)
			p->window *= 2;
	}
	finish(b);
}

void foreign_start(struct foreign_parse *p, struct span text)
{
	size_t n = text.n < SCAN_WINDOW + 64 ? text.n : SCAN_WINDOW + 64;

	p->text = text;
	p->line = 1;
	p->window = SCAN_WINDOW;
	p->nul = !p->clean && memchr(text.p, 0, text.n) != NULL;
	p->tail_from = text.n - n;
	p->tail_n = n;
	p->tail = mem_alloc(n + 1 + SCAN_SLACK);
	memcpy(p->tail, text.p + p->tail_from, n);
	memset(p->tail + n, 0, 1 + SCAN_SLACK);
	if (n > 0 && p->tail[n - 1] != '\n')
		p->tail[p->tail_n++] = '\n';
	scan_lists_init(&p->l, 1, SCAN_WINDOW + 64);
	strict_init(&p->strict, p->fields_max, p->field_max);
}

void foreign_end(struct foreign_parse *p)
{
	scan_lists_clear(&p->l);
	strict_clear(&p->strict);
	free(p->tail);
}

void foreign_block_clear(struct foreign_block *b)
{
	free(b->row);
	free(b->said);
	free(b->f);
	free(b->unquoted);
	arena_clear(&b->mem);
}

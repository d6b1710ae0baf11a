/* SPDX-License-Identifier: MIT */
#include "csv/foreignint.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/mem.h"
#include "base/text.h"
#include "csv/scanint.h"

#define WINDOW_LEAST 512u
#define FIELD_MAX_DEFAULT (1u << 20)
#define FIELDS_MAX_DEFAULT 1024u

/* One parse. */
struct parse {
	const char *name;
	size_t field_max, fields_max;
	struct diag *d;
	foreign_row_fn *row;
	void *arg;
	struct err *e;
	/* where it is: the next record begins at text.p[pos], in this line */
	struct span text;
	size_t pos, line;
	bool valid, nul;	/* all is UTF-8; there is a NUL somewhere */
	bool headed, fatal;	/* the header was seen; it was bad */
	size_t ncols;
	/* the stages of the fast path, and libcsv */
	struct scan_lists l;
	size_t window;
	char *tail;		/* a copy of the text's last window, with zero bytes behind */
	char *unquoted;
	struct span *f;
	size_t f_cap;
	struct strict strict;
};

/* A complaint about text.p[at], with its column when `col`: the header's end the parse, the others go to diag. */
static void __attribute__((format(printf, 4, 5))) complain(struct parse *p, size_t at, bool col, const char *fmt, ...)
{
	size_t line = p->line + foreign_lines((struct span){ p->text.p + p->pos, at - p->pos });
	size_t c = col ? foreign_column(p->text, at) : 0;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (p->headed)
		diag_pos(p->d, p->name, line, c, "%s", text);
	else if (col)
		err_set(p->e, ERR_DATA, "%s:%zu:%zu: %s", p->name, line, c, text);
	else
		err_set(p->e, ERR_DATA, "%s:%zu: %s", p->name, line, text);
	p->fatal = !p->headed;
}

/* Bytes that no text has; raw is the record at pos.  True if there was a complaint. */
static bool has_bad_bytes(struct parse *p, struct span raw)
{
	const char *nul = p->nul ? memchr(raw.p, 0, raw.n) : NULL;
	size_t ok = p->valid ? raw.n : text_valid(raw);

	if (raw.n && raw.p[0] == 0x1a && p->pos + raw.n + 2 >= p->text.n) {
		complain(p, p->pos, true, "ctrl-Z (0x1A), an end-of-file mark of old systems; delete it");
		return true;
	}
	if (nul) {
		complain(p, p->pos + (size_t)(nul - raw.p), true, "a NUL byte");
		return true;
	}
	if (ok < raw.n) {
		complain(p, p->pos + ok, true, "invalid UTF-8 (byte 0x%02X)%s", (unsigned char)raw.p[ok], foreign_guess(raw));
		return true;
	}
	return false;
}

/* Too many, too few or too long fields.  True if there was a complaint. */
static bool has_bad_fields(struct parse *p, size_t n)
{
	for (size_t i = 0; i < n && i < p->fields_max; i++)
		if (p->f[i].n > p->field_max) {
			complain(p, p->pos, false, "column %zu: the field has %zu bytes, at most %zu are taken", i + 1, p->f[i].n,
			    p->field_max);
			return true;
		}
	if (n > p->fields_max)
		complain(p, p->pos, false, "%zu fields, at most %zu are taken", n, p->fields_max);
	else if (p->headed && n != p->ncols)
		complain(p, p->pos, false, "%zu field%s, the header has %zu", n, n == 1 ? "" : "s", p->ncols);
	else
		return false;
	return true;
}

/* The first record: its fields name the columns. */
static void head(struct parse *p, size_t n)
{
	bool named = false;

	for (size_t i = 0; i < n; i++)
		named = named || p->f[i].n;
	if (!named)
		complain(p, p->pos, false, "the header is empty");
	p->ncols = n;
}

/* Hands out the record at pos with n fields in p->f; `bad` if it was complained about already. */
static int hand_out(struct parse *p, struct span raw, size_t n, bool bad)
{
	struct foreign_row row = { .line = p->line, .raw = raw };

	bad = bad || has_bad_bytes(p, raw) || has_bad_fields(p, n);
	if (!p->headed && !bad)
		head(p, n);
	if (p->fatal)
		return -1;
	p->headed = true;
	row.n = n < p->fields_max ? n : p->fields_max;
	row.f = p->f;
	row.bad = bad;
	return p->row(p->arg, &row);
}

/* Moves on to text.p[to]. */
static void advance(struct parse *p, size_t to)
{
	if (to > p->text.n)
		to = p->text.n;
	p->line += foreign_lines((struct span){ p->text.p + p->pos, to - p->pos });
	p->pos = to;
}

/* All fields of the regular record whose line end is at b[end]; their number, 0 if it is not regular after all. */
static size_t split(struct parse *p, const char *b, const uint32_t *sep, uint32_t end, size_t length)
{
	uint32_t from = sep[-1] + 1;
	char *to = p->unquoted;
	size_t n = 0;
	bool last;

	do {
		uint32_t a = sep[-1] + 1, z = *sep;
		struct span raw;

		last = z == end;
		raw = (struct span){ b + a, last ? from + length - a : z - a };
		MEM_GROW(p->f, p->f_cap, n + 1);
		if (!scan_unquote(raw, &to, &p->f[n]))
			return 0;
		p->f[n] = span_trim(p->f[n]);
		n++;
		sep++;
	} while (!last);
	return n;
}

/* A window of the text at pos for the fast path: n bytes at the result, with slack behind; a last line gets its LF. */
static const char *window(struct parse *p, size_t *n)
{
	size_t left = p->text.n - p->pos;

	*n = left < p->window ? left : p->window;
	if (left > *n + 64)
		return p->text.p + p->pos;
	memcpy(p->tail, p->text.p + p->pos, left);
	memset(p->tail + left, 0, SCAN_SLACK);
	if (*n == left && p->tail[left - 1] != '\n')
		p->tail[(*n)++] = '\n';
	return p->tail;
}

/* Hands out the regular records at the head of the window; *stuck when the next one is for libcsv. */
static int regular(struct parse *p, bool *stuck)
{
	struct scan_lists *l = &p->l;
	const uint32_t *sep = l->sep;
	size_t n, start = p->pos;
	const char *b = window(p, &n);

	scan_isa()->mask(b, n, false, l);
	for (size_t k = 0; k < l->nnl && l->nl[k] < l->bad; k++) {
		uint32_t end = l->nl[k], from = sep[-1] + 1;
		struct span raw = { b + from, end - from };
		int r = 0;

		if (l->cr && raw.n && b[end - 1] == '\r')
			raw.n--;
		if (!scan_blank(raw)) {
			size_t fields = split(p, b, sep, end, raw.n);

			if (fields == 0)
				break;
			r = hand_out(p, raw, fields, false);
		}
		while (*sep++ != end)
			;
		if (r)
			return r;
		advance(p, start + end + 1);
	}
	*stuck = l->bad != SCAN_NOT_BAD || start + n >= p->text.n || (p->pos == start && p->window == SCAN_WINDOW);
	return 0;
}

/* Complains about a record that libcsv does not take; the offset where to go on. */
static size_t broken(struct parse *p, enum strict_result r, struct span in, size_t used)
{
	size_t at = p->pos + used, open = at;

	if (r == STRICT_OPEN)
		complain(p, at, true, "quote opened here is never closed");
	else if (r == STRICT_QUOTE)
		complain(p, at, true, "a quote inside an unquoted field; put the field in quotes and double this one");
	else {
		size_t line = p->line;

		open = p->pos + strict_opening(in, used);
		line += foreign_lines((struct span){ p->text.p + p->pos, open - p->pos });
		complain(p, at, true, "text behind the closing quote of the field that begins in line %zu; close it elsewhere, or "
		    "double the quote", line);
	}
	return foreign_next_line(p->text, open);	/* the lines behind an opening quote get their chance */
}

/* Reads the record at pos by libcsv. */
static int irregular(struct parse *p)
{
	struct span in = { p->text.p + p->pos, p->text.n - p->pos }, raw = in;
	size_t used, n, to;
	enum strict_result r = strict_take(&p->strict, in, true, &used);
	bool bad = r != STRICT_ROW && r != STRICT_BLANK;
	int k = 0;

	p->window = WINDOW_LEAST;
	to = bad ? broken(p, r, in, used) : p->pos + used;
	raw.n = to - p->pos;
	while (raw.n && (raw.p[raw.n - 1] == '\n' || raw.p[raw.n - 1] == '\r'))
		raw.n--;
	n = p->strict.n;
	MEM_GROW(p->f, p->f_cap, n + 1);
	for (size_t i = 0; i < n && i < p->strict.keep; i++)
		p->f[i] = span_trim(strict_field(&p->strict, i));
	if (r != STRICT_BLANK)
		k = hand_out(p, raw, n, bad);
	if (k == 0)
		advance(p, to);
	return k;
}

/* Record by record until the end or until something says stop. */
static int run(struct parse *p)
{
	int r = 0;

	while (r == 0 && p->pos < p->text.n) {
		bool stuck = false;

		r = regular(p, &stuck);
		if (r == 0 && stuck && p->pos < p->text.n)
			r = irregular(p);
		else if (p->window < SCAN_WINDOW)
			p->window *= 2;
	}
	if (r == 0 && !p->headed)
		return err_set(p->e, ERR_DATA, "%s: no header, the file has only empty lines", p->name);
	return r;
}

int foreign_parse(const char *name, struct span bytes, const struct foreign_options *opt, struct diag *d,
    foreign_row_fn *row, void *arg, struct err *e)
{
	struct parse p = { .name = name, .d = d, .row = row, .arg = arg, .e = e, .line = 1, .window = SCAN_WINDOW };
	struct buf own = BUF_INIT;
	int r;

	p.field_max = opt->field_max ? opt->field_max : FIELD_MAX_DEFAULT;
	p.fields_max = opt->fields_max ? opt->fields_max : FIELDS_MAX_DEFAULT;
	r = foreign_text(name, bytes, opt->encoding, &own, &p.text, &p.valid, e);
	if (r == 0) {
		p.nul = memchr(p.text.p, 0, p.text.n) != NULL;
		scan_lists_init(&p.l, 1, SCAN_WINDOW);
		strict_init(&p.strict, p.fields_max, p.field_max);
		p.tail = mem_alloc(SCAN_WINDOW + 64 + SCAN_SLACK);
		p.unquoted = mem_alloc(SCAN_WINDOW + SCAN_SLACK);
		r = run(&p);
		scan_lists_clear(&p.l);
		strict_clear(&p.strict);
		free(p.tail);
		free(p.unquoted);
		free(p.f);
	}
	buf_clear(&own);
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "csv/scanint.h"
#include <stdlib.h>
#include "base/mem.h"

#define SPARSE_FROM 8u		/* fewer columns are looked at one by one, empty or not … */
#define SPARSE_SHARE 4u		/* … and so are they when they are less than this part of all */

/* How often the most wanted column is wanted. */
static size_t most_copies(const struct scan_want *w)
{
	size_t most = 1;

	for (size_t i = 0; i < w->n; i++) {
		size_t k = 0;

		for (size_t j = 0; j <= i; j++)
			k += w->cols[j] == w->cols[i];
		if (w->cols[i] >= 0 && k > most)
			most = k;
	}
	return most;
}

void scanner_init(struct scanner *s, const struct scan_source *src, struct span rest, const struct scan_want *want,
    scan_row_fn *row, void *arg)
{
	memset(s, 0, sizeof *s);
	s->src = src;
	s->want = want;
	s->row = row;
	s->arg = arg;
	s->lines_from = s->base = src->from;
	s->rest = rest;
	s->isa = scan_isa();
}

void scanner_clear(struct scanner *s)
{
	scan_unmap(&s->map);
	free(s->own);
	free(s->text);
	scan_lists_clear(&s->l);
	strict_clear(&s->strict);
}

/* What is wanted must be there. */
static int check_want(const struct scanner *s, struct err *e)
{
	const struct scan_want *w = s->want;

	if (w->ncols == 0 || w->n > SCAN_WANT_MAX)
		return err_set(e, ERR_FAILED, "%s: %zu of %zu columns cannot be read", s->src->name, w->n, w->ncols);
	for (size_t i = 0; i < w->n; i++)
		if (w->cols[i] >= 0 && (size_t)w->cols[i] >= w->ncols)
			return err_set(e, ERR_FAILED, "%s: column %d cannot be read, there are %zu", s->src->name, w->cols[i] + 1,
			    w->ncols);
	return 0;
}

const char scan_nothing[64];

/* Which columns are looked at; only the filled ones of each row, when enough of many columns are wanted. */
static void choose_columns(struct scanner *s)
{
	const struct scan_want *w = s->want;

	s->sparse = w->ncols <= 64 && s->copies == 1 && w->n >= SPARSE_FROM && w->n * SPARSE_SHARE >= w->ncols;
	for (size_t i = 0; i < w->n; i++) {
		s->f[i] = (struct span){ scan_nothing, 0 };
		if (w->cols[i] < 0)
			continue;
		s->present[s->npresent].col = (unsigned)w->cols[i];
		s->present[s->npresent++].place = (unsigned)i;
		if (!s->sparse)
			continue;
		s->asked |= UINT64_C(1) << w->cols[i];
		s->place[w->cols[i]] = (uint8_t)i;
	}
}

/* Another range, in front of this one, has failed. */
static bool is_stopped(const struct scanner *s)
{
	return s->failed && atomic_load_explicit(s->failed, memory_order_relaxed) < s->index;
}

int scanner_run(struct scanner *s, struct err *e)
{
	int r = check_want(s, e);

	if (r)
		return r;
	s->copies = most_copies(s->want);
	choose_columns(s);
	s->window_most = scanner_first_cap(s) < SCAN_WINDOW ? (scanner_first_cap(s) + 63) & ~(size_t)63 : SCAN_WINDOW;
	s->window = s->window_most;
	scan_lists_init(&s->l, s->want->ncols, s->window_most);
	strict_init(&s->strict, s->want->ncols, SCAN_FIELD_MAX);
	while (r == 0 && !s->map.lost && !is_stopped(s) && !(s->eof && s->pos == s->n))
		r = scanner_step(s, e);
	return s->map.lost ? err_set(e, ERR_FAILED, "%s: changed while it was read", s->src->name) : r;
}

int scan_rest(const struct scan_source *src, struct span rest, const struct scan_want *want, scan_row_fn *row, void *arg,
    struct err *e)
{
	struct scanner s;
	int r;

	scanner_init(&s, src, rest, want, row, arg);
	r = scanner_run(&s, e);
	scanner_clear(&s);
	return r;
}

int scan_rows(const struct scan_source *src, const struct scan_want *want, scan_row_fn *row, void *arg, struct err *e)
{
	return scan_rest(src, (struct span){ NULL, 0 }, want, row, arg, e);
}

int scan_bytes(const char *name, struct span bytes, bool canonical, size_t first_line, const struct scan_want *want,
    scan_row_fn *row, void *arg, struct err *e)
{
	struct scan_source src = { .fd = -1, .name = name, .to = -1, .canonical = canonical, .first_line = first_line };

	return scan_rest(&src, bytes, want, row, arg, e);
}

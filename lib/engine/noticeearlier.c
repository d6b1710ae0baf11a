/* SPDX-License-Identifier: MIT */
#include "engine/noticeearlier.h"

#include <stdlib.h>

#include "base/time.h"
#include "register/ledger.h"

/* The search. */
struct search {
	struct notice_batch *b;
	uint64_t before;
	struct names kinds, hazards;	/* that are followed; on the papers that follow */
	struct names papers;		/* of these kinds, in the order of the ledger */
	struct found { uint32_t kind; bool withdrawn; struct notice_earlier said; } *v;
	size_t cap;
	uint32_t *last;			/* by hazard and kind: 1 + the paper; 0 none */
};

static struct span keep(struct search *x, struct span s)
{
	return (struct span){ arena_spandup(&x->b->mem, s), s.n };
}

/* notice, kind, commit, at, number, issuer, title */
static int on_notice(void *arg, const struct scan_row *row)
{
	struct search *x = arg;
	uint32_t kind = names_find(&x->kinds, row->f[1]), n;
	uint64_t commit = 0;
	int64_t at = TIME_NONE;

	span_u64(row->f[2], INT64_MAX, &commit);
	if (kind == NAMES_NONE || commit >= x->before || !time_read(row->f[3], x->b->office->reg->offset, &at))
		return 0;
	n = names_add(&x->papers, row->f[0]);
	MEM_GROW(x->v, x->cap, (size_t)n + 1);
	x->v[n] = (struct found){ kind, false, { at, keep(x, row->f[4]), keep(x, row->f[5]), keep(x, row->f[6]) } };
	return 0;
}

/* notice, act */
static int on_delivery(void *arg, const struct scan_row *row)
{
	struct search *x = arg;
	uint32_t n = span_is(row->f[1], "withdraw") ? names_find(&x->papers, row->f[0]) : NAMES_NONE;

	if (n != NAMES_NONE)
		x->v[n].withdrawn = true;
	return 0;
}

/* notice, hazard, silenced_by */
static int on_line(void *arg, const struct scan_row *row)
{
	struct search *x = arg;
	uint32_t n = names_find(&x->papers, row->f[0]), h = row->f[1].n && !row->f[2].n ? names_find(&x->hazards, row->f[1]) : NAMES_NONE;

	if (n != NAMES_NONE && h != NAMES_NONE && !x->v[n].withdrawn) {
		uint32_t *last = &x->last[h * x->kinds.n + x->v[n].kind];

		*last = *last > n ? *last : n + 1;
	}
	return 0;
}

/* So many columns of a ledger. */
static int scan(struct search *x, const char *table, const char *const *names, size_t n, scan_row_fn *fn, struct err *e)
{
	const struct table *t = schema_table(span_of(table));
	int col[8];
	void *arg = x;

	for (size_t i = 0; i < n; i++)
		col[i] = schema_column(t, span_of(names[i]));
	return ledger_scan(x->b->office->reg, &x->b->office->at, table, col, n, fn, &arg, 1, e);
}

/* What papers of the batch ask for. */
static void ask(struct search *x)
{
	for (size_t i = 0; i < x->b->npapers; i++) {
		const struct notice_paper *p = &x->b->paper[i];

		if (!p->kind->follows || !*p->kind->follows)
			continue;
		names_add(&x->kinds, span_of(p->kind->follows));
		for (size_t k = 0; k < p->nlines; k++)
			if (p->line[k].hazard != NOTICE_NO_HAZARD)
				names_add(&x->hazards, span_of(x->b->hazard[p->line[k].hazard].id));
	}
}

/* One that lasts as the batch does. */
static const struct notice_earlier *copy(struct search *x, const struct notice_earlier *said)
{
	struct notice_earlier *own = arena_alloc(&x->b->mem, sizeof *own);

	*own = *said;
	return own;
}

/* The answers into the papers. */
static void answer(struct search *x)
{
	for (size_t i = 0; i < x->b->npapers; i++) {
		struct notice_paper *p = &x->b->paper[i];
		uint32_t kind = p->kind->follows && *p->kind->follows ? names_find(&x->kinds, span_of(p->kind->follows)) : NAMES_NONE, newest = 0;

		for (size_t k = 0; k < p->nlines && kind != NAMES_NONE; k++) {
			uint32_t n;

			if (p->line[k].hazard == NOTICE_NO_HAZARD)
				continue;
			n = x->last[names_find(&x->hazards, span_of(x->b->hazard[p->line[k].hazard].id)) * x->kinds.n + kind];
			p->line[k].earlier = n ? copy(x, &x->v[n - 1].said) : NULL;
			if (n > newest && !p->line[k].silenced_by.n) {
				newest = n;
				p->earlier = p->line[k].earlier;
			}
		}
	}
}

int notice_earlier_find(struct notice_batch *b, uint64_t before, struct err *e)
{
	static const char *const notices[] = { "notice", "kind", "commit", "at", "number", "issuer", "title" },
	    *const deliveries[] = { "notice", "act" }, *const lines[] = { "notice", "hazard", "silenced_by" };
	struct search x = { .b = b, .before = before };
	int rc = 0;

	ask(&x);
	if (x.hazards.n) {
		x.last = mem_zalloc((size_t)x.hazards.n * x.kinds.n, sizeof *x.last);
		rc = scan(&x, "notices", notices, 7, on_notice, e);
		if (!rc && x.papers.n)
			rc = scan(&x, "deliveries", deliveries, 2, on_delivery, e);
		if (!rc && x.papers.n)
			rc = scan(&x, "notice-lines", lines, 3, on_line, e);
		if (!rc)
			answer(&x);
	}
	names_clear(&x.kinds);
	names_clear(&x.hazards);
	names_clear(&x.papers);
	free(x.v);
	free(x.last);
	return rc;
}

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/policyexplain.h"

/* Between two things that are said. */
static void part(struct buf *out, size_t start)
{
	buf_puts(out, out->n > start ? "; " : "");
}

/* A time, and what it was. */
static void put_shorter(struct buf *out, struct term now, struct term was, bool had)
{
	term_write(out, now);
	if (had) {
		buf_puts(out, " instead of ");
		term_write(out, was);
	}
}

static void put_due(struct buf *out, const struct rule *x, const struct rule *base, size_t start)
{
	if (!x->has_due || (base->has_due && overlay_term_within(base->within, x->within)))
		return;
	part(out, start);
	buf_puts(out, "due within ");
	put_shorter(out, x->within, base->within, base->has_due);
	if (!base->has_due)
		buf_printf(out, ", from %s, instead of never", x->from);
}

static void put_limits(struct buf *out, const struct policy *p, const struct rule *x, const struct rule *base, size_t start)
{
	for (size_t i = 0; i < x->nlimits; i++) {
		const struct limit *l = &x->limit[i];
		size_t k = 0;

		while (k < base->nlimits && strcmp(base->limit[k].id, l->id) != 0)
			k++;
		if (k < base->nlimits && overlay_term_within(base->limit[k].within, l->within))
			continue;
		part(out, start);
		if (k < base->nlimits) {
			buf_printf(out, "limit %s within ", l->id);
			put_shorter(out, l->within, base->limit[k].within, true);
			continue;
		}
		buf_printf(out, "limit %s added, from %s to %s within ", l->id, l->from, l->until);
		term_write(out, l->within);
		buf_puts(out, ", else ");
		policyexplain_act(p, &l->miss, out);
	}
}

static void put_rungs(struct buf *out, const struct policy *p, const struct rule *x, size_t start)
{
	for (size_t i = 0; i < x->nrungs; i++) {
		part(out, start);
		buf_puts(out, "rung added, ");
		policyexplain_when(&x->rung[i].at, out);
		buf_puts(out, ": ");
		policyexplain_act(p, &x->rung[i], out);
	}
}

/* Those of a list that another one has not. */
static void put_more(
    struct buf *out, const char *what, const char **v, size_t n, const char **base, size_t nbase, size_t start)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < nbase && strcmp(base[k], v[i]) != 0)
			k++;
		if (k < nbase)
			continue;
		if (!any)
			part(out, start);
		buf_printf(out, "%s%s", any ? ", " : what, v[i]);
		any = true;
	}
}

static void put_number(struct buf *out, const char *what, unsigned now, unsigned was, size_t start)
{
	part(out, start);
	buf_printf(out, "%s%u", what, now);
	if (was > 0)
		buf_printf(out, " instead of %u", was);
}

static void put_extend(struct buf *out, const struct overlay_entry *e, const struct rule_extend *base, size_t start)
{
	const struct rule_extend *x = &e->says.extend;

	if (e->before && x->before.n > 0 && !(base->before.n > 0 && overlay_length_within(x->before, base->before))) {
		part(out, start);
		buf_puts(out, "extensions asked before due by ");
		put_shorter(out, x->before, base->before, base->before.n > 0);
	}
	if (x->max > 0 && (base->max == 0 || x->max < base->max))
		put_number(out, "extensions at most ", x->max, base->max, start);
	if (e->total && !(base->total.n > 0 && overlay_length_within(base->total, x->total))) {
		part(out, start);
		buf_puts(out, "extended in all by at most ");
		put_shorter(out, x->total, base->total, base->total.n > 0);
	}
	if (x->nby > 0 && (base->nby == 0 || x->nby < base->nby)) {
		part(out, start);
		for (size_t i = 0; i < x->nby; i++)
			buf_printf(out, "%s%s", i ? ", " : "extensions granted only by ", x->by[i]);
	}
}

/* What steps need. */
static void put_gates(struct buf *out, const struct rule *x, const struct rule *base, size_t start)
{
	put_more(out, "closing out needs evidence too: ", x->needs, x->nneeds, base->needs, base->nneeds, start);
	put_more(out, "accepted too by: ", x->acceptor, x->nacceptors, base->acceptor, base->nacceptors, start);
	put_more(out, "assigning must fix too: ", x->fixed, x->nfixed, base->fixed, base->nfixed, start);
	put_more(out, "a plan must treat too: ", x->part, x->nparts, base->part, base->nparts, start);
	put_more(out, "a plan must be there too before: ", x->planned, x->nplanned, base->planned, base->nplanned, start);
	if (x->measures && !base->measures) {
		part(out, start);
		buf_puts(out, "every measure needs evidence");
	}
	if ((x->not_rectifier && !base->not_rectifier) || (x->not_owner && !base->not_owner)) {
		part(out, start);
		buf_printf(out, "not accepted by the %s", x->not_rectifier && !base->not_rectifier ? "rectifier" : "owner");
		buf_puts(out, x->not_rectifier && !base->not_rectifier && x->not_owner && !base->not_owner ? " and the owner"
													 : "");
	}
	if (x->acceptors > base->acceptors)
		put_number(out, "officers who accept ", x->acceptors, base->acceptors, start);
}

void policyexplain_entry(const struct policy *p, const struct overlay_entry *e, const struct rule *base, struct buf *out)
{
	const struct rule *x = &e->says;
	size_t start = out->n;

	put_due(out, x, base, start);
	put_limits(out, p, x, base, start);
	put_rungs(out, p, x, start);
	if (x->handovers > 0 && (base->handovers == 0 || x->handovers < base->handovers)) {
		put_number(out, "hand-overs at most ", x->handovers, base->handovers, start);
		if (base->handovers == 0) {
			buf_puts(out, ", then ");
			policyexplain_act(p, &x->handed, out);
		}
	}
	put_extend(out, e, &base->extend, start);
	put_gates(out, x, base, start);
	if (x->lit && (x->yellow < p->yellow || x->red < p->red)) {
		part(out, start);
		buf_printf(out, "yellow from %d%% and red from %d%% of the time, instead of %d%% and %d%%", x->yellow, x->red,
		    p->yellow, p->red);
	}
}

void policyexplain_overlay(const struct policy *p, const struct rule *r, const char *where, struct buf *out)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; r->overlay != NULL && i < r->overlay->n; i++) {
		buf_reset(&text);
		if (r->entries >> i & 1)
			policyexplain_entry(p, &r->overlay->v[i], r->base, &text);
		if (text.n > 0)
			buf_printf(out, "%s%s:%d: %s\n", where, r->overlay->path, r->overlay->v[i].says.line, text.p);
	}
	buf_clear(&text);
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/time.h"
#include "model/deriveint.h"

#define NOBODY (-1)	/* no overlay's organ leads it */
#define MAYBE (-2)	/* one may, on some day, in some unit */

/* Who leads, asked once: a category, or a category in a unit on a day. */
struct derive_over {
	struct names facts;
	int *overlay;		/* by fact: which overlay, NOBODY, MAYBE */
	size_t cap;
	struct buf key;
};

void derive_overlay_free(struct derive_over *o)
{
	if (o == NULL)
		return;
	names_clear(&o->facts);
	buf_clear(&o->key);
	free(o->overlay);
	free(o);
}

/* Is the organ of one of its rows of that kind? */
struct of_kind {
	const char *kind;
	int col;
	bool found;
};

static void on_organ(void *arg, const struct master_row *row)
{
	struct of_kind *k = arg;

	k->found |= span_is(row->f[k->col], k->kind);
}

/* May the organ of an overlay lead the category some day, by its code or its kind? */
static int may_lead(struct master *organs, const struct category *c, const char *organ, bool *may, struct err *e)
{
	const struct table *t = master_table(organs);

	*may = false;
	for (size_t i = 0; i < c->nduties && !*may; i++) {
		struct of_kind k = { c->duty[i].lead, schema_column(t, SPAN("kind")), false };

		if (strcmp(c->duty[i].lead, organ) != 0 && master_each(organs, t->key, span_of(organ), on_organ, &k, e) < 0)
			return -1;
		*may = k.found || strcmp(c->duty[i].lead, organ) == 0;
	}
	return 0;
}

/* May any overlay's organ lead it? */
static int ask_category(struct office *o, const struct policy *p, struct span category, int *out, struct err *e)
{
	struct master *organs = office_master(o, "organs", e);
	int c = vocab_id(&p->categories, category);
	bool may = false;

	if (organs == NULL)
		return -1;
	for (size_t i = 0; c >= 0 && i < p->overlays.n && !may; i++)
		if (may_lead(organs, &p->category[c], p->overlays.v[i].organ, &may, e) < 0)
			return -1;
	*out = may ? MAYBE : NOBODY;
	return 0;
}

/* Whose overlay it is: that of the organ which has the duty there on the day of the report. */
static int ask_duty(struct deriver *d, const struct hazard *h, int32_t day, int *out, struct err *e)
{
	struct master *organs = office_master(d->f->office, "organs", e);
	const struct policy *p = h->policy;
	const struct category *c = &p->category[vocab_id(&p->categories, h->row[d->col.category])];
	const struct grid_tree *tree = d->grids != NULL ? d->grids : office_grids_of(d->f->office, h->row[d->col.grid], e);

	*out = NOBODY;
	if (organs == NULL || tree == NULL)
		return -1;
	for (size_t i = 0; i < c->nduties; i++) {
		const struct duty *x = &c->duty[i];
		struct span organ;

		if ((x->from != DATE_NONE && day < x->from) || (x->to != DATE_NONE && day > x->to))
			continue;
		if (grid_duty(organs, tree, h->grid, x->lead, day, &organ, e) < 0)
			return -1;
		for (size_t k = 0; organ.n > 0 && k < p->overlays.n; k++)
			if (span_is(organ, p->overlays.v[k].organ))
				*out = (int)k;
		return 0;
	}
	return 0;
}

/* The number of the fact in the key; *known: it was asked before. */
static uint32_t fact_of(struct derive_over *o, bool *known)
{
	uint32_t before = o->facts.n, n = names_add(&o->facts, buf_view(&o->key));

	MEM_GROW(o->overlay, o->cap, (size_t)o->facts.n);
	*known = n != before;
	if (!*known)
		o->overlay[n] = NOBODY;
	return n;
}

int derive_overlay(struct deriver *d, struct hazard *h, struct err *e)
{
	struct derive_over *o = d->over != NULL ? d->over : (d->over = mem_zalloc(1, sizeof *d->over));
	int32_t day = h->reported != TIME_NONE ? time_day(h->reported, d->offset) : DATE_NONE;
	struct rule_facts f = { .id = { { NULL, 0 } } };
	struct derive_lies lies;
	uint32_t n;
	bool known;

	buf_reset(&o->key);
	buf_put(&o->key, &h->policy, sizeof h->policy);
	buf_span(&o->key, h->row[d->col.category]);
	n = fact_of(o, &known);
	if (!known && ask_category(d->f->office, h->policy, h->row[d->col.category], &o->overlay[n], e) < 0)
		return -1;
	if (o->overlay[n] == NOBODY)
		return 0;
	if (h->tier < 0 && derive_grid(d, h, e) < 0)
		return -1;
	buf_putc(&o->key, ',');
	buf_put(&o->key, &h->grid, sizeof h->grid);
	buf_put(&o->key, &day, sizeof day);
	n = fact_of(o, &known);
	if (!known && ask_duty(d, h, day, &o->overlay[n], e) < 0)
		return -1;
	if (o->overlay[n] < 0)
		return 0;
	if (derive_scope(d, h, &f, &lies, e) < 0)
		return -1;
	h->rule = overlay_rule(&h->policy->overlays.v[o->overlay[n]], h->rule, &f);
	return 0;
}

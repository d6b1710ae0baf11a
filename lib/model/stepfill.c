/* SPDX-License-Identifier: MIT */
#include "model/stepint.h"

#include "base/time.h"

#define DUTIES_MAX 16

/* The organs that answer for the hazard's category on the day of the step; how many different ones. */
static int duty_organs(struct taking *t, int category, struct span *out, size_t *n, struct err *e)
{
	const struct category *c = &t->policy->category[category];
	int32_t day = time_day(t->at, t->b->office->reg->offset);
	struct master *organs = office_master(t->b->office, "organs", e);
	struct grid_tree *tree = office_grids_of(t->b->office, t->k->now.grid != NULL ? t->k->now.grid->id : (struct span){ "", 0 }, e);

	*n = 0;
	if (organs == NULL || tree == NULL)
		return -1;
	for (size_t i = 0; i < c->nduties; i++) {
		const struct duty *d = &c->duty[i];
		struct span organ = { NULL, 0 };
		size_t k = 0;

		if ((d->from != DATE_NONE && day < d->from) || (d->to != DATE_NONE && day > d->to))
			continue;
		if (t->k->now.grid == NULL || grid_duty(organs, tree, t->k->now.grid, d->lead, day, &organ,
		    e) < 0)
			return t->k->now.grid == NULL ? 0 : -1;
		while (k < *n && !span_eq(out[k], organ))
			k++;
		if (organ.n > 0 && k == *n && *n < DUTIES_MAX)
			out[(*n)++] = organ;
	}
	return 0;
}

/* A value kept with the row under way. */
static struct span keep(struct taking *t, struct span s)
{
	return (struct span){ arena_spandup(&t->k->mem, s), s.n };
}

int fill_owner(struct taking *t, struct err *e)
{
	int col = t->b->col.owner;
	struct span category = t->f[t->b->col.category], organ[DUTIES_MAX];
	struct buf list = BUF_INIT;
	size_t n = 0;
	int c;

	if (t->s->effect != WF_ASSIGN || t->f[col].n > 0)
		return 0;
	if (known_place(t->k, e) < 0)
		return -1;
	if (category.n == 0)
		category = t->k->now.row[t->b->col.of_category];
	c = category.n > 0 ? vocab_id(&t->policy->categories, category) : -1;
	if (c < 0) {
		step_complain(t, NULL,
		    "%s needs an owner: hazard %.*s has no category that says who answers for it", t->s->id,
		    (int)t->k->id.n, t->k->id.p);
		return 0;
	}
	if (duty_organs(t, c, organ, &n, e))
		return -1;
	if (n == 1) {
		t->f[col] = keep(t, organ[0]);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		buf_printf(&list, "%s%.*s", i ? ", " : " (", (int)organ[i].n, organ[i].p);
	step_complain(t, NULL, "%s needs an owner: %s organ answers for category %.*s there%s%s", t->s->id,
	    n ? "more than one" : "no", (int)category.n, category.p, n ? list.p : "", n ? ")" : "");
	buf_clear(&list);
	return 0;
}

/* The unit one tier above the hazard's, or the one at the tier that was said. */
static const struct grid_node *unit_above(struct taking *t, struct grid_tree *tree, int32_t day)
{
	const struct hazard *h = &t->k->now;
	struct span said = t->f[t->b->col.tier];
	const struct grid_node *at = grid_above(tree, h->grid, h->tier, day);
	int level = said.n > 0 ? vocab_id(&t->policy->levels, said) : -1;

	if (said.n == 0)
		return grid_parent(tree, at != NULL ? at : h->grid, day);
	return level >= 0 && level < h->tier ? grid_above(tree, h->grid, level, day) : NULL;
}

int fill_tier(struct taking *t, struct err *e)
{
	int32_t day = time_day(t->at, t->b->office->reg->offset);
	const struct vocab *levels = &t->policy->levels;
	const struct hazard *h = &t->k->now;
	struct step_batch *b = t->b;
	const struct grid_node *up;
	struct grid_tree *tree;
	struct master *organs;
	struct span organ = { NULL, 0 }, said = t->f[b->col.tier];

	if (t->s->effect != WF_ESCALATE)
		return 0;
	if (known_place(t->k, e) < 0)
		return -1;
	if (h->grid == NULL)
		return 0;
	tree = office_grids_of(b->office, h->grid->id, e);
	organs = office_master(b->office, "organs", e);
	if (tree == NULL || organs == NULL)
		return -1;
	up = unit_above(t, tree, day);
	if (up == NULL && said.n > 0) {
		step_complain(t, "tier", "%.*s is not above the tier of hazard %.*s (%s)", (int)said.n,
		    said.p, (int)t->k->id.n,
		    t->k->id.p, levels->v[h->tier].id);
		return 0;
	}
	if (up == NULL) {
		step_complain(t, NULL, "hazard %.*s is at the top tier (%s) already", (int)t->k->id.n,
		    t->k->id.p,
		    levels->v[h->tier].id);
		return 0;
	}
	t->f[b->col.tier] = span_of(levels->v[up->level].id);
	if (t->f[b->col.owner].n > 0)
		return 0;
	if (grid_organ(organs, up, day, &organ, e) < 0)
		return -1;
	if (organ.n > 0)
		t->f[b->col.owner] = keep(t, organ);
	return 0;
}

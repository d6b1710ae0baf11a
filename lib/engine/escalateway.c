/* SPDX-License-Identifier: MIT */
#include "engine/escalateint.h"

#include "base/time.h"

/* The unit one tier above a tier of the hazard, or NULL at the top. */
static const struct grid_node *above(const struct escalate_at *at, const struct hazard *h, int tier, int32_t day)
{
	const struct grid_node *unit;

	if (!h->grid)
		return NULL;
	unit = grid_above(at->tree, h->grid, tier, day);
	return grid_parent(at->tree, unit ? unit : h->grid, day);
}

/* The unit one tier above the hazard's own tier, or NULL at the top. */
static const struct grid_node *next_tier(const struct escalate_at *at, const struct hazard *h, int32_t day)
{
	return above(at, h, h->tier, day);
}

/* Who dispatches the owner, and at which level; organ empty when nobody does. */
static int dispatcher(const struct escalate_at *at, const struct hazard *h, int32_t day, struct span *organ, int *level, struct err *e)
{
	const struct table *t = master_table(at->organs);
	int dispatch = schema_column(t, SPAN("dispatch")), grid = schema_column(t, SPAN("grid"));
	struct master_row row;
	int found = h->owner.n ? master_find(at->organs, h->owner, day, &row, e) : 0;

	*organ = (struct span){ NULL, 0 };
	*level = -1;
	if (found <= 0 || !row.f[dispatch].n)
		return found < 0 ? -1 : 0;
	*organ = row.f[dispatch];
	found = master_find(at->organs, *organ, day, &row, e);
	if (found > 0) {
		const struct grid_node *unit = grid_at(at->tree, row.f[grid], day);
		struct span said = row.f[schema_column(t, SPAN("level"))];

		*level = said.n ? vocab_id(&h->policy->levels, said) : unit ? unit->level : -1;
	}
	return found < 0 ? -1 : 0;
}

/* The level a rung leads to: a level's own name, or one above ("parent"), or the first ("top"). */
static int target_level(const struct hazard *h, const struct rung *g, const struct grid_node *parent)
{
	int level = g->to ? vocab_id(&h->policy->levels, span_of(g->to)) : -1;

	if (g->to && !strcmp(g->to, "top"))
		return 0;
	if (level >= 0)
		return level;
	return parent ? parent->level : h->tier;
}

/* Does the rung lead to an organ, by its id or kind, and not to a tier? */
static bool names_organ(const struct hazard *h, const struct rung *g)
{
	return g->to && strcmp(g->to, "parent") && strcmp(g->to, "dispatch") && strcmp(g->to, "top") && strcmp(g->to, "owner")
	    && vocab_id(&h->policy->levels, span_of(g->to)) < 0;
}

int escalate_receiver(const struct escalate_at *at, const struct hazard *h, const struct rung *g, int32_t day,
    struct span *organ, struct err *e)
{
	const char *to = escalate_to(g);
	int level;

	*organ = h->owner;
	if (!strcmp(to, "owner") || !h->grid)
		return 0;
	if (!strcmp(to, "dispatch"))
		return dispatcher(at, h, day, organ, &level, e);
	if (!strcmp(to, "parent")) {
		const struct grid_node *up = next_tier(at, h, day);

		return up ? grid_organ(at->organs, up, day, organ, e) : 0;
	}
	level = !strcmp(to, "top") ? 0 : vocab_id(&h->policy->levels, span_of(to));
	if (level >= 0) {
		const struct grid_node *unit = grid_above(at->tree, h->grid, level, day);

		return unit ? grid_organ(at->organs, unit, day, organ, e) : 0;
	}
	return grid_duty(at->organs, at->tree, h->grid, to, day, organ, e);
}

/* Does the rung go by who dispatches the owner, and not by the tree? */
static bool is_dispatched(const struct hazard *h, const struct rung *g)
{
	return (h->policy->rules.parent == PARENT_DISPATCH && g->to && !strcmp(g->to, "parent")) || (g->to && !strcmp(g->to, "dispatch"));
}

bool escalate_leads_on(const struct escalate_at *at, const struct hazard *h, const struct rung *g, int tier)
{
	const struct grid_node *up = above(at, h, tier, time_day(at->now, at->offset));

	return up && !is_dispatched(h, g) && target_level(h, g, up) < tier;
}

struct span escalate_owner_before(const struct escalate_at *at, const struct hazard *h, const struct escalate_past *past, int64_t fell)
{
	struct span owner = h->owner;

	for (size_t i = past->nrose; i-- > 0 && at->owners;) {
		const struct hazard_tier *t = &past->rose[i];

		if (!t->sweep || t->supervise || t->late || t->at < fell || !span_eq(names_at(at->owners, t->owner_to), owner))
			break;
		owner = names_at(at->owners, t->owner_from);
	}
	return owner;
}

/* Up to who dispatches the owner; 1 done, 0 there is nobody above, -1. */
static int rise_dispatched(const struct escalate_at *at, const struct hazard *h, int32_t day, struct escalate_act *a, struct err *e)
{
	struct span organ;
	int level;

	if (dispatcher(at, h, day, &organ, &level, e) < 0)
		return -1;
	if (!organ.n || level < 0 || level >= h->tier)
		return 0;
	a->owner = a->issuer = organ;
	a->tier = level;
	return 1;
}

int escalate_rise(const struct escalate_at *at, const struct hazard *h, const struct rung *g, int32_t day,
    struct escalate_act *a, bool *arrived, struct err *e)
{
	const struct grid_node *up = next_tier(at, h, day);
	int target = target_level(h, g, up);

	if (is_dispatched(h, g)) {
		int done = rise_dispatched(at, h, day, a, e);

		*arrived = true;
		if (done != 0)
			return done < 0 ? -1 : 0;
	}
	*arrived = !up || h->tier <= target;
	if (*arrived) {			/* there already, or nothing above: the paper still goes out */
		const struct grid_node *unit = h->grid ? grid_above(at->tree, h->grid, h->tier, day) : NULL;

		return unit ? grid_organ(at->organs, unit, day, &a->issuer, e) : 0;
	}
	*arrived = up->level <= target;
	a->tier = up->level;
	if (grid_organ(at->organs, up, day, &a->owner, e))
		return -1;
	a->issuer = a->owner;
	if (names_organ(h, g)) {
		struct span organ = { NULL, 0 };

		if (grid_duty(at->organs, at->tree, h->grid, g->to, day, &organ, e))
			return -1;
		if (organ.n)
			a->owner = organ;
	}
	if (!a->receiver.n)
		a->receiver = a->owner;
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "engine/escalate.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"

void escalate_clear(struct escalate_acts *a)
{
	free(a->v);
	*a = (struct escalate_acts){ NULL, 0, 0 };
}

static bool known(const struct hazard_key *keys, size_t n, const char *key)
{
	uint64_t hash = mem_hash(span_of(key), 0);

	for (size_t i = 0; i < n; i++)
		if (keys[i].hash == hash)
			return true;
	return false;
}

/* The key of one occurrence; tail is "", "~LEVEL" or "@TO". */
static void write_key(const struct escalate_at *at, const struct hazard *h, const struct rule *rule, size_t rung,
    unsigned occurrence, const char *tail, char out[128])
{
	char due[TIME_LEN + 1], round[16] = "";

	time_write(h->due, at->offset, due);
	if (h->round > 1)
		snprintf(round, sizeof round, "r%u/", h->round);
	snprintf(out, 128, "%s%s/%zu/%.4s%.2s%.2s%.2s%.2s/%u%s", round, rule->id, rung + 1, due, due + 5, due + 8, due + 11,
	    due + 14, occurrence, tail);
}

/* The last occurrence of a rung that fell by now: its number and time; false when none has. */
static int last_occurrence(const struct escalate_at *at, const struct hazard *h, const struct rung *g, unsigned *occurrence,
    int64_t *fell, bool *any, struct err *e)
{
	int64_t t;

	*any = false;
	if (clock_rung(h->clock_from, h->due, &g->at, at->offset, NULL, &t, e))
		return -1;
	if (t > at->now)
		return 0;
	*any = true;
	for (*occurrence = 0, *fell = t; g->nrepeats; ++*occurrence, *fell = t) {
		size_t k = *occurrence < g->nrepeats ? *occurrence : g->nrepeats - 1;

		if (g->repeat[k].n <= 0 || clock_add(*fell, g->repeat[k], at->offset, NULL, &t, e))
			return err_set(e, ERR_DATA, "escalation.yaml:%d: a repeat must be longer than nothing", g->line);
		if (t > at->now)
			break;
	}
	return 0;
}

/* The unit one tier above the hazard's own tier, or NULL at the top. */
static const struct grid_node *next_tier(const struct escalate_at *at, const struct hazard *h, int32_t day)
{
	const struct grid_node *unit;

	if (!h->grid)
		return NULL;
	unit = grid_above(at->tree, h->grid, h->tier, day);
	return grid_parent(at->tree, unit ? unit : h->grid, day);
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
	return g->to && strcmp(g->to, "parent") && strcmp(g->to, "top") && strcmp(g->to, "owner")
	    && vocab_id(&h->policy->levels, span_of(g->to)) < 0;
}

/* Who a reminder or paper goes to, when not to the owner. */
static int receiver(const struct escalate_at *at, const struct hazard *h, const struct rung *g, int32_t day,
    struct span *organ, struct err *e)
{
	int level;

	*organ = h->owner;
	if (!g->to || !strcmp(g->to, "owner") || !h->grid)
		return 0;
	if (!strcmp(g->to, "parent")) {
		const struct grid_node *up = next_tier(at, h, day);

		return up ? grid_organ(at->organs, up, day, organ, e) : 0;
	}
	level = !strcmp(g->to, "top") ? 0 : vocab_id(&h->policy->levels, span_of(g->to));
	if (level >= 0) {
		const struct grid_node *unit = grid_above(at->tree, h->grid, level, day);

		return unit ? grid_organ(at->organs, unit, day, organ, e) : 0;
	}
	return grid_duty(at->organs, at->tree, h->grid, g->to, day, organ, e);
}

/* One tier up towards the rung's target: the new tier, its organ as owner and issuer, the old owner as addressee. */
static int rise(const struct escalate_at *at, const struct hazard *h, const struct rung *g, int32_t day,
    struct escalate_act *a, bool *arrived, struct err *e)
{
	const struct grid_node *up = next_tier(at, h, day);
	int target = target_level(h, g, up);

	a->receiver = h->owner;
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

/* Fill in what an act does and its key; *skip when that was done before. */
static int make(const struct escalate_at *at, const struct hazard *h, size_t rung, unsigned occurrence,
    const struct hazard_key *keys, size_t nkeys, bool *risen, struct escalate_act *a, bool *skip, struct err *e)
{
	int32_t day = time_day(at->now, at->offset);
	char tail[64] = "";

	*skip = false;
	a->tier = -1;
	if (a->act == RUNG_ESCALATE) {
		bool arrived;

		write_key(at, h, a->rule, rung, occurrence, "", a->key);
		if (known(keys, nkeys, a->key) || *risen) {
			*skip = true;
			return 0;
		}
		if (rise(at, h, a->rung, day, a, &arrived, e))
			return -1;
		if (!arrived) {
			snprintf(tail, sizeof tail, "~%s", h->policy->levels.v[a->tier].id);
			write_key(at, h, a->rule, rung, occurrence, tail, a->key);
		}
		*risen = a->tier >= 0;
		return 0;
	}
	if (receiver(at, h, a->rung, day, &a->receiver, e))
		return -1;
	if (a->act != RUNG_SUPERVISE)		/* the word of the rule, not the organ: who owns it may change meanwhile */
		snprintf(tail, sizeof tail, "@%.40s", a->rung->to ? a->rung->to : "owner");
	write_key(at, h, a->rule, rung, occurrence, tail, a->key);
	*skip = known(keys, nkeys, a->key);
	return 0;
}

/* Earlier occurrences that no sweep recorded, back to the last one that was. */
static unsigned count_missed(const struct escalate_at *at, const struct hazard *h, size_t rung, unsigned occurrence,
    const struct escalate_act *a, const struct hazard_key *keys, size_t nkeys)
{
	const char *tail = a->act == RUNG_ESCALATE ? "" : strchr(a->key, '@');
	unsigned missed = 0;
	char key[128];

	while (occurrence-- > 0) {
		write_key(at, h, a->rule, rung, occurrence, tail ? tail : "", key);
		if (known(keys, nkeys, key))
			break;
		missed++;
	}
	return missed;
}

/* A reminder that the due time is near has no sense once a later rung of the rule has fallen. */
static bool is_stale(const struct escalate_at *at, const struct hazard *h, size_t i)
{
	const struct rule *r = &h->policy->rules.v[h->rule];
	const struct rung *g = &r->rung[i];
	struct err ignored = ERR_INIT;
	int64_t t;

	if (g->act != RUNG_REMIND || at->now <= h->due || !(g->at.share ? g->at.off.n > 0 : g->at.off.n < 0))
		return false;
	for (size_t k = i + 1; k < r->nrungs; k++)
		if (!clock_rung(h->clock_from, h->due, &r->rung[k].at, at->offset, NULL, &t, &ignored) && t <= at->now)
			return true;
	return false;
}

int escalate_hazard(const struct escalate_at *at, const struct hazard *h, uint32_t number, const struct hazard_key *keys,
    size_t nkeys, struct escalate_acts *out, struct err *e)
{
	const struct rule *rule = &h->policy->rules.v[h->rule];
	bool risen = false;

	if (h->phase != PHASE_OPEN || h->held || h->due == TIME_NONE)
		return 0;
	for (size_t i = 0; i < rule->nrungs; i++) {
		struct escalate_act a = { .hazard = number, .rule = rule, .rung = &rule->rung[i], .act = rule->rung[i].act };
		unsigned occurrence = 0;
		bool any, skip;

		if (last_occurrence(at, h, a.rung, &occurrence, &a.fell, &any, e))
			return -1;
		if (!any || is_stale(at, h, i))
			continue;
		if (make(at, h, i, occurrence, keys, nkeys, &risen, &a, &skip, e))
			return -1;
		if (skip)
			continue;
		a.missed = count_missed(at, h, i, occurrence, &a, keys, nkeys);
		MEM_GROW(out->v, out->cap, out->n + 1);
		out->v[out->n++] = a;
	}
	return 0;
}

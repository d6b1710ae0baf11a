/* SPDX-License-Identifier: MIT */
#include "engine/escalate.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"

#define KEY_MAX sizeof ((struct escalate_act *)0)->key

void escalate_clear(struct escalate_acts *a)
{
	free(a->v);
	*a = (struct escalate_acts){ NULL, 0, 0 };
}

/* Something of a rule that falls at a time, and again by its repeats. */
struct fall {
	const struct rule *rule;
	const struct rung *g;
	const struct limit *limit;
	char name[40];		/* in the key: the rung's number, the limit's id */
	const struct worktime *work;	/* of the hazard */
	int64_t start;		/* in the key: what it counts from */
	int64_t first;		/* when it falls first */
};

static bool known(const struct escalate_past *past, const char *key)
{
	uint64_t hash = mem_hash(span_of(key), 0);

	for (size_t i = 0; i < past->nkeys; i++)
		if (past->key[i].hash == hash)
			return true;
	return false;
}

/* The key of one occurrence; tail is "", "~LEVEL" or "@TO". */
static void write_key(const struct escalate_at *at, const struct hazard *h, const struct fall *f, unsigned occurrence,
    const char *tail, char out[KEY_MAX])
{
	char start[TIME_LEN + 1], round[16] = "";

	time_write(f->start, at->offset, start);
	if (h->round > 1)
		snprintf(round, sizeof round, "r%u/", h->round);
	snprintf(out, KEY_MAX, "%s%s/%s/%.4s%.2s%.2s%.2s%.2s/%u%s", round, f->rule->id, f->name, start, start + 5, start + 8,
	    start + 11, start + 14, occurrence, tail);
}

/* A time after t that could not be reckoned: beyond the years of the calendar it has not come yet, while today is within them. */
static int ahead(const struct escalate_at *at, const struct worktime *w, int64_t t, int64_t *out, const struct err *why, struct err *e)
{
	int32_t first, last, day = time_day(at->now, at->offset);

	if (w->calendar == NULL)
		return err_set(e, why->status, "%s", why->text);
	calendar_covers(w->calendar, &first, &last);
	if (day > last || time_day(t, at->offset) < first)
		return err_set(e, why->status, "%s", why->text);
	*out = INT64_MAX;
	return 0;
}

/* When the occurrence after the k-th falls, which fell at t. */
static int next_fall(const struct escalate_at *at, const struct fall *f, unsigned k, int64_t t, int64_t *out, struct err *e)
{
	const struct rung *g = f->g;
	const struct term *gap = &g->repeat[k < g->nrepeats ? k : g->nrepeats - 1];
	struct err why = ERR_INIT;

	if (gap->n <= 0)
		return err_set(e, ERR_DATA, "escalation.yaml:%d: a repeat must be longer than nothing", g->line);
	return clock_add(t, *gap, at->offset, f->work, out, &why) < 0 ? ahead(at, f->work, t, out, &why, e) : 0;
}

/* The last occurrence that fell by now: its number and time; 1, 0 none has, -1. */
static int last_occurrence(const struct escalate_at *at, const struct fall *f, unsigned *occurrence, int64_t *fell, struct err *e)
{
	int64_t t = f->first;

	if (t > at->now)
		return 0;
	for (*occurrence = 0, *fell = t; f->g->nrepeats; ++*occurrence, *fell = t) {
		if (next_fall(at, f, *occurrence, *fell, &t, e) < 0)
			return -1;
		if (t > at->now)
			break;
	}
	return 1;
}

/* Is the rung silent at t, because its receiver took note shortly before? */
static int is_hushed(const struct escalate_at *at, const struct fall *f, int64_t noted, int64_t t, struct err *e)
{
	struct err why = ERR_INIT;
	int64_t until;

	if (f->g->hush.n == 0 || noted == TIME_NONE || t < noted)
		return 0;
	if (clock_add(noted, f->g->hush, at->offset, f->work, &until, &why) < 0 && ahead(at, f->work, noted, &until, &why, e) < 0)
		return -1;
	return t < until;
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

/* Who a reminder or paper goes to, when not to the owner. */
static int receiver(const struct escalate_at *at, const struct hazard *h, const struct rung *g, int32_t day,
    struct span *organ, struct err *e)
{
	int level;

	*organ = h->owner;
	if (!g->to || !strcmp(g->to, "owner") || !h->grid)
		return 0;
	if (!strcmp(g->to, "dispatch"))
		return dispatcher(at, h, day, organ, &level, e);
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

/* Up to who dispatches the owner; 1 done, 0 there is nobody above, -1. */
static int rise_dispatched(const struct escalate_at *at, const struct hazard *h, int32_t day, struct escalate_act *a, struct err *e)
{
	struct span organ;
	int level;

	if (dispatcher(at, h, day, &organ, &level, e) < 0)
		return -1;
	if (!organ.n || level < 0 || level >= h->tier)
		return 0;
	a->receiver = h->owner;
	a->owner = a->issuer = organ;
	a->tier = level;
	return 1;
}

/* One tier up towards the rung's target: the new tier, its organ as owner and issuer, the old owner as addressee. */
static int rise(const struct escalate_at *at, const struct hazard *h, const struct rung *g, int32_t day,
    struct escalate_act *a, bool *arrived, struct err *e)
{
	const struct grid_node *up = next_tier(at, h, day);
	int target = target_level(h, g, up);

	if ((h->policy->rules.parent == PARENT_DISPATCH && g->to && !strcmp(g->to, "parent")) || (g->to && !strcmp(g->to, "dispatch"))) {
		int done = rise_dispatched(at, h, day, a, e);

		*arrived = true;
		if (done != 0)
			return done < 0 ? -1 : 0;
	}
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
static int make(const struct escalate_at *at, const struct hazard *h, const struct fall *f, unsigned occurrence,
    const struct escalate_past *past, bool *risen, struct escalate_act *a, bool *skip, struct err *e)
{
	int32_t day = time_day(at->now, at->offset);
	char tail[64] = "";

	*skip = false;
	a->tier = -1;
	if (a->act == RUNG_ESCALATE) {
		bool arrived;

		write_key(at, h, f, occurrence, "", a->key);
		if (known(past, a->key) || *risen) {
			*skip = true;
			return 0;
		}
		if (rise(at, h, a->rung, day, a, &arrived, e))
			return -1;
		if (!arrived) {
			snprintf(tail, sizeof tail, "~%s", h->policy->levels.v[a->tier].id);
			write_key(at, h, f, occurrence, tail, a->key);
		}
		*risen = a->tier >= 0;
		return 0;
	}
	if (receiver(at, h, a->rung, day, &a->receiver, e))
		return -1;
	if (a->act != RUNG_SUPERVISE)		/* the word of the rule, not the organ: who owns it may change meanwhile */
		snprintf(tail, sizeof tail, "@%.40s", a->rung->to ? a->rung->to : "owner");
	write_key(at, h, f, occurrence, tail, a->key);
	*skip = known(past, a->key);
	return 0;
}

/* Earlier occurrences that no sweep recorded and nobody hushed, back to the last one that was. */
static int count_missed(const struct escalate_at *at, const struct hazard *h, const struct fall *f, unsigned occurrence,
    const struct escalate_past *past, struct escalate_act *a, struct err *e)
{
	const char *tail = a->act == RUNG_ESCALATE ? "" : strchr(a->key, '@');
	int64_t t = f->first;
	char key[KEY_MAX];

	a->missed = 0;
	for (unsigned k = 0; k < occurrence; k++) {
		int hushed = is_hushed(at, f, past->noted, t, e);

		if (hushed < 0)
			return -1;
		write_key(at, h, f, k, tail ? tail : "", key);
		a->missed = known(past, key) ? 0 : a->missed + (unsigned)!hushed;
		if (next_fall(at, f, k, t, &t, e) < 0)
			return -1;
	}
	return 0;
}

/* Does it wait for the sending hours?  What moves a hazard never does. */
static bool waits(const struct escalate_at *at, const struct rung *g)
{
	return at->quiet && !g->send_any && (g->act == RUNG_REMIND || g->act == RUNG_NOTICE);
}

/* The act of something that falls, if it fell, was not done before and may be done now. */
static int take(const struct escalate_at *at, const struct hazard *h, const struct fall *f, uint32_t number,
    const struct escalate_past *past, bool *risen, struct escalate_acts *out, struct err *e)
{
	struct escalate_act a = { .hazard = number, .rule = f->rule, .rung = f->g, .limit = f->limit, .act = f->g->act };
	unsigned occurrence = 0;
	bool skip;
	int go = last_occurrence(at, f, &occurrence, &a.fell, e);

	if (go <= 0)
		return go;
	go = is_hushed(at, f, past->noted, a.fell, e);
	if (go != 0)
		return go < 0 ? -1 : 0;
	if (make(at, h, f, occurrence, past, risen, &a, &skip, e) < 0)
		return -1;
	if (skip || waits(at, f->g))
		return 0;
	if (count_missed(at, h, f, occurrence, past, &a, e) < 0)
		return -1;
	MEM_GROW(out->v, out->cap, out->n + 1);
	out->v[out->n++] = a;
	return 0;
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
		if (!clock_rung(h->clock_from, h->due, &r->rung[k].at, at->offset, &h->work, &t, &ignored) && t <= at->now)
			return true;
	return false;
}

/* Where a limit stands: its start; false when it does not run, because it was not begun or was kept. */
static bool limit_start(const struct escalate_at *at, const struct hazard *h, const struct limit *l, const struct marks_of *m,
    int64_t *start)
{
	uint32_t from = marks_step(at->marks, span_of(l->from)), until = marks_step(at->marks, span_of(l->until));
	const struct mark *a = m && from != NAMES_NONE ? &m->step[from] : NULL, *b = m && until != NAMES_NONE ? &m->step[until] : NULL;

	if (!strcmp(l->from, "report")) {
		*start = h->phase == PHASE_OPEN ? h->round_from : TIME_NONE;
		return *start != TIME_NONE && !(b && b->order);
	}
	if (!strcmp(l->from, "due")) {
		*start = h->phase == PHASE_OPEN || h->phase == PHASE_DONE ? h->due : TIME_NONE;
		return *start != TIME_NONE && !(b && b->order && b->at >= *start);
	}
	if (!a || !a->order || (b && b->order > a->order))
		return false;
	*start = a->at;
	return true;
}

/* The limits of the rule that were missed. */
static int take_limits(const struct escalate_at *at, const struct hazard *h, uint32_t number, const struct escalate_past *past,
    bool *risen, struct escalate_acts *out, struct err *e)
{
	const struct rule *rule = &h->policy->rules.v[h->rule];

	for (size_t i = 0; i < rule->nlimits; i++) {
		const struct limit *l = &rule->limit[i];
		struct fall f = { .rule = rule, .g = &l->miss, .limit = l, .work = &h->work };
		bool held;

		if (!limit_start(at, h, l, past->marked, &f.start))
			continue;
		snprintf(f.name, sizeof f.name, "%s", l->id);
		if (clock_due(f.start, l->within, past->hold, past->nholds, at->now, at->offset, &h->work, &f.first, &held, NULL, e))
			return err_prefix(e, "escalation.yaml:%d: limit %s", l->line, l->id);
		if (take(at, h, &f, number, past, risen, out, e))
			return -1;
	}
	return 0;
}

/* Handed to and fro too often: once for each time that the number is exceeded. */
static int take_handovers(const struct escalate_at *at, const struct hazard *h, uint32_t number, const struct escalate_past *past,
    bool *risen, struct escalate_acts *out, struct err *e)
{
	const struct rule *rule = &h->policy->rules.v[h->rule];
	const struct marks_of *m = past->marked;
	struct fall f = { .rule = rule, .g = &rule->handed, .work = &h->work };

	if (!rule->handovers || !m || m->handovers <= rule->handovers)
		return 0;
	snprintf(f.name, sizeof f.name, "handovers-%u", m->handovers / (rule->handovers + 1));
	f.start = h->round_from;
	f.first = m->handed;
	return take(at, h, &f, number, past, risen, out, e);
}

int escalate_hazard(const struct escalate_at *at, const struct hazard *h, uint32_t number, const struct escalate_past *past,
    struct escalate_acts *out, struct err *e)
{
	const struct rule *rule = &h->policy->rules.v[h->rule];
	bool risen = false;

	if (h->held)
		return 0;
	for (size_t i = 0; i < rule->nrungs && h->phase == PHASE_OPEN && h->due != TIME_NONE; i++) {
		struct fall f = { .rule = rule, .g = &rule->rung[i], .work = &h->work, .start = h->due };
		struct err why = ERR_INIT;

		snprintf(f.name, sizeof f.name, "%zu", i + 1);
		if (clock_rung(h->clock_from, h->due, &f.g->at, at->offset, &h->work, &f.first, &why)
		    && (f.g->at.share || f.g->at.off.n < 0 || ahead(at, &h->work, h->due, &f.first, &why, e))) {
			struct span id = h->row[schema_table(SPAN("hazards"))->key];

			err_set(e, why.status, "%s", why.text);
			return err_prefix(e, "%.*s: escalation.yaml:%d", (int)id.n, id.p, f.g->line);
		}
		if (!is_stale(at, h, i) && take(at, h, &f, number, past, &risen, out, e))
			return -1;
	}
	if (!at->marks)
		return 0;
	if (h->phase == PHASE_OPEN && take_handovers(at, h, number, past, &risen, out, e))
		return -1;
	return take_limits(at, h, number, past, &risen, out, e);
}

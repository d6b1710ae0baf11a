/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/time.h"
#include "model/foldint.h"

#define GROW1(v, n) ((v) = mem_realloc((v), (size_t)(n) + 1, sizeof *(v)), &(v)[(n)++])

/* An event on its way into a slot. */
struct applying {
	struct fold *f;
	uint32_t slot;
	struct hazard_slot *h;
	const struct fold_flow *w;
	const struct span *v;
	int64_t at;
	bool sweep;
};

static bool clears(struct span s)
{
	return s.n == 1 && s.p[0] == '-';
}

static struct span keep(struct fold *f, struct span s)
{
	return (struct span){ s.n ? arena_spandup(&f->mem, s) : "", s.n };
}

/* A correction of a hazards column; the last one of a column wins. */
static void fix(struct applying *a, int col, struct span value)
{
	struct hazard_side *s = side_get(a->f, a->slot);
	uint32_t i = 0;

	while (i < s->nfixes && s->fix[i].col != col)
		i++;
	if (i == s->nfixes)
		GROW1(s->fix, s->nfixes)->col = col;
	s->fix[i].value = clears(value) ? SPAN("") : keep(a->f, value);
}

/* Another severity: the fold's number of it. */
static void set_severity(struct applying *a, struct span value)
{
	uint32_t n = names_add(&a->f->severities, value);

	if (n < 255)
		a->h->severity = (uint8_t)(n + 1);
}

/* The effect of correct. */
static void correct(struct applying *a)
{
	int col = schema_column(schema_table(SPAN("hazards")), a->v[EV_FIELD]);

	if (col < 0)
		return;
	if (span_is(a->v[EV_FIELD], "severity")) {
		a->h->severity = 0;
		if (!clears(a->v[EV_VALUE]) && a->v[EV_VALUE].n > 0)
			set_severity(a, a->v[EV_VALUE]);
	}
	fix(a, col, a->v[EV_VALUE]);
}

static void hold_end(struct applying *a, int64_t at)
{
	struct hazard_side *s = side_get(a->f, a->slot);
	struct clock_hold *last = s->nholds ? &s->hold[s->nholds - 1] : NULL;

	a->h->flags &= (uint8_t)~HAZARD_HELD;
	if (last != NULL && last->to == TIME_NONE)
		last->to = at > last->from ? at : last->from;
}

static void hold(struct applying *a)
{
	struct hazard_side *s = side_get(a->f, a->slot);
	int64_t from = a->at;

	if (a->h->flags & HAZARD_HELD)
		return;
	if (s->nholds > 0 && s->hold[s->nholds - 1].to > from)
		from = s->hold[s->nholds - 1].to;
	*GROW1(s->hold, s->nholds) = (struct clock_hold){ from, TIME_NONE, keep(a->f, a->v[EV_REASON]) };
	a->h->flags |= HAZARD_HELD;
}

/* A row that moves the tier, or (to: as it is) puts under supervision. */
static void note_tier(struct applying *a, uint8_t to, bool supervise)
{
	struct hazard_side *s = side_get(a->f, a->slot);
	uint32_t owner = a->v[EV_OWNER].n > 0 && !clears(a->v[EV_OWNER]) ? names_add(&a->f->organs, a->v[EV_OWNER]) : a->h->owner;

	*GROW1(s->tier, s->ntiers) = (struct hazard_tier){ .at = a->at, .owner_from = a->h->owner, .owner_to = owner,
		.from = a->h->tier, .to = to, .supervise = supervise, .sweep = a->sweep };
	a->h->tier = to;
	if (!supervise)
		s->tier_at = a->at;
}

static void set_tier(struct applying *a, struct span level)
{
	uint32_t n = names_add(&a->f->levels, level);

	if (n < 255 && a->h->tier != n + 1)
		note_tier(a, (uint8_t)(n + 1), false);
}

/* A person's step that came in late takes back what the sweep did after its time. */
static void undo_groundless(struct applying *a)
{
	struct hazard_side *s = side_get(a->f, a->slot);
	bool any = false;

	for (uint32_t i = s->ntiers; i-- > 0;) {
		struct hazard_tier *t = &s->tier[i];

		if (!t->sweep || t->late || t->at <= a->at)
			continue;
		t->late = any = true;
		if (t->supervise)
			a->h->flags &= (uint8_t)~HAZARD_SUPERVISED;
		if (a->h->tier == t->to)
			a->h->tier = t->from;
		if (a->h->owner == t->owner_to)
			a->h->owner = t->owner_from;
	}
	if (!any)
		return;
	s->tier_at = TIME_NONE;
	for (uint32_t i = 0; i < s->ntiers; i++)
		if (!s->tier[i].late && !s->tier[i].supervise && (s->round_from == TIME_NONE || s->tier[i].at >= s->round_from))
			s->tier_at = s->tier[i].at;
}

/* A due time that a step says; extend keeps the one before. */
static void set_due(struct applying *a, bool extend)
{
	struct hazard_side *s;
	int64_t due = 0;

	if (!clears(a->v[EV_DUE]) && !time_read(a->v[EV_DUE], a->f->office->reg->offset, &due))
		return;
	if (extend) {
		s = side_get(a->f, a->slot);
		if (s->nextends++ == 0)
			s->extended_from = time_slot(a->h->due);
	}
	a->h->due = clears(a->v[EV_DUE]) ? 0 : slot_time(due);
	if (a->h->flags & HAZARD_SIDE) {
		s = side_get(a->f, a->slot);
		s->due_at = a->at;
		s->due_holds = s->nholds - (a->h->flags & HAZARD_HELD ? 1 : 0);
	}
}

/* A new round: the old one is kept. */
static void reopen(struct applying *a)
{
	struct hazard_side *s = side_get(a->f, a->slot);
	struct hazard_slot *h = a->h;

	if (h->flags & HAZARD_HELD)
		hold_end(a, a->at);
	*GROW1(s->round, s->nrounds) = (struct hazard_round){ s->round_from, time_slot(h->rectified), time_slot(h->closed), h->closed_by };
	s->round_from = a->at;
	s->tier_at = s->extended_from = s->due_at = TIME_NONE;
	s->nextends = 0;
	s->due_holds = s->nholds;
	h->rectified = h->closed = h->assigned = h->due = h->closed_by = 0;
	h->tier = 0;
	h->flags &= (uint8_t)~HAZARD_SUPERVISED;
}

/* The state a step leads to, or FLOW_STAYS. */
static uint8_t leads_to(const struct applying *a, const struct flow_step *s)
{
	bool fail = s->fails && a->v[EV_RESULT].n == 4 && memcmp(a->v[EV_RESULT].p, "fail", 4) == 0;

	return fail ? s->to_fail : s->to;
}

/* Would the sweep have passed the hazard by, had it known of this step?  Out of the open states, held, or due later. */
static bool takes_ground(const struct applying *a, const struct flow_step *s)
{
	uint8_t to = s != NULL ? leads_to(a, s) : FLOW_STAYS;

	return (to != FLOW_STAYS && a->w->phase[to] != PHASE_OPEN) || (s != NULL && (s->effect == WF_HOLD || s->effect == WF_EXTEND))
	    || a->v[EV_DUE].n > 0;
}

/* The state after the step, and the times that its phase gives. */
static void move(struct applying *a, const struct flow_step *s)
{
	struct hazard_slot *h = a->h;
	uint8_t from = h->state ? (uint8_t)(h->state - 1) : a->w->start, to = leads_to(a, s);
	int was, is;

	if (to == FLOW_STAYS)
		return;
	h->state = (uint8_t)(to + 1);
	was = a->w->phase[from];
	is = a->w->phase[to];
	if (was == is)
		return;
	if (is == PHASE_OPEN) {
		h->rectified = h->closed = h->closed_by = 0;
		return;
	}
	if (h->flags & HAZARD_HELD)
		hold_end(a, a->at);
	if (is == PHASE_DONE)
		h->closed = h->closed_by = 0;
	if ((is == PHASE_DONE && was != PHASE_CLOSED) || (is == PHASE_CLOSED && h->rectified == 0))
		h->rectified = slot_time(a->at);
	if (is == PHASE_CLOSED) {
		h->closed = slot_time(a->at);
		h->closed_by = names_add(&a->f->officers, a->v[EV_ACTOR]);
	}
}

/* What a step does beyond state and columns. */
static void effect(struct applying *a, int what)
{
	switch (what) {
	case WF_ASSIGN:
		if (a->h->assigned == 0)
			a->h->assigned = slot_time(a->at);
		a->h->flags |= HAZARD_ASSIGNED;
		break;
	case WF_HOLD:
		hold(a);
		break;
	case WF_RESUME:
		if (a->h->flags & HAZARD_HELD)
			hold_end(a, a->at);
		break;
	case WF_SUPERVISE:
		if (a->sweep && !(a->h->flags & HAZARD_SUPERVISED))
			note_tier(a, a->h->tier, true);
		a->h->flags |= HAZARD_SUPERVISED;
		break;
	case WF_DELIST:
		a->h->flags &= (uint8_t)~HAZARD_SUPERVISED;
		break;
	case WF_CORRECT:
		correct(a);
		break;
	case WF_REPIN:
		side_get(a->f, a->slot)->policy = keep(a->f, a->v[a->v[EV_VALUE].n ? EV_VALUE : EV_KEY]);
		break;
	default:
		break;
	}
}

/* Columns that are said override. */
static void columns(struct applying *a, int what)
{
	const struct span *v = a->v;

	if (v[EV_TIER].n > 0)
		set_tier(a, v[EV_TIER]);
	if (v[EV_OWNER].n > 0)
		a->h->owner = clears(v[EV_OWNER]) ? 0 : names_add(&a->f->organs, v[EV_OWNER]);
	if (v[EV_PERSON].n > 0)
		a->h->person = clears(v[EV_PERSON]) ? 0 : names_add(&a->f->officers, v[EV_PERSON]);
	if (v[EV_DUE].n > 0)
		set_due(a, what == WF_EXTEND);
	if (v[EV_SEVERITY].n > 0)
		set_severity(a, v[EV_SEVERITY]);
	if (v[EV_CATEGORY].n > 0)
		fix(a, schema_column(schema_table(SPAN("hazards")), SPAN("category")), v[EV_CATEGORY]);
	if (a->sweep && v[EV_KEY].n > 0) {
		struct hazard_side *s = side_get(a->f, a->slot);

		*GROW1(s->key, s->nkeys) = (struct hazard_key){ mem_hash(v[EV_KEY], 0), a->at };
	}
}

void event_apply(struct fold *f, uint32_t slot, const struct fold_flow *w, const struct flow_step *s, const struct span *v, int64_t at)
{
	struct applying a = { f, slot, fold_slot(f, slot), w, v, at, v[EV_ACTOR].n == 5 && memcmp(v[EV_ACTOR].p, "sweep", 5) == 0 };
	int what = s != NULL ? s->effect : WF_NONE;

	if (what == WF_RETRACT) {
		a.h->flags |= HAZARD_REFOLD;
		return;
	}
	if (what == WF_CORRECT || what == WF_REPIN) {
		effect(&a, what);
		a.h->flags |= a.h->flags & HAZARD_ASSIGNED && !a.sweep ? HAZARD_FOLLOWED : 0;
		return;
	}
	if (!a.sweep) {
		if (a.h->flags & HAZARD_SIDE && takes_ground(&a, s))
			undo_groundless(&a);
		if (a.h->flags & HAZARD_ASSIGNED)
			a.h->flags |= HAZARD_FOLLOWED;
	}
	if (what == WF_REOPEN)
		reopen(&a);
	effect(&a, what);
	columns(&a, what);
	if (s != NULL)
		move(&a, s);
}

int hazard_apply(struct fold *f, uint32_t slot, const struct workflow *w, const struct hazard_event *ev, struct err *e)
{
	const struct fold_flow *flow = flow_for(f, w);
	struct span v[EV_N];

	(void)e;
	if (ev->at > f->as_of)
		return 0;
	for (int i = 0; i < EV_N; i++)
		v[i] = f->col[i] >= 0 ? ev->f[f->col[i]] : SPAN("");
	event_apply(f, slot, flow, flow_step(flow, v[EV_STEP]), v, ev->at);
	return 0;
}

int fold_state(struct fold *f, uint32_t slot, const struct workflow *w)
{
	const struct fold_flow *flow = flow_for(f, w);
	uint8_t state = slot == UINT32_MAX ? 0 : fold_slot(f, slot)->state;
	int found = state ? flow->state[state - 1] : w->start;

	return found >= 0 ? found : w->start;
}

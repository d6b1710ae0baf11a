/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/time.h"
#include "model/foldint.h"
#include "model/marks.h"
#include "model/trail.h"

#define GROW1(v, n) ((v) = mem_realloc((v), (size_t)(n) + 1, sizeof *(v)), &(v)[(n)++])

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
	if (a->f->trail != NULL)
		trail_late(a->f->trail, a->slot, a->at);
	if (!any)
		return;
	s->tier_at = TIME_NONE;
	for (uint32_t i = 0; i < s->ntiers; i++)
		if (!s->tier[i].late && !s->tier[i].supervise && (s->round_from == TIME_NONE || s->tier[i].at >= s->round_from))
			s->tier_at = s->tier[i].at;
}

/* A due time that a step says; one that puts it off, an extension or not, keeps the one before. */
static void set_due(struct applying *a, bool extend, bool fails)
{
	struct hazard_side *s;
	int64_t due = 0;
	uint32_t to;

	if (!clears(a->v[EV_DUE]) && !time_read(a->v[EV_DUE], a->f->office->reg->offset, &due))
		return;
	to = clears(a->v[EV_DUE]) ? 0 : slot_time(due);
	if (extend || fails || (a->h->due != 0 && (to == 0 || to > a->h->due))) {
		s = side_get(a->f, a->slot);
		s->nextends += extend;
		if (!s->moved)
			s->extended_from = time_slot(a->h->due);
		s->moved = true;
	}
	a->h->due = to;
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
	s->moved = false;
	s->due_holds = s->nholds;
	h->rectified = h->closed = h->assigned = h->due = h->closed_by = 0;
	h->tier = 0;
	h->flags &= (uint8_t)~HAZARD_SUPERVISED;
}

/* Would the sweep have passed the hazard by, had it known of this step?  Out of the open states, held, or due later. */
static bool takes_ground(const struct applying *a, const struct flow_step *s)
{
	uint8_t to = s != NULL ? leads_to(a, s) : FLOW_STAYS;

	return (to != FLOW_STAYS && a->w->phase[to] != PHASE_OPEN) || (s != NULL && (s->effect == WF_HOLD || s->effect == WF_EXTEND))
	    || (a->v != NULL && a->v[EV_DUE].n > 0);
}

/* The state after the step, and the times that its phase gives. */
static inline void move(struct applying *a, const struct flow_step *s)
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
		h->closed_by = a->actor != FOLD_UNSAID ? a->actor : names_add(&a->f->officers, a->v[EV_ACTOR]);
	}
}

/* What a step does beyond state and columns; assign apart, which plain events do. */
static void effect(struct applying *a, int what)
{
	switch (what) {
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

/* The number of a name that is said, FOLD_UNSAID when it is not. */
static inline uint32_t said(struct names *names, struct span s)
{
	return s.n == 0 ? FOLD_UNSAID : clears(s) ? 0 : names_add(names, s);
}

/* names_add, the names met lately first. */
static inline uint32_t number_of(struct names *names, struct fold_met *met, struct span s)
{
	struct fold_name *m, it = { .n = (uint32_t)s.n };

	if (s.n - 8 <= 8) {
		memcpy(&it.head, s.p, 8), memcpy(&it.tail, s.p + s.n - 8, 8);
	} else if (s.n - 4 <= 4) {
		uint32_t head, tail;

		memcpy(&head, s.p, 4), memcpy(&tail, s.p + s.n - 4, 4);
		it.head = head, it.tail = tail;
	} else {
		return names_add(names, s);
	}
	m = &met->v[(it.head ^ it.tail << 7 ^ it.n) * 0x9e3779b97f4a7c15u >> 48 & (FOLD_MET - 1)];
	if (m->head != it.head || m->tail != it.tail || m->n != it.n) {
		it.number = names_add(names, s);
		*m = it;
	}
	return m->number;
}

/* said, the names met lately first. */
static inline uint32_t said_met(struct names *names, struct fold_met *met, struct span s)
{
	return s.n == 0 ? FOLD_UNSAID : clears(s) ? 0 : number_of(names, met, s);
}

static inline bool is_fail(const struct span *v)
{
	return v[EV_RESULT].n == 4 && memcmp(v[EV_RESULT].p, "fail", 4) == 0;
}

static inline bool is_sweep(const struct span *v)
{
	return v[EV_ACTOR].n == 5 && memcmp(v[EV_ACTOR].p, "sweep", 5) == 0;
}

/* Columns that are said override: those that no plain event has. */
static void rare_columns(struct applying *a, const struct flow_step *s, int what)
{
	const struct span *v = a->v;

	if (v[EV_DUE].n > 0)
		set_due(a, what == WF_EXTEND, s != NULL && s->fails && a->fail);
	if (v[EV_SEVERITY].n > 0)
		set_severity(a, v[EV_SEVERITY]);
	if (v[EV_CATEGORY].n > 0)
		fix(a, schema_column(schema_table(SPAN("hazards")), SPAN("category")), v[EV_CATEGORY]);
	if (a->sweep && v[EV_KEY].n > 0) {
		struct hazard_side *side = side_get(a->f, a->slot);

		*GROW1(side->key, side->nkeys) = (struct hazard_key){ mem_hash(v[EV_KEY], 0), a->at };
	}
}

/* Who owned the hazard until now: a clock may have begun under him, and count his hours. */
static void note_owner(struct applying *a)
{
	struct hazard_side *s = side_get(a->f, a->slot);

	*GROW1(s->owned, s->nowned) = (struct hazard_owned){ a->at, a->h->owner };
}

/* What any event means but retract, correct and repin, which only mark. */
static inline void take(struct applying *a, const struct flow_step *s, int what)
{
	if (!a->sweep) {
		if (a->h->flags & HAZARD_SIDE && takes_ground(a, s))
			undo_groundless(a);
		if (a->h->flags & HAZARD_ASSIGNED)
			a->h->flags |= HAZARD_FOLLOWED;
	}
	if (a->f->marks != NULL || a->f->trail != NULL)
		fold_tell(a, s, what);
	if (what == WF_REOPEN)
		reopen(a);
	if (what == WF_ASSIGN) {
		if (a->h->assigned == 0)
			a->h->assigned = slot_time(a->at);
		a->h->flags |= HAZARD_ASSIGNED;
	}
	if (a->v != NULL)
		effect(a, what);
	if (a->v != NULL && a->v[EV_TIER].n > 0)
		set_tier(a, a->v[EV_TIER]);
	if (a->owner != FOLD_UNSAID && a->owner != a->h->owner) {
		if (a->f->owners)
			note_owner(a);
		a->h->owner = a->owner;
	}
	if (a->person != FOLD_UNSAID)
		a->h->person = a->person;
	if (a->v != NULL)
		rare_columns(a, s, what);
	if (s != NULL)
		move(a, s);
}

bool event_plain(const struct fold_flow *w, const struct span *v, struct fold_words *words, struct event_plain *ev)
{
	const struct flow_step *s;
	int what;

	if ((v[EV_TIER].n | v[EV_DUE].n | v[EV_SEVERITY].n | v[EV_CATEGORY].n) != 0 || is_sweep(v)
	    || (words->assists && v[EV_ASSIST].n > 0) || (words->behalf && v[EV_BEHALF].n > 0))
		return false;
	s = flow_step(w, v[EV_STEP]);
	what = s != NULL ? s->effect : WF_NONE;
	if (what != WF_NONE && what != WF_ASSIGN)
		return false;
	ev->number = id_number(words->years, &words->year, v[EV_HAZARD]);
	if (ev->number == UINT32_MAX)
		return false;
	ev->year = (uint32_t)words->year;
	ev->owner = said_met(words->organs, &words->organ, v[EV_OWNER]);
	ev->person = said_met(words->officers, &words->officer, v[EV_PERSON]);
	ev->step = s != NULL ? (uint16_t)(s - w->step + 1) : 0;
	ev->fail = is_fail(v);
	ev->actor = s != NULL && s->closes ? number_of(words->officers, &words->officer, v[EV_ACTOR]) : FOLD_UNSAID;
	return true;
}

void event_plain_apply(struct fold *f, const struct fold_flow *w, uint32_t slot, const struct event_plain *ev, uint32_t owner,
    uint32_t person, uint32_t actor)
{
	const struct flow_step *s = ev->step > 0 ? &w->step[ev->step - 1] : NULL;
	struct applying a = { f, slot, fold_slot(f, slot), w, NULL, ev->at, owner, person, actor, ev->fail, false };

	take(&a, s, s != NULL ? s->effect : WF_NONE);
}

void event_apply(struct fold *f, uint32_t slot, const struct fold_flow *w, const struct flow_step *s, const struct span *v, int64_t at)
{
	struct applying a = { f, slot, fold_slot(f, slot), w, v, at, .actor = FOLD_UNSAID, .fail = is_fail(v), .sweep = is_sweep(v) };
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
	a.owner = said(&f->organs, v[EV_OWNER]);
	a.person = said(&f->officers, v[EV_PERSON]);
	take(&a, s, what);
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

const struct marks_of *fold_marks(struct fold *f, uint32_t slot)
{
	const struct hazard_slot *s = f->marks != NULL && slot != UINT32_MAX ? fold_slot(f, slot) : NULL;

	return s != NULL ? marks_look(f->marks, slot, time_slot(s->closed), s->owner) : NULL;
}

int fold_state(struct fold *f, uint32_t slot, const struct workflow *w)
{
	const struct fold_flow *flow = flow_for(f, w);
	uint8_t state = slot == UINT32_MAX ? 0 : fold_slot(f, slot)->state;
	int found = state ? flow->state[state - 1] : w->start;

	return found >= 0 ? found : w->start;
}

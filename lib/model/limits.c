/* SPDX-License-Identifier: MIT */
#include "model/limitsint.h"

#include <stdlib.h>

#include "base/time.h"

static bool from_report(const struct limit *l)
{
	return strcmp(l->from, "report") == 0;
}

static bool from_due(const struct limit *l)
{
	return strcmp(l->from, "due") == 0;
}

/* When a step was last taken, as the marks have it; NULL: not that they know. */
static const struct mark *taken(const struct limit_record *x, const char *step)
{
	uint32_t i = x->marked != NULL ? marks_step(x->marks, span_of(step)) : NAMES_NONE;
	const struct mark *m = i != NAMES_NONE ? &x->marked->step[i] : NULL;

	return m != NULL && m->order > 0 ? m : NULL;
}

bool limit_runs(const struct limit_record *x, const struct hazard *h, const struct limit *l, int64_t *start)
{
	const struct mark *until;

	if (!from_report(l) && !from_due(l)) {
		if (!marks_runs(x->marks, x->marked, marks_step(x->marks, span_of(l->from)), marks_step(x->marks, span_of(l->until))))
			return false;
		*start = taken(x, l->from)->at;
		return true;
	}
	until = taken(x, l->until);
	if (from_report(l)) {
		*start = h->round_from;
		return h->phase == PHASE_OPEN && until == NULL;
	}
	*start = h->due;
	return h->due != TIME_NONE && !phase_over(h->phase) && (until == NULL || until->at < h->due);
}

/* The organ that owned the hazard at a time. */
static struct span owner_at(const struct limit_record *x, const struct hazard *h, int64_t at)
{
	for (size_t i = 0; i < x->nowned && x->owners != NULL; i++)
		if (x->owned[i].at > at)
			return names_at(x->owners, x->owned[i].from);
	return h->owner;
}

int limit_hours(const struct limit_record *x, const struct hazard *h, const struct limit *l, int64_t start, struct worktime *work,
    struct err *e)
{
	const struct calendar *c = h->work.calendar;
	struct span organ, kind = { NULL, 0 };
	struct master_row row;
	int found;

	*work = h->work;
	work->organ = "";
	if (c == NULL || !calendar_has_organs(c) || from_report(l))
		return 0;
	if (from_due(l))
		organ = owner_at(x, h, start);
	else
		organ = x->owners != NULL ? names_at(x->owners, taken(x, l->from)->organ) : h->owner;
	if (organ.n == 0)
		return 0;
	found = master_find(x->organs, organ, time_day(start, x->offset), &row, e);
	if (found == 0)
		found = master_find(x->organs, organ, DATE_NONE, &row, e);
	if (found > 0)
		kind = row.f[schema_column(master_table(x->organs), SPAN("kind"))];
	work->organ = calendar_whose(c, organ, kind);
	return found < 0 ? -1 : 0;
}

int limit_end(const struct limit *l, int64_t start, const struct clock_hold *holds, size_t n, int64_t now, int offset,
    const struct worktime *work, int64_t *end, bool *held, struct clock_trace *trace, struct err *e)
{
	return (from_due(l) ? clock_after_due : clock_due)(start, l->within, holds, n, now, offset, work, end, held, trace, e);
}

int following_round(struct following *x, int64_t round_from)
{
	for (size_t i = 0; i < x->out->n; i++) {
		struct limit_stand *s = &x->out->v[i];
		bool due = from_due(s->limit), runs = due ? x->h->due != TIME_NONE : from_report(s->limit);

		if (x->gone != NULL && s->state == LIMIT_RUNS) {
			s->state = LIMIT_LAPSED;
			s->by = round_from;
		}
		if (x->gone != NULL && s->state != LIMIT_NOT_BEGUN && x->gone(x, s) < 0)
			return -1;
		*s = (struct limit_stand){ .limit = s->limit, .state = runs ? LIMIT_RUNS : LIMIT_NOT_BEGUN,
			.start = due ? x->h->due : round_from };
	}
	return 0;
}

/* It was met or lapsed with a step. */
static void finish(struct limit_stand *s, const struct limit_step *step, bool met)
{
	s->state = met ? LIMIT_MET : LIMIT_LAPSED;
	s->by = step->at;
	s->step = step->step;
	s->actor = step->actor;
	if (s->from.n == 0)
		s->organ = step->owner;
}

/* What a step does to a limit. */
static int follow(struct following *x, struct limit_stand *s, const struct hazard *then, const struct limit_step *step)
{
	int64_t start;

	if (limit_runs(&x->record, then, s->limit, &start)) {
		bool begun = span_is(step->step, s->limit->from) && start == step->at;

		if (s->state == LIMIT_RUNS && !begun)
			return 0;
		if (begun && x->gone != NULL && s->state != LIMIT_NOT_BEGUN) {
			if (s->state == LIMIT_RUNS)
				finish(s, step, false);
			if (x->gone(x, s) < 0)
				return -1;
		}
		s->state = LIMIT_RUNS;
		s->start = start;
		if (from_report(s->limit) || from_due(s->limit))
			return 0;
		s->from = step->step;
		s->organ = taken(&x->record, s->limit->from)->organ;
		return limit_hours(&x->record, then, s->limit, start, &s->work, x->e);
	}
	if (s->state == LIMIT_RUNS)
		finish(s, step, span_is(step->step, s->limit->until));
	return 0;
}

int following_step(struct following *x, const struct hazard *then, const struct limit_step *step)
{
	for (size_t i = 0; i < x->out->n; i++)
		if (follow(x, &x->out->v[i], then, step) < 0)
			return -1;
	return 0;
}

int following_hours(struct following *x, struct limit_stand *s, const struct hazard_side *side)
{
	if (s->from.n > 0)
		return 0;
	x->record.owned = side != NULL ? side->owned : NULL;
	x->record.nowned = side != NULL ? side->nowned : 0;
	return limit_hours(&x->record, x->h, s->limit, s->start, &s->work, x->e);
}

/* The steps of one hazard as they stand in the ledger. */
struct reading {
	struct following x;
	uint32_t round;
	const struct table *events;
};

static struct span column(const struct reading *r, const struct span *row, const char *name)
{
	struct span s = row[schema_column(r->events, span_of(name))];

	return (struct span){ s.n > 0 ? arena_spandup(&r->x.out->mem, s) : "", s.n };
}

/* One step went by. */
static int on_step(void *arg, struct fold *f, const struct workflow *w, const struct span *row, int64_t at)
{
	struct reading *r = arg;
	struct following *x = &r->x;
	const struct hazard_slot *slot = fold_slot(f, 0);
	const struct hazard_side *side = fold_side(f, 0);
	struct hazard h = *x->h;
	struct limit_step step = { column(r, row, "step"), column(r, row, "actor"), at, 0 };

	h.phase = w->state[fold_state(f, 0, w)].phase;
	h.round_from = side != NULL && side->nrounds > 0 ? side->round_from : x->h->reported;
	h.owner = names_at(&f->organs, slot->owner);
	x->record.marks = f->marks;
	x->record.owners = &f->organs;
	x->record.marked = fold_marks(f, 0);
	if (side != NULL && side->nrounds != r->round) {
		r->round = side->nrounds;
		if (following_round(x, h.round_from) < 0)
			return -1;
	}
	return following_step(x, &h, &step);
}

size_t limit_holds(const struct limit_stand *s, const struct clock_hold *hold, size_t n, struct clock_hold *room)
{
	size_t k = 0;

	for (; k < n && (s->state == LIMIT_RUNS || hold[k].from < s->by); k++) {
		room[k] = hold[k];
		if (s->state != LIMIT_RUNS && (room[k].to == TIME_NONE || room[k].to > s->by))
			room[k].to = s->by;
	}
	return k;
}

int limit_clock(struct limit_stand *s, const struct clock_hold *hold, size_t n, int64_t now, struct clock_hold *room, struct err *e)
{
	int64_t last = s->state == LIMIT_RUNS ? now : s->by;
	size_t k = limit_holds(s, hold, n, room);
	bool held;

	if (limit_end(s->limit, s->start, room, k, last, s->work.offset, &s->work, &s->end, &held, &s->trace, e) < 0)
		return -1;
	s->work.kind = clock_kind(s->limit->within);
	s->held = 0;
	for (size_t i = 0; i < k; i++) {
		int64_t from = room[i].from > s->start ? room[i].from : s->start, to = room[i].to != TIME_NONE ? room[i].to : last;

		if (to > s->end)
			to = s->end;
		s->held += to > from ? to - from : 0;
	}
	return 0;
}

/* The clocks of all that began. */
static int clocks(struct fold *f, struct following *x, int64_t now)
{
	const struct hazard_side *side = fold_side(f, x->h->slot);
	size_t n = side != NULL ? side->nholds : 0;

	x->out->hold = mem_zalloc(x->out->n, n * sizeof *x->out->hold);
	x->record = (struct limit_record){ .owners = &f->organs, .organs = x->record.organs, .offset = x->record.offset };
	for (size_t i = 0; i < x->out->n; i++) {
		struct limit_stand *s = &x->out->v[i];

		if (s->state == LIMIT_LAPSED && s->by < s->start)	/* before the due date */
			s->state = LIMIT_NOT_BEGUN;
		if (s->state == LIMIT_NOT_BEGUN)
			continue;
		if (following_hours(x, s, side) < 0
		    || limit_clock(s, side != NULL ? side->hold : NULL, n, now, x->out->hold + i * n, x->e) < 0)
			return err_prefix(x->e, "policy/%s:%d: limit %s", limit_file(s->limit), s->limit->line, s->limit->id);
	}
	return 0;
}

int limits_stand(struct fold *f, const struct hazard *h, int64_t now, struct limits *out, struct err *e)
{
	const struct rule *r = &h->policy->rules.v[h->rule];
	struct office *o = f->office;
	struct reading x = { .x = { .h = h, .out = out, .e = e }, .events = schema_table(SPAN("events")) };
	struct fold *again = NULL;
	int result;

	*out = (struct limits){ .n = r->nlimits };
	if (r->nlimits == 0)
		return 0;
	out->v = mem_zalloc(r->nlimits, sizeof *out->v);
	for (size_t i = 0; i < r->nlimits; i++)
		out->v[i].limit = &r->limit[i];
	x.x.record.offset = o->reg->offset;
	if (f->owners && (x.x.record.organs = office_master(o, "organs", e)) == NULL)
		return -1;
	following_round(&x.x, h->reported);
	result = fold_followed(o, h->row[schema_table(SPAN("hazards"))->key], f->as_of, marks_of_rule(r, &h->policy->workflow), on_step, &x, &again, e);
	if (result > 0)
		result = clocks(f, &x.x, now);
	fold_free(again);
	return result;
}

void limits_clear(struct limits *l)
{
	for (size_t i = 0; i < l->n && l->v != NULL; i++)
		free(l->v[i].trace.v);
	free(l->v);
	free(l->hold);
	arena_clear(&l->mem);
	*l = (struct limits){ NULL, 0, NULL, { NULL } };
}

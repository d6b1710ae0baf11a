/* SPDX-License-Identifier: MIT */
#include "model/limitruns.h"

#include <stdlib.h>

#include "base/time.h"
#include "model/limitsint.h"
#include "model/trail.h"

/* What is kept for one rule. */
struct of_rule {
	const struct rule *rule;
	struct marks *marks;		/* NULL: its limits name no step */
	struct limit_stand *stand;
};
struct limit_runs {
	struct following x;
	struct limits out;
	struct fold *f;
	struct of_rule *v;
	size_t n, cap, last;
	const struct trail_step **step;	/* of the hazard, the last one first */
	size_t steps_cap;
	struct clock_hold *room;
	size_t room_cap;
	/* the hazard that is told of */
	const struct hazard_side *side;
	unsigned round;
	int64_t now;
	limit_run_fn *fn;
	void *arg;
};

/* Seconds from its start until it was met, as it counts them; what was held in between left out. */
static int taken(const struct limit_stand *s, const struct clock_hold *hold, size_t n, int64_t *seconds, struct err *e)
{
	int64_t from = s->start, part = 0;

	*seconds = 0;
	for (size_t i = 0; i <= n; i++) {
		int64_t to = i < n ? hold[i].from : s->by;

		if (to > from) {
			part = to - from;
			if (s->work.kind != CALENDAR_WALL && worktime_between(&s->work, from, to, &part, e) < 0)
				return -1;
			*seconds += part;
			from = to;
		}
		if (i < n && hold[i].to > from)
			from = hold[i].to;
	}
	return 0;
}

/* Its end could not be reckoned: beyond the years of the calendar it has not come yet, while what was lies within them. */
static bool beyond(const struct limit_stand *s, int64_t last)
{
	int32_t first_day, last_day;

	if (s->work.calendar == NULL)
		return false;
	calendar_covers(s->work.calendar, &first_day, &last_day);
	return time_day(s->start, s->work.offset) >= first_day && time_day(last, s->work.offset) <= last_day;
}

/* When it ends, and when it was met what it took. */
static int reckon(struct limit_runs *r, struct limit_stand *s, struct limit_run *run, struct err *e)
{
	size_t n = r->side != NULL ? r->side->nholds : 0;
	int64_t last = s->state == LIMIT_RUNS ? r->now : s->by;
	struct err why = ERR_INIT;

	MEM_GROW(r->room, r->room_cap, n + 1);
	n = limit_holds(s, n > 0 ? r->side->hold : NULL, n, r->room);
	if (limit_end(s->limit, s->start, r->room, n, last, s->work.offset, &s->work, &run->end, &(bool){ false }, NULL, &why) < 0) {
		if (!beyond(s, last))
			return err_set(e, why.status, "%s", why.text);
		run->end = INT64_MAX;
	}
	s->work.kind = run->clock = clock_kind(s->limit->within);
	return s->state == LIMIT_MET ? taken(s, r->room, n, &run->taken, e) : 0;
}

/* What a limit came to. */
static int tell(struct limit_runs *r, struct limit_stand *s)
{
	struct following *x = &r->x;
	struct limit_run run = { .limit = s->limit, .start = s->start };
	bool due = strcmp(s->limit->from, "due") == 0, runs = s->state == LIMIT_RUNS;
	int64_t last = runs ? r->now : s->by;

	if (s->state == LIMIT_NOT_BEGUN || s->start > last || (due && r->round != x->h->round))
		return 0;
	if (following_hours(x, s, r->side) < 0 || reckon(r, s, &run, x->e) < 0) {
		struct span id = x->h->row[schema_table(SPAN("hazards"))->key];

		err_prefix(x->e, "policy/%s:%d: limit %s", limit_file(s->limit), s->limit->line, s->limit->id);
		return err_prefix(x->e, "%.*s", (int)id.n, id.p);
	}
	if (s->state == LIMIT_MET)
		run.outcome = last <= run.end ? LIMIT_IN_TIME : LIMIT_LATE;
	else
		run.outcome = last > run.end ? LIMIT_OVERDUE : runs ? LIMIT_RUNNING : LIMIT_VOID;
	run.organ = s->from.n > 0 || !runs ? names_at(&r->f->organs, s->organ) : x->h->owner;
	r->fn(r->arg, &run);
	return 0;
}

/* A limit begins anew. */
static int gone(struct following *x, const struct limit_stand *s)
{
	struct limit_stand was = *s;

	return tell((struct limit_runs *)x, &was);	/* it is the first member */
}

/* The stands and marks of a rule. */
static struct of_rule *of_rule(struct limit_runs *r, const struct hazard *h)
{
	const struct rule *rule = &h->policy->rules.v[h->rule];
	struct of_rule *o;

	if (r->last < r->n && r->v[r->last].rule == rule)
		return &r->v[r->last];
	for (r->last = 0; r->last < r->n; r->last++)
		if (r->v[r->last].rule == rule)
			return &r->v[r->last];
	MEM_GROW(r->v, r->cap, r->n + 1);
	o = &r->v[r->n++];
	*o = (struct of_rule){ rule, rule->nlimits > 0 ? marks_of_rule(rule, &h->policy->workflow) : NULL,
		mem_zalloc(rule->nlimits, sizeof *o->stand) };
	for (size_t i = 0; i < rule->nlimits; i++)
		o->stand[i].limit = &rule->limit[i];
	return o;
}

/* The steps of the hazard, the last one first. */
static size_t steps(struct limit_runs *r, uint32_t slot)
{
	size_t n = 0;

	for (const struct trail_step *s = trail_last(r->f->trail, slot); s != NULL; s = trail_before(r->f->trail, s)) {
		MEM_GROW(r->step, r->steps_cap, n + 1);
		r->step[n++] = s;
	}
	return n;
}

/* A step goes by. */
static int pass(struct limit_runs *r, struct hazard *then, struct marks *m, const struct trail_step *s)
{
	struct limit_step step = { s->step > 0 ? names_at(&r->f->trail->steps, s->step - 1u) : SPAN(""), SPAN(""), s->at, s->owner };
	struct marks_event ev = { .at = s->at, .step = m != NULL ? marks_step(m, step.step) : NAMES_NONE, .organ = s->organ,
		.over = phase_over((enum wf_phase)(s->phases >> 4)), .reopens = s->what & TRAIL_REOPEN };

	then->phase = (enum wf_phase)(s->phases & 15);
	ev.ends = phase_over(then->phase);
	if (m != NULL) {
		marks_event(m, 0, &ev);
		r->x.record.marked = marks_get(m, 0);
	}
	if (ev.reopens) {
		then->round_from = s->at;
		if (following_round(&r->x, s->at) < 0)
			return -1;
		r->round++;
	}
	return following_step(&r->x, then, &step);
}

int limit_runs_tell(struct limit_runs *r, const struct hazard *h, int64_t now, limit_run_fn *fn, void *arg, struct err *e)
{
	struct of_rule *o = of_rule(r, h);
	struct hazard then = *h;
	int result = 0;

	if (o->rule->nlimits == 0)
		return 0;
	r->out = (struct limits){ .v = o->stand, .n = o->rule->nlimits };
	r->x.h = h;
	r->x.e = e;
	r->x.record.marks = o->marks;
	r->x.record.marked = NULL;
	r->side = fold_side(r->f, h->slot);
	r->round = 1;
	r->now = now;
	r->fn = fn;
	r->arg = arg;
	for (size_t i = 0; i < r->out.n; i++)
		o->stand[i].state = LIMIT_NOT_BEGUN;
	then.round_from = h->reported;
	following_round(&r->x, h->reported);
	for (size_t i = steps(r, h->slot); i-- > 0 && result == 0;)
		result = pass(r, &then, o->marks, r->step[i]);
	for (size_t i = 0; i < r->out.n && result == 0; i++)
		result = tell(r, &o->stand[i]);
	if (o->marks != NULL)
		marks_drop(o->marks, 0);
	return result;
}

struct limit_runs *limit_runs_new(struct fold *f, struct master *organs)
{
	struct limit_runs *r = mem_zalloc(1, sizeof *r);

	r->f = f;
	r->x = (struct following){ .out = &r->out, .gone = gone, .record = { .owners = &f->organs, .organs = organs,
	    .offset = f->office->reg->offset } };
	return r;
}

void limit_runs_free(struct limit_runs *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n; i++) {
		marks_free(r->v[i].marks);
		free(r->v[i].stand);
	}
	free(r->v);
	free(r->step);
	free(r->room);
	free(r);
}

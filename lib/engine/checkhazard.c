/* SPDX-License-Identifier: MIT */
#include "engine/checkint.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define SWEEP "sweep"

/* What a check knows of a hazard while its events go by. */
struct life {
	int64_t reported, last;		/* last: of the last step a person took */
	const struct policy *policy;
	int state;
	bool lost;			/* a finding was made: what follows from it is not told */
};

/* A pass over the hazards, then over their events. */
struct lives {
	struct check_run *c;
	const struct check_policies *policies;
	const struct table *hazards, *events;
	struct names ids, gone;		/* hazards; events that were retracted */
	struct life *v;
	size_t cap;
	struct check_line at;
	void (*event)(struct lives *l, struct life *h, const struct span *f);
	bool order;
};

enum { H_HAZARD, H_REPORTED, H_FOUND, H_POLICY };
static const char *const hazard_columns[] = { "hazard", "reported_at", "found_at", "policy" };
enum { E_EVENT, E_HAZARD, E_AT, E_STEP, E_RESULT, E_ACTOR, E_KEY, E_FIELD, E_VALUE };
static const char *const event_columns[] = { "event", "hazard", "at", "step", "result", "actor", "key", "field",
    "value" };

#define FINDING(l, column, ...) diag_row((l)->c->diag, (l)->at.file, (l)->at.line, (column), __VA_ARGS__)

/* Column numbers of names. */
static void bind(const struct table *t, const char *const *names, size_t n, int *col)
{
	for (size_t i = 0; i < n; i++)
		col[i] = schema_column(t, span_of(names[i]));
}

/* A time of a committed row; TIME_NONE when it is none. */
static int64_t time_of(const struct lives *l, struct span s)
{
	int64_t t;

	return time_read(s, l->c->office->reg->offset, &t) ? t : TIME_NONE;
}

/* A hazard begins. */
static int take_hazard(void *arg, const struct scan_row *row)
{
	struct lives *l = arg;
	const struct span *f = row->f;
	uint32_t i = names_add(&l->ids, f[H_HAZARD]);
	int64_t found = time_of(l, f[H_FOUND]);
	struct life *h;

	check_line_next(&l->at, row);
	MEM_GROW(l->v, l->cap, (size_t)l->ids.n);
	h = &l->v[i];
	*h = (struct life){ .reported = time_of(l, f[H_REPORTED]), .policy = check_policy(l->policies, f[H_POLICY]) };
	h->last = h->reported;
	h->state = h->policy ? h->policy->workflow.start : 0;
	h->lost = !h->policy;
	if (!l->order && !h->policy)
		FINDING(l, "policy", "no committed policy has the digest %.*s", (int)f[H_POLICY].n, f[H_POLICY].p);
	if (l->order && found != TIME_NONE && h->reported != TIME_NONE && found > h->reported)
		FINDING(l, "found_at", "%.*s is after the report (%.*s)", (int)f[H_FOUND].n, f[H_FOUND].p,
		    (int)f[H_REPORTED].n, f[H_REPORTED].p);
	return 0;
}

/* Remember what retractions undo. */
static int take_retraction(void *arg, const struct scan_row *row)
{
	struct lives *l = arg;
	const struct span *f = row->f;

	for (size_t i = 0; i < l->policies->n; i++) {
		const struct workflow *w = &l->policies->v[i]->workflow;
		int s = workflow_step(w, f[0].p, f[0].n);

		if (s >= 0 && w->step[s].effect == WF_RETRACT) {
			names_add(&l->gone, f[1]);
			break;
		}
	}
	return 0;
}

/* An event of a hazard. */
static int take_event(void *arg, const struct scan_row *row)
{
	struct lives *l = arg;
	uint32_t i = names_find(&l->ids, row->f[E_HAZARD]);

	check_line_next(&l->at, row);
	if (i != NAMES_NONE && names_find(&l->gone, row->f[E_EVENT]) == NAMES_NONE)
		l->event(l, &l->v[i], row->f);
	return 0;
}

/* The three scans. */
static int lives_run(struct lives *l, struct err *e)
{
	struct reg *r = l->c->office->reg;
	const struct moment *m = &l->c->office->at;
	int hcol[4], ecol[9], rcol[2];
	void *arg = l;
	int result = -1;

	l->policies = check_policies(l->c, e);
	if (!l->policies)
		return -1;
	l->hazards = schema_table(SPAN("hazards"));
	l->events = schema_table(SPAN("events"));
	bind(l->hazards, hazard_columns, 4, hcol);
	bind(l->events, event_columns, 9, ecol);
	rcol[0] = ecol[E_STEP];
	rcol[1] = ecol[E_KEY];
	check_line_start(&l->at, "hazards");
	if (ledger_scan(r, m, "hazards", hcol, 4, take_hazard, &arg, 1, e) < 0
	    || ledger_scan(r, m, "events", rcol, 2, take_retraction, &arg, 1, e) < 0)
		goto done;
	check_line_start(&l->at, "events");
	result = ledger_scan(r, m, "events", ecol, 9, take_event, &arg, 1, e) < 0 ? -1 : 0;
done:
	names_clear(&l->ids);
	names_clear(&l->gone);
	free(l->v);
	return result;
}

/* The step of an event in the hazard's workflow, or NULL. */
static const struct wf_step *step_of(const struct life *h, struct span id)
{
	int s = h->policy ? workflow_step(&h->policy->workflow, id.p, id.n) : -1;

	return s < 0 ? NULL : &h->policy->workflow.step[s];
}

/* Times go forward. */
static void order_event(struct lives *l, struct life *h, const struct span *f)
{
	const struct wf_step *s = step_of(h, f[E_STEP]);
	int64_t at = time_of(l, f[E_AT]), limit;
	bool book = s && (s->effect == WF_CORRECT || s->effect == WF_RETRACT || s->effect == WF_REPIN);
	char other[TIME_LEN + 1];

	if (at == TIME_NONE)
		return;
	limit = book || span_is(f[E_ACTOR], SWEEP) ? h->reported : h->last;
	if (limit != TIME_NONE && at < limit) {
		time_write(limit, l->c->office->reg->offset, other);
		FINDING(l, "at", "%.*s is before %s of %.*s (%s)", (int)f[E_AT].n, f[E_AT].p,
		    limit == h->reported ? "the report" :
		    "the last step", (int)f[E_HAZARD].n, f[E_HAZARD].p, other);
	} else if (!book && !span_is(f[E_ACTOR], SWEEP)) {
		h->last = at;
	}
	if (s && s->effect == WF_CORRECT && span_is(f[E_FIELD], "reported_at") && time_of(l, f[E_VALUE]) != TIME_NONE) {
		if (h->last == h->reported)
			h->last = time_of(l, f[E_VALUE]);
		h->reported = time_of(l, f[E_VALUE]);
	}
}

int check_order(struct check_run *c, struct err *e)
{
	struct lives l = { .c = c, .event = order_event, .order = true };

	return lives_run(&l, e);
}

/* The workflow the hazard goes by from here. */
static void repin(struct lives *l, struct life *h, const struct span *f)
{
	const char *state = h->policy->workflow.state[h->state].id;
	struct span digest = f[f[E_VALUE].n ? E_VALUE : E_KEY];
	const struct policy *p = check_policy(l->policies, digest);
	int now;

	if (!p)
		return;
	now = workflow_state(&p->workflow, state);
	h->policy = p;
	h->lost = now < 0;
	h->state = now < 0 ? 0 : now;
	if (now < 0)
		FINDING(l, "value", "the policy %.*s has no state %s, in which %.*s is", (int)digest.n, digest.p, state,
		    (int)f[E_HAZARD].n, f[E_HAZARD].p);
}

/* The step is allowed from the state, and leads to the next. */
static void replay_event(struct lives *l, struct life *h, const struct span *f)
{
	const struct wf_step *s = step_of(h, f[E_STEP]);
	const struct workflow *w;

	if (h->lost)
		return;
	w = &h->policy->workflow;
	if (!s) {
		FINDING(l, "step", "%.*s is no step of the workflow of %.*s", (int)f[E_STEP].n, f[E_STEP].p,
		    (int)f[E_HAZARD].n, f[E_HAZARD].p);
		h->lost = true;
		return;
	}
	if (s->effect == WF_REPIN) {
		repin(l, h, f);
		return;
	}
	/* what the sweep did stays as history even when a late entry takes its ground away */
	if (!(s->from >> h->state & 1) && !span_is(f[E_ACTOR], SWEEP)) {
		FINDING(l, "step", "%s may not be taken from %s, in which %.*s is", s->id,
		    w->state[h->state].id, (int)f[E_HAZARD].n, f[E_HAZARD].p);
		h->lost = true;
		return;
	}
	h->state = workflow_next(w, h->state, (int)(s - w->step), span_is(f[E_RESULT], "fail"));
}

int check_replay(struct check_run *c, struct err *e)
{
	struct lives l = { .c = c, .event = replay_event };

	return lives_run(&l, e);
}

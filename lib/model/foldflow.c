/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "model/foldint.h"
#include "model/marks.h"
#include "model/trail.h"

/* The fold's number of a state of w. */
static uint8_t state_number(struct fold *f, const struct workflow *w, int state)
{
	return state < 0 ? FLOW_STAYS : (uint8_t)names_add(&f->states, span_of(w->state[state].id));
}

static bool closes(const struct workflow *w, int state)
{
	return state >= 0 && w->state[state].phase == PHASE_CLOSED;
}

struct fold_flow *flow_for(struct fold *f, const struct workflow *w)
{
	struct fold_flow *r;

	for (size_t i = 0; i < f->nflows; i++)
		if (f->flow[i]->w == w)
			return f->flow[i];
	r = mem_zalloc(1, sizeof *r);
	r->w = w;
	memset(r->state, 0xff, sizeof r->state);
	for (size_t i = 0; i < w->nstates; i++) {
		uint8_t n = state_number(f, w, (int)i);

		r->phase[n] = (uint8_t)w->state[i].phase;
		r->state[n] = (int16_t)i;
	}
	r->start = state_number(f, w, w->start);
	for (size_t i = 0; i < w->nsteps && i < 64; i++) {
		const struct wf_step *s = &w->step[i];
		uint32_t at = flow_spot(s->id, strlen(s->id));

		r->step[i] = (struct flow_step){ .id = s->id, .n = (uint8_t)strlen(s->id), .to = state_number(f, w, s->to),
			.to_fail = state_number(f, w, s->to_fail), .fails = s->to_fail != -2, .effect = (uint8_t)s->effect,
			.closes = closes(w, s->to) || closes(w, s->to_fail),
			.mark = f->marks != NULL ? marks_step(f->marks, span_of(s->id)) + 1 : 0,
			.trail = f->trail != NULL ? trail_number(f->trail, span_of(s->id)) + 1 : 0 };
		while (r->at[at] != 0)
			at = (at + 1) % FLOW_SLOTS;
		r->at[at] = (uint8_t)(i + 1);
	}
	MEM_GROW(f->flow, f->flows_cap, f->nflows + 1);
	f->flow[f->nflows++] = r;
	return r;
}

bool flow_same(const struct workflow *a, const struct workflow *b)
{
	if (a->nstates != b->nstates || a->nsteps != b->nsteps || a->start != b->start)
		return false;
	for (size_t i = 0; i < a->nstates; i++)
		if (strcmp(a->state[i].id, b->state[i].id) != 0 || a->state[i].phase != b->state[i].phase)
			return false;
	for (size_t i = 0; i < a->nsteps; i++)
		if (strcmp(a->step[i].id, b->step[i].id) != 0 || a->step[i].to != b->step[i].to || a->step[i].to_fail != b->step[i].to_fail
		    || a->step[i].effect != b->step[i].effect)
			return false;
	return true;
}

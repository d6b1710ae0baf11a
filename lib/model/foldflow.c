/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "model/foldint.h"

/* Where a step's name is looked for first: its length and three of its bytes. */
static inline uint32_t spot(const char *p, size_t n)
{
	uint32_t v = (uint32_t)(unsigned char)p[0] << 16 | (uint32_t)(unsigned char)p[n / 2] << 8 | (unsigned char)p[n - 1];

	return ((v + (uint32_t)n * 0x01000193u) * 0x9e3779b1u) >> 24;
}

const struct flow_step *flow_step(const struct fold_flow *w, struct span name)
{
	if (name.n == 0)
		return NULL;
	for (uint32_t i = spot(name.p, name.n);; i = (i + 1) % FLOW_SLOTS) {
		const struct flow_step *s = &w->step[(w->at[i] - 1) & 63];

		if (w->at[i] == 0)
			return NULL;
		if (s->n == name.n && bytes_eq(s->id, name.p, name.n))
			return s;
	}
}

/* The fold's number of a state of w. */
static uint8_t state_number(struct fold *f, const struct workflow *w, int state)
{
	return state < 0 ? FLOW_STAYS : (uint8_t)names_add(&f->states, span_of(w->state[state].id));
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
		uint32_t at = spot(s->id, strlen(s->id));

		r->step[i] = (struct flow_step){ s->id, (uint8_t)strlen(s->id), state_number(f, w, s->to),
			state_number(f, w, s->to_fail), s->to_fail != -2, (uint8_t)s->effect };
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

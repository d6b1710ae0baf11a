/* SPDX-License-Identifier: MIT */
#include "model/trail.h"

#include <stdlib.h>

#include "base/time.h"

struct trail *trail_new(unsigned asks)
{
	struct trail *t = mem_zalloc(1, sizeof *t);

	t->asks = asks;
	return t;
}

void trail_free(struct trail *t)
{
	if (t == NULL)
		return;
	names_clear(&t->steps);
	free(t->v);
	free(t->last);
	free(t->duty);
	free(t);
}

void trail_ask(struct trail *t, struct span step)
{
	names_add(&t->steps, step);
}

int trail_ask_limits(struct trail *t, struct office *o, struct err *e)
{
	size_t n;

	if (office_policies(o, &n, e) < 0)
		return -1;
	t->asks |= TRAIL_PHASES;
	for (size_t i = 0; i < n; i++) {
		const struct rules *all = &office_version(o, i)->rules;

		for (size_t k = 0; k < all->all; k++)
			for (size_t l = 0; l < all->v[k].nlimits; l++) {
				trail_ask(t, span_of(all->v[k].limit[l].from));	/* report and due are no steps, and never met */
				trail_ask(t, span_of(all->v[k].limit[l].until));
			}
	}
	return 0;
}

/* The number of a slot, made when it is missing. */
static uint32_t *at_slot(uint32_t **v, size_t *n, uint32_t slot)
{
	size_t old = *n;

	if (slot >= old) {
		*v = mem_grow(*v, n, (size_t)slot + 1, sizeof **v);
		memset(*v + old, 0, (*n - old) * sizeof **v);
	}
	return &(*v)[slot];
}

void trail_add(struct trail *t, uint32_t slot, struct trail_step s)
{
	uint32_t *last = at_slot(&t->last, &t->nlast, slot);

	MEM_GROW(t->v, t->cap, t->n + 1);
	s.before = *last;
	t->v[t->n++] = s;
	*last = (uint32_t)t->n;
}

void trail_act_for(struct trail *t, uint32_t slot, uint32_t organ)
{
	if (organ != trail_duty(t, slot))
		*at_slot(&t->duty, &t->nduty, slot) = organ;
}

void trail_late(struct trail *t, uint32_t slot, int64_t at)
{
	for (uint32_t i = slot < t->nlast ? t->last[slot] : 0; i > 0; i = t->v[i - 1].before)
		if (t->v[i - 1].at > at)
			t->v[i - 1].what &= (uint8_t)~TRAIL_CLIMB;
}

void trail_drop(struct trail *t, uint32_t slot)
{
	if (slot < t->nlast)
		t->last[slot] = 0;
	if (slot < t->nduty)
		t->duty[slot] = 0;
}

uint32_t trail_count(const struct trail *t, uint32_t slot, unsigned what)
{
	uint32_t n = 0;

	for (const struct trail_step *s = trail_last(t, slot); s != NULL; s = trail_before(t, s))
		n += (s->what & what) != 0;
	return n;
}

int64_t trail_first(const struct trail *t, uint32_t slot, uint32_t step)
{
	int64_t at = TIME_NONE;

	for (const struct trail_step *s = trail_last(t, slot); s != NULL; s = trail_before(t, s)) {
		if (s->step == step + 1)
			at = s->at;
		if (s->what & TRAIL_REOPEN)
			break;
	}
	return at;
}

/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_TRAIL_H
#define GL_MODEL_TRAIL_H
#include "base/mem.h"
#include "model/office.h"
/*
 * What a report asks of the way a hazard went, beside where it stands: how often it changed hands, was sent back, raised
 * and climbed, for whom its owner acts, when it took some steps, when limits began and ended.  A fold keeps it only for who asks
 * (fold_trailed): 24 bytes for each step that was asked for, and four or eight a hazard.
 */
enum {				/* what is asked for, beside steps */
	TRAIL_COUNTS = 1,	/* hand-overs, returns, raises, climbs */
	TRAIL_DUTY = 2,		/* on whose behalf the owner acts */
	TRAIL_PHASES = 4	/* changes of phase: for limits */
};
enum {				/* what a step was */
	TRAIL_HANDOVER = 1,	/* a person named another owner than there was; none of the following */
	TRAIL_RETURN = 2,	/* 退回 */
	TRAIL_RAISE = 4,	/* a person moved it up: stated inability */
	TRAIL_CLIMB = 8,	/* the sweep moved it up, and no later entry took the ground away */
	TRAIL_REOPEN = 16	/* a new round begins with it */
};
struct trail_step {
	int64_t at;
	uint32_t before;		/* 1 + the one before it of the same hazard, 0 none */
	uint32_t organ;			/* the fold's number of who is to act on it: owner it names, else called in, else owner */
	uint32_t owner;			/* that of the owner before it */
	uint16_t step;			/* 1 + number in steps, 0 one that was not asked for */
	uint8_t what;
	uint8_t phases;			/* before << 4 | behind it */
};
struct trail {
	unsigned asks;
	struct names steps;		/* asked for */
	struct trail_step *v;
	size_t n, cap;
	uint32_t *last;			/* by slot: 1 + the last one */
	size_t nlast;
	uint32_t *duty;			/* by slot: the fold's number of the organ for which the owner acts */
	size_t nduty;
};
struct trail *trail_new(unsigned asks);
void trail_free(struct trail *t);
void trail_ask(struct trail *t, struct span step);	/* when it was taken */
int trail_ask_limits(struct trail *t, struct office *o, struct err *e);	/* all that limits of any policy version look at */
/* The number of a step, NAMES_NONE when it was not asked for. */
static inline uint32_t trail_number(const struct trail *t, struct span step) { return names_find(&t->steps, step); }

/* By the fold: a step more; a person's step at that time took the ground from later climbs; nothing counts any more. */
void trail_add(struct trail *t, uint32_t slot, struct trail_step s);
void trail_act_for(struct trail *t, uint32_t slot, uint32_t organ);
void trail_late(struct trail *t, uint32_t slot, int64_t at);
void trail_drop(struct trail *t, uint32_t slot);

/* The last step of a slot (UINT32_MAX: of a hazard without events), NULL none; the one before one. */
static inline const struct trail_step *trail_last(const struct trail *t, uint32_t slot)
{
	return slot < t->nlast && t->last[slot] > 0 ? &t->v[t->last[slot] - 1] : NULL;
}
static inline const struct trail_step *trail_before(const struct trail *t, const struct trail_step *s)
{
	return s->before > 0 ? &t->v[s->before - 1] : NULL;
}
/* How many steps of a slot were that (one of TRAIL_HANDOVER …), over all rounds. */
uint32_t trail_count(const struct trail *t, uint32_t slot, unsigned what);
/* When a step was first taken in the current round, TIME_NONE never. */
int64_t trail_first(const struct trail *t, uint32_t slot, uint32_t step);
/* The fold's number of the organ for which the owner acts, 0 none said. */
static inline uint32_t trail_duty(const struct trail *t, uint32_t slot) { return slot < t->nduty ? t->duty[slot] : 0; }

#endif

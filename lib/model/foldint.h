/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_FOLDINT_H
#define GL_MODEL_FOLDINT_H
#include "base/mem.h"
#include "model/hazard.h"
/*
 * What the files of the fold share (fold, foldslot, foldflow, apply, derive,
 * list), and stepknown, which folds hazards one by one; nobody else includes this.
 */
enum ev {			/* the columns of an event that the fold reads, in this order */
	EV_AT, EV_HAZARD, EV_STEP, EV_RESULT, EV_ACTOR, EV_TIER, EV_OWNER, EV_PERSON, EV_DUE, EV_SEVERITY, EV_CATEGORY, EV_KEY,
	EV_FIELD, EV_VALUE, EV_REASON, EV_EVENT, EV_N
};
#define FLOW_STAYS 0xff
#define FLOW_SLOTS 256

/* A workflow made ready: step names by a small table, states as the fold's numbers. */
struct flow_step {
	const char *id;
	uint8_t n, to, to_fail;		/* fold states, FLOW_STAYS */
	bool fails;			/* takes a result */
	uint8_t effect;
};
struct fold_flow {
	const struct workflow *w;
	uint8_t start;
	uint8_t phase[256];		/* by fold state */
	int16_t state[256];		/* fold state -> state of w, -1 none */
	struct flow_step step[64];
	uint8_t at[FLOW_SLOTS];		/* 1 + step */
};
struct fold_flow *flow_for(struct fold *f, const struct workflow *w);
const struct flow_step *flow_step(const struct fold_flow *w, struct span name);
bool flow_same(const struct workflow *a, const struct workflow *b);

/* (office, year): pages by number / FOLD_PAGE. */
struct fold_year {
	char prefix[SCHEMA_ID_MAX];
	size_t n;			/* length of "T01-H2026-" */
	uint32_t *page;			/* 1 + page, 0 none */
	size_t cap;
};
struct fold_years {
	struct fold_year *v;
	size_t n, cap;
};
uint32_t slot_find(const struct fold *f, size_t *year, struct span id);	/* *year: where to look first */
uint32_t slot_make(struct fold *f, size_t *year, struct span id);	/* UINT32_MAX: not an id */
uint32_t slot_next(struct fold *f);		/* by hand: page space for one more */
struct hazard_side *side_get(struct fold *f, uint32_t slot);	/* made when there is none */
void side_reset(struct fold *f, uint32_t slot);
void sides_free(struct fold_sides *s);

/* s: flow_step of v[EV_STEP] */
void event_apply(struct fold *f, uint32_t slot, const struct fold_flow *w, const struct flow_step *s, const struct span *v, int64_t at);

static inline uint32_t slot_time(int64_t t)
{
	int64_t v = t - HAZARD_EPOCH;

	return v < 1 ? 1 : v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}
static inline int64_t time_slot(uint32_t v)
{
	return v == 0 ? INT64_MIN : (int64_t)v + HAZARD_EPOCH;
}
#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_MARKS_H
#define GL_MODEL_MARKS_H
#include "base/mem.h"
#include "model/office.h"
/*
 * When the steps that limits name were last taken on each open hazard, and how
 * often it changed hands: what a sweep asks beside the slots.  Kept while a hazard is open, so memory grows with
 * the open ones.  Steps are numbered over all policy versions of the office.
 */
struct marks {
	struct names steps;		/* named by limits, of any version */
	bool handovers;			/* does any rule count them? */
	uint32_t *table;		/* by hash of the slot: 1 + number of the entry; 0 none */
	uint32_t mask, n;
	char *entry;
	size_t cap;			/* entries there is room for */
	uint32_t used, freed;		/* entries so far; 1 + the first free one */
};
struct mark {
	int64_t at;
	uint32_t order;			/* of the hazard's marks; 0: never taken */
};
struct marks_of {			/* one hazard's */
	uint32_t slot;			/* of a free entry: 1 + the next free one */
	uint32_t order;
	uint32_t handovers;		/* changes of owner and returns, of this round */
	int64_t handed;			/* the last of them */
	struct mark step[];		/* by number of the step */
};
/* What the policies of an office ask for: every version is looked at.  NULL: nothing.  -1 with e. */
int marks_new(struct office *o, struct marks **out, struct err *e);
void marks_free(struct marks *m);
/* The number of a step, NAMES_NONE when no limit names it. */
static inline uint32_t marks_step(const struct marks *m, struct span step) { return names_find(&m->steps, step); }
void marks_take(struct marks *m, uint32_t slot, uint32_t step, int64_t at);
void marks_hand(struct marks *m, uint32_t slot, int64_t at);
void marks_drop(struct marks *m, uint32_t slot);	/* it is open no more */
const struct marks_of *marks_get(const struct marks *m, uint32_t slot);	/* NULL: nothing was marked; valid until the next change */

#endif

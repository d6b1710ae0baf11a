/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_MARKS_H
#define GL_MODEL_MARKS_H
#include "base/mem.h"
#include "model/office.h"
/*
 * When the steps that limits name were last taken on each open hazard, and how
 * often it changed hands: what a sweep asks beside the slots.  Kept while a hazard is open or a limit may run on after
 * its end; so memory grows with those.  Which step ended it costs a byte a hazard, and only where a
 * limit begins with such a step.  Steps are numbered over all policy versions of the office.
 */
struct marks {
	struct names steps;		/* named by limits, of any version */
	bool handovers;			/* does any rule count them? */
	struct marks_pair {		/* limits that a step begins */
		uint32_t from, until;	/* the steps that begin and end it */
		bool lives;		/* that one can be taken when the hazard has ended */
	} *pair;
	size_t npairs, pairs_cap;
	uint8_t *ended;			/* by slot: 1 + the step that closed it and began a limit, nothing after it taken; 0 none */
	size_t nended;
	struct marks_of *look;		/* what marks_look made */
	struct marks_place {		/* by hash of the slot */
		uint32_t slot;
		uint32_t entry;		/* 1 + its number; 0 none */
	} *table;
	uint32_t mask, n;
	char *entry;
	size_t cap;			/* entries there is room for */
	uint32_t used, freed;		/* entries so far; 1 + the first free one */
};
struct mark {
	int64_t at;
	uint32_t order;			/* of the hazard's marks; 0: never taken */
	uint32_t organ;			/* the fold's number of who is to act on it: the owner it named or called in, else the one there was */
};
struct marks_of {			/* one hazard's */
	uint32_t slot;			/* of a free entry: 1 + the next free one */
	uint32_t order;
	uint32_t handovers;		/* changes of owner and returns, of this round */
	uint32_t ended;			/* order when it ended, 0 it did not or nothing was marked before */
	int64_t handed;			/* the last of them */
	struct mark step[];		/* by number of the step */
};
/* What the policies of an office ask for: every version is looked at.  NULL: nothing.  -1 with e. */
int marks_new(struct office *o, struct marks **out, struct err *e);
/* The same for the limits of one rule. */
struct marks *marks_of_rule(const struct rule *r, const struct workflow *w);
void marks_free(struct marks *m);
/* The number of a step, NAMES_NONE when no limit names it. */
static inline uint32_t marks_step(const struct marks *m, struct span step) { return names_find(&m->steps, step); }
void marks_take(struct marks *m, uint32_t slot, uint32_t step, int64_t at, uint32_t organ);
/* A step on its way: step NAMES_NONE: no limit names it.  kept, closed, owner: see marks_end and marks_after. */
struct marks_event {
	int64_t at, closed;
	uint32_t step, organ, owner;
	bool over, ends;		/* had the hazard ended before it; has it then? */
	bool reopens, kept;
};
void marks_event(struct marks *m, uint32_t slot, const struct marks_event *ev);
void marks_hand(struct marks *m, uint32_t slot, int64_t at);
void marks_drop(struct marks *m, uint32_t slot);	/* nothing of it counts any more */
/* Has the limit from one step until another begun, and neither been kept nor lapsed with the end? */
bool marks_runs(const struct marks *m, const struct marks_of *x, uint32_t from, uint32_t until);
/* It ended: what ran lapses, unless its step can still be taken; the step that ended it (NAMES_NONE: no limit names it) may begin a limit.  kept: the fold
 * keeps when that was and whose it was, and tells marks_after and marks_look (closed, owner). */
void marks_end(struct marks *m, uint32_t slot, uint32_t step, int64_t at, uint32_t organ, bool kept);
/* A step after the end, which may begin a limit or end one. */
void marks_after(struct marks *m, uint32_t slot, uint32_t step, int64_t at, uint32_t organ, int64_t closed, uint32_t owner);
const struct marks_of *marks_get(const struct marks *m, uint32_t slot);	/* NULL: nothing was marked; valid until the next change */
/* The same of a hazard that may have ended; valid until the next one is asked for, by one thread. */
const struct marks_of *marks_look(struct marks *m, uint32_t slot, int64_t closed, uint32_t owner);
/* May a limit of it run, though it has ended? */
static inline bool marks_live_on(const struct marks *m, uint32_t slot)
{
	return (slot < m->nended && m->ended[slot] > 0) || marks_get(m, slot) != NULL;
}

#endif

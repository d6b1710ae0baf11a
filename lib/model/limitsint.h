/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_LIMITSINT_H
#define GL_MODEL_LIMITSINT_H
#include "model/limits.h"
/*
 * The steps of one hazard going by its limits, for --explain (limits) and for reports (limitruns); nobody else includes this.
 */
struct limit_step {		/* a step that was taken */
	struct span step, actor;
	int64_t at;
	uint32_t owner;		/* number of the owner before it */
};
struct following {
	const struct hazard *h;		/* as it stands in the end */
	struct limits *out;		/* n stands with their limits */
	struct limit_record record;	/* as of the step */
	/* Or NULL: what a limit came to that begins anew, with a step at a time or with a round; -1 with e to stop. */
	int (*gone)(struct following *x, const struct limit_stand *s);
	struct err *e;
};
/* A round begins: nothing was taken yet in it. */
int following_round(struct following *x, int64_t round_from);
/* A step was taken; then: the hazard behind it, as limit_runs and limit_hours look at it.  The spans of the step are kept. */
int following_step(struct following *x, const struct hazard *then, const struct limit_step *step);
/* The holds that came before it was met or lapsed, cut off there, into room for n; how many. */
size_t limit_holds(const struct limit_stand *s, const struct clock_hold *hold, size_t n, struct clock_hold *room);
/* Whose working time a stand counts that began with the report or the due date; side of the hazard, or NULL. */
int following_hours(struct following *x, struct limit_stand *s, const struct hazard_side *side);

#endif

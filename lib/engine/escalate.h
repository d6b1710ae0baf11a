/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_ESCALATE_H
#define GL_ENGINE_ESCALATE_H
#include "base/diag.h"
#include "model/limits.h"
#include "model/worktime.h"
/*
 * What has fallen due (DESIGN.md 4, 5): rungs, limits that were missed, too
 * many hand-overs.  Pure: a hazard, what the record says of it, the tree and
 * now; out come acts.  Each falls once for each start (the due date, the step that began the limit) and occurrence: its key,
 * kept in events.key, says so, and an act whose key is known is not made
 * again.  A hazard rises at most one tier in one call; while it is on its way to a higher one (a far target, or a later rung
 * that has fallen too) its acts pass: they are recorded, and no paper goes out before the one of the tier where it lands,
 * which is for who owned the hazard before it began to rise.  A limit beside the due date counts the working time of the organ that is to
 * keep it: from a step, who owned the hazard by it or was called in (assist); from the due date, who owned it then; from the
 * report, everybody's.
 */
struct escalate_act {
	uint32_t hazard;		/* the caller's number of the hazard */
	enum rung_do act;
	const struct rule *rule;
	const struct rung *rung;
	const struct limit *limit;	/* the one that was missed; NULL: a rung, or hand-overs */
	char key[160];			/* [rN/]RULE/[+]RUNG|LIMIT|handovers/START/OCCURRENCE[~TIER][@TO] */
	int64_t fell;			/* when this occurrence fell due */
	unsigned missed;		/* occurrences before it that no sweep saw (an outage): one notice says so */
	int tier;			/* level after the act, -1 as it is */
	bool passes;			/* it goes on from there by the next sweep: no paper yet */
	struct span owner;		/* organ that owns it after the act; empty: as it is */
	struct span was;		/* owner before it began to rise; empty: nobody, or it does not rise */
	struct span receiver;		/* of the notice; empty: nobody found */
	struct span issuer;
};
struct escalate_acts {
	struct escalate_act *v;
	size_t n, cap;
};
struct escalate_at {
	const struct grid_tree *tree;
	struct master *organs;
	int64_t now;
	int offset;
	const struct marks *marks;	/* NULL: no limits are looked at */
	const struct names *owners;	/* organs by the numbers in past and marks; NULL: nobody rose or was marked before */
	bool quiet;			/* outside the sending hours: reminders and papers wait, unless their rung says send: any */
};
struct escalate_past {			/* what the record says of the hazard */
	const struct hazard_key *key;	/* hashes (mem_hash of events.key, seed 0) of the sweep's earlier rows */
	size_t nkeys;
	const struct clock_hold *hold;
	size_t nholds;
	const struct marks_of *marked;	/* NULL: nothing was */
	const struct hazard_tier *rose;	/* its changes of tier, in order */
	size_t nrose;
	const struct hazard_owned *owned;	/* its changes of owner, where organs keep hours of their own */
	size_t nowned;
	int64_t noted;			/* when a receiver of its papers last took note; TIME_NONE: none did */
};
/*
 * Add the acts of one hazard.  h must be derived as of at->now.  Rungs and hand-overs count while it is open, limits
 * whenever the step that begins them was taken and the one that ends them was not; a hazard that is held gives none.
 */
int escalate_hazard(const struct escalate_at *at, const struct hazard *h, uint32_t number, const struct escalate_past *past,
    struct escalate_acts *out, struct err *e);
void escalate_clear(struct escalate_acts *a);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_ESCALATE_H
#define GL_ENGINE_ESCALATE_H
#include "base/diag.h"
#include "model/hazard.h"
/*
 * Which rungs have fallen due (DESIGN.md 4, 5).  Pure: a hazard, what the
 * sweeps did to it before, the tree and now; out come acts.  Each rung falls
 * once for each due date and occurrence: its key,
 * kept in events.key, says so, and an act whose key is known is not made
 * again.  A hazard rises at most one tier in one call.
 */
struct escalate_act {
	uint32_t hazard;		/* the caller's number of the hazard */
	enum rung_do act;
	const struct rule *rule;
	const struct rung *rung;
	char key[128];			/* [rN/]RULE/RUNG/DUE/OCCURRENCE[~TIER][@TO] */
	int64_t fell;			/* when this occurrence fell due */
	unsigned missed;		/* occurrences before it that no sweep saw (an outage): one notice says so */
	int tier;			/* level after the act, -1 as it is */
	struct span owner;		/* organ that owns it after the act; empty: as it is */
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
};
/*
 * Add the acts of one open hazard.  h must be derived as of at->now; keys are the hashes (mem_hash of
 * events.key, seed 0) of the sweep's earlier rows for it.  A hazard that is not open, is held, or has no due
 * date gives none.
 */
int escalate_hazard(const struct escalate_at *at, const struct hazard *h, uint32_t number, const struct hazard_key *keys,
    size_t nkeys, struct escalate_acts *out, struct err *e);
void escalate_clear(struct escalate_acts *a);

#endif

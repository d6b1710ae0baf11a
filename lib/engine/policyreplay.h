/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_POLICYREPLAY_H
#define GL_ENGINE_POLICYREPLAY_H
#include "model/hazard.h"
/*
 * What would be if every hazard were repinned to another policy now: the record as it is, derived once by the policy each
 * hazard is pinned to and once by the other one.  Nothing is written.
 */
enum policyreplay_field { REPLAY_STATE, REPLAY_RULE, REPLAY_DUE, REPLAY_OVERDUE, REPLAY_NEXT, REPLAY_FIELDS };
extern const char *const policyreplay_name[REPLAY_FIELDS];	/* "state" "rule" "due" "overdue" "next_rung" */

struct policyreplay {
	struct policy *next;
	int64_t now;
	bool all;			/* hazards that are over too, else only those of phase open and done */
	/* one difference: hazard, field, was, would be.  A state that the new workflow lacks would be empty */
	void (*row)(void *arg, const struct span v[4]);
	void (*progress)(void *arg, uint64_t done);	/* or NULL */
	void *arg;
	size_t hazards, changed, fields[REPLAY_FIELDS];	/* looked at; with any difference; differences by field */
};
/* 0, -1 e. */
int policyreplay_run(struct policyreplay *r, struct office *o, struct err *e);

#endif

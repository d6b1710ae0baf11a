/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTICEKIND_H
#define GL_ENGINE_NOTICEKIND_H
#include "model/office.h"
/*
 * The rules that a recorded paper goes by: those of its kind in the policy in force and, when that has the kind no more, those
 * it was issued under: of the last version of the policy up to its commit that has the kind.  So a kind that is dropped
 * takes no unsent paper with it.  Zero-initialised but for the office is ready for use.
 */
struct notice_kinds {
	struct office *office;
	struct notice_version { uint64_t seq; const struct policy *policy; } *v;	/* in order of the journal, from their first commit on */
	size_t n, cap;
	bool loaded;
};
struct notice_rules {
	const struct policy *policy;		/* whose channels and roles the kind's numbers are of */
	const struct notice_kind *kind;		/* NULL: no version has it */
};
/* commit: of the paper's row.  -1 with e. */
int notice_rules_of(struct notice_kinds *k, struct span kind, uint64_t commit, struct notice_rules *out, struct err *e);
void notice_kinds_clear(struct notice_kinds *k);
/* The role that must sign, as the policy in force numbers it; -1: none must, or (*gone) it has that role no more. */
int notice_rules_role(const struct office *o, const struct notice_rules *r, bool *gone);
/* A channel as it is run today: of that name in the policy in force, else as the rules have it. */
const struct notice_channel *notice_rules_channel(const struct office *o, const struct notice_rules *r, int channel);

#endif

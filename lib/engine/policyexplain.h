/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_POLICYEXPLAIN_H
#define GL_ENGINE_POLICYEXPLAIN_H
#include "policy/policy.h"
/*
 * Rules in words: which one is taken for some facts, and why not those before it; what it says.
 */
/*
 * The facts of a hazard, by rule field: ids or names as people write them; empty where unknown.  Values become ids with
 * the policy's vocabularies.  -1 with e (ERR_USAGE) for a word that the policy does not have.
 */
int policyexplain_fact(
    const struct policy *p, enum rule_field field, struct span said, struct rule_facts *f, struct err *e);
/* Rule by rule up to the one that is taken: the condition that failed; then that rule in words.  file: escalation.yaml as
 * shown. */
int policyexplain(
    const struct policy *p, const char *file, const struct rule_facts *f, struct buf *out, struct err *e);
/* A rule in words, each line behind `indent`: due time, limits, rungs, what closing out needs. */
void policyexplain_rule(const struct policy *p, const struct rule *r, const char *indent, struct buf *out);
/* What a rung does: `escalate to parent, notice supervision (督办函), again after 1d, 2d and then every 7d`. */
void policyexplain_act(const struct policy *p, const struct rung *g, struct buf *out);

#endif

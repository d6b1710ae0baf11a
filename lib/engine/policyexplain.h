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
 * shown.  Behind it what overlays make of that rule, for hazards that their organs lead. */
int policyexplain(
    const struct policy *p, const char *file, const struct rule_facts *f, struct buf *out, struct err *e);
/* What an entry of an overlay makes of a rule of escalation.yaml, in words, on one line: nothing when it changes nothing. */
void policyexplain_entry(const struct policy *p, const struct overlay_entry *x, const struct rule *base, struct buf *out);
/* What an overlay made of a rule: `WHEREpolicy.d/GAS.yaml:6: due 12h instead of 24h`, a line for each entry; nothing for a
 * rule of escalation.yaml. */
void policyexplain_overlay(const struct policy *p, const struct rule *r, const char *where, struct buf *out);
/* A rule in words, each line behind `indent`: due time, limits, rungs, what closing out needs. */
void policyexplain_rule(const struct policy *p, const struct rule *r, const char *indent, struct buf *out);
/* When a rung falls: `with 50% of the time left`, `2d after due`. */
void policyexplain_when(const struct rung_at *at, struct buf *out);
/* What a rung does: `escalate to parent, notice supervision (督办函), again after 1d, 2d and then every 7d`. */
void policyexplain_act(const struct policy *p, const struct rung *g, struct buf *out);

#endif

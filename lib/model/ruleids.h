/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_RULEIDS_H
#define GL_MODEL_RULEIDS_H
#include "model/office.h"
/*
 * Rules and limits that options name, as a comma list of ids.  Every version of the policy is looked at.  -1 with e, ERR_USAGE for
 * one that there is not, with the nearest one and all there are.
 */
/* --scope: rules with a scope. */
int ruleids_pilots(struct office *o, const char *list, struct names *out, struct err *e);
/* --limits: limits of rules; out stays empty for "all". */
int ruleids_limits(struct office *o, const char *list, struct names *out, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_POLICYDOT_H
#define GL_ENGINE_POLICYDOT_H
#include "policy/policy.h"
/*
 * A policy as a drawing for graphviz (dot -Tsvg).
 */
/* The workflow: states by phase, an edge for each step that leads on, with who may take it; the steps that change no
 * state stand in a note.  ids: labels are ids instead of the place's own words. */
void policydot_workflow(const struct policy *p, bool ids, struct buf *out);
/* The rules: for each the limits and the rungs as a ladder, and what overlays make of it. */
void policydot_rules(const struct policy *p, bool ids, struct buf *out);

#endif

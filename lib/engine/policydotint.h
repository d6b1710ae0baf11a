/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_POLICYDOTINT_H
#define GL_ENGINE_POLICYDOTINT_H
#include "engine/policydot.h"
/*
 * What policydot and policydotover share; nobody else includes this.
 */
/* Text inside a quoted DOT string; \n of the source is a line break there. */
void policydot_text(struct buf *out, const char *s);
/* What a rung does, in the place's words or in ids. */
void policydot_act(struct buf *out, const struct policy *p, const struct rung *g, bool ids);
/* What overlays make of rule i: a box beside that of the rule, whose id is i, for each entry that is about it. */
void policydot_overlays(struct buf *out, const struct policy *p, size_t i, bool ids);

#endif

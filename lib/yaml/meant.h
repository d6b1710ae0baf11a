/* SPDX-License-Identifier: MIT */
#ifndef GL_YAML_MEANT_H
#define GL_YAML_MEANT_H
#include <stdbool.h>
#include "base/buf.h"
#include "yaml/tree.h"
/*
 * What a clerk meant by a scalar that a schema does not take: full-width characters, Chinese quotes, a quoted number, NO,
 * 24 H, 3 days, 3天, 2026/1/5, grid_patrol.  Guesses are only offered when the schema takes them; used by yaml/schema.
 */
/*
 * Puts `; did you mean "24h"?` or `; write it without quotes` for the first guess that fits takes; arg is handed on to it.
 * False, with nothing put, when there is none.
 */
bool meant_put(struct buf *out, const struct yaml_node *n, bool (*fits)(void *arg, const struct yaml_node *guess),
	       void *arg);
/*
 * The first character of s that an input method gives in place of one of YAML's (： ， ［ “ …): its offset, and both;
 * s.n when there is none.
 */
size_t meant_wide(struct span s, const char **wide, const char **ascii);
/* Puts `; the "，" is full-width, YAML wants ","` for it; false when there is none. */
bool meant_put_wide(struct buf *out, struct span s);

#endif

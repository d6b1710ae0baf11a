/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_IDLINES_H
#define GL_MODEL_IDLINES_H
#include <stddef.h>
#include "base/buf.h"
/*
 * Ids one a line, which a pipe may give where rows of CSV are read too.
 */
/* Is the first line that is not empty an id? */
bool idlines(struct span bytes);
/* The next line that is not empty, without blanks and CR around it, off the front of rest; *line its number, from 0 before
 * the first.  False when there is none. */
bool idlines_next(struct span *rest, struct span *id, size_t *line);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_ROWSPAN_H
#define GL_ENGINE_ROWSPAN_H
#include "register/register.h"
/*
 * The rows in a range of bytes of one ledger file: those of one commit (the
 * spans of its journal line), or those that another hand added.
 */
/* v: one value per column of the schema; number: 1 for the first row of the range.  Non-zero stops. */
typedef int rowspan_fn(void *arg, size_t number, const struct span *v);
/* from stands at the start of a record; first_line is its line for messages (rowspan_line finds it, 0 when nobody
 * needs it).  0, fn's value, or -1 with e (ERR_DATA for a malformed row). */
int rowspan_read(struct reg *r, const struct table *t, const char *file, off_t from, off_t to, size_t first_line,
    rowspan_fn *fn, void *arg, struct err *e);
/* The line number of the record at `from`, the header being line 1. */
int rowspan_line(struct reg *r, const char *file, off_t from, size_t *line, struct err *e);
/* "hazards.2.csv" to its table; NULL for a name that is no ledger's. */
const struct table *rowspan_table(const char *file);

#endif

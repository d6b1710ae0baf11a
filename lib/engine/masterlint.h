/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_MASTERLINT_H
#define GL_ENGINE_MASTERLINT_H
#include "engine/tablerows.h"
/*
 * What holds between the rows of a master table and around it.  One set of
 * rules for gridctl put, set and check.
 */
/*
 * Unique columns are unique, validity runs forwards and does not overlap within a key, references of the table to
 * itself exist, and the grids are a tree.  Complaints to d as file:line: column, the line from rows.
 */
int masterlint_rows(struct office *o, const struct tablerows *rows, const char *file, struct diag *d, struct err *e);
/* Values of rows already committed: schema, words of policy p, references to other masters of the office. */
int masterlint_values(struct office *o, const struct policy *p, const struct tablerows *rows, const char *file,
    struct diag *d, struct err *e);
/* Only the words: for a new policy over the masters there are. */
void masterlint_words(const struct policy *p, const struct tablerows *rows, const char *file, struct diag *d);
/*
 * Keys that are to go (from `was` but not in `now`): one complaint for each that records, or rows of other master tables,
 * use.  file is named in the complaint.
 */
int masterlint_dropped(struct office *o, const struct tablerows *was, const struct tablerows *now, const char *file,
    struct diag *d, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_GRID_H
#define GL_MODEL_GRID_H
#include "base/diag.h"
#include "policy/policy.h"
#include "register/master.h"
/*
 * The grid tree with validity: a key may have several rows over time; every
 * question names a day (DATE_NONE: the last row).
 */
struct grid_node {			/* first what is asked of each hazard's */
	int level;			/* index into policy levels */
	bool alone;			/* the only row of its key: the answer for every day */
	const struct grid_node *up;	/* the parent's row when it has one row only, else NULL: ask grid_parent */
	struct span parent;
	struct span id, name, kind;
	int32_t from, to;		/* inclusive, DATE_NONE open */
	size_t line;
	struct grid_node *next;		/* another row of the same key, later */
	uint32_t first_child, sibling;	/* numbers of keys, UINT32_MAX none */
};
struct grid_tree;
/*
 * Complaints (unknown level, orphan, cycle, child not below its parent's level, overlapping validity)
 * go to d with file:line: column; NULL when there were any and d is not NULL.  With d NULL (committed data) the
 * tree is built as it is.
 */
struct grid_tree *grid_tree_new(struct master *grids, const struct policy *p, const char *file, struct diag *d, struct err *e);
/* A tree of committed data without units yet; grid_tree_add puts in those that are asked about. */
struct grid_tree *grid_tree_few(void);
/* Put a unit and all above it in, with their rows of all days, where they are not there yet.  Then the questions about
 * it that look upwards have the same answers as in the whole tree; an unknown unit stays unknown.  0, -1 e. */
int grid_tree_add(struct grid_tree *t, struct master *grids, const struct policy *p, struct span id, struct err *e);
bool grid_tree_has(const struct grid_tree *t, struct span id);
void grid_tree_free(struct grid_tree *t);

const struct grid_node *grid_at(const struct grid_tree *t, struct span id, int32_t day);	/* NULL unknown */
const struct grid_node *grid_parent(const struct grid_tree *t, const struct grid_node *g, int32_t day);
/* The unit at a level that g lies in (itself when it is of that level); NULL when the tree skips it. */
const struct grid_node *grid_above(const struct grid_tree *t, const struct grid_node *g, int level, int32_t day);
bool grid_within(const struct grid_tree *t, const struct grid_node *g, struct span top, int32_t day);
size_t grid_count(const struct grid_tree *t);					/* keys */
const struct grid_node *grid_number(const struct grid_tree *t, uint32_t number);	/* its last row */

/* The organ that answers for a unit (organs.grid = the unit; kind government or committee before others), or empty. */
int grid_organ(struct master *organs, const struct grid_node *g, int32_t day, struct span *organ, struct err *e);
/* A duty's or rung's organ: an organ id as it stands; an organ kind: the nearest organ of that kind whose grid
 * is the unit or above it; else empty (nobody). */
int grid_duty(struct master *organs, const struct grid_tree *t, const struct grid_node *g, const char *lead, int32_t day,
    struct span *organ, struct err *e);

#endif

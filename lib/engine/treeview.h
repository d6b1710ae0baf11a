/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_TREEVIEW_H
#define GL_ENGINE_TREEVIEW_H
#include "base/diag.h"
#include "model/grid.h"
/*
 * The grids valid on a day in the order of their tree, with counts per level
 * and the checks of sums that a clerk does by hand.
 */
struct treeview_row {
	const struct grid_node *g;
	unsigned depth;			/* 0: a top */
};
struct treeview {
	struct treeview_row *row;
	size_t n;
	size_t *level;			/* by level of the policy: how many below the tops */
	size_t below;			/* their sum */
	size_t lost;			/* valid on the day, but in no tree: an ended parent */
};
/* top: only that grid and what lies below it; empty: all.  Children stand in the order of the file. */
void treeview_new(struct treeview *v, const struct grid_tree *t, const struct policy *p, struct span top, int32_t day);
void treeview_clear(struct treeview *v);
/*
 * Warnings to d: grids whose parent is not valid (only without a top), and a grid whose households or population are
 * not the sum of those below it, where all of them give theirs.
 */
int treeview_sums(const struct treeview *v, struct master *grids, int32_t day, struct diag *d, struct err *e);
/* "7 township, 63 village, 705 basegrid: 775 grids": those below the tops. */
void treeview_counts(const struct treeview *v, const struct policy *p, struct buf *out);

#endif

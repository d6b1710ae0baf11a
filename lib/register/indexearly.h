/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_INDEXEARLY_H
#define GL_REGISTER_INDEXEARLY_H
#include "register/inside.h"
/*
 * The index of a large commit, made ready while its rows are written: a thread of its own reads them in memory.
 * Nothing is committed to the index before the commit stands.
 */
/* What a commit appends to a ledger. */
struct index_rows {
	const struct table *table;
	unsigned segment;
	off_t at;		/* where the rows will stand */
	struct span bytes;
};
/* A commit that brings rows and no versions. */
struct index_gain {
	const struct moment *was, *next;	/* before it, where the index must be, and after it */
	const struct index_rows *rows;
	size_t n;
	bool keyed;		/* it has a retry key */
};
struct index_early;
/* What g points to stays until index_early_end.  NULL: it is not worth a thread, or cannot be done now. */
struct index_early *index_early_start(struct reg *r, const struct index_gain *g);
/* The commit stands, or it does not; asked for once.  Does not wait.  NULL does nothing. */
void index_early_tell(struct index_early *x, bool stands);
/* Ends it: 0 the index is at `next`, 1 it is where it was (index_follow brings it there), -1 e.  NULL: 1. */
int index_early_end(struct index_early *x, struct err *e);
/* index_update after a commit that stands and whose rows are still in memory: they are not read again. */
int index_follow(struct reg *r, const struct index_gain *g, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_INDEXFILL_H
#define GL_REGISTER_INDEXFILL_H
#include "register/indexenv.h"
#include "register/indexsort.h"
/*
 * The making of an index in two steps, shared by indexrows.c (rows of the
 * ledgers into queues and sorters, by several threads) and indexfill.c (from
 * there into the tree, in its order); nobody else includes this.
 */
#define FILL_THREADS 2
#define PLACES 64u		/* in one value: more would make LMDB give it a page of its own */

enum { SORT_HAZARD, SORT_LIKE, SORT_REF, SORTS };	/* in the order of their kinds */

/* A key and the places it leads to, under construction. */
struct places {
	struct index_key key;
	uint64_t at[PLACES];
	size_t n;
};

/* One thread's share of the rows. */
struct part {
	struct fill *f;
	struct sorter sorter[SORTS];
	struct spool spool;
	struct places ids;	/* a run of ids */
	struct buf id_text, odd_text;	/* of the block under way, for the queues */
	struct err e;
};

struct fill {
	struct reg *r;
	struct index_env *env;
	MDB_txn *txn;
	MDB_cursor *cursor;	/* of txn: keys in their order go where the last one went */
	bool anew;		/* there was nothing: keys that come in order are appended, which leaves pages full */
	size_t puts;
	int rc;			/* of LMDB, the first that was not 0 */
	struct part part[FILL_THREADS];
	struct queue ids, odd;	/* odd: what is too long for a sorter */
	struct places hazard;	/* what the merge has of the hazard it is at */
	/* the ledger under way */
	const struct table *t;
	unsigned segment;
	bool is_hazards, has_hazard;
	/* masters */
	const int *cols;
	size_t ncols;
	off_t base;
	size_t line;
};

/* The rows of one ledger between two moments. */
int fill_ledger(struct fill *f, const struct moment *from, const struct moment *m, const struct moment_ledger *to, struct err *e);

#endif

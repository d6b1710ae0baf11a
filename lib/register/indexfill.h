/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_INDEXFILL_H
#define GL_REGISTER_INDEXFILL_H
#include "register/indexearly.h"
#include "register/indexenv.h"
#include "register/indexplaces.h"
#include "register/indexsort.h"
/*
 * The making of an index in two steps, shared by indexrows.c (rows of the
 * ledgers into queues and sieves, by several threads), indexput.c (packed values into the tree) and indexfill.c (all
 * of it, in the tree's order); nobody else includes this.
 */
#define FILL_THREADS 2

enum { SORT_HAZARD, SORT_LIKE, SORT_REF, SORTS };	/* in the order of their kinds */

/* A column of ids, most of which begin like the one before. */
struct known {
	char text[SCHEMA_ID_MAX];	/* up to the number */
	size_t n;
	char letter;
	uint64_t year;
};

/* One thread's share of the block under way. */
struct part {
	struct fill *f;
	struct entries {
		struct sieve_entry *v;
		size_t n, cap;
	} entries[SORTS];
	struct known id, hazard;
	char letter;		/* of the run of ids */
	uint64_t year, next;	/* what follows it */
	struct index_key run;
	struct places places;
	struct buf id_text, odd_text;	/* for the queues */
	struct err e;
};

/* A fill from memory, which may begin before its commit stands. */
struct fill_early {
	const struct index_gain *gain;
	bool (*stands)(void *arg);	/* waits until that is known; NULL: it does */
	void *arg;
};

struct fill {
	struct reg *r;
	struct index_env *env;
	MDB_txn *txn;
	MDB_cursor *cursor;	/* of txn: keys in their order go where the last one went */
	bool anew;		/* there was nothing: keys that come in order are appended, which leaves pages full */
	size_t bytes;		/* of what was put since the transaction began */
	int rc;			/* of LMDB, the first that was not 0 */
	unsigned bits;		/* of a print, for its bucket */
	const struct fill_early *early;	/* or NULL */
	bool asked, gone;	/* whether the commit stands; it does not */
	struct part part[FILL_THREADS];
	struct queue ids, odd;	/* odd: what is not packed */
	struct sieve sieve[SORTS];
	struct index_key run;	/* the run of ids that was put last */
	uint32_t run_end;	/* the number behind it */
	/* the ledger under way */
	const struct table *t;
	unsigned segment;
	bool is_hazards, has_hazard;
	off_t base;		/* of its rows, or of a master's: added to where the scan finds them */
	/* masters */
	const int *cols;
	size_t ncols;
	size_t line;
};

/* The rows of one ledger between two moments. */
int fill_ledger(struct fill *f, const struct moment *from, const struct moment *m, const struct moment_ledger *to, struct err *e);

/* Does the commit stand?  Where that is not known yet, waits for it; false: nothing more is to be done. */
bool fill_stands(struct fill *f);
/* 0 the index is at gain->next, 1 it is not at gain->was, or the commit does not stand: nothing was done; -1 e, with *broken
 * when the index is to be forgotten. */
int index_fill_early(struct reg *r, struct index_env *env, const struct fill_early *early, bool *broken, struct err *e);
/* A cursor ends before its transaction does. */
void fill_close_cursor(struct fill *f);
/* Put one; the transaction is committed now and then so that it does not grow.  Where keep is set and the key is there,
 * nothing is done. */
void fill_put(struct fill *f, MDB_val key, MDB_val val, bool keep);
/* Put a run of ids (how many, then places): of ids that are there already the first row stands. */
void fill_put_run(struct fill *f, const struct index_key *first, struct span run);
/* Put entries of a sieve that belong to one block of hazards, or to one bucket of prints. */
int fill_put_block(struct fill *f, const struct sieve_entry *v, size_t n);
int fill_put_bucket(struct fill *f, char kind, const struct sieve_entry *v, size_t n);
/* What the sieve of the hazards is to know of one: table, year and number. */
static inline uint64_t fill_hazard_key(const struct table *t, uint64_t year, uint64_t number)
{
	size_t n;

	return (uint64_t)(t - schema_tables(&n)) << 48 | year << 32 | number;
}

#endif

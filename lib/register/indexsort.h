/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_INDEXSORT_H
#define GL_REGISTER_INDEXSORT_H
#include "register/inside.h"
/*
 * What the making of an index sorts and keeps until its turn: as much as fits
 * into a few MiB in memory, the rest in files without a name under .index/.
 * Used by indexfill.c only.  One thread at a time for each of these.
 */
#define SORT_KEY 22u

/* An entry with a short key; behind the key stand zeros. */
struct sort_entry {
	unsigned char key[SORT_KEY];
	uint8_t n;		/* bytes of the key */
	bool keep;		/* the first of a key stands, not the last */
	uint64_t v;
};
_Static_assert(sizeof(struct sort_entry) == 32, "two of them in a cache line");

/* A file of its own under .index/ that has no name, made when first written to. */
struct spool {
	struct reg *r;
	unsigned number;	/* another one for each spool that is open at once */
	int fd;			/* -1 until then */
	off_t size;
};
void spool_clear(struct spool *s);

/* Runs of entries, each sorted by key and then by value. */
struct sorter {
	struct sort_entry *v;	/* the run under construction */
	size_t n, cap;
	bool sorted;		/* v is in order as it stands */
	struct sort_entry *room;
	struct sort_run {
		struct spool *at;
		off_t from;
		size_t n;
	} *run;
	size_t nruns, runs_cap;
};
/* Take an entry; a full run goes to the spool.  0, -1 e. */
int sorter_add(struct sorter *s, const struct sort_entry *x, struct spool *to, struct err *e);
/* All entries of n sorters in order of key, then value; non-zero from fn stops and is returned; -1 e. */
typedef int sort_fn(void *arg, const struct sort_entry *x);
int sorters_merge(struct sorter *const *s, size_t n, sort_fn *fn, void *arg, struct err *e);
void sorter_clear(struct sorter *s);

/* Keys with values in the order they came, whatever their length. */
struct queue {
	struct spool spool;
	struct buf text;
};
void queue_put(struct buf *to, struct span key, struct span value, bool keep);	/* into any buffer … */
int queue_add(struct queue *q, struct span records, struct err *e);	/* … and from there to the end of a queue */
/* All of them; non-zero from fn stops and is returned; -1 e. */
typedef int queue_fn(void *arg, struct span key, struct span value, bool keep);
int queue_each(struct queue *q, queue_fn *fn, void *arg, struct err *e);
void queue_clear(struct queue *q);

#endif

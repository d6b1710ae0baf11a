/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_INDEXSORT_H
#define GL_REGISTER_INDEXSORT_H
#include "register/inside.h"
/*
 * What the making of an index keeps and brings into order until its turn: as much as fits
 * into a few MiB in memory, the rest in files without a name under .index/.
 * Used by indexfill.c only.  One thread at a time for each of these.
 */

/* A file of its own under .index/ that has no name, made when first written to. */
struct spool {
	struct reg *r;
	unsigned number;	/* another one for each spool that is open at once */
	int fd;			/* -1 until then */
	off_t size;
};
void spool_clear(struct spool *s);

/* The place of a row under a number. */
struct sieve_entry {
	uint64_t key, place;
};

/*
 * Entries by their keys, those of a key in the order they came.  A few wait as they are; many are sorted into
 * parts by what is above the low `low` bits of their keys (a multiple of 8), packed, and then each part for itself:
 * time and memory go with their number, not with its logarithm.
 */
struct sieve {
	struct spool spool;
	unsigned low;
	struct sieve_entry *few;
	size_t nfew, few_cap;
	struct sieve_part *part;
	size_t nparts, parts_cap;
	uint32_t *slot;		/* by a hash of their numbers */
	size_t nslots;
};
/* Take n entries.  0, -1 e. */
int sieve_add(struct sieve *s, const struct sieve_entry *v, size_t n, struct err *e);
/*
 * All of them, those together whose keys are the same without the low `group` bits, these ascending; a part that is larger
 * than memory comes in several rounds of that, in the order its entries came.  `group` may be as small as makes some
 * thousands of groups of a part; a group that is larger than a part comes part by part.  Nothing is left.  Non-zero from fn stops and
 * is returned; -1 e.
 */
typedef int sieve_fn(void *arg, const struct sieve_entry *v, size_t n);
int sieve_each(struct sieve *s, unsigned group, sieve_fn *fn, void *arg, struct err *e);
void sieve_clear(struct sieve *s);

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

/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_INDEXENV_H
#define GL_REGISTER_INDEXENV_H
#include <lmdb.h>
#include "register/inside.h"
/*
 * The LMDB side of the index, shared by index.c and indexget.c (reading), indexfill.c and indexrows.c (writing).
 */
#define INDEX_KEY_MAX 511	/* LMDB's */
#define INDEX_RUN 128u		/* ids in a run */
#define INDEX_BLOCK 6		/* low bits of a hazard's number that tell it from the others of its block */
#define INDEX_PRINT 56		/* bits of a print */
#define INDEX_DAY 10		/* bytes of a time that are its day */

struct index_env {
	MDB_env *env;
	MDB_dbi dbi;
};

#define INDEX_LEVELS 8
struct index {
	struct reg *r;
	struct index_env *env;
	MDB_txn *txn;
	MDB_cursor *cursor;	/* for single look-ups, opened by the first */
	struct index_levels {
		bool known;	/* from the first look-up on */
		uint8_t n, bits[INDEX_LEVELS];	/* by which buckets of prints are told */
	} like, ref;
	struct moment at;	/* its stamp */
};

struct index_key {
	unsigned char b[INDEX_KEY_MAX];
	size_t n;
	bool packed;		/* an id of this office in 7 bytes */
};
/* Kind, then the table's number where one is given, then the value. */
void index_key(struct index_key *k, char kind, const struct table *t);
void index_key_id(struct index_key *k, const char *office, struct span id);	/* 1 and 7 bytes where it can be */
void index_key_text(struct index_key *k, struct span text);	/* as it stands, or by its digest when long */
void index_key_number(struct index_key *k, uint64_t v, int bytes);	/* big end first */
static inline MDB_val index_val(const struct index_key *k) { return (MDB_val){ k->n, (void *)(uintptr_t)k->b }; }

/*
 * The packed kinds, that is all that there are millions of (places as in indexplaces.h):
 * a run of ids: table, 1, letter, year, number of the first -> how many (a byte), the place of each; runs do not overlap;
 * a block of hazards: table, 1, year, number without its low bits, place of the first row -> rows, each told by those low bits;
 * a bucket of prints (hashes of refs, fingerprints): how many of their bits tell the bucket, these, place of the first
 * -> places, each told by the 32 bits that follow in the print; what has the same is looked up in the ledger.
 * Blocks and buckets that do not fit into one value go on in another; places ascend within a value.
 */
void index_key_block(struct index_key *k, const struct table *t, uint64_t year, uint64_t number);
void index_key_bucket(struct index_key *k, char kind, unsigned bits, uint64_t print);
static inline uint32_t index_print_rest(unsigned bits, uint64_t print) { return (uint32_t)(print >> (INDEX_PRINT - 32 - bits)); }
/* The bits for a register whose hazards take that many bytes: a bucket has some dozens of places. */
unsigned index_bits(uint64_t bytes);
uint64_t index_print_ref(struct span ref);
uint64_t index_print_like(struct span grid, struct span subject, struct span day, struct span description);
/* An id that is not of this office. */
void index_key_odd(struct index_key *k, char kind, const struct table *t, struct span id);
/* What LMDB's answer means: 1 found, 0 not there, -1 it cannot tell; memory that it lacks ends the program like our own. */
int index_answer(int rc);

uint64_t index_pack(struct ledger_at at);	/* 16 bits of segment, 48 of offset */
struct ledger_at index_unpack(uint64_t v);

/* The environment, opened once per register: NULL when there is none (and it is not to be made) or it is unusable. */
struct index_env *index_env(struct reg *r, bool make);
/* Take the lock of those who write the index: its descriptor; -1 when another has it. */
int index_lock(struct reg *r, int64_t wait_ms);
/* Does the index stand at this moment, which is known to be on the journal's history?  That is nearly always so. */
bool index_stamp_is(struct index_env *env, MDB_txn *txn, const struct moment *m);
/* What the index stands at; false: nothing that can be used. */
bool index_stamp(struct index_env *env, MDB_txn *txn, struct moment *at);
int index_drop_stamp(struct index_env *env, MDB_txn *txn);
int index_put_stamp(struct index_env *env, MDB_txn *txn, const struct moment *at);
/* The trees of a policy version's YAML files, behind their hash; empty when it cannot be read. */
void index_put_trees(struct reg *r, const char *digest, struct buf *out);
/* Is that moment on the journal's history? */
bool index_on_history(struct reg *r, const struct moment *at);
/* Bring the index from its stamp to m (lock held). */
int index_fill(struct reg *r, struct index_env *env, const struct moment *m, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_INDEXENV_H
#define GL_REGISTER_INDEXENV_H
#include <lmdb.h>
#include "register/inside.h"
/*
 * The LMDB side of the index, shared by index.c (reading) and indexfill.c (writing).
 */
#define INDEX_KEY_MAX 511	/* LMDB's */

struct index_env {
	MDB_env *env;
	MDB_dbi dbi;
};

struct index_key {
	unsigned char b[INDEX_KEY_MAX];
	size_t n;
	bool packed;		/* an id of this office in 8 bytes */
};
/* Kind, then the table's number where one is given, then the value. */
void index_key(struct index_key *k, char kind, const struct table *t);
void index_key_id(struct index_key *k, const char *office, struct span id);	/* 8 bytes where it can be */
void index_key_text(struct index_key *k, struct span text);	/* as it stands, or by its digest when long */
void index_key_number(struct index_key *k, uint64_t v, int bytes);	/* big end first */
static inline MDB_val index_val(const struct index_key *k) { return (MDB_val){ k->n, (void *)(uintptr_t)k->b }; }

uint64_t index_pack(struct ledger_at at);	/* 16 bits of segment, 48 of offset */
struct ledger_at index_unpack(uint64_t v);

/* The environment, opened once per register: NULL when there is none (and it is not to be made) or it is unusable. */
struct index_env *index_env(struct reg *r, bool make);
/* Take the lock of those who write the index: its descriptor; -1 when another has it. */
int index_lock(struct reg *r, int64_t wait_ms);
/* What the index stands at; false: nothing that can be used. */
bool index_stamp(struct reg *r, struct index_env *env, MDB_txn *txn, struct moment *at);
int index_drop_stamp(struct index_env *env, MDB_txn *txn);
int index_put_stamp(struct index_env *env, MDB_txn *txn, const struct moment *at);
/* The trees of a policy version's YAML files, behind their hash; empty when it cannot be read. */
void index_put_trees(struct reg *r, const char *digest, struct buf *out);
/* Is that moment on the journal's history? */
bool index_on_history(struct reg *r, const struct moment *at);
/* Bring the index from its stamp to m (lock held). */
int index_fill(struct reg *r, struct index_env *env, const struct moment *m, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#include "register/index.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "register/indexfill.h"

#define WORTH_IT ((off_t)4 << 20)	/* bytes of ledgers; fewer are scanned as fast as an index is made */
#define UPDATE_WAIT_MS 20
#define NEAR_WAIT_MS 1000	/* for another process to bring it the little way that it is behind; to go through all may take longer */

struct index *index_open(struct reg *r, const struct moment *m)
{
	struct index_env *env = index_env(r, false);
	struct index *x;
	MDB_txn *txn;

	if (env == NULL || mdb_txn_begin(env->env, NULL, MDB_RDONLY, &txn) != 0)
		return NULL;
	x = mem_zalloc(1, sizeof *x);
	x->r = r;
	x->env = env;
	x->txn = txn;
	if (index_stamp_is(env, txn, m)) {
		x->at = *m;
		return x;
	}
	if (index_stamp(env, txn, &x->at) && x->at.journal >= m->journal && index_on_history(r, &x->at))
		return x;
	mdb_txn_abort(txn);
	free(x);
	return NULL;
}

void index_close(struct index *x)
{
	/* the kept one goes with the register, or before the index is written */
	if (x == NULL || x == reg_inner(x->r)->kept)
		return;
	if (x->cursor != NULL)
		mdb_cursor_close(x->cursor);
	mdb_txn_abort(x->txn);
	free(x);
}

bool index_moment(struct reg *r, const struct journal_line *l, struct moment *m)
{
	const struct index *x = reg_inner(r)->kept;

	/* a chain is of one line only */
	if (x == NULL || x->at.seq != l->seq || !span_is(l->chain, x->at.chain))
		return false;
	*m = x->at;
	m->at = l->at;
	return true;
}

void index_let_go(struct reg *r)
{
	struct index *x = reg_inner(r)->kept;

	reg_inner(r)->kept = NULL;
	index_close(x);
}

/* The trees of a version where they lie, which they do until the transaction ends; NULL when there are none. */
static MDB_txn *hold_trees(struct reg *r, const char *digest, struct span *trees)
{
	struct index_env *env = index_env(r, false);
	struct index_key k;
	MDB_val key, v;
	MDB_txn *txn;
	uint64_t hash;

	if (env == NULL || mdb_txn_begin(env->env, NULL, MDB_RDONLY, &txn) != 0)
		return NULL;
	index_key(&k, INDEX_POLICY, NULL);
	index_key_text(&k, (struct span){ digest, DIGEST_HEX });
	key = index_val(&k);
	/* named by the digest of what they were made of, so they are right at any moment; the hash is for the index being
	 * written without syncs */
	if (mdb_get(txn, env->dbi, &key, &v) == 0 && v.mv_size > sizeof hash) {
		*trees = (struct span){ (const char *)v.mv_data + sizeof hash, v.mv_size - sizeof hash };
		memcpy(&hash, v.mv_data, sizeof hash);
		if (mem_hash(*trees, INDEX_POLICY) == hash)
			return txn;
	}
	mdb_txn_abort(txn);
	return NULL;
}

bool reg_policy_trees(struct reg *r, const char *digest, reg_trees_fn *fn, void *arg)
{
	struct span trees;
	MDB_txn *txn = r->trees ? hold_trees(r, digest, &trees) : NULL;

	if (txn == NULL)
		return false;
	fn(arg, trees);
	mdb_txn_abort(txn);
	return true;
}

bool reg_policy_fits(struct reg *r, const char *digest)
{
	struct buf made = BUF_INIT;
	struct span kept;
	MDB_txn *txn = hold_trees(r, digest, &kept);
	bool fits = txn == NULL;

	if (!fits) {
		index_put_trees(r, digest, &made);
		/* what is kept has a hash in front */
		fits = made.n > sizeof(uint64_t) && span_eq(kept, (struct span){ made.p + sizeof(uint64_t),
		    made.n - sizeof(uint64_t) });
		mdb_txn_abort(txn);
	}
	buf_clear(&made);
	return fits;
}

/* Bring it there from memory: 0, -1 e; 1 the index is not where the commit began. */
static int fill_gain(struct reg *r, struct index_env *env, const struct index_gain *g, struct err *e)
{
	struct fill_early job = { g, NULL, NULL };
	bool broken;
	int result = index_fill_early(r, env, &job, &broken, e);

	if (broken)
		index_forget(r);
	return result;
}

/* Bring it to m under the lock of the index; with g to where that leads, m. */
static int bring(struct reg *r, const struct moment *m, const struct index_gain *g, int64_t wait_ms, struct err *e)
{
	struct index_env *env = index_env(r, true);
	int lock, result = 1;

	index_let_go(r);	/* a reader of the old state would make the file grow */
	if (env == NULL)
		return err_set(e, ERR_FAILED, ".index: cannot be opened; remove the directory, it is made again");
	lock = index_lock(r, wait_ms);
	if (lock < 0)
		return 1;
	if (g != NULL)
		result = fill_gain(r, env, g, e);
	if (result == 1)
		result = index_fill(r, env, m, e);
	if (result == 0)
		reg_inner(r)->env_behind = 0;
	io.close(lock);
	return result;
}

int index_update(struct reg *r, const struct moment *m, struct err *e)
{
	reg_inner(r)->writing = false;
	/* another process is at it: what is missing then is caught up next time */
	return bring(r, m, NULL, UPDATE_WAIT_MS, e) < 0 ? -1 : 0;
}

int index_follow(struct reg *r, const struct index_gain *g, struct err *e)
{
	reg_inner(r)->writing = false;
	return bring(r, g->next, g, UPDATE_WAIT_MS, e) < 0 ? -1 : 0;
}

/* Is there an index with a stamp on this history, less than `most` bytes of ledgers behind m (NULL: however far)? */
static bool is_near(struct reg *r, const struct moment *m, off_t most)
{
	struct index_env *env = index_env(r, false);
	struct moment at;
	MDB_txn *txn;
	off_t gap = 0;
	bool near;

	if (env == NULL || mdb_txn_begin(env->env, NULL, MDB_RDONLY, &txn) != 0)
		return false;
	near = index_stamp(env, txn, &at) && index_on_history(r, &at);
	mdb_txn_abort(txn);
	for (size_t i = 0; near && m != NULL && i < m->nledgers; i++) {
		const struct moment_ledger *old = moment_ledger(&at, m->ledger[i].table->name);

		gap += m->ledger[i].size - (old != NULL && old->segment == m->ledger[i].segment ? old->size : 0);
	}
	return near && gap < most;
}

void index_make_ready(struct reg *r)
{
	struct reg_inner *in = reg_inner(r);
	struct err ignored = ERR_INIT;
	struct moment m;

	in->writing = false;
	if (in->kept == NULL && !in->env_failed && !is_near(r, NULL, 1) && reg_moment(r, NULL, &m, &ignored) == 0)
		index_at(r, &m);
	in->writing = true;
}

/* The index of a moment opened, or brought there when that is worth it. */
static struct index *open_at(struct reg *r, const struct moment *m)
{
	struct reg_inner *in = reg_inner(r);
	struct index *x = index_open(r, m);
	struct err ignored = ERR_INIT;
	off_t bytes = 0;
	bool near;

	if (x != NULL || in->env_failed || in->env_behind == m->seq)
		return x;
	for (size_t i = 0; i < m->nledgers; i++)
		bytes += m->ledger[i].segment > 1 ? WORTH_IT : m->ledger[i].size;
	in->env_behind = m->seq;
	if (bytes < WORTH_IT)
		return NULL;
	near = is_near(r, m, WORTH_IT);
	if ((in->writing && !near) || bring(r, m, NULL, near ? NEAR_WAIT_MS : 0, &ignored) != 0)
		return NULL;
	return index_open(r, m);
}

struct index *index_at(struct reg *r, const struct moment *m)
{
	struct reg_inner *in = reg_inner(r);

	if (in->kept != NULL && in->kept->at.journal >= m->journal)
		return in->kept;
	if (in->kept == NULL && in->env_behind == m->seq)
		return NULL;	/* tried already: this moment is looked up by scans */
	index_let_go(r);
	return in->kept = open_at(r, m);
}

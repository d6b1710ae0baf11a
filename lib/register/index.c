/* SPDX-License-Identifier: MIT */
#include "register/index.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "register/indexenv.h"

#define WORTH_IT ((off_t)4 << 20)	/* bytes of ledgers; fewer are scanned as fast as an index is made */
#define TEXT_MAX 400			/* a longer value goes by its digest */
#define LOCK_WAIT_MS 10000
#define UPDATE_WAIT_MS 20

struct index {
	struct reg *r;
	struct index_env *env;
	MDB_txn *txn;
	struct moment at;	/* its stamp */
};

void index_key(struct index_key *k, char kind, const struct table *t)
{
	size_t n;

	k->b[0] = (unsigned char)kind;
	k->n = 1;
	k->packed = false;
	if (t != NULL)
		k->b[k->n++] = (unsigned char)(t - schema_tables(&n));
}

void index_key_number(struct index_key *k, uint64_t v, int bytes)
{
	while (bytes-- > 0)
		k->b[k->n++] = (unsigned char)(v >> (8 * bytes));
}

void index_key_text(struct index_key *k, struct span text)
{
	char digest[DIGEST_HEX + 1];

	/* the length first, so that no value is the beginning of another */
	index_key_number(k, text.n > TEXT_MAX ? 0xffff : text.n, 2);
	if (text.n > TEXT_MAX) {
		digest_of(text, digest);
		text = (struct span){ digest, DIGEST_HEX };
	}
	if (text.n > 0)
		memcpy(k->b + k->n, text.p, text.n);
	k->n += text.n;
}

void index_key_id(struct index_key *k, const char *office, struct span id)
{
	struct schema_id x;

	k->packed = schema_id_parse(id, &x) && span_is(x.office, office);
	index_key_number(k, k->packed, 1);
	if (!k->packed) {
		index_key_text(k, id);
		return;
	}
	index_key_number(k, (unsigned char)x.letter, 1);
	index_key_number(k, (uint64_t)x.year, 2);
	index_key_number(k, x.number, 4);
}

uint64_t index_pack(struct ledger_at at)
{
	return (uint64_t)at.segment << 48 | (uint64_t)at.at;
}

struct ledger_at index_unpack(uint64_t v)
{
	return (struct ledger_at){ (unsigned)(v >> 48), (off_t)(v & 0xffffffffffff) };
}

void index_fingerprint(struct span grid, struct span subject, struct span day, struct span description, char out[16])
{
	const struct span part[] = { grid, subject, day, description };
	uint64_t print[2] = { 1, 2 };

	/* it leads to a warning at most, so two plain hashes will do */
	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		for (int k = 0; k < 2; k++)
			print[k] = mem_hash(part[i], print[k]);
	memcpy(out, print, sizeof print);
}

/* A number as it is stored. */
static uint64_t val_u64(const MDB_val *v)
{
	uint64_t n = 0;

	if (v->mv_size == sizeof n)
		memcpy(&n, v->mv_data, sizeof n);
	return n;
}

struct index *index_open(struct reg *r, const struct moment *m)
{
	struct index_env *env = index_env(r, false);
	struct index *x;
	MDB_txn *txn;

	if (env == NULL || mdb_txn_begin(env->env, NULL, MDB_RDONLY, &txn) != 0)
		return NULL;
	x = mem_alloc(sizeof *x);
	x->r = r;
	x->env = env;
	x->txn = txn;
	if (index_stamp(r, env, txn, &x->at) && x->at.journal >= m->journal && index_on_history(r, &x->at))
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
	mdb_txn_abort(x->txn);
	free(x);
}

void index_let_go(struct reg *r)
{
	struct index *x = reg_inner(r)->kept;

	reg_inner(r)->kept = NULL;
	index_close(x);
}

/* What LMDB's answer means: 1 found, 0 not there, -1 it cannot tell; memory that it lacks ends the program like our own. */
static int answer(int rc)
{
	if (rc == ENOMEM)
		mem_exhausted();
	return rc == 0 ? 1 : rc == MDB_NOTFOUND ? 0 : -1;
}

/* Look one key up. */
static int get(struct index *x, const struct index_key *k, struct ledger_at *at)
{
	MDB_val key = index_val(k), v;
	int found = answer(mdb_get(x->txn, x->env->dbi, &key, &v));

	if (found <= 0)
		return found;
	*at = index_unpack(val_u64(&v));
	return 1;
}

int index_get(struct index *x, char kind, struct span key, struct ledger_at *at)
{
	struct index_key k;

	index_key(&k, kind, NULL);
	index_key_text(&k, key);
	return get(x, &k, at);
}

/* The place of the id k in a run of ids that follow by number; UINT64_MAX when it is not one of them. */
static uint64_t place_in(const struct index_key *k, const MDB_val *key, const MDB_val *v)
{
	uint32_t first, here;
	size_t same = k->n - sizeof first;
	uint64_t place;

	if (key->mv_size != k->n || memcmp(key->mv_data, k->b, same) != 0)
		return UINT64_MAX;
	memcpy(&first, (const char *)key->mv_data + same, sizeof first);
	memcpy(&here, k->b + same, sizeof here);
	first = be32toh(first);
	here = be32toh(here);
	if (here < first || here - first >= v->mv_size / sizeof place)
		return UINT64_MAX;
	memcpy(&place, (const char *)v->mv_data + (here - first) * sizeof place, sizeof place);
	return place;
}

/* An id of this office: in the run it begins, or in the one before; where both have it, the first row stands. */
static int get_run(struct index *x, const struct index_key *k, struct ledger_at *at)
{
	MDB_val key = index_val(k), v;
	uint64_t place = UINT64_MAX, before = UINT64_MAX;
	MDB_cursor *cursor;
	int after, ahead = 0;

	if (answer(mdb_cursor_open(x->txn, x->env->dbi, &cursor)) < 0)
		return -1;
	after = answer(mdb_cursor_get(cursor, &key, &v, MDB_SET_RANGE));
	if (after > 0)
		place = place_in(k, &key, &v);
	if (after >= 0)
		ahead = answer(mdb_cursor_get(cursor, &key, &v, after > 0 ? MDB_PREV : MDB_LAST));
	if (ahead > 0)
		before = place_in(k, &key, &v);
	mdb_cursor_close(cursor);
	if (after < 0 || ahead < 0)
		return -1;
	if (before < place)
		place = before;
	*at = index_unpack(place);
	return place != UINT64_MAX;
}

int index_find_id(struct index *x, const struct table *t, struct span id, struct ledger_at *at)
{
	struct index_key k;

	index_key(&k, INDEX_ID, t);
	index_key_id(&k, x->r->office, id);
	return k.packed ? get_run(x, &k, at) : get(x, &k, at);
}

/* Everything whose key begins with k: fn gets the rest of the key as a number, and the value.  -1: the index cannot tell. */
static int each(struct index *x, const struct index_key *k, int (*fn)(void *arg, uint64_t rest, const MDB_val *v), void *arg)
{
	MDB_val key = index_val(k), v;
	MDB_cursor *cursor;
	int result = 0, more;

	if (answer(mdb_cursor_open(x->txn, x->env->dbi, &cursor)) < 0)
		return -1;
	for (more = answer(mdb_cursor_get(cursor, &key, &v, MDB_SET_RANGE)); more > 0 && result == 0;
	    more = answer(mdb_cursor_get(cursor, &key, &v, MDB_NEXT))) {
		const unsigned char *p = key.mv_data;
		uint64_t rest = 0;

		if (key.mv_size < k->n || memcmp(p, k->b, k->n) != 0)
			break;
		for (size_t i = k->n; i < key.mv_size; i++)
			rest = rest << 8 | p[i];
		result = fn(arg, rest, &v);
	}
	mdb_cursor_close(cursor);
	return more < 0 ? -1 : result;
}

struct each_hazard {
	index_fn *fn;
	void *arg;
};

/* The first place is in the key, those that were known with it are the value. */
static int one_hazard(void *arg, uint64_t rest, const MDB_val *v)
{
	struct each_hazard *h = arg;
	int result = h->fn(h->arg, index_unpack(rest));

	for (size_t i = 0; i < v->mv_size / sizeof rest && result == 0; i++) {
		memcpy(&rest, (const char *)v->mv_data + i * sizeof rest, sizeof rest);
		result = h->fn(h->arg, index_unpack(rest));
	}
	return result;
}

int index_each_hazard(struct index *x, const struct table *t, struct span hazard, index_fn *fn, void *arg)
{
	struct each_hazard h = { fn, arg };
	struct index_key k;

	index_key(&k, INDEX_HAZARD, t);
	index_key_id(&k, x->r->office, hazard);
	return each(x, &k, one_hazard, &h);
}

bool index_has_master(struct index *x, const struct table *t, const char *digest)
{
	const char *have = moment_version(&x->at, t->name);

	return have != NULL && strcmp(have, digest) == 0;
}

struct each_master {
	index_master_fn *fn;
	void *arg;
};

/* The line is in the key, the offset is the value. */
static int one_master(void *arg, uint64_t rest, const MDB_val *v)
{
	struct each_master *h = arg;

	return h->fn(h->arg, (off_t)val_u64(v), (size_t)rest);
}

int index_each_master(struct index *x, const struct table *t, int col, struct span value, index_master_fn *fn, void *arg)
{
	struct each_master h = { fn, arg };
	struct index_key k;

	index_key(&k, INDEX_MASTER, t);
	index_key_number(&k, (uint64_t)col, 1);
	index_key_text(&k, value);
	return each(x, &k, one_master, &h);
}

/* reg_policy_trees, whoever asks. */
static bool kept_trees(struct reg *r, const char *digest, struct buf *out)
{
	struct index_env *env = index_env(r, false);
	struct index_key k;
	struct span trees;
	MDB_val key, v;
	MDB_txn *txn;
	uint64_t hash;
	bool found;

	if (env == NULL || mdb_txn_begin(env->env, NULL, MDB_RDONLY, &txn) != 0)
		return false;
	index_key(&k, INDEX_POLICY, NULL);
	index_key_text(&k, (struct span){ digest, DIGEST_HEX });
	key = index_val(&k);
	/* named by the digest of what they were made of, so they are right at any moment; the hash is for the index being
	 * written without syncs */
	found = mdb_get(txn, env->dbi, &key, &v) == 0 && v.mv_size > sizeof hash;
	if (found) {
		trees = (struct span){ (const char *)v.mv_data + sizeof hash, v.mv_size - sizeof hash };
		memcpy(&hash, v.mv_data, sizeof hash);
		found = mem_hash(trees, INDEX_POLICY) == hash;
		if (found)
			buf_span(out, trees);
	}
	mdb_txn_abort(txn);
	return found;
}

bool reg_policy_trees(struct reg *r, const char *digest, struct buf *out)
{
	return r->trees && kept_trees(r, digest, out);
}

bool reg_policy_fits(struct reg *r, const char *digest)
{
	struct buf kept = BUF_INIT, made = BUF_INIT;
	bool fits = !kept_trees(r, digest, &kept);

	if (!fits) {
		index_put_trees(r, digest, &made);
		/* what is kept has a hash in front */
		fits = made.n > sizeof(uint64_t) && span_eq(buf_view(&kept), (struct span){ made.p + sizeof(uint64_t),
		    made.n - sizeof(uint64_t) });
	}
	buf_clear(&kept);
	buf_clear(&made);
	return fits;
}

/* Bring it to m under the lock of the index. */
static int bring(struct reg *r, const struct moment *m, int64_t wait_ms, struct err *e)
{
	struct index_env *env = index_env(r, true);
	int lock, result;

	index_let_go(r);	/* a reader of the old state would make the file grow */
	if (env == NULL)
		return err_set(e, ERR_FAILED, ".index: cannot be opened; remove the directory, it is made again");
	lock = index_lock(r, wait_ms);
	if (lock < 0)
		return 1;
	result = index_fill(r, env, m, e);
	if (result == 0)
		reg_inner(r)->env_behind = 0;
	io.close(lock);
	return result;
}

int index_rebuild(struct reg *r, const struct moment *m, struct err *e)
{
	int result = bring(r, m, LOCK_WAIT_MS, e);

	return result == 1 ? err_set(e, ERR_FAILED, ".index: another program is making it; try again") : result;
}

int index_update(struct reg *r, const struct moment *m, struct err *e)
{
	reg_inner(r)->writing = false;
	/* another process is at it: what is missing then is caught up next time */
	return bring(r, m, UPDATE_WAIT_MS, e) < 0 ? -1 : 0;
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
	near = index_stamp(r, env, txn, &at) && index_on_history(r, &at);
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

	if (x != NULL || in->env_failed || in->env_behind == m->seq)
		return x;
	for (size_t i = 0; i < m->nledgers; i++)
		bytes += m->ledger[i].segment > 1 ? WORTH_IT : m->ledger[i].size;
	in->env_behind = m->seq;
	if (in->writing && !is_near(r, m, WORTH_IT))
		return NULL;
	if (bytes < WORTH_IT || bring(r, m, 0, &ignored) != 0)
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

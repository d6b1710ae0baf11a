/* SPDX-License-Identifier: MIT */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "register/indexfill.h"

#define TXN_PUTS (1u << 20)	/* entries in a transaction */

/* A cursor ends before its transaction does. */
static void close_cursor(struct fill *f)
{
	if (f->cursor != NULL)
		mdb_cursor_close(f->cursor);
	f->cursor = NULL;
}

/* Put one; the transaction is committed now and then so that it does not grow.  True when it was to be kept and is there already. */
static bool put(struct fill *f, MDB_val key, MDB_val val, bool keep)
{
	bool there;

	if (f->rc != 0)
		return false;
	if (f->cursor == NULL)
		f->rc = mdb_cursor_open(f->txn, f->env->dbi, &f->cursor);
	if (f->rc == 0)
		f->rc = f->anew ? mdb_cursor_put(f->cursor, &key, &val, MDB_APPEND) : MDB_KEYEXIST;
	if (f->rc == MDB_KEYEXIST)	/* not behind all others */
		f->rc = mdb_cursor_put(f->cursor, &key, &val, keep ? MDB_NOOVERWRITE : 0);
	there = f->rc == MDB_KEYEXIST;
	if (there)
		f->rc = 0;
	if (f->rc != 0 || ++f->puts < TXN_PUTS)
		return there;
	/* a kill between two transactions must not leave a stamp on the half */
	f->puts = 0;
	f->rc = index_drop_stamp(f->env, f->txn);
	if (f->rc != 0)
		return there;
	close_cursor(f);
	f->rc = mdb_txn_commit(f->txn);
	f->txn = NULL;
	if (f->rc == 0)
		f->rc = mdb_txn_begin(f->env->env, NULL, 0, &f->txn);
	return there;
}

/* Put a key that leads to one place. */
static void put_one(struct fill *f, const struct index_key *k, uint64_t v, bool keep)
{
	put(f, index_val(k), (MDB_val){ sizeof v, &v }, keep);
}

/* A record of a queue. */
static int put_queued(void *arg, struct span key, struct span value, bool keep)
{
	struct fill *f = arg;

	put(f, (MDB_val){ key.n, (void *)(uintptr_t)key.p }, (MDB_val){ value.n, (void *)(uintptr_t)value.p }, keep);
	return f->rc != 0;
}

/* A run of ids of the queue.  Where the first one has its place already, the others are a run of their own. */
static int put_ids(void *arg, struct span key, struct span value, bool keep)
{
	struct fill *f = arg;
	struct index_key k = { .n = key.n };
	uint32_t number;

	memcpy(k.b, key.p, key.n);
	while (value.n > 0 && put(f, index_val(&k), (MDB_val){ value.n, (void *)(uintptr_t)value.p }, keep)) {
		memcpy(&number, k.b + k.n - sizeof number, sizeof number);
		number = htobe32(be32toh(number) + 1);
		memcpy(k.b + k.n - sizeof number, &number, sizeof number);
		value = (struct span){ value.p + sizeof(uint64_t), value.n - sizeof(uint64_t) };
	}
	return f->rc != 0;
}

/* Put the places of a hazard: the first one is in the key. */
static void put_hazard(struct fill *f)
{
	struct places *h = &f->hazard;

	if (h->n == 0)
		return;
	index_key_number(&h->key, h->at[0], 8);
	put(f, index_val(&h->key), (MDB_val){ (h->n - 1) * sizeof *h->at, h->at + 1 }, false);
	h->n = 0;
}

/* An entry, in the order of the tree. */
static int put_sorted(void *arg, const struct sort_entry *x)
{
	struct places *h = &((struct fill *)arg)->hazard;
	struct fill *f = arg;
	uint64_t v = x->v;

	if (x->key[0] != INDEX_HAZARD) {
		put(f, (MDB_val){ x->n, (void *)(uintptr_t)x->key }, (MDB_val){ sizeof v, &v }, x->keep);
		return f->rc != 0;
	}
	/* the key has its first place behind it once it is put */
	if (h->n == PLACES || (h->n > 0 && (h->key.n != x->n || memcmp(h->key.b, x->key, x->n) != 0)))
		put_hazard(f);
	if (h->n == 0) {
		memcpy(h->key.b, x->key, x->n);
		h->key.n = x->n;
	}
	h->at[h->n++] = v;
	return f->rc != 0;
}

/* By the number of the table, as the keys are. */
static int by_table(const void *a, const void *b)
{
	const struct moment_ledger *const *x = a, *const *y = b;

	return (*x)->table < (*y)->table ? -1 : (*x)->table > (*y)->table;
}

/* All ledgers: the rows into queues and sorters, then from there into the tree, in its order. */
static int fill_ledgers(struct fill *f, const struct moment *from, const struct moment *m, struct err *e)
{
	const struct moment_ledger *ledger[REG_LEDGERS_MAX] = { NULL };
	struct sorter *s[FILL_THREADS];

	for (size_t i = 0; i < m->nledgers; i++)
		ledger[i] = &m->ledger[i];
	qsort(ledger, m->nledgers, sizeof *ledger, by_table);
	for (size_t i = 0; i < m->nledgers; i++)
		if (fill_ledger(f, from, m, ledger[i], e) < 0)
			return -1;
	if (queue_each(&f->ids, put_ids, f, e) < 0)
		return -1;
	for (size_t k = 0; k < SORTS; k++) {
		for (size_t i = 0; i < FILL_THREADS; i++)
			s[i] = &f->part[i].sorter[k];
		if (sorters_merge(s, FILL_THREADS, put_sorted, f, e) < 0)
			return -1;
		put_hazard(f);
		for (size_t i = 0; i < FILL_THREADS; i++)
			sorter_clear(s[i]);
	}
	return queue_each(&f->odd, put_queued, f, e) < 0 ? -1 : 0;
}

/* The trees of a policy version that a commit brings, for reg_policy_trees. */
static void put_policy(struct fill *f, struct span spans)
{
	static const char mark[] = "policy::";
	const char *at = spans.n > 0 ? memmem(spans.p, spans.n, mark, sizeof mark - 1) : NULL;
	struct buf trees = BUF_INIT;
	char digest[DIGEST_HEX + 1];
	struct index_key k;

	if (at == NULL || (size_t)(spans.p + spans.n - at) < sizeof mark - 1 + DIGEST_HEX)
		return;
	snprintf(digest, sizeof digest, "%.*s", DIGEST_HEX, at + sizeof mark - 1);
	index_put_trees(f->r, digest, &trees);
	index_key(&k, INDEX_POLICY, NULL);
	index_key_text(&k, span_of(digest));
	if (trees.n > 0)
		put(f, index_val(&k), (MDB_val){ trees.n, trees.p }, true);
	buf_clear(&trees);
}

/* A retry key of the journal, or a new policy. */
static int journal_key(void *arg, const struct journal_line *l, bool chained)
{
	struct fill *f = arg;
	struct index_key k;

	if (chained && l->kind == JOURNAL_BEGIN)
		put_policy(f, l->spans);
	if (!chained || (l->kind != JOURNAL_COMMIT && l->kind != JOURNAL_ADOPT) || l->key.n == 0)
		return 0;
	index_key(&k, INDEX_KEY, NULL);
	index_key_text(&k, l->key);
	put_one(f, &k, index_pack((struct ledger_at){ 0, l->offset }), false);
	return f->rc != 0;
}

/* A row of a master. */
static int master_row(void *arg, const struct scan_row *row)
{
	struct fill *f = arg;
	struct index_key k;

	f->line++;
	for (size_t i = 0; i < f->ncols; i++) {
		if (row->f[i].n == 0)
			continue;
		index_key(&k, INDEX_MASTER, f->t);
		index_key_number(&k, (uint64_t)f->cols[i], 1);
		index_key_text(&k, row->f[i]);
		index_key_number(&k, f->line, 4);
		put_one(f, &k, (uint64_t)(f->base + row->at), false);
	}
	return f->rc != 0;
}

/* Remove all entries of a master. */
static void clear_master(struct fill *f, const struct table *t)
{
	struct index_key k;
	MDB_cursor *cursor;
	MDB_val key, v;
	int rc;

	index_key(&k, INDEX_MASTER, t);
	f->rc = mdb_cursor_open(f->txn, f->env->dbi, &cursor);
	if (f->rc != 0)
		return;
	key = index_val(&k);
	for (rc = mdb_cursor_get(cursor, &key, &v, MDB_SET_RANGE); rc == 0 && f->rc == 0;
	    rc = mdb_cursor_get(cursor, &key, &v, MDB_NEXT)) {	/* behind a deletion: what took its place */
		if (key.mv_size < k.n || memcmp(key.mv_data, k.b, k.n) != 0)
			break;
		f->rc = mdb_cursor_del(cursor, 0);
	}
	if (rc != 0 && rc != MDB_NOTFOUND)
		f->rc = rc;
	mdb_cursor_close(cursor);
}

/* A new version of a master: its old entries go, those of its rows come. */
static int fill_master(struct fill *f, const struct table *t, const char *digest, struct err *e)
{
	struct scan_want want = { .cols = NULL };
	struct buf bytes = BUF_INIT;
	int cols[SCAN_WANT_MAX], result = -1;
	struct span body;
	const char *lf;

	close_cursor(f);
	clear_master(f, t);
	if (reg_version(f->r, digest, &bytes, e) < 0)
		goto done;
	lf = memchr(bytes.p, '\n', bytes.n);
	/* only a version with the columns of this program is indexed by column; the others are loaded */
	f->ncols = 0;
	if (lf != NULL) {
		struct buf header = BUF_INIT;

		schema_header(t, &header);
		for (int i = 0; span_eq(buf_view(&header), (struct span){ bytes.p, (size_t)(lf + 1 - bytes.p) }) && i < t->ncolumns; i++)
			if (master_named_by(t, i))
				cols[f->ncols++] = i;
		buf_clear(&header);
	}
	if (f->ncols == 0) {
		result = 0;
		goto done;
	}
	body = (struct span){ lf + 1, bytes.n - (size_t)(lf + 1 - bytes.p) };
	want = (struct scan_want){ .ncols = (size_t)t->ncolumns, .cols = cols, .n = f->ncols };
	f->t = t;
	f->cols = cols;
	f->line = 1;
	f->base = lf + 1 - bytes.p;
	result = scan_bytes(t->name, body, true, 2, &want, master_row, f, e) < 0 ? -1 : 0;
done:
	buf_clear(&bytes);
	return result;
}

/* Everything between two moments. */
static int fill_all(struct fill *f, const struct moment *from, const struct moment *m, struct err *e)
{
	off_t journal = from->journal > 0 ? from->journal : JOURNAL_FIRST;

	if (fill_ledgers(f, from, m, e) < 0)
		return -1;
	if (journal_walk_from(f->r, journal, m->journal, journal_key, f, e) < 0)
		return -1;
	for (size_t i = 0; i < m->nversions && f->rc == 0; i++) {
		const struct table *t = schema_table(span_of(m->version[i].name));
		const char *old = moment_version(from, m->version[i].name);

		if (t != NULL && (old == NULL || strcmp(old, m->version[i].digest) != 0)
		    && fill_master(f, t, m->version[i].digest, e) < 0)
			return -1;
	}
	return 0;
}

/* Where to go on: from the stamp, or with nothing.  1 when there is nothing to do. */
static int fill_begin(struct fill *f, const struct moment *m, struct moment *from)
{
	bool usable;

	f->rc = mdb_txn_begin(f->env->env, NULL, 0, &f->txn);
	if (f->rc != 0)
		return 0;
	usable = index_stamp(f->r, f->env, f->txn, from) && index_on_history(f->r, from);
	if (usable && from->journal >= m->journal) {
		mdb_txn_abort(f->txn);
		f->txn = NULL;
		return 1;
	}
	if (!usable) {
		memset(from, 0, sizeof *from);
		f->anew = true;
		f->rc = mdb_drop(f->txn, f->env->dbi, 0);
	}
	return 0;
}

/* Everything that is made on the way, ready and empty. */
static void fill_start(struct fill *f)
{
	unsigned spools = 0;

	f->ids.spool = (struct spool){ f->r, spools++, -1, 0 };
	f->odd.spool = (struct spool){ f->r, spools++, -1, 0 };
	for (size_t i = 0; i < FILL_THREADS; i++) {
		f->part[i].f = f;
		f->part[i].spool = (struct spool){ f->r, spools++, -1, 0 };
	}
}

static void fill_end(struct fill *f)
{
	queue_clear(&f->ids);
	queue_clear(&f->odd);
	for (size_t i = 0; i < FILL_THREADS; i++) {
		for (size_t k = 0; k < SORTS; k++)
			sorter_clear(&f->part[i].sorter[k]);
		spool_clear(&f->part[i].spool);
		buf_clear(&f->part[i].id_text);
		buf_clear(&f->part[i].odd_text);
	}
}

int index_fill(struct reg *r, struct index_env *env, const struct moment *m, struct err *e)
{
	struct fill f = { .r = r, .env = env };
	struct moment *from = mem_zalloc(1, sizeof *from);
	int result = -1;

	fill_start(&f);
	if (fill_begin(&f, m, from) == 1) {
		result = 0;
		goto done;
	}
	if (f.rc == 0 && fill_all(&f, from, m, e) < 0)
		goto done;
	close_cursor(&f);
	if (f.rc == 0)
		f.rc = index_put_stamp(env, f.txn, m);
	if (f.rc == 0) {
		f.rc = mdb_txn_commit(f.txn);
		f.txn = NULL;
	}
	if (f.rc == 0) {
		result = 0;
	} else {
		err_set(e, ERR_FAILED, ".index: %s; it is made again when it is next needed", mdb_strerror(f.rc));
		if (f.txn != NULL)
			mdb_txn_abort(f.txn);
		f.txn = NULL;
		index_forget(r);
	}
done:
	close_cursor(&f);
	if (f.txn != NULL)
		mdb_txn_abort(f.txn);
	fill_end(&f);
	free(from);
	return result;
}

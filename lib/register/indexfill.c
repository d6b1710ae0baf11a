/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "register/indexfill.h"

/* Put a key that leads to one place. */
static void put_one(struct fill *f, const struct index_key *k, uint64_t v)
{
	fill_put(f, index_val(k), (MDB_val){ sizeof v, &v }, false);
}

/* A record of a queue. */
static int put_queued(void *arg, struct span key, struct span value, bool keep)
{
	struct fill *f = arg;

	fill_put(f, (MDB_val){ key.n, (void *)(uintptr_t)key.p }, (MDB_val){ value.n, (void *)(uintptr_t)value.p }, keep);
	return f->rc != 0;
}

/* A run of ids of the queue. */
static int put_ids(void *arg, struct span key, struct span value, bool keep)
{
	struct index_key first = { .n = key.n };
	struct fill *f = arg;

	(void)keep;
	memcpy(first.b, key.p, key.n);
	fill_put_run(f, &first, value);
	return f->rc != 0;
}

static int put_block(void *arg, const struct sieve_entry *v, size_t n)
{
	return fill_put_block(arg, v, n);
}

static int put_like(void *arg, const struct sieve_entry *v, size_t n)
{
	return fill_put_bucket(arg, INDEX_LIKE, v, n);
}

static int put_ref(void *arg, const struct sieve_entry *v, size_t n)
{
	return fill_put_bucket(arg, INDEX_REF, v, n);
}

/* By the number of the table, as the keys are. */
static int by_table(const void *a, const void *b)
{
	const struct moment_ledger *const *x = a, *const *y = b;

	return (*x)->table < (*y)->table ? -1 : (*x)->table > (*y)->table;
}

/* How many bits of a print tell its bucket once the register is at m. */
static unsigned print_bits(const struct moment *m)
{
	const struct moment_ledger *l = moment_ledger(m, "hazards");

	return index_bits(l != NULL ? (uint64_t)l->size * l->segment : 0);
}

/* All ledgers: the rows into queues and sieves, then from there into the tree, in its order. */
static int fill_ledgers(struct fill *f, const struct moment *from, const struct moment *m, struct err *e)
{
	const struct moment_ledger *ledger[REG_LEDGERS_MAX] = { NULL };

	for (size_t i = 0; i < m->nledgers; i++)
		ledger[i] = &m->ledger[i];
	qsort(ledger, m->nledgers, sizeof *ledger, by_table);
	for (size_t i = 0; i < m->nledgers; i++)
		if (fill_ledger(f, from, m, ledger[i], e) < 0)
			return -1;
	f->bits = print_bits(m);
	if (queue_each(&f->ids, put_ids, f, e) < 0
	    || sieve_each(&f->sieve[SORT_HAZARD], INDEX_BLOCK, put_block, f, e) < 0
	    || sieve_each(&f->sieve[SORT_LIKE], INDEX_PRINT - f->bits, put_like, f, e) < 0
	    || sieve_each(&f->sieve[SORT_REF], INDEX_PRINT - f->bits, put_ref, f, e) < 0)
		return -1;
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
		fill_put(f, index_val(&k), (MDB_val){ trees.n, trees.p }, true);
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
	put_one(f, &k, index_pack((struct ledger_at){ 0, l->offset }));
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
		put_one(f, &k, (uint64_t)(f->base + row->at));
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

	fill_close_cursor(f);
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
	if (!fill_stands(f) || (f->early != NULL && !f->early->gain->keyed))
		return 0;
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
	if (f->early != NULL) {
		usable = index_stamp_is(f->env, f->txn, f->early->gain->was);
		*from = *f->early->gain->was;
	} else {
		usable = index_stamp(f->env, f->txn, from) && index_on_history(f->r, from);
	}
	if (f->early != NULL ? !usable : usable && from->journal >= m->journal) {
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
	for (int k = 0; k < SORTS; k++) {
		f->sieve[k].spool = (struct spool){ f->r, spools++, -1, 0 };
		f->sieve[k].low = k == SORT_HAZARD ? 16 : INDEX_PRINT - 8;
	}
	for (size_t i = 0; i < FILL_THREADS; i++)
		f->part[i].f = f;
}

static void fill_end(struct fill *f)
{
	queue_clear(&f->ids);
	queue_clear(&f->odd);
	for (int k = 0; k < SORTS; k++)
		sieve_clear(&f->sieve[k]);
	for (size_t i = 0; i < FILL_THREADS; i++) {
		for (int k = 0; k < SORTS; k++)
			free(f->part[i].entries[k].v);
		buf_clear(&f->part[i].id_text);
		buf_clear(&f->part[i].odd_text);
	}
}

/* Bring the index to m: 0, 1 there was nothing to do, -1 e. */
static int fill_to(struct fill *f, const struct moment *m, struct err *e)
{
	struct moment *from = mem_zalloc(1, sizeof *from);
	int result = -1;

	fill_start(f);
	if (fill_begin(f, m, from) == 1) {
		result = 1;
		goto done;
	}
	if (f->rc == 0 && fill_all(f, from, m, e) < 0)
		goto done;
	fill_close_cursor(f);
	if (f->gone) {
		result = 1;
		goto done;
	}
	if (f->rc == 0)
		f->rc = index_put_stamp(f->env, f->txn, m);
	if (f->rc == 0) {
		f->rc = mdb_txn_commit(f->txn);
		f->txn = NULL;
	}
	if (f->rc == 0)
		result = 0;
	else
		err_set(e, ERR_FAILED, ".index: %s; it is made again when it is next needed", mdb_strerror(f->rc));
done:
	fill_close_cursor(f);
	if (f->txn != NULL)
		mdb_txn_abort(f->txn);
	f->txn = NULL;
	fill_end(f);
	free(from);
	return result;
}

int index_fill(struct reg *r, struct index_env *env, const struct moment *m, struct err *e)
{
	struct fill f = { .r = r, .env = env };
	int result = fill_to(&f, m, e);

	if (result < 0 && f.rc != 0)
		index_forget(r);
	return result < 0 ? -1 : 0;
}

int index_fill_early(struct reg *r, struct index_env *env, const struct fill_early *early, bool *broken, struct err *e)
{
	struct fill f = { .r = r, .env = env, .early = early };
	int result = fill_to(&f, early->gain->next, e);

	*broken = result < 0 && f.rc != 0;
	return result;
}

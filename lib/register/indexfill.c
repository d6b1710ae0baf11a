/* SPDX-License-Identifier: MIT */
#include <endian.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/mem.h"
#include "register/indexenv.h"

#define RUN (1u << 17)		/* entries of a kind sorted at a time */
#define KINDS 4
#define TXN_PUTS (1u << 20)	/* entries in a transaction */
#define FIXED 24

/* An entry with a short key; longer ones are put at once. */
struct entry {
	unsigned char key[FIXED];
	uint32_t n;
	bool keep;		/* the first of a key stands, not the last */
	uint64_t v;
};

/* The columns of a ledger that are indexed, by their place in what is asked of the scan. */
enum { AT_ID, AT_HAZARD, AT_REF, AT_GRID, AT_SUBJECT, AT_REPORTED, AT_DESCRIPTION, AT_N };

struct fill {
	struct reg *r;
	struct index_env *env;
	MDB_txn *txn;
	MDB_cursor *cursor;	/* of txn: keys in their order go where the last one went */
	size_t puts;
	struct run {			/* one for each kind: ids and hazards come in order, so that only the others are sorted */
		char kind;
		bool sorted;
		size_t n;
		struct entry *v;
	} run[KINDS];
	int rc;			/* of LMDB, the first that was not 0 */
	const struct table *t;
	unsigned segment;
	bool is_hazards, has_hazard;
	/* masters */
	const int *cols;
	size_t ncols;
	off_t base;
	size_t line;
};

/* A cursor ends before its transaction does. */
static void close_cursor(struct fill *f)
{
	if (f->cursor != NULL)
		mdb_cursor_close(f->cursor);
	f->cursor = NULL;
}

/* Put one; the transaction is committed now and then so that it does not grow. */
static void put(struct fill *f, MDB_val key, uint64_t v, bool keep)
{
	MDB_val val = { sizeof v, &v };

	if (f->rc != 0)
		return;
	if (f->cursor == NULL)
		f->rc = mdb_cursor_open(f->txn, f->env->dbi, &f->cursor);
	if (f->rc == 0)
		f->rc = mdb_cursor_put(f->cursor, &key, &val, keep ? MDB_NOOVERWRITE : 0);
	if (f->rc == MDB_KEYEXIST)
		f->rc = 0;
	if (f->rc != 0 || ++f->puts < TXN_PUTS)
		return;
	/* a kill between two transactions must not leave a stamp on the half */
	f->puts = 0;
	f->rc = index_drop_stamp(f->env, f->txn);
	if (f->rc != 0)
		return;
	close_cursor(f);
	f->rc = mdb_txn_commit(f->txn);
	f->txn = NULL;
	if (f->rc == 0)
		f->rc = mdb_txn_begin(f->env->env, NULL, 0, &f->txn);
}

/* By key, then in the order of the ledger. */
static int compare(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	/* behind a key stand zeros, so eight bytes at a time will do */
	for (size_t i = 0; i < FIXED; i += sizeof(uint64_t)) {
		uint64_t p, q;

		memcpy(&p, a->key + i, sizeof p);
		memcpy(&q, b->key + i, sizeof q);
		if (p != q)
			return be64toh(p) < be64toh(q) ? -1 : 1;
	}
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return a->v < b->v ? -1 : a->v > b->v;
}

/* Put a run in the order of the tree. */
static void flush(struct fill *f, struct run *r)
{
	if (!r->sorted)
		qsort(r->v, r->n, sizeof *r->v, compare);
	for (size_t i = 0; i < r->n; i++)
		put(f, (MDB_val){ r->v[i].n, r->v[i].key }, r->v[i].v, r->v[i].keep);
	r->n = 0;
	r->sorted = true;
}

/* The run of a kind. */
static struct run *run_of(struct fill *f, char kind)
{
	struct run *r = f->run;

	while (r->kind != kind)
		r++;
	if (r->v == NULL)
		r->v = mem_alloc(RUN * sizeof *r->v);
	return r;
}

/* Take an entry into the run. */
static void add(struct fill *f, const struct index_key *k, uint64_t v, bool keep)
{
	struct entry *x;
	struct run *r;

	if (k->n > FIXED) {
		put(f, index_val(k), v, keep);
		return;
	}
	r = run_of(f, (char)k->b[0]);
	if (r->n == RUN)
		flush(f, r);
	x = &r->v[r->n++];
	memset(x->key, 0, sizeof x->key);
	memcpy(x->key, k->b, k->n);
	x->n = (uint32_t)k->n;
	x->keep = keep;
	x->v = v;
	r->sorted = r->sorted && (r->n == 1 || compare(x - 1, x) <= 0);
}

/* What a new hazard brings besides its id. */
static void add_hazard(struct fill *f, const struct scan_row *row, uint64_t at)
{
	struct span day = row->f[AT_REPORTED];
	struct index_key k;
	char print[16];

	if (row->f[AT_REF].n > 0) {
		index_key(&k, INDEX_REF, NULL);
		index_key_text(&k, row->f[AT_REF]);
		add(f, &k, at, true);
	}
	day.n = day.n < 10 ? day.n : 10;
	index_fingerprint(row->f[AT_GRID], row->f[AT_SUBJECT], day, row->f[AT_DESCRIPTION], print);
	index_key(&k, INDEX_LIKE, NULL);
	index_key_text(&k, (struct span){ print, sizeof print });
	add(f, &k, at, false);
}

/* A row of a ledger. */
static int ledger_row(void *arg, const struct scan_row *row)
{
	struct fill *f = arg;
	uint64_t at = index_pack((struct ledger_at){ f->segment, row->at });
	struct index_key k;

	index_key(&k, INDEX_ID, f->t);
	index_key_id(&k, f->r->office, row->f[AT_ID]);
	add(f, &k, at, true);
	if (f->has_hazard && row->f[AT_HAZARD].n > 0) {
		index_key(&k, INDEX_HAZARD, f->t);
		index_key_id(&k, f->r->office, row->f[AT_HAZARD]);
		index_key_number(&k, at, 8);
		add(f, &k, 0, false);
	}
	if (f->is_hazards)
		add_hazard(f, row, at);
	return f->rc != 0;
}

/* One ledger from where the stamp left off. */
static int fill_ledger(struct fill *f, const struct moment *from, const struct moment *m, const struct moment_ledger *to, struct err *e)
{
	const struct moment_ledger *old = moment_ledger(from, to->table->name);
	int cols[AT_N] = { to->table->key, -1, -1, -1, -1, -1, -1 };
	void *args[] = { f };

	f->t = to->table;
	f->is_hazards = strcmp(to->table->name, "hazards") == 0;
	cols[AT_HAZARD] = f->is_hazards ? -1 : schema_column(to->table, SPAN("hazard"));
	f->has_hazard = cols[AT_HAZARD] >= 0;
	if (f->is_hazards) {
		cols[AT_REF] = schema_column(to->table, SPAN("ref"));
		cols[AT_GRID] = schema_column(to->table, SPAN("grid"));
		cols[AT_SUBJECT] = schema_column(to->table, SPAN("subject"));
		cols[AT_REPORTED] = schema_column(to->table, SPAN("reported_at"));
		cols[AT_DESCRIPTION] = schema_column(to->table, SPAN("description"));
	}
	for (unsigned n = old != NULL ? old->segment : 1; n <= to->segment; n++) {
		off_t start = old != NULL && old->segment == n ? old->size : 0, end;
		struct segment *s;

		if (n == to->segment && start == to->size)
			continue;
		s = segment_get(f->r, to->table->name, n, e);
		if (s == NULL || segment_end(m, s, &end, e) < 0)
			return -1;
		f->segment = n;
		if (segment_scan(s, start > s->body ? start : s->body, end, cols, AT_N, ledger_row, args, 1, e) < 0)
			return -1;
	}
	return 0;
}

/* A retry key of the journal. */
static int journal_key(void *arg, const struct journal_line *l, bool chained)
{
	struct fill *f = arg;
	struct index_key k;

	if (!chained || (l->kind != JOURNAL_COMMIT && l->kind != JOURNAL_ADOPT) || l->key.n == 0)
		return 0;
	index_key(&k, INDEX_KEY, NULL);
	index_key_text(&k, l->key);
	put(f, index_val(&k), index_pack((struct ledger_at){ 0, l->offset }), false);
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
		put(f, index_val(&k), (uint64_t)(f->base + row->at), false);
	}
	return f->rc != 0;
}

/* Remove all entries of a master. */
static void clear_master(struct fill *f, const struct table *t)
{
	struct index_key k;
	MDB_cursor *cursor;
	MDB_val key, v;

	index_key(&k, INDEX_MASTER, t);
	f->rc = mdb_cursor_open(f->txn, f->env->dbi, &cursor);
	if (f->rc != 0)
		return;
	key = index_val(&k);
	for (int rc = mdb_cursor_get(cursor, &key, &v, MDB_SET_RANGE); rc == 0 && f->rc == 0;
	    rc = mdb_cursor_get(cursor, &key, &v, MDB_GET_CURRENT)) {
		if (key.mv_size < k.n || memcmp(key.mv_data, k.b, k.n) != 0)
			break;
		f->rc = mdb_cursor_del(cursor, 0);
	}
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

	for (size_t i = 0; i < m->nledgers; i++)
		if (fill_ledger(f, from, m, &m->ledger[i], e) < 0)
			return -1;
	for (size_t i = 0; i < KINDS; i++)
		flush(f, &f->run[i]);
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
		f->rc = mdb_drop(f->txn, f->env->dbi, 0);
	}
	return 0;
}

int index_fill(struct reg *r, struct index_env *env, const struct moment *m, struct err *e)
{
	struct fill f = { .r = r, .env = env, .run = { { INDEX_ID, true, 0, NULL }, { INDEX_HAZARD, true, 0, NULL },
		{ INDEX_REF, true, 0, NULL }, { INDEX_LIKE, true, 0, NULL } } };
	struct moment *from = mem_zalloc(1, sizeof *from);
	int result = -1;

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
	for (size_t i = 0; i < KINDS; i++)
		free(f.run[i].v);
	free(from);
	return result;
}

/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/time.h"
#include "register/inside.h"

#define REF_SEED 3u
/* The columns of a filter, by their place in what is asked of the scan. */
enum { FILTER_REF, FILTER_GRID, FILTER_SUBJECT, FILTER_REPORTED, FILTER_DESCRIPTION, FILTER_N };
#define FILTER_LEAST 1024u		/* words */
#define FILTER_BYTES 256u		/* of the ledger for a word: about two rows with two hashes each */
#define FILTER_THREADS 2
#define FILTER_THREADS_FROM ((off_t)8 << 20)	/* bytes */

/* A scan for rows with a value in one column, or four. */
struct hunt {
	const struct span *value;
	size_t n;
	bool first;			/* the first row is enough */
	unsigned segment;
	struct ledger_at *at;
	size_t nat, cap;
};

/* A row of the hunt. */
static int hunt_row(void *arg, const struct scan_row *row)
{
	struct hunt *h = arg;

	for (size_t i = 0; i < h->n; i++)
		if (!span_eq(row->f[i], h->value[i]))
			return 0;
	MEM_GROW(h->at, h->cap, h->nat + 1);
	h->at[h->nat++] = (struct ledger_at){ h->segment, row->at };
	return h->first;
}

/* Rows whose column cols[i] is value[i], segment by segment. */
static int hunt(struct reg *r, const struct moment *m, const char *table, const int *cols, struct hunt *h, struct err *e)
{
	const struct moment_ledger *l = moment_ledger(m, table);
	void *args[] = { h };

	for (unsigned n = 1; l != NULL && n <= l->segment; n++) {
		struct segment *s = segment_get(r, table, n, e);
		off_t end;
		int result;

		h->segment = n;
		if (s == NULL || segment_end(m, s, &end, e) < 0)
			return -1;
		result = segment_scan(s, s->body, end, cols, h->n, hunt_row, args, 1, e);
		if (result != 0)
			return result < 0 ? -1 : 0;
	}
	return 0;
}

/* The first row with that value, by a scan. */
static int hunt_one(struct reg *r, const struct moment *m, const char *table, int col, struct span value, struct ledger_at *at,
    struct err *e)
{
	struct hunt h = { .value = &value, .n = 1, .first = true };
	int result = hunt(r, m, table, &col, &h, e);

	if (result == 0 && h.nat > 0) {
		*at = h.at[0];
		result = 1;
	}
	free(h.at);
	return result;
}

/* Is what the index found part of this moment? */
static bool is_committed(const struct moment *m, const char *table, struct ledger_at at)
{
	const struct moment_ledger *l = moment_ledger(m, table);

	return l != NULL && (at.segment < l->segment || (at.segment == l->segment && at.at < l->size));
}

/* The index is given back.  One that could not tell is thrown away, and a scan must. */
static bool answered(struct reg *r, struct index *x, int found)
{
	index_close(x);
	if (found < 0)
		index_forget(r);
	return found >= 0;
}

int ledger_find(struct reg *r, const struct moment *m, const char *table, struct span id, struct ledger_at *at, struct err *e)
{
	const struct table *t = schema_table(span_of(table));
	struct index *x;
	int found;

	if (id.n == 0)
		return 0;
	x = index_at(r, m);
	found = x != NULL ? index_find_id(x, t, id, at) : -1;
	if (x == NULL || !answered(r, x, found))
		return hunt_one(r, m, table, t->key, id, at, e);
	return found && is_committed(m, table, *at);
}

/* Rows of the index into an array. */
static int collect(void *arg, struct ledger_at at)
{
	struct hunt *h = arg;

	MEM_GROW(h->at, h->cap, h->nat + 1);
	h->at[h->nat++] = at;
	return 0;
}

int ledger_of_hazard(struct reg *r, const struct moment *m, const char *table, struct span hazard,
    struct ledger_at **at, size_t *n, struct err *e)
{
	const struct table *t = schema_table(span_of(table));
	struct hunt h = { .value = &hazard, .n = 1 };
	int col = schema_column(t, SPAN("hazard")), result = 0;
	struct index *x = index_at(r, m);

	*at = NULL;
	*n = 0;
	if (x != NULL && !answered(r, x, index_each_hazard(x, t, hazard, collect, &h))) {
		x = NULL;
		h.nat = 0;
	}
	if (x != NULL) {
		/* the index may be ahead of this moment, never beside it */
		while (h.nat > 0 && !is_committed(m, table, h.at[h.nat - 1]))
			h.nat--;
	} else {
		result = hunt(r, m, table, &col, &h, e);
	}
	if (result < 0) {
		free(h.at);
		return -1;
	}
	*at = h.at;
	*n = h.nat;
	return h.nat > 0;
}

int ledger_find_ref(struct reg *r, const struct moment *m, struct span ref, struct ledger_at *at, struct err *e)
{
	const struct table *t = schema_table(SPAN("hazards"));
	struct index *x;
	int found;

	if (ref.n == 0)
		return 0;
	x = index_at(r, m);
	found = x != NULL ? index_get(x, INDEX_REF, ref, at) : -1;
	if (x == NULL || !answered(r, x, found))
		return hunt_one(r, m, "hazards", schema_column(t, SPAN("ref")), ref, at, e);
	return found && is_committed(m, "hazards", *at);
}

int ledger_find_like(struct reg *r, const struct moment *m, struct span grid, struct span subject, struct span day,
    struct span description, struct ledger_at *at, struct err *e)
{
	struct index *x = index_at(r, m);
	char print[16];
	int found;

	(void)e;
	if (x == NULL)
		return 0;
	index_fingerprint(grid, subject, day, description, print);
	found = index_get(x, INDEX_LIKE, (struct span){ print, sizeof print }, at);
	return answered(r, x, found) && found && is_committed(m, "hazards", *at);
}

uint64_t ledger_print(struct span grid, struct span subject, struct span day, struct span description)
{
	return mem_hash(description, mem_hash(day, mem_hash(subject, mem_hash(grid, 1))));
}

uint64_t ledger_ref_hash(struct span ref)
{
	return mem_hash(ref, REF_SEED);
}

/* A Bloom filter whose bits of one hash lie in one word. */
struct ledger_filter {
	uint64_t mask;			/* words - 1, a power of two less 1 */
	_Atomic uint64_t *word;
};

/* Three bits of 64. */
static uint64_t filter_bits(uint64_t hash)
{
	return UINT64_C(1) << (hash & 63) | UINT64_C(1) << (hash >> 6 & 63) | UINT64_C(1) << (hash >> 12 & 63);
}

static void filter_add(struct ledger_filter *f, uint64_t hash)
{
	atomic_fetch_or_explicit(&f->word[hash >> 18 & f->mask], filter_bits(hash), memory_order_relaxed);
}

bool ledger_filter_has(const struct ledger_filter *f, uint64_t hash)
{
	uint64_t bits = filter_bits(hash);

	return (atomic_load_explicit(&f->word[hash >> 18 & f->mask], memory_order_relaxed) & bits) == bits;
}

/* A hazard of the ledger. */
static int filter_row(void *arg, const struct scan_row *row)
{
	struct ledger_filter *f = arg;
	struct span day = row->f[FILTER_REPORTED];

	day.n = day.n < DATE_LEN ? day.n : DATE_LEN;
	filter_add(f, ledger_print(row->f[FILTER_GRID], row->f[FILTER_SUBJECT], day, row->f[FILTER_DESCRIPTION]));
	if (row->f[FILTER_REF].n > 0)
		filter_add(f, ledger_ref_hash(row->f[FILTER_REF]));
	return 0;
}

off_t ledger_bytes(struct reg *r, const struct moment *m, const char *table)
{
	const struct moment_ledger *l = moment_ledger(m, table);
	struct err ignored = ERR_INIT;
	off_t sum = 0, end;

	for (unsigned n = 1; l != NULL && n <= l->segment; n++) {
		struct segment *s = segment_get(r, table, n, &ignored);

		if (s == NULL || segment_end(m, s, &end, &ignored) < 0)
			return -1;
		sum += end - s->body;
	}
	return sum;
}

struct ledger_filter *ledger_filter_new(struct reg *r, const struct moment *m)
{
	const struct table *t = schema_table(SPAN("hazards"));
	const int cols[FILTER_N] = { [FILTER_REF] = schema_column(t, SPAN("ref")),
		[FILTER_GRID] = schema_column(t, SPAN("grid")), [FILTER_SUBJECT] = schema_column(t, SPAN("subject")),
		[FILTER_REPORTED] = schema_column(t, SPAN("reported_at")),
		[FILTER_DESCRIPTION] = schema_column(t, SPAN("description")) };
	struct ledger_filter *f = mem_zalloc(1, sizeof *f);
	void *const args[FILTER_THREADS] = { f, f };
	struct err ignored = ERR_INIT;
	off_t bytes = ledger_bytes(r, m, t->name);
	size_t words = FILTER_LEAST;

	while ((off_t)(words * FILTER_BYTES) < bytes)
		words *= 2;
	f->mask = words - 1;
	f->word = mem_zalloc(words, sizeof *f->word);
	if (bytes >= 0 && ledger_scan(r, m, t->name, cols, FILTER_N, filter_row, args,
	    bytes < FILTER_THREADS_FROM ? 1 : scan_cores(FILTER_THREADS), &ignored) == 0)
		return f;
	ledger_filter_free(f);
	return NULL;
}

void ledger_filter_free(struct ledger_filter *f)
{
	if (f == NULL)
		return;
	free(f->word);
	free(f);
}

/* A commit line with the key. */
struct key_hunt {
	struct span key;
	uint64_t seq;
	int64_t at;
};

/* A line of the journal, backwards. */
static int key_line(void *arg, const struct journal_line *l, bool chained)
{
	struct key_hunt *h = arg;

	if (!chained || (l->kind != JOURNAL_COMMIT && l->kind != JOURNAL_ADOPT) || !span_eq(l->key, h->key))
		return 0;
	h->seq = l->seq;
	h->at = l->at;
	return 1;
}

/* A writer that was killed before it could sync leaves a line that everybody sees and a power cut takes away: before it is
 * told as recorded it must be durable.  What the line covers was synced before it. */
static int journal_stands(struct reg *r, struct err *e)
{
	int fd = journal_open(r, O_RDONLY, e), result;

	if (fd < 0)
		return -1;
	result = io_sync_data(fd, JOURNAL_NAME, e);
	return io_close(fd, JOURNAL_NAME, e) < 0 ? -1 : result;
}

int commit_find_key(struct reg *r, const struct moment *m, const char *key, uint64_t *seq, int64_t *at, struct err *e)
{
	struct key_hunt h = { .key = span_of(key) };
	struct ledger_at where;
	struct index *x;
	int found;

	if (h.key.n == 0)
		return 0;
	x = index_at(r, m);
	found = x != NULL ? index_get(x, INDEX_KEY, h.key, &where) : -1;
	if (x != NULL && answered(r, x, found)) {
		if (!found)
			return 0;
		/* of a later moment: look for one up to this by the journal itself */
		found = where.at < m->journal ? journal_walk_from(r, where.at, m->journal, key_line, &h, e) : 0;
		if (found == 0)
			found = journal_walk_back(r, m->journal, key_line, &h, e);
	} else {
		found = journal_walk_back(r, m->journal, key_line, &h, e);
	}
	if (found <= 0)
		return found;
	*seq = h.seq;
	*at = h.at;
	return journal_stands(r, e) < 0 ? -1 : 1;
}

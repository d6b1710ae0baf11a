/* SPDX-License-Identifier: MIT */
#include "register/indexfill.h"

#include <endian.h>

#define THREADS_FROM ((off_t)8 << 20)	/* bytes to read; fewer are read by one thread */

/* The columns of a ledger that are indexed, by their place in what is asked of the scan. */
enum { AT_ID, AT_HAZARD, AT_REF, AT_GRID, AT_SUBJECT, AT_REPORTED, AT_DESCRIPTION, AT_N };
/* Take an entry; one that is too long for a sorter waits in a queue. */
static int add(struct part *p, int sort, const struct index_key *k, uint64_t v, bool keep)
{
	struct sort_entry x = { .n = (uint8_t)k->n, .keep = keep, .v = v };
	struct index_key whole;

	if (k->n <= SORT_KEY) {
		memcpy(x.key, k->b, k->n);
		return sorter_add(&p->sorter[sort], &x, &p->spool, &p->e);
	}
	if (sort == SORT_HAZARD) {
		whole = *k;
		index_key_number(&whole, v, 8);
		queue_put(&p->odd_text, (struct span){ (char *)whole.b, whole.n }, (struct span){ NULL, 0 }, false);
	} else {
		queue_put(&p->odd_text, (struct span){ (const char *)k->b, k->n }, (struct span){ (char *)&v, sizeof v }, keep);
	}
	return 0;
}

/* The run of ids is over. */
static void end_ids(struct part *p)
{
	struct places *run = &p->ids;

	if (run->n > 0)
		queue_put(&p->id_text, (struct span){ (char *)run->key.b, run->key.n },
		    (struct span){ (char *)run->at, run->n * sizeof *run->at }, true);
	run->n = 0;
}

/* Does the id k have the number behind the last one of the run? */
static bool is_next(const struct places *run, const struct index_key *k)
{
	uint32_t first, here;

	if (run->n == 0 || run->n == PLACES || !k->packed || k->n != run->key.n
	    || memcmp(run->key.b, k->b, k->n - sizeof first) != 0)
		return false;
	memcpy(&first, run->key.b + k->n - sizeof first, sizeof first);
	memcpy(&here, k->b + k->n - sizeof here, sizeof here);
	return be32toh(here) == be32toh(first) + run->n;
}

/* Take the id of a row. */
static void add_id(struct part *p, struct span id, uint64_t at)
{
	struct index_key k;

	index_key(&k, INDEX_ID, p->f->t);
	index_key_id(&k, p->f->r->office, id);
	if (!k.packed) {
		queue_put(&p->odd_text, (struct span){ (char *)k.b, k.n }, (struct span){ (char *)&at, sizeof at }, true);
		return;
	}
	if (!is_next(&p->ids, &k)) {
		end_ids(p);
		p->ids.key = k;
	}
	p->ids.at[p->ids.n++] = at;
}

/* What a new hazard brings besides its id. */
static int add_hazard(struct part *p, const struct scan_row *row, uint64_t at)
{
	struct span day = row->f[AT_REPORTED];
	struct index_key k;
	char print[16];

	if (row->f[AT_REF].n > 0) {
		index_key(&k, INDEX_REF, NULL);
		index_key_text(&k, row->f[AT_REF]);
		if (add(p, SORT_REF, &k, at, true) < 0)
			return -1;
	}
	day.n = day.n < 10 ? day.n : 10;
	index_fingerprint(row->f[AT_GRID], row->f[AT_SUBJECT], day, row->f[AT_DESCRIPTION], print);
	index_key(&k, INDEX_LIKE, NULL);
	index_key_text(&k, (struct span){ print, sizeof print });
	return add(p, SORT_LIKE, &k, at, false);
}

/* A row of a ledger. */
static int ledger_row(void *arg, const struct scan_row *row)
{
	struct part *p = arg;
	const struct fill *f = p->f;
	uint64_t at = index_pack((struct ledger_at){ f->segment, row->at });
	struct index_key k;

	add_id(p, row->f[AT_ID], at);
	if (f->has_hazard && row->f[AT_HAZARD].n > 0) {
		index_key(&k, INDEX_HAZARD, f->t);
		index_key_id(&k, f->r->office, row->f[AT_HAZARD]);
		if (add(p, SORT_HAZARD, &k, at, false) < 0)
			return -1;
	}
	return f->is_hazards ? add_hazard(p, row, at) : 0;
}

/* A block is read: what stays in the order of the ledger is put behind that of the blocks before. */
static int end_block(void *arg)
{
	struct part *p = arg;
	int result;

	end_ids(p);
	result = queue_add(&p->f->ids, buf_view(&p->id_text), &p->e);
	if (result == 0)
		result = queue_add(&p->f->odd, buf_view(&p->odd_text), &p->e);
	buf_reset(&p->id_text);
	buf_reset(&p->odd_text);
	return result;
}

/* A segment's rows from an offset on. */
static int fill_segment(struct fill *f, struct segment *s, off_t from, off_t to, const int *cols, struct err *e)
{
	void *args[FILL_THREADS];
	int result;

	for (size_t i = 0; i < FILL_THREADS; i++)
		args[i] = &f->part[i];
	result = segment_scan_ordered(s, from, to, cols, AT_N, ledger_row, end_block, args,
	    to - from < THREADS_FROM ? 1 : scan_cores(FILL_THREADS), e);
	for (size_t i = 0; i < FILL_THREADS && result != 0; i++)
		if (f->part[i].e.status != ERR_OK)
			err_set(e, f->part[i].e.status, "%s", f->part[i].e.text);
	return result != 0 ? -1 : 0;
}

int fill_ledger(struct fill *f, const struct moment *from, const struct moment *m, const struct moment_ledger *to, struct err *e)
{
	const struct moment_ledger *old = moment_ledger(from, to->table->name);
	int cols[AT_N] = { to->table->key, -1, -1, -1, -1, -1, -1 };

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
		if (fill_segment(f, s, start > s->body ? start : s->body, end, cols, e) < 0)
			return -1;
	}
	return 0;
}

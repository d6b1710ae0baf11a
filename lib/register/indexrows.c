/* SPDX-License-Identifier: MIT */
#include "register/indexfill.h"

#include "base/mem.h"

#define PIECE ((size_t)1 << 20)	/* bytes in memory: what is made of them stays in the cache until its turn comes */
#define THREADS_FROM ((off_t)8 << 20)	/* bytes to read; fewer are read by one thread */

/* The columns of a ledger that are indexed, by their place in what is asked of the scan. */
enum { AT_ID, AT_HAZARD, AT_REF, AT_GRID, AT_SUBJECT, AT_REPORTED, AT_DESCRIPTION, AT_N };

/* The number at the end of an id, as schema_id_parse takes it; 0: it is none. */
static uint64_t number_of(const char *p, size_t n)
{
	uint64_t v = 0;

	if (n < 6 || n > 9 || (n > 6 && p[0] == '0'))
		return 0;
	for (size_t i = 0; i < n; i++) {
		unsigned digit = (unsigned char)p[i] - (unsigned)'0';

		if (digit > 9)
			return 0;
		v = 10 * v + digit;
	}
	return v;
}

/* The number of an id of this office, whose letter and year are in k then; 0: it is none. */
static uint64_t id_number(struct known *k, const char *office, struct span id)
{
	struct schema_id x;
	uint64_t number;

	if (k->n > 0 && id.n > k->n && bytes_eq(id.p, k->text, k->n)) {
		number = number_of(id.p + k->n, id.n - k->n);
		if (number > 0)
			return number;
	}
	if (!schema_id_parse(id, &x) || !span_is(x.office, office))
		return 0;
	k->n = x.office.n + sizeof "-H2026-" - 1;
	memcpy(k->text, id.p, k->n);
	k->letter = x.letter;
	k->year = (uint64_t)x.year;
	return x.number;
}

/* Take an entry of the block under way. */
static void add(struct part *p, int sort, uint64_t key, uint64_t place)
{
	struct entries *x = &p->entries[sort];

	MEM_GROW(x->v, x->cap, x->n + 1);
	x->v[x->n++] = (struct sieve_entry){ key, place };
}

/* The run of ids is over. */
static void end_ids(struct part *p)
{
	unsigned char run[1 + PLACES_MAX];

	if (p->places.count > 0) {
		run[0] = (unsigned char)p->places.count;
		memcpy(run + 1, p->places.b, p->places.n);
		queue_put(&p->id_text, (struct span){ (char *)p->run.b, p->run.n }, (struct span){ (char *)run, 1 + p->places.n },
		    true);
	}
	p->places.count = 0;
}

/* Take the id of a row. */
static void add_id(struct part *p, struct span id, uint64_t at)
{
	uint64_t number = id_number(&p->id, p->f->r->office, id);
	struct index_key k;

	if (number == 0) {
		index_key_odd(&k, INDEX_ID, p->f->t, id);
		queue_put(&p->odd_text, (struct span){ (char *)k.b, k.n }, (struct span){ (char *)&at, sizeof at }, true);
		return;
	}
	if (p->places.count == 0 || p->places.count == INDEX_RUN || number != p->next || p->id.letter != p->letter
	    || p->id.year != p->year || !places_add(&p->places, 0, at)) {
		end_ids(p);
		index_key(&p->run, INDEX_ID, p->f->t);
		index_key_id(&p->run, p->f->r->office, id);
		p->letter = p->id.letter;
		p->year = p->id.year;
		places_start(&p->places, 0, 0);
		places_add(&p->places, 0, at);
	}
	p->next = number + 1;
}

/* Take the hazard that a row is about. */
static void add_of_hazard(struct part *p, struct span hazard, uint64_t at)
{
	uint64_t number = id_number(&p->hazard, p->f->r->office, hazard);
	struct index_key k;

	if (number > 0 && p->hazard.letter == 'H') {
		add(p, SORT_HAZARD, fill_hazard_key(p->f->t, p->hazard.year, number), at);
		return;
	}
	index_key_odd(&k, INDEX_HAZARD, p->f->t, hazard);
	index_key_number(&k, at, 8);
	queue_put(&p->odd_text, (struct span){ (char *)k.b, k.n }, (struct span){ NULL, 0 }, false);
}

/* A row of a ledger. */
static int ledger_row(void *arg, const struct scan_row *row)
{
	struct part *p = arg;
	const struct fill *f = p->f;
	uint64_t at = index_pack((struct ledger_at){ f->segment, f->base + row->at });
	struct span day;

	add_id(p, row->f[AT_ID], at);
	if (f->has_hazard && row->f[AT_HAZARD].n > 0)
		add_of_hazard(p, row->f[AT_HAZARD], at);
	if (!f->is_hazards)
		return 0;
	if (row->f[AT_REF].n > 0)
		add(p, SORT_REF, index_print_ref(row->f[AT_REF]), at);
	day = row->f[AT_REPORTED];
	day.n = day.n < INDEX_DAY ? day.n : INDEX_DAY;
	add(p, SORT_LIKE, index_print_like(row->f[AT_GRID], row->f[AT_SUBJECT], day, row->f[AT_DESCRIPTION]), at);
	return 0;
}

/* A block is read: what it brings is put behind that of the blocks before. */
static int end_block(void *arg)
{
	struct part *p = arg;
	int result;

	end_ids(p);
	result = queue_add(&p->f->ids, buf_view(&p->id_text), &p->e);
	if (result == 0)
		result = queue_add(&p->f->odd, buf_view(&p->odd_text), &p->e);
	for (int k = 0; k < SORTS; k++) {
		if (result == 0)
			result = sieve_add(&p->f->sieve[k], p->entries[k].v, p->entries[k].n, &p->e);
		p->entries[k].n = 0;
	}
	buf_reset(&p->id_text);
	buf_reset(&p->odd_text);
	return result;
}

/* A segment's rows from an offset on. */
static int fill_segment(struct fill *f, struct segment *s, off_t from, off_t to, const int *cols, struct err *e)
{
	void *args[FILL_THREADS];
	int result;

	f->base = 0;
	for (size_t i = 0; i < FILL_THREADS; i++)
		args[i] = &f->part[i];
	result = segment_scan_ordered(s, from, to, cols, AT_N, ledger_row, end_block, args,
	    to - from < THREADS_FROM ? 1 : scan_cores(FILL_THREADS), e);
	for (size_t i = 0; i < FILL_THREADS && result != 0; i++)
		if (f->part[i].e.status != ERR_OK)
			err_set(e, f->part[i].e.status, "%s", f->part[i].e.text);
	return result != 0 ? -1 : 0;
}

/* The rows of a commit that is being written. */
static int fill_memory(struct fill *f, const struct index_rows *rows, const int *cols, struct err *e)
{
	struct scan_want want = { .ncols = (size_t)f->t->ncolumns, .cols = cols, .n = AT_N };
	struct part *p = &f->part[0];
	struct span rest = rows->bytes, piece;

	f->segment = rows->segment;
	f->base = rows->at;
	for (; rest.n > 0; rest.p += piece.n, rest.n -= piece.n, f->base += (off_t)piece.n) {
		const char *lf = rest.n > PIECE ? memchr(rest.p + PIECE, '\n', rest.n - PIECE) : NULL;

		piece = (struct span){ rest.p, lf != NULL ? (size_t)(lf + 1 - rest.p) : rest.n };
		if (scan_bytes(f->t->name, piece, true, 2, &want, ledger_row, p, e) != 0)
			return -1;
		if (end_block(p) != 0)
			return err_set(e, p->e.status, "%s", p->e.text);
	}
	return 0;
}

/* What the commit that is being followed brings to a ledger; NULL: nothing. */
static const struct index_rows *gained(const struct index_gain *g, const struct table *t)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->rows[i].table == t)
			return &g->rows[i];
	return NULL;
}

int fill_ledger(struct fill *f, const struct moment *from, const struct moment *m, const struct moment_ledger *to, struct err *e)
{
	const struct index_rows *rows = f->early != NULL ? gained(f->early->gain, to->table) : NULL;
	const struct moment_ledger *old = moment_ledger(from, to->table->name);
	int cols[AT_N] = { to->table->key, -1, -1, -1, -1, -1, -1 };

	if (f->early != NULL && rows == NULL)
		return 0;
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
	if (rows != NULL)
		return fill_memory(f, rows, cols, e);
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

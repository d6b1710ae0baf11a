/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/time.h"
#include "model/limits.h"
#include "model/listint.h"
#include "register/watchfile.h"

/* One list_run: what its threads share. */
struct listing {
	struct fold *f;
	const struct list_want *want;
	list_row_fn *fn;
	const int *filtered;		/* columns that the filter looks at */
	size_t nfiltered;
	unsigned first, rest;		/* parts before the filter, and behind it */
	int scan[SCAN_WANT_MAX];	/* hazards columns read */
	size_t nscan;
	size_t grid;			/* where the grid stands among them; SIZE_MAX: it is not asked for */
	pthread_mutex_t patterns, masters;
};

/* One thread. */
struct lister {
	struct listing *l;
	struct maker m;
	void *arg;
	struct filter filter;
	int *map;			/* column -> place in tested */
	struct span *row, *tested, *value;
	char (*text)[VALUE_TEXT];
	off_t failed_at;		/* the row that e is about */
	struct err e;
};

/* Derive what is in parts and not in done. */
static int derive(struct maker *m, struct hazard *h, unsigned parts, struct err *e)
{
	if (parts & PART_GRID && derive_grid(&m->d, h, e) < 0)
		return -1;
	if (parts & PART_SUBJECT && derive_subject(&m->d, h, e) < 0)
		return -1;
	if (parts & PART_CLOCK && derive_clock(&m->d, h, NULL, e) < 0)
		return -1;
	return parts & PART_PILOTS ? derive_pilots(&m->d, h, &m->pilots, e) : 0;
}

/* The values of n columns. */
static void make(struct maker *m, const struct hazard *h, const int *col, size_t n, bool zh, char (*text)[VALUE_TEXT], struct span *v)
{
	const struct list_kind *kind = m->want->columns->kind;

	for (size_t i = 0; i < n; i++) {
		const struct list_kind *k = col[i] >= 0 ? &kind[col[i]] : NULL;

		if (k == NULL) {
			v[i] = SPAN("");
			continue;
		}
		v[i] = k->make(m, h, k->arg, text[i]);
		if (zh)
			v[i] = value_label(h, k, v[i]);
		if (v[i].p == NULL)
			v[i] = SPAN("");
	}
}

/* The slot of a row. */
static uint32_t slot_of(struct lister *t, struct span id)
{
	const struct fold *f = t->l->f;

	return f->years != NULL ? slot_find(f, &t->m.d.year, id) : names_find(&f->ids, id);
}

/* Has the hazard ended, with a limit of its rule that runs on? */
static int runs_on(struct lister *t, struct hazard *h)
{
	const struct listing *l = t->l;
	const struct rule *r;
	struct limit_record x = { .marks = l->f->marks };
	int64_t start;

	if (!l->want->limited || x.marks == NULL || h->phase == PHASE_OPEN || h->phase == PHASE_DONE || h->slot == UINT32_MAX
	    || !marks_live_on(x.marks, h->slot))
		return 0;
	if (derive_rule(&t->m.d, h, &t->e) < 0)
		return -1;
	r = &h->policy->rules.v[h->rule];
	x.marked = fold_marks(l->f, h->slot);
	for (size_t i = 0; i < r->nlimits; i++)
		if (limit_runs(&x, h, &r->limit[i], &start))
			return 1;
	return 0;
}

/* One row of hazards.csv. */
static int list_row(struct lister *t, const struct scan_row *row)
{
	const struct listing *l = t->l;
	struct hazard h;
	int pass;

	for (size_t i = 0; i < l->nscan; i++)
		t->row[l->scan[i]] = row->f[i];
	if (l->grid != SIZE_MAX)
		derive_grid_soon(&t->m.d, scan_soon(row, l->grid, 2));
	if (derive_base(&t->m.d, slot_of(t, row->f[0]), t->row, &h, &t->e) < 0)
		return -1;
	if (h.reported > l->f->as_of)
		return 0;
	if (l->nfiltered > 0) {
		if (derive(&t->m, &h, l->first, &t->e) < 0)
			return -1;
		make(&t->m, &h, l->filtered, l->nfiltered, false, t->text, t->tested);
		pass = filter_pass(&t->filter, t->tested, t->map, &t->e);
		if (pass == 0)
			pass = runs_on(t, &h);
		if (pass <= 0)
			return pass;
	}
	if (derive(&t->m, &h, l->rest, &t->e) < 0)
		return -1;
	make(&t->m, &h, l->want->col, l->want->n, l->want->zh, t->text + l->nfiltered, t->value);
	return l->fn(t->arg, l->want->hazard ? &h : NULL, t->value);
}

static int on_hazard(void *arg, const struct scan_row *row)
{
	struct lister *t = arg;
	int result = list_row(t, row);

	if (result < 0)
		t->failed_at = row->at;
	return result;
}

/* A block of rows is through. */
static int on_end(void *arg)
{
	struct lister *t = arg;

	return t->l->want->end(t->arg);
}

/* The hazards through the threads; the first row that failed says why, whichever thread met it. */
static int run(struct listing *l, struct lister *t, void *const *args, size_t n, struct err *e)
{
	struct reg *r = l->f->office->reg;
	const struct moment *m = &l->f->office->at;
	const struct lister *first = NULL;
	int result;

	if (l->f->rows != NULL)
		result = watch_scan(l->f->rows, "hazards", l->scan, l->nscan, on_hazard, args[0], e);
	else if (l->want->end != NULL)
		result = ledger_scan_ordered(r, m, "hazards", l->scan, l->nscan, on_hazard, on_end, args, n, e);
	else
		result = ledger_scan(r, m, "hazards", l->scan, l->nscan, on_hazard, args, n, e);
	for (size_t i = 0; i < n && result < 0; i++)
		if (t[i].e.status != ERR_OK && (first == NULL || t[i].failed_at < first->failed_at))
			first = &t[i];
	return first != NULL ? err_set(e, first->e.status, "%s", first->e.text) : result;
}

static void maker_clear(struct maker *m)
{
	deriver_clear(&m->d);
	names_clear(&m->stood);
	free(m->level);
}

/* A thread's own things. */
static int lister_init(struct lister *t, struct listing *l, void *arg, struct err *e)
{
	size_t ncols = (size_t)schema_table(SPAN("hazards"))->ncolumns;

	*t = (struct lister){ .l = l, .arg = arg, .e = ERR_INIT };
	t->m = (struct maker){ .want = l->want, .e = &t->e, .lock = &l->masters };
	deriver_init(&t->m.d, l->f, l->want->now);
	t->m.d.lock = &l->patterns;
	t->m.d.row = mem_zalloc(ncols, sizeof *t->m.d.row);
	t->row = mem_zalloc(ncols, sizeof *t->row);
	for (size_t i = 0; i < ncols; i++)
		t->row[i] = SPAN("");
	t->map = mem_zalloc(l->want->columns->ids.n, sizeof *t->map);
	for (size_t i = 0; i < l->nfiltered; i++)
		t->map[l->filtered[i]] = (int)i;
	t->tested = mem_zalloc(l->nfiltered, sizeof *t->tested);
	t->value = mem_zalloc(l->want->n, sizeof *t->value);
	t->text = mem_zalloc(l->nfiltered + l->want->n, sizeof *t->text);
	if ((l->first | l->rest) & PART_GRID)
		t->m.d.grids = office_grids(l->f->office, e);
	return l->want->filter != NULL ? filter_copy(&t->filter, l->want->filter, e) : 0;
}

static void lister_clear(struct lister *t)
{
	maker_clear(&t->m);
	filter_clear(&t->filter);
	free(t->row);
	free(t->map);
	free(t->tested);
	free(t->value);
	free(t->text);
}

/* The parts that columns need. */
static unsigned parts_of(const struct list_columns *c, const int *col, size_t n)
{
	unsigned parts = 0;

	for (size_t i = 0; i < n; i++)
		parts |= col[i] >= 0 ? c->kind[col[i]].parts : 0;
	return parts;
}

/* Which fields do rules look at, over every version, and do they ask who leads? */
static int rules_look(struct office *o, unsigned *fields, bool *organs, struct err *e)
{
	size_t n;

	*fields = 0;
	if (office_policies(o, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct rules *r = &office_version(o, i)->rules;

		if (office_version(o, i)->overlays.n > 0) {	/* who leads: by category and place */
			*fields |= 1u << RULE_CATEGORY | 1u << RULE_TIER;
			*organs = true;
		}
		for (size_t k = 0; k < r->n; k++) {
			if (r->v[k].scope.set)		/* its units are those of the tier */
				*fields |= 1u << RULE_TIER;
			for (size_t j = 0; j < r->v[k].ntests; j++)
				*fields |= 1u << r->v[k].when[j].field;
		}
	}
	return 0;
}

/* A hazards column that is to be read, once; where it stands among them. */
static size_t scan_column(struct listing *l, int col)
{
	for (size_t i = 0; i < l->nscan; i++)
		if (l->scan[i] == col)
			return i;
	l->scan[l->nscan] = col;
	return l->nscan++;
}

/* The columns to read for what is wanted. */
static void choose_columns(struct listing *l, const struct hazard_columns *c, unsigned fields)
{
	const struct list_kind *kind = l->want->columns->kind;
	unsigned parts = l->first | l->rest;

	scan_column(l, c->hazard);
	scan_column(l, c->reported_at);
	scan_column(l, c->policy);
	for (int i = 0; l->want->hazard && i < schema_table(SPAN("hazards"))->ncolumns; i++)
		scan_column(l, i);
	for (size_t i = 0; i < l->want->n + l->nfiltered; i++) {
		int col = i < l->want->n ? l->want->col[i] : l->filtered[i - l->want->n];

		if (col < 0)
			continue;
		if (kind[col].parts & PART_ROW)
			scan_column(l, kind[col].arg);
		if (span_is(names_at(&l->want->columns->ids, (uint32_t)col), "reporter_level"))
			scan_column(l, c->reporter);
	}
	l->grid = SIZE_MAX;
	if (parts & PART_GRID)
		l->grid = scan_column(l, c->grid);
	if (parts & PART_SUBJECT)
		scan_column(l, c->subject);
	if (!(parts & PART_CLOCK))
		return;
	scan_column(l, c->found_at);
	if (fields & 1u << RULE_SEVERITY)
		scan_column(l, c->severity);
	if (fields & 1u << RULE_CATEGORY)
		scan_column(l, c->category);
	if (fields & 1u << RULE_SOURCE)
		scan_column(l, c->source);
	if (fields & 1u << RULE_EMERGENCY)
		scan_column(l, c->emergency);
}

/* Everything that threads only read is made before they start. */
static int prepare(struct listing *l, struct err *e)
{
	struct office *o = l->f->office;
	struct deriver d;
	struct master *m;
	struct master_row row;
	const struct master_row *rows;
	unsigned fields = 0;
	bool organs = l->f->owners;
	size_t n;

	deriver_init(&d, l->f, 0);
	l->first = parts_of(l->want->columns, l->filtered, l->nfiltered);
	l->rest = parts_of(l->want->columns, l->want->col, l->want->n);
	if (l->want->hazard)
		l->rest |= PART_GRID | PART_SUBJECT | PART_CLOCK;
	if (rules_look(o, &fields, &organs, e) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		unsigned *parts = i == 0 ? &l->first : &l->rest;

		if (*parts & PART_CLOCK && fields & (1u << RULE_SECTOR | 1u << RULE_SUBJECT_KIND))
			*parts |= PART_SUBJECT;
		if (*parts & PART_CLOCK && fields & 1u << RULE_TIER)
			*parts |= PART_GRID;
	}
	l->rest &= ~l->first;
	office_policies(o, &n, e);
	for (size_t i = 0; i < n; i++)
		flow_for(l->f, &office_version(o, i)->workflow);
	if ((l->first | l->rest) & PART_GRID && office_grids(o, e) == NULL)
		return -1;
	if ((l->first | l->rest) & PART_SUBJECT) {
		m = office_master(o, "subjects", e);
		if (m == NULL || master_rows(m, &rows, &n, e) < 0 || master_find(m, SPAN("-"), DATE_NONE, &row, e) < 0)
			return -1;
	}
	if ((l->first | l->rest) & PART_CLOCK && organs) {
		m = office_master(o, "organs", e);
		if (m == NULL || master_rows(m, &rows, &n, e) < 0 || master_find(m, SPAN("-"), DATE_NONE, &row, e) < 0 ||
		    master_find_by(m, schema_column(master_table(m), SPAN("grid")), SPAN("-"), DATE_NONE, &row, 1, e) < 0)
			return -1;
	}
	choose_columns(l, &d.col, fields);
	return 0;
}

/* The filter's columns, each once. */
static int *filter_columns(const struct filter *f, size_t *n)
{
	int *col = mem_zalloc(f != NULL ? f->n : 0, sizeof *col);

	*n = 0;
	for (size_t i = 0; f != NULL && i < f->n; i++) {
		size_t k = 0;

		while (k < *n && col[k] != f->v[i].col)
			k++;
		if (k == *n)
			col[(*n)++] = f->v[i].col;
	}
	return col;
}

int list_run(struct fold *f, const struct list_want *want, list_row_fn *fn, void *const *args, struct err *e)
{
	struct listing l = { .f = f, .want = want, .fn = fn, .patterns = PTHREAD_MUTEX_INITIALIZER, .masters = PTHREAD_MUTEX_INITIALIZER };
	size_t nthreads = want->nthreads > 0 ? want->nthreads : 1, made = 0;
	struct lister *t = mem_zalloc(nthreads, sizeof *t);
	void **targs = mem_zalloc(nthreads, sizeof *targs);
	int *filtered = filter_columns(want->filter, &l.nfiltered), result = -1;

	l.filtered = filtered;
	if (prepare(&l, e) < 0)
		goto done;
	for (; made < nthreads; made++) {
		targs[made] = &t[made];
		if (lister_init(&t[made], &l, args[made], e) < 0)
			goto done;
	}
	result = run(&l, t, targs, nthreads, e);
done:
	for (size_t i = 0; i < nthreads && i <= made; i++)
		if (t[i].l != NULL)
			lister_clear(&t[i]);
	free(t);
	free(targs);
	free(filtered);
	return result;
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "model/foldint.h"
#include "model/marks.h"
#include "model/watch.h"

#define CHUNK 4096
#define THREADS 2
#define STEPS_MAX 255
#define KINDS_MAX 255
#define UNSURE 255		/* a state: it takes the whole fold to know */
#define BITS 8			/* of brief.runs; limits beyond them share the last one */

/* What has to be known of a hazard to say whether it is watched; all zero: nothing happened yet. */
struct brief {
	uint8_t state;		/* as in the slot */
	uint8_t runs;		/* limits from step to step that run */
	uint8_t kind;		/* of the workflow it is pinned to */
};

/* What a step does to the limits. */
struct mark_bits {
	uint8_t begins, ends;
};

struct finding {
	struct office *office;
	struct fold *f;			/* for its flows and marks: it has no slots */
	struct fold_years years;
	struct brief_year {
		struct brief **chunk;	/* by number / CHUNK */
		size_t n;
	} *year;
	size_t nyears, years_cap;
	const struct fold_flow *kind[KINDS_MAX];	/* workflows that differ; 0 that of the policy in force */
	size_t nkinds;
	struct names steps;		/* of all kinds, those of kind 0 first and in its order */
	const struct flow_step **step;	/* by kind * STEPS_MAX + number; NULL: that kind has none of the name */
	struct mark_bits *bits;		/* by number of the mark */
	uint8_t lives;			/* limits that go on when the hazard ends */
	struct watch_rows *out;
	off_t most;			/* bytes of the ledger that is copied from */
	unsigned segment;
	size_t nthreads;
	struct err *e;
};

/* One thread: packed steps of a block, or copied rows of a segment. */
struct finder {
	struct finding *x;
	struct fold_years years;
	size_t year;			/* where the last id was found */
	uint32_t *same;			/* the finding's numbers of its years */
	size_t nsame, same_cap;
	struct packed_step {
		uint32_t number;
		uint16_t year;
		uint8_t step;		/* 1 + its number */
		bool fail;
	} *v;
	size_t n, cap;
	struct watch_rows rows;
};

/* The brief of a hazard; NULL: it has none. */
static struct brief *brief_of(const struct finding *x, size_t year, uint32_t number)
{
	const struct brief_year *y = year < x->nyears ? &x->year[year] : NULL;

	if (y == NULL || number / CHUNK >= y->n || y->chunk[number / CHUNK] == NULL)
		return NULL;
	return &y->chunk[number / CHUNK][number % CHUNK];
}

/* The same, made when it is missing. */
static struct brief *brief_make(struct finding *x, size_t year, uint32_t number)
{
	struct brief_year *y;

	if (year >= x->nyears) {
		MEM_GROW(x->year, x->years_cap, year + 1);
		memset(x->year + x->nyears, 0, (year + 1 - x->nyears) * sizeof *x->year);
		x->nyears = year + 1;
	}
	y = &x->year[year];
	if (number / CHUNK >= y->n) {
		size_t old = y->n;

		MEM_GROW(y->chunk, y->n, number / CHUNK + 1);
		memset(y->chunk + old, 0, (y->n - old) * sizeof *y->chunk);
	}
	if (y->chunk[number / CHUNK] == NULL)
		y->chunk[number / CHUNK] = mem_zalloc(CHUNK, sizeof **y->chunk);
	return &y->chunk[number / CHUNK][number % CHUNK];
}

static bool is_over(const struct fold_flow *w, uint8_t state)
{
	return w->phase[state] != PHASE_OPEN && w->phase[state] != PHASE_DONE;
}

/* What marks do (marks.c), as far as limits that may run on after the end ask for it. */
static void mark(const struct finding *x, struct brief *b, const struct flow_step *s, bool over, bool ends)
{
	const struct mark_bits none = { 0, 0 }, *step = s->mark > 0 ? &x->bits[s->mark - 1] : &none;

	if (!over && ends)
		b->runs &= x->lives;
	else if (!ends && (over || s->effect == WF_REOPEN))
		b->runs = 0;
	b->runs = (uint8_t)((b->runs & ~step->ends) | step->begins);
}

/* One event in its turn. */
static void take(struct finding *x, uint32_t year, const struct packed_step *p)
{
	struct brief *b = brief_make(x, year, p->number);
	const struct fold_flow *w = x->kind[b->kind];
	const struct flow_step *s = p->step > 0 ? x->step[b->kind * STEPS_MAX + p->step - 1] : NULL;
	uint8_t from, to;

	if (s == NULL || b->state == UNSURE || s->effect == WF_CORRECT)
		return;
	if (s->effect == WF_RETRACT || s->effect == WF_REPIN) {
		b->state = UNSURE;
		return;
	}
	from = b->state > 0 ? (uint8_t)(b->state - 1) : w->start;
	to = s->fails && p->fail ? s->to_fail : s->to;
	if (x->bits != NULL)
		mark(x, b, s, is_over(w, from), is_over(w, to != FLOW_STAYS ? to : from));
	if (to != FLOW_STAYS)
		b->state = (uint8_t)(to + 1);
}

/* One event: hazard, step, result. */
static int on_event(void *arg, const struct scan_row *row)
{
	struct finder *t = arg;
	const struct finding *x = t->x;
	const struct flow_step *s = flow_step(x->kind[0], row->f[1]);
	struct packed_step p = { .number = id_number(&t->years, &t->year, row->f[0]) };
	uint32_t other;

	if (p.number == UINT32_MAX)
		return 0;
	if (s != NULL) {
		p.step = (uint8_t)(s - x->kind[0]->step + 1);
	} else {
		other = names_find(&x->steps, row->f[1]);
		if (other == NAMES_NONE)
			return 0;
		p.step = (uint8_t)(other + 1);
	}
	if (t->year > UINT16_MAX)
		return 1;
	p.year = (uint16_t)t->year;
	p.fail = span_is(row->f[2], "fail");
	MEM_GROW(t->v, t->cap, t->n + 1);
	t->v[t->n++] = p;
	return 0;
}

/* The events of a block, in the order of the ledger. */
static int on_block(void *arg)
{
	struct finder *t = arg;

	while (t->nsame < t->years.n) {
		MEM_GROW(t->same, t->same_cap, t->nsame + 1);
		t->same[t->nsame] = (uint32_t)year_like(&t->x->years, &t->years.v[t->nsame]);
		t->nsame++;
	}
	for (size_t i = 0; i < t->n; i++)
		take(t->x, t->same[t->v[i].year], &t->v[i]);
	t->n = 0;
	return 0;
}

/* The kind of workflow of a hazard: hazard, policy. */
static int on_pin(void *arg, const struct scan_row *row)
{
	struct finding *x = arg;
	const struct policy *p = office_policy(x->office, row->f[1], x->e);
	size_t year = 0, kind = 0;
	uint32_t number = id_number(&x->years, &year, row->f[0]);

	if (p == NULL)
		return -1;
	while (kind < x->nkinds && !flow_same(x->kind[kind]->w, &p->workflow))
		kind++;
	if (number != UINT32_MAX && kind > 0)
		brief_make(x, year, number)->kind = (uint8_t)kind;
	return 0;
}

/* Is a hazard watched, by what is known of it? */
static bool is_watched(const struct finding *x, size_t *hint, struct span id)
{
	const struct fold_year *y = fold_year_of(&x->years, hint, id);
	uint32_t number = y != NULL ? fold_number_of(y, id) : UINT32_MAX;
	const struct brief *b = number != UINT32_MAX ? brief_of(x, *hint, number) : NULL;
	const struct fold_flow *w;
	enum wf_phase phase;

	if (b == NULL || b->state == UNSURE)
		return true;
	w = x->kind[b->kind];
	phase = w->phase[b->state > 0 ? b->state - 1 : w->start];
	return phase == PHASE_OPEN || (x->f->marks != NULL && (phase == PHASE_DONE || b->runs != 0));
}

/* A row to be copied, where its hazard is watched; 1: there are too many. */
static int on_hazard(void *arg, const struct scan_row *row)
{
	struct finder *t = arg;

	if (is_watched(t->x, &t->year, row->f[0]))
		watch_rows_hazard(&t->rows, (struct ledger_at){ t->x->segment, row->at }, (struct span){ row->bytes, row->length });
	return !watch_pays(t->rows.hazards.n, t->x->most);
}

static int on_its_event(void *arg, const struct scan_row *row)
{
	struct finder *t = arg;

	if (is_watched(t->x, &t->year, row->f[0]))
		watch_rows_event(&t->rows, (struct span){ row->bytes, row->length });
	return !watch_pays(t->rows.events.n, t->x->most);
}

static void move_rows(struct buf *to, struct buf *from)
{
	struct buf empty = *to;

	if (to->n == 0) {
		*to = *from;
		*from = empty;
	} else {
		buf_span(to, buf_view(from));
	}
}

/* The rows of a segment, thread by thread, behind those of the segments before. */
static int on_segment(void *arg)
{
	struct finder *t = arg;
	struct watch_rows *out = t->x->out;

	for (size_t i = 0; i < t->x->nthreads; i++) {
		struct watch_rows *w = &t[i].rows;

		MEM_GROW(out->place, out->cap, out->n + w->n);
		if (w->n > 0)
			memcpy(out->place + out->n, w->place, w->n * sizeof *w->place);
		out->n += w->n;
		move_rows(&out->hazards, &w->hazards);
		move_rows(&out->events, &w->events);
		watch_rows_clear(w);
	}
	return 0;
}

/* The workflows of all versions, those that are alike once, and their steps.  false: there are too many. */
static bool choose_kinds(struct finding *x, size_t versions)
{
	const struct workflow *w = &x->office->policy->workflow;

	x->kind[x->nkinds++] = flow_for(x->f, w);
	for (size_t i = 0; i < versions; i++) {
		size_t k = 0;

		w = &office_version(x->office, i)->workflow;
		while (k < x->nkinds && !flow_same(x->kind[k]->w, w))
			k++;
		if (k == KINDS_MAX)
			return false;
		if (k == x->nkinds)
			x->kind[x->nkinds++] = flow_for(x->f, w);
	}
	for (size_t k = 0; k < x->nkinds; k++)
		for (size_t i = 0; i < x->kind[k]->w->nsteps; i++)
			names_add(&x->steps, span_of(x->kind[k]->w->step[i].id));
	if (x->steps.n >= STEPS_MAX)
		return false;
	x->step = mem_zalloc(x->nkinds * STEPS_MAX, sizeof *x->step);
	for (size_t k = 0; k < x->nkinds; k++)
		for (uint32_t i = 0; i < x->steps.n; i++)
			x->step[k * STEPS_MAX + i] = flow_step(x->kind[k], names_at(&x->steps, i));
	return true;
}

/* The limits from step to step as bits. */
static void choose_bits(struct finding *x)
{
	const struct marks *m = x->f->marks;

	if (m == NULL)
		return;
	x->bits = mem_zalloc(m->steps.n + 1, sizeof *x->bits);
	for (size_t i = 0; i < m->npairs; i++) {
		const struct marks_pair *p = &m->pair[i];
		uint8_t bit = (uint8_t)(1u << (i < BITS - 1 ? i : BITS - 1));

		x->bits[p->from].begins |= bit;
		if (i < BITS - 1 || m->npairs <= BITS)		/* what several share nobody ends */
			x->bits[p->until].ends |= bit;
		if (p->lives)
			x->lives |= bit;
	}
}

/* A pass over a ledger that copies what is watched. */
static int copy(struct finding *x, const char *table, scan_row_fn *fn, void *const *args)
{
	const int col = schema_column(schema_table(span_of(table)), SPAN("hazard"));
	const struct watch_ends start = { 1, 0 };

	x->most = ledger_bytes(x->office->reg, &x->office->at, table);
	return watch_tail(x->office->reg, &x->office->at, table, start, &col, 1, &x->segment, fn, on_segment, args, x->nthreads, x->e);
}

/* Go through the ledgers.  0, more than 0 there are too many, -1. */
static int look(struct finding *x, void *const *args)
{
	const struct table *h = schema_table(SPAN("hazards")), *t = schema_table(SPAN("events"));
	const int pins[] = { h->key, schema_column(h, SPAN("policy")) };
	const int cols[] = { schema_column(t, SPAN("hazard")), schema_column(t, SPAN("step")), schema_column(t, SPAN("result")) };
	struct office *o = x->office;
	void *pinned = x;
	int result = 0;

	if (x->nkinds > 1)
		result = ledger_scan(o->reg, &o->at, "hazards", pins, 2, on_pin, &pinned, 1, x->e);
	if (result == 0)
		result = ledger_scan_ordered(o->reg, &o->at, "events", cols, 3, on_event, on_block, args, x->nthreads, x->e);
	if (result == 0)
		result = copy(x, "hazards", on_hazard, args);
	return result != 0 ? result : copy(x, "events", on_its_event, args);
}

static void finding_clear(struct finding *x)
{
	for (size_t i = 0; i < x->nyears; i++) {
		for (size_t k = 0; k < x->year[i].n; k++)
			free(x->year[i].chunk[k]);
		free(x->year[i].chunk);
	}
	free(x->year);
	free(x->years.v);
	names_clear(&x->steps);
	free(x->step);
	free(x->bits);
	fold_free(x->f);
}

int watch_find(struct office *o, struct watch_rows *out, struct err *e)
{
	struct finding x = { .office = o, .f = fold_new(o, INT64_MAX), .out = out, .nthreads = scan_cores(THREADS), .e = e };
	struct finder t[THREADS] = { { .x = &x }, { .x = &x } };
	void *args[THREADS] = { &t[0], &t[1] };
	size_t versions;
	int result = -1;

	if (office_policies(o, &versions, e) < 0 || marks_new(o, &x.f->marks, e) < 0)
		goto done;
	result = 0;
	if (!choose_kinds(&x, versions))
		goto done;
	choose_bits(&x);
	result = look(&x, args);
	result = result < 0 ? -1 : result == 0;
done:
	for (size_t i = 0; i < THREADS; i++) {
		free(t[i].years.v);
		free(t[i].same);
		free(t[i].v);
		watch_rows_clear(&t[i].rows);
	}
	finding_clear(&x);
	return result;
}

/* SPDX-License-Identifier: MIT */
#include "model/measure.h"

#include <stdlib.h>

#include "base/time.h"
#include "register/ledger.h"

#define COLUMNS_MAX 48		/* more than measures.csv and evidence.csv have */

struct span measure_value(const struct measure *x, const char *column)
{
	return x->f[schema_column(schema_table(SPAN("measures")), span_of(column))];
}

struct span measure_id(const struct measure *x)
{
	return x->f[schema_table(SPAN("measures"))->key];
}

/* The number of the one of that id, m->n: none. */
static size_t number_of(const struct measures *m, struct span id)
{
	size_t i = 0;

	while (i < m->n && !span_eq(measure_id(&m->v[i]), id))
		i++;
	return i;
}

const struct measure *measures_find(const struct measures *m, struct span id)
{
	size_t i = number_of(m, id);

	return i < m->n ? &m->v[i] : NULL;
}

void measures_add(struct measures *m, const struct office *o, const struct span *f)
{
	const struct table *t = schema_table(SPAN("measures"));
	struct span *copy = arena_alloc(&m->mem, (size_t)t->ncolumns * sizeof *copy), replaces;
	int64_t at = time_trust(f[schema_column(t, SPAN("at"))].p, o->reg->offset);
	size_t was;

	for (int i = 0; i < t->ncolumns; i++)
		copy[i] = (struct span){ f[i].n > 0 ? arena_spandup(&m->mem, f[i]) : "", f[i].n };
	replaces = copy[schema_column(t, SPAN("replaces"))];
	was = replaces.n > 0 ? number_of(m, replaces) : m->n;
	if (was < m->n)
		m->v[was].by = m->n;
	MEM_GROW(m->v, m->cap, m->n + 1);
	m->v[m->n++] = (struct measure){ copy, at, MEASURE_COUNTS, TIME_NONE };
}

/* Is the row of `at` there as of a time? */
static bool is_there(const struct office *o, struct span at, int64_t as_of)
{
	return time_trust(at.p, o->reg->offset) <= as_of;
}

/* A file of the phase after shows a measure done. */
static void take_evidence(struct measures *m, const struct office *o, const struct span *f)
{
	const struct table *t = schema_table(SPAN("evidence"));
	struct span id = f[schema_column(t, SPAN("measure"))];
	size_t i = id.n > 0 && span_is(f[schema_column(t, SPAN("phase"))], "after") ? number_of(m, id) : m->n;

	if (i < m->n && m->v[i].done == TIME_NONE)
		m->v[i].done = time_trust(f[schema_column(t, SPAN("at"))].p, o->reg->offset);
}

/* The rows of a table that name the hazard. */
static int read_table(struct measures *m, struct office *o, const char *table, struct span hazard, int64_t as_of,
    void (*take)(struct measures *, const struct office *, const struct span *), struct err *e)
{
	int col = schema_column(schema_table(span_of(table)), SPAN("at"));
	struct span f[COLUMNS_MAX];
	struct ledger_at *at = NULL;
	struct buf text = BUF_INIT;
	size_t n = 0;
	int bad = ledger_of_hazard(o->reg, &o->at, table, hazard, &at, &n, e) < 0 ? -1 : 0;

	for (size_t i = 0; i < n && !bad; i++) {
		buf_reset(&text);
		bad = ledger_read(o->reg, &o->at, table, at[i], &text, f, e);
		if (!bad && is_there(o, f[col], as_of))
			take(m, o, f);
	}
	buf_clear(&text);
	free(at);
	return bad;
}

int measures_read(struct measures *m, struct office *o, struct span hazard, int64_t as_of, struct err *e)
{
	if (read_table(m, o, "measures", hazard, as_of, measures_add, e))
		return -1;
	return m->n > 0 ? read_table(m, o, "evidence", hazard, as_of, take_evidence, e) : 0;
}

void measures_clear(struct measures *m)
{
	free(m->v);
	arena_clear(&m->mem);
	*m = (struct measures){ .v = NULL };
}

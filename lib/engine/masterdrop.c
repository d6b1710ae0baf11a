/* SPDX-License-Identifier: MIT */
#include "engine/masterlint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "register/ledger.h"

/* Keys that are to go, and who uses them. */
struct drop {
	struct names gone;
	struct use { const char *table; char first[64]; uint64_t n; } *use;	/* by gone */
	/* the table being looked at */
	const struct table *t;
	int col[SCAN_WANT_MAX];
	size_t ncols;
};

/* One value that may name keys. */
static void drop_value(struct drop *d, const struct column *c, struct span v, struct span id)
{
	struct span one;

	while (c->type == COLUMN_LIST ? span_split(&v, ';', &one) : (one = v, v.n = 0, one.n > 0)) {
		uint32_t k = names_find(&d->gone, one);
		struct use *u;

		if (k == NAMES_NONE)
			continue;
		u = &d->use[k];
		if (u->n++)
			continue;
		u->table = d->t->name;
		snprintf(u->first, sizeof u->first, "%.*s", (int)(id.n < 60 ? id.n : 60), id.p ? id.p : "");
	}
}

/* One record: the columns that refer to the table, its id last. */
static int drop_row(void *arg, const struct scan_row *row)
{
	struct drop *d = arg;

	for (size_t i = 0; i + 1 < d->ncols; i++)
		drop_value(d, &d->t->columns[d->col[i]], row->f[i], row->f[d->ncols - 1]);
	return 0;
}

/* The columns of t that refer to a table; their number. */
static size_t columns_to(const struct table *t, const char *ref, int *col)
{
	size_t n = 0;

	for (int c = 0; c < t->ncolumns; c++)
		if (!strcmp(t->columns[c].ref, ref))
			col[n++] = c;
	return n;
}

/* Look through one table, ledger or master. */
static int drop_table(struct drop *d, struct office *o, const struct table *t, const char *ref, struct err *e)
{
	const struct master_row *rows;
	struct master *m;
	void *arg = d;
	size_t n;

	d->t = t;
	d->ncols = columns_to(t, ref, d->col);
	if (d->ncols == 0)
		return 0;
	d->col[d->ncols++] = t->key;
	if (t->kind == TABLE_RECORD)
		return ledger_scan(o->reg, &o->at, t->name, d->col, d->ncols, drop_row, &arg, 1, e) < 0 ? -1 : 0;
	m = office_master(o, t->name, e);
	if (!m || master_rows(m, &rows, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k + 1 < d->ncols; k++)
			drop_value(d, &t->columns[d->col[k]], rows[i].f[d->col[k]], rows[i].f[t->key]);
	return 0;
}

/* Keys of was that are not in now. */
static void find_gone(struct drop *d, const struct tablerows *was, const struct tablerows *now)
{
	struct names there = { .n = 0 };
	int key = was->table->key;

	for (size_t i = 0; i < now->n; i++)
		names_add(&there, tablerows_row(now, i)[key]);
	for (size_t i = 0; i < was->n; i++)
		if (names_find(&there, tablerows_row(was, i)[key]) == NAMES_NONE)
			names_add(&d->gone, tablerows_row(was, i)[key]);
	names_clear(&there);
}

int masterlint_dropped(struct office *o, const struct tablerows *was, const struct tablerows *now, const char *file,
    struct diag *diag, struct err *e)
{
	const char *ref = was->table->name, *key = was->table->columns[was->table->key].name;
	struct drop d = { .use = NULL };
	size_t n;
	const struct table *all = schema_tables(&n);
	bool ends = schema_column(was->table, SPAN("valid_to")) >= 0;
	int result = 0;

	find_gone(&d, was, now);
	d.use = mem_zalloc(d.gone.n + 1, sizeof *d.use);
	for (size_t i = 0; d.gone.n && i < n && result == 0; i++)
		if ((all[i].kind == TABLE_RECORD && moment_ledger(&o->at, all[i].name))
		    || (all[i].kind == TABLE_MASTER && strcmp(all[i].name, ref) && moment_version(&o->at, all[i].name)))
			result = drop_table(&d, o, &all[i], ref, e);
	for (uint32_t k = 0; result == 0 && k < d.gone.n; k++) {
		struct span id = names_at(&d.gone, k);
		const struct use *u = &d.use[k];

		if (u->n)
			diag_row(diag, file, 0, key,
			    "%.*s is left out, but %s.csv uses it (%s%s); keep its row%s", (int)id.n, id.p, u->table,
			    u->first, u->n > 1 ? " and others" : "", ends ? " and end it with valid_to" : "");
	}
	names_clear(&d.gone);
	free(d.use);
	return result;
}

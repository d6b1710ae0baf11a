/* SPDX-License-Identifier: MIT */
#include "engine/masterlint.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "model/grid.h"
#include "model/value.h"

/* The pass over one table. */
struct lint {
	struct office *o;
	const struct tablerows *rows;
	const struct table *t;
	const char *file;
	struct diag *d;
	struct names keys;
	int from, to;			/* columns of validity, or -1 */
};

/* A row's date; empty gives open. */
static int32_t date_of_field(struct span s, int32_t open)
{
	int32_t day;

	return s.n && date_read(s, &day) ? day : open;
}

/* Two rows with the same unique columns. */
static void lint_unique(struct lint *l)
{
	struct names seen = { .n = 0 };
	struct buf key = BUF_INIT;
	size_t *first = mem_zalloc(l->rows->n + 1, sizeof *first);

	for (size_t i = 0; i < l->rows->n; i++) {
		const struct span *v = tablerows_row(l->rows, i);
		uint32_t n = seen.n, k;

		tablerows_key(l->t, v, &key);
		k = names_add(&seen, buf_view(&key));
		if (k == n)
			first[k] = i;
		else if (v[l->t->key].n)
			diag_row(l->d, l->file, l->rows->line[i], l->t->columns[l->t->key].name,
			    "%.*s: there is a row with the same %s on line %zu", (int)v[l->t->key].n,
			    v[l->t->key].p, l->t->primary,
			    l->rows->line[first[k]]);
	}
	names_clear(&seen);
	buf_clear(&key);
	free(first);
}

/* Rows in order of key, then of valid_from. */
static int by_validity(const void *a, const void *b, void *arg)
{
	const struct lint *l = arg;
	const struct span *x = tablerows_row(l->rows, *(const size_t *)a), *y = tablerows_row(l->rows,
	    *(const size_t *)b);
	int c = span_cmp(x[l->t->key], y[l->t->key]);

	if (c == 0)
		c = span_cmp(x[l->from], y[l->from]);
	return c ? c : (*(const size_t *)a > *(const size_t *)b) - (*(const size_t *)a < *(const size_t *)b);
}

/* Validity that ends before it begins. */
static void lint_backwards(struct lint *l)
{
	for (size_t i = 0; i < l->rows->n; i++) {
		const struct span *v = tablerows_row(l->rows, i);

		if (v[l->from].n && v[l->to].n && span_cmp(v[l->to], v[l->from]) < 0)
			diag_row(l->d, l->file, l->rows->line[i], l->t->columns[l->to].name,
			    "%.*s is before %s %.*s", (int)v[l->to].n,
			    v[l->to].p, l->t->columns[l->from].name, (int)v[l->from].n, v[l->from].p);
	}
}

/* Rows of one key valid on the same day. */
static void lint_overlap(struct lint *l)
{
	size_t n = l->rows->n, *order = mem_alloc((n + 1) * sizeof *order);

	for (size_t i = 0; i < n; i++)
		order[i] = i;
	qsort_r(order, n, sizeof *order, by_validity, l);
	for (size_t i = 1; i < n; i++) {
		const struct span *a = tablerows_row(l->rows, order[i - 1]), *b = tablerows_row(l->rows, order[i]);
		struct span key = b[l->t->key];

		if (!key.n || !span_eq(a[l->t->key], key) || span_eq(a[l->from], b[l->from]))
			continue;
		if (date_of_field(a[l->to], INT32_MAX) >= date_of_field(b[l->from], INT32_MIN))
			diag_row(l->d, l->file, l->rows->line[order[i]], l->t->columns[l->from].name,
			    "%.*s is valid on the same day as its row on line %zu; end that one with valid_to before", (int)key.n, key.p,
			    l->rows->line[order[i - 1]]);
	}
	free(order);
}

/* References of a table to itself: each word of a value is a key here. */
static void lint_self(struct lint *l, int col)
{
	const struct column *c = &l->t->columns[col];

	for (size_t i = 0; i < l->rows->n; i++) {
		struct span rest = tablerows_row(l->rows, i)[col], one;

		while (c->type == COLUMN_LIST ? span_split(&rest, ';', &one) : (one = rest, rest.n = 0, one.n > 0))
			if (names_find(&l->keys, one) == NAMES_NONE)
				diag_row(l->d, l->file, l->rows->line[i], c->name,
				    "there is no %s \"%.*s\" in this table",
				    l->t->columns[l->t->key].name, (int)one.n, one.p);
	}
}

int masterlint_rows(struct office *o, const struct tablerows *rows, const char *file, struct diag *d, struct err *e)
{
	struct lint l = { .o = o, .rows = rows, .t = rows->table, .file = file, .d = d };
	bool grids = !strcmp(l.t->name, "grids");
	struct grid_tree *tree;
	struct master *m;
	int result = 0;

	l.from = schema_column(l.t, SPAN("valid_from"));
	l.to = schema_column(l.t, SPAN("valid_to"));
	for (size_t i = 0; i < rows->n; i++)
		names_add(&l.keys, tablerows_row(rows, i)[l.t->key]);
	if (l.from >= 0 && l.to >= 0)
		lint_backwards(&l);
	if (!grids)
		lint_unique(&l);
	if (!grids && l.from >= 0 && l.to >= 0)
		lint_overlap(&l);
	for (int c = 0; c < l.t->ncolumns; c++)
		if (!strcmp(l.t->columns[c].ref, l.t->name) && !(grids
		    && !strcmp(l.t->columns[c].name, "parent")))
			lint_self(&l, c);
	if (grids && rows->n) {
		/* the tree says what is wrong with levels, parents and validity */
		m = master_of_rows(l.t, rows->f, rows->n);
		tree = grid_tree_new(m, o->policy, file, d, e);
		result = tree || e->status == ERR_OK ? 0 : -1;
		grid_tree_free(tree);
		master_close(m);
	}
	names_clear(&l.keys);
	return result;
}

/* One word of the place's policy, as committed. */
static void lint_word(const struct policy *p, const struct column *c, struct span v, const char *file,
    size_t line, struct diag *d)
{
	const struct vocab *w = c->type == COLUMN_PLACE ? policy_vocab(p, c->vocabulary) : NULL;
	struct buf words = BUF_INIT;

	if (!w || !v.n || vocab_id(w, v) >= 0)
		return;
	values_words(&words, w, v);
	diag_row(d, file, line, c->name, "\"%.*s\" is not one of %s", (int)v.n, v.p, words.n ? words.p : "none");
	buf_clear(&words);
}

void masterlint_words(const struct policy *p, const struct tablerows *rows, const char *file, struct diag *d)
{
	for (size_t i = 0; i < rows->n; i++)
		for (int c = 0; c < rows->table->ncolumns; c++)
			lint_word(p, &rows->table->columns[c], tablerows_row(rows, i)[c], file, rows->line[i], d);
}

/* A reference to another master table. */
static int lint_ref(struct office *o, const struct column *c, struct span v, const char *file, size_t line,
    struct diag *d,
    struct err *e)
{
	struct master *m = office_master(o, c->ref, e);
	struct span rest = v, one;

	if (!m)
		return -1;
	while (c->type == COLUMN_LIST ? span_split(&rest, ';', &one) : (one = rest, rest.n = 0, one.n > 0)) {
		if (master_number(m, one, e) == UINT32_MAX && e->status == ERR_OK)
			diag_row(d, file, line, c->name, "there is no \"%.*s\" in %s.csv", (int)one.n, one.p, c->ref);
		if (e->status != ERR_OK)
			return -1;
	}
	return 0;
}

int masterlint_values(struct office *o, const struct policy *p, const struct tablerows *rows, const char *file,
    struct diag *d, struct err *e)
{
	const struct table *t = rows->table;
	bool grids = !strcmp(t->name, "grids");

	for (size_t i = 0; i < rows->n; i++)
		for (int c = 0; c < t->ncolumns; c++) {
			const struct column *k = &t->columns[c];
			struct span v = tablerows_row(rows, i)[c];
			struct err mine = ERR_INIT;

			if (schema_check(k, v, o->reg->offset, &mine)) {
				diag_row(d, file, rows->line[i], k->name, "%s", mine.text);
				continue;
			}
			if (!(grids && !strcmp(k->vocabulary, "level")))
				lint_word(p, k, v, file, rows->line[i], d);
			if ((k->type == COLUMN_REF || k->type == COLUMN_LIST) && k->ref[0] && strcmp(k->ref, t->name)
			    && lint_ref(o, k, v, file, rows->line[i], d, e))
				return -1;
		}
	return 0;
}

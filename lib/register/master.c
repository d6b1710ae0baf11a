/* SPDX-License-Identifier: MIT */
#include "register/masterint.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/time.h"

#define NONE UINT32_MAX

/* The rows of each value of a column, in the order of the file. */
struct by_column {
	struct names values;
	uint32_t *first, *last;		/* per value */
	uint32_t *next;			/* per row */
	size_t cap, last_cap;
};

bool master_named_by(const struct table *t, int col)
{
	const char *name = t->columns[col].name;

	return col == t->key || strcmp(name, "name") == 0 || strcmp(name, "uscc") == 0 || strcmp(name, "login") == 0
	    || strcmp(name, "officer") == 0;
}

/* An empty master of a table. */
static struct master *master_new(const struct table *t)
{
	struct master *x = mem_zalloc(1, sizeof *x);

	x->t = t;
	x->from = schema_column(t, SPAN("valid_from"));
	x->to = schema_column(t, SPAN("valid_to"));
	x->by = mem_zalloc((size_t)t->ncolumns, sizeof *x->by);
	x->fd = -1;
	return x;
}

struct master *master_open(struct reg *r, const struct moment *m, const char *table, struct err *e)
{
	const struct table *t = schema_table(span_of(table));
	const char *digest = moment_version(m, table);
	struct master *x;

	if (t == NULL || t->kind != TABLE_MASTER || digest == NULL) {
		err_set(e, ERR_PERSON, "this register has no %s.csv: it was made by an older program", table);
		return NULL;
	}
	x = master_new(t);
	x->r = r;
	x->m = *m;
	snprintf(x->path, sizeof x->path, "versions/%s", digest);
	return x;
}

/* Room for a row's fields. */
static struct span *new_row(struct master *x, size_t line)
{
	struct span *f = arena_alloc(&x->mem, (size_t)x->t->ncolumns * sizeof *f);

	MEM_GROW(x->row, x->cap, x->n + 1);
	x->row[x->n++] = (struct master_row){ f, line };
	return f;
}

/* All rows are there: read their days of validity. */
static void set_loaded(struct master *x)
{
	x->valid = mem_alloc((x->n + 1) * sizeof *x->valid);
	for (size_t i = 0; i < x->n; i++) {
		struct days *d = &x->valid[i];

		if (x->from < 0 || !date_read(x->row[i].f[x->from], &d->from))
			d->from = INT32_MIN;
		if (x->to < 0 || !date_read(x->row[i].f[x->to], &d->to))
			d->to = INT32_MAX;
	}
	x->loaded = true;
}

struct master *master_of_rows(const struct table *t, const struct span *fields, size_t nrows)
{
	struct master *x = master_new(t);
	size_t width = (size_t)t->ncolumns;

	for (size_t i = 0; i < nrows; i++) {
		struct span *f = new_row(x, i + 2);

		for (size_t c = 0; c < width; c++)
			f[c] = (struct span){ arena_spandup(&x->mem, fields[i * width + c]), fields[i * width + c].n };
	}
	set_loaded(x);
	return x;
}

void master_close(struct master *x)
{
	if (x == NULL)
		return;
	for (int c = 0; c < x->t->ncolumns; c++)
		if (x->by[c] != NULL) {
			names_clear(&x->by[c]->values);
			free(x->by[c]->first);
			free(x->by[c]->last);
			free(x->by[c]->next);
			free(x->by[c]);
		}
	free(x->by);
	free(x->row);
	free(x->valid);
	arena_clear(&x->mem);
	if (x->fd >= 0)
		io.close(x->fd);
	free(x);
}

const struct table *master_table(const struct master *x)
{
	return x->t;
}

void master_keep(struct master *x, struct span *to, const struct span *f, const int *column)
{
	size_t n = 0;
	char *p;

	for (int c = 0; c < x->t->ncolumns; c++)
		n += column == NULL ? f[c].n : column[c] >= 0 ? f[column[c]].n : 0;
	p = arena_alloc(&x->mem, n + 1);
	for (int c = 0; c < x->t->ncolumns; c++) {
		struct span v = column == NULL ? f[c] : column[c] >= 0 ? f[column[c]] : (struct span){ "", 0 };

		if (v.n > 0)
			memcpy(p, v.p, v.n);
		to[c] = (struct span){ p, v.n };
		p += v.n;
	}
}

struct loading {
	struct master *x;
	size_t line;
};

/* A row of the file, its columns in schema order. */
static int load_row(void *arg, const struct scan_row *row)
{
	struct loading *l = arg;
	struct span *f = new_row(l->x, l->line++);

	master_keep(l->x, f, row->f, NULL);
	return 0;
}

/* Bind a version's header: column[schema] = its column, or -1; *ncols those it has, *body where rows begin. */
static int bind_header(struct master *x, struct span bytes, int *column, size_t *ncols, size_t *body, struct err *e)
{
	const char *lf = bytes.n > 0 ? memchr(bytes.p, '\n', bytes.n) : NULL;
	struct span field[SCAN_WANT_MAX];
	struct buf text = BUF_INIT;
	int n = -1;

	if (lf == NULL)
		return err_set(e, ERR_PERSON, "%s: has no header; run gridctl verify", x->path);
	n = scan_record(x->path, (struct span){ bytes.p, (size_t)(lf - bytes.p) }, &text, field, SCAN_WANT_MAX, e);
	for (int c = 0; n >= 0 && c < x->t->ncolumns; c++) {
		column[c] = -1;
		for (int i = 0; i < n; i++)
			if (span_is(field[i], x->t->columns[c].name))
				column[c] = i;
	}
	buf_clear(&text);
	if (n < 0)
		return -1;
	*ncols = (size_t)n;
	*body = (size_t)(lf + 1 - bytes.p);
	return 0;
}

/* Read the whole version. */
static int load(struct master *x, struct err *e)
{
	struct loading l = { x, 2 };
	struct buf bytes = BUF_INIT;
	int column[SCAN_WANT_MAX], result = -1;
	struct scan_want want = { .cols = column, .n = (size_t)x->t->ncolumns };
	size_t body = 0;

	if (x->loaded)
		return 0;
	x->n = 0;
	if (reg_version(x->r, x->path + strlen("versions/"), &bytes, e) < 0
	    || bind_header(x, buf_view(&bytes), column, &want.ncols, &body, e) < 0)
		goto done;
	if (scan_bytes(x->path, (struct span){ bytes.p + body, bytes.n - body }, true, 2, &want, load_row, &l, e) < 0)
		goto done;
	set_loaded(x);
	result = 0;
done:
	buf_clear(&bytes);
	return result;
}

/* Rows by the values of a column; the master is loaded. */
static struct by_column *by_column(struct master *x, int col)
{
	struct by_column *b = x->by[col];

	if (b != NULL)
		return b;
	b = x->by[col] = mem_zalloc(1, sizeof *b);
	b->next = mem_alloc((x->n > 0 ? x->n : 1) * sizeof *b->next);
	for (size_t i = 0; i < x->n; i++) {
		uint32_t known = b->values.n, v = names_add(&b->values, x->row[i].f[col]);

		b->next[i] = NONE;
		MEM_GROW(b->first, b->cap, (size_t)v + 1);
		MEM_GROW(b->last, b->last_cap, (size_t)v + 1);
		if (v == known)
			b->first[v] = (uint32_t)i;
		else
			b->next[b->last[v]] = (uint32_t)i;
		b->last[v] = (uint32_t)i;
	}
	return b;
}

/* Is the row valid on that day (as text)? */
static bool is_valid(const struct master *x, const struct span *f, const char *day)
{
	struct span d = { day, DATE_LEN };

	return (x->from < 0 || f[x->from].n == 0 || span_cmp(f[x->from], d) <= 0)
	    && (x->to < 0 || f[x->to].n == 0 || span_cmp(f[x->to], d) >= 0);
}

int master_each(struct master *x, int col, struct span value, void (*fn)(void *arg, const struct master_row *row), void *arg,
    struct err *e)
{
	struct point *p;
	struct by_column *b;
	uint32_t v;
	bool done;

	if (value.n == 0)
		return 0;
	if (!x->loaded) {
		p = mem_alloc(sizeof *p);
		done = master_point(x, col, value, p);
		for (size_t i = 0; done && i < p->n; i++)
			fn(arg, &p->hit[i]);
		free(p);
		if (done)
			return 0;
		if (load(x, e) < 0)
			return -1;
	}
	b = by_column(x, col);
	v = names_find(&b->values, value);
	for (uint32_t i = v != NAMES_NONE ? b->first[v] : NONE; i != NONE; i = b->next[i])
		fn(arg, &x->row[i]);
	return 0;
}

/* What master_find looks for. */
struct find {
	struct master *x;
	const char *day;	/* or NULL: the last row */
	struct master_row row;
	bool found;
};

/* The last row that is valid counts. */
static void find_row(void *arg, const struct master_row *row)
{
	struct find *f = arg;

	if (f->day != NULL && !is_valid(f->x, row->f, f->day))
		return;
	f->row = *row;
	f->found = true;
}

/* master_find in a loaded master. */
static int find_loaded(struct master *x, struct span key, int32_t day, struct master_row *row)
{
	struct by_column *b = by_column(x, x->t->key);
	uint32_t v = key.n > 0 ? names_find(&b->values, key) : NAMES_NONE, last = NONE;

	for (uint32_t i = v != NAMES_NONE ? b->first[v] : NONE; i != NONE; i = b->next[i])
		if (day == DATE_NONE || (x->valid[i].from <= day && day <= x->valid[i].to))
			last = i;
	if (last == NONE)
		return 0;
	*row = x->row[last];
	return 1;
}

int master_find(struct master *x, struct span key, int32_t day, struct master_row *row, struct err *e)
{
	char text[DATE_LEN + 1];
	struct find f = { .x = x };

	if (x->loaded)
		return find_loaded(x, key, day, row);
	if (day != DATE_NONE) {
		date_write(day, text);
		f.day = text;
	}
	if (master_each(x, x->t->key, key, find_row, &f, e) < 0)
		return -1;
	if (f.found)
		*row = f.row;
	return f.found;
}

/* What master_find_by looks for. */
struct find_by {
	struct find f;
	struct master_row *all;
	size_t n, cap;
};

/* A row with the value; a key that has several counts once, by the last. */
static void find_by_row(void *arg, const struct master_row *row)
{
	struct find_by *b = arg;
	int key = b->f.x->t->key;

	if (b->f.day != NULL && !is_valid(b->f.x, row->f, b->f.day))
		return;
	for (size_t i = 0; i < b->n; i++)
		if (span_eq(b->all[i].f[key], row->f[key])) {
			b->all[i] = *row;
			return;
		}
	MEM_GROW(b->all, b->cap, b->n + 1);
	b->all[b->n++] = *row;
}

/* With no day the last row of the key must be the one that has the value. */
static int drop_outdated(struct find_by *b, int col, struct span value, struct err *e)
{
	struct master *x = b->f.x;
	size_t kept = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct master_row last;
		int got = master_find(x, b->all[i].f[x->t->key], DATE_NONE, &last, e);

		if (got < 0)
			return -1;
		if (got > 0 && span_eq(last.f[col], value))
			b->all[kept++] = last;
	}
	b->n = kept;
	return 0;
}

int master_find_by(struct master *x, int col, struct span value, int32_t day, struct master_row *out, size_t max, struct err *e)
{
	char text[DATE_LEN + 1];
	struct find_by b = { .f = { .x = x } };
	int result = -1;

	if (day != DATE_NONE) {
		date_write(day, text);
		b.f.day = text;
	}
	if (master_each(x, col, value, find_by_row, &b, e) < 0)
		goto done;
	if (day == DATE_NONE && drop_outdated(&b, col, value, e) < 0)
		goto done;
	for (size_t i = 0; i < b.n && i < max; i++)
		out[i] = b.all[i];
	result = (int)b.n;
done:
	free(b.all);
	return result;
}

int master_rows(struct master *x, const struct master_row **rows, size_t *n, struct err *e)
{
	if (load(x, e) < 0)
		return -1;
	*rows = x->row;
	*n = x->n;
	return 0;
}

uint32_t master_number(struct master *x, struct span key, struct err *e)
{
	return load(x, e) < 0 ? UINT32_MAX : names_find(&by_column(x, x->t->key)->values, key);
}

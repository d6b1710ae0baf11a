/* SPDX-License-Identifier: MIT */
#include "engine/tablerows.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "csv/foreign.h"
#include "csv/scan.h"
#include "csv/writer.h"
#include "model/value.h"

void tablerows_init(struct tablerows *r, const struct table *t)
{
	memset(r, 0, sizeof *r);
	r->table = t;
}

void tablerows_clear(struct tablerows *r)
{
	arena_clear(&r->mem);
	free(r->f);
	free(r->line);
	tablerows_init(r, r->table);
}

void tablerows_add(struct tablerows *r, const struct span *v, size_t line)
{
	size_t n = (size_t)r->table->ncolumns;
	struct span *f;

	MEM_GROW(r->f, r->f_cap, (r->n + 1) * n);
	MEM_GROW(r->line, r->line_cap, r->n + 1);
	f = r->f + r->n * n;
	for (size_t i = 0; i < n; i++)
		f[i] = (struct span){ v[i].n ? arena_spandup(&r->mem, v[i]) : "", v[i].n };
	r->line[r->n++] = line;
}

void tablerows_write(const struct tablerows *r, struct buf *out)
{
	schema_header(r->table, out);
	for (size_t i = 0; i < r->n; i++)
		writer_row(out, tablerows_row(r, i), (size_t)r->table->ncolumns);
}

int tablerows_value(struct values *v, struct office *o, const struct table *t, int col, int32_t day, struct span said,
    struct buf *out, struct err *e)
{
	const struct column *c = &t->columns[col];
	struct value_context in = { .policy = o->policy, .day = day };
	struct column own = *c;
	size_t start = out->n;
	int word;

	if (!strcmp(c->ref, t->name)) {
		own.ref[0] = '\0';
		if (own.type == COLUMN_REF)
			own.type = COLUMN_CODE;
		said = span_trim(said);
		text_halfwidth(out, said);
		return schema_check(&own, (struct span){ out->p + start, out->n - start }, o->reg->offset, e);
	}
	/* an unknown level is complained about by the tree, which looks at all of them */
	if (!strcmp(c->vocabulary, "level") && !strcmp(t->name, "grids")) {
		word = vocab_find(&o->policy->levels, span_trim(said));
		if (word >= 0)
			buf_puts(out, o->policy->levels.v[word].id);
		else
			buf_span(out, span_trim(said));
	} else if (values_take(v, c, &in, said, out, NULL, e)) {
		return -1;
	}
	if (out->n == start && c->required)
		return schema_check(c, (struct span){ NULL, 0 }, o->reg->offset, e);
	return 0;
}

/* A foreign file being read. */
struct reading {
	struct tablerows *r;
	struct office *o;
	struct values *values;
	const char *file;
	struct diag *d;
	int32_t day;
	int *col;		/* of the file to columns of the table, -1 ignored */
	size_t ncols;
	struct span *v;
	struct buf text;
	struct err *e;
};

/* The complaint about a header nobody knows. */
static void unknown_header(const struct reading *g, const struct foreign_row *row, size_t i)
{
	int near = schema_nearest_column(g->r->table, row->f[i]);
	struct buf list = BUF_INIT;
	const char *names[64];

	for (int k = 0; k < g->r->table->ncolumns; k++)
		names[k] = g->r->table->columns[k].name;
	text_list(&list, names, (size_t)g->r->table->ncolumns, 64);
	diag_row(g->d, g->file, row->line, NULL, "unknown column \"%.*s\"%s%s%s %s has %s", (int)row->f[i].n,
	    row->f[i].p,
	    near >= 0 ? "; did you mean " : "", near >= 0 ? names[near] : "", near >= 0 ? "?" : ";",
	    g->r->table->name, list.p);
	buf_clear(&list);
}

/* Bind the header. */
static int take_header(struct reading *g, const struct foreign_row *row)
{
	const struct table *t = g->r->table;

	g->col = mem_alloc((row->n + 1) * sizeof *g->col);
	g->ncols = row->n;
	for (size_t i = 0; i < row->n; i++) {
		int c = schema_column_label(t, row->f[i]);

		g->col[i] = -1;
		if (c < 0)
			unknown_header(g, row, i);
		else if (g->r->given[c])
			diag_row(g->d, g->file, row->line, NULL, "two columns are %s (%s)", t->columns[c].name,
			    t->columns[c].title_zh);
		else
			g->r->given[g->col[i] = c] = true;
	}
	for (int c = 0; c < t->ncolumns; c++)
		if (c == t->key && !g->r->given[c])
			diag_row(g->d, g->file, row->line, NULL, "there is no column %s (%s)",
			    t->columns[c].name, t->columns[c].title_zh);
	return 0;
}

/* One row, every bad value of it complained about. */
static int take_row(void *arg, const struct foreign_row *row)
{
	struct reading *g = arg;
	const struct table *t = g->r->table;
	size_t start[64 + 1] = { 0 }, bad = 0;

	if (!g->col)
		return take_header(g, row);
	if (row->bad)
		return 0;
	buf_reset(&g->text);
	buf_reserve(&g->text, values_room(row->raw.n + 64, row->n));
	memset(g->v, 0, (size_t)t->ncolumns * sizeof *g->v);
	memset(start, 0xff, sizeof start);
	for (size_t i = 0; i < row->n && i < g->ncols; i++) {
		struct err mine = ERR_INIT;
		int c = g->col[i];

		if (c < 0)
			continue;
		start[c] = g->text.n;
		if (tablerows_value(g->values, g->o, t, c, g->day, row->f[i], &g->text, &mine)) {
			if (mine.status != ERR_DATA)
				return err_set(g->e, mine.status, "%s", mine.text);
			diag_row(g->d, g->file, row->line, t->columns[c].name, "%s", mine.text);
			g->text.n = start[c];
			bad++;
		}
		g->v[c].n = g->text.n - start[c];
	}
	for (int c = 0; c < t->ncolumns; c++)
		if (g->v[c].n)
			g->v[c].p = g->text.p + start[c];
	/* a row with a bad value is kept: what it refers to and what refers to it is looked at too */
	tablerows_add(g->r, g->v, row->line);
	return 0;
}

int tablerows_foreign(struct tablerows *r, const struct table *t, struct office *o, const char *file, struct span bytes,
    const char *encoding, int32_t day, struct diag *d, struct err *e)
{
	struct foreign_options opt = { .encoding = encoding };
	struct reading g = { .r = r, .o = o, .file = file, .d = d, .day = day, .e = e };
	int result;

	tablerows_init(r, t);
	g.values = values_new(o);
	g.v = mem_zalloc((size_t)t->ncolumns, sizeof *g.v);
	result = foreign_parse(file, bytes, &opt, d, take_row, &g, e);
	values_free(g.values);
	buf_clear(&g.text);
	free(g.v);
	free(g.col);
	return result ? -1 : 0;
}

/* One committed row. */
static int take_committed(void *arg, const struct scan_row *row)
{
	struct tablerows *r = arg;

	tablerows_add(r, row->f, r->n + 2);
	return 0;
}

int tablerows_version(struct tablerows *r, const struct table *t, struct reg *reg, const char *digest, struct err *e)
{
	struct span fields[64], header;
	struct buf bytes = BUF_INIT, text = BUF_INIT;
	int cols[64], result = -1, n;
	const char *lf;

	tablerows_init(r, t);
	if (!digest)
		return 0;
	if (reg_version(reg, digest, &bytes, e))
		goto done;
	lf = bytes.n ? memchr(bytes.p, '\n', bytes.n) : NULL;
	if (!lf) {
		err_set(e, ERR_DATA, "%s.csv: its committed version has no header", t->name);
		goto done;
	}
	header = (struct span){ bytes.p, (size_t)(lf - bytes.p) };
	n = scan_record(t->name, header, &text, fields, 64, e);
	if (n < 0)
		goto done;
	for (int c = 0; c < t->ncolumns; c++) {
		cols[c] = -1;
		for (int i = 0; i < n; i++)
			if (span_is(fields[i], t->columns[c].name))
				cols[c] = i;
		r->given[c] = cols[c] >= 0;
	}
	struct scan_want want = { .ncols = (size_t)n, .cols = cols, .n = (size_t)t->ncolumns };
	struct span body = { lf + 1, bytes.n - header.n - 1 };
	result = scan_bytes(t->name, body, true, 2, &want, take_committed, r, e) < 0 ? -1 : 0;
done:
	buf_clear(&bytes);
	buf_clear(&text);
	return result;
}

void tablerows_key(const struct table *t, const struct span *row, struct buf *key)
{
	struct span rest = span_of(t->primary), name;

	buf_reset(key);
	while (span_split(&rest, ',', &name)) {
		int c = schema_column(t, name);

		if (c >= 0)
			buf_span(key, row[c]);
		buf_putc(key, '\x1f');
	}
}

/* Two versions being compared: which row of the one is which of the other. */
struct matching {
	const struct tablerows *was, *now;
	uint32_t *of_now;	/* by row of now: row of was, UINT32_MAX none */
	bool *taken;		/* by row of was */
	struct buf key;
};

/* Pair rows by their unique columns, or with only_key by the key where it is left once on both sides. */
static void match(struct matching *m, bool only_key)
{
	uint32_t *row, *count, *here;
	const struct table *t = m->was->table;
	struct names keys = { .n = 0 };

	row = mem_zalloc(m->was->n + m->now->n + 1, sizeof *row);
	count = mem_zalloc(m->was->n + m->now->n + 1, sizeof *count);
	here = mem_zalloc(m->was->n + m->now->n + 1, sizeof *here);
	for (size_t i = 0; i < m->was->n; i++) {
		const struct span *v = tablerows_row(m->was, i);

		if (m->taken[i])
			continue;
		if (!only_key)
			tablerows_key(t, v, &m->key);
		uint32_t k = names_add(&keys, only_key ? v[t->key] : buf_view(&m->key));
		row[k] = (uint32_t)i;
		count[k]++;
	}
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < m->now->n; i++) {
			const struct span *v = tablerows_row(m->now, i);

			if (m->of_now[i] != UINT32_MAX)
				continue;
			if (!only_key)
				tablerows_key(t, v, &m->key);
			uint32_t k = names_find(&keys, only_key ? v[t->key] : buf_view(&m->key));
			if (k == NAMES_NONE || m->taken[row[k]])
				continue;
			if (pass == 0) {
				here[k]++;
			} else if (!only_key || (count[k] == 1 && here[k] == 1)) {
				m->of_now[i] = row[k];
				m->taken[row[k]] = true;
			}
		}
	names_clear(&keys);
	free(row);
	free(count);
	free(here);
}

/* Are two rows the same in every column? */
static bool is_same(const struct table *t, const struct span *a, const struct span *b)
{
	for (int c = 0; c < t->ncolumns; c++)
		if (!span_eq(a[c], b[c]))
			return false;
	return true;
}

int tablerows_compare(const struct tablerows *was, const struct tablerows *now, tablerows_fn *fn, void *arg)
{
	struct matching m = { .was = was, .now = now };
	int result = 0;

	m.of_now = mem_alloc((now->n + 1) * sizeof *m.of_now);
	memset(m.of_now, 0xff, (now->n + 1) * sizeof *m.of_now);
	m.taken = mem_zalloc(was->n + 1, sizeof *m.taken);
	match(&m, false);
	match(&m, true);
	for (size_t i = 0; i < now->n && result == 0; i++) {
		struct tablerows_change c = { .now = tablerows_row(now, i), .row = i };

		if (m.of_now[i] != UINT32_MAX)
			c.was = tablerows_row(was, m.of_now[i]);
		if (!c.was || !is_same(was->table, c.was, c.now))
			result = fn(arg, &c);
	}
	for (size_t i = 0; i < was->n && result == 0; i++)
		if (!m.taken[i])
			result = fn(arg, &(struct tablerows_change){ .was = tablerows_row(was, i), .row = i });
	buf_clear(&m.key);
	free(m.of_now);
	free(m.taken);
	return result;
}

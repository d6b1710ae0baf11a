/* SPDX-License-Identifier: MIT */
#include "engine/treeview.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* Children by number: first and next, in the order of the file. */
struct links {
	const struct grid_tree *t;
	const struct grid_node **g;	/* the row valid on the day, or NULL */
	uint32_t *first, *last, *next;
	bool *has_parent;
	struct names ids;
	size_t n;
};

static void links_new(struct links *l, const struct grid_tree *t, int32_t day)
{
	memset(l, 0, sizeof *l);
	l->t = t;
	l->n = grid_count(t);
	l->g = mem_zalloc(l->n + 1, sizeof *l->g);
	l->first = mem_alloc((l->n + 1) * sizeof *l->first);
	l->last = mem_alloc((l->n + 1) * sizeof *l->last);
	l->next = mem_alloc((l->n + 1) * sizeof *l->next);
	l->has_parent = mem_zalloc(l->n + 1, sizeof *l->has_parent);
	for (uint32_t i = 0; i < l->n; i++) {
		l->first[i] = l->last[i] = l->next[i] = NONE;
		names_add(&l->ids, grid_number(t, i)->id);
		l->g[i] = grid_at(t, grid_number(t, i)->id, day);
	}
	for (uint32_t i = 0; i < l->n; i++) {
		uint32_t up;

		if (!l->g[i] || !l->g[i]->parent.n)
			continue;
		l->has_parent[i] = true;
		up = names_find(&l->ids, l->g[i]->parent);
		if (up == NAMES_NONE)
			continue;
		if (l->last[up] == NONE)
			l->first[up] = i;
		else
			l->next[l->last[up]] = i;
		l->last[up] = i;
	}
}

static void links_clear(struct links *l)
{
	free(l->g);
	free(l->first);
	free(l->last);
	free(l->next);
	free(l->has_parent);
	names_clear(&l->ids);
}

/* Add a grid and what lies below it; levels go down, so the depth is bounded by their number. */
static void add(struct treeview *v, const struct links *l, uint32_t i, unsigned depth, size_t nlevels)
{
	const struct grid_node *g = l->g[i];

	if (!g || v->n == l->n || depth > nlevels)
		return;
	v->row[v->n++] = (struct treeview_row){ g, depth };
	if (depth > 0) {
		if (g->level >= 0 && (size_t)g->level < nlevels)
			v->level[g->level]++;
		v->below++;
	}
	for (uint32_t k = l->first[i]; k != NONE; k = l->next[k])
		add(v, l, k, depth + 1, nlevels);
}

void treeview_new(struct treeview *v, const struct grid_tree *t, const struct policy *p, struct span top, int32_t day)
{
	size_t valid = 0;
	struct links l;
	uint32_t at;

	links_new(&l, t, day);
	*v = (struct treeview){ .n = 0 };
	v->row = mem_zalloc(l.n + 1, sizeof *v->row);
	v->level = mem_zalloc(p->levels.n + 1, sizeof *v->level);
	if (top.n) {
		at = names_find(&l.ids, top);
		if (at != NAMES_NONE)
			add(v, &l, at, 0, p->levels.n);
	} else {
		for (uint32_t i = 0; i < l.n; i++) {
			valid += l.g[i] != NULL;
			if (!l.has_parent[i])
				add(v, &l, i, 0, p->levels.n);
		}
		v->lost = valid - v->n;
	}
	links_clear(&l);
}

void treeview_clear(struct treeview *v)
{
	free(v->row);
	free(v->level);
	*v = (struct treeview){ .n = 0 };
}

/* A figure of a grid on the day; false when it is not given. */
static bool figure(struct master *grids, const struct grid_node *g, int col, int32_t day, uint64_t *out, struct err *e)
{
	struct master_row row;

	return master_find(grids, g->id, day, &row, e) == 1 && row.f[col].n && span_u64(row.f[col], INT64_MAX, out);
}

/* One grid's figure against those right below it. */
static void check_sum(const struct treeview *v, size_t at, struct master *grids, int col, int32_t day,
    struct diag *d, struct err *e)
{
	const struct grid_node *g = v->row[at].g;
	uint64_t own, one, sum = 0;
	size_t children = 0;

	if (!figure(grids, g, col, day, &own, e))
		return;
	for (size_t i = at + 1; i < v->n && v->row[i].depth > v->row[at].depth; i++) {
		if (v->row[i].depth != v->row[at].depth + 1)
			continue;
		if (!figure(grids, v->row[i].g, col, day, &one, e))
			return;
		sum += one;
		children++;
	}
	if (children && sum != own)
		diag_warn(d, "%.*s (%.*s): %s is %ju, but those below it (%zu) add up to %ju", (int)g->id.n,
		    g->id.p, (int)g->name.n, g->name.p,
		    master_table(grids)->columns[col].name, (uintmax_t)own, children, (uintmax_t)sum);
}

int treeview_sums(const struct treeview *v, struct master *grids, int32_t day, struct diag *d, struct err *e)
{
	static const char *const names[] = { "households", "population" };

	if (v->lost)
		diag_warn(d, "%zu valid grid%s in no tree: a grid above has ended", v->lost,
		    v->lost == 1 ? " lies" : "s lie");
	for (size_t k = 0; k < 2; k++) {
		int col = schema_column(master_table(grids), span_of(names[k]));

		for (size_t i = 0; col >= 0 && i < v->n && e->status == ERR_OK; i++)
			check_sum(v, i, grids, col, day, d, e);
	}
	return e->status == ERR_OK ? 0 : -1;
}

void treeview_counts(const struct treeview *v, const struct policy *p, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < p->levels.n; i++)
		if (v->level[i]) {
			buf_printf(out, "%s%zu %s", any ? ", " : "", v->level[i], p->levels.v[i].id);
			any = true;
		}
	if (!any)
		buf_puts(out, "nothing below");
	else
		buf_printf(out, ": %zu grid%s", v->below, v->below == 1 ? "" : "s");
}

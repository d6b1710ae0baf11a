/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/text.h"
#include "model/officeint.h"

#define NONE UINT32_MAX

void office_names_free(struct office_names *x)
{
	if (!x)
		return;
	names_clear(&x->half);
	free(x->first);
	free(x->next);
	free(x->words);
	free(x);
}

/* Put every row's name, in half-width signs, into its chain; rows of one name keep the order of the file. */
static void chain_names(struct office_names *x, const struct master_row *row, size_t n, int name)
{
	struct buf half = BUF_INIT;
	uint32_t *last = NULL;
	size_t cap = 0, last_cap = 0;

	x->next = mem_alloc((n + 1) * sizeof *x->next);
	for (size_t i = 0; i < n; i++) {
		uint32_t before = x->half.n, k;

		x->next[i] = NONE;
		if (name < 0 || row[i].f[name].n == 0)
			continue;
		buf_reset(&half);
		text_halfwidth(&half, row[i].f[name]);
		k = names_add(&x->half, buf_view(&half));
		MEM_GROW(x->first, cap, (size_t)k + 1);
		MEM_GROW(last, last_cap, (size_t)k + 1);
		if (k == before)
			x->first[k] = (uint32_t)i;
		else
			x->next[last[k]] = (uint32_t)i;
		last[k] = (uint32_t)i;
	}
	free(last);
	buf_clear(&half);
}

struct office_names *office_names(struct office *o, const char *table, struct err *e)
{
	size_t ntables, at = (size_t)(schema_table(span_of(table)) - schema_tables(&ntables)), n;
	struct master *m = office_master(o, table, e);
	const struct master_row *row;
	struct office_names *x = o->cache->names[at];

	if (x != NULL || m == NULL)
		return m ? x : NULL;
	if (master_rows(m, &row, &n, e) < 0)
		return NULL;
	x = o->cache->names[at] = mem_zalloc(1, sizeof *x);
	chain_names(x, row, n, schema_column(master_table(m), SPAN("name")));
	x->words = mem_alloc((n + x->half.n + 1) * sizeof *x->words);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !span_eq(row[i].f[master_table(m)->key], row[i - 1].f[master_table(m)->key]))
			x->words[x->nwords++] = arena_spandup(&o->cache->mem, row[i].f[master_table(m)->key]);
	for (uint32_t i = 0; i < x->half.n; i++)
		x->words[x->nwords++] = names_at(&x->half, i).p;
	return x;
}

/* SPDX-License-Identifier: MIT */
#include "yaml/told.h"
#include <stdlib.h>

struct yaml_told {
	struct place {
		size_t line, col;
	} *at;
	size_t n, cap;
};

struct yaml_told *told_new(void)
{
	return mem_zalloc(1, sizeof(struct yaml_told));
}

void told_add(const struct yaml_file *f, size_t line, size_t col)
{
	struct yaml_told *t = f->told;
	MEM_GROW(t->at, t->cap, t->n + 1);
	t->at[t->n++] = (struct place){ line, col };
}

bool told_any(const struct yaml_file *f)
{
	return f->told && f->told->n > 0;
}

bool told_of(const struct yaml_file *f, const struct yaml_node *n)
{
	const struct yaml_told *t = f->told;
	for (size_t i = 0; t && i < t->n; i++)
		if (t->at[i].line == n->line && t->at[i].col == n->col)
			return true;
	return false;
}

void told_free(struct yaml_told *t)
{
	if (t)
		free(t->at);
	free(t);
}

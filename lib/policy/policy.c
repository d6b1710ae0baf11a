/* SPDX-License-Identifier: MIT */
#include "policy/policy.h"
#include <stdlib.h>
#include <string.h>
#include "base/digest.h"
#include "policy/load.h"

void policy_free(struct policy *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->rules.n; i++)
		for (size_t k = 0; k < p->rules.v[i].ntests; k++)
			pattern_free(p->rules.v[i].when[k].pattern);
	arena_clear(&p->mem);
	free(p);
}

const struct vocab *policy_vocab(const struct policy *p, const char *vocabulary)
{
	const struct policy_box *b = (const struct policy_box *)p;
	const struct vocab *all[] = {
		&p->levels, &p->severities, &p->sources, &p->roles, &p->subject_kinds, &p->sectors, &p->grid_kinds,
		&p->organ_kinds, &p->categories, &b->states, &b->steps, &b->point_kinds, &b->notice_kinds,
	};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i]->n > 0 && strcmp(all[i]->what, vocabulary) == 0)
			return all[i];
	return NULL;
}

static int by_path(const void *a, const void *b)
{
	const struct policy_file *x = *(const struct policy_file *const *)a, *y = *(const struct policy_file *const *)b;
	return strcmp(x->path, y->path);
}

void policy_manifest(const struct policy_file *files, size_t n, struct buf *out)
{
	const struct policy_file **v = mem_alloc((n + 1) * sizeof *v);
	for (size_t i = 0; i < n; i++)
		v[i] = &files[i];
	qsort(v, n, sizeof *v, by_path);
	for (size_t i = 0; i < n; i++) {
		char hex[DIGEST_HEX + 1];
		digest_of((struct span){ v[i]->bytes, v[i]->n }, hex);
		buf_printf(out, "%s  %s\n", hex, v[i]->path);
	}
	free(v);
}

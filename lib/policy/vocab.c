/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "policy/policy.h"

/* Is the C string exactly these bytes? */
static bool same(const char *word, struct span s)
{
	return strncmp(word, s.p, s.n) == 0 && word[s.n] == '\0';
}

int vocab_id(const struct vocab *w, struct span s)
{
	if (s.n == 0)
		return -1;
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].id[0] == s.p[0] && same(w->v[i].id, s))
			return (int)i;
	return -1;
}

int vocab_find(const struct vocab *w, struct span s)
{
	int at = vocab_id(w, s);
	if (at >= 0 || s.n == 0)
		return at;
	for (size_t i = 0; i < w->n; i++) {
		const struct vocab_item *v = &w->v[i];
		if (same(v->name, s) || same(v->zh, s))
			return (int)i;
		for (size_t k = 0; k < v->naliases; k++)
			if (same(v->alias[k], s))
				return (int)i;
	}
	return -1;
}

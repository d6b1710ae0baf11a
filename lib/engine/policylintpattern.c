/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/policylintint.h"

/* The item that a branch of a pattern is an alias of, or -1. */
static int alias_of(const struct vocab *w, struct span branch)
{
	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; k < w->v[i].naliases; k++)
			if (span_is(branch, w->v[i].alias[k]))
				return (int)i;
	return -1;
}

/* Does a branch take any word?  1, 0, -1. */
static int takes_any(const struct vocab *w, struct span branch, struct err *e)
{
	struct pattern *p = pattern_new(branch, e);
	int hit = p != NULL ? 0 : -1;

	for (size_t i = 0; i < w->n && hit == 0; i++) {
		hit = pattern_match(p, span_of(w->v[i].id), e);
		if (hit == 0)
			hit = pattern_match(p, span_of(w->v[i].name), e);
	}
	pattern_free(p);
	return hit;
}

/* One pattern, branch by branch; one with brackets has no plain branches. */
static int lint_pattern(
    struct policylinting *l, const struct vocab *w, const char *field, const struct yaml_node *n, struct err *e)
{
	struct span rest, branch;

	if (n->kind != YAML_SCALAR || !pattern_slashes(n->text, &rest)
	    || strpbrk(yaml_text(n), "()[]{}\\^$.*+?") != NULL)
		return 0;
	while (span_split(&rest, '|', &branch)) {
		int hit = takes_any(w, branch, e), alias = hit == 0 ? alias_of(w, branch) : -1;

		if (hit < 0)
			return err_prefix(e, "%s:%zu", l->rules->name, n->line);
		if (alias >= 0)
			policylint_add(l, l->rules, n, true,
			    "\"%.*s\" in the pattern takes no %s: it is an alias of %s (%s), and patterns are tried "
			    "on ids and names; write %s",
			    (int)branch.n, branch.p, field, w->v[alias].id, w->v[alias].name, w->v[alias].name);
		else if (hit == 0)
			policylint_add(l, l->rules, n, true,
			    "\"%.*s\" in the pattern takes no %s; mend it, or take it out", (int)branch.n, branch.p,
			    field);
	}
	return 0;
}

int policylint_patterns(struct policylinting *l, struct err *e)
{
	int result = 0;

	for (size_t i = 0; i < l->list->n && result == 0; i++) {
		const struct yaml_node *when = yaml_get(l->list->item[i], "when");

		for (size_t k = 0; when != NULL && k < when->n && result == 0; k++) {
			const char *field = yaml_text(when->key[k]);
			const struct vocab *w = policy_vocab(l->p, strcmp(field, "tier") == 0 ? "level" : field);
			const struct yaml_node *v = when->item[k];

			if (w == NULL)
				continue;
			if (v->kind != YAML_LIST)
				result = lint_pattern(l, w, field, v, e);
			for (size_t j = 0; v->kind == YAML_LIST && j < v->n && result == 0; j++)
				result = lint_pattern(l, w, field, v->item[j], e);
		}
	}
	return result;
}

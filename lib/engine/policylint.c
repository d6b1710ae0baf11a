/* SPDX-License-Identifier: MIT */
#include "engine/policylint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/policylintint.h"

void policylint_add(struct policylinting *l, const struct yaml_file *f, const struct yaml_node *at, bool warning,
    const char *fmt, ...)
{
	struct policylint *out = l->out;
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	MEM_GROW(out->v, out->cap, out->n + 1);
	out->v[out->n++] = (struct policylint_finding){ mem_strdup(f->name), at->line, at->col, warning, text.p };
	*(warning ? &out->warnings : &out->errors) += 1;
}

const struct yaml_node *policylint_at(const struct yaml_node *map, const char *key)
{
	const struct yaml_node *n = yaml_get(map, key);

	return n != NULL ? n : map;
}

/* The day before or after, in words. */
static const char *write_day(int32_t day, char out[DATE_LEN + 1])
{
	date_write(day, out);
	return out;
}

/* Periods of one category in order of time. */
static int by_from(const void *a, const void *b)
{
	const struct duty *x = *(const struct duty *const *)a, *y = *(const struct duty *const *)b;

	return (x->from > y->from) - (x->from < y->from);
}

/* The days between the duties of a category, and after the last one. */
static void lint_gaps(struct policylinting *l, const struct category *c, const struct yaml_node *item)
{
	const struct duty **v = mem_zalloc(c->nduties, sizeof *v);
	const struct yaml_node *duty = policylint_at(item, "duty");
	char a[DATE_LEN + 1], b[DATE_LEN + 1];
	const char *id = yaml_text(yaml_get(item, "id"));

	for (size_t i = 0; i < c->nduties; i++)
		v[i] = &c->duty[i];
	qsort(v, c->nduties, sizeof *v, by_from);
	for (size_t i = 0; i < c->nduties; i++) {
		const struct duty *x = v[i];
		const struct yaml_node *at = duty->kind == YAML_LIST ? duty->item[x - c->duty] : duty;

		if (x->to == DATE_NONE)
			break;
		at = policylint_at(at, "to");
		if (i + 1 == c->nduties)
			policylint_add(l, l->words, at, false,
			    "category \"%s\": no organ leads after %s; add a duty from %s on, or leave out \"to\"",
			    id, write_day(x->to, a), write_day(x->to + 1, b));
		else if (v[i + 1]->from > x->to + 1)
			policylint_add(l, l->words, at, false,
			    "category \"%s\": no organ leads from %s to %s; let one of the two duties reach over "
			    "these days",
			    id, write_day(x->to + 1, a), write_day(v[i + 1]->from - 1, b));
		else if (v[i + 1]->from <= x->to)
			policylint_add(l, l->words, at, false,
			    "category \"%s\": two organs lead from %s on, %s and %s; end one before the other begins",
			    id, write_day(v[i + 1]->from, a), x->lead, v[i + 1]->lead);
	}
	free(v);
}

void policylint_duties(struct policylinting *l)
{
	const struct yaml_node *list = yaml_get(l->words->root, "categories");

	for (size_t i = 0; list != NULL && i < list->n && i < l->p->categories.n; i++) {
		if (l->p->category[i].nduties > 0)
			lint_gaps(l, &l->p->category[i], list->item[i]);
		else
			policylint_add(l, l->words, list->item[i], false,
			    "category \"%s\": no organ leads it; add duty: [{lead: ORGAN KIND, from: DATE, basis: "
			    "…}]",
			    l->p->categories.v[i].id);
	}
}

/* One file of the pack as a tree. It was parsed before, so there is nothing to complain of. */
static struct yaml_file *tree_of(const struct pack *p, const char *dir, const char *path)
{
	struct yaml_file *f = NULL;
	struct buf name = BUF_INIT;
	struct diag none;

	diag_init(&none, NULL, NULL, 0);
	buf_printf(&name, "%s/%s", dir, path);
	for (size_t i = 0; i < p->n && f == NULL; i++)
		if (strcmp(p->file[i].path, path) == 0)
			f = yaml_parse(name.p, (struct span){ p->file[i].bytes, p->file[i].n }, &none);
	buf_clear(&name);
	return f;
}

/* Order of findings: by file, then by place. */
static int by_place(const void *a, const void *b)
{
	const struct policylint_finding *x = a, *y = b;
	int c = strcmp(x->file, y->file);

	if (c != 0)
		return c;
	return x->line != y->line ? (x->line > y->line) - (x->line < y->line) : (x->col > y->col) - (x->col < y->col);
}

int policylint_run(struct policylint *out, const struct pack *p, const char *dir, const struct policy *policy,
    struct office *office, int32_t day, struct err *e)
{
	struct yaml_file *words = tree_of(p, dir, "policy.yaml"), *rules = tree_of(p, dir, "escalation.yaml");
	struct policylinting l = {
		.out = out, .p = policy, .words = words, .rules = rules, .office = office, .day = day
	};
	size_t nover = policy->overlays.n;
	int result = 0;

	*out = (struct policylint){ .v = NULL };
	l.over = mem_zalloc(nover, sizeof *l.over);
	for (size_t i = 0; i < nover; i++)
		l.over[i] = tree_of(p, dir, policy->overlays.v[i].path);
	l.list = rules != NULL ? yaml_get(rules->root, "rules") : NULL;
	if (words == NULL || l.list == NULL || l.list->n != policy->rules.n) {
		result = err_set(e, ERR_DATA, "%s: the policy is not the one that was loaded", dir);
	} else {
		policylint_duties(&l);
		policylint_terms(&l);
		policylint_overlays(&l);
		result = policylint_cover(&l, e);
		if (result == 0)
			result = policylint_patterns(&l, e);
		if (result == 0 && office != NULL)
			result = policylint_who(&l, e);
		if (result == 0 && office != NULL)
			result = policylint_over_who(&l, e);
	}
	if (out->n > 0)
		qsort(out->v, out->n, sizeof *out->v, by_place);
	for (size_t i = 0; i < nover; i++)
		yaml_free(l.over[i]);
	free(l.over);
	yaml_free(words);
	yaml_free(rules);
	return result;
}

void policylint_clear(struct policylint *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].file);
		free(l->v[i].text);
	}
	free(l->v);
	*l = (struct policylint){ .v = NULL };
}

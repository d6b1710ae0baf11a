/* SPDX-License-Identifier: MIT */
#include "policy/load.h"
#include <stdlib.h>
#include <string.h>
#include "yaml/told.h"

/* What one rule's test of a field takes: a set over the field's words where they are known. */
struct reach {
	const struct rule_test *test;		/* NULL: everything */
	const struct yaml_node *at;
	bool *takes;				/* per word of the vocabulary, or NULL where any text is possible */
};

struct cover {
	struct loading *l;
	struct vocab emergency;
	struct reach (*reach)[RULE_NFIELDS];	/* per rule */
};

static const struct vocab *words_of(const struct cover *c, enum rule_field f)
{
	const struct policy *p = c->l->p;
	const struct vocab *w[RULE_NFIELDS] = { &p->severities, &p->categories, &p->sources, &p->sectors,
						&p->subject_kinds, &c->emergency, &p->levels, NULL };
	return w[f];
}

/* Is the word taken by the test of the rule of that id: by value, or by its pattern on id or name? */
static bool takes_word(struct cover *c, const char *id, const struct rule_test *t, const struct yaml_node *at,
		       const struct vocab_item *w)
{
	struct err e = ERR_INIT;
	for (size_t i = 0; i < t->nvalues; i++)
		if (strcmp(t->value[i], w->id) == 0)
			return true;
	int hit = t->pattern ? pattern_match(t->pattern, span_of(w->id), &e) : 0;
	if (hit == 0 && t->pattern)
		hit = pattern_match(t->pattern, span_of(w->name), &e);
	if (hit < 0)
		load_complain(c->l, at, "rule \"%s\": %s: on \"%s\": %s", id, rule_field_name[t->field], w->name, e.text);
	return hit > 0;
}

/* Fills in what a rule's tests take; complains about a test that takes no word at all. */
static void measure(struct cover *c, size_t rule, const struct yaml_node *node)
{
	const struct rule *r = &c->l->p->rules.v[rule];
	const struct yaml_node *when = yaml_get(node, "when");
	for (size_t i = 0; i < r->ntests; i++) {
		const struct rule_test *t = &r->when[i];
		struct reach *to = &c->reach[rule][t->field];
		const struct vocab *w = words_of(c, t->field);
		size_t before = c->l->d->errors, hits = 0;
		to->test = t;
		to->at = when->item[i];
		if (!w)
			continue;
		to->takes = arena_alloc(&c->l->p->mem, w->n + 1);
		for (size_t k = 0; k < w->n && c->l->d->errors == before; k++)
			hits += to->takes[k] = takes_word(c, r->id, t, to->at, &w->v[k]);
		if (hits == 0 && c->l->d->errors == before)
			load_complain(c->l, to->at, "rule \"%s\" can never match: no %s matches %s", r->id,
				      rule_field_name[t->field],
				      yaml_text(to->at));
	}
}

static bool same_text(const struct reach *a, const struct reach *b)
{
	return a->at->kind == YAML_SCALAR && b->at->kind == YAML_SCALAR && span_eq(a->at->text, b->at->text);
}

/* Does a take all that b takes?  False where it cannot be told. */
static bool contains(const struct reach *a, const struct reach *b, size_t nwords)
{
	if (!a->test)
		return true;
	if (!b->test)
		return false;
	if (a->takes) {
		for (size_t i = 0; i < nwords; i++)
			if (b->takes[i] && !a->takes[i])
				return false;
		return true;
	}
	if (same_text(a, b))
		return true;
	if (b->test->pattern)
		return false;
	for (size_t i = 0; i < b->test->nvalues; i++) {
		size_t k = 0;
		while (k < a->test->nvalues && strcmp(a->test->value[k], b->test->value[i]) != 0)
			k++;
		if (k == a->test->nvalues)
			return false;
	}
	return true;
}

/* A pilot: it leaves hazards elsewhere, or of other days, to the rules behind it. */
static bool is_scoped(const struct rule *r)
{
	return r->scope.set;
}

/* Does the earlier rule take all that the later one would? */
static bool shadows(const struct cover *c, size_t earlier, size_t later)
{
	if (is_scoped(&c->l->p->rules.v[earlier]))
		return false;
	for (int f = 0; f < RULE_NFIELDS; f++) {
		const struct vocab *w = words_of(c, (enum rule_field)f);
		if (!contains(&c->reach[earlier][f], &c->reach[later][f], w ? w->n : 0))
			return false;
	}
	return true;
}

void load_cover(struct loading *l, const struct yaml_node *list)
{
	const struct rules *r = &l->p->rules;
	struct vocab_item yes_no[] = { { .id = "yes", .name = "yes", .zh = "yes" },
				       { .id = "no", .name = "no", .zh = "no" } };
	struct cover c = { .l = l, .emergency = { "emergency", yes_no, 2 } };
	size_t before = l->d->errors;
	if (told_any(l->file))	/* of rules that are half read nothing can be said */
		return;
	c.reach = mem_zalloc(r->n, sizeof *c.reach);
	for (size_t i = 0; i < r->n; i++)
		measure(&c, i, list->item[i]);
	for (size_t i = 1; i < r->n && l->d->errors == before; i++)
		for (size_t k = 0; k < i; k++)
			if (shadows(&c, k, i)) {
				load_complain(l, list->item[i],
					      "rule \"%s\" can never match: rule \"%s\" on line %d takes all it would take",
					      r->v[i].id, r->v[k].id, r->v[k].line);
				break;
			}
	if (is_scoped(&r->v[r->n - 1]))
		load_complain(l, yaml_get(list->item[r->n - 1], "scope"),
			      "the last rule (\"%s\") must match everywhere and always; leave out its \"scope\"", r->v[r->n - 1].id);
	if (r->v[r->n - 1].ntests > 0)
		load_complain(l, yaml_get(list->item[r->n - 1], "when"),
			      "the last rule (\"%s\") must match everything; leave out its \"when\", or add a last rule without one",
			      r->v[r->n - 1].id);
	free(c.reach);
}

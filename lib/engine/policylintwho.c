/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/policylintint.h"
#include "model/grid.h"

/* The register asked who is there. */
struct who {
	struct policylinting *l;
	struct grid_tree *tree;
	struct master *organs;
	const struct yaml_file *file;	/* the one looked at */
	struct names seen;		/* words that were asked about: each is told once */
	struct err *e;
};

/* Is there an organ of this id or kind on the day?  1, 0, -1. */
static int has_organ(struct who *w, const char *lead)
{
	const struct table *t = master_table(w->organs);
	int kind = schema_column(t, SPAN("kind")), from = schema_column(t, SPAN("valid_from")),
	    to = schema_column(t, SPAN("valid_to"));
	const struct master_row *rows;
	size_t n;

	if (master_rows(w->organs, &rows, &n, w->e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int32_t first, last;

		if (!span_is(rows[i].f[t->key], lead) && !span_is(rows[i].f[kind], lead))
			continue;
		if ((!date_read(rows[i].f[from], &first) || first <= w->l->day)
		    && (!date_read(rows[i].f[to], &last) || last >= w->l->day))
			return 1;
	}
	return 0;
}

/* Units at levels from `top` to `bottom` that have no organ, and the first of them; *units of them there are. */
static int count_orphans(struct who *w, int top, int bottom, size_t *units, size_t *orphans, struct span *first)
{
	*units = *orphans = 0;
	for (uint32_t i = 0; i < grid_count(w->tree); i++) {
		const struct grid_node *g = grid_at(w->tree, grid_number(w->tree, i)->id, w->l->day);
		struct span organ = { "", 0 };

		if (g == NULL || g->level < top || g->level > bottom)
			continue;
		++*units;
		if (grid_organ(w->organs, g, w->l->day, &organ, w->e) < 0)
			return -1;
		if (organ.n == 0 && (*orphans)++ == 0)
			*first = g->id;
	}
	return 0;
}

/* The deepest level that some unit has a parent at: what "parent" may lead to. */
static int deepest_parent(const struct who *w)
{
	int deepest = 0;

	for (uint32_t i = 0; i < grid_count(w->tree); i++) {
		const struct grid_node *g = grid_at(w->tree, grid_number(w->tree, i)->id, w->l->day);
		const struct grid_node *up = g != NULL ? grid_parent(w->tree, g, w->l->day) : NULL;

		if (up != NULL && up->level > deepest)
			deepest = up->level;
	}
	return deepest;
}

/* A word that stands for units. */
static int lint_units(struct who *w, const struct yaml_node *at, int top, int bottom, const char *what)
{
	size_t units, orphans;
	struct span first = { "", 0 };

	if (count_orphans(w, top, bottom, &units, &orphans, &first) < 0)
		return -1;
	if (units == 0)
		policylint_add(w->l, w->file, at, false,
		    "to: the register has no %s; add it to grids, or name another addressee", what);
	else if (orphans > 0)
		policylint_add(w->l, w->file, at, false,
		    "to: %zu of %zu (%s) have no organ, the first is %.*s; give them one in organs (column grid), or "
		    "name another addressee",
		    orphans, units, what, (int)first.n, first.p);
	return 0;
}

/* One addressee of a rung, a limit or a copy. */
static int lint_whom(struct who *w, const struct yaml_node *n)
{
	const struct policy *p = w->l->p;
	struct buf what = BUF_INIT;
	uint32_t before = w->seen.n;
	int level, result = 0;

	if (n == NULL || n->kind != YAML_SCALAR || span_is(n->text, "owner") || span_is(n->text, "dispatch")
	    || names_add(&w->seen, n->text) < before)
		return 0;
	level = vocab_id(&p->levels, n->text);
	if (span_is(n->text, "parent")) {
		result = lint_units(w, n, 0, deepest_parent(w), "units above others");
	} else if (span_is(n->text, "top") || level >= 0) {
		level = level < 0 ? 0 : level;
		buf_printf(&what, "unit of the level %s", p->levels.v[level].id);
		result = lint_units(w, n, level, level, what.p);
	} else if ((result = has_organ(w, yaml_text(n))) == 0) {
		policylint_add(w->l, w->file, n, false,
		    "to: the register has no organ \"%s\" now, neither as an id nor as a kind; add it to organs, or "
		    "name another addressee",
		    yaml_text(n));
	}
	buf_clear(&what);
	return result < 0 ? -1 : 0;
}

/* to and cc of a map. */
static int lint_act(struct who *w, const struct yaml_node *m)
{
	const struct yaml_node *cc = yaml_get(m, "cc");
	int result = lint_whom(w, yaml_get(m, "to"));

	if (result == 0 && yaml_get(m, "to") == NULL && span_is(policylint_at(m, "do")->text, "escalate")
	    && yaml_get(m, "do") != NULL) {
		struct yaml_node parent = *yaml_get(m, "do"); /* what is left out there means */

		parent.text = SPAN("parent");
		result = lint_whom(w, &parent);
	}
	for (size_t i = 0; result == 0 && cc != NULL && cc->kind == YAML_LIST && i < cc->n; i++)
		result = lint_whom(w, cc->item[i]);
	return result;
}

/* Who leads a category today. */
static int lint_leads(struct who *w)
{
	const struct policy *p = w->l->p;
	const struct yaml_node *list = yaml_get(w->l->words->root, "categories");

	for (size_t i = 0; list != NULL && i < list->n && i < p->categories.n; i++) {
		const struct yaml_node *duty = yaml_get(list->item[i], "duty");

		for (size_t k = 0; k < p->category[i].nduties; k++) {
			const struct duty *x = &p->category[i].duty[k];
			int found;

			if ((x->from != DATE_NONE && x->from > w->l->day)
			    || (x->to != DATE_NONE && x->to < w->l->day))
				continue;
			found = has_organ(w, x->lead);
			if (found < 0)
				return -1;
			if (found == 0)
				policylint_add(w->l, w->l->words,
				    policylint_at(duty->kind == YAML_LIST ? duty->item[k] : duty, "lead"), false,
				    "category \"%s\": the register has no organ \"%s\" now, neither as an id nor as "
				    "a kind; add it to organs, or name another lead",
				    p->categories.v[i].id, x->lead);
		}
	}
	return 0;
}

/* All of a rule, or of an entry of an overlay. */
static int lint_acts(struct who *w, const struct yaml_node *m)
{
	const struct yaml_node *rungs = yaml_get(m, "rungs"), *limits = yaml_get(m, "limits"), *handed = yaml_get(m, "handovers");
	int result = 0;

	for (size_t k = 0; result == 0 && rungs != NULL && k < rungs->n; k++)
		result = lint_act(w, rungs->item[k]);
	for (size_t k = 0; result == 0 && limits != NULL && k < limits->n; k++)
		if (yaml_get(limits->item[k], "miss") != NULL)
			result = lint_act(w, yaml_get(limits->item[k], "miss"));
	return result == 0 && handed != NULL ? lint_act(w, handed) : result;
}

int policylint_who(struct policylinting *l, struct err *e)
{
	struct who w = { .l = l, .e = e };
	int result = -1;

	w.tree = office_grids(l->office, e);
	w.organs = w.tree != NULL ? office_master(l->office, "organs", e) : NULL;
	if (w.organs != NULL)
		result = lint_leads(&w);
	w.file = l->rules;
	for (size_t i = 0; result == 0 && i < l->list->n; i++)
		result = lint_acts(&w, l->list->item[i]);
	for (size_t i = 0; result == 0 && i < l->p->overlays.n; i++) {
		const struct yaml_node *list = l->over[i] != NULL ? yaml_get(l->over[i]->root, "tighten") : NULL;

		w.file = l->over[i];
		for (size_t k = 0; result == 0 && list != NULL && k < list->n; k++)
			result = lint_acts(&w, list->item[k]);
	}
	names_clear(&w.seen);
	return result;
}

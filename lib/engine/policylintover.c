/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/policyexplain.h"
#include "engine/policylintint.h"
#include "model/grid.h"

/* The node of an entry of an overlay, NULL when the tree is not that of what was loaded. */
static const struct yaml_node *entry_at(const struct policylinting *l, size_t overlay, size_t entry)
{
	const struct yaml_file *f = l->over[overlay];
	const struct yaml_node *list = f != NULL ? yaml_get(f->root, "tighten") : NULL;

	return list != NULL && entry < list->n ? list->item[entry] : NULL;
}

/* May some category be led by an organ, by its code or by a kind? */
static bool leads_any(const struct policy *p, const char *organ)
{
	for (size_t i = 0; i < p->categories.n; i++)
		for (size_t k = 0; k < p->category[i].nduties; k++) {
			const char *lead = p->category[i].duty[k].lead;

			if (strcmp(lead, organ) == 0 || vocab_id(&p->organ_kinds, span_of(lead)) >= 0)
				return true;
		}
	return false;
}

/* An entry that changes none of its rules. */
static void lint_idle(struct policylinting *l, size_t i, size_t k)
{
	const struct overlay_entry *x = &l->p->overlays.v[i].v[k];
	const struct yaml_node *at = entry_at(l, i, k);
	struct buf text = BUF_INIT;

	for (size_t r = 0; r < l->p->rules.n; r++)
		if (x->of[r])
			policyexplain_entry(l->p, x, &l->p->rules.v[r], &text);
	if (text.n == 0 && at != NULL)
		policylint_add(l, l->over[i], at, true,
		    "the entry tightens nothing: its rules ask for all of it already; take it out");
	buf_clear(&text);
}

/* The entry that gave a rule its due time; NULL: the rule has it from escalation.yaml. */
static const struct yaml_node *due_at(const struct policylinting *l, size_t overlay, const struct rule *r)
{
	const struct overlay *o = &l->p->overlays.v[overlay];

	for (size_t i = 0; i < o->n; i++)
		if (r->entries >> i & 1 && o->v[i].says.has_due && o->v[i].says.within.n == r->within.n
		    && o->v[i].says.within.unit == r->within.unit)
			return policylint_at(yaml_get(entry_at(l, overlay, i), "due"), "within");
	return NULL;
}

/* The limits and rungs of a rule beside the shorter due time that an overlay gives it. */
static void lint_form(struct policylinting *l, size_t overlay, const struct rule *r)
{
	const struct yaml_node *at = due_at(l, overlay, r);
	struct buf a = BUF_INIT, b = BUF_INIT, c = BUF_INIT;

	term_write(&b, r->within);
	for (size_t i = 0; at != NULL && i < r->nlimits; i++) {
		const struct limit *x = &r->limit[i];

		if (policylint_beyond(l->p, x) || !policylint_longer(x->within, r->within))
			continue;
		buf_reset(&a);
		term_write(&a, x->within);
		policylint_add(l, l->over[overlay], at, false,
		    "the due time of rule \"%s\" becomes %s, shorter than its limit \"%s\", %s (%s:%d); shorten "
		    "the limit here too", r->id, b.p, x->id, a.p, limit_file(x), x->line);
	}
	for (size_t i = 0; at != NULL && i < r->nrungs; i++) {
		const struct rung *g = &r->rung[i];

		if (g->at.share || g->at.off.n >= 0
		    || !policylint_longer((struct term){ -g->at.off.n, g->at.off.unit }, r->within))
			continue;
		buf_reset(&c);
		rung_at_write(&c, &g->at);
		policylint_add(l, l->over[overlay], at, true,
		    "the due time of rule \"%s\" becomes %s, so that rung \"%s\" (%s:%d) falls before it begins "
		    "to run; is that meant?", r->id, b.p, c.p, rung_file(r, g), g->line);
	}
	buf_clear(&a);
	buf_clear(&b);
	buf_clear(&c);
}

void policylint_overlays(struct policylinting *l)
{
	for (size_t i = 0; i < l->p->overlays.n; i++) {
		const struct overlay *o = &l->p->overlays.v[i];

		if (l->over[i] == NULL)
			continue;
		if (!leads_any(l->p, o->organ))
			policylint_add(l, l->over[i], l->over[i]->root, false,
			    "%s leads no category, so the overlay holds for no hazard; give it a duty in "
			    "policy.yaml, or take the file out", o->organ);
		for (size_t k = 0; k < o->n; k++)
			lint_idle(l, i, k);
		/* with all its entries a rule is at its shortest: that form is the last one */
		for (size_t r = 0; r < l->p->rules.n; r++)
			if (o->first[r] >= 0)
				lint_form(l, i, &l->p->rules.v[(size_t)o->first[r] + overlay_forms(o, r) - 1]);
	}
}

/* Does some category have that organ, or its kind, as its lead? */
static bool leads_as(const struct policy *p, const char *organ, struct span kind)
{
	for (size_t i = 0; i < p->categories.n; i++)
		for (size_t k = 0; k < p->category[i].nduties; k++)
			if (strcmp(p->category[i].duty[k].lead, organ) == 0 || span_is(kind, p->category[i].duty[k].lead))
				return true;
	return false;
}

/* The units of scopes. */
static void lint_units(struct policylinting *l, size_t i, const struct grid_tree *tree)
{
	const struct overlay *o = &l->p->overlays.v[i];

	for (size_t k = 0; k < o->n; k++) {
		const struct yaml_node *grids = yaml_get(yaml_get(entry_at(l, i, k), "scope"), "grids");

		for (size_t g = 0; grids != NULL && g < grids->n; g++)
			if (grid_at(tree, grids->item[g]->text, DATE_NONE) == NULL)
				policylint_add(l, l->over[i], grids->item[g], false,
				    "grids: the register has no unit \"%s\"; add it to grids, or name another one",
				    yaml_text(grids->item[g]));
	}
}

/* The organ of an overlay among the rows of organs.csv. */
static void lint_organ(struct policylinting *l, size_t i, const struct tablerows *organs)
{
	const struct overlay *o = &l->p->overlays.v[i];
	struct span kind;
	int32_t end;
	size_t row = policylint_organ(organs, o->organ, &end);
	char day[DATE_LEN + 1];

	if (row == SIZE_MAX) {
		policylint_add(l, l->over[i], l->over[i]->root, false,
		    "the register has no organ %s; name the file by the code of an organ of organs.csv, "
		    "or add the organ", o->organ);
		return;
	}
	kind = tablerows_row(organs, row)[schema_column(organs->table, SPAN("kind"))];
	if (leads_any(l->p, o->organ) && !leads_as(l->p, o->organ, kind))
		policylint_add(l, l->over[i], l->over[i]->root, false,
		    "%s (%.*s) leads no category, so the overlay holds for no hazard; give it a duty in "
		    "policy.yaml, or take the file out", o->organ, (int)kind.n, kind.p);
	if (policylint_outlives(o, end)) {
		date_write(end, day);
		policylint_add(l, l->over[i], l->over[i]->root, true, POLICYLINT_ENDS, o->organ, day, day);
	}
}

int policylint_over_who(struct policylinting *l, struct err *e)
{
	const struct table *t = schema_table(SPAN("organs"));
	const struct grid_tree *tree = l->p->overlays.n > 0 ? office_grids(l->office, e) : NULL;
	struct tablerows organs;
	int result = 0;

	if (l->p->overlays.n == 0)
		return 0;
	if (tree == NULL)
		return -1;
	tablerows_init(&organs, t);
	result = tablerows_version(&organs, t, l->office->reg, moment_version(&l->office->at, t->name), e);
	for (size_t i = 0; i < l->p->overlays.n && result == 0; i++)
		if (l->over[i] != NULL) {
			lint_organ(l, i, &organs);
			lint_units(l, i, tree);
		}
	tablerows_clear(&organs);
	return result;
}

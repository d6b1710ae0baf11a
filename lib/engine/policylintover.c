/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
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

/* The kind of organ that its last row says; "" when the register has no such organ. */
static int kind_of(struct master *organs, const char *organ, bool *there, struct span *kind, struct err *e)
{
	struct master_row row;
	int found = master_find(organs, span_of(organ), DATE_NONE, &row, e);

	*there = found > 0;
	*kind = found > 0 ? row.f[schema_column(master_table(organs), SPAN("kind"))] : SPAN("");
	return found < 0 ? -1 : 0;
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

int policylint_over_who(struct policylinting *l, struct err *e)
{
	const struct grid_tree *tree = l->p->overlays.n > 0 ? office_grids(l->office, e) : NULL;
	struct master *organs = tree != NULL ? office_master(l->office, "organs", e) : NULL;

	if (l->p->overlays.n > 0 && organs == NULL)
		return -1;
	for (size_t i = 0; i < l->p->overlays.n; i++) {
		const struct overlay *o = &l->p->overlays.v[i];
		struct span kind;
		bool there;

		if (l->over[i] == NULL)
			continue;
		if (kind_of(organs, o->organ, &there, &kind, e) < 0)
			return -1;
		if (!there)
			policylint_add(l, l->over[i], l->over[i]->root, false,
			    "the register has no organ %s; name the file by the code of an organ of organs.csv, "
			    "or add the organ", o->organ);
		else if (leads_any(l->p, o->organ) && !leads_as(l->p, o->organ, kind))
			policylint_add(l, l->over[i], l->over[i]->root, false,
			    "%s (%.*s) leads no category, so the overlay holds for no hazard; give it a duty in "
			    "policy.yaml, or take the file out", o->organ, (int)kind.n, kind.p);
		lint_units(l, i, tree);
	}
	return 0;
}

void policylint_organs(const struct policy *p, const char *where, const struct tablerows *organs, struct diag *d)
{
	const char **codes = mem_zalloc(organs->n + 1, sizeof *codes);
	struct arena mem = { NULL };
	struct buf file = BUF_INIT;

	for (size_t i = 0; i < organs->n; i++)
		codes[i] = arena_spandup(&mem, tablerows_row(organs, i)[organs->table->key]);
	for (size_t k = 0; k < p->overlays.n && organs->n > 0; k++) {
		const char *organ = p->overlays.v[k].organ, *near;
		size_t i = 0;

		while (i < organs->n && strcmp(codes[i], organ) != 0)
			i++;
		if (i < organs->n)
			continue;
		near = text_nearest(span_of(organ), codes, organs->n);
		buf_reset(&file);
		buf_printf(&file, "%s%s", where, p->overlays.v[k].path);
		diag_row(d, file.p, 0, NULL,
		    "organs.csv has no organ %s%s%s%s name the file by the code of an organ, or put the organ first", organ,
		    near ? "; did you mean " : ";", near ? near : "", near ? "?" : "");
	}
	free(codes);
	arena_clear(&mem);
	buf_clear(&file);
}

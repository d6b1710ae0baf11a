/* SPDX-License-Identifier: MIT */
#include "policy/load.h"
#include <string.h>

/* What a rule asks of single steps: extensions, plans, the end. */

static const char *const phases[] = { "before", "progress", "after", "recheck", "sign", "minutes" };

/* The id of a step of the workflow. */
static const char *load_step_id(struct loading *l, const struct yaml_node *n, const char *what)
{
	const struct workflow *w = &l->p->workflow;
	const char **names;
	int at = load_step_of(l, n);

	if (at >= 0)
		return w->step[at].id;
	names = arena_alloc(&l->p->mem, (w->nsteps + 1) * sizeof *names);
	for (size_t i = 0; i < w->nsteps; i++)
		names[i] = w->step[i].id;
	load_unknown(l, n, what, names, w->nsteps);
	return "";
}

/* The step that asks for an extension. */
static const char *load_ask(struct loading *l, const struct yaml_node *n)
{
	int at = load_step_of(l, n);

	if (at >= 0 && l->p->workflow.step[at].effect == WF_EXTEND)
		load_complain(l, n, "ask: step \"%s\" is the extension itself; name the step that asks for it, or leave it out",
			      yaml_text(n));
	return load_step_id(l, n, "ask");
}

void load_extend(struct loading *l, const struct yaml_node *m, bool has_due, struct rule_extend *out)
{
	struct yaml_node *before = yaml_get(m, "before"), *max = yaml_get(m, "max"), *total = yaml_get(m, "total"), *by = yaml_get(m, "by"), **v;
	struct yaml_node *ask = yaml_get(m, "ask");
	uint64_t n = 0;

	if (!m)
		return;
	out->set = true;
	if (!has_due)
		load_complain(l, m, "extend: a rule without a due date (due: none) has nothing to extend");
	if (before)
		load_term(l, before, "before", &out->before);
	if (ask)
		out->ask = load_ask(l, ask);
	if (total)
		load_term(l, total, "total", &out->total);
	if (max && !span_u64(max->text, 100, &n))
		load_complain(l, max, "max: \"%s\" is not a number from 1 to 100", yaml_text(max));
	out->max = (unsigned)n;
	out->nby = load_items(&by, &v);
	out->by = arena_alloc(&l->p->mem, (out->nby + 1) * sizeof *out->by);
	for (size_t i = 0; i < out->nby; i++) {
		int at = load_word(l, v[i], &l->p->roles);

		out->by[i] = at < 0 ? "" : l->p->roles.v[at].id;
	}
}

void load_plan(struct loading *l, const struct yaml_node *m, struct rule *out)
{
	struct yaml_node *before = yaml_get(m, "before"), **v;

	out->nparts = load_list(l, yaml_get(m, "parts"), &out->part);
	out->nplanned = load_items(&before, &v);
	out->planned = arena_alloc(&l->p->mem, (out->nplanned + 1) * sizeof *out->planned);
	for (size_t i = 0; i < out->nplanned; i++)
		out->planned[i] = load_step_id(l, v[i], "before");
}

void load_close(struct loading *l, const struct yaml_node *m, struct rule *out)
{
	struct yaml_node *acceptors = yaml_get(m, "acceptors"), *needs = yaml_get(m, "needs"), *organs = yaml_get(acceptors, "organs");
	struct yaml_node *min = yaml_get(acceptors, "min"), *not = yaml_get(acceptors, "not"), **v;
	struct yaml_node *by = yaml_get(m, "by"), **role;
	size_t n = load_items(&needs, &v), nby = load_items(&by, &role);
	uint64_t least = 0;

	for (size_t i = 0; i < nby; i++) {
		int at = load_word(l, role[i], &l->p->roles);

		if (at >= 0 && at < 64)
			out->closers |= UINT64_C(1) << at;
	}
	out->needs = arena_alloc(&l->p->mem, (n + 1) * sizeof *out->needs);
	for (size_t i = 0; i < n; i++) {
		int at = load_choice(l, v[i], "needs", phases, sizeof phases / sizeof *phases);

		if (at >= 0)
			out->needs[out->nneeds++] = phases[at];
	}
	out->measures = yaml_get(m, "measures") != NULL;
	if (min && (!span_u64(min->text, 20, &least) || least == 0))
		load_complain(l, min, "min: \"%s\" is not a number from 1 to 20", yaml_text(min));
	out->acceptors = (unsigned)least;
	n = load_items(&not, &v);
	for (size_t i = 0; i < n; i++) {
		out->not_rectifier |= span_is(v[i]->text, "rectifier");
		out->not_owner |= span_is(v[i]->text, "owner");
	}
	out->nacceptors = load_items(&organs, &v);
	out->acceptor = arena_alloc(&l->p->mem, (out->nacceptors + 1) * sizeof *out->acceptor);
	for (size_t i = 0; i < out->nacceptors; i++)
		out->acceptor[i] = load_whom(l, v[i], "organs");
}

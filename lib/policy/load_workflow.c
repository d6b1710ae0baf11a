/* SPDX-License-Identifier: MIT */
#include "policy/load.h"
#include <string.h>
#include "yaml/told.h"

#define MOST 64
#define BIT(i) (UINT64_C(1) << (i))

/* In the order of enum wf_effect. */
static const char *const effects[] = {
	"none", "assign", "hold", "resume", "extend", "escalate", "return", "supervise", "delist", "correct", "retract", "reopen",
	"transfer", "remind", "repin",
};
#define NEFFECTS (sizeof effects / sizeof *effects)

/* What a step may need: the columns of an event a person fills in, or a file of evidence. */
static const char *const columns[] = {
	"result", "tier", "owner", "assist", "person", "verifier", "due", "severity", "category", "cause", "measure", "fund_fen",
	"fund_source", "on_behalf_of", "key", "field", "was", "value", "plan", "reason", "note", "evidence",
};
#define NCOLUMNS (sizeof columns / sizeof *columns)

static const char **state_ids(struct loading *l)
{
	const struct workflow *w = &l->p->workflow;
	const char **v = arena_alloc(&l->p->mem, (w->nstates + 1) * sizeof *v);
	for (size_t i = 0; i < w->nstates; i++)
		v[i] = w->state[i].id;
	return v;
}

/* The number of the state a scalar names; -1 with a complaint. */
static int load_state_of(struct loading *l, const struct yaml_node *n, const char *what)
{
	int at = workflow_state(&l->p->workflow, yaml_text(n));
	if (at < 0)
		load_unknown(l, n, what, state_ids(l), l->p->workflow.nstates);
	return at;
}

static void load_states(struct loading *l, const struct yaml_node *root)
{
	struct workflow *w = &l->p->workflow;
	const struct yaml_node *states = yaml_get(root, "states");
	size_t n = states && states->kind == YAML_MAP ? states->n : 0;
	if (n == 0 || n > MOST) {
		load_complain(l, states ? states : root, "states: found %zu; a workflow has from 1 to %d", n,
			      MOST);
		return;
	}
	w->state = arena_alloc(&l->p->mem, (n + 1) * sizeof *w->state);
	for (size_t i = 0; i < n; i++) {
		struct yaml_node *m = states->item[i], *phase = yaml_get(m, "phase");
		struct yaml_node *name = yaml_get(m, "name");
		int at = load_choice(l, phase ? phase : m, "phase", wf_phase_name, 5);
		w->state[i] = (struct wf_state){ .id = load_text(l, states->key[i]),
						 .phase = at < 0 ? PHASE_OPEN : (enum wf_phase)at,
						 .line = (int)states->key[i]->line };
		w->state[i].name = name ? load_text(l, name) : w->state[i].id;
	}
	w->nstates = n;
	struct yaml_node *start = yaml_get(root, "start");
	w->start = load_state_of(l, start ? start : root, "start");
	if (w->start >= 0 && w->state[w->start].phase != PHASE_OPEN)
		load_complain(l, start, "start: state \"%s\" is of phase %s; a new hazard must be open",
			      w->state[w->start].id,
			      wf_phase_name[w->state[w->start].phase]);
}

/* `from:` any, a phase, or a list of states. */
static uint64_t load_from(struct loading *l, const struct yaml_node *step, const char *id)
{
	const struct workflow *w = &l->p->workflow;
	struct yaml_node *n = yaml_get(step, "from"), **v;
	uint64_t set = 0;
	if (n && n->kind == YAML_SCALAR) {
		bool any = span_is(n->text, "any"), phase = any;
		for (size_t i = 0; i < w->nstates; i++)
			if (any || span_is(n->text, wf_phase_name[w->state[i].phase]))
				set |= BIT(i);
		for (size_t i = 0; i < 5; i++)
			phase = phase || span_is(n->text, wf_phase_name[i]);
		if (phase && set == 0)
			load_complain(l, n, "from: no state is of phase %s, so step \"%s\" can never be taken",
				      yaml_text(n), id);
		if (phase)
			return set;
	}
	size_t count = load_items(&n, &v);
	for (size_t i = 0; i < count; i++) {
		int at = load_state_of(l, v[i], "from");
		if (at >= 0)
			set |= BIT(at);
	}
	if (count == 0)
		load_complain(l, n ? n : step, "from: step \"%s\" names no state it may be taken from", id);
	return set;
}

/* `by:` roles, or the sweep alone. */
static void load_by(struct loading *l, const struct yaml_node *step, struct wf_step *out)
{
	struct yaml_node *n = yaml_get(step, "by"), **v;
	size_t count = load_items(&n, &v);
	for (size_t i = 0; i < count; i++) {
		if (v[i]->kind == YAML_SCALAR && span_is(v[i]->text, "sweep")) {
			out->sweep = true;
			if (count > 1)
				load_complain(l, v[i],
					      "by: sweep stands alone; a step is taken by the sweep or by people");
			continue;
		}
		int at = load_word(l, v[i], &l->p->roles);
		if (at >= 0 && at < MOST)
			out->by |= BIT(at);
	}
}

/* `to:` or `result:`. */
static void load_to(struct loading *l, const struct yaml_node *step, struct wf_step *out)
{
	struct yaml_node *to = yaml_get(step, "to"), *result = yaml_get(step, "result");
	out->to = -1;
	out->to_fail = -2;
	if (to && result)
		load_complain(l, result, "result: a step has \"to\" or \"result\", not both");
	if (to)
		out->to = load_state_of(l, to, "to");
	if (!result)
		return;
	struct yaml_node *pass = yaml_get(result, "pass"), *fail = yaml_get(result, "fail");
	out->to = load_state_of(l, pass ? pass : result, "pass");
	out->to_fail = load_state_of(l, fail ? fail : result, "fail");
}

static void load_step(struct loading *l, const struct yaml_node *key, const struct yaml_node *m,
		      struct wf_step *out)
{
	struct yaml_node *name = yaml_get(m, "name"), *needs = yaml_get(m, "needs"), **v;
	struct yaml_node *effect = yaml_get(m, "effect");
	*out = (struct wf_step){ .id = load_text(l, key), .line = (int)key->line };
	out->name = name ? load_text(l, name) : out->id;
	out->from = load_from(l, m, out->id);
	load_to(l, m, out);
	load_by(l, m, out);
	size_t n = load_items(&needs, &v);
	out->needs = arena_alloc(&l->p->mem, (n + 1) * sizeof *out->needs);
	for (size_t i = 0; i < n; i++) {
		int at = load_choice(l, v[i], "needs", columns, NCOLUMNS);
		if (at >= 0)
			out->needs[out->nneeds++] = columns[at];
	}
	out->implied = load_flag(l, yaml_get(m, "implied"), "implied");
	if (out->implied && out->to < 0)
		load_complain(l, m,
			      "implied: step \"%s\" stays in its state; only a step that leads on can be implied", out->id);
	int at = effect ? load_choice(l, effect, "effect", effects, NEFFECTS) : 0;
	out->effect = at < 0 ? WF_NONE : (enum wf_effect)at;
}

static void load_steps(struct loading *l, const struct yaml_node *root)
{
	struct workflow *w = &l->p->workflow;
	const struct yaml_node *steps = yaml_get(root, "steps");
	size_t n = steps && steps->kind == YAML_MAP ? steps->n : 0;
	if (n == 0 || n > MOST) {
		load_complain(l, steps ? steps : root, "steps: found %zu; a workflow has from 1 to %d", n,
			      MOST);
		n = n > MOST ? MOST : 0;
	}
	w->step = arena_alloc(&l->p->mem, (n + 1) * sizeof *w->step);
	for (size_t i = 0; i < n; i++)
		load_step(l, steps->key[i], steps->item[i], &w->step[i]);
	w->nsteps = n;
}

/* The states one step leads to from a state, as a set. */
static uint64_t leads_to(const struct wf_step *s, size_t state)
{
	uint64_t set = 0;
	if (!(s->from >> state & 1))
		return 0;
	if (s->to >= 0)
		set |= BIT(s->to);
	if (s->to_fail >= 0)
		set |= BIT(s->to_fail);
	return set;
}

/* Every state must have a way to closed, ended or void. */
static void check_ends(struct loading *l, const struct yaml_node *root)
{
	const struct workflow *w = &l->p->workflow;
	uint64_t good = 0, before;
	for (size_t i = 0; i < w->nstates; i++)
		if (w->state[i].phase >= PHASE_CLOSED)
			good |= BIT(i);
	do {
		before = good;
		for (size_t i = 0; i < w->nstates; i++)
			for (size_t k = 0; k < w->nsteps; k++)
				if (leads_to(&w->step[k], i) & good)
					good |= BIT(i);
	} while (good != before);
	const struct yaml_node *states = yaml_get(root, "states");
	for (size_t i = 0; i < w->nstates; i++)
		if (!(good >> i & 1))
			load_complain(l, states->key[i],
				      "state \"%s\" has no way to an end (a state of phase closed, ended or void); add a step from it",
				      w->state[i].id);
}

/* Goes along implied steps from at, which path[0 … n-1] led to; true after the complaint about a circle. */
static bool find_circle(struct loading *l, const struct yaml_node *steps, int at, int *path, size_t n,
			uint64_t *done)
{
	const struct workflow *w = &l->p->workflow;
	for (size_t i = 0; i < n; i++) {
		if (path[i] != at)
			continue;
		struct buf b = BUF_INIT;
		int last = -1;
		for (; i < n; i++)
			buf_printf(&b, "%s -> ", w->state[path[i]].id);
		for (size_t k = 0; k < w->nsteps; k++)
			if (w->step[k].implied && w->step[k].to == at && (w->step[k].from >> path[n - 1] & 1))
				last = (int)k;
		load_complain(l, steps->key[last],
			      "the implied steps go round in a circle: %s%s; step \"%s\" must not be implied", b.p,
			      w->state[at].id, w->step[last].id);
		buf_clear(&b);
		return true;
	}
	if (*done >> at & 1)
		return false;
	path[n] = at;
	for (size_t k = 0; k < w->nsteps; k++)
		if (w->step[k].implied && (w->step[k].from >> at & 1) && w->step[k].to >= 0 &&
		    find_circle(l, steps, w->step[k].to, path, n + 1, done))
			return true;
	*done |= BIT(at);
	return false;
}

void load_workflow(struct loading *l, const struct yaml_node *root)
{
	size_t before = l->d->errors;
	load_states(l, root);
	if (l->p->workflow.nstates == 0)	/* no step could name one */
		return;
	load_steps(l, root);
	if (l->trust || l->d->errors != before || told_any(l->file))
		return;
	int path[MOST + 1];
	uint64_t done = 0;
	check_ends(l, root);
	for (size_t i = 0; i < l->p->workflow.nstates; i++)
		if (find_circle(l, yaml_get(root, "steps"), (int)i, path, 0, &done))
			return;
}

/* SPDX-License-Identifier: MIT */
#include "policy/load.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/time.h"
#include "policy/overlay.h"

#define MAX_RULES 1000

static const char *const starts[] = { "reported", "found", "assigned", "tier" };

/* The vocabulary of a field of `when`, or NULL when any text is taken. */
static const struct vocab *field_vocab(const struct policy *p, enum rule_field f)
{
	switch (f) {
	case RULE_SEVERITY: return &p->severities;
	case RULE_CATEGORY: return &p->categories;
	case RULE_SOURCE: return &p->sources;
	case RULE_SECTOR: return &p->sectors;
	case RULE_SUBJECT_KIND: return &p->subject_kinds;
	case RULE_TIER: return &p->levels;
	default: return NULL;
	}
}

const char *load_whom(struct loading *l, const struct yaml_node *n, const char *what)
{
	static const char *const fixed[] = { "owner", "parent", "dispatch", "top" };
	const size_t nfixed = sizeof fixed / sizeof *fixed;
	const struct policy *p = l->p;
	const char *s = load_text(l, n);
	if (l->trust || (*s && !islower((unsigned char)*s)))
		return s;
	for (size_t i = 0; i < nfixed; i++)
		if (strcmp(s, fixed[i]) == 0)
			return s;
	if (vocab_id(&p->levels, span_of(s)) >= 0 || vocab_id(&p->organ_kinds, span_of(s)) >= 0)
		return s;
	size_t count = 0;
	const char **names = arena_alloc(&l->p->mem, (nfixed + p->levels.n + p->organ_kinds.n) * sizeof *names);
	for (size_t i = 0; i < nfixed; i++)
		names[count++] = fixed[i];
	for (size_t i = 0; i < p->levels.n; i++)
		names[count++] = p->levels.v[i].id;
	for (size_t i = 0; i < p->organ_kinds.n; i++)
		names[count++] = p->organ_kinds.v[i].id;
	load_unknown(l, n, what, names, count);
	return s;
}

/* A kind of paper of notices.yaml. */
static const char *load_notice(struct loading *l, const struct yaml_node *n)
{
	const struct vocab *w = &((struct policy_box *)l->p)->notice_kinds;
	if (!n)
		return NULL;
	int at = vocab_id(w, n->text);
	if (at >= 0)
		return w->v[at].id;
	if (w->n == 0)
		load_complain(l, n, "notice: \"%s\" is not defined; there is no notices.yaml with kinds",
			      yaml_text(n));
	else
		load_unknown(l, n, "notice", load_ids(l, w), w->n);
	return NULL;
}

/* do, to, notice, cc: what a rung and a missed limit share. */
static void load_act(struct loading *l, const struct yaml_node *m, struct rung *out)
{
	struct yaml_node *act = yaml_get(m, "do"), *to = yaml_get(m, "to"), **v;
	struct yaml_node *notice = yaml_get(m, "notice"), *cc = yaml_get(m, "cc");
	int at = act ? load_choice(l, act, "do", rung_do_name, 4) : 0;
	out->act = at < 0 ? RUNG_REMIND : (enum rung_do)at;
	out->to = to ? load_whom(l, to, "to") : out->act == RUNG_ESCALATE ? "parent" : "owner";
	out->notice = load_notice(l, notice);
	if (out->act == RUNG_NOTICE && !notice)
		load_complain(l, m, "do: notice needs the kind of paper; add notice: KIND");
	if (out->act == RUNG_ESCALATE && strcmp(out->to, "owner") == 0)
		load_complain(l, to,
			      "to: a hazard cannot be escalated to its owner; write parent, top or a level");
	out->ncc = load_items(&cc, &v);
	out->cc = arena_alloc(&l->p->mem, (out->ncc + 1) * sizeof *out->cc);
	for (size_t i = 0; i < out->ncc; i++)
		out->cc[i] = load_whom(l, v[i], "cc");
	out->line = (int)m->line;
}

/* repeat, send, hush: how often and when. */
static void load_timing(struct loading *l, const struct yaml_node *m, struct rung *out)
{
	struct yaml_node *repeat = yaml_get(m, "repeat"), *hush = yaml_get(m, "hush"), **v;

	out->nrepeats = load_items(&repeat, &v);
	out->repeat = arena_alloc(&l->p->mem, (out->nrepeats + 1) * sizeof *out->repeat);
	for (size_t i = 0; i < out->nrepeats; i++) {
		size_t before = l->d->errors;

		load_term(l, v[i], "repeat", &out->repeat[i]);
		if (l->d->errors == before && (out->repeat[i].unit == TERM_MONTH_END || out->repeat[i].n == 0))
			load_complain(l, v[i], "repeat: \"%s\" is no gap; write a length of time above zero",
				      yaml_text(v[i]));
	}
	out->send_any = yaml_get(m, "send") != NULL;
	if (hush)
		load_term(l, hush, "hush", &out->hush);
}

static void load_rung(struct loading *l, const struct yaml_node *m, struct rung *out)
{
	struct yaml_node *at = yaml_get(m, "at");
	struct err e = ERR_INIT;
	if (!at || rung_at_parse(at->text, &out->at, &e) < 0)
		load_complain(l, at ? at : m, "at: %s", at ? e.text : "is missing");
	load_act(l, m, out);
	load_timing(l, m, out);
}

int load_step_of(struct loading *l, const struct yaml_node *n)
{
	return workflow_step(&l->p->workflow, yaml_text(n), strlen(yaml_text(n)));
}

/* A step that begins or ends a limit; `report` and `due` begin one too. */
static const char *load_limit_step(struct loading *l, const struct yaml_node *m, const char *key)
{
	const struct workflow *w = &l->p->workflow;
	const struct yaml_node *n = yaml_get(m, key);
	if (n && (load_step_of(l, n) >= 0 || (strcmp(key, "from") == 0 && (span_is(n->text, "report") || span_is(n->text, "due")))))
		return load_text(l, n);
	const char **names = arena_alloc(&l->p->mem, (w->nsteps + 1) * sizeof *names);
	for (size_t i = 0; i < w->nsteps; i++)
		names[i] = w->step[i].id;
	load_unknown(l, n ? n : m, key, names, w->nsteps);
	return "";
}

/* The sweep's keys call it handovers-1 when a hazard changed hands too often: no limit may be called so. */
static void check_limit_id(struct loading *l, const struct yaml_node *id)
{
	static const char taken[] = "handovers-";
	const size_t n = sizeof taken - 1;
	uint64_t count;

	if (id && id->text.n > n && memcmp(id->text.p, taken, n) == 0 &&
	    span_u64((struct span){ id->text.p + n, id->text.n - n }, UINT32_MAX, &count))
		load_complain(l, id, "limit id \"%s\" is what the keys of events call too many hand-overs; choose another one",
			      yaml_text(id));
}

/* brief: one that names no steps is about the limit of its id that is there already. */
static void load_limit(struct loading *l, const struct yaml_node *m, bool has_due, bool brief, struct limit *out)
{
	struct yaml_node *miss = yaml_get(m, "miss");
	out->id = load_text(l, yaml_get(m, "id"));
	if (!l->trust)
		check_limit_id(l, yaml_get(m, "id"));
	out->from = out->until = "";
	if (!brief || yaml_get(m, "from") || yaml_get(m, "until")) {
		out->from = load_limit_step(l, m, "from");
		out->until = load_limit_step(l, m, "until");
	}
	load_term(l, yaml_get(m, "within") ? yaml_get(m, "within") : m, "within", &out->within);
	out->miss = (struct rung){ .act = RUNG_REMIND, .to = "owner", .line = (int)m->line };
	if (miss) {
		load_act(l, miss, &out->miss);
		load_timing(l, miss, &out->miss);
	}
	if (strcmp(out->from, "due") == 0 && !has_due)
		load_complain(l, yaml_get(m, "from"), "from: a rule without a due date (due: none) has no limit from due");
	out->line = (int)m->line;
}

/* A pattern of `when`: quotes keep YAML from reading it its own way. */
static struct pattern *load_pattern(struct loading *l, const struct yaml_node *n, const char *what)
{
	struct span inside;
	struct err e = ERR_INIT;
	if (!pattern_slashes(n->text, &inside)) {
		load_complain(l, n, n->plain ? "%s: \"%s\" is half a pattern; quote the pattern: '/…/'"
					     : "%s: \"%s\" is half a pattern; it begins and ends with /",
			      what, yaml_text(n));
		return NULL;
	}
	if (l->trust)	/* it was compiled when it was committed; most programs ask for few rules, or none */
		return pattern_later((struct span){ load_text(l, n) + 1, inside.n });
	struct pattern *p = pattern_new(inside, &e);
	if (!p)
		load_complain(l, n, "%s: %s", what, e.text);
	return p;
}

/* One value of a test, put down by its id. */
static const char *load_value(struct loading *l, const struct yaml_node *n, enum rule_field f)
{
	static const char *const yes_no[] = { "yes", "no" };
	const struct vocab *w = field_vocab(l->p, f);
	bool yes;
	if (f == RULE_EMERGENCY) {
		if (yaml_bool(n, &yes))
			return yes ? "yes" : "no";
		return load_choice(l, n, "emergency", yes_no, 2) == 0 ? "yes" : "no";
	}
	if (!w)
		return load_text(l, n);
	int at = load_word(l, n, w);
	return at < 0 ? "" : w->v[at].id;
}

/* One field of `when`. */
static void load_test(struct loading *l, const struct yaml_node *key, struct yaml_node *value,
		      struct rule_test *out)
{
	struct yaml_node **v;
	int f = load_choice(l, key, "when", rule_field_name, RULE_NFIELDS);
	out->field = f < 0 ? RULE_OWNER : (enum rule_field)f;
	size_t n = load_items(&value, &v);
	if (n == 0)
		load_complain(l, key, "%s: no value", yaml_text(key));
	out->value = arena_alloc(&l->p->mem, (n + 1) * sizeof *out->value);
	for (size_t i = 0; i < n; i++) {
		if (v[i]->kind == YAML_SCALAR && v[i]->text.n > 0 && v[i]->text.p[0] == '/') {
			if (out->pattern)
				load_complain(l, v[i], "%s: only one pattern; join them with |",
					      yaml_text(key));
			else
				out->pattern = load_pattern(l, v[i], yaml_text(key));
		} else {
			out->value[out->nvalues++] = load_value(l, v[i], out->field);
		}
	}
}

static void load_due(struct loading *l, const struct yaml_node *m, struct rule *out)
{
	struct yaml_node *due = yaml_get(m, "due");
	out->from = starts[0];
	if (due && due->kind == YAML_SCALAR && span_is(due->text, "none"))
		return;
	out->has_due = true;
	if (!due || due->kind != YAML_MAP) {
		load_complain(l, due ? due : m, "due: write none, or {within: 24h, from: reported}");
		return;
	}
	struct yaml_node *from = yaml_get(due, "from"), *within = yaml_get(due, "within");
	load_term(l, within ? within : due, "within", &out->within);
	int at = from ? load_choice(l, from, "from", starts, 4) : 0;
	out->from = starts[at < 0 ? 0 : at];
}

/* rungs and limits; brief as in load_limit. */
static void load_ladder(struct loading *l, const struct yaml_node *m, bool has_due, bool brief, struct rule *out)
{
	struct yaml_node *rungs = yaml_get(m, "rungs"), *limits = yaml_get(m, "limits"), **v;
	out->nrungs = load_items(&rungs, &v);
	if (out->nrungs > 0 && !has_due)
		load_complain(l, rungs, "rungs: a rule without a due date (due: none) has no rungs");
	if (out->nrungs > 100)
		load_complain(l, rungs, "rungs: %zu are too many; at most 100 are allowed", out->nrungs);
	out->rung = arena_alloc(&l->p->mem, (out->nrungs + 1) * sizeof *out->rung);
	for (size_t i = 0; i < out->nrungs; i++)
		load_rung(l, v[i], &out->rung[i]);
	out->nlimits = load_items(&limits, &v);
	if (out->nlimits > 100) {
		load_complain(l, limits, "limits: %zu are too many; at most 100 are allowed", out->nlimits);
		out->nlimits = 100;
	}
	out->limit = arena_alloc(&l->p->mem, (out->nlimits + 1) * sizeof *out->limit);
	for (size_t i = 0; i < out->nlimits; i++) {
		load_limit(l, v[i], has_due, brief, &out->limit[i]);
		for (size_t k = 0; !l->trust && k < i; k++)
			if (strcmp(out->limit[k].id, out->limit[i].id) == 0)
				load_complain(l, yaml_get(v[i], "id"),
					      "limit id \"%s\" is given twice; the first is on line %d", out->limit[i].id,
					      out->limit[k].line);
	}
}

size_t load_list(struct loading *l, struct yaml_node *list, const char ***out)
{
	struct yaml_node **v;
	size_t n = load_items(&list, &v);

	*out = arena_alloc(&l->p->mem, (n + 1) * sizeof **out);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = load_text(l, v[i]);
	return n;
}

int32_t load_day(struct loading *l, const struct yaml_node *n)
{
	int32_t day = DATE_NONE;

	if (n && !date_read(n->text, &day))
		load_complain(l, n, "\"%s\" is not a date; write a day that exists, like 2026-02-28", yaml_text(n));
	return day;
}

static void load_scope(struct loading *l, const struct yaml_node *m, struct rule_scope *out)
{
	if (!m)
		return;
	out->set = true;
	out->from = load_day(l, yaml_get(m, "from"));
	out->to = load_day(l, yaml_get(m, "to"));
	if (out->from != DATE_NONE && out->to != DATE_NONE && out->to < out->from)
		load_complain(l, yaml_get(m, "to"), "to: the scope ends before it begins");
	out->ngrids = load_list(l, yaml_get(m, "grids"), &out->grid);
}

static void load_handovers(struct loading *l, const struct yaml_node *m, struct rule *out)
{
	const struct yaml_node *over = yaml_get(m, "over");
	uint64_t n = 0;

	if (!m)
		return;
	if (!over || !span_u64(over->text, 100, &n) || n == 0)
		load_complain(l, over ? over : m, "over: write how often it may change hands, from 1 to 100");
	out->handovers = (unsigned)n;
	load_act(l, m, &out->handed);
	load_timing(l, m, &out->handed);
}

static void load_rule(struct loading *l, const struct yaml_node *m, struct rule *out)
{
	struct yaml_node *when = yaml_get(m, "when");
	out->id = load_text(l, yaml_get(m, "id"));
	out->basis = load_text(l, yaml_get(m, "basis"));
	out->line = (int)m->line;
	out->ntests = when && when->kind == YAML_MAP ? when->n : 0;
	out->when = arena_alloc(&l->p->mem, (out->ntests + 1) * sizeof *out->when);
	for (size_t i = 0; i < out->ntests; i++)
		load_test(l, when->key[i], when->item[i], &out->when[i]);
	load_due(l, m, out);
	load_ladder(l, m, out->has_due, false, out);
	if (out->nrungs <= 100)
		rule_sort_rungs(out);
	load_scope(l, yaml_get(m, "scope"), &out->scope);
	load_extend(l, yaml_get(m, "extend"), out->has_due, &out->extend);
	load_handovers(l, yaml_get(m, "handovers"), out);
	load_close(l, yaml_get(m, "close"), out);
	out->nfixed = load_list(l, yaml_get(yaml_get(m, "assign"), "needs"), &out->fixed);
	load_plan(l, yaml_get(m, "plan"), out);
}

void load_tighter(struct loading *l, const struct yaml_node *m, struct rule *out)
{
	struct yaml_node *due = yaml_get(m, "due");

	out->id = "";
	out->basis = load_text(l, yaml_get(m, "basis"));
	out->line = (int)m->line;
	if (due)
		load_due(l, m, out);
	if (due && !yaml_get(due, "from"))
		out->from = "";
	load_ladder(l, m, true, true, out);
	load_scope(l, yaml_get(m, "scope"), &out->scope);
	load_extend(l, yaml_get(m, "extend"), true, &out->extend);
	load_handovers(l, yaml_get(m, "handovers"), out);
	load_close(l, yaml_get(m, "close"), out);
	out->nfixed = load_list(l, yaml_get(yaml_get(m, "assign"), "needs"), &out->fixed);
	load_plan(l, yaml_get(m, "plan"), out);
}

/* No two rules of one id: events name the rule that they stand on. */
static void check_ids(struct loading *l, const struct yaml_node *list)
{
	struct names seen = { 0 };
	size_t *line = mem_zalloc(list->n + 1, sizeof *line);
	for (size_t i = 0; i < list->n; i++) {
		const struct yaml_node *id = yaml_get(list->item[i], "id");
		if (!id)
			continue;
		uint32_t before = seen.n, at = names_add(&seen, id->text);
		if (at < before)
			load_complain(l, id, "rule id \"%s\" is given twice; the first is on line %zu",
				      yaml_text(id), line[at]);
		else
			line[at] = id->line;
	}
	free(line);
	names_clear(&seen);
}

void load_rules(struct loading *l, const struct yaml_node *root)
{
	struct rules *r = &l->p->rules;
	struct yaml_node *list = yaml_get(root, "rules"), *parent = yaml_get(root, "parent"), **v;
	size_t before = l->d->errors, n = load_items(&list, &v);
	if (n == 0 || n > MAX_RULES || list->kind != YAML_LIST) {
		load_complain(l, list ? list : root, "rules: found %zu; a policy has a list of 1 to %d", n,
			      MAX_RULES);
		return;
	}
	r->parent = parent && span_is(parent->text, "dispatch") ? PARENT_DISPATCH : PARENT_GRID;
	r->v = arena_alloc(&l->p->mem, n * sizeof *r->v);
	r->n = r->all = n;
	for (size_t i = 0; i < n; i++)
		load_rule(l, v[i], &r->v[i]);
	if (!l->trust) {
		check_ids(l, list);
		if (l->d->errors == before)
			load_cover(l, list);
	}
}

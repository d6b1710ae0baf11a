/* SPDX-License-Identifier: MIT */
#include "model/stepint.h"

#include <stdlib.h>

#include "base/time.h"
#include "model/measure.h"

/*
 * What a rule asks of single steps beyond the workflow: what an assignment must fix, what a plan must treat and what waits
 * for it, who may accept, what must be there before the end and who may set it.  Of the due time: stepdue.
 */

#define ACCEPTORS_MAX 64

static const struct rule *rule_of(const struct taking *t)
{
	return t->k->now.rule >= 0 ? &t->policy->rules.v[t->k->now.rule] : NULL;
}

const char *rule_at(struct taking *t, const struct rule *r)
{
	struct buf b = BUF_INIT;
	const char *text;

	rule_where(r, &b);
	text = arena_spandup(&t->k->mem, buf_view(&b));
	buf_clear(&b);
	return text;
}

const struct wf_step *past_step(const struct taking *t, const struct past *p)
{
	struct span id = p->f[t->b->col.step];
	int at = p->gone ? -1 : workflow_step(t->w, id.p, id.n);

	return at >= 0 ? &t->w->step[at] : NULL;
}

size_t past_count(const struct taking *t)
{
	return t->k->past != NULL ? t->k->npast : 0;
}

struct span past_value(const struct taking *t, int col)
{
	for (size_t i = past_count(t); i-- > 0;) {
		const struct wf_step *s = past_step(t, &t->k->past[i]);
		struct span v = t->k->past[i].f[col];

		if (s != NULL && s->effect == WF_REOPEN)
			break;
		if (s != NULL && v.n > 0)
			return v.n == 1 && v.p[0] == '-' ? (struct span){ NULL, 0 } : v;
	}
	return (struct span){ NULL, 0 };
}

/* The measures of the hazard; one that is being added has none yet. */
static int read_measures(const struct taking *t, struct measures *m, struct err *e)
{
	return t->k == t->b->fresh ? 0 : measures_read(m, t->b->office, t->k->id, INT64_MAX, e);
}

/* Has it a measure that counts and was set in this round, which no event needs to name then? */
static int has_measure(struct taking *t, bool *has, struct err *e)
{
	struct measures m = { .v = NULL };
	int bad = read_measures(t, &m, e);

	*has = false;
	for (size_t i = 0; i < m.n && !*has; i++)
		*has = measure_counts(&m.v[i]) && (t->k->now.round == 1 || m.v[i].at >= t->k->now.round_from);
	measures_clear(&m);
	return bad;
}

/* 五定: what an assignment must fix, now or before. */
static int gate_assign(struct taking *t, const struct rule *r, struct err *e)
{
	struct buf missing = BUF_INIT;
	int bad = 0;

	for (size_t i = 0; i < r->nfixed && !bad; i++) {
		int col = schema_column(t->b->events, span_of(r->fixed[i]));
		bool fixed = t->f[col].n > 0 || past_value(t, col).n > 0 || (col == t->b->col.due && due_has_passed(t));

		if (!fixed && col == t->b->col.measure)
			bad = has_measure(t, &fixed, e);
		if (!fixed)
			buf_printf(&missing, "%s%s", missing.n > 0 ? ", " : "", r->fixed[i]);
	}
	if (!bad && missing.n > 0)
		step_complain(t, NULL, "%s must fix %s too (rule %s, %s)", t->s->id, missing.p, r->id, rule_at(t, r));
	buf_clear(&missing);
	return bad;
}

/* A measure that the step names is one of this hazard's, and counts. */
static int check_measure(struct taking *t, struct err *e)
{
	struct span said = t->f[t->b->col.measure];
	struct measures m = { .v = NULL };
	const struct measure *x;
	int bad = read_measures(t, &m, e);

	x = bad ? NULL : measures_find(&m, said);
	if (!bad && x == NULL)
		step_complain(t, "measure", "%.*s is not a measure of hazard %.*s", (int)said.n, said.p,
		    (int)t->k->id.n, t->k->id.p);
	else if (!bad && !measure_counts(x))
		step_complain(t, "measure", "%.*s is replaced by %.*s; name that one", (int)said.n, said.p,
		    (int)measure_id(&m.v[x->by]).n, measure_id(&m.v[x->by]).p);
	measures_clear(&m);
	return bad;
}

static bool starts(struct span s, struct span with)
{
	return s.n >= with.n && memcmp(s.p, with.p, with.n) == 0;
}

/* Is the heading there, followed by a colon and something said? */
static bool has_part(struct span plan, const char *part)
{
	struct span head = span_of(part);

	for (const char *at = plan.p, *end = plan.p + plan.n; at != NULL && at < end;) {
		struct span rest;

		at = memmem(at, (size_t)(end - at), head.p, head.n);
		if (at == NULL)
			return false;
		at += head.n;
		rest = (struct span){ at, (size_t)(end - at) };
		if (starts(rest, SPAN("：")))
			rest = (struct span){ at + 3, rest.n - 3 };
		else if (starts(rest, SPAN(":")))
			rest = (struct span){ at + 1, rest.n - 1 };
		else
			continue;
		rest = span_trim(rest);
		if (rest.n > 0 && !starts(rest, SPAN(";")) && !starts(rest, SPAN("；")))
			return true;
	}
	return false;
}

/* The parts that a plan does not treat, a comma between. */
static void missing_parts(const struct rule *r, struct span plan, struct buf *out)
{
	for (size_t i = 0; i < r->nparts; i++)
		if (!has_part(plan, r->part[i]))
			buf_printf(out, "%s%s", out->n > 0 ? ", " : "", r->part[i]);
}

/* A plan must treat each of its parts. */
static void gate_plan(struct taking *t, const struct rule *r, struct span plan)
{
	struct buf missing = BUF_INIT;

	missing_parts(r, plan, &missing);
	if (missing.n > 0)
		step_complain(t, "plan", "it does not treat %s; write \"%s: …\" for each (rule %s, %s)", missing.p,
		    r->part[0], r->id, rule_at(t, r));
	buf_clear(&missing);
}

/* The step that waits for a plan: this one, or one that it implies; NULL: none does. */
static const char *waits(const struct taking *t, const struct rule *r, const int *path, int npath)
{
	for (size_t k = 0; k < r->nplanned; k++) {
		for (int i = 0; i < npath; i++)
			if (strcmp(t->w->step[path[i]].id, r->planned[k]) == 0)
				return r->planned[k];
		if (strcmp(t->s->id, r->planned[k]) == 0)
			return r->planned[k];
	}
	return NULL;
}

/* A step that waits for a plan: all parts are to be treated by the last one of the round, before it or with it. */
static void gate_planned(struct taking *t, const struct rule *r, const int *path, int npath)
{
	const char *step = waits(t, r, path, npath);
	struct span said = t->f[t->b->col.plan], plan = said.n > 0 ? said : past_value(t, t->b->col.plan);
	struct buf missing = BUF_INIT;

	if (step == NULL)
		return;
	missing_parts(r, plan, &missing);
	if (plan.n == 0)
		step_complain(t, NULL, "%s needs a plan first, which treats %s (rule %s, %s)", step, missing.p, r->id, rule_at(t, r));
	else if (missing.n > 0 && said.n == 0)
		step_complain(t, NULL, "%s needs a plan first which treats %s too (rule %s, %s)", step, missing.p, r->id,
		    rule_at(t, r));
	buf_clear(&missing);
}

/* Who made it rectified last: the event, NULL none. */
static const struct past *last_rectified(const struct taking *t)
{
	for (size_t i = past_count(t); i-- > 0;) {
		const struct wf_step *s = past_step(t, &t->k->past[i]);

		if (s != NULL && s->to_fail == -2 && s->to >= 0 && t->w->state[s->to].phase == PHASE_DONE)
			return &t->k->past[i];
	}
	return NULL;
}

/* The organ of an officer on the day of the step; empty when it is not known. */
static int organ_of(const struct taking *t, struct span officer, struct span *organ, struct err *e)
{
	struct master *m = office_master(t->b->office, "officers", e);
	struct master_row row;
	int found;

	*organ = (struct span){ NULL, 0 };
	if (m == NULL)
		return -1;
	found = officer.n > 0 ? master_find(m, officer, time_day(t->at, t->b->office->reg->offset), &row, e) : 0;
	if (found > 0)
		*organ = row.f[schema_column(master_table(m), SPAN("organ"))];
	return found < 0 ? -1 : 0;
}

/* Who accepts may not have rectified, nor belong to who had to. */
static int gate_accept(struct taking *t, const struct rule *r, struct err *e)
{
	struct span who = t->f[t->b->col.verifier].n > 0 ? t->f[t->b->col.verifier] : t->f[t->b->col.actor], organ;
	const struct past *p = last_rectified(t);

	if (r->not_rectifier && p != NULL
	    && (span_eq(who, p->f[t->b->col.actor]) || (p->f[t->b->col.person].n > 0 && span_eq(who, p->f[t->b->col.person]))))
		step_complain(t, "verifier", "%.*s rectified hazard %.*s and cannot accept it; name another one (rule %s, %s)",
		    (int)who.n, who.p, (int)t->k->id.n, t->k->id.p, r->id, rule_at(t, r));
	if (!r->not_owner || t->k->now.owner.n == 0)
		return 0;
	if (organ_of(t, who, &organ, e) < 0)
		return -1;
	if (span_eq(organ, t->k->now.owner))
		step_complain(t, "verifier", "%.*s belongs to %.*s, which owns hazard %.*s, and cannot accept it (rule %s, %s)",
		    (int)who.n, who.p, (int)organ.n, organ.p, (int)t->k->id.n, t->k->id.p, r->id, rule_at(t, r));
	return 0;
}

/* The officer of a row that passed the hazard, put among n of them when he is not there yet; n afterwards. */
static size_t add_acceptor(
    const struct taking *t, const struct wf_step *s, const struct span *f, struct span v[ACCEPTORS_MAX], size_t n)
{
	struct span who = f[t->b->col.verifier].n > 0 ? f[t->b->col.verifier] : f[t->b->col.actor];
	size_t k = 0;

	if (s == NULL || s->to_fail == -2 || !span_is(f[t->b->col.result], "pass"))
		return n;
	while (k < n && !span_eq(v[k], who))
		k++;
	if (k == n && n < ACCEPTORS_MAX)
		v[n++] = who;
	return n;
}

/* Officers who passed it since it was rectified last, each once; where the recheck itself closes, its own too. */
static size_t acceptors(const struct taking *t, struct span v[ACCEPTORS_MAX])
{
	const struct past *from = last_rectified(t);
	size_t n = 0;

	for (size_t i = from != NULL ? (size_t)(from - t->k->past) : 0; i < past_count(t); i++)
		n = add_acceptor(t, past_step(t, &t->k->past[i]), t->k->past[i].f, v, n);
	return add_acceptor(t, t->s, t->f, v, n);
}

/* Is one of them of this organ, or of an organ of this kind? */
static int comes_from(const struct taking *t, const struct span *v, size_t n, const char *wanted, bool *found, struct err *e)
{
	struct master *organs = office_master(t->b->office, "organs", e);
	int32_t day = time_day(t->at, t->b->office->reg->offset);

	*found = false;
	for (size_t i = 0; organs != NULL && i < n && !*found; i++) {
		struct master_row row;
		struct span organ;
		int have;

		if (organ_of(t, v[i], &organ, e) < 0)
			return -1;
		have = organ.n > 0 ? master_find(organs, organ, day, &row, e) : 0;
		if (have < 0)
			return -1;
		*found = span_is(organ, wanted) || (have > 0 && span_is(row.f[schema_column(master_table(organs), SPAN("kind"))], wanted));
	}
	return organs != NULL ? 0 : -1;
}

/* So many, of these organs. */
static int gate_acceptors(struct taking *t, const struct rule *r, struct err *e)
{
	struct span v[ACCEPTORS_MAX];
	size_t n = acceptors(t, v);
	bool found;

	if (n < r->acceptors)
		step_complain(t, NULL, "%s needs %u officers who passed the recheck, there %s %zu (rule %s, %s)", t->s->id,
		    r->acceptors, n == 1 ? "is" : "are", n, r->id, rule_at(t, r));
	for (size_t i = 0; i < r->nacceptors; i++) {
		if (comes_from(t, v, n, r->acceptor[i], &found, e) < 0)
			return -1;
		if (!found)
			step_complain(t, NULL, "%s needs an officer of %s who passed the recheck (rule %s, %s)", t->s->id,
			    r->acceptor[i], r->id, rule_at(t, r));
	}
	return 0;
}

/* Every measure of the hazard that counts is done. */
static int gate_measures(struct taking *t, const struct rule *r, struct err *e)
{
	struct measures m = { .v = NULL };
	struct buf open = BUF_INIT;
	size_t n = 0;
	int bad = read_measures(t, &m, e);

	for (size_t i = 0; i < m.n && !bad; i++) {
		struct span id = measure_id(&m.v[i]);

		if (!measure_counts(&m.v[i]) || m.v[i].done != TIME_NONE || names_find(&t->b->done, id) != NAMES_NONE)
			continue;
		buf_printf(&open, "%s%.*s", n > 0 ? ", " : "", (int)id.n, id.p);
		n++;
	}
	if (n > 0)
		step_complain(t, NULL, "%s needs evidence of the phase after for every measure; %s %s none (rule %s, %s)",
		    t->s->id, open.p, n > 1 ? "have" : "has", r->id, rule_at(t, r));
	measures_clear(&m);
	buf_clear(&open);
	return bad;
}

/* Who may set the end. */
static int gate_closer(struct taking *t, const struct rule *r, struct err *e)
{
	struct buf why = BUF_INIT;
	int held = r->closers == 0 ? 1 : roles_held(t->b, t->policy, r->closers, t->f[t->b->col.actor], t->at, &why, e);

	if (held == 0)
		step_complain(t, NULL, "hazard %.*s may be closed by %s (rule %s, %s)", (int)t->k->id.n, t->k->id.p, why.p, r->id,
		    rule_at(t, r));
	buf_clear(&why);
	return held < 0 ? -1 : 0;
}

/* What must be there before the end. */
static int gate_close(struct taking *t, const struct rule *r, struct err *e)
{
	bool has;

	if (gate_closer(t, r, e))
		return -1;
	for (size_t i = 0; i < r->nneeds; i++) {
		if (evidence_has(t, span_of(r->needs[i]), &has, e))
			return -1;
		if (!has)
			step_complain(t, NULL,
			    "%s needs evidence of the phase %s first (rule %s, %s)", t->s->id,
			    r->needs[i], r->id, rule_at(t, r));
	}
	if (r->measures && gate_measures(t, r, e))
		return -1;
	return (r->acceptors > 0 || r->nacceptors > 0) && gate_acceptors(t, r, e) ? -1 : 0;
}

/* A hazard is raised to a severity by roles that may. */
static int gate_severity(struct taking *t, struct err *e)
{
	const struct event_columns *col = &t->b->col;
	struct span said = t->f[schema_column(t->b->events, SPAN("severity"))];
	bool corrects = t->s->effect == WF_CORRECT && span_is(t->f[col->field], "severity");
	struct buf why = BUF_INIT;
	int to, held;

	if (corrects)
		said = t->f[col->value];
	to = said.n > 0 ? vocab_id(&t->policy->severities, said) : -1;
	if (to <= t->k->now.severity || t->policy->severities.v[to].by == 0)
		return 0;
	held = roles_held(t->b, t->policy, t->policy->severities.v[to].by, t->f[col->actor], t->at, &why, e);
	if (held == 0)
		step_complain(t, corrects ? "value" : "severity", STEP_GIVEN, (int)said.n, said.p, why.p);
	buf_clear(&why);
	return held < 0 ? -1 : 0;
}

int check_gate(struct taking *t, const int *path, int npath, struct err *e)
{
	const struct rule *r = rule_of(t);
	struct span result = t->f[t->b->col.result], plan = t->f[t->b->col.plan];
	int next = workflow_next(t->w, t->k->now.state, t->step, span_is(result, "fail"));

	if (t->f[t->b->col.measure].n > 0 && check_measure(t, e))
		return -1;
	if (t->said->history || r == NULL)
		return 0;
	if (gate_severity(t, e) || (t->s->effect == WF_ASSIGN && gate_assign(t, r, e)))
		return -1;
	if (plan.n > 0 && r->nparts > 0)
		gate_plan(t, r, plan);
	gate_planned(t, r, path, npath);
	if (gate_due(t, r, e) || (t->s->effect == WF_EXTEND && r->extend.set && gate_extend(t, r, e)))
		return -1;
	if (t->s->to_fail != -2 && span_is(result, "pass") && gate_accept(t, r, e))
		return -1;
	if (t->w->state[next].phase == PHASE_CLOSED && t->k->now.phase != PHASE_CLOSED)
		return gate_close(t, r, e);
	return 0;
}

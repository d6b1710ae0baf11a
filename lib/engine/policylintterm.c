/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/policylintint.h"

/* Minutes of a term, for comparison: from how many to how many, so that only what is surely longer is told. */
struct range {
	double least, most;
};

static struct range minutes(struct term t)
{
	/* working hours: a day has 4 to 24 of them and at most ten days in a row are off; a working day is one day to eleven */
	static const double least[] = { 1, 60, 1440, 60, 1440 }, most[] = { 1, 60, 1440, 360, 15840 };
	double n = (double)t.n;

	if (t.unit == TERM_MONTH_END)
		return (struct range){ 0, 31 * 1440.0 };
	if (t.unit == TERM_DAY)			/* to 24:00 of the n-th day after: up to a day more than n days */
		return (struct range){ n * 1440, (n + 1) * 1440 };
	if (t.unit == TERM_WORK_DAY)
		return (struct range){ n * least[t.unit], (n + 1) * most[t.unit] };
	return (struct range){ n * least[t.unit], n * most[t.unit] };
}

bool policylint_longer(struct term a, struct term b)
{
	return a.unit == b.unit ? a.n > b.n : minutes(a).least > minutes(b).most;
}

static void write_term(struct buf *out, struct term t)
{
	buf_reset(out);
	term_write(out, t);
}

bool policylint_beyond(const struct policy *p, const struct limit *x)
{
	const struct workflow *w = &p->workflow;
	int i = workflow_step(w, x->from, strlen(x->from));

	return strcmp(x->from, "report") != 0 && (i < 0 || w->step[i].effect != WF_ASSIGN);
}

/* The limits of a rule beside its due time. */
static void lint_limits(struct policylinting *l, const struct rule *r, const struct yaml_node *limits)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	for (size_t i = 0; r->has_due && limits != NULL && i < r->nlimits && i < limits->n; i++) {
		const struct limit *x = &r->limit[i];

		if (policylint_beyond(l->p, x) || !policylint_longer(x->within, r->within))
			continue;
		write_term(&a, x->within);
		write_term(&b, r->within);
		policylint_add(l, l->rules, policylint_at(limits->item[i], "within"), false,
		    "limit \"%s\": %s is longer than the due time of rule \"%s\", %s; shorten it, or give the rule "
		    "more time",
		    x->id, a.p, r->id, b.p);
	}
	buf_clear(&a);
	buf_clear(&b);
}

/* When a rung falls, in minutes from the due time. */
static struct range rung_minutes(const struct rung_at *at, struct term within)
{
	struct range r;

	if (!at->share) {
		struct term t = { at->off.n < 0 ? -at->off.n : at->off.n, at->off.unit };

		r = at->off.unit == TERM_DAY ? (struct range){ (double)t.n * 1440, (double)t.n * 1440 } : minutes(t);
		return at->off.n < 0 ? (struct range){ -r.most, -r.least } : r;
	}
	r = minutes(within);
	return (struct range){ -r.most * (double)at->off.n / 100, -r.least * (double)at->off.n / 100 };
}

/* One rung beside the start of the time and the rung above it. */
static void lint_rung(
    struct policylinting *l, const struct rule *r, const struct yaml_node *node, const struct yaml_node *before)
{
	const struct yaml_node *said = yaml_get(node, "at"), *above = yaml_get(before, "at");
	struct rung_at at, last;
	struct err ignored = ERR_INIT;

	if (said == NULL || rung_at_parse(said->text, &at, &ignored))
		return;
	if (!at.share && at.off.n < 0 && policylint_longer((struct term){ -at.off.n, at.off.unit }, r->within))
		policylint_add(l, l->rules, said, false,
		    "rung \"%s\" falls before the time of rule \"%s\" begins to run; write due-100%% for its "
		    "beginning",
		    yaml_text(said), r->id);
	if (above == NULL || rung_at_parse(above->text, &last, &ignored))
		return;
	/* of one clock by its number, so that due+2d stands before due+3d whatever these are in minutes */
	if (at.share == last.share && at.off.unit == last.off.unit
		? (at.share ? at.off.n > last.off.n : at.off.n < last.off.n)
		: rung_minutes(&at, r->within).most < rung_minutes(&last, r->within).least)
		policylint_add(l, l->rules, said, false,
		    "rung \"%s\" falls before the one above it, \"%s\"; put the rungs in order of time, or mend its "
		    "time",
		    yaml_text(said), yaml_text(above));
}

/* The test of a field, or NULL. */
static const struct rule_test *test_of(const struct rule *r, enum rule_field f)
{
	for (size_t i = 0; i < r->ntests; i++)
		if (r->when[i].field == f)
			return &r->when[i];
	return NULL;
}

/* The only severity a rule is about, or -1. */
static int severity_of(const struct policy *p, const struct rule *r)
{
	const struct rule_test *t = test_of(r, RULE_SEVERITY);

	return t != NULL && t->nvalues == 1 && t->pattern == NULL ? vocab_id(&p->severities, span_of(t->value[0]))
								  : -1;
}

/* Do the rules differ in severity only? */
static bool same_but_severity(const struct yaml_node *a, const struct yaml_node *b)
{
	a = yaml_get(a, "when");
	b = yaml_get(b, "when");
	if (a == NULL || b == NULL || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct yaml_node *x = a->item[i], *y = yaml_get(b, yaml_text(a->key[i]));

		if (span_is(a->key[i]->text, "severity"))
			continue;
		if (y == NULL || x->kind != y->kind || x->n != y->n || !span_eq(x->text, y->text))
			return false;
		for (size_t k = 0; x->kind == YAML_LIST && k < x->n; k++)
			if (!span_eq(x->item[k]->text, y->item[k]->text))
				return false;
	}
	return true;
}

/* A lighter hazard with more time than a heavier one. */
static void lint_severities(struct policylinting *l, size_t light, size_t heavy)
{
	const struct rule *a = &l->p->rules.v[light], *b = &l->p->rules.v[heavy];
	int x = severity_of(l->p, a), y = severity_of(l->p, b);
	struct buf s = BUF_INIT, t = BUF_INIT;

	if (x >= 0 && y > x && a->has_due && b->has_due && strcmp(a->from, b->from) == 0
	    && policylint_longer(a->within, b->within) && same_but_severity(l->list->item[light], l->list->item[heavy])) {
		write_term(&s, a->within);
		write_term(&t, b->within);
		policylint_add(l, l->rules, policylint_at(yaml_get(l->list->item[light], "due"), "within"), true,
		    "rule \"%s\": a lighter hazard has more time, %s, than a heavier one by rule \"%s\", %s; is that "
		    "meant?",
		    a->id, s.p, b->id, t.p);
	}
	buf_clear(&s);
	buf_clear(&t);
}

void policylint_terms(struct policylinting *l)
{
	for (size_t i = 0; i < l->p->rules.n; i++) {
		const struct rule *r = &l->p->rules.v[i];
		const struct yaml_node *rungs = yaml_get(l->list->item[i], "rungs");

		lint_limits(l, r, yaml_get(l->list->item[i], "limits"));
		for (size_t k = 0; rungs != NULL && k < rungs->n; k++)
			lint_rung(l, r, rungs->item[k], k > 0 ? rungs->item[k - 1] : NULL);
		for (size_t k = 0; k < l->p->rules.n; k++)
			lint_severities(l, i, k);
	}
}

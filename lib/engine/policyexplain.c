/* SPDX-License-Identifier: MIT */
#include "engine/policyexplain.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"

/* The vocabulary of a field, or NULL. */
static const struct vocab *field_words(const struct policy *p, enum rule_field field)
{
	static const char *const name[RULE_NFIELDS] = { "severity", "category", "source", "sector", "subject_kind",
		NULL, "level", NULL };

	return name[field] != NULL ? policy_vocab(p, name[field]) : NULL;
}

/* A word that the vocabulary does not have. */
static int unknown_word(const struct vocab *w, const char *field, struct span said, struct err *e)
{
	const char **names = mem_zalloc(w->n, sizeof *names), *near;
	struct buf list = BUF_INIT;

	for (size_t i = 0; i < w->n; i++)
		names[i] = w->v[i].id;
	text_list(&list, names, w->n, 30);
	near = text_nearest(said, names, w->n);
	err_set(e, ERR_USAGE, "%s: \"%.*s\" is not one of %s%s%s%s", field, (int)said.n, said.p,
	    w->n ? list.p : "none", near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	free(names);
	buf_clear(&list);
	return -1;
}

int policyexplain_fact(
    const struct policy *p, enum rule_field field, struct span said, struct rule_facts *f, struct err *e)
{
	const struct vocab *w = field_words(p, field);
	int i;

	if (field == RULE_EMERGENCY && !span_is(said, "yes") && !span_is(said, "no"))
		return err_set(e, ERR_USAGE, "emergency: \"%.*s\" is not one of yes, no", (int)said.n, said.p);
	f->id[field] = said;
	if (w == NULL)
		return 0;
	i = vocab_find(w, said);
	if (i < 0)
		return unknown_word(w, rule_field_name[field], said, e);
	f->id[field] = span_of(w->v[i].id);
	f->name[field] = span_of(w->v[i].name);
	return 0;
}

/* `general (一般隐患)`; the id alone where it says the same. */
static void put_word(struct buf *out, struct span id, struct span name)
{
	buf_span(out, id);
	if (name.n > 0 && !span_eq(id, name))
		buf_printf(out, " (%.*s)", (int)name.n, name.p);
}

/* What a test asks for. */
static void put_test(struct buf *out, const struct policy *p, const struct rule_test *t)
{
	const struct vocab *w = field_words(p, t->field);

	for (size_t i = 0; i < t->nvalues; i++) {
		int at = w != NULL ? vocab_id(w, span_of(t->value[i])) : -1;

		buf_puts(out, i > 0 ? " or " : "");
		put_word(out, span_of(t->value[i]), at >= 0 ? span_of(w->v[at].name) : SPAN(""));
	}
	if (t->pattern != NULL)
		buf_puts(out, t->nvalues > 0 ? " or its pattern" : "its pattern");
}

/* Does one test pass? 1, 0, -1. */
static int passes(const struct rule_test *t, const struct rule_facts *f, struct err *e)
{
	struct rule_test one = *t;
	struct rule pair[2] = { { .id = "", .when = &one, .ntests = 1 }, { .id = "" } };
	struct rules r = { .v = pair, .n = 2 };
	int hit = rules_match(&r, f, e);

	return hit < 0 ? -1 : hit == 0;
}

/* The tests of a rule that fail, as words; nothing when all pass. */
static int put_failures(
    const struct policy *p, const struct rule *r, const struct rule_facts *f, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < r->ntests; i++) {
		const struct rule_test *t = &r->when[i];
		struct span id = f->id[t->field];
		int pass = passes(t, f, e);

		if (pass < 0)
			return err_prefix(e, "rule %s: %s", r->id, rule_field_name[t->field]);
		if (pass)
			continue;
		buf_printf(out, "%s%s is ", out->n ? "; " : "", rule_field_name[t->field]);
		if (id.n > 0)
			put_word(out, id, f->name[t->field]);
		else
			buf_puts(out, t->field == RULE_EMERGENCY ? "no" : "not said");
		buf_puts(out, ", the rule is for ");
		put_test(out, p, t);
	}
	return 0;
}

static void put_term(struct buf *out, struct term t)
{
	if (t.unit == TERM_MONTH_END)
		buf_puts(out, "by the end of the month");
	else
		term_write(out, t);
}

void policyexplain_act(const struct policy *p, const struct rung *g, struct buf *out)
{
	int at = vocab_id(&p->levels, span_of(g->to)), kind = vocab_id(&p->organ_kinds, span_of(g->to));

	buf_printf(out, "%s %s", rung_do_name[g->act],
	    g->act == RUNG_ESCALATE || g->act == RUNG_NOTICE ? "to "
		: g->act == RUNG_SUPERVISE		     ? "by "
							     : "");
	put_word(out, span_of(g->to),
	    at >= 0	    ? span_of(p->levels.v[at].name)
		: kind >= 0 ? span_of(p->organ_kinds.v[kind].name)
			    : SPAN(""));
	for (size_t i = 0; g->notice != NULL && i < p->nnotices; i++)
		if (strcmp(p->notice[i].id, g->notice) == 0) {
			buf_puts(out, ", notice ");
			put_word(out, span_of(g->notice), span_of(p->notice[i].name));
		}
	for (size_t i = 0; i < g->ncc; i++)
		buf_printf(out, "%s%s", i ? ", " : ", copy to ", g->cc[i]);
	for (size_t i = 0; i < g->nrepeats; i++) {
		buf_puts(out,
		    i + 1 < g->nrepeats ? (i ? ", " : ", again after ")
			: i		? " and then every "
					: ", again every ");
		term_write(out, g->repeat[i]);
	}
}

void policyexplain_when(const struct rung_at *at, struct buf *out)
{
	if (at->share && at->off.n == 100)
		buf_puts(out, "at once");
	else if (at->share)
		buf_printf(out, "with %lld%% of the time left", (long long)at->off.n);
	else if (at->off.n == 0)
		buf_puts(out, "when due");
	else {
		struct term t = { at->off.n < 0 ? -at->off.n : at->off.n, at->off.unit };

		term_write(out, t);
		buf_puts(out, at->off.n < 0 ? " before due" : " after due");
	}
}

/* From the first day to the last. */
static void put_days(struct buf *out, int32_t from, int32_t to)
{
	char day[DATE_LEN + 1];

	if (from != DATE_NONE) {
		date_write(from, day);
		buf_printf(out, " from %s", day);
	}
	if (to != DATE_NONE) {
		date_write(to, day);
		buf_printf(out, " to %s", day);
	}
}

/* Pilots: where and when a rule holds. */
static void put_scope(struct buf *out, const struct rule *r)
{
	if (!r->scope.set)
		return;
	for (size_t i = 0; i < r->scope.ngrids; i++)
		buf_printf(out, "%s%s", i ? ", " : " in ", r->scope.grid[i]);
	put_days(out, r->scope.from, r->scope.to);
}

void policyexplain_rule(const struct policy *p, const struct rule *r, const char *indent, struct buf *out)
{
	if (r->basis[0])
		buf_printf(out, "%sbasis: %s\n", indent, r->basis);
	buf_printf(out, "%sdue: ", indent);
	if (r->has_due)
		put_term(out, r->within);
	buf_printf(out, "%s%s\n", r->has_due ? ", from " : "never",
	    !r->has_due			       ? ""
		: strcmp(r->from, "tier") == 0 ? "its coming to this tier"
					       : r->from);
	for (size_t i = 0; i < r->nlimits; i++) {
		buf_printf(out, "%slimit %s: from %s to %s %s", indent, r->limit[i].id, r->limit[i].from,
		    r->limit[i].until, r->limit[i].within.unit == TERM_MONTH_END ? "" : "within ");
		put_term(out, r->limit[i].within);
		buf_puts(out, ", else ");
		policyexplain_act(p, &r->limit[i].miss, out);
		buf_putc(out, '\n');
	}
	for (size_t i = 0; i < r->nrungs; i++) {
		buf_printf(out, "%srung %zu, ", indent, i + 1);
		policyexplain_when(&r->rung[i].at, out);
		buf_puts(out, ": ");
		policyexplain_act(p, &r->rung[i], out);
		buf_putc(out, '\n');
	}
	if (r->handovers > 0) {
		buf_printf(out, "%safter more than %u hand-overs: ", indent, r->handovers);
		policyexplain_act(p, &r->handed, out);
		buf_putc(out, '\n');
	}
	for (size_t i = 0; i < r->nneeds; i++)
		buf_printf(out, "%s%s%s", i ? ", " : indent, i ? "" : "closing out needs evidence: ", r->needs[i]);
	buf_puts(out, r->nneeds ? "\n" : "");
}

/* May the organ of an overlay lead hazards like these?  Where the category leaves it to a kind of organ it may. */
static bool may_lead(const struct policy *p, const char *organ, const struct rule_facts *f)
{
	int c = vocab_id(&p->categories, f->id[RULE_CATEGORY]);

	for (size_t i = 0; c >= 0 && i < p->category[c].nduties; i++) {
		const char *lead = p->category[c].duty[i].lead;

		if (strcmp(lead, organ) == 0 || vocab_id(&p->organ_kinds, span_of(lead)) >= 0)
			return true;
	}
	return c < 0;
}

/* What overlays make of a rule that is taken. */
static void explain_overlays(
    const struct policy *p, size_t rule, const char *file, const struct rule_facts *f, struct buf *out)
{
	const char *slash = strrchr(file, '/');
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < p->overlays.n; i++) {
		const struct overlay *o = &p->overlays.v[i];

		if (o->first[rule] < 0 || !may_lead(p, o->organ, f))
			continue;
		for (size_t k = 0; k < o->n; k++) {
			buf_reset(&text);
			if (o->v[k].of[rule])
				policyexplain_entry(p, &o->v[k], &p->rules.v[rule], &text);
			if (text.n == 0)
				continue;
			buf_printf(out, "%.*s%s:%d: where %s leads", slash ? (int)(slash + 1 - file) : 0, file, o->path,
			    o->v[k].says.line, o->organ);
			put_days(out, o->from, o->to);
			put_scope(out, &o->v[k].says);
			buf_printf(out, ": %s\n", text.p);
		}
	}
	buf_clear(&text);
}

/* One rule: 1 it is taken whatever else is so, 0 the next ones are to be asked, -1 e. */
static int explain_one(const struct policy *p, const struct rule *r, const char *file, const struct rule_facts *f,
    struct buf *out, struct err *e)
{
	struct buf why = BUF_INIT;
	bool passed;

	if (put_failures(p, r, f, &why, e) < 0) {
		buf_clear(&why);
		return -1;
	}
	passed = why.n == 0;
	buf_printf(out, "%s:%d: rule %s: %s%s", file, r->line, r->id,
	    !passed	       ? "no, "
		: r->scope.set ? "taken only"
			       : "taken",
	    passed ? "" : why.p);
	if (passed && r->scope.set)
		put_scope(out, r);
	buf_putc(out, '\n');
	if (passed) {
		policyexplain_rule(p, r, "  ", out);
		explain_overlays(p, (size_t)(r - p->rules.v), file, f, out);
	}
	buf_clear(&why);
	return passed && !r->scope.set;
}

int policyexplain(
    const struct policy *p, const char *file, const struct rule_facts *f, struct buf *out, struct err *e)
{
	bool any = false;

	for (int i = 0; i < RULE_NFIELDS; i++)
		if (f->id[i].n > 0) {
			buf_printf(out, "%s%s ", any ? ", " : "a hazard with ", rule_field_name[i]);
			put_word(out, f->id[i], f->name[i]);
			any = true;
		}
	buf_puts(out, any ? "\n" : "a hazard of which nothing is said\n");
	for (size_t i = 0; i < p->rules.n; i++) {
		int taken = explain_one(p, &p->rules.v[i], file, f, out, e);

		if (taken != 0)
			return taken < 0 ? -1 : 0;
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* What a severity asks of the report of a hazard. */
#include "model/intakeint.h"

/* Does the policy ask anything of a severity? */
static bool is_asked(const struct policy *p)
{
	for (size_t i = 0; i < p->severities.n; i++)
		if (p->severities.v[i].by != 0 || p->severities.v[i].nneeds > 0)
			return true;
	return false;
}

void intake_gate_start(struct intake_state *s, const struct policy *p)
{
	if (!is_asked(p))
		return;
	s->asks = arena_alloc(&s->mem, p->severities.n * sizeof *s->asks);
	for (size_t i = 0; i < p->severities.n; i++) {
		const struct vocab_item *v = &p->severities.v[i];

		s->asks[i] = (struct intake_asks){ v->by, arena_alloc(&s->mem, (v->nneeds + 1) * sizeof(int)), v->nneeds };
		for (size_t k = 0; k < v->nneeds; k++)
			s->asks[i].need[k] = schema_column(s->t, span_of(v->needs[k]));
	}
}

/* What is asked of a severity; NULL: nothing. */
static const struct intake_asks *asks_of(const struct intake_under_way *r, struct span severity)
{
	int i = r->s->asks != NULL && !r->in->history && severity.n > 0 ? vocab_id(&r->in->office->policy->severities, severity) : -1;

	return i >= 0 ? &r->s->asks[i] : NULL;
}

/* Does who reported it, or who enters it, hold one of these roles?  1; 0 with the words in why; -1 e. */
static int is_held(const struct intake_under_way *r, uint64_t by, struct span reporter, int64_t reported, struct buf *why,
    struct err *e)
{
	struct span who[2] = { reporter, r->in->actor };
	int held = by == 0;

	for (int i = 0; i < 2 && held == 0; i++) {
		buf_reset(why);
		held = roles_held(r->in->batch, r->in->office->policy, by, who[i], reported, why, e);
	}
	return held;
}

void intake_needs(const struct intake_under_way *r, const bool *bad)
{
	const struct intake_state *s = r->s;
	struct span severity = s->v[s->col.severity];
	const struct intake_asks *asks = asks_of(r, severity);

	for (size_t i = 0; asks != NULL && i < asks->nneeds; i++) {
		int col = asks->need[i];

		if (s->v[col].n == 0 && !bad[col])
			inputrow_complain(r->file, r->line, s->t->columns[col].name, r->d,
			    "empty; a hazard of the severity %.*s needs it", (int)severity.n, severity.p);
	}
}

int intake_severity_fits(const struct intake_under_way *r, const struct intake_made *made, struct err *e)
{
	const struct hazard_columns *c = &r->s->col;
	const struct intake_asks *asks = asks_of(r, made->v[c->severity]);
	struct buf why = BUF_INIT;
	int held;

	if (asks == NULL)
		return 1;
	for (size_t i = 0; i < asks->nneeds; i++)
		if (made->v[asks->need[i]].n == 0)
			return 0;
	held = is_held(r, asks->by, made->v[c->reporter], made->reported, &why, e);
	buf_clear(&why);
	return held;
}

int intake_severity(struct intake_under_way *r, struct err *e)
{
	const struct intake_state *s = r->s;
	struct span severity = s->v[s->col.severity];
	const struct intake_asks *asks = asks_of(r, severity);
	struct buf why = BUF_INIT;
	int held = asks == NULL ? 1 : is_held(r, asks->by, s->v[s->col.reporter], r->in->reported, &why, e);

	if (held == 0)
		inputrow_complain(r->file, r->line, "severity", r->d, STEP_GIVEN, (int)severity.n, severity.p, why.p);
	buf_clear(&why);
	return held < 0 ? -1 : 0;
}

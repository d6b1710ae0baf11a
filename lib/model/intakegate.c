/* SPDX-License-Identifier: MIT */
/* What a severity asks of the report of a hazard. */
#include "model/intakeint.h"

/* A severity where what it asks for is looked at; NULL where it is not. */
static const struct vocab_item *judged(const struct intake_under_way *r, struct span severity)
{
	const struct vocab *all = &r->in->office->policy->severities;
	int i = r->s->judged && severity.n > 0 ? vocab_id(all, severity) : -1;

	return i >= 0 ? &all->v[i] : NULL;
}

void intake_needs(const struct intake_under_way *r, const bool *bad)
{
	const struct intake_state *s = r->s;
	const struct vocab_item *severity = judged(r, s->v[s->col.severity]);

	for (size_t i = 0; severity != NULL && i < severity->nneeds; i++) {
		int col = schema_column(s->t, span_of(severity->needs[i]));

		if (s->v[col].n == 0 && !bad[col])
			intake_complain(r->file, r->line, s->t->columns[col].name, r->d, "empty; a hazard of the severity %s needs it",
			    severity->id);
	}
}

bool intake_severity_plain(const struct intake_under_way *r, struct span severity)
{
	const struct vocab_item *v = judged(r, severity);

	return v == NULL || (v->by == 0 && v->nneeds == 0);
}

int intake_severity(struct intake_under_way *r, struct err *e)
{
	const struct intake_state *s = r->s;
	struct span severity = s->v[s->col.severity], who[2] = { s->v[s->col.reporter], r->in->actor };
	const struct vocab_item *v = judged(r, severity);
	uint64_t by = v != NULL ? v->by : 0;
	struct buf why = BUF_INIT;
	int held = by == 0;

	for (int i = 0; i < 2 && held == 0; i++) {
		buf_reset(&why);
		held = roles_held(r->in->batch, r->in->office->policy, by, who[i], r->in->reported, &why, e);
	}
	if (held == 0)
		intake_complain(r->file, r->line, "severity", r->d, STEP_GIVEN, (int)severity.n, severity.p, why.p);
	buf_clear(&why);
	return held < 0 ? -1 : 0;
}

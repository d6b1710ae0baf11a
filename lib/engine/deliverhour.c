/* SPDX-License-Identifier: MIT */
#include "engine/deliverhour.h"

#include "model/worktime.h"

/* What a key of the sweep names in a rule: a rung, a limit that was missed, hand-overs; NULL when the rule has no such thing. */
static const struct rung *rung_named(const struct rule *r, struct span name)
{
	static const char handovers[] = "handovers-";
	bool added = name.n > 1 && name.p[0] == '+';
	uint64_t n;

	if (span_u64(added ? (struct span){ name.p + 1, name.n - 1 } : name, UINT32_MAX, &n)) {
		for (size_t k = 0; k < r->nrungs; k++)
			if (r->rung[k].added == added && (r->rung[k].number > 0 ? r->rung[k].number : k + 1) == n)
				return &r->rung[k];
		return NULL;
	}
	for (size_t k = 0; k < r->nlimits; k++)
		if (span_is(name, r->limit[k].id))
			return &r->limit[k].miss;
	return r->handovers > 0 && name.n > sizeof handovers - 1 && memcmp(name.p, handovers, sizeof handovers - 1) == 0 ? &r->handed : NULL;
}

bool deliver_rung_any_hour(const struct policy *p, struct span key)
{
	struct span rule, name;
	uint64_t n;

	if (!span_split(&key, '/', &rule))
		return false;
	/* a later round of a hazard has rN/ in front */
	if (rule.n > 1 && rule.p[0] == 'r' && span_u64((struct span){ rule.p + 1, rule.n - 1 }, UINT32_MAX,
	    &n) && !span_split(&key, '/', &rule))
		return false;
	if (!span_split(&key, '/', &name))
		return false;
	/* in the form that stands in escalation.yaml, else in those that overlays give it */
	for (size_t i = 0; i < p->rules.all; i++) {
		const struct rung *g = span_is(rule, p->rules.v[i].id) ? rung_named(&p->rules.v[i], name) : NULL;

		if (g)
			return g->send_any;
	}
	return false;
}

bool deliver_is_open(const struct office *o, int64_t now, struct diag *d)
{
	struct worktime w = { o->policy->calendar, CALENDAR_SENDING, "", o->reg->offset };
	struct err e = ERR_INIT;
	int open = w.calendar ? worktime_open(&w, now, &e) : 1;

	if (open < 0)
		diag_warn(d, "sending hours are not known, so papers go out: %s", e.text);
	return open != 0;
}

/* SPDX-License-Identifier: MIT */
#include "engine/deliverhour.h"

#include "model/worktime.h"

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
	for (size_t i = 0; i < p->rules.n; i++) {
		const struct rule *r = &p->rules.v[i];

		if (!span_is(rule, r->id))
			continue;
		if (span_u64(name, UINT32_MAX, &n))
			return n >= 1 && n <= r->nrungs && r->rung[n - 1].send_any;
		for (size_t k = 0; k < r->nlimits; k++)
			if (span_is(name, r->limit[k].id))
				return r->limit[k].miss.send_any;
		return r->handed.send_any;
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

/* SPDX-License-Identifier: MIT */
#include "base/time.h"
#include "model/deriveint.h"

/* Does it lie in that unit? */
static bool lies_within(const void *arg, const char *unit)
{
	const struct derive_lies *l = arg;

	return l->grid != NULL && grid_within(l->tree, l->grid, span_of(unit), l->day);
}

int derive_scope(struct deriver *d, const struct hazard *h, struct rule_facts *f, struct derive_lies *l, struct err *e)
{
	l->tree = d->grids != NULL ? d->grids : office_grids_of(d->f->office, h->row[d->col.grid], e);
	l->grid = h->grid;
	f->day = l->day = h->reported != TIME_NONE ? time_day(h->reported, d->offset) : DATE_NONE;
	f->within = lies_within;
	f->arg = l;
	return l->tree != NULL ? 0 : -1;
}

int derive_scope_key(struct deriver *d, const struct hazard *h, struct err *e)
{
	struct rule_facts f = { .id = { { NULL, 0 } } };
	struct derive_lies lies;

	if (derive_scope(d, h, &f, &lies, e) < 0)
		return -1;
	for (size_t i = 0; i < h->policy->rules.n; i++)
		if (h->policy->rules.v[i].scope.set)
			buf_putc(&d->key, rule_in_scope(&h->policy->rules.v[i], &f) ? '1' : '0');
	return 0;
}

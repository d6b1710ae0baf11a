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

/* Ask the rules that have a scope. */
static int find_pilots(struct deriver *d, const struct hazard *h, struct buf *out, struct err *e)
{
	struct rule_facts f = { .id = { { NULL, 0 } } };
	struct derive_lies lies;
	int hit = 0;

	if (derive_scope(d, h, &f, &lies, e) < 0)
		return -1;
	derive_facts(d, h, &f);
	if (d->lock != NULL)
		pthread_mutex_lock(d->lock);
	for (size_t i = 0; i < h->policy->rules.n && hit >= 0; i++) {
		const struct rule *r = &h->policy->rules.v[i];

		hit = r->scope.set ? rule_match(r, &f, e) : 0;
		if (hit > 0)
			buf_printf(out, "%s%s", out->n > 0 ? ";" : "", r->id);
	}
	if (d->lock != NULL)
		pthread_mutex_unlock(d->lock);
	return hit < 0 ? -1 : 0;
}

int derive_pilots(struct deriver *d, const struct hazard *h, struct span *out, struct err *e)
{
	struct buf ids = BUF_INIT;

	*out = SPAN("");
	if (!d->scoped)
		return 0;
	for (; d->pilots_n < d->facts.n; d->pilots_n++) {
		MEM_GROW(d->pilots, d->pilots_cap, d->pilots_n + 1);
		d->pilots[d->pilots_n].p = NULL;
	}
	if (d->pilots[d->fact].p == NULL) {
		if (find_pilots(d, h, &ids, e) < 0) {
			buf_clear(&ids);
			return -1;
		}
		d->pilots[d->fact] = (struct span){ arena_spandup(&d->facts.text, buf_view(&ids)), ids.n };
		buf_clear(&ids);
	}
	*out = d->pilots[d->fact];
	return 0;
}

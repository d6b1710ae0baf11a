/* SPDX-License-Identifier: MIT */
#include "policy/overlay.h"
#include <ctype.h>
#include <string.h>
#include "base/time.h"

#define DAY_MINUTES 1440

bool overlay_path(struct span path)
{
	const size_t dir = strlen(OVERLAY_DIR), end = strlen(".yaml");

	if (path.n <= dir + end || path.n > dir + end + 64 || memcmp(path.p, OVERLAY_DIR, dir) != 0 ||
	    memcmp(path.p + path.n - end, ".yaml", end) != 0)
		return false;
	if (!isdigit((unsigned char)path.p[dir]) && !isupper((unsigned char)path.p[dir]))
		return false;
	for (size_t i = dir; i < path.n - end; i++)
		if (!isalnum((unsigned char)path.p[i]) && path.p[i] != '-' && path.p[i] != '_')
			return false;
	return true;
}

int overlay_rule(const struct overlay *o, int rule, const struct rule_facts *f)
{
	int form = 0, bit = 1;

	if (o->first[rule] < 0 || (o->from != DATE_NONE && f->day < o->from) || (o->to != DATE_NONE && f->day > o->to))
		return rule;
	for (size_t i = 0; i < o->n; i++) {
		if (!o->v[i].of[rule] || !o->v[i].says.scope.set)
			continue;
		form |= rule_in_scope(&o->v[i].says, f) ? bit : 0;
		bit <<= 1;
	}
	return o->first[rule] + form;
}

/* Whole minutes of a unit of the wall clock; 0 for the others. */
static int64_t wall_minutes(enum term_unit u)
{
	return u == TERM_MINUTE ? 1 : u == TERM_HOUR ? 60 : 0;
}

bool overlay_term_within(struct term a, struct term b)
{
	static const int64_t least[] = { 1, 60, DAY_MINUTES, 60, DAY_MINUTES, 0 };
	int64_t minutes;

	if (a.unit == b.unit)
		return a.n <= b.n;
	if (wall_minutes(a.unit) > 0)
		return a.n * wall_minutes(a.unit) <= b.n * least[b.unit];
	if (a.unit != TERM_DAY && a.unit != TERM_MONTH_END)
		return false;
	/* to 24:00 of the n-th day after the first; a month ends at 24:00 of the 30th day after its first at the latest */
	minutes = ((a.unit == TERM_DAY ? a.n : 30) + 1) * DAY_MINUTES;
	if (wall_minutes(b.unit) > 0)
		return minutes <= b.n * wall_minutes(b.unit);
	return a.unit == TERM_MONTH_END && b.unit == TERM_DAY && b.n >= 30;
}

bool overlay_length_within(struct term a, struct term b)
{
	static const int64_t minutes[] = { 1, 60, DAY_MINUTES, 60, DAY_MINUTES, 0 };
	bool worked = a.unit == TERM_WORK_HOUR || a.unit == TERM_WORK_DAY;

	if (a.unit == b.unit)
		return a.n <= b.n;
	return !worked && a.n * minutes[a.unit] <= b.n * minutes[b.unit];
}

size_t overlay_forms(const struct overlay *o, size_t rule)
{
	size_t forms = 1;
	bool any = false;

	for (size_t i = 0; i < o->n; i++) {
		any |= o->v[i].of[rule];
		if (o->v[i].of[rule] && o->v[i].says.scope.set)
			forms *= 2;
	}
	return any ? forms : 0;
}

uint64_t overlay_form(const struct overlay *o, size_t rule, size_t k)
{
	uint64_t entries = 0;

	for (size_t i = 0; i < o->n; i++) {
		if (!o->v[i].of[rule])
			continue;
		if (!o->v[i].says.scope.set || (k & 1) != 0)
			entries |= UINT64_C(1) << i;
		if (o->v[i].says.scope.set)
			k >>= 1;
	}
	return entries;
}

/* Minutes from the due time, roughly: wh and wd stretched by the share of time that is worked. */
static double rough(const struct rung *r, const struct rule *rule)
{
	static const double minutes[] = { 1, 60, 1440, 180, 2016, 0 };
	double whole;

	if (!r->at.share)
		return (double)r->at.off.n * minutes[r->at.off.unit];
	whole = rule->within.unit == TERM_MONTH_END ? 15 * 1440.0 : (double)rule->within.n * minutes[rule->within.unit];
	return -whole * (double)r->at.off.n / 100;
}

void rule_sort_rungs(struct rule *r)
{
	for (size_t i = 1; i < r->nrungs; i++) {
		struct rung x = r->rung[i];
		size_t k = i;

		for (; k > 0 && rough(&r->rung[k - 1], r) > rough(&x, r); k--)
			r->rung[k] = r->rung[k - 1];
		r->rung[k] = x;
	}
}

/* A list of words with those of another one that it has not. */
static void join(struct arena *mem, const char ***list, size_t *n, const char **more, size_t nmore)
{
	const char **v;

	if (nmore == 0)
		return;
	v = arena_alloc(mem, (*n + nmore) * sizeof *v);
	if (*n > 0)
		memcpy(v, *list, *n * sizeof *v);
	*list = v;
	for (size_t i = 0; i < nmore; i++) {
		size_t k = 0;

		while (k < *n && strcmp(v[k], more[i]) != 0)
			k++;
		if (k == *n)
			v[(*n)++] = more[i];
	}
}

/* Limits that are shorter, and new ones. */
static void tighten_limits(struct arena *mem, const struct overlay *o, const struct rule *says, struct rule *r)
{
	struct limit *v;

	if (says->nlimits == 0)
		return;
	v = arena_alloc(mem, (r->nlimits + says->nlimits) * sizeof *v);
	if (r->nlimits > 0)
		memcpy(v, r->limit, r->nlimits * sizeof *v);
	r->limit = v;
	for (size_t i = 0; i < says->nlimits; i++) {
		const struct limit *x = &says->limit[i];
		size_t k = 0;

		while (k < r->nlimits && strcmp(v[k].id, x->id) != 0)
			k++;
		if (k == r->nlimits) {
			v[r->nlimits] = *x;
			v[r->nlimits++].file = o->path;
		} else if (overlay_term_within(x->within, v[k].within)) {
			v[k].within = x->within;
		}
	}
}

/* The rungs of a rule, which keep the numbers they have in keys wherever they will stand. */
static void number_rungs(struct arena *mem, struct rule *r)
{
	struct rung *v = arena_alloc(mem, (r->nrungs + 1) * sizeof *v);

	for (size_t i = 0; i < r->nrungs; i++) {
		v[i] = r->rung[i];
		v[i].number = (unsigned)i + 1;
	}
	r->rung = v;
}

static void tighten_rungs(struct arena *mem, const struct rule *says, struct rule *r)
{
	struct rung *v;

	if (says->nrungs == 0)
		return;
	v = arena_alloc(mem, (r->nrungs + says->nrungs) * sizeof *v);
	memcpy(v, r->rung, r->nrungs * sizeof *v);
	memcpy(v + r->nrungs, says->rung, says->nrungs * sizeof *v);
	r->rung = v;
	r->nrungs += says->nrungs;
}

/* Roles that grant an extension: those of both. */
static void tighten_grant(struct arena *mem, const struct rule_extend *says, struct rule_extend *x)
{
	const char **v;
	size_t n = 0;

	if (says->nby == 0)
		return;
	v = arena_alloc(mem, says->nby * sizeof *v);
	for (size_t i = 0; i < says->nby; i++)
		for (size_t k = 0; k < x->nby || x->nby == 0; k++)
			if (x->nby == 0 || strcmp(x->by[k], says->by[i]) == 0) {
				v[n++] = says->by[i];
				break;
			}
	x->by = v;
	x->nby = n;
}

static void tighten_extend(struct arena *mem, const struct overlay_entry *e, struct rule_extend *x)
{
	const struct rule_extend *says = &e->says.extend;

	if (!says->set)
		return;
	x->set = true;
	if (e->before && overlay_length_within(x->before, says->before))
		x->before = says->before;
	if (e->total && (x->total.n == 0 || overlay_length_within(says->total, x->total)))
		x->total = says->total;
	if (says->max > 0 && (x->max == 0 || says->max < x->max))
		x->max = says->max;
	tighten_grant(mem, says, x);
}

static void tighten_handovers(const struct overlay_entry *e, struct rule *r)
{
	if (e->says.handovers == 0)
		return;
	if (r->handovers == 0)
		r->handed = e->says.handed;
	if (r->handovers == 0 || e->says.handovers < r->handovers)
		r->handovers = e->says.handovers;
}

/* What a step asks for. */
static void tighten_gates(struct arena *mem, const struct rule *says, struct rule *r)
{
	join(mem, &r->needs, &r->nneeds, says->needs, says->nneeds);
	join(mem, &r->acceptor, &r->nacceptors, says->acceptor, says->nacceptors);
	join(mem, &r->fixed, &r->nfixed, says->fixed, says->nfixed);
	join(mem, &r->part, &r->nparts, says->part, says->nparts);
	join(mem, &r->planned, &r->nplanned, says->planned, says->nplanned);
	r->measures |= says->measures;
	r->not_rectifier |= says->not_rectifier;
	r->not_owner |= says->not_owner;
	if (says->acceptors > r->acceptors)
		r->acceptors = says->acceptors;
}

/* The grounds one behind the other, each once. */
static void add_basis(struct arena *mem, struct rule *r, const char *basis)
{
	struct buf b = BUF_INIT;

	if (*basis == '\0' || strstr(r->basis, basis) != NULL)
		return;
	buf_printf(&b, "%s%s%s", r->basis, *r->basis ? "；" : "", basis);
	r->basis = arena_spandup(mem, buf_view(&b));
	buf_clear(&b);
}

void overlay_tighten(
    struct arena *mem, const struct overlay *o, uint64_t entries, const struct rule *base, struct rule *out)
{
	*out = *base;
	out->base = base;
	out->overlay = o;
	out->entries = entries;
	number_rungs(mem, out);
	for (size_t i = 0; i < o->n; i++) {
		const struct overlay_entry *e = &o->v[i];
		const struct rule *says = &e->says;

		if (!(entries >> i & 1))
			continue;
		add_basis(mem, out, *says->basis ? says->basis : o->basis);
		if (says->has_due && (!out->has_due || overlay_term_within(says->within, out->within))) {
			out->within = says->within;
			out->from = out->has_due ? out->from : says->from;
			out->has_due = true;
		}
		tighten_limits(mem, o, says, out);
		tighten_rungs(mem, says, out);
		tighten_extend(mem, e, &out->extend);
		tighten_handovers(e, out);
		tighten_gates(mem, says, out);
		if (says->lit) {
			out->yellow = !out->lit || says->yellow < out->yellow ? says->yellow : out->yellow;
			out->red = !out->lit || says->red < out->red ? says->red : out->red;
			out->lit = true;
		}
	}
	rule_sort_rungs(out);
}

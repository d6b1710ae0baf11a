/* SPDX-License-Identifier: MIT */
#include "policy/load.h"
#include <stdlib.h>
#include <string.h>
#include "base/time.h"
#include "policy/overlay.h"
#include "yaml/told.h"

/* One entry of an overlay beside the rules that it is about: what is looked at. */
struct looking {
	struct loading *l;
	const struct yaml_node *m;		/* the entry */
	const struct overlay_entry *e;
	const struct rule *base;		/* one of its rules */
};

static const char *term_text(struct loading *l, struct term t)
{
	struct buf b = BUF_INIT;
	const char *text;

	term_write(&b, t);
	text = arena_spandup(&l->p->mem, buf_view(&b));
	buf_clear(&b);
	return text;
}

/* A time that may only be shorter than that of the rule; may: is it surely? */
static void check_shorter(const struct looking *k, const struct yaml_node *at, const char *what, struct term said,
			  struct term base, bool (*may)(struct term a, struct term b))
{
	const char *now = term_text(k->l, said), *was = term_text(k->l, base);

	if (!at || may(said, base))
		return;
	if (may(base, said))
		load_complain(k->l, at,
		    "%s: %s is longer than the %s of rule \"%s\" (escalation.yaml:%d); an overlay may only "
		    "tighten: write at most %s", what, now, was, k->base->id, k->base->line, was);
	else
		load_complain(k->l, at,
		    "%s: %s may be longer than the %s of rule \"%s\" (escalation.yaml:%d), as the calendar has "
		    "it; write at most %s, in that unit", what, now, was, k->base->id, k->base->line, was);
}

static void check_due(const struct looking *k)
{
	const struct yaml_node *due = yaml_get(k->m, "due"), *from = yaml_get(due, "from");

	if (!due)
		return;
	if (k->base->has_due) {
		if (from && strcmp(k->e->says.from, k->base->from) != 0)
			load_complain(k->l, from,
			    "from: found \"%s\", and the time of rule \"%s\" (escalation.yaml:%d) counts from %s; "
			    "leave it out", yaml_text(from), k->base->id, k->base->line, k->base->from);
		check_shorter(k, yaml_get(due, "within"), "within", k->e->says.within, k->base->within, overlay_term_within);
	} else if (!from) {
		load_complain(k->l, due,
		    "due: rule \"%s\" (escalation.yaml:%d) has no due date; add from: reported, found, assigned "
		    "or tier", k->base->id, k->base->line);
	}
}

static const struct limit *limit_of(const struct rule *r, const char *id)
{
	for (size_t i = 0; i < r->nlimits; i++)
		if (strcmp(r->limit[i].id, id) == 0)
			return &r->limit[i];
	return NULL;
}

/* A limit of the rule may become shorter, and that is all. */
static void check_limit(const struct looking *k, const struct yaml_node *m, const struct limit *says,
			const struct limit *base)
{
	const struct yaml_node *from = yaml_get(m, "from"), *until = yaml_get(m, "until"), *miss = yaml_get(m, "miss");

	if (from && strcmp(says->from, base->from) != 0)
		load_complain(k->l, from,
		    "from: found \"%s\", and limit \"%s\" of rule \"%s\" (escalation.yaml:%d) begins with %s; "
		    "leave it out, or add a limit of another id", yaml_text(from), base->id, k->base->id,
		    base->line, base->from);
	if (until && strcmp(says->until, base->until) != 0)
		load_complain(k->l, until,
		    "until: found \"%s\", and limit \"%s\" of rule \"%s\" (escalation.yaml:%d) ends with %s; "
		    "leave it out, or add a limit of another id", yaml_text(until), base->id, k->base->id,
		    base->line, base->until);
	if (miss)
		load_complain(k->l, miss,
		    "miss: what happens when limit \"%s\" of rule \"%s\" (escalation.yaml:%d) is missed stays as "
		    "it is; leave it out, or add a limit of another id", base->id, k->base->id, base->line);
	check_shorter(k, yaml_get(m, "within"), "within", says->within, base->within, overlay_term_within);
}

static void check_limits(const struct looking *k)
{
	const struct yaml_node *list = yaml_get(k->m, "limits");
	const struct rule *says = &k->e->says;

	for (size_t i = 0; list && i < says->nlimits && i < list->n; i++) {
		const struct yaml_node *m = list->item[i];
		const struct limit *x = &says->limit[i], *base = limit_of(k->base, x->id);

		if (base)
			check_limit(k, m, x, base);
		else if (*x->from == '\0')
			load_complain(k->l, yaml_get(m, "id"),
			    "rule \"%s\" (escalation.yaml:%d) has no limit \"%s\"; a new one needs from and until",
			    k->base->id, k->base->line, x->id);
		else if (strcmp(x->from, "due") == 0 && !k->base->has_due && !says->has_due)
			load_complain(k->l, yaml_get(m, "from"),
			    "from: rule \"%s\" (escalation.yaml:%d) has no due date, so there is no limit from due",
			    k->base->id, k->base->line);
	}
}

/* Do two rungs do the same at the same time? */
static bool same_rung(const struct rung *a, const struct rung *b)
{
	return a->at.share == b->at.share && a->at.off.n == b->at.off.n &&
	       (a->at.off.n == 0 || a->at.off.unit == b->at.off.unit) && a->act == b->act && strcmp(a->to, b->to) == 0 &&
	       (a->notice == b->notice || (a->notice && b->notice && strcmp(a->notice, b->notice) == 0));
}

static void check_rungs(const struct looking *k)
{
	const struct yaml_node *list = yaml_get(k->m, "rungs");
	const struct rule *says = &k->e->says, *base = k->base;

	if (list && !base->has_due && !says->has_due)
		load_complain(k->l, list,
		    "rungs: rule \"%s\" (escalation.yaml:%d) has no due date; give it one with due", base->id,
		    base->line);
	for (size_t i = 0; list && i < says->nrungs && i < list->n; i++)
		for (size_t j = 0; j < base->nrungs; j++)
			if (same_rung(&says->rung[i], &base->rung[j]))
				load_complain(k->l, list->item[i],
				    "rungs: rule \"%s\" has this rung already (escalation.yaml:%d); leave it out",
				    base->id, base->rung[j].line);
}

static void check_extend(const struct looking *k)
{
	const struct yaml_node *m = yaml_get(k->m, "extend"), *before = yaml_get(m, "before"), *max = yaml_get(m, "max");
	const struct yaml_node *total = yaml_get(m, "total"), *by = yaml_get(m, "by");
	const struct rule_extend *says = &k->e->says.extend, *base = &k->base->extend;

	if (m && !k->base->has_due && !k->e->says.has_due)
		load_complain(k->l, m,
		    "extend: rule \"%s\" (escalation.yaml:%d) has no due date, so there is nothing to extend",
		    k->base->id, k->base->line);
	if (before && base->before.n > 0 && !overlay_length_within(base->before, says->before))
		load_complain(k->l, before,
		    "before: %s may be less than the %s of rule \"%s\" (escalation.yaml:%d); an overlay may only "
		    "tighten: write at least %s", term_text(k->l, says->before), term_text(k->l, base->before),
		    k->base->id, k->base->line, term_text(k->l, base->before));
	if (max && base->max > 0 && says->max > base->max)
		load_complain(k->l, max,
		    "max: %u is more than the %u of rule \"%s\" (escalation.yaml:%d); an overlay may only "
		    "tighten: write at most %u", says->max, base->max, k->base->id, k->base->line, base->max);
	if (total && says->total.n == 0)
		load_complain(k->l, total,
		    "total: \"%s\" sets no bound; write a length of time above zero", yaml_text(total));
	else if (base->total.n > 0)
		check_shorter(k, total, "total", says->total, base->total, overlay_length_within);
	for (size_t i = 0; by && base->nby > 0 && i < says->nby && i < by->n; i++) {
		size_t j = 0;

		while (j < base->nby && strcmp(base->by[j], says->by[i]) != 0)
			j++;
		if (j == base->nby)
			load_complain(k->l, by->item[i],
			    "by: \"%s\" may not grant an extension by rule \"%s\" (escalation.yaml:%d); an "
			    "overlay may only take roles away", says->by[i], k->base->id, k->base->line);
	}
}

static void check_handovers(const struct looking *k)
{
	static const char *const said[] = { "do", "to", "notice", "cc", "send" };
	const struct yaml_node *m = yaml_get(k->m, "handovers");

	if (!m)
		return;
	if (k->base->handovers == 0) {
		if (!k->e->acts)
			load_complain(k->l, m,
			    "handovers: rule \"%s\" (escalation.yaml:%d) has none; add do: what is to happen then",
			    k->base->id, k->base->line);
		return;
	}
	if (k->e->says.handovers > k->base->handovers)
		load_complain(k->l, yaml_get(m, "over"),
		    "over: %u is more than the %u of rule \"%s\" (escalation.yaml:%d); an overlay may only "
		    "tighten: write at most %u", k->e->says.handovers, k->base->handovers, k->base->id,
		    k->base->line, k->base->handovers);
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		if (yaml_get(m, said[i]))
			load_complain(k->l, yaml_get(m, said[i]),
			    "%s: what happens by rule \"%s\" (escalation.yaml:%d) stays as it is; leave it out",
			    said[i], k->base->id, k->base->line);
}

/* Who accepts, and the lights. */
static void check_numbers(const struct looking *k)
{
	const struct yaml_node *min = yaml_get(yaml_get(yaml_get(k->m, "close"), "acceptors"), "min");
	const struct yaml_node *lights = yaml_get(k->m, "lights");
	const struct policy *p = k->l->p;
	const struct rule *says = &k->e->says;

	if (min && says->acceptors < k->base->acceptors)
		load_complain(k->l, min,
		    "min: %u is fewer than the %u of rule \"%s\" (escalation.yaml:%d); an overlay may only "
		    "tighten: write at least %u", says->acceptors, k->base->acceptors, k->base->id, k->base->line,
		    k->base->acceptors);
	if (yaml_get(lights, "yellow") && says->yellow > p->yellow)
		load_complain(k->l, yaml_get(lights, "yellow"),
		    "yellow: %d comes later than the %d of policy.yaml; an overlay may only warn earlier",
		    says->yellow, p->yellow);
	if (yaml_get(lights, "red") && says->red > p->red)
		load_complain(k->l, yaml_get(lights, "red"),
		    "red: %d comes later than the %d of policy.yaml; an overlay may only warn earlier", says->red,
		    p->red);
	if (says->lit && says->yellow > says->red)
		load_complain(k->l, lights,
		    "lights: yellow (%d) must not come after red (%d)", says->yellow, says->red);
}

/* Is neither of two lengths surely within the other? */
static bool apart(struct term a, struct term b)
{
	return !overlay_length_within(a, b) && !overlay_length_within(b, a);
}

/* What two entries that hold for the same hazards say of extensions. */
static void check_grants(const struct looking *k, const struct overlay_entry *first)
{
	const struct rule_extend *a = &first->says.extend, *b = &k->e->says.extend;
	const struct yaml_node *m = yaml_get(k->m, "extend");
	int line = first->says.line;
	size_t both = 0;

	if ((first->before && k->e->before && apart(a->before, b->before)) ||
	    (first->total && k->e->total && apart(a->total, b->total)))
		load_complain(k->l, m,
		    "extend: the entry on line %d gives rule \"%s\" other times, and which are shorter depends on "
		    "the calendar; write both in one unit", line, k->base->id);
	for (size_t i = 0; i < b->nby; i++)
		for (size_t j = 0; j < a->nby; j++)
			both += strcmp(a->by[j], b->by[i]) == 0;
	if (a->nby > 0 && b->nby > 0 && both == 0)
		load_complain(k->l, yaml_get(m, "by"),
		    "by: with the entry on line %d nobody is left to grant an extension by rule \"%s\"", line,
		    k->base->id);
}

/* Two entries that hold for the same hazards must go together: k.e is the later one. */
static void check_pair(const struct looking *k, const struct overlay_entry *first)
{
	const struct rule *a = &first->says, *b = &k->e->says;
	const struct yaml_node *limits = yaml_get(k->m, "limits"), *rungs = yaml_get(k->m, "rungs");
	const char *id = k->base->id;

	if (a->has_due && b->has_due &&
	    ((!overlay_term_within(a->within, b->within) && !overlay_term_within(b->within, a->within)) ||
	     (!k->base->has_due && strcmp(a->from, b->from) != 0)))
		load_complain(k->l, yaml_get(k->m, "due"),
		    "due: the entry on line %d gives rule \"%s\" another one, and which is shorter depends on the "
		    "calendar; write both in one unit, from one start", a->line, id);
	for (size_t i = 0; limits && i < b->nlimits && i < limits->n; i++) {
		const struct limit *x = limit_of(a, b->limit[i].id);

		if (x && (!limit_of(k->base, x->id) ||
			  (!overlay_term_within(x->within, b->limit[i].within) &&
			   !overlay_term_within(b->limit[i].within, x->within))))
			load_complain(k->l, limits->item[i],
			    "limit id \"%s\" of rule \"%s\" stands on line %d already; take one of them out",
			    x->id, id, x->line);
	}
	for (size_t i = 0; rungs && i < b->nrungs && i < rungs->n; i++)
		for (size_t j = 0; j < a->nrungs; j++)
			if (same_rung(&a->rung[j], &b->rung[i]))
				load_complain(k->l, rungs->item[i],
				    "rungs: line %d adds this rung to rule \"%s\" already; leave it out",
				    a->rung[j].line, id);
	if (k->base->handovers == 0 && a->handovers > 0 && b->handovers > 0)
		load_complain(k->l, yaml_get(k->m, "handovers"),
		    "handovers: line %d gives rule \"%s\" some already; leave one of them out", a->handed.line, id);
	check_grants(k, first);
}

/* An entry beside each of its rules, and beside the entries before it; the first rule that it does not fit is told. */
static void check_entry(struct loading *l, const struct yaml_node *m, const struct overlay *o, size_t i)
{
	struct looking k = { .l = l, .m = m, .e = &o->v[i] };
	size_t before = l->d->errors;

	for (size_t r = 0; r < l->p->rules.n && l->d->errors == before; r++) {
		if (!k.e->of[r])
			continue;
		k.base = &l->p->rules.v[r];
		check_due(&k);
		check_limits(&k);
		check_rungs(&k);
		check_extend(&k);
		check_handovers(&k);
		check_numbers(&k);
		for (size_t j = 0; j < i && l->d->errors == before; j++)
			if (o->v[j].of[r])
				check_pair(&k, &o->v[j]);
	}
}

/* The rules an entry is about: those it names, or all. */
static void load_named(struct loading *l, struct yaml_node *list, bool *of)
{
	const struct rules *r = &l->p->rules;
	const char **ids = arena_alloc(&l->p->mem, (r->n + 1) * sizeof *ids);
	struct yaml_node **v;
	size_t n = load_items(&list, &v);

	for (size_t i = 0; i < r->n; i++) {
		ids[i] = r->v[i].id;
		of[i] = list == NULL;
	}
	for (size_t i = 0; i < n; i++) {
		int at = load_choice(l, v[i], "rules", ids, r->n);

		if (at >= 0)
			of[at] = true;
	}
}

static void load_lights(struct loading *l, const struct yaml_node *m, struct rule *out)
{
	const struct yaml_node *yellow = yaml_get(m, "yellow"), *red = yaml_get(m, "red");
	uint64_t n;

	if (!m)
		return;
	out->lit = true;
	out->yellow = l->p->yellow;
	out->red = l->p->red;
	if (yellow && span_u64(yellow->text, 1000, &n))
		out->yellow = (int)n;
	if (red && span_u64(red->text, 1000, &n))
		out->red = (int)n;
	if (out->yellow > out->red && !red)
		out->yellow = out->red;
}

static void load_entry(struct loading *l, const struct yaml_node *m, struct overlay_entry *out)
{
	const struct yaml_node *extend = yaml_get(m, "extend");

	out->of = arena_alloc(&l->p->mem, (l->p->rules.n + 1) * sizeof *out->of);
	load_named(l, yaml_get(m, "rules"), out->of);
	load_tighter(l, m, &out->says);
	load_lights(l, yaml_get(m, "lights"), &out->says);
	out->before = yaml_get(extend, "before") != NULL;
	out->total = yaml_get(extend, "total") != NULL;
	out->acts = yaml_get(yaml_get(m, "handovers"), "do") != NULL;
}

/* A rule with every set of the entries that hold in some places only has its form: these may not be many. */
static void check_scopes(struct loading *l, const struct yaml_node *list, const struct overlay *o)
{
	for (size_t r = 0; r < l->p->rules.n; r++) {
		size_t n = 0;

		for (size_t i = 0; i < o->n; i++) {
			n += o->v[i].of[r] && o->v[i].says.scope.set;
			if (n <= OVERLAY_SCOPES)
				continue;
			load_complain(l, list->item[i],
			    "more than %d entries with a scope are about rule \"%s\"; join some of them",
			    OVERLAY_SCOPES, l->p->rules.v[r].id);
			return;
		}
	}
}

/* A new one behind those there are. */
static struct overlay *overlay_new(struct loading *l)
{
	struct overlays *all = &l->p->overlays;
	struct overlay *v = all->v;

	if ((all->n & (all->n - 1)) == 0) {	/* full: as many again */
		v = arena_alloc(&l->p->mem, (all->n ? 2 * all->n : 1) * sizeof *v);
		if (all->n > 0)
			memcpy(v, all->v, all->n * sizeof *v);
		all->v = v;
	}
	return &v[all->n++];
}

void load_overlay(struct loading *l, const struct yaml_node *root, const char *path)
{
	struct yaml_node *list = yaml_get(root, "tighten");
	size_t dir = strlen(OVERLAY_DIR), before = l->d->errors;
	struct overlay *o = overlay_new(l);

	o->path = arena_strdup(&l->p->mem, path);
	o->organ = arena_spandup(&l->p->mem, (struct span){ path + dir, strlen(path) - dir - strlen(".yaml") });
	o->basis = load_text(l, yaml_get(root, "basis"));
	o->from = load_day(l, yaml_get(root, "from"));
	o->to = load_day(l, yaml_get(root, "to"));
	if (o->from != DATE_NONE && o->to != DATE_NONE && o->to < o->from)
		load_complain(l, yaml_get(root, "to"), "to: the last day is before the first (from)");
	if (!list || list->kind != YAML_LIST || list->n == 0 || list->n > OVERLAY_ENTRIES) {
		load_complain(l, list ? list : root,
		    "tighten: found %zu; an overlay has a list of 1 to %d", list ? list->n : 0, OVERLAY_ENTRIES);
		return;
	}
	o->v = arena_alloc(&l->p->mem, list->n * sizeof *o->v);
	for (size_t i = 0; i < list->n; i++) {
		load_entry(l, list->item[i], &o->v[i]);
		o->n++;
	}
	check_scopes(l, list, o);
	if (l->trust || l->d->errors != before || told_any(l->file))
		return;
	for (size_t i = 0; i < o->n; i++)
		check_entry(l, list->item[i], o, i);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct overlay *)a)->path, ((const struct overlay *)b)->path);
}

/* The rungs that overlays add have numbers of their own, of whatever overlay they are. */
static void number_rungs(struct overlays *all)
{
	unsigned number = 0;

	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->v[i].n; k++)
			for (size_t g = 0; g < all->v[i].v[k].says.nrungs; g++) {
				all->v[i].v[k].says.rung[g].added = true;
				all->v[i].v[k].says.rung[g].number = ++number;
			}
}

void load_overlays_end(struct loading *l)
{
	struct overlays *all = &l->p->overlays;
	struct rules *rules = &l->p->rules;
	struct rule *v;
	size_t n = rules->n;

	if (all->n == 0 || n == 0)
		return;
	qsort(all->v, all->n, sizeof *all->v, by_path);
	number_rungs(all);
	for (size_t i = 0; i < all->n; i++)
		for (size_t r = 0; r < rules->n; r++)
			n += overlay_forms(&all->v[i], r);
	v = arena_alloc(&l->p->mem, n * sizeof *v);
	memcpy(v, rules->v, rules->n * sizeof *v);
	rules->v = v;
	rules->all = rules->n;
	for (size_t i = 0; i < all->n; i++) {
		struct overlay *o = &all->v[i];

		o->first = arena_alloc(&l->p->mem, rules->n * sizeof *o->first);
		for (size_t r = 0; r < rules->n; r++) {
			size_t forms = overlay_forms(o, r);

			o->first[r] = forms > 0 ? (int)rules->all : -1;
			for (size_t k = 0; k < forms; k++)
				overlay_tighten(&l->p->mem, o, overlay_form(o, r, k), &v[r], &v[rules->all++]);
		}
	}
}

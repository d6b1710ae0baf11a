/* SPDX-License-Identifier: MIT */
#include "policy/load.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/text.h"
#include "base/time.h"
#include "yaml/told.h"

/* Ids of levels become columns and dimensions of reports, so they may not be taken by one of those. */
static const char *const taken[] = {
	"hazard", "reported_at", "found_at", "grid", "subject", "point", "category", "severity", "source", "reporter",
	"inspection", "item", "campaign", "related", "emergency", "subject_kind", "sector", "landlord", "state", "phase", "tier",
	"owner", "person", "due", "first_due", "overdue", "light", "held", "days", "round", "followed", "rectified_at",
	"first_closed_at", "closed_at", "closed_by", "closer_level", "rebounds", "supervised", "subject_name", "ref", "place",
	"description", "found", "rectified", "rate", "closed", "open", "major", "terminated", "void", "mean_days", "day", "week",
	"month", "quarter", "year", "reporter_level", "parent", "top",
};

/* An id is one ASCII word, so it can stand in a ledger, a column name, an option. */
static bool is_word(struct span s)
{
	if (s.n == 0 || s.n > 64 || !isalnum((unsigned char)s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	return true;
}

void load_check_line(struct loading *l, const struct yaml_node *n, const char *what)
{
	if (!n)
		return;
	if (n->text.n == 0)
		load_complain(l, n, "%s: no value", what);
	else if (memchr(n->text.p, '\n', n->text.n))
		load_complain(l, n, "%s: must be one line", what);
}

/* The words of a vocabulary so far, and by word the item and the line that had it first. */
struct claims {
	struct names seen;
	struct claim {
		size_t item, line;
	} *first;
	size_t cap;
};

/* A word of an item; complains when another item has it. */
static void claim(struct loading *l, struct claims *c, const struct yaml_node *n, const char *what, size_t item)
{
	if (!n || n->kind != YAML_SCALAR)
		return;
	uint32_t before = c->seen.n, at = names_add(&c->seen, n->text);
	if (at == before) {
		MEM_GROW(c->first, c->cap, (size_t)at + 1);
		c->first[at] = (struct claim){ item, n->line };
	} else if (c->first[at].item != item) {
		load_complain(l, n, "%s: \"%s\" is given twice; the first is on line %zu", what, yaml_text(n),
			      c->first[at].line);
	}
}

/* Ids, names and aliases of a vocabulary must not say two things. */
static void check_words(struct loading *l, const struct yaml_node *list, const char *what)
{
	struct claims c = { 0 };
	for (size_t i = 0; i < list->n; i++) {
		struct yaml_node *alias = yaml_get(list->item[i], "alias"), **v;
		size_t n = load_items(&alias, &v);
		claim(l, &c, yaml_get(list->item[i], "id"), what, i);
		claim(l, &c, yaml_get(list->item[i], "name"), what, i);
		claim(l, &c, yaml_get(list->item[i], "zh"), what, i);
		for (size_t k = 0; k < n; k++)
			claim(l, &c, v[k], what, i);
	}
	free(c.first);
	names_clear(&c.seen);
}

/* One item of a vocabulary. */
static void load_item(struct loading *l, const struct yaml_node *m, const char *what, struct vocab_item *out)
{
	struct yaml_node *id = yaml_get(m, "id"), *name = yaml_get(m, "name"), **v;
	struct yaml_node *zh = yaml_get(m, "zh"), *alias = yaml_get(m, "alias");
	if (!id || id->kind != YAML_SCALAR || !is_word(id->text))
		load_complain(l, id ? id : m,
			      "%s: the id must be a word of letters, digits and - (found \"%s\")", what, yaml_text(id));
	if (!l->trust) {
		load_check_line(l, name, "name");
		load_check_line(l, zh, "zh");
	}
	out->id = load_text(l, id);
	out->name = name ? load_text(l, name) : out->id;
	out->zh = zh ? load_text(l, zh) : out->name;
	out->naliases = load_items(&alias, &v);
	out->alias = arena_alloc(&l->p->mem, (out->naliases + 1) * sizeof *out->alias);
	for (size_t i = 0; i < out->naliases; i++)
		out->alias[i] = load_text(l, v[i]);
	out->major = load_flag(l, yaml_get(m, "major"), "major");
}

void load_vocab(struct loading *l, const struct yaml_node *root, const struct shelf *s)
{
	struct yaml_node *list = yaml_get(root, s->key), **v;
	s->to->what = s->what;
	s->to->n = load_items(&list, &v);
	if (s->to->n == 0 && s->required)
		load_complain(l, list ? list : root, "%s: at least one is needed", s->key);
	s->to->v = arena_alloc(&l->p->mem, (s->to->n + 1) * sizeof *s->to->v);
	for (size_t i = 0; i < s->to->n; i++)
		load_item(l, v[i], s->what, &s->to->v[i]);
	if (!l->trust && list && list->kind == YAML_LIST)
		check_words(l, list, s->what);
}

static void check_levels(struct loading *l, const struct yaml_node *root)
{
	struct yaml_node *list = yaml_get(root, "levels");
	for (size_t i = 0; list && i < list->n; i++) {
		struct yaml_node *id = yaml_get(list->item[i], "id");
		for (size_t k = 0; id && k < sizeof taken / sizeof *taken; k++)
			if (span_is(id->text, taken[k]))
				load_complain(l, id,
					      "level: \"%s\" is the name of a column or figure of reports; choose another id", taken[k]);
	}
}

static int32_t load_date(struct loading *l, const struct yaml_node *n, const char *what)
{
	int32_t day = DATE_NONE;
	if (n && (n->kind != YAML_SCALAR || !date_read(n->text, &day)))
		load_complain(l, n, "%s: \"%s\" is not a date; write it like 2026-02-28", what, yaml_text(n));
	return day;
}

/* Who answers for a category: an organ kind of the vocabulary, or an organ's id, which has a capital or a digit first. */
static void load_duty(struct loading *l, const struct yaml_node *m, struct duty *out)
{
	struct yaml_node *lead = yaml_get(m, "lead");
	out->lead = load_text(l, lead);
	bool known = !told_any(l->file) || (l->p->organ_kinds.n > 0 && *l->p->organ_kinds.v[0].id);
	if (!l->trust && known && (islower((unsigned char)*out->lead) || !*out->lead) &&
	    vocab_id(&l->p->organ_kinds, span_of(out->lead)) < 0)
		load_unknown(l, lead ? lead : m, "lead", load_ids(l, &l->p->organ_kinds), l->p->organ_kinds.n);
	out->from = load_date(l, yaml_get(m, "from"), "from");
	out->to = load_date(l, yaml_get(m, "to"), "to");
	out->basis = load_text(l, yaml_get(m, "basis"));
	if (out->from != DATE_NONE && out->to != DATE_NONE && out->to < out->from)
		load_complain(l, yaml_get(m, "to"), "to: the last day is before the first (from)");
}

/* Two duties of a category may not hold on the same day. */
static void check_duties(struct loading *l, const struct category *c, struct yaml_node **v)
{
	for (size_t i = 1; i < c->nduties; i++)
		for (size_t k = 0; k < i; k++) {
			const struct duty *a = &c->duty[k], *b = &c->duty[i];
			bool a_first = a->to != DATE_NONE && b->from != DATE_NONE && a->to < b->from;
			bool b_first = b->to != DATE_NONE && a->from != DATE_NONE && b->to < a->from;
			if (!a_first && !b_first) {
				load_complain(l, v[i],
					      "duty: overlaps the one on line %zu; end that one (to) before this one begins (from)",
					      v[k]->line);
				return;
			}
		}
}

static void load_categories(struct loading *l, const struct yaml_node *root)
{
	struct yaml_node *list = yaml_get(root, "categories"), **v, **duties;
	size_t n = load_items(&list, &v);
	l->p->category = arena_alloc(&l->p->mem, (n + 1) * sizeof *l->p->category);
	for (size_t i = 0; i < n; i++) {
		struct category *c = &l->p->category[i];
		struct yaml_node *duty = yaml_get(v[i], "duty");
		size_t before = l->d->errors;
		c->vocab = (int)i;
		c->nduties = load_items(&duty, &duties);
		c->duty = arena_alloc(&l->p->mem, (c->nduties + 1) * sizeof *c->duty);
		for (size_t k = 0; k < c->nduties; k++)
			load_duty(l, duties[k], &c->duty[k]);
		if (!l->trust && l->d->errors == before && !told_any(l->file))
			check_duties(l, c, duties);
	}
}

/* A whole number with bounds; what stands there already is the default. */
static void load_number(struct loading *l, const struct yaml_node *n, const char *what, int min, int max,
			int *out)
{
	int64_t i;
	if (!n)
		return;
	if (!yaml_int(n, &i) || i < min || i > max)
		load_complain(l, n, "%s: \"%s\" is not a whole number from %d to %d", what, yaml_text(n), min,
			      max);
	else
		*out = (int)i;
}

/* rate, backdate, lights. */
static void load_figures(struct loading *l, const struct yaml_node *root)
{
	static const char *const basis[] = { "rectified", "closed" };
	struct policy *p = l->p;
	struct yaml_node *rate = yaml_get(root, "rate"), *of = yaml_get(rate, "of");
	struct yaml_node *lights = yaml_get(root, "lights"), *backdate = yaml_get(root, "backdate");
	int at = of ? load_choice(l, of, "of", basis, 2) : 0;
	p->rate_of = at == 1 ? RATE_CLOSED : RATE_RECTIFIED;
	p->rate_target = -1;
	load_number(l, yaml_get(rate, "decimals"), "decimals", 0, 6, &p->rate_decimals);
	load_number(l, yaml_get(rate, "target"), "target", 0, 100, &p->rate_target);
	p->yellow = 80;
	p->red = 100;
	load_number(l, yaml_get(lights, "yellow"), "yellow", 0, 1000, &p->yellow);
	load_number(l, yaml_get(lights, "red"), "red", 0, 1000, &p->red);
	if (p->yellow > p->red)
		load_complain(l, lights, "lights: yellow (%d) must not come after red (%d)", p->yellow, p->red);
	p->backdate = (struct term){ -1, TERM_MINUTE };
	if (backdate && !span_is(backdate->text, "none"))
		load_term(l, backdate, "backdate", &p->backdate);
}

/* Who may raise a hazard to each severity; the roles are known. */
static void load_raisers(struct loading *l, const struct yaml_node *root)
{
	struct yaml_node *list = yaml_get(root, "severities"), **v, **role;
	size_t n = load_items(&list, &v);

	for (size_t i = 0; i < n && i < l->p->severities.n; i++) {
		struct yaml_node *by = yaml_get(v[i], "by");
		size_t nby = load_items(&by, &role);

		for (size_t k = 0; k < nby; k++) {
			int at = load_word(l, role[k], &l->p->roles);

			if (at >= 0 && at < 64)
				l->p->severities.v[i].by |= UINT64_C(1) << at;
		}
	}
}

/* What the report of a hazard of each severity must say. */
static void load_reports(struct loading *l, const struct yaml_node *root)
{
	static const char *const columns[] = { "found_at", "subject", "point", "category", "source", "found_by", "place" };
	const size_t ncolumns = sizeof columns / sizeof *columns;
	struct yaml_node *list = yaml_get(root, "severities"), **v, **need;
	size_t n = load_items(&list, &v);

	for (size_t i = 0; i < n && i < l->p->severities.n; i++) {
		struct vocab_item *s = &l->p->severities.v[i];
		struct yaml_node *needs = yaml_get(v[i], "needs");
		size_t count = load_items(&needs, &need);

		s->needs = arena_alloc(&l->p->mem, (count + 1) * sizeof *s->needs);
		for (size_t k = 0; k < count; k++) {
			int at = load_choice(l, need[k], "needs", columns, ncolumns);

			if (at >= 0)
				s->needs[s->nneeds++] = columns[at];
		}
	}
}

void load_words(struct loading *l, const struct yaml_node *root)
{
	struct policy *p = l->p;
	const struct shelf shelves[] = {
		{ "levels", "level", &p->levels, true },
		{ "severities", "severity", &p->severities, true },
		{ "sources", "source", &p->sources, false },
		{ "roles", "role", &p->roles, true },
		{ "subject_kinds", "subject_kind", &p->subject_kinds, false },
		{ "sectors", "sector", &p->sectors, false },
		{ "grid_kinds", "grid_kind", &p->grid_kinds, false },
		{ "organ_kinds", "organ_kind", &p->organ_kinds, false },
		{ "categories", "category", &p->categories, true },
		{ "point_kinds", "point_kind", &((struct policy_box *)p)->point_kinds, false },
	};
	p->place = load_text(l, yaml_get(root, "place"));
	p->name = load_text(l, yaml_get(root, "name"));
	for (size_t i = 0; i < sizeof shelves / sizeof *shelves; i++)
		load_vocab(l, root, &shelves[i]);
	if (p->roles.n > 64)
		load_complain(l, yaml_get(root, "roles"), "roles: %zu are too many; at most 64 are allowed",
			      p->roles.n);
	load_raisers(l, root);
	load_reports(l, root);
	if (!l->trust)
		check_levels(l, root);
	load_categories(l, root);
	load_figures(l, root);
}

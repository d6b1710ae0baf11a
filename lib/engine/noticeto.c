/* SPDX-License-Identifier: MIT */
#include "engine/noticeto.h"

#include <stdlib.h>

#define POSTS_MAX 256		/* of one organ on one day that are looked at */

/* The unit one tier above the hazard's own. */
static const struct grid_node *above(const struct grid_tree *tree, const struct notice_hazard *h, int32_t day)
{
	const struct grid_node *unit = grid_above(tree, h->grid, h->tier, day);

	return grid_parent(tree, unit ? unit : h->grid, day);
}

int notice_addressee(struct office *o, const char *to, const struct notice_hazard *h, int32_t day,
    struct span *receiver,
    struct err *e)
{
	struct master *organs = office_master(o, "organs", e);
	struct grid_tree *tree = office_grids(o, e);
	const struct grid_node *unit;
	int level;

	*receiver = (struct span){ "", 0 };
	if (!organs || !tree)
		return -1;
	if (!*to || !strcmp(to, "owner")) {
		*receiver = h->owner;
		return 0;
	}
	if (!strcmp(to, "subject")) {
		*receiver = h->subject;
		return 0;
	}
	if (!h->grid)
		return grid_duty(organs, tree, NULL, to, day, receiver, e);
	level = !strcmp(to, "top") ? 0 : vocab_id(&h->policy->levels, span_of(to));
	if (level >= 0 || !strcmp(to, "parent")) {
		unit = level >= 0 ? grid_above(tree, h->grid, level, day) : above(tree, h, day);
		return unit ? grid_organ(organs, unit, day, receiver, e) : 0;
	}
	return grid_duty(organs, tree, h->grid, to, day, receiver, e);
}

/* Organs gathered for a paper to all of a level or kind. */
struct everyone {
	const struct grid_tree *tree;
	struct master *organs;
	struct span issuer, unit;	/* and what it lies under */
	int32_t day;
	struct span *v;
	size_t n, cap;
};

/* One more, unless it is the issuer. */
static void add_organ(struct everyone *x, struct span organ)
{
	if (!organ.n || span_eq(organ, x->issuer))
		return;
	MEM_GROW(x->v, x->cap, x->n + 1);
	x->v[x->n++] = organ;
}

/* The organ of each unit of a level. */
static int add_level(struct everyone *x, int level, struct err *e)
{
	for (size_t i = 0; i < grid_count(x->tree); i++) {
		const struct grid_node *last = grid_number(x->tree, (uint32_t)i), *g = grid_at(x->tree, last->id, x->day);
		struct span organ;

		if (!g || g->level != level || !grid_within(x->tree, g, x->unit, x->day))
			continue;
		if (grid_organ(x->organs, g, x->day, &organ, e))
			return -1;
		add_organ(x, organ);
	}
	return 0;
}

/* Every organ of a kind whose unit lies there. */
static int add_kind(struct everyone *x, const char *kind, struct err *e)
{
	const struct table *t = master_table(x->organs);
	int id = schema_column(t, SPAN("organ")), grid = schema_column(t, SPAN("grid")), col = schema_column(t, SPAN("kind"));
	int n = master_find_by(x->organs, col, span_of(kind), x->day, NULL, 0, e);
	struct master_row *row = n > 0 ? mem_zalloc((size_t)n, sizeof *row) : NULL;

	if (n > 0)
		n = master_find_by(x->organs, col, span_of(kind), x->day, row, (size_t)n, e);
	for (int i = 0; i < n; i++) {
		const struct grid_node *g = grid_at(x->tree, row[i].f[grid], x->day);

		if (g && grid_within(x->tree, g, x->unit, x->day))
			add_organ(x, row[i].f[id]);
	}
	free(row);
	return n < 0 ? -1 : 0;
}

int notice_everyone(struct office *o, const char *to, struct span issuer, int32_t day, struct span **out, size_t *n, struct err *e)
{
	struct everyone x = { .organs = office_master(o, "organs", e), .issuer = issuer, .day = day };
	int level = vocab_id(&o->policy->levels, span_of(to)), bad;

	*out = NULL;
	*n = 0;
	x.tree = x.organs ? office_grids(o, e) : NULL;
	if (!x.tree)
		return -1;
	if (level < 0 && vocab_id(&o->policy->organ_kinds, span_of(to)) < 0)
		return err_set(e, ERR_USAGE, "\"%s\" means somebody only of a hazard; a paper without hazards is for organs or subjects, or "
		    "for all of a level or an organ kind", to);
	if (notice_field(o, "organs", issuer, "grid", day, &x.unit, e))
		return -1;
	if (!x.unit.n)
		return err_set(e, ERR_USAGE, "who gets it depends on who issues it, and %s%.*s has no unit; name another one with --issuer=ORGAN, "
		    "or the addressees", issuer.n ? "" : "nobody", (int)issuer.n, issuer.n ? issuer.p : "");
	bad = level >= 0 ? add_level(&x, level, e) : add_kind(&x, to, e);
	if (!bad && x.n == 0)
		bad = err_set(e, ERR_USAGE, "no organ of %s \"%s\" lies under %.*s", level >= 0 ? "level" : "kind", to, (int)issuer.n, issuer.p);
	if (bad) {
		free(x.v);
		return -1;
	}
	*out = x.v;
	*n = x.n;
	return 0;
}

/* Does a post of an organ have the role, or for "duty" a duty? */
static bool fits(const struct table *t, const struct master_row *row, const char *role)
{
	if (!strcmp(role, "duty"))
		return row->f[schema_column(t, SPAN("duty"))].n > 0;
	return span_is(row->f[schema_column(t, SPAN("role"))], role);
}

int notice_post(struct office *o, struct span organ, const char *role, int32_t day, struct span *officer,
    struct err *e)
{
	struct master *posts = office_master(o, "posts", e);
	struct master_row row[POSTS_MAX];
	const struct table *t;
	int n;

	*officer = (struct span){ "", 0 };
	if (!posts)
		return -1;
	t = master_table(posts);
	n = organ.n ? master_find_by(posts, schema_column(t, SPAN("organ")), organ, day, row, POSTS_MAX, e)
	    : 0;
	for (int i = 0; i < n && i < POSTS_MAX && !officer->n; i++)
		if (fits(t, &row[i], role))
			*officer = row[i].f[schema_column(t, SPAN("officer"))];
	return n < 0 ? -1 : 0;
}

/* A person's phone, when he has one. */
static int phone_of(struct office *o, struct span officer, int32_t day, struct notice_address *out,
    struct err *e)
{
	struct span phone;

	if (out->address.n || !officer.n)
		return 0;
	if (notice_field(o, "officers", officer, "phone", day, &phone, e))
		return -1;
	if (phone.n)
		*out = (struct notice_address){ officer, phone, NULL };
	return 0;
}

/* The address of the organ or subject itself. */
static int own_address(struct office *o, struct span receiver, bool mail, int32_t day,
    struct notice_address *out, struct err *e)
{
	struct span organ;

	if (out->address.n)
		return 0;
	out->who = receiver;
	out->why = mail ? "it has no mail address" : "neither it nor a person there has a phone number";
	if (notice_field(o, "organs", receiver, "organ", day, &organ, e))
		return -1;
	if (organ.n)
		return notice_field(o, "organs", receiver, mail ? "mail" : "phone", day, &out->address, e);
	return mail ? 0 : notice_field(o, "subjects", receiver, "phone", day, &out->address, e);
}

int notice_address(struct office *o, const struct notice_kind *k, struct span receiver, struct span person,
    bool mail, int32_t day,
    struct notice_address *out, struct err *e)
{
	struct span officer;

	*out = (struct notice_address){ .why = "the paper has no receiver" };
	if (!receiver.n && !person.n)
		return 0;
	if (!mail && !*k->post && phone_of(o, person, day, out, e))
		return -1;
	if (!mail && (notice_post(o, receiver, *k->post ? k->post : "duty", day, &officer, e) || phone_of(o,
	    officer, day, out, e)))
		return -1;
	return receiver.n ? own_address(o, receiver, mail, day, out, e) : 0;
}

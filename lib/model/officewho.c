/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <unistd.h>

#include "base/login.h"
#include "base/text.h"
#include "base/time.h"
#include "model/officeint.h"

#define POSTS_MAX 64		/* posts of one officer on one day */
#define HITS 64			/* rows of one name before more room is taken */
#define SHOWN 5
#define SUGGESTIONS 20		/* misses in one table that get a near name */

static const struct { const char *table, *word; } words[] = {
	{ "officers", "officer" }, { "organs", "organ" }, { "subjects", "subject" }, { "grids", "grid" }, { "points", "point" },
	{ "devices", "device" }, { "campaigns", "campaign" }, { "posts", "post" },
};

/* "officer" of "officers", for messages. */
static const char *word_of(const char *table)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].table, table) == 0)
			return words[i].word;
	return table;
}

/* A copy that lives as long as the office. */
static struct span keep(struct office *o, struct span s)
{
	return (struct span){ arena_spandup(&o->cache->mem, s), s.n };
}

/* What is being resolved. */
struct asked {
	struct office *o;
	struct master *m;
	const char *table;
	struct span said, grid;
	int32_t day;
	int key, name, at;	/* columns; at: grid of the row, or -1 */
};

/* Does a row lie in the asked subtree? */
static int in_grid(const struct asked *a, const struct master_row *row, struct err *e)
{
	struct grid_tree *t;
	const struct grid_node *g;

	if (a->grid.n == 0 || a->at < 0)
		return 1;
	t = office_grids_of(a->o, row->f[a->at], e);
	if (t == NULL)
		return -1;
	g = grid_at(t, row->f[a->at], a->day);
	return g != NULL && grid_within(t, g, a->grid, a->day);
}

/* Several rows have the name: say which. */
static int several(const struct asked *a, const struct master_row *row, int n, struct err *e)
{
	struct buf list = BUF_INIT;

	for (int i = 0; i < n && i < SHOWN; i++) {
		buf_printf(&list, "%s%.*s", i ? ", " : "", (int)row[i].f[a->key].n, row[i].f[a->key].p);
		if (a->at >= 0 && row[i].f[a->at].n)
			buf_printf(&list, " (%.*s)", (int)row[i].f[a->at].n, row[i].f[a->at].p);
	}
	if (n > SHOWN)
		buf_puts(&list, ", …");
	err_set(e, ERR_USAGE, "%d %ss are called \"%.*s\": %s; write the id", n, word_of(a->table), (int)a->said.n, a->said.p, list.p);
	buf_clear(&list);
	return -1;
}

/* Nothing has that id or name: say what is near. */
static int nothing(const struct asked *a, struct err *e)
{
	struct office_names *x = office_names(a->o, a->table, e);
	const char *near = NULL;
	struct master_row row;
	char day[DATE_LEN + 1];
	int there;

	if (x == NULL || (there = master_find(a->m, a->said, DATE_NONE, &row, e)) < 0)
		return -1;
	if (there) {
		date_write(a->day, day);
		return err_set(e, ERR_USAGE, "%s %.*s is not valid on %s", word_of(a->table), (int)a->said.n, a->said.p, day);
	}
	if (x->suggested++ < SUGGESTIONS)
		near = text_nearest(a->said, x->words, x->nwords);
	return err_set(e, ERR_USAGE, "no %s \"%.*s\"%s%s%s%s", word_of(a->table), (int)a->said.n, a->said.p,
	    a->grid.n > 0 && a->at >= 0 ? " in this grid" : "", near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

/* Of these rows those in the asked grid: 1 with *id when they are of one key, 0 none, -1 e (several, I/O). */
static int choose(const struct asked *a, struct master_row *row, int n, bool within, struct span *id, struct err *e)
{
	int k = 0;

	for (int i = 0; i < n; i++) {
		int in = within ? in_grid(a, &row[i], e) : 1;
		bool twice = false;

		if (in < 0)
			return -1;
		for (int j = 0; j < k; j++)
			twice |= span_eq(row[j].f[a->key], row[i].f[a->key]);
		if (in && !twice)
			row[k++] = row[i];
	}
	if (k > 1)
		return several(a, row, k, e);
	if (k == 1)
		*id = keep(a->o, row[0].f[a->key]);
	return k;
}

/* Rows by one column, as many as there are. */
static int by_column(const struct asked *a, int col, bool within, struct span *id, struct err *e)
{
	struct master_row few[HITS], *row = few;
	int n = master_find_by(a->m, col, a->said, a->day, row, HITS, e), rc;

	if (n > HITS) {
		int room = n;

		row = mem_alloc((size_t)room * sizeof *row);
		n = master_find_by(a->m, col, a->said, a->day, row, (size_t)room, e);
		n = n > room ? room : n;
	}
	rc = n < 0 ? -1 : choose(a, row, n, within, id, e);
	if (row != few)
		free(row);
	return rc;
}

/* Rows whose name is this one when full-width signs are taken for half-width ones. */
static int by_half(const struct asked *a, struct span half, struct span *id, struct err *e)
{
	struct office_names *x = office_names(a->o, a->table, e);
	const struct master_row *all;
	struct master_row *row = NULL, on_day;
	size_t n, k = 0, cap = 0;
	uint32_t name;
	int rc;

	if (x == NULL || master_rows(a->m, &all, &n, e) < 0)
		return -1;
	name = names_find(&x->half, half);
	for (uint32_t i = name == NAMES_NONE ? UINT32_MAX : x->first[name]; i != UINT32_MAX; i = x->next[i]) {
		rc = master_find(a->m, all[i].f[a->key], a->day, &on_day, e);
		if (rc < 0) {
			free(row);
			return -1;
		}
		if (rc == 0)
			continue;
		MEM_GROW(row, cap, k + 1);
		row[k++] = all[i];
	}
	rc = choose(a, row, (int)k, true, id, e);
	free(row);
	return rc;
}

int office_resolve(struct office *o, const char *table, struct span said, struct span grid, int32_t day,
    struct span *id, struct err *e)
{
	struct asked a = { .o = o, .m = office_master(o, table, e), .table = table, .grid = grid, .day = day };
	struct buf half = BUF_INIT;
	struct master_row row;
	const struct table *t;
	int found = -1, uscc;

	if (a.m == NULL)
		return -1;
	t = master_table(a.m);
	a.key = t->key;
	a.name = schema_column(t, SPAN("name"));
	a.at = schema_column(t, SPAN("grid"));
	uscc = schema_column(t, SPAN("uscc"));
	if (a.at == a.key)
		a.at = -1;
	text_halfwidth(&half, said);
	a.said = span_trim(buf_view(&half));
	found = a.said.n > 0 ? master_find(a.m, a.said, day, &row, e) : 0;
	if (found > 0)
		*id = keep(o, row.f[a.key]);
	if (found == 0 && a.said.n > 0 && uscc >= 0)
		found = by_column(&a, uscc, false, id, e);
	if (found == 0 && a.said.n > 0 && a.name >= 0)
		found = by_column(&a, a.name, true, id, e);
	if (found == 0 && a.said.n > 0 && a.name >= 0)
		found = by_half(&a, a.said, id, e);
	if (found == 0)
		found = nothing(&a, e);
	buf_clear(&half);
	return found > 0 ? 1 : -1;
}

/* The officer whose login is this system's user. */
static int by_login(struct office *o, int64_t now, struct span *officer, struct err *e)
{
	struct master *m = office_master(o, "officers", e);
	struct buf login = BUF_INIT;
	struct master_row row[2];
	int n = -1;

	if (m == NULL)
		return -1;
	if (login_name(geteuid(), &login))
		n = master_find_by(m, schema_column(master_table(m), SPAN("login")), buf_view(&login),
		    time_day(now, o->reg->offset), row, 2, e);
	else
		err_set(e, ERR_USAGE, "who acts is not known; give --actor=ID or set GRIDLEDGER_ACTOR");
	if (n == 0)
		err_set(e, ERR_USAGE, "who acts is not known: no officer has the login %s; give --actor=ID or set"
		    " GRIDLEDGER_ACTOR", login.p);
	if (n > 1)
		err_set(e, ERR_USAGE, "who acts is not known: several officers have the login %s; give --actor=ID", login.p);
	if (n == 1)
		*officer = keep(o, row[0].f[master_table(m)->key]);
	buf_clear(&login);
	return n == 1 ? 0 : -1;
}

int office_actor(struct office *o, const char *actor, int64_t now, struct span *officer, struct err *e)
{
	if (actor == NULL || *actor == '\0')
		return by_login(o, now, officer, e);
	if (office_resolve(o, "officers", span_of(actor), (struct span){ "", 0 }, time_day(now, o->reg->offset), officer, e) < 0) {
		return err_prefix(e, "actor");
	}
	return 0;
}

/* The posts an officer holds on a day; *n of them in row (room for POSTS_MAX). */
static int posts_of(struct office *o, struct span officer, int32_t day, struct master_row *row, struct master **posts, struct err *e)
{
	int n;

	*posts = office_master(o, "posts", e);
	if (*posts == NULL)
		return -1;
	n = master_find_by(*posts, schema_column(master_table(*posts), SPAN("officer")), officer, day, row, POSTS_MAX, e);
	return n > POSTS_MAX ? POSTS_MAX : n;
}

int office_roles(struct office *o, struct span officer, int32_t day, uint64_t *roles, struct err *e)
{
	struct master_row row[POSTS_MAX];
	struct master *posts;
	int n = posts_of(o, officer, day, row, &posts, e), col;

	*roles = 0;
	if (n < 0)
		return -1;
	col = schema_column(master_table(posts), SPAN("role"));
	for (int i = 0; i < n; i++) {
		int role = vocab_id(&o->policy->roles, row[i].f[col]);

		if (role >= 0 && role < 64)
			*roles |= UINT64_C(1) << role;
	}
	return 0;
}

/* The level of an organ: its own, or that of its unit. */
static int organ_level(struct office *o, struct span organ, int32_t day, int *level, struct err *e)
{
	struct master *m = office_master(o, "organs", e);
	const struct grid_node *g;
	struct grid_tree *t;
	struct master_row row;
	struct span grid;
	int found;

	if (m == NULL)
		return -1;
	found = organ.n > 0 ? master_find(m, organ, day, &row, e) : 0;
	if (found <= 0)
		return found;
	*level = vocab_id(&o->policy->levels, row.f[schema_column(master_table(m), SPAN("level"))]);
	if (*level < 0) {
		grid = row.f[schema_column(master_table(m), SPAN("grid"))];
		t = office_grids_of(o, grid, e);
		if (t == NULL)
			return -1;
		g = grid_at(t, grid, day);
		*level = g != NULL ? g->level : -1;
	}
	return 0;
}

int office_level(struct office *o, struct span officer, int32_t day, int *level, struct err *e)
{
	struct master_row row[POSTS_MAX];
	struct master *m, *officers = office_master(o, "officers", e);
	int n, found;

	*level = -1;
	if (officers == NULL)
		return -1;
	n = posts_of(o, officer, day, row, &m, e);
	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		struct span grid = row[i].f[schema_column(master_table(m), SPAN("grid"))];
		struct grid_tree *t = office_grids_of(o, grid, e);
		const struct grid_node *g;

		if (t == NULL)
			return -1;
		g = grid_at(t, grid, day);
		if (g != NULL && g->level >= 0 && (*level < 0 || g->level < *level))
			*level = g->level;
	}
	for (int i = 0; i < n && *level < 0; i++)
		if (organ_level(o, row[i].f[schema_column(master_table(m), SPAN("organ"))], day, level, e) < 0)
			return -1;
	if (*level >= 0)
		return 0;
	found = master_find(officers, officer, day, &row[0], e);
	if (found <= 0)
		return found;
	return organ_level(o, row[0].f[schema_column(master_table(officers), SPAN("organ"))], day, level, e);
}

/* SPDX-License-Identifier: MIT */
#include "model/officeint.h"

#include <stdlib.h>

/* An office around a register and a moment. */
static struct office *office_new(struct reg *r, const struct moment *m, bool owns, struct err *e)
{
	struct office *o = mem_zalloc(1, sizeof *o);
	const char *digest = moment_version(m, "policy");
	size_t n;

	o->reg = r;
	o->at = *m;
	o->cache = mem_zalloc(1, sizeof *o->cache);
	o->cache->owns = owns;
	schema_tables(&n);
	o->cache->master = mem_zalloc(n, sizeof *o->cache->master);
	o->cache->names = mem_zalloc(n, sizeof *o->cache->names);
	if (digest == NULL)
		err_set(e, ERR_PERSON, "%s: this register has no policy; run gridctl verify", r->path);
	else
		o->policy = office_load(o, digest, e);
	if (o->policy == NULL) {
		office_close(o);
		return NULL;
	}
	return o;
}

/* office_open, and its quick sister. */
static struct office *open_new(const char *dir, const char *known, bool trees, struct err *e)
{
	struct reg *r = reg_open(dir, e);
	struct moment m;

	if (r == NULL)
		return NULL;
	r->trees = trees;
	if (reg_moment(r, known, &m, e) < 0) {
		reg_close(r);
		return NULL;
	}
	return office_new(r, &m, true, e);
}

struct office *office_open(const char *dir, const char *known, struct err *e)
{
	return open_new(dir, known, false, e);
}

struct office *office_open_quick(const char *dir, struct err *e)
{
	return open_new(dir, NULL, true, e);
}

struct office *office_on(struct reg *r, const struct moment *m, struct err *e)
{
	return office_new(r, m, false, e);
}

void office_close(struct office *o)
{
	struct office_cache *c;
	size_t n;

	if (o == NULL)
		return;
	c = o->cache;
	schema_tables(&n);
	for (size_t i = 0; i < n; i++) {
		office_names_free(c->names[i]);
		master_close(c->master[i]);
	}
	grid_tree_free(c->grids);
	grid_tree_free(c->few);
	for (size_t i = 0; i < c->npolicies; i++)
		policy_free(c->policy[i].policy);
	if (c->owns)
		reg_close(o->reg);
	arena_clear(&c->mem);
	free(c->master);
	free(c->names);
	free(c->policy);
	free(c);
	free(o);
}

struct master *office_master(struct office *o, const char *table, struct err *e)
{
	size_t n, i;
	const struct table *all = schema_tables(&n), *t = schema_table(span_of(table));

	i = t != NULL ? (size_t)(t - all) : 0;
	if (t == NULL || i >= n) {
		err_set(e, ERR_FAILED, "%s is not a table", table);
		return NULL;
	}
	if (o->cache->master[i] == NULL)
		o->cache->master[i] = master_open(o->reg, &o->at, table, e);
	return o->cache->master[i];
}

struct grid_tree *office_grids(struct office *o, struct err *e)
{
	struct master *m;

	if (o->cache->grids != NULL)
		return o->cache->grids;
	m = office_master(o, "grids", e);
	if (m != NULL)
		o->cache->grids = grid_tree_new(m, o->policy, "grids.csv", NULL, e);
	return o->cache->grids;
}

struct grid_tree *office_grids_of(struct office *o, struct span id, struct err *e)
{
	struct office_cache *c = o->cache;
	struct master *m;

	if (c->few != NULL && grid_tree_has(c->few, id))
		return c->few;
	if (c->grids != NULL || c->nfew >= OFFICE_FEW)
		return office_grids(o, e);
	m = office_master(o, "grids", e);
	if (m == NULL)
		return NULL;
	if (c->few == NULL)
		c->few = grid_tree_few();
	c->nfew++;
	return grid_tree_add(c->few, m, o->policy, id, e) < 0 ? NULL : c->few;
}

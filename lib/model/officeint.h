/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_OFFICEINT_H
#define GL_MODEL_OFFICEINT_H
#include "base/mem.h"
#include "model/grid.h"
#include "model/office.h"
/*
 * What the files of an office share (office, officepolicy, officewho); nobody
 * else includes this.
 */
struct office_policy {
	char digest[65];
	struct policy *policy;		/* NULL: known to exist, not loaded yet */
};
/* The names of a master table in half-width signs, made at the first miss: for names written in full-width signs and
 * for suggestions. */
struct office_names {
	struct names half;
	uint32_t *first, *next;		/* first row of a name; next row of the same name, by row */
	const char **words;		/* every id and name once */
	size_t nwords;
	unsigned suggested;		/* near names cost a pass over all words: only the first misses get one */
};
#define OFFICE_FEW 12		/* units looked up one by one before all are read */

struct office_cache {
	bool owns;			/* the register */
	struct master **master;		/* by number of schema_tables */
	struct office_names **names;	/* likewise, NULL until asked for */
	struct grid_tree *grids;
	struct grid_tree *few;		/* units asked for one by one */
	unsigned nfew;			/* how many times something was added; at most OFFICE_FEW */
	struct office_policy *policy;
	struct policy *instead;		/* office_instead */
	size_t npolicies, cap;
	bool walked;			/* every version that the journal names is in policy */
	struct arena mem;
};
/* The half-width names of a table; NULL with e. */
struct office_names *office_names(struct office *o, const char *table, struct err *e);
void office_names_free(struct office_names *x);
/* The policy with this full digest, loaded. */
struct policy *office_load(struct office *o, const char *digest, struct err *e);
#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_ROLLUPINT_H
#define GL_ENGINE_ROLLUPINT_H
/* Inside the rollup: shared by rollup.c and rolluppart.c only. */
#include "engine/rollup.h"

#define ROLLUP_INPUTS 6
#define ROLLUP_SEEN 1024
enum rollup_cut { CUT_NONE, CUT_DAY, CUT_WEEK, CUT_MONTH, CUT_QUARTER, CUT_YEAR };

/* A string's first and last bytes, which are all of it up to ROLLUP_WORD bytes: to be compared without a look at the bytes. */
#define ROLLUP_WORD 16
struct rollup_word {
	uint64_t first, last;
	size_t n;
};
struct rollup_dim {
	char *word;
	enum rollup_cut cut;
	size_t id, name;		/* numbers of needed columns; name SIZE_MAX: none */
	const char *name_column;
};
struct rollup {
	struct arena mem;
	struct rollup_dim dim[ROLLUP_DIMS_MAX];
	size_t ndims;
	char *need[2 * ROLLUP_DIMS_MAX + ROLLUP_INPUTS];
	size_t nneeds, optional;
	size_t input[ROLLUP_INPUTS];
	unsigned missing;		/* bit set over rollup_figure */
	struct names major, keys;
	struct buf text;		/* the key under construction */
	struct rollup_group *group;	/* by key number */
	size_t groups_cap;
	struct rollup_word (*word)[ROLLUP_DIMS_MAX];	/* of each group's ids */
	size_t words_cap;
	struct rollup_group *sorted;
	uint32_t seen[ROLLUP_SEEN];	/* 1 + number of the group last met, by bytes of its ids */
};
/* The group with these ids, made when it is new. */
struct rollup_group *rollup_at(struct rollup *r, const struct span *id, const struct span *name);

#endif

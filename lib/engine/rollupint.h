/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_ROLLUPINT_H
#define GL_ENGINE_ROLLUPINT_H
/* Inside the rollup: shared by rollup.c, rolluppart.c and limitroll.c only. */
#include "engine/rollup.h"

#define ROLLUP_INPUTS 10
#define ROLLUP_USUAL 6		/* so many are for the usual figures, the others for counts */
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
	size_t input[ROLLUP_INPUTS], ninputs;
	bool counts, limits;
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

/*
 * What parts of any kind have: the columns of struct rollup_part, the dimensions, their names, then what is summed up.
 */
#define ROLLUP_SUMS_MAX 16
#define ROLLUP_PART_COLUMNS (ROLLUP_PART_FIRST_DIM + 2 * ROLLUP_DIMS_MAX + ROLLUP_SUMS_MAX)
struct rollup_room {
	char name[ROLLUP_DIMS_MAX][80];
};
/* How many columns stand before the sums. */
size_t rollup_part_width(const struct rollup *r);
/* The header up to the sums; how many columns. */
size_t rollup_part_header(const struct rollup *r, struct span *out, struct rollup_room *room);
/* The same of a row. */
size_t rollup_part_ids(const struct rollup *r, const struct rollup_part *p, const struct rollup_group *g, struct span *out);
/* A rollup of the shape that a header has, whose sums begin with the column `first`; *sums: where they do. */
struct rollup *rollup_part_shape(const struct span *header, size_t n, const char *first, size_t *sums, struct err *e);
/* The group of a row. */
struct rollup_group *rollup_part_place(struct rollup *r, const struct span *f);
/* -1 with e when a row has not as many fields as a part of this shape with so many sums. */
int rollup_part_fits(const struct rollup *r, size_t nsums, size_t n, struct err *e);

#endif

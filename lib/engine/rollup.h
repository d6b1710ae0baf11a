/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_ROLLUP_H
#define GL_ENGINE_ROLLUP_H
#include <stdbool.h>
#include "base/err.h"
#include "base/mem.h"
#include "model/figures.h"
/*
 * Rollups: rows of the current-state ledger (from the register or from a CSV
 * of it) to figures by group.  Pure: values in, figures out.  The unit is the
 * round: a row whose `round` is n stands for n - 1 earlier rounds, each found,
 * rectified and closed, and the current one.  Void rounds are counted apart
 * and stand in no other figure.
 */
#define ROLLUP_DIMS_MAX 8

struct rollup_spec {
	const char *by;			/* comma list of dimensions, or "" for one total */
	const char *const *levels;	/* ids of the place's levels; dimension `township` reads township_grid, township_name */
	size_t nlevels;			/* 0: any word that is no other dimension is taken for a level */
	const char *const *major;	/* severities that count as major */
	size_t nmajor;
	bool counts;			/* handovers, returns, raised and climbed too */
	bool limits;			/* for limitroll: no figures, but the columns organ, limit and clock to group by */
};
struct rollup;

/* -1/NULL with e (ERR_USAGE, nearest dimension) for an unknown dimension. */
struct rollup *rollup_new(const struct rollup_spec *spec, struct err *e);
void rollup_free(struct rollup *r);
/* Forget all that was counted. */
void rollup_reset(struct rollup *r);
/* An empty one of the same shape, for another thread. */
struct rollup *rollup_like(const struct rollup *r);
/* The columns a row brings, in order; those from `optional` on may be missing from the source: say so with
 * rollup_without before the first row, and the figures that rest on them are shown as not reported, never as 0.  The same of
 * a column that is there for a dimension, or of one that is not read, says that no such figure is asked for. */
const char *const *rollup_needs(const struct rollup *r, size_t *n, size_t *optional);
void rollup_without(struct rollup *r, size_t need);
enum rollup_figure {
	ROLLUP_FOUND, ROLLUP_RECTIFIED, ROLLUP_CLOSED, ROLLUP_OPEN, ROLLUP_OVERDUE, ROLLUP_MAJOR, ROLLUP_FOLLOWED,
	ROLLUP_TERMINATED, ROLLUP_VOID, ROLLUP_DAYS, ROLLUP_HANDOVERS, ROLLUP_RETURNS, ROLLUP_RAISED, ROLLUP_CLIMBED, ROLLUP_NFIGURES
};
bool rollup_has(const struct rollup *r, enum rollup_figure f);
size_t rollup_dims(const struct rollup *r);
const char *rollup_dim(const struct rollup *r, size_t i);	/* "township" */
bool rollup_dim_named(const struct rollup *r, size_t i);	/* has a name beside its id */
/* Count one row; v in the order of rollup_needs. */
void rollup_add(struct rollup *r, const struct span *v);
/* The number of a row's group, counted from 0 as they are met, without counting the row. */
size_t rollup_place(struct rollup *r, const struct span *v);
/* Add another of the same shape. */
void rollup_join(struct rollup *to, const struct rollup *from);

struct rollup_group {
	struct span id[ROLLUP_DIMS_MAX], name[ROLLUP_DIMS_MAX];
	struct figures sum;
	size_t number;			/* as rollup_place has it */
};
/* Groups sorted by id, byte order; they live as long as the rollup and until the next add or join. */
const struct rollup_group *rollup_groups(struct rollup *r, size_t *n);
void rollup_total(const struct rollup *r, struct figures *sum);

/*
 * Parts, for --partial and --merge: CSV of sums.  Columns: what they are (struct rollup_part), the dimensions,
 * their names, then the sums.  rollup_part_open reads a header and gives a rollup of that shape; rollup_part_row adds a row.
 */
struct rollup_part {
	struct span office, head, basis, decimals, target;
};
void rollup_part_write(struct rollup *r, const struct rollup_part *p, struct buf *out);
struct rollup *rollup_part_open(const struct span *header, size_t n, struct err *e);
/* -1 with e (without file or line) when the row is not of this shape. */
int rollup_part_row(struct rollup *r, const struct span *f, size_t n, struct err *e);
enum { ROLLUP_PART_OFFICE, ROLLUP_PART_HEAD, ROLLUP_PART_BASIS, ROLLUP_PART_DECIMALS, ROLLUP_PART_TARGET, ROLLUP_PART_FIRST_DIM };

#endif

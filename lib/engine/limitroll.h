/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_LIMITROLL_H
#define GL_ENGINE_LIMITROLL_H
#include "engine/histogram.h"
#include "engine/rollup.h"
#include "model/limitruns.h"
/*
 * Limits by group: how many began, what became of them, and how long they took that were met.  Groups are those of a
 * rollup with the dimensions limit (its id) and clock (wall, hours or days: what it counts) behind those asked for; a
 * limit whose terms differ in kind from rule to rule so has a row for each.
 */
struct limit_sum {
	uint64_t n[LIMIT_NOUTCOMES];	/* they add up to those that began */
	struct histogram times;		/* seconds taken, of those that were met */
};
struct limitroll {
	struct rollup *rollup;		/* for its columns, dimensions and groups */
	struct limit_sum *sum;		/* by the number of the group */
	size_t n, cap;
	size_t organ, limit, clock;	/* where these stand among rollup_needs; organ SIZE_MAX: not asked for */
};
/* spec: as for rollup_new; `limits` is set here.  NULL with e. */
struct limitroll *limitroll_new(const struct rollup_spec *spec, struct err *e);
struct limitroll *limitroll_like(const struct limitroll *l);
void limitroll_free(struct limitroll *l);
/* A run of a hazard; v: in the order of rollup_needs; organ, limit and clock are filled in here. */
void limitroll_add(struct limitroll *l, struct span *v, const struct limit_run *run);
void limitroll_join(struct limitroll *to, const struct limitroll *from);
static inline struct limit_sum *limitroll_sum(struct limitroll *l, const struct rollup_group *g) { return &l->sum[g->number]; }
uint64_t limit_sum_begun(const struct limit_sum *s);
/* The same by limit and clock alone, to be freed. */
struct limitroll *limitroll_totals(struct limitroll *l);

/* Parts, as those of a rollup: the sums are begun, met, late, running, overdue, lapsed and times (a histogram, in seconds). */
void limitroll_part_write(struct limitroll *l, const struct rollup_part *p, struct buf *out);
/* Is it the header of such a part? */
bool limitroll_is_part(const struct span *header, size_t n);
struct limitroll *limitroll_part_open(const struct span *header, size_t n, struct err *e);
int limitroll_part_row(struct limitroll *l, const struct span *f, size_t n, struct err *e);

#endif

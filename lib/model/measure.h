/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_MEASURE_H
#define GL_MODEL_MEASURE_H
#include "base/mem.h"
#include "model/office.h"
/*
 * The measures of a hazard: which of them count, which are done.
 */
struct measure {
	const struct span *f;		/* columns of measures.csv */
	int64_t at;
	size_t by;			/* the measure that replaces it, by its number; MEASURE_COUNTS: none does */
	int64_t done;			/* when a file of the phase after was first shown for it; TIME_NONE: not yet */
};
#define MEASURE_COUNTS SIZE_MAX
struct measures {			/* in append order; zero-initialised is none */
	struct measure *v;
	size_t n, cap;
	struct arena mem;
};
/* Those of a hazard as recorded up to as_of (INT64_MAX: all). */
int measures_read(struct measures *m, struct office *o, struct span hazard, int64_t as_of, struct err *e);
void measures_clear(struct measures *m);
/* One more; f is copied. */
void measures_add(struct measures *m, const struct office *o, const struct span *f);
/* The one of that id, NULL none. */
const struct measure *measures_find(const struct measures *m, struct span id);
static inline bool measure_counts(const struct measure *x) { return x->by == MEASURE_COUNTS; }
/* Column of measures.csv by name, and the id of one. */
struct span measure_value(const struct measure *x, const char *column);
struct span measure_id(const struct measure *x);

#endif

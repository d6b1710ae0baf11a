/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_CLOCK_H
#define GL_MODEL_CLOCK_H
#include "base/buf.h"
#include "base/err.h"
#include "policy/term.h"
/*
 * Due times by arithmetic that can be shown.  m and h count wall time to the
 * second; d ends at 24:00 of the n-th day after the start day (written 00:00 of the next); held
 * spans do not count.  Working time (wh, wd) needs a calendar and is an error until one is given.
 */
struct clock_hold {
	int64_t from, to;	/* to TIME_NONE: still held */
	struct span reason;
};
struct clock_span {
	int64_t from, to;
	bool counted;
	struct span why;	/* the hold's reason, or empty */
};
struct clock_trace {	/* for --explain; the counted spans add up to the limit */
	struct clock_span *v;
	size_t n, cap;
};
struct calendar;		/* the next issue's; NULL here */

/*
 * start + term, with the holds (sorted, not overlapping) left out.  While a hold is open at `now`
 * the due time moves with now (*held is set).  trace may be NULL.
 */
int clock_due(int64_t start, struct term term, const struct clock_hold *holds, size_t n, int64_t now, int offset,
    const struct calendar *cal, int64_t *due, bool *held, struct clock_trace *trace, struct err *e);
/* The same for a limit in seconds; with days and month ends a hold moves the due time by its length, to the second. */
int64_t clock_run(int64_t start, int64_t seconds, const struct clock_hold *holds, size_t n, int64_t now, bool *held,
    struct clock_trace *trace);
/* A rung's time: before or after due, or a share of [start, due] left. */
int clock_rung(int64_t start, int64_t due, const struct rung_at *at, int offset, const struct calendar *cal, int64_t *out, struct err *e);
/* t plus a term in plain wall time (repeats of a rung). */
int clock_add(int64_t t, struct term term, int offset, const struct calendar *cal, int64_t *out, struct err *e);

#endif

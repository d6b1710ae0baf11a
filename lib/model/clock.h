/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_CLOCK_H
#define GL_MODEL_CLOCK_H
#include "base/buf.h"
#include "base/err.h"
#include "policy/calendar.h"
#include "policy/term.h"
/*
 * Due times by arithmetic that can be shown.  m and h count wall time to the
 * second; d ends at 24:00 of the n-th day after the start day (written 00:00 of the next); wh counts working
 * hours to the second; wd ends at 24:00 of the n-th working day after the start day.  Held spans do not count; of a hold
 * over a weekend a clock of working time loses nothing.
 *
 * `work` says whose working time it is; its kind is set here by the unit, but for the shares of clock_rung.  NULL, or one without a
 * calendar: wh and wd are errors.  -1 with e too when the calendar does not cover the time asked for.
 */
struct clock_hold {
	int64_t from, to;	/* to TIME_NONE: still held */
	struct span reason;
};
struct clock_span {
	int64_t from, to;
	bool counted;
	struct span why;	/* the hold's reason, worktime_gap, worktime_note, or empty */
};
struct clock_trace {	/* for --explain; the counted spans add up to the limit */
	struct clock_span *v;
	size_t n, cap;
};
struct worktime;

/* The kind of time that a limit is counted in. */
enum calendar_kind clock_kind(struct term limit);
/*
 * start + term, with the holds (sorted, not overlapping) left out.  While a hold is open at `now`
 * the due time moves with now (*held is set).  trace may be NULL.
 */
int clock_due(int64_t start, struct term term, const struct clock_hold *holds, size_t n, int64_t now, int offset,
    const struct worktime *work, int64_t *due, bool *held, struct clock_trace *trace, struct err *e);
/* The same from a due time on: one at midnight is the end of the day before it (24:00), and that is the day which days, working
 * days and months count from. */
int clock_after_due(int64_t start, struct term term, const struct clock_hold *holds, size_t n, int64_t now, int offset,
    const struct worktime *work, int64_t *due, bool *held, struct clock_trace *trace, struct err *e);
/* The same for a limit in seconds of wall time; with days and month ends a hold moves the due time by its length, to the second. */
int64_t clock_run(int64_t start, int64_t seconds, const struct clock_hold *holds, size_t n, int64_t now, bool *held,
    struct clock_trace *trace);
/* Add to the trace (NULL: nothing) what a clock that nobody holds does between two moments; w NULL: it runs. */
void clock_walk(const struct worktime *w, int64_t from, int64_t to, struct clock_trace *trace);
/* A rung's time: before or after due, or a share of [start, due] left.  Of counted time when the kind of `work` says that the limit
 * was (CALENDAR_HOURS or CALENDAR_DAYS), else of wall time. */
int clock_rung(int64_t start, int64_t due, const struct rung_at *at, int offset, const struct worktime *work, int64_t *out,
    struct err *e);
/* t plus a term, which may be negative, to the second (rungs, repeats of a rung): 3d are 72 hours, 1wd the hours of one working
 * day, that is to the same time of the next one.  Month end is that of t's month. */
int clock_add(int64_t t, struct term term, int offset, const struct worktime *work, int64_t *out, struct err *e);

#endif

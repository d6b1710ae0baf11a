/* SPDX-License-Identifier: MIT */
#ifndef GL_POLICY_TERM_H
#define GL_POLICY_TERM_H
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
/*
 * Terms: lengths of time with a unit, and points relative to a due time.  The
 * unit decides the clock: m h are wall time to the minute, d ends at 24:00 of
 * that day after the start, wh wd count working time by the calendar, month is "by month end".
 */
enum term_unit { TERM_MINUTE, TERM_HOUR, TERM_DAY, TERM_WORK_HOUR, TERM_WORK_DAY, TERM_MONTH_END };
struct term {
	int64_t n;	/* may be negative in a point */
	enum term_unit unit;
};
/* 10m 4h 3d 4wh 5wd, or "month end"; n from 0 to 100000. */
int term_parse(struct span s, struct term *out, struct err *e);
void term_write(struct buf *out, struct term t);

/* When a rung falls: `due`, `due-50%` (that share of the time still left), `due-2h`, `due+5wd`. */
struct rung_at {
	bool share;		/* then n of `off` is the percentage left, 0 to 100 */
	struct term off;	/* before (negative) or after the due time */
};
int rung_at_parse(struct span s, struct rung_at *out, struct err *e);
void rung_at_write(struct buf *out, const struct rung_at *a);

#endif

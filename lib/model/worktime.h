/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_WORKTIME_H
#define GL_MODEL_WORKTIME_H
#include "policy/calendar.h"
/*
 * Working-time arithmetic: seconds that count (working hours, whole working
 * days, sending hours) laid on the wall clock.  Costs the same over a minute and over a year (calendar_before).
 * A moment at which a span ends is closed, one at which it begins is open: [from, to).  A span ends at midnight at the
 * latest; one that goes on then meets the next, and no second is lost.  Times as in base/time.h.  Every function gives -1
 * with e when it would have to know a day that the calendar does not cover.
 */
struct worktime {
	const struct calendar *calendar;
	enum calendar_kind kind;
	const char *organ;		/* whose hours (calendar_whose); "" everybody's */
	int offset;			/* of the register */
};
/* The open span that holds t or, failing that, the next one after it; -1 with e when the calendar ends before one is found. */
int worktime_next(const struct worktime *w, int64_t t, int64_t *from, int64_t *to, struct err *e);
/* The last open span that begins before t. */
int worktime_last(const struct worktime *w, int64_t t, int64_t *from, int64_t *to, struct err *e);
/* The earliest moment at which `seconds` have been counted since t (0: t itself when open, else the next opening);
 * negative: the latest moment from which that many remain until t. */
int worktime_add(const struct worktime *w, int64_t t, int64_t seconds, int64_t *out, struct err *e);
/* Counted seconds from a to b; negative when b is before a. */
int worktime_between(const struct worktime *w, int64_t a, int64_t b, int64_t *seconds, struct err *e);
/* Is t open?  1, 0, -1. */
int worktime_open(const struct worktime *w, int64_t t, struct err *e);
/* Why nothing counts in a gap between two open spans ("weekend", "holiday", "weekend, holiday", "off hours"), for people. */
const char *worktime_gap(const struct worktime *w, int64_t from, int64_t to);
/* Why a moment counts that one would not expect to, or not that way: "make-up day", "half day", or "". */
const char *worktime_note(const struct worktime *w, int64_t t);

#endif

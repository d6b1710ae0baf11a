/* SPDX-License-Identifier: MIT */
#ifndef GL_POLICY_CALENDAR_H
#define GL_POLICY_CALENDAR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
/*
 * calendar.yaml: which days and hours are worked, and when messages may be
 * sent.  Weeks, holidays and make-up working days (domain.md 9), half days with
 * hours of their own, organs that keep other hours.  Years that are not listed
 * are not covered: asking for a day in one is an error that names the file and
 * the year to add, never a guess.  A day stands under the year it falls in,
 * whichever year's notice set it.
 */
struct calendar_span {		/* minutes since 00:00, from < to <= 1440 */
	int from, to;
};
struct calendar_hours {		/* spans of one day, in order, not touching */
	struct calendar_span *v;
	size_t n;
};
enum calendar_kind {
	CALENDAR_HOURS,		/* working hours of working days: wh */
	CALENDAR_DAYS,		/* 00:00 to 24:00 of working days: wd */
	CALENDAR_SENDING,	/* when messages may be sent; every hour where none are given */
	CALENDAR_WALL		/* every hour of every day */
};
struct calendar;		/* lives in the policy's arena; never changes once loaded */

/*
 * In what follows, organ is a key under `organs`, as calendar_whose gives it; one that stands not there, "" or NULL: everybody's.
 *
 * The spans of a day (0 of them: an off-day).  -1 with e (`calendar.yaml: 2027 is not covered; add it under years (gridctl put
 * policy)`): not covered; or CALENDAR_HOURS where none are given.
 */
int calendar_day(const struct calendar *c, enum calendar_kind kind, const char *organ, int32_t day,
    const struct calendar_hours **out, struct err *e);
/*
 * Seconds of that kind from the first day covered up to 00:00 of a day (the one after the last covered is allowed), from a
 * table made at the first question, by one thread; -1 with e when it is not covered.
 */
int calendar_before(const struct calendar *c, enum calendar_kind kind, const char *organ, int32_t day, int64_t *seconds,
    struct err *e);
/* The first and the last day covered. */
void calendar_covers(const struct calendar *c, int32_t *first, int32_t *last);
/* What a day is: "holiday", "workday" (make-up), "half", "weekend" (off by the week), "working"; "" when it is not covered. */
const char *calendar_says(const struct calendar *c, const char *organ, int32_t day);
/* Has any organ hours of its own?  When not, nobody need look up an organ's kind. */
bool calendar_has_organs(const struct calendar *c);
/* The key whose hours an organ keeps: its id, else its kind, else "". */
const char *calendar_whose(const struct calendar *c, struct span organ, struct span kind);
/* What the hours of that key stand on (`basis`), or "". */
const char *calendar_basis(const struct calendar *c, const char *organ);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_POLICY_CALENDARINT_H
#define GL_POLICY_CALENDARINT_H
#include "base/mem.h"
#include "policy/calendar.h"
/*
 * A calendar on its way from YAML (load_calendar.c) to tables by day
 * (calendar.c); nobody else includes this.
 */
enum calendar_mark { MARK_NONE, MARK_HOLIDAY, MARK_WORKDAY };
struct calendar_half {		/* a day with hours of its own */
	int32_t day;
	struct calendar_hours *hours;
};
struct calendar_plan {		/* how one organ works */
	unsigned week;			/* bit 1 Monday … bit 7 Sunday */
	struct calendar_hours *by[8];	/* hours by day of the week; NULL: none of its own */
	bool has_hours, holidays, sending_worked;
	struct calendar_hours *sending;	/* NULL: any time */
	const struct calendar_half *half[2];	/* everybody's where they hold, then its own */
	size_t nhalves[2];
};

enum day_kind { DAY_WEEKEND, DAY_WORKING, DAY_HOLIDAY, DAY_WORKDAY, DAY_HALF };	/* as calendar_says has them */
struct calendar_organ {
	const char *organ, *basis;
	const struct calendar_plan *plan;	/* what the rest is made of, when first asked for: many a program asks for no day */
	bool laid_out;
	bool has_hours, sending_worked;
	struct calendar_hours *sending;		/* NULL: any time */
	const struct calendar_hours **hours;	/* by day since the first */
	uint8_t *kind;				/* the same: enum day_kind */
	int32_t *minutes, *worked;		/* before the day: working minutes, working days; one more than there are days */
};
struct calendar {
	struct arena *mem;		/* of the policy */
	const char *file;		/* as errors name it */
	bool committed;			/* mended by gridctl put policy */
	int32_t first, last;
	const uint8_t *mark;		/* by day since the first: enum calendar_mark */
	struct calendar_organ *v;	/* the first is everybody's */
	size_t n;
};
/* What a plan makes of a day, half days left out. */
enum day_kind calendar_kind_of(const struct calendar *c, const struct calendar_plan *p, int32_t day);
static inline bool day_is_worked(enum day_kind k) { return k == DAY_WORKING || k == DAY_WORKDAY || k == DAY_HALF; }

#endif

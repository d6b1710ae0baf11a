/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_CALENDARNEED_H
#define GL_ENGINE_CALENDARNEED_H
#include "model/office.h"
/*
 * What a calendar is needed for: the working time that the rules of open hazards count, whatever version they are pinned to,
 * and the years left of it.
 */
#define CALENDAR_SOON 60	/* days left of those covered, from which on it is said */

/* Does any version of the policy count working time, or send on working days only?  1, 0, -1 e. */
int calendar_is_needed(struct office *o, struct err *e);
/* Days covered behind that of now; a negative number: it ended so many ago.  INT32_MAX: there is no calendar, or none is needed. */
int calendar_left(struct office *o, int64_t now, int32_t *left, struct err *e);
/* "calendar.yaml ends on 2026-12-31, in 39 days; …" when it ends soon, else nothing; appended to out. */
int calendar_ends_soon(struct office *o, int64_t now, struct buf *out, struct err *e);

struct calendar_needs {
	size_t hazards;			/* open ones whose times cannot be reckoned by the calendar */
	char first[64];			/* the first of them … */
	struct err why;			/* … and why */
};
/* By the calendar of the policy in force or, with instead, by c (NULL: by none).  -1 e: they could not be looked at. */
int calendar_needs(struct office *o, bool instead, struct calendar *c, int64_t now, struct calendar_needs *out, struct err *e);
/* ERR_DATA with e, which names dir/calendar.yaml, how many hazards and the first. */
int calendar_complain(const struct calendar_needs *needs, const char *dir, struct err *e);
/* May the next policy be put?  -1 with e: its calendar lacks years or hours that the one in force has and open hazards need. */
int calendar_put(struct office *o, struct policy *next, const char *dir, int64_t now, struct err *e);

#endif

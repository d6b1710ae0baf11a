/* SPDX-License-Identifier: MIT */
#include "model/worktime.h"

#include <stdbool.h>
#include <string.h>

#include "base/time.h"

#define MINUTE 60

/* Counted seconds from the first day covered up to t. */
static int count_to(const struct worktime *w, int64_t t, int64_t *count, struct err *e)
{
	const struct calendar_hours *h;
	int32_t day = time_day(t, w->offset);
	int64_t rest = t - time_of_day(day, w->offset);

	if (calendar_before(w->calendar, w->kind, w->organ, day, count, e) < 0)
		return -1;
	if (rest == 0)		/* the end of the last day covered, perhaps */
		return 0;
	if (calendar_day(w->calendar, w->kind, w->organ, day, &h, e) < 0)
		return -1;
	for (size_t i = 0; i < h->n && h->v[i].from * MINUTE < rest; i++)
		*count += (h->v[i].to * MINUTE < rest ? h->v[i].to * MINUTE : rest) - h->v[i].from * MINUTE;
	return 0;
}

int worktime_next(const struct worktime *w, int64_t t, int64_t *from, int64_t *to, struct err *e)
{
	const struct calendar_hours *h;

	for (int32_t day = time_day(t, w->offset);; day++) {
		int64_t start = time_of_day(day, w->offset);

		if (calendar_day(w->calendar, w->kind, w->organ, day, &h, e) < 0)
			return -1;
		for (size_t i = 0; i < h->n; i++)
			if (start + h->v[i].to * MINUTE > t) {
				*from = start + h->v[i].from * MINUTE;
				*to = start + h->v[i].to * MINUTE;
				return 0;
			}
	}
}

int worktime_last(const struct worktime *w, int64_t t, int64_t *from, int64_t *to, struct err *e)
{
	const struct calendar_hours *h;

	for (int32_t day = time_day(t - 1, w->offset);; day--) {
		int64_t start = time_of_day(day, w->offset);

		if (calendar_day(w->calendar, w->kind, w->organ, day, &h, e) < 0)
			return -1;
		for (size_t i = h->n; i-- > 0;)
			if (start + h->v[i].from * MINUTE < t) {
				*from = start + h->v[i].from * MINUTE;
				*to = start + h->v[i].to * MINUTE;
				return 0;
			}
	}
}

/* Has a day's end counted as many as asked: reached, or (past) more? */
static int counts(const struct worktime *w, int32_t day, int64_t target, bool past, bool *yes, struct err *e)
{
	int64_t count;

	if (calendar_before(w->calendar, w->kind, w->organ, day + 1, &count, e) < 0)
		return -1;
	*yes = past ? count > target : count >= target;
	return 0;
}

/* The first day from low to high at whose end the target is reached (past: passed); high is such a day. */
static int find_day(const struct worktime *w, int64_t target, bool past, int32_t low, int32_t high, int32_t *day, struct err *e)
{
	bool yes;

	while (low < high) {
		int32_t middle = low + (high - low) / 2;

		if (counts(w, middle, target, past, &yes, e) < 0)
			return -1;
		if (yes)
			high = middle;
		else
			low = middle + 1;
	}
	*day = low;
	return 0;
}

/* The moment of a day at which the target is reached, or (past) from which on it is passed. */
static int find_moment(const struct worktime *w, int32_t day, int64_t target, bool past, int64_t *out, struct err *e)
{
	const struct calendar_hours *h;
	int64_t rest;

	if (calendar_day(w->calendar, w->kind, w->organ, day, &h, e) < 0 ||
	    calendar_before(w->calendar, w->kind, w->organ, day, &rest, e) < 0)
		return -1;
	rest = target - rest;
	for (size_t i = 0; i < h->n; i++) {
		int64_t length = (h->v[i].to - h->v[i].from) * MINUTE;

		if (past ? rest < length : rest <= length) {
			*out = time_of_day(day, w->offset) + h->v[i].from * MINUTE + rest;
			return 0;
		}
		rest -= length;
	}
	return err_set(e, ERR_FAILED, "the calendar's table does not fit its days");	/* cannot be */
}

int worktime_add(const struct worktime *w, int64_t t, int64_t seconds, int64_t *out, struct err *e)
{
	const struct calendar_hours *h;
	int32_t first, last, low = time_day(t, w->offset), day;
	int64_t target, to;
	bool past = seconds < 0, yes;

	if (seconds == 0) {
		if (worktime_next(w, t, out, &to, e) < 0)
			return -1;
		*out = *out > t ? *out : t;
		return 0;
	}
	if (count_to(w, t, &target, e) < 0)
		return -1;
	target += seconds;
	calendar_covers(w->calendar, &first, &last);
	if (target < 0)			/* asks for a day before the first, to say which year that is in */
		return calendar_day(w->calendar, w->kind, w->organ, first - 1, &h, e);
	if (counts(w, last, target, past, &yes, e) < 0)
		return -1;
	if (!yes)
		return calendar_day(w->calendar, w->kind, w->organ, last + 1, &h, e);
	return find_day(w, target, past, past ? first : low, past && low < last ? low : last, &day, e) < 0 ||
	    find_moment(w, day, target, past, out, e) < 0 ? -1 : 0;
}

int worktime_between(const struct worktime *w, int64_t a, int64_t b, int64_t *seconds, struct err *e)
{
	int64_t before;

	if (count_to(w, a, &before, e) < 0 || count_to(w, b, seconds, e) < 0)
		return -1;
	*seconds -= before;
	return 0;
}

int worktime_open(const struct worktime *w, int64_t t, struct err *e)
{
	const struct calendar_hours *h;
	int32_t day = time_day(t, w->offset);
	int64_t minute = (t - time_of_day(day, w->offset)) / MINUTE;

	if (calendar_day(w->calendar, w->kind, w->organ, day, &h, e) < 0)
		return -1;
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].from <= minute && minute < h->v[i].to)
			return 1;
	return 0;
}

const char *worktime_gap(const struct worktime *w, int64_t from, int64_t to)
{
	bool weekend = false, holiday = false;

	for (int32_t day = time_day(from, w->offset); time_of_day(day, w->offset) < to; day++) {
		const char *said = calendar_says(w->calendar, w->organ, day);

		weekend |= strcmp(said, "weekend") == 0;
		holiday |= strcmp(said, "holiday") == 0;
		if (*said == '\0')
			break;
	}
	return weekend && holiday ? "weekend, holiday" : weekend ? "weekend" : holiday ? "holiday" : "off hours";
}

const char *worktime_note(const struct worktime *w, int64_t t)
{
	const char *said = calendar_says(w->calendar, w->organ, time_day(t, w->offset));

	if (w->kind == CALENDAR_HOURS && strcmp(said, "half") == 0)
		return "half day";
	return w->kind != CALENDAR_SENDING && strcmp(said, "workday") == 0 ? "make-up day" : "";
}

/* SPDX-License-Identifier: MIT */
#include "model/clock.h"

#include "base/mem.h"
#include "base/time.h"
#include "model/worktime.h"

#define MINUTE 60
#define HOUR 3600

/* The message for a term that needs a calendar. */
static int no_calendar(struct term term, struct err *e)
{
	struct buf b = BUF_INIT;

	term_write(&b, term);
	err_set(e, ERR_DATA, "%s counts working time, and the policy has no calendar.yaml; add one, or write m, h or d", b.p);
	buf_clear(&b);
	return -1;
}

enum calendar_kind clock_kind(struct term limit)
{
	return limit.unit == TERM_WORK_HOUR ? CALENDAR_HOURS : limit.unit == TERM_WORK_DAY ? CALENDAR_DAYS : CALENDAR_WALL;
}

/* The clock that a unit of working time counts by. */
static int counting(struct term term, const struct worktime *work, struct worktime *w, struct err *e)
{
	if (work == NULL || work->calendar == NULL)
		return no_calendar(term, e);
	*w = *work;
	w->kind = clock_kind(term);
	return 0;
}

/* 24:00 of the last day of t's month. */
static int64_t month_end(int64_t t, int offset)
{
	int32_t day = time_day(t, offset);
	int y, m, d;

	date_civil(day, &y, &m, &d);
	return time_of_day(day + date_month_days(y, m) - d + 1, offset);
}

/* The seconds a limit gives when nothing stops the clock, counted by w when it is set: days run to their end.  day: a moment of
 * the day that is the first one. */
static int limit_seconds(int64_t start, int64_t day, struct term term, int offset, const struct worktime *w, int64_t *out,
    struct err *e)
{
	int64_t end;

	if (term.unit == TERM_WORK_HOUR) {
		*out = term.n * HOUR;
		return 0;
	}
	if (term.unit == TERM_WORK_DAY) {
		if (worktime_between(w, start, time_of_day(time_day(day, offset) + 1, offset), out, e) < 0)
			return -1;
		*out += term.n * TIME_DAY;
		return 0;
	}
	if (term.unit == TERM_DAY)
		end = time_of_day(time_day(day, offset) + (int32_t)term.n + 1, offset);
	else if (clock_add(term.unit == TERM_MONTH_END ? day : start, term, offset, NULL, &end, e) < 0)
		return -1;
	*out = end - start;
	return 0;
}

/* Note a span; empty ones are left out, counted ones that go on for the same reason are one. */
static void note(struct clock_trace *trace, int64_t from, int64_t to, bool counted, struct span why)
{
	struct clock_span *last = trace->n > 0 ? &trace->v[trace->n - 1] : NULL;

	if (to <= from)
		return;
	if (last != NULL && counted && last->counted && last->to == from && span_eq(last->why, why)) {
		last->to = to;
		return;
	}
	MEM_GROW(trace->v, trace->cap, trace->n + 1);
	trace->v[trace->n++] = (struct clock_span){ from, to, counted, why };
}

void clock_walk(const struct worktime *w, int64_t from, int64_t to, struct clock_trace *trace)
{
	struct err ignored = ERR_INIT;
	int64_t a, b;

	if (trace == NULL)
		return;
	if (w == NULL) {
		note(trace, from, to, true, SPAN(""));
		return;
	}
	for (int64_t t = from; t < to; t = b) {
		if (worktime_next(w, t, &a, &b, &ignored) < 0 || a > to)	/* a hold may begin where nothing is covered or open any more */
			a = b = to;
		b = b < to ? b : to;
		if (a > t)
			note(trace, t, a, false, span_of(worktime_gap(w, t, a)));
		note(trace, a > t ? a : t, b, true, span_of(worktime_note(w, a)));
	}
}

/* When a limit of seconds, counted by w (NULL: all count), is used up after t. */
static int use_up(const struct worktime *w, int64_t t, int64_t seconds, int64_t *end, struct err *e)
{
	*end = t + seconds;
	return w == NULL ? 0 : worktime_add(w, t, seconds, end, e);
}

/* clock_run, by w. */
static int run(const struct worktime *w, int64_t start, int64_t seconds, const struct clock_hold *holds, size_t n, int64_t now,
    bool *held, struct clock_trace *trace, int64_t *due, struct err *e)
{
	int64_t t = start, left = seconds, used;

	*held = false;
	if (use_up(w, t, left, due, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		bool open = holds[i].to == TIME_NONE;
		int64_t from = holds[i].from > t ? holds[i].from : t;
		int64_t to = !open ? holds[i].to : now > from ? now : from;

		if (*due <= from && !(open && *due == from))
			break;
		if (to < from)
			continue;
		used = from - t;
		if (w != NULL && worktime_between(w, t, from, &used, e) < 0)
			return -1;
		clock_walk(w, t, from, trace);
		if (trace != NULL)
			note(trace, from, to, false, holds[i].reason);
		left -= used;
		t = to;
		*held |= open;
		if (use_up(w, t, left, due, e) < 0)
			return -1;
	}
	clock_walk(w, t, *due, trace);
	return 0;
}

int64_t clock_run(int64_t start, int64_t seconds, const struct clock_hold *holds, size_t n, int64_t now, bool *held,
    struct clock_trace *trace)
{
	struct err none = ERR_INIT;
	int64_t due = start;

	run(NULL, start, seconds, holds, n, now, held, trace, &due, &none);	/* wall time has no errors */
	return due;
}

/* clock_due, with a moment of the day that is the first one. */
static int due_from(int64_t start, int64_t day, struct term term, const struct clock_hold *holds, size_t n, int64_t now, int offset,
    const struct worktime *work, int64_t *due, bool *held, struct clock_trace *trace, struct err *e)
{
	struct worktime w;
	bool counted = clock_kind(term) != CALENDAR_WALL;
	int64_t seconds = 0;

	if ((counted && counting(term, work, &w, e) < 0)
	    || limit_seconds(start, day, term, offset, counted ? &w : NULL, &seconds, e) < 0)
		return -1;
	return run(counted ? &w : NULL, start, seconds, holds, n, now, held, trace, due, e);
}

int clock_due(int64_t start, struct term term, const struct clock_hold *holds, size_t n, int64_t now, int offset,
    const struct worktime *work, int64_t *due, bool *held, struct clock_trace *trace, struct err *e)
{
	return due_from(start, start, term, holds, n, now, offset, work, due, held, trace, e);
}

int clock_after_due(int64_t start, struct term term, const struct clock_hold *holds, size_t n, int64_t now, int offset,
    const struct worktime *work, int64_t *due, bool *held, struct clock_trace *trace, struct err *e)
{
	return due_from(start, start - 1, term, holds, n, now, offset, work, due, held, trace, e);
}

int clock_rung(int64_t start, int64_t due, const struct rung_at *at, int offset, const struct worktime *work, int64_t *out,
    struct err *e)
{
	bool counted = work != NULL && work->calendar != NULL && (work->kind == CALENDAR_HOURS || work->kind == CALENDAR_DAYS);
	int64_t seconds = due - start;

	if (!at->share)
		return clock_add(due, at->off, offset, work, out, e);
	if (counted && worktime_between(work, start, due, &seconds, e) < 0)
		return -1;
	/* n is what is left of the time, however it is signed */
	seconds = seconds * (at->off.n < 0 ? -at->off.n : at->off.n) / 100;
	*out = due - seconds;
	return counted && seconds > 0 ? worktime_add(work, due, -seconds, out, e) : 0;
}

int clock_add(int64_t t, struct term term, int offset, const struct worktime *work, int64_t *out, struct err *e)
{
	struct worktime w;

	switch (term.unit) {
	case TERM_MINUTE:
		*out = t + term.n * MINUTE;
		return 0;
	case TERM_HOUR:
		*out = t + term.n * HOUR;
		return 0;
	case TERM_DAY:
		*out = t + term.n * TIME_DAY;
		return 0;
	case TERM_MONTH_END:
		*out = month_end(t, offset);
		return 0;
	default:
		return counting(term, work, &w, e) < 0 ||
		    worktime_add(&w, t, term.n * (term.unit == TERM_WORK_HOUR ? HOUR : TIME_DAY), out, e) < 0 ? -1 : 0;
	}
}

/* SPDX-License-Identifier: MIT */
#include "model/clock.h"

#include "base/mem.h"
#include "base/time.h"

#define MINUTE 60
#define HOUR 3600

/* The message for a term that needs a calendar. */
static int no_calendar(struct term term, struct err *e)
{
	struct buf b = BUF_INIT;

	term_write(&b, term);
	err_set(e, ERR_DATA, "%s counts working time, and no calendar of working days is given; write m, h or d", b.p);
	buf_clear(&b);
	return -1;
}

/* 24:00 of the last day of t's month. */
static int64_t month_end(int64_t t, int offset)
{
	int32_t day = time_day(t, offset);
	int y, m, d;

	date_civil(day, &y, &m, &d);
	return time_of_day(day + date_month_days(y, m) - d + 1, offset);
}

/* The seconds a limit gives when nothing stops the clock: days run to their end, other units as in clock_add. */
static int limit_seconds(int64_t start, struct term term, int offset, const struct calendar *cal, int64_t *out, struct err *e)
{
	int64_t end;

	if (term.unit == TERM_DAY)
		end = time_of_day(time_day(start, offset) + (int32_t)term.n + 1, offset);
	else if (clock_add(start, term, offset, cal, &end, e) < 0)
		return -1;
	*out = end - start;
	return 0;
}

/* Note a span; empty ones are left out. */
static void note(struct clock_trace *trace, int64_t from, int64_t to, bool counted, struct span why)
{
	if (trace == NULL || to <= from)
		return;
	MEM_GROW(trace->v, trace->cap, trace->n + 1);
	trace->v[trace->n++] = (struct clock_span){ from, to, counted, why };
}

int64_t clock_run(int64_t start, int64_t seconds, const struct clock_hold *holds, size_t n, int64_t now, bool *held,
    struct clock_trace *trace)
{
	int64_t t = start, left = seconds;

	*held = false;
	for (size_t i = 0; i < n; i++) {
		bool open = holds[i].to == TIME_NONE;
		int64_t from = holds[i].from > t ? holds[i].from : t;
		int64_t to = !open ? holds[i].to : now > from ? now : from;

		if (from - t >= left && !(open && from - t == left))
			break;
		if (to < from)
			continue;
		note(trace, t, from, true, SPAN(""));
		note(trace, from, to, false, holds[i].reason);
		left -= from - t;
		t = to;
		*held |= open;
	}
	note(trace, t, t + left, true, SPAN(""));
	return t + left;
}

int clock_due(int64_t start, struct term term, const struct clock_hold *holds, size_t n, int64_t now, int offset,
    const struct calendar *cal, int64_t *due, bool *held, struct clock_trace *trace, struct err *e)
{
	int64_t seconds = 0;

	if (limit_seconds(start, term, offset, cal, &seconds, e) < 0)
		return -1;
	*due = clock_run(start, seconds, holds, n, now, held, trace);
	return 0;
}

int clock_rung(int64_t start, int64_t due, const struct rung_at *at, int offset, const struct calendar *cal, int64_t *out, struct err *e)
{
	if (!at->share)
		return clock_add(due, at->off, offset, cal, out, e);
	/* n is what is left of the time, however it is signed */
	*out = due - (due - start) * (at->off.n < 0 ? -at->off.n : at->off.n) / 100;
	return 0;
}

int clock_add(int64_t t, struct term term, int offset, const struct calendar *cal, int64_t *out, struct err *e)
{
	(void)cal;
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
		return no_calendar(term, e);
	}
}

/* SPDX-License-Identifier: MIT */
#include "workcal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "output/sheet.h"

/* An operand that is a time, or now. */
static int read_time(const struct workcal *k, const char *said, int64_t *out, struct err *e)
{
	if (strcmp(said, "now") == 0) {
		*out = k->cli.now;
		return 0;
	}
	if (time_parse(span_of(said), k->w.offset, out, NULL, e) < 0)
		e->status = ERR_USAGE;
	return e->status != ERR_OK ? -1 : 0;
}

static bool csv(const struct workcal *k)
{
	return k->cli.format != NULL && strcmp(k->cli.format, "csv") == 0;
}

static void put_time(struct buf *b, const struct workcal *k, int64_t t)
{
	char text[TIME_LEN + 1];

	time_write(t, k->w.offset, text);
	buf_puts(b, text);
}

/* 26:30:00, or with whole days 14d. */
static void put_length(struct buf *b, int64_t seconds, bool days)
{
	int64_t s = seconds < 0 ? -seconds : seconds;

	buf_puts(b, seconds < 0 ? "-" : "");
	if (days)
		buf_printf(b, "%lldd", (long long)(s / TIME_DAY));
	if (days && s % TIME_DAY == 0)
		return;
	s %= days ? TIME_DAY : INT64_MAX;
	buf_printf(b, "%s%lld:%02lld:%02lld", days ? " " : "", (long long)(s / 3600), (long long)(s / 60 % 60), (long long)(s % 60));
}

/* A cell that is a time. */
static void cell_time(struct sheet *s, size_t column, const struct workcal *k, int64_t t)
{
	struct buf b = BUF_INIT;

	put_time(&b, k, t);
	sheet_put(s, column, buf_view(&b));
	buf_clear(&b);
}

/* A sheet of these columns, the names cut at blanks. */
static void sheet_of(struct sheet *s, const char *const *names, size_t n)
{
	sheet_init(s);
	for (size_t i = 0; i < n; i++)
		sheet_add_column(s, (struct sheet_column){ .name = names[i] });
}

static void sheet_out(struct sheet *s, struct workcal *k)
{
	if (csv(k))
		sheet_csv(s, &k->out);
	else
		sheet_text(s, 0, &k->out);
	sheet_clear(s);
}

/* The steps: by what is counted, every span, their sum. */
static void explain(struct workcal *k, const struct clock_trace *trace)
{
	static const char *const columns[] = { "from", "to", "counted", "seconds", "why" };
	static const char *const titles[] = { "from", "to", "", "length", "why" };
	const char *basis = calendar_basis(k->w.calendar, k->w.organ);
	struct sheet s;
	int64_t sum = 0;

	sheet_of(&s, csv(k) ? columns : titles, 5);
	for (size_t i = 0; i < trace->n; i++) {
		const struct clock_span *v = &trace->v[i];
		struct buf length = BUF_INIT;

		put_length(&length, v->to - v->from, false);
		sheet_add_row(&s);
		cell_time(&s, 0, k, v->from);
		cell_time(&s, 1, k, v->to);
		sheet_put(&s, 2, span_of(csv(k) ? v->counted ? "yes" : "no" : v->counted ? "counted" : "left out"));
		if (csv(k))
			sheet_putf(&s, 3, "%lld", (long long)(v->to - v->from));
		else
			sheet_put(&s, 3, buf_view(&length));
		sheet_put(&s, 4, v->why);
		sum += v->counted ? v->to - v->from : 0;
		buf_clear(&length);
	}
	if (!csv(k))
		buf_printf(&k->out, "hours of %s%s%s\n", *k->w.organ ? k->w.organ : "everybody", *basis ? ": " : "", basis);
	sheet_out(&s, k);
	if (csv(k))
		return;
	buf_puts(&k->out, "counted ");
	put_length(&k->out, sum, false);
	buf_putc(&k->out, '\n');
}

int workcal_add(struct workcal *k, char **v, struct err *e)
{
	static const char *const columns[] = { "start", "term", "organ", "due", "held" };
	struct clock_trace trace = { NULL, 0, 0 };
	struct span said = span_of(v[1]);
	bool back = said.n > 0 && *said.p == '-', held = false;
	struct term term;
	int64_t start, due;
	struct sheet s;
	int result = -1;

	if (back)
		said = (struct span){ said.p + 1, said.n - 1 };
	if (read_time(k, v[0], &start, e) < 0)
		return -1;
	if (term_parse(said, &term, e) < 0) {
		e->status = ERR_USAGE;
		return -1;
	}
	term.n = back ? -term.n : term.n;
	if (back && k->nholds > 0)
		return err_set(e, ERR_USAGE, "--hold: only a limit that runs forward is held");
	if (back ? clock_add(start, term, k->w.offset, &k->w, &due, e) :
	    clock_due(start, term, k->hold, k->nholds, k->cli.now, k->w.offset, &k->w, &due, &held, &trace, e))
		goto done;
	if (back) {
		k->w.kind = term.unit == TERM_WORK_HOUR ? CALENDAR_HOURS : term.unit == TERM_WORK_DAY ? CALENDAR_DAYS : CALENDAR_WALL;
		clock_walk(k->w.kind == CALENDAR_WALL ? NULL : &k->w, due, start, &trace);
	}
	if (k->explain)
		explain(k, &trace);
	if (csv(k) && !k->explain) {
		sheet_of(&s, columns, 5);
		sheet_add_row(&s);
		cell_time(&s, 0, k, start);
		sheet_put(&s, 1, span_of(v[1]));
		sheet_put(&s, 2, span_of(k->w.organ));
		cell_time(&s, 3, k, due);
		sheet_put(&s, 4, span_of(held ? "yes" : ""));
		sheet_out(&s, k);
	} else if (!csv(k)) {
		put_time(&k->out, k, due);
		buf_puts(&k->out, held ? " held\n" : "\n");
	}
	result = 0;
done:
	free(trace.v);
	return result;
}

/* The spans from one moment to another, holds left out; their sum. */
static int64_t count(struct workcal *k, int64_t from, int64_t to, struct clock_trace *trace)
{
	int64_t t = from, sum = 0;

	for (size_t i = 0; i < k->nholds && t < to; i++) {
		int64_t a = k->hold[i].from > t ? k->hold[i].from : t, b = k->hold[i].to == TIME_NONE || k->hold[i].to > to ? to : k->hold[i].to;

		if (a >= to || b <= t)
			continue;
		clock_walk(&k->w, t, a, trace);
		MEM_GROW(trace->v, trace->cap, trace->n + 1);
		trace->v[trace->n++] = (struct clock_span){ a, b, false, k->hold[i].reason };
		t = b;
	}
	clock_walk(&k->w, t, to, trace);
	for (size_t i = 0; i < trace->n; i++)
		sum += trace->v[i].counted ? trace->v[i].to - trace->v[i].from : 0;
	return sum;
}

int workcal_between(struct workcal *k, char **v, struct err *e)
{
	static const char *const columns[] = { "from", "to", "kind", "organ", "seconds" };
	struct clock_trace trace = { NULL, 0, 0 };
	int64_t a, b, all, sum;
	struct sheet s;

	/* the whole must be covered before it is looked at in parts */
	if (read_time(k, v[0], &a, e) < 0 || read_time(k, v[1], &b, e) < 0 || worktime_between(&k->w, a, b, &all, e) < 0)
		return -1;
	sum = b < a ? -count(k, b, a, &trace) : count(k, a, b, &trace);
	if (k->explain)
		explain(k, &trace);
	if (csv(k) && !k->explain) {
		sheet_of(&s, columns, 5);
		sheet_add_row(&s);
		cell_time(&s, 0, k, a);
		cell_time(&s, 1, k, b);
		sheet_put(&s, 2, span_of(k->kind != NULL ? k->kind : "hours"));
		sheet_put(&s, 3, span_of(k->w.organ));
		sheet_putf(&s, 4, "%lld", (long long)sum);
		sheet_out(&s, k);
	} else if (!csv(k)) {
		put_length(&k->out, sum, k->w.kind == CALENDAR_DAYS);
		buf_putc(&k->out, '\n');
	}
	free(trace.v);
	return 0;
}

int workcal_next(struct workcal *k, char **v, struct err *e)
{
	static const char *const columns[] = { "from", "to" };
	struct clock_trace trace = { NULL, 0, 0 };
	int64_t t, from, to;
	struct sheet s;

	if (read_time(k, v[0], &t, e) < 0 || worktime_next(&k->w, t, &from, &to, e) < 0)
		return -1;
	clock_walk(&k->w, t < from ? t : from, to, &trace);
	if (k->explain)
		explain(k, &trace);
	if (csv(k) && !k->explain) {
		sheet_of(&s, columns, 2);
		sheet_add_row(&s);
		cell_time(&s, 0, k, from);
		cell_time(&s, 1, k, to);
		sheet_out(&s, k);
	} else if (!csv(k)) {
		put_time(&k->out, k, from);
		buf_putc(&k->out, ' ');
		put_time(&k->out, k, to);
		buf_putc(&k->out, '\n');
	}
	free(trace.v);
	return 0;
}

int workcal_is_open(struct workcal *k, char **v, struct err *e)
{
	static const char *const columns[] = { "time", "open", "until", "why" };
	struct err ignored = ERR_INIT;
	int64_t t, from, to, until = TIME_NONE;
	const char *why;
	struct sheet s;
	int open;

	if (read_time(k, v[0], &t, e) < 0 || (open = worktime_open(&k->w, t, e)) < 0)
		return -1;
	if (worktime_next(&k->w, t, &from, &to, &ignored) == 0)
		until = open ? to : from;
	why = open ? worktime_note(&k->w, t) : worktime_gap(&k->w, t, t + 1);
	k->asked = true;
	k->status = open ? 0 : 1;
	if (csv(k)) {
		sheet_of(&s, columns, 4);
		sheet_add_row(&s);
		cell_time(&s, 0, k, t);
		sheet_put(&s, 1, span_of(open ? "yes" : "no"));
		if (until != TIME_NONE)
			cell_time(&s, 2, k, until);
		sheet_put(&s, 3, span_of(why));
		sheet_out(&s, k);
		return 0;
	}
	buf_puts(&k->out, open ? "open" : "closed");
	if (until != TIME_NONE) {
		buf_puts(&k->out, " until ");
		put_time(&k->out, k, until);
	}
	buf_printf(&k->out, "%s%s\n", *why ? ": " : "", why);
	return 0;
}

/* One month's row: days by what the calendar says of them, and the hours. */
static int month(struct workcal *k, struct sheet *s, int32_t a, int32_t b, int sums[6], int64_t *seconds, struct err *e)
{
	static const char *const said[] = { "working", "workday", "half", "holiday", "weekend" };
	int n[6] = { 0 };
	int64_t from, to;
	struct err none = ERR_INIT;

	for (int32_t day = a; day < b; day++)
		for (int i = 0; i < 5; i++)
			n[i + 1] += strcmp(calendar_says(k->w.calendar, k->w.organ, day), said[i]) == 0;
	n[0] = n[1] + n[2] + n[3];
	if (calendar_before(k->w.calendar, CALENDAR_DAYS, k->w.organ, a, &from, e) < 0 ||
	    calendar_before(k->w.calendar, CALENDAR_DAYS, k->w.organ, b, &to, e) < 0)
		return -1;
	sheet_putf(s, 1, "%d", n[0]);
	for (int i = 2; i < 6; i++)
		sheet_putf(s, (size_t)i, "%d", n[i]);
	for (int i = 0; i < 6; i++)
		sums[i] += n[i];
	if (calendar_before(k->w.calendar, CALENDAR_HOURS, k->w.organ, a, &from, &none) == 0 &&
	    calendar_before(k->w.calendar, CALENDAR_HOURS, k->w.organ, b, &to, &none) == 0) {
		sheet_putf(s, 6, "%lld:%02lld", (long long)((to - from) / 3600), (long long)((to - from) / 60 % 60));
		*seconds += to - from;
	}
	return 0;
}

int workcal_days(struct workcal *k, char **v, struct err *e)
{
	static const char *const columns[] = { "month", "working", "makeup", "half", "holiday", "weekend", "hours" };
	int sums[6] = { 0 };
	int64_t seconds = 0;
	uint64_t year;
	struct sheet s;
	int result = 0;

	if (strlen(v[0]) != 4 || !span_u64(span_of(v[0]), 9998, &year) || year < 1900)
		return err_set(e, ERR_USAGE, "days: \"%s\" is no year; write it like 2026", v[0]);
	sheet_init(&s);
	for (size_t i = 0; i < 7; i++)
		sheet_add_column(&s, (struct sheet_column){ .name = columns[i], .right = i > 0 });
	for (int m = 1; m <= 12 && result == 0; m++) {
		int32_t a = 0, b = 0;

		date_of((int)year, m, 1, &a);
		date_of((int)year + m / 12, m % 12 + 1, 1, &b);
		sheet_add_row(&s);
		sheet_putf(&s, 0, "%d-%02d", (int)year, m);
		result = month(k, &s, a, b, sums, &seconds, e);
	}
	if (result == 0 && !csv(k)) {
		s.total_from = s.nrows;
		sheet_add_row(&s);
		sheet_putf(&s, 0, "%d", (int)year);
		sheet_putf(&s, 1, "%d", sums[0]);
		for (int i = 2; i < 6; i++)
			sheet_putf(&s, (size_t)i, "%d", sums[i]);
		if (seconds > 0)
			sheet_putf(&s, 6, "%lld:%02lld", (long long)(seconds / 3600), (long long)(seconds / 60 % 60));
	}
	if (result == 0)
		sheet_out(&s, k);
	else
		sheet_clear(&s);
	return result;
}

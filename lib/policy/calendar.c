/* SPDX-License-Identifier: MIT */
#include "policy/calendar.h"
#include <pthread.h>
#include <string.h>
#include "base/time.h"
#include "policy/calendarint.h"

#define MINUTE 60

/* Held while tables are made: the policy's memory is not shared by threads otherwise. */
static pthread_mutex_t laying_out = PTHREAD_MUTEX_INITIALIZER;

static struct calendar_span all_day = { 0, 24 * 60 };
static const struct calendar_hours whole = { &all_day, 1 }, none = { NULL, 0 };

/* Minutes in the spans of a day. */
static int minutes_of(const struct calendar_hours *h)
{
	int sum = 0;
	for (size_t i = 0; i < h->n; i++)
		sum += h->v[i].to - h->v[i].from;
	return sum;
}

/* What a plan makes of a day of the week that is marked so. */
static inline enum day_kind kind_on(const struct calendar_plan *p, int weekday, unsigned mark)
{
	if (mark == MARK_HOLIDAY && p->holidays)
		return DAY_HOLIDAY;
	if (p->week >> weekday & 1)
		return DAY_WORKING;
	return mark == MARK_WORKDAY && p->holidays ? DAY_WORKDAY : DAY_WEEKEND;
}

enum day_kind calendar_kind_of(const struct calendar *c, const struct calendar_plan *p, int32_t day)
{
	return kind_on(p, date_weekday(day), c->mark[day - c->first]);
}

/* The hours of a working day: those of its weekday; a make-up day may have none, then those of the first weekday that has some. */
static const struct calendar_hours *plan_hours(const struct calendar_plan *p, int weekday)
{
	if (p->by[weekday])
		return p->by[weekday];
	for (int i = 1; i <= 7; i++)
		if (p->by[i] && p->week >> i & 1)
			return p->by[i];
	return &none;
}

/* Fill the tables of an organ; c's days and marks are known. */
static void lay_out(const struct calendar *c, struct calendar_organ *o)
{
	const struct calendar_plan *p = o->plan;
	size_t n = (size_t)(c->last - c->first) + 1;
	int32_t minutes = 0, worked = 0, length = 0;
	int weekday = date_weekday(c->first);
	const struct calendar_hours *by[8], *last = NULL;
	o->has_hours = p->has_hours;
	o->sending = p->sending;
	o->sending_worked = p->sending_worked;
	o->hours = arena_alloc(c->mem, n * sizeof *o->hours);
	o->kind = arena_alloc(c->mem, n);
	o->minutes = arena_alloc(c->mem, (n + 1) * sizeof *o->minutes);
	o->worked = arena_alloc(c->mem, (n + 1) * sizeof *o->worked);
	for (int i = 1; i <= 7; i++)
		by[i] = plan_hours(p, i);
	for (size_t i = 0; i < n; i++, weekday = weekday % 7 + 1) {
		enum day_kind kind = kind_on(p, weekday, c->mark[i]);
		o->kind[i] = (uint8_t)kind;
		o->hours[i] = day_is_worked(kind) ? by[weekday] : &none;
	}
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < p->nhalves[k]; i++) {
			size_t at = (size_t)(p->half[k][i].day - c->first);
			if (day_is_worked(o->kind[at])) {
				o->kind[at] = DAY_HALF;
				o->hours[at] = p->half[k][i].hours;
			}
		}
	for (size_t i = 0; i < n; i++) {
		o->minutes[i] = minutes;
		o->worked[i] = worked;
		if (!day_is_worked(o->kind[i]))
			continue;
		if (o->hours[i] != last)
			length = minutes_of(last = o->hours[i]);
		minutes += length;
		worked++;
	}
	o->minutes[n] = minutes;
	o->worked[n] = worked;
}

/* The number of the organ whose hours are kept. */
static size_t number_of(const struct calendar *c, const char *organ)
{
	if (organ && *organ)
		for (size_t i = 1; i < c->n; i++)
			if (strcmp(c->v[i].organ, organ) == 0)
				return i;
	return 0;
}

/* The hours of an organ, laid out by whichever thread comes first. */
static const struct calendar_organ *find(const struct calendar *c, const char *organ)
{
	struct calendar_organ *o = &c->v[number_of(c, organ)];
	if (__atomic_load_n(&o->laid_out, __ATOMIC_ACQUIRE))
		return o;
	pthread_mutex_lock(&laying_out);
	if (!o->laid_out) {
		lay_out(c, o);
		__atomic_store_n(&o->laid_out, true, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&laying_out);
	return o;
}

/* The error for a day outside the years covered. */
static int uncovered(const struct calendar *c, int32_t day, struct err *e)
{
	int y, m, d;
	date_civil(day, &y, &m, &d);
	return err_set(e, ERR_DATA, "%s: %d is not covered; add it under years%s", c->file, y,
		       c->committed ? " (gridctl put policy)" : "");
}

/* The error for working hours that nobody gave. */
static int no_hours(const struct calendar *c, struct err *e)
{
	return err_set(e, ERR_DATA, "%s: gives no working hours; add hours, such as hours: [\"08:00-12:00\", \"14:00-18:00\"]%s",
		       c->file, c->committed ? " (gridctl put policy)" : "");
}

int calendar_day(const struct calendar *c, enum calendar_kind kind, const char *organ, int32_t day,
		 const struct calendar_hours **out, struct err *e)
{
	const struct calendar_organ *o = find(c, organ);
	if (day < c->first || day > c->last)
		return uncovered(c, day, e);
	if (kind == CALENDAR_HOURS && !o->has_hours)
		return no_hours(c, e);
	bool worked = day_is_worked(o->kind[day - c->first]);
	if (kind == CALENDAR_HOURS)
		*out = o->hours[day - c->first];
	else if (kind == CALENDAR_WALL || (kind == CALENDAR_DAYS && worked))
		*out = &whole;
	else if (kind == CALENDAR_DAYS || (o->sending_worked && !worked))
		*out = &none;
	else
		*out = o->sending ? o->sending : &whole;
	return 0;
}

int calendar_before(const struct calendar *c, enum calendar_kind kind, const char *organ, int32_t day, int64_t *seconds,
		    struct err *e)
{
	const struct calendar_organ *o = find(c, organ);
	if (day < c->first || day > c->last + 1)
		return uncovered(c, day, e);
	if (kind == CALENDAR_HOURS && !o->has_hours)
		return no_hours(c, e);
	int32_t i = day - c->first;
	if (kind == CALENDAR_HOURS)
		*seconds = (int64_t)o->minutes[i] * MINUTE;
	else if (kind == CALENDAR_DAYS)
		*seconds = (int64_t)o->worked[i] * TIME_DAY;
	else if (kind == CALENDAR_WALL)
		*seconds = (int64_t)i * TIME_DAY;
	else
		*seconds = (int64_t)(o->sending_worked ? o->worked[i] : i) * minutes_of(o->sending ? o->sending : &whole) * MINUTE;
	return 0;
}

void calendar_covers(const struct calendar *c, int32_t *first, int32_t *last)
{
	*first = c->first;
	*last = c->last;
}

const char *calendar_says(const struct calendar *c, const char *organ, int32_t day)
{
	static const char *const said[] = { "weekend", "working", "holiday", "workday", "half" };
	return day < c->first || day > c->last ? "" : said[find(c, organ)->kind[day - c->first]];
}

bool calendar_has_organs(const struct calendar *c)
{
	return c->n > 1;
}

const char *calendar_whose(const struct calendar *c, struct span organ, struct span kind)
{
	const char *by_kind = "";
	for (size_t i = 1; i < c->n; i++) {
		if (span_is(organ, c->v[i].organ))
			return c->v[i].organ;
		if (span_is(kind, c->v[i].organ))
			by_kind = c->v[i].organ;
	}
	return by_kind;
}

const char *calendar_basis(const struct calendar *c, const char *organ)
{
	return c->v[number_of(c, organ)].basis;
}

/* SPDX-License-Identifier: MIT */
#include "policy/load.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/time.h"
#include "policy/calendarint.h"

#define OFFICE_WEEK 0x3eu	/* Monday to Friday */

static const char *const weekday_name[] = { "", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

/* "08:00-12:00" as minutes of the day; false when it is none. */
static bool read_span(struct span s, int *from, int *to)
{
	uint64_t v[4];
	if (s.n != 11 || s.p[2] != ':' || s.p[5] != '-' || s.p[8] != ':')
		return false;
	for (size_t i = 0; i < 4; i++)
		if (!span_u64((struct span){ s.p + 3 * i, 2 }, i % 2 ? 59 : 24, &v[i]))
			return false;
	*from = (int)(v[0] * 60 + v[1]);
	*to = (int)(v[2] * 60 + v[3]);
	return *from < *to && *to <= 24 * 60;
}

/* The spans of a day; those that touch become one. */
static struct calendar_hours *read_hours(struct loading *l, const char *what, struct yaml_node *list)
{
	struct calendar_hours *h = arena_alloc(&l->p->mem, sizeof *h);
	struct yaml_node **v;
	size_t n = load_items(&list, &v);
	int from, to;
	h->v = arena_alloc(&l->p->mem, (n + 1) * sizeof *h->v);
	for (size_t i = 0; i < n; i++) {
		int last = h->n > 0 ? h->v[h->n - 1].to : 0;
		if (!read_span(v[i]->text, &from, &to) || from < last) {
			load_complain(l, v[i], "%s: \"%s\" is no span of a day after the one before; write it like 08:00-12:00",
				      what, yaml_text(v[i]));
			return h;
		}
		if (h->n > 0 && from == last)
			h->v[h->n - 1].to = to;
		else
			h->v[h->n++] = (struct calendar_span){ from, to };
	}
	return h;
}

/* `hours`: a list for every working day, or by weekday. */
static void read_plan_hours(struct loading *l, struct yaml_node *hours, struct calendar_plan *p)
{
	memset(p->by, 0, sizeof p->by);
	p->has_hours = true;
	if (hours->kind != YAML_MAP) {
		struct calendar_hours *h = read_hours(l, "hours", hours);
		for (int i = 1; i <= 7; i++)
			p->by[i] = h;
		return;
	}
	for (size_t i = 0; i < hours->n; i++) {
		uint64_t weekday;
		if (span_u64(hours->key[i]->text, 7, &weekday) && weekday > 0)
			p->by[weekday] = read_hours(l, "hours", hours->item[i]);
		else
			load_complain(l, hours->key[i], "hours: \"%s\" is no day of the week; write 1 (Monday) to 7 (Sunday)",
				      yaml_text(hours->key[i]));
	}
}

/* `week` as bits. */
static unsigned read_week(struct loading *l, struct yaml_node *week)
{
	struct yaml_node **v;
	size_t n = load_items(&week, &v);
	unsigned bits = 0;
	for (size_t i = 0; i < n; i++) {
		int64_t day;
		if (yaml_int(v[i], &day) && day >= 1 && day <= 7)
			bits |= 1u << day;
		else
			load_complain(l, v[i], "week: \"%s\" is no day of the week; write 1 (Monday) to 7 (Sunday)", yaml_text(v[i]));
	}
	return bits;
}

/* `half`: days with hours of their own, which must be worked; year: the one they stand under, or NULL. */
static void read_halves(struct loading *l, const struct calendar *c, const struct calendar_plan *p, const struct yaml_node *half,
			const struct yaml_node *year, struct calendar_half *out, size_t *n)
{
	for (size_t i = 0; half && half->kind == YAML_MAP && i < half->n; i++) {
		const struct yaml_node *key = half->key[i];
		int32_t day;
		if (!date_read(key->text, &day)) {
			load_complain(l, key, "\"%s\" is not a date; write a day that exists, like 2026-02-28", yaml_text(key));
			continue;
		}
		if (year && (key->text.n < year->text.n || memcmp(key->text.p, year->text.p, year->text.n) != 0)) {
			load_complain(l, key, "%s does not fall in %s, the year it stands under", yaml_text(key), yaml_text(year));
			continue;
		}
		if (day < c->first || day > c->last) {
			if (!l->trust)
				load_complain(l, key, "half: %s is in no year that stands under years; add the year there", yaml_text(key));
			continue;
		}
		enum day_kind kind = calendar_kind_of(c, p, day);
		if (!l->trust && !day_is_worked(kind))
			load_complain(l, key, "half: %s is a %s, %s; a half day is a working day with hours of its own", yaml_text(key),
				      weekday_name[date_weekday(day)], kind == DAY_HOLIDAY ? "a holiday" : "not worked");
		out[(*n)++] = (struct calendar_half){ day, read_hours(l, "half", half->item[i]) };
	}
}

/* Every working day of the week needs hours, when they are given by weekday. */
static void check_hours(struct loading *l, const struct calendar_plan *p, const struct yaml_node *at)
{
	if (l->trust || !p->has_hours)
		return;
	for (int i = 1; i <= 7; i++)
		if (p->week >> i & 1 && !p->by[i])
			load_complain(l, at, "hours: none for %d (%s), a working day by week; add %d: [\"08:00-12:00\"] or take it out of week",
				      i, weekday_name[i], i);
}

/* One day of a year: real, of that year, and not said twice. */
static void mark_day(struct loading *l, const struct yaml_node *n, const struct yaml_node *year, const struct calendar *c,
		     unsigned week, enum calendar_mark mark, uint8_t *marks)
{
	int32_t day;
	if (n->kind != YAML_SCALAR || !date_read(n->text, &day)) {
		load_complain(l, n, "\"%s\" is not a date; write a day that exists, like 2026-02-28", yaml_text(n));
		return;
	}
	if (n->text.n < year->text.n || memcmp(n->text.p, year->text.p, year->text.n) != 0) {
		load_complain(l, n, "%s does not fall in %s, the year it stands under", yaml_text(n), yaml_text(year));
		return;
	}
	if (day < c->first || day > c->last)
		return;		/* of a year that is left out */
	if (marks[day - c->first] != MARK_NONE)
		load_complain(l, n, "%s is given twice; a day is a holiday or a workday, once", yaml_text(n));
	else if (!l->trust && mark == MARK_WORKDAY && week >> date_weekday(day) & 1)
		load_complain(l, n, "%s is a %s, worked every week; under workdays stand days of a weekend that are worked",
			      yaml_text(n), weekday_name[date_weekday(day)]);
	marks[day - c->first] = (uint8_t)mark;
}

/* Holidays and make-up days of all years. */
static const uint8_t *read_marks(struct loading *l, const struct yaml_node *years, const struct calendar *c, unsigned week)
{
	static const char *const keys[] = { "holidays", "workdays" };
	uint8_t *marks = arena_alloc(&l->p->mem, (size_t)(c->last - c->first) + 1);
	for (size_t i = 0; i < years->n; i++)
		for (size_t k = 0; k < 2; k++) {
			struct yaml_node *days = yaml_get(years->item[i], keys[k]), **v;
			size_t n = load_items(&days, &v);
			for (size_t j = 0; j < n; j++)
				mark_day(l, v[j], years->key[i], c, week, k == 0 ? MARK_HOLIDAY : MARK_WORKDAY, marks);
		}
	return marks;
}

/* The years listed, which follow each other; of an old version with a gap, those after it.  False when there are none. */
static bool read_years(struct loading *l, const struct yaml_node *years, struct calendar *c)
{
	bool there[100] = { false };
	int first = -1, last = -1;
	for (size_t i = 0; years && years->kind == YAML_MAP && i < years->n; i++) {
		uint64_t y;
		if (years->key[i]->text.n == 4 && span_u64(years->key[i]->text, 2099, &y) && y >= 2000)
			there[y - 2000] = true;
	}
	for (int y = 0; y < 100; y++) {
		if (!there[y])
			continue;
		if (last >= 0 && last != y - 1) {
			if (!l->trust)
				load_complain(l, years, "years: %d is missing between %d and %d; list every year in between", 2001 + last,
					      2000 + last, 2000 + y);
			first = -1;
		}
		first = first < 0 ? y : first;
		last = y;
	}
	return last >= 0 && date_of(2000 + first, 1, 1, &c->first) && date_of(2000 + last, 12, 31, &c->last);
}

/* A plan that stays. */
static const struct calendar_plan *keep_plan(struct loading *l, const struct calendar_plan *p)
{
	struct calendar_plan *own = arena_room(&l->p->mem, sizeof *own);
	*own = *p;
	return own;
}

/* An organ's own hours on top of everybody's. */
static void read_organ(struct loading *l, const struct calendar *c, const struct calendar_plan *all, const struct yaml_node *key,
		       const struct yaml_node *map, struct calendar_organ *out)
{
	struct yaml_node *hours = yaml_get(map, "hours"), *week = yaml_get(map, "week"), *sending = yaml_get(map, "sending"),
		*holidays = yaml_get(map, "holidays"), *half = yaml_get(map, "half");
	struct calendar_plan p = *all;
	out->organ = load_text(l, key);
	out->basis = load_text(l, yaml_get(map, "basis"));
	if (!l->trust && islower((unsigned char)*out->organ) && l->p->organ_kinds.n > 0
	    && vocab_id(&l->p->organ_kinds, key->text) < 0)
		load_unknown(l, key, "organs", load_ids(l, &l->p->organ_kinds), l->p->organ_kinds.n);
	if (hours)
		read_plan_hours(l, hours, &p);
	if (week)
		p.week = read_week(l, week);
	p.holidays = !holidays || load_flag(l, holidays, "holidays");
	if (hours || week || !all->has_hours)
		check_hours(l, &p, hours ? hours : key);
	if (sending)
		p.sending = read_hours(l, "sending", sending);
	if (hours || !p.holidays)	/* the half days of others say nothing about these hours */
		p.nhalves[0] = 0;
	struct calendar_half *own = arena_alloc(&l->p->mem, ((half ? half->n : 0) + 1) * sizeof *own);
	p.half[1] = own;
	read_halves(l, c, &p, half, NULL, own, &p.nhalves[1]);
	if (half && !p.has_hours && !l->trust)
		load_complain(l, half, "half: needs hours; add the hours of an ordinary day");
	out->plan = keep_plan(l, &p);
}

/* The plan of everybody, which organs start from. */
static void read_everybody(struct loading *l, const struct yaml_node *root, struct calendar *c, struct calendar_plan *p)
{
	struct yaml_node *years = yaml_get(root, "years"), *hours = yaml_get(root, "hours"), *sending = yaml_get(root, "sending"),
		*days = yaml_get(root, "sending-days");
	static const char *const which[] = { "every", "working" };
	size_t n = 0;
	c->mark = read_marks(l, years, c, p->week);
	if (hours) {
		read_plan_hours(l, hours, p);
		check_hours(l, p, hours);
	}
	if (sending)
		p->sending = read_hours(l, "sending", sending);
	p->sending_worked = days && load_choice(l, days, "sending-days", which, 2) == 1;
	for (size_t i = 0; i < years->n; i++) {
		const struct yaml_node *half = yaml_get(years->item[i], "half");
		n += half ? half->n : 0;
		if (half && !p->has_hours && !l->trust)
			load_complain(l, half, "half: needs hours; add the hours of an ordinary day");
	}
	struct calendar_half *halves = arena_alloc(&l->p->mem, (n + 1) * sizeof *halves);
	p->half[0] = halves;
	for (size_t i = 0; i < years->n; i++)
		read_halves(l, c, p, yaml_get(years->item[i], "half"), years->key[i], halves, &p->nhalves[0]);
}

void load_calendar(struct loading *l, const struct yaml_node *root)
{
	const struct yaml_node *organs = yaml_get(root, "organs");
	struct yaml_node *week = yaml_get(root, "week");
	struct calendar_plan p = { .holidays = true, .week = week ? read_week(l, week) : OFFICE_WEEK };
	struct calendar *c = arena_alloc(&l->p->mem, sizeof *c);
	if (!read_years(l, yaml_get(root, "years"), c))
		return;
	c->mem = &l->p->mem;
	c->file = arena_strdup(&l->p->mem, l->file->name);
	c->committed = l->trust;
	read_everybody(l, root, c, &p);
	c->n = 1 + (organs && organs->kind == YAML_MAP ? organs->n : 0);
	c->v = arena_alloc(&l->p->mem, c->n * sizeof *c->v);
	c->v[0].organ = c->v[0].basis = "";
	c->v[0].plan = keep_plan(l, &p);
	for (size_t i = 1; i < c->n; i++)
		read_organ(l, c, &p, organs->key[i - 1], organs->item[i - 1], &c->v[i]);
	l->p->calendar = c;
}

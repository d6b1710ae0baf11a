/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/time.h"
#include "model/listint.h"
#include "model/trail.h"

#define YES(b) ((b) ? SPAN("yes") : SPAN(""))

static struct span put_time(const struct maker *m, int64_t t, char text[VALUE_TEXT])
{
	if (t == TIME_NONE)
		return SPAN("");
	time_write(t, m->d.offset, text);
	return (struct span){ text, strlen(text) };
}

static struct span put_number(uint64_t v, char text[VALUE_TEXT])
{
	char *p = text + VALUE_TEXT;

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	return (struct span){ p, (size_t)(text + VALUE_TEXT - p) };
}

/* Each of these makes one column; unused arguments are the price of one table. */
#define VALUE(name) static struct span name(struct maker *m, const struct hazard *h, int arg, char text[VALUE_TEXT])
#define UNUSED (void)m, (void)h, (void)arg, (void)text

VALUE(v_row) { UNUSED; return h->row[arg]; }
VALUE(v_subject_kind) { UNUSED; return h->subject_kind; }
VALUE(v_sector) { UNUSED; return h->sector; }
VALUE(v_landlord) { UNUSED; return h->landlord; }
VALUE(v_subject_name) { UNUSED; return h->subject_name; }
VALUE(v_state) { UNUSED; return span_of(h->policy->workflow.state[h->state].id); }
VALUE(v_tier) { UNUSED; return h->tier >= 0 ? span_of(h->policy->levels.v[h->tier].id) : SPAN(""); }
VALUE(v_owner) { UNUSED; return h->owner; }
VALUE(v_person) { UNUSED; return h->person; }
VALUE(v_due) { UNUSED; return put_time(m, h->due, text); }
VALUE(v_first_due) { UNUSED; return put_time(m, h->first_due, text); }
VALUE(v_overdue) { UNUSED; return YES(h->overdue); }
VALUE(v_held) { UNUSED; return YES(h->held); }
VALUE(v_round) { UNUSED; return put_number(h->round, text); }
VALUE(v_rebounds) { UNUSED; return put_number(h->round - 1, text); }
VALUE(v_followed) { UNUSED; return YES(h->followed); }
VALUE(v_supervised) { UNUSED; return YES(h->supervised); }
VALUE(v_rectified_at) { UNUSED; return put_time(m, h->rectified, text); }
VALUE(v_first_closed_at) { UNUSED; return put_time(m, h->first_closed, text); }
VALUE(v_closed_at) { UNUSED; return put_time(m, h->closed, text); }
VALUE(v_closed_by) { UNUSED; return h->closed_by; }
VALUE(v_rule) { UNUSED; return h->rule >= 0 ? span_of(h->policy->rules.v[h->rule].id) : SPAN(""); }

VALUE(v_phase)
{
	/* asked for by nearly every report, of nearly every hazard */
	static const struct span name[] = { [PHASE_OPEN] = { "open", 4 }, [PHASE_DONE] = { "done", 4 },
		[PHASE_CLOSED] = { "closed", 6 }, [PHASE_ENDED] = { "ended", 5 }, [PHASE_VOID] = { "void", 4 } };

	UNUSED;
	return name[h->phase];
}

/* Seconds from where the limit counts to a time, as it counts them. */
static int64_t counted_to(const struct hazard *h, int64_t t)
{
	struct err ignored = ERR_INIT;
	int64_t seconds;

	return h->work.kind != CALENDAR_WALL && worktime_between(&h->work, h->clock_from, t, &seconds, &ignored) == 0 ? seconds :
	    t - h->clock_from;
}

/* By the share of the time used; a hazard without a due date stays green. */
VALUE(v_light)
{
	int64_t limit = h->due != TIME_NONE ? counted_to(h, h->due) - h->stopped : 0, used = counted_to(h, m->d.now) - h->stopped;
	const struct rule *r = h->rule >= 0 && h->policy->rules.v[h->rule].lit ? &h->policy->rules.v[h->rule] : NULL;
	int yellow = r != NULL ? r->yellow : h->policy->yellow, red = r != NULL ? r->red : h->policy->red;

	UNUSED;
	if (h->phase != PHASE_OPEN)
		return SPAN("");
	if (h->due == TIME_NONE)
		return SPAN("green");
	if (h->overdue || (limit <= 0 && used >= 0) || used * 100 >= limit * red)
		return SPAN("red");
	return used * 100 >= limit * yellow ? SPAN("yellow") : SPAN("green");
}

/* Calendar days of this round, to rectification or to now. */
VALUE(v_days)
{
	int64_t end = h->rectified != TIME_NONE ? h->rectified : m->d.now;

	UNUSED;
	if (h->round_from == TIME_NONE || end < h->round_from)
		return put_number(0, text);
	return put_number((uint64_t)(time_day(end, m->d.offset) - time_day(h->round_from, m->d.offset)), text);
}

/* The level an officer stood at at a time. */
static struct span stood_at(struct maker *m, struct span officer, int64_t at)
{
	const struct policy *p = m->d.f->office->policy;
	int32_t day = at != TIME_NONE ? time_day(at, m->d.offset) : DATE_NONE;
	uint32_t known = m->stood.n, n;
	char key[128];
	int level = -1;

	if (officer.n == 0 || officer.n > sizeof key - sizeof day)
		return SPAN("");
	memcpy(key, &day, sizeof day);
	memcpy(key + sizeof day, officer.p, officer.n);
	n = names_add(&m->stood, (struct span){ key, officer.n + sizeof day });
	MEM_GROW(m->level, m->level_cap, (size_t)m->stood.n);
	if (n == known) {
		if (m->lock != NULL)
			pthread_mutex_lock(m->lock);
		if (office_level(m->d.f->office, officer, day, &level, m->e) < 0)
			level = -1;
		if (m->lock != NULL)
			pthread_mutex_unlock(m->lock);
		m->level[n] = (int8_t)level;
	}
	return m->level[n] >= 0 ? span_of(p->levels.v[m->level[n]].id) : SPAN("");
}

VALUE(v_closer_level) { UNUSED; return stood_at(m, h->closed_by, h->closed); }
VALUE(v_reporter_level) { UNUSED; return stood_at(m, h->row[m->d.col.reporter], h->reported); }

/* These are of a fold with a trail; without one they are empty. */
VALUE(v_duty)
{
	const struct fold *f = m->d.f;
	uint32_t organ = f->trail != NULL ? trail_duty(f->trail, h->slot) : 0;

	UNUSED;
	return organ > 0 ? names_at(&f->organs, organ) : h->owner;
}

VALUE(v_count)
{
	const struct trail *t = m->d.f->trail;

	return t != NULL ? put_number(trail_count(t, h->slot, (unsigned)arg), text) : SPAN("");
}

struct span value_step(struct maker *m, const struct hazard *h, int arg, char text[VALUE_TEXT])
{
	const struct trail *t = m->d.f->trail;
	uint32_t step = t != NULL ? trail_number(t, span_of(m->d.f->office->policy->workflow.step[arg].id)) : NAMES_NONE;

	return put_time(m, step != NAMES_NONE ? trail_first(t, h->slot, step) : TIME_NONE, text);
}

VALUE(v_scope) { UNUSED; return m->pilots; }

/* The unit at a level that the hazard lies in; its name is mostly asked for right behind its id. */
static const struct grid_node *unit_at(struct maker *m, const struct hazard *h, int level)
{
	if (h->grid == NULL)
		return NULL;
	if (m->unit_of != h->grid || m->unit_level != level || m->unit_on != h->reported) {
		m->unit_of = h->grid;
		m->unit_level = level;
		m->unit_on = h->reported;
		m->unit = grid_above(m->d.grids, h->grid, level,
		    h->reported != TIME_NONE ? time_day(h->reported, m->d.offset) : DATE_NONE);
	}
	return m->unit;
}

struct span value_level_grid(struct maker *m, const struct hazard *h, int arg, char text[VALUE_TEXT])
{
	const struct grid_node *g = unit_at(m, h, arg);

	(void)text;
	return g != NULL ? g->id : SPAN("");
}

struct span value_level_name(struct maker *m, const struct hazard *h, int arg, char text[VALUE_TEXT])
{
	const struct grid_node *g = unit_at(m, h, arg);

	(void)text;
	return g != NULL ? g->name : SPAN("");
}

static const struct { const char *name; value_fn *make; unsigned parts; } derived[] = {
	{ "subject_kind", v_subject_kind, PART_SUBJECT }, { "sector", v_sector, PART_SUBJECT },
	{ "landlord", v_landlord, PART_SUBJECT }, { "subject_name", v_subject_name, PART_SUBJECT },
	{ "state", v_state, 0 }, { "phase", v_phase, 0 }, { "tier", v_tier, PART_GRID }, { "owner", v_owner, 0 },
	{ "person", v_person, 0 }, { "due", v_due, PART_CLOCK }, { "first_due", v_first_due, PART_CLOCK },
	{ "overdue", v_overdue, PART_CLOCK }, { "light", v_light, PART_CLOCK }, { "held", v_held, 0 }, { "days", v_days, 0 },
	{ "round", v_round, 0 }, { "rebounds", v_rebounds, 0 }, { "followed", v_followed, 0 }, { "supervised", v_supervised, 0 },
	{ "rectified_at", v_rectified_at, 0 }, { "first_closed_at", v_first_closed_at, 0 }, { "closed_at", v_closed_at, 0 },
	{ "closed_by", v_closed_by, 0 }, { "closer_level", v_closer_level, 0 }, { "reporter_level", v_reporter_level, 0 },
	{ "rule", v_rule, PART_CLOCK }, { "scope", v_scope, PART_CLOCK | PART_GRID | PART_PILOTS },
};

/* What a fold keeps only when it is asked for. */
static const struct { const char *name; value_fn *make; int arg; unsigned asks; } trailed[] = {
	{ "duty", v_duty, 0, TRAIL_DUTY }, { "handovers", v_count, TRAIL_HANDOVER, TRAIL_COUNTS },
	{ "returns", v_count, TRAIL_RETURN, TRAIL_COUNTS }, { "raised", v_count, TRAIL_RAISE, TRAIL_COUNTS },
	{ "climbed", v_count, TRAIL_CLIMB, TRAIL_COUNTS },
};

bool value_kind(struct span name, struct list_kind *k)
{
	const struct table *view = schema_table(SPAN("hazard-list"));
	int col = schema_column(view, name);

	*k = (struct list_kind){ .column = col >= 0 ? &view->columns[col] : NULL };
	for (size_t i = 0; i < sizeof derived / sizeof *derived; i++)
		if (span_is(name, derived[i].name)) {
			k->make = derived[i].make;
			k->parts = derived[i].parts;
			return true;
		}
	for (size_t i = 0; i < sizeof trailed / sizeof *trailed; i++)
		if (span_is(name, trailed[i].name)) {
			k->make = trailed[i].make;
			k->arg = trailed[i].arg;
			k->asks = trailed[i].asks;
			return true;
		}
	k->make = v_row;
	k->parts = PART_ROW;
	k->arg = schema_column(schema_table(SPAN("hazards")), name);
	return k->arg >= 0;
}

struct span value_label(const struct hazard *h, const struct list_kind *k, struct span v)
{
	const struct column *c = k->column;
	const struct vocab *words;
	int i;

	if (v.n == 0 || c == NULL)
		return v;
	for (size_t n = 0; n < c->nvalues; n++)
		if (span_is(v, schema_value(c, n)))
			return span_of(schema_label(c, n));
	words = c->type == COLUMN_PLACE ? policy_vocab(h->policy, c->vocabulary) : NULL;
	i = words != NULL ? vocab_id(words, v) : -1;
	return i >= 0 ? span_of(words->v[i].zh != NULL ? words->v[i].zh : words->v[i].name) : v;
}

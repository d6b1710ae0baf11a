/* SPDX-License-Identifier: MIT */
#include "engine/escalateint.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"

#define KEY_MAX sizeof ((struct escalate_act *)0)->key

void escalate_clear(struct escalate_acts *a)
{
	free(a->v);
	*a = (struct escalate_acts){ NULL, 0, 0 };
}

/* Something of a rule that falls at a time, and again by its repeats. */
struct fall {
	const struct rule *rule;
	const struct rung *g;
	const struct limit *limit;
	char name[40];		/* in the key: the rung's number, the limit's id */
	const struct worktime *work;	/* of the hazard */
	int64_t start;		/* in the key: what it counts from */
	int64_t first;		/* when it falls first */
};

static bool known(const struct escalate_past *past, const char *key)
{
	uint64_t hash = mem_hash(span_of(key), 0);

	for (size_t i = 0; i < past->nkeys; i++)
		if (past->key[i].hash == hash)
			return true;
	return false;
}

/* The key of one occurrence; tail is "", "~LEVEL" or "@TO". */
static void write_key(const struct escalate_at *at, const struct hazard *h, const struct fall *f, unsigned occurrence,
    const char *tail, char out[KEY_MAX])
{
	char start[TIME_LEN + 1], round[16] = "";

	time_write(f->start, at->offset, start);
	if (h->round > 1)
		snprintf(round, sizeof round, "r%u/", h->round);
	snprintf(out, KEY_MAX, "%s%s/%s/%.4s%.2s%.2s%.2s%.2s/%u%s", round, f->rule->id, f->name, start, start + 5, start + 8,
	    start + 11, start + 14, occurrence, tail);
}

/* A time after t that could not be reckoned: beyond the years of the calendar it has not come yet, while today is within them. */
static int ahead(const struct escalate_at *at, const struct worktime *w, int64_t t, int64_t *out, const struct err *why, struct err *e)
{
	int32_t first, last, day = time_day(at->now, at->offset);

	if (w->calendar == NULL)
		return err_set(e, why->status, "%s", why->text);
	calendar_covers(w->calendar, &first, &last);
	if (day > last || time_day(t, at->offset) < first)
		return err_set(e, why->status, "%s", why->text);
	*out = INT64_MAX;
	return 0;
}

/* When the occurrence after the k-th falls, which fell at t. */
static int next_fall(const struct escalate_at *at, const struct fall *f, unsigned k, int64_t t, int64_t *out, struct err *e)
{
	const struct rung *g = f->g;
	const struct term *gap = &g->repeat[k < g->nrepeats ? k : g->nrepeats - 1];
	struct err why;

	err_start(&why);
	if (gap->n <= 0)
		return err_set(e, ERR_DATA, "%s:%d: a repeat must be longer than nothing", rung_file(f->rule, g), g->line);
	return clock_add(t, *gap, at->offset, f->work, out, &why) < 0 ? ahead(at, f->work, t, out, &why, e) : 0;
}

/* The last occurrence that fell by now: its number and time; 1, 0 none has, -1. */
static int last_occurrence(const struct escalate_at *at, const struct fall *f, unsigned *occurrence, int64_t *fell, struct err *e)
{
	int64_t t = f->first;

	if (t > at->now)
		return 0;
	for (*occurrence = 0, *fell = t; f->g->nrepeats; ++*occurrence, *fell = t) {
		if (next_fall(at, f, *occurrence, *fell, &t, e) < 0)
			return -1;
		if (t > at->now)
			break;
	}
	return 1;
}

/* Is the rung silent at t, because its receiver took note shortly before? */
static int is_hushed(const struct escalate_at *at, const struct fall *f, int64_t noted, int64_t t, struct err *e)
{
	struct err why;
	int64_t until;

	if (f->g->hush.n == 0 || noted == TIME_NONE || t < noted)
		return 0;
	err_start(&why);
	if (clock_add(noted, f->g->hush, at->offset, f->work, &until, &why) < 0 && ahead(at, f->work, noted, &until, &why, e) < 0)
		return -1;
	return t < until;
}

/* Fill in what an act does and its key; *skip when that was done before. */
static int make(const struct escalate_at *at, const struct hazard *h, const struct fall *f, unsigned occurrence,
    const struct escalate_past *past, struct escalate_act *a, bool *skip, struct err *e)
{
	int32_t day = time_day(at->now, at->offset);
	char tail[64] = "";

	*skip = false;
	a->tier = -1;
	if (a->act == RUNG_ESCALATE) {
		bool arrived;

		write_key(at, h, f, occurrence, "", a->key);
		*skip = known(past, a->key);
		if (*skip)
			return 0;
		a->was = a->receiver = escalate_owner_before(at, h, past, a->fell);
		if (escalate_rise(at, h, a->rung, day, a, &arrived, e))
			return -1;
		if (!arrived) {
			snprintf(tail, sizeof tail, "~%s", h->policy->levels.v[a->tier].id);
			write_key(at, h, f, occurrence, tail, a->key);
			a->passes = true;
		}
		return 0;
	}
	if (escalate_receiver(at, h, a->rung, day, &a->receiver, e))
		return -1;
	if (a->act != RUNG_SUPERVISE)		/* the word of the rule, not the organ: who owns it may change meanwhile */
		snprintf(tail, sizeof tail, "@%.40s", escalate_to(a->rung));
	write_key(at, h, f, occurrence, tail, a->key);
	*skip = known(past, a->key);
	return 0;
}

/* Earlier occurrences that no sweep recorded and nobody hushed, back to the last one that was. */
static int count_missed(const struct escalate_at *at, const struct hazard *h, const struct fall *f, unsigned occurrence,
    const struct escalate_past *past, struct escalate_act *a, struct err *e)
{
	const char *tail = a->act == RUNG_ESCALATE ? "" : strchr(a->key, '@');
	int64_t t = f->first;
	char key[KEY_MAX];

	a->missed = 0;
	for (unsigned k = 0; k < occurrence; k++) {
		int hushed = is_hushed(at, f, past->noted, t, e);

		if (hushed < 0)
			return -1;
		write_key(at, h, f, k, tail ? tail : "", key);
		a->missed = known(past, key) ? 0 : a->missed + (unsigned)!hushed;
		if (next_fall(at, f, k, t, &t, e) < 0)
			return -1;
	}
	return 0;
}

/* Does it wait for the sending hours?  What moves a hazard never does. */
static bool waits(const struct escalate_at *at, const struct rung *g, enum rung_do act)
{
	return at->quiet && !g->send_any && (act == RUNG_REMIND || act == RUNG_NOTICE);
}

/* What a rung does: a hazard that has ended is moved no more, but the paper goes where it would have gone. */
static enum rung_do does(const struct hazard *h, const struct rung *g)
{
	return h->phase == PHASE_OPEN || h->phase == PHASE_DONE || g->act == RUNG_REMIND ? g->act : RUNG_NOTICE;
}

/* The act of something that falls, if it fell, was not done before and may be done now.  risen: 1 + the act that raised the
 * hazard in this sweep; 0 none did. */
static int take(const struct escalate_at *at, const struct hazard *h, const struct fall *f, uint32_t number,
    const struct escalate_past *past, size_t *risen, struct escalate_acts *out, struct err *e)
{
	struct escalate_act a = { .hazard = number, .rule = f->rule, .rung = f->g, .limit = f->limit, .act = does(h, f->g) };
	unsigned occurrence = 0;
	bool skip;
	int go = last_occurrence(at, f, &occurrence, &a.fell, e);

	if (go <= 0)
		return go;
	go = is_hushed(at, f, past->noted, a.fell, e);
	if (go != 0)
		return go < 0 ? -1 : 0;
	if (a.act == RUNG_ESCALATE && *risen) {		/* it rose already: this is for the next sweep */
		write_key(at, h, f, occurrence, "", a.key);
		/* one without a paper takes nobody's */
		if (f->g->notice && !known(past, a.key) && escalate_leads_on(at, h, f->g, out->v[*risen - 1].tier))
			out->v[*risen - 1].passes = true;
		return 0;
	}
	if (make(at, h, f, occurrence, past, &a, &skip, e) < 0)
		return -1;
	if (skip || waits(at, f->g, a.act))
		return 0;
	if (count_missed(at, h, f, occurrence, past, &a, e) < 0)
		return -1;
	MEM_GROW(out->v, out->cap, out->n + 1);
	out->v[out->n++] = a;
	if (a.tier >= 0)
		*risen = out->n;
	return 0;
}

/* A reminder that the due time is near has no sense once a later rung of the rule has fallen. */
static bool is_stale(const struct escalate_at *at, const struct hazard *h, size_t i)
{
	const struct rule *r = &h->policy->rules.v[h->rule];
	const struct rung *g = &r->rung[i];
	struct err ignored;
	int64_t t;

	if (g->act != RUNG_REMIND || at->now <= h->due || !(g->at.share ? g->at.off.n > 0 : g->at.off.n < 0))
		return false;
	err_start(&ignored);
	for (size_t k = i + 1; k < r->nrungs; k++)
		if (!clock_rung(h->clock_from, h->due, &r->rung[k].at, at->offset, &h->work, &t, &ignored) && t <= at->now)
			return true;
	return false;
}

/* The limits of the rule that were missed. */
static int take_limits(const struct escalate_at *at, const struct hazard *h, uint32_t number, const struct escalate_past *past,
    size_t *risen, struct escalate_acts *out, struct err *e)
{
	const struct rule *rule = &h->policy->rules.v[h->rule];
	const struct limit_record record = { at->marks, past->marked, at->owners, past->owned, past->nowned, at->organs, at->offset };

	for (size_t i = 0; i < rule->nlimits; i++) {
		const struct limit *l = &rule->limit[i];
		struct worktime work;
		struct fall f = { .rule = rule, .g = &l->miss, .limit = l, .work = &work };
		bool held;

		if (!limit_runs(&record, h, l, &f.start))
			continue;
		if (limit_hours(&record, h, l, f.start, &work, e))
			return -1;
		snprintf(f.name, sizeof f.name, "%s", l->id);
		if (limit_end(l, f.start, past->hold, past->nholds, at->now, at->offset, &work, &f.first, &held, NULL, e))
			return err_prefix(e, "%s:%d: limit %s", limit_file(l), l->line, l->id);
		if (take(at, h, &f, number, past, risen, out, e))
			return -1;
	}
	return 0;
}

/* Handed to and fro too often: once for each time that the number is exceeded. */
static int take_handovers(const struct escalate_at *at, const struct hazard *h, uint32_t number, const struct escalate_past *past,
    size_t *risen, struct escalate_acts *out, struct err *e)
{
	const struct rule *rule = &h->policy->rules.v[h->rule];
	const struct marks_of *m = past->marked;
	struct fall f = { .rule = rule, .g = &rule->handed, .work = &h->work };

	if (!rule->handovers || !m || m->handovers <= rule->handovers)
		return 0;
	snprintf(f.name, sizeof f.name, "handovers-%u", m->handovers / (rule->handovers + 1));
	f.start = h->round_from;
	f.first = m->handed;
	return take(at, h, &f, number, past, risen, out, e);
}

int escalate_hazard(const struct escalate_at *at, const struct hazard *h, uint32_t number, const struct escalate_past *past,
    struct escalate_acts *out, struct err *e)
{
	const struct rule *rule = &h->policy->rules.v[h->rule];
	size_t risen = 0;

	if (h->held)
		return 0;
	for (size_t i = 0; i < rule->nrungs && h->phase == PHASE_OPEN && h->due != TIME_NONE; i++) {
		struct fall f = { .rule = rule, .g = &rule->rung[i], .work = &h->work, .start = h->due };
		struct err why;

		err_start(&why);
		snprintf(f.name, sizeof f.name, "%s%zu", f.g->added ? "+" : "", f.g->number > 0 ? (size_t)f.g->number : i + 1);
		if (clock_rung(h->clock_from, h->due, &f.g->at, at->offset, &h->work, &f.first, &why)
		    && (f.g->at.share || f.g->at.off.n < 0 || ahead(at, &h->work, h->due, &f.first, &why, e))) {
			struct span id = h->row[schema_table(SPAN("hazards"))->key];

			err_set(e, why.status, "%s", why.text);
			return err_prefix(e, "%.*s: %s:%d", (int)id.n, id.p, rung_file(rule, f.g), f.g->line);
		}
		if (!is_stale(at, h, i) && take(at, h, &f, number, past, &risen, out, e))
			return -1;
	}
	if (!at->marks)
		return 0;
	if (h->phase == PHASE_OPEN && take_handovers(at, h, number, past, &risen, out, e))
		return -1;
	return take_limits(at, h, number, past, &risen, out, e);
}

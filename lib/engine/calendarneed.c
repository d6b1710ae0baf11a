/* SPDX-License-Identifier: MIT */
#include "engine/calendarneed.h"

#include <stdio.h>

#include "base/time.h"
#include "csv/scan.h"
#include "engine/escalate.h"
#include "model/list.h"

static bool counts(struct term t)
{
	return t.n != 0 && (t.unit == TERM_WORK_HOUR || t.unit == TERM_WORK_DAY);
}

/* Does a rung? */
static bool rung_counts(const struct rung *g)
{
	bool any = (!g->at.share && counts(g->at.off)) || counts(g->hush);

	for (size_t i = 0; i < g->nrepeats; i++)
		any |= counts(g->repeat[i]);
	return any;
}

/* Does a rule? */
static bool rule_counts(const struct rule *r)
{
	bool any = (r->has_due && counts(r->within)) || counts(r->extend.before) || counts(r->extend.total) || rung_counts(&r->handed);

	for (size_t i = 0; i < r->nrungs; i++)
		any |= rung_counts(&r->rung[i]);
	for (size_t i = 0; i < r->nlimits; i++)
		any |= counts(r->limit[i].within) || rung_counts(&r->limit[i].miss);
	return any;
}

/* Does the calendar send on working days only? */
static bool sends_worked(const struct calendar *c)
{
	const struct calendar_hours *h;
	struct err ignored = ERR_INIT;
	int32_t first, last;

	if (c == NULL)
		return false;
	calendar_covers(c, &first, &last);
	for (int32_t day = first; day < first + 7 && day <= last; day++)
		if (calendar_day(c, CALENDAR_SENDING, "", day, &h, &ignored) == 0 && h->n == 0)
			return true;
	return false;
}

int calendar_is_needed(struct office *o, struct err *e)
{
	bool needed = sends_worked(o->policy->calendar) || counts(o->policy->backdate);
	size_t n;

	if (office_policies(o, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < o->policy->nnotices; i++)
		needed |= o->policy->notice[i].answers && counts(o->policy->notice[i].answer);
	for (size_t i = 0; i < n; i++) {
		const struct rules *r = &office_version(o, i)->rules;

		for (size_t k = 0; k < r->all; k++)	/* with their forms as overlays tighten them */
			needed |= rule_counts(&r->v[k]);
	}
	return needed;
}

int calendar_left(struct office *o, int64_t now, int32_t *left, struct err *e)
{
	const struct calendar *c = o->policy->calendar;
	int needed = c != NULL ? calendar_is_needed(o, e) : 0;
	int32_t first, last;

	*left = INT32_MAX;
	if (needed <= 0)
		return needed;
	calendar_covers(c, &first, &last);
	*left = last - time_day(now, o->reg->offset);
	return 0;
}

int calendar_ends_soon(struct office *o, int64_t now, struct buf *out, struct err *e)
{
	char day[DATE_LEN + 1];
	int32_t first, last, left;
	int year, month, d;

	if (calendar_left(o, now, &left, e) < 0)
		return -1;
	if (left >= CALENDAR_SOON)
		return 0;
	calendar_covers(o->policy->calendar, &first, &last);
	date_write(last, day);
	date_civil(last + 1, &year, &month, &d);
	buf_printf(out, "policy/calendar.yaml %s on %s, ", left < 0 ? "ended" : "ends", day);
	if (left < 0)
		buf_printf(out, "%d day%s ago", -left, left == -1 ? "" : "s");
	else
		buf_printf(out, "in %d day%s", left, left == 1 ? "" : "s");
	buf_printf(out, "; enter the State Council's notice for %d (holidays and make-up days) under years, and put it with gridctl put policy",
	    year);
	return 0;
}

/* The hazards going by. */
struct looking {
	struct office *office;
	struct calendar *calendar, *own;
	struct fold *fold;
	struct escalate_at at;
	struct escalate_acts acts;
	struct calendar_needs *out;
};

/* Can one be reckoned by that calendar: its due time, its rungs and its limits? */
static int on_hazard(void *arg, const struct hazard *h, const struct span *v)
{
	struct looking *x = arg;
	const struct hazard_side *side = fold_side(x->fold, h->slot);
	struct escalate_past past = { .noted = TIME_NONE, .marked = fold_marks(x->fold, h->slot) };
	struct err why = ERR_INIT;
	struct hazard other;
	int bad;

	if (side != NULL) {
		past.hold = side->hold;
		past.nholds = side->nholds;
		past.owned = side->owned;
		past.nowned = side->nowned;
	}
	x->office->policy->calendar = x->calendar;
	bad = hazard_derive(x->fold, h->slot, h->row, x->at.now, &other, NULL, &why);
	if (bad == 0)
		bad = escalate_hazard(&x->at, &other, 0, &past, &x->acts, &why);
	x->office->policy->calendar = x->own;
	x->acts.n = 0;
	if (bad == 0)
		return 0;
	if (x->out->hazards++ == 0) {
		snprintf(x->out->first, sizeof x->out->first, "%.*s", (int)v[0].n, v[0].p);
		x->out->why = why;
	}
	return 0;
}

/* All that are not over; -1 with e when they cannot be reckoned by the calendar that the office has meanwhile. */
static int look(struct looking *x, struct err *e)
{
	struct list_columns *all = list_columns_new(x->office->policy);
	int col = list_column(all, SPAN("hazard"), e), rc = -1;
	struct filter open = { .v = NULL };
	struct list_want want = { .columns = all, .col = &col, .n = 1, .filter = &open, .now = x->at.now, .hazard = true, .nthreads = 1 };
	void *arg = x;

	*x->out = (struct calendar_needs){ .why = ERR_INIT };
	if (filter_in(&open, list_column(all, SPAN("phase"), e), "phase", "open,done", NULL, e) == 0)
		rc = list_run(x->fold, &want, on_hazard, &arg, e);
	filter_clear(&open);
	list_columns_free(all);
	return rc;
}

int calendar_needs(struct office *o, bool instead, struct calendar *c, int64_t now, struct calendar_needs *out, struct err *e)
{
	struct calendar *there = o->policy->calendar;
	struct looking x = { .office = o, .own = instead ? c : there, .calendar = instead ? c : there, .out = out,
	    .at = { .now = now, .offset = o->reg->offset } };
	struct err why = ERR_INIT, again = ERR_INIT;
	int rc = -1;

	x.fold = fold_marked(o, INT64_MAX, scan_cores(2), e);
	x.at.tree = office_grids(o, e);
	x.at.organs = office_master(o, "organs", e);
	if (x.fold != NULL && x.at.tree != NULL && x.at.organs != NULL) {
		x.at.marks = x.fold->marks;
		x.at.owners = &x.fold->organs;
		o->policy->calendar = x.own;
		rc = look(&x, &why);
		o->policy->calendar = x.own = there;
		if (rc < 0 && look(&x, &again) < 0 && out->hazards == 0)	/* the one there is cannot count them: at least the one it met */
			*out = (struct calendar_needs){ .hazards = 1, .why = why };
		rc = 0;
	}
	escalate_clear(&x.acts);
	fold_free(x.fold);
	return rc;
}

/* Are working hours given at all? */
static bool has_hours(const struct calendar *c)
{
	const struct calendar_hours *h;
	struct err ignored = ERR_INIT;
	int32_t first, last;

	calendar_covers(c, &first, &last);
	return calendar_day(c, CALENDAR_HOURS, "", last, &h, &ignored) == 0;
}

/* Does the next calendar lack something that the one before had? */
static bool drops(const struct calendar *was, const struct calendar *next)
{
	int32_t first[2], last[2];

	if (was == NULL || next == NULL)
		return was != NULL;
	calendar_covers(was, &first[0], &last[0]);
	calendar_covers(next, &first[1], &last[1]);
	return first[1] > first[0] || last[1] < last[0] || (has_hours(was) && !has_hours(next));
}

int calendar_put(struct office *o, struct policy *next, const char *dir, int64_t now, struct err *e)
{
	struct calendar_needs needs;

	if (!drops(o->policy->calendar, next->calendar))
		return 0;
	if (calendar_needs(o, true, next->calendar, now, &needs, e) < 0)
		return -1;
	return needs.hazards == 0 ? 0 : calendar_complain(&needs, dir, e);
}

int calendar_complain(const struct calendar_needs *needs, const char *dir, struct err *e)
{
	return err_set(e, ERR_DATA, "%s/calendar.yaml: %zu open hazard%s need%s days or hours that it does not give, first %s%s%s; put back what was taken "
	    "out", dir, needs->hazards, needs->hazards == 1 ? "" : "s", needs->hazards == 1 ? "s" : "", needs->first, *needs->first ? ": " : "",
	    needs->why.text);
}

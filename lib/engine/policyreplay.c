/* SPDX-License-Identifier: MIT */
#include "engine/policyreplay.h"

#include <string.h>

#include "base/time.h"
#include "model/list.h"
#include "model/worktime.h"

const char *const policyreplay_name[REPLAY_FIELDS] = { "state", "rule", "due", "overdue", "next_rung" };

struct replaying {
	struct policyreplay *r;
	struct office *office;
	struct fold *fold;
	struct err *e;
	uint64_t seen;
};
/* What is compared of a hazard, as text. */
struct view {
	struct span v[REPLAY_FIELDS];
	char due[TIME_LEN + 1];
	struct buf next;
};

/* The first rung that has not fallen yet: what it does, and the tier or organ it leads to. */
static int put_next(const struct replaying *x, const struct hazard *h, struct buf *out, struct err *e)
{
	const struct rule *r = &h->policy->rules.v[h->rule];
	int offset = x->office->reg->offset;
	struct worktime work = { h->policy->calendar, CALENDAR_WALL, "", offset };

	if (h->due == TIME_NONE || h->phase != PHASE_OPEN)
		return 0;
	if (r->within.unit == TERM_WORK_HOUR || r->within.unit == TERM_WORK_DAY)
		work.kind = r->within.unit == TERM_WORK_HOUR ? CALENDAR_HOURS : CALENDAR_DAYS;
	for (size_t i = 0; i < r->nrungs; i++) {
		const struct rung *g = &r->rung[i];
		const char *to = g->to;
		int64_t t;

		if (clock_rung(h->clock_from, h->due, &g->at, offset, &work, &t, e))
			return err_prefix(e, "rule %s", r->id);
		if (t <= x->r->now)
			continue;
		if (strcmp(to, "parent") == 0 && h->tier > 0)
			to = h->policy->levels.v[h->tier - 1].id;
		else if (strcmp(to, "top") == 0)
			to = h->policy->levels.v[0].id;
		buf_printf(out, "%s:%s", rung_do_name[g->act], to);
		return 0;
	}
	return 0;
}

static int look(const struct replaying *x, const struct hazard *h, struct view *v, struct err *e)
{
	v->v[REPLAY_STATE] = span_of(h->policy->workflow.state[h->state].id);
	v->v[REPLAY_RULE] = span_of(h->policy->rules.v[h->rule].id);
	if (h->due != TIME_NONE)
		time_write(h->due, x->office->reg->offset, v->due);
	v->v[REPLAY_DUE] = span_of(v->due);
	v->v[REPLAY_OVERDUE] = h->overdue ? SPAN("yes") : SPAN("");
	if (put_next(x, h, &v->next, e))
		return -1;
	v->v[REPLAY_NEXT] = buf_view(&v->next);
	return 0;
}

/* One hazard by its own policy; here by the other one too. */
static int on_hazard(void *arg, const struct hazard *h, const struct span *values)
{
	struct replaying *x = arg;
	struct view was = { .due = "" }, would = { .due = "" };
	struct policyreplay *r = x->r;
	struct hazard other;
	bool differs = false;
	int result;

	(void)values;
	if (r->progress != NULL)
		r->progress(r->arg, ++x->seen);
	if (!r->all && h->phase != PHASE_OPEN && h->phase != PHASE_DONE)
		return 0;
	r->hazards++;
	result = look(x, h, &was, x->e);
	if (result == 0) {
		office_instead(x->office, r->next);
		result = hazard_derive(x->fold, h->slot, h->row, r->now, &other, NULL, x->e);
		office_instead(x->office, NULL);
	}
	if (result == 0)
		result = look(x, &other, &would, x->e);
	if (result == 0 && workflow_state(&r->next->workflow, was.v[REPLAY_STATE].p) < 0) {
		would.v[REPLAY_STATE] = SPAN("");
		would.v[REPLAY_OVERDUE] = was.v[REPLAY_OVERDUE];	/* nobody knows */
		would.v[REPLAY_NEXT] = was.v[REPLAY_NEXT];
	}
	for (int i = 0; i < REPLAY_FIELDS && result == 0; i++)
		if (!span_eq(was.v[i], would.v[i])) {
			struct span row[4] = { h->row[schema_table(SPAN("hazards"))->key],
				span_of(policyreplay_name[i]), was.v[i], would.v[i] };

			r->row(r->arg, row);
			r->fields[i]++;
			differs = true;
		}
	r->changed += differs;
	buf_clear(&was.next);
	buf_clear(&would.next);
	return result;
}

int policyreplay_run(struct policyreplay *r, struct office *o, struct err *e)
{
	struct list_columns *all = list_columns_new(o->policy);
	struct replaying x = { .r = r, .office = o, .fold = fold_all(o, INT64_MAX, 1, e), .e = e };
	int col = list_column(all, SPAN("hazard"), e);
	struct list_want want = { .columns = all, .col = &col, .n = 1, .now = r->now, .hazard = true, .nthreads = 1 };
	void *args = &x;
	int result = x.fold != NULL ? list_run(x.fold, &want, on_hazard, &args, e) : -1;

	fold_free(x.fold);
	list_columns_free(all);
	return result;
}

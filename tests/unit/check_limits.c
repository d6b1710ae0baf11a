/* SPDX-License-Identifier: MIT */
#include "model/limits.h"

#include <stdlib.h>

#include "calhelp.h"
#include "model/limitruns.h"
#include "model/list.h"
#include "model/trail.h"
#include "modelhelp.h"

#define HOUR 3600
enum { HAZARDS = 60 };

/* Whatever the calendar, the holds, the term and when the limit was met: the spans that --explain prints meet without gaps from the
 * start to the end, the counted ones add up to the limit, those left out for a hold add up to `held`, and what was held after the
 * limit was met moves nothing. */
START_TEST(printed_spans_add_up)
{
	static const enum term_unit units[] = { TERM_WORK_HOUR, TERM_WORK_DAY, TERM_HOUR, TERM_DAY, TERM_MONTH_END, TERM_MINUTE };
	static struct policy *p;
	unsigned seed = 20261122;

	for (int round = 0; round < 3000; round++) {
		struct limit l = { .id = "l", .from = dice(&seed, 2) ? "due" : "assign", .within = { dice(&seed, 30), units[dice(&seed, 6)] } };
		struct limit_stand s = { .limit = &l, .state = (enum limit_state)(LIMIT_RUNS + dice(&seed, 3)) };
		int64_t t, now, plain, want, sum = 0, held = 0, in;
		struct clock_hold h[6], room[6];
		size_t n = (size_t)dice(&seed, 6);
		struct err e = ERR_INIT;
		struct worktime w;
		bool stopped, due = strcmp(l.from, "due") == 0;

		if (round % 50 == 0) {
			policy_free(p);
			p = cal_random(&seed);
		}
		s.work = (struct worktime){ p->calendar, CALENDAR_DAYS, "", OFFSET };
		s.start = at("2023-03-02T10:00:00") + dice(&seed, 86400 * 300);
		if (dice(&seed, 3) == 0)
			s.start = time_of_day(time_day(s.start, OFFSET), OFFSET);
		t = s.start - 5 * HOUR;
		for (size_t i = 0; i < n; i++) {
			h[i].from = t += 1 + dice(&seed, 30 * HOUR);
			h[i].to = t += 1 + dice(&seed, 30 * HOUR);
			h[i].reason = SPAN("held");
		}
		now = t + dice(&seed, 100000);
		s.by = s.start + dice(&seed, 86400 * 9);
		if (n > 0 && dice(&seed, 3) == 0)
			h[n - 1].to = TIME_NONE;
		ck_assert_msg(limit_clock(&s, h, n, now, room, &e) == 0, "%s", e.text);
		ck_assert_int_eq((due ? clock_after_due : clock_due)(s.start, l.within, NULL, 0, now, OFFSET, &s.work, &plain, &stopped, NULL,
		    &e), 0);
		w = s.work;
		ck_assert_int_eq(worktime_between(&w, s.start, plain, &want, &e), 0);
		for (size_t i = 0; i < s.trace.n; i++) {
			const struct clock_span *x = &s.trace.v[i];

			ck_assert_int_eq(x->from, i ? x[-1].to : s.start);
			if (span_is(x->why, "held"))
				held += x->to - x->from;
			if (span_is(x->why, "held") && s.state != LIMIT_RUNS)
				ck_assert_int_le(x->to, s.by);
			if (!x->counted)
				continue;
			ck_assert_int_eq(worktime_between(&w, x->from, x->to, &in, &e), 0);
			ck_assert_int_eq(in, x->to - x->from);
			sum += in;
		}
		ck_assert_int_eq(sum, want);
		ck_assert_int_eq(s.held, held);
		ck_assert_int_eq(s.trace.n ? s.trace.v[s.trace.n - 1].to : s.start, s.end);
		free(s.trace.v);
	}
	policy_free(p);
	p = NULL;
}
END_TEST

/* Limits of every kind, for all rules of a policy. */
static struct limit every[] = {
	{ .id = "ack", .from = "assign", .until = "accept", .within = { 30, TERM_MINUTE } },
	{ .id = "assess", .from = "report", .until = "judge", .within = { 1, TERM_DAY } },
	{ .id = "review", .from = "due", .until = "note", .within = { 2, TERM_WORK_DAY } },
	{ .id = "recheck", .from = "rectify", .until = "recheck", .within = { 9, TERM_HOUR } },
	{ .id = "publication", .from = "close", .until = "note", .within = { 5, TERM_WORK_DAY } },
	{ .id = "archive", .from = "close", .until = "delist", .within = { 2, TERM_DAY } },
	{ .id = "receipt", .from = "transfer", .until = "report-in", .within = { 4, TERM_WORK_HOUR } },
	{ .id = "later", .from = "delist", .until = "whistle", .within = { 4, TERM_HOUR } },
	{ .id = "filing", .from = "assign", .until = "note", .within = { 3, TERM_WORK_DAY } },
	{ .id = "until-closed", .from = "delist", .until = "close", .within = { 3, TERM_WORK_DAY } },
	{ .id = "itself", .from = "whistle", .until = "whistle", .within = { 1, TERM_HOUR } },
};

static void limit_all(struct policy *p)
{
	for (size_t i = 0; i < p->rules.n; i++) {
		p->rules.v[i].limit = every;
		p->rules.v[i].nlimits = sizeof every / sizeof *every;
	}
}

/* Hazards of any steps, in any order, some taken back. */
static void random_hazards(struct mh *m, unsigned *seed, char ids[HAZARDS][ID_MAX])
{
	static const char *const steps[] = { "assign", "accept", "rectify", "recheck", "close", "close", "reopen", "note", "delist", "whistle",
		"report-in", "judge", "hold", "resume", "transfer", "terminate", "void", "return" };
	char event[8][ID_MAX];

	for (int i = 0; i < HAZARDS; i++) {
		double hours = 0;
		int n = 0;

		mh_hazard(m, 0, NULL);
		memcpy(ids[i], m->hazard, ID_MAX);
		for (int k = dice(seed, 14); k > 0; k--) {
			const char *step = steps[dice(seed, sizeof steps / sizeof *steps)];

			hours += dice(seed, 40) / 2.0;
			if (n > 0 && dice(seed, 12) == 0)
				MH_STEP(m, hours, "retract", "key", event[dice(seed, n)]);
			else
				MH_STEP(m, hours, step, "result", dice(seed, 3) == 0 ? "fail" : "pass", "owner", dice(seed, 3) == 0 ? "T01-FIRE" : "");
			memcpy(event[n < 8 ? n++ : 7], m->event, ID_MAX);
		}
	}
	mh_commit(m);
}

/* What the sweep is shown. */
struct seen {
	struct mh *m;
	struct fold *all;
	int64_t now;
	unsigned n, ended, runs;
};

/* One hazard as the sweep sees it, and as --explain tells it. */
static int on_hazard(void *arg, const struct hazard *h, const struct span *v)
{
	struct seen *x = arg;
	struct limit_record record = { .marks = x->all->marks, .marked = fold_marks(x->all, h->slot), .offset = H_OFFSET };
	const struct hazard_side *side = fold_side(x->all, h->slot);
	struct fold *one = NULL;
	struct limits told;
	struct span row[64];
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	struct hazard own;
	char id[ID_MAX];

	snprintf(id, sizeof id, "%.*s", (int)v[0].n, v[0].p);
	ck_assert_int_eq(fold_one(x->m->o, v[0], INT64_MAX, &one, &e), 1);
	mh_row(x->m, id, row, &text);
	ck_assert_int_eq(hazard_derive(one, 0, row, x->now, &own, NULL, &e), 0);
	ck_assert_msg(limits_stand(one, &own, x->now, &told, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(told.n, sizeof every / sizeof *every);
	x->n++;
	x->ended += h->phase != PHASE_OPEN && h->phase != PHASE_DONE;
	for (size_t i = 0; i < told.n; i++) {
		const struct limit_stand *s = &told.v[i];
		int64_t start = 0, end = 0;
		bool runs = limit_runs(&record, h, s->limit, &start), held;

		ck_assert_msg(runs == (s->state == LIMIT_RUNS), "%s %s: %d, but state %d", id, s->limit->id, runs, (int)s->state);
		if (!runs)
			continue;
		x->runs++;
		ck_assert_msg(start == s->start, "%s %s: starts", id, s->limit->id);
		ck_assert_int_eq(limit_end(s->limit, start, side != NULL ? side->hold : NULL, side != NULL ? side->nholds : 0, x->now,
		    H_OFFSET, &own.work, &end, &held, NULL, &e), 0);
		ck_assert_msg(end == s->end, "%s %s: ends", id, s->limit->id);
	}
	limits_clear(&told);
	fold_free(one);
	buf_clear(&text);
	return 0;
}

/* The hazards that a sweep looks at: all that are open or done, and those that ended with a limit that runs on. */
static void list(struct seen *x, const char *phases)
{
	struct err e = ERR_INIT;
	struct list_columns *all = list_columns_new(x->m->o->policy);
	int col = list_column(all, SPAN("hazard"), &e);
	struct filter filter = { .v = NULL };
	struct list_want want = { .columns = all, .col = &col, .n = 1, .filter = phases != NULL ? &filter : NULL, .now = x->now, .hazard = true,
		.limited = true };
	void *arg = x;

	if (phases != NULL)
		ck_assert_int_eq(filter_in(&filter, list_column(all, SPAN("phase"), &e), "phase", phases, NULL, &e), 0);
	ck_assert_msg(list_run(x->all, &want, on_hazard, &arg, &e) == 0, "%s", e.text);
	filter_clear(&filter);
	list_columns_free(all);
}

START_TEST(the_sweep_and_explain_agree)
{
	static char ids[HAZARDS][ID_MAX];
	const char *given = getenv("SEED");
	unsigned first = given != NULL ? (unsigned)atoi(given) : 20261122u, seed = first;

	for (int round = 0; round < 4; round++) {
		struct seen everyone = { .now = time_trust(mh_at(200 + dice(&seed, 300)), H_OFFSET) }, looked = everyone;
		struct err e = ERR_INIT;
		unsigned over = 0, kept = 0;
		struct mh m;

		mh_open(&m);
		random_hazards(&m, &seed, ids);
		limit_all(m.o->policy);
		everyone.m = looked.m = &m;
		everyone.all = looked.all = fold_marked(m.o, INT64_MAX, 1, &e);
		ck_assert_msg(everyone.all != NULL, "%s", e.text);
		ck_assert_ptr_nonnull(everyone.all->marks);
		list(&everyone, NULL);
		list(&looked, "open,done");
		ck_assert_uint_eq(everyone.n, HAZARDS);
		ck_assert_uint_eq(everyone.runs, looked.runs);
		ck_assert_uint_gt(looked.ended, 0);
		ck_assert_uint_lt(looked.ended, everyone.ended);
		/* nothing is kept of those that ended with no limit running on */
		for (int i = 0; i < HAZARDS; i++)
			kept += marks_live_on(everyone.all->marks, fold_index(everyone.all, span_of(ids[i])));
		over = everyone.ended - looked.ended;
		ck_assert_msg(kept + over <= HAZARDS, "%u kept, %u over (seed %u)", kept, over, first);
		fold_free(everyone.all);
		mh_close(&m);
	}
	printf("seed %u\n", first);
}
END_TEST

/* What a report is told of one hazard. */
struct told {
	struct mh *m;
	struct fold *all;
	struct limit_runs *runs;
	int64_t now;
	struct limit_run last[sizeof every / sizeof *every];
	unsigned n[sizeof every / sizeof *every];	/* of the hazard */
	unsigned ran[LIMIT_NOUTCOMES], agreed;		/* of all */
};

/* A run is told: the last one of each limit is kept. */
static void on_run(void *arg, const struct limit_run *run)
{
	struct told *t = arg;
	size_t i = (size_t)(run->limit - every);
	const struct term *within = &run->limit->within;
	int64_t unit = within->unit == TERM_MINUTE ? 60 : within->unit == TERM_HOUR || within->unit == TERM_WORK_HOUR ? HOUR : 0;

	ck_assert_uint_lt(i, sizeof every / sizeof *every);
	t->last[i] = *run;
	t->n[i]++;
	t->ran[run->outcome]++;
	ck_assert_int_le(run->start, t->now);
	if (unit > 0 && run->outcome == LIMIT_IN_TIME)
		ck_assert_int_le(run->taken, within->n * unit);
	if (unit > 0 && run->outcome == LIMIT_LATE)
		ck_assert_int_ge(run->taken, within->n * unit);
}

/* One hazard: the last run of each limit is what --explain shows of it. */
static int on_told(void *arg, const struct hazard *h, const struct span *v)
{
	static const enum limit_outcome met[] = { LIMIT_IN_TIME, LIMIT_LATE };
	struct told *t = arg;
	struct fold *one = NULL;
	struct limits now;
	struct hazard own;
	struct span row[64];
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	char id[ID_MAX];

	snprintf(id, sizeof id, "%.*s", (int)v[0].n, v[0].p);
	memset(t->n, 0, sizeof t->n);
	ck_assert_msg(limit_runs_tell(t->runs, h, t->now, on_run, t, &e) == 0, "%s", e.text);
	ck_assert_int_eq(fold_one(t->m->o, v[0], INT64_MAX, &one, &e), 1);
	mh_row(t->m, id, row, &text);
	ck_assert_int_eq(hazard_derive(one, 0, row, t->now, &own, NULL, &e), 0);
	ck_assert_msg(limits_stand(one, &own, t->now, &now, &e) == 0, "%s", e.text);
	for (size_t i = 0; i < now.n; i++) {
		const struct limit_stand *s = &now.v[i];
		const struct limit_run *r = &t->last[i];
		bool over = s->state != LIMIT_NOT_BEGUN && (s->state == LIMIT_RUNS ? t->now : s->by) > s->end;

		if (s->state == LIMIT_NOT_BEGUN || s->start > t->now)
			continue;
		ck_assert_msg(t->n[i] > 0, "%s %s: not told", id, s->limit->id);
		ck_assert_msg(r->start == s->start && r->end == s->end, "%s %s: start or end", id, s->limit->id);
		if (s->state == LIMIT_MET)
			ck_assert_msg(r->outcome == met[over], "%s %s: met", id, s->limit->id);
		else
			ck_assert_msg(r->outcome == (over ? LIMIT_OVERDUE : s->state == LIMIT_RUNS ? LIMIT_RUNNING : LIMIT_VOID), "%s %s: not met", id,
			    s->limit->id);
		t->agreed++;
	}
	limits_clear(&now);
	fold_free(one);
	buf_clear(&text);
	return 0;
}

START_TEST(reports_and_explain_agree)
{
	static char ids[HAZARDS][ID_MAX];
	const char *given = getenv("SEED");
	unsigned seed = given != NULL ? (unsigned)atoi(given) : 20261122u;
	struct told t = { .agreed = 0 };

	for (int round = 0; round < 6; round++) {
		struct err e = ERR_INIT;
		struct trail *trail = trail_new(0);
		struct list_columns *all;
		struct mh m;
		int col;
		struct list_want want = { .col = &col, .n = 1, .hazard = true };
		void *arg = &t;

		mh_open(&m);
		random_hazards(&m, &seed, ids);
		limit_all(m.o->policy);
		ck_assert_int_eq(trail_ask_limits(trail, m.o, &e), 0);
		t.m = &m;
		t.now = want.now = time_trust(mh_at(200 + dice(&seed, 300)), H_OFFSET);
		t.all = fold_trailed(m.o, INT64_MAX, 1 + (size_t)round % 2, trail, &e);
		ck_assert_msg(t.all != NULL, "%s", e.text);
		t.runs = limit_runs_new(t.all, NULL);
		want.columns = all = list_columns_new(m.o->policy);
		col = list_column(all, SPAN("hazard"), &e);
		ck_assert_msg(list_run(t.all, &want, on_told, &arg, &e) == 0, "%s", e.text);
		list_columns_free(all);
		limit_runs_free(t.runs);
		fold_free(t.all);
		mh_close(&m);
	}
	ck_assert_uint_gt(t.agreed, HAZARDS);
	for (int i = 0; i < LIMIT_NOUTCOMES; i++)
		ck_assert_msg(t.ran[i] > 0, "outcome %d was never met with", i);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("limits");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, printed_spans_add_up);
	tcase_add_test(t, the_sweep_and_explain_agree);
	tcase_add_test(t, reports_and_explain_agree);
	suite_add_tcase(s, t);
	return h_run(s);
}

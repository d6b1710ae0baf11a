/* SPDX-License-Identifier: MIT */
#include "model/list.h"

#include <stdlib.h>

#include "modelhelp.h"

/* A list of named columns of a register. */
struct listed {
	struct mh m;
	struct fold *f;
	struct list_columns *all;
	int col[64];
	struct list_want want;
	struct filter filter;
};

static int column(const struct listed *l, const char *name)
{
	struct err e = ERR_INIT;
	int c = list_column(l->all, span_of(name), &e);

	ck_assert_msg(c >= 0, "%s", e.text);
	return c;
}

/* Commit, fold, and get ready to list columns named "a,b,c" at an hour. */
static void ready(struct listed *l, double now)
{
	struct err e = ERR_INIT;

	mh_commit(&l->m);
	l->f = fold_all(l->m.o, INT64_MAX, 1, &e);
	ck_assert_msg(l->f != NULL, "%s", e.text);
	l->all = list_columns_new(l->m.o->policy);
	l->want = (struct list_want){ .columns = l->all, .col = l->col, .filter = &l->filter, .now = time_trust(mh_at(now), H_OFFSET),
		.nthreads = 1 };
}

static void choose(struct listed *l, const char *columns)
{
	struct span rest = span_of(columns), one;

	l->want.n = 0;
	while (span_split(&rest, ',', &one)) {
		struct err e = ERR_INIT;

		l->col[l->want.n] = list_column(l->all, one, &e);
		ck_assert_msg(l->col[l->want.n++] >= 0, "%s", e.text);
	}
}

static void end(struct listed *l)
{
	filter_clear(&l->filter);
	list_columns_free(l->all);
	fold_free(l->f);
	mh_close(&l->m);
}

/* One thread's rows as text, and how many. */
struct out {
	struct listed *l;
	struct buf text;
	size_t n;
};

static int on_row(void *arg, const struct hazard *h, const struct span *v)
{
	struct out *o = arg;

	ck_assert((h != NULL) == o->l->want.hazard);
	for (size_t i = 0; i < o->l->want.n; i++) {
		buf_puts(&o->text, i ? "," : "");
		buf_span(&o->text, v[i]);
	}
	buf_putc(&o->text, '\n');
	o->n++;
	return 0;
}

/* The whole list with n threads; to be freed. */
static char *list(struct listed *l, size_t nthreads)
{
	struct out out[8];
	void *args[8] = { NULL };
	struct buf all = BUF_INIT;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < nthreads; i++) {
		out[i] = (struct out){ .l = l };
		args[i] = &out[i];
	}
	l->want.nthreads = nthreads;
	ck_assert_msg(list_run(l->f, &l->want, on_row, args, &e) == 0, "%s", e.text);
	for (size_t i = 0; i < nthreads; i++) {
		buf_span(&all, buf_view(&out[i].text));
		buf_clear(&out[i].text);
	}
	return all.p != NULL ? all.p : mem_strdup("");
}

static void lists(struct listed *l, const char *columns, const char *want)
{
	char *text;

	choose(l, columns);
	text = list(l, 1);
	ck_assert_str_eq(text, want);
	free(text);
}

/* Three hazards: one closed, one late at a higher tier, one fresh and an emergency. */
static void three(struct listed *l)
{
	memset(l, 0, sizeof *l);
	mh_open(&l->m);
	mh_hazard(&l->m, 0, NULL);
	MH_STEP(&l->m, 1, "assign", "owner", "T01-FIRE");
	MH_STEP(&l->m, 30, "rectify", NULL);
	MH_STEP(&l->m, 31, "recheck", "result", "pass");
	MH_STEP(&l->m, 32, "close", NULL);
	mh_hazard(&l->m, 1, (const char *const[]){ "severity", "minor", "subject", "", "description", "a, \"b\"", NULL });
	MH_SWEEP(&l->m, 30, "escalate", "tier", "township", "key", "k");
	mh_hazard(&l->m, 40, (const char *const[]){ "emergency", "yes", "grid", "990101001", NULL });
	ready(l, 43);
}

START_TEST(columns)
{
	struct listed l;
	struct err e = ERR_INIT;
	const struct table *view = h_table("hazard-list");

	three(&l);
	ck_assert_uint_eq(l.all->ndefault, (size_t)view->ncolumns + 2 * l.m.o->policy->levels.n);
	/* and one for each step but correct, retract and repin */
	ck_assert_uint_eq(l.all->ids.n, l.all->ndefault + 9 + l.m.o->policy->workflow.nsteps - 3);
	ck_assert_int_eq(column(&l, "接收时间"), column(&l, "accept_at"));
	ck_assert_int_eq(column(&l, "emergency") + 1, column(&l, "county_grid"));
	ck_assert_int_eq(column(&l, "microgrid_grid") + 1, column(&l, "subject_kind"));
	ck_assert_int_eq(column(&l, "supervised") + 1, column(&l, "county_name"));
	ck_assert_int_eq(column(&l, "隐患编号"), column(&l, "hazard"));
	ck_assert_int_eq(column(&l, " ｄｕｅ "), column(&l, "due"));
	ck_assert_int_eq(list_column(l.all, SPAN("severty"), &e), -1);
	ck_assert_str_eq(e.text, "\"severty\" is not a column of hazard-list; did you mean severity?");
	ck_assert_int_eq(e.status, ERR_USAGE);
	end(&l);
}
END_TEST

START_TEST(values)
{
	struct listed l;

	three(&l);
	lists(&l, "hazard,state,phase,tier,owner,followed", "T01-H2026-000001,closed,closed,village,T01-FIRE,yes\n"
	    "T01-H2026-000002,reported,open,township,,\nT01-H2026-000003,reported,open,township,,\n");
	lists(&l, "due,overdue,light,days,rule", "2026-03-10T00:00:00+08:00,,,1,rest-7d\n"
	    "2026-03-03T00:00:00+08:00,yes,red,2,minor-same-day\n2026-03-04T05:00:00+08:00,,green,0,emergency\n");
	lists(&l, "rectified_at,closed_at,first_closed_at,closed_by,closer_level,round,rebounds", "2026-03-03T15:00:00+08:00,"
	    "2026-03-03T17:00:00+08:00,2026-03-03T17:00:00+08:00,T01-O1,county,1,0\n,,,,,1,0\n,,,,,1,0\n");
	lists(&l, "grid,county_grid,township_name,village_grid,basegrid_grid", "990101001001,990101,East,990101001001,\n"
	    "990101001001,990101,East,990101001001,\n990101001,990101,East,,\n");
	lists(&l, "subject_kind,sector,subject_name,reporter_level,description", "enterprise,industry,Wood,village,d\n,,,village,a, \"b\"\n"
	    "enterprise,industry,Wood,village,d\n");
	end(&l);
}
END_TEST

START_TEST(lights)
{
	struct listed l;
	double at[] = { 42, 43.25, 44.1 };
	const char *want[] = { "T01-H2026-000003,green\n", "T01-H2026-000003,yellow\n", "T01-H2026-000003,red\n" };
	struct err e = ERR_INIT;

	three(&l);
	ck_assert_int_eq(filter_in(&l.filter, column(&l, "emergency"), "emergency", "yes", NULL, &e), 0);
	for (int i = 0; i < 3; i++) {
		l.want.now = time_trust(mh_at(at[i]), H_OFFSET);
		lists(&l, "hazard,light", want[i]);
	}
	end(&l);
}
END_TEST

START_TEST(labels)
{
	struct listed l;

	three(&l);
	l.want.zh = true;
	lists(&l, "severity,state,phase,tier,overdue,light,category", "一般隐患,已销号,已销号,村(社区),,,消防安全\n"
	    "小隐患,待交办,未完成,乡镇,是,红,消防安全\n一般隐患,待交办,未完成,乡镇,,绿,消防安全\n");
	end(&l);
}
END_TEST

START_TEST(filters)
{
	struct listed l;
	struct err e = ERR_INIT;

	three(&l);
	l.want.zh = true;	/* conditions look at ids all the same */
	ck_assert_int_eq(filter_in(&l.filter, column(&l, "phase"), "phase", "open", NULL, &e), 0);
	lists(&l, "hazard", "T01-H2026-000002\nT01-H2026-000003\n");
	ck_assert_int_eq(filter_in(&l.filter, column(&l, "overdue"), "overdue", "yes", NULL, &e), 0);
	lists(&l, "hazard,grid", "T01-H2026-000002,990101001001\n");
	ck_assert_int_eq(filter_match(&l.filter, column(&l, "description"), SPAN("\"b\"$"), NULL, &e), 0);
	ck_assert_int_eq(filter_in(&l.filter, column(&l, "township_grid"), "township_grid", "990101001", NULL, &e), 0);
	lists(&l, "hazard", "T01-H2026-000002\n");
	ck_assert_int_eq(filter_match(&l.filter, column(&l, "description"), SPAN("^b"), NULL, &e), 0);
	lists(&l, "hazard", "");
	end(&l);
}
END_TEST

START_TEST(as_of_leaves_out_later_reports)
{
	struct listed l;
	struct err e = ERR_INIT;

	three(&l);
	fold_free(l.f);
	l.f = fold_all(l.m.o, time_trust(mh_at(31.5), H_OFFSET), 1, &e);
	l.want.now = l.f->as_of;
	lists(&l, "hazard,state", "T01-H2026-000001,rechecked\nT01-H2026-000002,reported\n");
	end(&l);
}
END_TEST

/* Stops at the second row. */
static int stop_at_two(void *arg, const struct hazard *h, const struct span *v)
{
	int *n = arg;

	(void)v;
	ck_assert_ptr_nonnull(h);
	ck_assert_ptr_nonnull(h->grid);
	return ++*n == 2 ? 7 : 0;
}

START_TEST(the_callback_stops)
{
	struct listed l;
	struct err e = ERR_INIT;
	int n = 0;
	void *args[1] = { &n };

	three(&l);
	choose(&l, "hazard");
	l.want.hazard = true;
	ck_assert_int_eq(list_run(l.f, &l.want, stop_at_two, args, &e), 7);
	ck_assert_int_eq(n, 2);
	end(&l);
}
END_TEST

/* Many rows: every number of threads gives the same rows in the same order, and so does one hazard at a time. */
START_TEST(threads_and_points)
{
	static const char columns_said[] = "hazard,state,tier,owner,due,overdue,light,days,round,county_name,village_grid,subject_name,sector,"
	    "closer_level,reporter_level,severity,category,rule,description";
	struct listed l;
	struct err e = ERR_INIT;
	char *one, *more, text[600];

	memset(&l, 0, sizeof l);
	mh_open(&l.m);
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	for (int i = 0; i < 3000; i++) {
		mh_hazard(&l.m, i % 90, i % 3 ? NULL : (const char *const[]){ "severity", "minor", "description", text, NULL });
		if (i % 2)
			MH_STEP(&l.m, i % 90 + 1, "assign", "owner", "T01-FIRE", "due", mh_at(i % 200));
		if (i % 4 == 1)
			MH_STEP(&l.m, i % 90 + 2, "judge", "severity", "major", "category", "gas");
		if (i % 5 == 1)
			MH_STEP(&l.m, i % 90 + 3, "close", NULL);
	}
	ready(&l, 100);
	choose(&l, columns_said);
	ck_assert_int_eq(filter_match(&l.filter, column(&l, "rule"), SPAN("^(rest|major|minor)"), NULL, &e), 0);
	one = list(&l, 1);
	for (size_t n = 2; n < 6; n++) {
		more = list(&l, n);
		ck_assert_str_eq(more, one);
		free(more);
	}
	free(one);
	end(&l);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("list");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, columns);
	tcase_add_test(t, values);
	tcase_add_test(t, lights);
	tcase_add_test(t, labels);
	tcase_add_test(t, filters);
	tcase_add_test(t, as_of_leaves_out_later_reports);
	tcase_add_test(t, the_callback_stops);
	tcase_add_test(t, threads_and_points);
	suite_add_tcase(s, t);
	return h_run(s);
}

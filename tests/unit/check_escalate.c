/* SPDX-License-Identifier: MIT */
#include "engine/escalate.h"

#include <check.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "runhelp.h"

#define OFFSET 28800

static struct vocab_item level_items[] = { { .id = "county", .name = "县", .zh = "县" }, { .id = "township", .name = "镇", .zh = "镇" },
	{ .id = "village", .name = "村", .zh = "村" } };
static struct term daily[] = { { 1, TERM_DAY } }, tapering[] = { { 1, TERM_DAY }, { 2, TERM_DAY } };
static struct rule rule;
static struct rung rung[4];
static struct policy policy = { .levels = { "level", level_items, 3 }, .rules = { &rule, 1 } };
static struct master *grids, *organs;
static struct grid_tree *tree;
static struct escalate_acts acts;
static struct hazard_key keys[64];
static size_t nkeys;
static struct marks *marks;
static struct escalate_past past;
static bool quiet;
static struct err e;

/* A master of rows of these columns. */
static struct master *master_of(const char *table, const char *const *cols, size_t ncols, const char *const *cells, size_t nrows)
{
	const struct table *t = schema_table(span_of(table));
	struct span *f = mem_zalloc(nrows, (size_t)t->ncolumns * sizeof *f);
	struct master *m;

	for (size_t r = 0; r < nrows; r++)
		for (size_t c = 0; c < ncols; c++)
			f[r * (size_t)t->ncolumns + (size_t)schema_column(t, span_of(cols[c]))] = span_of(cells[r * ncols + c]);
	m = master_of_rows(t, f, nrows);
	free(f);
	return m;
}

static int64_t at(const char *text)
{
	int64_t t;

	ck_assert(time_read(span_of(text), OFFSET, &t));
	return t;
}

static void setup(void)
{
	static const char *const gcols[] = { "grid", "parent", "level", "name" }, *const ocols[] = { "organ", "kind", "grid" };
	static const char *const g[] = { "C", "", "county", "c", "T", "C", "township", "t", "V", "T", "village", "v" };
	static const char *const o[] = { "OC", "government", "C", "OT", "government", "T", "OG", "gas", "C" };

	grids = master_of("grids", gcols, 4, g, 3);
	organs = master_of("organs", ocols, 3, o, 3);
	tree = grid_tree_new(grids, &policy, "grids.csv", NULL, &e);
	ck_assert_ptr_nonnull(tree);
	nkeys = 0;
	past = (struct escalate_past){ .noted = TIME_NONE };
	policy.rules.parent = PARENT_GRID;
	rule = (struct rule){ .id = "r", .basis = "", .has_due = true, .from = "reported", .rung = rung };
}

static void teardown(void)
{
	escalate_clear(&acts);
	grid_tree_free(tree);
	master_close(grids);
	master_close(organs);
	err_clear(&e);
}

/* The hazard of the tests: in village V, owned by the gas office, due on 10 March 09:00, its clock from the 2nd. */
static struct hazard hazard(void)
{
	return (struct hazard){ .policy = &policy, .grid = grid_at(tree, SPAN("V"), DATE_NONE), .tier = 2, .phase = PHASE_OPEN,
	    .round = 1, .owner = SPAN("OG"), .clock_from = at("2026-03-02T09:00:00+08:00"),
	    .due = at("2026-03-10T09:00:00+08:00"), .rule = 0 };
}

/* A sweep: the acts, whose keys are known to later sweeps. */
static size_t sweep(const struct hazard *h, const char *now)
{
	struct escalate_at where = { .tree = tree, .organs = organs, .now = at(now), .offset = OFFSET, .marks = marks, .quiet = quiet };

	acts.n = 0;
	past.key = keys;
	past.nkeys = nkeys;
	past.marked = marks != NULL ? marks_get(marks, 3) : NULL;
	ck_assert_msg(escalate_hazard(&where, h, 7, &past, &acts, &e) == 0, "%s", e.text);
	for (size_t i = 0; i < acts.n; i++)
		keys[nkeys++].hash = mem_hash(span_of(acts.v[i].key), 0);
	return acts.n;
}

START_TEST(test_a_rung_falls_once)
{
	struct hazard h = hazard();

	rung[0] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_REMIND };
	rule.nrungs = 1;
	ck_assert_uint_eq(sweep(&h, "2026-03-10T08:59:59+08:00"), 0);
	ck_assert_uint_eq(sweep(&h, "2026-03-10T09:00:00+08:00"), 1);
	ck_assert_str_eq(acts.v[0].key, "r/1/202603100900/0@owner");
	ck_assert_uint_eq(acts.v[0].hazard, 7);
	ck_assert(span_is(acts.v[0].receiver, "OG"));
	ck_assert_uint_eq(sweep(&h, "2026-03-10T09:10:00+08:00"), 0);
	h.due = at("2026-03-12T09:00:00+08:00");	/* extended: its rungs count anew */
	ck_assert_uint_eq(sweep(&h, "2026-03-11T09:00:00+08:00"), 0);
	ck_assert_uint_eq(sweep(&h, "2026-03-12T09:00:00+08:00"), 1);
	h.round = 2;
	ck_assert_uint_eq(sweep(&h, "2026-03-12T09:00:00+08:00"), 1);
	ck_assert_str_eq(acts.v[0].key, "r2/r/1/202603120900/0@owner");
}
END_TEST

START_TEST(test_who_has_no_acts)
{
	struct hazard h = hazard();

	rung[0] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_ESCALATE };
	rule.nrungs = 1;
	h.phase = PHASE_DONE;
	ck_assert_uint_eq(sweep(&h, "2026-04-10T09:00:00+08:00"), 0);
	h = hazard();
	h.held = true;
	ck_assert_uint_eq(sweep(&h, "2026-04-10T09:00:00+08:00"), 0);
	h = hazard();
	h.due = TIME_NONE;
	ck_assert_uint_eq(sweep(&h, "2026-04-10T09:00:00+08:00"), 0);
}
END_TEST

START_TEST(test_repeats_taper_and_an_outage_is_one_act)
{
	struct hazard h = hazard();

	rung[0] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_REMIND, .repeat = tapering, .nrepeats = 2 };
	rule.nrungs = 1;
	ck_assert_uint_eq(sweep(&h, "2026-03-10T10:00:00+08:00"), 1);
	ck_assert_uint_eq(sweep(&h, "2026-03-11T10:00:00+08:00"), 1);
	ck_assert_uint_eq(acts.v[0].missed, 0);
	ck_assert_uint_eq(sweep(&h, "2026-03-12T10:00:00+08:00"), 0);
	ck_assert_uint_eq(sweep(&h, "2026-03-13T10:00:00+08:00"), 1);
	/* the 15th, 17th and 19th were missed; the 21st is told, once, with how many */
	ck_assert_uint_eq(sweep(&h, "2026-03-21T10:00:00+08:00"), 1);
	ck_assert_uint_eq(acts.v[0].missed, 3);
	ck_assert_int_eq(acts.v[0].fell, at("2026-03-21T09:00:00+08:00"));
	ck_assert_uint_eq(sweep(&h, "2026-03-21T10:10:00+08:00"), 0);
}
END_TEST

START_TEST(test_one_tier_a_sweep)
{
	struct hazard h = hazard();

	rung[0] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_ESCALATE, .to = "parent" };
	rung[1] = (struct rung){ .at = { .off = { 1, TERM_DAY } }, .act = RUNG_ESCALATE, .to = "parent" };
	rule.nrungs = 2;
	ck_assert_uint_eq(sweep(&h, "2026-03-20T09:00:00+08:00"), 1);
	ck_assert(!acts.v[0].passes);		/* the second has no paper: that of the first is not lost */
	nkeys = 0;
	rung[1].notice = "n";
	ck_assert_uint_eq(sweep(&h, "2026-03-20T09:00:00+08:00"), 1);
	ck_assert_int_eq(acts.v[0].tier, 1);
	ck_assert(span_is(acts.v[0].owner, "OT"));
	ck_assert(span_is(acts.v[0].receiver, "OG"));
	ck_assert(acts.v[0].passes);		/* the second rung has fallen too */
	h.tier = 1;
	h.owner = acts.v[0].owner;
	ck_assert_uint_eq(sweep(&h, "2026-03-20T09:10:00+08:00"), 1);
	ck_assert_int_eq(acts.v[0].tier, 0);
	ck_assert(span_is(acts.v[0].owner, "OC"));
	h.tier = 0;
	ck_assert_uint_eq(sweep(&h, "2026-03-20T09:20:00+08:00"), 0);
}
END_TEST

START_TEST(test_a_far_target_takes_several_sweeps)
{
	struct hazard h = hazard();

	rung[0] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_ESCALATE, .to = "top" };
	rule.nrungs = 1;
	ck_assert_uint_eq(sweep(&h, "2026-03-20T09:00:00+08:00"), 1);
	ck_assert_int_eq(acts.v[0].tier, 1);
	ck_assert_str_eq(acts.v[0].key, "r/1/202603100900/0~township");
	ck_assert(acts.v[0].passes);
	h.tier = 1;
	ck_assert_uint_eq(sweep(&h, "2026-03-20T09:10:00+08:00"), 1);
	ck_assert_int_eq(acts.v[0].tier, 0);
	ck_assert_str_eq(acts.v[0].key, "r/1/202603100900/0");
	ck_assert(!acts.v[0].passes);
	h.tier = 0;
	ck_assert_uint_eq(sweep(&h, "2026-03-20T09:20:00+08:00"), 0);
}
END_TEST

START_TEST(test_shares_and_stale_reminders)
{
	struct hazard h = hazard();

	/* a quarter of eight days is left on 8 March 09:00 */
	rung[0] = (struct rung){ .at = { .share = true, .off = { 25, TERM_MINUTE } }, .act = RUNG_REMIND };
	rung[1] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_SUPERVISE, .notice = "listed" };
	rule.nrungs = 2;
	ck_assert_uint_eq(sweep(&h, "2026-03-08T08:59:00+08:00"), 0);
	ck_assert_uint_eq(sweep(&h, "2026-03-08T09:00:00+08:00"), 1);
	nkeys = 0;
	/* never swept before the due time: only what holds now is said */
	ck_assert_uint_eq(sweep(&h, "2026-03-11T09:00:00+08:00"), 1);
	ck_assert_int_eq(acts.v[0].act, RUNG_SUPERVISE);
	ck_assert_str_eq(acts.v[0].key, "r/2/202603100900/0");
}
END_TEST

START_TEST(test_receivers)
{
	static const struct { const char *to, *organ; } rows[] = { { "owner", "OG" }, { NULL, "OG" }, { "parent", "OT" }, { "top", "OC" },
		{ "county", "OC" }, { "village", "" }, { "gas", "OG" }, { "OT", "OT" }, { "fire", "" } };
	struct hazard h = hazard();

	rule.nrungs = 1;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		rung[0] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_NOTICE, .to = rows[i].to, .notice = "n" };
		nkeys = 0;
		ck_assert_uint_eq(sweep(&h, "2026-03-11T09:00:00+08:00"), 1);
		ck_assert_msg(span_is(acts.v[0].receiver, rows[i].organ), "%s: %.*s", rows[i].to ? rows[i].to : "-",
		    (int)acts.v[0].receiver.n, acts.v[0].receiver.p);
	}
}
END_TEST

START_TEST(test_the_last_repeat_goes_on)
{
	struct hazard h = hazard();

	rung[0] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_REMIND, .repeat = daily, .nrepeats = 1 };
	rule.nrungs = 1;
	for (int d = 10; d < 20; d++) {
		char now[TIME_LEN + 1];

		time_write(at("2026-03-10T12:00:00+08:00") + (d - 10) * TIME_DAY, OFFSET, now);
		ck_assert_uint_eq(sweep(&h, now), 1);
	}
}
END_TEST

/* Marks of the one hazard, which is slot 3, for the steps assign, accept and whistle. */
static void mark_start(void)
{
	marks = mem_zalloc(1, sizeof *marks);
	names_add(&marks->steps, SPAN("assign"));
	names_add(&marks->steps, SPAN("accept"));
	names_add(&marks->steps, SPAN("whistle"));
	marks->mask = 15;
	marks->table = mem_zalloc(16, sizeof *marks->table);
}

static void mark(const char *step, const char *when)
{
	marks_take(marks, 3, marks_step(marks, span_of(step)), at(when), 0);
}

static void mark_end(void)
{
	marks_free(marks);
	marks = NULL;
}

START_TEST(test_a_limit_between_two_steps)
{
	struct limit ack = { .id = "ack", .from = "assign", .until = "accept", .within = { 30, TERM_MINUTE },
		.miss = { .act = RUNG_REMIND, .to = "owner", .notice = "n" } };
	struct hazard h = hazard();

	rule.nrungs = 0;
	rule.limit = &ack;
	rule.nlimits = 1;
	mark_start();
	ck_assert_uint_eq(sweep(&h, "2026-03-05T09:00:00+08:00"), 0);		/* nobody was told yet */
	mark("assign", "2026-03-05T09:00:00+08:00");
	ck_assert_uint_eq(sweep(&h, "2026-03-05T09:29:59+08:00"), 0);
	ck_assert_uint_eq(sweep(&h, "2026-03-05T09:30:00+08:00"), 1);
	ck_assert_str_eq(acts.v[0].key, "r/ack/202603050900/0@owner");
	ck_assert_ptr_eq(acts.v[0].limit, &ack);
	ck_assert_uint_eq(sweep(&h, "2026-03-05T09:40:00+08:00"), 0);
	mark("accept", "2026-03-05T09:45:00+08:00");
	ck_assert_uint_eq(sweep(&h, "2026-03-06T09:45:00+08:00"), 0);
	mark("assign", "2026-03-06T10:00:00+08:00");				/* to another one: it counts anew */
	ck_assert_uint_eq(sweep(&h, "2026-03-06T10:29:00+08:00"), 0);
	ck_assert_uint_eq(sweep(&h, "2026-03-06T10:30:00+08:00"), 1);
	ck_assert_str_eq(acts.v[0].key, "r/ack/202603061000/0@owner");
	h.held = true;
	nkeys = 0;
	ck_assert_uint_eq(sweep(&h, "2026-03-06T10:30:00+08:00"), 0);
	mark_end();
}
END_TEST

START_TEST(test_a_limit_leaves_out_what_was_held)
{
	struct clock_hold hold = { at("2026-03-05T09:10:00+08:00"), at("2026-03-05T10:10:00+08:00"), { "x", 1 } };
	struct limit ack = { .id = "ack", .from = "assign", .until = "accept", .within = { 30, TERM_MINUTE }, .miss = { .act = RUNG_REMIND } };
	struct hazard h = hazard();

	rule.nrungs = 0;
	rule.limit = &ack;
	rule.nlimits = 1;
	past.hold = &hold;
	past.nholds = 1;
	mark_start();
	mark("assign", "2026-03-05T09:00:00+08:00");
	ck_assert_uint_eq(sweep(&h, "2026-03-05T10:29:00+08:00"), 0);
	ck_assert_uint_eq(sweep(&h, "2026-03-05T10:30:00+08:00"), 1);
	mark_end();
}
END_TEST

START_TEST(test_a_missed_report_in_goes_up)
{
	struct limit in = { .id = "report-in", .from = "whistle", .until = "accept", .within = { 2, TERM_HOUR },
		.miss = { .act = RUNG_ESCALATE, .to = "parent" } };
	struct hazard h = hazard();

	rule.nrungs = 0;
	rule.limit = &in;
	rule.nlimits = 1;
	mark_start();
	mark("whistle", "2026-03-05T09:00:00+08:00");
	ck_assert_uint_eq(sweep(&h, "2026-03-05T11:00:00+08:00"), 1);
	ck_assert_int_eq(acts.v[0].tier, 1);
	ck_assert(span_is(acts.v[0].owner, "OT"));
	h.due = TIME_NONE;			/* 长期坚持 has limits all the same */
	nkeys = 0;
	ck_assert_uint_eq(sweep(&h, "2026-03-05T11:00:00+08:00"), 1);
	mark_end();
}
END_TEST

START_TEST(test_limits_from_the_report_and_from_the_due_date)
{
	struct limit two[] = { { .id = "assess", .from = "report", .until = "assign", .within = { 1, TERM_HOUR }, .miss = { .act = RUNG_REMIND } },
		{ .id = "review", .from = "due", .until = "accept", .within = { 10, TERM_DAY }, .miss = { .act = RUNG_REMIND, .to = "top" } } };
	struct hazard h = hazard();

	h.round_from = at("2026-03-02T09:00:00+08:00");
	rule.nrungs = 0;
	rule.limit = two;
	rule.nlimits = 2;
	mark_start();
	ck_assert_uint_eq(sweep(&h, "2026-03-02T09:59:00+08:00"), 0);
	ck_assert_uint_eq(sweep(&h, "2026-03-02T10:00:00+08:00"), 1);
	mark("assign", "2026-03-02T10:01:00+08:00");
	nkeys = 0;
	ck_assert_uint_eq(sweep(&h, "2026-03-02T11:00:00+08:00"), 0);
	h.phase = PHASE_DONE;			/* rectified: the review is still owed, by the end of the 20th */
	ck_assert_uint_eq(sweep(&h, "2026-03-20T23:59:00+08:00"), 0);
	ck_assert_uint_eq(sweep(&h, "2026-03-21T00:00:00+08:00"), 1);
	ck_assert(span_is(acts.v[0].receiver, "OC"));
	mark_end();
}
END_TEST

START_TEST(test_handed_to_and_fro)
{
	struct hazard h = hazard();

	h.round_from = at("2026-03-02T09:00:00+08:00");
	rule.nrungs = 0;
	rule.handovers = 2;
	rule.handed = (struct rung){ .act = RUNG_ESCALATE, .to = "parent" };
	mark_start();
	for (int i = 0; i < 2; i++)
		marks_hand(marks, 3, at("2026-03-03T09:00:00+08:00"));
	ck_assert_uint_eq(sweep(&h, "2026-03-03T10:00:00+08:00"), 0);
	marks_hand(marks, 3, at("2026-03-04T09:00:00+08:00"));
	ck_assert_uint_eq(sweep(&h, "2026-03-04T10:00:00+08:00"), 1);
	ck_assert_int_eq(acts.v[0].tier, 1);
	ck_assert_uint_eq(sweep(&h, "2026-03-04T10:10:00+08:00"), 0);
	for (int i = 0; i < 3; i++)
		marks_hand(marks, 3, at("2026-03-05T09:00:00+08:00"));
	h.tier = 1;
	ck_assert_uint_eq(sweep(&h, "2026-03-05T10:00:00+08:00"), 1);
	ck_assert_int_eq(acts.v[0].tier, 0);
	mark_end();
}
END_TEST

START_TEST(test_silent_once_noted)
{
	struct hazard h = hazard();

	rung[0] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_REMIND, .repeat = daily, .nrepeats = 1, .hush = { 3, TERM_DAY } };
	rule.nrungs = 1;
	ck_assert_uint_eq(sweep(&h, "2026-03-10T10:00:00+08:00"), 1);
	past.noted = at("2026-03-10T15:00:00+08:00");
	ck_assert_uint_eq(sweep(&h, "2026-03-11T10:00:00+08:00"), 0);
	ck_assert_uint_eq(sweep(&h, "2026-03-13T10:00:00+08:00"), 0);
	ck_assert_uint_eq(sweep(&h, "2026-03-14T10:00:00+08:00"), 1);
	ck_assert_uint_eq(acts.v[0].missed, 0);		/* silence is not an outage */
}
END_TEST

START_TEST(test_waits_for_the_sending_hours)
{
	struct hazard h = hazard();

	rung[0] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_REMIND };
	rung[1] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_REMIND, .to = "top", .send_any = true };
	rung[2] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_ESCALATE, .to = "parent" };
	rule.nrungs = 3;
	quiet = true;
	ck_assert_uint_eq(sweep(&h, "2026-03-10T22:00:00+08:00"), 2);
	ck_assert_ptr_eq(acts.v[0].rung, &rung[1]);
	ck_assert_ptr_eq(acts.v[1].rung, &rung[2]);
	quiet = false;
	ck_assert_uint_eq(sweep(&h, "2026-03-11T08:00:00+08:00"), 1);
	ck_assert_ptr_eq(acts.v[0].rung, &rung[0]);
}
END_TEST

START_TEST(test_up_to_who_dispatches)
{
	static const char *const ocols[] = { "organ", "kind", "grid", "dispatch", "level" };
	static const char *const o[] = { "OC", "government", "C", "", "", "OT", "government", "T", "", "", "OG", "gas", "C", "OJ", "",
		"OJ", "joint-office", "", "", "county" };
	struct hazard h = hazard();

	master_close(organs);
	organs = master_of("organs", ocols, 5, o, 4);
	policy.rules.parent = PARENT_DISPATCH;
	rung[0] = (struct rung){ .at = { .off = { 0, TERM_DAY } }, .act = RUNG_ESCALATE, .to = "parent" };
	rule.nrungs = 1;
	ck_assert_uint_eq(sweep(&h, "2026-03-20T09:00:00+08:00"), 1);
	ck_assert_int_eq(acts.v[0].tier, 0);
	ck_assert(span_is(acts.v[0].owner, "OJ"));
	ck_assert(span_is(acts.v[0].receiver, "OG"));
	h.owner = SPAN("OT");			/* nobody dispatches it: by the tree */
	nkeys = 0;
	ck_assert_uint_eq(sweep(&h, "2026-03-20T09:00:00+08:00"), 1);
	ck_assert(span_is(acts.v[0].owner, "OT"));
	ck_assert_int_eq(acts.v[0].tier, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("escalate");
	TCase *tc = tcase_create("escalate");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_a_rung_falls_once);
	tcase_add_test(tc, test_who_has_no_acts);
	tcase_add_test(tc, test_repeats_taper_and_an_outage_is_one_act);
	tcase_add_test(tc, test_one_tier_a_sweep);
	tcase_add_test(tc, test_a_far_target_takes_several_sweeps);
	tcase_add_test(tc, test_shares_and_stale_reminders);
	tcase_add_test(tc, test_receivers);
	tcase_add_test(tc, test_the_last_repeat_goes_on);
	tcase_add_test(tc, test_a_limit_between_two_steps);
	tcase_add_test(tc, test_a_limit_leaves_out_what_was_held);
	tcase_add_test(tc, test_a_missed_report_in_goes_up);
	tcase_add_test(tc, test_limits_from_the_report_and_from_the_due_date);
	tcase_add_test(tc, test_handed_to_and_fro);
	tcase_add_test(tc, test_silent_once_noted);
	tcase_add_test(tc, test_waits_for_the_sending_hours);
	tcase_add_test(tc, test_up_to_who_dispatches);
	suite_add_tcase(suite, tc);
	return h_run(suite);
}

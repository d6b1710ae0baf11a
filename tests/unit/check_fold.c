/* SPDX-License-Identifier: MIT */
#include "model/hazard.h"

#include <stdlib.h>

#include "modelhelp.h"

/* One hazard folded and derived as of some hour. */
struct seen {
	struct mh m;
	struct fold *f;
	struct span row[64];
	struct buf text;
	struct hazard h;
	struct clock_trace trace;
};

static void look(struct seen *s, double now)
{
	struct err e = ERR_INIT;

	if (s->m.c != NULL)
		mh_commit(&s->m);
	s->m.c = NULL;
	fold_free(s->f);
	buf_reset(&s->text);
	s->trace.n = 0;
	ck_assert_msg(fold_one(s->m.o, span_of(s->m.hazard), INT64_MAX, &s->f, &e) == 1, "%s", e.text);
	mh_row(&s->m, s->m.hazard, s->row, &s->text);
	ck_assert_msg(hazard_derive(s->f, 0, s->row, time_trust(mh_at(now), H_OFFSET), &s->h, &s->trace, &e) == 0, "%s", e.text);
}

static void start(struct seen *s)
{
	memset(s, 0, sizeof *s);
	mh_open(&s->m);
	mh_hazard(&s->m, 0, NULL);
}

static void end(struct seen *s)
{
	fold_free(s->f);
	free(s->trace.v);
	buf_clear(&s->text);
	mh_close(&s->m);
}

static void time_is(int64_t t, double hours)
{
	char text[TIME_LEN + 1] = "none";

	if (t != TIME_NONE)
		time_write(t, H_OFFSET, text);
	ck_assert_str_eq(text, mh_at(hours));
}

static const char *state_of(const struct seen *s)
{
	return s->h.policy->workflow.state[s->h.state].id;
}

static const char *tier_of(const struct seen *s)
{
	return s->h.policy->levels.v[s->h.tier].id;
}

START_TEST(just_reported)
{
	struct seen s;

	start(&s);
	look(&s, 1);
	ck_assert_str_eq(state_of(&s), "reported");
	ck_assert_str_eq(tier_of(&s), "village");
	ck_assert_int_eq(s.h.phase, PHASE_OPEN);
	ck_assert_uint_eq(s.h.round, 1);
	ck_assert_str_eq(s.h.policy->rules.v[s.h.rule].id, "rest-7d");
	time_is(s.h.due, 7 * 24 + 15);
	time_is(s.h.first_due, 7 * 24 + 15);
	ck_assert(!s.h.overdue && !s.h.followed && !s.h.held && !s.h.supervised);
	ck_assert(span_is(s.h.subject_kind, "enterprise"));
	ck_assert(span_is(s.h.subject_name, "Wood"));
	ck_assert_uint_eq(s.h.owner.n, 0);
	look(&s, 7 * 24 + 15);
	ck_assert(!s.h.overdue);
	look(&s, 7 * 24 + 16);
	ck_assert(s.h.overdue);
	end(&s);
}
END_TEST

START_TEST(the_usual_way)
{
	struct seen s;

	start(&s);
	MH_STEP(&s.m, 1, "assign", "owner", "T01-FIRE", "person", "T01-O2", "due", mh_at(48));
	look(&s, 2);
	ck_assert(!s.h.followed);
	ck_assert(span_is(s.h.owner, "T01-FIRE"));
	ck_assert(span_is(s.h.person, "T01-O2"));
	time_is(s.h.due, 48);
	time_is(s.h.assigned, 1);
	mh_begin(&s.m);
	MH_STEP(&s.m, 2, "accept", NULL);
	MH_STEP(&s.m, 3, "rectify", "owner", "-");
	MH_STEP(&s.m, 4, "recheck", "result", "fail");
	look(&s, 5);
	ck_assert_str_eq(state_of(&s), "rectifying");
	ck_assert(s.h.followed);
	ck_assert_int_eq(s.h.rectified, TIME_NONE);
	ck_assert_uint_eq(s.h.owner.n, 0);
	mh_begin(&s.m);
	MH_STEP(&s.m, 6, "rectify", NULL);
	MH_STEP(&s.m, 7, "recheck", "result", "pass");
	MH_STEP(&s.m, 8, "close", NULL);
	look(&s, 100);
	ck_assert_int_eq(s.h.phase, PHASE_CLOSED);
	time_is(s.h.rectified, 6);
	time_is(s.h.closed, 8);
	time_is(s.h.first_closed, 8);
	ck_assert(span_is(s.h.closed_by, "T01-O1"));
	ck_assert(!s.h.overdue);
	end(&s);
}
END_TEST

START_TEST(holds_and_extensions)
{
	struct seen s;

	start(&s);
	MH_STEP(&s.m, 1, "assign", "owner", "T01-FIRE", "due", mh_at(25));
	MH_STEP(&s.m, 5, "hold", "reason", "rain");
	look(&s, 10);
	ck_assert(s.h.held);
	time_is(s.h.due, 30);			/* moves with now */
	mh_begin(&s.m);
	MH_STEP(&s.m, 11, "resume", NULL);
	look(&s, 12);
	ck_assert(!s.h.held);
	time_is(s.h.due, 31);
	ck_assert_uint_eq(s.trace.n, 3);
	ck_assert(!s.trace.v[1].counted && span_is(s.trace.v[1].why, "rain"));
	mh_begin(&s.m);
	MH_STEP(&s.m, 12, "extend", "due", mh_at(60));
	look(&s, 40);
	time_is(s.h.due, 60);			/* the hold before does not move it */
	time_is(s.h.first_due, 25);
	ck_assert(!s.h.overdue);
	mh_begin(&s.m);
	MH_STEP(&s.m, 41, "extend", "due", "-");
	look(&s, 42);
	time_is(s.h.due, 7 * 24 + 15 + 6);	/* the rule's again, with the hold left out */
	end(&s);
}
END_TEST

START_TEST(a_new_round)
{
	struct seen s;

	start(&s);
	MH_STEP(&s.m, 1, "assign", "owner", "T01-FIRE", "due", mh_at(9));
	MH_SWEEP(&s.m, 10, "escalate", "tier", "township", "key", "k1");
	MH_STEP(&s.m, 11, "rectify", NULL);
	MH_STEP(&s.m, 12, "recheck", "result", "pass");
	MH_STEP(&s.m, 13, "close", NULL);
	MH_STEP(&s.m, 50, "reopen", "reason", "again");
	look(&s, 51);
	ck_assert_uint_eq(s.h.round, 2);
	time_is(s.h.round_from, 50);
	ck_assert_int_eq(s.h.rectified, TIME_NONE);
	ck_assert_int_eq(s.h.closed, TIME_NONE);
	ck_assert_int_eq(s.h.assigned, TIME_NONE);
	time_is(s.h.first_closed, 13);
	time_is(s.h.due, 50 + 7 * 24 + 13);	/* 24:00 of the seventh day after 4 March, 11:00 */
	ck_assert_str_eq(tier_of(&s), "village");
	ck_assert_uint_eq(fold_side(s.f, 0)->nrounds, 1);
	time_is(fold_side(s.f, 0)->round[0].rectified, 11);
	ck_assert_str_eq(state_of(&s), "reported");
	end(&s);
}
END_TEST

START_TEST(tiers_and_late_entries)
{
	struct seen s;

	start(&s);
	MH_STEP(&s.m, 1, "assign", "owner", "T01-FIRE");
	MH_SWEEP(&s.m, 10, "escalate", "tier", "township", "owner", "T01-E", "key", "k1");
	MH_SWEEP(&s.m, 20, "escalate", "tier", "county", "owner", "T01-GOV", "key", "k2");
	MH_SWEEP(&s.m, 20, "supervise", "key", "k3");
	look(&s, 21);
	ck_assert_str_eq(tier_of(&s), "county");
	time_is(s.h.tier_at, 20);
	ck_assert(span_is(s.h.owner, "T01-GOV"));
	ck_assert(s.h.supervised);
	ck_assert(!s.h.followed);		/* the sweep's steps do not count */
	ck_assert_uint_eq(fold_side(s.f, 0)->nkeys, 3);
	ck_assert_uint_eq(fold_side(s.f, 0)->key[1].hash, mem_hash(SPAN("k2"), 0));
	mh_begin(&s.m);
	MH_STEP(&s.m, 14, "note", "note", "been there");	/* entered late, but it takes no ground from the sweep */
	look(&s, 22);
	ck_assert_str_eq(tier_of(&s), "county");
	mh_begin(&s.m);
	MH_STEP(&s.m, 15, "extend", "due", mh_at(100), "reason", "said then already");	/* entered late */
	look(&s, 22);
	ck_assert_str_eq(tier_of(&s), "township");
	time_is(s.h.tier_at, 10);
	ck_assert(span_is(s.h.owner, "T01-E"));
	ck_assert(!s.h.supervised);
	ck_assert(!fold_side(s.f, 0)->tier[0].late && fold_side(s.f, 0)->tier[1].late && fold_side(s.f, 0)->tier[2].late);
	ck_assert_uint_eq(fold_side(s.f, 0)->nkeys, 3);		/* stays as history */
	mh_begin(&s.m);
	MH_STEP(&s.m, 23, "raise", "tier", "county", "reason", "no power");
	look(&s, 24);
	ck_assert_str_eq(tier_of(&s), "county");
	time_is(s.h.tier_at, 23);
	end(&s);
}
END_TEST

START_TEST(corrections)
{
	struct seen s;
	char undone[ID_MAX];

	start(&s);
	MH_STEP(&s.m, 1, "judge", "severity", "major", "category", "gas", "reason", "r");
	look(&s, 2);
	ck_assert_str_eq(s.h.policy->severities.v[s.h.severity].id, "major");
	ck_assert_str_eq(s.h.policy->rules.v[s.h.rule].id, "major-90d");
	mh_begin(&s.m);
	MH_STEP(&s.m, 3, "correct", "field", "severity", "was", "major", "value", "minor");
	MH_STEP(&s.m, 3, "correct", "field", "reported_at", "was", mh_at(0), "value", mh_at(-24));
	MH_STEP(&s.m, 3, "correct", "field", "subject", "value", "-");
	look(&s, 4);
	ck_assert_str_eq(s.h.policy->rules.v[s.h.rule].id, "minor-same-day");
	time_is(s.h.due, -9);
	ck_assert(s.h.overdue);
	ck_assert_uint_eq(s.h.subject_kind.n, 0);
	ck_assert(span_is(s.h.row[schema_column(h_table("hazards"), SPAN("category"))], "gas"));
	mh_begin(&s.m);
	MH_STEP(&s.m, 5, "rectify", NULL);
	memcpy(undone, s.m.event, ID_MAX);
	MH_STEP(&s.m, 6, "retract", "key", undone);
	look(&s, 7);
	ck_assert_str_eq(state_of(&s), "reported");
	ck_assert_int_eq(s.h.rectified, TIME_NONE);
	end(&s);
}
END_TEST

START_TEST(what_is_not_there)
{
	struct seen s;
	struct err e = ERR_INIT;
	struct fold *f = NULL;

	start(&s);
	look(&s, 1);
	ck_assert_int_eq(fold_one(s.m.o, SPAN("T01-H2026-000999"), INT64_MAX, &f, &e), 0);
	ck_assert_ptr_null(f);
	ck_assert_str_eq(e.text, "");
	f = fold_all(s.m.o, INT64_MAX, 1, &e);
	ck_assert_uint_eq(fold_index(f, SPAN("T01-H2026-000999")), UINT32_MAX);
	ck_assert_uint_eq(fold_index(f, SPAN("nonsense")), UINT32_MAX);
	fold_free(f);
	f = fold_new(s.m.o, INT64_MAX);
	ck_assert_uint_eq(fold_add(f, SPAN("T01-H2026-000999")), 0);
	ck_assert_uint_eq(fold_add(f, SPAN("T01-H2026-000001")), 1);
	ck_assert_uint_eq(fold_index(f, SPAN("T01-H2026-000999")), 0);
	fold_free(f);
	end(&s);
}
END_TEST

START_TEST(later_events_are_left_out)
{
	struct seen s;
	struct err e = ERR_INIT;
	struct fold *f;

	start(&s);
	MH_STEP(&s.m, 1, "rectify", NULL);
	MH_STEP(&s.m, 5, "recheck", "result", "pass");
	mh_commit(&s.m);
	s.m.c = NULL;
	f = fold_all(s.m.o, time_trust(mh_at(4), H_OFFSET), 1, &e);
	ck_assert_str_eq(s.m.o->policy->workflow.state[fold_state(f, fold_index(f, span_of(s.m.hazard)), &s.m.o->policy->workflow)].id,
	    "rectified");
	fold_free(f);
	end(&s);
}
END_TEST

/* A register whose policy was replaced by one with another workflow: each hazard goes by its own. */
START_TEST(two_workflows)
{
	struct seen s;
	struct pack p = PACK_INIT;
	char path[512], first[ID_MAX];
	const char *data = getenv("GRIDLEDGER_DATA");
	struct err e = ERR_INIT;
	struct fold *all;
	struct hazard h;

	start(&s);
	memcpy(first, s.m.hazard, ID_MAX);
	MH_STEP(&s.m, 1, "assign", "owner", "T01-FIRE");
	mh_commit(&s.m);
	mh_begin(&s.m);
	snprintf(path, sizeof path, "%s/places/taian", data != NULL ? data : PKGDATADIR);
	ck_assert_msg(pack_read(&p, path, &e) == 0, "%s", e.text);
	commit_policy(s.m.c, p.bytes, p.n, buf_view(&p.manifest));
	mh_commit(&s.m);
	pack_clear(&p);
	mh_begin(&s.m);
	MH_STEP(&s.m, 2, "accept", NULL);
	mh_hazard(&s.m, 3, (const char *const[]){ "policy", "", NULL });
	MH_STEP(&s.m, 4, "rectify", NULL);
	mh_commit(&s.m);
	s.m.c = NULL;
	all = fold_all(s.m.o, INT64_MAX, 1, &e);
	ck_assert_msg(all != NULL, "%s", e.text);
	ck_assert_ptr_nonnull(all->pin);
	mh_row(&s.m, first, s.row, &s.text);
	ck_assert_int_eq(hazard_derive(all, fold_index(all, span_of(first)), s.row, time_trust(mh_at(9), H_OFFSET), &h, NULL, &e), 0);
	ck_assert_str_eq(h.policy->place, "default");
	ck_assert_str_eq(h.policy->workflow.state[h.state].id, "rectifying");
	look(&s, 9);
	ck_assert_str_eq(s.h.policy->place, "taian");
	ck_assert_str_eq(state_of(&s), "rectified");
	ck_assert_int_eq(hazard_derive(all, fold_index(all, span_of(s.m.hazard)), s.row, time_trust(mh_at(9), H_OFFSET), &h, NULL, &e), 0);
	ck_assert_int_eq(h.state, s.h.state);
	ck_assert_int_eq(h.tier, s.h.tier);
	fold_free(all);
	end(&s);
}
END_TEST

#define HAZARDS 1000

/* A random step on a hazard, legal or odd. */
static void random_step(struct mh *m, unsigned *seed, char events[][ID_MAX], int *nevents, double *at)
{
	static const char *const steps[] = { "assign", "accept", "rectify", "rectify", "recheck", "recheck", "close", "close", "reopen",
		"hold", "resume", "extend", "judge", "note", "return", "supervise", "delist", "raise", "correct", "retract", "void",
		"escalate", "escalate", "remind", "supervise", "nonsense", "transfer" };
	static const char *const organs[] = { "T01-GOV", "T01-FIRE", "T01-E", "-", "" };
	static const char *const levels[] = { "county", "township", "village", "" };
	static const char *const severities[] = { "minor", "general", "major" };
	static const char *const fields[] = { "severity", "reported_at", "category", "subject", "ref", "odd" };
	const char *step = steps[(unsigned)rand_r(seed) % (sizeof steps / sizeof *steps)];
	const char *sets[16] = { NULL };
	size_t n = 0;
	bool sweep = strcmp(step, "escalate") == 0 || strcmp(step, "remind") == 0 || (strcmp(step, "supervise") == 0 && rand_r(seed) % 2);
	const char *due = mh_at(*at + rand_r(seed) % 300);
	char key[16];

#define SET(name, value) (sets[n] = (name), sets[n + 1] = (value), n += 2)
	if (rand_r(seed) % 3 == 0 || sweep)
		SET("owner", organs[(unsigned)rand_r(seed) % 5]);
	if (strcmp(step, "extend") == 0 || rand_r(seed) % 5 == 0)
		SET("due", rand_r(seed) % 9 ? due : "-");
	if (sweep || strcmp(step, "raise") == 0)
		SET("tier", levels[(unsigned)rand_r(seed) % 4]);
	if (strcmp(step, "judge") == 0)
		SET("severity", severities[(unsigned)rand_r(seed) % 3]);
	if (strcmp(step, "recheck") == 0)
		SET("result", rand_r(seed) % 3 ? "pass" : "fail");
	if (strcmp(step, "correct") == 0) {
		const char *field = fields[(unsigned)rand_r(seed) % 6];

		SET("field", field);
		SET("value", strcmp(field, "severity") == 0 ? "minor" : strcmp(field, "reported_at") == 0 ? mh_at(-5) : "-");
	}
	if (strcmp(step, "retract") == 0)
		SET("key", *nevents && rand_r(seed) % 8 ? events[rand_r(seed) % *nevents] : "T01-E2026-000001");
	else if (sweep) {
		snprintf(key, sizeof key, "k%d", rand_r(seed) % 9);
		SET("key", key);
	}
#undef SET
	mh_step(m, *at - (rand_r(seed) % 6 ? 0 : rand_r(seed) % 60), step, sweep ? "sweep" : "T01-O2", sets);
	memcpy(events[(*nevents)++], m->event, ID_MAX);
	*at += rand_r(seed) % 20;
}

/* What both folds say of a hazard is the same. */
static void same(const struct hazard *a, const struct hazard *b, const char *id, unsigned seed)
{
#define SAME(x) ck_assert_msg(a->x == b->x, "%s: " #x " (seed %u)", id, seed)
#define SAME_SPAN(x) ck_assert_msg(span_eq(a->x, b->x), "%s: " #x " (seed %u)", id, seed)
	SAME(state); SAME(tier); SAME(severity); SAME(phase); SAME(round); SAME(round_from); SAME(assigned); SAME(rectified);
	SAME(closed); SAME(first_closed); SAME(tier_at); SAME(rule); SAME(clock_from); SAME(due); SAME(first_due); SAME(held);
	SAME(overdue); SAME(followed); SAME(supervised); SAME(stopped); SAME(reported); SAME(found); SAME(grid);
	SAME_SPAN(owner); SAME_SPAN(person); SAME_SPAN(closed_by); SAME_SPAN(subject_kind);
	for (int c = 0; c < h_table("hazards")->ncolumns; c++)
		SAME_SPAN(row[c]);
}

/* Random lives: steps of many hazards interleaved, in several commits. */
static void random_register(struct mh *m, unsigned *seed, char (*ids)[ID_MAX])
{
	static char events[HAZARDS][40][ID_MAX];
	static int nevents[HAZARDS];
	static double at[HAZARDS];

	mh_open(m);
	memset(nevents, 0, sizeof nevents);
	for (int i = 0; i < HAZARDS; i++) {
		mh_hazard(m, at[i] = rand_r(seed) % 50, i % 7 ? NULL : (const char *const[]){ "emergency", "yes", "found_at", mh_at(-1), NULL });
		memcpy(ids[i], m->hazard, ID_MAX);
	}
	for (int k = 0; k < HAZARDS * 12; k++) {
		int i = rand_r(seed) % HAZARDS;

		if (nevents[i] >= 39)
			continue;
		memcpy(m->hazard, ids[i], ID_MAX);
		random_step(m, seed, events[i], &nevents[i], &at[i]);
		if (k % 4001 == 4000) {
			mh_commit(m);
			mh_begin(m);
		}
	}
	mh_commit(m);
}

START_TEST(all_equals_one)
{
	static char ids[HAZARDS][ID_MAX];
	const char *given = getenv("SEED");
	unsigned first = given != NULL ? (unsigned)atoi(given) : 20261122u, seed = first;
	struct mh m;
	struct err e = ERR_INIT;
	struct fold *all;
	int64_t as_of;

	random_register(&m, &seed, ids);
	for (int round = 0; round < 2; round++) {
		as_of = round ? time_trust(mh_at(80), H_OFFSET) : INT64_MAX;
		all = fold_all(m.o, as_of, 2, &e);
		ck_assert_msg(all != NULL, "%s", e.text);
		for (int i = 0; i < HAZARDS; i++) {
			struct fold *one = NULL;
			struct hazard a, b;
			struct span row[64];
			struct buf text = BUF_INIT;
			int64_t now = time_trust(mh_at(120 + rand_r(&seed) % 400), H_OFFSET);

			ck_assert_msg(fold_one(m.o, span_of(ids[i]), as_of, &one, &e) == 1, "%s (seed %u)", e.text, first);
			mh_row(&m, ids[i], row, &text);
			ck_assert_int_eq(hazard_derive(all, fold_index(all, span_of(ids[i])), row, now, &a, NULL, &e), 0);
			ck_assert_int_eq(hazard_derive(one, 0, row, now, &b, NULL, &e), 0);
			same(&a, &b, ids[i], first);
			fold_free(one);
			buf_clear(&text);
		}
		fold_free(all);
	}
	printf("seed %u\n", first);
	mh_close(&m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fold");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, just_reported);
	tcase_add_test(t, the_usual_way);
	tcase_add_test(t, holds_and_extensions);
	tcase_add_test(t, a_new_round);
	tcase_add_test(t, tiers_and_late_entries);
	tcase_add_test(t, corrections);
	tcase_add_test(t, what_is_not_there);
	tcase_add_test(t, later_events_are_left_out);
	tcase_add_test(t, two_workflows);
	tcase_add_test(t, all_equals_one);
	suite_add_tcase(s, t);
	return h_run(s);
}

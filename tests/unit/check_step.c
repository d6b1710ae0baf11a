/* SPDX-License-Identifier: MIT */
#include "model/step.h"
#include "intakehelp.h"

#define HAZARD "T01-H2026-000001"

/* One hazard of fire, reported an hour before H_NOW, in an open commit. */
static struct step_batch *begin(struct ih *h)
{
	struct step_who who;
	struct err e = ERR_INIT;
	struct span row[64] = { { NULL, 0 } };
	const struct table *t = schema_table(SPAN("hazards"));
	char digest[13], id[ID_MAX];

	ih_open(h, H_NOW);
	snprintf(digest, sizeof digest, "%.12s", h->office->policy->digest);
	commit_mint(h->commit, t, id);
	row[t->key] = span_of(id);
	row[schema_column(t, SPAN("reported_at"))] = SPAN("2026-02-02T09:40:00+08:00");
	row[schema_column(t, SPAN("grid"))] = SPAN("990101001001");
	row[schema_column(t, SPAN("category"))] = SPAN("fire");
	row[schema_column(t, SPAN("severity"))] = SPAN("general");
	row[schema_column(t, SPAN("reporter"))] = SPAN(IH_CLERK);
	row[schema_column(t, SPAN("policy"))] = span_of(digest);
	row[schema_column(t, SPAN("description"))] = SPAN("x");
	commit_append(h->commit, t, row);
	ih_end(h, true);
	ih_begin(h, H_NOW);
	who = (struct step_who){ SPAN(IH_CLERK), H_NOW, AT_FDCWD };
	ck_assert_int_eq(e.status, 0);
	return step_batch_new(h->office, h->commit, &who);
}

/* Take a step on the hazard with column, value pairs; how many complaints it brought. */
static size_t take(struct ih *h, struct step_batch *b, const char *step, const char *const *sets)
{
	const struct table *t = schema_table(SPAN("events"));
	struct span f[64] = { { NULL, 0 } };
	struct step_said said = { .hazard = SPAN(HAZARD), .step = span_of(step), .f = f, .file = "steps.csv",
	    .line = 2 };
	struct err e = ERR_INIT;
	size_t before = h->d.errors;

	for (; sets != NULL && *sets != NULL; sets += 2)
		f[schema_column(t, span_of(sets[0]))] = span_of(sets[1]);
	ck_assert_msg(step_take(b, &said, &h->d, &e) == 0, "%s", e.text);
	return h->d.errors - before;
}
#define SETS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void end(struct ih *h, struct step_batch *b)
{
	step_batch_free(b);
	ih_close(h);
}

START_TEST(implied_step_is_filled_in)
{
	struct ih h;
	struct step_batch *b = begin(&h);

	ck_assert_uint_eq(take(&h, b, "assign", NULL), 0);
	ck_assert_uint_eq(commit_rows(h.commit), 1);
	ck_assert_uint_eq(take(&h, b, "整改", NULL), 0);
	ck_assert_uint_eq(commit_rows(h.commit), 3);
	ck_assert_ptr_nonnull(strstr(commit_pending(h.commit, schema_table(SPAN("events"))).p,
	    ",assign,,T01-O1,,T01-FIRE,"));
	end(&h, b);
}
END_TEST

START_TEST(wrong_state_names_the_right_ones)
{
	struct ih h;
	struct step_batch *b = begin(&h);

	ck_assert_uint_eq(take(&h, b, "close", NULL), 1);
	IH_SAYS(&h, "steps.csv:2: hazard " HAZARD " is reported (待交办); close may be taken from rechecked (待销号)");
	ck_assert_uint_eq(commit_rows(h.commit), 0);
	ck_assert_uint_eq(take(&h, b, "recheck", NULL),
	    0);	/* it only follows: not said again, nothing appended */
	ck_assert_uint_eq(commit_rows(h.commit), 0);
	end(&h, b);
}
END_TEST

START_TEST(roles_are_named)
{
	struct ih h;
	struct step_batch *b = begin(&h);

	ck_assert_uint_eq(take(&h, b, "assign", SETS("actor", "Walker")), 1);
	IH_SAYS(&h, "assign may be taken by grid-leader, chief-leader, dispatcher, department, leader or clerk; T01-O2 is grid-officer");
	end(&h, b);
}
END_TEST

START_TEST(needs_are_named_together)
{
	struct ih h;
	struct step_batch *b = begin(&h);

	ck_assert_uint_eq(take(&h, b, "rectify", NULL), 0);
	ck_assert_uint_eq(take(&h, b, "recheck", NULL), 2);
	IH_SAYS(&h, "steps.csv:2: recheck needs a result: pass or fail\nsteps.csv:2: recheck needs a verifier\n");
	end(&h, b);
}
END_TEST

START_TEST(time_is_after_the_last_step)
{
	struct ih h;
	struct step_batch *b = begin(&h);

	ck_assert_uint_eq(take(&h, b, "assign", SETS("at", "2026-02-02 10:00")), 0);
	ck_assert_uint_eq(take(&h, b, "rectify", SETS("at", "2026-02-02 09:50")), 1);
	IH_SAYS(&h, "steps.csv:2: at: 2026-02-02T09:50:00+08:00 is before the hazard's last step (assign, 2026-02-02T10:00:00+08:00)");
	end(&h, b);
	b = begin(&h);
	ck_assert_uint_eq(take(&h, b, "rectify", SETS("at", "2026-02-03")), 1);
	IH_SAYS(&h, "at: 2026-02-03T00:00:00+08:00 is after now (2026-02-02T10:40:00+08:00)");
	end(&h, b);
	b = begin(&h);	/* a date alone on the day of the report follows it */
	ck_assert_uint_eq(take(&h, b, "rectify", SETS("at", "2026-02-02")), 0);
	ck_assert_ptr_nonnull(strstr(commit_pending(h.commit, schema_table(SPAN("events"))).p,
	    ",2026-02-02T09:40:00+08:00,"));
	end(&h, b);
}
END_TEST

START_TEST(raise_goes_up_the_tree)
{
	struct ih h;
	struct step_batch *b = begin(&h);

	ck_assert_uint_eq(take(&h, b, "raise", SETS("reason", "x")), 0);
	ck_assert_ptr_nonnull(strstr(commit_pending(h.commit, schema_table(SPAN("events"))).p,
	    ",raise,,T01-O1,township,T01-E,"));
	ck_assert_uint_eq(take(&h, b, "raise", SETS("reason", "x")), 0);
	ck_assert_uint_eq(take(&h, b, "raise", SETS("reason", "x")), 1);
	IH_SAYS(&h, "is at the top tier (county) already");
	end(&h, b);
}
END_TEST

START_TEST(correction_says_what_was)
{
	struct ih h;
	struct step_batch *b = begin(&h);

	ck_assert_uint_eq(take(&h, b, "correct", SETS("field", "等级", "value", "重大隐患")), 0);
	ck_assert_ptr_nonnull(strstr(commit_pending(h.commit, schema_table(SPAN("events"))).p,
	    ",severity,general,major,"));
	ck_assert_ptr_nonnull(strstr(step_remarks(b)->p, "hazard " HAZARD ": due changed from "));
	ck_assert_uint_eq(take(&h, b, "correct", SETS("field", "severity", "value", "major")), 1);
	IH_SAYS(&h, "value: hazard " HAZARD " has this severity already");
	end(&h, b);
}
END_TEST

START_TEST(retraction_needs_nothing_on_top)
{
	struct ih h;
	struct step_batch *b = begin(&h);

	ck_assert_uint_eq(take(&h, b, "assign", NULL), 0);
	ck_assert_uint_eq(take(&h, b, "rectify", NULL), 0);
	ck_assert_uint_eq(take(&h, b, "retract", SETS("key", "T01-E2026-000001")), 1);
	IH_SAYS(&h, "event T01-E2026-000001 cannot be retracted while later steps stand on it: T01-E2026-000002 (accept)");
	end(&h, b);
	b = begin(&h);
	ck_assert_uint_eq(take(&h, b, "rectify", NULL), 0);
	ck_assert_uint_eq(take(&h, b, "retract", SETS("key", "T01-E2026-000001")), 0);
	ck_assert_uint_eq(take(&h, b, "rectify", NULL), 0);
	end(&h, b);
}
END_TEST

START_TEST(bad_value_is_told_apart)
{
	struct ih h;
	struct step_batch *b = begin(&h);

	ck_assert_uint_eq(take(&h, b, "assign", SETS("owner", "nobody")), 1);
	ck_assert(step_bad_value(b));
	IH_SAYS(&h, "steps.csv:2: owner: no organ \"nobody\"");
	ck_assert_uint_eq(take(&h, b, "assign", SETS("due", "soon")), 1);
	ck_assert(step_bad_value(b));
	ck_assert_uint_eq(take(&h, b, "close", NULL), 1);
	ck_assert(!step_bad_value(b));
	end(&h, b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("step");
	TCase *t = tcase_create("step");

	tcase_add_test(t, implied_step_is_filled_in);
	tcase_add_test(t, wrong_state_names_the_right_ones);
	tcase_add_test(t, roles_are_named);
	tcase_add_test(t, needs_are_named_together);
	tcase_add_test(t, time_is_after_the_last_step);
	tcase_add_test(t, raise_goes_up_the_tree);
	tcase_add_test(t, correction_says_what_was);
	tcase_add_test(t, retraction_needs_nothing_on_top);
	tcase_add_test(t, bad_value_is_told_apart);
	suite_add_tcase(s, t);
	return h_run(s);
}

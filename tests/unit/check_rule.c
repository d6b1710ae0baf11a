/* SPDX-License-Identifier: MIT */
#include "policy/rule.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "runhelp.h"

static const char *light[] = { "minor", "general" };
static const char *yes[] = { "yes" }, *no[] = { "no" };

/* Facts of a hazard: severity, category id and name, emergency. */
static struct rule_facts facts(const char *severity, const char *category, const char *name, const char *emergency)
{
	struct rule_facts f;
	memset(&f, 0, sizeof f);
	f.id[RULE_SEVERITY] = span_of(severity);
	f.id[RULE_CATEGORY] = span_of(category);
	f.name[RULE_CATEGORY] = span_of(name);
	f.id[RULE_EMERGENCY] = span_of(emergency);
	return f;
}

static int first(const struct rules *r, struct rule_facts f)
{
	struct err e = ERR_INIT;
	int at = rules_match(r, &f, &e);
	ck_assert_msg(at >= 0, "%s", e.text);
	return at;
}

START_TEST(test_first_match_wins)
{
	struct err e = ERR_INIT;
	struct pattern *p = pattern_new(SPAN("燃气|^gas$"), &e);
	struct rule_test urgent[] = { { RULE_EMERGENCY, yes, 1, NULL } };
	struct rule_test gas[] = { { RULE_SEVERITY, light, 2, NULL }, { RULE_CATEGORY, NULL, 0, p } };
	struct rule_test calm[] = { { RULE_SEVERITY, light, 1, NULL }, { RULE_EMERGENCY, no, 1, NULL } };
	struct rule v[] = { { .id = "urgent", .when = urgent, .ntests = 1 }, { .id = "gas", .when = gas, .ntests = 2 },
			    { .id = "calm", .when = calm, .ntests = 2 }, { .id = "rest" } };
	struct rules r = { .v = v, .n = 4 };
	ck_assert_int_eq(first(&r, facts("minor", "gas", "", "yes")), 0);
	ck_assert_int_eq(first(&r, facts("minor", "gas", "", "")), 1);
	ck_assert_int_eq(first(&r, facts("general", "g2", "瓶装燃气", "")), 1);	/* by name */
	ck_assert_int_eq(first(&r, facts("minor", "fire", "消防", "")), 2);	/* emergency unsaid is no */
	ck_assert_int_eq(first(&r, facts("major", "gas", "燃气", "")), 3);
	ck_assert_int_eq(first(&r, facts("", "", "", "")), 3);
	pattern_free(p);
}
END_TEST

START_TEST(test_unknown_matches_no_test)
{
	struct err e = ERR_INIT;
	struct pattern *p = pattern_new(SPAN("^.*$"), &e);
	struct rule_test any[] = { { RULE_SECTOR, NULL, 0, p } };
	struct rule v[] = { { .id = "any", .when = any, .ntests = 1 }, { .id = "rest" } };
	struct rules r = { .v = v, .n = 2 };
	ck_assert_int_eq(first(&r, facts("", "", "", "")), 1);
	pattern_free(p);
}
END_TEST

/* A unit lies in itself and in those its code begins with. */
static bool within(const void *arg, const char *unit)
{
	return strncmp(arg, unit, strlen(unit)) == 0;
}

START_TEST(test_a_pilot_holds_there_and_then)
{
	static const char *grids[] = { "990101001", "990101003" };
	struct rule v[] = { { .id = "pilot", .scope = { .set = true, .grid = grids, .ngrids = 2, .from = 20454, .to = 20465 } }, { .id = "rest" } };
	struct rules r = { .v = v, .n = 2 };
	static const struct { const char *grid; int32_t day; int rule; } rows[] = { { "990101001002", 20454, 0 }, { "990101003", 20465, 0 },
		{ "990101001002", 20453, 1 }, { "990101001002", 20466, 1 }, { "990101002001", 20460, 1 }, { NULL, 20460, 1 } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rule_facts f = facts("minor", "gas", "", "");

		f.day = rows[i].day;
		f.within = rows[i].grid != NULL ? within : NULL;
		f.arg = rows[i].grid;
		ck_assert_msg(first(&r, f) == rows[i].rule, "row %zu", i);
	}
}
END_TEST

START_TEST(test_a_limit_is_an_error)
{
	struct err e = ERR_INIT;
	struct pattern *p = pattern_new(SPAN("(a+)+$x|(a+)+b"), &e);
	struct rule_test t[] = { { RULE_OWNER, NULL, 0, p } };
	struct rule v[] = { { .id = "slow", .when = t, .ntests = 1 }, { .id = "rest" } };
	struct rules r = { .v = v, .n = 2 };
	struct rule_facts f = facts("", "", "", "");
	f.id[RULE_OWNER] = SPAN("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	ck_assert_int_eq(rules_match(&r, &f, &e), -1);
	ck_assert_int_eq(e.status, ERR_DATA);
	ck_assert_str_eq(e.text, "policy/escalation.yaml:0: rule slow: owner: the pattern needs too many tries on one text; make it simpler");
	pattern_free(p);
}
END_TEST

START_TEST(test_no_rule)
{
	struct err e = ERR_INIT;
	struct rules none = { .v = NULL, .n = 0 };
	struct rule_facts f = facts("", "", "", "");
	ck_assert_int_eq(rules_match(&none, &f, &e), -1);
	ck_assert_str_eq(e.text, "no rule of escalation.yaml matches; the last one must match everything");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rule");
	TCase *t = tcase_create("rule");
	tcase_add_test(t, test_first_match_wins);
	tcase_add_test(t, test_unknown_matches_no_test);
	tcase_add_test(t, test_a_pilot_holds_there_and_then);
	tcase_add_test(t, test_a_limit_is_an_error);
	tcase_add_test(t, test_no_rule);
	suite_add_tcase(s, t);
	return h_run(s);
}

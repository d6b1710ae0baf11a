/* SPDX-License-Identifier: MIT */
#include "policy/workflow.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "runhelp.h"

enum { REPORTED, ASSIGNED, RECTIFYING, RECTIFIED, RECHECKED, CLOSED, NSTATES };
enum { ASSIGN, ACCEPT, START, RECTIFY, RECHECK, CLOSE, HOLD, NSTEPS };
#define FROM(s) (UINT64_C(1) << (s))

static struct wf_state states[] = {
	{ "reported", "待交办", PHASE_OPEN, 1 }, { "assigned", "待接收", PHASE_OPEN, 2 }, { "rectifying", "整改中", PHASE_OPEN, 3 },
	{ "rectified", "待复查", PHASE_DONE, 4 }, { "rechecked", "待销号", PHASE_DONE, 5 }, { "closed", "已销号", PHASE_CLOSED, 6 },
};
static struct wf_step steps[] = {
	{ .id = "assign", .from = FROM(REPORTED), .to = ASSIGNED, .to_fail = -2, .implied = true },
	{ .id = "accept", .from = FROM(ASSIGNED), .to = RECTIFYING, .to_fail = -2, .implied = true },
	{ .id = "start", .from = FROM(ASSIGNED), .to = RECTIFYING, .to_fail = -2, .implied = true },
	{ .id = "rectify", .from = FROM(RECTIFYING), .to = RECTIFIED, .to_fail = -2 },
	{ .id = "recheck", .from = FROM(RECTIFIED), .to = RECHECKED, .to_fail = RECTIFYING },
	{ .id = "close", .from = FROM(RECHECKED), .to = CLOSED, .to_fail = -2 },
	{ .id = "hold", .from = FROM(REPORTED) | FROM(ASSIGNED), .to = -1, .to_fail = -2 },
};
static const struct workflow wf = { states, NSTATES, steps, NSTEPS, REPORTED };

START_TEST(test_names)
{
	ck_assert_int_eq(workflow_state(&wf, "rectified"), RECTIFIED);
	ck_assert_int_eq(workflow_state(&wf, "rectif"), -1);
	ck_assert_int_eq(workflow_step(&wf, "recheck", 7), RECHECK);
	ck_assert_int_eq(workflow_step(&wf, "recheck,x", 7), RECHECK);	/* a span of a row */
	ck_assert_int_eq(workflow_step(&wf, "rech", 4), -1);
	ck_assert_int_eq(workflow_step(&wf, "", 0), -1);
	ck_assert_str_eq(wf_phase_name[PHASE_ENDED], "ended");
}
END_TEST

START_TEST(test_next)
{
	ck_assert_int_eq(workflow_next(&wf, REPORTED, ASSIGN, false), ASSIGNED);
	ck_assert_int_eq(workflow_next(&wf, RECTIFIED, RECHECK, false), RECHECKED);
	ck_assert_int_eq(workflow_next(&wf, RECTIFIED, RECHECK, true), RECTIFYING);
	ck_assert_int_eq(workflow_next(&wf, ASSIGNED, HOLD, false), ASSIGNED);
	ck_assert_int_eq(workflow_next(&wf, RECTIFYING, RECTIFY, true), RECTIFIED);	/* takes no result */
}
END_TEST

START_TEST(test_implied)
{
	int path[NSTEPS];
	ck_assert_int_eq(workflow_implied(&wf, RECTIFYING, RECTIFY, path), 0);
	ck_assert_int_eq(workflow_implied(&wf, ASSIGNED, RECTIFY, path), 1);
	ck_assert_int_eq(path[0], ACCEPT);	/* before start in the file */
	ck_assert_int_eq(workflow_implied(&wf, REPORTED, RECTIFY, path), 2);
	ck_assert_int_eq(path[0], ASSIGN);
	ck_assert_int_eq(path[1], ACCEPT);
	ck_assert_int_eq(workflow_implied(&wf, RECTIFIED, CLOSE, path), -1);	/* recheck is not implied */
	ck_assert_int_eq(workflow_implied(&wf, CLOSED, HOLD, path), -1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("workflow");
	TCase *t = tcase_create("workflow");
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_next);
	tcase_add_test(t, test_implied);
	suite_add_tcase(s, t);
	return h_run(s);
}

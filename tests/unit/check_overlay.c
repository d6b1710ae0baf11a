/* SPDX-License-Identifier: MIT */
#include "policy/overlay.h"

#include <stdlib.h>

#include "calhelp.h"
#include "engine/deliverhour.h"
#include "model/clock.h"
#include "model/worktime.h"
#include "policy/policy.h"
#include "runhelp.h"

static struct term term_of(const char *s)
{
	struct term t;
	struct err e = ERR_INIT;

	ck_assert_msg(term_parse(span_of(s), &t, &e) == 0, "%s", e.text);
	return t;
}

START_TEST(paths)
{
	static const struct {
		const char *path;
		bool is;
	} rows[] = {
		{ "policy.d/GAS.yaml", true }, { "policy.d/T01-GAS.yaml", true }, { "policy.d/1.yaml", true }, { "policy.d/A_b-9.yaml", true },
		{ "policy.d/gas.yaml", false }, { "policy.d/.yaml", false }, { "policy.d/GAS.yml", false }, { "policy.d/GAS", false },
		{ "policy.d/sub/GAS.yaml", false }, { "GAS.yaml", false }, { "policy.yaml", false }, { "policy.d/G AS.yaml", false },
		{ "policy.d/-GAS.yaml", false }, { "policy.d/G.AS.yaml", false }, { "policy.dGAS.yaml", false }, { "", false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_msg(overlay_path(span_of(rows[i].path)) == rows[i].is, "%s", rows[i].path);
}
END_TEST

/* What is surely not longer, and what may be. */
START_TEST(within)
{
	static const struct {
		const char *a, *b;
		bool term, length;
	} rows[] = {
		{ "24h", "24h", true, true }, { "1440m", "24h", true, true }, { "1441m", "24h", false, false }, { "24h", "1440m", true, true },
		{ "3d", "3d", true, true }, { "4d", "3d", false, false }, { "3d", "4d", true, true },
		{ "72h", "3d", true, true }, { "73h", "3d", false, false },	/* three days end at midnight */
		{ "3d", "72h", false, true }, { "3d", "95h", false, true }, { "3d", "96h", true, true },
		{ "0d", "24h", true, true }, { "0d", "23h", false, true }, { "1h", "0d", false, false },
		{ "4wh", "4wh", true, true }, { "4h", "4wh", true, true }, { "5h", "4wh", false, false }, { "4wh", "5wh", true, true },
		{ "4wh", "400h", false, false }, { "1wh", "30d", false, false }, { "24h", "1wd", true, true }, { "25h", "1wd", false, false },
		{ "5wd", "5wd", true, true }, { "5d", "5wd", false, true }, { "5wd", "5d", false, false }, { "8wh", "1wd", false, false },
		{ "1wd", "24wh", false, false }, { "6wd", "5wd", false, false },
		{ "month end", "month end", true, true }, { "month end", "30d", true, true }, { "month end", "29d", false, true },
		{ "month end", "744h", true, true }, { "month end", "743h", false, true }, { "1h", "month end", false, false },
		{ "1d", "month end", false, false }, { "1wd", "month end", false, false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool length = rows[i].length;

		ck_assert_msg(overlay_term_within(term_of(rows[i].a), term_of(rows[i].b)) == rows[i].term, "%s, %s", rows[i].a, rows[i].b);
		if (strcmp(rows[i].a, "month end") != 0 && strcmp(rows[i].b, "month end") != 0)
			ck_assert_msg(overlay_length_within(term_of(rows[i].a), term_of(rows[i].b)) == length, "%s, %s", rows[i].a, rows[i].b);
	}
}
END_TEST

/* A term of up to a few days, of any unit. */
static struct term any_term(unsigned *seed)
{
	static const int most[] = { 3 * 1440, 72, 4, 40, 4, 1 };
	enum term_unit unit = (enum term_unit)dice(seed, 6);

	return (struct term){ unit == TERM_MONTH_END ? 0 : dice(seed, most[unit] + 1), unit };
}

/* Up to three holds after a moment, the last one maybe open; how many. */
static size_t any_holds(unsigned *seed, int64_t t, struct clock_hold h[3])
{
	size_t n = (size_t)dice(seed, 4);

	for (size_t i = 0; i < n; i++) {
		h[i].from = t += dice(seed, 2 * 86400);
		h[i].to = t += 1 + dice(seed, 3 * 86400);
		h[i].reason = SPAN("");
	}
	if (n > 0 && dice(seed, 4) == 0)
		h[n - 1].to = TIME_NONE;
	return n;
}

static const char *shown(struct term t)
{
	static char text[2][32];
	static int n;
	struct buf b = BUF_INIT;

	term_write(&b, t);
	n = !n;
	snprintf(text[n], sizeof text[n], "%s", b.p);
	buf_clear(&b);
	return text[n];
}

/* What is held to be not longer is not, whatever the calendar, the start and the holds. */
START_TEST(within_by_the_clock)
{
	unsigned seed = (unsigned)_i + 77;
	struct policy *p = cal_random(&seed);
	struct worktime w = { p->calendar, CALENDAR_WALL, "", OFFSET };
	int64_t first = at("2023-06-01T00:00:00");
	size_t told = 0;

	for (int i = 0; i < 4000; i++) {
		struct term a = any_term(&seed), b = any_term(&seed), back;
		int64_t start = first + dice(&seed, 500 * 86400), now = start + 20 * 86400, x, y;
		struct clock_hold h[3];
		size_t n = any_holds(&seed, start, h);
		struct err e = ERR_INIT;
		bool held;

		if (overlay_term_within(a, b)) {
			told++;
			ck_assert_msg(clock_due(start, a, h, n, now, OFFSET, &w, &x, &held, NULL, &e) == 0, "%s", e.text);
			ck_assert_msg(clock_due(start, b, h, n, now, OFFSET, &w, &y, &held, NULL, &e) == 0, "%s", e.text);
			ck_assert_msg(x <= y, "%s ends %lld s behind %s, from %lld with %zu holds", shown(a), (long long)(x - y), shown(b), (long long)start, n);
		}
		if (a.unit == TERM_MONTH_END || b.unit == TERM_MONTH_END || !overlay_length_within(a, b))
			continue;
		ck_assert_msg(clock_add(start, a, OFFSET, &w, &x, &e) == 0 && clock_add(start, b, OFFSET, &w, &y, &e) == 0, "%s", e.text);
		ck_assert_msg(x <= y, "%s is longer than %s, from %lld", shown(a), shown(b), (long long)start);
		if (a.n == 0)		/* back by nothing of working time is on to the next opening */
			continue;
		back = (struct term){ -a.n, a.unit };
		ck_assert_msg(clock_add(start, back, OFFSET, &w, &x, &e) == 0, "%s", e.text);
		back = (struct term){ -b.n, b.unit };
		ck_assert_msg(clock_add(start, back, OFFSET, &w, &y, &e) == 0, "%s", e.text);
		ck_assert_msg(x >= y, "%s back is longer than %s, from %lld", shown(a), shown(b), (long long)start);
	}
	ck_assert_uint_gt(told, 500);
	policy_free(p);
}
END_TEST

static const char words[] = "place: test\nname: 测试\nlevels: [{id: county, name: 县}]\n"
	"severities: [{id: minor, name: 小隐患}, {id: major, name: 重大隐患, major: yes}]\nsources: [{id: patrol, name: 巡查}]\n"
	"roles: [{id: clerk, name: 内勤}, {id: leader, name: 领导}, {id: expert, name: 专家}]\nsubject_kinds: [{id: shop, name: 商铺}]\n"
	"grid_kinds: [{id: park, name: 园区}]\norgan_kinds: [{id: gas, name: 燃气部门}]\n"
	"categories: [{id: gas, name: 燃气, duty: [{lead: gas}]}]\nrate: {of: closed}\nlights: {yellow: 70, red: 90}\n";
static const char flow[] = "start: reported\nstates:\n  reported: {name: 待办, phase: open}\n  rectified: {name: 已改, phase: done}\n"
	"  closed: {name: 已销, phase: closed}\nsteps:\n  assign: {name: 交办, from: open, effect: assign}\n"
	"  rectify: {name: 整改, from: [reported], to: rectified}\n  recheck: {name: 复查, from: [rectified], result: {pass: closed, fail: reported}}\n";
static const char rules[] = "rules:\n"
	"  - id: major\n    basis: 条例\n    when: {severity: major}\n    due: {within: 90d, from: reported}\n"
	"    limits: [{id: plan, from: report, until: assign, within: 5d}, {id: look, from: rectify, until: recheck, within: 5wd}]\n"
	"    rungs: [{at: due, do: escalate}, {at: due-20%, do: remind}]\n"
	"    extend: {before: 3d, max: 2, total: 30d, by: [clerk, leader]}\n    handovers: {over: 3, do: escalate}\n"
	"    close: {needs: [after], acceptors: {min: 1, not: [owner]}}\n    assign: {needs: [person]}\n    plan: {parts: [目标]}\n"
	"  - id: rest\n    due: none\n";

/* The policy with these overlays of GAS and of FIRE (NULL: none), and what is said against it. */
static struct policy *load(const char *gas, const char *fire, bool trust, char **said)
{
	const char *const set[][2] = { { "policy.d/GAS.yaml", gas }, { "policy.yaml", words }, { "workflow.yaml", flow },
		{ "escalation.yaml", rules }, { "policy.d/FIRE.yaml", fire } };
	struct policy_file files[5];
	struct policy *p;
	struct diag d;
	size_t n = 0, size;
	FILE *to = open_memstream(said, &size);

	for (size_t i = 0; i < 5; i++)
		if (set[i][1] != NULL)
			files[n++] = (struct policy_file){ (char *)set[i][0], (char *)set[i][1], strlen(set[i][1]) };
	diag_init(&d, to, "test", 0);
	p = policy_load("p/", files, n, trust, &d);
	fclose(to);
	return p;
}

static struct policy *sound(const char *gas, const char *fire, bool trust)
{
	char *said;
	struct policy *p = load(gas, fire, trust, &said);

	ck_assert_str_eq(said, "");
	ck_assert_ptr_nonnull(p);
	free(said);
	return p;
}

/* A rule as the overlay of GAS makes it for facts of which only the day is known. */
static const struct rule *form(const struct policy *p, const char *organ, int rule, const char *day)
{
	struct rule_facts f = { .day = day_of(day) };

	for (size_t i = 0; i < p->overlays.n; i++)
		if (strcmp(p->overlays.v[i].organ, organ) == 0)
			return &p->rules.v[overlay_rule(&p->overlays.v[i], rule, &f)];
	ck_abort_msg("no overlay of %s", organ);
}

static bool has(const char *const *v, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i], word) == 0)
			return true;
	return false;
}

/* Everything that can be said, once as somebody hands it in and once as committed. */
START_TEST(tightened)
{
	struct policy *p = sound("basis: 方案\nfrom: 2026-03-01\nto: 2026-03-31\ntighten:\n"
		"  - rules: [major]\n    due: {within: 60d}\n"
		"    limits: [{id: plan, within: 3d}, {id: seen, from: due, until: recheck, within: 1d, miss: {do: escalate}}]\n"
		"    rungs: [{at: due+1d, do: supervise}, {at: due-50%, do: remind}]\n"
		"    extend: {before: 5d, max: 1, total: 10d, by: [leader, clerk]}\n    handovers: {over: 1}\n"
		"    close: {needs: [sign, after], measures: done, acceptors: {min: 2, not: [rectifier], organs: [gas]}}\n"
		"    assign: {needs: [due, person]}\n    plan: {parts: [措施]}\n    lights: {yellow: 50}\n"
		"  - rules: [major]\n    basis: 补充\n    due: {within: 70d}\n    extend: {by: [leader, clerk]}\n"
		"  - rules: [rest]\n    due: {within: 30d, from: assigned}\n    rungs: [{at: due, do: remind}]\n    handovers: {over: 5, do: remind}\n", NULL, _i);
	const struct rule *base = &p->rules.v[0], *r = form(p, "GAS", 0, "2026-03-31");
	struct buf where = BUF_INIT;

	ck_assert_uint_eq(p->rules.n, 2);
	ck_assert_uint_eq(p->rules.all, 4);
	ck_assert_ptr_eq(form(p, "GAS", 0, "2026-02-28"), base);
	ck_assert_ptr_eq(form(p, "GAS", 0, "2026-04-01"), base);
	ck_assert_ptr_eq(r->base, base);
	ck_assert_str_eq(r->id, "major");
	ck_assert_str_eq(r->basis, "条例；方案；补充");
	rule_where(r, &where);
	ck_assert_str_eq(where.p, "escalation.yaml:2, policy.d/GAS.yaml:5, policy.d/GAS.yaml:15");
	ck_assert(r->has_due && r->within.n == 60 && strcmp(r->from, "reported") == 0);
	ck_assert_uint_eq(r->nlimits, 3);
	ck_assert(r->limit[0].within.n == 3 && r->limit[1].within.n == 5 && r->limit[1].within.unit == TERM_WORK_DAY);
	ck_assert(strcmp(r->limit[0].until, "assign") == 0 && strcmp(limit_file(&r->limit[0]), "escalation.yaml") == 0);
	ck_assert(strcmp(r->limit[2].id, "seen") == 0 && r->limit[2].miss.act == RUNG_ESCALATE);
	ck_assert_str_eq(limit_file(&r->limit[2]), "policy.d/GAS.yaml");
	/* in order of time; those of the rule keep their numbers */
	ck_assert_uint_eq(r->nrungs, 4);
	ck_assert(r->rung[0].added && r->rung[0].number == 2 && r->rung[0].act == RUNG_REMIND);
	ck_assert(!r->rung[1].added && r->rung[1].number == 1 && r->rung[1].at.share);
	ck_assert(!r->rung[2].added && r->rung[2].number == 2 && r->rung[2].act == RUNG_ESCALATE);
	ck_assert(r->rung[3].added && r->rung[3].number == 1 && r->rung[3].act == RUNG_SUPERVISE);
	ck_assert_str_eq(rung_file(r, &r->rung[0]), "policy.d/GAS.yaml");
	ck_assert_str_eq(rung_file(r, &r->rung[1]), "escalation.yaml");
	ck_assert(r->extend.before.n == 5 && r->extend.max == 1 && r->extend.total.n == 10 && r->extend.nby == 2);
	ck_assert(r->handovers == 1 && r->handed.act == RUNG_ESCALATE);
	ck_assert(r->nneeds == 2 && has(r->needs, 2, "after") && has(r->needs, 2, "sign"));
	ck_assert(r->measures && r->acceptors == 2 && r->not_owner && r->not_rectifier && r->nacceptors == 1);
	ck_assert(r->nfixed == 2 && has(r->fixed, 2, "person") && has(r->fixed, 2, "due"));
	ck_assert(r->nparts == 2 && strcmp(r->part[0], "目标") == 0 && strcmp(r->part[1], "措施") == 0);
	ck_assert(r->lit && r->yellow == 50 && r->red == 90);
	/* the rule itself is as it was */
	ck_assert(base->within.n == 90 && base->nlimits == 2 && base->limit[0].within.n == 5 && base->nrungs == 2 && !base->rung[0].number);
	ck_assert(base->nneeds == 1 && base->extend.nby == 2 && base->handovers == 3 && base->overlay == NULL && !base->lit);
	r = form(p, "GAS", 1, "2026-03-01");
	ck_assert(r->has_due && r->within.n == 30 && strcmp(r->from, "assigned") == 0 && r->nrungs == 1 && r->rung[0].number == 3);
	ck_assert(r->handovers == 5 && r->handed.act == RUNG_REMIND);
	buf_clear(&where);
	policy_free(p);
}
END_TEST

/* Entries for some places and days, over each other. */
START_TEST(scopes)
{
	struct policy *p = sound("tighten:\n  - {rules: [major], scope: {from: 2026-03-10}, due: {within: 40d}}\n"
		"  - {rules: [major], due: {within: 60d}}\n  - {rules: [major], scope: {to: 2026-03-20}, close: {needs: [sign]}}\n"
		"  - {scope: {grids: [\"9901\"]}, lights: {red: 80}}\n",
	    "tighten: [{rules: [rest], due: {within: 9d, from: found}}]\n", false);
	const struct rule *r;

	ck_assert_uint_eq(p->overlays.n, 2);
	ck_assert_str_eq(p->overlays.v[0].organ, "FIRE");	/* by path */
	r = form(p, "GAS", 0, "2026-03-09");
	ck_assert(r->within.n == 60 && r->nneeds == 2 && r->entries == 6);
	r = form(p, "GAS", 0, "2026-03-10");
	ck_assert(r->within.n == 40 && r->nneeds == 2 && r->entries == 7);
	r = form(p, "GAS", 0, "2026-03-21");
	ck_assert(r->within.n == 40 && r->nneeds == 1 && r->entries == 3 && !r->lit);
	r = form(p, "GAS", 1, "2026-03-21");
	ck_assert(!r->has_due && r->entries == 0);
	ck_assert_int_eq((int)form(p, "FIRE", 1, "2026-03-21")->within.n, 9);
	ck_assert_ptr_eq(form(p, "FIRE", 0, "2026-03-21"), &p->rules.v[0]);
	policy_free(p);
}
END_TEST

/* What a key of the sweep names is found in the overlays too. */
START_TEST(any_hour)
{
	struct policy *p = sound("tighten: [{rules: [major], rungs: [{at: due+1d, do: remind}, {at: due+2d, do: remind, send: any}], "
		"limits: [{id: seen, from: due, until: recheck, within: 1d, miss: {do: remind, send: any}}]}]\n", NULL, false);

	ck_assert(!deliver_rung_any_hour(p, SPAN("major/+1/202603010800/0@owner")));
	ck_assert(deliver_rung_any_hour(p, SPAN("major/+2/202603010800/0@owner")));
	ck_assert(deliver_rung_any_hour(p, SPAN("r2/major/+2/202603010800/0@owner")));
	ck_assert(!deliver_rung_any_hour(p, SPAN("major/2/202603010800/0")));
	ck_assert(deliver_rung_any_hour(p, SPAN("major/seen/202603010800/0@owner")));
	ck_assert(!deliver_rung_any_hour(p, SPAN("major/plan/202603010800/0@owner")));
	ck_assert(!deliver_rung_any_hour(p, SPAN("major/handovers-1/202603010800/0")));
	policy_free(p);
}
END_TEST

/* What a loosening is called that the programs' tests do not try. */
START_TEST(refused)
{
	static const struct {
		const char *gas, *want;
	} rows[] = {
		{ "tighten: [{rules: [major], extend: {total: 0d}}]\n", "1:44: total: \"0d\" sets no bound; write a length of time above zero" },
		{ "tighten: [{rules: [major], extend: {before: 71h}}]\n",
		    "1:45: before: 71h may be less than the 3d of rule \"major\" (escalation.yaml:2); an overlay may only tighten: write at least 3d" },
		{ "tighten: [{rules: [major], extend: {total: 5wd}}]\n",
		    "1:44: total: 5wd may be longer than the 30d of rule \"major\" (escalation.yaml:2), as the calendar has it; write at most 30d, in that unit" },
		{ "tighten: [{rules: [rest], extend: {max: 1}}]\n",
		    "1:35: extend: rule \"rest\" (escalation.yaml:13) has no due date, so there is nothing to extend" },
		{ "tighten: [{rules: [major], limits: [{id: look, within: 4d}]}]\n",
		    "1:56: within: 4d may be longer than the 5wd of rule \"major\" (escalation.yaml:2), as the calendar has it; write at most 5wd, in that unit" },
		{ "tighten: [{rules: [rest], limits: [{id: late, from: due, until: recheck, within: 4d}]}]\n",
		    "1:53: from: rule \"rest\" (escalation.yaml:13) has no due date, so there is no limit from due" },
		{ "tighten:\n  - {rules: [major], extend: {by: [clerk]}}\n  - {rules: [major], extend: {by: [leader]}}\n",
		    "3:35: by: with the entry on line 2 nobody is left to grant an extension by rule \"major\"" },
		{ "tighten:\n  - {rules: [major], extend: {before: 4wd}}\n  - {rules: [major], extend: {before: 100h}}\n",
		    "3:30: extend: the entry on line 2 gives rule \"major\" other times, and which are shorter depends on the calendar; write both in one unit" },
		{ "tighten:\n  - {rules: [rest], due: {within: 1d, from: found}}\n  - {due: {within: 1d, from: reported}}\n",
		    "3:11: due: the entry on line 2 gives rule \"rest\" another one, and which is shorter depends on the calendar; write both in one unit, from one start" },
		{ "tighten:\n  - {rules: [rest], handovers: {over: 1, do: remind}}\n  - {rules: [rest], handovers: {over: 2, do: escalate}}\n",
		    "3:32: handovers: line 2 gives rule \"rest\" some already; leave one of them out" },
		{ "tighten:\n  - {rules: [major], rungs: [{at: due+1d, do: remind}]}\n  - {rules: [major], rungs: [{at: due+1d, do: remind, cc: [top]}]}\n",
		    "3:30: rungs: line 2 adds this rung to rule \"major\" already; leave it out" },
		{ "tighten: [{rules: [major], handovers: {over: 2, do: remind}}]\n",
		    "1:53: do: what happens by rule \"major\" (escalation.yaml:2) stays as it is; leave it out" },
		{ "tighten: [{rules: [major], lights: {red: 95}}]\n",
		    "1:42: red: 95 comes later than the 90 of policy.yaml; an overlay may only warn earlier" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf want = BUF_INIT;
		char *said;
		struct policy *p = load(rows[i].gas, NULL, false, &said);

		buf_printf(&want, "p/policy.d/GAS.yaml:%s\n", rows[i].want);
		ck_assert_str_eq(said, want.p);
		ck_assert_ptr_null(p);
		free(said);
		buf_clear(&want);
	}
}
END_TEST

/* A committed overlay that is looser all the same, as no loader lets it in, loosens nothing. */
START_TEST(trusted_never_loosens)
{
	struct policy *p = sound("tighten: [{rules: [major], due: {within: 99d}, limits: [{id: plan, within: 9d}], "
		"extend: {before: 1d, max: 9, total: 90d, by: [expert, leader]}, handovers: {over: 9}}]\n", NULL, true);
	const struct rule *r = form(p, "GAS", 0, "2026-03-01");

	ck_assert(r->within.n == 90 && r->limit[0].within.n == 5 && r->handovers == 3);
	ck_assert(r->extend.before.n == 3 && r->extend.max == 2 && r->extend.total.n == 30);
	ck_assert(r->extend.nby == 1 && strcmp(r->extend.by[0], "leader") == 0);
	policy_free(p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("overlay");
	TCase *c = tcase_create("overlay");

	tcase_add_test(c, paths);
	tcase_add_test(c, within);
	tcase_add_loop_test(c, within_by_the_clock, 0, 12);
	tcase_add_loop_test(c, tightened, 0, 2);
	tcase_add_test(c, scopes);
	tcase_add_test(c, any_hour);
	tcase_add_test(c, refused);
	tcase_add_test(c, trusted_never_loosens);
	tcase_set_timeout(c, 120);
	suite_add_tcase(s, c);
	return h_run(s);
}

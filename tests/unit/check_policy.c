/* SPDX-License-Identifier: MIT */
#include "policy/policy.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/pack.h"
#include "base/io.h"
#include "base/time.h"
#include "runhelp.h"

/* A small sound policy; each test swaps one file. */
static const char words[] =
	"place: test\nname: 测试\n"
	"levels:\n  - {id: county, name: 县}\n  - {id: township, name: 乡镇, alias: [街道]}\n  - {id: village, name: 村}\n"
	"severities:\n  - {id: minor, name: 小隐患}\n  - {id: general, name: 一般隐患, alias: [一般]}\n  - {id: major, name: 重大隐患, major: yes}\n"
	"sources: [{id: patrol, name: 巡查}, {id: tip, name: 举报}]\n"
	"roles: [{id: dispatcher, name: 调度员}, {id: leader, name: 领导}]\n"
	"subject_kinds: [{id: shop, name: 商铺}]\n"
	"grid_kinds: [{id: park, name: 园区}]\n"
	"organ_kinds: [{id: gas, name: 燃气部门}, {id: committee, name: 安委会}]\n"
	"categories:\n"
	"  - {id: gas, name: 燃气, alias: [液化气], duty: [{lead: gas, to: 2023-12-31}, {lead: GAS-1, from: 2024-01-01, basis: 清单}]}\n"
	"  - {id: fire, name: 消防安全}\n"
	"rate: {of: closed, decimals: 1, target: 90}\nbackdate: 7d\nlights: {yellow: 70, red: 90}\n";
static const char flow[] =
	"start: reported\nstates:\n  reported: {name: 待交办, phase: open}\n  assigned: {name: 待接收, phase: open}\n"
	"  rectified: {name: 待复查, phase: done}\n  closed: {name: 已销号, phase: closed}\n  void: {name: 作废, phase: void}\n"
	"steps:\n"
	"  assign: {name: 分配, from: [reported], to: assigned, by: [dispatcher], needs: [owner], implied: yes, effect: assign}\n"
	"  rectify: {name: 整改, from: [assigned], to: rectified}\n"
	"  recheck: {name: 复查, from: done, result: {pass: closed, fail: assigned}, needs: [verifier, evidence]}\n"
	"  void: {name: 作废, from: any, to: void}\n"
	"  escalate: {name: 升级, from: open, by: [sweep], effect: escalate}\n";
static const char rules[] =
	"rules:\n"
	"  - id: gas-24h\n    basis: 二十四小时\n    when: {severity: [general, 重大隐患], category: \"/液|燃气/\"}\n"
	"    due: {within: 24h, from: reported}\n"
	"    limits:\n      - {id: ack, from: report, until: assign, within: 30m, miss: {do: escalate, cc: [committee]}}\n"
	"      - {id: fix, from: assign, until: rectify, within: 2wh}\n"
	"    rungs:\n      - {at: due+2d, do: supervise, to: county, notice: listed}\n"
	"      - {at: due-50%, do: remind}\n"
	"      - {at: due-2h, do: remind, to: GAS-1}\n"
	"      - {at: due, do: escalate, notice: listed, repeat: [1d, 7d], cc: [top]}\n"
	"    close: {needs: [before, after]}\n"
	"  - id: urgent\n    when: {emergency: no, tier: county, owner: GAS-1}\n    due: none\n"
	"  - id: rest\n    due: {within: month end, from: found}\n";
static const char papers[] = "kinds: [{id: listed, name: 督办函, prefix: 督, title: \"关于{hazard}的督办函\"}]\n";

/* Loads the sound policy with one file swapped (or added, or with NULL bytes dropped), expecting these complaints. */
static struct policy *load(const char *path, const char *bytes, bool trust, const char *want)
{
	const char *const set[][2] = { { "workflow.yaml", flow }, { "policy.yaml", words }, { "escalation.yaml", rules },
				       { "notices.yaml", papers }, { path, bytes } };
	struct policy_file files[5];
	size_t n = 0, size;
	char *said = NULL;
	struct diag d;
	for (size_t i = 0; i < 5; i++)
		if (set[i][0] && set[i][1] && (i == 4 || !path || strcmp(set[i][0], path) != 0))
			files[n++] = (struct policy_file){ (char *)set[i][0], (char *)set[i][1], strlen(set[i][1]) };
	FILE *to = open_memstream(&said, &size);
	diag_init(&d, to, "test", 0);
	struct policy *p = policy_load("policy/", files, n, trust, &d);
	fclose(to);
	ck_assert_str_eq(said, want);
	ck_assert_int_eq(p == NULL, *want != '\0');
	free(said);
	return p;
}

START_TEST(test_words)
{
	struct policy *p = load(NULL, NULL, _i, "");
	ck_assert_str_eq(p->place, "test");
	ck_assert_str_eq(p->name, "测试");
	ck_assert_uint_eq(p->levels.n, 3);
	ck_assert_int_eq(vocab_find(&p->levels, SPAN("街道")), 1);
	ck_assert_int_eq(vocab_find(&p->severities, SPAN("重大隐患")), 2);
	ck_assert_int_eq(vocab_find(&p->severities, SPAN("minor")), 0);
	ck_assert_int_eq(vocab_find(&p->severities, SPAN("")), -1);
	ck_assert_int_eq(vocab_find(&p->severities, SPAN("min")), -1);
	ck_assert_int_eq(vocab_id(&p->severities, SPAN("general,x")), -1);
	ck_assert_int_eq(vocab_id(&p->severities, (struct span){ "general,x", 7 }), 1);
	ck_assert_int_eq(vocab_id(&p->severities, SPAN("一般")), -1);
	ck_assert(p->severities.v[2].major && !p->severities.v[1].major);
	ck_assert_str_eq(p->severities.v[0].zh, "小隐患");
	ck_assert_uint_eq(p->category[0].nduties, 2);
	ck_assert_str_eq(p->category[0].duty[0].lead, "gas");
	ck_assert_int_eq(p->category[0].duty[0].from, DATE_NONE);
	ck_assert_int_eq(p->category[0].duty[1].from, p->category[0].duty[0].to + 1);
	ck_assert_str_eq(p->category[0].duty[1].basis, "清单");
	ck_assert_uint_eq(p->category[1].nduties, 0);
	ck_assert_int_eq(p->rate_of, RATE_CLOSED);
	ck_assert_int_eq(p->rate_decimals, 1);
	ck_assert_int_eq(p->rate_target, 90);
	ck_assert(p->backdate.n == 7 && p->backdate.unit == TERM_DAY);
	ck_assert(p->yellow == 70 && p->red == 90);
	ck_assert_uint_eq(p->nnotices, 1);
	ck_assert_str_eq(p->notice[0].prefix, "督");
	ck_assert_str_eq(p->digest, "");
	policy_free(p);
	policy_free(NULL);
}
END_TEST

START_TEST(test_vocabularies)
{
	struct policy *p = load(NULL, NULL, false, "");
	ck_assert_ptr_eq(policy_vocab(p, "severity"), &p->severities);
	ck_assert_ptr_eq(policy_vocab(p, "level"), &p->levels);
	ck_assert_ptr_eq(policy_vocab(p, "subject_kind"), &p->subject_kinds);
	ck_assert_int_eq(vocab_find(policy_vocab(p, "state"), SPAN("待复查")), workflow_state(&p->workflow, "rectified"));
	ck_assert_int_eq(vocab_id(policy_vocab(p, "step"), SPAN("recheck")), workflow_step(&p->workflow, "recheck", 7));
	ck_assert_int_eq(vocab_find(policy_vocab(p, "notice_kind"), SPAN("督办函")), 0);
	ck_assert_ptr_null(policy_vocab(p, "sector"));	/* the place has none */
	ck_assert_ptr_null(policy_vocab(p, "stage"));
	policy_free(p);
}
END_TEST

START_TEST(test_workflow)
{
	struct policy *p = load(NULL, NULL, _i, "");
	const struct workflow *w = &p->workflow;
	const struct wf_step *recheck = &w->step[workflow_step(w, "recheck", 7)], *assign = &w->step[workflow_step(w, "assign", 6)];
	ck_assert_uint_eq(w->nstates, 5);
	ck_assert_int_eq(w->start, 0);
	ck_assert_int_eq(w->state[2].phase, PHASE_DONE);
	ck_assert_int_eq(w->state[2].line, 5);
	ck_assert_uint_eq(recheck->from, 4);
	ck_assert_int_eq(recheck->to, 3);
	ck_assert_int_eq(recheck->to_fail, 1);
	ck_assert_uint_eq(recheck->nneeds, 2);
	ck_assert_str_eq(recheck->needs[1], "evidence");
	ck_assert(assign->implied && assign->effect == WF_ASSIGN && assign->by == 1 && assign->to_fail == -2);
	const struct wf_step *escalate = &w->step[workflow_step(w, "escalate", 8)];
	ck_assert(escalate->sweep && escalate->by == 0 && escalate->to == -1 && escalate->from == 3);
	ck_assert_uint_eq(w->step[workflow_step(w, "void", 4)].from, 31);
	policy_free(p);
}
END_TEST

START_TEST(test_rules)
{
	struct policy *p = load(NULL, NULL, _i, "");
	const struct rule *r = p->rules.v;
	ck_assert_uint_eq(p->rules.n, 3);
	ck_assert_int_eq(r[0].line, 2);
	ck_assert_str_eq(r[0].basis, "二十四小时");
	ck_assert_uint_eq(r[0].when[0].nvalues, 2);
	ck_assert_str_eq(r[0].when[0].value[1], "major");	/* written by name, kept by id */
	ck_assert_ptr_nonnull(r[0].when[1].pattern);
	ck_assert(r[0].has_due && r[0].within.n == 24 && strcmp(r[0].from, "reported") == 0);
	ck_assert_uint_eq(r[0].nrungs, 4);
	ck_assert(r[0].rung[0].at.share && r[0].rung[0].at.off.n == 50);	/* in order of time */
	ck_assert_str_eq(r[0].rung[0].to, "owner");
	ck_assert_str_eq(r[0].rung[1].to, "GAS-1");
	ck_assert(r[0].rung[2].act == RUNG_ESCALATE && r[0].rung[2].nrepeats == 2 && r[0].rung[2].repeat[1].n == 7);
	ck_assert_str_eq(r[0].rung[2].to, "parent");
	ck_assert_str_eq(r[0].rung[2].cc[0], "top");
	ck_assert_str_eq(r[0].rung[3].notice, "listed");
	ck_assert_int_eq(r[0].rung[3].line, 10);
	ck_assert_uint_eq(r[0].nlimits, 2);
	ck_assert_str_eq(r[0].limit[0].from, "report");
	ck_assert(r[0].limit[0].miss.act == RUNG_ESCALATE && strcmp(r[0].limit[0].miss.to, "parent") == 0);
	ck_assert(r[0].limit[1].miss.act == RUNG_REMIND && strcmp(r[0].limit[1].miss.to, "owner") == 0);
	ck_assert_uint_eq(r[0].nneeds, 2);
	ck_assert(!r[1].has_due && strcmp(r[1].when[0].value[0], "no") == 0);
	ck_assert(r[2].ntests == 0 && r[2].within.unit == TERM_MONTH_END && strcmp(r[2].basis, "") == 0);
	policy_free(p);
}
END_TEST

#define E "policy/escalation.yaml:"
#define W "policy/workflow.yaml:"
#define P "policy/policy.yaml:"
#define REST "  - id: rest\n    due: none\n"
#define DUE "    due: {within: 24h, from: reported}\n"

static const struct {
	const char *path, *bytes, *want;
} bad[] = {
	/* files */
	{ "workflow.yaml", NULL, "policy/workflow.yaml: there is no such file; a policy needs policy.yaml, workflow.yaml and escalation.yaml\n" },
	{ "crontab", "# \xff\n", "policy/crontab:1: byte 0xFF is not UTF-8; save the file as UTF-8\n" },
	{ "policy.d/GAS.yaml", "a: 1\na: 2\n", "policy/policy.d/GAS.yaml:2:1: key \"a\" is given twice; the first is on line 1\n" },
	/* rules */
	{ "escalation.yaml", "rules:\n\t- id: a\n", E "2:1: a tab in the indent; YAML takes only blanks there\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    due: {wihtin: 24h, from: found}\n",
	  E "3:11: unknown key \"wihtin\"; did you mean \"within\"? allowed: within, from\n" E "3:10: due: missing key \"within\"; it takes a text like ^([0-9]{1,6}(m|h|d|wh|wd)|month end)$ (10m 4h 3d: wall time; 4wh 5wd: working time; month end)\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {severity: major}\n" DUE "  - id: a\n    due: none\n",
	  E "5:9: rule id \"a\" is given twice; the first is on line 2\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {category: /燃气|液化气/}\n" DUE REST,
	  E "3:22: quote the pattern: in braces and brackets /燃气|液化气/ must stand in quotes, such as '/…/'\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {category: /a,b/}\n" DUE REST,
	  E "3:22: quote the pattern: in braces and brackets /a must stand in quotes, such as '/…/'\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when:\n      category: /a #b/\n" DUE REST,
	  E "4:17: category: \"/a\" is half a pattern; quote the pattern: '/…/'\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {category: \"/a\"}\n" DUE REST,
	  E "3:22: category: \"/a\" is half a pattern; it begins and ends with /\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {category: \"/燃(/\"}\n" DUE REST,
	  E "3:22: category: bad pattern: missing closing parenthesis at character 3\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {category: [\"/a/\", \"/b/\"]}\n" DUE REST,
	  E "3:30: category: only one pattern; join them with |\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {severity: majr}\n" DUE REST,
	  E "3:22: severity: \"majr\" is not one of minor, general, major; did you mean \"major\"?\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {tier: [vilage]}\n" DUE REST,
	  E "3:19: level: \"vilage\" is not one of county, township, village; did you mean \"village\"?\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {emergency: perhaps}\n" DUE REST,
	  E "3:23: emergency: \"perhaps\" is not one of yes, no\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n" DUE "    rungs: [{at: due, do: supervise, to: conty, notice: lited, cc: [comittee]}]\n",
	  E "4:42: to: \"conty\" is not one of owner, parent, dispatch, top, county, township, village, gas, committee; did you mean \"county\"?\n"
	  E "4:57: notice: \"lited\" is not one of listed; did you mean \"listed\"?\n"
	  E "4:69: cc: \"comittee\" is not one of owner, parent, dispatch, top, county, township, village, gas, committee; did you mean \"committee\"?\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n" DUE "    rungs: [{at: due, do: notice}, {at: due, do: escalate, to: owner}, {at: due, do: remind, repeat: [0d]}]\n",
	  E "4:13: do: notice needs the kind of paper; add notice: KIND\n"
	  E "4:64: to: a hazard cannot be escalated to its owner; write parent, top or a level\n"
	  E "4:103: repeat: \"0d\" is no gap; write a length of time above zero\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    due: none\n    rungs: [{at: due, do: remind}]\n",
	  E "4:12: rungs: a rule without a due date (due: none) has no rungs\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n" DUE "    limits: [{id: x, from: asign, until: report, within: 1h}, {id: x, from: assign, until: rectify, within: 1h}]\n",
	  E "4:28: from: \"asign\" is not one of assign, rectify, recheck, void, escalate; did you mean \"assign\"?\n"
	  E "4:42: until: \"report\" is not one of assign, rectify, recheck, void, escalate\n"
	  E "4:68: limit id \"x\" is given twice; the first is on line 4\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    due: {within: 5x, from: found}\n",
	  E "3:19: within: found \"5x\"; allowed: a text like ^([0-9]{1,6}(m|h|d|wh|wd)|month end)$ (10m 4h 3d: wall time; 4wh 5wd: working time; month end)\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    due: {within: 100001m, from: found}\n",
	  E "3:19: within: \"100001m\" is too long a time; at most 100000\n" },
	/* rules that can never match */
	{ "escalation.yaml", "rules:\n  - id: a\n" DUE "  - id: b\n    due: none\n",
	  E "4:5: rule \"b\" can never match: rule \"a\" on line 2 takes all it would take\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {severity: [minor, major]}\n" DUE "  - id: b\n    when: {severity: minor, source: tip}\n    due: none\n" REST,
	  E "5:5: rule \"b\" can never match: rule \"a\" on line 2 takes all it would take\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {category: '/气/'}\n" DUE "  - id: b\n    when: {category: gas}\n    due: none\n" REST,
	  E "5:5: rule \"b\" can never match: rule \"a\" on line 2 takes all it would take\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {owner: [X1, X2]}\n" DUE "  - id: b\n    when: {owner: X2, tier: county}\n    due: none\n" REST,
	  E "5:5: rule \"b\" can never match: rule \"a\" on line 2 takes all it would take\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {category: '/电/'}\n" DUE REST,
	  E "3:22: rule \"a\" can never match: no category matches /电/\n" },
	{ "escalation.yaml", "rules:\n  - id: a\n    when: {severity: major}\n" DUE,
	  E "3:11: the last rule (\"a\") must match everything; leave out its \"when\", or add a last rule without one\n" },
	{ "escalation.yaml", "rules: []\n", E "1:8: rules: a list is too short; items needed: 1\n" },
	/* workflow */
	{ "workflow.yaml",
	  "start: a\nstates:\n  a: {name: A, phase: open}\n  b: {name: B, phase: open}\n  c: {name: C, phase: closed}\n"
	  "steps:\n  x: {name: X, from: [a], to: b, implied: yes}\n  y: {name: Y, from: [b], to: a, implied: yes}\n  z: {name: Z, from: any, to: c}\n",
	  W "8:3: the implied steps go round in a circle: a -> b -> a; step \"y\" must not be implied\n" },
	{ "workflow.yaml",
	  "start: a\nstates:\n  a: {name: A, phase: open}\n  b: {name: B, phase: open}\n  c: {name: C, phase: closed}\n"
	  "steps:\n  x: {name: X, from: [a], to: c}\n  y: {name: Y, from: [a], to: b}\n",
	  W "4:3: state \"b\" has no way to an end (a state of phase closed, ended or void); add a step from it\n" },
	{ "workflow.yaml",
	  "start: c\nstates:\n  a: {name: A, phase: open}\n  c: {name: C, phase: closed}\n"
	  "steps:\n  x: {name: X, from: [a, e], to: d, by: [sweep, leader]}\n  y: {name: Y, from: void, by: [leadr], implied: yes}\n",
	  W "1:8: start: state \"c\" is of phase closed; a new hazard must be open\n"
	  W "6:26: from: \"e\" is not one of a, c\n" W "6:34: to: \"d\" is not one of a, c\n"
	  W "6:42: by: sweep stands alone; a step is taken by the sweep or by people\n"
	  W "7:22: from: no state is of phase void, so step \"y\" can never be taken\n"
	  W "7:33: role: \"leadr\" is not one of dispatcher, leader; did you mean \"leader\"?\n"
	  W "7:6: implied: step \"y\" stays in its state; only a step that leads on can be implied\n" },
	{ "workflow.yaml",
	  "start: a\nstates:\n  a: {name: A, phase: opn}\n  c: {name: C, phase: closed}\n"
	  "steps:\n  x: {name: X, from: [a], to: c, needs: [ownr], effect: asign}\n",
	  W "3:23: phase: \"opn\" is not one of open, done, closed, ended, void; did you mean \"open\"?\n"
	  W "6:42: needs: \"ownr\" is not one of result, tier, owner, assist, person, verifier, due, severity, category, cause, measure, fund_fen, "
	  "fund_source, on_behalf_of, key, field, was, value, plan, reason, note, evidence; did you mean \"owner\"?\n"
	  W "6:57: effect: \"asign\" is not one of assign, hold, resume, extend, escalate, return, supervise, delist, correct, retract, reopen, "
	  "transfer, remind, repin; did you mean \"assign\"?\n" },
	{ "workflow.yaml", "start: a\nstates:\n  a: {name: A, phase: open}\n  c: {name: C, phase: closed}\n"
	  "steps:\n  x: {name: X, from: [a], to: c, result: {pass: c, fail: a}}\n",
	  W "6:42: result: a step has \"to\" or \"result\", not both\n" },
	/* notices, calendar */
	{ "notices.yaml", "kinds: [{id: listed, name: A, prefix: B, title: C}, {id: listed, name: D, prefix: E, title: F}]\n",
	  "policy/notices.yaml:1:58: notice_kind: \"listed\" is given twice; the first is on line 1\n" },
	{ "notices.yaml", NULL, E "10:57: notice: \"listed\" is not defined; there is no notices.yaml with kinds\n"
				E "13:41: notice: \"listed\" is not defined; there is no notices.yaml with kinds\n" },
	{ "calendar.yaml", "years:\n  2026: {holidays: [2026-02-29, 2025-01-01, 2026-01-01], workdays: [2026-01-01]}\nhours: [\"08:00-12:00\", \"11:00-17:00\"]\n",
	  "policy/calendar.yaml:2:21: \"2026-02-29\" is not a date; write a day that exists, like 2026-02-28\n"
	  "policy/calendar.yaml:2:33: 2025-01-01 does not fall in 2026, the year it stands under\n"
	  "policy/calendar.yaml:2:69: 2026-01-01 is given twice; a day is a holiday or a workday, once\n"
	  "policy/calendar.yaml:3:24: hours: \"11:00-17:00\" is no span of a day after the one before; write it like 08:00-12:00\n" },
};

START_TEST(test_bad_policies)
{
	ck_assert_ptr_null(load(bad[_i].path, bad[_i].bytes, false, bad[_i].want));
}
END_TEST

/* Loads words with one piece replaced. */
static void words_with(const char *old, const char *new, const char *want)
{
	const char *at = strstr(words, old);
	struct buf b = BUF_INIT;
	ck_assert_ptr_nonnull(at);
	buf_put(&b, words, (size_t)(at - words));
	buf_printf(&b, "%s%s", new, at + strlen(old));
	policy_free(load("policy.yaml", b.p, false, want));
	buf_clear(&b);
}

START_TEST(test_bad_words)
{
	words_with("id: village", "id: due", P "6:10: level: \"due\" is the name of a column or figure of reports; choose another id\n");
	words_with("name: 举报", "name: 巡查", P "11:51: source: \"巡查\" is given twice; the first is on line 11\n");
	words_with("[一般]", "[小隐患]", P "9:39: severity: \"小隐患\" is given twice; the first is on line 8\n");
	words_with("major: yes", "major: maybe", P "10:36: major: found \"maybe\"; allowed: yes or no (yes: counts as a major hazard (重大) in reports)\n");
	words_with("lead: gas", "lead: gaz", P "17:53: lead: \"gaz\" is not one of gas, committee; did you mean \"gas\"?\n");
	words_with("2023-12-31", "2023-02-31", P "17:62: to: \"2023-02-31\" is not a date; write it like 2026-02-28\n");
	words_with("2023-12-31", "2024-01-01",
		   P "17:75: duty: overlaps the one on line 17; end that one (to) before this one begins (from)\n");
	words_with("from: 2024-01-01", "from: 2024-01-02, to: 2024-01-01", P "17:111: to: the last day is before the first (from)\n");
	words_with("target: 90", "target: 5x", P "19:41: target: found \"5x\"; allowed: a whole number (percent below which a row is marked)\n");
	words_with("target: 90", "target: 101", P "19:41: target: \"101\" is too large; at most 100\n");
	words_with("of: closed", "of: close", P "19:12: of: \"close\" is not one of rectified, closed; did you mean \"closed\"?\n");
	words_with("yellow: 70", "yellow: 91", P "21:9: lights: yellow (91) must not come after red (90)\n");
	words_with("name: 商铺", "name: \"\"", P "13:34: name: \"\" is too short; characters needed: 1\n");
	words_with("backdate: 7d", "backdate: none", "");
}
END_TEST

START_TEST(test_all_files_are_checked_in_one_pass)
{
	policy_free(load("policy.yaml", "place: x\n", false,
			 P "1:1: missing key \"name\"; it takes a text (name of the place as people read it)\n"
			 P "1:1: missing key \"levels\"; it takes a list (levels of the grid tree, top first; an id may not be a column or figure name of a report)\n"
			 P "1:1: missing key \"severities\"; it takes a list (severities of a hazard, lightest first)\n"
			 P "1:1: missing key \"sources\"; it takes a list (how a hazard was found: patrol, self-check, tip, sensor)\n"
			 P "1:1: missing key \"roles\"; it takes a list (roles of officers, as in posts.csv and in `by` of workflow.yaml)\n"
			 P "1:1: missing key \"subject_kinds\"; it takes a list (kinds of subjects: enterprise, shop, rental; also what is no firm)\n"
			 P "1:1: missing key \"grid_kinds\"; it takes a list (kinds of grids: resident, park, shops)\n"
			 P "1:1: missing key \"organ_kinds\"; it takes a list (kinds of organs: departments, governments, task forces, joint offices)\n"
			 P "1:1: missing key \"categories\"; it takes a list (categories of hazards, with the organ that answers for each, while)\n"
			 P "1:1: missing key \"rate\"; it takes a map of of, decimals, target (how the rectification rate is reckoned and printed)\n"));
}
END_TEST

/* A committed version skips the schemas, but nothing in it may crash the loader or pass for something else. */
START_TEST(test_trust_stands_any_tree)
{
	struct diag d;
	static const char *const junk[] = { "[a]", "x", "rules: {a: b}", "rules: [a, [b], {id: [c]}]", "states: [a]\nsteps: 1\nstart: {}",
					    "levels: x\nroles: [[]]\ncategories: [{id: {}, duty: [x]}]\nrate: []\nlights: 1", "kinds: {}",
					    "rules:\n  - id: a\n    when: {severity: {}, x: y}\n    due: {within: [1]}\n    rungs: {at: []}\n    limits: [x]\n" };
	static const char *const names[] = { "policy.yaml", "workflow.yaml", "escalation.yaml", "notices.yaml" };
	static const char *const sound[] = { words, flow, rules, papers };
	for (size_t i = 0; i < sizeof junk / sizeof *junk; i++)
		for (size_t k = 0; k < 4; k++) {
			struct policy_file files[4];
			for (size_t j = 0; j < 4; j++) {
				const char *text = j == k ? junk[i] : sound[j];
				files[j] = (struct policy_file){ (char *)names[j], (char *)text, strlen(text) };
			}
			diag_init(&d, NULL, "test", 0);
			ck_assert_ptr_null(policy_load("", files, 4, true, &d));
			ck_assert_uint_gt(d.errors, 0);
		}
}
END_TEST

START_TEST(test_manifest)
{
	struct policy_file files[] = { { (char *)"b", (char *)"abc", 3 }, { (char *)"a", (char *)"", 0 } };
	struct buf b = BUF_INIT;
	policy_manifest(files, 2, &b);
	ck_assert_str_eq(b.p, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n"
			      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b\n");
	buf_clear(&b);
}
END_TEST

/* The folder of the packs: where the tree is, told by make check or by the build. */
static char *places(void)
{
	const char *const roots[] = { getenv("GRIDLEDGER_DATA"), PKGDATADIR, getenv("srcdir"), "." };
	static const char *const below[] = { "places", "data-schemas/places" };
	static char path[4096];
	struct stat st;
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; roots[i] && k < 2; k++) {
			snprintf(path, sizeof path, "%s/%s", roots[i], below[k]);
			if (stat(path, &st) == 0)
				return path;
		}
	ck_abort_msg("the packs of data-schemas/places are not found; set GRIDLEDGER_DATA");
	return NULL;
}

static const char *const packs[] = { "bicheng", "guali", "yongren", "taian", "xianyou", "default" };

START_TEST(test_packs)
{
	struct pack pack = PACK_INIT;
	struct err e = ERR_INIT;
	char path[5000];
	snprintf(path, sizeof path, "%s/%s", places(), packs[_i]);
	ck_assert_msg(pack_read(&pack, path, &e) == 0, "%s", e.text);
	for (int trust = 0; trust < 2; trust++) {
		struct diag d;
		diag_init(&d, stderr, "test", 0);
		struct policy *p = policy_load("", pack.file, pack.n, trust, &d);
		ck_assert_ptr_nonnull(p);
		ck_assert_str_eq(p->place, packs[_i]);
		ck_assert_uint_gt(p->nnotices, 3);
		ck_assert_uint_eq(p->nchannels, 2);
		ck_assert_uint_ge(p->ninhibits, 1);
		policy_free(p);
	}
	pack_clear(&pack);
}
END_TEST

static const char more_rules[] =
	"parent: dispatch\nrules:\n  - id: pilot\n    scope: {grids: [\"990101001\"], from: 2026-01-01}\n    due: {within: 3d, from: reported}\n"
	"    extend: {before: 1d, max: 2, total: 10d, by: [leader]}\n"
	"    handovers: {over: 3, do: escalate, to: dispatch, send: any}\n"
	"    limits:\n      - {id: review, from: due, until: recheck, within: 10d, miss: {do: remind, repeat: [1d], hush: 2d}}\n"
	"    rungs: [{at: due, do: remind, send: any, hush: 1d}]\n"
	"    close: {needs: [after], measures: done, acceptors: {min: 2, not: [rectifier, owner], organs: [gas]}}\n"
	"    assign: {needs: [person, measure, due, fund_fen, verifier]}\n"
	"    plan: {parts: [目标任务, 经费物资]}\n"
	"  - id: rest\n    due: {within: 7d, from: reported}\n";

START_TEST(test_what_rules_ask_for)
{
	struct policy *p = load("escalation.yaml", more_rules, _i, "");
	const struct rule *r = &p->rules.v[0];

	ck_assert_int_eq(p->rules.parent, PARENT_DISPATCH);
	ck_assert(r->scope.set && r->scope.ngrids == 1 && r->scope.to == DATE_NONE && !p->rules.v[1].scope.set);
	ck_assert_str_eq(r->scope.grid[0], "990101001");
	ck_assert(r->extend.set && r->extend.before.n == 1 && r->extend.max == 2 && r->extend.total.n == 10 && r->extend.nby == 1);
	ck_assert_str_eq(r->extend.by[0], "leader");
	ck_assert(r->handovers == 3 && r->handed.act == RUNG_ESCALATE && r->handed.send_any);
	ck_assert_str_eq(r->handed.to, "dispatch");
	ck_assert_str_eq(r->limit[0].from, "due");
	ck_assert(r->limit[0].miss.nrepeats == 1 && r->limit[0].miss.hush.n == 2 && !r->limit[0].miss.send_any);
	ck_assert(r->rung[0].send_any && r->rung[0].hush.n == 1);
	ck_assert(r->measures && r->acceptors == 2 && r->not_rectifier && r->not_owner && r->nacceptors == 1);
	ck_assert_str_eq(r->acceptor[0], "gas");
	ck_assert_uint_eq(r->nfixed, 5);
	ck_assert_str_eq(r->fixed[3], "fund_fen");
	ck_assert_uint_eq(r->nparts, 2);
	ck_assert_str_eq(r->part[1], "经费物资");
	policy_free(p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("policy");
	TCase *t = tcase_create("policy");
	tcase_add_loop_test(t, test_words, 0, 2);
	tcase_add_test(t, test_vocabularies);
	tcase_add_loop_test(t, test_workflow, 0, 2);
	tcase_add_loop_test(t, test_rules, 0, 2);
	tcase_add_loop_test(t, test_what_rules_ask_for, 0, 2);
	tcase_add_loop_test(t, test_bad_policies, 0, (int)(sizeof bad / sizeof *bad));
	tcase_add_test(t, test_bad_words);
	tcase_add_test(t, test_all_files_are_checked_in_one_pass);
	tcase_add_test(t, test_trust_stands_any_tree);
	tcase_add_test(t, test_manifest);
	tcase_add_loop_test(t, test_packs, 0, (int)(sizeof packs / sizeof *packs));
	suite_add_tcase(s, t);
	return h_run(s);
}

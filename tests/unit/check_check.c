/* SPDX-License-Identifier: MIT */
#include "engine/changes.h"
#include "engine/check.h"
#include "engine/treeview.h"
#include "placehelp.h"
#include "register/inside.h"

#define GRIDS "grid,parent,level,kind,households,population,area_m2,posted_on,succeeds,valid_from,valid_to,name\n"

static char *dir;
static struct reg *reg;
static char policy[13];

static void set_up(void)
{
	struct moment m;
	struct err e = ERR_INIT;

	dir = p_create("yongren");
	reg = h_open(dir);
	p_master(reg, "grids", GRIDS "G1,,county,,10,,,,,,,甲县\nG2,G1,township,,4,,,,,,,乙镇\nG3,G1,township,,5,,,,,,2026-01-31,丙镇\n"
	    "G4,G3,village,,,,,,,,,丁村\n");
	ck_assert_int_eq(reg_moment(reg, NULL, &m, &e), 0);
	snprintf(policy, sizeof policy, "%.12s", moment_version(&m, "policy"));
}

static void tear_down(void)
{
	reg_close(reg);
	h_remove(dir);
	free(dir);
}

/* Append rows whatever they say; each is a table and column, value pairs, a NULL table ends. */
struct row {
	const char *table;
	const char *set[30];
};
static void append(const struct row *rows)
{
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct commit *c = commit_open(reg, &who, &e);

	ck_assert_msg(c != NULL, "%s", e.text);
	for (; rows->table; rows++) {
		struct span v[128] = { { "", 0 } };

		for (const char *const *s = rows->set; *s; s += 2)
			v[schema_column(h_table(rows->table), span_of(s[0]))] = span_of(s[1]);
		commit_append(c, h_table(rows->table), v);
	}
	ck_assert_msg(commit_close(c, NULL, &e) == 0, "%s", e.text);
}

/* Run one check and compare what it finds. */
static void finds(const char *name, const char *want)
{
	struct check_run run = { .diag = NULL };
	const struct check *check;
	struct err e = ERR_INIT;
	struct moment m;
	struct said s;

	said_start(&s);
	run.office = p_office(reg, &m);
	run.diag = &s.d;
	check = check_named(name, &e);
	ck_assert_msg(check && check->run(&run, &e) == 0, "%s", e.text);
	check_clear(&run);
	office_close(run.office);
	said_is(&s, want);
}

#define HAZARD(id, ...) { "hazards", { "hazard", id, "reported_at", "2026-02-01T08:00:00+08:00", "grid", "G2", "policy", policy, __VA_ARGS__, NULL } }
#define EVENT(id, on, time, what, ...) \
	{ "events", { "event", id, "hazard", on, "at", time, "step", what, "actor", "O1", __VA_ARGS__ NULL } }
#define H1 "P01-H2026-000001"
#define H2 "P01-H2026-000002"

START_TEST(a_good_register_has_no_findings)
{
	size_t n;
	const struct check *all = check_all(&n);

	append((const struct row[]){ HAZARD(H1, "category", "gas", "description", "x"),
		EVENT("P01-E2026-000001", H1, "2026-02-01T09:00:00+08:00", "rectify",),
		EVENT("P01-E2026-000002", H1, "2026-02-01T10:00:00+08:00", "recheck", "result", "fail",),
		EVENT("P01-E2026-000003", H1, "2026-02-01T11:00:00+08:00", "rectify",),
		EVENT("P01-E2026-000004", H1, "2026-02-01T12:00:00+08:00", "retract", "key", "P01-E2026-000003",),
		EVENT("P01-E2026-000005", H1, "2026-02-01T10:30:00+08:00", "hold", "reason", "x",),
		{ "events", { "event", "P01-E2026-000006", "hazard", H1, "at", "2026-02-01T09:30:00+08:00", "step", "escalate", "actor", "sweep", NULL } },
		{ NULL, { NULL } } });
	ck_assert_uint_eq(n, 12);
	for (size_t i = 0; i < n; i++)
		if (!all[i].asked)
			finds(all[i].name, "");
}
END_TEST

START_TEST(rows_that_break_their_schema)
{
	append((const struct row[]){ HAZARD(H1, "category", "gass", "found_at", "2026-13-01", "description", "a\x01" "b"),
		{ "events", { "event", "P01-E2026-000001", "hazard", H1, "step", "rectify", "actor", "O1", NULL } },
		{ NULL, { NULL } } });
	finds("rows", "events.csv:2: at: empty, but a value is required\n"
	    "hazards.csv:2: found_at: \"2026-13-01\" is not a time: there is no month 13; write it as 2026-02-03T14:35:00+08:00\n"
	    "hazards.csv:2: category: \"gass\" is no category of any committed policy\n"
	    "hazards.csv:2: description: byte 2 of the value is a control character or no UTF-8\n");
}
END_TEST

#define PAPER(id, what) { "notices", { "notice", id, "at", "2026-02-01T08:00:00+08:00", "kind", what, NULL } }

START_TEST(papers_of_no_kind)
{
	append((const struct row[]){ PAPER("P01-N2026-000001", "supervision"), PAPER("P01-N2026-000002", "supervison"),
		{ NULL, { NULL } } });
	finds("rows", "notices.csv:3: kind: no version of notices.yaml has the kind \"supervison\", so the paper is never sent; put a policy"
	    " that has it\n");
}
END_TEST

START_TEST(ids_with_gaps)
{
	append((const struct row[]){ HAZARD(H1, "ref", "a"), HAZARD("P01-H2026-000003", "ref", "b"), HAZARD(H2, "ref", "c"),
		HAZARD("P02-H2026-000004", "ref", "d"), HAZARD("P01-E2026-000004", "ref", "e"), HAZARD("P01-H2027-000002", "ref", "f"),
		{ "rewards", { "reward", "P01-R2026-000001", NULL } }, { "rewards", { "reward", "P01-R2026-000002", NULL } },
		{ "rewards", { "reward", "P01-R2026-000001", NULL } }, { "rewards", { "reward", "P01-R2026-000004", NULL } },
		{ NULL, { NULL } } });
	finds("ids", "hazards.csv:3: hazard: P01-H2026-000003 leaves a gap: number 2 of 2026 comes next\n"
	    "hazards.csv:4: hazard: P01-H2026-000002 was used before or is out of order: the id before is number 3 of 2026\n"
	    "hazards.csv:5: hazard: P02-H2026-000004 is not an id of office P01\n"
	    "hazards.csv:6: hazard: \"P01-E2026-000004\" is not an id of hazards\n"
	    "hazards.csv:7: hazard: P01-H2027-000002 leaves a gap: number 1 of 2027 comes next\n"
	    "rewards.csv:5: reward: P01-R2026-000004 leaves a gap: number 3 of 2026 comes next\n");
}
END_TEST

START_TEST(references_to_nothing)
{
	append((const struct row[]){ HAZARD(H1, "subject", "S9", "related", "P01-H2026-000009", "inspection", "P02-I2026-000009"),
		EVENT("P01-E2026-000001", H2, "2026-02-01T09:00:00+08:00", "assign", "owner", "-", "assist", "A;B",),
		{ NULL, { NULL } } });
	finds("refs", "events.csv:2: hazard: there is no P01-H2026-000002\n"
	    "events.csv:2: assist: there is no \"A\" in organs.csv\n"
	    "events.csv:2: assist: there is no \"B\" in organs.csv\n"
	    "hazards.csv:2: subject: there is no \"S9\" in subjects.csv\n"
	    "hazards.csv:2: related: there is no P01-H2026-000009\n");
}
END_TEST

START_TEST(times_out_of_order)
{
	append((const struct row[]){ HAZARD(H1, "found_at", "2026-02-01T08:00:01+08:00"),
		EVENT("P01-E2026-000001", H1, "2026-02-01T07:00:00+08:00", "note",),
		EVENT("P01-E2026-000002", H1, "2026-02-01T10:00:00+08:00", "note",),
		EVENT("P01-E2026-000003", H1, "2026-02-01T09:00:00+08:00", "rectify",),
		EVENT("P01-E2026-000004", H1, "2026-02-01T12:00:00+08:00", "correct", "field", "reported_at", "value", "2026-02-01T10:30:00+08:00",),
		EVENT("P01-E2026-000005", H1, "2026-02-01T11:00:00+08:00", "note",),
		{ NULL, { NULL } } });
	finds("order", "hazards.csv:2: found_at: 2026-02-01T08:00:01+08:00 is after the report (2026-02-01T08:00:00+08:00)\n"
	    "events.csv:2: at: 2026-02-01T07:00:00+08:00 is before the report of P01-H2026-000001 (2026-02-01T08:00:00+08:00)\n"
	    "events.csv:4: at: 2026-02-01T09:00:00+08:00 is before the last step of P01-H2026-000001 (2026-02-01T10:00:00+08:00)\n");
}
END_TEST

START_TEST(steps_that_are_not_allowed)
{
	append((const struct row[]){ HAZARD(H1, "ref", "a"), HAZARD(H2, "ref", "b", "policy", "0123456789ab"),
		HAZARD("P01-H2026-000003", "ref", "c"),
		EVENT("P01-E2026-000001", H1, "2026-02-01T09:00:00+08:00", "recheck", "result", "pass",),
		EVENT("P01-E2026-000002", H1, "2026-02-01T09:00:00+08:00", "close",),
		EVENT("P01-E2026-000003", "P01-H2026-000003", "2026-02-01T09:00:00+08:00", "mend",),
		{ NULL, { NULL } } });
	finds("replay", "hazards.csv:3: policy: no committed policy has the digest 0123456789ab\n"
	    "events.csv:2: step: recheck may not be taken from reported, in which P01-H2026-000001 is\n"
	    "events.csv:4: step: mend is no step of the workflow of P01-H2026-000003\n");
}
END_TEST

START_TEST(masters_that_do_not_fit)
{
	p_master(reg, "organs", "organ,kind,level,grid,parent,dispatch,valid_from,valid_to,name,mail,phone\n"
	    "A,gass,,G9,B,,2026-02-30,,x,,\n");
	finds("masters", "organs.csv:2: kind: \"gass\" is not one of government, safety-committee, emergency, fire, gas, construction, market, police,"
	    " transport, industry, commerce, culture-tourism, urban-management, power, forestry, agriculture, water, education, health,"
	    " natural-resources, committee, taskforce, joint-office, headquarters, …; did you mean gas?\n"
	    "organs.csv:2: grid: there is no \"G9\" in grids.csv\n"
	    "organs.csv:2: valid_from: \"2026-02-30\" is not a date: February 2026 has 28 days; write 2026-02-28\n"
	    "organs.csv:2: parent: there is no organ \"B\" in this table\n");
	p_master(reg, "grids", GRIDS "G1,,county,,,,,,,,,甲县\nG2,G9,township,,,,,,,,,乙镇\n");
	finds("policy", "");
}
END_TEST

START_TEST(copies_that_were_edited)
{
	char path[512];

	h_append(dir, "grids.csv", "x\n");
	h_append(dir, "register.yaml", "# x\n");
	h_append(dir, "policy/workflow.yaml", "# x\n");
	h_append(dir, "policy/extra.txt", "x\n");
	snprintf(path, sizeof path, "%s/policy/crontab", dir);
	remove(path);
	finds("copies", "register.yaml: the working copy is not what is committed; it changes nothing until gridctl put register\n"
	    "grids.csv: the working copy is not what is committed; it changes nothing until gridctl put grids\n"
	    "policy/crontab: the working copy cannot be read; what is committed holds\n"
	    "policy/workflow.yaml: the working copy is not what is committed; it changes nothing until gridctl put policy\n"
	    "policy/extra.txt: is not committed; it changes nothing until gridctl put policy\n");
}
END_TEST

START_TEST(an_index_is_compared)
{
	struct err e = ERR_INIT;
	struct index *x;
	struct ledger_at at;
	struct moment m;

	append((const struct row[]){ HAZARD(H1, "ref", "a"), HAZARD(H2, "ref", "b"), { NULL, { NULL } } });
	ck_assert_int_eq(reg_moment(reg, NULL, &m, &e), 0);
	ck_assert_int_eq(ledger_find(reg, &m, "hazards", SPAN(H2), &at, &e), 1);
	x = index_open(reg, &m);
	ck_assert_ptr_nonnull(x);
	index_close(x);
	finds("index", "");
	/* the same id twice: one of the rows cannot be where the index says */
	append((const struct row[]){ HAZARD(H2, "ref", "c"), { NULL, { NULL } } });
	finds("index", "hazards.csv:4: hazard: the index has P01-H2026-000002 elsewhere; delete .index/, it is made anew\n");
}
END_TEST

/* Who can write the register can bend the policy that the index keeps, hash and all; not unseen. */
START_TEST(a_policy_in_the_index_is_compared)
{
	struct err e = ERR_INIT;
	struct buf kept = BUF_INIT, data;
	struct ledger_at at;
	struct moment m;
	char want[256], *part;
	const char *there;
	uint64_t hash;
	FILE *f;

	append((const struct row[]){ HAZARD(H1, "ref", "a"), { NULL, { NULL } } });
	ck_assert_int_eq(reg_moment(reg, NULL, &m, &e), 0);
	ck_assert_int_eq(ledger_find(reg, &m, "hazards", SPAN(H1), &at, &e), 1);
	reg->trees = true;
	ck_assert(reg_policy_trees(reg, moment_version(&m, "policy"), h_put, &kept));
	finds("index", "");
	data = h_slurp(dir, ".index/data.mdb");
	there = memmem(data.p, data.n, kept.p, kept.n);
	ck_assert_ptr_nonnull(there);
	part = memmem(kept.p, kept.n, "24h", 3);
	ck_assert_ptr_nonnull(part);
	*part = '9';
	hash = mem_hash(buf_view(&kept), INDEX_POLICY);
	snprintf(want, sizeof want, "%s/.index/data.mdb", dir);
	f = fopen(want, "r+");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, there - data.p - (long)sizeof hash, SEEK_SET), 0);
	ck_assert_uint_eq(fwrite(&hash, 1, sizeof hash, f), sizeof hash);
	ck_assert_uint_eq(fwrite(kept.p, 1, kept.n, f), kept.n);
	ck_assert_int_eq(fclose(f), 0);
	snprintf(want, sizeof want, "policy: the index has another version %s than the one that was committed; delete .index/, it is made"
	    " anew, and look at what was recorded since with gridctl check replay\n", policy);
	finds("index", want);
	buf_clear(&kept);
	buf_clear(&data);
}
END_TEST

START_TEST(checks_have_names)
{
	struct err e = ERR_INIT;

	ck_assert_ptr_null(check_named("rwos", &e));
	ck_assert_int_eq(e.status, ERR_USAGE);
	ck_assert_str_eq(e.text, "there is no check \"rwos\"; did you mean rows? there are rows, ids, refs, order, replay, masters, policy,"
	    " copies, index, calendar, duties, sweep");
}
END_TEST

/* One line as commit/ledger/id/column/was/value. */
static int note(void *arg, const struct span *v)
{
	struct buf *b = arg;

	buf_printf(b, "%.*s", (int)v[CHANGES_COMMIT].n, v[CHANGES_COMMIT].p);
	for (size_t i = CHANGES_LEDGER; i < CHANGES_NCOLUMNS; i++)
		buf_printf(b, "/%.*s", (int)v[i].n, v[i].p ? v[i].p : "");
	buf_putc(b, '\n');
	return 0;
}

/* What a log says. */
static void logs(const struct changes_want *want, const char *text)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct moment m;

	ck_assert_int_eq(reg_moment(reg, NULL, &m, &e), 0);
	ck_assert_msg(changes_run(reg, &m, want, note, &b, &e) == 0, "%s", e.text);
	ck_assert_str_eq(b.p ? b.p : "", text);
	buf_clear(&b);
}

/* How many files the policy in force has: the lines of its manifest. */
static size_t policy_files(void)
{
	struct buf path = BUF_INIT, bytes = BUF_INIT;
	struct moment m;
	struct err e = ERR_INIT;
	size_t n = 0;

	ck_assert_int_eq(reg_moment(reg, NULL, &m, &e), 0);
	buf_printf(&path, "versions/%s", moment_version(&m, "policy"));
	ck_assert_int_eq(io_slurp(reg->dir, path.p, 1 << 20, &bytes, &e), 0);
	for (size_t i = 0; i < bytes.n; i++)
		n += bytes.p[i] == '\n';
	buf_clear(&path);
	buf_clear(&bytes);
	return n;
}

START_TEST(changes_are_told)
{
	char want[400];
	struct changes_want all = { .since = INT64_MIN, .until = INT64_MAX }, one = all, late = all, values = all, other = all;

	append((const struct row[]){ HAZARD(H1, "ref", "a"), HAZARD(H2, "ref", "b"), { NULL, { NULL } } });
	append((const struct row[]){ { NULL, { NULL } } });
	p_master(reg, "grids", GRIDS "G1,,county,,10,,,,,,,甲县\nG2,G1,township,,4,,,,,,,乙街道\nG3,G1,township,,5,,,,,,2026-01-31,丙镇\n");
	snprintf(want, sizeof want, "1/register////1\n1/policy////%zu\n2/grids////4\n3/hazards/" H1 ".." H2 "///2\n4/////0\n5/grids////3\n",
	    policy_files());
	logs(&all, want);
	one.id = SPAN("G2");
	logs(&one, "2/grids/G2///1\n3/hazards/" H1 ".." H2 "///2\n5/grids/G2///1\n");
	late.since = H_NOW + 1;
	logs(&late, "");
	values.values = true;
	values.ledger = "grids";
	values.id = SPAN("G2");
	logs(&values, "2/grids/G2/parent//G1\n2/grids/G2/level//township\n2/grids/G2/households//4\n2/grids/G2/name//乙镇\n"
	    "5/grids/G2/name/乙镇/乙街道\n");
	values.id = SPAN("G4");
	logs(&values, "2/grids/G4/parent//G3\n2/grids/G4/level//village\n2/grids/G4/name//丁村\n"
	    "5/grids/G4/parent/G3/\n5/grids/G4/level/village/\n5/grids/G4/name/丁村/\n");
	other.actor = SPAN("nobody");
	logs(&other, "");
}
END_TEST

START_TEST(tree_of_a_day)
{
	struct err e = ERR_INIT;
	struct moment m;
	struct office *o = p_office(reg, &m);
	struct grid_tree *grids = office_grids(o, &e);
	struct buf b = BUF_INIT;
	struct treeview v;
	struct said s;
	int32_t day;

	ck_assert_ptr_nonnull(grids);
	ck_assert(date_of(2026, 1, 1, &day));
	treeview_new(&v, grids, o->policy, (struct span){ NULL, 0 }, day);
	ck_assert_uint_eq(v.n, 4);
	ck_assert(span_is(v.row[3].g->id, "G4"));
	ck_assert_uint_eq(v.row[3].depth, 2);
	treeview_counts(&v, o->policy, &b);
	ck_assert_str_eq(b.p, "2 township, 1 village: 3 grids");
	treeview_clear(&v);
	treeview_new(&v, grids, o->policy, (struct span){ NULL, 0 }, day + 60);
	ck_assert_uint_eq(v.n, 2);
	ck_assert_uint_eq(v.lost, 1);
	said_start(&s);
	ck_assert_int_eq(treeview_sums(&v, office_master(o, "grids", &e), day + 60, &s.d, &e), 0);
	said_is(&s, "test: warning: 1 valid grid lies in no tree: a grid above has ended\n"
	    "test: warning: G1 (甲县): households is 10, but those below it (1) add up to 4\n");
	treeview_clear(&v);
	treeview_new(&v, grids, o->policy, SPAN("G9"), day);
	ck_assert_uint_eq(v.n, 0);
	treeview_clear(&v);
	buf_clear(&b);
	office_close(o);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("check");
	TCase *t = tcase_create("check");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_good_register_has_no_findings);
	tcase_add_test(t, rows_that_break_their_schema);
	tcase_add_test(t, papers_of_no_kind);
	tcase_add_test(t, ids_with_gaps);
	tcase_add_test(t, references_to_nothing);
	tcase_add_test(t, times_out_of_order);
	tcase_add_test(t, steps_that_are_not_allowed);
	tcase_add_test(t, masters_that_do_not_fit);
	tcase_add_test(t, copies_that_were_edited);
	tcase_add_test(t, an_index_is_compared);
	tcase_add_test(t, a_policy_in_the_index_is_compared);
	tcase_add_test(t, checks_have_names);
	tcase_add_test(t, changes_are_told);
	tcase_add_test(t, tree_of_a_day);
	suite_add_tcase(s, t);
	return h_run(s);
}

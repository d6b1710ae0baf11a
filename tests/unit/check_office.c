/* SPDX-License-Identifier: MIT */
#include "model/office.h"

#include <pwd.h>

#include "model/grid.h"
#include "modelhelp.h"

static struct span nowhere = { "", 0 };
static int32_t day;

static void setup(struct mh *m)
{
	mh_open(m);
	mh_commit(m);
	day = time_day(H_NOW, H_OFFSET);
}

START_TEST(a_moment)
{
	struct mh m;
	struct err e = ERR_INIT;
	struct office *o;
	size_t n;

	setup(&m);
	o = office_open(m.dir, NULL, &e);
	ck_assert_msg(o != NULL, "%s", e.text);
	ck_assert_str_eq(o->policy->place, "default");
	ck_assert_str_eq(o->policy->digest, moment_version(&o->at, "policy"));
	ck_assert_int_eq(office_policies(o, &n, &e), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_ptr_eq(office_version(o, 0), o->policy);
	ck_assert_ptr_eq(office_policy(o, (struct span){ o->policy->digest, 12 }, &e), o->policy);
	ck_assert_ptr_eq(office_policy(o, nowhere, &e), o->policy);
	ck_assert_ptr_eq(office_master(o, "grids", &e), office_master(o, "grids", &e));
	ck_assert_ptr_eq(office_grids(o, &e), office_grids(o, &e));
	office_close(o);
	ck_assert_ptr_null(office_open("/nonexistent", NULL, &e));
	ck_assert_int_ne(e.status, ERR_OK);
	office_close(NULL);
	mh_close(&m);
}
END_TEST

/* A second version of the policy: the first lines of policy.yaml changed. */
static void change_policy(struct mh *m)
{
	struct pack p = PACK_INIT;
	char path[512];
	const char *data = getenv("GRIDLEDGER_DATA");
	struct err e = ERR_INIT;

	snprintf(path, sizeof path, "%s/places/taian", data != NULL ? data : PKGDATADIR);
	ck_assert_msg(pack_read(&p, path, &e) == 0, "%s", e.text);
	mh_begin(m);
	commit_policy(m->c, p.bytes, p.n, buf_view(&p.manifest));
	mh_commit(m);
	pack_clear(&p);
}

START_TEST(older_policies)
{
	struct mh m;
	struct err e = ERR_INIT;
	char first[13] = "";
	struct policy *old;
	size_t n;

	setup(&m);
	memcpy(first, m.o->policy->digest, 12);
	change_policy(&m);
	ck_assert_str_eq(m.o->policy->place, "taian");
	old = office_policy(m.o, span_of(first), &e);
	ck_assert_msg(old != NULL, "%s", e.text);
	ck_assert_str_eq(old->place, "default");
	ck_assert_int_eq(office_policies(m.o, &n, &e), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert_ptr_eq(office_version(m.o, 0), m.o->policy);
	ck_assert_ptr_eq(office_policy(m.o, span_of(first), &e), old);
	ck_assert_ptr_null(office_policy(m.o, SPAN("0123456789ab"), &e));
	ck_assert_int_eq(e.status, ERR_PERSON);
	ck_assert_str_eq(e.text, "policy 0123456789ab was never committed to this register; run gridctl verify");
	mh_close(&m);
}
END_TEST

/* What two readings of a policy must have in common. */
static void same_policy(const struct policy *a, const struct policy *b)
{
	const char *const words[] = { "level", "severity", "source", "role", "category", "organ_kind", "state", "step", "notice_kind" };

	ck_assert_str_eq(a->digest, b->digest);
	ck_assert_str_eq(a->place, b->place);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const struct vocab *v = policy_vocab(a, words[i]), *w = policy_vocab(b, words[i]);

		ck_assert_int_eq(v == NULL, w == NULL);
		ck_assert(v == NULL || v->n == w->n);
		for (size_t k = 0; v != NULL && k < v->n; k++) {
			ck_assert_str_eq(v->v[k].id, w->v[k].id);
			ck_assert_str_eq(v->v[k].name, w->v[k].name);
			ck_assert_uint_eq(v->v[k].naliases, w->v[k].naliases);
		}
	}
	ck_assert_uint_eq(a->nnotices, b->nnotices);
	ck_assert_uint_eq(a->rules.n, b->rules.n);
	for (size_t i = 0; i < a->rules.n; i++) {
		const struct rule *r = &a->rules.v[i], *s = &b->rules.v[i];

		ck_assert_str_eq(r->id, s->id);
		ck_assert_int_eq(r->line, s->line);
		ck_assert_int_eq(r->within.n, s->within.n);
		ck_assert_uint_eq(r->ntests, s->ntests);
		ck_assert_uint_eq(r->nrungs, s->nrungs);
		for (size_t k = 0; k < r->ntests; k++)
			ck_assert_int_eq(r->when[k].pattern == NULL, s->when[k].pattern == NULL);
	}
	for (size_t i = 0; i < a->workflow.nsteps; i++)
		ck_assert(a->workflow.step[i].from == b->workflow.step[i].from && a->workflow.step[i].by == b->workflow.step[i].by);
}

/* The index has the policies as trees: the same comes of them as of the files, the older version too. */
START_TEST(policy_from_trees)
{
	struct mh m;
	struct err e = ERR_INIT;
	struct office *trees, *files;
	struct buf b = BUF_INIT;
	struct span rest, path, tree;
	char first[13] = "", from[512], to[512];
	size_t n = 0, parts = 0;

	setup(&m);
	memcpy(first, m.o->policy->digest, 12);
	change_policy(&m);
	m.reg->trees = true;
	ck_assert(reg_policy_trees(m.reg, m.o->policy->digest, h_put, &b));
	for (rest = buf_view(&b); reg_next_tree(&rest, &path, &tree); n++)
		parts += policy_reads(path);
	ck_assert_uint_eq(rest.n, 0);
	ck_assert_uint_eq(parts, 5);
	ck_assert_uint_ge(n, parts);
	buf_reset(&b);
	ck_assert(!reg_policy_trees(m.reg, "0000000000000000000000000000000000000000000000000000000000000000", h_put, &b));
	ck_assert_uint_eq(b.n, 0);
	trees = office_open_quick(m.dir, &e);
	ck_assert_ptr_nonnull(trees);
	ck_assert_ptr_nonnull(office_policy(trees, span_of(first), &e));
	/* without the index */
	snprintf(from, sizeof from, "%s/.index", m.dir);
	snprintf(to, sizeof to, "%s/away", m.dir);
	ck_assert_int_eq(rename(from, to), 0);
	files = office_open(m.dir, NULL, &e);
	ck_assert_msg(files != NULL, "%s", e.text);
	ck_assert(!reg_policy_trees(files->reg, files->policy->digest, h_put, &b));
	same_policy(trees->policy, files->policy);
	same_policy(office_policy(trees, span_of(first), &e), office_policy(files, span_of(first), &e));
	office_close(files);
	office_close(trees);
	/* the files are not asked while the trees are there */
	ck_assert_int_eq(rename(to, from), 0);
	snprintf(from, sizeof from, "%s/versions", m.dir);
	ck_assert_int_eq(rename(from, to), 0);
	trees = office_open_quick(m.dir, &e);
	ck_assert_msg(trees != NULL, "%s", e.text);
	same_policy(trees->policy, m.o->policy);
	office_close(trees);
	buf_clear(&b);
	mh_close(&m);
}
END_TEST

/* Damage in the index must not change what a policy says: it is read from the files then. */
START_TEST(damaged_trees)
{
	struct mh m;
	struct err e = ERR_INIT;
	struct office *o;
	struct buf data;
	char path[512];
	const char *hit;
	int fd;

	setup(&m);
	data = h_slurp(m.dir, ".index/data.mdb");
	hit = memmem(data.p, data.n, "severities", 10);
	ck_assert_ptr_nonnull(hit);
	snprintf(path, sizeof path, "%s/.index/data.mdb", m.dir);
	fd = open(path, O_WRONLY);
	ck_assert_int_eq(pwrite(fd, "S", 1, hit - data.p), 1);
	close(fd);
	buf_clear(&data);
	o = office_open_quick(m.dir, &e);
	ck_assert_msg(o != NULL, "%s", e.text);
	ck_assert(!reg_policy_trees(o->reg, o->policy->digest, h_put, &data));
	same_policy(o->policy, m.o->policy);
	office_close(o);
	buf_clear(&data);
	mh_close(&m);
}
END_TEST

/* What a word names. */
static void means(struct mh *m, const char *table, const char *said, const char *want)
{
	struct err e = ERR_INIT;
	struct span id;

	ck_assert_msg(office_resolve(m->o, table, span_of(said), nowhere, day, &id, &e) == 1, "%s", e.text);
	ck_assert_msg(span_is(id, want), "%s is %.*s", said, (int)id.n, id.p);
}

/* … and why it names nothing. */
static void means_nothing(struct mh *m, const char *table, const char *said, const char *grid, const char *want)
{
	struct err e = ERR_INIT;
	struct span id;

	ck_assert_int_eq(office_resolve(m->o, table, span_of(said), span_of(grid), day, &id, &e), -1);
	ck_assert_str_eq(e.text, want);
}

START_TEST(names_of_things)
{
	struct mh m;

	setup(&m);
	means(&m, "officers", "T01-O2", "T01-O2");
	means(&m, "officers", "Walker", "T01-O2");
	means(&m, "subjects", "91990101MADEM0003C", "T01-S1");
	means(&m, "subjects", " Ｔ０１－Ｓ２ ", "T01-S2");
	means(&m, "subjects", "Ｗｏｏｄ", "T01-S1");
	means(&m, "grids", "Bridge", "990101001001");
	means_nothing(&m, "officers", "Walkr", "", "no officer \"Walkr\"; did you mean Walker?");
	means_nothing(&m, "subjects", "Zzzzzz", "", "no subject \"Zzzzzz\"");
	means_nothing(&m, "organs", "", "", "no organ \"\"");
	mh_close(&m);
}
END_TEST

START_TEST(a_name_twice)
{
	static const char rows[] = "S1,shop,,990101001001,,,,,,,,,2020-01-01,,Mart,,,\nS2,shop,,990101001,,,,,,,,,2020-01-01,,Mart,,,\n";
	struct mh m;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct span id;

	setup(&m);
	schema_header(h_table("subjects"), &b);
	buf_puts(&b, rows);
	mh_begin(&m);
	commit_version(m.c, "subjects", buf_view(&b));
	mh_commit(&m);
	means_nothing(&m, "subjects", "Mart", "", "2 subjects are called \"Mart\": S1 (990101001001), S2 (990101001); write the id");
	ck_assert_int_eq(office_resolve(m.o, "subjects", SPAN("Mart"), SPAN("990101001001"), day, &id, &e), 1);
	ck_assert(span_is(id, "S1"));
	buf_clear(&b);
	mh_close(&m);
}
END_TEST

START_TEST(who_acts)
{
	struct mh m;
	struct err e = ERR_INIT;
	struct span id;
	const char *login = getpwuid(geteuid())->pw_name;
	struct buf b = BUF_INIT, want = BUF_INIT;

	setup(&m);
	ck_assert_int_eq(office_actor(m.o, "T01-O1", H_NOW, &id, &e), 0);
	ck_assert(span_is(id, "T01-O1"));
	ck_assert_int_eq(office_actor(m.o, "T01-O9999", H_NOW, &id, &e), -1);
	ck_assert_int_eq(e.status, ERR_USAGE);
	ck_assert_msg(strncmp(e.text, "actor: no officer \"T01-O9999\"", 28) == 0, "%s", e.text);
	err_clear(&e);
	ck_assert_int_eq(office_actor(m.o, NULL, H_NOW, &id, &e), -1);
	ck_assert_int_eq(e.status, ERR_USAGE);
	buf_printf(&want, "who acts is not known: no officer has the login %s; give --actor=ID or set GRIDLEDGER_ACTOR", login);
	ck_assert_str_eq(e.text, want.p);
	schema_header(h_table("officers"), &b);
	buf_printf(&b, "A1,T01-GOV,,,,%s,2020-01-01,,One,\n", login);
	mh_begin(&m);
	commit_version(m.c, "officers", buf_view(&b));
	mh_commit(&m);
	ck_assert_int_eq(office_actor(m.o, NULL, H_NOW, &id, &e), 0);
	ck_assert(span_is(id, "A1"));
	buf_printf(&b, "A2,T01-GOV,,,,%s,2020-01-01,,Two,\n", login);
	mh_begin(&m);
	commit_version(m.c, "officers", buf_view(&b));
	mh_commit(&m);
	err_clear(&e);
	ck_assert_int_eq(office_actor(m.o, "", H_NOW, &id, &e), -1);
	ck_assert_msg(strstr(e.text, "several officers have the login") != NULL, "%s", e.text);
	buf_clear(&b);
	buf_clear(&want);
	mh_close(&m);
}
END_TEST

START_TEST(roles_and_levels)
{
	struct mh m;
	struct err e = ERR_INIT;
	uint64_t roles;
	int level;

	setup(&m);
	ck_assert_int_eq(office_roles(m.o, SPAN("T01-O1"), day, &roles, &e), 0);
	ck_assert_uint_eq(roles, UINT64_C(1) << vocab_id(&m.o->policy->roles, SPAN("clerk")) |
	    UINT64_C(1) << vocab_id(&m.o->policy->roles, SPAN("dispatcher")));
	ck_assert_int_eq(office_roles(m.o, SPAN("T01-O1"), time_day(0, 0), &roles, &e), 0);
	ck_assert_uint_eq(roles, 0);		/* before the post began */
	office_level(m.o, SPAN("T01-O1"), day, &level, &e);
	ck_assert_str_eq(m.o->policy->levels.v[level].id, "county");
	office_level(m.o, SPAN("T01-O2"), day, &level, &e);
	ck_assert_str_eq(m.o->policy->levels.v[level].id, "village");	/* the post's unit, not the organ's */
	ck_assert_int_eq(office_level(m.o, SPAN("nobody"), day, &level, &e), 0);
	ck_assert_int_eq(level, -1);
	mh_close(&m);
}
END_TEST

/* The units that a question needs, one by one, are those of the whole tree; after a few all are read. */
START_TEST(units_one_by_one)
{
	struct mh m;
	struct err e = ERR_INIT;
	struct grid_tree *few, *all;
	char id[32];

	setup(&m);
	few = office_grids_of(m.o, SPAN("nowhere"), &e);
	ck_assert_ptr_nonnull(few);
	ck_assert_ptr_null(grid_at(few, SPAN("nowhere"), day));
	for (int i = 0; i < 100; i++) {
		snprintf(id, sizeof id, "nowhere%d", i);
		all = office_grids_of(m.o, span_of(id), &e);
		ck_assert_ptr_nonnull(all);
	}
	ck_assert_ptr_ne(all, few);
	ck_assert_ptr_eq(all, office_grids(m.o, &e));
	for (uint32_t k = 0; k < grid_count(all); k++) {
		struct office *o = office_open(m.dir, NULL, &e);
		const struct grid_node *whole = grid_number(all, k), *one;

		few = office_grids_of(o, whole->id, &e);
		ck_assert_ptr_nonnull(few);
		ck_assert_ptr_eq(office_grids_of(o, whole->id, &e), few);
		one = grid_at(few, whole->id, DATE_NONE);
		for (; whole != NULL && one != NULL; whole = grid_parent(all, whole, day), one = grid_parent(few, one, day)) {
			ck_assert(span_eq(one->id, whole->id) && span_eq(one->name, whole->name) && span_eq(one->kind, whole->kind));
			ck_assert_int_eq(one->level, whole->level);
		}
		ck_assert(whole == NULL && one == NULL);
		office_close(o);
	}
	mh_close(&m);
}
END_TEST

START_TEST(level_of_the_organ)
{
	struct mh m;
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	int level;

	setup(&m);
	schema_header(h_table("posts"), &b);
	mh_begin(&m);
	commit_version(m.c, "posts", buf_view(&b));
	mh_commit(&m);
	ck_assert_int_eq(office_level(m.o, SPAN("T01-O2"), day, &level, &e), 0);
	ck_assert_str_eq(m.o->policy->levels.v[level].id, "township");
	buf_clear(&b);
	mh_close(&m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("office");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_moment);
	tcase_add_test(t, older_policies);
	tcase_add_test(t, policy_from_trees);
	tcase_add_test(t, damaged_trees);
	tcase_add_test(t, names_of_things);
	tcase_add_test(t, a_name_twice);
	tcase_add_test(t, who_acts);
	tcase_add_test(t, roles_and_levels);
	tcase_add_test(t, units_one_by_one);
	tcase_add_test(t, level_of_the_organ);
	suite_add_tcase(s, t);
	return h_run(s);
}

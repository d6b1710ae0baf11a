/* SPDX-License-Identifier: MIT */
#include "reghelp.h"

START_TEST(create_and_open)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct moment m;
	struct err e = ERR_INIT;
	struct buf b;

	ck_assert_str_eq(r->office, "T01");
	ck_assert_str_eq(r->name, "测试 \"office\"");
	ck_assert_str_eq(r->language, "zh");
	ck_assert_int_eq(r->offset, H_OFFSET);
	ck_assert_int_eq(r->format, 1);
	h_moment(r, &m);
	ck_assert_uint_eq(m.seq, 1);
	ck_assert_int_eq(m.at, H_NOW);
	ck_assert_uint_eq(m.nledgers, 16);
	ck_assert_uint_eq(m.nversions, 10);
	ck_assert_ptr_nonnull(moment_ledger(&m, "notice-lines"));
	ck_assert_ptr_null(moment_ledger(&m, "grids"));
	ck_assert_ptr_nonnull(moment_version(&m, "grids"));
	ck_assert_ptr_nonnull(moment_version(&m, "policy"));
	ck_assert_ptr_null(moment_version(&m, "hazards"));
	b = h_slurp(dir, "policy/templates/a.txt");
	ck_assert_str_eq(b.p, "hello\n");
	buf_clear(&b);
	b = h_slurp(dir, "hazards.csv");
	ck_assert_int_eq(moment_ledger(&m, "hazards")->size, (off_t)b.n);
	buf_clear(&b);
	ck_assert_int_eq(reg_version(r, moment_version(&m, "register"), &b, &e), 0);
	buf_clear(&b);
	reg_close(r);
	reg_close(NULL);
	h_drop(dir);
}
END_TEST

START_TEST(not_a_register)
{
	char *dir = h_dir();
	struct err e = ERR_INIT;

	ck_assert_ptr_null(reg_open(dir, &e));
	ck_assert_int_eq(e.status, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "not a register: it has no register.yaml; make one with gridctl init"));
	err_clear(&e);
	ck_assert_ptr_null(reg_open("/nonexistent-dir", &e));
	ck_assert_ptr_nonnull(strstr(e.text, "/nonexistent-dir: cannot open the directory"));
	h_drop(dir);
}
END_TEST

/* register.yaml with one thing wrong, and what is said. */
static const struct {
	const char *text, *says;
	int status;
} wrong[] = {
	{ "office: T01\n", "register.yaml: format: missing or not a number", ERR_PERSON },
	{ "format: 2\noffice: T01\n", "register.yaml: format 2 is newer than this program knows (1); install a newer gridledger", ERR_PERSON },
	{ "format: 1\noffice: t01\n", "register.yaml: office: \"t01\" is not 1 to 12 of A-Z and 0-9", ERR_PERSON },
	{ "format: 1\noffice: T01\noffset: \"8\"\n", "register.yaml: offset: \"8\" is not an offset from UTC like +08:00", ERR_PERSON },
	{ "format: 1\noffice: T01\noffset: \"+08:00\"\nlanguage: fr\n", "register.yaml: language: \"fr\" is not one of zh, en", ERR_PERSON },
	{ "format: [\n", "register.yaml:", ERR_PERSON },
};

START_TEST(bad_settings)
{
	char *dir = h_create();
	struct err e = ERR_INIT;

	h_write(dir, "register.yaml", wrong[_i].text, strlen(wrong[_i].text), O_TRUNC);
	ck_assert_ptr_null(reg_open(dir, &e));
	ck_assert_int_eq(e.status, wrong[_i].status);
	ck_assert_msg(strncmp(e.text, wrong[_i].says, strlen(wrong[_i].says)) == 0, "%s", e.text);
	h_drop(dir);
}
END_TEST

/* A file system's own lost+found is no content; a name of an office may hold anything. */
START_TEST(create_in_place)
{
	char *dir = h_dir(), path[512];
	struct err e = ERR_INIT;
	struct reg_new n = { .office = "T01", .name = "a\n\"b\\c\x01", .language = "en", .offset = -3600, .now = H_NOW, .command = "gridctl init" };
	struct policy_bytes same[] = { { "a.yaml", SPAN("x") }, { "b.yaml", SPAN("x") } };
	struct reg *r;

	snprintf(path, sizeof path, "%s/lost+found", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	n.policy = same;
	n.npolicy = 2;
	ck_assert_msg(reg_create(dir, &n, &e) == 0, "%s", e.text);
	r = h_open(dir);
	ck_assert_str_eq(r->name, "a \"b\\c ");
	ck_assert_str_eq(r->language, "en");
	ck_assert_int_eq(r->offset, -3600);
	ck_assert(!r->edited);
	reg_close(r);
	/* it stays as it is when somebody tries again */
	ck_assert_int_eq(reg_create(dir, &n, &e), -1);
	ck_assert_int_eq(e.status, ERR_USAGE);
	h_ok(r = h_open(dir), "", 1, H_NOW);
	reg_close(r);
	h_remove(dir);
	/* a place where no directory can be made */
	err_clear(&e);
	snprintf(path, sizeof path, "%s/a/b", dir);
	ck_assert_int_eq(reg_create(path, &n, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "/a/b: cannot make the directory: No such file or directory"));
	free(dir);
}
END_TEST

START_TEST(create_refuses)
{
	char *dir = h_dir();
	struct err e = ERR_INIT;
	struct reg_new n = { .office = "T01", .offset = H_OFFSET, .now = H_NOW, .command = "gridctl init" };
	struct policy_bytes bad = { "../x", SPAN("x") };

	h_append(dir, "x", "y");
	ck_assert_int_eq(reg_create(dir, &n, &e), -1);
	ck_assert_int_eq(e.status, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "is not empty; a register is made in a new or empty directory"));
	err_clear(&e);
	h_remove(dir);
	n.policy = &bad;
	n.npolicy = 1;
	ck_assert_int_eq(reg_create(dir, &n, &e), -1);
	ck_assert_str_eq(e.text, "policy: \"../x\" is not a name for a policy file");
	ck_assert_int_ne(access(dir, F_OK), 0);	/* nothing is left */
	err_clear(&e);
	n.office = "t";
	ck_assert_int_eq(reg_create(dir, &n, &e), -1);
	ck_assert_str_eq(e.text, "office: \"t\" is not 1 to 12 of A-Z and 0-9");
	err_clear(&e);
	n.office = "T01";
	n.language = "fr";
	ck_assert_int_eq(reg_create(dir, &n, &e), -1);
	ck_assert_str_eq(e.text, "language: \"fr\" is not one of zh, en");
	err_clear(&e);
	n.language = NULL;
	n.npolicy = 0;
	n.group = "no-such-group-here";
	ck_assert_int_eq(reg_create(dir, &n, &e), -1);
	ck_assert_str_eq(e.text, "shared: there is no group \"no-such-group-here\" on this machine");
	free(dir);
}
END_TEST

START_TEST(moments)
{
	char *dir = h_create(), seq[32], path[512];
	struct reg *r = h_open(dir);
	struct moment m[4], k;
	struct err e = ERR_INIT;

	for (int i = 0; i < 4; i++) {
		if (i > 0)
			h_ok(r, "", i, H_NOW + i * H_DAY);
		ck_assert_int_eq(reg_moment(r, NULL, &m[i], &e), 0);
	}
	for (int i = 0; i < 4; i++) {
		snprintf(seq, sizeof seq, "%d", i + 1);
		ck_assert_int_eq(reg_moment(r, seq, &k, &e), 0);
		ck_assert_str_eq(k.chain, m[i].chain);
		ck_assert_int_eq(k.journal, m[i].journal);
		ck_assert_int_eq(moment_ledger(&k, "events")->size, moment_ledger(&m[i], "events")->size);
	}
	ck_assert_int_eq(reg_moment(r, "99", &k, &e), 0);
	ck_assert_uint_eq(k.seq, 4);
	ck_assert_int_eq(reg_moment(r, "2026-02-03T23:00:00+08:00", &k, &e), 0);
	ck_assert_uint_eq(k.seq, 2);
	ck_assert_int_eq(reg_moment(r, "0", &k, &e), -1);
	ck_assert_str_eq(e.text, "known: there is no commit up to 0");
	err_clear(&e);
	ck_assert_int_eq(reg_moment(r, "soon", &k, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "known: neither a commit's number, nor a checkpoint, nor a file"));
	err_clear(&e);
	h_append(dir, "x", "hello\n");
	snprintf(path, sizeof path, "%s/x", dir);
	ck_assert_int_eq(reg_moment(r, path, &k, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "is not a checkpoint; one has four lines"));
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(version_changed)
{
	char *dir = h_create(), path[128];
	struct reg *r = h_open(dir);
	struct moment m;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	h_moment(r, &m);
	snprintf(path, sizeof path, "versions/%s", moment_version(&m, "grids"));
	h_append(dir, path, "x");
	ck_assert_int_eq(reg_version(r, moment_version(&m, "grids"), &b, &e), -1);
	ck_assert_int_eq(e.status, ERR_PERSON);
	ck_assert_ptr_nonnull(strstr(e.text, "the file was changed; run gridctl verify"));
	buf_clear(&b);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(segment_names)
{
	char name[REG_FILE_MAX];

	reg_segment_name("hazards", 1, name);
	ck_assert_str_eq(name, "hazards.csv");
	reg_segment_name("hazards", 12, name);
	ck_assert_str_eq(name, "hazards.12.csv");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("register");
	TCase *t = tcase_create("register");

	tcase_add_test(t, create_and_open);
	tcase_add_test(t, not_a_register);
	tcase_add_loop_test(t, bad_settings, 0, (int)(sizeof wrong / sizeof *wrong));
	tcase_add_test(t, create_in_place);
	tcase_add_test(t, create_refuses);
	tcase_add_test(t, moments);
	tcase_add_test(t, version_changed);
	tcase_add_test(t, segment_names);
	suite_add_tcase(s, t);
	return h_run(s);
}

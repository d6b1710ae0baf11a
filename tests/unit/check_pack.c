/* SPDX-License-Identifier: MIT */
#include "placehelp.h"

static char *dir;

static void set_up(void)
{
	dir = h_dir();
}

static void tear_down(void)
{
	h_drop(dir);
}

static void sub(const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	ck_assert_int_eq(mkdir(path, 0755), 0);
}

START_TEST(files_are_taken_in_order)
{
	struct pack p = PACK_INIT;
	struct err e = ERR_INIT;

	sub("templates");
	sub("demo");
	h_write(dir, "templates/b.txt", "b", 1, 0);
	h_write(dir, "demo/grids.csv", "x", 1, 0);
	h_write(dir, "policy.yaml", "", 0, 0);
	h_write(dir, "crontab", "c", 1, 0);
	h_write(dir, "README", "r", 1, 0);
	h_write(dir, "README.zh", "r", 1, 0);
	h_write(dir, ".hidden", "r", 1, 0);
	h_write(dir, "policy.yaml~", "r", 1, 0);
	h_write(dir, "policy.yaml.tmp", "r", 1, 0);
	ck_assert_msg(pack_read(&p, dir, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(p.n, 3);
	ck_assert_str_eq(p.file[0].path, "crontab");
	ck_assert_str_eq(p.file[1].path, "policy.yaml");
	ck_assert_uint_eq(p.file[1].n, 0);
	ck_assert_str_eq(p.file[2].path, "templates/b.txt");
	ck_assert_str_eq(p.bytes[2].path, "templates/b.txt");
	ck_assert(span_is(p.bytes[2].bytes, "b"));
	ck_assert_ptr_nonnull(strstr(p.manifest.p, "  templates/b.txt\n"));
	pack_clear(&p);
}
END_TEST

/* The error of reading the directory. */
static void refused(const char *path, enum err_status status, const char *text)
{
	struct pack p = PACK_INIT;
	struct err e = ERR_INIT;

	ck_assert_int_eq(pack_read(&p, path, &e), -1);
	ck_assert_int_eq(e.status, status);
	ck_assert_msg(strstr(e.text, text) != NULL, "%s", e.text);
	pack_clear(&p);
}

START_TEST(bad_directories_are_refused)
{
	char path[600];

	refused(dir, ERR_DATA, ": holds no policy file; policy.yaml, workflow.yaml and escalation.yaml are needed");
	snprintf(path, sizeof path, "%s/none", dir);
	refused(path, ERR_USAGE, ": is not a directory with policy files");
	h_write(dir, "a\nb", "x", 1, 0);
	refused(dir, ERR_DATA, ": is no name for a policy file");
	snprintf(path, sizeof path, "%s/a\nb", dir);
	remove(path);
	sub("1");
	sub("1/2");
	sub("1/2/3");
	sub("1/2/3/4");
	sub("1/2/3/4/5");
	sub("1/2/3/4/5/6");
	sub("1/2/3/4/5/6/7");
	sub("1/2/3/4/5/6/7/8");
	h_write(dir, "1/2/3/4/5/6/7/8/x", "x", 1, 0);
	{
		struct pack p = PACK_INIT;
		struct err e = ERR_INIT;

		ck_assert_msg(pack_read(&p, dir, &e) == 0, "%s", e.text);
		pack_clear(&p);
	}
	sub("1/2/3/4/5/6/7/8/9");
	refused(dir, ERR_DATA, "more than 8 folders deep");
}
END_TEST

START_TEST(large_files_are_refused)
{
	char *p = calloc(1, PACK_FILE_MAX + 1);

	h_write(dir, "big", p, PACK_FILE_MAX + 1, 0);
	free(p);
	refused(dir, ERR_DATA, "big");
}
END_TEST

START_TEST(places_are_found)
{
	struct buf at = BUF_INIT;
	struct err e = ERR_INIT;
	char want[600];

	sub("places");
	sub("places/east");
	sub("places/west");
	ck_assert_int_eq(pack_find("east", dir, &at, &e), 0);
	snprintf(want, sizeof want, "%s/places/east", dir);
	ck_assert_str_eq(at.p, want);
	snprintf(want, sizeof want, "%s/places/", dir);
	ck_assert_int_eq(pack_find(want, dir, &at, &e), 0);
	want[strlen(want) - 1] = '\0';
	ck_assert_str_eq(at.p, want);
	ck_assert_int_eq(pack_find("eats", dir, &at, &e), -1);
	ck_assert_int_eq(e.status, ERR_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "there is no place \"eats\"; did you mean east? "));
	ck_assert_ptr_nonnull(strstr(e.text, "/places has east, west; or name a directory"));
	err_clear(&e);
	ck_assert_int_eq(pack_find("", dir, &at, &e), -1);
	err_clear(&e);
	ck_assert_int_eq(pack_find("x", "/nowhere", &at, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "/nowhere/places has none"));
	buf_clear(&at);
}
END_TEST

START_TEST(shipped_places_load)
{
	static const char *const places[] = { "default", "bicheng", "guali", "yongren", "taian", "xianyou" };

	for (size_t i = 0; i < 6; i++) {
		struct buf at = BUF_INIT;
		struct pack p = PACK_INIT;
		struct err e = ERR_INIT;
		struct policy *policy;
		struct said s;

		said_start(&s);
		ck_assert_msg(pack_find(places[i], p_data(), &at, &e) == 0 && pack_read(&p, at.p, &e) == 0, "%s", e.text);
		policy = pack_load(&p, at.p, &s.d);
		said_is(&s, "");
		ck_assert_str_eq(policy->place, places[i]);
		policy_free(policy);
		pack_clear(&p);
		buf_clear(&at);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pack");
	TCase *t = tcase_create("pack");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, files_are_taken_in_order);
	tcase_add_test(t, bad_directories_are_refused);
	tcase_add_test(t, large_files_are_refused);
	tcase_add_test(t, places_are_found);
	tcase_add_test(t, shipped_places_load);
	suite_add_tcase(s, t);
	return h_run(s);
}

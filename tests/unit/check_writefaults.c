/* SPDX-License-Identifier: MIT */
#include "faultops.h"
#include "register/index.h"
/*
 * Writers on a disk that fails: all or nothing, and done again it is done once.  TEST_LONG=yes: in every way, each of them.
 */

/* The commit line's sync failed. */
static char *doubtful(void)
{
	char *dir = h_create();
	struct reg *r;
	struct err e = ERR_INIT;
	static long found = 20;		/* the call that is the sync */
	int result = 0;

	for (long n = found; result == 0 || e.status != ERR_DOUBT; n++) {
		h_remove(dir);
		free(dir);
		dir = filled();
		r = h_open(dir);
		err_clear(&e);
		arm(MODE_EIO, n);
		result = h_commit(r, "doubt", 1, H_NOW, &e);
		disarm();
		reg_close(r);
		found = n;
		ck_assert_int_lt(n, 300);
	}
	return dir;
}

static int rebuild_it(const char *dir, struct buf *said, struct err *e)
{
	struct reg *r = reg_open(dir, e);
	struct moment m;
	int result = -1;

	if (r != NULL && reg_moment(r, NULL, &m, e) == 0 && index_update(r, &m, e) == 0) {
		buf_puts(said, "made");
		result = 0;
	}
	reg_close(r);
	return result;
}

static int adopt_it(const char *dir, struct buf *said, struct err *e)
{
	struct commit_who who = h_who("", H_NOW);
	struct reg *r = reg_open(dir, e);
	int result = r == NULL ? -1 : commit_adopt(r, &who, NULL, NULL, e);

	(void)said;
	reg_close(r);
	return result;
}

static int adopt_dry(const char *dir, struct buf *said, struct err *e)
{
	struct commit_who who = h_who("", H_NOW);
	struct reg *r = reg_open(dir, e);
	int result;

	(void)said;
	who.dry_run = true;
	result = r == NULL ? -1 : commit_adopt(r, &who, NULL, NULL, e);
	reg_close(r);
	return result;
}

static int settle_it(const char *dir, struct buf *said, struct err *e)
{
	struct commit_who who = h_who("", H_NOW);
	struct reg *r = reg_open(dir, e);
	int result = r == NULL ? -1 : commit_settle(r, &who, said, e);

	reg_close(r);
	return result;
}

static int doubt_it(const char *dir, struct buf *said, struct err *e)
{
	struct reg *r = reg_open(dir, e);
	int result = r == NULL ? -1 : commit_doubt(r, said, e);

	reg_close(r);
	return result < 0 ? -1 : 0;
}

/* A new policy with one file less, one changed and one new in a directory of its own, and a seal of the settings. */
static int policy_it(const char *dir, struct buf *said, struct err *e)
{
	static const struct policy_bytes file[] = { { "policy.yaml", { "place: other\n", 13 } }, { "maps/b/b.yaml", { "b\n", 2 } },
		{ "same.txt", { "hello\n", 6 } } };
	struct commit_who who = h_who("policy", H_NOW);
	struct buf manifest = BUF_INIT, warning = BUF_INIT;
	struct reg *r = reg_open(dir, e);
	struct commit *c = r == NULL ? NULL : commit_open(r, &who, e);
	char digest[65];
	uint64_t seq;
	int64_t at;
	int result = -1;

	(void)said;
	if (c != NULL && commit_find_key(r, commit_moment(c), who.key, &seq, &at, e) != 0) {
		result = e->status == ERR_OK ? commit_stands(c, e) : -1;	/* again what came in already */
		commit_drop(c);
	} else if (c != NULL) {
		for (size_t i = 0; i < 3; i++) {
			digest_of(file[i].bytes, digest);
			buf_printf(&manifest, "%s  %s\n", digest, file[i].path);
		}
		commit_policy(c, file, 3, buf_view(&manifest));
		h_pair(c, NULL, "R3", "b");
		result = commit_close(c, &warning, e);
	}
	buf_clear(&manifest);
	buf_clear(&warning);
	reg_close(r);
	return result;
}

/* gridctl init in a new directory. */
static int create_it(const char *dir, struct buf *said, struct err *e)
{
	static const struct policy_bytes file[] = { { "policy.yaml", { "place: test\n", 12 } }, { "templates/a.txt", { "hello\n", 6 } } };
	struct reg_new n = { .office = "T01", .offset = H_OFFSET, .policy = file, .npolicy = 2, .now = H_NOW, .command = "gridctl init" };
	struct buf manifest = BUF_INIT;
	char digest[65];
	int result;

	(void)said;
	for (size_t i = 0; i < 2; i++) {
		digest_of(file[i].bytes, digest);
		buf_printf(&manifest, "%s  %s\n", digest, file[i].path);
	}
	n.manifest = buf_view(&manifest);
	result = reg_create(dir, &n, e);
	buf_clear(&manifest);
	return result;
}

static char *nothing(void)
{
	char *dir = h_dir();

	h_remove(dir);
	return dir;
}

static const struct op ops[] = {
	{ "rebuild", without_index, rebuild_it, .writes = true },
	{ "adopt", touched, adopt_it, .few = true, .writes = true },
	{ "settle", doubtful, settle_it, .few = true, .wordy = true, .writes = true },
	{ "policy", filled, policy_it, .writes = true },
	{ "create", nothing, create_it, .makes = true, .writes = true },
	{ "adopt, dry", touched, adopt_dry, .writes = false },
	{ "doubt", doubtful, doubt_it, .writes = false },
};

START_TEST(every_call)
{
	static const enum mode modes[] = { MODE_EIO, MODE_ENOSPC, MODE_SHORT, MODE_LIE };

	const struct op *op = &ops[_i / 4];
	const char *full = getenv("TEST_LONG");

	if (_i % 4 == 0 || op->few || (full != NULL && strcmp(full, "yes") == 0))
		every_call_of(op, modes[_i % 4]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("writefaults");
	TCase *t = tcase_create("writefaults");

	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, every_call, 0, 4 * (int)(sizeof ops / sizeof *ops));
	suite_add_tcase(s, t);
	return h_run(s);
}

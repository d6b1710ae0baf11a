/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "reghelp.h"
#include "register/index.h"
#include "register/ledger.h"
/*
 * What a commit may not leave to chance: what it tells as recorded is durable; what people read beside the register, the
 * working copies, is never ahead of it; and nothing is cut that was not saved.
 */

static struct io_table kernel;
static int syncs;		/* of data */
static bool sync_fails, commit_fails;
static const char *intruder;	/* the register to whose hazards another hand adds while a commit does */

static int f_fdatasync(int fd)
{
	syncs++;
	errno = EIO;
	return sync_fails ? -1 : kernel.fdatasync(fd);
}

/* The disk is full where a commit line begins. */
static ssize_t f_write(int fd, const void *p, size_t n)
{
	if (intruder != NULL && n > 5 && memcmp(p, "T01-H", 5) == 0) {
		h_append(intruder, "hazards.csv", "by hand\n");
		errno = EIO;
		return -1;
	}
	errno = ENOSPC;
	return commit_fails && n > 7 && memcmp(p, "commit,", 7) == 0 ? -1 : kernel.write(fd, p, n);
}

static void watch(void)
{
	kernel = io;
	io.fdatasync = f_fdatasync;
	io.write = f_write;
	syncs = 0;
	sync_fails = commit_fails = false;
	intruder = NULL;
}

/* A writer that adds nothing, because it finds all of its input, tells what another recorded. */
START_TEST(told_again)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct commit *c;

	h_ok(r, "", 1, H_NOW);
	for (int fails = 0; fails < 2; fails++) {
		c = commit_open(r, &who, &e);
		ck_assert_ptr_nonnull(c);
		watch();
		sync_fails = fails;
		ck_assert_int_eq(commit_stands(c, &e), -fails);
		io = kernel;
		ck_assert_int_eq(syncs, 1);
		commit_drop(c);
	}
	ck_assert_int_eq(e.status, ERR_FAILED);
	ck_assert_ptr_nonnull(strstr(e.text, "journal.csv: cannot sync"));
	err_clear(&e);
	who.dry_run = true;
	c = commit_open(r, &who, &e);
	ck_assert_ptr_nonnull(c);
	watch();
	ck_assert_int_eq(commit_stands(c, &e), 0);
	io = kernel;
	ck_assert_int_eq(syncs, 0);
	commit_drop(c);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* A new version that was not recorded is not in the working copy, and its retry key finds nothing. */
START_TEST(copies_behind)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("key", H_NOW);
	struct moment m;
	uint64_t seq;
	int64_t at;
	struct buf text = BUF_INIT, was = h_slurp(dir, "grids.csv"), is;
	struct err e = ERR_INIT;

	schema_header(h_table("grids"), &text);
	buf_puts(&text, "G1,,county,,,,,,,,,County\n");
	for (int fails = 1; fails >= 0; fails--) {
		struct commit *c = commit_open(r, &who, &e);

		ck_assert_ptr_nonnull(c);
		commit_version(c, "grids", buf_view(&text));
		watch();
		commit_fails = fails;
		ck_assert_int_eq(commit_close(c, NULL, &e), -fails);
		io = kernel;
		is = h_slurp(dir, "grids.csv");
		ck_assert(span_eq(buf_view(&is), buf_view(fails ? &was : &text)));
		buf_clear(&is);
		ck_assert_int_eq(e.status, fails ? ERR_FAILED : ERR_OK);
		err_clear(&e);
		h_moment(r, &m);
		ck_assert_int_eq(commit_find_key(r, &m, "key", &seq, &at, &e), !fails);
	}
	buf_clear(&text);
	buf_clear(&was);
	reg_close(r);
	h_drop(dir);
}
END_TEST

static const char *grown;

/* Another hand is at the ledger while its tail is saved. */
static int f_openat(int dir, const char *path, int flags, mode_t mode)
{
	if (grown != NULL && strncmp(path, "lost+found/hazards.csv", 22) == 0)
		h_append(grown, "hazards.csv", "by hand\n");
	return kernel.openat(dir, path, flags, mode);
}

/* What is added while an interrupted commit is undone was not saved, so it is not cut either. */
START_TEST(grown_meanwhile)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct buf journal, was, is;
	struct err e = ERR_INIT;

	h_ok(r, "", 1, H_NOW);
	journal = h_slurp(dir, "journal.csv");
	h_write(dir, "journal.csv", journal.p, (size_t)(strstr(journal.p, "\ncommit,2,") + 1 - journal.p), O_TRUNC);
	was = h_slurp(dir, "hazards.csv");
	watch();
	io.openat = f_openat;
	grown = dir;
	ck_assert_int_eq(h_commit(r, "", 1, H_NOW, &e), -1);
	io = kernel;
	ck_assert_int_eq(e.status, ERR_FAILED);
	ck_assert_ptr_nonnull(strstr(e.text, "hazards.csv: grew while it was recovered; try again"));
	is = h_slurp(dir, "hazards.csv");
	buf_puts(&was, "by hand\n");
	ck_assert(span_eq(buf_view(&is), buf_view(&was)));
	buf_clear(&journal);
	buf_clear(&was);
	buf_clear(&is);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* A commit that fails takes back its own bytes only. */
START_TEST(others_stay)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct buf was = h_slurp(dir, "hazards.csv"), is;
	struct err e = ERR_INIT;

	watch();
	intruder = dir;
	ck_assert_int_eq(h_commit(r, "", 1, H_NOW, &e), -1);
	io = kernel;
	ck_assert_int_eq(e.status, ERR_FAILED);
	is = h_slurp(dir, "hazards.csv");
	buf_puts(&was, "by hand\n");
	ck_assert(span_eq(buf_view(&is), buf_view(&was)));
	buf_clear(&was);
	buf_clear(&is);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* An index that was left over from another history of the same length shows nothing of it. */
START_TEST(index_of_other)
{
	static const char *const file[] = { "journal.csv", "hazards.csv", "events.csv" };
	char *dir = h_create();
	struct commit_who who = h_who("", H_NOW);
	struct buf was[3];
	struct ledger_at at;
	struct moment m;
	struct err e = ERR_INIT;

	for (int i = 0; i < 3; i++)
		was[i] = h_slurp(dir, file[i]);
	for (int turn = 0; turn < 2; turn++) {
		struct reg *r = h_open(dir);
		struct commit *c = commit_open(r, &who, &e);

		ck_assert_ptr_nonnull(c);
		h_pair(c, NULL, turn == 0 ? "ref-a" : "ref-b", "x");
		ck_assert_int_eq(commit_close(c, NULL, &e), 0);
		h_moment(r, &m);
		ck_assert_msg(index_update(r, &m, &e) == 0, "%s", e.text);
		ck_assert_int_eq(ledger_find_ref(r, &m, SPAN("ref-a"), &at, &e), turn == 0);
		ck_assert_int_eq(ledger_find_ref(r, &m, SPAN("ref-b"), &at, &e), turn == 1);
		reg_close(r);
		for (int i = 0; i < 3 && turn == 0; i++)
			h_write(dir, file[i], was[i].p, was[i].n, O_TRUNC);
	}
	for (int i = 0; i < 3; i++)
		buf_clear(&was[i]);
	h_drop(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("durable");
	TCase *t = tcase_create("durable");

	tcase_add_test(t, told_again);
	tcase_add_test(t, copies_behind);
	tcase_add_test(t, grown_meanwhile);
	tcase_add_test(t, others_stay);
	tcase_add_test(t, index_of_other);
	suite_add_tcase(s, t);
	return h_run(s);
}

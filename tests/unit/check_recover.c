/* SPDX-License-Identifier: MIT */
#include "faulthelp.h"
/*
 * Crashes and failing system calls: whatever call fails, and however, a commit is all there or not at all, what was
 * acknowledged stays, and the register proves itself after the next writer has been.
 */

static int fresh;		/* registers are made anew now and then: verify reads all of one */
#define FRESH_EACH 12

/* A commit over three ledgers and a master. */
static int big_commit(struct reg *r, const char *key, int salt, struct err *e)
{
	struct commit_who who = h_who(key, H_NOW);
	struct buf grids = BUF_INIT;
	struct commit *c = commit_open(r, &who, e);

	if (c == NULL)
		return -1;
	for (int i = 0; i < 3; i++)
		h_pair(c, NULL, "", "燃气软管老化");
	h_row(c, "tags", NULL, (const char *const[]){ "name", "x", NULL });
	schema_header(h_table("grids"), &grids);
	buf_printf(&grids, "G%d,,county,,,,,,,,,County\n", salt);
	commit_version(c, "grids", buf_view(&grids));
	buf_clear(&grids);
	return commit_close(c, NULL, e);
}

/* gridctl check: nothing is in doubt any more. */
static void settled(struct reg *r)
{
	struct commit_who who = h_who("", H_NOW);
	struct buf said = BUF_INIT;
	struct err e = ERR_INIT;

	ck_assert_msg(commit_settle(r, &who, &said, &e) == 0, "%s", e.text);
	buf_clear(&said);
}

/* What became of the commit with this key: rows it brought, after the next writer has cleaned up. */
static uint64_t settle(struct reg *r, const char *key)
{
	struct verify_sum sum;
	struct moment m;
	struct err e = ERR_INIT;
	uint64_t seq;
	int64_t at;

	settled(r);
	h_ok(r, "", 0, H_NOW);
	ck_assert_msg(verify_register(r, NULL, print_finding, NULL, &sum, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(sum.findings, 0);
	h_moment(r, &m);
	ck_assert_int_ge(commit_find_key(r, &m, key, &seq, &at, &e), 0);
	return sum.rows;
}

/* Every n-th call of a commit fails in this way. */
START_TEST(every_call_of_a_commit)
{
	char *dir = h_create(), key[32];
	struct moment m;
	uint64_t rows = 0, seq;
	int64_t at;
	struct reg *r;

	for (long n = 1;; n++) {
		struct err e = ERR_INIT;
		uint64_t now;
		int result;

		if (++fresh % FRESH_EACH == 0) {
			h_remove(dir);
			free(dir);
			dir = h_create();
			rows = 0;
		}
		r = h_open(dir);
		snprintf(key, sizeof key, "key-%ld", n);
		arm((enum mode)_i, n);
		result = big_commit(r, key, (int)n, &e);
		disarm();
		now = settle(r, key);
		h_moment(r, &m);
		ck_assert_int_eq(commit_find_key(r, &m, key, &seq, &at, &e), now > rows);
		ck_assert_msg(now == rows || now == rows + 7, "call %ld: %ju rows of 7 came", n, (uintmax_t)(now - rows));
		if (result == 0)
			ck_assert_msg(now == rows + 7, "call %ld: an acknowledged commit was lost", n);
		else
			ck_assert_msg(e.status == ERR_DOUBT || now == rows, "call %ld: \"%s\" but the rows are there", n, e.text);
		if (_i == MODE_SHORT)
			ck_assert_msg(result == 0, "call %ld: a short count was not hidden: %s", n, e.text);
		rows = now;
		reg_close(r);
		if (!hit)
			break;
	}
	ck_assert_int_gt(count, 40);
	h_drop(dir);
}
END_TEST

/* Every n-th call of a recovery fails, from several half-done states. */
START_TEST(every_call_of_a_recovery)
{
	static const struct {
		const char *after;	/* the journal is cut behind this line's start, plus so many bytes */
		int plus;
		int tail;		/* per cent of the tails that are left */
	} state[] = { { "commit", 50, 100 }, { "commit", 0, 40 } };
	char *dir = h_create();
	uint64_t rows;
	struct reg *r;

	rows = 0;
	for (size_t s = 0; s < sizeof state / sizeof *state; s++)
		for (long n = 1;; n++) {
			struct err e = ERR_INIT;
			struct buf journal;
			struct moment before, after;
			char path[512], line[64];
			const char *cut;
			int result;

			if (++fresh % FRESH_EACH == 0) {
				h_remove(dir);
				free(dir);
				dir = h_create();
				rows = 0;
			}
			r = h_open(dir);
			ck_assert_int_eq(reg_moment(r, NULL, &before, &e), 0);
			h_ok(r, "", 2, H_NOW);
			ck_assert_int_eq(reg_moment(r, NULL, &after, &e), 0);
			/* back to how a crash would have left it */
			journal = h_slurp(dir, "journal.csv");
			snprintf(line, sizeof line, "\n%s,%ju,", state[s].after, (uintmax_t)after.seq);
			cut = strstr(journal.p, line);
			snprintf(path, sizeof path, "%s/journal.csv", dir);
			ck_assert_int_eq(truncate(path, cut + 1 + state[s].plus - journal.p), 0);
			buf_clear(&journal);
			for (size_t i = 0; i < before.nledgers; i++) {
				off_t from = before.ledger[i].size, to = after.ledger[i].size;

				snprintf(path, sizeof path, "%s/%s.csv", dir, before.ledger[i].table->name);
				ck_assert_int_eq(truncate(path, from + (to - from) * state[s].tail / 100), 0);
			}
			reg_close(r);
			r = h_open(dir);
			arm((enum mode)_i, n);
			result = h_commit(r, "", 1, H_NOW, &e);
			disarm();
			if (result == 0)
				rows += 2;
			else if (e.status == ERR_DOUBT)
				rows += settle(r, "x") - rows;
			ck_assert_uint_eq(settle(r, "x"), rows);
			if (_i == MODE_SHORT)
				ck_assert_msg(result == 0, "call %ld: a short count was not hidden: %s", n, e.text);
			reg_close(r);
			if (!hit)
				break;
		}
	h_drop(dir);
}
END_TEST

/* A begin left open by a crash, with tails of any length, is undone and its tails are kept. */
START_TEST(crash_keeps_tails)
{
	char *dir = h_create(), name[128];
	struct reg *r = h_open(dir);
	struct buf journal, all, hazards, kept;
	struct moment m;
	const char *begin, *end;

	h_ok(r, "", 1, H_NOW);
	h_moment(r, &m);
	journal = h_slurp(dir, "journal.csv");
	hazards = h_slurp(dir, "hazards.csv");
	h_ok(r, "", 3, H_NOW);
	all = h_slurp(dir, "hazards.csv");
	buf_reset(&journal);
	buf_clear(&journal);
	journal = h_slurp(dir, "journal.csv");
	/* cut the commit line in its middle */
	begin = strstr(journal.p, "\nbegin,3,");
	end = strstr(begin + 1, "\ncommit,3,");
	h_write(dir, "journal.csv", journal.p, (size_t)(end - journal.p) + 40, O_TRUNC);
	h_moment(r, &m);
	ck_assert_uint_eq(m.seq, 2);
	h_ok(r, "", 0, H_NOW);
	ids_are(r, "hazards", "T01-H2026-000001/2 ");
	snprintf(name, sizeof name, "lost+found/hazards.csv-3-%zu-%.8s", hazards.n, end - 64);
	kept = h_slurp(dir, name);
	ck_assert_uint_eq(kept.n, all.n - hazards.n);
	ck_assert_int_eq(memcmp(kept.p, all.p + hazards.n, kept.n), 0);
	buf_clear(&kept);
	snprintf(name, sizeof name, "lost+found/journal.csv-3-%zu-%.8s", (size_t)(end - journal.p) + 1, end - 64);
	kept = h_slurp(dir, name);
	ck_assert_uint_eq(kept.n, 39);
	buf_clear(&kept);
	h_moment(r, &m);
	ck_assert_uint_eq(m.seq, 4);
	verified(r, 2);
	buf_clear(&all);
	buf_clear(&hazards);
	buf_clear(&journal);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* Rows of another hand behind a crash are not cut. */
START_TEST(crash_and_foreign)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct buf journal;
	struct err e = ERR_INIT;

	h_ok(r, "", 1, H_NOW);
	journal = h_slurp(dir, "journal.csv");
	h_write(dir, "journal.csv", journal.p, (size_t)(strstr(journal.p, "\ncommit,2,") + 1 - journal.p), O_TRUNC);
	h_append(dir, "hazards.csv", "by hand\n");
	ck_assert_int_eq(h_commit(r, "", 1, H_NOW, &e), -1);
	ck_assert_int_eq(e.status, ERR_PERSON);
	ck_assert_ptr_nonnull(strstr(e.text, "behind an interrupted commit were not written by this toolkit; move them out of the file"));
	buf_clear(&journal);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(changed_tail)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct buf journal;
	struct err e = ERR_INIT;

	h_ok(r, "", 1, H_NOW);
	journal = h_slurp(dir, "journal.csv");
	strstr(journal.p, "\ncommit,2,")[30] = '9';
	h_write(dir, "journal.csv", journal.p, journal.n, O_TRUNC);
	ck_assert_int_eq(h_commit(r, "", 1, H_NOW, &e), -1);
	ck_assert_int_eq(e.status, ERR_PERSON);
	ck_assert_msg(strstr(e.text, "does not fit the chain: it was changed, or a line before it; run gridctl verify") != NULL, "%s", e.text);
	err_clear(&e);
	h_write(dir, "journal.csv", journal.p, 71, O_TRUNC);
	ck_assert_int_eq(h_commit(r, "", 1, H_NOW, &e), -1);
	ck_assert_msg(strstr(e.text, "journal.csv: no line at its end fits the chain") != NULL, "%s", e.text);
	buf_clear(&journal);
	reg_close(r);
	h_drop(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("recover");
	TCase *t = tcase_create("crash");

	tcase_add_test(t, crash_keeps_tails);
	tcase_add_test(t, crash_and_foreign);
	tcase_add_test(t, changed_tail);
	suite_add_tcase(s, t);
	t = tcase_create("commit");
	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, every_call_of_a_commit, 0, MODES);
	suite_add_tcase(s, t);
	t = tcase_create("recovery");
	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, every_call_of_a_recovery, 0, MODES);
	suite_add_tcase(s, t);
	return h_run(s);
}

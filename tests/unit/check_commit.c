/* SPDX-License-Identifier: MIT */
#include <sys/wait.h>

#include "proofhelp.h"

START_TEST(several_ledgers)
{
	char *dir = h_create(), id[ID_MAX];
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct commit *c = commit_open(r, &who, &e);
	struct buf b;

	ck_assert_msg(c != NULL, "%s", e.text);
	ck_assert_uint_eq(commit_seq(c), 2);
	ck_assert_uint_eq(commit_moment(c)->seq, 1);
	h_pair(c, id, "a,b", "x \"y\"");
	ck_assert_str_eq(id, "T01-H2026-000001");
	h_row(c, "answers", NULL, (const char *const[]){ "inspection", "T01-I2026-000001", "item", "A1", "answer", "yes", NULL });
	ck_assert_uint_eq(commit_rows(c), 3);
	ck_assert_int_eq(commit_close(c, NULL, &e), 0);
	ids_are(r, "hazards", "T01-H2026-000001/2 ");
	ids_are(r, "events", "T01-E2026-000001/2 ");
	ids_are(r, "answers", "T01-I2026-000001/2 ");
	ids_are(r, "measures", "");
	b = h_slurp(dir, "hazards.csv");
	ck_assert_ptr_nonnull(strstr(b.p, "\nT01-H2026-000001,2,2026-02-02T10:40:00+08:00,,G1,S1,,,general,,,,,,,,,,\"a,b\",,\"x \"\"y\"\"\"\n"));
	buf_clear(&b);
	verified(r, 3);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(empty_commit_seals)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct moment m;

	h_ok(r, "", 0, H_NOW);
	h_ok(r, "", 0, H_NOW);
	h_moment(r, &m);
	ck_assert_uint_eq(m.seq, 3);
	verified(r, 0);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(years)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);

	h_ok(r, "", 2, H_NOW);
	h_ok(r, "", 1, H_NOW + 365 * (int64_t)H_DAY);
	h_ok(r, "", 1, H_NOW);	/* the clock went back */
	h_ok(r, "", 1, H_NOW + 366 * (int64_t)H_DAY);
	ids_are(r, "hazards", "T01-H2026-000001/2 T01-H2026-000002/2 T01-H2027-000001/3 T01-H2027-000002/4 T01-H2027-000003/5 ");
	verified(r, 10);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* A row in two parts is the row in one. */
START_TEST(row_in_two_parts)
{
	char *dir = h_create(), id[2][ID_MAX], tail[512], *end;
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	const struct table *t = h_table("hazards");
	struct span v[64] = { { "", 0 } }, all, first;
	struct commit *c = commit_open(r, &who, &e);
	size_t n;

	ck_assert_msg(c != NULL, "%s", e.text);
	v[schema_column(t, SPAN("ref"))] = SPAN("a \"b\", c");
	v[schema_column(t, SPAN("description"))] = SPAN("消火栓无水");
	commit_mint(c, t, id[0]);
	v[t->key] = span_of(id[0]);
	commit_append(c, t, v);
	n = commit_pending(c, t).n;
	ck_assert_uint_le(commit_tail_room(t, 9 + 15), sizeof tail);
	end = commit_tail(t, v, tail);
	ck_assert_ptr_nonnull(end);
	commit_mint(c, t, id[1]);
	commit_append_tail(c, t, span_of(id[1]), (struct span){ tail, (size_t)(end - tail) });
	all = commit_pending(c, t);
	first = (struct span){ all.p, n };
	ck_assert_uint_eq(all.n, 2 * n);
	ck_assert_int_eq(all.p[n - 1], '\n');
	ck_assert_int_eq(memcmp(all.p + n, id[1], strlen(id[1])), 0);
	ck_assert_int_eq(memcmp(all.p + n + strlen(id[1]), first.p + strlen(id[0]), n - strlen(id[0])), 0);
	ck_assert_uint_eq(commit_rows(c), 2);
	ck_assert_msg(commit_close(c, NULL, &e) == 0, "%s", e.text);
	ids_are(r, "hazards", "T01-H2026-000001/2 T01-H2026-000002/2 ");
	/* rows of events begin with id and commit too; a journal's do not */
	ck_assert_ptr_null(commit_tail(schema_table(SPAN("journal")), v, tail));
	verified(r, 2);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* Rewards: one id, several rows; the highest counts, not the last. */
START_TEST(shared_ids)
{
	char *dir = h_create(), id[ID_MAX];
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	const struct table *t = h_table("rewards");
	struct span v[64] = { { "", 0 } };
	struct commit *c = commit_open(r, &who, &e);

	h_row(c, "rewards", NULL, (const char *const[]){ "act", "claim", NULL });
	h_row(c, "rewards", NULL, (const char *const[]){ "act", "claim", NULL });
	v[0] = SPAN("T01-R2026-000001");
	commit_append(c, t, v);
	ck_assert_int_eq(commit_close(c, NULL, &e), 0);
	c = commit_open(r, &who, &e);
	commit_mint(c, t, id);
	ck_assert_str_eq(id, "T01-R2026-000003");
	commit_drop(c);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(rewind_and_long_rows)
{
	char *dir = h_create(), id[ID_MAX], *text = malloc(100001);
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct commit_mark mark;
	struct commit *c = commit_open(r, &who, &e);

	memset(text, 'x', 100000);
	text[100000] = '\0';
	h_pair(c, NULL, "", "one");
	commit_mark(c, &mark);
	h_pair(c, NULL, "", "bad");
	ck_assert_uint_eq(commit_rows(c), 4);
	commit_rewind(c, &mark);
	ck_assert_uint_eq(commit_rows(c), 2);
	h_pair(c, id, "", text);	/* the next id is read behind 100 000 bytes */
	ck_assert_str_eq(id, "T01-H2026-000002");
	ck_assert_int_eq(commit_close(c, NULL, &e), 0);
	h_ok(r, "", 1, H_NOW);
	ids_are(r, "hazards", "T01-H2026-000001/2 T01-H2026-000002/2 T01-H2026-000003/3 ");
	verified(r, 6);
	free(text);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(retry_key)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct moment m, old;
	struct err e = ERR_INIT;
	uint64_t seq = 0;
	int64_t at = 0;

	h_ok(r, "batch-1", 1, H_NOW);
	ck_assert_int_eq(reg_moment(r, NULL, &old, &e), 0);
	h_ok(r, "batch-2", 1, H_NOW + 60);
	h_ok(r, "", 1, H_NOW + 120);
	h_moment(r, &m);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(commit_find_key(r, &m, "batch-2", &seq, &at, &e), 1);
		ck_assert_uint_eq(seq, 3);
		ck_assert_int_eq(at, H_NOW + 60);
		ck_assert_int_eq(commit_find_key(r, &m, "batch-1", &seq, &at, &e), 1);
		ck_assert_uint_eq(seq, 2);
		ck_assert_int_eq(commit_find_key(r, &m, "batch-3", &seq, &at, &e), 0);
		ck_assert_int_eq(commit_find_key(r, &m, "", &seq, &at, &e), 0);
		ck_assert_int_eq(commit_find_key(r, &old, "batch-2", &seq, &at, &e), 0);
		/* the second time without the index */
		reg_close(r);
		{
			char path[512];

			snprintf(path, sizeof path, "%s/.index", dir);
			h_remove(path);
		}
		r = h_open(dir);
	}
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(dry_run)
{
	char *dir = h_create(), id[ID_MAX];
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct buf before, after;
	struct err e = ERR_INIT;
	struct commit *c, *held;

	h_ok(r, "", 1, H_NOW);
	before = h_slurp(dir, "journal.csv");
	held = commit_open(r, &who, &e);	/* takes no lock, so this is no matter */
	who.dry_run = true;
	c = commit_open(r, &who, &e);
	ck_assert_ptr_nonnull(c);
	h_pair(c, id, "", "dry");
	ck_assert_str_eq(id, "T01-H2026-000002");
	ck_assert_int_eq(strncmp(commit_pending(c, h_table("hazards")).p, "T01-H2026-000002,3,", 19), 0);
	ck_assert_uint_eq(commit_pending(c, h_table("tags")).n, 0);
	ck_assert_int_eq(commit_close(c, NULL, &e), 0);
	commit_drop(held);
	after = h_slurp(dir, "journal.csv");
	ck_assert(span_eq(buf_view(&before), buf_view(&after)));
	verified(r, 2);
	buf_clear(&before);
	buf_clear(&after);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(words)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("a,b", H_NOW);
	struct err e = ERR_INIT;
	struct buf b;

	ck_assert_ptr_null(commit_open(r, &who, &e));
	ck_assert_int_eq(e.status, ERR_USAGE);
	ck_assert_int_eq(strncmp(e.text, "retry key: ", 11), 0);
	err_clear(&e);
	who.key = "";
	who.actor = "me and you";
	ck_assert_ptr_null(commit_open(r, &who, &e));
	ck_assert_int_eq(strncmp(e.text, "actor: ", 7), 0);
	err_clear(&e);
	who.actor = "";
	who.command = "hazard-update assign,\"x\"\n";
	ck_assert_int_eq(commit_close(commit_open(r, &who, &e), NULL, &e), 0);
	b = h_slurp(dir, "journal.csv");
	ck_assert_ptr_nonnull(strstr(b.p, ",hazard-update:assign__x__,"));
	buf_clear(&b);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(masters_and_policy)
{
	char *dir = h_create(), path[512];
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct policy_bytes file = { "policy.yaml", SPAN("place: other\n") };
	struct err e = ERR_INIT;
	struct moment m;
	struct buf b = BUF_INIT, grids = BUF_INIT, warning = BUF_INIT;
	char digest[65], manifest[128];
	struct commit *c = commit_open(r, &who, &e);

	schema_header(h_table("grids"), &grids);
	buf_puts(&grids, "G1,,county,,,,,,,,,County\n");
	commit_version(c, "grids", buf_view(&grids));
	digest_of(file.bytes, digest);
	snprintf(manifest, sizeof manifest, "%s  policy.yaml\n", digest);
	commit_policy(c, &file, 1, span_of(manifest));
	ck_assert_msg(commit_close(c, &warning, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(warning.n, 0);
	h_moment(r, &m);
	digest_of(buf_view(&grids), digest);
	ck_assert_str_eq(moment_version(&m, "grids"), digest);
	ck_assert_int_eq(reg_version(r, digest, &b, &e), 0);
	ck_assert(span_eq(buf_view(&b), buf_view(&grids)));
	buf_clear(&b);
	b = h_slurp(dir, "grids.csv");
	ck_assert(span_eq(buf_view(&b), buf_view(&grids)));
	buf_clear(&b);
	b = h_slurp(dir, "policy/policy.yaml");
	ck_assert_str_eq(b.p, "place: other\n");
	buf_clear(&b);
	snprintf(path, sizeof path, "%s/policy/templates/a.txt", dir);
	ck_assert_int_ne(access(path, F_OK), 0);
	/* the same again is no new version; a half-written file of an earlier crash is mended */
	snprintf(path, sizeof path, "versions/%s", digest);
	h_write(dir, path, "torn", 4, O_TRUNC);
	c = commit_open(r, &who, &e);
	commit_version(c, "grids", SPAN("x\n"));
	commit_version(c, "grids", buf_view(&grids));
	ck_assert_int_eq(commit_close(c, &warning, &e), 0);
	verified(r, 0);
	buf_clear(&grids);
	buf_clear(&warning);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(bad_policy_name)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct policy_bytes file = { "a/../../x", SPAN("") };
	struct err e = ERR_INIT;
	struct commit *c = commit_open(r, &who, &e);

	commit_policy(c, &file, 1, SPAN("m\n"));
	ck_assert_int_eq(commit_close(c, NULL, &e), -1);
	ck_assert_str_eq(e.text, "policy: \"a/../../x\" is not a name for a policy file");
	ck_assert_int_eq(e.status, ERR_DATA);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(busy)
{
	char *dir = h_create(), pid[32];
	struct reg *r = h_open(dir), *q = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct commit *c = commit_open(r, &who, &e);

	ck_assert_ptr_nonnull(c);
	who.lock_wait_ms = 20;
	ck_assert_ptr_null(commit_open(q, &who, &e));
	ck_assert_int_eq(e.status, ERR_FAILED);
	snprintf(pid, sizeof pid, "locked by pid %ld, ", (long)getpid());
	ck_assert_msg(strstr(e.text, pid) != NULL && strstr(e.text, ", hazard-add, since 2026-02-02T10:40:00+08:00") != NULL, "%s", e.text);
	commit_drop(c);
	err_clear(&e);
	c = commit_open(q, &who, &e);
	ck_assert_ptr_nonnull(c);
	commit_drop(c);
	reg_close(r);
	reg_close(q);
	h_drop(dir);
}
END_TEST

/* Eight processes, 25 commits each: all are there, every id once. */
START_TEST(concurrent)
{
	enum { PROCESSES = 8, COMMITS = 25 };
	char *dir = h_create(), want[64];
	struct reg *r = h_open(dir);
	struct buf b;
	const char *at;

	for (int p = 0; p < PROCESSES; p++)
		if (fork() == 0) {
			struct reg *q = h_open(dir);
			struct err e = ERR_INIT;
			int bad = 0;

			for (int i = 0; i < COMMITS; i++)
				bad += h_commit(q, "", 1, H_NOW, &e) != 0;
			if (bad > 0)
				fprintf(stderr, "%s\n", e.text);
			reg_close(q);
			_exit(bad > 0);
		}
	/* a reader beside them sees whole commits only, and nothing to complain of */
	for (int i = 0; i < 30; i++) {
		struct verify_sum sum;
		struct err e = ERR_INIT;

		ck_assert_msg(verify_register(r, NULL, print_finding, NULL, &sum, &e) == 0, "%s", e.text);
		ck_assert_uint_eq(sum.findings, 0);
		ck_assert_uint_eq(sum.rows % 2, 0);
	}
	for (int p = 0; p < PROCESSES; p++) {
		int status;

		wait(&status);
		ck_assert_int_eq(status, 0);
	}
	b = ids(r, "hazards");
	at = b.p;
	for (int i = 1; i <= PROCESSES * COMMITS; i++) {
		int n = snprintf(want, sizeof want, "T01-H2026-%06d/%d ", i, i + 1);

		ck_assert_msg(strncmp(at, want, (size_t)n) == 0, "%.30s is not %s", at, want);
		at += n;
	}
	ck_assert_str_eq(at, "");
	buf_clear(&b);
	verified(r, 2 * PROCESSES * COMMITS);
	reg_close(r);
	h_drop(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("commit");
	TCase *t = tcase_create("commit");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, several_ledgers);
	tcase_add_test(t, empty_commit_seals);
	tcase_add_test(t, years);
	tcase_add_test(t, row_in_two_parts);
	tcase_add_test(t, shared_ids);
	tcase_add_test(t, rewind_and_long_rows);
	tcase_add_test(t, retry_key);
	tcase_add_test(t, dry_run);
	tcase_add_test(t, words);
	tcase_add_test(t, masters_and_policy);
	tcase_add_test(t, bad_policy_name);
	tcase_add_test(t, busy);
	tcase_add_test(t, concurrent);
	suite_add_tcase(s, t);
	return h_run(s);
}

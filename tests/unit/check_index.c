/* SPDX-License-Identifier: MIT */
#include "reghelp.h"
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>
#include "register/index.h"
#include "register/ledger.h"

static void no_index(const char *dir)
{
	char path[512];

	snprintf(path, sizeof path, "%s/.index", dir);
	h_remove(path);
}

/* One commit of n hazards with two events each, refs and ids in a scattered order. */
static void fill(struct reg *r, int from, int n, int64_t now)
{
	struct commit_who who = h_who("", now);
	struct err e = ERR_INIT;
	struct commit *c = commit_open(r, &who, &e);
	char id[ID_MAX], other[ID_MAX], ref[32];

	for (int i = from; i < from + n; i++) {
		snprintf(ref, sizeof ref, "R%d", i * 7919 % 100000);
		h_pair(c, id, ref, ref);
		snprintf(other, sizeof other, "T01-H2026-%06d", i / 2 + 1);
		h_row(c, "events", NULL, (const char *const[]){ "at", "2026-02-02T10:40:00+08:00", "hazard", other, "step", "note", NULL });
	}
	ck_assert_int_eq(commit_close(c, NULL, &e), 0);
}

/* Index and scan say the same about every hazard. */
static void same(const char *dir, int n)
{
	struct reg *r = h_open(dir), *plain;
	struct moment m;
	struct index *x;
	struct err e = ERR_INIT;
	char id[ID_MAX], ref[32], path[512], hidden[512];

	h_moment(r, &m);
	x = index_open(r, &m);
	ck_assert_ptr_nonnull(x);
	index_close(x);
	snprintf(path, sizeof path, "%s/.index", dir);
	snprintf(hidden, sizeof hidden, "%s/hidden", dir);
	ck_assert_int_eq(rename(path, hidden), 0);
	plain = h_open(dir);
	ck_assert_ptr_null(index_open(plain, &m));
	for (int i = 0; i < n + 2; i++) {
		struct ledger_at a, b, *va, *vb;
		size_t na, nb;

		snprintf(id, sizeof id, "T01-H2026-%06d", i + 1);
		snprintf(ref, sizeof ref, "R%d", i * 7919 % 100000);
		ck_assert_int_eq(ledger_find(r, &m, "hazards", span_of(id), &a, &e), i < n);
		ck_assert_int_eq(ledger_find(plain, &m, "hazards", span_of(id), &b, &e), i < n);
		ck_assert(i >= n || (a.at == b.at && a.segment == b.segment));
		ck_assert_int_eq(ledger_find_ref(r, &m, span_of(ref), &a, &e), i < n);
		ck_assert_int_eq(ledger_find_ref(plain, &m, span_of(ref), &b, &e), i < n);
		ck_assert(i >= n || a.at == b.at);
		ledger_of_hazard(r, &m, "events", span_of(id), &va, &na, &e);
		ledger_of_hazard(plain, &m, "events", span_of(id), &vb, &nb, &e);
		ck_assert_uint_eq(na, nb);
		for (size_t k = 0; k < na; k++)
			ck_assert_int_eq(va[k].at, vb[k].at);
		free(va);
		free(vb);
	}
	reg_close(plain);
	ck_assert_int_eq(rename(hidden, path), 0);
	reg_close(r);
}

START_TEST(equals_scan)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct moment m;
	struct err e = ERR_INIT;

	for (int i = 0; i < 4; i++)
		fill(r, i * 50, 50, H_NOW);
	reg_close(r);
	same(dir, 200);
	/* made anew in one go, and then carried on by a writer */
	no_index(dir);
	r = h_open(dir);
	h_moment(r, &m);
	ck_assert_int_eq(index_update(r, &m, &e), 0);
	reg_close(r);
	same(dir, 200);
	r = h_open(dir);
	fill(r, 200, 20, H_NOW);
	reg_close(r);
	same(dir, 220);
	h_drop(dir);
}
END_TEST

/* A commit of rows with ids as given (0 ends them): hazards, or notes on hazards. */
static void put_ids(struct reg *r, const char *table, const char *id, const int *number, int n)
{
	struct commit_who who = h_who("", H_NOW);
	const struct table *t = h_table(table);
	struct err e = ERR_INIT;
	struct commit *c = commit_open(r, &who, &e);
	char own[ID_MAX], ref[ID_MAX + 16];

	ck_assert_ptr_nonnull(c);
	for (int i = 0; i < n; i++) {
		struct span v[128] = { { "", 0 } };

		snprintf(own, sizeof own, id, number[i]);
		snprintf(ref, sizeof ref, "%s/%d", own, i);
		if (t->id_letter == 'H') {
			v[t->key] = span_of(own);
			v[schema_column(t, SPAN("reported_at"))] = SPAN("2026-02-02T10:40:00+08:00");
			v[schema_column(t, SPAN("ref"))] = span_of(ref);
			v[schema_column(t, SPAN("description"))] = span_of(own);
			commit_append(c, t, v);
		} else {
			h_row(c, table, NULL, (const char *const[]){ "at", "2026-02-02T10:40:00+08:00", "hazard", own, "step", "note", NULL });
		}
	}
	ck_assert_int_eq(commit_close(c, NULL, &e), 0);
}

/* Index and scan agree on an id, on what is about it and on refs and descriptions of it. */
static void agree(struct reg *r, struct reg *plain, const struct moment *m, const char *id, bool there)
{
	struct ledger_at a, b, *va, *vb;
	struct err e = ERR_INIT;
	char ref[ID_MAX + 16];
	size_t na, nb;

	ck_assert_msg(ledger_find(r, m, "hazards", span_of(id), &a, &e) == there, "%s", id);
	ck_assert_int_eq(ledger_find(plain, m, "hazards", span_of(id), &b, &e), there);
	ck_assert_msg(!there || a.at == b.at, "%s: %jd, not %jd", id, (intmax_t)a.at, (intmax_t)b.at);
	ledger_of_hazard(r, m, "events", span_of(id), &va, &na, &e);
	ledger_of_hazard(plain, m, "events", span_of(id), &vb, &nb, &e);
	ck_assert_uint_eq(na, nb);
	for (size_t k = 0; k < na; k++)
		ck_assert_int_eq(va[k].at, vb[k].at);
	free(va);
	free(vb);
	for (int i = 0; i < 4; i++) {
		int found;

		snprintf(ref, sizeof ref, "%s/%d", id, i);
		found = ledger_find_ref(plain, m, span_of(ref), &b, &e);
		ck_assert_int_eq(ledger_find_ref(r, m, span_of(ref), &a, &e), found);
		ck_assert(!found || a.at == b.at);
	}
	/* of hazards that are alike the last one */
	ck_assert_int_eq(ledger_find_like(r, m, SPAN(""), SPAN(""), SPAN("2026-02-02"), span_of(id), &a, &e), there);
	ck_assert(!there || a.at >= b.at);
}

/* All ids of a register in which they stand in no order, several times, of other years, letters and offices. */
static void agree_all(const char *dir, int n)
{
	struct reg *r = h_open(dir), *plain;
	struct moment m;
	char id[ID_MAX], path[512], hidden[512];
	struct index *x;

	h_moment(r, &m);
	x = index_open(r, &m);
	ck_assert_ptr_nonnull(x);
	index_close(x);
	snprintf(path, sizeof path, "%s/.index", dir);
	snprintf(hidden, sizeof hidden, "%s/hidden", dir);
	ck_assert_int_eq(rename(path, hidden), 0);
	plain = h_open(dir);
	for (int i = 1; i <= n + 3; i++) {
		snprintf(id, sizeof id, "T01-H2026-%06d", i);
		agree(r, plain, &m, id, i <= n);
		snprintf(id, sizeof id, "T01-H2024-%06d", i);
		agree(r, plain, &m, id, i == 64 || i == 65);
		snprintf(id, sizeof id, "T02-H2026-%06d", i);
		agree(r, plain, &m, id, i == 3);
	}
	agree(r, plain, &m, "T01-H2026-1000000", true);
	agree(r, plain, &m, "T01-H2026-999999", true);
	agree(r, plain, &m, "T01-H2026-1000001", false);
	reg_close(plain);
	ck_assert_int_eq(rename(hidden, path), 0);
	reg_close(r);
}

START_TEST(in_no_order)
{
	static const int scattered[] = { 5, 6, 7, 1, 2, 3, 4, 10, 11, 8, 9, 6, 4, 5, 6, 7, 8, 12 };
	static const int around[] = { 30, 20, 21, 25, 26, 27, 28, 29, 30, 31, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26 };
	static const int old[] = { 64, 65, 64 }, three[] = { 3, 3 }, large[] = { 999999, 1000000 };
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct moment m;
	struct err e = ERR_INIT;
	int many[400];

	for (int i = 0; i < 400; i++)
		many[i] = i % 3 == 0 ? 7 : 1 + i % 90;
	for (int k = 0; k < 2; k++) {
		for (size_t i = 0; i < sizeof scattered / sizeof *scattered; i++)
			put_ids(r, "hazards", "T01-H2026-%06d", scattered + i, 1);
		put_ids(r, "hazards", "T01-H2026-%06d", scattered, sizeof scattered / sizeof *scattered);
		put_ids(r, "hazards", "T01-H2024-%06d", old, 3);
		put_ids(r, "hazards", "T01-H2026-%06d", around, sizeof around / sizeof *around);
		put_ids(r, "hazards", "T02-H2026-%06d", three, 2);
		put_ids(r, "hazards", "T01-H2026-%06d", large, 2);
		put_ids(r, "events", "T01-H2026-%06d", many, 400);
		put_ids(r, "events", "T02-H2026-%06d", three, 2);
		put_ids(r, "events", "T01-H2024-%06d", old, 3);
		for (int i = 0; i < 5; i++)
			put_ids(r, "events", "T01-H2026-%06d", many + i, 1);
	}
	reg_close(r);
	agree_all(dir, 31);
	no_index(dir);
	r = h_open(dir);
	h_moment(r, &m);
	ck_assert_int_eq(index_update(r, &m, &e), 0);
	reg_close(r);
	agree_all(dir, 31);
	h_drop(dir);
}
END_TEST

/* A row that the index names by a hash of its ref must have that ref. */
START_TEST(another_ref)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct buf hazards;
	struct ledger_at at;
	struct moment m;
	struct index *x;
	char *ref;

	fill(r, 0, 5, H_NOW);
	reg_close(r);
	hazards = h_slurp(dir, "hazards.csv");
	ref = memmem(hazards.p, hazards.n, ",R7919,", 7);
	ck_assert_ptr_nonnull(ref);
	ref[1] = 'X';
	h_write(dir, "hazards.csv", hazards.p, hazards.n, O_TRUNC);
	r = h_open(dir);
	h_moment(r, &m);
	x = index_open(r, &m);
	ck_assert_ptr_nonnull(x);
	ck_assert_int_eq(index_get(x, 'r', SPAN("R7919"), &at), 0);
	ck_assert_int_eq(index_get(x, 'r', SPAN("X7919"), &at), 0);
	ck_assert_int_eq(index_get(x, 'r', SPAN("R0"), &at), 1);
	index_close(x);
	reg_close(r);
	buf_clear(&hazards);
	h_drop(dir);
}
END_TEST

/* A register that grows over what buckets are made for: what was put into the old ones is found. */
START_TEST(grows)
{
	char *dir = h_create(), id[ID_MAX], ref[32];
	struct reg *r = h_open(dir);
	struct ledger_at at, by, *of;
	struct err e = ERR_INIT;
	struct moment m;
	size_t n;

	/* 0.5 MiB of hazards and more, in commits of several sizes */
	fill(r, 0, 1, H_NOW);
	fill(r, 1, 5000, H_NOW);
	for (int i = 5001; i < 5200; i++)
		fill(r, i, 1, H_NOW);
	fill(r, 5200, 4800, H_NOW);
	h_moment(r, &m);
	ck_assert_int_gt(moment_ledger(&m, "hazards")->size, 1 << 19);
	for (int i = 0; i < 10000; i++) {
		snprintf(id, sizeof id, "T01-H2026-%06d", i + 1);
		snprintf(ref, sizeof ref, "R%d", i * 7919 % 100000);
		ck_assert_int_eq(ledger_find(r, &m, "hazards", span_of(id), &at, &e), 1);
		ck_assert_int_eq(ledger_find_ref(r, &m, span_of(ref), &by, &e), 1);
		ck_assert_int_eq(at.at, by.at);
		ck_assert_int_eq(ledger_find_like(r, &m, SPAN("G1"), SPAN("S1"), SPAN("2026-02-02"), span_of(ref), &by, &e), 1);
		ck_assert_int_eq(at.at, by.at);
		ck_assert_int_eq(ledger_of_hazard(r, &m, "events", span_of(id), &of, &n, &e), 1);
		ck_assert_uint_eq(n, i < 5000 ? 3 : 1);
		free(of);
	}
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(stale_and_ahead)
{
	char *dir = h_create(), path[512], old[512];
	struct reg *r = h_open(dir);
	struct moment m, before;
	struct index *x;
	struct ledger_at at;
	struct err e = ERR_INIT;

	fill(r, 0, 5, H_NOW);
	ck_assert_int_eq(reg_moment(r, NULL, &before, &e), 0);
	fill(r, 5, 5, H_NOW);
	h_moment(r, &m);
	/* a moment before the stamp: usable, and it says only what was true then */
	x = index_open(r, &before);
	ck_assert_ptr_nonnull(x);
	ck_assert_int_eq(index_get(x, 'r', SPAN("R0"), &at), 1);
	ck_assert_int_eq(index_get(x, 'r', SPAN("none"), &at), 0);
	index_close(x);
	ck_assert_int_eq(ledger_find(r, &before, "hazards", SPAN("T01-H2026-000006"), &at, &e), 0);
	reg_close(r);
	/* a stamp behind the moment: not usable until it is caught up */
	snprintf(path, sizeof path, "%s/.index/boot", dir);
	snprintf(old, sizeof old, "%s/boot", dir);
	ck_assert_int_eq(rename(path, old), 0);
	r = h_open(dir);
	ck_assert_ptr_null(index_open(r, &m));
	reg_close(r);
	/* of another start of the machine: thrown away and made anew */
	h_append(dir, ".index/boot", "another boot\n");
	r = h_open(dir);
	ck_assert_ptr_null(index_open(r, &m));
	ck_assert_int_eq(index_update(r, &m, &e), 0);
	x = index_open(r, &m);
	ck_assert_ptr_nonnull(x);
	index_close(x);
	index_close(NULL);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* A register put back from a backup: the index is of another history. */
START_TEST(other_history)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct buf journal, hazards, events;
	struct ledger_at at;
	struct moment m;
	struct err e = ERR_INIT;

	fill(r, 0, 5, H_NOW);
	journal = h_slurp(dir, "journal.csv");
	hazards = h_slurp(dir, "hazards.csv");
	events = h_slurp(dir, "events.csv");
	fill(r, 5, 5, H_NOW);
	reg_close(r);
	h_write(dir, "journal.csv", journal.p, journal.n, O_TRUNC);
	h_write(dir, "hazards.csv", hazards.p, hazards.n, O_TRUNC);
	h_write(dir, "events.csv", events.p, events.n, O_TRUNC);
	r = h_open(dir);
	h_moment(r, &m);
	ck_assert_ptr_null(index_open(r, &m));
	ck_assert_int_eq(ledger_find_ref(r, &m, SPAN("R39595"), &at, &e), 0);
	fill(r, 20, 3, H_NOW + 1);
	h_moment(r, &m);
	ck_assert_int_eq(ledger_find_ref(r, &m, SPAN("R39595"), &at, &e), 0);
	ck_assert_int_eq(ledger_find_ref(r, &m, SPAN("R58380"), &at, &e), 1);
	reg_close(r);
	buf_clear(&journal);
	buf_clear(&hazards);
	buf_clear(&events);
	h_drop(dir);
}
END_TEST

/* A reader of a register that is worth it makes the index. */
START_TEST(made_when_worth_it)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct ledger_at at;
	struct moment m;
	struct index *x;
	struct err e = ERR_INIT;

	fill(r, 0, 20000, H_NOW);
	reg_close(r);
	no_index(dir);
	r = h_open(dir);
	h_moment(r, &m);
	ck_assert_int_gt(moment_ledger(&m, "events")->size, 2 << 20);
	ck_assert_int_eq(ledger_find(r, &m, "hazards", SPAN("T01-H2026-019999"), &at, &e), 1);
	x = index_open(r, &m);
	ck_assert_ptr_nonnull(x);
	index_close(x);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* Another process that holds the lock of the index for a while. */
static pid_t hold_index(const char *dir, unsigned ms)
{
	char path[512], byte;
	int fd, ready[2];
	pid_t pid;

	snprintf(path, sizeof path, "%s/.index/lock", dir);
	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		fd = open(path, O_RDWR | O_CREAT, 0666);
		if (fd < 0 || flock(fd, LOCK_EX) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		usleep(ms * 1000);
		_exit(0);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

/* Who finds the index one commit behind, and another process at it, waits rather than go through a large register. */
START_TEST(waits_for_who_is_at_it)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct moment m;
	int status;
	pid_t pid;

	fill(r, 0, 20000, H_NOW);
	pid = hold_index(dir, 400);
	fill(r, 20000, 1, H_NOW);
	h_moment(r, &m);
	ck_assert_ptr_null(index_open(r, &m));
	ck_assert_ptr_nonnull(index_at(r, &m));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	reg_close(r);
	h_drop(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("index");
	TCase *t = tcase_create("index");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, equals_scan);
	tcase_add_test(t, in_no_order);
	tcase_add_test(t, another_ref);
	tcase_add_test(t, grows);
	tcase_add_test(t, stale_and_ahead);
	tcase_add_test(t, other_history);
	tcase_add_test(t, made_when_worth_it);
	tcase_add_test(t, waits_for_who_is_at_it);
	suite_add_tcase(s, t);
	return h_run(s);
}

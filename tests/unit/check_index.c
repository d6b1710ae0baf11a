/* SPDX-License-Identifier: MIT */
#include "reghelp.h"
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

	ck_assert_int_eq(reg_moment(r, NULL, &m, &e), 0);
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
	ck_assert_int_eq(reg_moment(r, NULL, &m, &e), 0);
	ck_assert_int_eq(index_rebuild(r, &m, &e), 0);
	reg_close(r);
	same(dir, 200);
	r = h_open(dir);
	fill(r, 200, 20, H_NOW);
	reg_close(r);
	same(dir, 220);
	h_remove(dir);
	free(dir);
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
	ck_assert_int_eq(reg_moment(r, NULL, &m, &e), 0);
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
	ck_assert_int_eq(index_rebuild(r, &m, &e), 0);
	x = index_open(r, &m);
	ck_assert_ptr_nonnull(x);
	index_close(x);
	index_close(NULL);
	reg_close(r);
	h_remove(dir);
	free(dir);
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
	ck_assert_int_eq(reg_moment(r, NULL, &m, &e), 0);
	ck_assert_ptr_null(index_open(r, &m));
	ck_assert_int_eq(ledger_find_ref(r, &m, SPAN("R39595"), &at, &e), 0);
	fill(r, 20, 3, H_NOW + 1);
	ck_assert_int_eq(reg_moment(r, NULL, &m, &e), 0);
	ck_assert_int_eq(ledger_find_ref(r, &m, SPAN("R39595"), &at, &e), 0);
	ck_assert_int_eq(ledger_find_ref(r, &m, SPAN("R58380"), &at, &e), 1);
	reg_close(r);
	buf_clear(&journal);
	buf_clear(&hazards);
	buf_clear(&events);
	h_remove(dir);
	free(dir);
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
	ck_assert_int_eq(reg_moment(r, NULL, &m, &e), 0);
	ck_assert_int_gt(moment_ledger(&m, "events")->size, 2 << 20);
	ck_assert_int_eq(ledger_find(r, &m, "hazards", SPAN("T01-H2026-019999"), &at, &e), 1);
	x = index_open(r, &m);
	ck_assert_ptr_nonnull(x);
	index_close(x);
	reg_close(r);
	h_remove(dir);
	free(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("index");
	TCase *t = tcase_create("index");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, equals_scan);
	tcase_add_test(t, stale_and_ahead);
	tcase_add_test(t, other_history);
	tcase_add_test(t, made_when_worth_it);
	suite_add_tcase(s, t);
	return h_run(s);
}

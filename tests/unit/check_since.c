/* SPDX-License-Identifier: MIT */
#include "reghelp.h"
#include "register/verify.h"
/*
 * verify --since (reliability.md T4): over random histories and forks of them it says yes exactly when the journal of
 * today begins with the journal of the checkpoint's day, byte for byte.  150 histories; TEST_LONG=yes: 1000.
 */
#define POINTS_MAX 40
#define FORKS 3

static uint64_t state = 42;

/* A number below n. */
static unsigned below(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

/* A checkpoint and the journal of its day. */
struct point {
	struct buf text, journal;
};

static struct point point[POINTS_MAX];
static size_t npoints;

/* Keep what is true now. */
static void keep(const char *dir)
{
	struct reg *r = h_open(dir);
	struct moment m;
	struct buf all = h_slurp(dir, "journal.csv");

	if (npoints < POINTS_MAX) {
		h_moment(r, &m);
		verify_checkpoint(r, &m, &point[npoints].text);
		buf_put(&point[npoints++].journal, all.p, (size_t)m.journal);
	}
	buf_clear(&all);
	reg_close(r);
}

/* A commit that a crash cut off before its last line. */
static void crash(struct reg *r, const char *dir, int64_t now)
{
	struct buf all;
	char *lf, path[512];

	h_ok(r, "", 1, now);
	all = h_slurp(dir, "journal.csv");
	lf = memrchr(all.p, '\n', all.n - 1);
	snprintf(path, sizeof path, "%s/journal.csv", dir);
	ck_assert_int_eq(truncate(path, lf + 1 - all.p), 0);
	buf_clear(&all);
}

/* One thing that happens to a register. */
static void happen(const char *dir, int64_t now)
{
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", now);
	struct err e = ERR_INIT;
	struct commit *c;
	char bytes[32];

	switch (below(4)) {
	case 0:
		h_ok(r, "", 1 + (int)below(3), now);
		break;
	case 1:
		crash(r, dir, now);
		break;
	default:	/* a seal, or a master that changed */
		c = commit_open(r, &who, &e);
		ck_assert_msg(c != NULL, "%s", e.text);
		snprintf(bytes, sizeof bytes, "grid,level\nG%u,x\n", below(4));
		if (below(2))
			commit_version(c, "grids", span_of(bytes));
		ck_assert_int_eq(commit_close(c, NULL, &e), 0);
	}
	reg_close(r);
}

static int no(void *arg, const struct verify_finding *f)
{
	(void)arg;
	(void)f;
	return 0;
}

/* Every checkpoint against a register: how many answers were yes; wrong ones are counted and told. */
static size_t ask(const char *dir, size_t *yes)
{
	struct reg *r = h_open(dir);
	struct buf today = h_slurp(dir, "journal.csv");
	size_t wrong = 0;

	for (size_t i = 0; i < npoints; i++) {
		const struct buf *then = &point[i].journal;
		bool extends = then->n <= today.n && memcmp(then->p, today.p, then->n) == 0, said;
		struct verify_sum sum;
		struct err e = ERR_INIT;

		ck_assert_msg(verify_register(r, point[i].text.p, no, NULL, &sum, &e) == 0, "%s", e.text);
		said = sum.findings == 0;
		*yes += said;
		if (said != extends) {
			fprintf(stderr, "%s: checkpoint %zu: %d, should be %d\n", point[i].text.p, i, said, extends);
			wrong++;
		}
	}
	buf_clear(&today);
	reg_close(r);
	return wrong;
}

/* Copy a register. */
static char *copy(const char *dir)
{
	char *to = h_dir(), line[512];

	snprintf(line, sizeof line, "cp -r %s/. %s", dir, to);
	ck_assert_int_eq(system(line), 0);
	return to;
}

/* One history, forked some times, each with what was true on the way. */
static size_t history(size_t *asked, size_t *yes)
{
	char *dir[FORKS + 1] = { h_create() };
	size_t n = 1, wrong = 0;
	int64_t now = H_NOW + below(1000);

	npoints = 0;
	for (unsigned steps = 4 + below(6); steps > 0; steps--) {
		size_t which = below((unsigned)n);

		/* the same moment on either side of a fork is no matter: what differs is the journal */
		now += below(2);
		if (n <= FORKS && below(4) == 0)
			dir[n++] = copy(dir[which]);
		happen(dir[which], now);
		keep(dir[which]);
	}
	for (size_t i = 0; i < n; i++) {
		wrong += ask(dir[i], yes);
		*asked += npoints;
		h_remove(dir[i]);
		free(dir[i]);
	}
	for (size_t i = 0; i < npoints; i++) {
		buf_clear(&point[i].text);
		buf_clear(&point[i].journal);
	}
	return wrong;
}

START_TEST(histories)
{
	const char *mode = getenv("TEST_LONG");
	int n = mode != NULL && strcmp(mode, "yes") == 0 ? 1000 : 150;
	size_t asked = 0, yes = 0, wrong = 0;

	for (int i = 0; i < n; i++)
		wrong += history(&asked, &yes);
	printf("%d histories: %zu questions, %zu yes, %zu wrong\n", n, asked, yes, wrong);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(yes, asked / 10);
	ck_assert_uint_gt(asked - yes, asked / 10);
}
END_TEST

START_TEST(other_offices)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct verify_sum sum;
	struct moment m;
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;

	h_moment(r, &m);
	verify_checkpoint(r, &m, &text);
	memcpy(strchr(text.p, '\n') + 1, "T02", 3);
	ck_assert_int_eq(verify_register(r, text.p, no, NULL, &sum, &e), -1);
	ck_assert_int_eq(e.status, ERR_DATA);
	ck_assert_str_eq(e.text, "the checkpoint is of office T02, this register is of T01");
	buf_clear(&text);
	reg_close(r);
	h_drop(dir);
}
END_TEST

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Texts that are a checkpoint, or not quite. */
static const struct {
	const char *text;
	bool good;
} texts[] = {
	{ CHECKPOINT_HEAD "\nT01 3 2026-02-02T10:40:00+08:00\n" HEX "\n" HEX "\n", true },
	{ CHECKPOINT_HEAD "\r\nT01 3 2026-02-02T10:40:00+08:00\r\n" HEX "\r\n" HEX "\r\n", true },
	{ CHECKPOINT_HEAD "\nT01 3 2026-02-02T10:40:00+08:00\n" HEX "\n" HEX, true },
	{ "-----BEGIN SIGNED-----\n\n" CHECKPOINT_HEAD "\nT01 3 x\n" HEX "\n" HEX "\n-----END-----\n", true },
	{ CHECKPOINT_HEAD, false },
	{ CHECKPOINT_HEAD "\n", false },
	{ CHECKPOINT_HEAD "\nT01\n" HEX "\n" HEX "\n", false },
	{ CHECKPOINT_HEAD "\n\n" HEX "\n" HEX "\n", false },
	{ CHECKPOINT_HEAD "\nT01 x y\n" HEX "\n" HEX "\n", false },
	{ CHECKPOINT_HEAD "\nt01 3 y\n" HEX "\n" HEX "\n", false },
	{ CHECKPOINT_HEAD "\nT012345678901 3 y\n" HEX "\n" HEX "\n", false },
	{ CHECKPOINT_HEAD "\nT01 3 y\n", false },
	{ CHECKPOINT_HEAD "\nT01 3 y\n" HEX "0\n" HEX "\n", false },
	{ CHECKPOINT_HEAD "\nT01 3 y\n" HEX "\n", false },
	{ CHECKPOINT_HEAD "\nT01 3 y\n" HEX "\nx" HEX "\n", false },
	{ "x" CHECKPOINT_HEAD "\nT01 3 y\n" HEX "\n" HEX "\n", false },
	{ "", false },
};

START_TEST(parse)
{
	struct checkpoint c;
	struct moment m;
	struct err e = ERR_INIT;
	char *dir, path[512], want[600];
	struct reg *r;

	ck_assert_int_eq(checkpoint_parse(span_of(texts[_i].text), &c), texts[_i].good);
	if (texts[_i].good) {
		ck_assert_str_eq(c.office, "T01");
		ck_assert_uint_eq(c.seq, 3);
		ck_assert_str_eq(c.chain, HEX);
		ck_assert_str_eq(c.sizes, HEX);
	}
	/* what a reader says of it: it is not one of this register's, or it is none */
	dir = h_create();
	r = h_open(dir);
	h_append(dir, "checkpoint", texts[_i].text);
	snprintf(path, sizeof path, "%s/checkpoint", dir);
	ck_assert_int_eq(reg_moment(r, path, &m, &e), -1);
	ck_assert_int_eq(e.status, texts[_i].good ? ERR_PERSON : ERR_DATA);
	snprintf(want, sizeof want, "%s: is not a checkpoint; one has four lines, the first is gridledger-checkpoint 1", path);
	ck_assert_str_eq(e.text, texts[_i].good ? "the checkpoint (commit 3) is not a moment of this register: its history was rolled back or"
	    " rewritten; run gridctl verify --since" : want);
	reg_close(r);
	h_drop(dir);
}
END_TEST

/* A checkpoint of another office, given as text and as a file; a file that cannot be read. */
START_TEST(another_office)
{
	static const char other[] = CHECKPOINT_HEAD "\nX99 1 2026-02-02T10:40:00+08:00\n" HEX "\n" HEX "\n";
	char *dir = h_create(), path[512];
	struct reg *r = h_open(dir);
	struct moment m;
	struct err e = ERR_INIT;

	ck_assert_int_eq(reg_moment(r, other, &m, &e), -1);
	ck_assert_int_eq(e.status, ERR_DATA);
	ck_assert_str_eq(e.text, "the checkpoint is of office X99, this register is of T01");
	h_append(dir, "other", other);
	snprintf(path, sizeof path, "%s/other", dir);
	err_clear(&e);
	ck_assert_int_eq(reg_moment(r, path, &m, &e), -1);
	ck_assert_str_eq(e.text, "the checkpoint is of office X99, this register is of T01");
	err_clear(&e);
	ck_assert_int_eq(reg_moment(r, dir, &m, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, ": cannot read: Is a directory"));
	reg_close(r);
	h_drop(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("since");
	TCase *t = tcase_create("since");

	tcase_set_timeout(t, 1200);
	tcase_add_test(t, histories);
	tcase_add_test(t, other_offices);
	tcase_add_loop_test(t, parse, 0, (int)(sizeof texts / sizeof *texts));
	tcase_add_test(t, another_office);
	suite_add_tcase(s, t);
	return h_run(s);
}

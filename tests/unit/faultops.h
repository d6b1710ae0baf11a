/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_FAULTOPS_H
#define GL_TESTS_FAULTOPS_H
#include "faulthelp.h"
/*
 * Every system call of an operation fails once.  What comes out is the answer of an undisturbed run, or an error that
 * names what failed, never another answer; and the same thing done again afterwards does as if nothing had been.
 */

/* What an operation answers, in words: compared with those of the undisturbed run. */
struct op {
	const char *name;
	char *(*make)(void);
	int (*run)(const char *dir, struct buf *said, struct err *e);
	bool makes;		/* the directory is what it makes: it is to be gone after a failure */
	bool writes;		/* it must be made anew for each call */
	bool few;		/* calls: it is quick to try all ways of failing */
	bool wordy;		/* what it says may leave out what could not be read */
};

static const char rows[] = "T01-H2026-000003,3,2026-02-02T10:40:00+08:00,,G1,S1,,,general,,,,,,,,,,,,by hand\n";

__attribute__((unused)) static void no_index(const char *dir)
{
	char path[512];

	snprintf(path, sizeof path, "%s/.index", dir);
	h_remove(path);
}

/* A register with two commits and a master of three rows. */
__attribute__((unused)) static char *filled(void)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("key", H_NOW);
	struct err e = ERR_INIT;
	struct buf grids = BUF_INIT;
	struct commit *c = commit_open(r, &who, &e);

	ck_assert_msg(c != NULL, "%s", e.text);
	h_pair(c, NULL, "R1", "燃气软管老化");
	h_pair(c, NULL, "R2", "a");
	schema_header(h_table("grids"), &grids);
	buf_puts(&grids, "G1,,county,,,,,,,,,County\nG2,G1,village,,,,,,,,,East\nG3,G1,village,,,,,,,,,West\n");
	commit_version(c, "grids", buf_view(&grids));
	buf_clear(&grids);
	ck_assert_msg(commit_close(c, NULL, &e) == 0, "%s", e.text);
	reg_close(r);
	return dir;
}

__attribute__((unused)) static char *without_index(void)
{
	char *dir = filled();

	no_index(dir);
	return dir;
}

/* Rows by another hand. */
__attribute__((unused)) static char *touched(void)
{
	char *dir = filled();

	h_append(dir, "hazards.csv", rows);
	return dir;
}

/* Nothing is in doubt, and what stands is sound: so many rows, this key recorded or not. */
__attribute__((unused)) static void stands(const char *dir, struct buf *said)
{
	struct commit_who who = h_who("", H_NOW);
	struct reg *r = h_open(dir);
	struct err e = ERR_INIT;
	struct verify_sum sum;
	struct buf words = BUF_INIT;

	ck_assert_msg(commit_settle(r, &who, &words, &e) == 0, "%s", e.text);
	ck_assert_msg(verify_register(r, NULL, print_finding, NULL, &sum, &e) == 0, "%s", e.text);
	buf_printf(said, "%ju rows, %ju findings", (uintmax_t)sum.rows, (uintmax_t)sum.findings);
	buf_clear(&words);
	reg_close(r);
}

/* The undisturbed answer. */
__attribute__((unused)) static void sound_run(const struct op *op, struct buf *said, struct buf *after)
{
	char *dir = op->make();
	struct err e = ERR_INIT;

	buf_put(said, "", 0);
	ck_assert_msg(op->run(dir, said, &e) == 0, "%s: %s", op->name, e.text);
	if (op->writes)
		stands(dir, after);
	h_remove(dir);
	free(dir);
}

/* The n-th call of an operation fails; false when there are not so many. */
__attribute__((unused)) static bool one_fault(const struct op *op, enum mode how, const char *dir, long n, const struct buf *want, const struct buf *after)
{
	struct buf said = BUF_INIT, state = BUF_INIT;
	struct err e = ERR_INIT;
	int result;
	bool was_hit;

	buf_put(&said, "", 0);
	arm(how, n);
	result = op->run(dir, &said, &e);
	disarm();
	was_hit = hit;
	target = 0;
	hit = false;
	if (result == 0)
		ck_assert_msg(op->wordy || strcmp(said.p, want->p) == 0, "%s, call %ld: \"%s\", should be \"%s\"", op->name, n, said.p, want->p);
	else
		ck_assert_msg((e.status == ERR_FAILED || e.status == ERR_DOUBT) && strstr(e.text, ": ") != NULL, "%s, call %ld: status %d: %s",
		    op->name, n, e.status, e.text);
	if (result < 0 && op->makes)
		ck_assert_msg(access(dir, F_OK) != 0, "%s, call %ld: something is left", op->name, n);
	if (op->writes && e.status == ERR_DOUBT) {
		stands(dir, &state);
		buf_reset(&state);
	}
	if (how == MODE_SHORT)
		ck_assert_msg(result == 0, "%s, call %ld: a short count was not hidden: %s", op->name, n, e.text);
	/* what failed is done again */
	err_clear(&e);
	buf_reset(&said);
	if (result < 0) {
		result = op->run(dir, &said, &e);
		ck_assert_msg(result == 0 || e.status == ERR_NO, "%s again after call %ld: %s", op->name, n, e.text);
	}
	if (op->writes) {
		stands(dir, &state);
		ck_assert_msg(strcmp(state.p, after->p) == 0, "%s, call %ld: %s, should be %s", op->name, n, state.p, after->p);
	}
	buf_clear(&said);
	buf_clear(&state);
	return was_hit;
}

/* Every call of it, one after the other. */
__attribute__((unused)) static void every_call_of(const struct op *op, enum mode how)
{
	struct buf want = BUF_INIT, after = BUF_INIT;
	char *dir = NULL;
	long n = 1;

	sound_run(op, &want, &after);
	for (bool more = true; more; n++) {
		if (dir == NULL)
			dir = op->make();
		more = one_fault(op, how, dir, n, &want, &after);
		if (op->writes) {
			h_remove(dir);
			free(dir);
			dir = NULL;
		}
	}
	ck_assert_msg(n > 3, "%s makes no calls", op->name);
	if (dir != NULL)
		h_remove(dir);
	free(dir);
	buf_clear(&want);
	buf_clear(&after);
}
#endif

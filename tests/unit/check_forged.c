/* SPDX-License-Identifier: MIT */
#include "proofhelp.h"
#include "register/journal.h"
/*
 * A journal whose chain fits, because it was made anew, and which says what cannot be: verify names the line.
 */

/* The last line of the journal with the first `old` made `new`, of any length, its chain reckoned anew. */
static void forge(const char *dir, const char *old, const char *new)
{
	struct buf journal = h_slurp(dir, "journal.csv"), out = BUF_INIT;
	const char *line = (const char *)memrchr(journal.p, '\n', journal.n - 1) + 1, *at = strstr(line, old);
	char prev[65], chain[65];
	size_t start = (size_t)(line - journal.p);

	ck_assert_ptr_nonnull(at);
	buf_put(&out, journal.p, (size_t)(at - journal.p));
	buf_puts(&out, new);
	buf_puts(&out, at + strlen(old));
	out.n -= 66;	/* the comma, the chain and the LF */
	snprintf(prev, sizeof prev, "%.64s", line - 65);
	journal_chain(prev, (struct span){ out.p + start, out.n - start }, chain);
	buf_printf(&out, ",%s\n", chain);
	h_write(dir, "journal.csv", out.p, out.n, O_TRUNC);
	buf_clear(&journal);
	buf_clear(&out);
}

/* The first finding. */
static int first_finding(void *arg, const struct verify_finding *f)
{
	struct buf *out = arg;

	if (!f->warning && out->n == 0)
		buf_printf(out, "%s:%zu: %s", f->file, f->first_row, f->text);
	return 0;
}

/* What verify says of it first. */
static void says(const char *dir, const char *want)
{
	struct reg *r = h_open(dir);
	struct buf said = BUF_INIT;
	struct verify_sum sum;
	struct err e = ERR_INIT;

	buf_put(&said, "", 0);
	ck_assert_msg(verify_register(r, NULL, first_finding, &said, &sum, &e) == 0, "%s", e.text);
	ck_assert_str_eq(said.p, want);
	buf_clear(&said);
	reg_close(r);
}

static const struct {
	const char *old, *new, *want;
} forgeries[] = {
	{ "commit,2,", "commit,2,", "" },
	{ "commit,2,", "commit,3,", "journal.csv:5: is out of order" },
	{ "commit,2,", "begin,2,", "journal.csv:5: is out of order" },
	{ "events.csv:", "events.csv:1", "journal.csv:5: its sizes are not what the spans before it add up to" },
	{ "hazards.csv:", "hazards.2.csv:", "journal.csv:5: its sizes are not what the spans before it add up to" },
	{ "hazards.csv:", "hazards.csv:x", "journal.csv:5: its sizes cannot be read" },
};

START_TEST(forged)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);

	h_ok(r, "", 1, H_NOW);
	reg_close(r);
	forge(dir, forgeries[_i].old, forgeries[_i].new);
	says(dir, forgeries[_i].want);
	h_drop(dir);
}
END_TEST

/* One byte behind the last commit. */
START_TEST(one_byte_behind)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct moment m;
	char want[256];
	off_t size;

	h_ok(r, "", 1, H_NOW);
	h_moment(r, &m);
	size = moment_ledger(&m, "hazards")->size;
	reg_close(r);
	h_append(dir, "hazards.csv", "\n");
	snprintf(want, sizeof want, "hazards.csv:3: bytes %jd-%jd behind the last commit were not written by this toolkit; gridctl adopt takes"
	    " them in", (intmax_t)size, (intmax_t)size);
	says(dir, want);
	h_drop(dir);
}
END_TEST

/* A checkpoint of the same number with another chain is no moment of this register. */
START_TEST(other_checkpoint)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct buf point = BUF_INIT;
	struct moment m, known;
	struct err e = ERR_INIT;
	char *chain;

	h_ok(r, "", 1, H_NOW);
	h_moment(r, &m);
	verify_checkpoint(r, &m, &point);
	ck_assert_int_eq(reg_moment(r, point.p, &known, &e), 0);
	ck_assert_uint_eq(known.seq, 2);
	chain = strstr(point.p, m.chain);
	*chain = *chain == '0' ? '1' : '0';
	ck_assert_int_eq(reg_moment(r, point.p, &known, &e), -1);
	ck_assert_int_eq(e.status, ERR_PERSON);
	ck_assert_ptr_nonnull(strstr(e.text, "the checkpoint (commit 2) is not a moment of this register"));
	buf_clear(&point);
	reg_close(r);
	h_drop(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("forged");
	TCase *t = tcase_create("forged");

	tcase_add_loop_test(t, forged, 0, (int)(sizeof forgeries / sizeof *forgeries));
	tcase_add_test(t, one_byte_behind);
	tcase_add_test(t, other_checkpoint);
	suite_add_tcase(s, t);
	return h_run(s);
}

/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_PROOFHELP_H
#define GL_TESTS_PROOFHELP_H
#include "reghelp.h"
#include "register/ledger.h"
#include "register/verify.h"
/*
 * A register proving itself in a test, and what its ledgers hold.
 */
__attribute__((unused)) static int print_finding(void *arg, const struct verify_finding *f)
{
	(void)arg;
	if (f->warning)
		return 0;
	fprintf(stderr, "finding: %s:%zu-%zu commit %ju: %s\n", f->file, f->first_row, f->last_row, (uintmax_t)f->seq, f->text);
	return 0;
}

/* The register proves itself, and holds so many rows. */
__attribute__((unused)) static void verified(struct reg *r, uint64_t rows)
{
	struct verify_sum sum;
	struct err e = ERR_INIT;

	ck_assert_msg(verify_register(r, NULL, print_finding, NULL, &sum, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(sum.findings, 0);
	ck_assert_uint_eq(sum.rows, rows);
}

__attribute__((unused)) static int take_ids(void *arg, const struct scan_row *row)
{
	struct buf *b = arg;

	buf_span(b, row->f[0]);
	buf_putc(b, '/');
	buf_span(b, row->f[1]);
	buf_putc(b, ' ');
	return 0;
}

/* "id/commit id/commit …" of a ledger. */
__attribute__((unused)) static struct buf ids(struct reg *r, const char *table)
{
	struct buf b = BUF_INIT;
	void *args[] = { &b };
	struct moment m;
	struct err e = ERR_INIT;

	ck_assert_msg(reg_moment(r, NULL, &m, &e) == 0, "%s", e.text);
	buf_put(&b, "", 0);
	ck_assert_int_eq(ledger_scan(r, &m, table, (const int[]){ 0, 1 }, 2, take_ids, args, 1, &e), 0);
	return b;
}

__attribute__((unused)) static void ids_are(struct reg *r, const char *table, const char *want)
{
	struct buf b = ids(r, table);

	ck_assert_str_eq(b.p, want);
	buf_clear(&b);
}
#endif

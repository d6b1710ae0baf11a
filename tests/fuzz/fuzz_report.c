/* SPDX-License-Identifier: MIT */
/*
 * Parts for rectify-report --merge (first byte even), or a CSV of
 * hazard-list's columns behind a line of --by (odd), counted, written as parts
 * and merged again: the sums are the same.
 */
#include <stdlib.h>
#include "base/text.h"
#include "fuzz.h"
#include "model/listfile.h"

#include "../../cmd/rectify-report-merge.c"

fuzz_fn FUZZ_TARGET(report);

static char *path[] = { (char *)"parts" };

/* Merges parts; the status, with the rollup in r, which is the caller's. */
static int merge_parts(struct span bytes, struct report *r)
{
	struct cli c = { .prog = "fuzz", .quiet = true };
	struct fuzz_said said;
	struct err e = ERR_INIT;
	int rc;

	*r = (struct report){ .decimals = -1, .target = -1, .expect = "T01,X" };
	fuzz_file("parts", bytes);
	fuzz_listen(&said, 30);
	c.diag = said.d;
	rc = report_merge(r, &c, path, 1, &e);
	said.d = c.diag;
	fuzz_heard(&said, "parts", bytes);
	if (rc)
		fuzz_error(&e);
	else
		FUZZ_CHECK(r->rollup != NULL && r->reported <= r->expected, "%zu of %zu", r->reported, r->expected);
	fuzz_files_end();
	return rc;
}

/* The sums that every part reported. */
static void reported(const struct rollup *r, struct figures *sum)
{
	rollup_total(r, sum);
	if (!rollup_has(r, ROLLUP_OVERDUE))
		sum->overdue = 0;
	if (!rollup_has(r, ROLLUP_MAJOR))
		sum->major = 0;
	if (!rollup_has(r, ROLLUP_FOLLOWED))
		sum->followed = 0;
	if (!rollup_has(r, ROLLUP_DAYS))
		sum->days = sum->ndays = 0;
	if (!rollup_has(r, ROLLUP_FOUND))
		sum->found = 0;
	if (!rollup_has(r, ROLLUP_RECTIFIED))
		sum->rectified = 0;
	if (!rollup_has(r, ROLLUP_CLOSED))
		sum->closed = 0;
	if (!rollup_has(r, ROLLUP_OPEN))
		sum->open = 0;
	if (!rollup_has(r, ROLLUP_TERMINATED))
		sum->terminated = 0;
	if (!rollup_has(r, ROLLUP_VOID))
		sum->void_ = 0;
}

/* Written as parts it merges to the same sums. */
static void write_and_merge(struct rollup *from)
{
	struct rollup_part part = { SPAN("T01"), SPAN("T01 4"), SPAN("closed"), SPAN("1"), SPAN("90") };
	struct figures a, b;
	struct report r;
	struct buf text = BUF_INIT;
	bool plain;

	rollup_part_write(from, &part, &text);
	/* values that nobody checked may be no text */
	plain = text_valid(buf_view(&text)) == text.n && !memchr(text.p, 0, text.n) && !memchr(text.p, 0x1a, text.n);
	if (merge_parts(buf_view(&text), &r) == 0) {
		reported(from, &a);
		reported(r.rollup, &b);
		FUZZ_CHECK(!plain || memcmp(&a, &b, sizeof a) == 0, "other sums: %s", text.p);
		FUZZ_CHECK(!plain || text.n == 0 || rollup_dims(from) == rollup_dims(r.rollup), "%s", text.p);
	} else {
		FUZZ_CHECK(!plain, "what was written is not taken: %s", text.p);
	}
	rollup_free(r.rollup);
	buf_clear(&text);
}

static int on_list(void *arg, const struct span *v)
{
	rollup_add(arg, v);
	return 0;
}

static void list(const char *by, struct span bytes)
{
	static const char *const major[] = { "major" };
	struct rollup_spec spec = { .by = by, .major = major, .nmajor = 1 };
	struct listfile l = { .path = "-", .nthreads = 1 };
	bool missing[64] = { false };
	struct err e = ERR_INIT;
	struct rollup *r = rollup_new(&spec, &e);
	void *args[1] = { r };

	if (!r) {
		fuzz_error(&e);
		return;
	}
	l.names = rollup_needs(r, &l.n, &l.optional);
	l.missing = missing;
	fuzz_file("-", bytes);
	if (listfile_open(&l, &e) == 0) {
		for (size_t i = l.optional; i < l.n; i++)
			if (missing[i])
				rollup_without(r, i);
		if (listfile_rows(&l, on_list, args, &e) != 0)
			fuzz_error(&e);
		fuzz_files_end();
		write_and_merge(r);
	} else {
		fuzz_error(&e);
	}
	listfile_close(&l);
	fuzz_files_end();
	rollup_free(r);
}

int FUZZ_TARGET(report)(const uint8_t *p, size_t n)
{
	struct fuzz_in in = { { (const char *)p, n } };
	bool is_list = fuzz_byte(&in) & 1;
	char *by = is_list ? fuzz_word(&in) : NULL;
	struct span bytes = fuzz_rest(&in);
	struct report r;

	if (is_list) {
		list(by, bytes);
	} else {
		if (merge_parts(bytes, &r) == 0)
			write_and_merge(r.rollup);
		rollup_free(r.rollup);
	}
	free(by);
	fuzz_free(bytes);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Hazards from a CSV, with the header that it brings: every row that is taken
 * is canonical and fits its schema, a row complained about leaves nothing, a
 * second time gives the same.  The first byte: encoding, rejects, answers.
 */
#include "csv/scan.h"
#include "fuzz.h"
#include "model/intake.h"
#include "office.h"

fuzz_fn FUZZ_TARGET(intake);

static int check_row(void *arg, const struct scan_row *row)
{
	const struct table *t = arg;

	for (int i = 0; i < t->ncolumns; i++) {
		struct err e = ERR_INIT;

		FUZZ_CHECK(schema_check(&t->columns[i], row->f[i], 28800, &e) == 0, "%s: %s", t->columns[i].name, e.text);
	}
	return 0;
}

static void check_pending(struct commit *c, const char *table)
{
	const struct table *t = schema_table(span_of(table));
	static const int all[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
		28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39 };
	struct scan_want want = { (size_t)t->ncolumns, all, (size_t)t->ncolumns };
	struct err e = ERR_INIT;

	FUZZ_CHECK(scan_bytes(table, commit_pending(c, t), true, 1, &want, check_row, (void *)(uintptr_t)t, &e) == 0, "%s", e.text);
}

int FUZZ_TARGET(intake)(const uint8_t *p, size_t n)
{
	static const char *const encodings[] = { NULL, "gb18030", "utf-8", NULL };
	struct fuzz_office *o = fuzz_office();
	struct fuzz_in in = { { (const char *)p, n } };
	unsigned how = fuzz_byte(&in);
	struct span bytes = fuzz_rest(&in);
	struct buf rows[2] = { BUF_INIT, BUF_INIT };
	struct commit_mark start;

	commit_mark(o->commit, &start);
	for (int i = 0; i < 2; i++) {
		struct intake_file f = { .name = "f", .bytes = bytes, .encoding = encodings[how % 4], .set_aside = how & 4, .csv = how & 8 };
		struct intake take = { 0 };
		struct fuzz_said said;
		struct err e = ERR_INIT;
		size_t fatal = 0;
		int r;

		intake_start(&take, o->office, o->commit, SPAN("T01-O1"), FUZZ_NOW);
		take.history = how & 16;
		fuzz_listen(&said, 30);
		r = intake_read(&take, &f, &said.d, &fatal, &e);
		if (r < 0)
			fuzz_error(&e);
		else
			FUZZ_CHECK(f.added + f.rejected <= f.rows && (f.rejected == 0) == (f.rejects.n == 0), "%zu of %zu", f.rejected, f.rows);
		fuzz_heard(&said, "f", bytes);
		check_pending(o->commit, "hazards");
		check_pending(o->commit, "events");
		commit_pending_all(o->commit, &rows[i]);
		buf_span(&rows[i], buf_view(&f.answer));
		buf_span(&rows[i], buf_view(&f.rejects));
		intake_end(&take);
		intake_file_clear(&f);
		commit_rewind(o->commit, &start);
		FUZZ_CHECK(commit_rows(o->commit) == 0, "%zu rows are left", commit_rows(o->commit));
	}
	FUZZ_CHECK(span_eq(buf_view(&rows[0]), buf_view(&rows[1])), "a second time is other: %s", rows[1].p);
	buf_clear(&rows[0]);
	buf_clear(&rows[1]);
	fuzz_free(bytes);
	return 0;
}

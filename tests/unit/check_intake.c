/* SPDX-License-Identifier: MIT */
#include "model/intake.h"
#include "intakehelp.h"

/* Bind a header and take rows, each a list of fields; the results are asserted by the caller. */
static int take(struct ih *h, struct intake *in, const char *const *header, const char *const *row, size_t n,
    char id[ID_MAX], bool *old)
{
	struct span head[16], f[16];
	struct err e = ERR_INIT;
	int result;

	for (size_t i = 0; i < n; i++) {
		head[i] = span_of(header[i]);
		f[i] = span_of(row[i]);
	}
	if (in->ncolumns == 0 && intake_bind(in, "in.csv", head, n, &h->d))
		return 2;
	result = intake_row(in, "in.csv", 2, f, id, old, &h->d, &e);
	ck_assert_msg(result >= 0, "%s", e.text);
	return result;
}

static const char *const plain[] = { "grid", "severity", "description", "ref" };

START_TEST(row_becomes_a_hazard)
{
	struct ih h;
	struct intake in;
	char id[ID_MAX];
	bool old;

	ih_open(&h, H_NOW);
	intake_start(&in, h.office, h.commit, SPAN(IH_CLERK), h.now);
	ck_assert_int_eq(take(&h, &in, plain, (const char *const[]){ "Bridge", "一般隐患", " a, b ", "" }, 4,
	    id, &old), 0);
	ck_assert_str_eq(id, "T01-H2026-000001");
	ck_assert(!old);
	{
		struct span p = commit_pending(h.commit, schema_table(SPAN("hazards")));
		const char *want = "T01-H2026-000001,3,2026-02-02T10:40:00+08:00,,990101001001,,,,general,,T01-O1,,,,,,,";

		ck_assert_msg(p.n > strlen(want) && memcmp(p.p, want, strlen(want)) == 0, "%.*s", (int)p.n,
		    p.p);
		ck_assert(memcmp(p.p + p.n - 8, ",\"a, b\"\n", 8) == 0);
	}
	intake_end(&in);
	ih_close(&h);
}
END_TEST

START_TEST(bad_row_appends_nothing)
{
	struct ih h;
	struct intake in;
	char id[ID_MAX];
	bool old;

	ih_open(&h, H_NOW);
	intake_start(&in, h.office, h.commit, SPAN(IH_CLERK), h.now);
	ck_assert_int_eq(take(&h, &in, plain, (const char *const[]){ "nowhere", "serious", "", "" }, 4, id,
	    &old), 1);
	IH_SAYS(&h, "in.csv:2: severity: \"serious\" is not one of minor, general, major");
	ck_assert_uint_eq(h.d.errors, 3);
	ck_assert_uint_eq(commit_rows(h.commit), 0);
	ck_assert_int_eq(take(&h, &in, plain, (const char *const[]){ "990101", "minor", "x", "" }, 4, id,
	    &old), 0);
	ck_assert_str_eq(id, "T01-H2026-000001");
	intake_end(&in);
	ih_close(&h);
}
END_TEST

START_TEST(bad_step_gives_its_ids_back)
{
	static const char *const header[] = { "grid", "severity", "description", "close.at", "hold.reason" };
	struct ih h;
	struct intake in;
	char id[ID_MAX];
	bool old;

	ih_open(&h, H_NOW);
	intake_start(&in, h.office, h.commit, SPAN(IH_CLERK), h.now);
	ck_assert_int_eq(take(&h, &in, header, (const char *const[]){ "990101", "minor", "x", "2026-02-02",
	    "T01" }, 5, id, &old), 1);
	IH_SAYS(&h, "close may be taken from rechecked");
	ck_assert_uint_eq(commit_rows(h.commit), 0);
	ck_assert_int_eq(take(&h, &in, header, (const char *const[]){ "990101", "minor", "x", "", "y" }, 5,
	    id, &old), 0);
	ck_assert_str_eq(id, "T01-H2026-000001");
	ck_assert_uint_eq(commit_rows(h.commit), 2);
	intake_end(&in);
	ih_close(&h);
}
END_TEST

START_TEST(ref_is_known)
{
	struct ih h;
	struct intake in;
	char id[ID_MAX], again[ID_MAX];
	bool old;

	ih_open(&h, H_NOW);
	intake_start(&in, h.office, h.commit, SPAN(IH_CLERK), h.now);
	ck_assert_int_eq(take(&h, &in, plain, (const char *const[]){ "990101", "minor", "x", "r1" }, 4, id,
	    &old), 0);
	ck_assert_int_eq(take(&h, &in, plain, (const char *const[]){ "990101", "minor", "x", "r1" }, 4, again,
	    &old), 0);
	ck_assert(old);
	ck_assert_str_eq(id, again);
	ck_assert_int_eq(take(&h, &in, plain, (const char *const[]){ "990101", "general", "x", "r1" }, 4, again,
	    &old), 1);
	IH_SAYS(&h, "ref: \"r1\" is line 2 with another severity (\"minor\" there)");
	intake_end(&in);
	ih_end(&h, true);
	ih_begin(&h, H_NOW + 60);
	intake_start(&in, h.office, h.commit, SPAN(IH_CLERK), h.now);
	ck_assert_int_eq(take(&h, &in, plain, (const char *const[]){ "990101", "minor", "x", "r1" }, 4, again,
	    &old), 0);
	ck_assert(old);
	ck_assert_uint_eq(in.known, 1);
	ck_assert_int_eq(take(&h, &in, plain, (const char *const[]){ "990101001", "minor", "x", "r1" }, 4,
	    again, &old), 1);
	IH_SAYS(&h, "ref: \"r1\" is hazard T01-H2026-000001 with another grid (\"990101\" there)");
	intake_end(&in);
	ih_close(&h);
}
END_TEST

START_TEST(file_is_read_with_rejects)
{
	static const char text[] = "grid,severity,description\n990101,minor,a\n990101,bad,b\n990101,minor\n990101,minor,d\n";
	struct ih h;
	struct intake in;
	struct intake_file f = { .name = "in.csv", .bytes = { text, sizeof text - 1 }, .set_aside = true };
	struct err e = ERR_INIT;
	size_t fatal = 7;

	ih_open(&h, H_NOW);
	intake_start(&in, h.office, h.commit, SPAN(IH_CLERK), h.now);
	ck_assert_msg(intake_read(&in, &f, &h.d, &fatal, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(fatal, 0);
	ck_assert_uint_eq(f.rows, 4);
	ck_assert_uint_eq(f.added, 2);
	ck_assert_uint_eq(f.rejected, 2);
	ck_assert_str_eq(f.answer.p, "T01-H2026-000001\nT01-H2026-000002\n");
	ck_assert_ptr_nonnull(strstr(f.rejects.p,
	    "grid,severity,description,rejected_line,rejected_reason\n990101,bad,b,3,"));
	ck_assert_ptr_nonnull(strstr(f.rejects.p, "\n990101,minor,4,\"2 fields, the header has 3\"\n"));
	IH_SAYS(&h, "in.csv:3: severity: \"bad\" is not one of minor, general, major");
	intake_file_clear(&f);
	intake_end(&in);
	ih_close(&h);
}
END_TEST

/* A file of n rows from number `from` on; every so many rows one that says its values otherwise, or has a ref of before. */
static void put_rows(struct buf *out, size_t from, size_t n)
{
	buf_puts(out, "ref,severity,grid,description\n");
	for (size_t i = from; i < from + n; i++) {
		size_t k = i % 97 == 5 ? i - 3 : i;

		buf_printf(out, "r%zu,%s,%s,%s %zu\n", k, k % 31 ? "general" : " 一般隐患", k % 53 ? "990101001001" : "Bridge",
		    k % 41 ? "消火栓无水 未固定 需立即整改" : "a'b", k);
	}
}

/* The same as a file that is read, without complaints. */
static void read_rows(struct intake *in, struct ih *h, size_t from, size_t n)
{
	struct buf text = BUF_INIT;
	struct intake_file f = { .name = "in.csv" };
	struct err e = ERR_INIT;
	size_t fatal = 7;

	put_rows(&text, from, n);
	f.bytes = buf_view(&text);
	ck_assert_msg(intake_read(in, &f, &h->d, &fatal, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(fatal, 0);
	ck_assert_uint_eq(f.rows, n);
	intake_file_clear(&f);
	buf_clear(&text);
}

/* A large file, whose rows are looked at ahead and on another thread, is taken in like the same rows in small files. */
START_TEST(large_file_is_like_small_ones)
{
	static const size_t all = 30000, part = 1000;
	struct buf whole = BUF_INIT, want = BUF_INIT;

	for (int small = 0; small < 2; small++) {
		struct ih h;
		struct intake in;

		ih_open(&h, H_NOW);
		intake_start(&in, h.office, h.commit, SPAN(IH_CLERK), h.now);
		for (size_t from = 0; from < all; from += small ? part : all)
			read_rows(&in, &h, from, small ? part : all);
		buf_span(small ? &want : &whole, commit_pending(h.commit, schema_table(SPAN("hazards"))));
		ck_assert_uint_gt(in.known, 0);
		ck_assert_uint_eq(commit_rows(h.commit) + in.known, all);
		intake_end(&in);
		ih_close(&h);
	}
	ck_assert_uint_gt(whole.n, (size_t)1 << 20);
	ck_assert(span_eq(buf_view(&whole), buf_view(&want)));
	buf_clear(&whole);
	buf_clear(&want);
}
END_TEST

/* A large file that has rows of the register and of its own once more: each is found, in the register and in the commit, and
 * what is left is what small files leave. */
START_TEST(large_file_meets_the_register)
{
	static const size_t all = 30000, part = 1000, there = 700;
	struct buf pending[2] = { BUF_INIT, BUF_INIT };
	size_t known[2];

	for (int small = 0; small < 2; small++) {
		struct ih h;
		struct intake in;

		ih_open(&h, H_NOW);
		intake_start(&in, h.office, h.commit, SPAN(IH_CLERK), h.now);
		read_rows(&in, &h, 100, there);
		intake_end(&in);
		ih_end(&h, true);
		ih_begin(&h, H_NOW + 60);
		intake_start(&in, h.office, h.commit, SPAN(IH_CLERK), h.now);
		for (size_t from = 0; from < all; from += small ? part : all)
			read_rows(&in, &h, from, small ? part : all);
		buf_span(&pending[small], commit_pending(h.commit, schema_table(SPAN("hazards"))));
		known[small] = in.known;
		ck_assert_uint_eq(commit_rows(h.commit) + in.known, all);
		intake_end(&in);
		ih_close(&h);
	}
	ck_assert_uint_ge(known[0], there);
	ck_assert_uint_eq(known[0], known[1]);
	ck_assert(span_eq(buf_view(&pending[0]), buf_view(&pending[1])));
	buf_clear(&pending[0]);
	buf_clear(&pending[1]);
}
END_TEST

START_TEST(header_is_refused)
{
	static const char text[] = "grid,severty,severity,等级,description\n990101,minor,minor,minor,a\n";
	struct ih h;
	struct intake in;
	struct intake_file f = { .name = "in.csv", .bytes = { text, sizeof text - 1 }, .set_aside = true };
	struct err e = ERR_INIT;
	size_t fatal = 0;

	ih_open(&h, H_NOW);
	intake_start(&in, h.office, h.commit, SPAN(IH_CLERK), h.now);
	ck_assert_int_eq(intake_read(&in, &f, &h.d, &fatal, &e), 0);
	ck_assert_uint_eq(fatal, 2);
	ck_assert_uint_eq(commit_rows(h.commit), 0);
	IH_SAYS(&h, "in.csv:1: unknown column \"severty\"; did you mean severity?");
	intake_file_clear(&f);
	intake_end(&in);
	ih_close(&h);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("intake");
	TCase *t = tcase_create("intake");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, row_becomes_a_hazard);
	tcase_add_test(t, bad_row_appends_nothing);
	tcase_add_test(t, bad_step_gives_its_ids_back);
	tcase_add_test(t, ref_is_known);
	tcase_add_test(t, file_is_read_with_rejects);
	tcase_add_test(t, large_file_is_like_small_ones);
	tcase_add_test(t, large_file_meets_the_register);
	tcase_add_test(t, header_is_refused);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0;
}

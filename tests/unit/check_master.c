/* SPDX-License-Identifier: MIT */
#include "reghelp.h"
#include "register/index.h"
#include "register/master.h"

#define DAY(y, m, d) day_of(y, m, d)

static int32_t day_of(int y, int m, int d)
{
	int32_t day = 0;

	ck_assert(date_of(y, m, d, &day));
	return day;
}

/* A row of subjects as CSV. */
static void subject(struct buf *b, const char *id, const char *uscc, const char *from, const char *to, const char *name)
{
	const struct table *t = h_table("subjects");

	for (int c = 0; c < t->ncolumns; c++) {
		const char *n = t->columns[c].name;

		if (c > 0)
			buf_putc(b, ',');
		buf_puts(b, strcmp(n, "subject") == 0 ? id : strcmp(n, "uscc") == 0 ? uscc : strcmp(n, "valid_from") == 0 ? from
		    : strcmp(n, "valid_to") == 0 ? to : strcmp(n, "name") == 0 ? name : "");
	}
	buf_putc(b, '\n');
}

/* A register with subjects; S2 changed its name in 2026, S3 ended. */
static char *filled(void)
{
	char *dir = h_create();
	struct reg *r = h_open(dir);
	struct commit_who who = h_who("", H_NOW);
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct commit *c;

	schema_header(h_table("subjects"), &b);
	subject(&b, "S2", "U2", "2025-01-01", "2025-12-31", "旧名");
	subject(&b, "S1", "U1", "", "", "\"甲, 乙\"");
	subject(&b, "S2", "U2", "2026-01-01", "", "新名");
	subject(&b, "S3", "U3", "", "2025-06-30", "新名");
	subject(&b, "S4", "U4", "", "", "新名");
	c = commit_open(r, &who, &e);
	commit_version(c, "subjects", buf_view(&b));
	ck_assert_int_eq(commit_close(c, NULL, &e), 0);
	buf_clear(&b);
	reg_close(r);
	return dir;
}

/* The name of a row. */
static void take_name(void *arg, const struct master_row *row)
{
	struct buf *names = arg;

	buf_span(names, row->f[schema_column(h_table("subjects"), SPAN("name"))]);
	buf_putc(names, ';');
}

/* From the index (0), from the loaded file (1), without an index (2). */
START_TEST(find)
{
	char *dir = filled(), path[512];
	struct reg *r;
	struct master *x;
	struct master_row row, many[4];
	const struct master_row *rows;
	struct moment m;
	struct err e = ERR_INIT;
	const struct table *t = h_table("subjects");
	int name = schema_column(t, SPAN("name")), uscc = schema_column(t, SPAN("uscc"));
	struct buf names = BUF_INIT;
	size_t n;

	if (_i == 2) {
		snprintf(path, sizeof path, "%s/.index", dir);
		h_remove(path);
	}
	r = h_open(dir);
	h_moment(r, &m);
	x = master_open(r, &m, "subjects", &e);
	ck_assert_ptr_nonnull(x);
	ck_assert_ptr_eq(master_table(x), t);
	if (_i == 1)
		ck_assert_int_eq(master_rows(x, &rows, &n, &e), 0);
	ck_assert_int_eq(master_find(x, SPAN("S1"), DATE_NONE, &row, &e), 1);
	ck_assert(span_is(row.f[name], "甲, 乙"));
	ck_assert_uint_eq(row.line, 3);
	ck_assert_int_eq(master_find(x, SPAN("S2"), DAY(2025, 12, 31), &row, &e), 1);
	ck_assert(span_is(row.f[name], "旧名"));
	ck_assert_int_eq(master_find(x, SPAN("S2"), DAY(2026, 1, 1), &row, &e), 1);
	ck_assert(span_is(row.f[name], "新名"));
	ck_assert_int_eq(master_find(x, SPAN("S2"), DAY(2024, 1, 1), &row, &e), 0);
	ck_assert_int_eq(master_find(x, SPAN("S2"), DATE_NONE, &row, &e), 1);
	ck_assert_uint_eq(row.line, 4);
	ck_assert_int_eq(master_find(x, SPAN("S3"), DAY(2025, 6, 30), &row, &e), 1);
	ck_assert_int_eq(master_find(x, SPAN("S3"), DAY(2025, 7, 1), &row, &e), 0);
	ck_assert_int_eq(master_find(x, SPAN("S"), DATE_NONE, &row, &e), 0);
	ck_assert_int_eq(master_find(x, SPAN(""), DATE_NONE, &row, &e), 0);
	ck_assert_int_eq(master_each(x, t->key, SPAN("S2"), take_name, &names, &e), 0);
	ck_assert_int_eq(master_each(x, t->key, SPAN("S9"), take_name, &names, &e), 0);
	ck_assert_str_eq(names.p, "旧名;新名;");
	buf_clear(&names);
	ck_assert_int_eq(master_find_by(x, name, SPAN("新名"), DAY(2026, 2, 1), many, 4, &e), 2);
	ck_assert(span_is(many[0].f[0], "S2"));
	ck_assert(span_is(many[1].f[0], "S4"));
	ck_assert_int_eq(master_find_by(x, name, SPAN("新名"), DATE_NONE, many, 1, &e), 3);
	ck_assert_int_eq(master_find_by(x, name, SPAN("旧名"), DATE_NONE, many, 4, &e), 0);	/* no longer its name */
	ck_assert_int_eq(master_find_by(x, uscc, SPAN("U2"), DATE_NONE, many, 4, &e), 1);
	ck_assert(span_is(many[0].f[name], "新名"));
	ck_assert_int_eq(master_find_by(x, name, SPAN(""), DATE_NONE, many, 4, &e), 0);
	ck_assert_uint_eq(master_number(x, SPAN("S2"), &e), 0);
	ck_assert_uint_eq(master_number(x, SPAN("S1"), &e), 1);
	ck_assert_uint_eq(master_number(x, SPAN("S4"), &e), 3);
	ck_assert_uint_eq(master_number(x, SPAN("S9"), &e), UINT32_MAX);
	ck_assert_int_eq(master_rows(x, &rows, &n, &e), 0);
	ck_assert_uint_eq(n, 5);
	ck_assert(span_is(rows[1].f[0], "S1"));
	master_close(x);
	master_close(NULL);
	/* as it was before */
	ck_assert_int_eq(reg_moment(r, "1", &m, &e), 0);
	x = master_open(r, &m, "subjects", &e);
	ck_assert_int_eq(master_find(x, SPAN("S1"), DATE_NONE, &row, &e), 0);
	master_close(x);
	reg_close(r);
	h_drop(dir);
}
END_TEST

START_TEST(of_rows)
{
	const struct table *t = h_table("grids");
	struct span f[2 * 64];
	struct master *x;
	struct master_row row;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof f / sizeof *f; i++)
		f[i] = SPAN("");
	f[0] = SPAN("G1");
	f[t->ncolumns] = SPAN("G2");
	x = master_of_rows(t, f, 2);
	ck_assert_int_eq(master_find(x, SPAN("G2"), DAY(2026, 1, 1), &row, &e), 1);
	ck_assert_uint_eq(row.line, 3);
	master_close(x);
}
END_TEST

START_TEST(damaged)
{
	char *dir = filled(), path[512];
	struct reg *r;
	struct master *x;
	struct master_row row;
	struct moment m;
	struct err e = ERR_INIT;

	snprintf(path, sizeof path, "%s/.index", dir);
	h_remove(path);
	r = h_open(dir);
	h_moment(r, &m);
	snprintf(path, sizeof path, "versions/%s", moment_version(&m, "subjects"));
	h_append(dir, path, "x\n");
	x = master_open(r, &m, "subjects", &e);
	ck_assert_int_eq(master_find(x, SPAN("S1"), DATE_NONE, &row, &e), -1);
	ck_assert_int_eq(e.status, ERR_PERSON);
	ck_assert_ptr_nonnull(strstr(e.text, "the file was changed; run gridctl verify"));
	master_close(x);
	err_clear(&e);
	ck_assert_ptr_null(master_open(r, &m, "hazards", &e));
	ck_assert_str_eq(e.text, "this register has no hazards.csv: it was made by an older program");
	reg_close(r);
	h_drop(dir);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("master");
	TCase *t = tcase_create("master");

	tcase_add_loop_test(t, find, 0, 3);
	tcase_add_test(t, of_rows);
	tcase_add_test(t, damaged);
	suite_add_tcase(s, t);
	return h_run(s);
}

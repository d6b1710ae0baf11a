/* SPDX-License-Identifier: MIT */
#include "engine/masterput.h"
#include "engine/rowspan.h"
#include "engine/tablerows.h"
#include "placehelp.h"

#define GRIDS "grid,parent,level,kind,households,population,area_m2,posted_on,succeeds,valid_from,valid_to,name\n"
#define ORGANS "organ,kind,level,grid,parent,dispatch,valid_from,valid_to,name,mail,phone\n"

static char *dir;
static struct reg *reg;
static struct moment at;
static struct office *office;

static void set_up(void)
{
	dir = p_create("yongren");
	reg = h_open(dir);
	p_master(reg, "grids", GRIDS "G1,,county,,,,,,,,,甲县\nG2,G1,township,,5,,,,,,,乙镇\n");
	p_master(reg, "organs", ORGANS "GOV,government,,G1,,,2024-01-01,2024-12-31,旧政府,,\nGOV,government,,G1,,,2025-01-01,,新政府,,\n");
	office = p_office(reg, &at);
}

static void tear_down(void)
{
	office_close(office);
	reg_close(reg);
	h_drop(dir);
}

/* A row of organs with key, valid_from and name. */
static void organ(struct tablerows *r, const char *key, const char *from, const char *name)
{
	struct span v[11] = { { "", 0 } };

	v[0] = span_of(key);
	v[6] = span_of(from);
	v[8] = span_of(name);
	tablerows_add(r, v, r->n + 2);
}

/* Writes changes as "+A -B A:name A:valid_from". */
static int note(void *arg, const struct tablerows_change *c)
{
	struct buf *b = arg;
	const struct span *v = c->now ? c->now : c->was;

	buf_printf(b, "%s%.*s@%.*s%zu ", !c->was ? "+" : !c->now ? "-" : "~", (int)v[0].n, v[0].p, (int)v[6].n, v[6].p, c->row);
	return 0;
}

/* Stops at once. */
static int stop(void *arg, const struct tablerows_change *c)
{
	(void)c;
	++*(int *)arg;
	return 7;
}

START_TEST(versions_are_compared)
{
	struct tablerows was, now;
	struct buf b = BUF_INIT;
	int calls = 0;

	tablerows_init(&was, h_table("organs"));
	tablerows_init(&now, h_table("organs"));
	organ(&was, "A", "", "a");
	organ(&was, "B", "2024-01-01", "b");
	organ(&was, "C", "2024-01-01", "c");
	organ(&was, "C", "2025-01-01", "c");
	organ(&was, "D", "", "d");
	organ(&now, "E", "", "e");
	organ(&now, "A", "", "changed");
	organ(&now, "B", "2024-02-01", "b");
	organ(&now, "C", "2025-01-01", "c");
	organ(&now, "C", "2026-01-01", "c");
	/* E new, A changed, B's only row has another start, of C one went on as another, D gone */
	ck_assert_int_eq(tablerows_compare(&was, &now, note, &b), 0);
	ck_assert_str_eq(b.p, "+E@0 ~A@1 ~B@2024-02-012 ~C@2026-01-014 -D@4 ");
	ck_assert_int_eq(tablerows_compare(&was, &now, stop, &calls), 7);
	ck_assert_int_eq(calls, 1);
	buf_reset(&b);
	ck_assert_int_eq(tablerows_compare(&was, &was, note, &b), 0);
	ck_assert_uint_eq(b.n, 0);
	tablerows_clear(&was);
	tablerows_clear(&now);
	buf_clear(&b);
}
END_TEST

START_TEST(versions_are_read_and_written)
{
	struct tablerows r;
	struct buf b = BUF_INIT, key = BUF_INIT;
	struct err e = ERR_INIT;

	ck_assert_int_eq(tablerows_version(&r, h_table("organs"), reg, moment_version(&at, "organs"), &e), 0);
	ck_assert_uint_eq(r.n, 2);
	ck_assert_uint_eq(r.line[1], 3);
	tablerows_write(&r, &b);
	ck_assert_str_eq(b.p, ORGANS "GOV,government,,G1,,,2024-01-01,2024-12-31,旧政府,,\nGOV,government,,G1,,,2025-01-01,,新政府,,\n");
	tablerows_key(r.table, tablerows_row(&r, 1), &key);
	ck_assert_str_eq(key.p, "GOV\x1f" "2025-01-01\x1f");
	tablerows_clear(&r);
	ck_assert_int_eq(tablerows_version(&r, h_table("organs"), reg, NULL, &e), 0);
	ck_assert_uint_eq(r.n, 0);
	tablerows_clear(&r);
	buf_clear(&b);
	buf_clear(&key);
}
END_TEST

/* Put a file; the complaints, and the table when there are none. */
static void put(const char *table, const char *csv, bool merge, const char *complaints, const char *result)
{
	struct masterput p = { .office = office, .table = h_table(table), .file = "f.csv", .day = 20000 };
	struct masterput_sum sum;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct said s;

	said_start(&s);
	ck_assert_msg(masterput_file(&p, span_of(csv), NULL, merge, &s.d, &out, &sum, &e) == 0, "%s", e.text);
	said_is(&s, complaints);
	if (result)
		ck_assert_str_eq(out.p, result);
	buf_clear(&out);
}

START_TEST(foreign_rows_become_canonical)
{
	put("organs", "部门名称,部门类别,organ,grid,启用日期\n燃气 局,燃气管理部门,GAS,乙镇,2025/3/1\n", false, "", NULL);
	put("organs", "organ,kind,grid,name,valid_from\nGOV,政府,甲县,政府,2025年3月1日\n", false, "",
	    ORGANS "GOV,government,,G1,,,2025-03-01,,政府,,\n");
	put("organs", "organ,name,valid_from,valid_to\nGOV,改名,2025-01-01,\n", true, "",
	    ORGANS "GOV,government,,G1,,,2024-01-01,2024-12-31,旧政府,,\nGOV,government,,G1,,,2025-01-01,,改名,,\n");
	put("organs", "organ,mail\nGOV,a@b.cn\nNEW,x\n", true, "f.csv:3: name: NEW is new, so it needs a value here; the file has no such column\n",
	    NULL);
}
END_TEST

START_TEST(rows_are_checked_together)
{
	put("organs", "organ,name\nA,a\nA,b\n", false, "f.csv:3: organ: A: there is a row with the same organ,valid_from on line 2\n", NULL);
	put("organs", "organ,name,parent\nA,a,B\n", false, "f.csv:2: parent: there is no organ \"B\" in this table\n", NULL);
	put("organs", "organ,name,valid_from,valid_to\nA,a,2025-01-01,2024-01-01\n", false,
	    "f.csv:2: valid_to: 2024-01-01 is before valid_from 2025-01-01\n", NULL);
	put("organs", "organ,name,valid_from,valid_to\nA,a,,2024-01-01\nA,b,2024-01-01,\n", false,
	    "f.csv:3: valid_from: A is valid on the same day as its row on line 2; end that one with valid_to before\n", NULL);
	put("organs", "organ,name,valid_from,valid_to\nA,a,2024-01-02,\nA,b,,2024-01-01\n", false, "", NULL);
	put("grids", "grid,level,name\nG1,county,x\n", false, "", NULL);
	put("grids", "grid,level,name\nG2,county,x\n", false,
	    "f.csv: grid: G1 is left out, but organs.csv uses it (GOV and others); keep its row and end it with valid_to\n", NULL);
}
END_TEST

START_TEST(one_row_is_set)
{
	struct masterput p = { .office = office, .table = h_table("organs"), .file = "organs.csv", .day = 20000 };
	char mail[] = "mail=a@b.cn", kind[] = "部门类别=消防救援机构", bad[] = "kind=gass", same[] = "name=新政府";
	char *sets[] = { mail, kind }, *wrong[] = { bad }, *none[] = { same };
	struct masterput_sum sum;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct said s;

	said_start(&s);
	ck_assert_int_eq(masterput_row(&p, SPAN("GOV"), sets, 2, &s.d, &out, &sum, &e), 0);
	said_is(&s, "");
	ck_assert_str_eq(out.p, ORGANS "GOV,government,,G1,,,2024-01-01,2024-12-31,旧政府,,\nGOV,fire,,G1,,,2025-01-01,,新政府,a@b.cn,\n");
	ck_assert_uint_eq(sum.changed, 1);
	ck_assert(!sum.same);
	buf_reset(&out);
	said_start(&s);
	ck_assert_int_eq(masterput_row(&p, SPAN("GOV"), none, 1, &s.d, &out, &sum, &e), 0);
	ck_assert(sum.same);
	ck_assert_int_eq(masterput_row(&p, SPAN("GOV"), wrong, 1, &s.d, &out, &sum, &e), 0);
	ck_assert_uint_eq(s.d.errors, 1);
	fclose(s.d.to);
	ck_assert_ptr_nonnull(strstr(s.text, "organs.csv:3: kind: \"gass\" is not one of "));
	free(s.text);
	ck_assert_int_eq(masterput_row(&p, SPAN("GAS"), sets, 2, &s.d, &out, &sum, &e), -1);
	ck_assert_str_eq(e.text, "organs has no row of organ \"GAS\"; gridctl put --merge adds rows");
	buf_clear(&out);
}
END_TEST

/* Counts rows and keeps the last first field. */
static int take(void *arg, size_t number, const struct span *v)
{
	struct buf *b = arg;

	buf_printf(b, "%zu:%.*s:%.*s ", number, (int)v[0].n, v[0].p, (int)v[20].n, v[20].p);
	return 0;
}

START_TEST(spans_of_rows_are_read)
{
	struct moment m;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	off_t from = moment_ledger(&at, "hazards")->size;
	size_t line;

	h_ok(reg, "", 2, H_NOW);
	h_ok(reg, "", 1, H_NOW);
	ck_assert_int_eq(reg_moment(reg, NULL, &m, &e), 0);
	ck_assert_int_eq(rowspan_read(reg, h_table("hazards"), "hazards.csv", from, moment_ledger(&m, "hazards")->size, 0, take, &b, &e), 0);
	ck_assert_str_eq(b.p, "1:P01-H2026-000001:液化气瓶, \"室内\" 存放 2:P01-H2026-000002:液化气瓶, \"室内\" 存放 "
	    "3:P01-H2026-000003:液化气瓶, \"室内\" 存放 ");
	ck_assert_int_eq(rowspan_line(reg, "hazards.csv", from, &line, &e), 0);
	ck_assert_uint_eq(line, 2);
	ck_assert_int_eq(rowspan_line(reg, "hazards.csv", moment_ledger(&m, "hazards")->size, &line, &e), 0);
	ck_assert_uint_eq(line, 5);
	ck_assert_ptr_eq(rowspan_table("hazards.2.csv"), h_table("hazards"));
	ck_assert_ptr_null(rowspan_table("grids.csv"));
	ck_assert_ptr_null(rowspan_table("nothing.csv"));
	ck_assert_int_eq(rowspan_read(reg, h_table("hazards"), "none.csv", 0, 1, 0, take, &b, &e), -1);
	buf_clear(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tablerows");
	TCase *t = tcase_create("tablerows");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, versions_are_compared);
	tcase_add_test(t, versions_are_read_and_written);
	tcase_add_test(t, foreign_rows_become_canonical);
	tcase_add_test(t, rows_are_checked_together);
	tcase_add_test(t, one_row_is_set);
	tcase_add_test(t, spans_of_rows_are_read);
	suite_add_tcase(s, t);
	return h_run(s);
}

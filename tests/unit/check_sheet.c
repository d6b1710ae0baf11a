/* SPDX-License-Identifier: MIT */
#include "output/sheet.h"

#include <check.h>
#include <stdlib.h>
#include "runhelp.h"

static struct sheet s;
static struct buf out;

static void setup(void)
{
	sheet_init(&s);
	sheet_add_column(&s, (struct sheet_column){ .name = "village" });
	sheet_add_column(&s, (struct sheet_column){ .name = "name", .title = "名称" });
	sheet_add_column(&s, (struct sheet_column){ .name = "found", .right = true });
	sheet_add_column(&s, (struct sheet_column){ .name = "basis", .csv_only = true });
}

static void teardown(void)
{
	sheet_clear(&s);
	buf_clear(&out);
}

static void row(const char *village, const char *name, const char *found)
{
	sheet_add_row(&s);
	sheet_put(&s, 0, span_of(village));
	sheet_put(&s, 1, span_of(name));
	sheet_put(&s, 2, span_of(found));
}

START_TEST(test_text_is_aligned_by_display_width)
{
	row("99", "东村", "7");
	row("100", "a", "12");
	s.total_from = 2;
	row("total", "", "19");
	sheet_text(&s, 0, &out);
	ck_assert_str_eq(out.p,
	    "village  名称  found\n"
	    "-------  ----  -----\n"
	    "99       东村      7\n"
	    "100      a        12\n"
	    "-------  ----  -----\n"
	    "total             19\n");
}
END_TEST

START_TEST(test_text_is_cut_to_the_terminal)
{
	row("1", "永仁县某某镇某某村民委员会", "3");
	sheet_text(&s, 30, &out);
	for (char *line = strtok(out.p, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_uint_le(strlen(line), 30 + 8 * 2);	/* eight wide characters are three bytes for two columns */
	buf_reset(&out);
	sheet_text(&s, 30, &out);
	ck_assert_str_eq(out.p,
	    "village  名称            found\n"
	    "-------  --------------  -----\n"
	    "1        永仁县某某镇…       3\n");
}
END_TEST

START_TEST(test_text_shows_no_control_byte)
{
	row("1", "\x1b[31mred", "3");
	sheet_text(&s, 0, &out);
	ck_assert_ptr_null(memchr(out.p, 0x1b, out.n));
	ck_assert_ptr_nonnull(strstr(out.p, "\\u{1b}[31mred"));
}
END_TEST

START_TEST(test_csv_has_every_column_and_quotes_what_it_must)
{
	row("1", "a,\"b\"", "3");
	sheet_csv(&s, &out);
	ck_assert_str_eq(out.p, "village,name,found,basis\n1,\"a,\"\"b\"\"\",3,\n");
}
END_TEST

START_TEST(test_json_numbers_strings_and_nothing)
{
	row("1", "引\"号\\\n\x07", "3");
	row("2", "", "");
	row("3", "", "/");
	sheet_json(&s, &out);
	ck_assert_str_eq(out.p,
	    "[\n"
	    " {\"village\": \"1\", \"name\": \"引\\\"号\\\\\\u000a\\u0007\", \"found\": 3, \"basis\": \"\"},\n"
	    " {\"village\": \"2\", \"name\": \"\", \"found\": null, \"basis\": \"\"},\n"
	    " {\"village\": \"3\", \"name\": \"\", \"found\": \"/\", \"basis\": \"\"}\n"
	    "]\n");
}
END_TEST

START_TEST(test_json_of_bad_bytes_is_utf8)
{
	sheet_json_string(&out, SPAN("a\xff\xc2\x85z"));
	ck_assert_str_eq(out.p, "\"a\xef\xbf\xbd\\u0085z\"");
}
END_TEST

START_TEST(test_empty_sheets)
{
	sheet_json(&s, &out);
	ck_assert_str_eq(out.p, "[]\n");
	buf_reset(&out);
	sheet_csv(&s, &out);
	ck_assert_str_eq(out.p, "village,name,found,basis\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sheet");
	TCase *tc = tcase_create("sheet");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_text_is_aligned_by_display_width);
	tcase_add_test(tc, test_text_is_cut_to_the_terminal);
	tcase_add_test(tc, test_text_shows_no_control_byte);
	tcase_add_test(tc, test_csv_has_every_column_and_quotes_what_it_must);
	tcase_add_test(tc, test_json_numbers_strings_and_nothing);
	tcase_add_test(tc, test_json_of_bad_bytes_is_utf8);
	tcase_add_test(tc, test_empty_sheets);
	suite_add_tcase(suite, tc);
	return h_run(suite);
}

/* SPDX-License-Identifier: MIT */
#include "policy/template.h"
#include <check.h>
#include <stdlib.h>
#include "runhelp.h"

/* A field as its name, with the row behind it: number, hazard@1, hazard+0 in the annex. */
static void put(void *arg, enum template_field f, bool annex, size_t row, struct buf *out)
{
	(void)arg;
	buf_puts(out, template_field_name[f]);
	if (row != SIZE_MAX)
		buf_printf(out, "%c%zu", annex ? '+' : '@', row);
}

static void writes(const char *text, size_t lines, size_t annexed, const char *wanted)
{
	struct template t = { NULL, 0, 0 };
	struct template_fault fault;
	struct buf out = BUF_INIT;

	ck_assert_msg(template_parse(span_of(text), true, &t, &fault), "%s", fault.text);
	template_write(&t, lines, annexed, put, NULL, &out);
	ck_assert_str_eq(out.p ? out.p : "", wanted);
	template_clear(&t);
	buf_clear(&out);
}

static void refuses(const char *text, bool blocks, size_t line, size_t col, const char *why)
{
	struct template t = { NULL, 0, 0 };
	struct template_fault fault;

	ck_assert(!template_parse(span_of(text), blocks, &t, &fault));
	ck_assert_ptr_nonnull(strstr(fault.text, why));
	ck_assert_uint_eq(fault.line, line);
	ck_assert_uint_eq(fault.col, col);
	template_clear(&t);
}

START_TEST(fields)
{
	writes("", 0, 0, "");
	writes("plain\n", 0, 0, "plain\n");
	writes("{number}: {title}.", 3, 0, "number: title.");
	writes("{{number} {{{{x}", 0, 0, "{number} {{x}");
	writes("\xEF\xBB\xBF{date}", 0, 0, "date");
}
END_TEST

START_TEST(blocks)
{
	writes("a\n{lines}\n{line} {hazard}\n{/lines}\nb\n", 2, 0,
	    "a\nline@0 hazard@0\nline@1 hazard@1\nb\n");
	writes("a\n{lines}\n{line}\n{/lines}\nb\n", 0, 0, "a\nb\n");
	writes("a {lines}{line};{/lines} b", 3, 0, "a line@0;line@1;line@2; b");
	writes("{lines}\n  {/lines}  \nb", 1, 0, "b");
	writes("x{annex}\nA {count}\n{annexed}\n{hazard}\n{/annexed}\nZ\n{/annex}\ny", 1, 2,
	    "x\nA count\nhazard+0\nhazard+1\nZ\ny");
	writes("x{annex}\nA\n{annexed}\n{hazard}\n{/annexed}\n{/annex}y", 1, 0, "xy");
	writes("{lines}{line}{/lines}{hazard}{lines}{line}{/lines}", 2, 0, "line@0line@1hazardline@0line@1");
}
END_TEST

START_TEST(faults)
{
	refuses("a\n企业 {numbr}", true, 2, 4, "did you mean {number}?");
	refuses("{zzzzzzzz}", true, 1, 1, "there are number, date");
	refuses("{number\n}", true, 1, 1, "not closed");
	refuses("a {", true, 1, 3, "not closed");
	refuses("{lines}\n{line}\n", true, 3, 1, "{lines} is never ended; write {/lines}");
	refuses("{lines}{annex}{/annex}{/lines}", true, 1, 8, "{annex} may not stand inside {lines}");
	refuses("{annexed}{/annexed}", true, 1, 1, "{annexed} may not stand outside {annex}");
	refuses("{/lines}", true, 1, 1, "ends nothing");
	refuses("{annex}{/lines}", true, 1, 8, "ends nothing");
	refuses("{lines}{lines}", true, 1, 8, "may not stand inside {lines}");
	refuses("{lines}x{/lines}", false, 1, 1, "there is no placeholder {lines}");
	refuses("{}", true, 1, 1, "there is no placeholder {}");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("template");
	TCase *t = tcase_create("template");

	tcase_add_test(t, fields);
	tcase_add_test(t, blocks);
	tcase_add_test(t, faults);
	suite_add_tcase(s, t);
	return h_run(s);
}

/* SPDX-License-Identifier: MIT */
#include "yaml/schema.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "runhelp.h"

static const char schema_text[] =
	"{\"type\": \"object\", \"required\": [\"id\"], \"additionalProperties\": false, \"properties\": {"
	" \"id\": {\"$ref\": \"#/$defs/id\"},"
	" \"due\": {\"description\": \"when\", \"anyOf\": [{\"const\": \"none\"}, {\"type\": \"object\", \"required\": [\"within\"],"
	"   \"additionalProperties\": false, \"properties\": {\"from\": {\"enum\": [\"reported\", \"found\"]},"
	"   \"within\": {\"type\": \"string\", \"pattern\": \"^[0-9]+[hd]$\", \"description\": \"such as 24h, 3d\"}}}]},"
	" \"n\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 9},"
	" \"flag\": {\"type\": \"boolean\"},"
	" \"name\": {\"type\": \"string\", \"minLength\": 2, \"maxLength\": 4},"
	" \"tags\": {\"type\": \"array\", \"minItems\": 1, \"uniqueItems\": true, \"items\": {\"type\": \"string\"}},"
	" \"map\": {\"type\": \"object\", \"minProperties\": 1, \"propertyNames\": {\"pattern\": \"^[a-z]+$\"},"
	"   \"additionalProperties\": {\"type\": \"integer\"}},"
	" \"years\": {\"type\": \"object\", \"additionalProperties\": false, \"patternProperties\": {\"^20[0-9]{2}$\": {\"type\": \"integer\"}}},"
	" \"one\": {\"oneOf\": [{\"type\": \"integer\"}, {\"enum\": [1, \"x\"]}]},"
	" \"either\": {\"type\": [\"integer\", \"null\"]}"
	"}, \"$defs\": {\"id\": {\"description\": \"a word\", \"type\": \"string\", \"pattern\": \"^[a-z]+$\"}}}";

/* Checks a text against a schema, expecting these complaints. */
static void check_with(const char *schema, const char *text, const char *want)
{
	char *said = NULL;
	size_t n;
	struct diag d;
	json_error_t why;
	json_t *s = json_loads(schema, 0, &why);
	ck_assert_msg(s != NULL, "%s", why.text);
	FILE *to = open_memstream(&said, &n);
	diag_init(&d, to, "test", 0);
	struct yaml_file *f = yaml_parse("p.yaml", span_of(text), &d);
	ck_assert_ptr_nonnull(f);
	yaml_check(f, s, &d);
	yaml_free(f);
	fclose(to);
	ck_assert_str_eq(said, want);
	free(said);
	json_decref(s);
}

static const char *const cases[][2] = {
	{ "id: a\nn: 5\nflag: yes\nname: 燃气\ntags: [x, y]\nmap: {a: 1}\nyears: {2026: 1}\none: x\neither:\ndue: none\n", "" },
	{ "id: a\ndue: {within: 24h, from: found}\nname: \"no\"\neither: 5\none: 2\n", "" },
	{ "id: 'yes'\nname: 1234\n", "" },	/* a plain number is a text where a text is asked for */
	{ "n: 5\n", "p.yaml:1:1: missing key \"id\"; it takes a text like ^[a-z]+$ (a word)\n" },
	{ "id: a\ndeu: none\n",
	  "p.yaml:2:1: unknown key \"deu\"; did you mean \"due\"? allowed: id, due, n, flag, name, tags, map, years, one, either\n" },
	{ "id: a\ndue:\n  wihtin: 24h\n", "p.yaml:3:3: unknown key \"wihtin\"; did you mean \"within\"? allowed: from, within\n"
					  "p.yaml:3:3: due: missing key \"within\"; it takes a text like ^[0-9]+[hd]$ (such as 24h, 3d)\n" },
	{ "id: a\ndue: 24h\n", "p.yaml:2:6: due: found \"24h\"; allowed: none; or a map of from, within (when)\n" },
	{ "id: a\ndue: {within: 5x}\n", "p.yaml:2:15: within: found \"5x\"; allowed: a text like ^[0-9]+[hd]$ (such as 24h, 3d)\n" },
	{ "id: a\ndue: {within: 5d, from: reportd}\n",
	  "p.yaml:2:25: from: \"reportd\" is not one of reported, found; did you mean \"reported\"?\n" },
	{ "id: A\n", "p.yaml:1:5: id: found \"A\"; allowed: a text like ^[a-z]+$ (a word); did you mean \"a\"?\n" },
	/* what was meant, when the schema takes it */
	{ "id: a\ndue: {within: 24 H}\n", "p.yaml:2:15: within: found \"24 H\"; allowed: a text like ^[0-9]+[hd]$ (such as 24h, 3d); did you mean \"24h\"?\n" },
	{ "id: a\ndue: {within: ３ 天}\n", "p.yaml:2:15: within: found \"３ 天\"; allowed: a text like ^[0-9]+[hd]$ (such as 24h, 3d); did you mean \"3d\"?\n" },
	{ "id: “a”\nn: 07\n", "p.yaml:1:5: id: found \"“a”\"; allowed: a text like ^[a-z]+$ (a word); did you mean \"a\"?\n"
				"p.yaml:2:4: n: found \"07\"; allowed: a whole number; did you mean \"7\"?\n" },
	{ "id: a\nflag: NO\nn: 010\n", "p.yaml:2:7: flag: found \"NO\"; allowed: yes or no; did you mean \"no\"?\n"
					"p.yaml:3:4: n: found \"010\"; allowed: a whole number\n" },
	{ "id: a\nflag: 否\n", "p.yaml:2:7: flag: found \"否\"; allowed: yes or no; did you mean \"no\"?\n" },
	{ "id: a\ntags: ［x］\n", "p.yaml:2:7: tags: found \"［x］\"; allowed: a list; the \"［\" is full-width, YAML wants \"[\"\n" },
	{ "{id:a, flag：no}\n", "p.yaml:1:2: unknown key \"id:a\"; write \"id: \", a colon and a blank behind it; "
				"allowed: id, due, n, flag, name, tags, map, years, one, either\n"
				"p.yaml:1:8: unknown key \"flag：no\"; write \"flag: \", a colon and a blank behind it; "
				"allowed: id, due, n, flag, name, tags, map, years, one, either\n"
				"p.yaml:1:1: missing key \"id\"; it takes a text like ^[a-z]+$ (a word)\n" },
	{ "id: [a]\n", "p.yaml:1:5: id: found a list; allowed: a text like ^[a-z]+$ (a word)\n" },
	{ "id:\n", "p.yaml:1:4: id: found no value; allowed: a text like ^[a-z]+$ (a word)\n" },
	{ "id: a\nn: 5x\n", "p.yaml:2:4: n: found \"5x\"; allowed: a whole number\n" },
	{ "id: a\nn: \"5\"\n", "p.yaml:2:4: n: found \"5\"; allowed: a whole number; write it without quotes\n" },
	{ "id: a\nn: 0\n", "p.yaml:2:4: n: \"0\" is too small; at least 1\n" },
	{ "id: a\nn: 10\n", "p.yaml:2:4: n: \"10\" is too large; at most 9\n" },
	{ "id: a\nflag: maybe\n", "p.yaml:2:7: flag: found \"maybe\"; allowed: yes or no\n" },
	{ "id: a\nname: 气\n", "p.yaml:2:7: name: \"气\" is too short; characters needed: 2\n" },
	{ "id: a\nname: 燃气液化气\n", "p.yaml:2:7: name: \"燃气液化气\" is too long; characters allowed: 4\n" },
	{ "id: a\ntags: []\n", "p.yaml:2:7: tags: a list is too short; items needed: 1\n" },
	{ "id: a\ntags: [x, y, x]\n", "p.yaml:2:14: tags: \"x\" is listed twice; the first is on line 2\n" },
	{ "id: a\ntags: x\n", "p.yaml:2:7: tags: found \"x\"; allowed: a list\n" },
	{ "id: a\nmap: {}\n", "p.yaml:2:6: map: a map is too small; keys needed: 1\n" },
	{ "id: a\nmap: {A: 1, b: x}\n", "p.yaml:2:7: key: found \"A\"; allowed: a text like ^[a-z]+$; did you mean \"a\"?\n"
					"p.yaml:2:16: b: found \"x\"; allowed: a whole number\n" },
	{ "id: a\nyears: {26: 1}\n", "p.yaml:2:9: unknown key \"26\"; allowed: a word like ^20[0-9]{2}$\n" },
	{ "id: a\none: 1\n", "p.yaml:2:6: one: found \"1\"; allowed: a whole number; or 1, x\n" },
	{ "id: a\none: y\n", "p.yaml:2:6: one: found \"y\"; allowed: a whole number; or 1, x\n" },
	{ "id: a\neither: x\n", "p.yaml:2:9: either: found \"x\"; allowed: a whole number or nothing\n" },
	{ "[a]\n", "p.yaml:1:1: found a list; allowed: a map of id, due, n, flag, name, tags, map, years, one, either\n" },
};

START_TEST(test_cases)
{
	check_with(schema_text, cases[_i][0], cases[_i][1]);
}
END_TEST

START_TEST(test_wrong_schemas)
{
	check_with("{\"type\": \"object\", \"allOf\": []}", "a: 1\n", "p.yaml: the schema is wrong: unknown keyword \"allOf\"\n");
	check_with("{\"$ref\": \"#/$defs/x\"}", "a: 1\n", "p.yaml: the schema is wrong: $ref leads nowhere: \"#/$defs/x\"\n");
	check_with("{\"$ref\": \"#/$defs/x\", \"$defs\": {\"x\": {\"$ref\": \"#/$defs/x\"}}}", "a: 1\n",
		   "p.yaml: the schema is wrong: $ref leads nowhere: \"#/$defs/x\"\n");
	check_with("{\"additionalProperties\": {\"pattern\": \"(\"}}", "a: x\n", "p.yaml: the schema is wrong: bad pattern \"(\"\n");
	check_with("{\"additionalProperties\": false}", "a: x\n", "p.yaml:1:1: unknown key \"a\"; allowed: none\n");
	check_with("{\"properties\": {\"a\": false}}", "a: x\n", "p.yaml:1:4: a: nothing is allowed here\n");
}
END_TEST

START_TEST(test_long_values_are_cut)
{
	struct buf text = BUF_INIT;
	buf_puts(&text, "a: ");
	for (int i = 0; i < 30; i++)
		buf_puts(&text, "隐");
	check_with("{\"properties\": {\"a\": {\"type\": \"integer\"}}}", text.p,
		   "p.yaml:1:4: a: found \"隐隐隐隐隐隐隐隐隐隐隐隐隐隐隐隐隐隐隐隐…\"; allowed: a whole number\n");
	buf_clear(&text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("yamlschema");
	TCase *t = tcase_create("yamlschema");
	tcase_add_loop_test(t, test_cases, 0, (int)(sizeof cases / sizeof *cases));
	tcase_add_test(t, test_wrong_schemas);
	tcase_add_test(t, test_long_values_are_cut);
	suite_add_tcase(s, t);
	return h_run(s);
}

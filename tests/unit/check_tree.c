/* SPDX-License-Identifier: MIT */
#include "yaml/flat.h"
#include "yaml/tree.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Parses and expects exactly these complaints ("" for none); returns the file. */
static struct yaml_file *parse_span(struct span bytes, const char *want)
{
	char *said = NULL;
	size_t n;
	struct diag d;
	FILE *to = open_memstream(&said, &n);
	diag_init(&d, to, "test", 0);
	struct yaml_file *f = yaml_parse("p.yaml", bytes, &d);
	fclose(to);
	ck_assert_str_eq(said, want);
	ck_assert_int_eq(f == NULL, *want != '\0');
	free(said);
	return f;
}

static struct yaml_file *parse(const char *text, const char *want)
{
	return parse_span(span_of(text), want);
}

START_TEST(test_tree)
{
	struct yaml_file *f = parse("a: 1\nlist: [x, {k: \"v w\"}]\ntext: |\n  one\n  two\n隐患: 燃气  # comment\n", "");
	const struct yaml_node *r = f->root;
	ck_assert_int_eq(r->kind, YAML_MAP);
	ck_assert_uint_eq(r->n, 4);
	ck_assert_str_eq(yaml_text(yaml_get(r, "a")), "1");
	ck_assert(yaml_get(r, "a")->plain && !yaml_get(r, "a")->flow);
	const struct yaml_node *list = yaml_get(r, "list");
	ck_assert_int_eq(list->kind, YAML_LIST);
	ck_assert_uint_eq(list->n, 2);
	ck_assert(list->item[0]->flow);
	const struct yaml_node *v = yaml_get(list->item[1], "k");
	ck_assert_str_eq(yaml_text(v), "v w");
	ck_assert(!v->plain && v->flow);
	ck_assert_uint_eq(v->line, 2);
	ck_assert_uint_eq(v->col, 15);
	ck_assert_str_eq(yaml_text(yaml_get(r, "text")), "one\ntwo");
	ck_assert_str_eq(yaml_text(yaml_get(r, "隐患")), "燃气");
	ck_assert_uint_eq(yaml_get(r, "隐患")->line, 6);
	ck_assert_uint_eq(yaml_get(r, "隐患")->col, 5);	/* characters, not bytes */
	ck_assert_ptr_null(yaml_get(r, "none"));
	ck_assert_ptr_null(yaml_get(NULL, "a"));
	ck_assert_ptr_null(yaml_get(list, "a"));
	ck_assert_str_eq(yaml_text(NULL), "");
	ck_assert_str_eq(yaml_text(list), "");
	ck_assert_str_eq(f->name, "p.yaml");
	yaml_free(f);
	yaml_free(NULL);
}
END_TEST

START_TEST(test_empty_files)
{
	static const char *const empty[] = { "", "# only a comment\n", "---\n", "\xEF\xBB\xBF" };
	for (size_t i = 0; i < 4; i++) {
		struct yaml_file *f = parse(empty[i], "");
		ck_assert_int_eq(f->root->kind, YAML_MAP);
		ck_assert_uint_eq(f->root->n, 0);
		yaml_free(f);
	}
}
END_TEST

START_TEST(test_byte_order_mark_and_crlf)
{
	struct yaml_file *f = parse("\xEF\xBB\xBF" "a: 1\r\nb: 2\r\n", "");
	ck_assert_str_eq(yaml_text(yaml_get(f->root, "a")), "1");
	ck_assert_str_eq(yaml_text(yaml_get(f->root, "b")), "2");
	ck_assert_uint_eq(yaml_get(f->root, "b")->line, 2);
	yaml_free(f);
}
END_TEST

START_TEST(test_strict_scalars)
{
	struct yaml_file *f = parse("[5, -7, 0, 5x, 010, 0x5, 5.0, +5, -0, \"5\", 9223372036854775808, 1_000, yes, no, true, false, Yes, on, "
				    "\"yes\", '', 9223372036854775807]", "");
	static const int64_t ints[] = { 5, -7, 0 };
	int64_t i;
	bool b;
	for (size_t k = 0; k < 3; k++) {
		ck_assert(yaml_int(f->root->item[k], &i));
		ck_assert_int_eq(i, ints[k]);
	}
	for (size_t k = 3; k < 20; k++)
		ck_assert_msg(!yaml_int(f->root->item[k], &i), "item %zu is taken for a number", k);
	ck_assert(yaml_int(f->root->item[20], &i) && i == INT64_MAX);
	for (size_t k = 12; k < 16; k++) {
		ck_assert(yaml_bool(f->root->item[k], &b));
		ck_assert_int_eq(b, k % 2 == 0);
	}
	for (size_t k = 16; k < 20; k++)
		ck_assert(!yaml_bool(f->root->item[k], &b));
	ck_assert(!yaml_int(NULL, &i) && !yaml_bool(f->root, &b));
	yaml_free(f);
}
END_TEST

static const char *const bad[][2] = {
	{ "rules:\n\t- id: a\n", "p.yaml:2:1: a tab in the indent; YAML takes only blanks there\n" },
	{ "a:\n  b: 1\n \tc: 2\n", "p.yaml:3:2: a tab in the indent; YAML takes only blanks there\n" },
	{ "a: 1\nb: 2\na: 3\n", "p.yaml:3:1: key \"a\" is given twice; the first is on line 1\n" },
	{ "{a: 1, a: 2, a: 3}", "p.yaml:1:8: key \"a\" is given twice; the first is on line 1\n"
				"p.yaml:1:14: key \"a\" is given twice; the first is on line 1\n" },
	{ "a: &x 1\n", "p.yaml:1:4: an anchor (&x) is not allowed; write the value out, or quote a text that begins with &\n" },
	{ "a: *x\n", "p.yaml:1:4: an alias (*x) is not allowed; write the value out, or quote a text that begins with *\n" },
	{ "a: !x 1\n", "p.yaml:1:4: a tag (!x) is not allowed; quote a text that begins with !\n" },
	{ "a: !!map {b: 1}\n", "p.yaml:1:4: a tag (tag:yaml.org,2002:map) is not allowed; quote a text that begins with !\n" },
	{ "a: 1\n---\nb: 2\n", "p.yaml:2:1: a second document begins here (---); one file holds one document\n" },
	{ "a: 1\nb: 隐\xff\n", "p.yaml:2:5: byte 0xFF is not UTF-8; save the file as UTF-8 (for GBK: iconv -f gb18030 -t utf-8)\n" },
	{ "a: 1\r\nb: \xb2\xe2\r\n",
	  "p.yaml:2:4: byte 0xB2 is not UTF-8; save the file as UTF-8 (for GBK: iconv -f gb18030 -t utf-8)\n" },
	{ "a: 1\n\nb: x\x1b[31m\n", "p.yaml:3:5: a control character (byte 0x1B) is not allowed in a YAML file; delete it\n" },
	{ "a: x\xC2\x9by\n", "p.yaml:1:5: a control character (U+009B) is not allowed in a YAML file; delete it\n" },
	{ "a: 1\nb: \"\\e[31m\"\n", "p.yaml:2:4: a control character (0x1B) in a text is not allowed; leave it out\n" },
	{ "a: \"x\\Ly\"\n", "p.yaml:1:4: a control character (U+2028) in a text is not allowed; leave it out\n" },
	{ "a: \"x\\uFEFFy\"\n", "p.yaml:1:4: a control character (U+FEFF) in a text is not allowed; leave it out\n" },
	{ "a: \"x\\Ny\"\n", "p.yaml:1:4: a control character (U+0085) in a text is not allowed; leave it out\n" },
	{ "a: \"x\\0y\"\n", "p.yaml:1:4: a control character (0x00) in a text is not allowed; leave it out\n" },
	{ "a: \"x\\ny\"\n", "p.yaml:1:4: a line break (\\n) in a text in quotes is not allowed; write lines as a block, behind |\n" },
	{ "? [a]\n: 1\n", "p.yaml:1:3: a key must be a word, not a list or a map; quote a text that begins with [ or {\n" },
	{ "when: {category: /[0-9]{2}/}\n", "p.yaml:1:19: quote the pattern: '/[0-9]{2}/'\n" },
	{ "when: {a: \"x/y\", b: /a]b/}\n", "p.yaml:1:23: quote the pattern: '/a]b/'\n" },
	{ "when:\n  category: /a: b/\n", "p.yaml:2:15: quote the pattern: '/a: b/'\n" },
	{ "a: \"x\\d\"\n", "p.yaml:1:6: an unknown \\ escape in double quotes; use single quotes or write \\\\\n" },
	{ "a: 1\nb: \"x\n", "p.yaml:3:1: the quote opened on line 2 is never closed\n" },
	{ "a: {b: 1\nc: 2\n", "p.yaml:2:2: a comma or } is missing before this; the braces were opened on line 1\n" },
	{ "a: [b\nc: 2\n", "p.yaml:2:2: a comma or ] is missing before this; the brackets were opened on line 1\n" },
	{ "a: @x\n", "p.yaml:1:4: a text cannot begin with this character; put it in quotes\n" },
	{ "a: http://x: y\n", "p.yaml:1:12: a second \": \" cannot stand here; check the indent, or quote the text that has a colon\n" },
	{ "a: 1\nb: x\xE2\x80\xA8y\n", "p.yaml:2:5: a control character (U+2028) is not allowed in a YAML file; delete it\n" },
	{ "a: 1\n\xEF\xBB\xBF" "b: 2\n", "p.yaml:2:1: a byte order mark is not allowed inside of a YAML file; delete it\n" },
	{ "a: 1\n\xC2\xA0 b: 2\n", "p.yaml:2:1: a no-break space (U+00A0) in the indent; YAML takes only ASCII blanks there\n" },
	{ "a:\n\xE3\x80\x80" "b: 2\n", "p.yaml:2:1: a full-width blank (U+3000) in the indent; YAML takes only ASCII blanks there\n" },
	{ "a:1\nb: 2\n", "p.yaml:1:2: a blank is missing behind the colon; write \"a: \"\n" },
	{ "b: 2\na:1\n", "p.yaml:2:2: a blank is missing behind the colon; write \"a: \"\n" },
	{ "b: 2\n- a:1\n", "p.yaml:2:1: this is no key of the map that begins on line 1; check the indent, quotes and braces\n" },
	{ "a: 1\nb 2\n", "p.yaml:2:1: the key on line 2 has no colon (key: value)\n" },
	{ "a: 1\nb：2\n", "p.yaml:2:1: the key on line 2 has no colon (key: value); the \"：\" in column 2 is full-width, YAML wants \": \"\n" },
	{ "a: {b: “x，y”，c: 2}\n", "p.yaml:1:15: a comma or } is missing before this; the braces were opened on line 1; "
				"the \"，\" in column 13 is full-width, YAML wants \",\"\n" },
	{ "a: {b: \"x，y\" c: 2}\n", "p.yaml:1:14: a comma or } is missing before this; the braces were opened on line 1\n" },
	{ "a: !x，y\n", "p.yaml:1:4: a text cannot begin with !; put it in quotes\n" },
	{ "a:\n  - b\n c\n", NULL },
	{ "a\nb: 1\n", NULL },
	{ "- a\nb: 1\n", NULL },
	{ "%YAML 1.3\n---\na: 1\n", NULL },
	{ "'", NULL },
};

START_TEST(test_bad_files)
{
	char *said = NULL;
	size_t n;
	struct diag d;
	if (bad[_i][1]) {
		ck_assert_ptr_null(parse(bad[_i][0], bad[_i][1]));
		return;
	}
	/* libyaml's own words do for the rest, with a position */
	FILE *to = open_memstream(&said, &n);
	diag_init(&d, to, "test", 0);
	ck_assert_ptr_null(yaml_parse("p.yaml", span_of(bad[_i][0]), &d));
	fclose(to);
	unsigned line, col;
	ck_assert_msg(sscanf(said, "p.yaml:%u:%u: ", &line, &col) == 2 && line > 0 && col > 0, "%s", said);
	ck_assert_uint_eq(d.errors, 1);
	free(said);
}
END_TEST

START_TEST(test_nul_byte)
{
	parse_span(SPAN("a: 1\nb: \0x\n"), "p.yaml:2:4: a control character (byte 0x00) is not allowed in a YAML file; delete it\n");
}
END_TEST

/* Text made of a part repeated. */
static struct buf many(const char *before, const char *part, size_t n, const char *after)
{
	struct buf b = BUF_INIT;
	buf_puts(&b, before);
	for (size_t i = 0; i < n; i++)
		buf_puts(&b, part);
	buf_puts(&b, after);
	return b;
}

START_TEST(test_depth)
{
	struct buf b = many("", "[", 32, "");
	for (int i = 0; i < 32; i++)
		buf_putc(&b, ']');
	yaml_free(parse_span(buf_view(&b), ""));
	buf_clear(&b);
	b = many("", "[", 200000, "");
	parse_span(buf_view(&b), "p.yaml:1:33: lists and maps are nested too deep; at most 32 levels are allowed\n");
	buf_clear(&b);
}
END_TEST

START_TEST(test_size)
{
	struct buf b = many("a: 1 #", "x", 262144 - 6, "");
	yaml_free(parse_span(buf_view(&b), ""));
	buf_putc(&b, 'x');
	parse_span(buf_view(&b), "p.yaml: the file is 262145 bytes long; at most 262144 are allowed\n");
	buf_clear(&b);
}
END_TEST

START_TEST(test_scalar_size)
{
	struct buf b = many("a: ", "x", 4096, "");
	yaml_free(parse_span(buf_view(&b), ""));
	buf_putc(&b, 'x');
	parse_span(buf_view(&b), "p.yaml:1:4: the text is 4097 bytes long; at most 4096 are allowed\n");
	buf_clear(&b);
}
END_TEST

START_TEST(test_nodes)
{
	struct buf b = many("[", "1,", 99999, "]");
	yaml_free(parse_span(buf_view(&b), ""));
	buf_clear(&b);
	b = many("[", "1,", 100000, "]");
	parse_span(buf_view(&b), "p.yaml:1:200000: the file has too many parts; at most 100000 are allowed\n");
	buf_clear(&b);
}
END_TEST

START_TEST(test_twice_in_a_large_map)
{
	struct buf b = BUF_INIT;
	for (int i = 0; i < 5000; i++)
		buf_printf(&b, "k%d: %d\n", i, i);
	buf_puts(&b, "k17: x\n");
	parse_span(buf_view(&b), "p.yaml:5001:1: key \"k17\" is given twice; the first is on line 18\n");
	buf_clear(&b);
}
END_TEST

/* Two trees, node by node. */
static void same_tree(const struct yaml_node *a, const struct yaml_node *b)
{
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert(a->plain == b->plain && a->flow == b->flow);
	ck_assert_uint_eq(a->line, b->line);
	ck_assert_uint_eq(a->col, b->col);
	ck_assert_uint_eq(a->n, b->n);
	if (a->kind == YAML_SCALAR) {
		ck_assert(span_eq(a->text, b->text));
		ck_assert_int_eq(b->text.p[b->text.n], '\0');
	}
	for (size_t i = 0; i < a->n; i++) {
		if (a->kind == YAML_MAP)
			same_tree(a->key[i], b->key[i]);
		else
			ck_assert_ptr_null(b->key);
		same_tree(a->item[i], b->item[i]);
	}
}

/* What yaml_flat takes is the tree that libyaml gives, which reads all that has this comment behind it. */
static bool flat_agrees(struct span text)
{
	struct yaml_file flat = { .name = NULL }, *f;
	struct buf b = BUF_INIT;
	struct diag d;
	if (!yaml_flat(&flat, text)) {
		ck_assert_ptr_null(flat.mem.first);
		return false;
	}
	buf_span(&b, text);
	buf_puts(&b, "\n# \u2026\n");
	diag_init(&d, NULL, NULL, 0);
	f = yaml_parse("f.yaml", buf_view(&b), &d);
	ck_assert_msg(f != NULL, "%s", b.p);
	same_tree(flat.root, f->root);
	yaml_free(f);
	arena_clear(&flat.mem);
	buf_clear(&b);
	return true;
}

START_TEST(test_flat)
{
	static const char *const taken[] = {
		"a: 1", "a: 1\n", "# x\n\nformat: 1\noffice: \"T01\"\nname: \"通用 (x): #\"\noffset: \"+08:00\"\nlanguage: zh\n",
		"a: \"\"\n#\n", "a: \"x\"\nb: yes\n\n", "# 台账\na: null\n", "a: 0x1F\nb: \" y \"\n",
	}, *const left[] = {
		"", "# x\n", "a:\n", "a: \n", "a:  1\n", "a: 1 \n", " a: 1\n", "a: 1\na: 2\n", "A: 1\n", "a: -1\n", "a: 'x'\n", "a: [x]\n",
		"a: \"x\\n\"\n", "a: \"x\" # y\n", "a: \"x\n", "a: \"\n", "a: x\"\n", "a: 1\r\n", "a: 1\n---\nb: 2\n", "a: \"\u2028\"\n", "a: 1\n\xFF\n",
		"\xEF\xBB\xBF" "a: 1\n", "a: \"\x01\"\n", "a: \"x\"y\"\n", "a: b: c\n", "- a\n", "a: 1\n...\n", "a: \"\xC2\x85\"\n", "# \xC2\x85x: 1\na: 1\n",
	};
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		ck_assert_msg(flat_agrees(span_of(taken[i])), "%s", taken[i]);
	for (size_t i = 0; i < sizeof left / sizeof *left; i++)
		ck_assert_msg(!flat_agrees(span_of(left[i])), "%s", left[i]);
}
END_TEST

/* Lines of random pieces: never another tree than libyaml's. */
START_TEST(test_flat_random)
{
	static const char *const piece[] = { "a", "b", "key", ": ", ": ", ":", "\"", "\"", "\n", "\n", "\n", "1", "yes", " ", "#", "# ", "é", "网",
		"-", "'", "{", "\\", "\t", "..." };
	struct buf b = BUF_INIT;
	unsigned seed = 7;
	size_t took = 0;
	for (int i = 0; i < 20000; i++) {
		buf_reset(&b);
		buf_puts(&b, i % 2 ? "key: " : "");
		for (int k = rand_r(&seed) % 9; k >= 0; k--)
			buf_puts(&b, piece[(size_t)rand_r(&seed) % (sizeof piece / sizeof *piece)]);
		took += flat_agrees(buf_view(&b));
	}
	ck_assert_uint_gt(took, 300);
	buf_clear(&b);
}
END_TEST

/* Maps of the same keys share them; all else is as it was, and so are the keys' positions in the first such map. */
START_TEST(test_packed_shapes)
{
	static const char text[] = "- {id: a, name: b}\n- {id: c, name: d}\n- {name: e, id: f}\n- {id: g, nam: h}\n- {id: i}\n- {}\n"
				   "- {id: [{id: j, name: k}]}\n- {}\n";
	static const size_t alike[] = { 0, 0, 2, 3, 4, 5, 4, 5 };	/* the first item of the same keys */
	struct diag d;
	struct buf b = BUF_INIT;
	diag_init(&d, NULL, NULL, 0);
	struct yaml_file *f = yaml_parse("p.yaml", span_of(text), &d), *g;
	ck_assert_ptr_nonnull(f);
	yaml_pack(f, &b);
	g = yaml_unpack("q.yaml", buf_view(&b));
	ck_assert_ptr_nonnull(g);
	ck_assert_uint_eq(g->root->n, sizeof alike / sizeof *alike);
	for (size_t i = 0; i < g->root->n; i++) {
		const struct yaml_node *was = f->root->item[i], *is = g->root->item[i], *first = g->root->item[alike[i]];
		ck_assert_uint_eq(is->line, was->line);
		ck_assert_uint_eq(is->n, was->n);
		for (size_t k = 0; k < is->n; k++) {
			ck_assert(span_eq(is->key[k]->text, was->key[k]->text));
			ck_assert_ptr_eq(is->key[k], first->key[k]);
			ck_assert_uint_eq(is->key[k]->line, alike[i] + 1);
			if (was->item[k]->kind == YAML_SCALAR)
				same_tree(was->item[k], is->item[k]);
		}
	}
	ck_assert_str_eq(yaml_text(yaml_get(g->root->item[3], "nam")), "h");
	ck_assert_str_eq(yaml_text(yaml_get(yaml_get(g->root->item[6], "id")->item[0], "name")), "k");
	ck_assert_ptr_eq(yaml_get(g->root->item[6], "id")->item[0]->key, g->root->item[0]->key);
	yaml_free(g);
	yaml_free(f);
	buf_clear(&b);
}
END_TEST

static const char *const packs[] = {
	"", "x", "[]", "a: {}\n", "a: 1\nlist: [x, {k: \"v w\"}]\ntext: |\n  one\n  two\n隐患: ''\nabc: abcd\nabcde: ~\n- bad\n",
	"a: 1\nlist: [x, {k: \"v w\"}, []]\ntext: |\n  one\n  two\n隐患: ''\nabc: abcd\nabcde: 燃气\n",	"a: {k: {l: 1}}\nb: [{m: 2}, {n: 3, o: 4}]\n",
};

START_TEST(test_packed)
{
	struct diag d;
	struct buf b = BUF_INIT;
	diag_init(&d, NULL, NULL, 0);
	struct yaml_file *f = yaml_parse("p.yaml", span_of(packs[_i]), &d), *g;
	if (!f)
		return;
	buf_puts(&b, "in front");
	yaml_pack(f, &b);
	struct span bytes = { b.p + 8, b.n - 8 };
	g = yaml_unpack("q.yaml", bytes);
	ck_assert_ptr_nonnull(g);
	ck_assert_str_eq(g->name, "q.yaml");
	same_tree(f->root, g->root);
	yaml_free(g);
	yaml_free(f);
	/* a piece of it is no tree; a damaged one is none or another, in memory of its own size, so that a read outside is seen */
	for (size_t n = 0; n <= bytes.n; n++) {
		char *p = malloc(n + 1);
		memcpy(p, bytes.p, n);
		p[n] = 1;
		if (n < bytes.n)
			ck_assert_ptr_null(yaml_unpack("q", (struct span){ p, n }));
		else
			ck_assert_ptr_null(yaml_unpack("q", (struct span){ p, n + 1 }));
		free(p);
	}
	for (size_t i = 0; i < bytes.n * 8; i++) {
		char *p = malloc(bytes.n);
		memcpy(p, bytes.p, bytes.n);
		p[i / 8] = (char)(p[i / 8] ^ 1 << i % 8);
		yaml_free(yaml_unpack("q", (struct span){ p, bytes.n }));
		free(p);
	}
	buf_clear(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tree");
	TCase *t = tcase_create("tree");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_tree);
	tcase_add_test(t, test_empty_files);
	tcase_add_test(t, test_byte_order_mark_and_crlf);
	tcase_add_test(t, test_strict_scalars);
	tcase_add_loop_test(t, test_bad_files, 0, (int)(sizeof bad / sizeof *bad));
	tcase_add_test(t, test_nul_byte);
	tcase_add_test(t, test_depth);
	tcase_add_test(t, test_flat);
	tcase_add_test(t, test_flat_random);
	tcase_add_test(t, test_size);
	tcase_add_test(t, test_scalar_size);
	tcase_add_test(t, test_nodes);
	tcase_add_test(t, test_twice_in_a_large_map);
	tcase_add_test(t, test_packed_shapes);
	tcase_add_loop_test(t, test_packed, 0, (int)(sizeof packs / sizeof *packs));
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: MIT */
/* YAML trees: limits, positions, and a tree that is written out reads back as the same; against a schema with every keyword. */
#include <stdlib.h>
#include "base/text.h"
#include "fuzz.h"
#include "yaml/schema.h"
#include "yaml/tree.h"

fuzz_fn FUZZ_TARGET(yaml);

static const char schema_text[] =
    "{\"type\":\"object\",\"required\":[\"a\"],\"additionalProperties\":false,\"minProperties\":1,"
    "\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9},\"b\":{\"enum\":[\"x\",\"yes\",3]},"
    "\"c\":{\"type\":\"array\",\"minItems\":1,\"uniqueItems\":true,\"items\":{\"$ref\":\"#/$defs/word\"}},"
    "\"d\":{\"oneOf\":[{\"type\":\"boolean\"},{\"$ref\":\"#/$defs/word\"},{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/deep\"}}]},"
    "\"e\":{\"anyOf\":[{\"const\":\"all\"},{\"type\":\"integer\"}]},\"f\":{\"$ref\":\"#/$defs/deep\"}},"
    "\"patternProperties\":{\"^x-\":{\"type\":\"string\",\"minLength\":2}},\"propertyNames\":{\"pattern\":\"^[a-z-]+$\"},"
    "\"$defs\":{\"word\":{\"type\":\"string\",\"pattern\":\"^[a-z]+$\",\"description\":\"a word\"},"
    "\"deep\":{\"type\":\"object\",\"properties\":{\"in\":{\"$ref\":\"#/$defs/deep\"},\"n\":{\"type\":\"integer\"}}}}}";

/* As JSON, which is YAML. */
static void put_text(struct buf *b, struct span s)
{
	buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_printf(b, "\\%c", s.p[i]);
		else if (s.p[i] == '\n')
			buf_puts(b, "\\n");
		else
			buf_putc(b, s.p[i]);
	buf_putc(b, '"');
}

/* Writes a node and looks at it; lf: a scalar of several lines is among them, which no quoted text may be. */
static void put(struct buf *b, const struct yaml_node *n, size_t depth, size_t lines, bool *lf)
{
	int64_t number;
	bool flag;

	FUZZ_CHECK(n->line >= 1 && n->line <= lines && n->col >= 1, "%zu:%zu", n->line, n->col);
	FUZZ_CHECK(depth <= 32, "depth %zu", depth);
	if (n->kind == YAML_SCALAR) {
		FUZZ_CHECK(n->text.n <= 4096 && strlen(n->text.p) == n->text.n && text_valid(n->text) == n->text.n, "%zu", n->text.n);
		*lf = *lf || memchr(n->text.p, '\n', n->text.n) != NULL;
		FUZZ_CHECK(!(yaml_int(n, &number) && yaml_bool(n, &flag)), "%s", n->text.p);
		put_text(b, n->text);
		return;
	}
	buf_putc(b, n->kind == YAML_LIST ? '[' : '{');
	for (size_t i = 0; i < n->n; i++) {
		if (n->kind == YAML_MAP) {
			FUZZ_CHECK(yaml_get(n, n->key[i]->text.p) == n->item[i], "%s", n->key[i]->text.p);
			put_text(b, n->key[i]->text);
			*lf = *lf || n->key[i]->text.n > 100 || memchr(n->key[i]->text.p, '\n', n->key[i]->text.n) != NULL;
			buf_puts(b, ": ");
		}
		put(b, n->item[i], depth + 1, lines, lf);
		buf_puts(b, ",\n");
	}
	buf_putc(b, n->kind == YAML_LIST ? ']' : '}');
}

static void again(struct span text)
{
	struct fuzz_said said;
	struct yaml_file *f;
	struct buf b = BUF_INIT;
	bool lf = false;

	fuzz_listen(&said, 0);
	f = yaml_parse("w", text, &said.d);
	FUZZ_CHECK(f != NULL, "%.*s", (int)text.n, text.p);
	put(&b, f->root, 0, text.n + 1, &lf);
	FUZZ_CHECK(span_eq(buf_view(&b), text), "%s", b.p);
	fuzz_heard(&said, "w", text);
	yaml_free(f);
	buf_clear(&b);
}

int FUZZ_TARGET(yaml)(const uint8_t *p, size_t n)
{
	static json_t *schema;
	struct fuzz_in in = { { (const char *)p, n } };
	struct span bytes = fuzz_rest(&in);
	struct fuzz_said said;
	struct yaml_file *f;

	if (!schema)
		schema = json_loads(schema_text, JSON_REJECT_DUPLICATES, NULL);
	fuzz_listen(&said, 30);
	f = yaml_parse("f", bytes, &said.d);
	FUZZ_CHECK((f == NULL) == (said.d.errors > 0), "%zu errors", said.d.errors);
	if (f) {
		struct buf b = BUF_INIT;
		bool lf = false;

		put(&b, f->root, 0, bytes.n + 1, &lf);
		if (!lf)
			again(buf_view(&b));
		buf_clear(&b);
		yaml_check(f, schema, &said.d);
		yaml_free(f);
	}
	fuzz_heard(&said, "f", bytes);
	fuzz_free(bytes);
	return 0;
}

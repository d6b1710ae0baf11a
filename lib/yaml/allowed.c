/* SPDX-License-Identifier: MIT */
#include "yaml/allowed.h"
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/text.h"

#define SHOWN 60	/* bytes of a value shown in a message */
#define MAX_HOPS 8	/* $ref to $ref to … */

const json_t *schema_resolve(const json_t *root, const json_t *schema)
{
	for (int hops = 0; hops < MAX_HOPS; hops++) {
		const char *ref = json_string_value(json_object_get(schema, "$ref"));
		if (!ref)
			return schema;
		if (strncmp(ref, "#/$defs/", 8) != 0)
			return NULL;
		schema = json_object_get(json_object_get(root, "$defs"), ref + 8);
	}
	return NULL;
}

void schema_put_found(struct buf *out, const struct yaml_node *n)
{
	if (n->kind != YAML_SCALAR) {
		buf_puts(out, n->kind == YAML_LIST ? "a list" : "a map");
		return;
	}
	if (n->plain && n->text.n == 0) {
		buf_puts(out, "no value");
		return;
	}
	size_t len = n->text.n;
	if (len > SHOWN)
		for (len = SHOWN; len > 0 && ((unsigned char)n->text.p[len] & 0xC0) == 0x80; len--)
			;
	buf_printf(out, "\"%.*s%s\"", (int)len, n->text.p, len < n->text.n ? "…" : "");
}

/* A type in words. */
static const char *type_word(const char *type)
{
	static const char *const w[][2] = {
		{ "object", "a map (key: value)" }, { "array", "a list" }, { "integer", "a whole number" },
		{ "boolean", "yes or no" }, { "string", "a text" }, { "null", "nothing" },
	};
	for (size_t i = 0; i < sizeof w / sizeof *w; i++)
		if (strcmp(type, w[i][0]) == 0)
			return w[i][1];
	return type;
}

void schema_put_const(struct buf *out, const json_t *v)
{
	if (json_is_string(v))
		buf_puts(out, json_string_value(v));
	else if (json_is_integer(v))
		buf_printf(out, "%lld", (long long)json_integer_value(v));
	else
		buf_puts(out, json_is_true(v) ? "yes" : json_is_false(v) ? "no" : "nothing");
}

const char **schema_names(const json_t *schema, size_t *n)
{
	const char *name;
	json_t *v, *props = json_object_get(schema, "properties");
	const char **names = mem_alloc((json_object_size(props) + 1) * sizeof *names);
	*n = 0;
	json_object_foreach(props, name, v)
		names[(*n)++] = name;
	return names;
}

/* anyOf or oneOf of a schema, or NULL. */
static const json_t *alternatives(const json_t *schema)
{
	const json_t *any = json_object_get(schema, "anyOf");
	return any ? any : json_object_get(schema, "oneOf");
}

/* The form of what a schema takes, from its values or type; s is no $ref. */
static void put_form(struct buf *out, const json_t *root, const json_t *s);

/* The same for one alternative. */
static void put_form_of(struct buf *out, const json_t *root, const json_t *schema)
{
	const json_t *s = schema_resolve(root, schema);
	if (s)
		put_form(out, root, s);
}

static void put_form(struct buf *out, const json_t *root, const json_t *s)
{
	size_t i, n;
	json_t *v;
	const json_t *type = json_object_get(s, "type"), *en = json_object_get(s, "enum");
	const json_t *any = alternatives(s);
	if (json_object_get(s, "const")) {
		schema_put_const(out, json_object_get(s, "const"));
	} else if (en) {
		json_array_foreach(en, i, v) {
			buf_puts(out, i > 0 ? ", " : "");
			schema_put_const(out, v);
		}
	} else if (any) {
		json_array_foreach(any, i, v) {
			buf_puts(out, i > 0 ? "; or " : "");
			put_form_of(out, root, v);
		}
	} else if (json_object_get(s, "properties")) {
		const char **names = schema_names(s, &n);
		buf_puts(out, "a map of ");
		text_list(out, names, n, 30);
		free(names);
	} else if (json_object_get(s, "pattern")) {
		buf_printf(out, "a text like %s", json_string_value(json_object_get(s, "pattern")));
	} else if (json_is_string(type)) {
		buf_puts(out, type_word(json_string_value(type)));
	} else {
		json_array_foreach(type, i, v)
			buf_printf(out, "%s%s", i > 0 ? " or " : "", type_word(json_string_value(v)));
	}
}

void schema_put_allowed(struct buf *out, const json_t *root, const json_t *schema)
{
	const json_t *s = schema_resolve(root, schema);
	const char *said = json_string_value(json_object_get(schema, "description"));
	if (!s)
		return;
	if (!said)
		said = json_string_value(json_object_get(s, "description"));
	put_form(out, root, s);
	if (said)
		buf_printf(out, " (%s)", said);
}

/* SPDX-License-Identifier: MIT */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "yaml/schema.h"
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>
#include "base/text.h"
#include "yaml/allowed.h"
#include "yaml/meant.h"
#include "yaml/told.h"

#define MATCH_LIMIT 100000

struct regex {
	const char *text;	/* in the schema */
	pcre2_code *code;
};

/* One run of yaml_check. */
struct check {
	const struct yaml_file *f;
	const json_t *root;
	struct diag *d;
	bool quiet;		/* count only: trying an alternative */
	size_t found;		/* complaints so far */
	struct regex *re;
	size_t nre, cap;
};

static const char *const keywords[] = {
	"type", "properties", "required", "additionalProperties", "patternProperties", "propertyNames", "items", "enum",
	"const", "pattern", "minimum", "maximum", "minItems", "maxItems", "uniqueItems", "minProperties", "minLength",
	"maxLength", "oneOf", "anyOf", "$ref", "$defs", "$schema", "$id", "title", "description", "$comment", "examples",
	"default",
};
#define NKEYWORDS (sizeof keywords / sizeof *keywords)

static void walk(struct check *c, const json_t *schema, const struct yaml_node *n, const char *label);

/* A complaint at a place, with the label (the key it is about) in front when there is one. */
static void complain(struct check *c, size_t line, size_t col, const char *label, const char *text)
{
	c->found++;
	if (c->quiet)
		return;
	diag_pos(c->d, c->f->name, line, col, "%s%s%s", label ? label : "", label ? ": " : "", text);
	told_add(c->f, line, col);
}

/* A mistake in the schema itself. */
static void complain_schema(struct check *c, const char *what, const char *which)
{
	c->found++;
	diag_pos(c->d, c->f->name, 0, 0, "the schema is wrong: %s \"%s\"", what, which);
}

/* The schema a $ref stands for, or the schema itself; NULL with a complaint when it leads nowhere. */
static const json_t *resolve(struct check *c, const json_t *schema)
{
	const json_t *s = schema_resolve(c->root, schema);
	if (!s)
		complain_schema(c, "$ref leads nowhere:", json_string_value(json_object_get(schema, "$ref")));
	return s;
}

/* Does a string match a pattern of the schema (anywhere in it)? */
static bool matches(struct check *c, const char *pattern, struct span s)
{
	struct regex *re = NULL;
	for (size_t i = 0; i < c->nre && !re; i++)
		if (c->re[i].text == pattern)
			re = &c->re[i];
	if (!re) {
		int code;
		PCRE2_SIZE at;
		MEM_GROW(c->re, c->cap, c->nre + 1);
		re = &c->re[c->nre++];
		re->text = pattern;
		re->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
					 PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY,
					 &code, &at, NULL);
		if (!re->code && code == PCRE2_ERROR_HEAP_FAILED)
			mem_exhausted();
		if (!re->code)
			complain_schema(c, "bad pattern", pattern);
	}
	if (!re->code)
		return true;
	pcre2_match_context *mc = pcre2_match_context_create(NULL);
	pcre2_match_data *md = pcre2_match_data_create(1, NULL);
	if (!mc || !md)
		mem_exhausted();
	pcre2_set_match_limit(mc, MATCH_LIMIT);
	int rc = pcre2_match(re->code, (PCRE2_SPTR)s.p, s.n, 0, 0, md, mc);
	pcre2_match_data_free(md);
	pcre2_match_context_free(mc);
	if (rc == PCRE2_ERROR_NOMEMORY)
		mem_exhausted();
	return rc >= 0;
}

/* Is a scalar equal to a JSON constant? */
static bool equals(const struct yaml_node *n, const json_t *v)
{
	int64_t i;
	bool b;
	if (n->kind != YAML_SCALAR)
		return false;
	if (json_is_string(v))
		return span_is(n->text, json_string_value(v));
	if (json_is_integer(v))
		return yaml_int(n, &i) && i == json_integer_value(v);
	if (json_is_boolean(v))
		return yaml_bool(n, &b) && b == json_is_true(v);
	return json_is_null(v) && n->plain && n->text.n == 0;
}

/* Is the node of the type named? */
static bool is_type(const struct yaml_node *n, const char *type)
{
	int64_t i;
	bool b;
	if (strcmp(type, "object") == 0)
		return n->kind == YAML_MAP;
	if (strcmp(type, "array") == 0)
		return n->kind == YAML_LIST;
	if (n->kind != YAML_SCALAR)
		return false;
	if (strcmp(type, "integer") == 0)
		return yaml_int(n, &i);
	if (strcmp(type, "boolean") == 0)
		return yaml_bool(n, &b);
	bool nothing = n->plain && n->text.n == 0;
	return strcmp(type, "null") == 0 ? nothing : strcmp(type, "string") == 0 && !nothing;
}

static bool type_fits(const json_t *type, const struct yaml_node *n)
{
	size_t i;
	json_t *one;
	if (json_is_string(type))
		return is_type(n, json_string_value(type));
	json_array_foreach(type, i, one)
		if (is_type(n, json_string_value(one)))
			return true;
	return !type;
}

/* A schema that guesses are tried on. */
struct taker {
	struct check *c;
	const json_t *schema;
};

/* Does the schema take the guess? */
static bool takes(void *arg, const struct yaml_node *guess)
{
	struct taker *t = arg;
	bool quiet = t->c->quiet;
	size_t before = t->c->found, found;
	t->c->quiet = true;
	walk(t->c, t->schema, guess, NULL);
	found = t->c->found - before;
	t->c->found = before;
	t->c->quiet = quiet;
	return found == 0;
}

/* What may have been meant, behind a complaint about a value. */
static void put_guess(struct check *c, struct buf *out, const struct yaml_node *n, const json_t *schema)
{
	struct taker t = { c, schema };
	if (!c->quiet && n->kind == YAML_SCALAR && !meant_put(out, n, takes, &t))
		meant_put_wide(out, n->text);
}

/* `found "x"; allowed: …; did you mean "y"?` */
static void complain_value(struct check *c, const struct yaml_node *n, const char *label, const json_t *schema)
{
	struct buf b = BUF_INIT;
	buf_puts(&b, "found ");
	schema_put_found(&b, n);
	buf_puts(&b, "; allowed: ");
	schema_put_allowed(&b, c->root, schema);
	put_guess(c, &b, n, schema);
	complain(c, n->line, n->col, label, b.p);
	buf_clear(&b);
}

/* `"x" is not one of a, b; did you mean "a"?` */
static void complain_enum(struct check *c, const struct yaml_node *n, const char *label, const json_t *schema)
{
	struct buf b = BUF_INIT;
	size_t i, count = 0;
	json_t *v;
	const json_t *en = json_object_get(schema, "enum");
	const char **names = mem_alloc((json_array_size(en) + 1) * sizeof *names);
	schema_put_found(&b, n);
	buf_puts(&b, " is not one of ");
	json_array_foreach(en, i, v) {
		buf_puts(&b, i > 0 ? ", " : "");
		schema_put_const(&b, v);
		if (json_is_string(v))
			names[count++] = json_string_value(v);
	}
	const char *near = n->kind == YAML_SCALAR ? text_nearest(n->text, names, count) : NULL;
	if (near)
		buf_printf(&b, "; did you mean \"%s\"?", near);
	else
		put_guess(c, &b, n, schema);
	complain(c, n->line, n->col, label, b.p);
	free(names);
	buf_clear(&b);
}

/* Characters in valid UTF-8. */
static int64_t count_chars(struct span s)
{
	int64_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

/* A complaint that names a number: the text has one %lld. */
static void complain_number(struct check *c, const struct yaml_node *n, const char *label, const char *before,
			    int64_t limit)
{
	struct buf b = BUF_INIT;
	schema_put_found(&b, n);
	buf_printf(&b, " %s %lld", before, (long long)limit);
	complain(c, n->line, n->col, label, b.p);
	buf_clear(&b);
}

/* What a schema asks of a scalar; asked is the schema before its $ref was followed. */
static void walk_scalar(struct check *c, const json_t *schema, const json_t *asked, const struct yaml_node *n,
			const char *label)
{
	const json_t *v;
	int64_t i;
	const char *pattern = json_string_value(json_object_get(schema, "pattern"));
	if (pattern && !matches(c, pattern, n->text))
		complain_value(c, n, label, asked);
	if ((v = json_object_get(schema, "minLength")) && count_chars(n->text) < json_integer_value(v))
		complain_number(c, n, label, "is too short; characters needed:", json_integer_value(v));
	if ((v = json_object_get(schema, "maxLength")) && count_chars(n->text) > json_integer_value(v))
		complain_number(c, n, label, "is too long; characters allowed:", json_integer_value(v));
	if (!yaml_int(n, &i))
		return;
	if ((v = json_object_get(schema, "minimum")) && i < json_integer_value(v))
		complain_number(c, n, label, "is too small; at least", json_integer_value(v));
	if ((v = json_object_get(schema, "maximum")) && i > json_integer_value(v))
		complain_number(c, n, label, "is too large; at most", json_integer_value(v));
}

static int by_text(const void *a, const void *b)
{
	const struct yaml_node *x = *(struct yaml_node *const *)a, *y = *(struct yaml_node *const *)b;
	int c = span_cmp(x->text, y->text);
	if (c != 0)
		return c;
	return x->line != y->line ? (x->line < y->line ? -1 : 1) : (x->col > y->col) - (x->col < y->col);
}

/* Complains about scalars that a list has twice. */
static void check_unique(struct check *c, const struct yaml_node *list, const char *label)
{
	struct yaml_node **v = mem_alloc((list->n + 1) * sizeof *v);
	size_t n = 0;
	for (size_t i = 0; i < list->n; i++)
		if (list->item[i]->kind == YAML_SCALAR)
			v[n++] = list->item[i];
	qsort(v, n, sizeof *v, by_text);
	for (size_t i = 1; i < n; i++)
		if (span_eq(v[i - 1]->text, v[i]->text)) {
			struct buf b = BUF_INIT;
			schema_put_found(&b, v[i]);
			buf_printf(&b, " is listed twice; the first is on line %zu", v[i - 1]->line);
			complain(c, v[i]->line, v[i]->col, label, b.p);
			buf_clear(&b);
		}
	free(v);
}

static void walk_list(struct check *c, const json_t *schema, const struct yaml_node *n, const char *label)
{
	const json_t *items = json_object_get(schema, "items"), *v;
	if ((v = json_object_get(schema, "minItems")) && (json_int_t)n->n < json_integer_value(v))
		complain_number(c, n, label, "is too short; items needed:", json_integer_value(v));
	if ((v = json_object_get(schema, "maxItems")) && (json_int_t)n->n > json_integer_value(v))
		complain_number(c, n, label, "is too long; items allowed:", json_integer_value(v));
	if (json_is_true(json_object_get(schema, "uniqueItems")))
		check_unique(c, n, label);
	for (size_t i = 0; items && i < n->n; i++)
		walk(c, items, n->item[i], label);
}

/* The schema for the value of a key; NULL when the key is not known. */
static const json_t *schema_of_key(struct check *c, const json_t *schema, const struct yaml_node *key)
{
	const char *pattern;
	json_t *v;
	const json_t *found = json_object_get(json_object_get(schema, "properties"), key->text.p);
	if (found)
		return found;
	json_object_foreach(json_object_get(schema, "patternProperties"), pattern, v)
		if (matches(c, pattern, key->text))
			return v;
	found = json_object_get(schema, "additionalProperties");
	return json_is_false(found) ? NULL : found ? found : json_true();
}

/* The name that was meant, or that a blank is missing behind the colon; true when something was put. */
static bool put_key_meant(struct buf *out, struct span key, const char *const *names, size_t n)
{
	const char *near = text_nearest(key, names, n), *wide, *ascii;
	const char *colon = memchr(key.p, ':', key.n);
	size_t at = colon ? (size_t)(colon - key.p) : meant_wide(key, &wide, &ascii);
	for (size_t i = 0; at < key.n && (colon || *ascii == ':') && i < n; i++)
		if (span_is((struct span){ key.p, at }, names[i])) {
			buf_printf(out, "; write \"%s: \", a colon and a blank behind it;", names[i]);
			return true;
		}
	if (near)
		buf_printf(out, "; did you mean \"%s\"?", near);
	return near != NULL;
}

/* `unknown key "wihtin"; did you mean "within"? allowed: from, within` */
static void complain_key(struct check *c, const json_t *schema, const struct yaml_node *key)
{
	struct buf b = BUF_INIT;
	const char *pattern;
	json_t *v;
	size_t count;
	const char **names = schema_names(schema, &count);
	buf_puts(&b, "unknown key ");
	schema_put_found(&b, key);
	bool told = put_key_meant(&b, key->text, names, count);
	buf_puts(&b, told ? " allowed: " : "; allowed: ");
	text_list(&b, names, count, 30);
	json_object_foreach(json_object_get(schema, "patternProperties"), pattern, v)
		buf_printf(&b, "%sa word like %s", count++ > 0 ? ", " : "", pattern);
	if (count == 0)
		buf_puts(&b, "none");
	complain(c, key->line, key->col, NULL, b.p);
	free(names);
	buf_clear(&b);
}

/* `missing key "from"; it takes reported, found (where the time starts)` */
static void complain_missing(struct check *c, const json_t *schema, const struct yaml_node *map, const char *label,
			     const char *key)
{
	struct buf b = BUF_INIT;
	const json_t *value = json_object_get(json_object_get(schema, "properties"), key);
	buf_printf(&b, "missing key \"%s\"", key);
	if (value) {
		buf_puts(&b, "; it takes ");
		schema_put_allowed(&b, c->root, value);
	}
	complain(c, map->line, map->col, label, b.p);
	buf_clear(&b);
}

static void walk_map(struct check *c, const json_t *schema, const struct yaml_node *n, const char *label)
{
	size_t i;
	const json_t *names = json_object_get(schema, "propertyNames"), *v;
	json_t *need;
	for (i = 0; i < n->n; i++) {
		const json_t *s = schema_of_key(c, schema, n->key[i]);
		if (!s) {
			complain_key(c, schema, n->key[i]);
			continue;
		}
		if (names)
			walk(c, names, n->key[i], "key");
		walk(c, s, n->item[i], n->key[i]->text.p);
	}
	json_array_foreach(json_object_get(schema, "required"), i, need)
		if (!yaml_get(n, json_string_value(need))) {
			complain_missing(c, schema, n, label, json_string_value(need));
		}
	if ((v = json_object_get(schema, "minProperties")) && (json_int_t)n->n < json_integer_value(v))
		complain_number(c, n, label, "is too small; keys needed:", json_integer_value(v));
}

/* Could the node be meant for this alternative: is it of its type? */
static bool meant_for(struct check *c, const json_t *schema, const struct yaml_node *n)
{
	const json_t *s = resolve(c, schema);
	if (json_object_get(s, "const") || json_object_get(s, "enum"))
		return n->kind == YAML_SCALAR;
	return type_fits(json_object_get(s, "type"), n);
}

/* oneOf and anyOf: silence when an alternative fits; else the complaints of the one that was meant, or all that is allowed. */
static void walk_alternatives(struct check *c, const json_t *all, bool one, const json_t *schema,
			      const struct yaml_node *n, const char *label)
{
	size_t i, fits = 0, meant = 0, before = c->found;
	json_t *s;
	const json_t *candidate = NULL;
	bool quiet = c->quiet;
	c->quiet = true;
	json_array_foreach(all, i, s) {
		c->found = 0;
		walk(c, s, n, label);
		fits += c->found == 0;
		if (meant_for(c, s, n)) {
			meant++;
			candidate = s;
		}
	}
	c->quiet = quiet;
	c->found = before;
	if (fits == 1 || (fits > 1 && !one))
		return;
	if (quiet)
		c->found++;
	else if (fits == 0 && meant == 1 && n->kind != YAML_SCALAR)
		walk(c, candidate, n, label);
	else
		complain_value(c, n, label, schema);
}

/* Keywords the walker does not know would be silently without effect. */
static void check_keywords(struct check *c, const json_t *schema)
{
	const char *k;
	json_t *v;
	json_object_foreach((json_t *)schema, k, v) {
		size_t i = 0;
		while (i < NKEYWORDS && strcmp(k, keywords[i]) != 0)
			i++;
		if (i == NKEYWORDS)
			complain_schema(c, "unknown keyword", k);
	}
}

/* The node against a schema; label is the key its value stands under, or NULL. */
static void walk(struct check *c, const json_t *schema, const struct yaml_node *n, const char *label)
{
	if (json_is_true(schema))
		return;
	if (json_is_false(schema)) {
		complain(c, n->line, n->col, label, "nothing is allowed here");
		return;
	}
	const json_t *asked = schema, *v;
	if (!(schema = resolve(c, asked)))
		return;
	check_keywords(c, schema);
	if (!type_fits(json_object_get(schema, "type"), n)) {
		complain_value(c, n, label, asked);
		return;
	}
	if ((v = json_object_get(schema, "anyOf")))
		walk_alternatives(c, v, false, asked, n, label);
	if ((v = json_object_get(schema, "oneOf")))
		walk_alternatives(c, v, true, asked, n, label);
	if ((v = json_object_get(schema, "const")) && !equals(n, v))
		complain_value(c, n, label, asked);
	if ((v = json_object_get(schema, "enum"))) {
		size_t i = 0;
		while (i < json_array_size(v) && !equals(n, json_array_get(v, i)))
			i++;
		if (i == json_array_size(v))
			complain_enum(c, n, label, schema);
	}
	if (n->kind == YAML_SCALAR)
		walk_scalar(c, schema, asked, n, label);
	else if (n->kind == YAML_LIST)
		walk_list(c, schema, n, label);
	else
		walk_map(c, schema, n, label);
}

void yaml_check(const struct yaml_file *f, const json_t *schema, struct diag *d)
{
	struct check c = { .f = f, .root = schema, .d = d };
	walk(&c, schema, f->root, NULL);
	for (size_t i = 0; i < c.nre; i++)
		pcre2_code_free(c.re[i].code);
	free(c.re);
}

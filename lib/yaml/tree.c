/* SPDX-License-Identifier: MIT */
#include "yaml/tree.h"
#include <stdlib.h>
#include <yaml.h>
#include "base/mem.h"
#include "base/text.h"
#include "yaml/flat.h"
#include "yaml/syntax.h"
#include "yaml/told.h"

#define MAX_BYTES (256 * 1024)
#define MAX_NODES 100000
#define SMALL_MAP 12	/* keys compared pairwise up to here, sorted above */

/* A list or map whose end has not been seen; its items are pending[start…]. */
struct frame {
	struct yaml_node *node;
	size_t start;
};

struct reader {
	struct yaml_file *file;
	struct diag *d;
	struct frame open[YAML_DEPTH_MAX];
	size_t depth;
	struct yaml_node **pending;	/* finished nodes of open frames; in a map key, value, key, value */
	size_t n, cap;
	size_t nodes;
	bool seen;			/* a document has begun */
};

/* A complaint at a mark of libyaml. */
static void complain(struct reader *r, yaml_mark_t at, const char *text)
{
	diag_pos(r->d, r->file->name, at.line + 1, at.column + 1, "%s", text);
}

/* A new node at the mark, counted; NULL when there are too many. */
static struct yaml_node *node_new(struct reader *r, enum yaml_kind kind, yaml_mark_t at)
{
	if (++r->nodes > MAX_NODES) {
		diag_pos(r->d, r->file->name, at.line + 1, at.column + 1,
			 "the file has too many parts; at most %d are allowed", MAX_NODES);
		return NULL;
	}
	struct yaml_node *n = arena_alloc(&r->file->mem, sizeof *n);
	n->kind = kind;
	n->line = at.line + 1;
	n->col = at.column + 1;
	n->flow = r->depth > 0 && r->open[r->depth - 1].node->flow;
	return n;
}

/* Is the next node of the innermost frame a key? */
static bool key_next(const struct reader *r)
{
	if (r->depth == 0)
		return false;
	const struct frame *f = &r->open[r->depth - 1];
	return f->node->kind == YAML_MAP && (r->n - f->start) % 2 == 0;
}

/* A finished node goes to the innermost frame, or is the root. */
static void place(struct reader *r, struct yaml_node *n)
{
	if (r->depth == 0) {
		r->file->root = n;
		return;
	}
	MEM_GROW(r->pending, r->cap, r->n + 1);
	r->pending[r->n++] = n;
}

static int by_text(const void *a, const void *b)
{
	const struct yaml_node *x = *(struct yaml_node *const *)a, *y = *(struct yaml_node *const *)b;
	int c = span_cmp(x->text, y->text);
	if (c != 0)
		return c;
	return x->line != y->line ? (x->line < y->line ? -1 : 1) : (x->col > y->col) - (x->col < y->col);
}

static void complain_twice(struct reader *r, const struct yaml_node *first, const struct yaml_node *again)
{
	diag_pos(r->d, r->file->name, again->line, again->col,
		 "key \"%s\" is given twice; the first is on line %zu",
		 again->text.p, first->line);
}

/* Complains about keys that a map has twice. */
static void check_twice(struct reader *r, const struct yaml_node *map)
{
	if (map->n <= SMALL_MAP) {
		for (size_t i = 1; i < map->n; i++)
			for (size_t j = 0; j < i; j++)
				if (span_eq(map->key[i]->text, map->key[j]->text)) {
					complain_twice(r, map->key[j], map->key[i]);
					break;
				}
		return;
	}
	struct yaml_node **v = mem_alloc(map->n * sizeof *v);
	memcpy(v, map->key, map->n * sizeof *v);
	qsort(v, map->n, sizeof *v, by_text);
	for (size_t i = 1; i < map->n; i++)
		if (span_eq(v[i - 1]->text, v[i]->text))
			complain_twice(r, v[i - 1], v[i]);
	free(v);
}

/* The end of the innermost list or map: its items move into the arena. */
static void close_frame(struct reader *r)
{
	struct frame *f = &r->open[r->depth - 1];
	struct yaml_node *n = f->node, **from = r->pending ? r->pending + f->start : NULL;
	size_t count = r->n - f->start;
	if (n->kind == YAML_LIST) {
		n->n = count;
		n->item = arena_alloc(&r->file->mem, (count + 1) * sizeof(*n->item));
		if (from != NULL)
			memcpy(n->item, from, count * sizeof(*n->item));
	} else {
		n->n = count / 2;
		n->item = arena_alloc(&r->file->mem, (count + 2) * sizeof(*n->item));
		n->key = n->item + n->n + 1;
		for (size_t i = 0; from != NULL && i < n->n; i++) {
			n->key[i] = from[2 * i];
			n->item[i] = from[2 * i + 1];
		}
		check_twice(r, n);
	}
	r->n = f->start;
	r->depth--;
	place(r, n);
}

/* Anchors and tags are refused wherever they stand. */
static void check_marks(struct reader *r, yaml_mark_t at, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		diag_pos(r->d, r->file->name, at.line + 1, at.column + 1,
			 "an anchor (&%s) is not allowed; write the value out, or quote a text that begins with &", (const char *)anchor);
	if (tag)
		diag_pos(r->d, r->file->name, at.line + 1, at.column + 1,
			 "a tag (%s) is not allowed; quote a text that begins with !", (const char *)tag);
}

/* The first byte of s that may not stand in a scalar, or s.n; LF may in a block scalar. */
static size_t scalar_clean(struct span s, bool block)
{
	size_t at = 0;
	s.n = yaml_control(s);
	for (;;) {
		at += text_clean((struct span){ s.p + at, s.n - at });
		if (at >= s.n || !block || s.p[at] != '\n')
			return at;
		at++;
	}
}

/* An indent of U+3000 or U+00A0, which to YAML is the begin of a key; false after the complaint. */
static bool check_indent(struct reader *r, yaml_mark_t at, struct span key)
{
	bool wide = key.n >= 3 && memcmp(key.p, "\xE3\x80\x80", 3) == 0;
	if (!wide && !(key.n >= 2 && memcmp(key.p, "\xC2\xA0", 2) == 0))
		return true;
	complain(r, at, wide ? "a full-width blank (U+3000) in the indent; YAML takes only ASCII blanks there"
			     : "a no-break space (U+00A0) in the indent; YAML takes only ASCII blanks there");
	return false;
}

static bool take_scalar(struct reader *r, const yaml_event_t *ev)
{
	struct span s = { (const char *)ev->data.scalar.value, ev->data.scalar.length };
	yaml_scalar_style_t style = ev->data.scalar.style;
	bool block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
	check_marks(r, ev->start_mark, ev->data.scalar.anchor, ev->data.scalar.tag);
	if (style == YAML_PLAIN_SCALAR_STYLE && key_next(r) && !check_indent(r, ev->start_mark, s))
		return false;
	struct yaml_node *n = node_new(r, YAML_SCALAR, ev->start_mark);
	if (!n)
		return false;
	if (block && s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n > YAML_SCALAR_MAX) {
		diag_pos(r->d, r->file->name, n->line, n->col,
			 "the text is %zu bytes long; at most %d are allowed", s.n, YAML_SCALAR_MAX);
		s.n = 0;
	}
	size_t clean = scalar_clean(s, block);
	if (clean < s.n && s.p[clean] == '\n')
		diag_pos(r->d, r->file->name, n->line, n->col,
			 "a line break (\\n) in a text in quotes is not allowed; write lines as a block, behind |");
	else if (clean < s.n)
		diag_pos(r->d, r->file->name, n->line, n->col,
			 (unsigned char)s.p[clean] < 0x80 ? "a control character (0x%02X) in a text is not allowed; leave it out"
			 : "a control character (U+%04X) in a text is not allowed; leave it out", yaml_control_code(s, clean));
	n->plain = style == YAML_PLAIN_SCALAR_STYLE;
	n->text.p = arena_spandup(&r->file->mem, s);
	n->text.n = s.n;
	place(r, n);
	return true;
}

/* A list or map begins. */
static bool take_start(struct reader *r, const yaml_event_t *ev, enum yaml_kind kind, bool flow)
{
	if (key_next(r)) {
		complain(r, ev->start_mark,
			 "a key must be a word, not a list or a map; quote a text that begins with [ or {");
		return false;
	}
	if (r->depth == YAML_DEPTH_MAX) {
		diag_pos(r->d, r->file->name, ev->start_mark.line + 1, ev->start_mark.column + 1,
			 "lists and maps are nested too deep; at most %d levels are allowed", YAML_DEPTH_MAX);
		return false;
	}
	struct yaml_node *n = node_new(r, kind, ev->start_mark);
	if (!n)
		return false;
	n->flow = n->flow || flow;
	r->open[r->depth++] = (struct frame){ n, r->n };
	return true;
}

/* One event of libyaml; false when reading cannot go on. */
static bool take_event(struct reader *r, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (r->seen) {
			complain(r, ev->start_mark,
				 "a second document begins here (---); one file holds one document");
			return false;
		}
		r->seen = true;
		return true;
	case YAML_ALIAS_EVENT:
		diag_pos(r->d, r->file->name, ev->start_mark.line + 1, ev->start_mark.column + 1,
			 "an alias (*%s) is not allowed; write the value out, or quote a text that begins with *",
			 (const char *)ev->data.alias.anchor);
		return false;
	case YAML_SCALAR_EVENT:
		return take_scalar(r, ev);
	case YAML_SEQUENCE_START_EVENT:
		check_marks(r, ev->start_mark, ev->data.sequence_start.anchor, ev->data.sequence_start.tag);
		return take_start(r, ev, YAML_LIST, ev->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
	case YAML_MAPPING_START_EVENT:
		check_marks(r, ev->start_mark, ev->data.mapping_start.anchor, ev->data.mapping_start.tag);
		return take_start(r, ev, YAML_MAP, ev->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_frame(r);
		return true;
	default:
		return true;
	}
}

/* All events of the bytes. */
static void read_events(struct reader *r, struct span bytes)
{
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		mem_exhausted();
	yaml_parser_set_input_string(&parser, (const unsigned char *)bytes.p, bytes.n);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	bool more = true;
	while (more) {
		yaml_event_t ev;
		if (!yaml_parser_parse(&parser, &ev)) {
			yaml_syntax(r->file->name, bytes, &parser, r->d);
			break;
		}
		more = take_event(r, &ev) && ev.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&parser);
}

struct yaml_file *yaml_parse(const char *name, struct span bytes, struct diag *d)
{
	size_t before = d->errors;
	struct yaml_file *f = mem_zalloc(1, sizeof *f);
	struct reader r = { .file = f, .d = d };
	f->name = mem_strdup(name);
	f->told = told_new();
	if (bytes.n > MAX_BYTES)
		diag_pos(d, name, 0, 0, "the file is %zu bytes long; at most %d are allowed", bytes.n,
			 MAX_BYTES);
	else if (!yaml_flat(f, bytes) && yaml_bytes(name, &bytes, d))
		read_events(&r, bytes);
	free(r.pending);
	if (d->errors != before) {
		yaml_free(f);
		return NULL;
	}
	if (!f->root || (f->root->kind == YAML_SCALAR && f->root->plain && f->root->text.n == 0)) {
		f->root = arena_alloc(&f->mem, sizeof *f->root);
		*f->root = (struct yaml_node){ .kind = YAML_MAP, .line = 1, .col = 1 };
	}
	return f;
}

void yaml_free(struct yaml_file *f)
{
	if (!f)
		return;
	arena_clear(&f->mem);
	told_free(f->told);
	free(f->name);
	free(f);
}

struct yaml_node *yaml_get_span(const struct yaml_node *map, struct span key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (span_eq(map->key[i]->text, key))
			return map->item[i];
	return NULL;
}

bool yaml_int(const struct yaml_node *n, int64_t *out)
{
	if (!n || n->kind != YAML_SCALAR || !n->plain)
		return false;
	struct span s = n->text;
	bool minus = s.n > 0 && s.p[0] == '-';
	if (minus) {
		s.p++;
		s.n--;
	}
	uint64_t u;
	if ((s.n > 1 && s.p[0] == '0') || !span_u64(s, INT64_MAX, &u) || (minus && u == 0))
		return false;
	*out = minus ? -(int64_t)u : (int64_t)u;
	return true;
}

bool yaml_bool(const struct yaml_node *n, bool *out)
{
	if (!n || n->kind != YAML_SCALAR || !n->plain)
		return false;
	if (span_is(n->text, "yes") || span_is(n->text, "true")) {
		*out = true;
		return true;
	}
	*out = false;
	return span_is(n->text, "no") || span_is(n->text, "false");
}

const char *yaml_text(const struct yaml_node *n)
{
	return n && n->kind == YAML_SCALAR ? n->text.p : "";
}

/* SPDX-License-Identifier: MIT */
#include "policy/load.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/text.h"
#include "yaml/schema.h"
#include "yaml/told.h"

/* The JSON Schemas of data-schemas/policy/, compiled in. */
static const struct {
	const char *name, *text;
} schemas[] = {
#include "policy/schemas.inc"
};
#define NSCHEMAS (sizeof schemas / sizeof *schemas)

/* The files that have a meaning here, in the order they are read: later ones use the names of earlier ones. */
enum part { PART_WORDS, PART_NOTICES, PART_WORKFLOW, PART_RULES, PART_CALENDAR, NPARTS };
static const struct {
	const char *path;
	bool required;
	void (*load)(struct loading *l, const struct yaml_node *root);
} parts[NPARTS] = {
	{ "policy.yaml", true, load_words },
	{ "notices.yaml", false, load_notices },
	{ "workflow.yaml", true, load_workflow },
	{ "escalation.yaml", true, load_rules },
	{ "calendar.yaml", false, load_calendar },
};

void load_complain(struct loading *l, const struct yaml_node *at, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	if (at && told_of(l->file, at))
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		mem_exhausted();
	va_end(ap);
	diag_pos(l->d, l->file->name, at ? at->line : 0, at ? at->col : 0, "%s", text);
	free(text);
}

void load_unknown(struct loading *l, const struct yaml_node *at, const char *what, const char *const *names,
		  size_t n)
{
	struct buf b = BUF_INIT;
	if (at->kind != YAML_SCALAR || at->text.n == 0)
		buf_printf(&b, "%s: found %s; allowed: ", what,
			   at->kind == YAML_LIST ? "a list" : at->kind == YAML_MAP ? "no value" : "an empty one");
	else
		buf_printf(&b, "%s: \"%.*s\" is not one of ", what, (int)at->text.n, at->text.p);
	text_list(&b, names, n, 30);
	const char *near = at->kind == YAML_SCALAR ? text_nearest(at->text, names, n) : NULL;
	if (near)
		buf_printf(&b, "; did you mean \"%s\"?", near);
	load_complain(l, at, "%s", b.p);
	buf_clear(&b);
}

const char *load_text(struct loading *l, const struct yaml_node *n)
{
	return n && n->kind == YAML_SCALAR ? arena_spandup(&l->p->mem, n->text) : "";
}

size_t load_items(struct yaml_node **n, struct yaml_node ***items)
{
	*items = NULL;
	if (!*n)
		return 0;
	if ((*n)->kind == YAML_LIST) {
		*items = (*n)->item;
		return (*n)->n;
	}
	*items = n;
	return 1;
}

int load_choice(struct loading *l, const struct yaml_node *n, const char *what, const char *const *names,
		size_t count)
{
	if (n->kind == YAML_SCALAR)
		for (size_t i = 0; i < count; i++)
			if (span_is(n->text, names[i]))
				return (int)i;
	load_unknown(l, n, what, names, count);
	return -1;
}

bool load_flag(struct loading *l, const struct yaml_node *n, const char *what)
{
	bool yes = false;
	if (n && !yaml_bool(n, &yes))
		load_complain(l, n, "%s: \"%s\" is not yes or no", what, yaml_text(n));
	return yes;
}

void load_term(struct loading *l, const struct yaml_node *n, const char *what, struct term *out)
{
	struct err e = ERR_INIT;
	if (n->kind != YAML_SCALAR)
		load_complain(l, n, "%s: a length of time is missing; write it like 30m, 24h, 3d, 4wh, 5wd",
			      what);
	else if (term_parse(n->text, out, &e) < 0)
		load_complain(l, n, "%s: %s", what, e.text);
}

const char **load_ids(struct loading *l, const struct vocab *w)
{
	const char **v = arena_alloc(&l->p->mem, (w->n + 1) * sizeof *v);
	for (size_t i = 0; i < w->n; i++)
		v[i] = w->v[i].id;
	return v;
}

int load_word(struct loading *l, const struct yaml_node *n, const struct vocab *w)
{
	int at = n->kind == YAML_SCALAR ? vocab_find(w, n->text) : -1;
	if (at < 0)
		load_unknown(l, n, w->what, load_ids(l, w), w->n);
	return at;
}

/* The schema text for a file, or NULL: policy.yaml has policy.schema.json, tests/NAME.test.yaml have tests.schema.json. */
static const char *schema_of(const char *path)
{
	const char *dot = strstr(path, ".yaml");
	if (policy_is_test(path)) {
		path = "tests";
		dot = path + strlen(path);
	}
	if (overlay_path(span_of(path))) {
		path = "overlay";
		dot = path + strlen(path);
	}
	if (!dot || strchr(path, '/'))
		return NULL;
	size_t n = (size_t)(dot - path);
	for (size_t i = 0; i < NSCHEMAS; i++)
		if (strncmp(schemas[i].name, path, n) == 0 && strcmp(schemas[i].name + n, ".schema.json") == 0)
			return schemas[i].text;
	return NULL;
}

/* Complains about a pattern in braces without quotes, where YAML cuts it at the first , or ] or }; true when it was cut. */
static bool check_quoted(const struct yaml_file *f, const struct yaml_node *n, struct diag *d)
{
	if (n->kind != YAML_SCALAR || !n->flow || !n->plain || n->text.n == 0 || n->text.p[0] != '/')
		return false;
	diag_pos(d, f->name, n->line, n->col,
		 "quote the pattern: in braces and brackets %s must stand in quotes, such as '/…/'", n->text.p);
	told_add(f, n->line, n->col);
	return n->text.n == 1 || n->text.p[n->text.n - 1] != '/';
}

/* Patterns stand under `when`; true when one was cut, and its other half passes for a key or an item. */
static bool check_quotes(const struct yaml_file *f, const struct yaml_node *n, bool when, struct diag *d)
{
	bool cut = false;
	for (size_t i = 0; i < n->n; i++) {
		if (check_quotes(f, n->item[i], when || (n->kind == YAML_MAP && span_is(n->key[i]->text, "when")), d))
			cut = true;
		if (!when || !check_quoted(f, n->item[i], d))
			continue;
		cut = true;
		if (i + 1 < n->n) {
			const struct yaml_node *half = n->kind == YAML_MAP ? n->key[i + 1] : n->item[i + 1];
			told_add(f, half->line, half->col);
		}
	}
	return cut;
}

bool policy_is_test(const char *path)
{
	static const char folder[] = "tests/", ending[] = ".test.yaml";
	size_t n = strlen(path), m = sizeof ending - 1;
	return strncmp(path, folder, sizeof folder - 1) == 0 && n > sizeof folder - 1 + m && strcmp(path + n - m, ending) == 0;
}

void policy_check(const struct yaml_file *f, const char *path, struct diag *d)
{
	json_error_t why;
	const char *text = schema_of(path);
	if (check_quotes(f, f->root, false, d) || !text)
		return;
	json_set_alloc_funcs(mem_alloc, free);
	json_t *schema = json_loads(text, JSON_REJECT_DUPLICATES, &why);
	if (!schema) {
		diag_pos(d, f->name, 0, 0, "the schema compiled in is no JSON: %s (line %d)", why.text,
			 why.line);
		return;
	}
	yaml_check(f, schema, d);
	json_decref(schema);
}

static bool is_yaml(const char *path)
{
	size_t n = strlen(path);
	return n > 5 && strcmp(path + n - 5, ".yaml") == 0;
}

/* Which part a file is, or -1. */
static int part_of(struct span path)
{
	for (int i = 0; i < NPARTS; i++)
		if (span_is(path, parts[i].path))
			return i;
	return -1;
}

bool policy_reads(struct span path)
{
	return part_of(path) >= 0 || overlay_path(path);
}

/* A file of another name would be carried and never read: a slip that nobody sees. */
static void check_name(const char *name, const char *path, struct diag *d)
{
	static const char *const later[] = { "cadence.yaml", "sensors.yaml", "rewards.yaml", "scores.yaml", "risk.yaml" };
	const char *known[NPARTS + sizeof later / sizeof *later], *near;
	size_t n = strlen(path), nknown = 0;
	struct buf b = BUF_INIT;
	if (strncmp(path, OVERLAY_DIR, strlen(OVERLAY_DIR)) == 0 && !overlay_path(span_of(path)))
		diag_pos(d, name, 0, 0,
			 "is no overlay of an organ; " OVERLAY_DIR " holds only files CODE.yaml, named by the code of an organ "
			 "(organs.csv), which begins with a capital letter or a digit: rename it, or move it elsewhere");
	if (strchr(path, '/') || (!is_yaml(path) && (n < 5 || strcmp(path + n - 4, ".yml") != 0)))
		return;
	for (int i = 0; i < NPARTS; i++)
		known[nknown++] = parts[i].path;
	for (size_t i = 0; i < sizeof later / sizeof *later; i++)
		known[nknown++] = later[i];
	for (size_t i = 0; i < nknown; i++)
		if (strcmp(path, known[i]) == 0)
			return;
	text_list(&b, known, nknown, nknown);
	near = text_nearest(span_of(path), known, nknown);
	diag_pos(d, name, 0, 0, "is not a file of a policy%s%s%s are %s", near ? "; did you mean " : "", near ? near : "",
		 near ? "? There" : "; there", b.p);
	buf_clear(&b);
}

/* Complains about a required file that is not there, naming one that may be meant. */
static void complain_missing(const char *where, const char *path, const struct policy_file *files, size_t n,
			     struct diag *d)
{
	struct buf name = BUF_INIT;
	const char **paths = mem_alloc((n + 1) * sizeof *paths);
	size_t others = 0;
	for (size_t i = 0; i < n; i++)
		if (part_of(span_of(files[i].path)) < 0)
			paths[others++] = files[i].path;
	const char *near = text_nearest(span_of(path), paths, others);
	buf_printf(&name, "%s%s", where, path);
	diag_pos(d, name.p, 0, 0,
		 "there is no such file; a policy needs policy.yaml, workflow.yaml and escalation.yaml%s%s%s",
		 near ? "; is \"" : "", near ? near : "", near ? "\" meant?" : "");
	free(paths);
	buf_clear(&name);
}

/* A file that is no YAML is carried; it must be text all the same. */
static void check_text(const char *name, const struct policy_file *f, struct diag *d)
{
	size_t at = text_valid((struct span){ f->bytes, f->n }), line = 1;
	if (at == f->n)
		return;
	for (size_t i = 0; i < at; i++)
		line += f->bytes[i] == '\n';
	diag_pos(d, name, line, 0, "byte 0x%02X is not UTF-8; save the file as UTF-8",
		 (unsigned char)f->bytes[at]);
}

/* Parses the files into trees, one per part; bad where a part has an error.  Trust reads only what fills the policy. */
static void read_files(const char *where, const struct policy_file *files, size_t n, bool trust,
		       struct yaml_file **tree, bool *bad, struct diag *d)
{
	struct buf name = BUF_INIT;
	for (size_t i = 0; i < n; i++) {
		int part = part_of(span_of(files[i].path));
		size_t before = d->errors;
		if (trust && !policy_reads(span_of(files[i].path)))
			continue;
		buf_reset(&name);
		buf_printf(&name, "%s%s", where, files[i].path);
		if (!trust)
			check_name(name.p, files[i].path, d);
		if (overlay_path(span_of(files[i].path)))	/* when all else is there */
			continue;
		if (!is_yaml(files[i].path)) {
			check_text(name.p, &files[i], d);
			continue;
		}
		struct yaml_file *f = yaml_parse(name.p, (struct span){ files[i].bytes, files[i].n }, d);
		if (f && !trust)
			policy_check(f, files[i].path, d);
		if (part >= 0) {
			yaml_free(tree[part]);
			tree[part] = f;
			bad[part] = d->errors != before;
		} else {
			yaml_free(f);
		}
	}
	for (int i = 0; i < NPARTS; i++)
		if (parts[i].required && !tree[i] && !bad[i]) {
			complain_missing(where, parts[i].path, files, n, d);
			bad[i] = true;
		}
	buf_clear(&name);
}

/* Vocabularies of what the workflow defines, for policy_vocab. */
static void make_vocabs(struct policy *p)
{
	struct policy_box *b = (struct policy_box *)p;
	const struct workflow *w = &p->workflow;
	b->states = (struct vocab){ "state", arena_alloc(&p->mem, (w->nstates + 1) * sizeof *b->states.v),
				    w->nstates };
	for (size_t i = 0; i < w->nstates; i++)
		b->states.v[i] = (struct vocab_item){ .id = w->state[i].id, .name = w->state[i].name,
						      .zh = w->state[i].name };
	b->steps = (struct vocab){ "step", arena_alloc(&p->mem, (w->nsteps + 1) * sizeof *b->steps.v),
				   w->nsteps };
	for (size_t i = 0; i < w->nsteps; i++)
		b->steps.v[i] = (struct vocab_item){ .id = w->step[i].id, .name = w->step[i].name,
						     .zh = w->step[i].name };
}

/* Read one part's tree into the policy and free it; bad where it has an error. */
static void load_part(struct loading *l, int i, struct yaml_file *tree, bool *bad)
{
	size_t before = l->d->errors;
	/* what is used here is defined there: where that is unreadable, complaints about it would mislead */
	if (tree && (i == PART_WORDS || !bad[PART_WORDS]) && (i != PART_RULES || (!bad[PART_WORKFLOW] && !bad[PART_NOTICES]))) {
		l->file = tree;
		parts[i].load(l, tree->root);
		bad[i] = bad[i] || l->d->errors != before;
	}
	yaml_free(tree);
}

/* An overlay's tree into the policy, when the rules that it is about are there; frees it. */
static void load_over(struct loading *l, struct yaml_file *f, const char *path, const bool *bad)
{
	if (f && !bad[PART_RULES] && l->p->rules.n > 0) {
		l->file = f;
		load_overlay(l, f->root, path);
	}
	yaml_free(f);
}

/* The overlays among the files. */
static void load_overlays(struct loading *l, const char *where, const struct policy_file *files, size_t n, const bool *bad)
{
	struct buf name = BUF_INIT;
	size_t before = l->d->errors;
	for (size_t i = 0; i < n; i++) {
		if (!overlay_path(span_of(files[i].path)))
			continue;
		buf_reset(&name);
		buf_printf(&name, "%s%s", where, files[i].path);
		struct yaml_file *f = yaml_parse(name.p, (struct span){ files[i].bytes, files[i].n }, l->d);
		if (f && !l->trust)
			policy_check(f, files[i].path, l->d);
		load_over(l, f, files[i].path, bad);
	}
	if (l->d->errors == before)
		load_overlays_end(l);
	buf_clear(&name);
}

/* The policy as it is; NULL when there was an error since start. */
static struct policy *load_end(struct policy *p, size_t start, struct diag *d)
{
	if (d->errors != start) {
		policy_free(p);
		return NULL;
	}
	make_vocabs(p);
	return p;
}

struct policy *policy_load(const char *where, const struct policy_file *files, size_t n, bool trust,
			   struct diag *d)
{
	struct yaml_file *tree[NPARTS] = { NULL };
	bool bad[NPARTS] = { false };
	size_t start = d->errors;
	struct policy *p = mem_zalloc(1, sizeof(struct policy_box));
	struct loading l = { .p = p, .d = d, .trust = trust, .where = where, .files = trust ? NULL : files, .nfiles = trust ? 0 : n };
	read_files(where, files, n, trust, tree, bad, d);
	for (int i = 0; i < NPARTS; i++)
		load_part(&l, i, tree[i], bad);
	load_overlays(&l, where, files, n, bad);
	return load_end(p, start, d);
}

struct policy *policy_load_trees(const char *where, const struct policy_tree *trees, size_t n, struct diag *d)
{
	bool bad[NPARTS] = { false }, good = true;
	struct policy *p = mem_zalloc(1, sizeof(struct policy_box));
	struct loading l = { .p = p, .d = d, .trust = true };
	size_t start = d->errors;
	struct buf name = BUF_INIT;
	/* one after the other, so that each takes the memory of the one before */
	for (int i = 0; i < NPARTS && good; i++) {
		struct yaml_file *f = NULL;
		buf_reset(&name);
		buf_printf(&name, "%s%s", where, parts[i].path);
		for (size_t k = 0; k < n && !f; k++)
			if (part_of(trees[k].path) == i) {
				f = yaml_unpack(name.p, trees[k].tree);
				good = f != NULL;
			}
		good = good && (f || !parts[i].required);
		load_part(&l, i, f, bad);
	}
	for (size_t k = 0; k < n && good; k++)
		if (overlay_path(trees[k].path)) {
			buf_reset(&name);
			buf_span(&name, trees[k].path);
			struct yaml_file *f = yaml_unpack(name.p, trees[k].tree);
			good = f != NULL;
			load_over(&l, f, name.p, bad);
		}
	buf_clear(&name);
	if (good && d->errors == start)
		load_overlays_end(&l);
	if (good)
		return load_end(p, start, d);
	policy_free(p);
	return NULL;
}

struct policy *policy_load_calendar(const char *name, struct span bytes, struct diag *d)
{
	struct policy *p = mem_zalloc(1, sizeof(struct policy_box));
	size_t start = d->errors;
	struct yaml_file *f = yaml_parse(name, bytes, d);
	struct loading l = { .p = p, .d = d, .file = f };
	if (f)
		policy_check(f, parts[PART_CALENDAR].path, d);
	if (f && d->errors == start)
		load_calendar(&l, f->root);
	yaml_free(f);
	return load_end(p, start, d);
}

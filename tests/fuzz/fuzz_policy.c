/* SPDX-License-Identifier: MIT */
/*
 * A policy from files: a line "%% NAME" begins a file, small sound ones stand
 * in for those that are not given.  What is taken untrusted is taken as a
 * committed version too, and its rules decide every hazard.  Of what is
 * refused every fourth input, by its length, is tried as a committed version.
 */
#include <jansson.h>
#include <stdlib.h>
#include "base/mem.h"
#include "fuzz.h"
#include "policy/policy.h"
#include "yaml/schema.h"

fuzz_fn FUZZ_TARGET(policy);

/*
 * Stands in for jansson's json_loads (linked with --wrap): the schemas compiled in
 * are constant, and parsing them again for every input would take most of the time.
 */
json_t *__wrap_json_loads(const char *text, size_t flags, json_error_t *e);
json_t *__wrap_json_loads(const char *text, size_t flags, json_error_t *e)
{
	static struct { const char *text; json_t *root; } known[16];
	size_t i = 0;

	while (i < 16 && known[i].text && known[i].text != text)
		i++;
	if (i == 16)
		return json_loadb(text, strlen(text), flags, e);
	if (!known[i].text)
		known[i].root = json_loadb(text, strlen(text), flags, e), known[i].text = text;
	return json_incref(known[i].root);
}

/* Small sound files, for those that are not given. */
#define USUAL 4
static const char *const usual[USUAL][2] = {
	{ "policy.yaml", "place: x\nname: X\nlevels: [{id: county, name: C}, {id: village, name: V}]\n"
	  "severities: [{id: general, name: G, alias: [g]}, {id: major, name: M, major: yes}]\n"
	  "categories: [{id: fire, name: F}]\nsources: [{id: patrol, name: P}]\nroles: [{id: clerk, name: K}]\n"
	  "subject_kinds: [{id: shop, name: S}]\ngrid_kinds: [{id: base, name: B}]\norgan_kinds: [{id: government, name: O}]\n"
	  "rate: {of: closed, decimals: 1, target: 90}\n" },
	{ "workflow.yaml", "start: reported\nstates:\n  reported: {name: R, phase: open}\n  closed: {name: C, phase: closed}\n"
	  "steps:\n  close: {name: close, from: any, to: closed, by: [clerk]}\n" },
	{ "escalation.yaml", "rules:\n  - {id: f, when: {category: fire}, due: {within: 3d, from: reported}}\n"
	  "  - {id: all, due: {within: 24h, from: reported}, rungs: [{at: due, do: remind, to: owner}]}\n" },
	{ "notices.yaml", "kinds: [{id: listed, name: L, prefix: D, title: \"{hazard}\"}]\n" },
};

#ifdef FUZZER
/*
 * Stand in for yaml_parse and yaml_check: the usual files are parsed and checked
 * once, an unpacked copy of the tree (yaml_pack) serves from then on.
 */
struct yaml_file *__real_yaml_parse(const char *name, struct span bytes, struct diag *d);
struct yaml_file *__wrap_yaml_parse(const char *name, struct span bytes, struct diag *d);
struct yaml_file *__wrap_yaml_parse(const char *name, struct span bytes, struct diag *d)
{
	static struct buf packed[USUAL];
	size_t i = 0, errors = d->errors;

	while (i < USUAL && bytes.p != usual[i][1])
		i++;
	if (i == USUAL)
		return __real_yaml_parse(name, bytes, d);
	if (packed[i].n == 0) {
		struct yaml_file *f = __real_yaml_parse(name, bytes, d);

		policy_check(f, usual[i][0], d);
		FUZZ_CHECK(d->errors == errors, "%s", usual[i][0]);
		yaml_pack(f, &packed[i]);
		yaml_free(f);
	}
	return yaml_unpack(name, buf_view(&packed[i]));
}

void __real_yaml_check(const struct yaml_file *f, const json_t *schema, struct diag *d);
void __wrap_yaml_check(const struct yaml_file *f, const json_t *schema, struct diag *d);
void __wrap_yaml_check(const struct yaml_file *f, const json_t *schema, struct diag *d)
{
	if (f->told)		/* no unpacked file */
		__real_yaml_check(f, schema, d);
}
#endif

#define FILES 12
#define NO_FILE "d/\n"		/* a name that no line of the input can give: of many files, no position is looked at */

struct bundle {
	struct policy_file file[FILES];
	size_t n, given;		/* those behind the given ones are constant */
};

static void add(struct bundle *b, struct span path, struct span bytes)
{
	if (b->n < FILES)
		b->file[b->n++] = (struct policy_file){ mem_spandup(path), mem_spandup(bytes), bytes.n };
}

/* The files of the input, then the usual ones. */
static void gather(struct bundle *b, struct span in)
{
	struct span line, path = { NULL, 0 };
	const char *from = in.p;

	while (span_split(&in, '\n', &line)) {
		if (line.n < 4 || memcmp(line.p, "%% ", 3) != 0)
			continue;
		if (path.n)
			add(b, path, (struct span){ from, (size_t)(line.p - from) });
		path = (struct span){ line.p + 3, line.n - 3 };
		from = line.p + line.n < in.p ? line.p + line.n + 1 : line.p + line.n;
	}
	if (path.n)
		add(b, path, (struct span){ from, (size_t)(in.p + in.n - from) });
	b->given = b->n;
	for (size_t i = 0; i < USUAL; i++) {
		size_t k = 0;

		while (k < b->n && strcmp(b->file[k].path, usual[i][0]) != 0)
			k++;
		if (k == b->n && b->n < FILES)
			b->file[b->n++] = (struct policy_file){ (char *)(uintptr_t)usual[i][0], (char *)(uintptr_t)usual[i][1],
			    strlen(usual[i][1]) };
	}
}

/* Everything that numbers point at is there, and the rules decide. */
static void look_at(const struct policy *p)
{
	static const char *const ids[] = { "", "general", "major", "fire", "yes" };
	static const char *const vocabularies[] = { "severity", "category", "source", "step", "state", "level", "role",
		"sector", "grid_kind", "organ_kind", "subject_kind", "notice_kind", "point_kind", "none" };

	for (size_t i = 0; i < sizeof vocabularies / sizeof *vocabularies; i++) {
		const struct vocab *w = policy_vocab(p, vocabularies[i]);

		for (size_t k = 0; w && k < w->n; k++)
			FUZZ_CHECK(vocab_id(w, span_of(w->v[k].id)) == (int)k && w->v[k].zh && vocab_find(w, span_of(w->v[k].id)) >= 0,
			    "%s %s", vocabularies[i], w->v[k].id);
	}
	for (size_t i = 0; i < 5; i++) {
		struct rule_facts f = { .id = { { NULL, 0 } } };
		struct err e = ERR_INIT;
		int r;

		for (int k = 0; k < RULE_NFIELDS; k++)
			f.id[k] = f.name[k] = span_of(ids[(i + (size_t)k) % 5]);
		r = rules_match(&p->rules, &f, &e);
		FUZZ_CHECK(r < (int)p->rules.n && (r >= 0 || e.status != ERR_OK), "rule %d", r);
	}
}

/* Reads it as a committed version; `one` is what it gave untrusted, or NULL. */
static void trust(const struct bundle *b, const struct policy *one, struct span bytes)
{
	struct fuzz_said said;
	struct policy *two;

	fuzz_listen(&said, 30);
	two = policy_load("d/", b->file, b->n, true, &said.d);
	FUZZ_CHECK(!one || two, "refused only when trusted");
	if (one) {
		look_at(one);
		FUZZ_CHECK(two->digest[0] == 0 && one->rules.n == two->rules.n && one->workflow.nsteps == two->workflow.nsteps,
		    "trusted it is another");
	}
	fuzz_heard(&said, NO_FILE, bytes);
	policy_free(two);
}

int FUZZ_TARGET(policy)(const uint8_t *p, size_t n)
{
	struct fuzz_in in = { { (const char *)p, n } };
	struct span bytes = fuzz_rest(&in);
	struct bundle b = { .n = 0 };
	struct fuzz_said said;
	struct policy *one;
	size_t errors;

	gather(&b, bytes);
	fuzz_listen(&said, 30);
	one = policy_load("d/", b.file, b.n, false, &said.d);
	errors = said.d.errors;
	FUZZ_CHECK((one == NULL) == (errors > 0), "%zu errors", errors);
	fuzz_heard(&said, NO_FILE, bytes);
	if (one || n % 4 == 0)
		trust(&b, one, bytes);
	policy_free(one);
	for (size_t i = 0; i < b.given; i++) {
		free(b.file[i].path);
		free(b.file[i].bytes);
	}
	fuzz_free(bytes);
	return 0;
}

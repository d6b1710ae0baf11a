/* SPDX-License-Identifier: MIT */
#include "engine/policylint.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "runhelp.h"

/*
 * "Never reached" against every hazard there can be: small vocabularies, random rules, the rules themselves asked.
 */
#define RULES_MAX 7

static const char *const words = "place: x\nname: 某地\nlevels:\n  - {id: county, name: 县}\nseverities:\n"
				 "  - {id: s0, name: 小}\n  - {id: s1, name: 中}\n  - {id: s2, name: 大, major: "
				 "yes}\n"
				 "sources: [{id: o0, name: 巡查}, {id: o1, name: 举报}]\nroles: [{id: clerk, name: "
				 "内勤}]\n"
				 "subject_kinds: [{id: shop, name: 店铺}]\nsectors: [{id: trade, name: "
				 "商贸}]\ngrid_kinds: [{id: resident, name: 居民}]\n"
				 "organ_kinds: [{id: fire, name: 消防}]\n"
				 "categories:\n  - {id: c0, name: 火, duty: [{lead: fire}]}\n  - {id: c1, name: 气, "
				 "duty: [{lead: fire}]}\n  - {id: c2, name: 电, duty: [{lead: fire}]}\n"
				 "rate: {of: closed}\n";
static const char *const flow = "start: reported\nstates:\n  reported: {name: 报, phase: open}\n  closed: {name: 销, "
				"phase: closed}\n"
				"steps:\n  close: {name: 销号, from: open, to: closed}\n";

static unsigned seed = 7;

static unsigned random_below(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return seed / 65536u % n;
}

/* A condition on a field: a list of its words, or a pattern of them; no word at all is not written. */
static void put_test(struct buf *out, const char *field, const char *letter, unsigned n, bool *any)
{
	unsigned set = random_below(1u << n), done = 0;
	bool pattern = random_below(3) == 0;

	if (set == 0)
		return;
	buf_printf(out, "%s%s: %s", *any ? ", " : "", field, pattern ? "\"/^(" : "[");
	for (unsigned i = 0; i < n; i++)
		if (set >> i & 1)
			buf_printf(out, "%s%s%u", done++ ? (pattern ? "|" : ", ") : "", letter, i);
	buf_puts(out, pattern ? ")$/\"" : "]");
	*any = true;
}

/* Some rules, the last one without a condition. */
static void put_rules(struct buf *out)
{
	unsigned n = 2 + random_below(RULES_MAX - 2);

	buf_puts(out, "rules:\n");
	for (unsigned i = 0; i < n; i++) {
		bool any = false;

		buf_printf(out, "  - id: r%u\n    due: {within: 7d, from: reported}\n", i);
		if (i + 1 == n)
			break;
		buf_puts(out, "    when: {");
		if (random_below(2))
			put_test(out, "severity", "s", 3, &any);
		if (random_below(2))
			put_test(out, "category", "c", 3, &any);
		if (random_below(3) == 0)
			put_test(out, "source", "o", 2, &any);
		if (random_below(3) == 0 || !any)
			buf_printf(out, "%semergency: \"%s\"", any ? ", " : "", random_below(2) ? "yes" : "no");
		buf_puts(out, "}\n");
	}
}

static void add_file(struct pack *p, const char *path, const char *text)
{
	MEM_GROW(p->file, p->cap, p->n + 1);
	p->file[p->n++] = (struct policy_file){ mem_strdup(path), mem_strdup(text), strlen(text) };
}

/* Which rules some hazard meets, by asking for each. */
static void ask_all(const struct policy *p, bool *met)
{
	static const char *const s[] = { "s0", "s1", "s2" }, *const c[] = { "c0", "c1", "c2", "" },
				 *const o[] = { "o0", "o1", "" }, *const m[] = { "yes", "" };
	struct err e = ERR_INIT;

	memset(met, 0, RULES_MAX * sizeof *met);
	for (size_t i = 0; i < 3 * 4 * 3 * 2; i++) {
		struct rule_facts f;
		int at;

		memset(&f, 0, sizeof f);
		f.id[RULE_SEVERITY] = span_of(s[i % 3]);
		f.id[RULE_CATEGORY] = span_of(c[i / 3 % 4]);
		f.id[RULE_SOURCE] = span_of(o[i / 12 % 3]);
		f.id[RULE_EMERGENCY] = span_of(m[i / 36]);
		at = rules_match(&p->rules, &f, &e);
		ck_assert_msg(at >= 0, "%s", e.text);
		met[at] = true;
	}
}

/* Compare the findings with the answers. */
static void compare(const struct policy *p, const struct policylint *l, const char *rules)
{
	bool met[RULES_MAX];

	ask_all(p, met);
	for (size_t i = 0; i + 1 < p->rules.n; i++) {
		char told[64];
		bool found = false;

		snprintf(told, sizeof told, "rule \"%s\" is never reached", p->rules.v[i].id);
		for (size_t k = 0; k < l->n; k++)
			found = found || strstr(l->v[k].text, told) != NULL;
		ck_assert_msg(found == !met[i], "rule %s: %s, yet lint says %s\n%s", p->rules.v[i].id,
		    met[i] ? "met" : "never met", found ? "never reached" : "nothing", rules);
	}
}

START_TEST(unreachable_rules_are_just_those)
{
	size_t told = 0, loaded = 0;

	for (int round = 0; round < 600; round++) {
		struct pack pack = PACK_INIT;
		struct policylint l = { .v = NULL };
		struct buf rules = BUF_INIT;
		struct err e = ERR_INIT;
		struct policy *p;
		struct diag d;

		put_rules(&rules);
		diag_init(&d, NULL, NULL, 0);
		add_file(&pack, "policy.yaml", words);
		add_file(&pack, "workflow.yaml", flow);
		add_file(&pack, "escalation.yaml", rules.p);
		p = pack_load(&pack, "pol", &d);
		if (p != NULL) {	/* else one rule alone takes all that another would */
			ck_assert_msg(policylint_run(&l, &pack, "pol", p, NULL, 0, &e) == 0, "%s", e.text);
			compare(p, &l, rules.p);
			loaded++;
			told += l.errors > 0;
		}
		policylint_clear(&l);
		policy_free(p);
		pack_clear(&pack);
		buf_clear(&rules);
	}
	ck_assert_msg(
	    loaded > 150 && told > 6, "%zu policies loaded, %zu with findings: the test tests little", loaded, told);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("policylint");
	TCase *t = tcase_create("cover");

	tcase_add_test(t, unreachable_rules_are_just_those);
	tcase_set_timeout(t, 120);
	suite_add_tcase(s, t);
	return h_run(s);
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/policylintint.h"

/*
 * Which hazards a rule takes is a box: for each field the set of its words that pass.  What earlier rules leave of a box is
 * found by cutting their boxes out of it, field by field, which is exact.  Beside the words of its vocabulary a field may be
 * unknown (no category, no subject).  An owner is one of those that some rule names, or one that matches a pattern of some
 * rule and nothing else that is known, or unknown.
 */
#define PIECES_MAX 200000	/* boxes looked at for one rule; beyond that it is left unsaid */

struct field {
	const char **word, **name;	/* n of them; NULL: unknown; "" with a pattern: whatever that takes */
	const struct pattern **pattern;
	size_t n, words;		/* uint64_t of a set */
};
struct boxes {
	struct policylinting *l;
	struct field field[RULE_NFIELDS];
	size_t off[RULE_NFIELDS], words;	/* where a field's set lies in a box */
	uint64_t *box;			/* one for each rule */
	bool *scoped;			/* a pilot: takes less than its box */
	size_t pieces;
	struct err *e;
};

static bool has(const uint64_t *set, size_t i)
{
	return set[i / 64] >> (i % 64) & 1;
}

static void field_add(struct field *f, const char *word, const char *name, const struct pattern *pattern)
{
	for (size_t i = 0; i < f->n; i++)
		if (pattern == NULL && word != NULL && f->word[i] != NULL && f->pattern[i] == NULL
		    && strcmp(f->word[i], word) == 0)
			return;
	f->word = mem_realloc(f->word, f->n + 1, sizeof *f->word);
	f->name = mem_realloc(f->name, f->n + 1, sizeof *f->name);
	f->pattern = mem_realloc(f->pattern, f->n + 1, sizeof *f->pattern);
	f->word[f->n] = word;
	f->name[f->n] = name;
	f->pattern[f->n++] = pattern;
}

/* The words of a field. */
static void fill_field(struct boxes *b, enum rule_field which)
{
	static const char *const vocabulary[RULE_NFIELDS] = { "severity", "category", "source", "sector",
		"subject_kind", NULL, "level", NULL };
	const struct policy *p = b->l->p;
	const struct vocab *w = vocabulary[which] != NULL ? policy_vocab(p, vocabulary[which]) : NULL;
	struct field *f = &b->field[which];

	for (size_t i = 0; w != NULL && i < w->n; i++)
		field_add(f, w->v[i].id, w->v[i].name, NULL);
	if (which == RULE_EMERGENCY) {
		field_add(f, "yes", "yes", NULL);
		field_add(f, "no", "no", NULL);
	}
	for (size_t i = 0; which == RULE_OWNER && i < p->rules.n; i++)
		for (size_t k = 0; k < p->rules.v[i].ntests; k++) {
			const struct rule_test *t = &p->rules.v[i].when[k];

			if (t->field != RULE_OWNER)
				continue;
			for (size_t j = 0; j < t->nvalues; j++)
				field_add(f, t->value[j], t->value[j], NULL);
			if (t->pattern != NULL)
				field_add(f, "", "", t->pattern);
		}
	/* every hazard has a severity, a tier, and is an emergency or not */
	if (which != RULE_SEVERITY && which != RULE_TIER && which != RULE_EMERGENCY)
		field_add(f, NULL, NULL, NULL);
	f->words = (f->n + 63) / 64;
}

/* Does a test take a word?  1, 0, -1. */
static int takes(const struct rule_test *t, const struct field *f, size_t i, struct err *e)
{
	int hit;

	if (f->word[i] == NULL)
		return 0;
	if (f->pattern[i] != NULL)
		return t->pattern == f->pattern[i];
	for (size_t k = 0; k < t->nvalues; k++)
		if (strcmp(t->value[k], f->word[i]) == 0)
			return 1;
	if (t->pattern == NULL)
		return 0;
	hit = pattern_match(t->pattern, span_of(f->word[i]), e);
	return hit == 0 ? pattern_match(t->pattern, span_of(f->name[i]), e) : hit;
}

/* The box of a rule. */
static int fill_box(struct boxes *b, size_t rule)
{
	const struct rule *r = &b->l->p->rules.v[rule];
	uint64_t *box = b->box + rule * b->words;

	for (int which = 0; which < RULE_NFIELDS; which++) {
		const struct field *f = &b->field[which];
		const struct rule_test *t = NULL;

		for (size_t i = 0; i < r->ntests; i++)
			if (r->when[i].field == (enum rule_field)which)
				t = &r->when[i];
		for (size_t i = 0; i < f->n; i++) {
			int hit = t != NULL ? takes(t, f, i, b->e) : 1;

			if (hit < 0)
				return err_prefix(b->e, "rule %s: %s", r->id, rule_field_name[which]);
			if (hit)
				box[b->off[which] + i / 64] |= UINT64_C(1) << (i % 64);
		}
	}
	return 0;
}

static bool is_empty(const uint64_t *set, size_t words)
{
	for (size_t i = 0; i < words; i++)
		if (set[i])
			return false;
	return true;
}

/* Do two boxes share a hazard? */
static bool meet(const struct boxes *b, const uint64_t *x, const uint64_t *y)
{
	for (int f = 0; f < RULE_NFIELDS; f++) {
		bool any = false;

		for (size_t i = 0; i < b->field[f].words && !any; i++)
			any = (x[b->off[f] + i] & y[b->off[f] + i]) != 0;
		if (!any)
			return false;
	}
	return true;
}

/* Do rules from to `until` together take the whole box, whose bytes may be changed? */
static bool covered(struct boxes *b, uint64_t *box, size_t from, size_t until)
{
	const uint64_t *cut;
	uint64_t *piece;
	bool all = true;

	if (++b->pieces > PIECES_MAX)
		return false;
	while (from < until && (b->scoped[from] || !meet(b, box, b->box + from * b->words)))
		from++;
	if (from == until)
		return false;
	cut = b->box + from * b->words;
	piece = mem_alloc(b->words * sizeof *piece);
	/* what lies beside the cut in a field, and within it in those before */
	for (int f = 0; f < RULE_NFIELDS && all; f++) {
		memcpy(piece, box, b->words * sizeof *piece);
		for (size_t i = 0; i < b->field[f].words; i++)
			piece[b->off[f] + i] &= ~cut[b->off[f] + i];
		if (!is_empty(piece + b->off[f], b->field[f].words))
			all = covered(b, piece, from + 1, until);
		for (size_t i = 0; i < b->field[f].words; i++)
			box[b->off[f] + i] &= cut[b->off[f] + i];
	}
	free(piece);
	return all;
}

/* The rules that take part of what a rule would, as words. */
static void put_takers(const struct boxes *b, size_t rule, struct buf *out)
{
	for (size_t i = 0; i < rule; i++)
		if (!b->scoped[i] && meet(b, b->box + i * b->words, b->box + rule * b->words))
			buf_printf(out, "%s\"%s\" (line %d)", out->n ? ", " : "", b->l->p->rules.v[i].id,
			    b->l->p->rules.v[i].line);
}

/* Rules that the rules above them leave nothing to.  The last one may be there for safety's sake. */
static void lint_reach(struct boxes *b)
{
	const struct rules *r = &b->l->p->rules;
	uint64_t *box = mem_alloc(b->words * sizeof *box);

	for (size_t i = 1; i + 1 < r->n; i++) {
		struct buf by = BUF_INIT;

		memcpy(box, b->box + i * b->words, b->words * sizeof *box);
		b->pieces = 0;
		if (covered(b, box, 0, i) && b->pieces <= PIECES_MAX) {
			put_takers(b, i, &by);
			policylint_add(b->l, b->l->rules, b->l->list->item[i], false,
			    "rule \"%s\" is never reached: %s together take all it would; move it above them, or "
			    "take it out",
			    r->v[i].id, by.p);
		}
		buf_clear(&by);
	}
	free(box);
}

/* Categories left to the catch-all.  A policy with no other rule, or none that asks for anything, means it so. */
static void lint_categories(struct boxes *b)
{
	const struct policy *p = b->l->p;
	const struct yaml_node *list = yaml_get(b->l->words->root, "categories");
	const struct field *f = &b->field[RULE_CATEGORY];

	for (size_t i = 0; p->rules.n > 1 && list != NULL && i < list->n && i < p->categories.n; i++) {
		bool met = false;

		for (size_t k = 0; k < f->n; k++)
			for (size_t r = 0; r + 1 < p->rules.n && f->word[k] != NULL
			     && strcmp(f->word[k], p->categories.v[i].id) == 0;
			     r++)
				met = met || has(b->box + r * b->words + b->off[RULE_CATEGORY], k);
		if (!met)
			policylint_add(b->l, b->l->words, list->item[i], true,
			    "category \"%s\" (%s): no rule of escalation.yaml meets it but the last, \"%s\"; name it "
			    "in a rule, or leave it to that one",
			    p->categories.v[i].id, p->categories.v[i].name, p->rules.v[p->rules.n - 1].id);
	}
}

int policylint_cover(struct policylinting *l, struct err *e)
{
	struct boxes b = { .l = l, .e = e };
	size_t n = l->p->rules.n;
	int result = 0;

	for (int f = 0; f < RULE_NFIELDS; f++) {
		fill_field(&b, (enum rule_field)f);
		b.off[f] = b.words;
		b.words += b.field[f].words;
	}
	b.box = mem_zalloc(n * b.words, sizeof *b.box);
	b.scoped = mem_zalloc(n, sizeof *b.scoped);
	for (size_t i = 0; i < n && result == 0; i++) {
		b.scoped[i] = yaml_get(l->list->item[i], "scope") != NULL;
		result = fill_box(&b, i);
	}
	if (result == 0) {
		lint_reach(&b);
		lint_categories(&b);
	}
	for (int f = 0; f < RULE_NFIELDS; f++) {
		free(b.field[f].word);
		free(b.field[f].name);
		free(b.field[f].pattern);
	}
	free(b.box);
	free(b.scoped);
	return result;
}

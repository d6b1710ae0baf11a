/* SPDX-License-Identifier: MIT */
#include "engine/checkint.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/noticekind.h"

#define SHOWN 60
#define NOTICE_KIND "notice_kind"	/* rows_kind looks at those */

/* A pass over one ledger. */
struct pass {
	struct check_run *c;
	const struct table *t;
	struct check_line at;
	struct err *e;
	int (*row)(struct pass *p, const struct span *f);
	void *more;
	uint64_t last_commit;
};

/* One finding at the row under way. */
#define FINDING(p, column, ...) diag_row((p)->c->diag, (p)->at.file, (p)->at.line, (column), __VA_ARGS__)

/* Keeps the line and hands the row on. */
static int pass_row(void *arg, const struct scan_row *row)
{
	struct pass *p = arg;

	check_line_next(&p->at, row);
	return p->row(p, row->f);
}

/* All rows of one ledger, all columns. */
static int pass_run(struct pass *p, struct err *e)
{
	int cols[SCAN_WANT_MAX];
	void *arg = p;

	for (int i = 0; i < p->t->ncolumns; i++)
		cols[i] = i;
	p->e = e;
	check_line_start(&p->at, p->t->name);
	return ledger_scan(p->c->office->reg, &p->c->office->at, p->t->name, cols, (size_t)p->t->ncolumns,
	    pass_row, &arg, 1, e) < 0 ? -1 : 0;
}

/* Bytes of a value as shown. */
static int shown(struct span v)
{
	return (int)(v.n > SHOWN ? text_valid((struct span){ v.p, SHOWN }) : v.n);
}

/* Is the word in some committed version of the policy?  Vocabularies that no version has are not looked at. */
static bool is_word(const struct check_policies *all, const char *vocabulary, struct span v)
{
	bool any = false;

	for (size_t i = 0; i < all->n; i++) {
		const struct vocab *w = policy_vocab(all->v[i], vocabulary);

		if (w && vocab_id(w, v) >= 0)
			return true;
		any |= w && w->n;
	}
	return !any;
}

/* What rows are held against. */
struct words {
	const struct check_policies *all;
	struct notice_kinds kinds;
};

/* A paper goes by the rules of its kind: the policy in force has it, or one that held when it was issued. */
static int rows_kind(struct pass *p, const struct span *f)
{
	struct words *w = p->more;
	struct span kind = f[schema_column(p->t, SPAN("kind"))];
	struct notice_rules rules;
	uint64_t seq = 0;

	span_u64(f[schema_column(p->t, SPAN("commit"))], INT64_MAX, &seq);
	if (notice_rules_of(&w->kinds, kind, seq, &rules, p->e))
		return -1;
	if (rules.kind == NULL && kind.n > 0)
		FINDING(p, "kind", "no version of notices.yaml has the kind \"%.*s\", so the paper is never sent; put a policy that has it",
		    shown(kind), kind.p);
	return 0;
}

/* One value. */
static void rows_value(struct pass *p, const struct column *c, struct span v)
{
	const struct words *w = p->more;
	struct err mine = ERR_INIT;

	if (schema_check(c, v, p->c->office->reg->offset, &mine))
		FINDING(p, c->name, "%s", mine.text);
	else if (text_clean(v) != v.n)
		FINDING(p, c->name, "byte %zu of the value is a control character or no UTF-8", text_clean(v) + 1);
	else if (c->type == COLUMN_PLACE && v.n && strcmp(c->vocabulary, NOTICE_KIND) != 0
	    && !(c->clears && span_is(v, "-")) && !is_word(w->all, c->vocabulary, v))
		FINDING(p, c->name, "\"%.*s\" is no %s of any committed policy", shown(v), v.p, c->vocabulary);
}

/* One row against its schema. */
static int rows_row(struct pass *p, const struct span *f)
{
	int commit = schema_column(p->t, SPAN("commit"));
	uint64_t seq;

	for (int i = 0; i < p->t->ncolumns; i++)
		rows_value(p, &p->t->columns[i], f[i]);
	if (commit >= 0 && span_u64(f[commit], UINT64_MAX, &seq)) {
		if (seq > p->c->office->at.seq || seq < p->last_commit)
			FINDING(p, "commit", "%.*s does not follow %ju, the commit of the row before",
			    shown(f[commit]), f[commit].p,
			    (uintmax_t)p->last_commit);
		else
			p->last_commit = seq;
	}
	return strcmp(p->t->name, "notices") == 0 ? rows_kind(p, f) : 0;
}

int check_rows(struct check_run *c, struct err *e)
{
	struct words w = { .all = check_policies(c, e), .kinds = { .office = c->office } };
	int result = w.all ? 0 : -1;

	for (size_t i = 0; i < c->office->at.nledgers && result == 0; i++) {
		struct pass p = { .c = c, .t = c->office->at.ledger[i].table, .row = rows_row, .more = &w };

		result = pass_run(&p, e);
	}
	notice_kinds_clear(&w.kinds);
	return result;
}

/* The numbers of one ledger so far. */
struct numbers {
	int year;
	uint32_t last;
	bool repeats;		/* several rows may share an id */
};

/* One id follows the one before. */
static int ids_row(struct pass *p, const struct span *f)
{
	struct numbers *n = p->more;
	struct span v = f[p->t->key];
	const char *column = p->t->columns[p->t->key].name;
	struct schema_id id;

	if (!schema_id_parse(v, &id) || id.letter != p->t->id_letter) {
		FINDING(p, column, "\"%.*s\" is not an id of %s", shown(v), v.p, p->t->name);
		return 0;
	}
	if (!span_is(id.office, p->c->office->reg->office)) {
		FINDING(p, column, "%.*s is not an id of office %s", shown(v), v.p, p->c->office->reg->office);
		return 0;
	}
	if (n->repeats && id.year == n->year && id.number <= n->last)
		return 0;
	if (id.year < n->year || (id.year == n->year && id.number <= n->last))
		FINDING(p, column, "%.*s was used before or is out of order: the id before is number %u of %d",
		    shown(v), v.p, n->last, n->year);
	else if (id.number != (id.year == n->year ? n->last + 1 : 1))
		FINDING(p, column, "%.*s leaves a gap: number %u of %d comes next", shown(v), v.p,
		    id.year == n->year ? n->last + 1 : 1, id.year);
	if (id.year > n->year || id.number > n->last) {
		n->year = id.year;
		n->last = id.number;
	}
	return 0;
}

int check_ids(struct check_run *c, struct err *e)
{
	int result = 0;

	for (size_t i = 0; i < c->office->at.nledgers && result == 0; i++) {
		const struct table *t = c->office->at.ledger[i].table;
		struct numbers n = { .repeats = strcmp(t->primary, t->columns[t->key].name) != 0 };
		struct pass p = { .c = c, .t = t, .row = ids_row, .more = &n };

		if (t->id_letter)
			result = pass_run(&p, e);
	}
	return result;
}

/* Take in the id of a row. */
static int take_id(void *arg, const struct scan_row *row)
{
	names_add(arg, row->f[0]);
	return 0;
}

/* All ids that other ledgers may name. */
static int take_ids(struct check_run *c, struct names *ids, struct err *e)
{
	int result = 0;
	void *arg = ids;

	for (size_t i = 0; i < c->office->at.nledgers && result == 0; i++) {
		const struct table *t = c->office->at.ledger[i].table;

		if (t->id_letter && t->id_letter != 'E')
			result = ledger_scan(c->office->reg, &c->office->at, t->name, &t->key, 1, take_id, &arg,
			    1, e) < 0 ? -1 : 0;
	}
	return result;
}

/* One value that names something. */
static int refs_value(struct pass *p, const struct column *c, struct span v)
{
	struct span one, id = v;
	struct schema_id parts;
	struct master *m;

	if (c->type == COLUMN_ID) {
		if (schema_id_parse(id, &parts) && span_is(parts.office, p->c->office->reg->office)
		    && parts.letter != 'E'
		    && names_find(p->more, id) == NAMES_NONE)
			FINDING(p, c->name, "there is no %.*s", shown(v), v.p);
		return 0;
	}
	m = office_master(p->c->office, c->ref, p->e);
	if (!m)
		return -1;
	while (c->type == COLUMN_LIST ? span_split(&v, ';', &one) : (one = v, v.n = 0, one.n > 0)) {
		if (master_number(m, one, p->e) == UINT32_MAX && p->e->status == ERR_OK)
			FINDING(p, c->name, "there is no \"%.*s\" in %s.csv", shown(one), one.p, c->ref);
		if (p->e->status != ERR_OK)
			return -1;
	}
	return 0;
}

/* The references of one row. */
static int refs_row(struct pass *p, const struct span *f)
{
	for (int i = 0; i < p->t->ncolumns; i++) {
		const struct column *c = &p->t->columns[i];
		bool own = i == p->t->key && p->t->id_letter;

		if (f[i].n == 0 || own || (c->clears && span_is(f[i], "-")))
			continue;
		if (c->type == COLUMN_ID || ((c->type == COLUMN_REF || c->type == COLUMN_LIST) && c->ref[0]))
			if (refs_value(p, c, f[i]))
				return -1;
	}
	return 0;
}

int check_refs(struct check_run *c, struct err *e)
{
	struct names ids = { .n = 0 };
	int result = take_ids(c, &ids, e);

	for (size_t i = 0; i < c->office->at.nledgers && result == 0; i++) {
		struct pass p = { .c = c, .t = c->office->at.ledger[i].table, .row = refs_row, .more = &ids };

		result = pass_run(&p, e);
	}
	names_clear(&ids);
	return result;
}

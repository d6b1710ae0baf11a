/* SPDX-License-Identifier: MIT */
#include "engine/checkint.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "register/journal.h"

static const struct check checks[] = {
	{ "rows", "every row against its schema and the place's words", check_rows, false },
	{ "ids", "ids are gapless, in order and used once", check_ids, false },
	{ "refs", "what rows refer to exists", check_refs, false },
	{ "order", "found, reported and each step in order of time", check_order, false },
	{ "replay", "the steps of every hazard are allowed by its workflow", check_replay, false },
	{ "masters", "master tables: schema, validity, references, the tree of grids", check_masters, false },
	{ "policy", "the policy in force passes the lint", check_committed_policy, false },
	{ "copies", "working copies are what is committed", check_copies, false },
	{ "index", "the index says the same as the ledgers", check_index, false },
	{ "calendar", "the calendar has what open hazards need, and does not end soon", check_calendar, false },
	{ "duties", "every category has one organ that answers for it on every day", check_duties, true },
	{ "sweep", "hazard-escalate ran not longer ago than --max-age", check_sweep, true },
};
#define NCHECKS (sizeof checks / sizeof *checks)

const struct check *check_all(size_t *n)
{
	*n = NCHECKS;
	return checks;
}

const struct check *check_named(const char *name, struct err *e)
{
	const char *names[NCHECKS], *near;
	struct buf list = BUF_INIT;

	for (size_t i = 0; i < NCHECKS; i++) {
		if (!strcmp(checks[i].name, name))
			return &checks[i];
		names[i] = checks[i].name;
	}
	near = text_nearest(span_of(name), names, NCHECKS);
	text_list(&list, names, NCHECKS, NCHECKS);
	err_set(e, ERR_USAGE, "there is no check \"%s\"%s%s%s there are %s", name, near ? "; did you mean "
	    : "", near ? near : "",
	    near ? "?" : ";", list.p);
	buf_clear(&list);
	return NULL;
}

void check_line_start(struct check_line *l, const char *table)
{
	*l = (struct check_line){ .table = table };
}

void check_line_next(struct check_line *l, const struct scan_row *row)
{
	if (l->segment == 0 || row->at <= l->last) {
		reg_segment_name(l->table, ++l->segment, l->file);
		l->line = 1;
	}
	l->line++;
	l->last = row->at;
}

/* Remember the policy of a journal line. */
static int see_policy(void *arg, const struct journal_line *l, bool chained)
{
	struct check_policies *p = arg;

	(void)chained;
	if (l->policy.n == 0)
		return 0;
	for (size_t i = 0; i < p->n; i++)
		if (span_eq(p->digest[i], l->policy))
			return 0;
	MEM_GROW(p->digest, p->digest_cap, p->n + 1);
	p->digest[p->n++] = (struct span){ arena_spandup(&p->mem, l->policy), l->policy.n };
	return 0;
}

const struct check_policies *check_policies(struct check_run *c, struct err *e)
{
	struct check_policies *p;

	if (c->policies)
		return c->policies;
	p = c->policies = mem_zalloc(1, sizeof *p);
	if (journal_walk(c->office->reg, c->office->at.journal, see_policy, p, e) < 0)
		return NULL;
	p->v = mem_zalloc(p->n + 1, sizeof *p->v);
	for (size_t i = 0; i < p->n; i++) {
		p->v[i] = office_policy(c->office, p->digest[i], e);
		if (!p->v[i])
			return NULL;
	}
	return p;
}

struct policy *check_policy(const struct check_policies *p, struct span digest12)
{
	for (size_t i = 0; i < p->n; i++)
		if (span_eq(p->digest[i], digest12))
			return p->v[i];
	return NULL;
}

void check_clear(struct check_run *c)
{
	if (!c->policies)
		return;
	free(c->policies->v);
	free(c->policies->digest);
	arena_clear(&c->policies->mem);
	free(c->policies);
	c->policies = NULL;
}

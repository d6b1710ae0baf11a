/* SPDX-License-Identifier: MIT */
#include "engine/noticearchive.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "engine/noticeearlier.h"
#include "engine/noticetake.h"
#include "register/ledger.h"

/* The office of the commit in hand. */
static void let_go(struct notice_archive *a)
{
	notice_batch_clear(&a->batch);
	office_close(a->office);
	free(a->moment);
	a->office = NULL;
	a->moment = NULL;
	a->commit = 0;
}

void notice_archive_clear(struct notice_archive *a)
{
	let_go(a);
	names_clear(&a->ids);
	free(a->v);
	free(a->line);
	arena_clear(&a->mem);
	*a = (struct notice_archive){ .reg = a->reg };
}

/* All columns of a table, in order. */
static int scan_all(struct reg *r, const struct moment *m, const char *table, scan_row_fn *fn, void *arg,
    struct err *e)
{
	int col[SCAN_WANT_MAX], n = schema_table(span_of(table))->ncolumns;

	for (int i = 0; i < n; i++)
		col[i] = i;
	return ledger_scan(r, m, table, col, (size_t)n, fn, &arg, 1, e);
}

int notice_archive_scan(struct reg *r, const struct moment *m, scan_row_fn *fn, void *arg, struct err *e)
{
	return scan_all(r, m, "notices", fn, arg, e);
}

/* A copy of a row's values. */
static struct span *keep_row(struct notice_archive *a, const char *table, const struct span *f)
{
	size_t n = (size_t)schema_table(span_of(table))->ncolumns;
	struct span *own = arena_alloc(&a->mem, n * sizeof *own);

	for (size_t i = 0; i < n; i++)
		own[i] = (struct span){ arena_spandup(&a->mem, f[i]), f[i].n };
	return own;
}

void notice_archive_add(struct notice_archive *a, const struct span *f)
{
	const struct table *t = schema_table(SPAN("notices"));
	uint64_t commit = 0;

	span_u64(f[schema_column(t, SPAN("commit"))], INT64_MAX, &commit);
	names_add(&a->ids, f[t->key]);
	MEM_GROW(a->v, a->cap, a->n + 1);
	a->v[a->n++] = (struct notice_recorded){ commit, keep_row(a, "notices", f) };
}

struct span notice_archive_value(const struct notice_archive *a, size_t i, const char *column)
{
	return a->v[i].f[schema_column(schema_table(SPAN("notices")), span_of(column))];
}

static int on_line(void *arg, const struct scan_row *row)
{
	struct notice_archive *a = arg;
	uint32_t paper = names_find(&a->ids, row->f[0]);

	if (paper == NAMES_NONE)
		return 0;
	MEM_GROW(a->line, a->lines_cap, a->nlines + 1);
	a->line[a->nlines++] = (struct archive_line){ paper, keep_row(a, "notice-lines", row->f) };
	return 0;
}

/* By paper; the sort keeps the order of lines within one, which is that of their addresses. */
static int by_paper(const void *x, const void *y)
{
	const struct archive_line *a = x, *b = y;
	uint64_t i = 0, k = 0;
	int col = schema_column(schema_table(SPAN("notice-lines")), SPAN("line"));

	if (a->paper != b->paper)
		return a->paper < b->paper ? -1 : 1;
	span_u64(a->f[col], INT64_MAX, &i);
	span_u64(b->f[col], INT64_MAX, &k);
	return i < k ? -1 : i > k;
}

int notice_archive_lines(struct notice_archive *a, const struct moment *m, struct err *e)
{
	if (a->n && scan_all(a->reg, m, "notice-lines", on_line, a, e))
		return -1;
	if (a->nlines)
		qsort(a->line, a->nlines, sizeof *a->line, by_paper);
	return 0;
}

static struct span line_value(const struct archive_line *l, const char *column)
{
	return l->f[schema_column(schema_table(SPAN("notice-lines")), span_of(column))];
}

/* A time column, TIME_NONE when empty. */
static int64_t read_time(struct span s, int offset)
{
	int64_t t;

	return time_read(s, offset, &t) ? t : TIME_NONE;
}

/* The lines of papers [from, to) name these hazards. */
static void name_hazards(const struct notice_archive *a, struct names *ids)
{
	for (size_t i = 0; i < a->nlines; i++)
		if (a->line[i].paper >= a->from && a->line[i].paper < a->to && line_value(&a->line[i],
		    "hazard").n)
			names_add(ids, line_value(&a->line[i], "hazard"));
}

/* A paper as it was recorded. */
static int rebuild(struct notice_archive *a, size_t i, const struct names *ids, const uint32_t *number,
    struct err *e)
{
	struct notice_batch *b = &a->batch;
	int offset = a->reg->offset;
	const char *id = notice_archive_value(a, i, "notice").p;
	const struct notice_kind *k = notice_kind_of(a->office, notice_archive_value(a, i, "kind").p, NULL, e);
	struct notice_paper *p;

	if (!k)
		return err_prefix(e, "%s", id);
	p = notice_batch_letter(b, k, notice_archive_value(a, i, "issuer"), notice_archive_value(a, i,
	    "receiver"));
	p->id = id;
	p->number = notice_archive_value(a, i, "number").p;
	p->person = notice_archive_value(a, i, "person");
	p->subject = notice_archive_value(a, i, "subject");
	p->key = notice_archive_value(a, i, "key").p;
	p->title = notice_archive_value(a, i, "title").p;
	p->at = read_time(notice_archive_value(a, i, "at"), offset);
	p->due = read_time(notice_archive_value(a, i, "due"), offset);
	for (size_t n = 0; n < a->nlines; n++) {
		const struct archive_line *l = &a->line[n];
		struct span hazard = line_value(l, "hazard");

		if (l->paper != i)
			continue;
		if (hazard.n && number[names_find(ids, hazard)] == NOTICE_NO_HAZARD)
			return err_set(e, ERR_PERSON,
			    "%s: names hazard %s, which is not there; run gridctl check", id, hazard.p);
		MEM_GROW(p->line, p->cap, p->nlines + 1);
		p->line[p->nlines++] = (struct notice_line){ hazard.n ? number[names_find(ids, hazard)]
		    : NOTICE_NO_HAZARD,
			read_time(line_value(l, "due"), offset), line_value(l, "overdue").n > 0, line_value(l,
			    "silenced_by"),
			line_value(l, "note").p, NULL };
		p->nannexed += line_value(l, "silenced_by").n > 0;
	}
	return 0;
}

/* Open the register as known right after a commit, with the hazards of all its papers here. */
static int open_commit(struct notice_archive *a, size_t at, struct err *e)
{
	struct names ids = { .n = 0 };
	struct fold *f = NULL;
	uint32_t *number = NULL;
	char known[24];
	int rc = -1;

	let_go(a);
	for (a->from = at; a->from > 0 && a->v[a->from - 1].commit == a->v[at].commit; )
		a->from--;
	for (a->to = at; a->to < a->n && a->v[a->to].commit == a->v[at].commit; )
		a->to++;
	snprintf(known, sizeof known, "%llu", (unsigned long long)a->v[at].commit);
	a->moment = mem_zalloc(1, sizeof *a->moment);
	if (reg_moment(a->reg, known, a->moment, e) || !(a->office = office_on(a->reg, a->moment, e)))
		return -1;
	a->batch = (struct notice_batch){ .office = a->office, .now = read_time(notice_archive_value(a, at,
	    "at"), a->reg->offset) };
	name_hazards(a, &ids);
	number = mem_zalloc((size_t)ids.n + 1, sizeof *number);
	if (ids.n && (!(f = fold_all(a->office, INT64_MAX, scan_cores(2), e)) || notice_take(&a->batch, f,
	    &ids, false, number, e)))
		goto done;
	for (size_t i = a->from; i < a->to; i++)
		if (rebuild(a, i, &ids, number, e))
			goto done;
	if (notice_earlier_find(&a->batch, a->v[at].commit, e))
		goto done;
	a->commit = a->v[at].commit;
	rc = 0;
done:
	free(number);
	names_clear(&ids);
	fold_free(f);
	return rc;
}

int notice_archive_paper(struct notice_archive *a, size_t i, struct notice_paper **p, struct err *e)
{
	if (a->commit != a->v[i].commit && open_commit(a, i, e))
		return -1;
	*p = &a->batch.paper[i - a->from];
	return 0;
}

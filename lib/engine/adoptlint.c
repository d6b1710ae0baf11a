/* SPDX-License-Identifier: MIT */
#include "engine/adoptlint.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "engine/rowspan.h"
#include "model/value.h"
#include "register/ledger.h"

/* One tail being looked at. */
struct look {
	struct office *o;
	const struct table *t;
	const char *file;
	size_t first;			/* line of its first row */
	uint64_t next;
	adoptlint_fn *show;
	void *arg;
	struct diag *d;
	struct err *e;
	int year;			/* last id so far */
	uint32_t number;
};

/* One value against schema and words. */
static void look_value(struct look *l, size_t line, const struct column *c, struct span v)
{
	const struct vocab *w = c->type == COLUMN_PLACE ? policy_vocab(l->o->policy, c->vocabulary) : NULL;
	struct err mine = ERR_INIT;
	struct buf words = BUF_INIT;

	if (schema_check(c, v, l->o->reg->offset, &mine)) {
		diag_row(l->d, l->file, line, c->name, "%s", mine.text);
	} else if (text_clean(v) != v.n) {
		diag_row(l->d, l->file, line, c->name,
		    "byte %zu of the value is a control character or no UTF-8", text_clean(v) + 1);
	} else if (w && w->n && v.n && !(c->clears && span_is(v, "-")) && vocab_id(w, v) < 0) {
		values_words(&words, w, v);
		diag_row(l->d, l->file, line, c->name, "\"%.*s\" is not one of %s", (int)v.n, v.p, words.p);
	}
	buf_clear(&words);
}

/* What the value refers to is there. */
static int look_ref(struct look *l, size_t line, const struct column *c, struct span v)
{
	struct master *m = office_master(l->o, c->ref, l->e);
	struct span one;

	while (m && (c->type == COLUMN_LIST ? span_split(&v, ';', &one) : (one = v, v.n = 0, one.n > 0)))
		if (master_number(m, one, l->e) == UINT32_MAX && l->e->status == ERR_OK)
			diag_row(l->d, l->file, line, c->name, "there is no \"%.*s\" in %s.csv", (int)one.n,
			    one.p, c->ref);
	return l->e->status == ERR_OK ? 0 : -1;
}

/* The id goes on from the one before. */
static void look_id(struct look *l, size_t line, struct span v)
{
	const char *column = l->t->columns[l->t->key].name;
	struct schema_id id;
	uint32_t want;

	if (!schema_id_parse(v, &id))
		return;	/* said by the schema */
	want = id.year == l->year ? l->number + 1 : 1;
	if (!span_is(id.office, l->o->reg->office))
		diag_row(l->d, l->file, line, column, "%.*s is not an id of office %s", (int)v.n, v.p,
		    l->o->reg->office);
	else if (id.year < l->year || id.number != want)
		diag_row(l->d, l->file, line, column, "%.*s is out of order: number %u of %d comes next", (int)v.n, v.p,
		    id.year < l->year ? l->number + 1 : want, id.year < l->year ? l->year : id.year);
	else {
		l->year = id.year;
		l->number = id.number;
	}
}

/* One row. */
static int look_row(void *arg, size_t number, const struct span *v)
{
	struct look *l = arg;
	size_t line = l->first + number - 1;
	int commit = schema_column(l->t, SPAN("commit"));
	char next[24];

	l->show(l->arg, l->file, line, l->t, v);
	for (int i = 0; i < l->t->ncolumns; i++) {
		const struct column *c = &l->t->columns[i];

		look_value(l, line, c, v[i]);
		if ((c->type == COLUMN_REF || c->type == COLUMN_LIST) && c->ref[0] && !(c->clears && span_is(v[i], "-"))
		    && look_ref(l, line, c, v[i]))
			return -1;
	}
	if (l->t->id_letter && !strcmp(l->t->primary, l->t->columns[l->t->key].name))
		look_id(l, line, v[l->t->key]);
	snprintf(next, sizeof next, "%" PRIu64, l->next);
	if (commit >= 0 && v[commit].n && !span_is(v[commit], next))
		diag_row(l->d, l->file, line, "commit", "%.*s is not the commit that takes it in: write %s",
		    (int)v[commit].n, v[commit].p, next);
	return 0;
}

/* The last id that is committed. */
static int last_id(void *arg, const struct scan_row *row)
{
	struct look *l = arg;
	struct schema_id id;

	if (schema_id_parse(row->f[0], &id)) {
		l->year = id.year;
		l->number = id.number;
	}
	return 0;
}

int adoptlint_tail(struct office *o, const struct adopt_tail *tail, uint64_t next, adoptlint_fn *show, void *arg,
    struct diag *d, struct err *e)
{
	struct look l = { .o = o, .t = tail->table, .next = next, .show = show, .arg = arg, .d = d, .e = e };
	char file[REG_FILE_MAX];
	void *scan = &l;

	reg_segment_name(tail->table->name, tail->segment, file);
	l.file = file;
	if (ledger_scan(o->reg, &o->at, tail->table->name, &tail->table->key, 1, last_id, &scan, 1, e) < 0
	    || rowspan_line(o->reg, file, tail->from, &l.first, e))
		return -1;
	return rowspan_read(o->reg, tail->table, file, tail->from, tail->to, l.first, look_row, &l, e) < 0 ? -1 : 0;
}

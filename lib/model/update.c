/* SPDX-License-Identifier: MIT */
#include "model/update.h"

#include <stdlib.h>

#include "base/text.h"
#include "csv/foreign.h"
#include "csv/writer.h"
#include "model/idlines.h"
#include "model/inputrow.h"
#include "model/stepint.h"

/* Does the step, by the policy in force, take back an event? */
static bool is_retraction(const struct update *u)
{
	const struct policy *p = u->office->policy;
	const struct vocab *steps = policy_vocab(p, "step");
	int i = steps != NULL ? vocab_find(steps, span_trim(u->step)) : -1;

	if (i >= 0)
		i = workflow_step(&p->workflow, steps->v[i].id, strlen(steps->v[i].id));
	return i >= 0 && p->workflow.step[i].effect == WF_RETRACT;
}

int update_one(struct update *u, const char *file, size_t line, struct span id, struct err *e)
{
	const struct table *t = schema_table(SPAN("events"));
	int key = schema_column(t, SPAN("key"));
	struct span f[EVENT_COLUMNS_MAX];
	struct step_said said = { .step = u->step, .f = f, .evidence = u->evidence, .repin = u->repin,
	    .file = file, .line = line };
	size_t errors = u->d->errors;

	memcpy(f, u->f, (size_t)t->ncolumns * sizeof *f);
	if (is_retraction(u))
		f[key] = id;
	else
		said.hazard = id;
	u->rows++;
	if (step_take(u->batch, &said, u->d, e))
		return -1;
	return u->d->errors > errors && step_bad_value(u->batch);
}

/* CSV being read. */
struct listing {
	struct update *u;
	const char *name;
	int *column;		/* per input column: events column, or one of these */
	size_t ncolumns;
	int want;		/* update_list: the column that is read, -1 none */
	struct err *e;
};
enum { COLUMN_NONE = -1, COLUMN_EVIDENCE = -2, COLUMN_BY_REF = -3, COLUMN_BY_ID = -4, COLUMN_STEP = -5 };

/* A record with a column of ids. */
static int list_row(void *arg, const struct foreign_row *row)
{
	struct listing *l = arg;
	const struct table *t = schema_table(SPAN("events"));
	const char *wanted = is_retraction(l->u) ? "event" : "hazard";
	int col = schema_column(t, span_of(wanted)), result;

	if (l->ncolumns == 0) {
		l->ncolumns = row->n;
		for (size_t i = 0; i < row->n && l->want < 0; i++)
			if (schema_column_label(t, row->f[i]) == col)
				l->want = (int)i;
		if (l->want < 0)
			diag_row(l->u->d, l->name, 1, NULL, "no column \"%s\" (%s) and no ids one a line",
			    wanted, t->columns[col].title_zh);
		return l->want < 0;
	}
	if (row->bad)
		return 0;
	result = update_one(l->u, l->name, row->line, row->f[l->want], l->e);
	return result;
}

/* Ids one a line. */
static int read_plain(struct update *u, const char *name, struct span bytes, struct err *e)
{
	struct span id;
	size_t line = 0;
	int result = 0;

	while (result == 0 && idlines_next(&bytes, &id, &line))
		result = update_one(u, name, line, id, e);
	return result < 0 ? -1 : 0;
}

int update_list(struct update *u, const char *name, struct span bytes, struct err *e)
{
	struct foreign_options opt = { .encoding = u->encoding };
	struct listing l = { .u = u, .name = name, .want = -1, .e = e };

	if (span_trim(bytes).n == 0)
		return 0;	/* a pipe that had nothing to say */
	if (idlines(bytes))
		return read_plain(u, name, bytes, e);
	return foreign_parse(name, bytes, &opt, u->d, list_row, &l, e) < 0 ? -1 : 0;
}

/* What a column of a file of steps is. */
static int bind_column(struct listing *l, struct span label, size_t number)
{
	static const char *const given[] = { "event", "commit", "was", NULL };
	const struct table *t = schema_table(SPAN("events"));
	int col;

	if (span_is(label, "evidence"))
		return COLUMN_EVIDENCE;
	if (span_is(label, "ref") || span_is(label, "外部编号"))
		return COLUMN_BY_REF;
	col = inputrow_column(t, given, l->name, label, number, l->u->d);
	if (col == INPUTROW_UNKNOWN)
		inputrow_unknown(t, l->name, label, l->u->d);
	if (col < 0)
		return COLUMN_NONE;
	if (strcmp(t->columns[col].name, "hazard") == 0)
		return COLUMN_BY_ID;
	return strcmp(t->columns[col].name, "step") == 0 ? COLUMN_STEP : col;
}

/* The header of a file of steps; 0 understood. */
static int bind(struct listing *l, const struct foreign_row *row)
{
	bool step = false, hazard = false;
	size_t errors = l->u->d->errors;

	l->ncolumns = row->n;
	l->column = mem_zalloc(row->n, sizeof *l->column);
	for (size_t i = 0; i < row->n; i++) {
		int col = l->column[i] = bind_column(l, row->f[i], i + 1);

		step = step || col == COLUMN_STEP;
		hazard = hazard || col == COLUMN_BY_ID || col == COLUMN_BY_REF;
		for (size_t k = 0; k < i; k++)
			if (col != COLUMN_NONE && l->column[k] == col)
				inputrow_double(l->name, row->f, k, i, l->u->d);
	}
	if (!step)
		diag_row(l->u->d, l->name, 1, NULL,
		    "no column \"step\" (环节): every row says which step it is");
	if (!hazard)
		diag_row(l->u->d, l->name, 1, NULL,
		    "no column \"hazard\" (隐患编号) and none \"ref\" (外部编号): every row names its hazard");
	return l->u->d->errors > errors;
}

/* A row with its own step. */
static int file_row(void *arg, const struct foreign_row *row)
{
	struct listing *l = arg;
	struct span f[EVENT_COLUMNS_MAX] = { { NULL, 0 } };
	struct step_said said = { .f = f, .file = l->name, .line = row->line };

	if (l->column == NULL)
		return bind(l, row);
	l->u->rows++;
	if (row->bad)
		return 0;
	for (size_t i = 0; i < l->ncolumns; i++) {
		int col = l->column[i];

		if (col >= 0)
			f[col] = row->f[i];
		else if (col == COLUMN_EVIDENCE)
			said.evidence = row->f[i];
		else if (col == COLUMN_BY_REF)
			said.ref = row->f[i];
		else if (col == COLUMN_BY_ID)
			said.hazard = row->f[i];
		else if (col == COLUMN_STEP)
			said.step = row->f[i];
	}
	return step_take(l->u->batch, &said, l->u->d, l->e);
}

int update_file(struct update *u, const char *name, struct span bytes, struct err *e)
{
	struct foreign_options opt = { .encoding = u->encoding };
	struct listing l = { .u = u, .name = name, .e = e };
	int result = foreign_parse(name, bytes, &opt, u->d, file_row, &l, e);

	free(l.column);
	return result < 0 ? -1 : 0;
}

/* An answer being written. */
struct answer_out {
	struct buf *out;
	bool csv;
};

static int answer_row(void *arg, const struct scan_row *row)
{
	struct answer_out *a = arg;

	if (a->csv)
		writer_row(a->out, row->f, 3);
	else {
		buf_span(a->out, row->f[0]);
		buf_putc(a->out, '\n');
	}
	return 0;
}

int update_answer(struct span pending, bool csv, struct buf *out, struct err *e)
{
	const struct table *t = schema_table(SPAN("events"));
	int cols[3] = { t->key, schema_column(t, SPAN("hazard")), schema_column(t, SPAN("step")) };
	struct scan_want want = { (size_t)t->ncolumns, cols, 3 };
	struct answer_out a = { out, csv };

	if (csv)
		buf_puts(out, "event,hazard,step\n");
	return pending.n == 0 ? 0 : scan_bytes("events.csv", pending, true, 1, &want, answer_row, &a, e);
}

/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/text.h"
#include "csv/foreign.h"
#include "engine/noticetext.h"
#include "model/idlines.h"
#include "hazard-notice.h"

#define INPUT_MAX ((size_t)1 << 30)

/* Rows being read for one column. */
struct rows {
	struct notice_job *j;
	const struct table *t;
	const char *column;
	struct names *ids;
	size_t ncolumns;
	int want;
};

/* An id as it must look; complained about when it does not. */
static void take_id(struct rows *x, size_t line, struct span id)
{
	struct schema_id parts;
	char letter = strcmp(x->column, "hazard") == 0 ? 'H' : 'N';

	if (schema_id_parse(id, &parts) && parts.letter == letter)
		names_add(x->ids, id);
	else if (line)
		diag_row(&x->j->c.diag, "standard input", line, x->column,
		    "\"%.*s\" is no id of a %s; one is like %c", (int)(id.n < 40 ? id.n : 40),
		    id.p, x->column, letter);
	else
		diag_row(&x->j->c.diag, x->j->c.prog, 0, x->column,
		    "\"%.*s\" is no id of a %s; one is like T01-%c2026-000001",
		    (int)(id.n < 40 ? id.n : 40), id.p, x->column, letter);
}

static int on_row(void *arg, const struct foreign_row *row)
{
	struct rows *x = arg;
	int col = schema_column(x->t, span_of(x->column));

	if (x->ncolumns == 0) {
		x->ncolumns = row->n;
		for (size_t i = 0; i < row->n && x->want < 0; i++)
			if (schema_column_label(x->t, row->f[i]) == col)
				x->want = (int)i;
		if (x->want < 0)
			diag_row(&x->j->c.diag, "standard input", 1, NULL,
			    "no column \"%s\" (%s) and no ids one a line", x->column,
			    x->t->columns[col].title_zh);
		return x->want < 0;
	}
	if (!row->bad)
		take_id(x, row->line, row->f[x->want]);
	return 0;
}

/* Ids out of the bytes that were read. */
static int read_rows(struct rows *x, struct err *e)
{
	struct foreign_options opt = { .encoding = x->j->value[OPT_ENCODING] };
	struct span rest = buf_view(&x->j->input), id;
	size_t line = 0;

	if (!span_trim(rest).n)
		return 0;		/* a pipe that had nothing to say */
	if (!idlines(rest))
		return foreign_parse("standard input", rest, &opt, &x->j->c.diag, on_row, x, e) < 0 ? -1 : 0;
	while (idlines_next(&rest, &id, &line))
		take_id(x, line, id);
	return 0;
}

/* The retry key: what was asked for, and the rows. */
static void make_key(struct notice_job *j)
{
	struct buf words = BUF_INIT;
	struct span word;

	for (int i = 0; i < NOTICE_NOPTIONS; i++)
		if (j->value[i] && i != OPT_AGAIN)
			buf_printf(&words, "%d=%s ", i, j->value[i]);
	word = buf_view(&words);
	writing_key(&word, 1, buf_view(&j->input), j->key);
	buf_clear(&words);
}

int job_ids(struct notice_job *j, const char *column, const struct table *t, bool key, struct names *ids,
    struct err *e)
{
	struct rows x = { j, t, column, ids, 0, -1 };

	if (j->noperands == 0 || (j->noperands == 1 && !strcmp(j->operand[0], "-"))) {
		if (io_slurp(AT_FDCWD, "-", INPUT_MAX, &j->input, e))
			return -1;
		if (key && !j->value[OPT_KEY])
			make_key(j);
		if (read_rows(&x, e))
			return -1;
	}
	for (int i = 0; i < j->noperands; i++)
		if (j->noperands > 1 || strcmp(j->operand[i], "-"))
			take_id(&x, 0, span_of(j->operand[i]));
	return diag_end(&j->c.diag, e);
}

int job_text(const char *option, const char *said, struct arena *mem, struct span *out, struct err *e)
{
	struct buf text = BUF_INIT;
	int rc = text_canonical(&text, span_of(said), e);

	if (rc) {
		e->status = ERR_USAGE;
		err_prefix(e, "--%s", option);
	} else if (!text.n)
		rc = err_set(e, ERR_USAGE, "--%s: empty", option);
	else
		*out = (struct span){ arena_spandup(mem, buf_view(&text)), text.n };
	buf_clear(&text);
	return rc;
}

const struct notice_kind *job_kind(const struct notice_job *j, const struct policy *p, struct err *e)
{
	const struct vocab *kinds = policy_vocab(p, "notice_kind");
	const char *said = j->value[OPT_KIND], **names, *near;
	int i = said && kinds ? vocab_find(kinds, span_of(said)) : -1;
	struct buf list = BUF_INIT;

	if (i >= 0)
		return &p->notice[i];
	if (!kinds) {
		err_set(e, ERR_DATA, "this register has no notices.yaml, so no kinds of papers");
		return NULL;
	}
	names = mem_zalloc(kinds->n + 1, sizeof *names);
	for (size_t k = 0; k < kinds->n; k++)
		names[k] = kinds->v[k].id;
	text_list(&list, names, kinds->n, 40);
	near = said ? text_nearest(span_of(said), names, kinds->n) : NULL;
	if (said)
		err_set(e, ERR_USAGE, "--kind: \"%s\" is not one of %s%s%s%s", said, list.p, near
		    ? "; did you mean \"" : "", near ? near : "",
		    near ? "\"?" : "");
	else
		err_set(e, ERR_USAGE, "which kind of paper? --kind=KIND, one of %s", list.p);
	free(names);
	buf_clear(&list);
	return NULL;
}

int job_print(struct notice_job *j, const struct notice_batch *b, const struct notice_paper *p, bool draft,
    struct err *e)
{
	if (job_is(j, "ids")) {
		buf_printf(&j->out, "%s%s", p->id, *p->id ? "\n" : "");
		return 0;
	}
	if (j->out.n)
		buf_puts(&j->out, "\n----------------------------------------\n\n");
	return notice_text(b, p, draft, &j->out, e);
}

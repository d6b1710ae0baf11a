/* SPDX-License-Identifier: MIT */
#include "hazard-show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "csv/writer.h"
#include "register/ledger.h"

struct show {
	const char *known, *as_of;
	bool explain;
};

static const struct cli_option options[] = {
	{ "explain", 0, NULL, "show the arithmetic of the due date and of each limit: rule, basis, every counted and excluded span" },
	{ "as-of", 0, "TIME", "the state as of TIME" },
	{ "known", 0, "SEQ|TIME|CHECKPOINT", "what was recorded up to there" },
	{ NULL, 0, NULL, NULL }
};

static int on_option(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct show *w = arg;

	(void)e;
	if (!strcmp(o->name, "explain"))
		w->explain = true;
	else if (!strcmp(o->name, "as-of"))
		w->as_of = value;
	else
		w->known = value;
	return 0;
}

static const struct cli_program program = {
	.name = "hazard-show",
	.usage = "[options] ID…",
	.about = "Show one hazard: what it is, every step that was taken, and why it is due when it is.",
	.shared = CLI_FORMAT,
	.options = options,
	.formats = "text|csv",
	.on = on_option,
};

/* The rows of a ledger that name the hazard, those of after --as-of left out. */
static int load_rows(struct shown *x, const char *table, struct span id, struct shown_rows *rows, struct err *e)
{
	struct office *o = x->s->office;
	struct ledger_at *at = NULL;
	size_t n = 0;
	int rc = ledger_of_hazard(o->reg, &o->at, table, id, &at, &n, e) < 0 ? -1 : 0, col;

	rows->t = schema_table(span_of(table));
	rows->f = mem_zalloc(n * (size_t)rows->t->ncolumns + 1, sizeof *rows->f);
	rows->text = mem_zalloc(n + 1, sizeof *rows->text);
	col = schema_column(rows->t, SPAN("at"));
	for (size_t i = 0; i < n && !rc; i++) {
		struct span *f = rows->f + rows->n * (size_t)rows->t->ncolumns;
		int64_t t;

		rc = ledger_read(o->reg, &o->at, table, at[i], &rows->text[rows->n], f, e);
		if (!rc && time_read(f[col], o->reg->offset, &t) && t > x->s->as_of)
			buf_clear(&rows->text[rows->n]);
		else
			rows->n++;
	}
	free(at);
	return rc;
}

/* No such hazard: say where it may be. */
static int unknown(const struct office *o, struct span id, struct err *e)
{
	struct schema_id parts;

	if (schema_id_parse(id, &parts) && !span_is(parts.office, o->reg->office))
		return err_set(e, ERR_DATA, "%.*s: is of office %.*s, this register (%s) is of %s", (int)id.n, id.p, (int)parts.office.n,
		    parts.office.p, o->reg->path, o->reg->office);
	return err_set(e, ERR_DATA, "%.*s: no hazard of that id in %s", (int)id.n, id.p, o->reg->path);
}

int shown_load(struct shown *x, struct session *s, struct span id, bool explain, struct err *e)
{
	struct office *o = s->office;
	struct ledger_at at;
	int found;

	x->s = s;
	x->explain = explain;
	found = ledger_find(o->reg, &o->at, "hazards", id, &at, e);
	if (found == 0)
		return unknown(o, id, e);
	if (found < 0 || fold_one(o, id, s->as_of, &x->fold, e) < 0 ||
	    ledger_read(o->reg, &o->at, "hazards", at, &x->text, x->row, e))
		return -1;
	if (hazard_derive(x->fold, 0, x->row, s->now, &x->h, &x->trace, e))
		return -1;
	if (x->h.reported > s->as_of)
		return err_set(e, ERR_DATA, "%.*s: was not reported yet, but on %.*s", (int)id.n, id.p, TIME_LEN,
		    x->row[schema_column(schema_table(SPAN("hazards")), SPAN("reported_at"))].p);
	if (explain && limits_stand(x->fold, &x->h, s->now, &x->limits, e) < 0)
		return -1;
	return load_rows(x, "events", id, &x->events, e) || load_rows(x, "evidence", id, &x->evidence, e) ||
	    measures_read(&x->measures, o, id, s->as_of, e) ? -1 : 0;
}

static void rows_clear(struct shown_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		buf_clear(&rows->text[i]);
	free(rows->text);
	free(rows->f);
}

void shown_clear(struct shown *x)
{
	rows_clear(&x->events);
	measures_clear(&x->measures);
	rows_clear(&x->evidence);
	fold_free(x->fold);
	buf_clear(&x->text);
	free(x->trace.v);
	limits_clear(&x->limits);
}

void shown_csv(const struct shown *x, bool first, struct buf *out)
{
	if (first)
		schema_header(x->events.t, out);
	for (size_t i = 0; i < x->events.n; i++)
		writer_row(out, x->events.f + i * (size_t)x->events.t->ncolumns, (size_t)x->events.t->ncolumns);
}

/* One hazard to standard output. */
static int show(struct session *s, struct span id, const struct show *w, bool csv, bool first, struct err *e)
{
	struct shown x = { .s = NULL };
	struct buf out = BUF_INIT;
	int rc = shown_load(&x, s, id, w->explain, e);

	if (!rc && csv)
		shown_csv(&x, first, &out);
	else if (!rc) {
		if (!first)
			buf_putc(&out, '\n');
		shown_text(&x, &out);
	}
	if (out.n)
		fwrite(out.p, 1, out.n, stdout);
	buf_clear(&out);
	shown_clear(&x);
	return rc;
}

int main(int argc, char **argv)
{
	struct session s = { .office = NULL };
	struct show w = { NULL, NULL, false };
	struct err e = ERR_INIT;
	struct cli c;
	int operand = cli_start(&c, &program, argc, argv, &w), rc, status;

	if (operand == argc)
		rc = err_set(&e, ERR_USAGE, "which hazard? give an id such as T01-H2026-000123");
	else
		rc = session_open(&s, &c, w.known, w.as_of, &e);
	for (int i = operand; i < argc && !rc; i++)
		rc = show(&s, span_of(argv[i]), &w, c.format && !strcmp(c.format, "csv"), i == operand, &e);
	status = rc ? cli_fail(&c, &e) : cli_end(&c, 0);
	session_close(&s);
	return status;
}

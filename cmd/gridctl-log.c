/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "csv/writer.h"
#include "engine/changes.h"
#include "model/session.h"

struct logging {
	struct keeper k;
	const char *id, *ledger, *actor, *since, *until;
	bool changes;
	struct buf line;
};

static const struct cli_option options[] = {
	{ "id", 0, "ID", "rows that carry this id or key: of a hazard, a subject, an officer …" },
	{ "ledger", 0, "LEDGER", "this ledger or master table, or policy" },
	{ "actor", 0, "ID", "commits of this actor" },
	{ "since", 0, "TIME", "recorded at TIME or later" },
	{ "until", 0, "TIME", "recorded at TIME or before; a date alone means its end" },
	{ "changes", 0, NULL, "one line per value instead of one per commit and ledger" },
	{ NULL, 0, NULL, NULL }
};

/* Takes the options. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct logging *l = arg;

	(void)e;
	if (!strcmp(o->name, "id"))
		l->id = value;
	else if (!strcmp(o->name, "ledger"))
		l->ledger = value;
	else if (!strcmp(o->name, "actor"))
		l->actor = value;
	else if (!strcmp(o->name, "since"))
		l->since = value;
	else if (!strcmp(o->name, "until"))
		l->until = value;
	else
		l->changes = true;
	return 0;
}

static const struct cli_program program = {
	.name = "gridctl log",
	.usage = "[options]",
	.about = "List the commits of a register as CSV, oldest first: who changed what, when, and with which program.",
	.options = options,
	.on = on,
	.more = "Columns: commit, at, actor, login, command, ledger, id, column, was, value.",
};

/* One line of CSV; 1 when standard output is gone. */
static int print(void *arg, const struct span *v)
{
	struct logging *l = arg;

	buf_reset(&l->line);
	writer_row(&l->line, v, CHANGES_NCOLUMNS);
	return fwrite(l->line.p, 1, l->line.n, stdout) == l->line.n ? 0 : 1;
}

/* The ledger asked for is one. */
static int check_ledger(const char *name, struct err *e)
{
	const struct table *t = schema_table(span_of(name));

	if (!strcmp(name, "policy") || !strcmp(name, "register") || (t && (t->kind == TABLE_RECORD
	    || t->kind == TABLE_MASTER)))
		return 0;
	return gridctl_table(name, TABLE_RECORD, e) ? 0 : -1;
}

/* Read the options and list. */
static int list(struct logging *l, struct err *e)
{
	struct changes_want want = { .ledger = l->ledger, .actor = span_of(l->actor), .id = span_of(l->id),
	    .since = INT64_MIN,
		.until = INT64_MAX, .values = l->changes };
	struct span header[CHANGES_NCOLUMNS];
	int offset;

	if ((l->ledger && check_ledger(l->ledger, e)) || keeper_read(&l->k, NULL, false, e))
		return -1;
	offset = l->k.reg->offset;
	if ((l->since && session_time("since", l->since, offset, false, &want.since, e))
	    || (l->until && session_time("until", l->until, offset, true, &want.until, e)))
		return -1;
	for (size_t i = 0; i < CHANGES_NCOLUMNS; i++)
		header[i] = span_of(changes_columns[i]);
	print(l, header);
	return changes_run(l->k.reg, &l->k.at, &want, print, l, e) < 0 ? -1 : 0;
}

int gridctl_log(int argc, char **argv)
{
	struct logging l = { .changes = false };
	struct err e = ERR_INIT;
	int first = cli_start(&l.k.cli, &program, argc, argv, &l);

	if (gridctl_operands(&l.k.cli, first, argc, 0, 0, "no operand; rows are chosen by options", &e) == 0)
		list(&l, &e);
	buf_clear(&l.line);
	return keeper_end(&l.k, 0, &e);
}

/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <string.h>

#include "base/text.h"
#include "csv/writer.h"
#include "engine/adoptlint.h"

struct adopt {
	struct keeper k;
	const char *reason;
	size_t rows;
};

static const struct cli_option options[] = {
	{ "reason", 0, "TEXT", "why they are taken in; the journal keeps it beside the command" },
	{ NULL, 0, NULL, NULL }
};

/* Takes --reason. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct adopt *a = arg;

	(void)o;
	(void)e;
	a->reason = value;
	return 0;
}

static const struct cli_program program = {
	.name = "gridctl adopt",
	.usage = "[--reason=TEXT] [options]",
	.about = "Take in rows that another hand added behind a ledger's end: check, show and seal them.",
	.shared = CLI_WRITER,
	.options = options,
	.on = on,
	.more = "The rows go to standard output as file:line: row.  With --dry-run they are only checked and shown.",
};

/* Show a row. */
static void show(void *arg, const char *file, size_t line, const struct table *t, const struct span *v)
{
	struct adopt *a = arg;
	struct buf row = BUF_INIT, out = BUF_INIT;

	writer_row(&row, v, (size_t)t->ncolumns);
	buf_printf(&out, "%s:%zu: ", file, line);
	text_escape(&out, (struct span){ row.p, row.n - 1 }, false);
	buf_putc(&out, '\n');
	gridctl_print(buf_view(&out));
	buf_clear(&row);
	buf_clear(&out);
	a->rows++;
}

/* Look at all tails, then seal them. */
static int take_in(struct adopt *a, struct err *e)
{
	struct adopt_tail tail[REG_LEDGERS_MAX];
	struct commit_who who = { .key = "", .lock_wait_ms = a->k.cli.lock_wait_ms, .dry_run = a->k.cli.dry_run };
	struct buf words = BUF_INIT;
	uint64_t next;
	size_t n;
	int result = -1;

	if (keeper_read(&a->k, NULL, true, e) || keeper_actor(&a->k, e) || commit_foreign(a->k.reg, tail,
	    REG_LEDGERS_MAX, &n, e))
		return -1;
	next = a->k.at.seq + 1;
	for (size_t i = 0; i < n; i++)
		if (adoptlint_tail(a->k.office, &tail[i], next, show, a, &a->k.cli.diag, e))
			return -1;
	if (diag_end(&a->k.cli.diag, e))
		return -1;
	buf_printf(&words, "gridctl adopt%s%s", a->reason ? " " : "", a->reason ? a->reason : "");
	who.actor = a->k.actor;
	who.command = words.p;
	who.now = a->k.cli.now;
	result = commit_adopt(a->k.reg, &who, e);
	if (result == 0 && !a->k.cli.dry_run) {
		a->k.cli.recorded = true;
		cli_say(&a->k.cli, "%zu row%s adopted, commit %ju", a->rows, a->rows == 1 ? "" : "s", (uintmax_t)next);
	}
	buf_clear(&words);
	return result;
}

int gridctl_adopt(int argc, char **argv)
{
	struct adopt a = { .reason = NULL };
	struct err e = ERR_INIT;
	int first = cli_start(&a.k.cli, &program, argc, argv, &a);

	if (gridctl_operands(&a.k.cli, first, argc, 0, 0, "no operand", &e) == 0)
		take_in(&a, &e);
	return keeper_end(&a.k, 0, &e);
}

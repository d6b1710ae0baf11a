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
	uint64_t seq;			/* of the adoption */
	struct buf shown;
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
	struct buf row = BUF_INIT;

	writer_row(&row, v, (size_t)t->ncolumns);
	buf_printf(&a->shown, "%s:%zu: ", file, line);
	text_escape(&a->shown, (struct span){ row.p, row.n - 1 }, false);
	buf_putc(&a->shown, '\n');
	buf_clear(&row);
	a->rows++;
}

/* Look at all tails on the moment they are sealed on; commit_adopt holds the lock. */
static int look(void *arg, const struct moment *m, uint64_t seq, const struct adopt_tail *tail, size_t n, struct err *e)
{
	struct adopt *a = arg;

	if (m->seq != a->k.at.seq) {
		office_close(a->k.office);
		a->k.at = *m;
		a->k.office = office_on(a->k.reg, &a->k.at, e);
		if (!a->k.office)
			return -1;
	}
	a->seq = seq;
	for (size_t i = 0; i < n; i++)
		if (adoptlint_tail(a->k.office, &tail[i], seq, show, a, &a->k.cli.diag, e))
			return -1;
	return diag_end(&a->k.cli.diag, e);
}

/* Look at them and seal them. */
static int take_in(struct adopt *a, struct err *e)
{
	struct commit_who who = { .key = "", .lock_wait_ms = a->k.cli.lock_wait_ms, .dry_run = a->k.cli.dry_run };
	struct buf words = BUF_INIT;
	int result;

	if (keeper_read(&a->k, NULL, true, e) || keeper_actor(&a->k, e))
		return -1;
	a->k.reg->allow_network = a->k.cli.allow_network;
	buf_printf(&words, "gridctl adopt%s%s", a->reason ? " " : "", a->reason ? a->reason : "");
	who.actor = a->k.actor;
	who.command = words.p;
	who.now = a->k.cli.now;
	result = commit_adopt(a->k.reg, &who, look, a, e);
	/* only now: a reader of standard output that waits must not hold up the lock */
	gridctl_print(buf_view(&a->shown));
	cli_warn(&a->k.cli, span_of(a->k.reg->undone));
	if (result == 0 && !a->k.cli.dry_run) {
		a->k.cli.recorded = true;
		cli_say(&a->k.cli, "%zu row%s adopted, commit %ju", a->rows, a->rows == 1 ? "" : "s", (uintmax_t)a->seq);
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
	buf_clear(&a.shown);
	return keeper_end(&a.k, 0, &e);
}

/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "register/verify.h"

struct verify {
	struct keeper k;
	const char *since;
	size_t findings;		/* warnings (an edited working copy) not among them */
	struct buf line, shown;
};

static const struct cli_option options[] = {
	{ "since", 0, "CHECKPOINT", "today's register must extend this checkpoint (a file, or its text)" },
	{ NULL, 0, NULL, NULL }
};

/* Takes --since. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct verify *v = arg;

	(void)o;
	(void)e;
	v->since = value;
	return 0;
}

static const struct cli_program program = {
	.name = "gridctl verify",
	.usage = "[options] [DIR]",
	.about = "Prove that the register is what its journal says, byte for byte.",
	.options = options,
	.on = on,
	.more = "Findings go to standard output, the first bad commit first; status 1 when there are any.  A working copy\n"
	    "that differs from what is committed is a warning only.",
};

/* One finding: file:first-last: text (commit N). */
static int print(void *arg, const struct verify_finding *f)
{
	struct verify *v = arg;
	struct buf *b = &v->line;

	buf_reset(b);
	buf_puts(b, f->file);
	if (f->first_row)
		buf_printf(b, ":%zu", f->first_row);
	if (f->last_row > f->first_row)
		buf_printf(b, "-%zu", f->last_row);
	buf_printf(b, "%s%s", b->n ? ": " : "", f->text);
	if (f->warning) {
		diag_warn(&v->k.cli.diag, "%s", f->text);
		return 0;
	}
	if (f->seq)
		buf_printf(b, " (commit %" PRIu64 ")", f->seq);
	buf_reset(&v->shown);
	text_escape(&v->shown, buf_view(b), false);
	buf_putc(&v->shown, '\n');
	gridctl_print(buf_view(&v->shown));
	v->findings++;
	return 0;
}

/* The last words: what was proven and what cannot be. */
static void conclude(struct verify *v, const struct verify_sum *s)
{
	struct cli *c = &v->k.cli;
	struct buf head = BUF_INIT, doubt = BUF_INIT;
	struct err ignored = ERR_INIT;

	if (commit_doubt(v->k.reg, &doubt, &ignored) == 1)
		diag_warn(&c->diag, "%s; what was read may have come from memory: run gridctl check", doubt.p);
	buf_clear(&doubt);
	if (s->open_begin)
		cli_say(c, "%s: a commit was under way or was cut off; the next writer undoes it", c->prog);
	verify_short(v->k.reg, &s->head, &head);
	if (v->findings)
		cli_say(c, "%s: %zu finding%s in %" PRIu64 " commit%s", c->prog, v->findings,
		    v->findings == 1 ? "" : "s",
		    s->commits, s->commits == 1 ? "" : "s");
	else
		cli_say(c, "%s: %" PRIu64 " commit%s, %" PRIu64 " row%s, %" PRIu64 " bytes are as they were written; head %.*s", c->prog,
		    s->commits, s->commits == 1 ? "" : "s", s->rows, s->rows == 1 ? "" : "s", s->bytes,
		    (int)(head.n && head.p[head.n - 1] == '\n' ? head.n - 1 : head.n), head.p);
	if (!v->findings && v->since)
		cli_say(c, "%s: it extends the checkpoint: nothing up to there was changed or taken back", c->prog);
	else if (!v->findings)
		cli_say(c, "%s: not proven without --since=CHECKPOINT: that the whole history was not rolled back or rewritten", c->prog);
	buf_clear(&head);
}

int gridctl_verify(int argc, char **argv)
{
	struct verify v = { .since = NULL };
	struct verify_sum sum = { .commits = 0 };
	struct err e = ERR_INIT;
	int first = cli_start(&v.k.cli, &program, argc, argv, &v);

	if (gridctl_operands(&v.k.cli, first, argc, 0, 1, "at most one DIR", &e) == 0) {
		if (first < argc)
			v.k.cli.dir = argv[first];
		v.k.reg = reg_open(v.k.cli.dir, &e);
		if (v.k.reg && verify_register(v.k.reg, v.since, print, &v, &sum, &e) == 0)
			conclude(&v, &sum);
	}
	buf_clear(&v.line);
	buf_clear(&v.shown);
	return keeper_end(&v.k, v.findings ? ERR_NO : 0, &e);
}

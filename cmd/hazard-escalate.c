/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "engine/calendarneed.h"
#include "engine/sweep.h"

#define NOBODY_SHOWN 5	/* hazards named when their papers find no receiver */

static const struct cli_option options[] = {
	{ NULL, 0, NULL, NULL }
};

static const struct cli_program program = {
	.name = "hazard-escalate",
	.usage = "[options]",
	.about = "The sweep: find which rungs of the escalation rules have fallen due, record them and issue the notices, once each.",
	.shared = CLI_WRITER | CLI_FORMAT,
	.options = options,
	.formats = "csv",
	.more = "Run it from cron; run again it changes nothing. With -q only warnings are printed.\n",
};

/* Papers that nobody gets: which hazards, so that a person can mend the tree.  Said with -q too: cron is to mail it. */
static void say_nobody(struct cli *c, const struct sweep *s)
{
	struct buf ids = BUF_INIT;
	size_t shown = 0;

	for (size_t i = 0; i < s->batch.npapers; i++)
		for (size_t k = 0; k < s->batch.paper[i].nlines && !s->batch.paper[i].receiver.n && shown < NOBODY_SHOWN; k++)
			buf_printf(&ids, "%s%s", shown++ ? ", " : "", s->batch.hazard[s->batch.paper[i].line[k].hazard].id);
	diag_warn(&c->diag, "%zu line%s of notices without a receiver, no organ answers for the unit: %s%s", s->nobody, s->nobody == 1 ? "" : "s",
	    ids.p, s->nobody > shown ? ", …" : "");
	buf_clear(&ids);
}

/* Once a day: the calendar ends soon.  Said with -q too: cron is to mail it. */
static void say_calendar(struct cli *c, const struct sweep *s)
{
	struct buf soon = BUF_INIT;
	struct err ignored = ERR_INIT;

	if (s->first_today && calendar_ends_soon(s->office, s->now, &soon, &ignored) == 0 && soon.n)
		diag_warn(&c->diag, "%s", soon.p);
	buf_clear(&soon);
}

int main(int argc, char **argv)
{
	struct buf lines = BUF_INIT, warning = BUF_INIT;
	struct sweep s = { .on_line = notice_line_csv, .arg = &lines };
	struct err e = ERR_INIT;
	struct cli c;
	int operand = cli_start(&c, &program, argc, argv, NULL), rc, status;

	if (operand < argc)
		rc = err_set(&e, ERR_USAGE, "\"%s\": hazard-escalate takes no operand", argv[operand]);
	else
		rc = sweep_open(&s, &c, &e) || sweep_run(&s, &e);
	if (!rc && c.dry_run) {
		buf_reset(&lines);
		commit_pending_all(s.commit, &lines);
	}
	if (!rc) {
		bool writes = sweep_writes(&s);

		rc = sweep_close(&s, &warning, &e);
		c.recorded = !rc && writes && !c.dry_run;
	}
	if (!rc && lines.n && (c.dry_run || !c.quiet))
		fwrite(lines.p, 1, lines.n, stdout);
	if (!rc && s.nobody)
		say_nobody(&c, &s);
	if (!rc)
		say_calendar(&c, &s);
	cli_warn(&c, buf_view(&warning));
	status = rc ? cli_fail(&c, &e) : cli_end(&c, 0);
	sweep_clear(&s);
	buf_clear(&lines);
	buf_clear(&warning);
	return status;
}

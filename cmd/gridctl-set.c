/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <string.h>

#include "base/time.h"
#include "engine/masterput.h"

struct set {
	struct keeper k;
	const char *base, *reason;
};

static const struct cli_option options[] = {
	{ "reason", 0, "TEXT", "why; the journal keeps it beside the command" },
	{ "base", 0, "DIGEST", "refuse when the committed table is another one (see gridctl get -v)" },
	{ NULL, 0, NULL, NULL }
};

/* Takes the options. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct set *s = arg;

	(void)e;
	if (!strcmp(o->name, "reason"))
		s->reason = value;
	else
		s->base = value;
	return 0;
}

static const struct cli_program program = {
	.name = "gridctl set",
	.usage = "--reason=TEXT [options] TABLE ID COL=VALUE...",
	.about = "Change values of the latest row of ID in a master table; an empty VALUE clears.",
	.shared = CLI_WRITER,
	.options = options,
	.on = on,
	.more = "The table is checked whole, as by gridctl put.  Earlier versions stay: gridctl log --changes shows them.",
};

/* Build the new version and commit it. */
static int change(struct set *s, char **argv, size_t n, struct err *e)
{
	const struct table *t = gridctl_table(argv[0], TABLE_MASTER, e);
	struct buf words = BUF_INIT, out = BUF_INIT, file = BUF_INIT;
	struct masterput m = { .table = t };
	struct masterput_sum sum;
	uintmax_t seq;
	int result = -1;

	if (!t)
		return -1;
	buf_printf(&words, "gridctl set %s", s->reason);
	buf_printf(&file, "%s.csv", t->name);
	if (keeper_write(&s->k, words.p, e) || gridctl_base(&s->k.at, t->name, s->base, e))
		goto done;
	m.office = s->k.office;
	m.file = file.p;
	m.day = time_day(s->k.cli.now, s->k.reg->offset);
	if (masterput_row(&m, span_of(argv[1]), argv + 2, n - 2, &s->k.cli.diag, &out, &sum, e)
	    || diag_end(&s->k.cli.diag, e))
		goto done;
	result = 0;
	if (s->k.cli.dry_run)
		gridctl_print(buf_view(&out));
	if (sum.same) {
		cli_say(&s->k.cli, "%s: nothing to change, nothing was committed", t->name);
		goto done;
	}
	commit_version(s->k.commit, t->name, buf_view(&out));
	seq = commit_seq(s->k.commit);
	result = keeper_commit(&s->k, e);
	if (result == 0 && !s->k.cli.dry_run)
		cli_say(&s->k.cli, "%s: %s changed, commit %ju", t->name, argv[1], seq);
done:
	buf_clear(&words);
	buf_clear(&out);
	buf_clear(&file);
	return result;
}

int gridctl_set(int argc, char **argv)
{
	struct set s = { .reason = NULL };
	struct err e = ERR_INIT;
	int first = cli_start(&s.k.cli, &program, argc, argv, &s);

	if (gridctl_operands(&s.k.cli, first, argc, 3, argc, "TABLE, ID and COL=VALUE", &e) == 0) {
		if (!s.reason || !s.reason[0])
			err_set(&e, ERR_USAGE, "--reason=TEXT is needed: why the row is changed");
		else
			change(&s, argv + first, (size_t)(argc - first), &e);
	}
	return keeper_end(&s.k, 0, &e);
}

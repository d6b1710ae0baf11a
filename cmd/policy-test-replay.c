/* SPDX-License-Identifier: MIT */
#include "policy-test.h"

#include <stdio.h>

#include "csv/writer.h"
#include "engine/policyreplay.h"

static const struct cli_option options[] = {
	{ "all", 0, NULL, "look at hazards that are over too" },
	{ NULL, 0, NULL, NULL }
};

struct replay {
	struct cli c;
	struct policyreplay r;
	struct buf line;
};

/* Takes --all. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct replay *x = arg;

	(void)o, (void)value, (void)e;
	x->r.all = true;
	return 0;
}

static const struct cli_program program = {
	.name = "policy-test replay",
	.usage = "[options] DIR|PLACE",
	.about = "Which hazards of the register would change if they were repinned to this policy now.",
	.options = options,
	.on = on,
	.more = "Prints CSV hazard,field,was,would-be; field is state, rule, due, overdue or next_rung (what happens "
		"next, to whom).\n"
		"A state that would be empty is one that the new workflow does not have.  Nothing is written.",
};

/* One difference. */
static void row(void *arg, const struct span v[4])
{
	struct replay *x = arg;

	buf_reset(&x->line);
	writer_row(&x->line, v, 4);
	fwrite(x->line.p, 1, x->line.n, stdout);
}

static void progress(void *arg, uint64_t done)
{
	struct replay *x = arg;

	cli_progress(&x->c, "replaying", done, 0);
}

/* How many of what. */
static void say_sum(const struct replay *x)
{
	struct buf by = BUF_INIT;

	for (int i = 0; i < REPLAY_FIELDS; i++)
		buf_printf(&by, "%s%s %zu", i ? ", " : "", policyreplay_name[i], x->r.fields[i]);
	cli_say(&x->c, "policy-test replay: %zu of %zu hazards would change: %s", x->r.changed, x->r.hazards, by.p);
	buf_clear(&by);
}

int policy_test_replay(int argc, char **argv)
{
	struct replay x = { .line = BUF_INIT };
	struct subject s = SUBJECT_INIT;
	struct office *o = NULL;
	struct err e = ERR_INIT;
	int first = cli_start(&x.c, &program, argc, argv, &x), status;

	if (first == argc)
		err_set(&e, ERR_USAGE, "which policy? name a directory or a place");
	else if (subject_operands(first, argc, argv, 1, &e) == 0 && subject_load(&s, &x.c, argv[first], &e) == 0
	    && (o = office_open(x.c.dir, NULL, &e)) != NULL && cli_now(&x.c, o->reg->offset, &e) == 0) {
		x.r.next = s.policy;
		x.r.now = x.c.now;
		x.r.row = row;
		x.r.progress = progress;
		x.r.arg = &x;
		puts("hazard,field,was,would-be");
		policyreplay_run(&x.r, o, &e);
	}
	if (e.status == ERR_OK) {
		say_sum(&x);
		status = cli_end(&x.c, ERR_OK);
	} else {
		status = cli_fail(&x.c, &e);
	}
	office_close(o);
	subject_clear(&s);
	buf_clear(&x.line);
	return status;
}

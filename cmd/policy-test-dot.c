/* SPDX-License-Identifier: MIT */
#include "policy-test.h"

#include <stdio.h>
#include <string.h>

#include "engine/policydot.h"

static const struct cli_option options[] = {
	{ "rules", 0, NULL, "the ladder of each rule, and its overlays, instead of the workflow" },
	{ "labels", 0, "zh|id", "the place's own words (default), or ids" },
	{ NULL, 0, NULL, NULL }
};

struct drawing {
	bool rules, ids;
};

/* Takes the options. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct drawing *d = arg;

	if (!strcmp(o->name, "rules")) {
		d->rules = true;
		return 0;
	}
	d->ids = !strcmp(value, "id");
	if (d->ids || !strcmp(value, "zh"))
		return 0;
	return err_set(e, ERR_USAGE, "\"%s\" is not one of zh, id", value);
}

static const struct cli_program program = {
	.name = "policy-test dot",
	.usage = "[options] [DIR|PLACE]",
	.about = "Draw the workflow, or the rules, as a graph for graphviz: policy-test dot yongren | dot -Tsvg "
		 ">flow.svg",
	.options = options,
	.on = on,
};

int policy_test_dot(int argc, char **argv)
{
	struct subject s = SUBJECT_INIT;
	struct drawing d = { .rules = false };
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct cli c;
	int first = cli_start(&c, &program, argc, argv, &d), status;

	if (subject_operands(first, argc, argv, 1, &e) == 0
	    && subject_load(&s, &c, first < argc ? argv[first] : NULL, &e) == 0) {
		(d.rules ? policydot_rules : policydot_workflow)(s.policy, d.ids, &out);
		fwrite(out.p, 1, out.n, stdout);
		status = cli_end(&c, ERR_OK);
	} else {
		status = cli_fail(&c, &e);
	}
	buf_clear(&out);
	subject_clear(&s);
	return status;
}

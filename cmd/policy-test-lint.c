/* SPDX-License-Identifier: MIT */
#include "policy-test.h"

#include <stdio.h>

#include "base/text.h"
#include "base/time.h"
#include "engine/policylint.h"

static const struct cli_option options[] = {
	{ "strict", 0, NULL, "warnings are findings too" },
	{ NULL, 0, NULL, NULL }
};

/* Takes --strict. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	bool *strict = arg;

	(void)o, (void)value, (void)e;
	*strict = true;
	return 0;
}

static const struct cli_program program = {
	.name = "policy-test lint",
	.usage = "[options] [DIR|PLACE]",
	.about = "Find what is wrong or odd in a policy.",
	.options = options,
	.on = on,
	.more = "Without DIR: the policy/ of the register (-C), or the current directory.  With a register its "
		"organs and grids are\n"
		"asked too whether somebody answers.  Findings go to standard output as FILE:LINE:COLUMN: what; "
		"remedy.  Status 1\n"
		"when there are any; warnings count with --strict.",
};

/* The findings, one a line. */
static void print(const struct policylint *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct policylint_finding *f = &l->v[i];
		struct buf line = BUF_INIT, shown = BUF_INIT;

		buf_printf(
		    &line, "%s:%zu:%zu: %s%s", f->file, f->line, f->col, f->warning ? "warning: " : "", f->text);
		text_escape(&shown, buf_view(&line), false);
		printf("%s\n", shown.p);
		buf_clear(&line);
		buf_clear(&shown);
	}
}

/* What the loader has to say, then what lint has; 0 with the number of findings, -1 e. */
static int lint(struct subject *s, struct cli *c, const char *operand, struct policylint *l, struct err *e)
{
	struct office *o = NULL;
	int result = -1;

	c->diag.to = stdout;		/* what is wrong with the policy is the answer here */
	c->diag.max = 0;
	if (subject_read(s, c, operand, e))
		return -1;
	s->policy = pack_load(&s->pack, s->dir.p, &c->diag);
	if (!s->policy)
		return 0;
	if ((subject_has_register(c) && (o = office_open(c->dir, NULL, e)) == NULL)
	    || cli_now(c, o ? o->reg->offset : 8 * 3600, e))
		goto done;
	result =
	    policylint_run(l, &s->pack, s->dir.p, s->policy, o, time_day(c->now, o ? o->reg->offset : 8 * 3600), e);
	if (result == 0)
		print(l);
done:
	office_close(o);
	return result;
}

int policy_test_lint(int argc, char **argv)
{
	struct subject s = SUBJECT_INIT;
	struct policylint l = { .v = NULL };
	struct err e = ERR_INIT;
	struct cli c;
	bool strict = false;
	int first = cli_start(&c, &program, argc, argv, &strict), status;

	if (subject_operands(first, argc, argv, 1, &e) == 0)
		lint(&s, &c, first < argc ? argv[first] : NULL, &l, &e);
	if (e.status == ERR_OK) {
		size_t errors = c.diag.errors + l.errors;

		cli_say(&c, "policy-test lint: %zu finding%s, %zu warning%s", errors, errors == 1 ? "" : "s",
		    l.warnings, l.warnings == 1 ? "" : "s");
		status = cli_end(&c, errors || (strict && l.warnings) ? ERR_NO : ERR_OK);
	} else {
		status = cli_fail(&c, &e);
	}
	policylint_clear(&l);
	subject_clear(&s);
	return status;
}

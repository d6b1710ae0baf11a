/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <stdio.h>
#include <string.h>

#include "engine/check.h"

struct checking {
	struct keeper k;
	struct err doubt;		/* a commit stays in doubt */
	uint64_t max;
	struct term max_age;
};

static const struct cli_option options[] = {
	{ "max-age", 0, "TERM", "how long ago the last sweep may be (default 26h)" },
	{ "max-errors", 0, "N", "print at most N findings and count the rest (default 100, 0 for all)" },
	{ NULL, 0, NULL, NULL }
};

/* Takes --max-errors and --max-age. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct checking *c = arg;

	if (!strcmp(o->name, "max-age")) {
		struct err ignored = ERR_INIT;

		if (term_parse(span_of(value), &c->max_age, &ignored) == 0 && c->max_age.unit <= TERM_DAY)
			return 0;
		return err_set(e, ERR_USAGE, "\"%s\" is not a length of time; write one like 26h or 2d", value);
	}
	if (!span_u64(span_of(value), SIZE_MAX, &c->max))
		return err_set(e, ERR_USAGE, "\"%s\" is not a whole number; write one like 100, or 0 for all", value);
	return 0;
}

/* The list of checks for --help. */
static void describe(struct buf *out)
{
	size_t n;
	const struct check *all = check_all(&n);

	buf_puts(out, "Checks (default: all but those marked *):\n");
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "  %-10s%s%s\n", all[i].name, all[i].about, all[i].asked ? " *" : "");
	buf_puts(out, "\nFindings go to standard output as file:line: column: text; status 1 when there are any.\n"
	    "A commit that is in doubt (status 6 of its writer) is settled first; status 6 when it cannot be.\n");
}

/* Run one check and say how it went. */
static int run(struct checking *c, struct check_run *r, const struct check *check, struct err *e)
{
	size_t before = r->diag->errors;

	if (check->run(r, e))
		return -1;
	if (c->k.cli.verbose)
		cli_say(&c->k.cli, "%s: %zu finding%s", check->name, r->diag->errors - before,
		    r->diag->errors - before == 1 ? "" : "s");
	return 0;
}

/* Settle a commit that is in doubt; the checks are run whatever comes of it. */
static int settle(struct checking *c, struct err *e)
{
	struct commit_who who = { .command = "gridctl check", .now = c->k.cli.now, .lock_wait_ms = c->k.cli.lock_wait_ms };
	struct buf said = BUF_INIT;

	c->k.reg = reg_open(c->k.cli.dir, e);
	if (!c->k.reg)
		return -1;
	if (commit_settle(c->k.reg, &who, &said, &c->doubt))
		cli_report(&c->k.cli, &c->doubt);
	cli_warn(&c->k.cli, buf_view(&said));
	buf_clear(&said);
	reg_close(c->k.reg);
	c->k.reg = NULL;
	return 0;
}

/* Run those named, or all. */
static int run_all(struct checking *c, char **names, size_t n, struct diag *found, struct err *e)
{
	size_t nall;
	const struct check *all = check_all(&nall), *one;
	struct check_run r = { .diag = found, .max_age = c->max_age };
	int result = 0;

	for (size_t i = 0; i < n; i++)
		if (!check_named(names[i], e))
			return -1;
	if (settle(c, e) || keeper_read(&c->k, NULL, true, e))
		return -1;
	r.office = c->k.office;
	r.now = c->k.cli.now;
	for (size_t i = 0; i < (n ? n : nall) && result == 0; i++) {
		one = n ? check_named(names[i], e) : &all[i];
		if (n || !one->asked)
			result = run(c, &r, one, e);
	}
	check_clear(&r);
	return result;
}

int gridctl_check(int argc, char **argv)
{
	struct checking c = { .max = DIAG_MAX_DEFAULT, .max_age = { 26, TERM_HOUR } };
	struct buf more = BUF_INIT;
	struct err e = ERR_INIT;
	struct diag found;
	int first;

	describe(&more);
	const struct cli_program program = { .name = "gridctl check", .usage = "[options] [NAME...]",
		.about = "Run the named checks over the whole register.", .options = options, .on = on,
		    .more = more.p };
	first = cli_start(&c.k.cli, &program, argc, argv, &c);
	diag_init(&found, stdout, "gridctl check", (size_t)c.max);
	if (run_all(&c, argv + first, (size_t)(argc - first), &found, &e) == 0) {
		if (found.max && found.errors > found.max)
			printf("… and %zu more\n", found.errors - found.max);
		cli_say(&c.k.cli, "gridctl check: %zu finding%s", found.errors, found.errors == 1 ? "" : "s");
	}
	buf_clear(&more);
	return keeper_end(&c.k, c.doubt.status ? (int)c.doubt.status : found.errors ? ERR_NO : ERR_OK, &e);
}

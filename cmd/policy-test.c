/* SPDX-License-Identifier: MIT */
#include "policy-test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clisub.h"
#include "base/io.h"

static const struct clisub commands[] = {
	{ "lint", "find what is wrong or odd in a policy", policy_test_lint },
	{ "run", "run tests of a policy", policy_test_run },
	{ "replay", "which hazards of a register another policy would change", policy_test_replay },
	{ "explain", "which rule is taken for a hazard like this, and why", policy_test_explain },
	{ "dot", "draw the workflow or the rules for graphviz", policy_test_dot },
};

const char *subject_data(void)
{
	const char *v = getenv("GRIDLEDGER_DATA");

	return v && v[0] ? v : PKGDATADIR;
}

/* Is there such a file? */
static bool is_there(const char *path)
{
	struct stat st;

	return io.fstatat(AT_FDCWD, path, &st, 0) == 0;
}

bool subject_has_register(const struct cli *c)
{
	return strcmp(c->dir, ".") || is_there("register.yaml");
}

int subject_read(struct subject *s, const struct cli *c, const char *operand, struct err *e)
{
	*s = (struct subject)SUBJECT_INIT;
	if (operand) {
		if (pack_find(operand, subject_data(), &s->dir, e))
			return -1;
	} else if (subject_has_register(c)) {
		buf_printf(&s->dir, "%s%spolicy", strcmp(c->dir, ".") ? c->dir : "", strcmp(c->dir, ".") ? "/" : "");
	} else if (is_there("policy.yaml")) {
		buf_puts(&s->dir, ".");
	} else {
		return err_set(e, ERR_USAGE,
		    "which policy? name a directory or a place; here is neither a register nor a policy.yaml");
	}
	return pack_read(&s->pack, s->dir.p, e);
}

int subject_load(struct subject *s, struct cli *c, const char *operand, struct err *e)
{
	if (subject_read(s, c, operand, e))
		return -1;
	s->policy = pack_load(&s->pack, s->dir.p, &c->diag);
	if (s->policy)
		return 0;
	return err_set(
	    e, ERR_DATA, "%s: %zu error%s in this policy", s->dir.p, c->diag.errors, c->diag.errors == 1 ? "" : "s");
}

void subject_clear(struct subject *s)
{
	policy_free(s->policy);
	pack_clear(&s->pack);
	buf_clear(&s->dir);
}

int subject_operands(int first, int argc, char **argv, int max, struct err *e)
{
	if (argc - first <= max)
		return 0;
	return err_set(
	    e, ERR_USAGE, "\"%s\": takes at most %d operand%s", argv[first + max], max, max == 1 ? "" : "s");
}

int main(int argc, char **argv)
{
	const struct clisub_program p = { .name = "policy-test",
		.about = "Lint, test, explain, replay and draw policies; never writes to a register.", .sub = commands,
		.n = sizeof commands / sizeof *commands };

	return clisub_main(&p, argc, argv);
}

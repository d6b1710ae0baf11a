/* SPDX-License-Identifier: MIT */
#include "rectify-report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cli_option options[] = {
	{ "by", 0, "DIM,…", "group by: a level, subject, subject_kind, sector, landlord, category, severity, source, reporter, "
	    "reporter_level, closer_level, owner, duty, scope, state, day, week, month, quarter, year; limits by organ too" },
	{ "from", 0, "TIME", "only hazards reported at TIME or later" },
	{ "to", 0, "TIME", "only hazards reported up to TIME; a date alone means its end" },
	{ "as-of", 0, "TIME", "the state as of TIME" },
	{ "known", 0, "SEQ|TIME|CHECKPOINT", "what was recorded up to there" },
	{ "scope", 0, "RULE,…", "only hazards of these pilots: a rule with a scope holds for them" },
	{ "figures", 0, "NAME,…|all", "which figures, in this order" },
	{ "limits", 0, "ID,…|all", "instead, what became of these limits, and how long they took" },
	{ "decimals", 0, "N", "decimals of rates and means, 0 to 6" },
	{ "target", 0, "PCT", "mark groups whose rate is under PCT" },
	{ "check", 0, NULL, "exit with 1 when a group is under the target" },
	{ "labels", 0, "zh|en", "titles in Chinese" },
	{ "partial", 0, NULL, "print parts that --merge adds up" },
	{ "merge", 0, NULL, "add up parts from files or standard input" },
	{ "expect", 0, "OFFICE,…", "with --merge: say which of these offices are missing" },
	{ NULL, 0, NULL, NULL }
};

/* A whole number of an option. */
static int number(const char *option, const char *value, int most, int *out, struct err *e)
{
	uint64_t n;

	if (!span_u64(span_of(value), (uint64_t)most, &n))
		return err_set(e, ERR_USAGE, "--%s: \"%s\" is not a whole number from 0 to %d", option, value, most);
	*out = (int)n;
	return 0;
}

static int on_option(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct report *r = arg;
	const struct { const char *name; const char **to; } words[] = {
		{ "by", &r->by }, { "from", &r->from }, { "to", &r->to }, { "as-of", &r->as_of }, { "known", &r->known },
		{ "figures", &r->figures }, { "expect", &r->expect }, { "scope", &r->scope }, { "limits", &r->limits },
	};
	const struct { const char *name; bool *to; } flags[] = {
		{ "check", &r->check }, { "partial", &r->partial }, { "merge", &r->merge },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(o->name, words[i].name))
			*words[i].to = value;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (!strcmp(o->name, flags[i].name))
			*flags[i].to = true;
	if (!strcmp(o->name, "decimals"))
		return number("decimals", value, 6, &r->decimals, e);
	if (!strcmp(o->name, "target"))
		return number("target", value, 100, &r->target, e);
	if (!strcmp(o->name, "labels")) {
		r->zh = !strcmp(value, "zh");
		if (!r->zh && strcmp(value, "en"))
			return err_set(e, ERR_USAGE, "--labels: \"%s\" is not one of zh, en", value);
	}
	return 0;
}

static const struct cli_program program = {
	.name = "rectify-report",
	.usage = "[options]\n[options] FILE|-\n--merge [options] [FILE…]",
	.about = "Rectification figures by any grouping, from the register or from hazard-list's CSV.",
	.shared = CLI_FORMAT,
	.options = options,
	.formats = "text|csv|json",
	.on = on_option,
};

/* Options that do not go together. */
static int refuse(const struct report *r, int operands, struct err *e)
{
	if (r->merge && (r->partial || r->by || r->from || r->to || r->as_of || r->known || r->scope || r->limits))
		return err_set(e, ERR_USAGE, "--merge adds up parts as they are: grouping, period, scope and limits belong to --partial");
	if (r->expect && !r->merge)
		return err_set(e, ERR_USAGE, "--expect goes with --merge");
	if (operands && !r->merge && (r->as_of || r->known || r->scope))
		return err_set(e, ERR_USAGE,
		    "--as-of, --known and --scope read the register; give them to the hazard-list that printed the rows");
	if (operands && !r->merge && r->limits)
		return err_set(e, ERR_USAGE, "--limits reads the register, not a list");
	if (r->limits && (r->figures || r->target >= 0 || r->check))
		return err_set(e, ERR_USAGE, "--limits has no rate: --figures, --target and --check do not go with it");
	if (operands > 1 && !r->merge)
		return err_set(e, ERR_USAGE, "one file of rows, or - for standard input");
	return 0;
}

int main(int argc, char **argv)
{
	struct report r = { .decimals = -1, .target = -1 };
	struct err e = ERR_INIT;
	bool under = false;
	struct cli c;
	int operand = cli_start(&c, &program, argc, argv, &r), rc, status;

	rc = refuse(&r, argc - operand, &e);
	if (!rc && r.merge)
		rc = report_merge(&r, &c, argv + operand, (size_t)(argc - operand), &e);
	else if (!rc && operand < argc)
		rc = report_file(&r, &c, argv[operand], &e);
	else if (!rc)
		rc = session_open(&r.session, &c, r.known, r.as_of, &e) ||
		    (r.limits ? report_limits : report_register)(&r, &e) ? -1 : 0;
	if (!rc)
		rc = r.limitroll ? report_print_limits(&r, &c, &e) : report_print(&r, &c, &under, &e);
	status = rc ? cli_fail(&c, &e) : cli_end(&c, r.check && under ? ERR_NO : ERR_OK);
	rollup_free(r.rollup);
	limitroll_free(r.limitroll);
	session_close(&r.session);
	return status;
}

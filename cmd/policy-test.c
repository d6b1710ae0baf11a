/* SPDX-License-Identifier: MIT */
#include "policy-test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/text.h"

static const struct {
	const char *name, *about;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "lint", "find what is wrong or odd in a policy", policy_test_lint },
	{ "run", "run tests of a policy", policy_test_run },
	{ "replay", "which hazards of a register another policy would change", policy_test_replay },
	{ "explain", "which rule is taken for a hazard like this, and why", policy_test_explain },
	{ "dot", "draw the workflow or the rules for graphviz", policy_test_dot },
};
#define NCOMMANDS (sizeof commands / sizeof *commands)

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

/* The list of sub-commands, as lines of --help. */
static void list_commands(struct buf *out)
{
	buf_puts(out, "Sub-commands:\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		buf_printf(out, "  %-10s%s\n", commands[i].name, commands[i].about);
	buf_puts(out, "\npolicy-test SUB --help shows the options of one.\n");
}

/* Options before any sub-command, or none at all; does not return after --help. */
static int top_level(int argc, char **argv)
{
	struct buf more = BUF_INIT;
	struct cli_program p = { .name = "policy-test", .usage = "SUB [options] [operand...]\nhelp [SUB]",
		.about = "Lint, test, explain, replay and draw policies; never writes to a register." };
	struct err e = ERR_INIT;
	struct cli c;

	list_commands(&more);
	p.more = more.p;
	cli_start(&c, &p, argc, argv, NULL);
	buf_clear(&more);
	err_set(&e, ERR_USAGE, "which sub-command? policy-test --help lists them");
	return cli_fail(&c, &e);
}

/* A word that is no sub-command. */
static int unknown(const char *word)
{
	static const struct cli_program p = { .name = "policy-test", .usage = "SUB", .about = "" };
	const char *names[NCOMMANDS], *near;
	char *none[] = { (char *)(uintptr_t)"policy-test", NULL };
	struct buf list = BUF_INIT;
	struct err e = ERR_INIT;
	struct cli c;

	cli_start(&c, &p, 1, none, NULL);
	for (size_t i = 0; i < NCOMMANDS; i++)
		names[i] = commands[i].name;
	near = text_nearest(span_of(word), names, NCOMMANDS);
	text_list(&list, names, NCOMMANDS, NCOMMANDS);
	err_set(&e, ERR_USAGE, "there is no sub-command \"%s\"%s%s%s there are %s", word,
	    near ? "; did you mean " : "", near ? near : "", near ? "?" : ";", list.p);
	buf_clear(&list);
	return cli_fail(&c, &e);
}

/* Run one: argv without the word, and "policy-test SUB" in front. */
static int run(size_t n, int argc, char **argv, int at)
{
	char name[32], **own = calloc((size_t)argc + 1, sizeof *own);
	int count = 1, status;

	if (!own) {
		fputs("policy-test: out of memory\n", stderr);
		return ERR_FAILED;
	}
	snprintf(name, sizeof name, "policy-test %s", commands[n].name);
	own[0] = name;
	for (int i = 1; i < argc; i++)
		if (i != at)
			own[count++] = argv[i];
	status = commands[n].run(count, own);
	free(own);
	return status;
}

/* Where the sub-command stands: behind -C DIR and other shared options; argc when there is none. */
static int find_command(int argc, char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1])
		i += !strcmp(argv[i], "-C") || !strcmp(argv[i], "--directory") || !strcmp(argv[i], "--now")
			|| !strcmp(argv[i], "--actor")
		    ? 2
		    : 1;
	return i < argc ? i : argc;
}

int main(int argc, char **argv)
{
	int at = find_command(argc, argv);
	char help[] = "--help";

	if (at < argc && !strcmp(argv[at], "help")) {
		argv[at] = at + 1 < argc ? argv[at + 1] : help;
		if (at + 1 >= argc)
			return top_level(argc, argv);
		argv[at + 1] = help;
		argc = at + 2;
	}
	if (at == argc)
		return top_level(argc, argv);
	for (size_t i = 0; i < NCOMMANDS; i++)
		if (!strcmp(argv[at], commands[i].name))
			return run(i, argc, argv, at);
	return unknown(argv[at]);
}

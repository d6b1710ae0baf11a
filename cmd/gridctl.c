/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const struct {
	const char *name, *about;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "init", "make a register of a place", gridctl_init },
	{ "get", "print a master table as committed", gridctl_get },
	{ "put", "replace a master table or the policy", gridctl_put },
	{ "repin", "let hazards go by another version of the policy", gridctl_repin },
	{ "set", "change one row of a master table", gridctl_set },
	{ "check", "run the named checks over the whole register", gridctl_check },
	{ "verify", "prove that the register is what its journal says", gridctl_verify },
	{ "head", "print a checkpoint of the newest commit", gridctl_head },
	{ "log", "list commits, or every change of a value", gridctl_log },
	{ "cat", "print the committed rows of a ledger", gridctl_cat },
	{ "adopt", "take in rows that were added by another hand", gridctl_adopt },
	{ "tree", "print the tree of grids with counts per level", gridctl_tree },
};
#define NCOMMANDS (sizeof commands / sizeof *commands)

/* The list of sub-commands, as lines of --help. */
static void list_commands(struct buf *out)
{
	buf_puts(out, "Sub-commands:\n");
	for (size_t i = 0; i < NCOMMANDS; i++)
		buf_printf(out, "  %-10s%s\n", commands[i].name, commands[i].about);
	buf_puts(out, "\ngridctl help SUB, or gridctl SUB --help, shows the options of one.\n");
}

/* Options before any sub-command: --help, --version and what is wrong there; does not return after help. */
static int top_level(int argc, char **argv)
{
	struct buf more = BUF_INIT;
	struct cli_program p = { .name = "gridctl", .usage = "SUB [options] [operand...]\nhelp [SUB]",
		.about = "Keep a register of hazard ledgers.", .shared = CLI_WRITER | CLI_FORMAT,
		    .formats = "text|csv" };
	struct err e = ERR_INIT;
	struct cli c;

	list_commands(&more);
	p.more = more.p;
	cli_start(&c, &p, argc, argv, NULL);
	buf_clear(&more);
	err_set(&e, ERR_USAGE, "which sub-command? gridctl --help lists them");
	return cli_fail(&c, &e);
}

/* A word that is no sub-command. */
static int unknown(const char *word)
{
	static const struct cli_program p = { .name = "gridctl", .usage = "SUB", .about = "" };
	const char *names[NCOMMANDS], *near;
	char *none[] = { (char *)(uintptr_t)"gridctl", NULL };
	struct buf list = BUF_INIT;
	struct err e = ERR_INIT;
	struct cli c;

	cli_start(&c, &p, 1, none, NULL);
	for (size_t i = 0; i < NCOMMANDS; i++)
		names[i] = commands[i].name;
	near = text_nearest(span_of(word), names, NCOMMANDS);
	text_list(&list, names, NCOMMANDS, NCOMMANDS);
	if (near)
		err_set(&e, ERR_USAGE, "there is no sub-command \"%s\"; did you mean %s? There are %s", word,
		    near, list.p);
	else
		err_set(&e, ERR_USAGE, "there is no sub-command \"%s\"; there are %s", word, list.p);
	buf_clear(&list);
	return cli_fail(&c, &e);
}

/* Does this option take the next word as its value? */
static bool takes_next(const char *word)
{
	static const char *const names[] = { "-C", "--directory", "--now", "--actor", "--lock-wait",
	    "--max-errors", "--format" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(word, names[i]))
			return true;
	return false;
}

/* Where the sub-command stands: behind shared options; argc when there is none. */
static int find_command(int argc, char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1] && strcmp(argv[i], "--"))
		i += takes_next(argv[i]) ? 2 : 1;
	return i < argc ? i : argc;
}

/* Run one: argv without the word, and "gridctl SUB" in front. */
static int run(size_t n, int argc, char **argv, int at)
{
	char name[32], **own = calloc((size_t)argc + 1, sizeof *own);
	int count = 1, status;

	if (!own) {
		fputs("gridctl: out of memory\n", stderr);
		return ERR_FAILED;
	}
	snprintf(name, sizeof name, "gridctl %s", commands[n].name);
	own[0] = name;
	for (int i = 1; i < argc; i++)
		if (i != at)
			own[count++] = argv[i];
	status = commands[n].run(count, own);
	free(own);
	return status;
}

int main(int argc, char **argv)
{
	int at = find_command(argc, argv);
	char help[] = "--help";

	if (at < argc && !strcmp(argv[at], "help")) {
		if (at + 1 >= argc) {
			argv[at] = help;
			return top_level(argc, argv);
		}
		argv[at] = argv[at + 1];
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

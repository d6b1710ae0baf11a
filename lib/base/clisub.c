/* SPDX-License-Identifier: MIT */
#include "base/clisub.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define SUBS_MAX 64

static const char *word_of(const struct clisub_program *p)
{
	return p->word != NULL ? p->word : "sub-command";
}

/* Options before any sub-command: --help, --version and what is wrong there; does not return after help. */
static int top_level(const struct clisub_program *p, int argc, char **argv)
{
	struct buf more = BUF_INIT, usage = BUF_INIT, sub = BUF_INIT;
	struct cli_program program = { .name = p->name, .about = p->about, .shared = p->shared, .formats = p->formats };
	struct err e = ERR_INIT;
	struct cli c;

	for (const char *w = p->word != NULL ? p->word : "sub"; *w != '\0'; w++)
		buf_putc(&sub, (char)toupper((unsigned char)*w));
	buf_printf(&usage, "%s [options] [operand...]\nhelp [%s]", sub.p, sub.p);
	buf_printf(&more, "%c%ss:\n", toupper((unsigned char)*word_of(p)), word_of(p) + 1);
	for (size_t i = 0; i < p->n; i++)
		buf_printf(&more, "  %-12s%s\n", p->sub[i].name, p->sub[i].about);
	buf_printf(&more, "\n%s help %s, or %s %s --help, shows the options of one.\n", p->name, sub.p, p->name, sub.p);
	program.usage = usage.p;
	program.more = more.p;
	cli_start(&c, &program, argc, argv, NULL);
	buf_clear(&more);
	buf_clear(&usage);
	buf_clear(&sub);
	err_set(&e, ERR_USAGE, "which %s? %s --help lists them", word_of(p), p->name);
	return cli_fail(&c, &e);
}

/* A word that is no sub-command. */
static int unknown(const struct clisub_program *p, const char *word)
{
	const struct cli_program program = { .name = p->name, .usage = "SUB", .about = "" };
	const char *names[SUBS_MAX], *near;
	char *none[] = { (char *)(uintptr_t)p->name, NULL };
	struct buf list = BUF_INIT;
	struct err e = ERR_INIT;
	struct cli c;

	cli_start(&c, &program, 1, none, NULL);
	for (size_t i = 0; i < p->n; i++)
		names[i] = p->sub[i].name;
	near = text_nearest(span_of(word), names, p->n);
	text_list(&list, names, p->n, p->n);
	if (near != NULL)
		err_set(&e, ERR_USAGE, "there is no %s \"%s\"; did you mean %s? There are %s", word_of(p), word, near, list.p);
	else
		err_set(&e, ERR_USAGE, "there is no %s \"%s\"; there are %s", word_of(p), word, list.p);
	buf_clear(&list);
	return cli_fail(&c, &e);
}

/* Does this option take the next word as its value? */
static bool takes_next(const char *word)
{
	static const char *const names[] = { "-C", "--directory", "--now", "--actor", "--lock-wait", "--max-errors", "--format" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(word, names[i]) == 0)
			return true;
	return false;
}

/* Where the sub-command stands: behind shared options; argc when there is none. */
static int find_command(int argc, char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1] != '\0' && strcmp(argv[i], "--") != 0)
		i += takes_next(argv[i]) ? 2 : 1;
	return i < argc ? i : argc;
}

/* Run one: argv without the word, and "PROGRAM SUB" in front. */
static int run(const struct clisub_program *p, size_t n, int argc, char **argv, int at)
{
	char name[64], **own = mem_zalloc((size_t)argc + 1, sizeof *own);
	int count = 1, status;

	snprintf(name, sizeof name, "%s %s", p->name, p->sub[n].name);
	own[0] = name;
	for (int i = 1; i < argc; i++)
		if (i != at)
			own[count++] = argv[i];
	status = p->sub[n].run(count, own);
	free(own);
	return status;
}

int clisub_main(const struct clisub_program *p, int argc, char **argv)
{
	int at = find_command(argc, argv);
	char help[] = "--help";

	if (at < argc && strcmp(argv[at], "help") == 0) {
		if (at + 1 >= argc) {
			argv[at] = help;
			return top_level(p, argc, argv);
		}
		argv[at] = argv[at + 1];
		argv[at + 1] = help;
		argc = at + 2;
	}
	if (at == argc)
		return top_level(p, argc, argv);
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(argv[at], p->sub[i].name) == 0)
			return run(p, i, argc, argv, at);
	return unknown(p, argv[at]);
}

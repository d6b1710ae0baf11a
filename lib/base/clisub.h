/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_CLISUB_H
#define GL_BASE_CLISUB_H
#include "base/cli.h"
/*
 * A program of several: `PROGRAM SUB …`, with help, and the nearest name for a word that is no sub-command.
 */
struct clisub {
	const char *name, *about;
	int (*run)(int argc, char **argv);	/* argv[0] is "PROGRAM SUB"; the exit status */
};
struct clisub_program {
	const char *name, *about;
	unsigned shared;		/* options that may stand before the sub-command, as in cli_program */
	const char *formats;
	const char *word;		/* what a sub-command is called here; NULL: that */
	const struct clisub *sub;
	size_t n;
};
int clisub_main(const struct clisub_program *p, int argc, char **argv);

#endif

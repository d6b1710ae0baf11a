/* SPDX-License-Identifier: MIT */
/*
 * A command line, one argument a line: options are taken, or refused with a
 * status and with words that steer no terminal.  The options are those of
 * hazard-add's columns and some of the program's own.
 */
#include <setjmp.h>
#include <stdlib.h>
#include "base/stream.h"
#include "fuzz.h"

/* cli_start prints and ends the process: here its words are kept and it comes back. */
static _Noreturn void come_back(int status);
#define stream_start() ((void)0)
#define exit(status) come_back(status)
#define table long_options	/* the schema has another */
#include "../../lib/base/cli.c"
#undef exit
#undef stream_start
#undef table
#include "model/columnopt.h"

fuzz_fn FUZZ_TARGET(args);
#define ARGS 40

static jmp_buf ended;

static _Noreturn void come_back(int status)
{
	longjmp(ended, 1 + status);
}

static struct column_options said;
static struct cli c;

static int take(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	int r = column_options_take(&said, o, value, e);

	*(size_t *)arg += 1;
	return r < 0 ? -1 : 0;
}

static void start(struct cli_program *p, int argc, char **argv)
{
	static FILE *err_was, *out_was;
	static char *text, *printed;
	static size_t n, nprinted, given;
	static int ends;
	struct err e = ERR_INIT;

	err_was = stderr;
	out_was = stdout;
	stderr = open_memstream(&text, &n);
	stdout = open_memstream(&printed, &nprinted);
	ends = setjmp(ended);
	if (ends == 0) {
		int first = cli_start(&c, p, argc, argv, &given);

		FUZZ_CHECK(first >= 1 && first <= argc, "operand %d of %d", first, argc);
		if (cli_now(&c, 28800, &e) != 0)
			fuzz_error(&e);
		cli_report(&c, &e);
		FUZZ_CHECK(c.dir && c.dir[0] && c.lock_wait_ms >= 0, "%s", c.dir);
	} else {
		FUZZ_CHECK(ends - 1 == ERR_OK || ends - 1 == ERR_USAGE, "status %d", ends - 1);
	}
	fclose(stdout);
	fclose(stderr);
	stderr = err_was;
	stdout = out_was;
	FUZZ_CHECK(ends != 1 + ERR_USAGE || n > 0, "refused without a word");
	fuzz_shown((struct span){ text, n });
	fuzz_shown((struct span){ printed, nprinted });
	free(text);
	free(printed);
}

int FUZZ_TARGET(args)(const uint8_t *p, size_t n)
{
	static const struct cli_option own[] = { { "map", 'm', "NAME", "a map" }, { "rejects", 0, "FILE", "rows put aside" },
		{ "again", 0, NULL, "insist" }, { NULL, 0, NULL, NULL } };
	static const char *const skip[] = { "hazard", "commit", NULL };
	struct cli_program program = { .name = "fuzz", .usage = "[options] ID...|-", .about = "Take anything.", .on = take,
		.formats = "text|csv|json" };
	struct fuzz_in in = { { (const char *)p, n } };
	char *argv[ARGS + 1] = { mem_strdup("fuzz") }, *kept[ARGS + 1];
	int argc = 1;

	program.shared = fuzz_byte(&in) & 3;
	while (in.rest.n && argc < ARGS)
		argv[argc++] = fuzz_word(&in);
	memcpy(kept, argv, sizeof kept);
	column_options_init(&said, schema_table(SPAN("hazards")), skip, own);
	program.options = said.options;
	start(&program, argc, argv);
	column_options_clear(&said);
	while (argc > 0)
		free(kept[--argc]);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/input.h"
#include "base/io.h"
#include "csv/scan.h"
#include "model/columnopt.h"
#include "model/intake.h"
#include "model/writing.h"

#define INPUT_MAX ((size_t)4 << 30)

static const struct cli_option own[] = {
	{ "encoding", 0, "NAME", "of the file, where it is not UTF-8: gb18030, gbk, utf-16" },
	{ "history", 0, NULL, "what was done before the register was kept: as it was, without the gates of today" },
	{ "rejects", 0, "FILE", "put bad rows aside in this new file and take in the others" },
	{ "again", 0, NULL, "take the same input in once more" },
	{ "key", 0, "KEY", "the retry key (default: the SHA-256 of the file)" },
	{ NULL, 0, NULL, NULL }
};
static const char *const given[] = { "hazard", "commit", "policy", NULL };	/* by the register */

struct add {
	struct cli c;
	struct column_options columns;
	struct intake_file file;
	struct buf bytes, pending;
	const char *rejects, *key;
	bool again, history, set_aside;	/* set_aside: the rejects file is written */
};

/* Take one option. */
static int on_option(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct add *a = arg;
	int taken = column_options_take(&a->columns, o, value, e);

	if (taken != 0)
		return taken < 0 ? -1 : 0;
	if (strcmp(o->name, "encoding") == 0)
		a->file.encoding = value;
	else if (strcmp(o->name, "again") == 0)
		a->again = true;
	else if (strcmp(o->name, "history") == 0)
		a->history = true;
	else if (value[0] == '\0')
		return err_set(e, ERR_USAGE, "empty; write a %s", o->arg);
	else if (strcmp(o->name, "key") == 0)
		a->key = value;
	else
		a->rejects = value;
	return 0;
}

/* The operand, if any: what is to be read, and its retry key. */
static int read_input(struct add *a, int argc, char **argv, int operand, char key[DIGEST_HEX + 1],
    struct err *e)
{
	const char *path = operand < argc ? argv[operand] : "-";

	if (operand + 1 < argc)
		return err_set(e, ERR_USAGE, "\"%s\": one file at a time, or - for standard input",
		    argv[operand + 1]);
	if (a->columns.said > 0 && operand < argc)
		return err_set(e, ERR_USAGE,
		    "\"%s\": columns are given by options for one hazard, or by a file for many, not both",
		    path);
	if (a->columns.said > 0 && a->rejects != NULL)
		return err_set(e, ERR_USAGE, "--rejects: goes with a file of hazards only");
	if (a->rejects != NULL && access(a->rejects, F_OK) == 0)
		return err_set(e, ERR_USAGE, "--rejects: %s is there already; name a new file", a->rejects);
	if (a->columns.said > 0)
		return 0;
	a->file.name = strcmp(path, "-") == 0 ? "standard input" : path;
	a->file.cli = &a->c;
	a->file.set_aside = a->rejects != NULL;
	if (input_read(path, INPUT_MAX, scan_cores(2) > 1, &a->bytes, key, &a->file.clean, e))
		return -1;
	a->file.bytes = buf_view(&a->bytes);
	return 0;
}

/* One hazard from the options. */
static int take_options(struct add *a, struct intake *in, struct err *e)
{
	struct span name[COLUMN_OPTIONS_MAX], value[COLUMN_OPTIONS_MAX];
	size_t n = column_options_row(&a->columns, name, value);
	char id[ID_MAX];
	bool old;

	if (intake_bind(in, NULL, name, n, &a->c.diag))
		return 0;
	switch (intake_row(in, NULL, 0, value, id, &old, &a->c.diag, e)) {
	case 0:
		return intake_answer(in, &a->file, 1, id, e);
	case 1:
		return 0;
	default:
		return -1;
	}
}

/* Everything under the lock up to what is to be written. */
static int take_in(struct add *a, struct writing *w, struct intake *in, struct err *e)
{
	struct err ignored = ERR_INIT;
	size_t fatal = 0;
	int result;

	intake_start(in, w->office, w->commit, w->actor, a->c.now);
	in->history = a->history;
	result = a->columns.said > 0 ? take_options(a, in, e) : intake_read(in, &a->file, &a->c.diag, &fatal,
	    e);
	if (in->refused > 0 && !a->history)
		cli_say(&a->c, "%s: what was done before the register was kept comes in with --history, without the gates of today", a->c.prog);
	if (diag_end(&a->c.diag, result < 0 || (a->file.rejected > 0 && fatal == 0) ? &ignored : e) &&
	    e->status != ERR_OK)
		return -1;
	if (result < 0)
		return -1;
	if (a->file.rejected == 0 || a->c.dry_run)
		return 0;
	if (io_create(AT_FDCWD, a->rejects, 0666, buf_view(&a->file.rejects), e))
		return err_set(e, ERR_USAGE, "--rejects: %s is there already; name a new file", a->rejects);
	a->set_aside = true;
	return 0;
}

/* What is left to say once it is recorded. */
static void say_rest(struct add *a, const struct intake *in)
{
	if (in->likely > INTAKE_LIKELY_NAMED)
		cli_say(&a->c, "%s: warning: %zu rows in all look like hazards that are there already",
		    a->c.prog, in->likely);
	if (in->known > 0)
		cli_say(&a->c,
		    "%s: %zu row%s had a ref that is there already with the same values; nothing was added for %s", a->c.prog, in->known,
		    in->known == 1 ? "" : "s", in->known == 1 ? "it" : "them");
	if (a->file.rejected > 0)
		cli_say(&a->c, "%s: %zu of %zu rows were put aside in %s; mend them there and add that file",
		    a->c.prog, a->file.rejected,
		    a->file.rows, a->rejects);
}

/* An input that came in before: its ids again. */
static int say_again(struct add *a, struct writing *w, struct intake *in, struct err *e)
{
	struct buf ids = BUF_INIT, words = BUF_INIT;
	struct span rest, id;
	size_t row = 0;
	int result = writing_ids(w, w->seq, "hazards", &ids, e);

	in->office = w->office;
	for (rest = buf_view(&ids); result == 0 && span_split(&rest, '\n', &id);) {
		char text[ID_MAX];

		snprintf(text, sizeof text, "%.*s", (int)id.n, id.p);
		result = intake_again(in, &a->file, ++row, text, e);
	}
	writing_was(w, &words);
	if (result == 0)
		cli_say(&a->c, "%s: %s", a->c.prog, words.p);
	in->office = NULL;
	buf_clear(&ids);
	buf_clear(&words);
	return result;
}

/* The job: 0 with *status, or -1 with e. */
static int run(struct add *a, int argc, char **argv, int operand, int *status, struct err *e)
{
	char key[DIGEST_HEX + 1] = "";
	struct writing w = { .cli = &a->c };
	struct intake in = { .office = NULL };
	const char *command = a->history ? "hazard-add history" : "hazard-add";	/* for all to see in the journal */
	int result = read_input(a, argc, argv, operand, key, e);

	if (result == 0)
		result = writing_open(&w, &a->c, command, a->key != NULL ? a->key : key, a->again, e);
	if (result == 0 && w.done_before) {
		result = say_again(a, &w, &in, e);
	} else if (result == 0 && (result = take_in(a, &w, &in, e)) == 0) {
		buf_clear(&a->bytes);	/* the index is about to need memory */
		a->file.bytes = buf_view(&a->bytes);
		result = writing_close(&w, &a->pending, e);
		if (result == 0)
			say_rest(a, &in);
		else if (a->set_aside && e->status != ERR_DOUBT)
			io.unlinkat(AT_FDCWD, a->rejects,
			    0);	/* nothing was recorded: so nothing was put aside */
		*status = a->file.rejected > 0 ? ERR_NO : ERR_OK;
	}
	intake_end(&in);
	writing_leave(&w);
	return result;
}

int main(int argc, char **argv)
{
	struct add a = { .again = false };
	struct cli_program program = {
		.name = "hazard-add",
		.usage = "[options] --grid=GRID --severity=WORD --description=TEXT ...\n[options] [FILE|-]",
		.about = "Report hazards: one by options named like the columns, or many from CSV; prints the new ids.",
		.shared = CLI_WRITER | CLI_FORMAT,
		.formats = "ids|csv",
		.more = "The header of FILE names columns of hazards.csv in any order, in English or Chinese, and STEP.COLUMN for steps\n"
		    "taken already: assign.owner, rectify.at, recheck.verifier, close.at.",
		.on = on_option,
	};
	struct err e = ERR_INIT;
	int operand, status = 0;

	column_options_init(&a.columns, schema_table(SPAN("hazards")), given, own);
	program.options = a.columns.options;
	operand = cli_start(&a.c, &program, argc, argv, &a);
	a.file.csv = a.c.format != NULL && strcmp(a.c.format, "csv") == 0;
	if (run(&a, argc, argv, operand, &status, &e) == 0) {
		const struct buf *out = a.c.dry_run ? &a.pending : &a.file.answer;

		fwrite(out->p != NULL ? out->p : "", 1, out->n, stdout);
		status = cli_end(&a.c, status);
	} else {
		status = cli_fail(&a.c, &e);
	}
	column_options_clear(&a.columns);
	intake_file_clear(&a.file);
	buf_clear(&a.bytes);
	buf_clear(&a.pending);
	return status;
}

/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/io.h"
#include "model/columnopt.h"
#include "model/update.h"
#include "model/writing.h"

#define INPUT_MAX ((size_t)4 << 30)

static const struct cli_option own[] = {
	{ "file", 'f', "FILE|-", "CSV whose rows have their own step, and hazard or ref" },
	{ "evidence", 0, "FILE", "a file that proves the step; may be given again" },
	{ "encoding", 0, "NAME", "of the input, where it is not UTF-8: gb18030, gbk, utf-16" },
	{ "again", 0, NULL, "take the same input in once more" },
	{ "key", 0, "KEY", "the retry key (default: a SHA-256 of the input)" },
	{ NULL, 0, NULL, NULL }
};
static const char *const given[] = { "event", "commit", "hazard", "step", "actor", "key", "was", NULL };

struct job {
	struct cli c;
	struct column_options columns;
	const char *file, *key, *encoding,
	    *input;	/* input: what is read, a path or -, NULL: ids are operands */
	struct buf evidence, bytes, answer;
	bool again;
	char **operand;		/* STEP ID..., or nothing with --file */
	int noperands;
};

/* Take one option. */
static int on_option(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct job *j = arg;
	int taken = column_options_take(&j->columns, o, value, e);

	if (taken != 0)
		return taken < 0 ? -1 : 0;
	if (strcmp(o->name, "again") == 0) {
		j->again = true;
		return 0;
	}
	if (value[0] == '\0')
		return err_set(e, ERR_USAGE, "empty; write a %s", o->arg);
	if (strcmp(o->name, "file") == 0)
		j->file = value;
	else if (strcmp(o->name, "encoding") == 0)
		j->encoding = value;
	else if (strcmp(o->name, "key") == 0)
		j->key = value;
	else
		buf_printf(&j->evidence, "%s%s", j->evidence.n ? ";" : "", value);
	return 0;
}

/* What the operands mean. */
static int check_operands(struct job *j, struct err *e)
{
	if (j->file != NULL && j->noperands > 0)
		return err_set(e, ERR_USAGE, "\"%s\": with -f the rows say step and hazard", j->operand[0]);
	if (j->file != NULL && (j->columns.said > 0 || j->evidence.n > 0))
		return err_set(e, ERR_USAGE,
		    "with -f the rows have their own values; put these options into columns");
	if (j->file == NULL && j->noperands == 0)
		return err_set(e, ERR_USAGE, "which step? hazard-update STEP ID..., or -f FILE");
	if (j->file != NULL)
		j->input = j->file;
	else if (j->noperands == 1 || (j->noperands == 2 && strcmp(j->operand[1], "-") == 0))
		j->input = "-";
	return 0;
}

/* The input, and its retry key: of a file its bytes alone, of a list of hazards the step and options too. */
static int read_input(struct job *j, char key[DIGEST_HEX + 1], struct err *e)
{
	struct buf words = BUF_INIT;
	const struct table *t = j->columns.t;
	struct span word;

	if (j->input == NULL)
		return 0;
	if (io_slurp(AT_FDCWD, j->input, INPUT_MAX, &j->bytes, e))
		return -1;
	if (j->file == NULL) {
		buf_puts(&words, j->operand[0]);
		for (int i = 0; i < t->ncolumns; i++)
			if (j->columns.value[i].p != NULL)
				buf_printf(&words, " %s=%s", t->columns[i].name, j->columns.value[i].p);
		buf_printf(&words, " evidence=%s", j->evidence.n ? j->evidence.p : "");
	}
	word = buf_view(&words);
	writing_key(&word, j->file == NULL, buf_view(&j->bytes), key);
	buf_clear(&words);
	return 0;
}

/* All steps that were asked for. */
static int take_steps(struct job *j, struct update *u, struct err *e)
{
	const char *name = j->input != NULL && strcmp(j->input, "-") != 0 ? j->input : "standard input";
	int result = 0;

	if (j->file != NULL)
		return update_file(u, name, buf_view(&j->bytes), e);
	u->step = span_of(j->operand[0]);
	u->f = j->columns.value;
	u->evidence = buf_view(&j->evidence);
	if (j->input != NULL) {
		struct step_said said = { .step = u->step, .f = u->f, .file = NULL };

		result = update_list(u, name, buf_view(&j->bytes), e);
		/* an empty list is no error, a slip in the step or in a value is one all the same */
		if (result == 0 && u->rows == 0 && j->c.diag.errors == 0)
			result = step_look(u->batch, &said, &j->c.diag, e);
		return result < 0 ? -1 : 0;
	}
	for (int i = 1; i < j->noperands && result == 0; i++)
		result = update_one(u, NULL, 0, span_of(j->operand[i]), e);
	return result < 0 ? -1 : 0;
}

/* Take the steps and write them. */
static int run_steps(struct job *j, struct writing *w, struct err *e)
{
	struct step_who who = { w->actor, j->c.now, AT_FDCWD };
	struct update u = { .office = w->office, .d = &j->c.diag, .encoding = j->encoding };
	struct err ignored = ERR_INIT;
	int result;

	u.batch = step_batch_new(w->office, w->commit, &who);
	result = take_steps(j, &u, e);
	if (diag_end(&j->c.diag, result < 0 ? &ignored : e))
		result = -1;
	if (result == 0 && !j->c.dry_run && (j->c.verbose || j->c.format != NULL))
		result = update_answer(commit_pending(w->commit, j->columns.t), j->c.format != NULL &&
		    strcmp(j->c.format, "csv") == 0,
		    &j->answer, e);
	if (result == 0)
		result = writing_close(w, &j->answer, e);
	if (result == 0 && u.rows == 0)
		cli_say(&j->c, "%s: no hazard in the input; nothing was done", j->c.prog);
	if (result == 0 && step_remarks(u.batch)->n > 0)
		cli_say(&j->c, "%s", step_remarks(u.batch)->p);
	step_batch_free(u.batch);
	return result;
}

/* An input that came in before. */
static int say_again(struct job *j, struct writing *w, struct err *e)
{
	struct buf words = BUF_INIT;
	int result = j->c.verbose || j->c.format != NULL ? writing_ids(w, w->seq, "events", &j->answer, e) : 0;

	writing_was(w, &words);
	if (result == 0)
		cli_say(&j->c, "%s: %s", j->c.prog, words.p);
	buf_clear(&words);
	return result;
}

/* The job. */
static int run(struct job *j, struct err *e)
{
	char key[DIGEST_HEX + 1] = "", command[96];
	struct writing w = { .cli = &j->c };
	int result = check_operands(j, e) || read_input(j, key, e) ? -1 : 0;

	snprintf(command, sizeof command, "hazard-update %s", j->file != NULL ? "-f" : j->noperands > 0
	    ? j->operand[0] : "");
	if (result == 0)
		result = writing_open(&w, &j->c, command, j->key != NULL ? j->key : key, j->again, e);
	if (result == 0)
		result = w.done_before ? say_again(j, &w, e) : run_steps(j, &w, e);
	writing_leave(&w);
	return result;
}

int main(int argc, char **argv)
{
	struct job j = { .again = false };
	struct cli_program program = {
		.name = "hazard-update",
		.usage = "[options] STEP [ID...|-]\n[options] -f FILE|-",
		.about = "Take workflow steps on hazards: one step on many, or rows with their own step.",
		.shared = CLI_WRITER | CLI_FORMAT,
		.formats = "none|ids|csv",
		.more = "STEP is one of the place's workflow.yaml: assign, rectify, recheck, close, correct, retract ...  For retract the\n"
		    "operands are events.  Nothing is printed without -v or --format.",
		.on = on_option,
	};
	struct err e = ERR_INIT;
	int first, status;

	column_options_init(&j.columns, schema_table(SPAN("events")), given, own);
	program.options = j.columns.options;
	first = cli_start(&j.c, &program, argc, argv, &j);
	if (j.c.format != NULL && strcmp(j.c.format, "none") == 0)
		j.c.format = NULL;
	j.operand = argv + first;
	j.noperands = argc - first;
	if (run(&j, &e) == 0) {
		fwrite(j.answer.p != NULL ? j.answer.p : "", 1, j.answer.n, stdout);
		status = cli_end(&j.c, 0);
	} else {
		status = cli_fail(&j.c, &e);
	}
	column_options_clear(&j.columns);
	buf_clear(&j.evidence);
	buf_clear(&j.bytes);
	buf_clear(&j.answer);
	return status;
}

/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clisub.h"
#include "base/io.h"
#include "base/mem.h"
#include "model/columnopt.h"
#include "model/record.h"
#include "model/writing.h"

#define PROGRAM "ledger-add"
#define INPUT_MAX ((size_t)4 << 30)

static const struct cli_option own[] = {
	{ "encoding", 0, "NAME", "of the file, where it is not UTF-8: gb18030, gbk, utf-16" },
	{ "again", 0, NULL, "take the same input in once more" },
	{ "key", 0, "KEY", "the retry key (default: a SHA-256 of the file)" },
	{ NULL, 0, NULL, NULL }
};

struct add {
	struct cli c;
	const struct table *t;
	struct column_options columns;
	const char *name, *encoding, *key;	/* name: of the file, for messages */
	bool again;
	struct buf bytes, pending;
	struct record record;
};

/* Take one option. */
static int on_option(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct add *a = arg;
	int taken = column_options_take(&a->columns, o, value, e);

	if (taken != 0)
		return taken < 0 ? -1 : 0;
	if (strcmp(o->name, "again") == 0)
		a->again = true;
	else if (value[0] == '\0')
		return err_set(e, ERR_USAGE, "empty; write a %s", o->arg);
	else
		*(strcmp(o->name, "key") == 0 ? &a->key : &a->encoding) = value;
	return 0;
}

/* The operand, if any: what is to be read, and its retry key; the same bytes are other rows in another ledger. */
static int read_input(struct add *a, int argc, char **argv, int operand, char key[DIGEST_HEX + 1], struct err *e)
{
	const char *path = operand < argc ? argv[operand] : "-";
	struct span ledger = span_of(a->t->name);

	if (operand + 1 < argc)
		return err_set(e, ERR_USAGE, "\"%s\": one file at a time, or - for standard input", argv[operand + 1]);
	if (a->columns.said > 0 && operand < argc)
		return err_set(e, ERR_USAGE,
		    "\"%s\": columns are given by options for one row, or by a file for many, not both", path);
	if (a->columns.said > 0)
		return 0;
	a->name = strcmp(path, "-") == 0 ? "standard input" : path;
	if (io_slurp(AT_FDCWD, path, INPUT_MAX, &a->bytes, e))
		return -1;
	writing_key(&ledger, 1, buf_view(&a->bytes), key);
	return 0;
}

/* One row from the options. */
static int take_options(struct add *a, struct err *e)
{
	struct span name[COLUMN_OPTIONS_MAX], value[COLUMN_OPTIONS_MAX];
	size_t n = column_options_row(&a->columns, name, value);
	char id[ID_MAX];
	int result;

	if (record_bind(&a->record, NULL, name, n, &a->c.diag))
		return 0;
	result = record_row(&a->record, NULL, 0, value, id, &a->c.diag, e);
	if (result == 0)
		record_answer(&a->record, 1, span_of(id));
	return result < 0 ? -1 : 0;
}

/* Everything under the lock up to what is to be written. */
static int take_in(struct add *a, struct writing *w, struct err *e)
{
	struct err ignored = ERR_INIT;
	int result;

	record_start(&a->record, a->t, w->office, w->commit, w->actor, a->c.now);
	result = a->columns.said > 0 ? take_options(a, e)
	    : record_read(&a->record, a->name, buf_view(&a->bytes), a->encoding, &a->c.diag, e);
	if (result == 0 && a->c.diag.errors == 0)
		result = record_sums(&a->record, &a->c.diag, e);
	return diag_end(&a->c.diag, result < 0 ? &ignored : e) ? -1 : result;
}

/* An input that came in before: its ids again. */
static int say_again(struct add *a, struct writing *w, struct err *e)
{
	struct buf ids = BUF_INIT, words = BUF_INIT;
	struct span rest, id;
	size_t row = 0;
	int result = writing_ids(w, w->seq, a->t->name, &ids, e);

	a->record.t = a->t;
	for (rest = buf_view(&ids); result == 0 && span_split(&rest, '\n', &id);)
		if (id.n > 0)
			record_answer(&a->record, ++row, id);
	writing_was(w, &words);
	if (result == 0)
		cli_say(&a->c, "%s: %s", a->c.prog, words.p);
	buf_clear(&ids);
	buf_clear(&words);
	return result;
}

/* The job. */
static int run(struct add *a, int argc, char **argv, int operand, struct err *e)
{
	char key[DIGEST_HEX + 1] = "";
	struct writing w = { .cli = &a->c };
	int result = read_input(a, argc, argv, operand, key, e);

	if (result == 0)
		result = writing_open(&w, &a->c, a->c.prog, a->key != NULL ? a->key : key, a->again, e);
	if (result == 0 && w.done_before) {
		result = say_again(a, &w, e);
	} else if (result == 0 && (result = take_in(a, &w, e)) == 0) {
		buf_clear(&a->bytes);	/* the index is about to need memory */
		result = writing_close(&w, &a->pending, e);
	}
	writing_leave(&w);
	return result;
}

/* Add to one ledger: argv[0] is "ledger-add LEDGER". */
static int add(int argc, char **argv)
{
	struct add a = { .t = schema_table(span_of(argv[0] + sizeof PROGRAM)) };
	const char *const given[] = { a.t->columns[a.t->key].name, "commit", NULL };
	struct cli_program program = {
		.name = argv[0],
		.usage = "[options] --COLUMN=VALUE ...\n[options] [FILE|-]",
		.about = "Append rows to the ledger: one by options named like its columns, or many from CSV; prints the ids.",
		.shared = CLI_WRITER | CLI_FORMAT,
		.formats = "ids|csv",
		.more = "The header of FILE names columns of the ledger in any order, in English or Chinese.  A row with\n"
		    "replaces corrects the one of that id; both stay.",
		.on = on_option,
	};
	struct err e = ERR_INIT;
	int operand, status;

	column_options_init(&a.columns, a.t, given, own);
	program.options = a.columns.options;
	operand = cli_start(&a.c, &program, argc, argv, &a);
	a.record.csv = a.c.format != NULL && strcmp(a.c.format, "csv") == 0;
	if (run(&a, argc, argv, operand, &e) == 0) {
		const struct buf *out = a.c.dry_run ? &a.pending : &a.record.answer;

		fwrite(out->p != NULL ? out->p : "", 1, out->n, stdout);
		status = cli_end(&a.c, ERR_OK);
	} else {
		status = cli_fail(&a.c, &e);
	}
	record_end(&a.record);
	column_options_clear(&a.columns);
	buf_clear(&a.bytes);
	buf_clear(&a.pending);
	return status;
}

int main(int argc, char **argv)
{
	size_t n;
	const struct table *t = schema_tables(&n);
	struct clisub *ledger = mem_zalloc(n, sizeof *ledger);
	struct clisub_program p = { .name = PROGRAM, .about = "Append to a record ledger that has no program of its own.",
		.shared = CLI_WRITER | CLI_FORMAT, .formats = "ids|csv", .word = "ledger", .sub = ledger };
	int status;

	for (size_t i = 0; i < n; i++)
		if (t[i].writer != NULL && strcmp(t[i].writer, PROGRAM) == 0)
			ledger[p.n++] = (struct clisub){ t[i].name, t[i].title_zh, add };
	status = clisub_main(&p, argc, argv);
	free(ledger);
	return status;
}

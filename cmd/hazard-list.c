/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "hazard-list.h"
#include "csv/writer.h"

static const struct cli_option options[] = {
	{ "open", 0, NULL, "still to be rectified" },
	{ "closed", 0, NULL, "closed out" },
	{ "overdue", 0, NULL, "open and past the due time" },
	{ "held", 0, NULL, "with the clock stopped" },
	{ "state", 0, "STATE,…", "in one of these states" },
	{ "grid", 0, "GRID", "in this grid or below it" },
	{ "subject", 0, "SUBJECT,…", "of these subjects (id, national code or name)" },
	{ "severity", 0, "SEVERITY,…", "of these severities" },
	{ "category", 0, "CATEGORY,…", "of these categories" },
	{ "owner", 0, "ORGAN,…", "owned by these organs" },
	{ "since", 0, "TIME", "reported at TIME or later" },
	{ "until", 0, "TIME", "reported up to TIME; a date alone means its end" },
	{ "match", 0, "COL=/RE/", "whose column COL matches the pattern; may be given again" },
	{ "as-of", 0, "TIME", "the state as of TIME, from what is known now" },
	{ "known", 0, "SEQ|TIME|CHECKPOINT", "what was recorded up to there" },
	{ "columns", 0, "COL,…", "these columns in this order" },
	{ "labels", 0, "zh|en", "Chinese titles and values" },
	{ NULL, 0, NULL, NULL }
};

static const struct cli_program program = {
	.name = "hazard-list",
	.usage = "[options]",
	.about = "Print the current-state hazard ledger, filtered: the start of most pipelines.",
	.shared = CLI_FORMAT,
	.options = options,
	.formats = "csv|json|text",
	.on = listing_option,
};

/* What is waiting in the line buffer; LISTING_STOP when nobody takes it. */
static int print_line(struct listing *l)
{
	size_t n = l->line.n;
	bool ok = !n || fwrite(l->line.p, 1, n, stdout) == n;

	buf_reset(&l->line);
	return ok ? 0 : LISTING_STOP;
}

/* One row as CSV; standard output is flushed by the block. */
static int print_csv(void *arg, const struct hazard *h, const struct span *v)
{
	struct listing *l = arg;

	(void)h;
	writer_row(&l->line, v, l->nshown);
	return l->line.n < 1 << 16 ? 0 : print_line(l);
}

/* One row into the sheet that is printed at the end. */
static int keep(void *arg, const struct hazard *h, const struct span *v)
{
	struct listing *l = arg;

	(void)h;
	sheet_add_row(&l->sheet);
	for (size_t i = 0; i < l->nshown; i++)
		sheet_put(&l->sheet, i, v[i]);
	return 0;
}

/* Print what was kept. */
static void print_sheet(struct listing *l, bool json)
{
	struct buf out = BUF_INIT;

	if (json)
		sheet_json(&l->sheet, &out);
	else
		sheet_text(&l->sheet, cli_columns(), &out);
	if (out.n)
		fwrite(out.p, 1, out.n, stdout);
	buf_clear(&out);
}

int main(int argc, char **argv)
{
	struct listing l = { .known = NULL };
	struct session s = { .office = NULL };
	struct err e = ERR_INIT;
	struct cli c;
	int operand = cli_start(&c, &program, argc, argv, &l), status;
	bool csv = !c.format || !strcmp(c.format, "csv");
	void *arg = &l;

	if (operand < argc)
		err_set(&e, ERR_USAGE, "\"%s\": hazard-list takes no operand; filters are options, see hazard-list --help", argv[operand]);
	else if (!session_open(&s, &c, l.known, l.as_of, &e) && !listing_bind(&l, &s, &e) && !session_fold(&s, &e)) {
		if (csv)
			listing_header(&l, &l.line);
		if (list_run(s.fold, &l.want, csv ? print_csv : keep, &arg, &e) == 0)
			csv ? (void)print_line(&l) : print_sheet(&l, !strcmp(c.format, "json"));
	}
	status = e.status ? cli_fail(&c, &e) : cli_end(&c, 0);
	listing_clear(&l);
	session_close(&s);
	return status;
}

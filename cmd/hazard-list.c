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
	{ "scope", 0, "RULE,…", "of these pilots: a rule with a scope holds for them" },
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

/* One thread's lines, printed when its turn comes. */
struct printer {
	const struct listing *l;
	struct buf text, *header;	/* header: of all threads */
};

/* Print and empty a buffer; LISTING_STOP when nobody takes it. */
static int print(struct buf *text)
{
	size_t n = text->n;
	bool ok = !n || fwrite(text->p, 1, n, stdout) == n;

	buf_reset(text);
	return ok ? 0 : LISTING_STOP;
}

/* What is waiting, behind the header: a ledger that cannot be read prints nothing at all. */
static int print_text(void *arg)
{
	struct printer *p = arg;
	int result = print(p->header);

	return result != 0 ? result : print(&p->text);
}

/* One row as CSV. */
static int add_line(void *arg, const struct hazard *h, const struct span *v)
{
	struct printer *p = arg;

	(void)h;
	writer_row(&p->text, v, p->l->nshown);
	return 0;
}

/* The header and all rows, each thread working on a block of its own. */
static int print_csv(struct listing *l, struct fold *f, struct err *e)
{
	size_t n = scan_cores(LISTING_THREADS);
	struct printer p[LISTING_THREADS];
	struct buf header = BUF_INIT;
	void *args[LISTING_THREADS];
	int result;

	for (size_t i = 0; i < LISTING_THREADS; i++) {
		p[i] = (struct printer){ l, BUF_INIT, &header };
		args[i] = &p[i];
	}
	l->want.nthreads = n;
	l->want.end = print_text;
	listing_header(l, &header);
	result = list_run(f, &l->want, add_line, args, e);
	if (result == 0)
		result = print(&header);	/* there was no block at all */
	for (size_t i = 0; i < LISTING_THREADS; i++)
		buf_clear(&p[i].text);
	buf_clear(&header);
	return result;
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

/* All rows at once, as a sheet. */
static void print_sheet(struct listing *l, struct fold *f, bool json, struct err *e)
{
	struct buf out = BUF_INIT;
	void *arg = l;

	if (list_run(f, &l->want, keep, &arg, e) != 0)
		return;
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

	if (operand < argc)
		err_set(&e, ERR_USAGE, "\"%s\": hazard-list takes no operand; filters are options, see hazard-list --help", argv[operand]);
	else if (!session_open(&s, &c, l.known, l.as_of, &e) && !listing_bind(&l, &s, &e)
	    && !session_fold(&s, list_trail(l.all, l.col, l.nshown, &l.filter), &e)) {
		if (csv)
			print_csv(&l, s.fold, &e);
		else
			print_sheet(&l, s.fold, !strcmp(c.format, "json"), &e);
	}
	status = e.status ? cli_fail(&c, &e) : cli_end(&c, 0);
	listing_clear(&l);
	session_close(&s);
	return status;
}

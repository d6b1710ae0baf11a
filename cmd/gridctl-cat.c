/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/io.h"
#include "csv/writer.h"
#include "register/ledger.h"

#define CHUNK 65536

struct cat {
	struct keeper k;
	const char *known;
	const struct table *table;
	struct buf out;
};

static const struct cli_option options[] = {
	{ "known", 0, "SEQ|TIME|CHECKPOINT", "only what was committed up to there" },
	{ NULL, 0, NULL, NULL }
};

/* Takes --known. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct cat *c = arg;

	(void)o;
	(void)e;
	c->known = value;
	return 0;
}

static const struct cli_program program = {
	.name = "gridctl cat",
	.usage = "[options] LEDGER",
	.about = "Print the committed rows of a ledger, all its segments under one header.",
	.options = options,
	.on = on,
	.more = "gridctl cat journal prints the committed lines of the journal.",
};

/* Standard output is gone or full: cli_end says so. */
static int write_out(struct buf *b, size_t above)
{
	if (b->n < above)
		return 0;
	if (fwrite(b->p, 1, b->n, stdout) != b->n)
		return 1;
	buf_reset(b);
	return 0;
}

/* One row of the ledger. */
static int print_row(void *arg, const struct scan_row *row)
{
	struct cat *c = arg;

	writer_row(&c->out, row->f, (size_t)c->table->ncolumns);
	return write_out(&c->out, CHUNK);
}

/* All rows of the ledger. */
static int print_ledger(struct cat *c, struct err *e)
{
	int cols[SCAN_WANT_MAX];
	void *arg = c;

	for (int i = 0; i < c->table->ncolumns; i++)
		cols[i] = i;
	schema_header(c->table, &c->out);
	if (ledger_scan(c->k.reg, &c->k.at, c->table->name, cols, (size_t)c->table->ncolumns, print_row, &arg,
	    1, e) < 0)
		return -1;
	write_out(&c->out, 1);
	return 0;
}

/* The journal up to its last committed line. */
static int print_journal(struct cat *c, struct err *e)
{
	int fd = io_open(c->k.reg->dir, "journal.csv", O_RDONLY, 0, false, e), result = 0;
	char chunk[CHUNK];
	off_t at = 0;

	if (fd < 0)
		return -1;
	while (result == 0 && at < c->k.at.journal) {
		size_t n = c->k.at.journal - at < CHUNK ? (size_t)(c->k.at.journal - at) : CHUNK;

		result = io_read_at(fd, "journal.csv", chunk, n, at, e);
		if (result == 0 && fwrite(chunk, 1, n, stdout) != n)
			break;
		at += (off_t)n;
	}
	io.close(fd);
	return result;
}

int gridctl_cat(int argc, char **argv)
{
	struct cat c = { .known = NULL };
	struct err e = ERR_INIT;
	int first = cli_start(&c.k.cli, &program, argc, argv, &c);
	bool journal;

	if (gridctl_operands(&c.k.cli, first, argc, 1, 1, "one LEDGER", &e) == 0) {
		journal = !strcmp(argv[first], "journal");
		if (!journal)
			c.table = gridctl_table(argv[first], TABLE_RECORD, &e);
		if ((journal || c.table) && keeper_read(&c.k, c.known, false, &e) == 0) {
			if (journal)
				print_journal(&c, &e);
			else
				print_ledger(&c, &e);
		}
	}
	buf_clear(&c.out);
	return keeper_end(&c.k, 0, &e);
}

/* SPDX-License-Identifier: MIT */
#include "model/writing.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/time.h"
#include "csv/scan.h"
#include "register/copies.h"
#include "register/journal.h"

int writing_open(struct writing *w, struct cli *c, const char *command, const char *key, bool again,
    struct err *e)
{
	struct commit_who who = { .command = command, .key = key, .lock_wait_ms = c->lock_wait_ms,
	    .dry_run = c->dry_run };
	char actor[256];
	int found;

	*w = (struct writing){ .cli = c };
	/* a dry run leaves no trace: the policy comes from its files, as the index notes its readers (the time of .index/lock.mdb);
	 * only where a hazard has to be found is it asked all the same */
	w->before = w->office = c->dry_run ? office_open(c->dir, NULL, e) : office_open_quick(c->dir, e);
	if (w->office == NULL)
		return -1;
	w->reg = w->office->reg;
	if (cli_now(c, w->reg->offset, e) || office_actor(w->office, c->actor, c->now, &w->actor, e))
		return -1;
	snprintf(actor, sizeof actor, "%.*s", (int)w->actor.n, w->actor.p);
	who.actor = actor;
	who.now = c->now;
	w->reg->allow_network = c->allow_network;
	w->commit = commit_open(w->reg, &who, e);
	if (w->commit == NULL)
		return -1;
	if (strcmp(commit_moment(w->commit)->chain,
	    w->before->at.chain) != 0) {	/* somebody was quicker */
		w->office = office_on(w->reg, commit_moment(w->commit), e);
		if (w->office == NULL)
			return -1;
	}
	found = again || key[0] == '\0' ? 0 : commit_find_key(w->reg, &w->office->at, key, &w->seq, &w->at, e);
	w->done_before = found == 1;
	return found < 0 ? -1 : 0;
}

int writing_close(struct writing *w, struct buf *pending, struct err *e)
{
	struct commit *c = w->commit;
	struct buf warning = BUF_INIT;
	int result;

	if (w->cli->dry_run)
		commit_pending_all(c, pending);
	if (w->cli->dry_run || commit_rows(c) == 0) {
		/* what will be told as recorded may be the work of a writer that did not live to sync it */
		result = commit_stands(c, e);
		copies_warn(w->reg, commit_moment(c), !w->cli->dry_run, &warning);
		cli_warn(w->cli, buf_view(&warning));
		buf_clear(&warning);
		commit_drop(c);
		w->commit = NULL;
		return result;
	}
	w->commit = NULL;
	result = commit_close(c, &warning, e);
	if (result == 0)
		w->cli->recorded = true;
	cli_warn(w->cli, buf_view(&warning));
	buf_clear(&warning);
	return result;
}

void writing_drop(struct writing *w)
{
	if (w->commit != NULL)
		commit_drop(w->commit);
	if (w->office != w->before)
		office_close(w->office);
	office_close(w->before);
	*w = (struct writing){ .cli = w->cli };
}

void writing_leave(struct writing *w)
{
	/* the map of the index and some hundred pieces of memory go with the process for less than giving back each takes */
	if (MEM_WATCHED) {
		writing_drop(w);
		return;
	}
	if (w->commit != NULL)
		commit_drop(w->commit);
	w->commit = NULL;
}

void writing_key(const struct span *words, size_t n, struct span bytes, char out[DIGEST_HEX + 1])
{
	struct digest d;

	digest_start(&d);
	for (size_t i = 0; i < n; i++) {
		digest_put(&d, words[i].p, words[i].n);
		digest_put(&d, "", 1);
	}
	digest_put(&d, bytes.p, bytes.n);
	digest_hex(&d, out);
}

void writing_was(const struct writing *w, struct buf *out)
{
	char at[TIME_LEN + 1];

	time_write(w->at, w->reg->offset, at);
	buf_printf(out, "this input came in on %s as commit %llu; nothing was added (--again insists)", at,
	    (unsigned long long)w->seq);
}

/* The spans of one commit in the journal. */
struct span_hunt {
	uint64_t seq;
	const char *table;
	struct journal_span found[REG_LEDGERS_MAX * 2];
	size_t n;
	bool parsed;
};

/* A line of the journal, backwards. */
static int hunt_line(void *arg, const struct journal_line *l, bool chained)
{
	struct span_hunt *h = arg;

	(void)chained;
	if (l->seq < h->seq)
		return 1;
	if (l->seq != h->seq || l->kind != JOURNAL_BEGIN)
		return 0;
	h->parsed = journal_spans(l->spans, h->found, REG_LEDGERS_MAX * 2, &h->n);
	return 1;
}

/* Is the file a segment of the table? */
static bool is_segment(const char *file, const char *table)
{
	size_t n = strlen(table);

	return strncmp(file, table, n) == 0 && file[n] == '.' && strstr(file, ".csv") != NULL;
}

/* One id. */
static int put_id(void *arg, const struct scan_row *row)
{
	struct buf *out = arg;

	buf_span(out, row->f[0]);
	buf_putc(out, '\n');
	return 0;
}

/* The ids in one span of a ledger file. */
static int read_ids(struct writing *w, const struct journal_span *s, const char *key, struct buf *out,
    struct err *e)
{
	struct scan_source src = { .name = s->name, .to = s->offset + s->length, .canonical = true,
	    .first_line = 1 };
	struct buf text = BUF_INIT, rest = BUF_INIT;
	struct span *fields = NULL;
	size_t n = 0;
	int col = 0, result;

	src.fd = io_open(w->reg->dir, s->name, O_RDONLY, 0, false, e);
	if (src.fd < 0)
		return -1;
	result = scan_header(&src, &text, &fields, &n, &rest, e);
	while (result == 0 && (size_t)col < n && !span_is(fields[col], key))
		col++;
	if (result == 0) {
		struct scan_want want = { n, &col, 1 };

		src.from = s->offset;
		result = scan_rows(&src, &want, put_id, out, e);
	}
	buf_clear(&text);
	buf_clear(&rest);
	free(fields);
	return io_close(src.fd, s->name, e) || result ? -1 : 0;
}

int writing_ids(struct writing *w, uint64_t seq, const char *table, struct buf *out, struct err *e)
{
	struct span_hunt h = { .seq = seq, .table = table };
	const struct table *t = schema_table(span_of(table));
	int result = journal_walk_back(w->reg, w->office->at.journal, hunt_line, &h, e);

	if (result < 0)
		return -1;
	for (size_t i = 0; i < h.n; i++)
		if (h.found[i].length > 0 && is_segment(h.found[i].name, table) && read_ids(w, &h.found[i],
		    t->columns[t->key].name, out, e))
			return -1;
	return 0;
}

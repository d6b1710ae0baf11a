/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "register/copies.h"
#include "register/pending.h"

/* Does the commit bring rows to it? */
static bool is_touched(const struct pending_ledger *l)
{
	return l->rows.n > 0;
}

/* New masters and policy files, synced under their digests before the begin line. */
static int store_versions(struct commit *c, struct err *e)
{
	char digest[DIGEST_HEX + 1];

	for (size_t i = 0; i < c->nversions; i++) {
		struct pending_version *v = &c->version[i];

		if (strcmp(v->name, "policy") == 0)
			for (size_t k = 0; k < c->nfiles; k++)
				if (version_store(c->r, buf_view(&c->file[k].bytes), digest, e) < 0)
					return -1;
		if (version_store(c->r, buf_view(&v->bytes), v->digest, e) < 0)
			return -1;
	}
	return 0;
}

/* Open the ledgers that get rows, and look once more that they are as long as committed. */
static int open_ledgers(struct commit *c, struct err *e)
{
	for (size_t i = 0; i < c->m.nledgers; i++) {
		struct pending_ledger *l = &c->ledger[i];
		off_t size;

		if (!is_touched(l))
			continue;
		l->fd = io_open(c->r->dir, l->name, O_RDWR | O_APPEND, 0, false, e);
		if (l->fd < 0 || io_size(l->fd, l->name, &size, e) < 0)
			return -1;
		if (size != l->at->size)
			return err_set(e, ERR_PERSON, "%s: has %jd bytes, %jd were committed: another hand is writing to it", l->name,
			    (intmax_t)size, (intmax_t)l->at->size);
	}
	return 0;
}

/* The spans of the begin line and the moment behind it. */
static void build_spans(struct commit *c, struct buf *spans)
{
	struct journal_span s;

	c->next = c->m;
	for (size_t i = 0; i < c->m.nledgers; i++) {
		struct pending_ledger *l = &c->ledger[i];

		if (!is_touched(l))
			continue;
		memset(&s, 0, sizeof s);
		memcpy(s.name, l->name, sizeof s.name);
		s.offset = l->at->size;
		s.length = (off_t)l->rows.n;
		s.rows = l->nrows;
		pending_digest(l, s.digest);
		journal_put_span(spans, &s);
		c->next.ledger[i].size += s.length;
	}
	for (size_t i = 0; i < c->nversions; i++) {
		struct pending_version *v = &c->version[i];

		memset(&s, 0, sizeof s);
		memcpy(s.name, v->name, sizeof s.name);
		memcpy(s.digest, v->digest, sizeof s.digest);
		s.length = -1;
		journal_put_span(spans, &s);
		memcpy(moment_slot(&c->next, v->name)->digest, v->digest, sizeof v->digest);
	}
}

/* All three lines that may be written, so that nothing is allocated between the first and the last. */
static void build_lines(struct commit *c)
{
	struct buf spans = BUF_INIT, sizes = BUF_INIT, login = BUF_INIT;
	struct journal_new l = { .kind = JOURNAL_BEGIN, .seq = c->seq, .at = c->who.now, .offset = c->r->offset,
		.actor = c->actor, .command = c->command, .key = c->key };
	char begun[DIGEST_HEX + 1], chain[DIGEST_HEX + 1];

	journal_login(&login);
	build_spans(c, &spans);
	l.login = login.p;
	l.policy = moment_version(&c->next, "policy");
	l.spans = buf_view(&spans);
	memcpy(begun, c->chain, sizeof begun);
	journal_put(&c->begin, &l, begun);
	l.spans = (struct span){ NULL, 0 };

	moment_sizes(&c->next, &sizes);
	l.kind = JOURNAL_COMMIT;
	l.sizes = buf_view(&sizes);
	memcpy(chain, begun, sizeof chain);
	journal_put(&c->commit, &l, chain);
	c->next.seq = c->seq;
	c->next.at = c->who.now;
	c->next.journal = c->journal_size + (off_t)c->begin.n + (off_t)c->commit.n;
	memcpy(c->next.chain, chain, sizeof chain);

	buf_reset(&sizes);
	moment_sizes(&c->m, &sizes);
	l.kind = JOURNAL_ABORT;
	l.policy = moment_version(&c->m, "policy");
	l.sizes = buf_view(&sizes);
	memcpy(chain, begun, sizeof chain);
	journal_put(&c->abort, &l, chain);
	buf_clear(&spans);
	buf_clear(&sizes);
	buf_clear(&login);
}

/* What a commit without versions is to the index; rows has room for REG_LEDGERS_MAX. */
static struct index_gain gain_of(const struct commit *c, struct index_rows *rows)
{
	struct index_gain g = { .was = &c->m, .next = &c->next, .rows = rows, .keyed = c->key[0] != '\0' };

	for (size_t i = 0; i < c->m.nledgers; i++) {
		const struct pending_ledger *l = &c->ledger[i];

		if (is_touched(l))
			rows[g.n++] = (struct index_rows){ l->table, l->at->segment, l->at->size, buf_view(&l->rows) };
	}
	return g;
}

/* The index of a large commit is made ready meanwhile. */
static void start_index(struct commit *c)
{
	struct index_rows rows[REG_LEDGERS_MAX];
	struct index_gain g;

	if (c->nversions > 0)
		return;
	g = gain_of(c, rows);
	c->early = index_early_start(c->r, &g);
}

/* The index of a commit that stands, unless it was made ready. */
static int end_index(struct commit *c, struct err *e)
{
	struct index_rows rows[REG_LEDGERS_MAX];
	struct index_gain g;
	int result = index_early_end(c->early, e);

	c->early = NULL;
	if (result != 1)
		return result;
	if (c->nversions > 0)
		return index_update(c->r, &c->next, e);
	g = gain_of(c, rows);
	return index_follow(c->r, &g, e);
}

int check_size(int fd, const char *name, off_t want, struct err *e)
{
	off_t size;

	if (io_size(fd, name, &size, e) < 0)
		return -1;
	if (size == want)
		return 0;
	return err_set(e, ERR_FAILED, "%s: has %jd bytes after a write that should have made %jd", name, (intmax_t)size, (intmax_t)want);
}

/* Append to a file of a known size. */
static int append(int fd, const char *name, off_t at, const struct buf *bytes, struct err *e)
{
	return io_write_all(fd, name, bytes->p, bytes->n, e) < 0 ? -1 : check_size(fd, name, at + (off_t)bytes->n, e);
}

bool is_ours(int fd, const char *name, off_t from, const struct buf *bytes, off_t *size)
{
	static const size_t block = 4096;
	struct err ignored = ERR_INIT;
	char now[4096];

	if (io_size(fd, name, size, &ignored) < 0 || *size < from || *size - from > (off_t)bytes->n)
		return false;
	for (size_t at = 0; from + (off_t)at < *size; at += block) {
		size_t n = (size_t)(*size - from) - at;

		if (n > block)
			n = block;
		if (io_read_at(fd, name, now, n, from + (off_t)at, &ignored) < 0 || memcmp(now, bytes->p + at, n) != 0)
			return false;
	}
	return true;
}

/* The begin line failed: take it back.  When that fails too the next writer recovers. */
static void cut_begin(struct commit *c)
{
	struct err ignored = ERR_INIT;
	off_t size;

	if (is_ours(c->journal, JOURNAL_NAME, c->journal_size, &c->begin, &size))
		io_truncate(c->journal, JOURNAL_NAME, c->journal_size, &ignored);
}

/* Step 5: what is to come. */
static int write_begin(struct commit *c, struct err *e)
{
	/* a disk that fills up must say so now, not in the middle of the commit line */
	if (io_reserve(c->journal, JOURNAL_NAME, c->journal_size, (off_t)(c->begin.n + (c->commit.n > c->abort.n ? c->commit.n
	    : c->abort.n)), e) < 0)
		return -1;
	c->stage = STAGE_BEGUN;
	if (append(c->journal, JOURNAL_NAME, c->journal_size, &c->begin, e) < 0
	    || io_sync_data(c->journal, JOURNAL_NAME, e) < 0) {
		cut_begin(c);
		return -1;
	}
	c->stage = STAGE_BEGIN_SYNCED;
	return 0;
}

/* Steps 6 and 7: the rows, then their syncs. */
static int write_rows(struct commit *c, struct err *e)
{
	/* invariant 4: begin is synced before data is written */
	assert(c->stage == STAGE_BEGIN_SYNCED);
	for (size_t i = 0; i < c->m.nledgers; i++) {
		struct pending_ledger *l = &c->ledger[i];

		if (is_touched(l) && append(l->fd, l->name, l->at->size, &l->rows, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < c->m.nledgers; i++) {
		struct pending_ledger *l = &c->ledger[i];

		if (is_touched(l) && (io_sync_data(l->fd, l->name, e) < 0
		    || check_size(l->fd, l->name, l->at->size + (off_t)l->rows.n, e) < 0))
			return -1;
	}
	c->stage = STAGE_ROWS_SYNCED;
	return 0;
}

/* Take the rows back and say so in the journal.  Whatever fails here is left to the next writer's recovery. */
static void undo_rows(struct commit *c)
{
	off_t begun = c->journal_size + (off_t)c->begin.n, size;
	struct err ignored = ERR_INIT;

	/* invariant 5: only what the open begin covers is cut, and only bytes of this very batch */
	assert(c->stage == STAGE_BEGIN_SYNCED || c->stage == STAGE_ROWS_SYNCED);
	for (size_t i = 0; i < c->m.nledgers; i++) {
		struct pending_ledger *l = &c->ledger[i];

		if (is_touched(l) && (!is_ours(l->fd, l->name, l->at->size, &l->rows, &size)
		    || io_truncate(l->fd, l->name, l->at->size, &ignored) < 0 || io_sync_data(l->fd, l->name, &ignored) < 0))
			return;
	}
	/* no torn line is left, nor one that the kernel shows and the disk has not: the open begin says enough */
	if ((append(c->journal, JOURNAL_NAME, begun, &c->abort, &ignored) < 0
	    || io_sync_data(c->journal, JOURNAL_NAME, &ignored) < 0)
	    && is_ours(c->journal, JOURNAL_NAME, begun, &c->abort, &size))
		io_truncate(c->journal, JOURNAL_NAME, begun, &ignored);
}

/* Steps 8 and 9.  Once a byte of the line may be on disk only 0 and ERR_DOUBT are true. */
static int write_commit(struct commit *c, struct err *e)
{
	off_t at = c->journal_size + (off_t)c->begin.n, size;
	struct err why = ERR_INIT, ignored = ERR_INIT;
	struct doubt d;

	/* invariant 3: data is synced before commit is written */
	assert(c->stage == STAGE_ROWS_SYNCED);
	errno = 0;
	/* another thread may run out of memory at any time */
	if (c->early != NULL)
		mem_exit_status(ERR_DOUBT);
	if (io_write_all(c->journal, JOURNAL_NAME, c->commit.p, c->commit.n, &why) < 0) {
		/* a line that lacks its end is no commit and cannot become one */
		if (is_ours(c->journal, JOURNAL_NAME, at, &c->commit, &size) && size < c->next.journal
		    && (size == at || io_truncate(c->journal, JOURNAL_NAME, at, &ignored) == 0)) {
			mem_exit_status(ERR_FAILED);
			undo_rows(c);
			return err_set(e, ERR_FAILED, "%s", why.text);
		}
		goto doubt;
	}
	if (check_size(c->journal, JOURNAL_NAME, c->next.journal, &why) < 0 || io_sync_data(c->journal, JOURNAL_NAME, &why) < 0)
		goto doubt;
	c->stage = STAGE_COMMITTED;
	mem_exit_status(ERR_UNSAID);
	return 0;
doubt:
	mem_exit_status(ERR_DOUBT);
	d.number = errno;
	d.seq = c->seq;
	memcpy(d.chain, c->next.chain, sizeof d.chain);
	time_write(c->who.now, c->r->offset, d.at);
	snprintf(d.command, sizeof d.command, "%s", c->command);
	return doubt_leave(c->r, &d, &why, e);
}

int commit_stands(struct commit *c, struct err *e)
{
	return c->journal < 0 ? 0 : io_sync_data(c->journal, JOURNAL_NAME, e);
}

/* Files of the policy before that the new one no longer has. */
static void remove_stale_policy(struct commit *c)
{
	struct buf old = BUF_INIT;
	struct err ignored = ERR_INIT;
	const char *digest = moment_version(&c->m, "policy");
	struct span rest, d, path;
	char name[REG_FILE_MAX + 256];

	if (digest == NULL || reg_version(c->r, digest, &old, &ignored) < 0)
		goto done;
	rest = buf_view(&old);
	while (manifest_next(&rest, &d, &path)) {
		bool kept = false;

		for (size_t i = 0; i < c->nfiles; i++)
			kept |= span_is(path, c->file[i].path);
		snprintf(name, sizeof name, "policy/%.*s", (int)path.n, path.p);
		if (!kept)
			io.unlinkat(c->r->dir, name, 0);
	}
done:
	buf_clear(&old);
}

/* Working copies of what was committed. */
static int refresh_copies(struct commit *c, struct err *e)
{
	char path[REG_FILE_MAX + 256];
	int result = 0;

	for (size_t i = 0; i < c->nversions; i++) {
		struct pending_version *v = &c->version[i];

		if (strcmp(v->name, "policy") == 0) {
			for (size_t k = 0; k < c->nfiles; k++) {
				snprintf(path, sizeof path, "policy/%s", c->file[k].path);
				if (working_copy(c->r, path, buf_view(&c->file[k].bytes), e) < 0)
					result = -1;
			}
			remove_stale_policy(c);
			continue;
		}
		if (strcmp(v->name, "register") == 0)
			snprintf(path, sizeof path, "%s", REGISTER_FILE);
		else
			snprintf(path, sizeof path, "%s.csv", v->name);
		if (working_copy(c->r, path, buf_view(&v->bytes), e) < 0)
			result = -1;
	}
	return result;
}

/* Does this commit leave register.yaml alone? */
static bool same_settings(const struct commit *c)
{
	const char *was = moment_version(&c->m, "register"), *is = moment_version(&c->next, "register");

	return was != NULL && is != NULL && strcmp(was, is) == 0;
}

/* Step 10 and after: the commit stands, so failures are words only. */
static void after(struct commit *c, struct buf *warning)
{
	struct err copies = ERR_INIT, index = ERR_INIT;

	/* invariant 6: nothing is acknowledged before the commit line is synced */
	assert(c->stage == STAGE_COMMITTED);
	index_early_tell(c->early, true);
	if (c->r->undone[0] != '\0' && warning != NULL)
		buf_printf(warning, "%s\n", c->r->undone);
	if (c->r->edited && warning != NULL && same_settings(c))
		buf_puts(warning, "register.yaml: the working copy is not what is committed; it changes nothing until gridctl put register\n");
	if (refresh_copies(c, &copies) < 0 && warning != NULL)
		buf_printf(warning, "%s (a working copy; commit %ju stands)\n", copies.text, (uintmax_t)c->seq);
	if (warning != NULL)
		copies_warn(c->r, &c->next, true, warning);
	/* the index has a lock of its own: making it anew must not keep other writers waiting */
	io.close(c->journal);
	c->journal = -1;
	if (end_index(c, &index) < 0 && warning != NULL)
		buf_printf(warning, "%s (the index; commit %ju stands)\n", index.text, (uintmax_t)c->seq);
}

int commit_close(struct commit *c, struct buf *warning, struct err *e)
{
	struct err ignored = ERR_INIT;
	int result = -1;

	for (size_t i = 0; i < c->m.nledgers; i++)
		assert(c->ledger[i].minted <= c->ledger[i].nrows);
	if (c->broken.status != ERR_OK) {
		err_set(e, c->broken.status, "%s", c->broken.text);
		goto done;
	}
	if (c->who.dry_run) {
		result = 0;
		goto done;
	}
	if (store_versions(c, e) < 0 || open_ledgers(c, e) < 0)
		goto done;
	build_lines(c);
	start_index(c);
	if (write_begin(c, e) < 0)
		goto done;
	if (write_rows(c, e) < 0) {
		undo_rows(c);
		goto done;
	}
	result = write_commit(c, e);
	if (result == 0)
		after(c, warning);
done:
	index_early_end(c->early, &ignored);
	commit_drop(c);
	return result;
}


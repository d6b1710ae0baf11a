/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/io.h"
#include "base/time.h"
#include "register/inside.h"

#define SAVE_NAMES 100	/* of one tail: a crash while saving leaves a part under the first name */

/* The file at path holds exactly these bytes, durably: who was killed may have left it, or its name, unsynced. */
static bool saved_already(struct reg *r, const char *path, struct span bytes)
{
	struct buf now = BUF_INIT;
	struct err ignored = ERR_INIT;
	int fd = io_open(r->dir, path, O_RDONLY, 0, false, &ignored);
	bool same = fd >= 0 && io_slurp(r->dir, path, bytes.n, &now, &ignored) == 0 && span_eq(buf_view(&now), bytes)
	    && io_sync(fd, path, &ignored) == 0 && io_sync_parent(r->dir, path, &ignored) == 0;

	if (fd >= 0)
		io.close(fd);
	buf_clear(&now);
	return same;
}

int save_tail(struct reg *r, int fd, const char *file, off_t from, off_t to, uint64_t seq, struct span chain, struct err *e)
{
	char path[REG_FILE_MAX + 128];
	struct buf bytes = BUF_INIT;
	size_t n = (size_t)(to - from);
	int result = -1;

	assert(to > from);
	buf_reserve(&bytes, n);
	if (io_read_at(fd, file, bytes.p, n, from, e) < 0 || make_dir(r, "lost+found", e) < 0)
		goto done;
	bytes.n = n;
	for (int i = 1; i <= SAVE_NAMES; i++) {
		int len = snprintf(path, sizeof path, "lost+found/%s-%" PRIu64 "-%jd-%.8s", file, seq, (intmax_t)from, chain.p);

		if (i > 1)
			snprintf(path + len, sizeof path - (size_t)len, ".%d", i);
		result = make_file(r, path, buf_view(&bytes), e);
		if (result <= 0)
			goto done;
		if (saved_already(r, path, buf_view(&bytes))) {
			result = 0;
			goto done;
		}
	}
	result = err_set(e, ERR_FAILED, "%s: cannot be saved: there are %d files of that name already", path, SAVE_NAMES);
done:
	buf_clear(&bytes);
	return result;
}

/* Save and cut what stands behind `from`. */
static int cut(struct reg *r, int fd, const char *file, off_t from, off_t size, const struct journal_line *l, struct err *e)
{
	off_t now;

	if (save_tail(r, fd, file, from, size, l->seq, l->chain, e) < 0)
		return -1;
	/* invariant 5: what is cut is saved, and nothing was added meanwhile */
	if (io_size(fd, file, &now, e) < 0)
		return -1;
	if (now != size)
		return err_set(e, ERR_FAILED, "%s: grew while it was recovered; try again", file);
	return io_truncate(fd, file, from, e) < 0 || io_sync_data(fd, file, e) < 0 ? -1 : 0;
}

/* Nobody else was at the ledger since: what stands behind the span's offset is the commit's own. */
static int check_own(int fd, const struct journal_span *s, off_t size, struct err *e)
{
	const struct table *t;
	unsigned number;
	char before = '\n';

	if (s->offset > 0 && segment_parse(span_of(s->name), &t, &number) && spreadsheet_check(fd, s->name, t, e) < 0)
		return -1;
	if (size < s->offset)
		return err_set(e, ERR_PERSON, "%s: has %jd bytes, %jd were committed: rows were removed; run gridctl verify", s->name,
		    (intmax_t)size, (intmax_t)s->offset);
	if (size > s->offset + s->length)
		return err_set(e, ERR_PERSON, "%s: bytes %jd-%jd behind an interrupted commit were not written by this toolkit; move them out"
		    " of the file and try again", s->name, (intmax_t)(s->offset + s->length), (intmax_t)size - 1);
	if (s->offset > 0 && io_read_at(fd, s->name, &before, 1, s->offset - 1, e) < 0)
		return -1;
	if (before != '\n')
		return err_set(e, ERR_PERSON, "%s: was changed before byte %jd, where the committed rows end; run gridctl verify", s->name,
		    (intmax_t)s->offset);
	return 0;
}

/* Undo what an open begin did to one ledger. */
static int undo_span(struct reg *r, const struct journal_line *begin, const struct journal_span *s, struct err *e)
{
	struct stat st;
	int fd, result = -1;
	off_t size;

	if (ledger_stat(r, s->name, &st, e) < 0)
		return -1;
	fd = io_open(r->dir, s->name, O_RDWR | O_APPEND, 0, false, e);
	if (fd < 0)
		return -1;
	if (io_size(fd, s->name, &size, e) == 0 && check_own(fd, s, size, e) == 0)
		result = size > s->offset ? cut(r, fd, s->name, s->offset, size, begin, e) : io_sync_data(fd, s->name, e);
	io.close(fd);
	return result;
}

/* The line that closes an open begin. */
static int write_abort(struct reg *r, int journal, const struct commit_who *who, const struct tail *t, struct err *e)
{
	struct buf line = BUF_INIT, login = BUF_INIT;
	struct journal_new l = { .kind = JOURNAL_ABORT, .seq = t->last.seq, .at = who->now, .offset = r->offset,
		.actor = who->actor, .command = who->command, .sizes = t->sized.sizes };
	struct err ignored = ERR_INIT;
	struct moment m;
	char chain[65];
	off_t size;
	int result = -1;

	if (moment_of_line(&t->sized, &m, e) < 0)
		return -1;
	l.policy = moment_version(&m, "policy");
	journal_login(&login);
	l.login = login.p;
	memcpy(chain, t->last.chain.p, sizeof chain - 1);
	chain[64] = '\0';
	journal_put(&line, &l, chain);
	if (io_write_all(journal, JOURNAL_NAME, line.p, line.n, e) < 0 || io_size(journal, JOURNAL_NAME, &size, e) < 0)
		goto done;
	if (size != t->good + (off_t)line.n)
		err_set(e, ERR_FAILED, "%s: has %jd bytes after a write that should have made %jd", JOURNAL_NAME, (intmax_t)size,
		    (intmax_t)(t->good + (off_t)line.n));
	else
		result = io_sync_data(journal, JOURNAL_NAME, e);
done:
	/* a line that the kernel shows and the disk may lack must not be built upon: the next writer's recovery writes one anew */
	if (result < 0 && io_size(journal, JOURNAL_NAME, &size, &ignored) == 0 && size <= t->good + (off_t)line.n)
		io_truncate(journal, JOURNAL_NAME, t->good, &ignored);
	buf_clear(&line);
	buf_clear(&login);
	return result;
}

/* Every ledger that the open begin names, then its abort. */
static int undo_begin(struct reg *r, int journal, const struct commit_who *who, const struct tail *t, struct err *e)
{
	struct journal_span span[SPANS_MAX];
	size_t n;

	if (!journal_spans(t->last.spans, span, SPANS_MAX, &n))
		return err_set(e, ERR_PERSON, "%s: the spans of the open begin %" PRIu64 " cannot be read; a newer program wrote them",
		    JOURNAL_NAME, t->last.seq);
	for (size_t i = 0; i < n; i++)
		if (span[i].length >= 0 && undo_span(r, &t->last, &span[i], e) < 0)
			return -1;
	return write_abort(r, journal, who, t, e);
}

/* Say whose commit was undone: it was never acknowledged, but somebody may be waiting for it. */
static void note_undone(struct reg *r, const struct tail *t)
{
	char at[TIME_LEN + 1];

	if (t->last.kind != JOURNAL_BEGIN)
		return;
	time_write(t->last.at, r->offset, at);
	snprintf(r->undone, sizeof r->undone, "commit %" PRIu64 " (%.*s by %.*s, %s) was interrupted and never recorded; its rows were"
	    " taken out and are kept under lost+found/", t->last.seq, (int)(t->last.command.n < 40 ? t->last.command.n : 40),
	    t->last.command.p, (int)(t->last.actor.n < 40 ? t->last.actor.n : 40), t->last.actor.p, at);
}

int recover(struct reg *r, int journal, const struct commit_who *who, struct tail *t, struct err *e)
{
	int result = 0;

	if (t->size > t->good) {
		result = cut(r, journal, JOURNAL_NAME, t->good, t->size, &t->last, e);
	} else if (t->last.kind == JOURNAL_BEGIN) {
		/* the begin itself may have reached the journal without its sync */
		result = io_sync_data(journal, JOURNAL_NAME, e);
	}
	if (result == 0 && t->last.kind == JOURNAL_BEGIN)
		result = undo_begin(r, journal, who, t, e);
	if (result == 0)
		note_undone(r, t);
	tail_clear(t);
	if (result < 0)
		return err_prefix(e, "cannot undo an interrupted commit");
	return tail_read(r, journal, t, e);
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/io.h"
#include "register/inside.h"

#define BLOCK 65536

/* The commit in doubt, as the journal has it. */
struct settle {
	struct reg *r;
	struct doubt d;
	int journal;
	bool broken;			/* a line does not fit the chain */
	bool stands;			/* its commit or adopt line is there, from `line` on */
	off_t line;
	struct journal_span span[SPANS_MAX];
	size_t n;
	bool readable;			/* the spans */
};

/* One line of the journal, in order. */
static int see_line(void *arg, const struct journal_line *l, bool chained)
{
	struct settle *s = arg;

	s->broken |= !chained;
	/* a mark that does not say which: the last one there is */
	if (!chained || (s->d.seq > 0 && l->seq != s->d.seq))
		return 0;
	if (l->kind == JOURNAL_BEGIN || l->kind == JOURNAL_ADOPT)
		s->readable = journal_spans(l->spans, s->span, SPANS_MAX, &s->n);
	s->stands = (l->kind == JOURNAL_COMMIT || l->kind == JOURNAL_ADOPT)
	    && (s->d.seq == 0 || span_is(l->chain, s->d.chain));
	s->line = l->offset;
	return 0;
}

/* The bytes of one span as the disk has them. */
static int check_span(struct settle *s, const struct journal_span *x, struct err *e)
{
	char digest[DIGEST_HEX + 1];
	static const size_t block = BLOCK;
	struct buf p = BUF_INIT;
	struct digest d;
	int fd, result = -1;

	if (x->length < 0) {
		result = reg_version(s->r, x->digest, &p, e);
		buf_clear(&p);
		return result;
	}
	fd = io_open(s->r->dir, x->name, O_RDONLY, 0, false, e);
	if (fd < 0)
		return -1;
	io_forget(fd);
	buf_reserve(&p, block);
	digest_start(&d);
	for (off_t at = 0; at < x->length; at += (off_t)block) {
		size_t n = x->length - at < (off_t)block ? (size_t)(x->length - at) : block;

		if (io_read_at(fd, x->name, p.p, n, x->offset + at, e) < 0)
			goto done;
		digest_put(&d, p.p, n);
	}
	digest_hex(&d, digest);
	if (strcmp(digest, x->digest) != 0)
		err_set(e, ERR_PERSON, "%s: the rows of commit %" PRIu64 " are not what was written; run gridctl verify", x->name, s->d.seq);
	else
		result = 0;
done:
	buf_clear(&p);
	io.close(fd);
	return result;
}

/* Look at the journal and at what the commit covers; t is the journal's tail. */
static int look(struct settle *s, struct tail *t, struct err *e)
{
	io_forget(s->journal);
	if (tail_read(s->r, s->journal, t, e) < 0)
		return -1;
	if (journal_walk(s->r, t->good, see_line, s, e) < 0)
		return -1;
	if (s->broken)
		return err_set(e, ERR_PERSON, "%s: a line does not fit the chain; run gridctl verify", JOURNAL_NAME);
	if (!s->stands)
		return 0;
	if (!s->readable)
		return err_set(e, ERR_PERSON, "%s: the spans of commit %" PRIu64 " cannot be read; a newer program wrote them", JOURNAL_NAME, s->d.seq);
	for (size_t i = 0; i < s->n; i++)
		if (check_span(s, &s->span[i], e) < 0)
			return -1;
	return 0;
}

/*
 * Make the line durable.  The sync that failed is not tried again: after a failure the kernel calls the pages clean,
 * whether or not they reached the disk, and the next sync of them says that all is well (reliability.md R8).  The same
 * bytes are written once more, so that there is something to sync, and read back when they are out of the cache.
 */
static int write_again(struct settle *s, off_t end, struct err *e)
{
	size_t n = (size_t)(end - s->line);
	struct buf line = BUF_INIT, back = BUF_INIT;
	int result = -1;

	buf_reserve(&line, n);
	buf_reserve(&back, n);
	if (io_read_at(s->journal, JOURNAL_NAME, line.p, n, s->line, e) < 0
	    || io_write_at(s->journal, JOURNAL_NAME, line.p, n, s->line, e) < 0 || io_sync_data(s->journal, JOURNAL_NAME, e) < 0)
		goto done;
	io_forget(s->journal);
	if (io_read_at(s->journal, JOURNAL_NAME, back.p, n, s->line, e) < 0)
		goto done;
	if (memcmp(line.p, back.p, n) != 0)
		err_set(e, ERR_FAILED, "%s: does not read as it was written", JOURNAL_NAME);
	else
		result = 0;
done:
	buf_clear(&line);
	buf_clear(&back);
	return result;
}

/* The ids of one span. */
struct ids {
	struct buf first, last;
	uint64_t n;
};

/* A row of it. */
static int see_id(void *arg, const struct scan_row *row)
{
	struct ids *x = arg;

	if (x->n++ == 0)
		buf_span(&x->first, row->f[0]);
	buf_reset(&x->last);
	buf_span(&x->last, row->f[0]);
	return 0;
}

/* Which ids a span brought; words only, so what cannot be read is left out. */
static void say_ids(struct settle *s, const struct journal_span *x, struct buf *said)
{
	struct err ignored = ERR_INIT;
	struct ids ids = { .n = 0 };
	const struct table *t;
	void *args[] = { &ids };
	struct segment *g;
	unsigned number;

	if (x->length < 0) {
		buf_printf(said, "; a new version of %s", x->name);
		return;
	}
	if (!segment_parse(span_of(x->name), &t, &number))
		return;
	g = t->id_letter != 0 ? segment_get(s->r, t->name, number, &ignored) : NULL;
	if (g == NULL || segment_scan(g, x->offset, x->offset + x->length, &t->key, 1, see_id, args, 1, &ignored) < 0 || ids.n == 0)
		buf_printf(said, "; %s: %" PRIu64 " row%s", x->name, x->rows, x->rows == 1 ? "" : "s");
	else if (ids.n == 1)
		buf_printf(said, "; %s %s", t->name, ids.first.p);
	else
		buf_printf(said, "; %s %s to %s (%" PRIu64 ")", t->name, ids.first.p, ids.last.p, ids.n);
	buf_clear(&ids.first);
	buf_clear(&ids.last);
}

/* What came of it, in words. */
static void conclude(struct settle *s, struct buf *said)
{
	if (s->d.seq == 0) {
		buf_puts(said, "no commit is in doubt any more; gridctl log shows which were recorded\n");
		return;
	}
	buf_printf(said, "commit %" PRIu64 " (%s, %s) was in doubt and %s", s->d.seq, s->d.command, s->d.at,
	    s->stands ? "was recorded" : "was not recorded; the next writer takes out what is left of it");
	for (size_t i = 0; s->stands && i < s->n; i++)
		say_ids(s, &s->span[i], said);
	buf_putc(said, '\n');
}

/* Why the journal could not be held: who may not write leaves the doubt to others. */
static int cannot_hold(int number, const struct doubt *d, struct err *e)
{
	if (number != EACCES && number != EPERM && number != EROFS)
		return -1;
	err_clear(e);
	return err_set(e, ERR_DOUBT, "commit %" PRIu64 " (%s, %s) is in doubt, and you may not write to this register: somebody who may must"
	    " run gridctl check", d->seq, d->command, d->at);
}

int commit_settle(struct reg *r, const struct commit_who *who, struct buf *said, struct err *e)
{
	struct settle s = { .r = r };
	struct err why = ERR_INIT;
	struct tail t = { .good = 0 };
	int got = doubt_read(r, &s.d, e), result = -1;

	if (got <= 0)
		return got;
	errno = 0;
	s.journal = journal_hold(r, who, O_RDWR, e);	/* not to append: the line is written in its place */
	if (s.journal < 0)
		return cannot_hold(errno, &s.d, e);
	got = doubt_read(r, &s.d, &why);	/* another may have settled it meanwhile */
	if (got == 0)
		result = 0;
	if (got <= 0)
		goto done;
	if (look(&s, &t, &why) < 0 || (s.stands && write_again(&s, t.good, &why) < 0) || doubt_remove(r, &why) < 0)
		goto done;
	conclude(&s, said);
	result = 0;
done:
	tail_clear(&t);
	io.close(s.journal);
	if (result < 0 && why.status == ERR_PERSON)
		return err_set(e, ERR_PERSON, "%s", why.text);
	if (result < 0)
		return err_set(e, ERR_DOUBT, "%s; commit %" PRIu64 " stays in doubt: see to the disk, then run gridctl check again", why.text, s.d.seq);
	return 0;
}

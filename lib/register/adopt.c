/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "register/inside.h"

#define HEAD_MAX 4096
#define BLOCK 65536

/* What a spreadsheet did to the header, in words, or NULL. */
static const char *trace(struct span head, struct span header)
{
	struct span start = { head.p, header.n - 1 };

	if (head.n >= 3 && memcmp(head.p, "\xef\xbb\xbf", 3) == 0)
		return "it begins with a byte order mark";
	if (head.n >= 2 && (memcmp(head.p, "\xff\xfe", 2) == 0 || memcmp(head.p, "\xfe\xff", 2) == 0))
		return "it is UTF-16";
	if (head.n > 0 && head.p[0] == '"')
		return "its header is quoted";
	if (head.n > header.n && memcmp(head.p, header.p, start.n) == 0 && head.p[start.n] == '\r')
		return "its lines end in CRLF";
	if (head.n > 0 && memchr(head.p, ';', head.n < header.n ? head.n : header.n) != NULL)
		return "its fields are separated by semicolons";
	return NULL;
}

const char *spreadsheet_trace(int fd, const char *name, const struct table *t)
{
	struct buf header = BUF_INIT;
	struct err ignored = ERR_INIT;
	char head[HEAD_MAX];
	ssize_t n = io_read_some(fd, name, head, sizeof head, 0, &ignored);
	const char *why;

	if (n <= 0)
		return NULL;
	schema_header(t, &header);
	why = trace((struct span){ head, (size_t)n }, buf_view(&header));
	buf_clear(&header);
	return why;
}

int spreadsheet_check(int fd, const char *name, const struct table *t, struct err *e)
{
	const char *why = spreadsheet_trace(fd, name, t);

	if (why == NULL)
		return 0;
	return err_set(e, ERR_PERSON, "%s: was saved by a spreadsheet (%s); put the saved copy away, restore the ledger, and hand in"
	    " changes with hazard-update or ledger-import", name, why);
}

/* LFs in [from, to), and whether the last byte is one. */
static int count_rows(int fd, const char *name, off_t from, off_t to, size_t *rows, bool *whole, struct err *e)
{
	char *p = mem_alloc(BLOCK);

	*rows = 0;
	*whole = false;
	while (from < to) {
		size_t n = to - from < BLOCK ? (size_t)(to - from) : BLOCK;

		if (io_read_at(fd, name, p, n, from, e) < 0) {
			free(p);
			return -1;
		}
		for (size_t i = 0; i < n; i++)
			*rows += p[i] == '\n';
		*whole = p[n - 1] == '\n';
		from += (off_t)n;
	}
	*rows += !*whole;
	free(p);
	return 0;
}

/* A ledger that is longer than committed: refuse it, or with out give its tail. */
static int foreign_tail(int fd, const char *name, const struct moment_ledger *l, off_t size, struct adopt_tail *out, struct err *e)
{
	size_t rows;
	bool whole;
	char before;

	if (io_read_at(fd, name, &before, 1, l->size - 1, e) < 0 || count_rows(fd, name, l->size, size, &rows, &whole, e) < 0)
		return -1;
	if (before != '\n')
		return err_set(e, ERR_PERSON, "%s: was changed before byte %jd, where the committed rows end; run gridctl verify", name,
		    (intmax_t)l->size);
	if (out != NULL && !whole)
		return err_set(e, ERR_PERSON, "%s: the last row that was added has no line end; end it with a newline first", name);
	if (out == NULL)
		return err_set(e, ERR_PERSON, "%s: %zu row%s (bytes %jd-%jd) %s not written by this toolkit; look at %s, then run gridctl adopt",
		    name, rows, rows == 1 ? "" : "s", (intmax_t)l->size, (intmax_t)(size - 1), rows == 1 ? "was" : "were",
		    rows == 1 ? "it" : "them");
	*out = (struct adopt_tail){ l->table, l->segment, l->size, size };
	return 0;
}

int ledger_stat(struct reg *r, const char *name, struct stat *st, struct err *e)
{
	while (io.fstatat(r->dir, name, st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT)
			return err_set(e, ERR_PERSON, "%s: is missing; restore it", name);
		if (errno != EINTR)
			return err_sys(e, "%s: cannot ask for its size", name);
	}
	if (!S_ISREG(st->st_mode))
		return err_set(e, ERR_PERSON, "%s: is not a regular file; put the ledger itself there", name);
	return 0;
}

/* One ledger. */
static int check_ledger(struct reg *r, const struct moment_ledger *l, struct adopt_tail *out, size_t max, size_t *n, struct err *e)
{
	char name[REG_FILE_MAX];
	struct stat st;
	int fd, result = -1;

	reg_segment_name(l->table->name, l->segment, name);
	if (ledger_stat(r, name, &st, e) < 0)
		return -1;
	if (st.st_size == l->size)
		return 0;
	fd = io_open(r->dir, name, O_RDONLY, 0, false, e);
	if (fd < 0)
		return -1;
	if (spreadsheet_check(fd, name, l->table, e) < 0)
		goto done;
	if (st.st_size < l->size) {
		err_set(e, ERR_PERSON, "%s: has %jd bytes, %jd were committed: rows were removed or changed; restore it (gridctl verify says"
		    " from which commit on)", name, (intmax_t)st.st_size, (intmax_t)l->size);
		goto done;
	}
	if (out != NULL && *n == max) {
		err_set(e, ERR_FAILED, "more than %zu ledgers have rows by another hand", max);
		goto done;
	}
	result = foreign_tail(fd, name, l, st.st_size, out != NULL ? &out[*n] : NULL, e);
	if (result == 0)
		(*n)++;
done:
	io.close(fd);
	return result;
}

int foreign_check(struct reg *r, const struct moment *m, struct adopt_tail *out, size_t max, size_t *n, struct err *e)
{
	*n = 0;
	for (size_t i = 0; i < m->nledgers; i++)
		if (check_ledger(r, &m->ledger[i], out, max, n, e) < 0)
			return -1;
	return 0;
}

/* The digest of a tail, and its bytes made durable before they are sealed. */
static int seal_tail(struct reg *r, const struct adopt_tail *t, struct journal_span *s, struct err *e)
{
	struct digest d;
	char *p = NULL;
	bool whole;
	size_t rows;
	int fd, result = -1;

	assert(t->table != NULL);
	reg_segment_name(t->table->name, t->segment, s->name);
	fd = io_open(r->dir, s->name, O_RDWR, 0, false, e);
	if (fd < 0)
		return -1;
	s->offset = t->from;
	s->length = t->to - t->from;
	if (io_sync_data(fd, s->name, e) < 0 || count_rows(fd, s->name, t->from, t->to, &rows, &whole, e) < 0)
		goto done;
	s->rows = rows;
	p = mem_alloc(BLOCK);
	digest_start(&d);
	for (off_t at = t->from; at < t->to; at += BLOCK) {
		size_t n = t->to - at < BLOCK ? (size_t)(t->to - at) : BLOCK;

		if (io_read_at(fd, s->name, p, n, at, e) < 0)
			goto done;
		digest_put(&d, p, n);
	}
	digest_hex(&d, s->digest);
	result = 0;
done:
	free(p);
	io.close(fd);
	return result;
}

/* Write it behind what is good, and sync it. */
static int put_line(struct reg *r, int journal, off_t good, const struct buf *line, struct doubt *d, struct err *e)
{
	struct err why = ERR_INIT, ignored = ERR_INIT;
	off_t size;

	/* a full disk must say so before there is a part of the line */
	if (io_reserve(journal, JOURNAL_NAME, good, (off_t)line->n, e) < 0)
		return -1;
	errno = 0;
	if (io_write_all(journal, JOURNAL_NAME, line->p, line->n, &why) < 0) {
		/* one that lacks its end takes nothing in and never will */
		if (is_ours(journal, JOURNAL_NAME, good, line, &size) && size < good + (off_t)line->n
		    && (size == good || io_truncate(journal, JOURNAL_NAME, good, &ignored) == 0))
			return err_set(e, ERR_FAILED, "%s", why.text);
		goto doubt;
	}
	if (check_size(journal, JOURNAL_NAME, good + (off_t)line->n, &why) < 0 || io_sync_data(journal, JOURNAL_NAME, &why) < 0)
		goto doubt;
	mem_exit_status(ERR_UNSAID);
	return 0;
doubt:
	d->number = errno;
	mem_exit_status(ERR_DOUBT);
	return doubt_leave(r, d, &why, e);
}

/* The line that takes the tails in: it is begin and commit in one. */
static int write_adopt(struct reg *r, int journal, const struct commit_who *who, const struct tail *t, struct moment *m,
    struct span spans, struct err *e)
{
	struct buf line = BUF_INIT, login = BUF_INIT, sizes = BUF_INIT;
	struct journal_new l = { .kind = JOURNAL_ADOPT, .seq = t->last.seq + 1, .at = who->now, .offset = r->offset,
		.actor = who->actor, .command = who->command, .key = who->key, .policy = moment_version(m, "policy"),
		.spans = spans };
	char chain[65];
	struct doubt d = { .seq = l.seq };
	int result;

	journal_login(&login);
	l.login = login.p;
	moment_sizes(m, &sizes);
	l.sizes = buf_view(&sizes);
	memcpy(chain, t->last.chain.p, sizeof chain - 1);
	chain[64] = '\0';
	journal_put(&line, &l, chain);
	memcpy(d.chain, chain, sizeof d.chain);
	time_write(who->now, r->offset, d.at);
	snprintf(d.command, sizeof d.command, "%s", who->command);
	result = put_line(r, journal, t->good, &line, &d, e);
	buf_clear(&line);
	buf_clear(&login);
	buf_clear(&sizes);
	return result;
}

/* The check of a dry run. */
static int try_adopt(struct reg *r, adopt_check_fn *check, void *arg, struct err *e)
{
	struct adopt_tail tail[REG_LEDGERS_MAX];
	struct moment m;
	struct tail t;
	size_t n;
	int result;

	if (tail_now(r, &t, e) < 0)
		return -1;
	result = moment_of_line(&t.sized, &m, e) < 0 ? -1 : foreign_check(r, &m, tail, REG_LEDGERS_MAX, &n, e);
	if (result == 0 && n == 0)
		result = err_set(e, ERR_NO, "there are no rows to adopt");
	if (result == 0 && check != NULL)
		result = check(arg, &m, t.last.seq + 1, tail, n, e);
	tail_clear(&t);
	return result;
}

/* The spans of the tails, checked; m takes them in. */
static int seal_tails(struct reg *r, const struct adopt_tail *tail, size_t n, adopt_check_fn *check, void *arg, uint64_t seq,
    struct moment *m, struct buf *spans, struct err *e)
{
	struct journal_span before[REG_LEDGERS_MAX], s;

	memset(before, 0, sizeof before);
	for (size_t i = 0; i < n; i++)
		if (seal_tail(r, &tail[i], &before[i], e) < 0)
			return -1;
	if (check != NULL && check(arg, m, seq, tail, n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		memset(&s, 0, sizeof s);
		if (seal_tail(r, &tail[i], &s, e) < 0)
			return -1;
		if (strcmp(s.digest, before[i].digest) != 0)
			return err_set(e, ERR_FAILED, "%s: was changed while its rows were looked at; try again", s.name);
		journal_put_span(spans, &s);
		for (size_t k = 0; k < m->nledgers; k++)
			if (m->ledger[k].table == tail[i].table)
				m->ledger[k].size = tail[i].to;
	}
	return 0;
}

int commit_adopt(struct reg *r, const struct commit_who *who, adopt_check_fn *check, void *arg, struct err *e)
{
	struct adopt_tail tail[REG_LEDGERS_MAX] = { { .table = NULL } };
	struct buf spans = BUF_INIT;
	struct moment m;
	struct tail t;
	size_t n;
	int journal, result = -1;

	if (who->dry_run)
		return try_adopt(r, check, arg, e);
	journal = journal_lock(r, who, &t, e);
	if (journal < 0)
		return -1;
	if (moment_of_line(&t.sized, &m, e) < 0 || foreign_check(r, &m, tail, REG_LEDGERS_MAX, &n, e) < 0)
		goto done;
	if (n == 0) {
		err_set(e, ERR_NO, "there are no rows to adopt");
		goto done;
	}
	if (seal_tails(r, tail, n, check, arg, t.last.seq + 1, &m, &spans, e) == 0)
		result = write_adopt(r, journal, who, &t, &m, buf_view(&spans), e);
done:
	buf_clear(&spans);
	tail_clear(&t);
	io.close(journal);
	return result;
}

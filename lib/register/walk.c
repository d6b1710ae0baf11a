/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/text.h"
#include "register/inside.h"

#define BACK_FIRST 4096u
#define BACK_MOST (1u << 20)
#define WINDOW (1u << 20)

void back_start(struct back *b, int fd, off_t size)
{
	*b = (struct back){ .fd = fd, .base = size, .block = BACK_FIRST };
}

void back_end(struct back *b)
{
	free(b->p);
	b->p = NULL;
}

/* Read the block before base in front of what is there. */
static int back_more(struct back *b, struct err *e)
{
	size_t more = b->block;

	if ((off_t)more > b->base)
		more = (size_t)b->base;
	if (b->n + more > b->cap) {
		b->cap = b->n + more;
		b->p = mem_realloc(b->p, b->cap, 1);
	}
	memmove(b->p + more, b->p, b->n);
	if (io_read_at(b->fd, JOURNAL_NAME, b->p, more, b->base - (off_t)more, e) < 0)
		return -1;
	b->base -= (off_t)more;
	b->n += more;
	if (b->block < BACK_MOST || b->n > b->block)
		b->block *= 2;
	return 0;
}

int back_line(struct back *b, struct span *line, off_t *at, bool *torn, struct err *e)
{
	const char *lf;
	size_t end, start;

	if (b->n == 0 && b->base == 0)
		return 0;
	for (;;) {
		if (b->n > 0) {
			*torn = b->p[b->n - 1] != '\n';
			end = b->n - !*torn;
			lf = end > 0 ? memrchr(b->p, '\n', end) : NULL;
			start = lf != NULL ? (size_t)(lf + 1 - b->p) : 0;
			if (b->base == 0 || (lf != NULL && start >= CHAIN_FIELD))
				break;
		}
		if (back_more(b, e) < 0)
			return -1;
	}
	*line = (struct span){ b->p + start, end - start };
	*at = b->base + (off_t)start;
	b->n = start;
	return 1;
}

bool back_chain(const struct back *b, off_t at, char prev[65])
{
	if (at == JOURNAL_FIRST) {
		journal_chain_first(prev);
		return true;
	}
	if (b->n < CHAIN_FIELD || b->p[b->n - CHAIN_FIELD] != ','
	    || !digest_is_hex((struct span){ b->p + b->n - CHAIN_FIELD + 1, DIGEST_HEX }, DIGEST_HEX))
		return false;
	memcpy(prev, b->p + b->n - CHAIN_FIELD + 1, DIGEST_HEX);
	prev[DIGEST_HEX] = '\0';
	return true;
}

/* Does the line stand on prev? */
static bool fits(const struct journal_line *l, const char prev[65])
{
	char chain[65];

	journal_chain(prev, l->body, chain);
	return span_is(l->chain, chain);
}

/* Parse what back_line gave; returns whether it is a line whose chain fits.  *text: it is a whole line of clean text,
 * so when it does not fit somebody changed it; a write that was cut off has no LF, or (after a power cut, with sectors
 * missing) holds NULs or garbage, among which there may be something that looks like a line. */
static bool take(struct reg *r, const struct back *b, struct span line, off_t at, bool torn, struct journal_line *l, bool *text)
{
	bool good = !torn && journal_parse(line, r->offset, l);
	char prev[65];

	*text = !torn && text_clean(line) == line.n;
	if (!good) {
		memset(l, 0, sizeof *l);
		l->body = line;
	}
	l->offset = at;
	return good && back_chain(b, at, prev) && fits(l, prev);
}

int journal_walk_back(struct reg *r, off_t size, journal_fn *fn, void *arg, struct err *e)
{
	int fd = journal_open(r, O_RDONLY, e), got, result = -1;
	struct journal_line l;
	struct span line;
	struct back b;
	bool torn, text;
	off_t at;

	if (fd < 0)
		return -1;
	back_start(&b, fd, size);
	while ((got = back_line(&b, &line, &at, &torn, e)) > 0 && at > 0) {
		bool chained = take(r, &b, line, at, torn, &l, &text);

		result = fn(arg, &l, chained);
		if (result != 0)
			goto done;
	}
	result = got < 0 ? -1 : 0;
done:
	back_end(&b);
	io.close(fd);
	return result;
}

/* The state of a walk forwards. */
struct walk {
	struct reg *r;
	journal_fn *fn;
	void *arg;
	char prev[65];
	size_t line;
	off_t at;
};

/* One line without its LF (torn: it had none). */
static int walk_line(struct walk *w, struct span line, bool torn)
{
	struct journal_line l;
	bool chained = false;
	size_t n = line.n;

	w->line++;
	if (w->line == 1) {
		digest_of(line, w->prev);
		w->at += (off_t)n + 1;
		return 0;
	}
	if (!torn && journal_parse(line, w->r->offset, &l)) {
		chained = fits(&l, w->prev);
		memcpy(w->prev, l.chain.p, DIGEST_HEX);
	} else {
		memset(&l, 0, sizeof l);
		l.body = line;
		if (n >= DIGEST_HEX && digest_is_hex((struct span){ line.p + n - DIGEST_HEX, DIGEST_HEX }, DIGEST_HEX))
			memcpy(w->prev, line.p + n - DIGEST_HEX, DIGEST_HEX);
	}
	l.offset = w->at;
	l.line = w->line;
	w->at += (off_t)n + 1;
	return w->fn(w->arg, &l, chained);
}

/* Hand out the whole lines of the window; *used is what they took. */
static int walk_window(struct walk *w, const char *p, size_t n, size_t *used)
{
	const char *lf;
	int result;

	*used = 0;
	while (*used < n && (lf = memchr(p + *used, '\n', n - *used)) != NULL) {
		result = walk_line(w, (struct span){ p + *used, (size_t)(lf - p) - *used }, false);
		*used = (size_t)(lf + 1 - p);
		if (result != 0)
			return result;
	}
	return 0;
}

int journal_walk(struct reg *r, off_t size, journal_fn *fn, void *arg, struct err *e)
{
	return journal_walk_from(r, 0, size, fn, arg, e);
}

int journal_walk_from(struct reg *r, off_t from, off_t size, journal_fn *fn, void *arg, struct err *e)
{
	struct walk w = { .r = r, .fn = fn, .arg = arg, .at = from, .line = from > 0 };
	int fd = journal_open(r, O_RDONLY, e), result = -1;
	size_t cap = WINDOW, n = 0, used;
	char *p = NULL;
	off_t at = from;

	if (fd < 0)
		return -1;
	/* after a commit two lines are all there is; a walk over nothing still has room for a line */
	if (size > from && size - from < (off_t)cap)
		cap = (size_t)(size - from);
	p = mem_alloc(cap);
	if (from == JOURNAL_FIRST)
		journal_chain_first(w.prev);
	else if (from > 0 && io_read_at(fd, JOURNAL_NAME, w.prev, DIGEST_HEX, from - DIGEST_HEX - 1, e) < 0)
		goto done;
	while (at < size) {
		size_t more = cap - n;

		if ((off_t)more > size - at)
			more = (size_t)(size - at);
		if (io_read_at(fd, JOURNAL_NAME, p + n, more, at, e) < 0)
			goto done;
		at += (off_t)more;
		n += more;
		result = walk_window(&w, p, n, &used);
		if (result != 0)
			goto done;
		n -= used;
		memmove(p, p + used, n);
		if (n == cap)
			p = mem_realloc(p, cap *= 2, 1);
		result = -1;
	}
	result = n > 0 ? walk_line(&w, (struct span){ p, n }, true) : 0;
done:
	free(p);
	io.close(fd);
	return result;
}

void tail_clear(struct tail *t)
{
	buf_clear(&t->text[0]);
	buf_clear(&t->text[1]);
}

/* Keep a line beyond the next back_line. */
static void keep(struct reg *r, struct buf *text, struct journal_line *l)
{
	struct span line = { l->body.p, l->body.n + CHAIN_FIELD - 1 };
	off_t at = l->offset;

	buf_reset(text);
	buf_span(text, line);
	journal_parse(buf_view(text), r->offset, l);
	l->offset = at;
}

/* The line with sizes before an open begin: 1, or 0 when what stands there does not fit. */
static int tail_sized(struct reg *r, struct back *b, struct tail *t, bool *text, bool *garbage, struct err *e)
{
	struct span line;
	bool torn;
	off_t at;
	int got = back_line(b, &line, &at, &torn, e);

	if (got < 0)
		return -1;
	*text = true;
	if (got == 0 || at == 0)
		return 0;
	if (!take(r, b, line, at, torn, &t->sized, text) || t->sized.kind == JOURNAL_BEGIN) {
		*garbage |= text_clean(line) != line.n;
		return 0;
	}
	keep(r, &t->text[1], &t->sized);
	return 1;
}

int tail_read(struct reg *r, int fd, struct tail *t, struct err *e)
{
	struct span line;
	struct back b;
	bool torn, text, garbage = false;
	off_t at, changed = 0, open = 0;
	int got, result = -1;

	memset(t, 0, sizeof *t);
	if (io_size(fd, JOURNAL_NAME, &t->size, e) < 0)
		return -1;
	back_start(&b, fd, t->size);
	while ((got = back_line(&b, &line, &at, &torn, e)) > 0 && at > 0) {
		bool fit = take(r, &b, line, at, torn, &t->last, &text);

		garbage |= !fit && text_clean(line) != line.n;
		if (!fit && text && changed == 0)
			changed = at;
		if (fit && changed > 0 && !garbage)
			break;
		if (fit) {
			keep(r, &t->text[0], &t->last);
			t->good = journal_end(&t->last);
			if (t->last.kind != JOURNAL_BEGIN) {
				t->sized = t->last;
				result = 0;
				goto done;
			}
			open = at;
			got = tail_sized(r, &b, t, &text, &garbage, e);
			if (got != 0) {
				result = got > 0 ? 0 : -1;
				goto done;
			}
			/* a power cut may leave a begin and take the line before it, when neither was synced: both are torn */
			changed = at;
			if (!garbage && text)
				break;
		}
		if (t->size - at > JOURNAL_TORN_MAX)
			break;
	}
	if (got >= 0 && open > 0)
		err_set(e, ERR_PERSON, "%s: the line before the open begin at byte %jd does not fit the chain; run gridctl verify",
		    JOURNAL_NAME, (intmax_t)open);
	else if (got >= 0 && changed > 0)
		err_set(e, ERR_PERSON, "%s: the line at byte %jd does not fit the chain: it was changed, or a line before it; run gridctl"
		    " verify", JOURNAL_NAME, (intmax_t)changed);
	else if (got >= 0)
		err_set(e, ERR_PERSON, "%s: no line at its end fits the chain; run gridctl verify, or, when this is a new register"
		    " whose gridctl init was interrupted, remove the directory and run it again", JOURNAL_NAME);
done:
	back_end(&b);
	if (result < 0)
		tail_clear(t);
	return result;
}

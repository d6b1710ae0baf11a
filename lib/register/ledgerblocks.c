/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/mem.h"
#include "register/inside.h"

#define BLOCK ((off_t)1 << 20)	/* bytes: what a thread makes of it stays in its cache until its turn comes */
#define PEEK 4096

/* One scan of a segment in blocks. */
struct blocks {
	struct segment *s;
	const struct scan_want *want;
	scan_row_fn *fn;
	ledger_end_fn *end;
	pthread_mutex_t lock;
	pthread_cond_t turn;
	off_t next, to;		/* where the next block begins; the end of it all */
	size_t taken, ended;	/* blocks handed out, blocks whose end was called */
	int result;		/* of the first that failed */
	struct err *e;
};

/* One thread of it. */
struct worker {
	struct blocks *b;
	void *arg;
	pthread_t thread;
};

/* Behind the first LF at or after `at`. */
static int next_record(struct blocks *b, off_t at, off_t *next, struct err *e)
{
	char p[PEEK];

	for (; at < b->to; at += PEEK) {
		size_t n = b->to - at < PEEK ? (size_t)(b->to - at) : PEEK;
		const char *lf;

		if (io_read_at(b->s->fd, b->s->name, p, n, at, e) < 0)
			return -1;
		lf = memchr(p, '\n', n);
		if (lf != NULL) {
			*next = at + (lf + 1 - p);
			return 0;
		}
	}
	*next = b->to;
	return 0;
}

/* Take the next block (the lock is held): false when there is none or something failed. */
static bool take(struct blocks *b, struct scan_source *src, size_t *number)
{
	if (b->result != 0 || b->next >= b->to)
		return false;
	src->from = b->next;
	src->to = b->to;
	if (b->to - b->next > BLOCK && next_record(b, b->next + BLOCK, &src->to, b->e) < 0) {
		b->result = -1;
		return false;
	}
	b->next = src->to;
	*number = b->taken++;
	return true;
}

/* Block after block: its rows, then, in turn, its end. */
static void *work(void *arg)
{
	struct worker *w = arg;
	struct blocks *b = w->b;
	struct scan_source src = { .fd = b->s->fd, .name = b->s->name, .canonical = true, .first_line = 2 };
	size_t number;
	int result;

	pthread_mutex_lock(&b->lock);
	while (take(b, &src, &number)) {
		struct err e = ERR_INIT;

		pthread_mutex_unlock(&b->lock);
		result = scan_rows(&src, b->want, b->fn, w->arg, &e);
		pthread_mutex_lock(&b->lock);
		while (b->ended != number && b->result == 0)
			pthread_cond_wait(&b->turn, &b->lock);
		if (b->result != 0)
			break;
		pthread_mutex_unlock(&b->lock);
		if (result == 0)
			result = b->end(w->arg);
		pthread_mutex_lock(&b->lock);
		b->ended++;
		b->result = result;
		if (e.status != ERR_OK)
			err_set(b->e, e.status, "%s", e.text);
		pthread_cond_broadcast(&b->turn);
	}
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

/* A row that is only checked. */
static int nothing(void *arg, const struct scan_row *row)
{
	(void)arg;
	(void)row;
	return 0;
}

/* A segment in [from, to). */
static int scan_blocks(struct segment *s, off_t from, off_t to, const struct scan_want *want, scan_row_fn *fn, ledger_end_fn *end,
    void *const *args, size_t nthreads, struct err *e)
{
	struct err own = ERR_INIT;
	struct blocks b = { .s = s, .want = want, .fn = fn, .end = end, .lock = PTHREAD_MUTEX_INITIALIZER,
		.turn = PTHREAD_COND_INITIALIZER, .next = from, .to = to, .e = &own };
	struct worker *w = mem_zalloc(nthreads, sizeof *w);
	size_t started = 1;

	for (size_t i = 0; i < nthreads; i++)
		w[i] = (struct worker){ .b = &b, .arg = args[i] };
	while (started < nthreads && to - from > BLOCK && pthread_create(&w[started].thread, NULL, work, &w[started]) == 0)
		started++;
	work(&w[0]);
	for (size_t i = 1; i < started; i++)
		pthread_join(w[i].thread, NULL);
	free(w);
	/* a block does not know its line numbers: the plain scan says what is wrong with them */
	if (own.status == ERR_DATA)
		segment_scan(s, from, to, NULL, 0, nothing, args, 1, e);
	if (own.status != ERR_OK)
		err_set(e, own.status, "%s", own.text);
	return b.result;
}

int segment_scan_ordered(struct segment *s, off_t from, off_t to, const int *cols, size_t ncols, scan_row_fn *fn,
    ledger_end_fn *end, void *const *args, size_t nthreads, struct err *e)
{
	struct scan_want want = { .ncols = s->ncols, .n = ncols };
	int bound[SCAN_WANT_MAX];

	for (size_t i = 0; i < ncols; i++)
		bound[i] = cols[i] >= 0 ? s->column[cols[i]] : -1;
	want.cols = bound;
	return scan_blocks(s, from, to, &want, fn, end, args, nthreads, e);
}

int ledger_scan_ordered(struct reg *r, const struct moment *m, const char *table, const int *cols, size_t ncols,
    scan_row_fn *fn, ledger_end_fn *end, void *const *args, size_t nthreads, struct err *e)
{
	const struct moment_ledger *l = moment_ledger(m, table);

	for (unsigned n = 1; l != NULL && n <= l->segment; n++) {
		struct segment *s = segment_get(r, table, n, e);
		off_t to;
		int result;

		if (s == NULL || segment_end(m, s, &to, e) < 0)
			return -1;
		result = segment_scan_ordered(s, s->body, to, cols, ncols, fn, end, args, nthreads, e);
		if (result != 0)
			return result;
	}
	return 0;
}

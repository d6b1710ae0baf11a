/* SPDX-License-Identifier: MIT */
#include "register/indexsort.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/mem.h"

#define RUN ((size_t)1 << 17)		/* entries in a run: 4 MiB */
#define WINDOW 2048u			/* entries of a run read at a time while runs are merged */
#define QUEUE_BYTES ((size_t)1 << 20)	/* kept in memory, and read at a time */
#define SPOOL_NAME ".index/spool"
#define RADIX 256

/* Bytes behind the last ones; the file is made when there is none.  Where they stand, or -1 e. */
static off_t spool_append(struct spool *s, const void *p, size_t n, struct err *e)
{
	off_t at = s->size;

	if (s->fd < 0) {
		char path[sizeof SPOOL_NAME + 12];

		/* the lock of the index is held: the name is ours, and nobody needs it */
		snprintf(path, sizeof path, "%s.%u", SPOOL_NAME, s->number);
		s->fd = io_open(s->r->dir, path, O_RDWR | O_CREAT | O_TRUNC, s->r->file_mode, false, e);
		if (s->fd < 0)
			return -1;
		io.unlinkat(s->r->dir, path, 0);
	}
	if (io_write_at(s->fd, SPOOL_NAME, p, n, at, e) < 0)
		return -1;
	s->size += (off_t)n;
	return at;
}

void spool_clear(struct spool *s)
{
	if (s->fd >= 0)
		io.close(s->fd);
	s->fd = -1;
	s->size = 0;
}

/* By key, then in the order of the ledger. */
static int compare(const struct sort_entry *a, const struct sort_entry *b)
{
	int c = memcmp(a->key, b->key, SORT_KEY);

	if (c != 0)
		return c;
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return a->v < b->v ? -1 : a->v > b->v;
}

/* Byte i of what a run is sorted by: the key, its length, the value with its big end first. */
static inline unsigned byte_of(const struct sort_entry *x, unsigned i)
{
	return i < SORT_KEY ? x->key[i] : i == SORT_KEY ? x->n : (unsigned)(x->v >> 8 * (SORT_KEY + 8 - i)) & 0xff;
}

/* Sort a run: byte by byte from the last one, those left out in which no two entries differ. */
static void sort_run(struct sorter *s)
{
	if (s->sorted || s->n < 2)
		return;
	s->room = mem_realloc(s->room, s->cap, sizeof *s->room);
	for (unsigned i = SORT_KEY + 9; i-- > 0;) {
		size_t count[RADIX] = { 0 }, at = 0;
		struct sort_entry *to = s->room;

		for (size_t k = 0; k < s->n; k++)
			count[byte_of(&s->v[k], i)]++;
		if (count[byte_of(&s->v[0], i)] == s->n)
			continue;
		for (size_t b = 0; b < RADIX; b++) {
			size_t here = count[b];

			count[b] = at;
			at += here;
		}
		for (size_t k = 0; k < s->n; k++)
			to[count[byte_of(&s->v[k], i)]++] = s->v[k];
		s->room = s->v;
		s->v = to;
	}
	s->sorted = true;
}

/* The run under construction goes to the spool. */
static int spill(struct sorter *s, struct spool *to, struct err *e)
{
	off_t at;

	sort_run(s);
	at = spool_append(to, s->v, s->n * sizeof *s->v, e);
	if (at < 0)
		return -1;
	MEM_GROW(s->run, s->runs_cap, s->nruns + 1);
	s->run[s->nruns++] = (struct sort_run){ to, at, s->n };
	s->n = 0;
	return 0;
}

int sorter_add(struct sorter *s, const struct sort_entry *x, struct spool *to, struct err *e)
{
	if (s->n == RUN && spill(s, to, e) < 0)
		return -1;
	MEM_GROW(s->v, s->cap, s->n + 1);
	s->sorted = s->n == 0 || (s->sorted && compare(&s->v[s->n - 1], x) <= 0);
	s->v[s->n++] = *x;
	return 0;
}

void sorter_clear(struct sorter *s)
{
	free(s->v);
	free(s->room);
	free(s->run);
	*s = (struct sorter){ .n = 0 };
}

/* A run on its way through the merge. */
struct reader {
	struct sort_run run;		/* what is still in the file */
	const struct sort_entry *at, *end;
	struct sort_entry *window;	/* NULL: the run never left memory */
};

/* Make sure that there is a next entry: 1, 0 the run is through, -1 e. */
static int more(struct reader *r, struct err *e)
{
	size_t n = r->run.n < WINDOW ? r->run.n : WINDOW;

	if (r->at < r->end)
		return 1;
	if (n == 0)
		return 0;
	if (io_read_at(r->run.at->fd, SPOOL_NAME, r->window, n * sizeof *r->window, r->run.from, e) < 0)
		return -1;
	r->run.from += (off_t)(n * sizeof *r->window);
	r->run.n -= n;
	r->at = r->window;
	r->end = r->window + n;
	return 1;
}

/* Move the reader at i down to its place: the one with the least entry is the first. */
static void sift(struct reader **heap, size_t n, size_t i)
{
	struct reader *x = heap[i];

	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && compare(heap[child + 1]->at, heap[child]->at) < 0)
			child++;
		if (compare(x->at, heap[child]->at) <= 0)
			break;
		heap[i] = heap[child];
	}
	heap[i] = x;
}

/* Readers of all runs, the ones in memory among them; how many. */
static size_t readers(struct sorter *const *s, size_t n, struct reader *to)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		sort_run(s[i]);
		to[k++] = (struct reader){ .at = s[i]->v, .end = s[i]->v ? s[i]->v + s[i]->n : NULL };
		for (size_t j = 0; j < s[i]->nruns; j++)
			to[k++] = (struct reader){ .run = s[i]->run[j], .window = mem_alloc(WINDOW * sizeof(struct sort_entry)) };
	}
	return k;
}

int sorters_merge(struct sorter *const *s, size_t n, sort_fn *fn, void *arg, struct err *e)
{
	struct reader *all, **heap;
	size_t nall = 0, left = 0;
	int result = 0;

	for (size_t i = 0; i < n; i++)
		nall += s[i]->nruns + 1;
	all = mem_zalloc(nall, sizeof *all);
	heap = mem_zalloc(nall, sizeof *heap);
	nall = readers(s, n, all);
	for (size_t i = 0; i < nall && result >= 0; i++) {
		result = more(&all[i], e);
		if (result > 0)
			heap[left++] = &all[i];
	}
	for (size_t i = left / 2; i-- > 0 && result >= 0;)
		sift(heap, left, i);
	result = result < 0 ? -1 : 0;
	while (left > 0 && result == 0) {
		int got;

		result = fn(arg, heap[0]->at++);
		got = result == 0 ? more(heap[0], e) : 0;
		if (got < 0)
			result = -1;
		if (got == 0)
			heap[0] = heap[--left];
		if (left > 0 && result == 0)
			sift(heap, left, 0);
	}
	for (size_t i = 0; i < nall; i++)
		free(all[i].window);
	free(all);
	free(heap);
	return result;
}

/* What stands in front of a key in a queue. */
struct queued {
	uint16_t key, value;
	bool keep;
};

void queue_put(struct buf *to, struct span key, struct span value, bool keep)
{
	struct queued q = { (uint16_t)key.n, (uint16_t)value.n, keep };

	buf_put(to, &q, sizeof q);
	buf_span(to, key);
	buf_span(to, value);
}

int queue_add(struct queue *q, struct span records, struct err *e)
{
	if (q->text.n + records.n > QUEUE_BYTES && q->text.n > 0) {
		if (spool_append(&q->spool, q->text.p, q->text.n, e) < 0)
			return -1;
		buf_reset(&q->text);
	}
	buf_span(&q->text, records);
	return 0;
}

/* The whole records at the front of some bytes; *used: how many of the bytes they are. */
static int each_of(struct span bytes, size_t *used, queue_fn *fn, void *arg)
{
	int result = 0;

	for (*used = 0; result == 0;) {
		struct span rest = { bytes.p ? bytes.p + *used : "", bytes.n - *used };
		struct queued q;

		if (rest.n < sizeof q)
			break;
		memcpy(&q, rest.p, sizeof q);
		if (rest.n < sizeof q + q.key + q.value)
			break;
		result = fn(arg, (struct span){ rest.p + sizeof q, q.key }, (struct span){ rest.p + sizeof q + q.key, q.value }, q.keep);
		*used += sizeof q + q.key + q.value;
	}
	return result;
}

int queue_each(struct queue *q, queue_fn *fn, void *arg, struct err *e)
{
	char *block = q->spool.size > 0 ? mem_alloc(QUEUE_BYTES) : NULL;
	size_t used;
	int result = 0;

	for (off_t at = 0; at < q->spool.size && result == 0; at += (off_t)used) {
		size_t n = q->spool.size - at < (off_t)QUEUE_BYTES ? (size_t)(q->spool.size - at) : QUEUE_BYTES;

		if (io_read_at(q->spool.fd, SPOOL_NAME, block, n, at, e) < 0)
			result = -1;
		else
			result = each_of((struct span){ block, n }, &used, fn, arg);
	}
	free(block);
	return result != 0 ? result : each_of(buf_view(&q->text), &used, fn, arg);
}

void queue_clear(struct queue *q)
{
	spool_clear(&q->spool);
	buf_clear(&q->text);
}

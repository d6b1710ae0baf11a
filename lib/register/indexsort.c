/* SPDX-License-Identifier: MIT */
#include "register/indexsort.h"

#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/mem.h"

#define FEW 4096u			/* entries that are sorted as they stand */
#define PART_FIRST 256u			/* bytes of a part, doubled … */
#define PART_BYTES 32768u		/* … until they are so many, which go to the spool */
#define PACKED_MAX 18u			/* bytes of an entry in a part */
#define SLACK sizeof(uint64_t)		/* bytes behind the entries: keys are read eight bytes at a time */
#define ROUND ((size_t)1 << 18)		/* entries that are sorted at a time */
#define QUEUE_BYTES ((size_t)1 << 20)	/* kept in memory, and read at a time */
#define SPOOL_NAME ".index/spool"
#define NONE UINT32_MAX

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

/* The entries whose keys agree above the low bits: these, and the steps from place to place. */
struct sieve_part {
	uint64_t number;	/* what they agree in */
	uint64_t last;		/* place */
	unsigned char *b;
	size_t n, cap;
	struct chunk {		/* what went to the spool: whole entries */
		off_t at;
		size_t n;
	} *chunk;
	size_t nchunks, chunks_cap;
};

/* Where the part of a number is found, or goes. */
static uint32_t *slot_of(const struct sieve *s, uint64_t number)
{
	size_t i = (size_t)(number * 0x9e3779b97f4a7c15u >> 32) & (s->nslots - 1);

	while (s->slot[i] != NONE && s->part[s->slot[i]].number != number)
		i = (i + 1) & (s->nslots - 1);
	return &s->slot[i];
}

/* Twice the slots, at least, of what the parts need. */
static void more_slots(struct sieve *s)
{
	s->nslots = s->nslots > 0 ? 2 * s->nslots : 1024;
	s->slot = mem_realloc(s->slot, s->nslots, sizeof *s->slot);
	memset(s->slot, 0xff, s->nslots * sizeof *s->slot);
	for (size_t i = 0; i < s->nparts; i++)
		*slot_of(s, s->part[i].number) = (uint32_t)i;
}

/* The part of a number, made when there is none. */
static struct sieve_part *part_of(struct sieve *s, uint64_t number)
{
	uint32_t *slot;

	if (2 * s->nparts >= s->nslots)
		more_slots(s);
	slot = slot_of(s, number);
	if (*slot == NONE) {
		MEM_GROW(s->part, s->parts_cap, s->nparts + 1);
		s->part[s->nparts] = (struct sieve_part){ .number = number };
		*slot = (uint32_t)s->nparts++;
	}
	return &s->part[*slot];
}

/* Make room for one more entry. */
static int make_room(struct sieve *s, struct sieve_part *p, struct err *e)
{
	off_t at;

	if (p->n + PACKED_MAX > PART_BYTES) {
		at = spool_append(&s->spool, p->b, p->n, e);
		if (at < 0)
			return -1;
		MEM_GROW(p->chunk, p->chunks_cap, p->nchunks + 1);
		p->chunk[p->nchunks++] = (struct chunk){ at, p->n };
		p->n = 0;
	}
	if (p->cap < PART_BYTES) {
		p->cap = p->cap > 0 ? 2 * p->cap : PART_FIRST;
		p->b = mem_realloc(p->b, p->cap + SLACK, 1);
	}
	return 0;
}

/* Entries into their parts. */
static int distribute(struct sieve *s, const struct sieve_entry *v, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		struct sieve_part *p = part_of(s, v[i].key >> s->low);
		uint64_t step = v[i].place - p->last, key = htole64(v[i].key);
		unsigned char *to;

		if (p->cap - p->n < PACKED_MAX && make_room(s, p, e) < 0)
			return -1;
		to = p->b + p->n;
		memcpy(to, &key, sizeof key);	/* all eight, of which only the low ones stay */
		to += s->low / 8;
		for (; step >= 0x80; step >>= 7)
			*to++ = (unsigned char)(step | 0x80);
		*to++ = (unsigned char)step;
		p->n = (size_t)(to - p->b);
		p->last = v[i].place;
	}
	return 0;
}

int sieve_add(struct sieve *s, const struct sieve_entry *v, size_t n, struct err *e)
{
	if (n == 0)
		return 0;
	if (s->nparts == 0 && s->nfew + n <= FEW) {
		MEM_GROW(s->few, s->few_cap, s->nfew + n);
		memcpy(s->few + s->nfew, v, n * sizeof *v);
		s->nfew += n;
		return 0;
	}
	if (s->nfew > 0 && distribute(s, s->few, s->nfew, e) < 0)
		return -1;
	s->nfew = 0;
	return distribute(s, v, n, e);
}

/* By group, then in the order they came: that of the ledger. */
static int by_group(const void *a, const void *b, void *group)
{
	const struct sieve_entry *x = a, *y = b;
	uint64_t p = x->key >> *(unsigned *)group, q = y->key >> *(unsigned *)group;

	if (p != q)
		return p < q ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Hand out entries that stand group by group. */
static int each_group(const struct sieve_entry *v, size_t n, unsigned group, sieve_fn *fn, void *arg)
{
	int result = 0;

	for (size_t i = 0, to; i < n && result == 0; i = to) {
		for (to = i + 1; to < n && v[to].key >> group == v[i].key >> group; to++)
			;
		result = fn(arg, v + i, to - i);
	}
	return result;
}

/* A part being sorted. */
struct sorting {
	const struct sieve *s;
	unsigned group;
	sieve_fn *fn;
	void *arg;
	struct sieve_entry *v, *sorted;
	size_t n;
	uint64_t place;		/* of the last one that was unpacked */
	size_t *count;		/* per group */
};

/* How many groups a part can have. */
static size_t groups(const struct sorting *x)
{
	return x->group < x->s->low ? (size_t)1 << (x->s->low - x->group) : 1;
}

/* Sort what was unpacked and hand it out. */
static int sort_round(struct sorting *x)
{
	uint64_t mask = groups(x) - 1;
	size_t at = 0;

	memset(x->count, 0, groups(x) * sizeof *x->count);
	for (size_t i = 0; i < x->n; i++)
		x->count[x->v[i].key >> x->group & mask]++;
	for (size_t g = 0; g < groups(x); g++) {
		size_t here = x->count[g];

		x->count[g] = at;
		at += here;
	}
	for (size_t i = 0; i < x->n; i++)
		x->sorted[x->count[x->v[i].key >> x->group & mask]++] = x->v[i];
	at = x->n;
	x->n = 0;
	return each_group(x->sorted, at, x->group, x->fn, x->arg);
}

/* Unpack the entries of a part; those of a full round go on. */
static int unpack(struct sorting *x, const struct sieve_part *p, const unsigned char *b, size_t n)
{
	const uint64_t low = ((uint64_t)1 << x->s->low) - 1;
	const unsigned char *end = b + n;
	int result = 0;

	while (b < end && result == 0) {
		uint64_t key, step = 0;
		unsigned shift = 0;

		memcpy(&key, b, sizeof key);
		b += x->s->low / 8;
		for (; *b >= 0x80; shift += 7)
			step |= (uint64_t)(*b++ & 0x7f) << shift;
		x->place += step | (uint64_t)*b++ << shift;
		x->v[x->n++] = (struct sieve_entry){ p->number << x->s->low | (le64toh(key) & low), x->place };
		if (x->n == ROUND)
			result = sort_round(x);
	}
	return result;
}

/* All of a part: what is in the spool, then what is in memory. */
static int sort_part(struct sorting *x, const struct sieve_part *p, unsigned char *room, struct err *e)
{
	int result = 0;

	x->place = 0;
	for (size_t i = 0; i < p->nchunks && result == 0; i++) {
		if (io_read_at(x->s->spool.fd, SPOOL_NAME, room, p->chunk[i].n, p->chunk[i].at, e) < 0)
			return -1;
		result = unpack(x, p, room, p->chunk[i].n);
	}
	if (result == 0)
		result = unpack(x, p, p->b, p->n);
	return result == 0 && x->n > 0 ? sort_round(x) : result;
}

/* By number. */
static int by_number(const void *a, const void *b)
{
	const struct sieve_part *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* The parts, one after the other. */
static int each_part(struct sieve *s, unsigned group, sieve_fn *fn, void *arg, struct err *e)
{
	struct sorting x = { .s = s, .group = group, .fn = fn, .arg = arg };
	unsigned char *room = mem_alloc(PART_BYTES + SLACK);
	int result = 0;

	x.v = mem_alloc(ROUND * sizeof *x.v);
	x.sorted = mem_alloc(ROUND * sizeof *x.sorted);
	x.count = mem_alloc(groups(&x) * sizeof *x.count);
	qsort(s->part, s->nparts, sizeof *s->part, by_number);
	for (size_t i = 0; i < s->nparts && result == 0; i++)
		result = sort_part(&x, &s->part[i], room, e);
	free(room);
	free(x.v);
	free(x.sorted);
	free(x.count);
	return result;
}

int sieve_each(struct sieve *s, unsigned group, sieve_fn *fn, void *arg, struct err *e)
{
	int result;

	if (s->nparts > 0) {
		result = each_part(s, group, fn, arg, e);
	} else {
		if (s->nfew > 1)
			qsort_r(s->few, s->nfew, sizeof *s->few, by_group, &group);
		result = each_group(s->few, s->nfew, group, fn, arg);
	}
	sieve_clear(s);
	return result;
}

void sieve_clear(struct sieve *s)
{
	for (size_t i = 0; i < s->nparts; i++) {
		free(s->part[i].b);
		free(s->part[i].chunk);
	}
	free(s->part);
	free(s->slot);
	free(s->few);
	s->part = NULL;
	s->slot = NULL;
	s->few = NULL;
	s->nparts = s->parts_cap = s->nslots = s->nfew = s->few_cap = 0;
	spool_clear(&s->spool);
}

/* What stands in front of a key in a queue. */
struct queued {
	uint16_t key, value;
	uint16_t keep;		/* 0 or 1; no padding, which would bring bytes of the stack into a file */
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
	size_t used = 0;
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

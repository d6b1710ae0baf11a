/* SPDX-License-Identifier: MIT */
#include "model/intakeint.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"

#define PLACES_LEAST 1024u
#define PLACES_MORE 4u		/* times as many when they are half taken: each is moved seldom */

/* The half of a hash that is kept; the slots are by its low bits. */
static uint32_t tag_of(uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32);
}

/* Have n slots, a power of two. */
static void widen(struct intake_places *t, size_t n)
{
	struct intake_place *to = mem_zalloc(n, sizeof *to);

	for (size_t k = 0; k < t->slots; k++) {
		size_t i = t->slot[k].tag & (n - 1);

		if (t->slot[k].row == 0)
			continue;
		while (to[i].row != 0)
			i = (i + 1) & (n - 1);
		to[i] = t->slot[k];
	}
	free(t->slot);
	t->slot = to;
	t->slots = n;
}

/* Make room for one more. */
static void make_room(struct intake_places *t)
{
	if (t->n * 2 >= t->slots)
		widen(t, t->slots > 0 ? t->slots * PLACES_MORE : PLACES_LEAST);
}

void intake_expect(struct intake_state *s, size_t rows)
{
	size_t n = PLACES_LEAST;

	if (s->nrows > 0)
		return;
	while (n < rows / 2 * 3)
		n *= 2;
	widen(&s->refs, n);
	widen(&s->likes, n);
	MEM_GROW(s->row, s->row_cap, rows);
}

/* The next slot from *i on that has the tag or is free; the table has slots. */
static struct intake_place *next(const struct intake_places *t, uint32_t tag, size_t *i)
{
	for (;; (*i)++) {
		struct intake_place *p = &t->slot[*i & (t->slots - 1)];

		if (p->row == 0 || p->tag == tag)
			return p;
	}
}

/* The place behind all of this tag, to be taken. */
static struct intake_place *free_place(struct intake_places *t, uint32_t tag)
{
	size_t i = tag;
	struct intake_place *p;

	make_room(t);
	for (p = next(t, tag, &i); p->row != 0; i++, p = next(t, tag, &i))
		;
	t->n++;
	return p;
}

size_t intake_keep(struct intake_state *s, const struct intake_row *row, bool has_ref, uint64_t ref)
{
	uint32_t tag = tag_of(row->print), number;
	struct intake_place *p;
	size_t i = tag;

	MEM_GROW(s->row, s->row_cap, s->nrows + 1);
	s->row[s->nrows++] = *row;
	number = (uint32_t)s->nrows;
	if (has_ref)
		*free_place(&s->refs, tag_of(ref)) = (struct intake_place){ tag_of(ref), number };
	make_room(&s->likes);
	for (p = next(&s->likes, tag, &i); p->row != 0; i++, p = next(&s->likes, tag, &i))
		if (s->row[p->row - 1].print == row->print)
			return s->row[p->row - 1].line;
	*p = (struct intake_place){ tag, number };
	s->likes.n++;
	return row->line;
}

bool intake_may_find(const struct intake_state *s, uint64_t ref)
{
	size_t i = tag_of(ref);

	return s->refs.slots > 0 && next(&s->refs, tag_of(ref), &i)->row != 0;
}

int intake_find(const struct intake_state *s, const struct commit *c, uint64_t hash, struct span ref, struct buf *text,
    struct span *f, size_t *line, struct err *e)
{
	uint32_t tag = tag_of(hash);
	size_t i = tag;
	const struct intake_place *p;

	if (s->refs.slots == 0)
		return 0;
	for (p = next(&s->refs, tag, &i); p->row != 0; i++, p = next(&s->refs, tag, &i)) {
		const struct intake_row *row = &s->row[p->row - 1];
		struct span record = commit_pending(c, s->t);

		record.p += row->at;
		record.n -= row->at;
		record.n = (size_t)((const char *)memchr(record.p, '\n', record.n) - record.p);
		if (scan_record("hazards.csv", record, text, f, EVENT_COLUMNS_MAX, e) < 0)
			return -1;
		*line = row->line;
		if (span_eq(f[s->col.ref], ref))
			return 1;
	}
	return 0;
}

bool intake_may_have(const struct intake_state *s, uint64_t hash)
{
	return !s->first && (s->filter == NULL || ledger_filter_has(s->filter, hash));
}

uint64_t intake_print(const struct intake_state *s, const struct span *v)
{
	struct span day = { v[s->col.reported].p, DATE_LEN };

	return ledger_print(v[s->col.grid], v[s->col.subject], day, v[s->col.description]);
}

/* Where the slots of a hash begin. */
static const struct intake_place *place_of(const struct intake_places *t, uint64_t hash)
{
	return t->slot + (tag_of(hash) & (t->slots - 1));
}

void intake_soon(const struct intake_state *s, const struct intake_made *made)
{
	if (!made->whole)
		return;
	__builtin_prefetch(made->tail.p);
	/* not in a function of its own, which gcc would find to have no effect */
	if (s->refs.slots > 0)
		__builtin_prefetch(place_of(&s->refs, made->ref), 1);
	if (s->likes.slots > 0)
		__builtin_prefetch(place_of(&s->likes, made->print), 1);
}

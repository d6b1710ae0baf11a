/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/time.h"
#include "model/foldint.h"

#define NONE UINT32_MAX

/* A new page of slots; its number. */
static uint32_t page_new(struct fold *f)
{
	size_t old = f->pages_cap;

	MEM_GROW(f->page, f->pages_cap, f->npages + 1);
	if (f->pin != NULL && f->pages_cap != old)
		f->pin = mem_realloc(f->pin, f->pages_cap, FOLD_PAGE);
	if (f->pin != NULL)
		memset(f->pin + f->npages * FOLD_PAGE, 0, FOLD_PAGE);
	f->page[f->npages] = arena_alloc(&f->mem, FOLD_PAGE * sizeof **f->page);
	return (uint32_t)f->npages++;
}

uint32_t slot_next(struct fold *f)
{
	if (f->n / FOLD_PAGE >= f->npages)
		page_new(f);
	return (uint32_t)f->n++;
}

uint32_t slot_find(const struct fold *f, size_t *year, struct span id)
{
	const struct fold_year *y = fold_year_of(f->years, year, id);
	uint32_t number = y != NULL ? fold_number_of(y, id) : NONE, page;

	if (number == NONE || number / FOLD_PAGE >= y->cap)
		return NONE;
	page = y->page[number / FOLD_PAGE];
	return page == 0 ? NONE : (page - 1) * FOLD_PAGE + number % FOLD_PAGE;
}

size_t year_like(struct fold_years *years, const struct fold_year *y)
{
	size_t i = 0;

	while (i < years->n && (years->v[i].n != y->n || memcmp(years->v[i].prefix, y->prefix, y->n) != 0))
		i++;
	if (i < years->n)
		return i;
	MEM_GROW(years->v, years->cap, years->n + 1);
	years->v[years->n] = (struct fold_year){ .n = y->n };
	memcpy(years->v[years->n].prefix, y->prefix, y->n);
	return years->n++;
}

struct fold_year *year_new(struct fold_years *years, size_t *year, struct span id)
{
	struct schema_id parsed;
	struct fold_year y = { .n = 0 };

	if (!schema_id_parse(id, &parsed) || parsed.letter != 'H')
		return NULL;
	y.n = parsed.office.n + strlen("-H2026-");
	memcpy(y.prefix, id.p, y.n);
	*year = year_like(years, &y);
	return &years->v[*year];
}

void page_make(struct fold *f, struct fold_year *y, size_t at)
{
	if (at >= y->cap) {
		size_t old = y->cap;

		MEM_GROW(y->page, y->cap, at + 1);
		memset(y->page + old, 0, (y->cap - old) * sizeof *y->page);
	}
	if (y->page[at] == 0)
		y->page[at] = page_new(f) + 1;
}

uint32_t slot_make(struct fold *f, size_t *year, struct span id)
{
	uint32_t number = id_number(f->years, year, id);

	return number == NONE ? NONE : slot_numbered(f, *year, number);
}

/* Side records by slot: open addressing, never deleted. */
struct fold_sides {
	struct hazard_side **v;
	uint32_t *key;			/* slot of v[i] */
	size_t n, cap, key_cap;
	uint32_t *at;			/* 1 + number */
	uint32_t mask;
};

static uint32_t mix(uint32_t slot)
{
	return (slot * 0x9e3779b1u) ^ (slot >> 15);
}

/* Where a slot's number stands, or would stand. */
static uint32_t *place(const struct fold_sides *s, uint32_t slot)
{
	for (uint32_t i = mix(slot) & s->mask;; i = (i + 1) & s->mask)
		if (s->at[i] == 0 || s->key[s->at[i] - 1] == slot)
			return &s->at[i];
}

/* Room for one more. */
static void widen(struct fold_sides *s)
{
	uint32_t count = s->at == NULL ? 16 : (s->mask + 1) * 2;

	if (s->at != NULL && (s->n + 1) * 2 <= s->mask + 1u)
		return;
	free(s->at);
	s->at = mem_zalloc(count, sizeof *s->at);
	s->mask = count - 1;
	for (size_t i = 0; i < s->n; i++)
		*place(s, s->key[i]) = (uint32_t)i + 1;
}

/* The values of a side record that says nothing. */
static void side_blank(struct hazard_side *s)
{
	*s = (struct hazard_side){ .tier_at = TIME_NONE, .round_from = TIME_NONE, .extended_from = TIME_NONE, .policy = { "", 0 },
		.due_at = TIME_NONE };
}

static void side_clear(struct hazard_side *s)
{
	free(s->round);
	free(s->hold);
	free(s->tier);
	free(s->fix);
	free(s->key);
	free(s->owned);
}

struct hazard_side *side_get(struct fold *f, uint32_t slot)
{
	struct hazard_slot *h = fold_slot(f, slot);
	struct fold_sides *s;
	uint32_t *at;

	if (f->sides == NULL)
		f->sides = mem_zalloc(1, sizeof *f->sides);
	s = f->sides;
	widen(s);
	at = place(s, slot);
	h->flags |= HAZARD_SIDE;
	if (*at != 0)
		return s->v[*at - 1];
	MEM_GROW(s->v, s->cap, s->n + 1);
	MEM_GROW(s->key, s->key_cap, s->n + 1);
	s->key[s->n] = slot;
	s->v[s->n] = arena_alloc(&f->mem, sizeof **s->v);
	side_blank(s->v[s->n]);
	*at = (uint32_t)++s->n;
	return s->v[s->n - 1];
}

const struct hazard_side *fold_side(const struct fold *f, uint32_t slot)
{
	uint32_t at;

	if (slot == NONE || f->sides == NULL || !(fold_slot(f, slot)->flags & HAZARD_SIDE))
		return NULL;
	at = *place(f->sides, slot);
	return at != 0 ? f->sides->v[at - 1] : NULL;
}

void side_reset(struct fold *f, uint32_t slot)
{
	uint32_t at = f->sides != NULL ? *place(f->sides, slot) : 0;

	if (at != 0) {
		side_clear(f->sides->v[at - 1]);
		side_blank(f->sides->v[at - 1]);
	}
	memset(fold_slot(f, slot), 0, sizeof(struct hazard_slot));
}

void sides_free(struct fold_sides *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		side_clear(s->v[i]);
	free(s->v);
	free(s->key);
	free(s->at);
	free(s);
}

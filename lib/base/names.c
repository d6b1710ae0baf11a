/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <stdlib.h>

/*
 * A slot is two words: the number of the name plus 1 (0 is free) and the low
 * half of its hash, so that neither a miss nor a rehash touches the strings.
 */
#define SLOT_WORDS 2
#define SLOTS_MIN 64u
#define NAMES_SEED 0x2d358dccaa6c78a5u
#define MIX_A 0xa0761d6478bd642fu
#define MIX_B 0xe7037ed1a0b428dbu

/* Both halves of the 128-bit product folded. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* The way of wyhash: 16 bytes a multiplication, the last ones read overlapping. */
uint64_t mem_hash(struct span s, uint64_t seed)
{
	const unsigned char *u = (const unsigned char *)s.p;
	const char *p = s.p;
	size_t left = s.n;
	uint64_t a = 0, b = 0;

	seed ^= mix(seed ^ MIX_A, MIX_B);
	if (s.n > 16) {
		for (; left > 16; p += 16, left -= 16)
			seed = mix(load8(p) ^ MIX_B, load8(p + 8) ^ seed);
		a = load8(p + left - 16);
		b = load8(p + left - 8);
	} else if (s.n >= 4) {
		size_t half = (s.n >> 3) << 2;

		a = (uint64_t)load4(p) << 32 | load4(p + half);
		b = (uint64_t)load4(p + s.n - 4) << 32 | load4(p + s.n - 4 - half);
	} else if (s.n > 0) {
		a = (uint64_t)u[0] << 16 | (uint64_t)u[s.n >> 1] << 8 | u[s.n - 1];
	}
	return mix(MIX_B ^ s.n, mix(a ^ MIX_B, b ^ seed));
}

/* The slot that holds s, or the free one where it would stand. */
static uint32_t *slot_of(const struct names *t, struct span s, uint32_t tag)
{
	for (uint32_t i = tag & t->mask;; i = (i + 1) & t->mask) {
		uint32_t *slot = t->slots + (size_t)i * SLOT_WORDS;

		if (slot[0] == 0 || (slot[1] == tag && span_eq(t->v[slot[0] - 1], s)))
			return slot;
	}
}

/* Twice the slots, filled again from the hashes kept. */
static void names_widen(struct names *t)
{
	size_t old = t->slots == NULL ? 0 : (size_t)t->mask + 1;
	size_t count = old == 0 ? SLOTS_MIN : old * 2;
	uint32_t *from = t->slots, *to = mem_zalloc(count, SLOT_WORDS * sizeof *to);
	uint32_t mask = (uint32_t)(count - 1);

	for (size_t k = 0; k < old; k++) {
		uint32_t i = from[k * SLOT_WORDS + 1] & mask;

		if (from[k * SLOT_WORDS] == 0)
			continue;
		while (to[(size_t)i * SLOT_WORDS] != 0)
			i = (i + 1) & mask;
		memcpy(to + (size_t)i * SLOT_WORDS, from + k * SLOT_WORDS, SLOT_WORDS * sizeof *to);
	}
	free(from);
	t->slots = to;
	t->mask = mask;
}

/* The half of the hash that is kept. */
static uint32_t tag_of(struct span s)
{
	return (uint32_t)mem_hash(s, NAMES_SEED);
}

uint32_t names_add(struct names *t, struct span s)
{
	uint32_t tag = tag_of(s), *slot;

	if (t->slots == NULL || ((uint64_t)t->n + 1) * 10 > ((uint64_t)t->mask + 1) * 7)
		names_widen(t);
	slot = slot_of(t, s, tag);
	if (slot[0] != 0)
		return slot[0] - 1;
	MEM_GROW(t->v, t->cap, (size_t)t->n + 1);
	t->v[t->n] = (struct span){ arena_spandup(&t->text, s), s.n };
	slot[0] = ++t->n;
	slot[1] = tag;
	return t->n - 1;
}

uint32_t names_find(const struct names *t, struct span s)
{
	/* the free slot's 0 wraps round to NAMES_NONE */
	return t->slots == NULL ? NAMES_NONE : slot_of(t, s, tag_of(s))[0] - 1;
}

void names_clear(struct names *t)
{
	arena_clear(&t->text);
	free(t->v);
	free(t->slots);
	*t = (struct names){ .n = 0 };
}

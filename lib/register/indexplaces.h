/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_INDEXPLACES_H
#define GL_REGISTER_INDEXPLACES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/*
 * Places in a value of the index: each as its difference from the one before,
 * in 7 bits a byte, the last byte below 128; in front of each stand `width` bytes of
 * what tells its row from others of the same key, low end first.  Used by index*.c only.
 */
#define PLACES_MAX 1024u		/* bytes of a value: several of them fit into a page */

struct places {
	unsigned width;		/* 0 to 4 */
	uint32_t rest;		/* the last one's */
	uint64_t last, before;	/* the last place and the one before it */
	size_t n, last_at;	/* bytes; where the last one begins */
	size_t count;
	unsigned char b[PLACES_MAX];
};
/* An empty one, whose first place will be told from `from`. */
void places_start(struct places *p, unsigned width, uint64_t from);
/* False: it is full and stays as it is. */
bool places_add(struct places *p, uint32_t rest, uint64_t place);
/* The last one is taken out again; once. */
void places_drop(struct places *p);
/* What a value has, to go on with; false: it is damaged or too long. */
bool places_load(struct places *p, unsigned width, uint64_t from, const void *value, size_t n);

/* Reading: start with place = from. */
struct places_reader {
	const unsigned char *p, *end;
	unsigned width;
	uint32_t rest;
	uint64_t place;
};
/* 1 and the next one, 0 there is none, -1 the value is damaged. */
static inline int places_next(struct places_reader *u)
{
	const unsigned char *p = u->p;
	uint64_t step = 0;
	unsigned shift = 0;

	if (p == u->end)
		return 0;
	if ((size_t)(u->end - p) <= u->width)
		return -1;
	u->rest = 0;
	for (unsigned i = 0; i < u->width; i++)
		u->rest |= (uint32_t)*p++ << 8 * i;
	for (; p < u->end && *p >= 0x80 && shift < 63; shift += 7)
		step |= (uint64_t)(*p++ & 0x7f) << shift;
	if (p == u->end || *p >= 0x80)
		return -1;
	u->place += step | (uint64_t)*p++ << shift;
	u->p = p;
	return 1;
}

#endif

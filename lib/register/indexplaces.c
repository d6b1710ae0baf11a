/* SPDX-License-Identifier: MIT */
#include "register/indexplaces.h"

#include <endian.h>
#include <string.h>

#define PACKED_MAX 10u		/* bytes of 64 bits in sevens */

void places_start(struct places *p, unsigned width, uint64_t from)
{
	p->width = width;
	p->rest = 0;
	p->last = p->before = from;
	p->n = p->last_at = p->count = 0;
}

bool places_add(struct places *p, uint32_t rest, uint64_t place)
{
	uint64_t step = place - p->last;
	unsigned char *to = p->b + p->n;
	uint32_t first;

	if (p->n + p->width + PACKED_MAX > sizeof p->b)
		return false;
	p->last_at = p->n;
	first = htole32(rest);
	memcpy(to, &first, sizeof first);	/* all four, of which `width` stay */
	to += p->width;
	for (; step >= 0x80; step >>= 7)
		*to++ = (unsigned char)(step | 0x80);
	*to++ = (unsigned char)step;
	p->n = (size_t)(to - p->b);
	p->rest = rest;
	p->before = p->last;
	p->last = place;
	p->count++;
	return true;
}

void places_drop(struct places *p)
{
	p->n = p->last_at;
	p->last = p->before;
	p->count--;
}

bool places_load(struct places *p, unsigned width, uint64_t from, const void *value, size_t n)
{
	struct places_reader u = { .p = value, .end = (const unsigned char *)value + n, .width = width, .place = from };
	const unsigned char *at = u.p;
	int more;

	places_start(p, width, from);
	if (n > sizeof p->b)
		return false;
	for (uint64_t before = from; (more = places_next(&u)) > 0; before = u.place) {
		p->before = before;
		p->last_at = (size_t)(at - (const unsigned char *)value);
		p->count++;
		at = u.p;
	}
	p->rest = u.rest;
	p->last = u.place;
	p->n = n;
	memcpy(p->b, value, n);
	return more == 0;
}

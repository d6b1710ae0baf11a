/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

int span_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

bool span_split(struct span *rest, char sep, struct span *piece)
{
	const char *end;

	if (rest->n == 0)
		return false;
	end = memchr(rest->p, sep, rest->n);
	piece->p = rest->p;
	if (end == NULL) {
		piece->n = rest->n;
		rest->p += rest->n;
		rest->n = 0;
	} else {
		piece->n = (size_t)(end - rest->p);
		rest->p = end + 1;
		rest->n -= piece->n + 1;
	}
	return true;
}

/* The length of the blank that s begins with, or 0. */
static size_t blank_first(struct span s)
{
	if (s.n >= 1 && (s.p[0] == ' ' || s.p[0] == '\t'))
		return 1;
	if (s.n >= 2 && memcmp(s.p, "\xc2\xa0", 2) == 0)
		return 2;
	if (s.n >= 3 && memcmp(s.p, "\xe3\x80\x80", 3) == 0)
		return 3;
	return 0;
}

/* The length of the blank that s ends with, or 0. */
static size_t blank_last(struct span s)
{
	if (s.n >= 1 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		return 1;
	if (s.n >= 2 && memcmp(s.p + s.n - 2, "\xc2\xa0", 2) == 0)
		return 2;
	if (s.n >= 3 && memcmp(s.p + s.n - 3, "\xe3\x80\x80", 3) == 0)
		return 3;
	return 0;
}

struct span span_trim(struct span s)
{
	size_t k;

	/* nearly all begin and end with a printable ASCII sign */
	if (s.n > 0 && (unsigned char)s.p[0] - 0x21u < 0x5e && (unsigned char)s.p[s.n - 1] - 0x21u < 0x5e)
		return s;
	while ((k = blank_first(s)) > 0)
		s = (struct span){ s.p + k, s.n - k };
	while ((k = blank_last(s)) > 0)
		s.n -= k;
	return s;
}

bool span_u64(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned d = (unsigned char)s.p[i] - (unsigned)'0';

		if (d > 9 || v > UINT64_MAX / 10 || v * 10 > UINT64_MAX - d)
			return false;
		v = v * 10 + d;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}

void buf_clear(struct buf *b)
{
	free(b->p);
	*b = (struct buf)BUF_INIT;
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	if (b->p != NULL)
		b->p[0] = '\0';
}

void buf_reserve(struct buf *b, size_t more)
{
	size_t need, cap;

	if (b->p != NULL && more < b->cap - b->n)
		return;
	/* a sum that does not fit asks for SIZE_MAX, which mem_realloc turns into exhaustion */
	need = more >= SIZE_MAX - b->n ? SIZE_MAX : b->n + more + 1;
	cap = b->cap < 64 ? 64 : b->cap;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	b->p = mem_realloc(b->p, cap, 1);
	b->cap = cap;
	b->p[b->n] = '\0';
}

/* buf_reserve where there is room already. */
static inline void room(struct buf *b, size_t more)
{
	if (b->p == NULL || more >= b->cap - b->n)
		buf_reserve(b, more);
}

void buf_put(struct buf *b, const void *p, size_t n)
{
	room(b, n);
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_putc(struct buf *b, char c)
{
	room(b, 1);
	b->p[b->n++] = c;
	b->p[b->n] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_span(struct buf *b, struct span s)
{
	buf_put(b, s.p, s.n);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	buf_reserve(b, 32);
	va_copy(again, ap);
	n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, ap);
	if (n > 0 && (size_t)n >= b->cap - b->n) {
		buf_reserve(b, (size_t)n);
		vsnprintf(b->p + b->n, b->cap - b->n, fmt, again);
	}
	va_end(again);
	if (n > 0)
		b->n += (size_t)n;
	b->p[b->n] = '\0';
}

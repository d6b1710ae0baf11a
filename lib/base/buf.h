/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_BUF_H
#define GL_BASE_BUF_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes owned by somebody else; not NUL-terminated.  p may be NULL when n is 0. */
struct span {
	const char *p;
	size_t n;
};

/* Eight bytes, four bytes from anywhere, in the machine's order. */
static inline uint64_t load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return v;
}
static inline uint32_t load4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* A growing byte string.  p[n] is always 0 once anything was put, so p serves as a C string. */
struct buf {
	char *p;
	size_t n, cap;
};

#define BUF_INIT { NULL, 0, 0 }
#define SPAN(lit) ((struct span){ (lit), sizeof(lit) - 1 })

static inline struct span span_of(const char *s) { return (struct span){ s, s ? strlen(s) : 0 }; }
/* Are the n bytes the same?  Most that are compared are words and ids of 4 to 16 bytes: two loads that overlap. */
static inline bool bytes_eq(const char *p, const char *q, size_t n)
{
	uint64_t a, b, c, d;
	uint32_t e, f, g, h;

	if (n - 8 <= 8) {
		memcpy(&a, p, 8), memcpy(&b, q, 8);
		memcpy(&c, p + n - 8, 8), memcpy(&d, q + n - 8, 8);
		return ((a ^ b) | (c ^ d)) == 0;
	}
	if (n - 4 <= 4) {
		memcpy(&e, p, 4), memcpy(&f, q, 4);
		memcpy(&g, p + n - 4, 4), memcpy(&h, q + n - 4, 4);
		return ((e ^ f) | (g ^ h)) == 0;
	}
	return n == 0 || memcmp(p, q, n) == 0;
}
static inline bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && bytes_eq(a.p, b.p, a.n);
}
static inline bool span_is(struct span a, const char *s) { return span_eq(a, span_of(s)); }
/* Byte order, shorter first where one begins the other: <0, 0, >0. */
int span_cmp(struct span a, struct span b);
/* Cut the next piece off *rest up to sep (or the end) into *piece; false when *rest is used up.
 * So an empty span has no pieces, and a separator at the very end is followed by none. */
bool span_split(struct span *rest, char sep, struct span *piece);
/* Blanks, tabs, U+3000 and U+00A0 cut at either end. */
struct span span_trim(struct span s);
/* An unsigned decimal number of digits only (no sign, no blank), at most max; false if it is not one. */
bool span_u64(struct span s, uint64_t max, uint64_t *out);

void buf_clear(struct buf *b);	/* free, ready for use again */
void buf_reset(struct buf *b);	/* empty, memory kept */
void buf_reserve(struct buf *b, size_t more);
void buf_put(struct buf *b, const void *p, size_t n);
void buf_putc(struct buf *b, char c);
void buf_puts(struct buf *b, const char *s);
void buf_span(struct buf *b, struct span s);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static inline struct span buf_view(const struct buf *b) { return (struct span){ b->p, b->n }; }

#endif

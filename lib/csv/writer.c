/* SPDX-License-Identifier: MIT */
#include "csv/writer.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* A blank or tab, which readers cut at either end of an unquoted field. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A byte that does not stand in an unquoted field. */
static inline bool is_special(char c)
{
	return c == ',' || c == '"' || c == '\r' || c == '\n';
}

/* The field cannot stand as it is. */
static bool needs_quotes(struct span v)
{
	size_t i = 0;

	if (v.n == 0)
		return false;
	if (is_blank(v.p[0]) || is_blank(v.p[v.n - 1]))
		return true;
#ifdef __SSE2__
	for (; v.n - i >= 16; i += 16) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)(v.p + i));
		__m128i ends = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('\r')), _mm_cmpeq_epi8(x, _mm_set1_epi8('\n')));
		__m128i marks = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8(',')), _mm_cmpeq_epi8(x, _mm_set1_epi8('"')));

		if (_mm_movemask_epi8(_mm_or_si128(ends, marks)) != 0)
			return true;
	}
#endif
	for (; i < v.n; i++)
		if (is_special(v.p[i]))
			return true;
	return false;
}

char *writer_field_at(char *to, struct span value)
{
	if (!needs_quotes(value)) {
		if (value.n > 0)
			memcpy(to, value.p, value.n);
		return to + value.n;
	}
	*to++ = '"';
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '"')
			*to++ = '"';
		*to++ = value.p[i];
	}
	*to++ = '"';
	return to;
}

void writer_field(struct buf *out, struct span value)
{
	buf_reserve(out, 2 * value.n + 2);
	out->n = (size_t)(writer_field_at(out->p + out->n, value) - out->p);
	out->p[out->n] = '\0';
}

void writer_row(struct buf *out, const struct span *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_putc(out, ',');
		writer_field(out, values[i]);
	}
	if (n == 1 && values[0].n == 0)
		buf_puts(out, "\"\"");
	buf_putc(out, '\n');
}

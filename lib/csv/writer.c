/* SPDX-License-Identifier: MIT */
#include "csv/writer.h"

/* A blank or tab, which readers cut at either end of an unquoted field. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Not 0 when one of the eight bytes of v is c. */
static inline uint64_t hits(uint64_t v, char c)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t x = v ^ ones * (unsigned char)c;

	return (x - ones) & ~x & ones * 0x80;
}

/* Does one of the eight bytes at p not stand in an unquoted field?  All of these are below the hyphen, and few others are. */
static inline bool is_special8(const char *p)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return ((v - ones * '-') & ~v & ones * 0x80) != 0
	    && (hits(v, ',') | hits(v, '"') | hits(v, '\r') | hits(v, '\n')) != 0;
}

/* The field cannot stand as it is. */
static inline bool needs_quotes(struct span v)
{
	char copy[8] = "--------";

	if (is_blank(v.p[0]) || is_blank(v.p[v.n - 1]))
		return true;
	if (v.n < 8) {
		for (size_t i = 0; i < v.n; i++)
			copy[i] = v.p[i];
		return is_special8(copy);
	}
	for (size_t i = 0; v.n - i > 8; i += 8)
		if (is_special8(v.p + i))
			return true;
	return is_special8(v.p + v.n - 8);
}

/* n bytes of a field, most of which are short. */
static inline char *put(char *to, const char *p, size_t n)
{
	if (n - 8 <= 8) {
		uint64_t a, b;

		memcpy(&a, p, 8), memcpy(&b, p + n - 8, 8);
		memcpy(to, &a, 8), memcpy(to + n - 8, &b, 8);
	} else if (n - 4 <= 4) {
		uint32_t a, b;

		memcpy(&a, p, 4), memcpy(&b, p + n - 4, 4);
		memcpy(to, &a, 4), memcpy(to + n - 4, &b, 4);
	} else {
		memcpy(to, p, n);
	}
	return to + n;
}

char *writer_field_at(char *to, struct span value)
{
	if (value.n == 0)
		return to;
	if (!needs_quotes(value))
		return put(to, value.p, value.n);
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

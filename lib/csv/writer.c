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

/* Does one of the eight bytes of v not stand in an unquoted field?  All of these are below the hyphen, and few others are. */
static inline bool is_special(uint64_t v)
{
	const uint64_t ones = 0x0101010101010101u;

	return ((v - ones * '-') & ~v & ones * 0x80) != 0
	    && (hits(v, ',') | hits(v, '"') | hits(v, '\r') | hits(v, '\n')) != 0;
}

/* Its eight bytes, which may say the same twice, of a value of 1 to 8 bytes. */
static inline uint64_t load_few(struct span v)
{
	if (v.n >= 4)
		return (uint64_t)load4(v.p) << 32 | load4(v.p + v.n - 4);
	return 0x2d2d2d2d2d000000u | (uint64_t)(unsigned char)v.p[0] << 16 | (uint64_t)(unsigned char)v.p[v.n / 2] << 8
	    | (unsigned char)v.p[v.n - 1];
}

/* A value that is not empty cannot stand as it is. */
static inline bool needs_quotes(struct span v)
{
	if (is_blank(v.p[0]) || is_blank(v.p[v.n - 1]))
		return true;
	if (v.n <= 8)
		return is_special(load_few(v));
	for (size_t i = 0; v.n - i > 8; i += 8)
		if (is_special(load8(v.p + i)))
			return true;
	return is_special(load8(v.p + v.n - 8));
}

/* n bytes of a field, at least one, most of which are short. */
static inline char *put(char *to, const char *p, size_t n)
{
	if (n - 8 <= 8) {
		uint64_t a = load8(p), b = load8(p + n - 8);

		memcpy(to, &a, 8), memcpy(to + n - 8, &b, 8);
	} else if (n - 4 <= 4) {
		uint32_t a = load4(p), b = load4(p + n - 4);

		memcpy(to, &a, 4), memcpy(to + n - 4, &b, 4);
	} else if (n < 4) {
		to[0] = p[0], to[n / 2] = p[n / 2], to[n - 1] = p[n - 1];
	} else {
		memcpy(to, p, n);
	}
	return to + n;
}

/* A value with its quotes. */
static char *put_quoted(char *to, struct span value)
{
	*to++ = '"';
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '"')
			*to++ = '"';
		*to++ = value.p[i];
	}
	*to++ = '"';
	return to;
}

/* writer_field_at */
static inline char *field_at(char *to, struct span value)
{
	if (value.n == 0)
		return to;
	return needs_quotes(value) ? put_quoted(to, value) : put(to, value.p, value.n);
}

char *writer_field_at(char *to, struct span value)
{
	return field_at(to, value);
}

void writer_field(struct buf *out, struct span value)
{
	buf_reserve(out, 2 * value.n + 2);
	out->n = (size_t)(field_at(out->p + out->n, value) - out->p);
	out->p[out->n] = '\0';
}

void writer_row(struct buf *out, const struct span *values, size_t n)
{
	size_t most = sizeof "\"\"\n";
	char *to;

	for (size_t i = 0; i < n; i++)
		most += 2 * values[i].n + sizeof "\"\",";
	buf_reserve(out, most);
	to = out->p + out->n;
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			*to++ = ',';
		to = field_at(to, values[i]);
	}
	if (n == 1 && values[0].n == 0)
		*to++ = '"', *to++ = '"';
	*to++ = '\n';
	*to = '\0';
	out->n = (size_t)(to - out->p);
}

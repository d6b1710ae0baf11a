/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <utf8proc.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/mem.h"
#include "base/utf8.h"

#define FOLD "\xe2\x90\xa4"	/* U+2424 */
#define FOLD_BYTES 3
#define NAME_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:"	/* of an encoding's name */

/* How many bytes from i on are plain ASCII in whole steps: no control bytes among them if clean. */
static inline size_t skip_ascii(const char *p, size_t n, size_t i, bool clean)
{
#ifdef __SSE2__
	for (; n - i >= 16; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		/* signed: bytes from 0x80 on are less than a blank too */
		__m128i bad = clean ? _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)),
		    _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f))) : v;

		if (_mm_movemask_epi8(bad) != 0)
			break;
	}
#else
	for (; n - i >= 8; i += 8) {
		const uint64_t ones = 0x0101010101010101u, high = ones * 0x80;
		uint64_t v, bad;

		memcpy(&v, p + i, 8);
		bad = v;
		if (clean)	/* below 0x20, or equal to 0x7f */
			bad |= (v - ones * 0x20) | ((v ^ ones * 0x7f) - ones);
		if ((bad & high) != 0)
			break;
	}
#endif
	return i;
}

/* text_valid and text_clean in one; inlined with clean a constant. */
static inline __attribute__((always_inline)) size_t prefix(struct span s, bool clean)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;

	while (i < s.n) {
		unsigned c = p[i];

		if (c < 0x80) {
			size_t j = skip_ascii(s.p, s.n, i, clean);

			if (j == i) {
				if (clean && (c < 0x20 || c == 0x7f))
					return i;
				i++;
			} else {
				i = j;
			}
			continue;
		}
		/* Chinese: a lead byte other than E0 and ED takes any two bytes that continue */
		while (s.n - i >= 3 && (c & 0xf0) == 0xe0 && c != 0xe0 && c != 0xed && (p[i + 1] & 0xc0) == 0x80
		    && (p[i + 2] & 0xc0) == 0x80) {
			i += 3;
			if (i == s.n)
				return i;
			c = p[i];
		}
		if (c >= 0x80) {
			uint32_t cp;
			size_t k = utf8_next(s, i, &cp);

			if (k == 0 || (clean && cp < 0xa0))
				return i;
			i += k;
		}
	}
	return i;
}

size_t text_valid(struct span s)
{
	return prefix(s, false);
}

size_t text_clean(struct span s)
{
	return prefix(s, true);
}

char text_halfwidth_next(struct span s, size_t *at)
{
	const unsigned char *u = (const unsigned char *)s.p + *at;

	if (u[0] < 0xe3 || s.n - *at < 3)
		return s.p[(*at)++];
	if (u[0] == 0xef && ((u[1] == 0xbc && u[2] >= 0x81 && u[2] <= 0xbf)
	    || (u[1] == 0xbd && u[2] >= 0x80 && u[2] <= 0x9e))) {
		*at += 3;
		return (char)(((u[1] & 3) << 6 | (u[2] & 63)) + 0x20);
	}
	if (u[0] == 0xe3 && u[1] == 0x80 && u[2] == 0x80) {
		*at += 3;
		return ' ';
	}
	return s.p[(*at)++];
}

void text_halfwidth(struct buf *out, struct span s)
{
	buf_reserve(out, s.n);
	for (size_t i = 0; i < s.n;)
		buf_putc(out, text_halfwidth_next(s, &i));
}

void text_unfold(struct buf *out, struct span s)
{
	const char *hit;

	buf_put(out, "", 0);
	while (s.n > 0 && (hit = memmem(s.p, s.n, FOLD, FOLD_BYTES)) != NULL) {
		size_t n = (size_t)(hit - s.p);

		buf_put(out, s.p, n);
		buf_putc(out, '\n');
		s = (struct span){ hit + FOLD_BYTES, s.n - n - FOLD_BYTES };
	}
	buf_span(out, s);
}

/* Can a character stand in text of any neighbours without NFC touching it?  Says no where unsure. */
static bool is_settled(uint32_t cp)
{
	return cp < 0x300 || (cp >= 0x2010 && cp <= 0x205e) || (cp >= 0x2460 && cp <= 0x27ff)
	    || (cp >= 0x2e80 && cp <= 0x3029) || (cp >= 0x3030 && cp <= 0x3098) || (cp >= 0x309b && cp <= 0x9fff)
	    || (cp >= 0xff00 && cp <= 0xffef) || (cp >= 0x20000 && cp <= 0x2f7ff);
}

/* Bytes of the character at i if it is what most of a text is, printable ASCII or U+4000 to U+9FFF; else 0. */
static size_t plain_at(struct span s, size_t i)
{
	unsigned char c = (unsigned char)s.p[i];

	if (c - 0x20u < 0x5f)
		return 1;
	return c - 0xe4u < 6 && s.n - i >= 3 && ((unsigned char)s.p[i + 1] & 0xc0) == 0x80 && ((unsigned char)s.p[i + 2] & 0xc0) == 0x80
	    ? 3 : 0;
}

bool text_is_canonical(struct span s)
{
	size_t i = 0;

	if (span_trim(s).n != s.n)
		return false;
	while (i < s.n) {
		size_t k = plain_at(s, i);
		uint32_t cp;

		if (k > 0) {
			i += k;
			continue;
		}
		k = utf8_next(s, i, &cp);
		if (k == 0 || cp < 0xa0 || cp == 0x2424 || !is_settled(cp))
			return false;
		i += k;
	}
	return true;
}

/* Refuse what no value may hold; *settled is whether NFC would leave the rest as it is. */
static int check_value(struct span s, bool *settled, struct err *e)
{
	*settled = true;
	for (size_t i = 0; i < s.n;) {
		size_t k = plain_at(s, i);
		uint32_t cp;

		if (k > 0) {
			i += k;
			continue;
		}
		k = utf8_next(s, i, &cp);
		if (k == 0)
			return err_set(e, ERR_DATA, "byte %zu (0x%02x) is not valid UTF-8; save the file as UTF-8 or"
			    " name its encoding", i + 1, (unsigned char)s.p[i]);
		if (cp == 0)
			return err_set(e, ERR_DATA, "a NUL byte at byte %zu; remove it", i + 1);
		if ((cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r') || (cp >= 0x7f && cp < 0xa0))
			return err_set(e, ERR_DATA, "the control character U+%04X at byte %zu; remove it", cp, i + 1);
		if (cp == 0x2424)
			return err_set(e, ERR_DATA, "the character " FOLD " (U+2424) at byte %zu, which ledgers use for"
			    " line breaks; write a line break instead", i + 1);
		if (!is_settled(cp))
			*settled = false;
		i += k;
	}
	return 0;
}

/* span_trim that cuts line breaks too. */
static struct span trim_all(struct span s)
{
	for (;;) {
		size_t n = s.n;

		s = span_trim(s);
		while (s.n > 0 && (s.p[0] == '\n' || s.p[0] == '\r'))
			s = (struct span){ s.p + 1, s.n - 1 };
		while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
			s.n--;
		if (s.n == n)
			return s;
	}
}

/* Append s with line breaks folded and tabs made blanks. */
static void put_folded(struct buf *out, struct span s)
{
	if (s.n == 0 || (memchr(s.p, '\n', s.n) == NULL && memchr(s.p, '\r', s.n) == NULL && memchr(s.p, '\t', s.n) == NULL)) {
		buf_span(out, s);
		return;
	}
	buf_reserve(out, s.n);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n' || s.p[i] == '\r') {
			buf_put(out, FOLD, FOLD_BYTES);
			if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
				i++;
		} else {
			buf_putc(out, s.p[i] == '\t' ? ' ' : s.p[i]);
		}
	}
}

int text_canonical(struct buf *out, struct span s, struct err *e)
{
	utf8proc_uint8_t *composed = NULL;
	utf8proc_ssize_t n;
	bool settled;

	if (check_value(s, &settled, e) < 0)
		return -1;
	s = trim_all(s);
	if (settled) {
		put_folded(out, s);
		return 0;
	}
	n = utf8proc_map((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &composed,
	    UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (n < 0)
		return err_set(e, n == UTF8PROC_ERROR_NOMEM ? ERR_FAILED : ERR_DATA, "cannot be brought to the normal"
		    " form NFC: %s", utf8proc_errmsg(n));
	put_folded(out, (struct span){ (const char *)composed, (size_t)n });
	free(composed);
	return 0;
}

/* iconv_open; memory that it lacks ends the program, also where it calls that EINVAL, as for a name it does not know. */
static iconv_t open_named(const char *encoding)
{
	iconv_t cd = iconv_open("UTF-8", encoding);

	if (cd == (iconv_t)-1 && errno != ENOMEM) {
		free(mem_alloc(1));
		cd = iconv_open("UTF-8", encoding);
	}
	if (cd == (iconv_t)-1 && errno == ENOMEM)
		mem_exhausted();
	return cd;
}

/* Open a conversion to UTF-8; the odd names that iconv reads as options or as the locale's are refused. */
static iconv_t open_decoder(const char *encoding, struct err *e)
{
	iconv_t cd = (iconv_t)-1;

	/* iconv passes over what is no part of a name: "wchar_t!" would be wchar_t again */
	if (encoding[0] != '\0' && encoding[strspn(encoding, NAME_BYTES)] == '\0' && strcasecmp(encoding, "char") != 0
	    && strcasecmp(encoding, "wchar_t") != 0 && strcasecmp(encoding, "internal") != 0)
		cd = open_named(encoding);
	if (cd == (iconv_t)-1)
		err_set(e, ERR_USAGE, "unknown encoding \"%s\"; write utf-8, gb18030, gbk, utf-16 or another name that"
		    " iconv -l lists", encoding);
	return cd;
}

int text_decode(struct buf *out, struct span s, const char *encoding, struct err *e)
{
	iconv_t cd = open_decoder(encoding, e);
	char *in = (char *)(uintptr_t)s.p;
	size_t left = s.n, start = out->n;
	int r = -1;

	if (cd == (iconv_t)-1)
		return -1;
	buf_put(out, "", 0);
	for (;;) {
		bool flush = left == 0;
		char *to;
		size_t room, got;

		buf_reserve(out, left + left / 2 + 64);
		to = out->p + out->n;
		room = out->cap - out->n - 1;
		got = iconv(cd, flush ? NULL : &in, flush ? NULL : &left, &to, &room);
		out->n = (size_t)(to - out->p);
		out->p[out->n] = '\0';
		if (got == 0 && flush)
			break;
		if (got == 0 || (got == (size_t)-1 && errno == E2BIG))
			continue;
		if (got == (size_t)-1 && errno == EINVAL)
			err_set(e, ERR_DATA, "byte %zu: the text ends inside a character of %s", s.n - left + 1, encoding);
		else if (got == (size_t)-1 && left > 0)
			err_set(e, ERR_DATA, "byte %zu (0x%02x) is not %s; name the encoding the file was saved in",
			    s.n - left + 1, (unsigned char)*in, encoding);
		else
			err_set(e, ERR_DATA, "does not convert cleanly from %s", encoding);
		goto done;
	}
	/* UCS-4 and the like hold numbers that are no characters; iconv writes them all the same */
	if (text_valid((struct span){ out->p + start, out->n - start }) < out->n - start)
		err_set(e, ERR_DATA, "does not convert cleanly from %s", encoding);
	else
		r = 0;
done:
	iconv_close(cd);
	if (r < 0) {
		out->n = start;
		out->p[start] = '\0';
	}
	return r;
}

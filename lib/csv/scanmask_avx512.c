/* SPDX-License-Identifier: MIT */
#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512bw,avx512vbmi2,bmi,popcnt,pclmul")
#endif
#include "csv/scanint.h"
#if defined(__x86_64__)
#include <immintrin.h>
/*
 * A block is one vector here and its masks come ready made; what pays most is
 * that the set bits of a mask become offsets 32 at a time, where the others
 * take them one by one.
 */

/* Which of 64 bytes are what: ends are commas and LFs, odd ones are quotes and CRs. */
struct masks {
	uint64_t ends, lf, odd;
};

/* 64 bytes from anywhere. */
static inline __m512i load(const char *p)
{
	return _mm512_loadu_si512((const void *)p);
}

/* A bit for each of 64 bytes that equals c. */
static inline uint64_t equal(const char *p, char c)
{
	return _mm512_cmpeq_epi8_mask(load(p), _mm512_set1_epi8(c));
}

/* A bit for each byte of v that is one of two with different low nibbles, neither 0: what the nibble would stand for is looked up. */
static inline uint64_t either(__m512i v, char x, char y)
{
	char of[16] = { 1 };

	of[x & 15] = x;
	of[y & 15] = y;
	return _mm512_cmpeq_epi8_mask(v, _mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128((const void *)of)), v));
}

/* Which of the 64 bytes at p are what. */
static inline struct masks block(const char *p)
{
	__m512i v = load(p);

	return (struct masks){ either(v, ',', '\n'), _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n')), either(v, '"', '\r') };
}

/* Bit i becomes the XOR of the bits up to and with i: a carry-less product with all ones. */
static inline uint64_t prefix_xor(uint64_t m)
{
	__m128i x = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)m), _mm_set1_epi8((char)0xff), 0);

	return (uint64_t)_mm_cvtsi128_si64(x);
}

/* The bytes 0 to 63. */
static const uint8_t counting[64] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
	32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63
};

/* See scanmask.inc: a whole vector of 32, and another when it is used. */
static inline size_t emit(uint16_t *to, size_t at, uint64_t m)
{
	__m512i bytes = _mm512_maskz_compress_epi8(m, load((const char *)counting)), from = _mm512_set1_epi16((short)at);
	unsigned n = (unsigned)__builtin_popcountll(m);

	_mm512_storeu_si512(to, _mm512_add_epi16(from, _mm512_cvtepu8_epi16(_mm512_castsi512_si256(bytes))));
	if (__builtin_expect(n > 32, 0))
		_mm512_storeu_si512(to + 32, _mm512_add_epi16(from, _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(bytes, 1))));
	return n;
}

#define SCAN_OWN_EMIT
#include "csv/scanmask.inc"

/* See struct scan_isa. */
static uint64_t filled(const uint16_t *sep, size_t n)
{
	uint64_t m = 0;

	for (size_t c = 0; c < n; c += 32) {
		__m512i here = load((const char *)(sep + c)), before = load((const char *)(sep + c) - sizeof *sep);

		m |= (uint64_t)_mm512_cmpneq_epi16_mask(_mm512_sub_epi16(here, before), _mm512_set1_epi16(1)) << c;
	}
	return n < 64 ? m & ((UINT64_C(1) << n) - 1) : m;
}

const struct scan_isa scan_isa_avx512 = { "avx512", mask_window, count_byte, filled };
#endif

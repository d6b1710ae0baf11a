/* SPDX-License-Identifier: MIT */
#if defined(__x86_64__)
#pragma GCC target("avx2,bmi,popcnt,pclmul")
#endif
#include "csv/scanint.h"
#if defined(__x86_64__)
#include <immintrin.h>

/* Which of 64 bytes are what: ends are commas and LFs, odd ones are quotes and CRs. */
struct masks {
	uint64_t ends, lf, odd;
};

/* A bit for each byte of two vectors that equals c. */
static inline uint64_t equal2(__m256i a, __m256i b, char c)
{
	__m256i v = _mm256_set1_epi8(c);
	uint32_t lo = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, v));
	uint32_t hi = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, v));

	return (uint64_t)hi << 32 | lo;
}

/* 32 bytes from anywhere. */
static inline __m256i load(const char *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* A bit for each of 64 bytes that equals c. */
static inline uint64_t equal(const char *p, char c)
{
	return equal2(load(p), load(p + 32), c);
}

/* Which of the 64 bytes at p are what. */
static inline struct masks block(const char *p)
{
	__m256i a = load(p), b = load(p + 32);

	uint64_t lf = equal2(a, b, '\n');

	return (struct masks){ equal2(a, b, ',') | lf, lf, equal2(a, b, '"') | equal2(a, b, '\r') };
}

/* Bit i becomes the XOR of the bits up to and with i: a carry-less product with all ones. */
static inline uint64_t prefix_xor(uint64_t m)
{
	__m128i x = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)m), _mm_set1_epi8((char)0xff), 0);

	return (uint64_t)_mm_cvtsi128_si64(x);
}

#include "csv/scanmask.inc"

/* See struct scan_isa. */
static uint64_t filled(const uint16_t *sep, size_t n)
{
	uint64_t m = 0;

	for (size_t c = 0; c < n; c += 16) {
		__m256i here = load((const char *)(sep + c)), before = load((const char *)(sep + c) - sizeof *sep);
		__m256i empty = _mm256_cmpeq_epi16(_mm256_sub_epi16(here, before), _mm256_set1_epi16(1));
		__m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(empty), _mm256_extracti128_si256(empty, 1));

		m |= (uint64_t)(~(unsigned)_mm_movemask_epi8(bytes) & 0xffff) << c;
	}
	return n < 64 ? m & ((UINT64_C(1) << n) - 1) : m;
}

const struct scan_isa scan_isa_avx2 = { "avx2", mask_window, count_byte, filled };
#endif

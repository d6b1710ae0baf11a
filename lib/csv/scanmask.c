/* SPDX-License-Identifier: MIT */
#include "csv/scanint.h"
#include <stdlib.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
/* What the processor can do, as the C library found out when the program started.  The compiler's own way asks the processor
 * once more as each program starts, which under a hypervisor takes 5 us a question. */
#define HAS_CPU(gcc, glibc) CPU_FEATURE_ACTIVE(glibc)
#else
#define HAS_CPU(gcc, glibc) __builtin_cpu_supports(#gcc)
#endif
#include "base/mem.h"

/* Which of 64 bytes are what: ends are commas and LFs, odd ones are quotes and CRs. */
struct masks {
	uint64_t ends, lf, odd;
};

#if defined(__SSE2__)
/* A bit for each of 64 bytes that equals c. */
static inline uint64_t equal(const char *p, char c)
{
	uint64_t m = 0;

	for (int i = 0; i < 4; i++) {
		__m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
		m |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(x, _mm_set1_epi8(c))) << (16 * i);
	}
	return m;
}
#else
/* A bit for each of 64 bytes that equals c. */
static inline uint64_t equal(const char *p, char c)
{
	uint64_t m = 0;

	for (int i = 0; i < 64; i++)
		m |= (uint64_t)(p[i] == c) << i;
	return m;
}
#endif

/* Which of the 64 bytes at p are what. */
static inline struct masks block(const char *p)
{
	uint64_t lf = equal(p, '\n');

	return (struct masks){ equal(p, ',') | lf, lf, equal(p, '"') | equal(p, '\r') };
}

/* Bit i becomes the XOR of the bits up to and with i. */
static inline uint64_t prefix_xor(uint64_t m)
{
	for (int i = 1; i < 64; i <<= 1)
		m ^= m << i;
	return m;
}

#include "csv/scanmask.inc"

/* See struct scan_isa. */
static uint64_t filled(const uint16_t *sep, size_t n)
{
	uint64_t m = 0;

	for (size_t c = 0; c < n; c++)
		m |= (uint64_t)((uint16_t)(sep[c] - sep[(ptrdiff_t)c - 1]) != 1) << c;
	return m;
}

const struct scan_isa scan_isa_plain = { "plain", mask_window, count_byte, filled };

const struct scan_isa *scan_isa(void)
{
#if defined(__x86_64__)
	if (HAS_CPU(avx512bw, AVX512BW) && HAS_CPU(avx512vbmi2, AVX512_VBMI2) && HAS_CPU(bmi, BMI1) && HAS_CPU(popcnt, POPCNT)
	    && HAS_CPU(pclmul, PCLMULQDQ))
		return &scan_isa_avx512;
	if (HAS_CPU(avx2, AVX2) && HAS_CPU(bmi, BMI1) && HAS_CPU(popcnt, POPCNT) && HAS_CPU(pclmul, PCLMULQDQ))
		return &scan_isa_avx2;
#endif
	return &scan_isa_plain;
}

void scan_lists_init(struct scan_lists *l, size_t ncols, size_t window)
{
	size_t most = window + 128;	/* the window is rounded up, and emit writes some more than it counts */

	*l = (struct scan_lists){ .pad = ncols + 1 };
	l->sep = mem_alloc((1 + most + l->pad) * sizeof *l->sep);
	l->nl = mem_alloc(most * sizeof *l->nl);
	*l->sep++ = UINT16_MAX;
}

void scan_lists_clear(struct scan_lists *l)
{
	if (l->sep)
		free(l->sep - 1);
	free(l->nl);
	*l = (struct scan_lists){ 0 };
}

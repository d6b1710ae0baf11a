/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_UTF8_H
#define GL_BASE_UTF8_H
#include "base/buf.h"

/*
 * The character of s at byte i (i < s.n): its length, 1 to 4, and its code
 * point in *cp; 0 when no valid UTF-8 stands there (Unicode table 3-7).
 */
static inline size_t utf8_next(struct span s, size_t i, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)s.p + i;
	size_t left = s.n - i;
	uint32_t v;

	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	if (left < 2 || p[0] < 0xc2 || p[0] > 0xf4 || (p[1] & 0xc0) != 0x80)
		return 0;
	v = p[1] & 63u;
	if (p[0] < 0xe0) {
		*cp = (p[0] & 31u) << 6 | v;
		return 2;
	}
	if (left < 3 || (p[2] & 0xc0) != 0x80)
		return 0;
	v = v << 6 | (p[2] & 63u);
	if (p[0] < 0xf0) {
		*cp = (p[0] & 15u) << 12 | v;
		return *cp < 0x800 || (*cp >= 0xd800 && *cp <= 0xdfff) ? 0 : 3;
	}
	if (left < 4 || (p[3] & 0xc0) != 0x80)
		return 0;
	*cp = (p[0] & 7u) << 18 | v << 6 | (p[3] & 63u);
	return *cp < 0x10000 || *cp > 0x10ffff ? 0 : 4;
}

#endif

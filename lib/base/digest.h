/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_DIGEST_H
#define GL_BASE_DIGEST_H
#include <nettle/sha2.h>
#include <stdbool.h>
#include "base/buf.h"

#define DIGEST_HEX 64	/* characters of a SHA-256 in lower-case hex, without the NUL */

struct digest {
	struct sha256_ctx ctx;
};
void digest_start(struct digest *d);
void digest_put(struct digest *d, const void *p, size_t n);
void digest_hex(struct digest *d, char out[DIGEST_HEX + 1]);	/* ends it; start again before reuse */
void digest_of(struct span s, char out[DIGEST_HEX + 1]);
bool digest_is_hex(struct span s, size_t n);	/* exactly n lower-case hex digits */

#endif

/* SPDX-License-Identifier: MIT */
#include "base/digest.h"

void digest_start(struct digest *d)
{
	sha256_init(&d->ctx);
}

void digest_put(struct digest *d, const void *p, size_t n)
{
	if (n > 0)
		sha256_update(&d->ctx, n, p);
}

void digest_hex(struct digest *d, char out[DIGEST_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t raw[SHA256_DIGEST_SIZE];

	sha256_digest(&d->ctx, sizeof raw, raw);
	for (size_t i = 0; i < sizeof raw; i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[DIGEST_HEX] = '\0';
}

void digest_of(struct span s, char out[DIGEST_HEX + 1])
{
	struct digest d;

	digest_start(&d);
	digest_put(&d, s.p, s.n);
	digest_hex(&d, out);
}

bool digest_is_hex(struct span s, size_t n)
{
	if (s.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

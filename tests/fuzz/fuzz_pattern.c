/* SPDX-License-Identifier: MIT */
/* A pattern in the first line, texts below: an answer or an error, the same for the same, an error for every limit. */
#include "policy/pattern.h"
#include "fuzz.h"

fuzz_fn FUZZ_TARGET(pattern);

int FUZZ_TARGET(pattern)(const uint8_t *p, size_t n)
{
	struct fuzz_in in = { { (const char *)p, n } };
	struct span text = fuzz_line(&in), inside = text;
	struct err e = ERR_INIT;
	struct pattern *one;

	if (pattern_slashes(text, &inside))
		FUZZ_CHECK(inside.n + 2 == text.n && inside.p == text.p + 1, "the inside");
	one = pattern_new(inside, &e);
	if (!one)
		fuzz_error(&e);
	for (int i = 0; one && i < 3; i++) {
		struct span s = i < 2 ? fuzz_line(&in) : fuzz_rest(&in);
		struct err why = ERR_INIT, more = ERR_INIT;
		int r = pattern_match(one, s, &why);

		FUZZ_CHECK(r >= -1 && r <= 1, "%d", r);
		FUZZ_CHECK((r == -1) == (why.status != ERR_OK), "%d: %s", r, why.text);
		if (r >= 0)	/* a limit of time may be hit once and not again */
			FUZZ_CHECK(pattern_match(one, s, &more) == r || more.status != ERR_OK, "another answer");
		fuzz_free(s);
	}
	pattern_free(one);
	fuzz_free(text);
	return 0;
}

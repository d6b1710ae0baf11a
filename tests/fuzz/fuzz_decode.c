/* SPDX-License-Identifier: MIT */
/* The name of an encoding in the first line, text below: UTF-8 comes out, or an error with a byte that is there. */
#include <stdlib.h>
#include "base/text.h"
#include "fuzz.h"

fuzz_fn FUZZ_TARGET(decode);

int FUZZ_TARGET(decode)(const uint8_t *p, size_t n)
{
	struct fuzz_in in = { { (const char *)p, n } };
	char *encoding = fuzz_word(&in);
	struct span s = fuzz_rest(&in);
	struct buf one = BUF_INIT, two = BUF_INIT;
	struct err e = ERR_INIT, e2 = ERR_INIT;
	int r;

	buf_puts(&one, "kept");
	r = text_decode(&one, s, encoding, &e);
	FUZZ_CHECK(one.n >= 4 && memcmp(one.p, "kept", 4) == 0, "what stood there before is gone");
	if (r == 0) {
		FUZZ_CHECK(text_valid(buf_view(&one)) == one.n, "not UTF-8");
		FUZZ_CHECK(text_decode(&two, s, encoding, &e2) == 0 && two.n + 4 == one.n, "%s", e2.text);
	} else {
		unsigned long at = strncmp(e.text, "byte ", 5) == 0 ? strtoul(e.text + 5, NULL, 10) : 1;

		fuzz_error(&e);
		FUZZ_CHECK(one.n == 4, "%zu bytes of what does not convert", one.n - 4);
		FUZZ_CHECK(at >= 1 && at <= s.n + 1, "%s", e.text);
	}
	buf_clear(&one);
	buf_clear(&two);
	free(encoding);
	fuzz_free(s);
	return 0;
}

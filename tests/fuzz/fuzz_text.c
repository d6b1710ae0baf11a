/* SPDX-License-Identifier: MIT */
/* Encoding checks against a plain decoder, escaping, widths, the canonical form, the nearest name. */
#include <utf8proc.h>
#include "base/text.h"
#include "fuzz.h"

fuzz_fn FUZZ_TARGET(text);

/* The length of the valid prefix by utf8proc; clean stops at control bytes too. */
static size_t valid(struct span s, bool clean)
{
	size_t i = 0;

	while (i < s.n) {
		utf8proc_int32_t c;
		utf8proc_ssize_t k = utf8proc_iterate((const utf8proc_uint8_t *)s.p + i, (utf8proc_ssize_t)(s.n - i), &c);

		if (k <= 0 || (clean && (c < 0x20 || (c >= 0x7f && c < 0xa0))))
			return i;
		i += (size_t)k;
	}
	return i;
}

static void check_shown(struct span s, unsigned width)
{
	struct buf b = BUF_INIT, pad = BUF_INIT;

	for (int lf = 0; lf < 2; lf++) {
		buf_reset(&b);
		text_escape(&b, s, lf);
		fuzz_shown(buf_view(&b));
		FUZZ_CHECK(lf || b.n == 0 || memchr(b.p, '\n', b.n) == NULL, "a LF");
	}
	for (int right = 0; right < 2; right++) {
		buf_reset(&pad);
		text_pad(&pad, s, width, right);
		FUZZ_CHECK(text_width(buf_view(&pad)) == width, "%zu columns, not %u", text_width(buf_view(&pad)), width);
		FUZZ_CHECK(pad.n == 0 || memchr(pad.p, '\n', pad.n) == NULL, "a LF");
		fuzz_shown(buf_view(&pad));
	}
	buf_clear(&b);
	buf_clear(&pad);
}

static void check_canonical(struct span s)
{
	struct buf one = BUF_INIT, two = BUF_INIT, half = BUF_INIT, again = BUF_INIT;
	struct err e = ERR_INIT;

	if (text_canonical(&one, s, &e) != 0) {
		fuzz_error(&e);
	} else {
		FUZZ_CHECK(text_clean(buf_view(&one)) == one.n, "not clean");
		FUZZ_CHECK(span_eq(span_trim(buf_view(&one)), buf_view(&one)), "blanks at the ends");
		text_unfold(&two, buf_view(&one));
		FUZZ_CHECK(two.n <= one.n, "longer");
		FUZZ_CHECK(text_canonical(&again, buf_view(&two), &e) == 0 && span_eq(buf_view(&again), buf_view(&one)),
		    "not the same again: %s", e.text);
	}
	text_halfwidth(&half, s);
	FUZZ_CHECK(half.n <= s.n, "longer");
	FUZZ_CHECK(text_valid(s) < s.n || text_valid(buf_view(&half)) == half.n, "invalid by half-width");
	buf_clear(&one);
	buf_clear(&two);
	buf_clear(&half);
	buf_clear(&again);
}

int FUZZ_TARGET(text)(const uint8_t *p, size_t n)
{
	static const char *const names[] = { "severity", "category", "township_name", "隐患等级", "reported_at", "x" };
	struct fuzz_in in = { { (const char *)p, n } };
	unsigned width = fuzz_byte(&in) % 40;
	struct span s = fuzz_rest(&in);
	struct buf list = BUF_INIT;
	const char *near = text_nearest(s, names, 6);
	size_t i = 0;

	FUZZ_CHECK(text_valid(s) == valid(s, false), "valid: %zu, not %zu", text_valid(s), valid(s, false));
	FUZZ_CHECK(text_clean(s) == valid(s, true), "clean: %zu, not %zu", text_clean(s), valid(s, true));
	check_shown(s, width);
	check_canonical(s);
	while (near && i < 6 && near != names[i])
		i++;
	FUZZ_CHECK(i < 6, "a name of its own");
	for (i = 0; i < 6; i++)
		if (span_is(s, names[i]))
			FUZZ_CHECK(near == names[i], "%s is nearest to itself", names[i]);
	text_list(&list, names, 6, width);
	FUZZ_CHECK(text_valid(buf_view(&list)) == list.n, "not UTF-8");
	buf_clear(&list);
	fuzz_free(s);
	return 0;
}

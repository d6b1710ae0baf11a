/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <utf8proc.h>

#include "base/utf8.h"

#define ESCAPE_MAX 12	/* \u{10ffff} and the NUL */
#define NAME_MAX_CHARS 64	/* longer names are not compared */

/* Must a character be shown as an escape? */
static bool is_steering(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} table[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0x61c, 0x61c }, { 0x180e, 0x180e },
		{ 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
		{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
	};

	if (cp >= 0x20 && cp < 0x7f)
		return false;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (cp >= table[i].first && cp <= table[i].last)
			return true;
	return false;
}

/* What is to be shown for the character of s at i. */
struct shown {
	size_t bytes;			/* of s it takes */
	size_t width;			/* columns */
	char escape[ESCAPE_MAX];	/* "" when the bytes themselves are shown */
};

/* How the character of s at i (i < s.n) is shown. */
static struct shown show_next(struct span s, size_t i)
{
	struct shown r = { .escape = "" };
	uint32_t cp = 0;

	r.bytes = utf8_next(s, i, &cp);
	if (r.bytes == 0) {
		r.bytes = 1;
		r.width = (size_t)snprintf(r.escape, sizeof r.escape, "\\x{%02x}", (unsigned char)s.p[i]);
	} else if (is_steering(cp)) {
		r.width = (size_t)snprintf(r.escape, sizeof r.escape, "\\u{%x}", cp);
	} else {
		int w = cp < 0x7f ? 1 : utf8proc_charwidth((utf8proc_int32_t)cp);

		r.width = w > 0 ? (size_t)w : 0;
	}
	return r;
}

size_t text_width(struct span s)
{
	size_t width = 0;

	for (size_t i = 0; i < s.n;) {
		struct shown c = show_next(s, i);

		width += c.width;
		i += c.bytes;
	}
	return width;
}

void text_escape(struct buf *out, struct span s, bool keep_lf)
{
	size_t from = 0, i = 0;

	buf_put(out, "", 0);
	while (i < s.n) {
		uint32_t cp;
		size_t k = utf8_next(s, i, &cp);

		if (k > 0 && (!is_steering(cp) || (keep_lf && cp == '\n'))) {
			i += k;
			continue;
		}
		buf_put(out, s.p + from, i - from);
		buf_puts(out, show_next(s, i).escape);
		i += k > 0 ? k : 1;
		from = i;
	}
	if (i > from)
		buf_put(out, s.p + from, i - from);
}

/* count blanks. */
static void put_blanks(struct buf *out, size_t count)
{
	buf_reserve(out, count);
	while (count-- > 0)
		buf_putc(out, ' ');
}

void text_pad(struct buf *out, struct span s, size_t width, bool right)
{
	size_t used = 0, end = 0;

	while (end < s.n) {
		struct shown c = show_next(s, end);

		if (used + c.width > width)
			break;
		used += c.width;
		end += c.bytes;
	}
	if (right)
		put_blanks(out, width - used);
	text_escape(out, (struct span){ s.p, end }, false);
	if (!right)
		put_blanks(out, width - used);
}

/* The characters of a name; false when it has too many or is not UTF-8. */
static bool name_chars(struct span s, uint32_t out[NAME_MAX_CHARS], size_t *n)
{
	*n = 0;
	for (size_t i = 0, k; i < s.n; i += k) {
		if (*n == NAME_MAX_CHARS || (k = utf8_next(s, i, &out[*n])) == 0)
			return false;
		++*n;
	}
	return true;
}

/* Edit distance in which two neighbours that changed places count once; `most` where it is not under that. */
static size_t edit_distance(const uint32_t *a, size_t an, const uint32_t *b, size_t bn, size_t most)
{
	size_t rows[3][NAME_MAX_CHARS + 1], least = 0;

	if ((an > bn ? an - bn : bn - an) >= most)
		return most;
	for (size_t j = 0; j <= bn; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= an; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3], least_above = least;

		row[0] = least = i;
		for (size_t j = 1; j <= bn; j++) {
			size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
			if (best < least)
				least = best;
		}
		/* whatever follows starts from this row, or skips it by two that changed places */
		if (least >= most && least_above + 1 >= most)
			return most;
	}
	return rows[an % 3][bn];
}

const char *text_nearest(struct span s, const char *const *names, size_t n)
{
	uint32_t a[NAME_MAX_CHARS], b[NAME_MAX_CHARS];
	size_t an, bn, best, limit;
	const char *near = NULL;

	if (!name_chars(s, a, &an))
		return NULL;
	limit = an < 6 ? 1 : an / 3;
	best = limit + 1;
	for (size_t i = 0; i < n; i++) {
		size_t d;

		if (!name_chars(span_of(names[i]), b, &bn))
			continue;
		d = edit_distance(a, an, b, bn, best);
		/* where nothing is left of either it is another word, not a slip */
		if (d < best && d < (an > bn ? an : bn)) {
			best = d;
			near = names[i];
		}
	}
	return near;
}

void text_list(struct buf *out, const char *const *names, size_t n, size_t most)
{
	buf_put(out, "", 0);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_puts(out, ", ");
		if (i == most) {
			buf_puts(out, "…");
			return;
		}
		buf_puts(out, names[i]);
	}
}

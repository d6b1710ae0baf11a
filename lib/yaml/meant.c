/* SPDX-License-Identifier: MIT */
#include "yaml/meant.h"
#include <ctype.h>
#include <string.h>
#include "base/text.h"

#define LONGEST 64	/* bytes of a text that is guessed at */

/* What an input method gives for the characters that YAML is built of. */
static const char *const wide_chars[][2] = {
	{ "：", ": " }, { "，", "," }, { "、", "," }, { "［", "[" }, { "］", "]" }, { "【", "[" }, { "】", "]" },
	{ "｛", "{" }, { "｝", "}" }, { "“", "\"" }, { "”", "\"" }, { "‘", "'" }, { "’", "'" }, { "＂", "\"" },
	{ "－", "-" }, { "＃", "#" },
};
#define NWIDE (sizeof wide_chars / sizeof *wide_chars)

/* Whole texts, and what they stand for. */
static const char *const whole[][2] = {
	{ "on", "yes" }, { "off", "no" }, { "y", "yes" }, { "n", "no" }, { "1", "yes" }, { "0", "no" },
	{ "是", "yes" }, { "否", "no" }, { "无", "none" }, { "月底", "month end" }, { "月末", "month end" },
	{ "monday", "1" }, { "tuesday", "2" }, { "wednesday", "3" }, { "thursday", "4" }, { "friday", "5" },
	{ "saturday", "6" }, { "sunday", "7" }, { "周一", "1" }, { "周二", "2" }, { "周三", "3" }, { "周四", "4" },
	{ "周五", "5" }, { "周六", "6" }, { "周日", "7" },
};

/* Parts of texts, the longer ones first. */
static const char *const parts[][2] = {
	{ "个工作日", "wd" }, { "工作日", "wd" }, { "个小时", "h" }, { "小时", "h" }, { "分钟", "m" }, { "天", "d" },
	{ "minutes", "m" }, { "minute", "m" }, { "mins", "m" }, { "min", "m" }, { "hours", "h" }, { "hour", "h" },
	{ "days", "d" }, { "day", "d" }, { "年", "-" }, { "月", "-" }, { "日", "" }, { "至", "-" }, { "—", "-" },
	{ "–", "-" }, { "~", "-" }, { "/", "-" }, { ".", "-" }, { "_", "-" }, { "%", "" }, { "+", "" },
};

/* Does s begin with the text? */
static bool begins(struct span s, const char *text)
{
	size_t n = strlen(text);
	return s.n >= n && memcmp(s.p, text, n) == 0;
}

/* The rest of s behind its first n bytes. */
static struct span behind(struct span s, size_t n)
{
	return (struct span){ s.p + n, s.n - n };
}

/* ASCII for full-width characters, without quotes of any kind; U+00A0 becomes a blank; no blank at either end. */
static void fold(struct buf *out, struct span s)
{
	struct buf b = BUF_INIT;
	text_halfwidth(&b, s);
	for (struct span in = buf_view(&b); in.n > 0;) {
		if (begins(in, "\xC2\xA0")) {
			buf_putc(out, ' ');
			in = behind(in, 2);
		} else if (begins(in, "“") || begins(in, "”") || begins(in, "‘") || begins(in, "’")) {
			in = behind(in, 3);
		} else {
			if (*in.p != '"' && *in.p != '\'' && (*in.p != ' ' || out->n > 0))
				buf_putc(out, *in.p);
			in = behind(in, 1);
		}
	}
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		out->p[--out->n] = '\0';
	buf_clear(&b);
}

/* In small letters and without blanks. */
static void squeeze(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ')
			buf_putc(out, (char)tolower((unsigned char)s.p[i]));
}

/* Words of everyday as those of policies. */
static void reword(struct buf *out, struct span s)
{
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		if (span_is(s, whole[i][0])) {
			buf_puts(out, whole[i][1]);
			return;
		}
	while (s.n > 0) {
		size_t i = 0;
		while (i < sizeof parts / sizeof *parts && !begins(s, parts[i][0]))
			i++;
		if (i == sizeof parts / sizeof *parts)
			buf_putc(out, *s.p);
		else
			buf_puts(out, parts[i][1]);
		s = behind(s, i == sizeof parts / sizeof *parts ? 1 : strlen(parts[i][0]));
	}
}

/* With a nought before single digits: 2026-1-5, 8:00. */
static void pad(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool digit = isdigit((unsigned char)s.p[i]), before = i > 0 && isdigit((unsigned char)s.p[i - 1]),
		     after = i + 1 < s.n && isdigit((unsigned char)s.p[i + 1]);
		if (digit && !before && !after)
			buf_putc(out, '0');
		buf_putc(out, s.p[i]);
	}
}

/* A number without the noughts it begins with. */
static void unpad(struct buf *out, struct span s)
{
	while (s.n > 1 && *s.p == '0')
		s = behind(s, 1);
	buf_put(out, s.p, s.n);
}

bool meant_put(struct buf *out, const struct yaml_node *n, bool (*fits)(void *arg, const struct yaml_node *guess),
	       void *arg)
{
	static void (*const steps[])(struct buf *out, struct span s) = { fold, squeeze, reword, pad, unpad };
	struct yaml_node guess = *n;
	struct buf now = BUF_INIT;
	bool found = false;
	if (n->kind != YAML_SCALAR || n->text.n == 0 || n->text.n > LONGEST)
		return false;
	guess.plain = true;
	if (!n->plain && fits(arg, &guess)) {
		buf_puts(out, "; write it without quotes");
		return true;
	}
	buf_put(&now, n->text.p, n->text.n);
	for (size_t i = 0; i < sizeof steps / sizeof *steps && !found; i++) {
		struct buf next = BUF_INIT;
		steps[i](&next, buf_view(&now));
		buf_clear(&now);
		now = next;
		guess.text = buf_view(&now);
		found = guess.text.n > 0 && fits(arg, &guess);
	}
	if (found)
		buf_printf(out, "; did you mean \"%s\"?", now.p);
	buf_clear(&now);
	return found;
}

size_t meant_wide(struct span s, const char **wide, const char **ascii)
{
	for (size_t at = 0; at < s.n; at++)
		for (size_t i = 0; (unsigned char)s.p[at] >= 0x80 && i < NWIDE; i++)
			if (begins(behind(s, at), wide_chars[i][0])) {
				*wide = wide_chars[i][0];
				*ascii = wide_chars[i][1];
				return at;
			}
	return s.n;
}

bool meant_put_wide(struct buf *out, struct span s)
{
	const char *wide, *ascii;
	if (meant_wide(s, &wide, &ascii) == s.n)
		return false;
	char quote = *ascii == '"' ? '\'' : '"';
	buf_printf(out, "; the \"%s\" is full-width, YAML wants %c%s%c", wide, quote, ascii, quote);
	return true;
}

/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>
#include "runhelp.h"

/* One code point, also one that UTF-8 does not allow, as bytes. */
static size_t encode(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 63));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 63));
		out[2] = (char)(0x80 | (cp & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 63));
	out[2] = (char)(0x80 | (cp >> 6 & 63));
	out[3] = (char)(0x80 | (cp & 63));
	return 4;
}

START_TEST(test_valid_every_code_point)
{
	for (uint32_t cp = 0; cp < 0x120000; cp++) {
		bool good = cp <= 0x10ffff && (cp < 0xd800 || cp > 0xdfff);
		bool clean = good && cp >= 0x20 && (cp < 0x7f || cp >= 0xa0);
		char one[4];
		size_t n = encode(cp, one);

		if (text_valid((struct span){ one, n }) != (good ? n : 0)
		    || text_clean((struct span){ one, n }) != (clean ? n : 0))
			ck_abort_msg("U+%04X", cp);
		for (size_t cut = 1; cut < n; cut++)
			if (text_valid((struct span){ one, cut }) != 0)
				ck_abort_msg("U+%04X cut", cp);
	}
}
END_TEST

START_TEST(test_invalid_at_every_place)
{
	static const char *const bad[] = { "\xff", "\x80", "\xc0\xaf", "\xc1\xaa\xcd\xa8", "\xe0\x80\xaf", "\xed\xa0\x80",
		"\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xe9\x9a", "\xf0\xac\xb1", "\xe9x", "\xc3" };
	char text[120];

	for (size_t b = 0; b < sizeof bad / sizeof *bad; b++)
		for (size_t at = 0; at < 60; at++)
			for (int han = 0; han < 2; han++) {
				size_t n = at;

				memset(text, 'a', sizeof text);
				for (size_t i = 0; han && i + 3 <= at; i += 3)
					memcpy(text + i, "隐", 3);
				memcpy(text + n, bad[b], strlen(bad[b]));
				/* at the very end, and with more behind */
				ck_assert_uint_eq(text_valid((struct span){ text, n + strlen(bad[b]) }), at);
				ck_assert_uint_eq(text_valid((struct span){ text, sizeof text }), at);
				ck_assert_uint_eq(text_clean((struct span){ text, sizeof text }), at);
			}
}
END_TEST

START_TEST(test_clean_stops_at_controls)
{
	char text[80];

	for (int c = 0; c < 0x80; c++)
		for (size_t at = 0; at < 40; at++) {
			bool control = c < 0x20 || c == 0x7f;

			memset(text, '~', sizeof text);
			text[at] = (char)c;
			ck_assert_uint_eq(text_clean((struct span){ text, sizeof text }), control ? at : sizeof text);
			ck_assert_uint_eq(text_valid((struct span){ text, sizeof text }), sizeof text);
		}
	ck_assert_uint_eq(text_clean(SPAN("隐患\xc2\x85x")), 6);
	ck_assert_uint_eq(text_clean(SPAN("隐患\xc2\xa0，x")), 12);
	ck_assert_uint_eq(text_clean((struct span){ NULL, 0 }), 0);
	ck_assert_uint_eq(text_valid((struct span){ NULL, 0 }), 0);
}
END_TEST

START_TEST(test_width)
{
	ck_assert_uint_eq(text_width(SPAN("abc")), 3);
	ck_assert_uint_eq(text_width(SPAN("隐患a，")), 7);
	ck_assert_uint_eq(text_width(SPAN("e\xcc\x81")), 1);
	ck_assert_uint_eq(text_width(SPAN("\x1b")), 6);
	ck_assert_uint_eq(text_width(SPAN("\n")), 5);
	ck_assert_uint_eq(text_width(SPAN("\xff")), 6);
	ck_assert_uint_eq(text_width(SPAN("\xe2\x80\xae")), 8);
	ck_assert_uint_eq(text_width(SPAN("")), 0);
}
END_TEST

/* The escaped form of s. */
static const char *escaped(struct span s, bool keep_lf)
{
	static struct buf b;

	buf_clear(&b);
	if (s.p != NULL)
		text_escape(&b, s, keep_lf);
	return b.p;
}

START_TEST(test_escape)
{
	ck_assert_str_eq(escaped(SPAN("隐患 ok"), false), "隐患 ok");
	ck_assert_str_eq(escaped(SPAN(""), false), "");
	ck_assert_str_eq(escaped(SPAN("a\nb\tc"), true), "a\nb\\u{9}c");
	ck_assert_str_eq(escaped(SPAN("a\nb"), false), "a\\u{a}b");
	ck_assert_str_eq(escaped((struct span){ "a\0b", 3 }, false), "a\\u{0}b");
	ck_assert_str_eq(escaped(SPAN("\x1b[31m\x7f"), false), "\\u{1b}[31m\\u{7f}");
	ck_assert_str_eq(escaped(SPAN("\xff\xc3" "A\xe9\x9a"), false), "\\x{ff}\\x{c3}A\\x{e9}\\x{9a}");
	ck_assert_str_eq(escaped(SPAN("\xe2\x80\xa8"), true), "\\u{2028}");
	escaped((struct span){ NULL, 0 }, false);
}
END_TEST

START_TEST(test_escape_leaves_nothing_that_steers)
{
	static const uint32_t steering[] = { 0, 7, 9, 0xd, 0x1b, 0x7f, 0x80, 0x9b, 0x9f, 0x61c, 0x200b, 0x200c, 0x200d,
		0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0xfeff, 0xe0001 };
	char one[4], expected[20];

	for (size_t i = 0; i < sizeof steering / sizeof *steering; i++) {
		snprintf(expected, sizeof expected, "\\u{%x}", steering[i]);
		ck_assert_str_eq(escaped((struct span){ one, encode(steering[i], one) }, true), expected);
	}
	for (uint32_t cp = 0; cp < 0x10000; cp++) {
		size_t n = encode(cp, one);
		const char *s = escaped((struct span){ one, n }, true);

		if (cp != '\n' && text_clean(span_of(s)) != strlen(s))
			ck_abort_msg("U+%04X", cp);
		if (text_width((struct span){ one, n }) != text_width(span_of(s)) && cp != '\n')
			ck_abort_msg("U+%04X width", cp);
	}
	escaped((struct span){ NULL, 0 }, false);
}
END_TEST

START_TEST(test_pad)
{
	static const struct {
		const char *s;
		size_t width;
		bool right;
		const char *expected;
	} rows[] = {
		{ "ab", 4, false, "ab  " }, { "ab", 4, true, "  ab" }, { "隐患", 5, false, "隐患 " }, { "隐患", 3, false, "隐 " },
		{ "隐患", 3, true, " 隐" }, { "abc", 2, false, "ab" }, { "abc", 0, false, "" }, { "", 2, true, "  " },
		{ "e\xcc\x81x", 1, false, "e\xcc\x81" }, { "a\x1b" "b", 7, false, "a\\u{1b}" }, { "a\x1b" "b", 6, false, "a     " },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf b = BUF_INIT;

		text_pad(&b, span_of(rows[i].s), rows[i].width, rows[i].right);
		ck_assert_str_eq(b.p, rows[i].expected);
		ck_assert_uint_eq(text_width(buf_view(&b)), rows[i].width);
		buf_clear(&b);
	}
}
END_TEST

START_TEST(test_halfwidth)
{
	struct buf b = BUF_INIT;

	text_halfwidth(&b, SPAN("Ａｚ０９！～　：－，。隐｟\xef\xbc"));
	ck_assert_str_eq(b.p, "Az09!~ :-,。隐｟\xef\xbc");
	buf_clear(&b);
}
END_TEST

START_TEST(test_canonical)
{
	static const char *const rows[][2] = {
		{ "  隐患　", "隐患" }, { "a\r\nb\rc\nd", "a␤b␤c␤d" }, { "\n\r\n a\n\nb \n", "a␤␤b" }, { "a\tb", "a b" },
		{ "e\xcc\x81", "é" }, { "\xef\xa4\x80", "豈" }, { "か\xe3\x82\x99", "が" }, { "\xe2\x84\xa6", "Ω" },
		{ "", "" }, { " \n ", "" }, { "\xe1\x84\x80\xe1\x85\xa1\n", "가" }, { "e\xcc\x81\r\n\xe2\x84\xa6", "é␤Ω" },
		{ "ＡＢ（一）①⼀", "ＡＢ（一）①⼀" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf b = BUF_INIT;
		struct err e = ERR_INIT;

		buf_puts(&b, ">");
		ck_assert_msg(text_canonical(&b, span_of(rows[i][0]), &e) == 0, "%s", e.text);
		ck_assert_str_eq(b.p + 1, rows[i][1]);
		buf_clear(&b);
	}
}
END_TEST

START_TEST(test_canonical_is_nfc_for_all)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	/* each character behind a letter and before a combining mark of its own kind */
	for (uint32_t cp = 0xa1; cp < 0x30000; cp++) {
		static const char *const after[] = { "x", "\xe3\x82\x99", "\xcc\x81" };
		char text[16] = "a", *nfc;
		size_t n;

		if ((cp >= 0xd800 && cp <= 0xdfff) || cp == 0x2424)
			continue;
		n = 1 + encode(cp, text + 1);
		for (int i = 0; i < (cp < 0x10000 ? 3 : 1); i++) {
			strcpy(text + n, after[i]);
			nfc = (char *)utf8proc_NFC((const utf8proc_uint8_t *)text);
			buf_reset(&b);
			if (text_canonical(&b, span_of(text), &e) < 0 || strcmp(b.p, nfc) != 0)
				ck_abort_msg("U+%04X %s", cp, e.text);
			free(nfc);
		}
	}
	buf_clear(&b);
}
END_TEST

START_TEST(test_canonical_messages)
{
	static const struct {
		struct span s;
		const char *text;
	} rows[] = {
		{ { "ab\xd2\xfe", 4 }, "byte 3 (0xd2) is not valid UTF-8; save the file as UTF-8 or name its encoding" },
		{ { "a\0b", 3 }, "a NUL byte at byte 2; remove it" },
		{ { "隐\x1b", 4 }, "the control character U+001B at byte 4; remove it" },
		{ { "\x7f", 1 }, "the control character U+007F at byte 1; remove it" },
		{ { "\xc2\x85", 2 }, "the control character U+0085 at byte 1; remove it" },
		{ { "a␤", 4 }, "the character ␤ (U+2424) at byte 2, which ledgers use for line breaks; write a line break"
		    " instead" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf b = BUF_INIT;
		struct err e = ERR_INIT;

		ck_assert_int_eq(text_canonical(&b, rows[i].s, &e), -1);
		ck_assert_str_eq(e.text, rows[i].text);
		ck_assert_int_eq(e.status, ERR_DATA);
		buf_clear(&b);
	}
}
END_TEST

/* What is called canonical is taken over as it stands, and what most values are made of is called so. */
START_TEST(canonical_stands)
{
	static const char *const yes[] = { "", "a b", "1号楼", "未清洗,无水\"", "caf\xc3\xa9", "\xef\xbc\x8c", "x-\xf0\xa0\x80\x80" };
	static const char *const no[] = { " a", "a\xe3\x80\x80", "a\tb", "a\nb", "a\x7f", "\xc2\x85", "e\xcc\x81", "\xff", "\xe7\x9a",
		"a\xe2\x90\xa4", "\xed\xa0\x80" };
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		ck_assert_msg(text_is_canonical(span_of(yes[i])), "%s", yes[i]);
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		ck_assert_msg(!text_is_canonical(span_of(no[i])), "%zu", i);
	for (uint32_t cp = 1; cp < 0x30000; cp++) {
		char text[16];
		int n = cp < 0x80 ? snprintf(text, sizeof text, "a%cb", (char)cp) : cp < 0x800 ? snprintf(text, sizeof text,
		    "a%c%cb", (char)(0xc0 | cp >> 6), (char)(0x80 | (cp & 63))) : cp < 0x10000 ? snprintf(text, sizeof text,
		    "a%c%c%cb", (char)(0xe0 | cp >> 12), (char)(0x80 | (cp >> 6 & 63)), (char)(0x80 | (cp & 63)))
		    : snprintf(text, sizeof text, "a%c%c%c%cb", (char)(0xf0 | cp >> 18), (char)(0x80 | (cp >> 12 & 63)),
		    (char)(0x80 | (cp >> 6 & 63)), (char)(0x80 | (cp & 63)));
		struct span said = { text, (size_t)n };

		if (!text_is_canonical(said))
			continue;
		buf_reset(&b);
		ck_assert_msg(text_canonical(&b, said, &e) == 0, "U+%04X", cp);
		ck_assert_msg(span_eq(buf_view(&b), said), "U+%04X", cp);
	}
	buf_clear(&b);
}
END_TEST

START_TEST(test_unfold)
{
	struct buf b = BUF_INIT;

	text_unfold(&b, SPAN("a␤␤隐␤"));
	ck_assert_str_eq(b.p, "a\n\n隐\n");
	buf_reset(&b);
	text_unfold(&b, (struct span){ NULL, 0 });
	ck_assert_str_eq(b.p, "");
	buf_clear(&b);
}
END_TEST

START_TEST(test_nearest)
{
	static const char *const names[] = { "minor", "general", "major", "隐患等级", "x" };

	ck_assert_str_eq(text_nearest(SPAN("generel"), names, 5), "general");
	ck_assert_str_eq(text_nearest(SPAN("mjaor"), names, 5), "major");
	ck_assert_str_eq(text_nearest(SPAN("minro"), names, 5), "minor");
	ck_assert_str_eq(text_nearest(SPAN("隐患级"), names, 5), "隐患等级");
	ck_assert_str_eq(text_nearest(SPAN("major"), names, 5), "major");
	ck_assert_ptr_null(text_nearest(SPAN("serious"), names, 5));
	ck_assert_ptr_null(text_nearest(SPAN("y"), names, 5));
	ck_assert_ptr_null(text_nearest(SPAN("\xff"), names, 5));
	ck_assert_ptr_null(text_nearest(SPAN(""), names, 5));
	ck_assert_ptr_null(text_nearest(SPAN("major"), names, 0));
}
END_TEST

START_TEST(test_list)
{
	static const char *const names[] = { "a", "b", "c" };
	struct buf b = BUF_INIT;

	text_list(&b, names, 3, 3);
	ck_assert_str_eq(b.p, "a, b, c");
	buf_reset(&b);
	text_list(&b, names, 3, 2);
	ck_assert_str_eq(b.p, "a, b, …");
	buf_reset(&b);
	text_list(&b, names, 0, 2);
	ck_assert_str_eq(b.p, "");
	buf_clear(&b);
}
END_TEST

START_TEST(test_decode)
{
	struct buf b = BUF_INIT, big = BUF_INIT;
	struct err e = ERR_INIT;

	ck_assert_int_eq(text_decode(&b, SPAN("\xd2\xfe\xbb\xbc,\xc1\xaa\xcd\xa8,\x82\x30\xb7\x31"), "gb18030", &e), 0);
	ck_assert_str_eq(b.p, "隐患,联通,㛃");
	buf_reset(&b);
	ck_assert_int_eq(text_decode(&b, (struct span){ "\xff\xfe\x90\x96,\0", 6 }, "utf-16", &e), 0);
	ck_assert_str_eq(b.p, "隐,");
	buf_reset(&b);
	ck_assert_int_eq(text_decode(&b, SPAN(""), "gbk", &e), 0);
	ck_assert_str_eq(b.p, "");
	for (int i = 0; i < 50000; i++)
		buf_puts(&big, "\xd2\xfe");
	ck_assert_int_eq(text_decode(&b, buf_view(&big), "gbk", &e), 0);
	ck_assert_uint_eq(b.n, 150000);
	ck_assert_uint_eq(text_valid(buf_view(&b)), 150000);
	buf_clear(&big);
	buf_clear(&b);
}
END_TEST

START_TEST(test_decode_messages)
{
	static const struct {
		struct span s;
		const char *encoding, *text;
	} rows[] = {
		{ { "ab\xff\xff", 4 }, "gb18030", "byte 3 (0xff) is not gb18030; name the encoding the file was saved in" },
		{ { "abc\xd2", 4 }, "gbk", "byte 4: the text ends inside a character of gbk" },
		{ { "\xc1\xaa", 2 }, "utf-8", "byte 1 (0xc1) is not utf-8; name the encoding the file was saved in" },
		{ { "a", 1 }, "gbx", "unknown encoding \"gbx\"; write utf-8, gb18030, gbk, utf-16 or another name that iconv -l"
		    " lists" },
		{ { "a", 1 }, "", "unknown encoding \"\"; write utf-8, gb18030, gbk, utf-16 or another name that iconv -l"
		    " lists" },
		{ { "a", 1 }, "gbk//IGNORE", "unknown encoding \"gbk//IGNORE\"; write utf-8, gb18030, gbk, utf-16 or another"
		    " name that iconv -l lists" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf b = BUF_INIT;
		struct err e = ERR_INIT;

		buf_puts(&b, "kept");
		ck_assert_int_eq(text_decode(&b, rows[i].s, rows[i].encoding, &e), -1);
		ck_assert_str_eq(e.text, rows[i].text);
		ck_assert_int_eq(e.status, i < 3 ? ERR_DATA : ERR_USAGE);
		ck_assert_str_eq(b.p, "kept");
		buf_clear(&b);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("text");
	TCase *c = tcase_create("text");

	tcase_add_test(c, canonical_stands);
	tcase_add_test(c, test_valid_every_code_point);
	tcase_add_test(c, test_invalid_at_every_place);
	tcase_add_test(c, test_clean_stops_at_controls);
	tcase_add_test(c, test_width);
	tcase_add_test(c, test_escape);
	tcase_add_test(c, test_escape_leaves_nothing_that_steers);
	tcase_add_test(c, test_pad);
	tcase_add_test(c, test_halfwidth);
	tcase_add_test(c, test_canonical);
	tcase_add_test(c, test_canonical_is_nfc_for_all);
	tcase_add_test(c, test_canonical_messages);
	tcase_add_test(c, test_unfold);
	tcase_add_test(c, test_nearest);
	tcase_add_test(c, test_list);
	tcase_add_test(c, test_decode);
	tcase_add_test(c, test_decode_messages);
	suite_add_tcase(s, c);
	return h_run(s);
}

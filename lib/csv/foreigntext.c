/* SPDX-License-Identifier: MIT */
#include "csv/foreignint.h"
#include <strings.h>
#include "base/text.h"

#define SNIFF 4096u
#define UTF8_SURE 8u	/* characters */

size_t foreign_lines(struct span s)
{
	const char *p = s.p, *end = s.p + s.n;
	size_t n = 0;

	for (; p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		n++;
	for (p = s.p; p < end && (p = memchr(p, '\r', (size_t)(end - p))) != NULL; p++)
		n += p + 1 == end || p[1] != '\n';
	return n;
}

size_t foreign_column(struct span text, size_t at)
{
	size_t col = 1;

	for (size_t i = at; i > 0 && text.p[i - 1] != '\n' && text.p[i - 1] != '\r'; i--)
		col += ((unsigned char)text.p[i - 1] & 0xc0) != 0x80;
	return col;
}

size_t foreign_next_line(struct span text, size_t at)
{
	while (at < text.n && text.p[at] != '\n' && text.p[at] != '\r')
		at++;
	if (at < text.n && text.p[at] == '\r' && at + 1 < text.n && text.p[at + 1] == '\n')
		at++;
	return at < text.n ? at + 1 : at;
}

/* It converts cleanly. */
static bool reads_as(struct span s, const char *encoding)
{
	struct buf out = BUF_INIT;
	struct err quiet = ERR_INIT;
	int r = text_decode(&out, s, encoding, &quiet);

	buf_clear(&out);
	return r == 0;
}

const char *foreign_guess(struct span raw)
{
	return reads_as(raw, "gb18030") ? "; the row alone reads as gb18030" : "";
}

/* A UTF-16 file without BOM gives itself away by NULs at even or at odd bytes only; NULL if it is none. */
static const char *utf16_of(struct span s)
{
	size_t n = s.n < SNIFF ? s.n : SNIFF, nul[2] = { 0, 0 };

	for (size_t i = 0; i < n; i++)
		nul[i % 2] += s.p[i] == 0;
	if (s.n % 2 || nul[0] + nul[1] < 2 || (nul[0] + nul[1]) * 64 < n)
		return NULL;
	return nul[0] == 0 ? "utf-16le" : nul[1] == 0 ? "utf-16be" : NULL;
}

/* More lines are broken than are well-formed UTF-8 beyond ASCII: the file is of another encoding, not damaged. */
static bool is_mostly_invalid(struct span s)
{
	size_t good = 0, bad = 0;
	struct span line;

	while (span_split(&s, '\n', &line)) {
		bool ascii = true;

		for (size_t i = 0; ascii && i < line.n; i++)
			ascii = (unsigned char)line.p[i] < 0x80;
		if (!ascii && text_valid(line) == line.n)
			good++;
		else if (!ascii)
			bad++;
	}
	return bad > good;
}

/* Refuses a text that is not UTF-8 as a whole; 0 when only some rows are broken. */
static int refuse(const char *name, struct span s, size_t at, bool said, struct err *e)
{
	size_t line = 1 + foreign_lines((struct span){ s.p, at }), col = foreign_column(s, at);
	unsigned char c = (unsigned char)s.p[at];

	if (!said && is_mostly_invalid(s)) {
		if (reads_as(s, "gb18030"))
			return err_set(e, ERR_DATA, "%s:%zu:%zu: invalid UTF-8 (byte 0x%02X), but the file reads cleanly as gb18030; "
			    "if it is that, say --encoding=gb18030", name, line, col, c);
		return err_set(e, ERR_DATA, "%s:%zu:%zu: invalid UTF-8 (byte 0x%02X); name the file's encoding with --encoding",
		    name, line, col, c);
	}
	return 0;
}

/* A text that was said to be of another encoding is UTF-8 all the same: of so many characters beyond ASCII that no text of
 * another encoding looks so by chance (four hanzi in GB2312 do in 0.05 % of cases). */
static bool is_utf8_all_the_same(struct span s)
{
	size_t beyond = 0;

	if (memchr(s.p, 0, s.n) != NULL || text_valid(s) != s.n)
		return false;
	for (size_t i = 0; i < s.n && beyond < UTF8_SURE; i++)
		beyond += (unsigned char)s.p[i] >= 0xc0;
	return beyond >= UTF8_SURE;
}

/* Converts to *own. */
static int decode(const char *name, struct span bytes, const char *encoding, struct buf *own, struct span *text,
    struct err *e)
{
	if (text_decode(own, bytes, encoding, e) != 0)
		return err_prefix(e, "%s", name);
	*text = buf_view(own);
	return 0;
}

/* The file begins with these bytes. */
static bool begins(struct span s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && memcmp(s.p, with, n) == 0;
}

/* The bytes behind the first n. */
static struct span behind(struct span s, size_t n)
{
	return (struct span){ s.p + n, s.n - n };
}

int foreign_text(const char *name, struct span bytes, const char *encoding, struct buf *own, struct span *text,
    bool *clean, bool *valid, struct err *e)
{
	bool said = encoding != NULL;
	struct err why = ERR_INIT;
	const char *utf16;
	size_t ok;

	*text = bytes;
	*valid = true;
	if (bytes.n == 0)
		return err_set(e, ERR_DATA, "%s: the file is empty", name);
	if (said && strcasecmp(encoding, "utf-8") != 0 && strcasecmp(encoding, "utf8") != 0) {
		if (decode(name, bytes, encoding, own, text, &why) != 0 && why.status != ERR_DATA)
			return err_set(e, why.status, "%s", why.text);
		if (is_utf8_all_the_same(bytes))
			return err_set(e, ERR_DATA, "%s: is UTF-8 and not %s; leave --encoding out", name, encoding);
		if (why.status != ERR_OK)
			return err_set(e, why.status, "%s", why.text);
	} else if (!said && begins(bytes, "\xff\xfe")) {
		if (decode(name, behind(bytes, 2), "utf-16le", own, text, e) != 0)
			return -1;
	} else if (!said && begins(bytes, "\xfe\xff")) {
		if (decode(name, behind(bytes, 2), "utf-16be", own, text, e) != 0)
			return -1;
	}
	if (begins(*text, "\xef\xbb\xbf"))
		*text = behind(*text, 3);
	*clean = *clean && own->p == NULL;
	if (*clean)
		return 0;
	utf16 = said ? NULL : utf16_of(*text);
	if (utf16)
		return err_set(e, ERR_DATA, "%s: NUL bytes as in UTF-16 without a BOM; if it is that, say --encoding=%s",
		    name, utf16);
	ok = text_valid(*text);
	*valid = ok == text->n;
	return *valid ? 0 : refuse(name, *text, ok, said, e);
}

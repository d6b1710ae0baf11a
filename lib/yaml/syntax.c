/* SPDX-License-Identifier: MIT */
#include "yaml/syntax.h"
#include <string.h>
#include "base/mem.h"
#include "base/text.h"

/* The 1-based line and column (in characters) of a byte; CR, LF and CRLF end a line. */
static void position(struct span b, size_t at, size_t *line, size_t *col)
{
	*line = *col = 1;
	for (size_t i = 0; i < at && i < b.n; i++) {
		unsigned char c = (unsigned char)b.p[i];
		if (c == '\n' || (c == '\r' && !(i + 1 < b.n && b.p[i + 1] == '\n'))) {
			++*line;
			*col = 1;
		} else if ((c & 0xC0) != 0x80) {
			++*col;
		}
	}
}

/* The text of a line, 1-based. */
static struct span line_of(struct span b, size_t line)
{
	size_t from = 0, to;
	for (size_t i = 0; i < b.n && line > 1; i++)
		if (b.p[i] == '\n' || (b.p[i] == '\r' && !(i + 1 < b.n && b.p[i + 1] == '\n'))) {
			line--;
			from = i + 1;
		}
	if (line > 1)
		return (struct span){ b.p + b.n, 0 };
	for (to = from; to < b.n && b.p[to] != '\n' && b.p[to] != '\r'; to++)
		;
	return (struct span){ b.p + from, to - from };
}

/* The offset of the 1-based character col in s. */
static size_t offset_of(struct span s, size_t col)
{
	size_t i = 0;
	while (i < s.n && col > 1) {
		i++;
		while (i < s.n && ((unsigned char)s.p[i] & 0xC0) == 0x80)
			i++;
		col--;
	}
	return i;
}

/* Byte i, or 0 behind the end. */
static unsigned char byte(struct span b, size_t i)
{
	return i < b.n ? (unsigned char)b.p[i] : 0;
}

/* The first byte that cannot stand in a YAML file of ours, in valid UTF-8; n when there is none. */
static size_t first_control(struct span b)
{
	for (size_t i = 0; i < b.n; i++) {
		unsigned char c = (unsigned char)b.p[i], next, third;
		/* most of it: ASCII that prints, and the bytes of Chinese */
		if (c - 0x20u < 0x5f || (c >= 0x80 && c != 0xC2 && c != 0xE2 && c != 0xEF))
			continue;
		next = byte(b, i + 1);
		third = byte(b, i + 2);
		if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7F)
			return i;
		if ((c == 0xC2 && next < 0xA0) ||
		    (c == 0xE2 && next == 0x80 && (third == 0xA8 || third == 0xA9)))
			return i;
		if (c == 0xEF && next == 0xBB && third == 0xBF)
			return i;
	}
	return b.n;
}

bool yaml_bytes(const char *name, struct span *bytes, struct diag *d)
{
	size_t line, col;
	if (bytes->n >= 3 && memcmp(bytes->p, "\xEF\xBB\xBF", 3) == 0) {
		bytes->p += 3;
		bytes->n -= 3;
	}
	size_t at = text_valid(*bytes);
	if (at < bytes->n) {
		position(*bytes, at, &line, &col);
		diag_pos(d, name, line, col,
			 "byte 0x%02X is not UTF-8; save the file as UTF-8 (for GBK: iconv -f gb18030 -t utf-8)",
			 (unsigned char)bytes->p[at]);
		return false;
	}
	at = first_control(*bytes);
	if (at < bytes->n) {
		position(*bytes, at, &line, &col);
		diag_pos(d, name, line, col, "a control character (byte 0x%02X) is not allowed in a YAML file",
			 (unsigned char)bytes->p[at]);
		return false;
	}
	return true;
}

/* Does a line's indent hold a tab?  Its column then. */
static bool tab_indent(struct span line, size_t *col)
{
	for (size_t i = 0; i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
		if (line.p[i] == '\t') {
			*col = i + 1;
			return true;
		}
	return false;
}

/* The end of the quoted text that begins at i, or the end of the line. */
static size_t skip_quoted(struct span line, size_t i)
{
	char quote = line.p[i++];
	while (i < line.n && line.p[i] != quote)
		i += quote == '"' && line.p[i] == '\\' ? 2 : 1;
	return i < line.n ? i + 1 : line.n;
}

/* A pattern without quotes that begins in line before offset upto: its text, slashes included, as meant. */
static bool bare_pattern(struct span line, size_t upto, struct span *pattern)
{
	bool value = true;	/* a value may begin here */
	for (size_t i = 0; i < line.n && i <= upto;) {
		char c = line.p[i];
		if (value && (c == '"' || c == '\'')) {
			i = skip_quoted(line, i);
			value = false;
			continue;
		}
		if (value && c == '/' && (i == 0 || strchr(" ,[{", line.p[i - 1]))) {
			const char *end = memrchr(line.p + i + 1, '/', line.n - i - 1);
			*pattern = (struct span){ line.p + i, end ? (size_t)(end - line.p) + 1 - i : line.n - i };
			return true;
		}
		if (c != ' ')
			value = strchr(":,[{-", c) != NULL;
		i++;
	}
	return false;
}

/* Our words for the commoner problems of libyaml; a %zu stands for the line where it began. */
static const struct {
	const char *theirs, *ours;
} words[] = {
	{ "did not find expected ',' or '}'",
	  "a comma or } is missing before this; the braces were opened on line %zu" },
	{ "did not find expected ',' or ']'",
	  "a comma or ] is missing before this; the brackets were opened on line %zu" },
	{ "did not find expected key",
	  "this is no key of the map that begins on line %zu; check the indent, quotes and braces" },
	{ "did not find expected '-' indicator",
	  "this is no item of the list that begins on line %zu; check the indent and the -" },
	{ "could not find expected ':'", "the key on line %zu has no colon (key: value)" },
	{ "mapping values are not allowed in this context",
	  "a second \": \" cannot stand here; check the indent, or quote the text that has a colon" },
	{ "found unknown escape character",
	  "an unknown \\ escape in double quotes; use single quotes or write \\\\" },
	{ "found unexpected end of stream", "the quote opened on line %zu is never closed" },
	{ "found character that cannot start any token",
	  "a text cannot begin with this character; put it in quotes" },
	{ "did not find expected <document start>", "the file goes on after its end; check the indent" },
	{ "found duplicate %YAML directive", "%YAML is given twice" },
	{ "block sequence entries are not allowed in this context",
	  "a list item (- ) cannot stand here; begin it on a new line" },
};

/* libyaml's problem in our words. */
static void put_problem(struct buf *out, const yaml_parser_t *p, size_t line)
{
	size_t began = p->context ? p->context_mark.line + 1 : line;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (p->problem && strcmp(p->problem, words[i].theirs) == 0) {
			const char *at = strstr(words[i].ours, "%zu");
			if (!at) {
				buf_puts(out, words[i].ours);
				return;
			}
			buf_put(out, words[i].ours, (size_t)(at - words[i].ours));
			buf_printf(out, "%zu%s", began, at + 3);
			return;
		}
	buf_printf(out, "not valid YAML: %s", p->problem ? p->problem : "unknown error");
	if (p->context)
		buf_printf(out, " (%s, line %zu)", p->context, began);
}

void yaml_syntax(const char *name, struct span bytes, const yaml_parser_t *p, struct diag *d)
{
	size_t line = p->problem_mark.line + 1, col = p->problem_mark.column + 1;
	if (p->error == YAML_MEMORY_ERROR)
		mem_exhausted();
	if (p->error == YAML_READER_ERROR)
		position(bytes, p->problem_offset, &line, &col);
	struct span text = line_of(bytes, line), pattern;
	struct buf out = BUF_INIT;
	if (tab_indent(text, &col))
		buf_puts(&out, "a tab in the indent; YAML takes only blanks there");
	else if (bare_pattern(text, offset_of(text, col), &pattern))
		buf_printf(&out, "quote the pattern: '%.*s'", (int)pattern.n, pattern.p);
	else
		put_problem(&out, p, line);
	diag_pos(d, name, line, col, "%s", out.p);
	buf_clear(&out);
}

/* SPDX-License-Identifier: MIT */
#include "yaml/syntax.h"
#include <ctype.h>
#include <string.h>
#include "base/mem.h"
#include "base/text.h"
#include "yaml/meant.h"

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

/* The 1-based character column of an offset in s. */
static size_t column(struct span s, size_t at)
{
	size_t line, col;
	position(s, at, &line, &col);
	return col;
}

/* Byte i, or 0 behind the end. */
static unsigned char byte(struct span b, size_t i)
{
	return i < b.n ? (unsigned char)b.p[i] : 0;
}

size_t yaml_control(struct span b)
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

unsigned yaml_control_code(struct span b, size_t at)
{
	unsigned char c = byte(b, at), next = byte(b, at + 1), third = byte(b, at + 2);
	if (c == 0xEF)
		return 0xFEFF;
	return c < 0x80 ? c : c == 0xC2 ? next : 0x2000u | (next & 0x3Fu) << 6 | (third & 0x3Fu);
}

/* One complaint about the control character at a byte of valid UTF-8. */
static void complain_control(const char *name, struct span b, size_t at, struct diag *d)
{
	size_t line, col;
	unsigned char c = byte(b, at);
	position(b, at, &line, &col);
	if (c == 0xEF)
		diag_pos(d, name, line, col, "a byte order mark is not allowed inside of a YAML file; delete it");
	else if (c < 0x80)
		diag_pos(d, name, line, col, "a control character (byte 0x%02X) is not allowed in a YAML file; delete it", c);
	else
		diag_pos(d, name, line, col, "a control character (U+%04X) is not allowed in a YAML file; delete it",
			 yaml_control_code(b, at));
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
	at = yaml_control(*bytes);
	if (at < bytes->n) {
		complain_control(name, *bytes, at, d);
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
	{ "did not find expected whitespace or line break", "a text cannot begin with !; put it in quotes" },
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

/* A key at the begin of a line whose colon has no blank behind it: the colon's offset; line.n when there is none. */
static size_t tight_colon(struct span line)
{
	size_t i = 0, from;
	while (i < line.n && strchr(" -", line.p[i]))
		i++;
	for (from = i; i < line.n && (isalnum((unsigned char)line.p[i]) || strchr("-_", line.p[i]));)
		i++;
	bool tight = i > from && i + 1 < line.n && line.p[i] == ':' && line.p[i + 1] != ' ' && line.p[i + 1] != '/';
	return tight ? i : line.n;
}

/* `; the "，" in column 12 is full-width, YAML wants ","` for the last one without quotes before the offset upto. */
static void put_wide(struct buf *out, struct span line, size_t upto)
{
	const char *wide = NULL, *ascii = NULL, *w, *a;
	size_t at = 0;
	for (size_t i = 0; i < line.n && i < upto && line.p[i] != '#';) {
		if ((line.p[i] == '"' || line.p[i] == '\'') && i > 0 && strchr(" ,[{", line.p[i - 1])) {
			i = skip_quoted(line, i);
			continue;
		}
		if (meant_wide((struct span){ line.p + i, line.n - i }, &w, &a) == 0) {
			wide = w;
			ascii = a;
			at = i;
		}
		i++;
	}
	char quote = ascii && *ascii == '"' ? '\'' : '"';
	if (wide)
		buf_printf(out, "; the \"%s\" in column %zu is full-width, YAML wants %c%s%c", wide, column(line, at), quote,
			   ascii, quote);
}

/* A key that YAML did not see as one, because no blank stands behind its colon; complains about it where it stands. */
static bool complain_tight(const char *name, struct span bytes, size_t line, struct diag *d)
{
	struct span text = line_of(bytes, line);
	size_t at = tight_colon(text), from = at;
	if (at == text.n)
		return false;
	while (from > 0 && !strchr(" ", text.p[from - 1]))
		from--;
	diag_pos(d, name, line, column(text, at), "a blank is missing behind the colon; write \"%.*s: \"", (int)(at - from),
		 text.p + from);
	return true;
}

/* The nearest line before this one that is neither empty nor a comment; 0 when there is none. */
static size_t line_before(struct span bytes, size_t line)
{
	while (--line > 0) {
		struct span text = span_trim(line_of(bytes, line));
		if (text.n > 0 && *text.p != '#')
			break;
	}
	return line;
}

void yaml_syntax(const char *name, struct span bytes, const yaml_parser_t *p, struct diag *d)
{
	size_t line = p->problem_mark.line + 1, col = p->problem_mark.column + 1;
	const char *problem = p->problem ? p->problem : "";
	if (p->error == YAML_MEMORY_ERROR)
		mem_exhausted();
	if (p->error == YAML_READER_ERROR)
		position(bytes, p->problem_offset, &line, &col);
	struct span text = line_of(bytes, line), pattern;
	struct buf out = BUF_INIT;
	bool no_colon = strcmp(problem, "could not find expected ':'") == 0;
	if (tab_indent(text, &col)) {
		buf_puts(&out, "a tab in the indent; YAML takes only blanks there");
	} else if (bare_pattern(text, offset_of(text, col), &pattern)) {
		buf_printf(&out, "quote the pattern: '%.*s'", (int)pattern.n, pattern.p);
	} else if ((no_colon && complain_tight(name, bytes, p->context_mark.line + 1, d)) ||
		   (strncmp(problem, "mapping values", 14) == 0 &&
		    complain_tight(name, bytes, line_before(bytes, line), d))) {
		return;
	} else {
		/* what began there is what is wrong; libyaml saw it later */
		if (p->context && (no_colon || strcmp(p->context, "while scanning a tag") == 0)) {
			line = p->context_mark.line + 1;
			col = p->context_mark.column + 1;
			text = line_of(bytes, line);
		}
		put_problem(&out, p, line);
		put_wide(&out, text, no_colon ? text.n : offset_of(text, col));
	}
	diag_pos(d, name, line, col, "%s", out.p);
	buf_clear(&out);
}

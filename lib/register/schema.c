/* SPDX-License-Identifier: MIT */
#include "register/schema.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/digest.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "register/tables.inc"

#define NTABLES (sizeof tables / sizeof tables[0])

/* Order of a name against a table, for bsearch. */
static int by_name(const void *name, const void *t)
{
	return span_cmp(*(const struct span *)name, span_of(((const struct table *)t)->name));
}

const struct table *schema_table(struct span name)
{
	return bsearch(&name, tables, NTABLES, sizeof tables[0], by_name);
}

const struct table *schema_tables(size_t *n)
{
	*n = NTABLES;
	return tables;
}

const struct table *schema_of_letter(char letter)
{
	for (size_t i = 0; letter && i < NTABLES; i++)
		if (tables[i].id_letter == letter)
			return &tables[i];
	return NULL;
}

/* The i-th of the strings that begin there. */
static const char *word_at(size_t from, size_t i)
{
	const char *word = words + from;

	while (i-- > 0)
		word += strlen(word) + 1;
	return word;
}

const char *schema_value(const struct column *c, size_t i)
{
	return word_at(c->values, i);
}

const char *schema_label(const struct column *c, size_t i)
{
	return word_at(c->labels, i);
}

const char *schema_alias(const struct column *c, size_t i)
{
	return word_at(c->aliases, i);
}

int schema_column(const struct table *t, struct span name)
{
	for (int i = 0; name.n > 0 && i < t->ncolumns; i++)
		if (t->columns[i].name[0] == name.p[0] && span_is(name, t->columns[i].name))
			return i;
	return -1;
}

/* ASCII in lower case. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Sets out to s as headers and labels are compared: trimmed, half-width, ASCII in lower case. */
static void fold(struct buf *out, struct span s)
{
	buf_reset(out);
	text_halfwidth(out, span_trim(s));
	for (size_t i = 0; i < out->n; i++)
		out->p[i] = lower(out->p[i]);
}

/* Whether the folded s is want, folded. */
static bool same(struct span s, const char *want)
{
	struct span w = span_trim(span_of(want));
	size_t n = 0;

	for (size_t i = 0; i < w.n; n++)
		if (n == s.n || s.p[n] != lower(text_halfwidth_next(w, &i)))
			return false;
	return n == s.n;
}

/* Whether the folded label names column c. */
static bool names_column(const struct column *c, struct span label)
{
	if (same(label, c->name) || same(label, c->title) || same(label, c->title_zh))
		return true;
	for (size_t i = 0; i < c->naliases; i++)
		if (same(label, schema_alias(c, i)))
			return true;
	return false;
}

int schema_column_label(const struct table *t, struct span label)
{
	struct buf l = BUF_INIT;
	int found = schema_column(t, label);

	if (found < 0) {
		fold(&l, label);
		for (int i = 0; i < t->ncolumns && found < 0; i++)
			if (names_column(&t->columns[i], buf_view(&l)))
				found = i;
	}
	buf_clear(&l);
	return found;
}

int schema_nearest_column(const struct table *t, struct span label)
{
	size_t n = 3 * (size_t)t->ncolumns;
	const char **v = mem_alloc(n * sizeof *v);
	int found = -1;

	for (int i = 0; i < t->ncolumns; i++) {
		v[3 * i] = t->columns[i].name;
		v[3 * i + 1] = t->columns[i].title;
		v[3 * i + 2] = t->columns[i].title_zh;
	}
	const char *near = text_nearest(label, v, n);
	for (size_t i = 0; near && i < n && found < 0; i++)
		if (v[i] == near)
			found = (int)(i / 3);
	free(v);
	return found;
}

void schema_header(const struct table *t, struct buf *out)
{
	for (int i = 0; i < t->ncolumns; i++) {
		if (i)
			buf_putc(out, ',');
		buf_puts(out, t->columns[i].name);
	}
	buf_putc(out, '\n');
}

int schema_enum(const struct column *c, struct span s)
{
	for (size_t i = 0; i < c->nvalues; i++)
		if (span_is(s, schema_value(c, i)) || span_is(s, schema_label(c, i)))
			return (int)i;
	return -1;
}

/* A value as messages show it: in quotes, a long one cut between characters. */
struct shown {
	char text[72];
};

static struct shown show(struct span v)
{
	struct shown s;
	bool cut = v.n > 60;

	if (cut)
		v.n = text_valid((struct span){ v.p, 60 });
	snprintf(s.text, sizeof s.text, "\"%.*s%s\"", (int)v.n, v.n ? v.p : "", cut ? "…" : "");
	return s;
}

#define SHOW(v) (show(v).text)
#define BAD(e, ...) err_set((e), ERR_DATA, __VA_ARGS__)

/* What no code holds, at p with n bytes left: its name, or NULL; *len is set to the length of the character. */
static const char *stranger(const unsigned char *p, size_t n, size_t *len)
{
	*len = 1;
	if (p[0] == ',')
		return "a comma";
	if (p[0] == '"')
		return "a quote";
	if (p[0] == ' ')
		return "a blank";
	if (p[0] < 0x20 || p[0] == 0x7f)
		return "a control character";
	if (p[0] < 0xc2)
		return NULL;
	*len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (*len > n)
		*len = n;
	if (*len == 2 && p[0] == 0xc2 && p[1] <= 0xa0)	/* C1 controls, no-break space */
		return p[1] == 0xa0 ? "a blank" : "a control character";
	if (*len != 3)
		return NULL;
	unsigned u = (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	if (u == 0x3000)
		return "a blank";
	if (u == 0x2424)
		return "a line break";
	if ((u >= 0x2000 && u <= 0x200f) || (u >= 0x2028 && u <= 0x202f) || (u >= 0x205f && u <= 0x206f) || u == 0xfeff)
		return "an invisible character";
	return NULL;
}

/* The first thing in a code or list that must not be there, or NULL. */
static const char *code_fault(struct span v, bool list)
{
	const unsigned char *p = (const unsigned char *)v.p;

	for (size_t i = 0, len; i < v.n; i += len) {
		const char *what = stranger(p + i, v.n - i, &len);
		if (what)
			return what;
		if (!list && p[i] == ';')
			return "a semicolon";
		if (list && p[i] == ';' && (i == 0 || i + 1 == v.n || p[i + 1] == ';'))
			return "an empty item";
	}
	return NULL;
}

/* A code, a reference, a name of a place or a list of codes. */
static int check_code(const struct column *c, struct span v, struct err *e)
{
	const char *what = code_fault(v, c->type == COLUMN_LIST);

	if (what)
		return BAD(e, "%s holds %s, which a %s must not", SHOW(v), what, c->type == COLUMN_LIST ? "list" : "code");
	if (span_is(v, "-"))
		return BAD(e, "\"-\" clears nothing here: leave the field empty");
	return 0;
}

/* An id with the column's letter. */
static int check_id(const struct column *c, struct span v, struct err *e)
{
	const struct table *t = schema_of_letter(c->letter);
	struct schema_id id;

	assert(t != NULL);
	if (schema_id_parse(v, &id) && id.letter == c->letter)
		return 0;
	return BAD(e, "%s is not an id of %s: write it like T01-%c2026-000001", SHOW(v), t->name, c->letter);
}

/* One of the values of the law. */
static int check_enum(const struct column *c, struct span v, struct err *e)
{
	const char *values[UINT8_MAX];
	struct buf list = BUF_INIT;

	for (size_t i = 0; i < c->nvalues; i++) {
		values[i] = schema_value(c, i);
		if (span_is(v, values[i]))
			return 0;
	}
	text_list(&list, values, c->nvalues, 20);
	if (c->nvalues == 1)
		BAD(e, "%s is not %s or empty", SHOW(v), list.p);
	else
		BAD(e, "%s is not one of %s", SHOW(v), list.p);
	buf_clear(&list);
	return -1;
}

/* A time of the register; what time_parse understands is shown as it should be written. */
static int check_time(struct span v, int offset, struct err *e)
{
	char right[TIME_LEN + 1];
	int64_t t;

	if (time_read(v, offset, &t))
		return 0;
	if (time_parse(v, offset, &t, NULL, e))
		return -1;
	time_write(t, offset, right);
	return BAD(e, "%s is not a time: write %s", SHOW(v), right);
}

/* The same for a date. */
static int check_date(struct span v, struct err *e)
{
	char right[DATE_LEN + 1];
	int32_t day;

	if (date_read(v, &day))
		return 0;
	if (date_parse(v, &day, e))
		return -1;
	date_write(day, right);
	return BAD(e, "%s is not a date: write %s", SHOW(v), right);
}

/* The number of digits at the start of v. */
static size_t digits(struct span v)
{
	size_t n = 0;

	while (n < v.n && v.p[n] >= '0' && v.p[n] <= '9')
		n++;
	return n;
}

/* Yuan with one or two decimals, as clerks write them: the fen meant. */
static bool yuan(struct span v, uint64_t max, uint64_t *fen)
{
	size_t whole = digits(v);
	uint64_t y, f;

	if (whole == 0 || whole >= v.n || v.p[whole] != '.' || !span_u64((struct span){ v.p, whole }, max / 100 - 1, &y))
		return false;
	struct span rest = { v.p + whole + 1, v.n - whole - 1 };
	if (rest.n > 2 || !span_u64(rest, 99, &f))
		return false;
	*fen = y * 100 + (rest.n == 1 ? f * 10 : f);
	return true;
}

/* A whole number of things or of fen. */
static int check_integer(const struct column *c, struct span v, struct err *e)
{
	const char *of = c->type == COLUMN_FEN ? " of fen" : "";
	uint64_t n;

	if (c->type == COLUMN_FEN && yuan(v, (uint64_t)c->high, &n))
		return BAD(e, "%s is not a whole number of fen: write %llu for %.*s yuan", SHOW(v), (unsigned long long)n,
		    (int)v.n, v.p);
	if (digits(v) != v.n)
		return BAD(e, "%s is not a whole number%s: write digits only", SHOW(v), of);
	if (!span_u64(v, (uint64_t)c->high, &n) || n < (uint64_t)c->low)
		return BAD(e, "%s is not a number from %lld to %lld", SHOW(v), (long long)c->low, (long long)c->high);
	if (v.n > 1 && v.p[0] == '0')
		return BAD(e, "%s begins with 0: write %llu", SHOW(v), (unsigned long long)n);
	return 0;
}

/* Decimal text with at most 15 digits before and three after the point. */
static int check_qty(const struct column *c, struct span v, struct err *e)
{
	struct span rest = v;

	if (c->low < 0 && rest.n && rest.p[0] == '-')
		rest = (struct span){ rest.p + 1, rest.n - 1 };
	size_t whole = digits(rest);
	bool ok = whole >= 1 && whole <= 15 && (rest.p[0] != '0' || whole == 1);
	if (ok && whole < rest.n) {
		struct span part = { rest.p + whole + 1, rest.n - whole - 1 };
		ok = rest.p[whole] == '.' && part.n >= 1 && part.n <= 3 && digits(part) == part.n;
	}
	if (ok)
		return 0;
	return BAD(e, "%s is not a quantity: write digits with at most three decimal places, like 12.5", SHOW(v));
}

int schema_check(const struct column *c, struct span v, int offset, struct err *e)
{
	if (v.n == 0)
		return c->required ? BAD(e, "empty, but a value is required") : 0;
	if (v.n > c->max)
		return BAD(e, "longer than %zu bytes", c->max);
	if (c->clears && span_is(v, "-"))
		return 0;
	switch (c->type) {
	case COLUMN_ID:
		return check_id(c, v, e);
	case COLUMN_CODE:
	case COLUMN_PLACE:
	case COLUMN_REF:
	case COLUMN_LIST:
		return check_code(c, v, e);
	case COLUMN_ENUM:
		return check_enum(c, v, e);
	case COLUMN_TIME:
		return check_time(v, offset, e);
	case COLUMN_DATE:
		return check_date(v, e);
	case COLUMN_INTEGER:
	case COLUMN_FEN:
		return check_integer(c, v, e);
	case COLUMN_QTY:
		return check_qty(c, v, e);
	case COLUMN_DIGEST:
		if (digest_is_hex(v, (size_t)c->digits))
			return 0;
		return BAD(e, "%s is not %d hex digits in lower case", SHOW(v), c->digits);
	case COLUMN_TEXT:
		break;
	}
	return 0;
}

bool schema_office_ok(struct span office)
{
	if (office.n < 1 || office.n > SCHEMA_OFFICE_MAX)
		return false;
	for (size_t i = 0; i < office.n; i++)
		if (!((office.p[i] >= 'A' && office.p[i] <= 'Z') || (office.p[i] >= '0' && office.p[i] <= '9')))
			return false;
	return true;
}

bool schema_id_parse(struct span s, struct schema_id *out)
{
	const char *dash = s.n ? memchr(s.p, '-', s.n) : NULL;
	uint64_t year, number;

	if (!dash || !schema_office_ok((struct span){ s.p, (size_t)(dash - s.p) }))
		return false;
	struct span rest = { dash + 1, s.n - (size_t)(dash + 1 - s.p) };	/* H2026-000123 */
	if (rest.n < 12 || rest.n > 15 || rest.p[5] != '-' || !memchr(id_letters, rest.p[0], sizeof id_letters - 1))
		return false;
	struct span num = { rest.p + 6, rest.n - 6 };
	if (!span_u64((struct span){ rest.p + 1, 4 }, 9999, &year) || year < 1000)
		return false;
	if (!span_u64(num, SCHEMA_NUMBER_MAX, &number) || number == 0 || (num.n > 6 && num.p[0] == '0'))
		return false;
	*out = (struct schema_id){ { s.p, (size_t)(dash - s.p) }, rest.p[0], (int)year, (uint32_t)number };
	return true;
}

size_t schema_id_write(const struct schema_id *id, char out[SCHEMA_ID_MAX + 1])
{
	char digits[12], *d = digits + sizeof digits, *to = out;
	unsigned year = (unsigned)id->year;

	if (id->office.n > SCHEMA_OFFICE_MAX || year > 9999)
		return 0;
	memcpy(to, id->office.p, id->office.n);
	to += id->office.n;
	*to++ = '-';
	*to++ = id->letter;
	for (int i = 3; i >= 0; i--, year /= 10)
		to[i] = (char)('0' + year % 10);
	to += 4;
	*to++ = '-';
	for (uint32_t v = id->number; v > 0 || d > digits + sizeof digits - 6; v /= 10)
		*--d = (char)('0' + v % 10);
	memcpy(to, d, (size_t)(digits + sizeof digits - d));
	to += digits + sizeof digits - d;
	*to = '\0';
	return (size_t)(to - out);
}

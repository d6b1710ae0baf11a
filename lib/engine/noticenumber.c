/* SPDX-License-Identifier: MIT */
#include "engine/noticenumber.h"

#include <stdlib.h>

#include "base/time.h"
#include "register/ledger.h"

/* The prefix, year and serial of 永安办督〔2026〕12号; false for a number of another form. */
static bool number_parse(struct span number, struct span *prefix, int *year, uint64_t *serial)
{
	static const char open[] = "〔", close[] = "〕", end[] = "号";
	const char *a = memmem(number.p, number.n, open, 3), *b = memmem(number.p, number.n, close, 3);
	uint64_t y;

	if (!a || !b || b < a || number.n < 3 || memcmp(number.p + number.n - 3, end, 3))
		return false;
	if (!span_u64((struct span){ a + 3, (size_t)(b - a - 3) }, 9999, &y) ||
	    !span_u64((struct span){ b + 3, (size_t)(number.p + number.n - 3 - (b + 3)) }, UINT32_MAX,
	    serial))
		return false;
	*prefix = (struct span){ number.p, (size_t)(a - number.p) };
	*year = (int)y;
	return true;
}

/* Where the last serial of a prefix and year is kept. */
static uint64_t *slot(struct notice_serials *s, struct span prefix, int year)
{
	struct buf key = BUF_INIT;
	uint32_t before = s->keys.n, k;

	buf_printf(&key, "%04d", year);
	buf_span(&key, prefix);
	k = names_add(&s->keys, buf_view(&key));
	buf_clear(&key);
	MEM_GROW(s->last, s->cap, (size_t)k + 1);
	if (k == before)
		s->last[k] = 0;
	return &s->last[k];
}

static int on_notice(void *arg, const struct scan_row *row)
{
	uint64_t serial, *last;
	struct span prefix;
	int year;

	if (number_parse(row->f[0], &prefix, &year, &serial)) {
		last = slot(arg, prefix, year);
		if (serial > *last)
			*last = serial;
	}
	return 0;
}

int notice_serials_load(struct notice_serials *s, struct reg *r, const struct moment *m, struct err *e)
{
	int col = schema_column(schema_table(SPAN("notices")), SPAN("number"));
	void *arg = s;

	if (s->loaded)
		return 0;
	s->loaded = true;
	return ledger_scan(r, m, "notices", &col, 1, on_notice, &arg, 1, e);
}

void notice_serials_clear(struct notice_serials *s)
{
	names_clear(&s->keys);
	free(s->last);
	*s = (struct notice_serials){ .last = NULL };
}

uint64_t notice_serial(struct notice_serials *s, struct span prefix, int year)
{
	return ++*slot(s, prefix, year);
}

int notice_field(struct office *o, const char *table, struct span id, const char *column, int32_t day,
    struct span *value,
    struct err *e)
{
	struct master *m = office_master(o, table, e);
	struct master_row row;
	int found;

	*value = (struct span){ "", 0 };
	if (!m)
		return -1;
	found = id.n ? master_find(m, id, day, &row, e) : 0;
	if (found == 0 && id.n)
		found = master_find(m, id, DATE_NONE, &row, e);
	if (found > 0)
		*value = row.f[schema_column(master_table(m), span_of(column))];
	return found < 0 ? -1 : 0;
}

int notice_name(struct office *o, const char *table, struct span id, int32_t day, struct span *name,
    struct err *e)
{
	if (notice_field(o, table, id, "name", day, name, e))
		return -1;
	if (!name->n)
		*name = id;
	return 0;
}

/* The prefix with the issuer's name in it; his id where his name could not stand in a ledger's column of
 * codes. */
static int write_prefix(struct office *o, const struct notice_kind *k, struct span issuer, int64_t now,
    struct buf *out,
    struct err *e)
{
	static const char mark[] = "{issuer}";
	const struct table *t = schema_table(SPAN("notices"));
	const struct column *number = &t->columns[schema_column(t, SPAN("number"))];
	const char *p = k->prefix, *hit;
	struct err ignored = ERR_INIT;
	struct span name;

	if (notice_name(o, "organs", issuer, time_day(now, o->reg->offset), &name, e))
		return -1;
	if (!name.n || schema_check(number, name, o->reg->offset, &ignored) || memmem(name.p, name.n, "〔", 3))
		name = issuer;
	for (; (hit = strstr(p, mark)) != NULL; p = hit + sizeof mark - 1) {
		buf_put(out, p, (size_t)(hit - p));
		buf_span(out, name);
	}
	buf_puts(out, p);
	return 0;
}

int notice_number(struct notice_serials *s, struct office *o, const struct notice_kind *k, struct span issuer,
    int64_t now,
    struct buf *out, struct err *e)
{
	struct buf prefix = BUF_INIT;
	int year, month, day, rc = write_prefix(o, k, issuer, now, &prefix, e);

	date_civil(time_day(now, o->reg->offset), &year, &month, &day);
	if (!rc)
		buf_printf(out, "%s〔%d〕%llu号", prefix.n ? prefix.p : "", year,
		    (unsigned long long)notice_serial(s, buf_view(&prefix), year));
	buf_clear(&prefix);
	return rc;
}

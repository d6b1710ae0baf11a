/* SPDX-License-Identifier: MIT */
#include "engine/limitroll.h"

#include <stdio.h>
#include <stdlib.h>

#include "csv/writer.h"
#include "engine/rollupint.h"

/* The sums of a part: what began, what became of it, the times. */
static const char *const column[] = { "begun", "met", "late", "running", "overdue", "lapsed", "times" };
#define NSUMS (sizeof column / sizeof *column)
#define TIMES_MAX 65536		/* bytes of times in one row of a part, and a little */
_Static_assert(NSUMS == LIMIT_NOUTCOMES + 2 && NSUMS <= ROLLUP_SUMS_MAX, "one column each");

/* Where a column stands among those that a row brings. */
static size_t needed(const struct rollup *r, const char *name)
{
	for (size_t i = 0; i < r->nneeds; i++)
		if (strcmp(r->need[i], name) == 0)
			return i;
	return SIZE_MAX;
}

/* Around a rollup, which it then owns. */
static struct limitroll *around(struct rollup *r)
{
	struct limitroll *l = mem_zalloc(1, sizeof *l);

	l->rollup = r;
	l->organ = needed(r, "organ");
	l->limit = needed(r, "limit");
	l->clock = needed(r, "clock");
	return l;
}

/* Is a dimension named in a comma list? */
static bool named(const char *by, const char *dim)
{
	struct span rest = span_of(by), word;

	while (span_split(&rest, ',', &word))
		if (span_is(word, dim))
			return true;
	return false;
}

struct limitroll *limitroll_new(const struct rollup_spec *spec, struct err *e)
{
	struct rollup_spec mine = *spec;
	struct buf by = BUF_INIT;
	struct rollup *r;

	buf_puts(&by, spec->by);
	if (!named(spec->by, "limit"))
		buf_puts(&by, by.n > 0 ? ",limit" : "limit");
	if (!named(spec->by, "clock"))
		buf_puts(&by, ",clock");
	mine.by = by.p;
	mine.limits = true;
	r = rollup_new(&mine, e);
	buf_clear(&by);
	return r != NULL ? around(r) : NULL;
}

struct limitroll *limitroll_like(const struct limitroll *l)
{
	return around(rollup_like(l->rollup));
}

void limitroll_free(struct limitroll *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n; i++)
		histogram_clear(&l->sum[i].times);
	free(l->sum);
	rollup_free(l->rollup);
	free(l);
}

/* The sums of a group, made when it is new. */
static struct limit_sum *sum_at(struct limitroll *l, size_t group)
{
	for (; l->n <= group; l->n++) {
		MEM_GROW(l->sum, l->cap, l->n + 1);
		l->sum[l->n] = (struct limit_sum){ .n = { 0 } };
	}
	return &l->sum[group];
}

void limitroll_add(struct limitroll *l, struct span *v, const struct limit_run *run)
{
	static const struct span clock[] = { [CALENDAR_WALL] = { "wall", 4 }, [CALENDAR_HOURS] = { "hours", 5 },
		[CALENDAR_DAYS] = { "days", 4 } };
	struct limit_sum *s;

	v[l->limit] = span_of(run->limit->id);
	v[l->clock] = clock[run->clock];
	if (l->organ != SIZE_MAX)
		v[l->organ] = run->organ;
	s = sum_at(l, rollup_place(l->rollup, v));
	s->n[run->outcome]++;
	if (run->outcome == LIMIT_IN_TIME || run->outcome == LIMIT_LATE)
		histogram_add(&s->times, (uint64_t)run->taken, 1);
}

/* Add sums to those of a group. */
static void add(struct limitroll *l, const struct rollup_group *g, const struct limit_sum *sum)
{
	struct limit_sum *s = sum_at(l, g->number);

	for (size_t i = 0; i < LIMIT_NOUTCOMES; i++)
		s->n[i] += sum->n[i];
	histogram_join(&s->times, &sum->times);
}

void limitroll_join(struct limitroll *to, const struct limitroll *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct rollup_group *g = &from->rollup->group[i];

		add(to, rollup_at(to->rollup, g->id, g->name), &from->sum[i]);
	}
}

uint64_t limit_sum_begun(const struct limit_sum *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < LIMIT_NOUTCOMES; i++)
		n += s->n[i];
	return n;
}

/* The dimension of a name. */
static size_t dim_of(const struct rollup *r, const char *word)
{
	size_t d = 0;

	while (d < r->ndims && strcmp(r->dim[d].word, word) != 0)
		d++;
	return d;
}

struct limitroll *limitroll_totals(struct limitroll *l)
{
	struct rollup_spec spec = { .by = "" };
	struct err none = ERR_INIT;
	struct limitroll *t = limitroll_new(&spec, &none);
	size_t limit = dim_of(l->rollup, "limit"), clock = dim_of(l->rollup, "clock");

	for (size_t i = 0; i < l->n; i++) {
		const struct rollup_group *g = &l->rollup->group[i];

		add(t, rollup_at(t->rollup, (struct span[]){ g->id[limit], g->id[clock] }, (struct span[2]){ { NULL, 0 } }), &l->sum[i]);
	}
	return t;
}

/* A row of a part: n columns of it are there, s and times behind them. */
static void part_row(struct span *row, size_t n, const struct limit_sum *s, const struct buf *times, struct buf *out)
{
	char digits[LIMIT_NOUTCOMES + 1][24];

	for (size_t i = 0; i <= LIMIT_NOUTCOMES; i++)
		row[n++] = (struct span){ digits[i], (size_t)snprintf(digits[i], sizeof digits[i], "%llu",
		    (unsigned long long)(i == 0 ? limit_sum_begun(s) : s->n[i - 1])) };
	row[n++] = buf_view(times);
	writer_row(out, row, n);
}

/* The sums of a group: more than one row when there are more times than a reader takes in one field. */
static void part_rows(struct span *row, size_t n, struct limit_sum *sum, struct buf *out)
{
	struct limit_sum left = *sum;
	struct buf times = BUF_INIT;
	size_t next = 0;

	do {
		struct limit_sum s = left;
		uint64_t count;

		buf_reset(&times);
		next = histogram_write(&sum->times, next, TIMES_MAX, &times, &count);
		s.n[LIMIT_IN_TIME] = left.n[LIMIT_IN_TIME] < count ? left.n[LIMIT_IN_TIME] : count;
		s.n[LIMIT_LATE] = count - s.n[LIMIT_IN_TIME];
		part_row(row, n, &s, &times, out);
		left = (struct limit_sum){ .n = { [LIMIT_IN_TIME] = left.n[LIMIT_IN_TIME] - s.n[LIMIT_IN_TIME],
		    [LIMIT_LATE] = left.n[LIMIT_LATE] - s.n[LIMIT_LATE] } };
	} while (next > 0);
	buf_clear(&times);
}

void limitroll_part_write(struct limitroll *l, const struct rollup_part *p, struct buf *out)
{
	struct span row[ROLLUP_PART_COLUMNS];
	struct rollup_room room;
	size_t n = rollup_part_header(l->rollup, row, &room), ngroups;
	const struct rollup_group *g = rollup_groups(l->rollup, &ngroups);

	for (size_t i = 0; i < NSUMS; i++)
		row[n++] = span_of(column[i]);
	writer_row(out, row, n);
	for (size_t k = 0; k < ngroups; k++) {
		n = rollup_part_ids(l->rollup, p, &g[k], row);
		part_rows(row, n, limitroll_sum(l, &g[k]), out);
	}
}

bool limitroll_is_part(const struct span *header, size_t n)
{
	return n > 0 && span_is(header[n - 1], column[NSUMS - 1]);
}

struct limitroll *limitroll_part_open(const struct span *h, size_t n, struct err *e)
{
	size_t c;
	struct rollup *r = rollup_part_shape(h, n, column[0], &c, e);
	bool same;

	if (r == NULL)
		return NULL;
	same = n == c + NSUMS && dim_of(r, "limit") < r->ndims && dim_of(r, "clock") < r->ndims;
	for (size_t i = 0; same && i < NSUMS; i++)
		same = span_is(h[c + i], column[i]);
	if (same)
		return around(r);
	err_set(e, ERR_DATA, "not a part: its columns are not those of rectify-report --limits --partial");
	rollup_free(r);
	return NULL;
}

int limitroll_part_row(struct limitroll *l, const struct span *f, size_t n, struct err *e)
{
	struct limit_sum sum = { .n = { 0 } };
	size_t c = rollup_part_width(l->rollup);
	uint64_t begun = 0;
	int result;

	if (rollup_part_fits(l->rollup, NSUMS, n, e) < 0)
		return -1;
	for (size_t i = 0; i <= LIMIT_NOUTCOMES; i++)
		if (!span_u64(f[c + i], UINT32_MAX, i == 0 ? &begun : &sum.n[i - 1]))
			return err_set(e, ERR_DATA, "%s: \"%.*s\" is not a whole number", column[i], (int)f[c + i].n, f[c + i].p);
	result = histogram_read(&sum.times, f[n - 1], e);
	if (result == 0 && (begun != limit_sum_begun(&sum) ||
	    histogram_count(&sum.times) != sum.n[LIMIT_IN_TIME] + sum.n[LIMIT_LATE]))
		result = err_set(e, ERR_DATA, "begun is not what became of them together, or times are not of all that were met");
	if (result == 0)
		add(l, rollup_part_place(l->rollup, f), &sum);
	histogram_clear(&sum.times);
	return result;
}

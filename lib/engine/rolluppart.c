/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>

#include "csv/writer.h"
#include "engine/rollupint.h"

/* The sums of a part in column order, and where they lie in struct figures. */
static const struct {
	const char *column;
	size_t offset;
	enum rollup_figure figure;
} sums[] = {
	{ "found", offsetof(struct figures, found), ROLLUP_FOUND },
	{ "rectified", offsetof(struct figures, rectified), ROLLUP_RECTIFIED },
	{ "closed", offsetof(struct figures, closed), ROLLUP_CLOSED },
	{ "open", offsetof(struct figures, open), ROLLUP_OPEN },
	{ "overdue", offsetof(struct figures, overdue), ROLLUP_OVERDUE },
	{ "major", offsetof(struct figures, major), ROLLUP_MAJOR },
	{ "followed", offsetof(struct figures, followed), ROLLUP_FOLLOWED },
	{ "terminated", offsetof(struct figures, terminated), ROLLUP_TERMINATED },
	{ "void", offsetof(struct figures, void_), ROLLUP_VOID },
	{ "days", offsetof(struct figures, days), ROLLUP_DAYS },
	{ "ndays", offsetof(struct figures, ndays), ROLLUP_DAYS },
	{ "handovers", offsetof(struct figures, handovers), ROLLUP_HANDOVERS },
	{ "returns", offsetof(struct figures, returns), ROLLUP_RETURNS },
	{ "raised", offsetof(struct figures, raised), ROLLUP_RAISED },
	{ "climbed", offsetof(struct figures, climbed), ROLLUP_CLIMBED },
};
#define NSUMS (sizeof sums / sizeof *sums)
_Static_assert(NSUMS <= ROLLUP_SUMS_MAX, "room for the sums of a part");

/* How many of them parts of this shape have. */
static size_t nsums(const struct rollup *r)
{
	return r->counts ? NSUMS : NSUMS - 4;
}

size_t rollup_part_header(const struct rollup *r, struct span *out, struct rollup_room *room)
{
	size_t n = 0;

	out[n++] = SPAN("office");
	out[n++] = SPAN("head");
	out[n++] = SPAN("basis");
	out[n++] = SPAN("decimals");
	out[n++] = SPAN("target");
	for (size_t i = 0; i < r->ndims; i++)
		out[n++] = span_of(r->dim[i].word);
	for (size_t i = 0; i < r->ndims; i++)
		if (r->dim[i].name != SIZE_MAX) {
			snprintf(room->name[i], sizeof room->name[i], "%s_name", r->dim[i].word);
			out[n++] = span_of(room->name[i]);
		}
	return n;
}

size_t rollup_part_ids(const struct rollup *r, const struct rollup_part *p, const struct rollup_group *g, struct span *out)
{
	size_t n = 0;

	out[n++] = p->office;
	out[n++] = p->head;
	out[n++] = p->basis;
	out[n++] = p->decimals;
	out[n++] = p->target;
	for (size_t i = 0; i < r->ndims; i++)
		out[n++] = g->id[i];
	for (size_t i = 0; i < r->ndims; i++)
		if (r->dim[i].name != SIZE_MAX)
			out[n++] = g->name[i];
	return n;
}

/* The whole header. */
static size_t header(const struct rollup *r, struct span *out, struct rollup_room *room)
{
	size_t n = rollup_part_header(r, out, room);

	for (size_t i = 0; i < nsums(r); i++)
		out[n++] = span_of(sums[i].column);
	return n;
}

void rollup_part_write(struct rollup *r, const struct rollup_part *p, struct buf *out)
{
	struct span row[ROLLUP_PART_COLUMNS];
	struct rollup_room room;
	char digits[NSUMS][24];
	size_t ngroups;
	const struct rollup_group *g = rollup_groups(r, &ngroups);

	writer_row(out, row, header(r, row, &room));
	for (size_t k = 0; k < ngroups; k++) {
		size_t n = rollup_part_ids(r, p, &g[k], row);

		for (size_t i = 0; i < nsums(r); i++) {
			uint64_t v;

			memcpy(&v, (const char *)&g[k].sum + sums[i].offset, sizeof v);
			row[n++] = rollup_has(r, sums[i].figure) ?
			    (struct span){ digits[i], (size_t)snprintf(digits[i], 24, "%llu", (unsigned long long)v) } :
			    (struct span){ NULL, 0 };
		}
		writer_row(out, row, n);
	}
}

/* The dimension whose name a column WORD_name carries, or ndims. */
static size_t named_dim(const struct rollup *r, struct span column)
{
	size_t d;

	for (d = 0; d < r->ndims; d++) {
		size_t n = strlen(r->dim[d].word);

		if (column.n == n + 5 && !memcmp(column.p, r->dim[d].word, n) && !memcmp(column.p + n, "_name", 5))
			break;
	}
	return d;
}

struct rollup *rollup_part_shape(const struct span *h, size_t n, const char *first, size_t *sums_at, struct err *e)
{
	struct rollup *r;
	struct span again[ROLLUP_PART_COLUMNS];
	struct rollup_room room;
	size_t c = ROLLUP_PART_FIRST_DIM;
	bool same;

	if (n <= ROLLUP_PART_FIRST_DIM || n > ROLLUP_PART_COLUMNS || !span_is(h[0], "office") || !span_is(h[2], "basis")) {
		err_set(e, ERR_DATA, "not a part: rectify-report --partial writes parts (office,head,basis,…)");
		return NULL;
	}
	r = mem_zalloc(1, sizeof *r);
	for (; c < n && !span_is(h[c], first); c++) {
		size_t d = named_dim(r, h[c]);

		if (d < r->ndims)
			r->dim[d].name = c;
		else if (r->ndims < ROLLUP_DIMS_MAX)
			r->dim[r->ndims++] = (struct rollup_dim){ .word = arena_spandup(&r->mem, h[c]), .name = SIZE_MAX };
	}
	same = rollup_part_header(r, again, &room) == c;
	for (size_t i = 0; same && i < c; i++)
		same = span_eq(again[i], h[i]);
	*sums_at = c;
	if (same)
		return r;
	err_set(e, ERR_DATA, "not a part: its columns are not those of rectify-report --partial");
	rollup_free(r);
	return NULL;
}

struct rollup *rollup_part_open(const struct span *h, size_t n, struct err *e)
{
	size_t c;
	struct rollup *r = rollup_part_shape(h, n, "found", &c, e);
	bool same;

	if (r == NULL)
		return NULL;
	r->counts = n == c + NSUMS;
	same = n == c + nsums(r);
	for (size_t i = 0; same && i < nsums(r); i++)
		same = span_is(h[c + i], sums[i].column);
	if (same)
		return r;
	err_set(e, ERR_DATA, "not a part: its columns are not those of rectify-report --partial");
	rollup_free(r);
	return NULL;
}

size_t rollup_part_width(const struct rollup *r)
{
	size_t n = ROLLUP_PART_FIRST_DIM + r->ndims;

	for (size_t i = 0; i < r->ndims; i++)
		n += r->dim[i].name != SIZE_MAX;
	return n;
}

int rollup_part_fits(const struct rollup *r, size_t nsum, size_t n, struct err *e)
{
	size_t want = rollup_part_width(r) + nsum;

	return n == want ? 0 : err_set(e, ERR_DATA, "%zu fields, a part of this shape has %zu", n, want);
}

struct rollup_group *rollup_part_place(struct rollup *r, const struct span *f)
{
	struct span name[ROLLUP_DIMS_MAX] = { { NULL, 0 } };
	size_t c = ROLLUP_PART_FIRST_DIM + r->ndims;

	for (size_t i = 0; i < r->ndims; i++)
		if (r->dim[i].name != SIZE_MAX)
			name[i] = f[c++];
	return rollup_at(r, f + ROLLUP_PART_FIRST_DIM, name);
}

int rollup_part_row(struct rollup *r, const struct span *f, size_t n, struct err *e)
{
	struct figures sum = { 0 };
	size_t c = rollup_part_width(r);

	if (rollup_part_fits(r, nsums(r), n, e) < 0)
		return -1;
	for (size_t i = 0; i < nsums(r); i++) {
		uint64_t v = 0;

		if (f[c + i].n == 0)
			r->missing |= 1u << sums[i].figure;
		else if (!span_u64(f[c + i], UINT64_MAX / 2, &v))
			return err_set(e, ERR_DATA, "%s: \"%.*s\" is not a whole number", sums[i].column, (int)f[c + i].n, f[c + i].p);
		memcpy((char *)&sum + sums[i].offset, &v, sizeof v);
	}
	figures_add(&rollup_part_place(r, f)->sum, &sum);
	return 0;
}

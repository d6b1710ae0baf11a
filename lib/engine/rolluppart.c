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
};
#define NSUMS (sizeof sums / sizeof *sums)
#define COLUMNS_MAX (ROLLUP_PART_FIRST_DIM + 2 * ROLLUP_DIMS_MAX + NSUMS)

/* The header of parts of this shape. */
static size_t header(const struct rollup *r, struct span *out, char name[][80])
{
	size_t n = 0, names = 0;

	out[n++] = SPAN("office");
	out[n++] = SPAN("head");
	out[n++] = SPAN("basis");
	out[n++] = SPAN("decimals");
	out[n++] = SPAN("target");
	for (size_t i = 0; i < r->ndims; i++)
		out[n++] = span_of(r->dim[i].word);
	for (size_t i = 0; i < r->ndims; i++)
		if (r->dim[i].name != SIZE_MAX) {
			snprintf(name[names], 80, "%s_name", r->dim[i].word);
			out[n++] = span_of(name[names++]);
		}
	for (size_t i = 0; i < NSUMS; i++)
		out[n++] = span_of(sums[i].column);
	return n;
}

void rollup_part_write(struct rollup *r, const struct rollup_part *p, struct buf *out)
{
	struct span row[COLUMNS_MAX];
	char name[ROLLUP_DIMS_MAX][80], digits[NSUMS][24];
	size_t ngroups;
	const struct rollup_group *g = rollup_groups(r, &ngroups);

	writer_row(out, row, header(r, row, name));
	for (size_t k = 0; k < ngroups; k++) {
		size_t n = 0;

		row[n++] = p->office;
		row[n++] = p->head;
		row[n++] = p->basis;
		row[n++] = p->decimals;
		row[n++] = p->target;
		for (size_t i = 0; i < r->ndims; i++)
			row[n++] = g[k].id[i];
		for (size_t i = 0; i < r->ndims; i++)
			if (r->dim[i].name != SIZE_MAX)
				row[n++] = g[k].name[i];
		for (size_t i = 0; i < NSUMS; i++) {
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

struct rollup *rollup_part_open(const struct span *h, size_t n, struct err *e)
{
	struct rollup *r;
	struct span again[COLUMNS_MAX];
	char name[ROLLUP_DIMS_MAX][80];
	size_t c = ROLLUP_PART_FIRST_DIM;

	if (n < ROLLUP_PART_FIRST_DIM + NSUMS || n > COLUMNS_MAX || !span_is(h[0], "office") || !span_is(h[2], "basis")) {
		err_set(e, ERR_DATA, "not a part: rectify-report --partial writes parts (office,head,basis,…)");
		return NULL;
	}
	r = mem_zalloc(1, sizeof *r);
	for (; c < n && !span_is(h[c], "found"); c++) {
		size_t d = named_dim(r, h[c]);

		if (d < r->ndims)
			r->dim[d].name = c;
		else if (r->ndims < ROLLUP_DIMS_MAX)
			r->dim[r->ndims++] = (struct rollup_dim){ .word = arena_spandup(&r->mem, h[c]), .name = SIZE_MAX };
	}
	if (header(r, again, name) != n)
		goto bad;
	for (size_t i = 0; i < n; i++)
		if (!span_eq(again[i], h[i]))
			goto bad;
	return r;
bad:
	err_set(e, ERR_DATA, "not a part: its columns are not those of rectify-report --partial");
	rollup_free(r);
	return NULL;
}

int rollup_part_row(struct rollup *r, const struct span *f, size_t n, struct err *e)
{
	struct span name[ROLLUP_DIMS_MAX] = { { NULL, 0 } };
	struct figures sum = { 0 };
	size_t c = ROLLUP_PART_FIRST_DIM + r->ndims, want = c + NSUMS;

	for (size_t i = 0; i < r->ndims; i++)
		want += r->dim[i].name != SIZE_MAX;
	if (n != want)
		return err_set(e, ERR_DATA, "%zu fields, a part of this shape has %zu", n, want);
	for (size_t i = 0; i < r->ndims; i++)
		if (r->dim[i].name != SIZE_MAX)
			name[i] = f[c++];
	for (size_t i = 0; i < NSUMS; i++) {
		uint64_t v = 0;

		if (f[c + i].n == 0)
			r->missing |= 1u << sums[i].figure;
		else if (!span_u64(f[c + i], UINT64_MAX / 2, &v))
			return err_set(e, ERR_DATA, "%s: \"%.*s\" is not a whole number", sums[i].column, (int)f[c + i].n, f[c + i].p);
		memcpy((char *)&sum + sums[i].offset, &v, sizeof v);
	}
	figures_add(&rollup_at(r, f + ROLLUP_PART_FIRST_DIM, name)->sum, &sum);
	return 0;
}

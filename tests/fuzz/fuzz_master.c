/* SPDX-License-Identifier: MIT */
/* A master table from a CSV that somebody wrote: what is taken without a word is written, read and linted the same again. */
#include "base/time.h"
#include "engine/masterlint.h"
#include "fuzz.h"
#include "office.h"

fuzz_fn FUZZ_TARGET(master);

/* The file has every column that must be filled: gridctl completes a row of fewer from the one it replaces. */
static bool is_whole(const struct tablerows *r)
{
	for (int i = 0; i < r->table->ncolumns; i++)
		if (r->table->columns[i].required && !r->given[i])
			return false;
	return r->n > 0;
}

int FUZZ_TARGET(master)(const uint8_t *p, size_t n)
{
	static const char *const tables[] = { "grids", "organs", "officers", "posts", "subjects", "points", "devices", "campaigns" };
	struct fuzz_office *o = fuzz_office();
	struct fuzz_in in = { { (const char *)p, n } };
	const struct table *t = schema_table(span_of(tables[fuzz_byte(&in) % 8]));
	struct span bytes = fuzz_rest(&in);
	int32_t day = time_day(FUZZ_NOW, 28800);
	struct buf one = BUF_INIT, two = BUF_INIT;
	struct tablerows rows, again;
	struct err e = ERR_INIT;
	struct fuzz_said said;
	size_t errors;
	int r;

	fuzz_listen(&said, 30);
	r = tablerows_foreign(&rows, t, o->office, "f", bytes, NULL, day, &said.d, &e);
	if (r != 0)
		fuzz_error(&e);
	errors = said.d.errors;
	if (r == 0 && errors == 0 && is_whole(&rows)) {
		tablerows_write(&rows, &one);
		FUZZ_CHECK(tablerows_foreign(&again, t, o->office, "w", buf_view(&one), "utf-8", day, &said.d, &e) == 0 &&
		    said.d.errors == 0, "%s%s %s", one.p, e.text, (fflush(said.d.to), said.text));
		tablerows_write(&again, &two);
		FUZZ_CHECK(again.n == rows.n && span_eq(buf_view(&one), buf_view(&two)), "%s", two.p);
		tablerows_clear(&again);
		FUZZ_CHECK(masterlint_rows(o->office, &rows, "f", &said.d, &e) == 0, "%s", e.text);
		FUZZ_CHECK(masterlint_values(o->office, o->office->policy, &rows, "f", &said.d, &e) == 0, "%s", e.text);
	}
	fuzz_heard(&said, "f", bytes);
	tablerows_clear(&rows);
	buf_clear(&one);
	buf_clear(&two);
	fuzz_free(bytes);
	return 0;
}

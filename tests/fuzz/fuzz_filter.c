/* SPDX-License-Identifier: MIT */
/*
 * What --state, --match, --since, --by and --columns take, one line each, and
 * values to try them on: a copy for another thread decides the same.
 */
#include <stdlib.h>
#include "base/time.h"
#include "engine/rollup.h"
#include "fuzz.h"
#include "model/filter.h"
#include "model/list.h"
#include "office.h"

fuzz_fn FUZZ_TARGET(filter);

static void check_by(const char *by, bool free_levels)
{
	static const char *const levels[] = { "county", "township", "village" }, *const major[] = { "major" };
	struct rollup_spec spec = { .by = by, .levels = levels, .nlevels = free_levels ? 0 : 3, .major = major, .nmajor = 1 };
	struct err e = ERR_INIT;
	struct rollup *r = rollup_new(&spec, &e);
	struct span v[64] = { { NULL, 0 } };
	size_t n, optional;

	if (!r) {
		fuzz_error(&e);
		return;
	}
	FUZZ_CHECK(rollup_needs(r, &n, &optional) != NULL && n <= 64 && optional <= n, "%zu columns", n);
	FUZZ_CHECK(rollup_dims(r) <= ROLLUP_DIMS_MAX, "%zu", rollup_dims(r));
	for (size_t i = 0; i < rollup_dims(r); i++)
		fuzz_shown(span_of(rollup_dim(r, i)));
	rollup_add(r, v);
	FUZZ_CHECK(rollup_groups(r, &n) != NULL && n <= 1, "%zu groups of one row", n);
	rollup_free(r);
}

static void check_columns(const struct list_columns *all, const char *said)
{
	struct span rest = span_of(said), one;

	while (span_split(&rest, ',', &one)) {
		struct err e = ERR_INIT;
		int c = list_column(all, one, &e);

		FUZZ_CHECK(c < (int)all->ids.n && (c >= 0) == (e.status == ERR_OK), "%d", c);
		if (c >= 0)
			FUZZ_CHECK(list_column(all, names_at(&all->ids, (uint32_t)c), &e) == c, "%s", said);
	}
}

int FUZZ_TARGET(filter)(const uint8_t *p, size_t n)
{
	static struct list_columns *all;
	static const int map[] = { 0, 1, 2 };
	const struct policy *policy = fuzz_office()->office->policy;
	struct fuzz_in in = { { (const char *)p, n } };
	unsigned how = fuzz_byte(&in);
	char *values = fuzz_word(&in), *time = fuzz_word(&in), *by = fuzz_word(&in), *columns = fuzz_word(&in);
	struct span pattern = fuzz_line(&in), v[3] = { fuzz_line(&in), fuzz_line(&in), fuzz_rest(&in) };
	struct filter f = { NULL, 0, 0 }, copy;
	struct err e = ERR_INIT;
	int64_t t;

	if (!all)
		all = list_columns_new(policy);
	if (filter_in(&f, 0, "severity", values, how & 1 ? &policy->severities : NULL, &e) == 0 &&
	    filter_match(&f, 1, pattern, how & 2 ? &policy->categories : NULL, &e) == 0) {
		if (time_parse(span_of(time), 28800, &t, NULL, &e) == 0)
			filter_time(&f, 2, how & 4, t, 28800);
		err_clear(&e);
		FUZZ_CHECK(filter_copy(&copy, &f, &e) == 0, "%s", e.text);
		int one = filter_pass(&f, v, map, &e), two;

		FUZZ_CHECK((one < 0) == (e.status != ERR_OK), "%d: %s", one, e.text);
		err_clear(&e);
		two = filter_pass(&copy, v, map, &e);
		FUZZ_CHECK(one == two || one < 0 || two < 0, "%d, a copy %d", one, two);	/* a limit of time may be hit once */
		filter_clear(&copy);
	} else {
		fuzz_error(&e);
	}
	filter_clear(&f);
	check_by(by, how & 8);
	check_columns(all, columns);
	free(values), free(time), free(by), free(columns);
	fuzz_free(pattern);
	for (int i = 0; i < 3; i++)
		fuzz_free(v[i]);
	return 0;
}

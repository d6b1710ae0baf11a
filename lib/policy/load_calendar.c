/* SPDX-License-Identifier: MIT */
#include "policy/load.h"
#include <stdlib.h>
#include <string.h>
#include "base/time.h"

/* One day of a year: real, of that year, and not said twice. */
static void check_day(struct loading *l, const struct yaml_node *n, const struct yaml_node *year,
		      struct names *seen)
{
	int32_t day;
	if (n->kind != YAML_SCALAR || !date_read(n->text, &day)) {
		load_complain(l, n, "\"%s\" is not a date; write a day that exists, like 2026-02-28",
			      yaml_text(n));
		return;
	}
	if (n->text.n < year->text.n || memcmp(n->text.p, year->text.p, year->text.n) != 0)
		load_complain(l, n, "%s does not fall in %s, the year it stands under", yaml_text(n),
			      yaml_text(year));
	uint32_t before = seen->n;
	if (names_add(seen, n->text) < before)
		load_complain(l, n, "%s is given twice; a day is a holiday or a workday, once", yaml_text(n));
}

/* "08:00-12:00" as minutes of the day; false when it is none. */
static bool read_hours(struct span s, int *from, int *to)
{
	uint64_t v[4];
	if (s.n != 11 || s.p[2] != ':' || s.p[5] != '-' || s.p[8] != ':')
		return false;
	for (size_t i = 0; i < 4; i++)
		if (!span_u64((struct span){ s.p + 3 * i, 2 }, i % 2 ? 59 : 24, &v[i]))
			return false;
	*from = (int)(v[0] * 60 + v[1]);
	*to = (int)(v[2] * 60 + v[3]);
	return *from < *to && *to <= 24 * 60;
}

void load_calendar(struct loading *l, const struct yaml_node *root)
{
	const struct yaml_node *years = yaml_get(root, "years");
	struct yaml_node *hours = yaml_get(root, "hours"), **v;
	struct names seen = { 0 };
	for (size_t i = 0; years && years->kind == YAML_MAP && i < years->n; i++) {
		static const char *const keys[] = { "holidays", "workdays" };
		for (size_t k = 0; k < 2; k++) {
			struct yaml_node *days = yaml_get(years->item[i], keys[k]);
			size_t n = load_items(&days, &v);
			for (size_t j = 0; j < n; j++)
				check_day(l, v[j], years->key[i], &seen);
		}
	}
	names_clear(&seen);
	int from, to, last = 0;
	size_t n = load_items(&hours, &v);
	for (size_t i = 0; i < n; i++) {
		if (!read_hours(v[i]->text, &from, &to) || from < last) {
			load_complain(l, v[i],
				      "hours: \"%s\" is no span of a day after the one before; write it like 08:00-12:00", yaml_text(v[i]));
			return;
		}
		last = to;
	}
}

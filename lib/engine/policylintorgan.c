/* SPDX-License-Identifier: MIT */
/* Overlays and the organs of organs.csv, from both sides: a policy that is put, and organs that are. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/policylintint.h"

size_t policylint_organ(const struct tablerows *organs, const char *organ, int32_t *end)
{
	int to = schema_column(organs->table, SPAN("valid_to"));
	size_t at = SIZE_MAX;

	*end = DATE_NONE;
	for (size_t i = 0; i < organs->n; i++) {
		const struct span *v = tablerows_row(organs, i);
		int32_t day = DATE_NONE;

		if (!span_is(v[organs->table->key], organ))
			continue;
		if (v[to].n > 0 && !date_read(v[to], &day))
			day = DATE_NONE;
		if (at == SIZE_MAX || (*end != DATE_NONE && (day == DATE_NONE || day >= *end))) {
			at = i;
			*end = day;
		}
	}
	return at;
}

bool policylint_outlives(const struct overlay *o, int32_t end)
{
	return end != DATE_NONE && (o->to == DATE_NONE || o->to > end);
}

/* The organ that comes nearest to a code that none has. */
static const char *nearest(const struct tablerows *organs, const char *organ, struct arena *mem)
{
	const char **codes = mem_zalloc(organs->n + 1, sizeof *codes), *near;

	for (size_t i = 0; i < organs->n; i++)
		codes[i] = arena_spandup(mem, tablerows_row(organs, i)[organs->table->key]);
	near = text_nearest(span_of(organ), codes, organs->n);
	free(codes);
	return near;
}

void policylint_organs(const struct policy *p, const char *where, const struct tablerows *organs, struct diag *d)
{
	struct arena mem = { NULL };
	struct buf file = BUF_INIT;

	for (size_t k = 0; k < p->overlays.n && organs->n > 0; k++) {
		const struct overlay *o = &p->overlays.v[k];
		char day[DATE_LEN + 1];
		const char *near;
		int32_t end;

		buf_reset(&file);
		buf_printf(&file, "%s%s", where, o->path);
		if (policylint_organ(organs, o->organ, &end) == SIZE_MAX) {
			near = nearest(organs, o->organ, &mem);
			diag_row(d, file.p, 0, NULL,
			    "organs.csv has no organ %s%s%s%s name the file by the code of an organ, or put the organ first", o->organ,
			    near ? "; did you mean " : ";", near ? near : "", near ? "?" : "");
		} else if (policylint_outlives(o, end)) {
			date_write(end, day);
			diag_warn(d, "%s: " POLICYLINT_ENDS, file.p, o->organ, day, day);
		}
	}
	arena_clear(&mem);
	buf_clear(&file);
}

/* The overlay of an organ in any committed version of the policy, NULL none. */
static const struct overlay *any_overlay(const struct office *o, size_t versions, const char *organ)
{
	for (size_t i = 0; i < versions; i++) {
		const struct overlays *all = &office_version(o, i)->overlays;

		for (size_t k = 0; k < all->n; k++)
			if (strcmp(all->v[k].organ, organ) == 0)
				return &all->v[k];
	}
	return NULL;
}

/* Organs that go: a hazard that is pinned to an overlay goes by the organ that leads it. */
static void lint_gone(struct office *o, size_t versions, const struct tablerows *was, const struct tablerows *now,
    const char *file, struct names *said, struct diag *d)
{
	for (size_t i = 0; i < was->n; i++) {
		struct span organ = tablerows_row(was, i)[was->table->key];
		char *code = mem_spandup(organ);
		const struct overlay *x = any_overlay(o, versions, code);
		int32_t end;

		if (x != NULL && policylint_organ(now, code, &end) == SIZE_MAX && names_find(said, organ) == NAMES_NONE) {
			names_add(said, organ);
			diag_row(d, file, 0, NULL, "organ %s would go, and a committed policy has an overlay of it, %s; keep the row and end it"
			    " (valid_to)", code, x->path);
		}
		free(code);
	}
}

int policylint_organs_put(struct office *o, const struct tablerows *was, const struct tablerows *now, const char *file,
    struct diag *d, struct err *e)
{
	const struct overlays *all = &o->policy->overlays;
	struct names said = { .n = 0 };
	char day[DATE_LEN + 1];
	int32_t end, before;
	size_t versions;

	if (office_policies(o, &versions, e) < 0)
		return -1;
	lint_gone(o, versions, was, now, file, &said, d);
	for (size_t k = 0; k < all->n; k++) {
		const struct overlay *x = &all->v[k];
		size_t at = policylint_organ(now, x->organ, &end), old = policylint_organ(was, x->organ, &before);

		if (at == SIZE_MAX && was->n > 0 && names_find(&said, span_of(x->organ)) == NAMES_NONE)
			diag_row(d, file, 0, NULL, "organ %s is missing: policy/%s is an overlay of it; add the organ, or put the policy without"
			    " the overlay first", x->organ, x->path);
		if (at == SIZE_MAX || !policylint_outlives(x, end) || (old != SIZE_MAX && before == end))
			continue;
		date_write(end, day);
		diag_warn(d, "%s: policy/%s: " POLICYLINT_ENDS, file, x->path, x->organ, day, day);
	}
	names_clear(&said);
	return 0;
}

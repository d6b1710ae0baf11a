/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "csv/writer.h"
#include "hazard-list.h"

/* Flags and comma lists that are a test of one column against values. */
static const struct {
	const char *option, *column, *value;	/* value: what a flag stands for */
} tests[] = {
	{ "open", "phase", "open" },
	{ "closed", "phase", "closed" },
	{ "overdue", "overdue", "yes" },
	{ "held", "held", "yes" },
	{ "state", "state", NULL },
	{ "severity", "severity", NULL },
	{ "category", "category", NULL },
};

int listing_option(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct listing *l = arg;

	if (!strcmp(o->name, "known"))
		l->known = value;
	else if (!strcmp(o->name, "as-of"))
		l->as_of = value;
	else if (!strcmp(o->name, "columns"))
		l->columns = value;
	else if (!strcmp(o->name, "grid"))
		l->grid = value;
	else if (!strcmp(o->name, "labels")) {
		l->zh = !strcmp(value, "zh");
		if (!l->zh && strcmp(value, "en"))
			return err_set(e, ERR_USAGE, "--labels: \"%s\" is not one of zh, en", value);
	} else if (l->nsaid == LISTING_VALUES)
		return err_set(e, ERR_USAGE, "more than %d filters", LISTING_VALUES);
	else {
		l->said[l->nsaid].option = o->name;
		l->said[l->nsaid++].value = value;
	}
	return 0;
}

/* The number of a column that must exist. */
static int column(const struct listing *l, const char *name, struct err *e)
{
	return list_column(l->all, span_of(name), e);
}

/* --grid: the unit's own level column must hold it. */
static int bind_grid(struct listing *l, const struct session *s, struct err *e)
{
	struct grid_tree *tree = office_grids(s->office, e);
	int32_t day = time_day(s->now, s->office->reg->offset);
	const struct grid_node *g;
	struct span id;
	char name[128];
	int col;

	if (!tree || office_resolve(s->office, "grids", span_of(l->grid), (struct span){ NULL, 0 }, day, &id, e) < 0)
		return -1;
	g = grid_at(tree, id, DATE_NONE);
	if (!g || g->level < 0)
		return err_set(e, ERR_USAGE, "--grid: \"%s\" has no level of this place", l->grid);
	snprintf(name, sizeof name, "%s_grid", s->office->policy->levels.v[g->level].id);
	col = column(l, name, e);
	if (col < 0)
		return -1;
	char *value = mem_spandup(id);
	int rc = filter_in(&l->filter, col, "grid", value, NULL, e);
	free(value);
	return rc;
}

/* --subject, --owner: names and national codes become ids. */
static int bind_resolved(struct listing *l, const struct session *s, const char *col, const char *table, const char *values,
    struct err *e)
{
	int32_t day = time_day(s->now, s->office->reg->offset);
	struct span rest = span_of(values), one, id;
	struct buf ids = BUF_INIT;
	int rc = -1;

	while (span_split(&rest, ',', &one)) {
		if (office_resolve(s->office, table, one, (struct span){ NULL, 0 }, day, &id, e) < 0)
			goto done;
		if (ids.n)
			buf_putc(&ids, ',');
		buf_span(&ids, id);
	}
	rc = filter_in(&l->filter, column(l, col, e), col, ids.n ? ids.p : "", NULL, e);
done:
	buf_clear(&ids);
	return rc;
}

/* --match=COL=/RE/ */
static int bind_match(struct listing *l, const struct policy *p, const char *value, struct err *e)
{
	const char *eq = strchr(value, '=');
	const struct table *t = schema_table(SPAN("hazard-list"));
	const struct vocab *names = NULL;
	struct span pattern;
	int col, law;

	if (!eq || !pattern_slashes(span_of(eq + 1), &pattern))
		return err_set(e, ERR_USAGE, "--match: \"%s\" is not COLUMN=/PATTERN/", value);
	col = list_column(l->all, (struct span){ value, (size_t)(eq - value) }, e);
	law = col < 0 ? -1 : schema_column(t, names_at(&l->all->ids, (uint32_t)col));
	if (law >= 0 && t->columns[law].type == COLUMN_PLACE)
		names = policy_vocab(p, t->columns[law].vocabulary);
	if (col < 0)
		return -1;
	return filter_match(&l->filter, col, pattern, names, e) < 0 ? err_prefix(e, "--match: %s", value) : 0;
}

/* One filter option. */
static int bind(struct listing *l, const struct session *s, const char *option, const char *value, struct err *e)
{
	const struct policy *p = s->office->policy;
	int offset = s->office->reg->offset;
	int64_t t;

	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		if (!strcmp(option, tests[i].option))
			return filter_in(&l->filter, column(l, tests[i].column, e), tests[i].column,
			    tests[i].value ? tests[i].value : value, tests[i].value ? NULL : policy_vocab(p, tests[i].column), e);
	if (!strcmp(option, "subject"))
		return bind_resolved(l, s, "subject", "subjects", value, e);
	if (!strcmp(option, "owner"))
		return bind_resolved(l, s, "owner", "organs", value, e);
	if (!strcmp(option, "match"))
		return bind_match(l, p, value, e);
	if (!strcmp(option, "scope"))
		return list_filter_scope(&l->filter, l->all, s->office, value, e);
	if (session_time(option, value, offset, !strcmp(option, "until"), &t, e))
		return -1;
	if (!strcmp(option, "until"))
		t++;			/* --until is up to and with what was said when a date was said */
	return filter_time(&l->filter, column(l, "reported_at", e), !strcmp(option, "since"), t, offset);
}

/* --columns, or the default ones. */
static int bind_columns(struct listing *l, struct err *e)
{
	struct span rest = span_of(l->columns), one;

	l->col = mem_zalloc(l->all->ids.n + (l->columns ? strlen(l->columns) : 0) + 1, sizeof *l->col);
	if (!l->columns) {
		for (size_t i = 0; i < l->all->ndefault; i++)
			l->col[l->nshown++] = (int)i;
		return 0;
	}
	while (span_split(&rest, ',', &one)) {
		int col = list_column(l->all, span_trim(one), e);

		if (col < 0)
			return -1;
		for (size_t i = 0; i < l->nshown; i++)
			if (l->col[i] == col)
				return err_set(e, ERR_USAGE, "--columns: \"%s\" is named twice", names_at(&l->all->ids, (uint32_t)col).p);
		l->col[l->nshown++] = col;
	}
	return l->nshown > 0 ? 0 : err_set(e, ERR_USAGE, "--columns: no column is named");
}

/* Is a column free text?  The others are codes and times, which say nothing when they are cut. */
static bool is_text(struct span name)
{
	return span_is(name, "description") || span_is(name, "place") || span_is(name, "ref")
	    || (name.n > 5 && memcmp(name.p + name.n - 5, "_name", 5) == 0);
}

/* Is a column a count?  It stands to the right, and is a number in JSON. */
static bool is_number(struct span name)
{
	static const char *const counts[] = { "days", "round", "rebounds", "handovers", "returns", "raised", "climbed" };

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		if (span_is(name, counts[i]))
			return true;
	return false;
}

int listing_bind(struct listing *l, const struct session *s, struct err *e)
{
	l->all = list_columns_new(s->office->policy);
	sheet_init(&l->sheet);
	for (size_t i = 0; i < l->nsaid; i++)
		if (bind(l, s, l->said[i].option, l->said[i].value, e)) {
			if (e->status == ERR_DATA)
				e->status = ERR_USAGE;
			return -1;
		}
	if ((l->grid && bind_grid(l, s, e)) || bind_columns(l, e)) {
		if (e->status == ERR_DATA)
			e->status = ERR_USAGE;
		return -1;
	}
	for (size_t i = 0; i < l->nshown; i++) {
		struct span name = names_at(&l->all->ids, (uint32_t)l->col[i]);

		sheet_add_column(&l->sheet, (struct sheet_column){ .name = name.p, .title = l->zh ? l->all->title_zh[l->col[i]] : NULL,
		    .whole = !is_text(name),
		    .right = is_number(name) });
	}
	l->want = (struct list_want){ .columns = l->all, .col = l->col, .n = l->nshown, .filter = &l->filter, .now = s->now,
	    .zh = l->zh, .nthreads = 1 };
	return 0;
}

void listing_header(struct listing *l, struct buf *out)
{
	struct span *v = mem_zalloc(l->nshown + 1, sizeof *v);

	for (size_t i = 0; i < l->nshown; i++)
		v[i] = l->zh ? span_of(l->all->title_zh[l->col[i]]) : names_at(&l->all->ids, (uint32_t)l->col[i]);
	writer_row(out, v, l->nshown);
	free(v);
}

void listing_clear(struct listing *l)
{
	list_columns_free(l->all);
	filter_clear(&l->filter);
	free(l->col);
	sheet_clear(&l->sheet);
}

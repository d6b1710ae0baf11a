/* SPDX-License-Identifier: MIT */
#include "model/grid.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "runhelp.h"

static struct vocab_item level_items[] = { { .id = "county", .name = "县", .zh = "县" }, { .id = "township", .name = "镇", .zh = "镇" },
	{ .id = "village", .name = "村", .zh = "村" } };
static struct policy policy = { .levels = { "level", level_items, 3 } };

/* A master of rows written as "key value, …" in the order of the named columns; empty strings end it. */
static struct master *master_new(const char *table, const char *const *cols, size_t ncols, const char *const *cells, size_t nrows)
{
	const struct table *t = schema_table(span_of(table));
	struct span *f = mem_zalloc(nrows, (size_t)t->ncolumns * sizeof *f);
	struct master *m;

	for (size_t i = 0; i < nrows * (size_t)t->ncolumns; i++)
		f[i] = SPAN("");
	for (size_t r = 0; r < nrows; r++)
		for (size_t c = 0; c < ncols; c++)
			f[r * (size_t)t->ncolumns + (size_t)schema_column(t, span_of(cols[c]))] = span_of(cells[r * ncols + c]);
	m = master_of_rows(t, f, nrows);
	free(f);
	return m;
}

static const char *const grid_cols[] = { "grid", "parent", "level", "valid_from", "valid_to", "name" };
#define GRIDS(...) master_new("grids", grid_cols, 6, (const char *const[]){ __VA_ARGS__ }, \
    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *) / 6)
#define GOOD "C", "", "county", "", "", "County", "T1", "C", "township", "", "", "East", "T2", "C", "township", "", "", "West", \
	"V1", "T1", "village", "", "2025-12-31", "Bridge", "V1", "T2", "village", "2026-01-01", "", "New Bridge", \
	"V9", "C", "village", "", "", "Odd"

static int32_t day(const char *s)
{
	int32_t d;

	ck_assert(date_read(span_of(s), &d));
	return d;
}

static struct grid_tree *tree_of(struct master *m)
{
	struct err e = ERR_INIT;
	struct grid_tree *t = grid_tree_new(m, &policy, "grids.csv", NULL, &e);

	ck_assert_msg(t != NULL, "%s", e.text);
	return t;
}

static bool is(const struct grid_node *g, const char *id)
{
	return id == NULL ? g == NULL : g != NULL && span_is(g->id, id);
}

START_TEST(ways_up)
{
	struct master *m = GRIDS(GOOD);
	struct grid_tree *t = tree_of(m);
	int32_t then = day("2025-06-01"), now = day("2026-06-01");
	const struct grid_node *old = grid_at(t, SPAN("V1"), then), *new = grid_at(t, SPAN("V1"), now);

	ck_assert(span_is(old->name, "Bridge"));
	ck_assert(span_is(new->name, "New Bridge"));
	ck_assert_ptr_eq(grid_at(t, SPAN("V1"), DATE_NONE), new);
	ck_assert_ptr_null(grid_at(t, SPAN("V2"), now));
	ck_assert(is(grid_parent(t, old, then), "T1"));
	ck_assert(is(grid_parent(t, new, now), "T2"));
	ck_assert(is(grid_above(t, new, 0, now), "C"));
	ck_assert(is(grid_above(t, new, 1, now), "T2"));
	ck_assert(is(grid_above(t, new, 2, now), "V1"));
	ck_assert_ptr_null(grid_above(t, grid_at(t, SPAN("V9"), now), 1, now));		/* the tree skips it */
	ck_assert_ptr_null(grid_above(t, grid_at(t, SPAN("C"), now), 1, now));
	ck_assert(grid_within(t, old, SPAN("T1"), then));
	ck_assert(!grid_within(t, new, SPAN("T1"), now));
	ck_assert(grid_within(t, new, SPAN("V1"), now));
	grid_tree_free(t);
	master_close(m);
}
END_TEST

START_TEST(keys_and_children)
{
	struct master *m = GRIDS(GOOD);
	struct grid_tree *t = tree_of(m);
	const struct grid_node *root = grid_at(t, SPAN("C"), DATE_NONE), *first = grid_number(t, root->first_child);

	ck_assert_uint_eq(grid_count(t), 5);
	ck_assert(is(root, "C"));
	ck_assert_uint_eq(root->sibling, UINT32_MAX);
	ck_assert(is(first, "T1"));
	ck_assert_uint_eq(first->first_child, UINT32_MAX);	/* V1 lies in T2 by its last row */
	ck_assert(is(grid_number(t, first->sibling), "T2"));
	ck_assert(is(grid_number(t, grid_number(t, first->sibling)->first_child), "V1"));
	ck_assert_ptr_null(grid_number(t, 5));
	grid_tree_free(t);
	master_close(m);
}
END_TEST

/* Exactly these complaints. */
static void complains(struct master *m, const char *want)
{
	struct err e = ERR_INIT;
	struct diag d;
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	diag_init(&d, f, "test", 0);
	ck_assert_ptr_null(grid_tree_new(m, &policy, "grids.csv", &d, &e));
	fclose(f);
	ck_assert_str_eq(text, want);
	free(text);
	master_close(m);
}

START_TEST(complaints)
{
	complains(GRIDS("C", "", "state", "", "", ""), "grids.csv:2: level: \"state\" is not one of county, township, village\n");
	complains(GRIDS("T1", "C", "township", "", "", ""), "grids.csv:2: parent: there is no grid \"C\"\n");
	complains(GRIDS("C", "", "county", "", "", "", "D", "C", "county", "", "", ""),
	    "grids.csv:3: parent: C is of level county, which is not above county\n");
	complains(GRIDS("A", "B", "township", "", "", "", "B", "A", "village", "", "", ""),
	    "grids.csv:2: parent: grid A lies in itself: the way up from it leads back to it\n"
	    "grids.csv:3: parent: grid B lies in itself: the way up from it leads back to it\n");
	complains(GRIDS("C", "", "county", "", "2026-01-01", "", "C", "", "county", "2026-01-01", "", ""),
	    "grids.csv:3: valid_from: grid C is valid on the same days as in line 2; end that one first\n");
}
END_TEST

/* Committed data is taken as it is, and no question runs round in circles. */
START_TEST(cycles_end)
{
	struct master *m = GRIDS("A", "B", "township", "", "", "", "B", "A", "village", "", "", "", "X", "Y", "?", "", "", "", "Y", "X", "?",
	    "", "", "");
	struct grid_tree *t = tree_of(m);

	ck_assert(is(grid_parent(t, grid_at(t, SPAN("B"), DATE_NONE), DATE_NONE), "A"));
	ck_assert_ptr_null(grid_parent(t, grid_at(t, SPAN("A"), DATE_NONE), DATE_NONE));
	ck_assert(!grid_within(t, grid_at(t, SPAN("X"), DATE_NONE), SPAN("C"), DATE_NONE));
	ck_assert_ptr_null(grid_above(t, grid_at(t, SPAN("X"), DATE_NONE), 0, DATE_NONE));
	grid_tree_free(t);
	master_close(m);
}
END_TEST

/* The way up from a unit on a day, as text. */
static void way_up(const struct grid_tree *t, const char *id, int32_t on, struct buf *out)
{
	buf_reset(out);
	buf_puts(out, "");
	for (const struct grid_node *g = grid_at(t, span_of(id), on); g != NULL; g = grid_parent(t, g, on))
		buf_printf(out, "%.*s %.*s %d %d;", (int)g->id.n, g->id.p, (int)g->name.n, g->name.p, g->level, g->alone);
}

START_TEST(few_units)
{
	struct master *masters[] = { GRIDS(GOOD), GRIDS("A", "B", "township", "", "", "", "B", "A", "village", "", "", "", "C", "none",
	    "village", "", "", "") };
	const char *const ids[] = { "V1", "V9", "T2", "C", "A", "B", "none" };
	const int32_t days[] = { day("2025-06-01"), day("2026-06-01"), DATE_NONE };
	struct buf whole = BUF_INIT, part = BUF_INIT;
	struct err e = ERR_INIT;

	for (size_t k = 0; k < 2; k++) {
		struct grid_tree *all = tree_of(masters[k]), *grown = grid_tree_few();

		ck_assert_uint_eq(grid_count(grown), 0);
		for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
			struct grid_tree *fresh = grid_tree_few();

			ck_assert(!grid_tree_has(fresh, span_of(ids[i])));
			ck_assert_int_eq(grid_tree_add(fresh, masters[k], &policy, span_of(ids[i]), &e), 0);
			ck_assert_int_eq(grid_tree_add(grown, masters[k], &policy, span_of(ids[i]), &e), 0);
			for (size_t d = 0; d < 3; d++) {
				way_up(all, ids[i], days[d], &whole);
				way_up(fresh, ids[i], days[d], &part);
				ck_assert_str_eq(part.p, whole.p);
				way_up(grown, ids[i], days[d], &part);
				ck_assert_str_eq(part.p, whole.p);
			}
			ck_assert(grid_tree_has(fresh, span_of(ids[i])) == (grid_at(all, span_of(ids[i]), DATE_NONE) != NULL));
			grid_tree_free(fresh);
		}
		grid_tree_free(all);
		grid_tree_free(grown);
		master_close(masters[k]);
	}
	buf_clear(&whole);
	buf_clear(&part);
}
END_TEST

START_TEST(organs)
{
	static const char *const cols[] = { "organ", "kind", "grid", "valid_to" };
	static const char *const cells[] = { "FIRE", "fire", "C", "", "GOV", "government", "C", "", "T1F", "fire", "T1", "2025-12-31",
		"T1O", "joint-office", "T1", "" };
	struct master *m = GRIDS(GOOD), *o = master_new("organs", cols, 4, cells, 4);
	struct grid_tree *t = tree_of(m);
	const struct grid_node *v = grid_at(t, SPAN("V1"), day("2025-06-01")), *t1 = grid_at(t, SPAN("T1"), DATE_NONE);
	struct err e = ERR_INIT;
	struct span organ;

	ck_assert_int_eq(grid_organ(o, grid_at(t, SPAN("C"), DATE_NONE), day("2025-06-01"), &organ, &e), 0);
	ck_assert(span_is(organ, "GOV"));		/* before others */
	ck_assert_int_eq(grid_organ(o, t1, day("2026-06-01"), &organ, &e), 0);
	ck_assert(span_is(organ, "T1O"));
	ck_assert_int_eq(grid_organ(o, v, day("2025-06-01"), &organ, &e), 0);
	ck_assert_uint_eq(organ.n, 0);
	ck_assert_int_eq(grid_duty(o, t, v, "fire", day("2025-06-01"), &organ, &e), 0);
	ck_assert(span_is(organ, "T1F"));		/* the nearest */
	ck_assert_int_eq(grid_duty(o, t, t1, "fire", day("2026-06-01"), &organ, &e), 0);
	ck_assert(span_is(organ, "FIRE"));
	ck_assert_int_eq(grid_duty(o, t, v, "T1O", day("2025-06-01"), &organ, &e), 0);
	ck_assert(span_is(organ, "T1O"));
	ck_assert_int_eq(grid_duty(o, t, v, "water", day("2025-06-01"), &organ, &e), 0);
	ck_assert_uint_eq(organ.n, 0);
	grid_tree_free(t);
	master_close(m);
	master_close(o);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("grid");
	TCase *t = tcase_create("all");

	tcase_add_test(t, ways_up);
	tcase_add_test(t, keys_and_children);
	tcase_add_test(t, complaints);
	tcase_add_test(t, cycles_end);
	tcase_add_test(t, few_units);
	tcase_add_test(t, organs);
	suite_add_tcase(s, t);
	return h_run(s);
}

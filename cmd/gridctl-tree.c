/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <string.h>

#include "base/time.h"
#include "engine/treeview.h"
#include "output/sheet.h"

struct tree {
	struct keeper k;
	const char *known;
};

static const struct cli_option options[] = {
	{ "known", 0, "SEQ|TIME|CHECKPOINT", "the grids as committed up to there" },
	{ NULL, 0, NULL, NULL }
};

/* Takes --known. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct tree *t = arg;

	(void)o;
	(void)e;
	t->known = value;
	return 0;
}

static const struct cli_program program = {
	.name = "gridctl tree",
	.usage = "[options] [GRID]",
	.about = "Print the tree of grids valid now, or what lies below GRID, with counts per level.",
	.shared = CLI_FORMAT,
	.options = options,
	.formats = "text|csv",
	.on = on,
	.more = "Households and population that are not the sum of those below are warned about.",
};

/* The rows as a table: for people the name indented. */
static void fill(struct sheet *s, const struct treeview *v, const struct policy *p, bool text)
{
	struct buf name = BUF_INIT;

	sheet_init(s);
	sheet_add_column(s, (struct sheet_column){ .name = "depth", .csv_only = true, .right = true });
	sheet_add_column(s, (struct sheet_column){ .name = text ? "name" : "grid" });
	sheet_add_column(s, (struct sheet_column){ .name = text ? "grid" : "parent" });
	sheet_add_column(s, (struct sheet_column){ .name = "level" });
	sheet_add_column(s, (struct sheet_column){ .name = text ? "kind" : "name" });
	for (size_t i = 0; i < v->n; i++) {
		const struct grid_node *g = v->row[i].g;
		const char *level = g->level >= 0 && (size_t)g->level < p->levels.n ? p->levels.v[g->level].id : "";

		buf_reset(&name);
		for (unsigned k = 0; text && k < v->row[i].depth; k++)
			buf_puts(&name, "  ");
		buf_span(&name, g->name);
		sheet_add_row(s);
		sheet_putf(s, 0, "%u", v->row[i].depth);
		sheet_put(s, 1, text ? buf_view(&name) : g->id);
		sheet_put(s, 2, text ? g->id : g->parent);
		sheet_put(s, 3, span_of(level));
		sheet_put(s, 4, text ? g->kind : buf_view(&name));
	}
	buf_clear(&name);
}

/* Print it. */
static void print(struct tree *t, const struct treeview *v)
{
	bool text = !t->k.cli.format || !strcmp(t->k.cli.format, "text");
	struct buf out = BUF_INIT, counts = BUF_INIT;
	struct sheet s;

	fill(&s, v, t->k.office->policy, text);
	treeview_counts(v, t->k.office->policy, &counts);
	if (text) {
		sheet_text(&s, 0, &out);
		buf_printf(&out, "%s\n", counts.p);
	} else {
		sheet_csv(&s, &out);
		cli_say(&t->k.cli, "%s", counts.p);
	}
	gridctl_print(buf_view(&out));
	sheet_clear(&s);
	buf_clear(&out);
	buf_clear(&counts);
}

/* The grid asked for: an id whatever its validity, else a name. */
static int find(struct tree *t, struct master *master, const char *grid, int32_t day, struct span *id, struct err *e)
{
	struct master_row row;
	int found = master_find(master, span_of(grid), DATE_NONE, &row, e);

	if (found == 1)
		*id = row.f[master_table(master)->key];
	else if (found == 0)
		found = office_resolve(t->k.office, "grids", span_of(grid), (struct span){ NULL, 0 }, day, id, e);
	return found < 0 ? -1 : 0;
}

/* Find the grids and print them. */
static int show(struct tree *t, const char *grid, struct err *e)
{
	struct span top = { NULL, 0 };
	struct grid_tree *grids;
	struct master *master;
	struct treeview v;
	int32_t day;
	int result = -1;

	if (keeper_read(&t->k, t->known, true, e))
		return -1;
	day = time_day(t->k.cli.now, t->k.reg->offset);
	grids = office_grids(t->k.office, e);
	master = grids ? office_master(t->k.office, "grids", e) : NULL;
	if (!master || (grid && find(t, master, grid, day, &top, e)))
		return -1;
	treeview_new(&v, grids, t->k.office->policy, top, day);
	if (grid && v.n == 0)
		err_set(e, ERR_USAGE, "grid %.*s is not valid on this day; --now=DATE shows another day",
		    (int)top.n, top.p);
	else if (v.n == 0)
		result = err_set(e, ERR_DATA, "there are no grids yet; gridctl put grids FILE brings them");
	else if (treeview_sums(&v, master, day, &t->k.cli.diag, e) == 0) {
		print(t, &v);
		result = 0;
	}
	treeview_clear(&v);
	return result;
}

int gridctl_tree(int argc, char **argv)
{
	struct tree t = { .known = NULL };
	struct err e = ERR_INIT;
	int first = cli_start(&t.k.cli, &program, argc, argv, &t);

	if (gridctl_operands(&t.k.cli, first, argc, 0, 1, "at most one GRID", &e) == 0)
		show(&t, first < argc ? argv[first] : NULL, &e);
	return keeper_end(&t.k, 0, &e);
}

/* SPDX-License-Identifier: MIT */
#include "model/grid.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"

#define NONE UINT32_MAX
#define ORGANS_MAX 64
#define CYCLE_MAX 64

struct grid_tree {
	struct arena mem;
	struct names ids;
	struct grid_node **first, **last;	/* per key */
	size_t cap, last_cap;
	bool broken;			/* a unit came in without all that is above it */
};

/* What building needs. */
struct build {
	struct grid_tree *t;
	const struct policy *p;
	const char *file;
	struct diag *d;
	int grid, parent, level, kind, from, to, name;
	const struct grid_node *top;	/* of the highest level that is used */
};

static bool is_valid(const struct grid_node *g, int32_t day)
{
	return (g->from == DATE_NONE || g->from <= day) && (g->to == DATE_NONE || day <= g->to);
}

/* The row of a key on a day, NULL when it has none then. */
static struct grid_node *row_of(const struct grid_tree *t, uint32_t key, int32_t day)
{
	if (key == NONE)
		return NULL;
	if (day == DATE_NONE)
		return t->last[key];
	for (struct grid_node *g = t->first[key]; g != NULL; g = g->next)
		if (is_valid(g, day))
			return g;
	return NULL;
}

/* The parent's key, NONE for a root or an orphan. */
static uint32_t parent_key(const struct grid_tree *t, const struct grid_node *g)
{
	return g->parent.n > 0 ? names_find(&t->ids, g->parent) : NONE;
}

static int32_t read_date(struct span s)
{
	int32_t day;

	return date_read(s, &day) ? day : DATE_NONE;
}

/* One row of grids.csv becomes a node behind its key's others. */
static void add_row(struct build *b, const struct master_row *row)
{
	struct grid_tree *t = b->t;
	struct grid_node *g = arena_alloc(&t->mem, sizeof *g);
	uint32_t known = t->ids.n, key = names_add(&t->ids, row->f[b->grid]);

	*g = (struct grid_node){ .id = row->f[b->grid], .name = row->f[b->name], .kind = row->f[b->kind],
		.level = vocab_id(&b->p->levels, row->f[b->level]), .from = read_date(row->f[b->from]),
		.to = read_date(row->f[b->to]), .parent = row->f[b->parent], .line = row->line, .first_child = NONE, .sibling = NONE };
	MEM_GROW(t->first, t->cap, (size_t)t->ids.n);
	MEM_GROW(t->last, t->last_cap, (size_t)t->ids.n);
	if (key == known)
		t->first[key] = g;
	else
		t->last[key]->next = g;
	t->last[key] = g;
	if (g->level < 0 && b->d != NULL) {
		struct span said = row->f[b->level];
		struct buf words = BUF_INIT;

		for (size_t i = 0; i < b->p->levels.n; i++)
			buf_printf(&words, "%s%s", i ? ", " : "", b->p->levels.v[i].id);
		diag_row(b->d, b->file, row->line, "level", "\"%.*s\" is not one of %s", (int)said.n, said.p, words.p ? words.p : "");
		buf_clear(&words);
	}
}

/* Rows of one key must not be valid on the same day. */
static void check_overlap(struct build *b, const struct grid_node *g)
{
	for (const struct grid_node *o = b->t->first[names_find(&b->t->ids, g->id)]; o != g; o = o->next) {
		bool before = o->to != DATE_NONE && g->from != DATE_NONE && o->to < g->from;
		bool after = g->to != DATE_NONE && o->from != DATE_NONE && g->to < o->from;

		if (!before && !after) {
			diag_row(b->d, b->file, g->line, "valid_from", "grid %.*s is valid on the same days as in line %zu; end that one first",
			    (int)g->id.n, g->id.p, o->line);
			return;
		}
	}
}

/* Does the way up from a key lead back to it?  A longer way round than CYCLE_MAX has units out of level order, which is told
 * of each of them. */
static bool in_cycle(const struct grid_tree *t, uint32_t key)
{
	uint32_t up = key;

	for (int i = 0; i <= CYCLE_MAX; i++) {
		up = parent_key(t, t->last[up]);
		if (up == NONE)
			return false;
		if (up == key)
			return true;
	}
	return false;
}

/* The parent must be there and of a higher level. */
static void check_parent(struct build *b, const struct grid_node *g)
{
	uint32_t key = names_find(&b->t->ids, g->id), up = parent_key(b->t, g);
	const struct grid_node *p = up == NONE ? NULL : b->t->last[up];

	if (g->parent.n == 0) {
		if (b->top != NULL && g->level > b->top->level)
			diag_row(b->d, b->file, g->line, "parent", "empty, but %.*s is of level %s; name the grid that this %s lies in",
			    (int)b->top->id.n, b->top->id.p, b->p->levels.v[b->top->level].id, b->p->levels.v[g->level].id);
		return;
	}
	if (p == NULL)
		diag_row(b->d, b->file, g->line, "parent", "there is no grid \"%.*s\"", (int)g->parent.n, g->parent.p);
	else if (g == b->t->last[key] && in_cycle(b->t, key))
		diag_row(b->d, b->file, g->line, "parent", "grid %.*s lies in itself: the way up from it leads back to it",
		    (int)g->id.n, g->id.p);
	else if (g->level >= 0 && p->level >= 0 && p->level >= g->level)
		diag_row(b->d, b->file, g->line, "parent", "%.*s is of level %s, which is not above %s", (int)p->id.n, p->id.p,
		    b->p->levels.v[p->level].id, b->p->levels.v[g->level].id);
}

/* What the rows of the keys from one on know of each other. */
static void link_rows(struct grid_tree *t, uint32_t from)
{
	for (uint32_t k = from; k < t->ids.n; k++)
		for (struct grid_node *g = t->first[k]; g != NULL; g = g->next) {
			uint32_t up = parent_key(t, g);

			g->alone = t->first[k] == t->last[k];
			g->up = up != NONE && t->first[up] == t->last[up] ? t->first[up] : NULL;
		}
}

/* Children and siblings by each key's last row, in the order of the file. */
static void link_keys(struct grid_tree *t)
{
	uint32_t *tail = mem_zalloc((size_t)t->ids.n + 1, sizeof *tail), last_root = NONE;

	for (uint32_t k = 0; k < t->ids.n; k++) {
		uint32_t up = parent_key(t, t->last[k]);

		if (up == NONE) {
			if (last_root != NONE)
				t->last[last_root]->sibling = k;
			last_root = k;
			continue;
		}
		*(t->last[up]->first_child == NONE ? &t->last[up]->first_child : &t->last[tail[up]]->sibling) = k;
		tail[up] = k;
	}
	free(tail);
	link_rows(t, 0);
}

/* A unit of the highest level that is used. */
static const struct grid_node *highest(const struct grid_tree *t)
{
	const struct grid_node *top = NULL;

	for (uint32_t k = 0; k < t->ids.n; k++)
		for (const struct grid_node *g = t->first[k]; g != NULL; g = g->next)
			if (g->level >= 0 && (top == NULL || g->level < top->level))
				top = g;
	return top;
}

/* The columns of a master of grids. */
static struct build build_of(struct grid_tree *t, struct master *grids, const struct policy *p)
{
	const struct table *m = master_table(grids);

	return (struct build){ .t = t, .p = p, .grid = schema_column(m, SPAN("grid")), .parent = schema_column(m, SPAN("parent")),
		.level = schema_column(m, SPAN("level")), .kind = schema_column(m, SPAN("kind")),
		.from = schema_column(m, SPAN("valid_from")), .to = schema_column(m, SPAN("valid_to")),
		.name = schema_column(m, SPAN("name")) };
}

struct grid_tree *grid_tree_few(void)
{
	return mem_zalloc(1, sizeof(struct grid_tree));
}

bool grid_tree_has(const struct grid_tree *t, struct span id)
{
	return !t->broken && names_find(&t->ids, id) != NONE;
}

/* A row of a master as a row of the tree. */
static void take_row(void *arg, const struct master_row *row)
{
	add_row(arg, row);
}

int grid_tree_add(struct grid_tree *t, struct master *grids, const struct policy *p, struct span id, struct err *e)
{
	struct build b = build_of(t, grids, p);
	uint32_t start = t->ids.n;

	if (t->broken)
		return err_set(e, ERR_FAILED, "grids.csv: could not be read before");
	if (grid_tree_has(t, id))
		return 0;
	t->broken = true;
	if (master_each(grids, b.grid, id, take_row, &b, e) < 0)
		return -1;
	/* those above: of every row, since it may have moved; each comes in once, so a cycle ends */
	for (uint32_t k = start; k < t->ids.n; k++)
		for (struct grid_node *g = t->first[k]; g != NULL; g = g->next)
			if (g->parent.n > 0 && parent_key(t, g) == NONE && master_each(grids, b.grid, g->parent, take_row, &b, e) < 0)
				return -1;
	link_rows(t, start);
	t->broken = false;
	return 0;
}

struct grid_tree *grid_tree_new(struct master *grids, const struct policy *p, const char *file, struct diag *d, struct err *e)
{
	struct grid_tree *t = mem_zalloc(1, sizeof *t);
	struct build b = build_of(t, grids, p);
	size_t before = d != NULL ? d->errors : 0, n;
	const struct master_row *rows;

	b.file = file;
	b.d = d;
	if (master_rows(grids, &rows, &n, e) < 0) {
		grid_tree_free(t);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		add_row(&b, &rows[i]);
	b.top = highest(t);
	for (uint32_t k = 0; d != NULL && k < t->ids.n; k++)
		for (struct grid_node *g = t->first[k]; g != NULL; g = g->next) {
			check_overlap(&b, g);
			check_parent(&b, g);
		}
	if (d != NULL && d->errors > before) {
		grid_tree_free(t);
		return NULL;
	}
	link_keys(t);
	return t;
}

void grid_tree_free(struct grid_tree *t)
{
	if (t == NULL)
		return;
	names_clear(&t->ids);
	free(t->first);
	free(t->last);
	arena_clear(&t->mem);
	free(t);
}

const struct grid_node *grid_at(const struct grid_tree *t, struct span id, int32_t day)
{
	return row_of(t, names_find(&t->ids, id), day);
}

/* The row of a parent that has several, or none. */
static const struct grid_node *find_parent(const struct grid_tree *t, const struct grid_node *g, int32_t day)
{
	uint32_t key = parent_key(t, g);
	const struct grid_node *up = row_of(t, key, day);

	/* not valid then: the newest row is the best answer there is */
	return up != NULL ? up : row_of(t, key, DATE_NONE);
}

/* grid_parent */
static inline const struct grid_node *parent_of(const struct grid_tree *t, const struct grid_node *g, int32_t day)
{
	const struct grid_node *up = g->up;

	if (up == NULL && g->parent.n > 0)
		up = find_parent(t, g, day);
	/* only ever upwards, so that no way up can go round */
	return up != NULL && up->level >= 0 && (g->level < 0 || up->level < g->level) ? up : NULL;
}

const struct grid_node *grid_parent(const struct grid_tree *t, const struct grid_node *g, int32_t day)
{
	return parent_of(t, g, day);
}

const struct grid_node *grid_above(const struct grid_tree *t, const struct grid_node *g, int level, int32_t day)
{
	while (g != NULL && (g->level > level || g->level < 0))
		g = parent_of(t, g, day);
	return g != NULL && g->level == level ? g : NULL;
}

bool grid_within(const struct grid_tree *t, const struct grid_node *g, struct span top, int32_t day)
{
	for (; g != NULL; g = grid_parent(t, g, day))
		if (span_eq(g->id, top))
			return true;
	return false;
}

size_t grid_count(const struct grid_tree *t)
{
	return t->ids.n;
}

const struct grid_node *grid_number(const struct grid_tree *t, uint32_t number)
{
	return number < t->ids.n ? t->last[number] : NULL;
}

/* The organs whose grid is a unit; how many were put into out. */
static int organs_of(struct master *organs, const struct grid_node *g, int32_t day, struct master_row out[ORGANS_MAX], struct err *e)
{
	int n = master_find_by(organs, schema_column(master_table(organs), SPAN("grid")), g->id, day, out, ORGANS_MAX, e);

	return n > ORGANS_MAX ? ORGANS_MAX : n;
}

int grid_organ(struct master *organs, const struct grid_node *g, int32_t day, struct span *organ, struct err *e)
{
	const struct table *t = master_table(organs);
	int id = schema_column(t, SPAN("organ")), kind = schema_column(t, SPAN("kind"));
	struct master_row row[ORGANS_MAX];
	int n = organs_of(organs, g, day, row, e);

	*organ = (struct span){ "", 0 };
	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++)
		if (span_is(row[i].f[kind], "government") || span_is(row[i].f[kind], "committee")) {
			*organ = row[i].f[id];
			return 0;
		}
	if (n > 0)
		*organ = row[0].f[id];
	return 0;
}

int grid_duty(struct master *organs, const struct grid_tree *t, const struct grid_node *g, const char *lead, int32_t day,
    struct span *organ, struct err *e)
{
	const struct table *m = master_table(organs);
	int id = schema_column(m, SPAN("organ")), kind = schema_column(m, SPAN("kind"));
	struct master_row row[ORGANS_MAX];
	int n = master_find(organs, span_of(lead), day, row, e);

	*organ = (struct span){ "", 0 };
	if (n != 0) {
		if (n > 0)
			*organ = row[0].f[id];
		return n < 0 ? -1 : 0;
	}
	for (; g != NULL; g = grid_parent(t, g, day)) {
		n = organs_of(organs, g, day, row, e);
		if (n < 0)
			return -1;
		for (int i = 0; i < n; i++)
			if (span_is(row[i].f[kind], lead)) {
				*organ = row[i].f[id];
				return 0;
			}
	}
	return 0;
}

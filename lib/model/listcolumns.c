/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/text.h"
#include "model/listint.h"
#include "model/ruleids.h"
#include "model/trail.h"

/* Columns behind the default ones: level vocabulary, title. */
static const struct { const char *name, *title_zh; } extras[] = {
	{ "reporter_level", "上报人层级" }, { "rule", "适用规则" }, { "policy", "规则版本" }, { "scope", "试点" },
	{ "duty", "责任部门" },
	{ "handovers", "转办次数" }, { "returns", "退回次数" }, { "raised", "上报次数" }, { "climbed", "逾期升级次数" },
};

/* Where the next column goes. */
struct making {
	struct list_columns *c;
	struct arena *text;
	size_t titles_cap, kinds_cap;
};

/* One more column; false when the name is taken. */
static void add(struct making *m, const char *name, const char *title_zh, struct list_kind kind)
{
	struct list_columns *c = m->c;
	uint32_t known = c->ids.n;

	if (names_add(&c->ids, span_of(name)) != known)
		return;
	MEM_GROW(c->title_zh, m->titles_cap, (size_t)known + 1);
	MEM_GROW(c->kind, m->kinds_cap, (size_t)known + 1);
	c->title_zh[known] = title_zh;
	c->kind[known] = kind;
}

/* <level>_grid or <level>_name of every level. */
static void add_levels(struct making *m, const struct policy *p, bool names)
{
	for (size_t i = 0; i < p->levels.n; i++) {
		struct buf name = BUF_INIT, title = BUF_INIT;
		struct list_kind k = { .make = names ? value_level_name : value_level_grid, .arg = (int)i, .parts = PART_GRID };

		buf_printf(&name, "%s_%s", p->levels.v[i].id, names ? "name" : "grid");
		buf_printf(&title, "%s%s", p->levels.v[i].name, names ? "名称" : "编码");
		add(m, name.p, arena_strdup(&m->c->ids.text, title.p), k);
		buf_clear(&name);
		buf_clear(&title);
	}
}

/* <step>_at of every step that says something of the hazard: when it was first taken in the current round. */
static void add_steps(struct making *m, const struct workflow *w)
{
	for (size_t i = 0; i < w->nsteps; i++) {
		const struct wf_step *s = &w->step[i];
		struct buf name = BUF_INIT, title = BUF_INIT;
		struct list_kind k = { .make = value_step, .arg = (int)i, .step = s->id };

		if (s->effect == WF_CORRECT || s->effect == WF_RETRACT || s->effect == WF_REPIN)
			continue;
		buf_printf(&name, "%s_at", s->id);
		buf_printf(&title, "%s时间", s->name);
		add(m, name.p, arena_strdup(&m->c->ids.text, title.p), k);
		buf_clear(&name);
		buf_clear(&title);
	}
}

struct list_columns *list_columns_new(const struct policy *p)
{
	const struct table *view = schema_table(SPAN("hazard-list"));
	struct list_columns *c = mem_zalloc(1, sizeof *c);
	struct making m = { .c = c };
	struct list_kind k;

	for (int i = 0; i < view->ncolumns; i++) {
		if (i == view->levels_at)
			add_levels(&m, p, false);
		if (i == view->nleft)
			add_levels(&m, p, true);
		if (value_kind(span_of(view->columns[i].name), &k))
			add(&m, view->columns[i].name, view->columns[i].title_zh, k);
	}
	c->ndefault = c->ids.n;
	for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
		value_kind(span_of(extras[i].name), &k);
		if (strcmp(extras[i].name, "reporter_level") == 0)	/* reads like the closer's */
			k.column = &view->columns[schema_column(view, SPAN("closer_level"))];
		add(&m, extras[i].name, extras[i].title_zh, k);
	}
	add_steps(&m, &p->workflow);
	return c;
}

void list_columns_free(struct list_columns *c)
{
	if (c == NULL)
		return;
	names_clear(&c->ids);
	free(c->title_zh);
	free(c->kind);
	free(c);
}

int list_column(const struct list_columns *c, struct span name, struct err *e)
{
	const struct table *view = schema_table(SPAN("hazard-list"));
	uint32_t n;
	const char **words, *near;
	struct buf half = BUF_INIT;
	int col;

	text_halfwidth(&half, name);
	name = span_trim(buf_view(&half));
	n = names_find(&c->ids, name);
	for (uint32_t i = 0; n == NAMES_NONE && i < c->ids.n; i++)
		if (span_is(name, c->title_zh[i]))
			n = i;
	col = n == NAMES_NONE && name.n > 0 ? schema_column_label(view, name) : -1;
	if (col >= 0)
		n = names_find(&c->ids, span_of(view->columns[col].name));
	if (n == NAMES_NONE) {
		words = mem_zalloc(2 * (size_t)c->ids.n, sizeof *words);
		for (uint32_t i = 0; i < c->ids.n; i++) {
			words[2 * i] = names_at(&c->ids, i).p;
			words[2 * i + 1] = c->title_zh[i];
		}
		near = text_nearest(name, words, 2 * (size_t)c->ids.n);
		err_set(e, ERR_USAGE, "\"%.*s\" is not a column of hazard-list%s%s%s", (int)name.n, name.p, near ? "; did you mean " : "",
		    near ? near : "", near ? "?" : "");
		free(words);
	}
	buf_clear(&half);
	return n != NAMES_NONE ? (int)n : -1;
}

struct trail *list_trail(const struct list_columns *c, const int *col, size_t n, const struct filter *filter)
{
	size_t tests = filter != NULL ? filter->n : 0;
	struct trail *t = NULL;

	for (size_t i = 0; i < n + tests; i++) {
		int number = i < n ? col[i] : filter->v[i - n].col;
		const struct list_kind *k = number >= 0 ? &c->kind[number] : NULL;

		if (k == NULL || (k->asks == 0 && k->step == NULL))
			continue;
		if (t == NULL)
			t = trail_new(0);
		t->asks |= k->asks;
		if (k->step != NULL)
			trail_ask(t, span_of(k->step));
	}
	return t;
}

int list_filter_scope(struct filter *f, const struct list_columns *c, struct office *o, const char *list, struct err *e)
{
	struct names ids = { .v = NULL };
	struct buf pattern = BUF_INIT;
	int result = ruleids_pilots(o, list, &ids, e);

	buf_puts(&pattern, "(^|;)(");
	for (uint32_t i = 0; i < ids.n; i++)
		buf_printf(&pattern, "%s\\Q%s\\E", i > 0 ? "|" : "", names_at(&ids, i).p);
	buf_puts(&pattern, ")(;|$)");
	if (result == 0 && ids.n == 0)
		result = err_set(e, ERR_USAGE, "--scope: no rule is named");
	if (result == 0)
		result = filter_match(f, list_column(c, SPAN("scope"), e), buf_view(&pattern), NULL, e);
	buf_clear(&pattern);
	names_clear(&ids);
	return result < 0 ? -1 : 0;
}

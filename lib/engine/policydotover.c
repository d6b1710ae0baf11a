/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>

#include "base/time.h"
#include "engine/policydotint.h"
#include "engine/policyexplain.h"
#include "register/schema.h"

/* Begin one more line of a box. */
static void line(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void line(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	if (b->n > 0)
		buf_putc(b, '\n');
	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

/* A time, and what it was. */
static void put_term(struct buf *b, struct term now, struct term was, bool had)
{
	term_write(b, now);
	if (!had)
		return;
	buf_puts(b, "(原");
	term_write(b, was);
	buf_puts(b, ")");
}

/* The limits that an entry shortens or adds, and its rungs. */
static void put_ladder(struct buf *b, const struct policy *p, const struct rule *x, const struct rule *base)
{
	for (size_t i = 0; i < x->nlimits; i++) {
		const struct limit *l = &x->limit[i];
		size_t k = 0;

		while (k < base->nlimits && strcmp(base->limit[k].id, l->id) != 0)
			k++;
		line(b, "%s %s:", k < base->nlimits ? "限时" : "另加限时", l->id);
		if (k < base->nlimits) {
			put_term(b, l->within, base->limit[k].within, true);
			continue;
		}
		buf_printf(b, "%s → %s ", l->from, l->until);
		term_write(b, l->within);
		buf_puts(b, ",否则");
		policydot_act(b, p, &l->miss, false);
	}
	for (size_t i = 0; i < x->nrungs; i++) {
		line(b, "另加 ");
		rung_at_write(b, &x->rung[i].at);
		buf_putc(b, ' ');
		policydot_act(b, p, &x->rung[i], false);
	}
}

/* What a word of a list is called. */
typedef const char *name_fn(const struct policy *p, const char *id);

static const char *name_phase(const struct policy *p, const char *id)
{
	const struct table *t = schema_table(SPAN("evidence"));
	const struct column *c = &t->columns[schema_column(t, SPAN("phase"))];

	(void)p;
	for (size_t i = 0; i < c->nvalues; i++)
		if (strcmp(schema_value(c, i), id) == 0)
			return schema_label(c, i);
	return id;
}

static const char *name_column(const struct policy *p, const char *id)
{
	const struct table *t = schema_table(SPAN("events"));
	int col = schema_column(t, span_of(id));

	(void)p;
	return col >= 0 ? t->columns[col].title_zh : id;
}

static const char *name_kind(const struct policy *p, const char *id)
{
	int i = vocab_id(&p->organ_kinds, span_of(id));

	return i >= 0 ? p->organ_kinds.v[i].name : id;
}

static const char *name_role(const struct policy *p, const char *id)
{
	int i = vocab_id(&p->roles, span_of(id));

	return i >= 0 ? p->roles.v[i].name : id;
}

static const char *name_step(const struct policy *p, const char *id)
{
	int i = workflow_step(&p->workflow, id, strlen(id));

	return i >= 0 ? p->workflow.step[i].name : id;
}

static const char *name_none(const struct policy *p, const char *id)
{
	(void)p;
	return id;
}

/* A list, if there is one. */
static void put_list(struct buf *b, const struct policy *p, const char *what, const char **v, size_t n, name_fn *name)
{
	for (size_t i = 0; i < n; i++) {
		if (i == 0)
			line(b, "%s", what);
		buf_printf(b, "%s%s", i ? "、" : "", name(p, v[i]));
	}
}

/* What it asks of extensions. */
static void put_extend(struct buf *b, const struct policy *p, const struct overlay_entry *e)
{
	const struct rule_extend *x = &e->says.extend;

	if (e->before && x->before.n > 0) {
		line(b, "延期须提前申请:");
		term_write(b, x->before);
	}
	if (x->max > 0)
		line(b, "延期最多%u次", x->max);
	if (e->total) {
		line(b, "延期累计不超过");
		term_write(b, x->total);
	}
	put_list(b, p, "延期由其批准:", x->by, x->nby, name_role);
}

/* What it asks of single steps. */
static void put_gates(struct buf *b, const struct policy *p, const struct rule *x)
{
	put_list(b, p, "销号另需证据:", x->needs, x->nneeds, name_phase);
	if (x->measures)
		line(b, "每条措施都要有证据");
	if (x->acceptors > 0)
		line(b, "验收人至少%u名", x->acceptors);
	if (x->not_rectifier)
		line(b, "整改人不得验收");
	if (x->not_owner)
		line(b, "责任单位不得验收");
	put_list(b, p, "另需其验收:", x->acceptor, x->nacceptors, name_kind);
	put_list(b, p, "交办另需:", x->fixed, x->nfixed, name_column);
	put_list(b, p, "方案另需:", x->part, x->nparts, name_none);
	put_list(b, p, "须先有方案:", x->planned, x->nplanned, name_step);
}

/* An entry in the place's words. */
static void put_entry(struct buf *b, const struct policy *p, const struct overlay_entry *e, const struct rule *base)
{
	const struct rule *x = &e->says;

	if (x->has_due) {
		line(b, "限期:");
		put_term(b, x->within, base->within, base->has_due);
	}
	put_ladder(b, p, x, base);
	if (x->handovers > 0)
		line(b, "交接不超过%u次", x->handovers);
	put_extend(b, p, e);
	put_gates(b, p, x);
	if (x->lit)
		line(b, "黄灯%d%%、红灯%d%%", x->yellow, x->red);
}

/* The same in ids: the words of explain, a line for each. */
static void put_entry_ids(struct buf *b, const struct policy *p, const struct overlay_entry *e, const struct rule *base)
{
	struct buf text = BUF_INIT;

	policyexplain_entry(p, e, base, &text);
	for (const char *at = text.p, *end; at != NULL; at = end != NULL ? end + 2 : NULL) {
		end = strstr(at, "; ");
		line(b, "%.*s", (int)(end != NULL ? (size_t)(end - at) : strlen(at)), at);
	}
	buf_clear(&text);
}

/* From when to when, if it says so. */
static void put_days(struct buf *b, int32_t from, int32_t to)
{
	char day[DATE_LEN + 1];

	if (from == DATE_NONE && to == DATE_NONE)
		return;
	buf_puts(b, "\n");
	if (from != DATE_NONE) {
		date_write(from, day);
		buf_puts(b, day);
	}
	buf_puts(b, " – ");
	if (to != DATE_NONE) {
		date_write(to, day);
		buf_puts(b, day);
	}
}

/* Whose it is, on what it stands, when and where it holds. */
static void put_head(struct buf *b, const struct overlay *o, const struct rule *says)
{
	const char *basis = *says->basis ? says->basis : o->basis;

	line(b, "%s", o->organ);
	if (*basis)
		line(b, "%s", basis);
	put_days(b, o->from, o->to);
	if (!says->scope.set)
		return;
	put_days(b, says->scope.from, says->scope.to);
	for (size_t i = 0; i < says->scope.ngrids; i++)
		buf_printf(b, "%s%s", i ? ", " : "\n", says->scope.grid[i]);
}

void policydot_overlays(struct buf *out, const struct policy *p, size_t i, bool ids)
{
	const struct rule *base = &p->rules.v[i];
	size_t number = 0;

	for (size_t k = 0; k < p->overlays.n; k++)
		for (size_t n = 0; n < p->overlays.v[k].n; n++) {
			const struct overlay_entry *e = &p->overlays.v[k].v[n];
			struct buf text = BUF_INIT;

			if (!e->of[i])
				continue;
			put_head(&text, &p->overlays.v[k], &e->says);
			(ids ? put_entry_ids : put_entry)(&text, p, e, base);
			number++;
			buf_printf(out, "\t\t\"%zu overlay %zu\" [shape=note, style=filled, fillcolor=\"#efe4fb\", fontsize=10, label=\"",
			    i, number);
			policydot_text(out, text.p);
			buf_printf(out, "\"];\n\t\t\"%zu\" -> \"%zu overlay %zu\" [color=\"#7a3fb5\", arrowhead=none, label=\"", i, i, number);
			policydot_text(out, ids ? "tightened" : "从严");
			buf_puts(out, "\"];\n");
			buf_clear(&text);
		}
}

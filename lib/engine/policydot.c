/* SPDX-License-Identifier: MIT */
#include "engine/policydotint.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/policyexplain.h"

static const char *const phase_zh[5] = { "在办", "待验收", "已销号", "已终止", "不计数" };
static const char *const phase_colour[5] = { "#fff4d6", "#e3f0ff", "#e2f4e2", "#eeeeee", "#f6e6e6" };

void policydot_text(struct buf *out, const char *s)
{
	struct buf shown = BUF_INIT;

	text_escape(&shown, span_of(s), true);
	for (size_t i = 0; i < shown.n; i++) {
		if (shown.p[i] == '\n') {
			buf_puts(out, "\\n");
			continue;
		}
		if (shown.p[i] == '"' || shown.p[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, shown.p[i]);
	}
	buf_clear(&shown);
}

static void put_head(struct buf *out, const struct policy *p, const char *graph, const char *dir, bool ids)
{
	buf_printf(
	    out, "digraph %s {\n\tgraph [rankdir=%s, fontname=\"sans-serif\", labelloc=t, label=\"", graph, dir);
	policydot_text(out, ids ? p->place : p->name);
	buf_puts(out,
	    "\"];\n\tnode [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"sans-serif\"];\n"
	    "\tedge [fontname=\"sans-serif\", fontsize=10];\n");
}

/* Who may take a step. */
static void put_who(struct buf *out, const struct policy *p, const struct wf_step *s, bool ids)
{
	size_t n = 0;

	if (s->sweep) {
		buf_puts(out, ids ? "sweep" : "系统");
		return;
	}
	for (size_t i = 0; i < p->roles.n && i < 64; i++)
		if (s->by >> i & 1)
			buf_printf(out, "%s%s",
			    n++ == 0	     ? ""
				: n % 3 == 1 ? "\n"
				: ids	     ? ", "
					     : "、",
			    ids ? p->roles.v[i].id : p->roles.v[i].name);
	if (n == 0)
		buf_puts(out, ids ? "anybody" : "不限");
}

/* The states, those of one phase in a box. */
static void put_states(struct buf *out, const struct workflow *w, bool ids)
{
	for (int phase = 0; phase < 5; phase++) {
		bool any = false;

		for (size_t i = 0; i < w->nstates; i++) {
			if ((int)w->state[i].phase != phase)
				continue;
			if (!any)
				buf_printf(out,
				    "\tsubgraph \"cluster_%s\" {\n\t\tlabel=\"%s\"; style=\"rounded,filled\"; "
				    "fillcolor=\"%s\";\n",
				    wf_phase_name[phase], ids ? wf_phase_name[phase] : phase_zh[phase],
				    phase_colour[phase]);
			any = true;
			buf_printf(out, "\t\t\"%s\" [label=\"", w->state[i].id);
			policydot_text(out, ids ? w->state[i].id : w->state[i].name);
			buf_printf(out, "\"%s];\n", (int)i == w->start ? ", penwidth=2" : "");
		}
		buf_puts(out, any ? "\t}\n" : "");
	}
}

/* One edge of a step. */
static void put_edge(struct buf *out, const struct policy *p, const struct wf_step *s, size_t from, int to,
    const char *result, bool ids)
{
	const struct workflow *w = &p->workflow;
	struct buf label = BUF_INIT;

	buf_printf(&label, "%s%s\n", ids ? s->id : s->name, result);
	put_who(&label, p, s, ids);
	buf_printf(out, "\t\"%s\" -> \"%s\" [label=\"", w->state[from].id, w->state[to].id);
	policydot_text(out, label.p);
	buf_printf(out, "\"%s];\n",
	    s->implied				      ? ", style=dashed"
		: s->sweep			      ? ", color=red"
		: s->to_fail == to && s->to_fail >= 0 ? ", color=brown"
						      : "");
	buf_clear(&label);
}

/* The steps that lead from one state to another. */
static void put_edges(struct buf *out, const struct policy *p, bool ids)
{
	const struct workflow *w = &p->workflow;

	for (size_t i = 0; i < w->nsteps; i++) {
		const struct wf_step *s = &w->step[i];

		for (size_t from = 0; from < w->nstates; from++) {
			if (!(s->from >> from & 1) || s->to < 0)
				continue;
			put_edge(out, p, s, from, s->to, s->to_fail < 0 ? "" : ids ? " pass" : "(合格)", ids);
			if (s->to_fail >= 0)
				put_edge(out, p, s, from, s->to_fail, ids ? " fail" : "(不合格)", ids);
		}
	}
}

/* The steps that change no state: a note for each set of states they may be taken in. */
static void put_notes(struct buf *out, const struct policy *p, bool ids)
{
	const struct workflow *w = &p->workflow;
	uint64_t done = 0;

	for (size_t i = 0; i < w->nsteps; i++) {
		struct buf text = BUF_INIT;
		size_t n = 0;

		if (w->step[i].to >= 0 || done >> i & 1)
			continue;
		for (size_t k = 0; k < w->nstates; k++)
			if (w->step[i].from >> k & 1)
				buf_printf(&text, "%s%s",
				    n++	      ? (ids ? ", " : "、")
					: ids ? "in "
					      : "",
				    ids ? w->state[k].id : w->state[k].name);
		buf_puts(&text, ids ? "" : ":");
		for (size_t k = i; k < w->nsteps; k++) {
			if (w->step[k].to >= 0 || w->step[k].from != w->step[i].from)
				continue;
			done |= UINT64_C(1) << k;
			buf_printf(&text, "\n%s: ", ids ? w->step[k].id : w->step[k].name);
			put_who(&text, p, &w->step[k], ids);
		}
		buf_printf(out,
		    "\t\"note %zu\" [shape=note, style=filled, fillcolor=\"#ffffe8\", fontsize=10, label=\"", i + 1);
		policydot_text(out, text.p);
		buf_puts(out, "\"];\n");
		buf_clear(&text);
	}
}

void policydot_workflow(const struct policy *p, bool ids, struct buf *out)
{
	put_head(out, p, "workflow", "LR", ids);
	put_states(out, &p->workflow, ids);
	put_edges(out, p, ids);
	put_notes(out, p, ids);
	buf_puts(out, "}\n");
}

void policydot_act(struct buf *out, const struct policy *p, const struct rung *g, bool ids)
{
	static const char *const zh[4] = { "催办", "升级", "挂牌督办", "发文" };
	static const char *const fixed[][2] = { { "owner", "责任单位" }, { "parent", "上一级" },
		{ "top", "最高层级" }, { "dispatch", "调度单位" } };
	int level = vocab_id(&p->levels, span_of(g->to)), kind = vocab_id(&p->organ_kinds, span_of(g->to));
	const char *to = level >= 0 ? p->levels.v[level].name : kind >= 0 ? p->organ_kinds.v[kind].name : g->to;

	if (ids) {
		policyexplain_act(p, g, out);
		return;
	}
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (strcmp(g->to, fixed[i][0]) == 0)
			to = fixed[i][1];
	buf_printf(out, "%s:%s", zh[g->act], to);
	for (size_t i = 0; g->notice != NULL && i < p->nnotices; i++)
		if (strcmp(p->notice[i].id, g->notice) == 0)
			buf_printf(out, "\n%s", p->notice[i].name);
	for (size_t i = 0; i < g->nrepeats; i++) {
		buf_puts(out, i ? "、" : "\n再次:");
		term_write(out, g->repeat[i]);
	}
}

/* The first box of a rule: its id, what it is for, its term. */
static void put_rule(struct buf *out, const struct rule *r, bool ids)
{
	struct buf text = BUF_INIT;

	buf_printf(&text, "%s\n", r->id);
	for (size_t i = 0; i < r->ntests; i++) {
		buf_printf(&text, "%s: ", rule_field_name[r->when[i].field]);
		for (size_t k = 0; k < r->when[i].nvalues; k++)
			buf_printf(&text, "%s%s", k ? ", " : "", r->when[i].value[k]);
		buf_puts(&text, r->when[i].pattern != NULL ? "/…/\n" : "\n");
	}
	if (r->has_due) {
		term_write(&text, r->within);
		buf_printf(&text, " (%s)", r->from);
	} else {
		buf_puts(&text, ids ? "no due time" : "不限期");
	}
	policydot_text(out, text.p);
	buf_clear(&text);
}

/* A box with what happens, and the edge that leads to it; name and from are ids of boxes. */
static void put_box(struct buf *out, const struct policy *p, const struct rung *g, const char *name, const char *from,
    const char *style, const char *when, bool ids)
{
	struct buf text = BUF_INIT;

	policydot_act(&text, p, g, ids);
	buf_printf(out, "\t\t\"%s\" [label=\"", name);
	policydot_text(out, text.p);
	buf_printf(out, "\"];\n\t\t\"%s\" -> \"%s\" [%slabel=\"", from, name, style);
	policydot_text(out, when);
	buf_puts(out, "\"];\n");
	buf_clear(&text);
}

/* The limits and rungs of rule i. */
static void put_ladder(struct buf *out, const struct policy *p, size_t i, bool ids)
{
	const struct rule *r = &p->rules.v[i];
	struct buf when = BUF_INIT;
	char name[64], from[64];

	snprintf(from, sizeof from, "%zu", i);
	for (size_t k = 0; k < r->nlimits; k++) {
		const struct limit *x = &r->limit[k];

		snprintf(name, sizeof name, "%zu limit %zu", i, k + 1);
		buf_reset(&when);
		buf_printf(&when, "%s\n%s → %s ", x->id, x->from, x->until);
		term_write(&when, x->within);
		put_box(out, p, &x->miss, name, from, "style=dashed, ", when.p, ids);
	}
	for (size_t k = 0; k < r->nrungs; k++) {
		snprintf(name, sizeof name, "%zu rung %zu", i, k + 1);
		buf_reset(&when);
		rung_at_write(&when, &r->rung[k].at);
		put_box(out, p, &r->rung[k], name, from, "", when.p, ids);
		memcpy(from, name, sizeof from);
	}
	buf_clear(&when);
}

void policydot_rules(const struct policy *p, bool ids, struct buf *out)
{
	put_head(out, p, "rules", "TB", ids);
	for (size_t i = 0; i < p->rules.n; i++) {
		buf_printf(out,
		    "\tsubgraph \"cluster_%zu\" {\n\t\tlabel=\"\"; style=rounded;\n\t\t\"%zu\" "
		    "[fillcolor=\"#fff4d6\", label=\"",
		    i, i);
		put_rule(out, &p->rules.v[i], ids);
		buf_puts(out, "\"];\n");
		put_ladder(out, p, i, ids);
		policydot_overlays(out, p, i, ids);
		buf_puts(out, "\t}\n");
	}
	buf_puts(out, "}\n");
}

/* SPDX-License-Identifier: MIT */
#include "base/time.h"
#include "engine/policyexplain.h"
#include "hazard-show.h"

/* hh:mm:ss of a length of time. */
static void put_length(int64_t seconds, struct buf *out)
{
	buf_printf(out, "%lld:%02lld:%02lld", (long long)(seconds / 3600), (long long)(seconds / 60 % 60), (long long)(seconds % 60));
}

/* A step with its name. */
static void put_step(const struct shown *x, struct span id, struct buf *out)
{
	const struct workflow *w = &x->h.policy->workflow;
	int step = workflow_step(w, id.p, id.n);

	buf_span(out, id);
	if (step >= 0)
		buf_printf(out, " %s", w->step[step].name);
}

/* Every counted and excluded span, and the sum of those that count. */
static void spans(const struct shown *x, const struct clock_trace *trace, struct buf *out)
{
	int64_t sum = 0;

	for (size_t i = 0; i < trace->n; i++) {
		const struct clock_span *s = &trace->v[i];

		SHOWN(s->counted ? "  counted" : "  excluded", shown_time(x, s->from, &t_); buf_puts(&t_, " to "); shown_time(x, s->to, &t_);
		    buf_puts(&t_, "  "); put_length(s->to - s->from, &t_);
		    if (s->why.n) { buf_puts(&t_, "  "); buf_span(&t_, s->why); });
		if (s->counted)
			sum += s->to - s->from;
	}
	if (trace->n)
		SHOWN("  sum", put_length(sum, &t_));
}

/* Whose working time was counted, when it is not everybody's. */
static void hours(const struct worktime *w, struct buf *out)
{
	SHOWN("  hours", if (w->kind != CALENDAR_WALL && *w->organ) buf_printf(&t_, "of %s", w->organ));
}

/* What became of a limit that began. */
static void outcome(const struct shown *x, const struct limit_stand *s, struct buf *out)
{
	int64_t over = (s->state == LIMIT_RUNS ? x->s->now : s->by) - s->end;

	switch (s->state) {
	case LIMIT_RUNS:
		SHOWN("  state", if (x->h.held) buf_puts(&t_, "clock stopped");
		    else if (over > 0) { buf_puts(&t_, "overdue by "); put_length(over, &t_); }
		    else buf_puts(&t_, "open"));
		break;
	case LIMIT_MET:
		SHOWN("  met", shown_time(x, s->by, &t_); buf_puts(&t_, " by "); put_step(x, s->step, &t_); buf_puts(&t_, ", ");
		    shown_named(x, "officers", s->actor, &t_);
		    if (over > 0) { buf_puts(&t_, ", late by "); put_length(over, &t_); });
		break;
	default:
		SHOWN("  lapsed", shown_time(x, s->by, &t_); buf_puts(&t_, " with "); put_step(x, s->step, &t_);
		    if (over > 0) { buf_puts(&t_, ", overdue by "); put_length(over, &t_); });
		break;
	}
}

/* The arithmetic of a limit, as that of the due date. */
static void limit(const struct shown *x, const struct limit_stand *s, struct buf *out)
{
	const struct limit *l = s->limit;

	buf_printf(out, "\nlimit %s\n", l->id);
	SHOWN("  rule", buf_printf(&t_, "%s, policy/%s:%d", x->h.policy->rules.v[x->h.rule].id, limit_file(l), l->line));
	SHOWN("  limit", term_write(&t_, l->within); buf_printf(&t_, " from %s until %s", l->from, l->until));
	if (s->state == LIMIT_NOT_BEGUN) {
		SHOWN("  start", buf_puts(&t_, "not begun"));
		return;
	}
	SHOWN("  start", shown_time(x, s->start, &t_); buf_puts(&t_, " ");
	    if (s->from.n) put_step(x, s->from, &t_);
	    else buf_puts(&t_, l->from));
	hours(&s->work, out);
	spans(x, &s->trace, out);
	if (s->held)
		SHOWN("  held", put_length(s->held, &t_); buf_puts(&t_, " left out"));
	SHOWN("  end", shown_time(x, s->end, &t_));
	outcome(x, s, out);
}

/* What the overlay of the organ that leads made of the rule, entry by entry. */
static void overlay(const struct shown *x, const struct rule *r, struct buf *out)
{
	struct buf text = BUF_INIT;
	struct span rest, one;

	policyexplain_overlay(x->h.policy, r, "policy/", &text);
	for (rest = buf_view(&text); span_split(&rest, '\n', &one);)
		SHOWN("  overlay", buf_span(&t_, one));
	buf_clear(&text);
}

void shown_explain(const struct shown *x, struct buf *out)
{
	const struct hazard *h = &x->h;
	const struct rule *r = &h->policy->rules.v[h->rule];

	buf_puts(out, "\nclock\n");
	SHOWN("  rule", buf_printf(&t_, "%s, policy/escalation.yaml:%d of policy %.12s", r->id, r->line, h->policy->digest));
	overlay(x, r, out);
	SHOWN("  basis", buf_puts(&t_, r->basis ? r->basis : ""));
	SHOWN("  limit", if (r->has_due) { term_write(&t_, r->within); buf_printf(&t_, " from %s", r->from); }
	    else buf_puts(&t_, "none"));
	hours(&h->work, out);
	spans(x, &x->trace, out);
	SHOWN("  due", shown_due(x, &t_));
	for (size_t i = 0; i < x->limits.n; i++)
		limit(x, &x->limits.v[i], out);
}

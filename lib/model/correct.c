/* SPDX-License-Identifier: MIT */
#include "model/stepint.h"

#include <stdlib.h>

#include "base/time.h"

/* The column of hazards.csv that a correction names; -1 after a complaint. */
static int corrected_column(struct taking *t)
{
	static const char *const fixed[] = { "hazard", "commit", "policy", "ref" };
	const struct table *h = t->b->hazards;
	struct span said = span_trim(t->said->f[t->b->col.field]);
	int col = schema_column_label(h, said), near;

	if (said.n == 0) {
		step_complain(t, NULL, "%s needs a field: the column that is wrong", t->s->id);
		return -1;
	}
	if (col < 0) {
		near = schema_nearest_column(h, said);
		step_complain(t, "field", "\"%.*s\" is not a column of hazards.csv%s%s%s", (int)said.n, said.p,
		    near >= 0 ? "; did you mean " : "", near >= 0 ? h->columns[near].name : "", near >= 0
		    ? "?" : "");
		return -1;
	}
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (span_is(span_of(h->columns[col].name), fixed[i])) {
			step_complain(t, "field", "%s cannot be corrected", fixed[i]);
			return -1;
		}
	return col;
}

/* The times of a hazard must stay in order when one of them is corrected. */
static void check_order(struct taking *t, const char *column, struct span value)
{
	int offset = t->b->office->reg->offset;
	const struct hazard *h = &t->k->now;
	char other[TIME_LEN + 1];
	int64_t v, first = t->b->who.now;
	bool reported = strcmp(column, "reported_at") == 0;

	if ((!reported && strcmp(column, "found_at") != 0) || !time_read(value, offset, &v))
		return;
	for (size_t i = 0; reported && i < t->k->npast; i++)
		if (!t->k->past[i].gone && t->k->past[i].at < first)
			first = t->k->past[i].at;
	if (!reported)
		first = h->reported;
	time_write(first, offset, other);
	if (v > first)
		step_complain(t, "value", "%.*s is after %s (%s)", (int)value.n, value.p,
		    !reported ? "the hazard was reported" : first == t->b->who.now ? "now"
		    : "the hazard's first step", other);
	else if (reported && h->found != TIME_NONE && v < h->found) {
		time_write(h->found, offset, other);
		step_complain(t, "value", "%.*s is before the hazard was found (%s)", (int)value.n, value.p,
		    other);
	}
}

int correct_fill(struct taking *t, struct err *e)
{
	struct step_batch *b = t->b;
	const struct event_columns *c = &b->col;
	struct span said = span_trim(t->said->f[c->value]), value = { NULL, 0 }, was;
	int col = corrected_column(t), bad;

	if (col < 0)
		return 0;
	if (said.n == 0) {
		step_complain(t, NULL, "%s needs a value: what is right, or - for nothing", t->s->id);
		return 0;
	}
	was = t->k->now.row[col];
	if (!span_is(said, "-")) {
		bad = step_value(t, c->value, &b->hazards->columns[col], said, time_day(t->k->now.reported,
		    b->office->reg->offset), &value, e);
		if (bad)
			return bad < 0 ? -1 : 0;
	} else if (b->hazards->columns[col].required) {
		step_complain(t, "value", "%s cannot be empty", b->hazards->columns[col].name);
		return 0;
	}
	if (span_eq(was, value)) {
		step_complain(t, "value", "hazard %.*s has this %s already", (int)t->k->id.n, t->k->id.p,
		    b->hazards->columns[col].name);
		return 0;
	}
	check_order(t, b->hazards->columns[col].name, value);
	t->f[c->field] = span_of(b->hazards->columns[col].name);
	t->f[c->was] = (struct span){ arena_spandup(&t->k->mem, was), was.n };
	t->f[c->value] = value.n > 0 ? value : SPAN("-");
	return 0;
}

/* Where the hazard would stand at some event if one other had not been. */
struct replay {
	int state;
	bool held, supervised;
};

/* May the event follow?  Then it moves the replay on. */
static bool replay_step(struct replay *r, const struct workflow *w, const struct step_batch *b,
    const struct past *p)
{
	struct span name = p->f[b->col.step];
	int step = workflow_step(w, name.p, name.n);
	const struct wf_step *s;

	if (step < 0)
		return true;
	s = &w->step[step];
	if (!(s->from >> r->state & 1) || (s->effect == WF_RESUME && !r->held) || (s->effect == WF_DELIST &&
	    !r->supervised))
		return false;
	if (s->effect == WF_HOLD || s->effect == WF_RESUME)
		r->held = s->effect == WF_HOLD;
	if (s->effect == WF_SUPERVISE || s->effect == WF_DELIST)
		r->supervised = s->effect == WF_SUPERVISE;
	r->state = workflow_next(w, r->state, step, span_is(p->f[b->col.result], "fail"));
	return true;
}

/* The later steps that stand on an event, as "E2 (recheck), E3 (close)". */
static void standing_on(struct taking *t, const struct past *undone, struct buf *out)
{
	const struct step_batch *b = t->b;
	struct replay r = { .state = t->w->start };
	bool later = false;

	for (size_t i = 0; i < t->k->npast; i++) {
		const struct past *p = &t->k->past[i];
		struct span field = p->f[b->col.field];

		if (p == undone)
			later = true;
		if (p == undone || p->gone || past_is_sweep(b, p))
			continue;
		if (replay_step(&r, t->w, b, p) && !(later && field.n > 0 && span_eq(field,
		    undone->f[b->col.field])))
			continue;
		if (later)
			buf_printf(out, "%s%.*s (%.*s)", out->n ? ", " : "", (int)p->f[b->col.event].n,
			    p->f[b->col.event].p,
			    (int)p->f[b->col.step].n, p->f[b->col.step].p);
	}
}

int retract_check(struct taking *t, struct err *e)
{
	struct step_batch *b = t->b;
	struct span key = t->f[b->col.key];
	struct past *p = known_event(t->k, b, key);
	struct buf later = BUF_INIT;

	(void)e;
	if (key.n == 0)
		return 0;	/* what is missing is said with the other needs */
	if (p == NULL)
		step_complain(t, t->said->file ? "key" : NULL, "event %.*s is not one of hazard %.*s",
		    (int)key.n, key.p, (int)t->k->id.n, t->k->id.p);
	else if (p->gone && p->f[b->col.key].n > 0)
		step_complain(t, NULL, "event %.*s is itself a retraction; take the step again instead",
		    (int)key.n, key.p);
	else if (p->gone)
		step_complain(t, NULL, "event %.*s is retracted already", (int)key.n, key.p);
	else if (past_is_sweep(b, p))
		step_complain(t, NULL, "event %.*s was recorded by the sweep and stays as history",
		    (int)key.n, key.p);
	else
		standing_on(t, p, &later);
	if (later.n > 0)
		step_complain(t, NULL,
		    "event %.*s cannot be retracted while later steps stand on it: %s; retract these first",
		    (int)key.n,
		    key.p, later.p);
	buf_clear(&later);
	return 0;
}

/* The other version must have the word. */
static void must_know(struct taking *t, const struct vocab *words, const char *word)
{
	if (vocab_id(words, span_of(word)) < 0)
		step_complain(t, NULL, "hazard %.*s has the %s %s, which that version does not know", (int)t->k->id.n, t->k->id.p,
		    words->what, word);
}

int repin_check(struct taking *t, struct err *e)
{
	const struct hazard *h = &t->k->now;
	struct policy *p = office_policy(t->b->office, t->said->repin, e);
	const char *state = t->w->state[h->state].id;
	int category = schema_column(t->b->hazards, SPAN("category"));
	struct buf word = BUF_INIT;

	if (p == NULL)
		return -1;
	if (p == t->policy) {
		step_complain(t, NULL, "hazard %.*s goes by that version already", (int)t->k->id.n, t->k->id.p);
		return 0;
	}
	if (t->f[t->b->col.reason].n == 0)
		step_complain(t, NULL, "%s needs a reason", t->s->id);
	if (workflow_state(&p->workflow, state) < 0)
		step_complain(t, NULL, "hazard %.*s is %s, a state that version does not have", (int)t->k->id.n, t->k->id.p, state);
	if (h->severity >= 0)
		must_know(t, &p->severities, t->policy->severities.v[h->severity].id);
	if (h->tier >= 0)
		must_know(t, &p->levels, t->policy->levels.v[h->tier].id);
	if (h->row[category].n > 0) {
		buf_span(&word, h->row[category]);
		must_know(t, &p->categories, word.p);
		buf_clear(&word);
	}
	t->f[t->b->col.value] = t->said->repin;
	return 0;
}

/* A due time for a remark. */
static void put_due(struct buf *out, int64_t due, int offset)
{
	char text[TIME_LEN + 1];

	if (due == TIME_NONE)
		buf_puts(out, "none");
	else {
		time_write(due, offset, text);
		buf_puts(out, text);
	}
}

/* Notices that name a due time of the hazard which holds no longer. */
static int remark_notices(struct step_batch *b, struct known *k, struct err *e)
{
	struct office *o = b->office;
	const struct table *lines = schema_table(SPAN("notice-lines"));
	int notice = schema_column(lines, SPAN("notice")), duecol = schema_column(lines, SPAN("due"));
	struct span f[EVENT_COLUMNS_MAX];
	struct ledger_at *at = NULL;
	struct buf text = BUF_INIT;
	size_t n = 0;
	int bad = ledger_of_hazard(o->reg, &o->at, "notice-lines", k->id, &at, &n, e) < 0 ? -1 : 0;

	for (size_t i = 0; i < n && !bad; i++) {
		int64_t said;

		buf_reset(&text);
		bad = ledger_read(o->reg, &o->at, "notice-lines", at[i], &text, f, e);
		if (bad || (time_read(f[duecol], o->reg->offset, &said) && said == k->now.due))
			continue;
		buf_printf(&b->remarks,
		    "hazard %.*s: notice %.*s was issued for the due time %.*s; withdraw it\n", (int)k->id.n,
		    k->id.p,
		    (int)f[notice].n, f[notice].p, (int)(f[duecol].n ? f[duecol].n : 4), f[duecol].n
		    ? f[duecol].p : "none");
	}
	buf_clear(&text);
	free(at);
	return bad;
}

int remark_changes(struct step_batch *b, struct known *k, int64_t due, struct err *e)
{
	if (due == k->now.due)
		return 0;
	buf_printf(&b->remarks, "hazard %.*s: due changed from ", (int)k->id.n, k->id.p);
	put_due(&b->remarks, due, b->office->reg->offset);
	buf_puts(&b->remarks, " to ");
	put_due(&b->remarks, k->now.due, b->office->reg->offset);
	buf_putc(&b->remarks, '\n');
	return remark_notices(b, k, e);
}

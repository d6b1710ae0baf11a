/* SPDX-License-Identifier: MIT */
#include "model/stepint.h"

#include "base/time.h"
#include "model/worktime.h"

/*
 * Steps that move the due time: an extension keeps to what the rule allows; every other step may only make it earlier.
 */

static bool is_no_value(struct span s)
{
	return s.n == 1 && s.p[0] == '-';
}

/* When the extension was asked for: the asking step since the last one was granted; TIME_NONE: it was not. */
static int64_t asked_at(const struct taking *t, const char *ask)
{
	for (size_t i = past_count(t); i-- > 0;) {
		const struct past *p = &t->k->past[i];
		const struct wf_step *s = past_step(t, p);

		if (s != NULL && (s->effect == WF_REOPEN || s->effect == WF_EXTEND))
			break;
		if (s != NULL && strcmp(s->id, ask) == 0)
			return p->at;
	}
	return TIME_NONE;
}

/* Asked early enough: by the asking step where the rule names one, else by the extension itself. */
static int gate_asked(struct taking *t, const struct rule *r, const struct worktime *work, struct err *e)
{
	struct term before = { -r->extend.before.n, r->extend.before.unit };
	const char *ask = r->extend.ask;
	int64_t at = ask != NULL ? asked_at(t, ask) : t->at, limit;
	char latest[TIME_LEN + 1], when[TIME_LEN + 1];

	if (at == TIME_NONE) {
		step_complain(t, NULL, "%s must be asked for first: take %s (rule %s, %s)", t->s->id, ask, r->id, rule_at(t, r));
		return 0;
	}
	if (clock_add(t->k->now.due, before, work->offset, work, &limit, e) < 0)
		return -1;
	if (at <= limit)
		return 0;
	time_write(limit, work->offset, latest);
	time_write(at, work->offset, when);
	if (ask != NULL)
		step_complain(t, NULL, "%s was asked for too late: %s on %s, by %s at the latest (rule %s, %s)", t->s->id, ask, when,
		    latest, r->id, rule_at(t, r));
	else
		step_complain(t, NULL, "%s is asked too late: by %s (rule %s, %s)", t->s->id, latest, r->id, rule_at(t, r));
	return 0;
}

/* The roles that grant an extension. */
static int gate_granted(struct taking *t, const struct rule *r, struct err *e)
{
	uint64_t may = 0;

	for (size_t i = 0; i < r->extend.nby; i++) {
		int role = vocab_id(&t->policy->roles, span_of(r->extend.by[i]));

		if (role >= 0 && role < 64)
			may |= UINT64_C(1) << role;
	}
	return may != 0 ? check_roles(t, may, e) : 0;
}

int gate_extend(struct taking *t, const struct rule *r, struct err *e)
{
	const struct hazard *h = &t->k->now;
	const struct hazard_side *side = fold_side(t->k->fold, t->k->slot);
	int offset = t->b->office->reg->offset;
	struct worktime work = { office_calendar(t->b->office), CALENDAR_HOURS, "", offset };
	char latest[TIME_LEN + 1];
	struct buf term = BUF_INIT;
	struct span said = t->f[t->b->col.due];
	int64_t limit;

	if (h->due == TIME_NONE)
		return gate_granted(t, r, e);
	if (gate_asked(t, r, &work, e))
		return -1;
	if (r->extend.max > 0 && side != NULL && side->nextends >= r->extend.max)
		step_complain(t, NULL, "hazard %.*s was extended %u time%s already; the rule allows no more (rule %s, %s)",
		    (int)t->k->id.n, t->k->id.p, side->nextends, side->nextends == 1 ? "" : "s", r->id, rule_at(t, r));
	if (r->extend.total.n == 0 || said.n != TIME_LEN)
		return gate_granted(t, r, e);
	if (clock_add(h->first_due, r->extend.total, offset, &work, &limit, e) < 0)
		return -1;
	if (time_trust(said.p, offset) > limit) {
		time_write(limit, offset, latest);
		term_write(&term, r->extend.total);
		step_complain(t, "due", "%.*s is more than %s behind the first due time; at most %s (rule %s, %s)", (int)said.n,
		    said.p, term.p, latest, r->id, rule_at(t, r));
		buf_clear(&term);
	}
	return gate_granted(t, r, e);
}

/* Did the rule of the hazard, or what it goes by, change since the due time was said last? */
static bool is_superseded(const struct taking *t)
{
	int severity = schema_column(t->b->events, SPAN("severity"));

	for (size_t i = past_count(t); i-- > 0;) {
		const struct past *p = &t->k->past[i];
		const struct wf_step *s = past_step(t, p);

		if (s == NULL)
			continue;
		if (s->effect == WF_REOPEN)
			return false;
		if (p->f[severity].n > 0 || p->f[t->b->col.category].n > 0 || s->effect == WF_CORRECT || s->effect == WF_REPIN)
			return true;
		if (p->f[t->b->col.due].n > 0)
			return false;
	}
	return false;
}

/* What the rule alone gives; INT64_MAX: it has no due time. */
static int rule_due(struct taking *t, const struct rule *r, int64_t *due, struct err *e)
{
	const struct hazard *h = &t->k->now;
	const struct hazard_side *side = fold_side(t->k->fold, t->k->slot);
	bool begins = t->s->effect == WF_REOPEN || (strcmp(r->from, "assigned") == 0 && h->assigned == TIME_NONE), held;

	*due = INT64_MAX;
	if (!r->has_due)
		return 0;
	return clock_due(begins ? t->at : h->clock_from, r->within, side != NULL ? side->hold : NULL, side != NULL ? side->nholds : 0,
	    t->b->who.now, t->b->office->reg->offset, &h->work, due, &held, NULL, e);
}

/* The latest due time that a step may say which is no extension; INT64_MAX: none is too late. */
static int latest_due(struct taking *t, const struct rule *r, int64_t *latest, struct err *e)
{
	const struct hazard *h = &t->k->now;

	if (t->s->effect == WF_REOPEN || h->due == TIME_NONE)
		return rule_due(t, r, latest, e);
	*latest = h->due;
	if (!is_superseded(t))
		return 0;
	if (rule_due(t, r, latest, e) < 0)
		return -1;
	*latest = *latest < h->due ? h->due : *latest;
	return 0;
}

/* The workflow's step that puts the due time off; NULL: it has none. */
static const char *extension(const struct taking *t)
{
	for (size_t i = 0; i < t->w->nsteps; i++)
		if (t->w->step[i].effect == WF_EXTEND)
			return t->w->step[i].id;
	return NULL;
}

bool due_has_passed(const struct taking *t)
{
	return t->s->effect != WF_REOPEN && t->k->now.due != TIME_NONE && t->k->now.due < t->at;
}

int gate_due(struct taking *t, const struct rule *r, struct err *e)
{
	struct span said = t->f[t->b->col.due];
	bool failed = t->s->to_fail != -2 && span_is(t->f[t->b->col.result], "fail");	/* a new time for what was not done well */
	const char *extend = extension(t);
	char now[TIME_LEN + 1];
	int64_t latest, due;

	if (said.n == 0 || failed || t->s->effect == WF_EXTEND)
		return 0;
	if (latest_due(t, r, &latest, e) < 0)
		return -1;
	if (is_no_value(said) && rule_due(t, r, &due, e) < 0)
		return -1;
	if (!is_no_value(said))
		due = time_trust(said.p, t->b->office->reg->offset);
	if (due <= latest)
		return 0;
	time_write(latest, t->b->office->reg->offset, now);
	step_complain(t, "due", "%.*s is later than the due time, %s%s; %s may only make it earlier%s%s%s (rule %s, %s)", (int)said.n,
	    said.p, now, latest < t->at ? ", which has passed" : "", t->s->id, extend != NULL ? ", " : "", extend != NULL ? extend : "",
	    extend != NULL ? " makes it later" : "", r->id, rule_at(t, r));
	return 0;
}

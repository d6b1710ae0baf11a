/* SPDX-License-Identifier: MIT */
#include "model/stepint.h"

#include <stdlib.h>

#include "base/time.h"

/* "grid-leader or dispatcher": names of the roles in a set of bits, at most 64 of them. */
static void put_roles(struct buf *out, const struct policy *p, uint64_t bits)
{
	size_t left = (size_t)__builtin_popcountll(bits);

	for (size_t i = 0; i < p->roles.n && i < 64; i++)
		if (bits >> i & 1) {
			buf_puts(out, p->roles.v[i].id);
			left--;
			buf_puts(out, left > 1 ? ", " : left == 1 ? " or " : "");
		}
}

/* The roles of an officer on a day, over the policy in force; remembered until another one needs the place. */
static int roles_on(struct step_batch *b, struct span officer, int32_t day, uint64_t *roles, struct err *e)
{
	struct stood *s;

	if (officer.n > sizeof s->officer || officer.n == 0)
		return office_roles(b->office, officer, day, roles, e);
	if (b->stood == NULL)
		b->stood = mem_zalloc(STOOD, sizeof *b->stood);
	s = &b->stood[mem_hash(officer, (uint32_t)day) & (STOOD - 1)];
	if (s->n == officer.n && s->day == day && bytes_eq(s->officer, officer.p, officer.n)) {
		*roles = s->roles;
		return 0;
	}
	s->n = 0;
	if (office_roles(b->office, officer, day, roles, e))
		return -1;
	s->day = day;
	s->roles = *roles;
	memcpy(s->officer, officer.p, officer.n);
	s->n = (uint8_t)officer.n;
	return 0;
}

/* A set of roles of the policy in force as one of the hazard's policy. */
static uint64_t map_roles(const struct policy *from, const struct policy *to, uint64_t roles)
{
	uint64_t out = 0;

	if (from == to)
		return roles;
	for (size_t i = 0; i < from->roles.n && i < 64; i++) {
		int k = roles >> i & 1 ? vocab_id(&to->roles, span_of(from->roles.v[i].id)) : -1;

		if (k >= 0 && k < 64)
			out |= UINT64_C(1) << k;
	}
	return out;
}

int roles_held(struct step_batch *b, const struct policy *p, uint64_t by, struct span officer, int64_t at, struct buf *why, struct err *e)
{
	uint64_t then, now;

	if (roles_on(b, officer, time_day(at, b->office->reg->offset), &then, e) ||
	    roles_on(b, officer, time_day(b->who.now, b->office->reg->offset), &now, e))
		return -1;
	then = map_roles(b->office->policy, p, then | now);
	if (by & then)
		return 1;
	put_roles(why, p, by);
	buf_printf(why, "; %.*s %s", (int)officer.n, officer.p, then ? "is " : "holds no post");
	put_roles(why, p, then);
	return 0;
}

int check_roles(struct taking *t, uint64_t by, struct err *e)
{
	struct buf why = BUF_INIT;
	int held = roles_held(t->b, t->policy, by, t->f[t->b->col.actor], t->at, &why, e);

	if (held == 0)
		step_complain(t, NULL, "%s may be taken by %s", t->s->id, why.p);
	buf_clear(&why);
	return held < 0 ? -1 : 0;
}

int check_who(struct taking *t, struct err *e)
{
	if (t->s->sweep) {
		step_complain(t, NULL, "%s is taken by the sweep alone (hazard-escalate)", t->s->id);
		return 0;
	}
	return t->s->by != 0 ? check_roles(t, t->s->by, e) : 0;
}

int check_state(struct taking *t, int *path, int *npath)
{
	const struct wf_state *at = &t->w->state[t->k->now.state];
	struct buf from = BUF_INIT;
	int way[64];

	*npath = workflow_implied(t->w, t->k->now.state, t->step, path);
	if (*npath >= 0)
		return 0;
	for (size_t i = 0; i < t->w->nstates; i++)
		if (workflow_implied(t->w, (int)i, t->step, way) >= 0)
			buf_printf(&from, "%s%s (%s)", from.n ? ", " : "", t->w->state[i].id,
			    t->w->state[i].name);
	step_complain(t, NULL, "hazard %.*s is %s (%s); %s may be taken from %s", (int)t->k->id.n, t->k->id.p,
	    at->id, at->name,
	    t->s->id, from.p ? from.p : "no state");
	buf_clear(&from);
	return -1;
}

void check_result(struct taking *t)
{
	struct span r = t->f[t->b->col.result];

	if (t->s->to_fail == -2 && r.n > 0)
		step_complain(t, "result", "%s takes no result", t->s->id);
	if (t->s->to_fail != -2 && r.n == 0)
		step_complain(t, NULL, "%s needs a result: pass or fail", t->s->id);
}

void check_needs(struct taking *t)
{
	for (size_t i = 0; i < t->s->nneeds; i++) {
		const char *need = t->s->needs[i];
		int col = schema_column(t->b->events, span_of(need));

		if (strcmp(need, "evidence") == 0) {
			if (t->said->evidence.n == 0)
				step_complain(t, NULL, "%s needs evidence: name the files", t->s->id);
		} else if (col >= 0 && t->f[col].n == 0 && !(col == t->b->col.result && t->s->to_fail != -2)
		    && !(col == t->b->col.due && t->s->effect != WF_EXTEND && due_has_passed(t))) {
			step_complain(t, NULL, "%s needs %s %s", t->s->id, strchr("aeiou", need[0]) ? "an"
			    : "a", need);
		}
	}
}

/* Does the step only put the record in order, so that its time stands in nobody's way? */
static bool is_bookkeeping(const struct wf_step *s)
{
	return s->effect == WF_CORRECT || s->effect == WF_RETRACT || s->effect == WF_REPIN;
}

int64_t last_person(const struct taking *t, struct span *what)
{
	const struct known *k = t->k;

	for (size_t i = k->npast; i-- > 0;) {
		const struct past *p = &k->past[i];
		struct span s = p->f[t->b->col.step];
		int step = workflow_step(t->w, s.p, s.n);

		if (p->gone || past_is_sweep(t->b, p) || (step >= 0 && is_bookkeeping(&t->w->step[step])))
			continue;
		*what = s;
		return p->at;
	}
	*what = SPAN("report");
	return k->now.reported;
}

void check_times(struct taking *t)
{
	int offset = t->b->office->reg->offset;
	char at[TIME_LEN + 1], other[TIME_LEN + 1];
	struct span what;
	int64_t last = last_person(t, &what), limit;
	struct err ignored;
	const struct term *back = &t->policy->backdate;
	const struct worktime work = { office_calendar(t->b->office), CALENDAR_WALL, "", offset };
	struct buf term = BUF_INIT;

	err_start(&ignored);
	if (t->dated && t->at < last && time_day(t->at, offset) == time_day(last, offset))
		t->at = last;
	if (t->at > t->b->who.now) {
		time_write(t->at, offset, at);
		time_write(t->b->who.now, offset, other);
		step_complain(t, "at", "%s is after now (%s)", at, other);
		return;
	}
	if (is_bookkeeping(t->s))
		last = t->k->now.reported;
	if (t->at < last) {
		time_write(t->at, offset, at);
		time_write(last, offset, other);
		step_complain(t, "at", "%s is before the hazard's last step (%.*s, %s)", at, (int)what.n,
		    what.p, other);
		return;
	}
	if (t->said->history || back->n < 0 || t->f[t->b->col.reason].n > 0)
		return;
	if (clock_add(t->at, *back, offset, &work, &limit, &ignored) == 0 && limit < t->b->who.now) {
		time_write(t->at, offset, at);
		term_write(&term, *back);
		step_complain(t, "at", "%s is more than %s ago and needs a reason", at, term.p);
		buf_clear(&term);
	}
}

/* Is the hazard under way to the state this step would give it? */
static const char *already(const struct taking *t)
{
	switch (t->s->effect) {
	case WF_HOLD:
		return t->k->now.held ? "is held already" : NULL;
	case WF_RESUME:
		return t->k->now.held ? NULL : "is not held";
	case WF_SUPERVISE:
		return t->k->now.supervised ? "is supervised already" : NULL;
	case WF_DELIST:
		return t->k->now.supervised ? NULL : "is not supervised";
	default:
		return NULL;
	}
}

void check_clock(struct taking *t)
{
	int offset = t->b->office->reg->offset;
	const char *why = already(t);
	struct span said = t->f[t->b->col.due];
	char old[TIME_LEN + 1];
	int64_t due;

	if (why != NULL)
		step_complain(t, NULL, "hazard %.*s %s", (int)t->k->id.n, t->k->id.p, why);
	if (said.n == 0 || !time_read(said, offset, &due))
		return;
	if (due < t->at)
		step_complain(t, "due", "%.*s is before the step itself", (int)said.n, said.p);
	else if (t->s->effect == WF_EXTEND && t->k->now.due != TIME_NONE && due <= t->k->now.due) {
		time_write(t->k->now.due, offset, old);
		step_complain(t, "due", "%.*s is not later than the due time now (%s)", (int)said.n, said.p,
		    old);
	}
}

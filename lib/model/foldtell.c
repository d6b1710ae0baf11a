/* SPDX-License-Identifier: MIT */
#include "model/foldint.h"
#include "model/marks.h"
#include "model/trail.h"

/* The number of the organ that is to act on a step: the owner it names, else who is called in by it, else the owner. */
static uint32_t acting(const struct applying *a)
{
	if (a->owner != FOLD_UNSAID)
		return a->owner;
	if ((a->f->owners || a->f->trail != NULL) && a->v != NULL && a->v[EV_ASSIST].n > 0 && !clears(a->v[EV_ASSIST]))
		return names_add(&a->f->organs, a->v[EV_ASSIST]);
	return a->h->owner;
}

/* Did a person's step send it back, or name another owner than there was? */
static bool hands(const struct applying *a, int what)
{
	return !a->sweep && (what == WF_RETURN || (a->owner != FOLD_UNSAID && a->h->owner != 0 && a->owner != a->h->owner));
}

/* What a sweep asks of a hazard beside its slot: when it took the steps of limits that may run, how often it changed hands. */
static void mark(struct applying *a, const struct flow_step *s, int what, enum wf_phase was, enum wf_phase is)
{
	struct marks *m = a->f->marks;
	struct marks_event ev = { .at = a->at, .closed = time_slot(a->h->closed), .step = NAMES_NONE, .owner = a->h->owner,
		.over = phase_over(was), .ends = phase_over(is), .reopens = what == WF_REOPEN };

	if (s != NULL && s->mark > 0) {
		ev.step = s->mark - 1;
		ev.organ = acting(a);
	}
	ev.kept = is == PHASE_CLOSED && (ev.organ == a->owner || ev.organ == a->h->owner);
	marks_event(m, a->slot, &ev);
	if (m->handovers && !ev.ends && hands(a, what))
		marks_hand(m, a->slot, a->at);
}

/* What a step was to those who count. */
static unsigned counted(const struct applying *a, int what)
{
	if (what == WF_ESCALATE)
		return a->sweep ? TRAIL_CLIMB : TRAIL_RAISE;
	if (what == WF_RETURN)
		return a->sweep ? 0 : TRAIL_RETURN;
	return hands(a, what) ? TRAIL_HANDOVER : 0;
}

/* For whom the owner acts, when that is said or another owner takes over from a person's hand. */
static void act_for(struct applying *a)
{
	struct span behalf = a->v != NULL ? a->v[EV_BEHALF] : SPAN("");

	if (behalf.n > 0)
		trail_act_for(a->f->trail, a->slot, clears(behalf) ? 0 : names_add(&a->f->organs, behalf));
	else if (a->owner != FOLD_UNSAID && a->owner != a->h->owner && !a->sweep)
		trail_act_for(a->f->trail, a->slot, 0);
}

/* What a report asks. */
static void follow(struct applying *a, const struct flow_step *s, int what, enum wf_phase was, enum wf_phase is)
{
	struct trail *t = a->f->trail;
	struct trail_step to = { .at = a->at, .organ = a->h->owner, .owner = a->h->owner, .phases = (uint8_t)(was << 4 | is),
		.what = what == WF_REOPEN ? TRAIL_REOPEN : 0 };

	if (t->asks & TRAIL_DUTY)
		act_for(a);
	if (s != NULL && s->trail > 0) {
		to.step = (uint16_t)s->trail;
		to.organ = acting(a);
	}
	if (t->asks & TRAIL_COUNTS)
		to.what |= (uint8_t)counted(a, what);
	if (to.step > 0 || to.what != 0 || (t->asks & TRAIL_PHASES && was != is))
		trail_add(t, a->slot, to);
}

void fold_tell(struct applying *a, const struct flow_step *s, int what)
{
	uint8_t state = a->h->state ? (uint8_t)(a->h->state - 1) : a->w->start, to = s != NULL ? leads_to(a, s) : FLOW_STAYS;
	enum wf_phase was = (enum wf_phase)a->w->phase[state], is = (enum wf_phase)a->w->phase[to != FLOW_STAYS ? to : state];

	if (a->f->marks != NULL)
		mark(a, s, what, was, is);
	if (a->f->trail != NULL)
		follow(a, s, what, was, is);
}

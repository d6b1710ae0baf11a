/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_HAZARD_H
#define GL_MODEL_HAZARD_H
#include "model/clock.h"
#include "model/grid.h"
#include "model/office.h"
#include "model/worktime.h"
#include "register/ledger.h"
/*
 * The fold: what the record says about each hazard as of a time.  One
 * function (hazard_apply) gives every event its meaning, for one hazard and for five million.
 * A hazard costs 32 bytes; what few have (rounds, holds, extensions, corrections,
 * tiers gone through, the sweep's keys) is kept in side records.
 */
#define HAZARD_EPOCH 946684800		/* slot times are seconds since 2000-01-01Z; 0 is none */
struct hazard_slot {			/* all zero: just reported, nothing happened yet */
	uint32_t rectified, closed, assigned, due;	/* due: said by a step, 0 derived from the rule */
	uint32_t owner, person, closed_by;		/* numbers in fold names; 0 none */
	uint8_t state;		/* 0: where its workflow starts, else 1 + number in fold states */
	uint8_t tier;		/* 0: that of its grid, else 1 + number in fold levels */
	uint8_t severity;	/* 0: as reported, else 1 + number in fold severities */
	uint8_t flags;
};
_Static_assert(sizeof(struct hazard_slot) == 32, "a hazard costs 32 bytes");
enum {
	HAZARD_SIDE = 1,	/* has a side record */
	HAZARD_FOLLOWED = 2, HAZARD_SUPERVISED = 4, HAZARD_HELD = 8,
	HAZARD_REFOLD = 16,	/* an event of it was retracted: folded again without it */
	HAZARD_ASSIGNED = 32	/* was assigned once, in any round */
};
struct hazard_round {		/* a round that ended before the current one */
	int64_t from, rectified, closed;
	uint32_t closed_by;
};
struct hazard_tier {		/* a change of tier */
	int64_t at;
	uint32_t owner_from, owner_to;	/* owner before and by the same row */
	uint8_t from, to;		/* as in the slot */
	bool supervise;			/* a row of the sweep that put it under supervision; from is to */
	bool sweep, late;	/* late: made groundless by a later entry with an earlier time (晚录) */
};
struct hazard_side {
	int64_t tier_at, round_from;	/* TIME_NONE none */
	int64_t extended_from;		/* the due date that a step had said before another one moved it; TIME_NONE: that of the rule */
	struct hazard_round *round;
	struct clock_hold *hold;
	struct hazard_tier *tier;
	struct hazard_fix { int col; struct span value; } *fix;	/* corrections of hazards columns, last wins */
	struct hazard_key { uint64_t hash; int64_t at; } *key;	/* keys of the sweep's rows (mem_hash of events.key) */
	struct hazard_owned { int64_t at; uint32_t from; } *owned;	/* changes of owner: when, and who it was before; where organs keep hours of their own */
	struct span policy;	/* repinned to, or empty */
	uint32_t nrounds, nholds, ntiers, nfixes, nkeys, nextends, nowned;
	uint32_t due_holds;	/* holds before this one do not move the due date that a step said … */
	int64_t due_at;		/* … at this time */
	bool moved;		/* the due date was put off: the first one is extended_from */
};

/* An event as the fold sees it: columns of events.csv in schema order. */
struct hazard_event {
	const struct span *f;
	int64_t at;
};

#define FOLD_PAGE 256			/* slots */
struct fold_flow;
struct marks;
struct marks_of;
struct trail;
struct watch_rows;
struct fold {
	struct office *office;
	int64_t as_of;			/* events with a later `at` are left out; INT64_MAX: all */
	bool owners;			/* who owned a hazard before is asked for: organs keep hours of their own */
	struct names organs, officers;	/* owner, person, actor numbers; number 0 is the empty name */
	struct names states, severities, levels;
	struct hazard_slot **page;	/* slots, by number: fold_slot */
	size_t npages, pages_cap, n;
	struct fold_years *years;	/* (office, year) -> pages, by arithmetic on the id; NULL: ids */
	struct names ids;		/* by hand: slots are its numbers */
	struct fold_sides *sides;
	struct fold_flow **flow;	/* workflows made ready */
	size_t nflows, flows_cap;
	uint8_t *pin;			/* flow of each slot, when policies differ in it */
	int col[18];			/* columns of events.csv that the fold reads */
	struct deriver *deriver;	/* of hazard_derive, made when first asked for */
	struct marks *marks;		/* of a sweep, else NULL */
	struct trail *trail;		/* of who asks for what it keeps, else NULL */
	const struct watch_rows *rows;	/* it is of these alone; NULL: of the register */
	struct arena mem;
};
static inline struct hazard_slot *fold_slot(const struct fold *f, uint32_t slot)
{
	return &f->page[slot / FOLD_PAGE][slot % FOLD_PAGE];
}

/*
 * Fold the whole register: events first, into the dense array.  nthreads > 1 may be used for the scan.
 */
struct fold *fold_all(struct office *o, int64_t as_of, size_t nthreads, struct err *e);
/* The same, with the steps that limits name marked on the hazards that are open (model/marks.h). */
struct fold *fold_marked(struct office *o, int64_t as_of, size_t nthreads, struct err *e);
/* The same of the hazards in rows alone, which have all their events and outlive the fold; rows NULL: of all. */
struct fold *fold_of_rows(struct office *o, const struct watch_rows *rows, int64_t as_of, size_t nthreads, struct err *e);
/* Fold the whole register with this trail (NULL: none), which the fold then owns, also when it fails. */
struct fold *fold_trailed(struct office *o, int64_t as_of, size_t nthreads, struct trail *trail, struct err *e);
/* Fold one hazard from its rows (index look-ups): 1, 0 no such hazard, -1. The hazard's slot is number 0. */
int fold_one(struct office *o, struct span hazard, int64_t as_of, struct fold **out, struct err *e);
/*
 * The same with these marks, which the fold then owns, and fn told of each step once it was taken (w: the workflow it went by,
 * row: all columns of events).  fn gives -1 with an error of its own to stop.
 */
typedef int fold_step_fn(void *arg, struct fold *f, const struct workflow *w, const struct span *row, int64_t at);
int fold_followed(struct office *o, struct span hazard, int64_t as_of, struct marks *marks, fold_step_fn *fn, void *arg,
    struct fold **out, struct err *e);
/* An empty fold to which hazards are added by hand (new ones of the commit under way, step checking). */
struct fold *fold_new(struct office *o, int64_t as_of);
uint32_t fold_add(struct fold *f, struct span hazard);	/* its slot, made in the workflow's start state */
void fold_free(struct fold *f);
/* The slot of an id, UINT32_MAX when it is not there. */
uint32_t fold_index(const struct fold *f, struct span hazard);
const struct hazard_side *fold_side(const struct fold *f, uint32_t slot);	/* NULL none */
/* What the marks say of a slot, NULL nothing; valid until the next one is asked for, by one thread. */
const struct marks_of *fold_marks(struct fold *f, uint32_t slot);
/* The state of a slot in a workflow (index of w), for those who look closer. */
int fold_state(struct fold *f, uint32_t slot, const struct workflow *w);
/* Give one event its meaning; one after as_of has none, and retract only marks (the caller folds again).  w: the workflow the hazard is pinned to. */
int hazard_apply(struct fold *f, uint32_t slot, const struct workflow *w, const struct hazard_event *ev, struct err *e);

/*
 * A hazard as of now, derived: its row, its slot, its policy.
 */
struct hazard {
	const struct span *row;		/* hazards.csv columns in schema order, corrections applied */
	uint32_t slot;
	const struct policy *policy;	/* it is pinned to */
	const struct grid_node *grid;	/* valid at reported_at */
	struct span subject_kind, sector, landlord, subject_name;
	int64_t reported, found;
	int state, tier, severity;	/* of its policy; tier: a level */
	enum wf_phase phase;
	unsigned round;			/* 1 … */
	int64_t round_from;		/* reported, or the reopening of this round */
	int64_t assigned, rectified, closed, first_closed, tier_at;	/* TIME_NONE none; of the current round */
	struct span owner, person, closed_by;
	int rule;			/* of its policy */
	int64_t clock_from;		/* where the limit counts from */
	int64_t due, first_due;		/* TIME_NONE: no due date */
	int64_t stopped;		/* seconds held since clock_from, up to now, counted as the limit is */
	struct worktime work;		/* whose working time its clocks count; kind: by what the limit did, CALENDAR_WALL for wall time */
	bool held, overdue, followed, supervised;
};
/*
 * Derive.  row has all hazards columns; slot UINT32_MAX: no event yet.  trace may be NULL.  out points into row, f and the office.  -1 with e, the id and the rule's file:line first,
 * when a due time of working time needs a day that the newest calendar does not cover.
 */
int hazard_derive(struct fold *f, uint32_t slot, const struct span *row, int64_t now, struct hazard *out,
    struct clock_trace *trace, struct err *e);
/* The same without its subject's data and its place, unless a rule looks at them: grid NULL, tier -1. */
int hazard_derive_own(struct fold *f, uint32_t slot, const struct span *row, int64_t now, struct hazard *out,
    struct clock_trace *trace, struct err *e);
/* The place of one that was derived so. */
int hazard_place(struct fold *f, struct hazard *h, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_LIMITS_H
#define GL_MODEL_LIMITS_H
#include "model/hazard.h"
#include "model/marks.h"
/*
 * Where the limits beside the due date stand (escalation.yaml, `limits`): what a sweep acts upon, and what --explain shows.
 * A limit from a step runs from the last time that step was taken until the one that ends it; one from the report runs
 * while the hazard is open; one from the due date until the hazard has ended.  What ran lapses when the hazard ends,
 * unless its step can be taken even then; what the step begins that ended it, or a later one, goes on.
 */
struct limit_record {		/* what the record says of a hazard's limits */
	const struct marks *marks;
	const struct marks_of *marked;		/* NULL: nothing was */
	const struct names *owners;		/* organs by the numbers in marked and owned; NULL: only h->owner is known */
	const struct hazard_owned *owned;	/* changes of owner, where organs keep hours of their own */
	size_t nowned;
	struct master *organs;
	int offset;
};
/* Does it run: begun, and neither kept nor lapsed?  h: phase, round_from and due are looked at.  *start: since when. */
bool limit_runs(const struct limit_record *x, const struct hazard *h, const struct limit *l, int64_t *start);
/* Whose working time a limit counts that began then: from a step, that of the owner it named or called in; from the due date, of
 * who owned it then; from the report, everybody's.  Not that of the hazard's own count. */
int limit_hours(const struct limit_record *x, const struct hazard *h, const struct limit *l, int64_t start, struct worktime *work,
    struct err *e);

/* When it ends that began then, see clock_due; one that begins with the due date, see clock_after_due. */
int limit_end(const struct limit *l, int64_t start, const struct clock_hold *holds, size_t n, int64_t now, int offset,
    const struct worktime *work, int64_t *end, bool *held, struct clock_trace *trace, struct err *e);

/* The limits of one hazard as of now. */
enum limit_state { LIMIT_NOT_BEGUN, LIMIT_RUNS, LIMIT_MET, LIMIT_LAPSED };
struct limit_stand {
	const struct limit *limit;
	enum limit_state state;
	int64_t start;			/* when it began, last */
	struct span from;		/* the step that began it; empty: the report or the due date */
	struct worktime work;		/* whose working time it counts */
	/* For reports: the fold's number of who was to act; of one from the report or the due date, of who owned the hazard
	 * until it was met or lapsed. */
	uint32_t organ;
	int64_t by;			/* met or lapsed: when … */
	struct span step, actor;	/* … by this step of this officer */
	int64_t end;			/* when it ends, held time left out; of one that begun */
	int64_t held;			/* seconds of held time left out */
	struct clock_trace trace;	/* the counted spans add up to the limit; the last one ends at `end` */
};
struct limits {
	struct limit_stand *v;
	size_t n;
	struct clock_hold *hold;	/* what the reasons in the traces point to */
	struct arena mem;
};
/* h: derived from f, the fold of this hazard alone, at now.  Reads no policy but those it was pinned to.  -1 with e, the
 * rule file's line first, when an end needs a day that the calendar does not cover. */
int limits_stand(struct fold *f, const struct hazard *h, int64_t now, struct limits *out, struct err *e);
/* The clock of one: end, held and trace, from the others and the holds of the hazard, in order.  What was held after it was met
 * or lapsed leaves nothing out.  room: for n holds, which the reasons in the trace point into. */
int limit_clock(struct limit_stand *s, const struct clock_hold *hold, size_t n, int64_t now, struct clock_hold *room, struct err *e);
void limits_clear(struct limits *l);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_LIMITRUNS_H
#define GL_MODEL_LIMITRUNS_H
#include "model/limits.h"
/*
 * What became of the limits of a hazard's rule, each time they began, in every round: for reports.  By the functions of
 * limits.h; so the last time is what a sweep acts upon and --explain shows.  A run that nothing met is over when its limit
 * begins anew: it lapsed.  A limit from the due date is told of the current round only: due dates of rounds that are over
 * are not kept.
 */
enum limit_outcome {
	LIMIT_IN_TIME,		/* its step was taken in time */
	LIMIT_LATE,		/* its step was taken, too late */
	LIMIT_RUNNING,		/* it runs, and there is time */
	LIMIT_OVERDUE,		/* its time went by: it runs on, or lapsed after that */
	LIMIT_VOID,		/* it lapsed in time: the hazard ended, or it began anew */
	LIMIT_NOUTCOMES
};
struct limit_run {
	const struct limit *limit;
	enum limit_outcome outcome;
	int64_t start, end;	/* end: INT64_MAX when the calendar does not reach so far */
	int64_t taken;		/* seconds to its step, as the limit counts them; of LIMIT_IN_TIME and LIMIT_LATE */
	/* Who was to act; of a limit from the report or the due date: who owned the hazard when that was over, or owns it. */
	struct span organ;
	enum calendar_kind clock;	/* what the limit counts */
};
typedef void limit_run_fn(void *arg, const struct limit_run *run);

/* f: folded with a trail that was asked for limits (trail_ask_limits), and with the masters a list has read.  One for each thread. */
struct limit_runs;
struct limit_runs *limit_runs_new(struct fold *f, struct master *organs);
void limit_runs_free(struct limit_runs *x);
/* h: derived from f at now, all parts.  -1 with e, the id and the rule's file and line first, when the calendar does not
 * cover what was. */
int limit_runs_tell(struct limit_runs *x, const struct hazard *h, int64_t now, limit_run_fn *fn, void *arg, struct err *e);

#endif

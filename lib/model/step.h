/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_STEP_H
#define GL_MODEL_STEP_H
#include "base/diag.h"
#include "model/hazard.h"
#include "register/commit.h"
/*
 * Taking steps: workflow, roles, gates, times, references; then event rows
 * of the commit under way.  Rows apply in order: a batch remembers what it did to each hazard.
 */
struct step_batch;
struct step_who {
	struct span actor;		/* officer id */
	int64_t now;
	int evidence_dir;		/* where --evidence paths are relative to (AT_FDCWD) */
};
struct step_batch *step_batch_new(struct office *o, struct commit *c, const struct step_who *who);
void step_batch_free(struct step_batch *b);

/* One row as said by a person; empty spans are not said.  Spelt like the columns of events.csv. */
struct step_said {
	struct span hazard;		/* id; empty: the hazard with `ref`, or (retract) that of the event in column key */
	struct span ref;		/* the caller's own key of the hazard */
	struct span step;		/* id or the place's own name */
	struct span *f;			/* events columns in schema order, raw text as people write it (times in any
					 * accepted form, names for ids, labels for enums) */
	struct span evidence;		/* paths joined by ; */
	struct span repin;		/* gridctl repin: the policy version to go by from here, twelve hex digits; else empty */
	const char *file;		/* for messages; NULL: the command line */
	size_t line;
	bool joined;			/* a hazard's own row: columns are called step.column in messages, and a step without
					 * a time follows the one before it at once */
	bool history;			/* what was done before the register was kept: recorded as it was, without the gates
					 * of today and without a reason for its age */
};
/*
 * Check one row and append what it means (implied steps first, evidence rows too).
 * Every complaint goes to d with the row's position and what is missing: `hazard Y01-H2026-000012 is closed; recheck may be
 * taken from rectified (待复查)`; `recheck needs a verifier`; `recheck may be taken by grid-leader or dispatcher; Y01-O003 is grid-officer`;
 * `at 2026-… is before the hazard's last step (rectify, 2026-…)`.  -1 with e only when it cannot go on
 * (I/O); a row complained about appends nothing.
 *
 * `at` defaults to now, in a hazard's own row to the time of the step before it or of the report; a date alone on the day of the hazard's last step means right after that step, else 00:00.
 * A due said as a date alone means its last second.  Steps that put the record in order (correct, retract, repin)
 * do not count as the last step.  Implied steps carry the time and actor of the step that needs them.
 */
int step_take(struct step_batch *b, const struct step_said *said, struct diag *d, struct err *e);
/* Only the values of a row are looked at and complained about: for a row whose hazard is wrong already. */
int step_look(struct step_batch *b, const struct step_said *said, struct diag *d, struct err *e);
/* The row just complained about has a wrong value, so on the command line the next hazard would say the same. */
bool step_bad_value(const struct step_batch *b);
/* A hazard that this commit adds: the batch knows it from here to the next new one. row: hazards columns as appended. */
int step_new_hazard(struct step_batch *b, const struct span *row, struct err *e);
/* Said after the commit (correct, retract, repin): due dates that changed and notices to be withdrawn, one line each. */
const struct buf *step_remarks(const struct step_batch *b);

#endif

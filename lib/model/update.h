/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_UPDATE_H
#define GL_MODEL_UPDATE_H
#include "model/step.h"
/*
 * Steps on many hazards: one step on hazards named one by one, or rows that
 * say their own step.
 */
struct update {
	struct office *office;
	struct step_batch *batch;
	struct diag *d;
	const char *encoding;		/* of files, or NULL */
	struct span step;		/* as said */
	struct span *f;			/* events columns as said with options */
	struct span evidence;		/* paths joined by ; */
	struct span repin;		/* as in step_said */
	size_t rows;			/* hazards or rows looked at */
};
/*
 * One hazard: its id, or for a step that retracts the id of an event.  1 when
 * the next one would only bring the same complaint (a wrong option), -1 e.
 */
int update_one(struct update *u, const char *file, size_t line, struct span id, struct err *e);
/* Hazards from bytes: CSV, of which only the column hazard (event for a retraction) is read, or ids one a line. */
int update_list(struct update *u, const char *name, struct span bytes, struct err *e);
/* CSV whose rows have the columns step, hazard or ref, and any of events.csv and evidence (paths joined by ;). */
int update_file(struct update *u, const char *name, struct span bytes, struct err *e);
/* The events that a commit would append, for an answer: `event` one a line, or CSV event,hazard,step. */
int update_answer(struct span pending, bool csv, struct buf *out, struct err *e);

#endif

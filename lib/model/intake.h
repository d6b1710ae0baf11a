/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_INTAKE_H
#define GL_MODEL_INTAKE_H
#include "base/cli.h"
#include "base/diag.h"
#include "model/step.h"
/*
 * Taking in hazards: a row as a clerk writes it becomes a row of hazards.csv
 * and, from columns like assign.owner or rectify.at, its first steps.
 */
enum intake_kind { INTAKE_HAZARD, INTAKE_STEP, INTAKE_IGNORED };
struct intake_column {
	enum intake_kind kind;
	int col;			/* hazards column, or events column (INTAKE_EVIDENCE: paths) */
	struct span step;		/* INTAKE_STEP: its id */
};
#define INTAKE_EVIDENCE (-2)
#define INTAKE_LIKELY_NAMED 20	/* likely duplicates that are warned of one by one */
#define INTAKE_REJECTED_LINE "rejected_line"	/* the columns of a rejects file that say why, and are ignored */
#define INTAKE_REJECTED_REASON "rejected_reason"
struct intake {
	struct office *office;
	struct commit *commit;
	struct step_batch *batch;
	struct intake_column *column;	/* one per input column */
	size_t ncolumns;
	int64_t now;
	struct span actor;
	bool history;			/* what was done before the register was kept: see step_said */
	size_t known;			/* rows whose ref was there already with the same values */
	size_t likely;			/* rows that look like a hazard already there */
	size_t refused;			/* rows whose steps were complained about */
	struct span subject;		/* of the last row: its subject's id, for answers that name it */
	int64_t reported;		/* of the last row */
	struct intake_state *state;
};
/* Ready for rows: the office is at the commit's moment. */
void intake_start(struct intake *in, struct office *o, struct commit *c, struct span actor, int64_t now);
void intake_end(struct intake *in);

/* Bind a header: English names, Chinese titles and aliases (schema_column_label), STEP.COLUMN, the reason columns of a
 * rejects file (ignored).  Unknown and doubled columns are complained about at line 1 with the nearest name.
 * file NULL: options of the command line. */
int intake_bind(struct intake *in, const char *file, const struct span *header, size_t n, struct diag *d);
/*
 * Check and append one row (STEP columns in workflow order).  id gets the new id, or the old one when `ref` is known with the same values
 * (*old = true); another value under the same ref is an error naming the columns.  0 appended, 1 complained about (nothing of it
 * appended), -1 e.  Times said as a date alone on one day do not contradict each other: the later one moves up.
 */
int intake_row(struct intake *in, const char *file, size_t line, const struct span *f, char id[ID_MAX], bool *old,
    struct diag *d, struct err *e);

/* A whole file. */
struct intake_file {
	const char *name;		/* for messages */
	struct span bytes;
	bool clean;			/* they are known to be UTF-8 without NULs */
	const char *encoding;		/* or NULL */
	const struct cli *cli;		/* whose progress is shown, or NULL */
	bool set_aside;			/* bad rows go to rejects, the others are taken */
	bool csv;			/* answer with hazard,row,subject_name instead of ids */
	/* results */
	struct buf answer;		/* what to print when the commit stands */
	struct buf rejects;		/* CSV with the reason columns; empty when none */
	size_t rows, added, rejected;
};
/* 0 with *fatal = how many errors forbid the commit (all of d, or with set_aside those that belong to no row), -1 e. */
int intake_read(struct intake *in, struct intake_file *f, struct diag *d, size_t *fatal, struct err *e);
void intake_file_clear(struct intake_file *f);
/* One line of the answer for a row: its number among the data rows from 1. */
int intake_answer(struct intake *in, struct intake_file *f, size_t row, const char *id, struct err *e);
/* The same for a hazard of the register (in->office is enough of in). */
int intake_again(struct intake *in, struct intake_file *f, size_t row, const char *id, struct err *e);
#endif

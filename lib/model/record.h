/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_RECORD_H
#define GL_MODEL_RECORD_H
#include "base/diag.h"
#include "model/office.h"
#include "register/commit.h"
/*
 * Adding to a record ledger that has no program of its own: a row as a clerk
 * writes it becomes a row of the ledger, with the next id.
 */
struct record {
	const struct table *t;		/* its key is minted: activities, measures … */
	struct office *office;
	struct commit *commit;
	struct span actor;
	int64_t now;
	bool csv;			/* answer with ID,row instead of ids */
	struct buf answer;		/* what to print when the commit stands */
	size_t rows;			/* looked at */
	struct record_state *state;
};
/* Ready for rows: the office is at the commit's moment.  *r is zero but for csv. */
void record_start(struct record *r, const struct table *t, struct office *o, struct commit *c, struct span actor,
    int64_t now);
void record_end(struct record *r);

/* Bind a header: English names, Chinese titles and aliases.  Unknown, doubled and missing columns are complained about at
 * line 1.  file NULL: options of the command line, which may be fewer.  0, -1 complained about. */
int record_bind(struct record *r, const char *file, const struct span *header, size_t n, struct diag *d);
/*
 * Check and append one row: values, what they refer to on the day of `at` (now when the row has none), and what the ledger
 * asks beside: `replaces` names a row of it that nothing replaced yet; validity runs forwards; of a measure recordmeasure.c.
 * `at` is now when not said, and never after it; other times said as a date alone mean the end of that day.  Columns that
 * the input does not have are those of the row that is replaced.
 * 0 appended with its id, 1 complained about, -1 e.
 */
int record_row(struct record *r, const char *file, size_t line, const struct span *f, char id[ID_MAX], struct diag *d,
    struct err *e);
/* A whole file: header and rows, each complaint to d.  -1 only when it cannot go on. */
int record_read(struct record *r, const char *name, struct span bytes, const char *encoding, struct diag *d,
    struct err *e);
/* Behind the last row: warnings about what the rows come to together. */
int record_sums(struct record *r, struct diag *d, struct err *e);
/* A line of the answer for row number `row` from 1. */
void record_answer(struct record *r, size_t row, struct span id);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_RECORDINT_H
#define GL_MODEL_RECORDINT_H
#include "model/inputrow.h"
#include "model/record.h"
#include "model/value.h"
/*
 * What record and recordmeasure share.
 */
#define RECORD_COLUMNS_MAX 32	/* of a record ledger that rows are added to */
#define RECORD_WARNED 20	/* warnings that are said one by one */

/* The row under way. */
struct record_row {
	struct record *r;
	const char *file;		/* NULL: options */
	size_t line;
	struct diag *d;
	const struct span *raw[RECORD_COLUMNS_MAX];	/* by column: what was said, NULL nothing */
	struct span was[RECORD_COLUMNS_MAX];		/* the row it replaces */
	struct span v[RECORD_COLUMNS_MAX];		/* canonical values */
	bool bad[RECORD_COLUMNS_MAX];			/* complained about */
	int64_t at;
	bool dated;			/* at was said as a date alone */
};
/* What a ledger asks beside its columns; each gives 0, or -1 with e. */
struct record_rule {
	const char *table;
	int (*check)(struct record_row *w, struct err *e);	/* before it is appended; complains */
	void (*added)(struct record_row *w);			/* it was */
	int (*sums)(struct record *r, struct diag *d, struct err *e);
	void (*end)(struct record *r);
};
struct record_state {
	const struct record_rule *rule;	/* or NULL */
	struct values *values;
	struct buf text, was;		/* of the row under way, and of the one it replaces */
	int *column;			/* per input column: column of the table, or INPUTROW_BAD */
	size_t ncolumns;
	int key, commit, at, grid, replaces, from, to;	/* columns, or -1 */
	struct names replaced;		/* rows that are replaced by another one, when asked for */
	bool knows_replaced;
	size_t warned;
	struct record_measures *measures;	/* recordmeasure.c's */
};
void record_complain(const struct record_row *w, int col, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A warning about the row, as long as there were not too many. */
void record_warn(struct record_row *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A value that the row gets beside those that were said: short text, or a time. */
struct span record_put(struct record_row *w, const char *text);
struct span record_time(struct record_row *w, int64_t t);

extern const struct record_rule record_measure;
#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_INTAKEINT_H
#define GL_MODEL_INTAKEINT_H
#include "csv/foreign.h"
#include "model/intake.h"
#include "model/stepint.h"
/*
 * What intake, intakestart, intakebind, intakelike, intakeahead and intakefile share.
 */
#define REF_NONE SIZE_MAX

/* A row whose values of hazards.csv all stand as they are (values_stand) and fit together: what is still to be seen is whether
 * the register has it already, and its steps. */
struct intake_made {
	bool whole;			/* else the row is to be taken value by value */
	int64_t reported;
	uint64_t print;			/* what makes two hazards look alike */
	uint32_t ref_tag;		/* of its ref, see names_tag */
	struct span tail;		/* of its row, see commit_tail; NULL: there is none */
	struct span *v;			/* hazards columns; hazard and commit are empty */
};
/* Made ahead for the slots of a file that is read, see foreign.h. */
struct intake_ahead;
/* NULL with e; the header is bound.  Loads what is needed of the office. */
struct intake_ahead *intake_ahead_new(struct intake *in, struct err *e);
void intake_ahead_free(struct intake_ahead *a);
/* A pure function of the rows and of what the office holds; slots may be in work at once on different threads. */
void intake_ahead_make(struct intake_ahead *a, unsigned slot, const struct foreign_row *row, size_t n);
const struct intake_made *intake_ahead_row(const struct intake_ahead *a, const struct foreign_row *row);
/* It comes soon: have the places where it will be looked for fetched meanwhile. */
void intake_soon(const struct intake_state *s, const struct intake_made *made);
/* intake_row with what was made of the row, or NULL. */
int intake_take(struct intake *in, const struct intake_made *made, const char *file, size_t line, const struct span *f,
    char id[ID_MAX], bool *old, struct diag *d, struct err *e);
/* What makes hazards look alike. */
uint64_t intake_print(const struct intake_state *s, const struct span *v);

/* The columns of one step in the input. */
struct intake_group {
	int step;			/* number in the workflow of the policy in force */
	struct span id;
	size_t *cell;			/* its input columns */
	size_t ncells;
};

/* The columns of hazards.csv that the code itself looks at. */
struct hazard_columns {
	int hazard, commit, reported, found, grid, subject, severity, reporter, policy, ref, description;
};

struct intake_state {
	const struct table *t;		/* hazards */
	struct hazard_columns col;
	struct intake_group *group;	/* in workflow order */
	size_t ngroups;
	struct values *values;
	bool first;			/* the register has no hazard yet: there is nothing to look up */
	struct buf text;
	struct span v[EVENT_COLUMNS_MAX];	/* canonical values of the row under way */
	bool said[EVENT_COLUMNS_MAX];		/* columns that the row had something for */
	bool bound[EVENT_COLUMNS_MAX];		/* columns that the input has */
	size_t cell[EVENT_COLUMNS_MAX];		/* where in the input */
	struct names refs;			/* of this commit */
	struct ref_row { size_t at, line; } *ref;	/* where in the pending rows; at REF_NONE: no row of it was taken */
	size_t ref_cap;
	struct intake_like { uint64_t print; size_t line; } *like;	/* fingerprints of this commit -> line; line 0: free */
	size_t nlikes, likes;			/* taken, and in all: a power of two */
	struct arena mem;
};

/* The line with this fingerprint in this commit; the row's own when it is the first. */
size_t intake_like(struct intake_state *s, uint64_t print, size_t line);
/* `file:line: column: text`, or for options `prog: --column: text`. */
void intake_complain(const char *file, size_t line, const char *column, struct diag *d, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_INTAKEINT_H
#define GL_MODEL_INTAKEINT_H
#include "model/intake.h"
#include "model/stepint.h"
/*
 * What intake, intakebind, intakelike and intakefile share.
 */
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
	struct names refs;			/* of this commit */
	struct ref_row { size_t at, line; } *ref;	/* where in the pending rows */
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

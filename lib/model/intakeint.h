/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_INTAKEINT_H
#define GL_MODEL_INTAKEINT_H
#include "csv/foreign.h"
#include "model/inputrow.h"
#include "model/intake.h"
#include "model/stepint.h"
/*
 * What intake, intakestart, intakebind, intakelike, intakeahead and intakefile share.
 */

/* A row whose values of hazards.csv all stand as they are (values_stand) and fit together: what is still to be seen is whether
 * the register has it already, and its steps. */
struct intake_made {
	bool whole;			/* else the row is to be taken value by value */
	bool has_ref;
	bool ref_there, like_there;	/* the register may have one with its ref, or one that looks like it */
	int64_t reported;
	uint64_t print;			/* what makes two hazards look alike */
	uint64_t ref;			/* hash of its ref */
	struct span tail;		/* of its row, see commit_tail; NULL: there is none */
	struct span *v;			/* hazards columns; hazard and commit are empty */
};
/* Made ahead for the slots of a file that is read, see foreign.h. */
struct intake_ahead;
/* NULL with e; the header is bound.  Loads what is needed of the office. */
struct intake_ahead *intake_ahead_new(struct intake *in, struct err *e);
void intake_ahead_free(struct intake_ahead *a);
/* Makes the rows of a slot, or leaves them to intake_ahead_row when that is about to have nothing to do: what it gives is a
 * pure function of the rows and of what the office holds.  May be called for one slot while rows of another are taken. */
void intake_ahead_make(struct intake_ahead *a, unsigned slot, const struct foreign_row *row, size_t n);
const struct intake_made *intake_ahead_row(struct intake_ahead *a, const struct foreign_row *row);
/* It comes soon: have the places where it will be looked for fetched meanwhile. */
void intake_soon(const struct intake_state *s, const struct intake_made *made);
/* intake_row with what was made of the row, or NULL. */
int intake_take(struct intake *in, const struct intake_made *made, const char *file, size_t line, const struct span *f,
    char id[ID_MAX], bool *old, struct diag *d, struct err *e);
/* May the register have a hazard with this hash, of a ref or a print? */
bool intake_may_have(const struct intake_state *s, uint64_t hash);
/* What makes hazards look alike. */
uint64_t intake_print(const struct intake_state *s, const struct span *v);

/* A row of this commit. */
struct intake_row {
	size_t at;			/* where in the pending rows */
	size_t line;
	uint64_t print;
};
/* Numbers of rows by a hash. */
struct intake_places {
	struct intake_place { uint32_t tag, row; } *slot;	/* row: its number + 1, 0: free */
	size_t n, slots;		/* taken, and in all: a power of two */
};

/* The columns of one step in the input. */
struct intake_group {
	int step;			/* number in the workflow of the policy in force */
	struct span id;
	size_t *cell;			/* its input columns */
	size_t ncells;
};

/* What the policy asks of the report of a hazard of some severity. */
struct intake_asks {
	uint64_t by;			/* roles that may give it; 0: whoever reports */
	int *need;			/* columns of hazards.csv that must not be empty */
	size_t nneeds;
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
	bool names_subject;		/* the subject of each row is asked for */
	struct intake_asks *asks;	/* by severity; NULL: the policy asks nothing of any */
	struct ledger_filter *filter;	/* what the register's hazards have; NULL: each is to be looked up */
	struct buf text;
	struct span v[EVENT_COLUMNS_MAX];	/* canonical values of the row under way */
	bool said[EVENT_COLUMNS_MAX];		/* columns that the row had something for */
	bool bound[EVENT_COLUMNS_MAX];		/* columns that the input has */
	size_t cell[EVENT_COLUMNS_MAX];		/* where in the input */
	struct intake_row *row;			/* of this commit, in their order */
	size_t nrows, row_cap;
	struct intake_places refs, likes;	/* among them; of likes the first one */
	struct arena mem;
};

/* So many rows may come: make room for what intake_keep remembers of them. */
void intake_expect(struct intake_state *s, size_t rows);
/* Remember a row of this commit, under the hash of its ref (has_ref); gives the line of the first row that looks like it,
 * which is its own when there is none. */
size_t intake_keep(struct intake_state *s, const struct intake_row *row, bool has_ref, uint64_t ref);
bool intake_may_find(const struct intake_state *s, uint64_t ref);	/* else intake_find would find nothing */
/* The row of this commit with a ref, by its hash: 1 with its fields in f (its text in *text) and *line, 0 none, -1 e. */
int intake_find(const struct intake_state *s, const struct commit *c, uint64_t hash, struct span ref, struct buf *text,
    struct span *f, size_t *line, struct err *e);

/* The row under way: where it stands and what it said. */
struct intake_under_way {
	struct intake *in;
	struct intake_state *s;
	const char *file;
	size_t line;
	const struct span *f;
	struct diag *d;
	const struct span *raw[EVENT_COLUMNS_MAX];	/* hazards column -> input field */
	bool dated[EVENT_COLUMNS_MAX];
	uint64_t print;			/* of what makes two hazards look alike */
	uint64_t ref;			/* hash of its ref */
	bool has_ref;
	bool like_there;		/* the register may have one that looks like it */
	const struct intake_made *made;	/* ahead, or NULL */
};
/* intakegate.c: what the policy asks of a severity, unless the intake is history. */
void intake_gate_start(struct intake_state *s, const struct policy *p);
/* Is there all that it asks, and may who reported or who enters it give it that severity?  1, 0 look closer, -1 e. */
int intake_severity_fits(const struct intake_under_way *r, const struct intake_made *made, struct err *e);
/* May who reported it, or who enters it, give it that severity?  0 (complained about, if not), -1 e. */
int intake_severity(struct intake_under_way *r, struct err *e);
/* Complains of what the report of a hazard of its severity lacks; bad: columns complained about already. */
void intake_needs(const struct intake_under_way *r, const bool *bad);

#endif

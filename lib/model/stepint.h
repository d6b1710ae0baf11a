/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_STEPINT_H
#define GL_MODEL_STEPINT_H
#include "model/step.h"
#include "model/value.h"
/*
 * What the files of taking steps share (step, stepcheck, stepknown, stepfill, stepgate, stepdue, correct, evidence) with
 * those that ask what a hazard is now (intake, update, recordmeasure); nobody else includes this.
 */
#define EVENT_COLUMNS_MAX 48
#define EVIDENCE_PHASES 6		/* that evidence.csv knows, at most */
#define SWEEP "sweep"		/* the actor of rows that no person made */
#define STEP_GIVEN "\"%.*s\" may be given by %s"	/* a severity, and roles_held why not */

/* Columns of events.csv by name. */
struct event_columns {
	int event, commit, at, hazard, step, result, actor, tier, owner, due, key, field, was, value, reason;
	int category, person, verifier, plan, measure, fund;
	int of_policy, of_grid, of_category;	/* of hazards.csv */
};

/* An event that stands, of the register or of this commit. */
struct past {
	struct span *f;		/* events columns */
	int64_t at;
	bool gone;		/* retracted, or the retraction itself */
};

/* A hazard that this commit touches. */
struct known {
	struct span id;
	const struct span *row;	/* hazards columns as recorded */
	struct past *past;
	size_t npast, cap;
	struct fold *fold;	/* the batch's, or own */
	struct fold *own;	/* folded anew after a retraction */
	uint32_t slot;
	struct hazard now;	/* derived: look at it behind known_now, at its grid and tier behind known_place */
	bool moved;		/* an event came since it was derived */
	bool spoiled;		/* a row about it was refused: what follows from that is not said again */
	const char *shown[EVIDENCE_PHASES];	/* phases of evidence that this commit brings */
	size_t nshown;
	struct arena mem;
	char *row_text;		/* of the fresh one: where its rows are kept while there is room */
	size_t row_used;
};

/* What an officer was on a day. */
#define STOOD 8192u			/* a power of two */
struct stood {
	uint64_t roles;
	int32_t day;
	uint8_t n;			/* 0: free */
	char officer[19];
};

struct step_batch {
	struct office *office;
	struct commit *commit;
	struct step_who who;
	struct values *values;
	const struct table *events, *hazards, *evidence;
	struct event_columns col;
	struct names ids;		/* of known, by number */
	struct known **known;
	size_t cap;
	struct known *fresh;		/* the hazard that is being added */
	struct fold *fold;		/* of all hazards of the batch */
	struct stood *stood;		/* STOOD of them, by hash; made when first asked for */
	struct names done;		/* measures that this commit shows done */
	struct names paths;		/* evidence files -> digest, size */
	struct proof { char digest[65]; uint64_t bytes; } *proof;
	size_t proof_cap;
	struct buf text;		/* values of the row under way */
	struct buf remarks;
	bool bad_value;
};

/* The row under way. */
struct taking {
	struct step_batch *b;
	const struct step_said *said;
	struct diag *d;
	struct known *k;
	const struct policy *policy;
	const struct workflow *w;
	const struct wf_step *s;
	int step;
	struct span f[EVENT_COLUMNS_MAX];	/* canonical values */
	int64_t at;
	bool dated;				/* at was said as a date alone */
	bool value_dated;			/* the same of the value that step_value took last */
	char at_text[26];
	struct past *undone;			/* retract: the event */
};

/* A complaint about a column (by name; NULL: about the row). */
void step_complain(const struct taking *t, const char *column, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The canonical value of a column of some table, said under the name of events column `col`, appended to b->text.
 * 0, 1 complained about, -1 e. */
int step_value(struct taking *t, int col, const struct column *c, struct span said, int32_t day, struct span *out, struct err *e);

/* stepknown.c */
struct known *known_get(struct step_batch *b, struct span id, struct err *e);	/* NULL: e set, or no such hazard */
struct known *known_fresh(struct step_batch *b, const struct span *row, struct err *e);
int known_refold(struct step_batch *b, struct known *k, struct err *e);
int known_add(struct step_batch *b, struct known *k, const struct span *f, struct err *e);	/* an event just appended */
int known_now(struct step_batch *b, struct known *k, struct err *e);	/* k->now is what the record says */
int known_place(struct known *k, struct err *e);
void known_free(struct known *k);
struct past *known_event(struct known *k, const struct step_batch *b, struct span event);
bool past_is_sweep(const struct step_batch *b, const struct past *p);
const struct workflow *known_workflow(struct known *k, struct step_batch *b, struct err *e);

/* stepcheck.c: each complains; -1 only with e. */
int check_who(struct taking *t, struct err *e);
int check_state(struct taking *t, int *path, int *npath);
void check_result(struct taking *t);
void check_needs(struct taking *t);
/* The time of the hazard's last step by a person (or its report) and what that was. */
int64_t last_person(const struct taking *t, struct span *what);
void check_times(struct taking *t);
void check_clock(struct taking *t);
/* Does the actor hold one of these roles of the hazard's policy? */
int check_roles(struct taking *t, uint64_t by, struct err *e);
/* Does an officer, on the day of `at` or today?  1; 0 with `department or leader; T01-O2 is grid-officer` appended to why; -1 e. */
int roles_held(struct step_batch *b, const struct policy *p, uint64_t by, struct span officer, int64_t at, struct buf *why, struct err *e);

/* stepgate.c: what the hazard's rule asks beside the workflow; path: the implied steps that go before it */
int check_gate(struct taking *t, const int *path, int npath, struct err *e);
/* Where the rule stands, and what tightened it, for messages. */
const char *rule_at(struct taking *t, const struct rule *r);
/* The step of a past event that stands, NULL when the workflow does not know it or it is gone. */
const struct wf_step *past_step(const struct taking *t, const struct past *p);
/* The last value of a column that the events of this round said; "-" cleared it. */
struct span past_value(const struct taking *t, int col);
/* How many events it has; one that has none has no room for them either. */
size_t past_count(const struct taking *t);

/* stepdue.c: each complains; -1 only with e. */
int gate_extend(struct taking *t, const struct rule *r, struct err *e);	/* an extension within what the rule allows */
int gate_due(struct taking *t, const struct rule *r, struct err *e);	/* another step that says a due time makes it no later */
bool due_has_passed(const struct taking *t);	/* so that a step cannot say one any more: there is nothing left to fix */

/* stepfill.c: what a step says when nobody did */
int fill_owner(struct taking *t, struct err *e);
int fill_tier(struct taking *t, struct err *e);

/* correct.c */
int correct_fill(struct taking *t, struct err *e);
int retract_check(struct taking *t, struct err *e);
int repin_check(struct taking *t, struct err *e);	/* the other version knows what the hazard is */
int remark_changes(struct step_batch *b, struct known *k, int64_t due, struct err *e);

/* evidence.c */
int evidence_check(struct taking *t, struct err *e);		/* files are there; digests made */
int evidence_put(struct taking *t, enum wf_phase before, struct err *e);	/* rows appended, behind known_add of the step */
int evidence_has(struct taking *t, struct span phase, bool *has, struct err *e);

#endif

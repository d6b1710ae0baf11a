/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_LIST_H
#define GL_MODEL_LIST_H
#include "model/filter.h"
#include "model/hazard.h"
/*
 * The current-state ledger (隐患排查治理台账): hazards streamed by with their
 * derived columns.  What hazard-list prints, rectify-report counts and hazard-escalate looks at.
 * Column names: ledgers.md "What hazard-list prints", <level>_grid and <level>_name made from the policy's levels, in that
 * order; behind them extras only printed when asked for: reporter_level, rule, policy, scope (rules with a scope that
 * hold for it), and those of a fold with a trail: duty, handovers, returns, raised, climbed, and <step>_at for the steps
 * of the workflow.
 */
struct list_columns {
	struct names ids;		/* by number */
	size_t ndefault;		/* the first so many are the default output */
	const char **title_zh;		/* by number */
	struct list_kind *kind;		/* how each is made; list's own */
};
struct list_columns *list_columns_new(const struct policy *p);
void list_columns_free(struct list_columns *c);
/* Number of a column by name or Chinese title; -1 with e (nearest name). */
int list_column(const struct list_columns *c, struct span name, struct err *e);
/* --scope: hazards for which one of these rules with a scope holds (the column scope), see ruleids_pilots. */
int list_filter_scope(struct filter *f, const struct list_columns *c, struct office *o, const char *list, struct err *e);
/* The trail that columns and those of a filter (or NULL) ask for, for fold_trailed; NULL: none is needed. */
struct trail *list_trail(const struct list_columns *c, const int *col, size_t n, const struct filter *filter);

struct list_want {
	const struct list_columns *columns;
	const int *col;			/* columns whose values are wanted, any order; -1 is empty */
	size_t n;
	const struct filter *filter;	/* or NULL */
	int64_t now;			/* deadlines, lateness and days as of here */
	bool zh;			/* enum values as Chinese labels */
	bool hazard;			/* the callback gets the derived hazard too */
	bool limited;			/* of a marked fold, by one thread: hazards that ended pass the filter too when a limit runs on */
	size_t nthreads;
	/* Or NULL.  Else rows come in blocks (ledger_scan_ordered): when a block's rows were given out by one of the threads, end is
	 * called with that thread's argument, in ledger order and never twice at once.  Non-zero stops and is returned. */
	ledger_end_fn *end;
};
/* v: the wanted values, valid during the call; h: NULL unless want->hazard (derived fields). */
typedef int list_row_fn(void *arg, const struct hazard *h, const struct span *v);
/* Streams hazards whose reported_at is not after the fold's as_of, in ledger order (within each thread; thread i
 * calls with args[i]).  A fold of rows alone gives these, by one thread and in no blocks.  Only what the wanted columns need
 * is computed; rules_match is memoised per distinct facts. */
int list_run(struct fold *f, const struct list_want *want, list_row_fn *fn, void *const *args, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_CHANGES_H
#define GL_ENGINE_CHANGES_H
#include "base/mem.h"
#include "model/office.h"
/*
 * What commits brought (gridctl log): one line per commit and ledger, or one
 * per value.  Record rows come from their ledgers, masters and the policy are
 * compared with the version before.
 */
struct changes_want {
	const char *ledger;	/* only this ledger or version ("grids", "policy"), or NULL */
	struct span actor;	/* only commits of this actor; empty: all */
	struct span id;		/* only rows that carry this id or key in any column; empty: all */
	int64_t since, until;	/* commits recorded in [since, until]; TIME_NONE, INT64_MAX */
	bool values;		/* --changes: one line per value */
};
/* One line; values in the order of changes_columns.  Non-zero stops. */
enum { CHANGES_COMMIT, CHANGES_AT, CHANGES_ACTOR, CHANGES_LOGIN, CHANGES_COMMAND, CHANGES_LEDGER, CHANGES_ID,
    CHANGES_COLUMN,
	CHANGES_WAS, CHANGES_VALUE, CHANGES_NCOLUMNS };
extern const char *const changes_columns[CHANGES_NCOLUMNS];
typedef int changes_fn(void *arg, const struct span *v);
/* Oldest commit first.  Without values: `id` is the first and last id of the commit's rows (A..B), `value` their
 * number (of a master: rows of the version; of the policy: files); a commit that brought nothing has one line
 * without ledger.  With values: one line per non-empty value of a new row, per changed or lost value of a master. */
int changes_run(struct reg *r, const struct moment *m, const struct changes_want *want, changes_fn *fn,
    void *arg, struct err *e);

#endif

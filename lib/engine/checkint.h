/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_CHECKINT_H
#define GL_ENGINE_CHECKINT_H
#include "engine/check.h"
#include "register/ledger.h"
/* Inside the checks: shared by check*.c only. */

/* Where a row stands in its file: fed each row of a ledger_scan, in order. */
struct check_line {
	const char *table;
	unsigned segment;
	size_t line;
	off_t last;
	char file[REG_FILE_MAX];
};
void check_line_start(struct check_line *l, const char *table);
void check_line_next(struct check_line *l, const struct scan_row *row);

/* Every committed policy version. */
struct check_policies {
	struct policy **v;
	struct span *digest;		/* twelve hex digits each */
	size_t n, cap, digest_cap;
	struct arena mem;
};
const struct check_policies *check_policies(struct check_run *c, struct err *e);
/* The version with those twelve digits, or NULL. */
struct policy *check_policy(const struct check_policies *p, struct span digest12);

int check_rows(struct check_run *c, struct err *e);
int check_ids(struct check_run *c, struct err *e);
int check_refs(struct check_run *c, struct err *e);
int check_order(struct check_run *c, struct err *e);
int check_replay(struct check_run *c, struct err *e);
int check_masters(struct check_run *c, struct err *e);
int check_committed_policy(struct check_run *c, struct err *e);
int check_copies(struct check_run *c, struct err *e);
int check_index(struct check_run *c, struct err *e);
int check_duties(struct check_run *c, struct err *e);
int check_sweep(struct check_run *c, struct err *e);
int check_calendar(struct check_run *c, struct err *e);

#endif

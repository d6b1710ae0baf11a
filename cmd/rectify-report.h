/* SPDX-License-Identifier: MIT */
#ifndef GL_CMD_RECTIFY_REPORT_H
#define GL_CMD_RECTIFY_REPORT_H
/* rectify-report in three pieces: options, where rows come from, how the figures are shown. */
#include "base/cli.h"
#include "engine/rollup.h"
#include "model/session.h"

struct report {
	/* said */
	const char *by, *from, *to, *as_of, *known, *figures, *expect;
	int decimals, target;		/* -1: the policy's */
	bool check, partial, merge, zh;
	/* found */
	struct session session;		/* office NULL: figures of a file, no register at hand */
	struct rollup *rollup;
	char since[26], until[26];	/* of reported_at, inclusive; empty: open */
	char office[64], head[128];	/* whose figures they are, and as of what */
	bool closed;			/* the rate is closed/found */
	size_t reported, expected;	/* offices in the parts, and expected ones */
};

/* Count the register's rows, or those of a CSV with hazard-list's columns (path, "-" standard input). */
int report_register(struct report *r, struct err *e);
int report_file(struct report *r, struct cli *c, const char *path, struct err *e);
/* Add up parts: files, or standard input. */
int report_merge(struct report *r, struct cli *c, char **paths, size_t n, struct err *e);
/* Print; *under is set when a group is under the target. */
int report_print(struct report *r, struct cli *c, bool *under, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_CMD_RECTIFY_REPORT_H
#define GL_CMD_RECTIFY_REPORT_H
/* rectify-report in pieces: options, where rows come from, how the figures are shown, and the same of limits. */
#include "base/cli.h"
#include "engine/limitroll.h"
#include "model/list.h"
#include "model/session.h"
#include "output/sheet.h"

#define REPORT_COLUMNS 64	/* that a report reads */

struct report {
	/* said */
	const char *by, *from, *to, *as_of, *known, *figures, *expect, *scope;
	const char *limits;		/* ids, or "all"; NULL: figures of hazards are asked for */
	int decimals, target;		/* -1: the policy's */
	bool check, partial, merge, zh;
	/* found */
	struct session session;		/* office NULL: figures of a file, no register at hand */
	struct rollup *rollup;
	struct limitroll *limitroll;	/* instead, of limits */
	char since[26], until[26];	/* of reported_at, inclusive; empty: open */
	char office[64], head[128];	/* whose figures they are, and as of what */
	bool closed;			/* the rate is closed/found */
	size_t reported, expected;	/* offices in the parts, and expected ones */
};

/* Count the register's rows, or those of a CSV with hazard-list's columns (path, "-" standard input). */
int report_register(struct report *r, struct err *e);
int report_file(struct report *r, struct cli *c, const char *path, struct err *e);
/* Count the limits of the register's hazards, and print them. */
int report_limits(struct report *r, struct err *e);
int report_print_limits(struct report *r, struct cli *c, struct err *e);
/* Add up parts: files, or standard input. */
int report_merge(struct report *r, struct cli *c, char **paths, size_t n, struct err *e);
/* Print; *under is set when a group is under the target. */
int report_print(struct report *r, struct cli *c, bool *under, struct err *e);

/* What rows and limits share: --from and --to as times of the register, into since and until; does a time lie between them? */
int report_period(struct report *r, int offset, struct err *e);
bool report_in_period(const struct report *r, struct span at);
/* What the rollup is made for, with the register's policy or (NULL) without; levels and major: room for REPORT_WORDS each. */
#define REPORT_WORDS 64
struct rollup_spec report_spec(const struct report *r, const struct policy *p, const char **levels, const char **major);
/* The numbers of the columns called names (NULL: -1), and what --scope leaves; the fold is made with the trail that they and
 * `trail` (or NULL) ask for. */
struct report_source {
	struct list_columns *all;
	struct filter filter;
	int col[REPORT_COLUMNS];
	size_t n;
};
int report_source_open(struct report *r, struct report_source *s, const char *const *names, size_t n, bool limits, struct err *e);
void report_source_close(struct report_source *s);
/* What print and limits share: the columns of the dimensions; the ids and names of a group; as_of and known, the last two columns. */
void report_dims(struct sheet *s, const struct rollup *r, bool zh);
void report_put_ids(struct sheet *s, const struct rollup *r, const struct rollup_group *g, bool text);
void report_put_stand(struct sheet *s, const struct report *r);
/* "; as of …; known …; reported by …", below a text table. */
void report_footer(const struct report *r, struct buf *out);
/* A sheet in the format that was asked for. */
void report_sheet(const struct sheet *s, const struct cli *c, struct buf *out);
bool report_is_text(const struct cli *c);

#endif

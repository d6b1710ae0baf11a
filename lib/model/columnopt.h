/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_COLUMNOPT_H
#define GL_MODEL_COLUMNOPT_H
#include "base/cli.h"
#include "register/schema.h"
/*
 * Options spelt like the columns of a ledger: column found_at is --found-at,
 * and --found_at too.
 */
struct column_options {
	const struct table *t;
	struct cli_option *options;	/* the program's own first, then the columns; ends with a NULL name */
	struct span *value;		/* one per column, as said; NULL p: not said */
	size_t said;			/* how many columns were said */
	size_t own;
};
/* skip: names of columns that get no option, ends with NULL. */
void column_options_init(struct column_options *c, const struct table *t, const char *const *skip, const struct cli_option *own);
void column_options_clear(struct column_options *c);
/* Take an option: 1 it was a column's, 0 it is one of the program's own, -1 e (said twice). */
int column_options_take(struct column_options *c, const struct cli_option *o, const char *value, struct err *e);
/* What was said as a row: names of columns and values, c->said of each; how many. */
#define COLUMN_OPTIONS_MAX 64
size_t column_options_row(const struct column_options *c, struct span name[COLUMN_OPTIONS_MAX],
    struct span value[COLUMN_OPTIONS_MAX]);

#endif

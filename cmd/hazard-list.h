/* SPDX-License-Identifier: MIT */
#ifndef GL_CMD_HAZARD_LIST_H
#define GL_CMD_HAZARD_LIST_H
/* hazard-list's options and what they ask of list_run. */
#include "model/list.h"
#include "model/session.h"
#include "output/sheet.h"

#define LISTING_VALUES 32	/* filters given on the command line */

struct listing {
	const char *known, *as_of, *columns, *grid;
	bool zh;
	struct { const char *option, *value; } said[LISTING_VALUES];
	size_t nsaid;
	/* made by listing_bind */
	struct list_columns *all;
	struct filter filter;
	int *col;
	size_t nshown;
	struct list_want want;
	struct sheet sheet;
};
#define LISTING_THREADS 2	/* a third would wait for the fold's memory, and for its turn to print */
#define LISTING_STOP 2		/* what a row callback returns when standard output is gone */

/* An option as given (cli_program.on; arg is the listing). */
int listing_option(void *arg, const struct cli_option *o, const char *value, struct err *e);
/* Bind names to columns and values to ids, once the office is open. */
int listing_bind(struct listing *l, const struct session *s, struct err *e);
/* The header row, in the labels asked for. */
void listing_header(struct listing *l, struct buf *out);
void listing_clear(struct listing *l);

#endif

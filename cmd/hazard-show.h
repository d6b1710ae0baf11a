/* SPDX-License-Identifier: MIT */
#ifndef GL_CMD_HAZARD_SHOW_H
#define GL_CMD_HAZARD_SHOW_H
/* hazard-show: one hazard as it is derived, its rows, and how they are shown. */
#include "base/cli.h"
#include "model/session.h"

struct shown {
	struct session *s;
	struct fold *fold;		/* of this hazard alone; its slot is 0 */
	struct buf text;
	struct span row[64];		/* hazards.csv */
	struct hazard h;
	struct clock_trace trace;
	struct shown_rows {		/* rows of a ledger that name it, in append order */
		const struct table *t;
		struct span *f;		/* n * t->ncolumns */
		size_t n;
		struct buf *text;	/* one per row */
	} events, measures, evidence;
};

/* Everything about one hazard; ERR_DATA (and the id) when there is none of that id. */
int shown_load(struct shown *x, struct session *s, struct span id, struct err *e);
void shown_clear(struct shown *x);
/* For people: head, timeline, measures, evidence; with explain the arithmetic of its due date. */
void shown_text(const struct shown *x, bool explain, struct buf *out);
/* The event rows as CSV, the header when first. */
void shown_csv(const struct shown *x, bool first, struct buf *out);

#endif

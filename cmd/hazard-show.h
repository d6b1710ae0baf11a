/* SPDX-License-Identifier: MIT */
#ifndef GL_CMD_HAZARD_SHOW_H
#define GL_CMD_HAZARD_SHOW_H
/* hazard-show: one hazard as it is derived, its rows, and how they are shown. */
#include "base/cli.h"
#include "model/limits.h"
#include "model/measure.h"
#include "model/session.h"

struct shown {
	struct session *s;
	struct fold *fold;		/* of this hazard alone; its slot is 0 */
	struct buf text;
	struct span row[64];		/* hazards.csv */
	struct hazard h;
	struct clock_trace trace;
	bool explain;
	struct limits limits;		/* with explain */
	struct shown_rows {		/* rows of a ledger that name it, in append order */
		const struct table *t;
		struct span *f;		/* n * t->ncolumns */
		size_t n;
		struct buf *text;	/* one per row */
	} events, evidence;
	struct measures measures;
};

/* Everything about one hazard; ERR_DATA (and the id) when there is none of that id. */
int shown_load(struct shown *x, struct session *s, struct span id, bool explain, struct err *e);
void shown_clear(struct shown *x);
/* For people: head, timeline, measures, evidence; with explain the arithmetic of its due date and its limits. */
void shown_text(const struct shown *x, struct buf *out);
/* hazard-show-explain.c: that arithmetic. */
void shown_explain(const struct shown *x, struct buf *out);
/* `label   text` with the label in a fixed width; nothing for an empty text. */
void shown_line(struct buf *out, const char *label, const struct buf *text);
void shown_time(const struct shown *x, int64_t t, struct buf *out);
/* id, and its name behind it when a master table knows one. */
void shown_named(const struct shown *x, const char *table, struct span id, struct buf *out);
void shown_due(const struct shown *x, struct buf *out);
/* One line, put together in t_. */
#define SHOWN(label, ...) do { struct buf t_ = BUF_INIT; __VA_ARGS__; shown_line(out, label, &t_); buf_clear(&t_); } while (0)
/* The event rows as CSV, the header when first. */
void shown_csv(const struct shown *x, bool first, struct buf *out);

#endif

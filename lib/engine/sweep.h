/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_SWEEP_H
#define GL_ENGINE_SWEEP_H
#include "base/cli.h"
#include "engine/noted.h"
#include "engine/notice.h"
#include "model/list.h"
#include "model/watch.h"
/*
 * One sweep over a register under its lock: fold the hazards that are watched (model/watch.h), find the acts of every open
 * one, record them in one commit.  The day's first sweep is recorded even when nothing fell due
 * (a seal: a quiet night and a dead cron look different); later quiet ones write nothing.
 */
struct sweep {
	notice_line_fn *on_line;	/* for each line of a notice, in order; or NULL */
	void *arg;
	struct diag *diag;		/* warnings: the program's */
	struct reg *reg;
	struct commit *commit;
	struct office *office;
	struct watch watch;
	struct fold *fold;
	int64_t now;
	struct escalate_acts acts;
	struct notice_batch batch;	/* hazards with acts, and their papers */
	struct noted noted;
	size_t nobody;			/* lines of papers that found no receiver */
	bool first_today;
	bool dry;			/* leaves no trace */
	bool quiet;			/* nobody reads what it says when it writes nothing */
};
int sweep_open(struct sweep *s, struct cli *c, struct err *e);	/* takes the lock, unless a dry run */
int sweep_run(struct sweep *s, struct err *e);
bool sweep_writes(const struct sweep *s);	/* will sweep_close record anything? */
int sweep_close(struct sweep *s, struct buf *warning, struct err *e);
void sweep_clear(struct sweep *s);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_CMD_WORKCAL_H
#define GL_CMD_WORKCAL_H
#include "base/cli.h"
#include "model/clock.h"
#include "model/office.h"
#include "model/worktime.h"
/*
 * Shared by the parts of workcal: what the options said, and the commands.
 */
struct workcal {
	struct cli cli;
	const char *file, *known, *organ, *kind, *offset_said;
	bool explain;
	const char **hold_said;
	size_t nholds, cap;
	struct clock_hold *hold;
	struct office *office;		/* or a file's: */
	struct policy *policy;
	struct worktime w;
	struct buf out;
	bool asked;			/* yes or no: the status, which -q leaves alone */
	int status;
};

/* The commands, with their operands: what is to be printed goes to out. */
/* When a limit ends that begins at a time; of a negative one, the time before it. */
int workcal_add(struct workcal *k, char **v, struct err *e);
int workcal_between(struct workcal *k, char **v, struct err *e);
int workcal_next(struct workcal *k, char **v, struct err *e);	/* the open span that holds a time, or the next one */
int workcal_is_open(struct workcal *k, char **v, struct err *e);	/* is a time open, until when, and why not */
int workcal_days(struct workcal *k, char **v, struct err *e);	/* the working days of each month of a year */

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_SESSION_H
#define GL_MODEL_SESSION_H
#include "base/cli.h"
#include "model/hazard.h"
/*
 * What every reading program does first: open the office at a moment, read
 * --now and --as-of in its offset.
 */
struct session {
	struct office *office;
	struct fold *fold;		/* by session_fold */
	int64_t as_of;			/* INT64_MAX when not said */
	int64_t now;			/* deadlines and lateness as of here: as_of when said, else cli's now */
};
/* known and as_of as given on the command line, or NULL.  A date alone means the end of that day. */
int session_open(struct session *s, struct cli *c, const char *known, const char *as_of, struct err *e);
/* trail: what the fold is to keep beside (list_trail), then its own; or NULL. */
int session_fold(struct session *s, struct trail *trail, struct err *e);
void session_close(struct session *s);
/* A time option: an accepted time; with end a date alone means its last second. */
int session_time(const char *option, const char *value, int offset, bool end, int64_t *out, struct err *e);

#endif

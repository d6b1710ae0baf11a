/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_SPAWN_H
#define GL_BASE_SPAWN_H
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
/*
 * Running another program (reliability.md 5.5): by its argv, found in PATH,
 * never through a shell; what it is to know goes to its standard input alone.  It runs in a process group of
 * its own with
 * SIGPIPE and SIGXFSZ as usual and no descriptor but 0, 1, 2; both outputs are read, the first
 * SPAWN_SAID_MAX bytes kept.
 * The caller ignores SIGPIPE (cli does).  One that neither reads, ends nor stops writing is stopped: TERM to
 * its group at the time limit, KILL 2 s later.
 */
#define SPAWN_SAID_MAX 4096
enum spawn_end {
	SPAWN_EXIT,	/* code: its exit status */
	SPAWN_SIGNAL,	/* code: the signal it died of */
	SPAWN_TIMEOUT,
	SPAWN_MISSING	/* there is no such program, or it may not be run; said tells why */
};
struct spawn_result {
	enum spawn_end end;
	int code;
	struct buf said;	/* raw bytes: escape them; to be cleared */
};
/* -1 with e only when nothing could be started for want of descriptors, processes or memory. */
int spawn_run(char *const argv[], struct span input, int64_t timeout_ms, struct spawn_result *out,
    struct err *e);

#endif

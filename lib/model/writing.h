/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_WRITING_H
#define GL_MODEL_WRITING_H
#include "base/cli.h"
#include "base/digest.h"
#include "model/office.h"
#include "register/commit.h"
/*
 * What every program that records rows does around them: who acts, the lock,
 * the office at the moment under it, the retry key.
 */
struct writing {
	struct cli *cli;
	struct reg *reg;
	struct office *office;		/* at the commit's moment */
	struct office *before;		/* opened without the lock; may be the same */
	struct commit *commit;
	struct span actor;
	bool done_before;		/* a commit with this key is there: seq and at are its */
	uint64_t seq;
	int64_t at;
};
/*
 * Opens the register, reads --now, finds the actor, takes the lock (not with
 * --dry-run) and looks for the key ("": none).  again: do not look.
 */
int writing_open(struct writing *w, struct cli *c, const char *command, const char *key, bool again, struct err *e);
/*
 * Ends it: commits, sets cli->recorded, passes the commit's warning to cli_say.  Nothing
 * to append: no commit.  With --dry-run the rows that would have been appended go to *pending instead.
 */
int writing_close(struct writing *w, struct buf *pending, struct err *e);
void writing_drop(struct writing *w);	/* frees everything; gives the commit up when it is still open */
/* The same for a program that is about to end: what the kernel takes back then is left to it. */
void writing_leave(struct writing *w);
/* Ids that commit seq appended to a table, one a line, in order. */
int writing_ids(struct writing *w, uint64_t seq, const char *table, struct buf *out, struct err *e);
/* The retry key of input: SHA-256 over words (each with its NUL; how the rows are meant) and bytes. */
void writing_key(const struct span *words, size_t n, struct span bytes, char out[DIGEST_HEX + 1]);
/* "this input came in on 2026-… as commit 12; nothing was added (--again insists)" for cli_say, appended to out. */
void writing_was(const struct writing *w, struct buf *out);

#endif

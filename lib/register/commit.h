/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_COMMIT_H
#define GL_REGISTER_COMMIT_H
#include <stdbool.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/err.h"
#include "register/register.h"
/*
 * The one write path (DESIGN.md 3, reliability.md 4).  A commit appends rows
 * to several ledgers and may bring new versions of masters and policy; it is
 * all or nothing.  Guarantees, proven by tests/fault: a commit that was
 * acknowledged is never lost; one that was not is wholly absent; readers
 * never see a part; nothing is cut that was not saved under lost+found/.
 * Invariants asserted in the code: reliability.md 4.3.
 */
struct commit_who {
	const char *actor;	/* officer id, or "sweep" */
	const char *command;	/* the program with its sub-command, for the record: "hazard-update assign" */
	const char *key;	/* retry key (64 hex, or the user's), or "" */
	int64_t now;
	int64_t lock_wait_ms;
	bool dry_run;		/* no lock, no recovery, commit_close prints nothing and writes nothing */
};
struct commit;

/*
 * Takes the lock (waits lock_wait_ms, then ERR_FAILED naming the holder's pid, login and command where
 * known), recovers an open begin left by a crash (tails saved under lost+found/, cut, `abort` written),
 * refuses rows added by another hand (ERR_PERSON: `hazards.csv: 3 rows (bytes 812-1103) were not written
 * by this toolkit; look at them, then run gridctl adopt`), a ledger saved by a spreadsheet (BOM, CRLF, quoted header:
 * said so), shorter or missing files, and a network file system.
 */
struct commit *commit_open(struct reg *r, const struct commit_who *who, struct err *e);
const struct moment *commit_moment(const struct commit *c);	/* the snapshot under the lock */
uint64_t commit_seq(const struct commit *c);			/* the number this commit will have */
/* The year ids of this commit carry: of `now`, or of the ledger's last id when the clock went back. */

/* Mint the next id of a table (its letter, this commit's year), gapless; valid until the commit is dropped. */
#define ID_MAX 40
void commit_mint(struct commit *c, const struct table *t, char out[ID_MAX]);
/* Ids minted so far are given back down to a mark (a row that turned out bad with --rejects). */
struct commit_mark { size_t rows[REG_LEDGERS_MAX], bytes[REG_LEDGERS_MAX]; uint64_t minted[REG_LEDGERS_MAX]; };
void commit_mark(const struct commit *c, struct commit_mark *m);
void commit_rewind(struct commit *c, const struct commit_mark *m);

/*
 * Append a row: one span per column of t in schema order; the `commit` column
 * is filled in.  Values must be checked already (schema_check and the floors
 * above); bytes that would break a record are a programming error (assert).
 */
void commit_append(struct commit *c, const struct table *t, const struct span *values);
/*
 * The same in two parts, the first of which any thread may do: what follows the id and the commit in the row is written at
 * `to`, where commit_tail_room bytes are free, up to the pointer returned (NULL: rows of t do not begin so); then it is
 * appended behind the id.
 */
size_t commit_tail_room(const struct table *t, size_t bytes);	/* bytes: of all values, at most */
char *commit_tail(const struct table *t, const struct span *values, char *to);
void commit_append_tail(struct commit *c, const struct table *t, struct span id, struct span tail);
/* The bytes that would be appended to t so far (for --dry-run). */
struct span commit_pending(const struct commit *c, const struct table *t);
/* The same over all ledgers, hazards before what hangs on them, appended to out. */
void commit_pending_all(const struct commit *c, struct buf *out);
size_t commit_rows(const struct commit *c);	/* over all ledgers */
/* A new version of a master table (canonical CSV with header), of register.yaml ("register"), or the policy. */
void commit_version(struct commit *c, const char *name, struct span bytes);
void commit_policy(struct commit *c, const struct policy_bytes *files, size_t n, struct span manifest);

/*
 * Write it: versions, sync; begin, sync; rows, sync each; commit line, sync =
 * the commit point; then the working copies and the index (a failure there, and what commit_open had to undo, is only a warning in
 * *warning).  A commit without rows and versions is allowed (the sweep's seal).
 * -1: ERR_FAILED nothing recorded; ERR_DOUBT the commit line may or may not stand.
 * Always ends the commit (lock released, c freed).
 */
int commit_close(struct commit *c, struct buf *warning, struct err *e);
void commit_drop(struct commit *c);	/* give up; nothing was written */
/* The snapshot is durable: to be asked before a writer that adds nothing says that something is recorded already (one that
 * was killed before its sync leaves a commit which a power cut takes away).  -1 e. */
int commit_stands(struct commit *c, struct err *e);

/*
 * After ERR_DOUBT a mark stands under lost+found/ and commit_open refuses with ERR_DOUBT: what the kernel shows of the
 * commit line may not be on the disk.  commit_doubt is for readers: 1 and words about it, 0 none.
 * commit_settle reads the line and what it covers back from the disk, writes the line in place once more, syncs, and
 * takes the mark away; `said` tells which ids were recorded, or that the commit did not come to be.  -1: ERR_DOUBT it
 * stays in doubt (no right to write, or the disk fails again); ERR_PERSON what is there is not what was written.
 */
int commit_doubt(struct reg *r, struct buf *words, struct err *e);
int commit_settle(struct reg *r, const struct commit_who *who, struct buf *said, struct err *e);

/*
 * What an earlier commit with this retry key recorded: 1 and *seq, 0 none, -1 e.  Under commit_open it is
 * certain; from a reader it is a snapshot.
 */
int commit_find_key(struct reg *r, const struct moment *m, const char *key, uint64_t *seq, int64_t *at, struct err *e);

/* gridctl adopt: rows added by hand are sealed with an `adopt` line under actor's name and reason; never without rows
 * to adopt (ERR_NO). */
struct adopt_tail { const struct table *table; unsigned segment; off_t from, to; };
/* Looks at the rows that are about to be sealed, on the moment m, as commit seq; -1 with e refuses them. */
typedef int adopt_check_fn(void *arg, const struct moment *m, uint64_t seq, const struct adopt_tail *tail, size_t n,
    struct err *e);
/* check (NULL: none) is called under the lock, after recovery, and only the bytes it was shown are sealed: what is added
 * behind them meanwhile stays another hand's, what is changed in them is ERR_FAILED.  In a dry run: without the lock. */
int commit_adopt(struct reg *r, const struct commit_who *who, adopt_check_fn *check, void *arg, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_PENDING_H
#define GL_REGISTER_PENDING_H
#include "base/digest.h"
#include "register/indexearly.h"
#include "register/inside.h"
/*
 * A commit in the making: built by commit.c, written by write.c.
 */
struct pending_ledger {
	const struct table *table;
	struct moment_ledger *at;	/* in the commit's moment */
	int commit_column;
	struct buf rows;
	struct digest digest;		/* of the first `digested` bytes of rows: made while they are in the caches */
	size_t digested;
	size_t nrows;
	uint64_t minted;
	bool known;			/* year and last were read */
	int year;
	uint32_t last;			/* number of the last id of that year, 0 none */
	int fd;				/* while it is written */
	char name[REG_FILE_MAX];
};

struct pending_version {
	char name[REG_FILE_MAX];
	struct buf bytes;
	char digest[65];
};

struct pending_file {
	char *path;
	struct buf bytes;
};

/* The digest of all rows so far. */
void pending_digest(struct pending_ledger *l, char out[DIGEST_HEX + 1]);

/* How far the writing is: the invariants of reliability.md 4.3 are asserted on it. */
enum commit_stage { STAGE_BUILT, STAGE_BEGUN, STAGE_BEGIN_SYNCED, STAGE_ROWS_SYNCED, STAGE_COMMITTED };

struct commit {
	struct reg *r;
	struct commit_who who;
	char *actor, *command, *key;
	int journal;			/* locked; -1 in a dry run */
	off_t journal_size;
	char chain[65];			/* of the last line */
	uint64_t seq;
	char seq_text[24];		/* the same as rows have it */
	size_t seq_n;
	struct moment m;		/* the snapshot */
	struct pending_ledger ledger[REG_LEDGERS_MAX];
	struct pending_version version[REG_LEDGERS_MAX];
	size_t nversions;
	struct pending_file *file;	/* of a new policy */
	size_t nfiles;
	struct err broken;		/* found while building: told by commit_close */
	enum commit_stage stage;
	struct moment next;		/* what the commit line will say */
	struct buf begin, commit, abort;	/* lines, built before the first is written */
	struct index_early *early;	/* of a large commit, while it is written; or NULL */
};
#endif

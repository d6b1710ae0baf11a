/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_REGISTER_H
#define GL_REGISTER_REGISTER_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"
#include "register/schema.h"
/*
 * A register on disk (DESIGN.md 2) and one consistent moment of it.  Readers
 * take no lock: a moment is a committed journal line, and what it names (each
 * ledger's size, each master's and the policy's digest) never changes below it.
 */
#define REG_FORMAT 1
#define REG_LEDGERS_MAX 32
#define REG_FILE_MAX 64			/* length of a ledger's file name with its NUL */

struct reg {
	int dir;			/* descriptor of the directory */
	char *path;			/* as given, for messages */
	int format;
	char office[13];
	char *name;			/* of the office, for papers */
	int offset;			/* seconds from UTC */
	char *language;			/* of papers: zh or en */
	mode_t file_mode, dir_mode;	/* 0666/0777 before umask, or 0660/2770 when shared */
	bool allow_network;		/* write although the file system is a network one */
	bool trees;			/* policies may come from the index: reg_policy_trees */
	bool edited;			/* register.yaml's working copy is not what is committed, which is what counts */
	bool told;			/* of working copies that were edited: copies_warn */
	char undone[256];		/* what commit_open had to undo, one line for people; empty: nothing */
};

/* Read register.yaml, as committed where its working copy was edited; refuses a newer format (ERR_PERSON).  NULL with e: not a register says so and how to make one. */
struct reg *reg_open(const char *dir, struct err *e);
void reg_close(struct reg *r);

/* The state of one append-only ledger at a moment. */
struct moment_ledger {
	const struct table *table;
	unsigned segment;		/* number of the current (last) segment: 1 is hazards.csv, 2 hazards.2.csv … */
	off_t size;			/* its committed size */
};
/* A versioned file: a master table, register.yaml or the policy (manifest), by digest. */
struct moment_version {
	char name[REG_FILE_MAX];	/* "grids", "register", "policy" */
	char digest[65];
};
struct moment {
	uint64_t seq;
	int64_t at;			/* of the commit */
	char chain[65];
	off_t journal;			/* size of journal.csv up to and with the line of this moment */
	struct moment_ledger ledger[REG_LEDGERS_MAX];
	size_t nledgers;
	struct moment_version version[REG_LEDGERS_MAX];
	size_t nversions;
};

/*
 * The newest committed moment, or with known (a seq, a time, or a checkpoint's
 * text or file: `--known=`) the last one up to there.  An open begin at the tail is passed
 * over, a torn last line too.  ERR_PERSON when no line of the tail fits the chain.
 */
int reg_moment(struct reg *r, const char *known, struct moment *m, struct err *e);
const struct moment_ledger *moment_ledger(const struct moment *m, const char *table);
const char *moment_version(const struct moment *m, const char *name);	/* digest or NULL */

/* The bytes of versions/DIGEST, checked against it. */
int reg_version(struct reg *r, const char *digest, struct buf *out, struct err *e);
/*
 * The YAML files of a policy version as trees (yaml_pack), as the index keeps them: read so, a policy costs a tenth of what
 * its files cost.  fn gets them where they lie, and they are gone when it returns.  false when there is no index, or it does
 * not have this version: then the files are read.  The trees are
 * of the committed bytes, which were checked against their digests when the index was filled; who can write the register could change them since, so only
 * what checks single rows asks for them (r->trees): gridctl check replay looks at its rows again, by the files.
 */
typedef void reg_trees_fn(void *arg, struct span trees);
bool reg_policy_trees(struct reg *r, const char *digest, reg_trees_fn *fn, void *arg);
/* Are the trees that the index has of this version those of its files?  True when it has none. */
bool reg_policy_fits(struct reg *r, const char *digest);
/* The next one of them; false at the end. */
bool reg_next_tree(struct span *rest, struct span *path, struct span *tree);
/* "hazards.csv", "hazards.2.csv" */
void reg_segment_name(const char *table, unsigned segment, char out[REG_FILE_MAX]);

/* gridctl init: makes the directory (which must be empty or new), register.yaml, the ledgers with their headers,
 * empty masters and the policy given as files, as commit 1. */
struct policy_bytes {			/* one policy file */
	const char *path;
	struct span bytes;
};
struct reg_new {
	const char *office, *name, *language;
	int offset;
	const char *group;		/* --shared=GROUP or NULL */
	const struct policy_bytes *policy;
	size_t npolicy;
	struct span manifest;		/* policy_manifest of them */
	int64_t now;
	const char *actor, *command;
};
int reg_create(const char *dir, const struct reg_new *n, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_VERIFY_H
#define GL_REGISTER_VERIFY_H
#include "register/register.h"
/*
 * gridctl verify and head: prove that the register is what its journal says.
 */
struct verify_finding {
	uint64_t seq;		/* the first bad commit, 0 when none is meant */
	char file[REG_FILE_MAX];
	size_t first_row, last_row;	/* lines of the ledger file, 0 unknown */
	char text[512];		/* what is wrong, for people */
	bool warning;		/* only a working copy differs: nothing committed is wrong */
};
/* Non-zero from the callback stops.  Findings come in journal order, masters and versions after. */
typedef int verify_fn(void *arg, const struct verify_finding *f);
struct verify_sum {
	uint64_t commits, rows, bytes;
	uint64_t findings;	/* without warnings */
	struct moment head;
	bool open_begin;	/* a commit was under way or was cut off (not a finding) */
};
/*
 * The whole register: chain of every journal line, digest of every span against the ledger's bytes, nothing
 * before, between or behind spans, sizes, versions against their names and each master's working copy
 * against its committed version (an edited working copy is a warning finding with seq 0).
 * since: a checkpoint (text or file), NULL none: today's register must extend it.
 */
/* A last line that is cut short or damaged is a finding unless a writer is at work; undoing it is the next writer's business. */
int verify_register(struct reg *r, const char *since, verify_fn *fn, void *arg, struct verify_sum *sum, struct err *e);

/* A checkpoint: four lines `gridledger-checkpoint 1`, `OFFICE SEQ AT`, `CHAIN`, `SIZES-DIGEST` (see gridctl(1)). */
void verify_checkpoint(const struct reg *r, const struct moment *m, struct buf *out);
#define CHECKPOINT_HEAD "gridledger-checkpoint 1"
struct checkpoint {
	char office[13], chain[65], sizes[65];
	uint64_t seq;
};
bool checkpoint_parse(struct span text, struct checkpoint *out);	/* false when it is none; a signature behind it is passed over */
/* One line for a bulletin's foot: `T01 412 3f9a-1c07-88d2-b6e0`. */
void verify_short(const struct reg *r, const struct moment *m, struct buf *out);

#endif

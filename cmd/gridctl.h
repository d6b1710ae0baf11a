/* SPDX-License-Identifier: MIT */
#ifndef GL_CMD_GRIDCTL_H
#define GL_CMD_GRIDCTL_H
#include "base/cli.h"
#include "model/office.h"
#include "register/commit.h"
/*
 * gridctl keeps the register.  Each sub-command is a program of its own in
 * its file; here is what they share.  run gets its own argv (argv[0] is
 * "gridctl SUB") and returns the exit status.
 */
int gridctl_adopt(int argc, char **argv);
int gridctl_cat(int argc, char **argv);
int gridctl_check(int argc, char **argv);
int gridctl_get(int argc, char **argv);
int gridctl_head(int argc, char **argv);
int gridctl_init(int argc, char **argv);
int gridctl_log(int argc, char **argv);
int gridctl_put(int argc, char **argv);
int gridctl_repin(int argc, char **argv);
int gridctl_set(int argc, char **argv);
int gridctl_tree(int argc, char **argv);
int gridctl_verify(int argc, char **argv);

/* A register in the hands of a sub-command. */
struct keeper {
	struct cli cli;
	struct reg *reg;
	struct moment at;		/* what is read, or the snapshot under the lock */
	struct office *office;		/* on at */
	struct commit *commit;		/* of a writer, until keeper_commit */
	char *actor;
};

/* Open the register at a moment (known as reg_moment), read --now; with_office the policy too. */
int keeper_read(struct keeper *k, const char *known, bool with_office, struct err *e);
/*
 * Open it for a commit: who acts, the lock, recovery, the office on the snapshot.  In a register without
 * officers yet, anybody may act: --actor, or the name of this login.  words: what the journal's command says.
 */
int keeper_write(struct keeper *k, const char *words, struct err *e);
/* Who acts where there are no officers: --actor, or the name of this login; to be freed. */
char *keeper_self(const struct cli *c);
/* Who acts, for writers that open no commit (adopt). */
int keeper_actor(struct keeper *k, struct err *e);
/* Close the commit; a warning is said.  Sets cli.recorded. */
int keeper_commit(struct keeper *k, struct err *e);
/* Give everything back and end: the status of e, else status. */
int keeper_end(struct keeper *k, int status, const struct err *e);

/* Exactly from min to max operands; what names them in the message. */
int gridctl_operands(const struct cli *c, int first, int argc, int min, int max, const char *what, struct err *e);
/* The table of that name and kind (TABLE_MASTER, TABLE_RECORD), or NULL with e: the nearest name and all there are. */
const struct table *gridctl_table(const char *name, enum table_kind kind, struct err *e);
/* Refuse when the committed version of name is not the one the caller started from (--base, at least 8 digits). */
int gridctl_base(const struct moment *m, const char *name, const char *base, struct err *e);
void gridctl_print(struct span bytes);	/* to standard output */

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_CMD_POLICY_TEST_H
#define GL_CMD_POLICY_TEST_H
#include "base/cli.h"
#include "engine/pack.h"
/*
 * policy-test looks at policies and never writes to a register.  Each
 * sub-command is a program of its own in its file; here is what they share.  run gets its
 * own argv (argv[0] is "policy-test SUB") and returns the exit status.
 */
int policy_test_lint(int argc, char **argv);
int policy_test_run(int argc, char **argv);
int policy_test_replay(int argc, char **argv);
int policy_test_explain(int argc, char **argv);
int policy_test_dot(int argc, char **argv);

/* A policy in hand. */
struct subject {
	struct buf dir;
	struct pack pack;
	struct policy *policy;
};
#define SUBJECT_INIT { BUF_INIT, PACK_INIT, NULL }
/* $GRIDLEDGER_DATA, or where the package put its data. */
const char *subject_data(void);
/* Read the policy of DIR or PLACE; NULL: the working copy of the register named with -C, else the current directory's.
 * 0, -1 e. */
int subject_read(struct subject *s, const struct cli *c, const char *operand, struct err *e);
/* The same, loaded; complaints go to the program's diag and end in ERR_DATA. */
int subject_load(struct subject *s, struct cli *c, const char *operand, struct err *e);
void subject_clear(struct subject *s);
/* Was a register named (-C, $GRIDLEDGER_DIR), or is the current directory one? */
bool subject_has_register(const struct cli *c);
/* At most max operands. */
int subject_operands(int first, int argc, char **argv, int max, struct err *e);

#endif

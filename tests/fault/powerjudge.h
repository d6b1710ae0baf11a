/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_POWERJUDGE_H
#define GL_TESTS_POWERJUDGE_H
#include "powermodel.h"
#include "register/commit.h"
/*
 * What a register must be like after a power cut, whatever the disk held: what was acknowledged stands byte for byte, a
 * commit that was not is wholly there (its line is whole) or wholly gone, what recovery cut is kept under lost+found/,
 * verify finds nothing, and the next commit goes in.  What is to be expected is worked out from the log of the model and
 * the bytes of the journal alone.
 */
struct kept {			/* bytes that must not be lost: in their ledger, or under lost+found/ */
	char file[40];
	struct buf bytes;
};
struct scenario {
	char name[48];
	struct model *m;
	bool by_hand;		/* rows of another hand stand in tags.csv: until they are adopted a person is asked for */
	bool faulty;		/* a writer did not end well: working copies may be old */
	struct kept kept[4];
	int nkept;
};
enum verdict { VERDICT_GOOD, VERDICT_REFUSED, VERDICT_NONE };	/* all well; a person is rightly asked for; no register yet */
/* The state in dir/reg after the cut.  -1 with what is wrong in why, else a verdict. */
int judge(const struct scenario *s, const struct cut *c, const char *dir, char why[400]);

/* n hazards with an event each; 0, or -1 e. */
int power_commit(struct reg *r, const char *key, int n, struct err *e);
void power_pair(struct commit *c);
#define POWER_NOW 1770000000

#endif

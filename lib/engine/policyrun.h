/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_POLICYRUN_H
#define GL_ENGINE_POLICYRUN_H
#include <signal.h>
#include "base/diag.h"
#include "engine/pack.h"
/*
 * Tests of a policy (tests/NAME.test.yaml, gridledger-policy(5)): each case plays its timeline in a
 * private register of its own, made by the code that makes and changes every register, and compares what comes out
 * with what is expected.  The registers lie under $TMPDIR, else /dev/shm, else /tmp, and are
 * removed whatever happens, short of a kill.
 */
struct policyrun {
	const char *data;		/* where places/ lies */
	const char *filter;		/* only cases whose name contains this, or NULL */
	struct diag *diag;		/* complaints about files that are no tests, as file:line:column */
	/* lines of the answer, as TAP: `ok 1 - NAME`, `not ok 2 - NAME`, and behind that `# FILE:LINE:COLUMN: …` */
	void (*say)(void *arg, struct span lines);
	void *arg;
	const volatile sig_atomic_t *stop;	/* non-zero: give up (ERR_FAILED); or NULL */
	size_t ran, failed;		/* cases so far */
};
/* The cases of a file, "-" standard input.  -1 with e: ERR_DATA not understood (said to diag), ERR_USAGE no such place,
 * ERR_FAILED I/O. */
int policyrun_file(struct policyrun *r, const char *path, struct err *e);
/* Every test that the pack read from dir carries, of the pack itself; policy: pack_load of it. */
int policyrun_pack(
    struct policyrun *r, const struct pack *p, const struct policy *policy, const char *dir, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_FUZZ_OFFICE_H
#define GL_TESTS_FUZZ_OFFICE_H
#include "model/office.h"
#include "register/commit.h"
/*
 * An office of the place default with a few masters, in a directory of its
 * own under $TMPDIR that goes when the process ends, and a dry commit on it.
 */
#define FUZZ_NOW 1770000000	/* 2026-02-02T10:40:00+08:00 */

struct fuzz_office {
	struct reg *reg;
	struct office *office;
	struct commit *commit;
};
/* Made at the first call. */
struct fuzz_office *fuzz_office(void);
#endif

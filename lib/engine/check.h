/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_CHECK_H
#define GL_ENGINE_CHECK_H
#include "base/diag.h"
#include "model/office.h"
/*
 * Named checks over a whole register (gridctl check).  Each gives every
 * finding to the diag as file:line: column: text; committed rows only.
 */
struct check_run {
	struct office *office;
	struct diag *diag;
	int64_t now;
	struct term max_age;		/* of the last sweep */
	struct check_policies *policies;	/* every committed policy version, loaded when first needed */
};
struct check {
	const char *name, *about;
	int (*run)(struct check_run *c, struct err *e);	/* -1 only when it cannot go on */
	bool asked;		/* run only when it is named */
};
/* All of them, in the order they are run. */
const struct check *check_all(size_t *n);
/* By name; NULL with e (ERR_USAGE, the nearest name and all there are). */
const struct check *check_named(const char *name, struct err *e);
void check_clear(struct check_run *c);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_POLICYLINT_H
#define GL_ENGINE_POLICYLINT_H
#include "engine/pack.h"
#include "engine/tablerows.h"
#include "model/office.h"
/*
 * What is wrong or odd in a policy that loads: rules that no hazard can meet, duties with gaps, limits that make no sense,
 * and, with a register, orders to nobody.  Pure but for the masters of the office.
 */
struct policylint_finding {
	char *file;		/* as shown: dir/escalation.yaml */
	size_t line, col;
	bool warning;		/* odd, but may be meant */
	char *text;		/* what; remedy */
};
struct policylint {
	struct policylint_finding *v;	/* by file in the order read, then by line */
	size_t n, cap;
	size_t errors, warnings;
};
/*
 * policy: pack_load of p, read from dir.  office: the register whose organs and grids are to answer, as of day; NULL: those
 * questions are left out.  0, -1 e (I/O; a pattern's limit).
 */
int policylint_run(struct policylint *l, const struct pack *p, const char *dir, const struct policy *policy,
    struct office *office, int32_t day, struct err *e);
void policylint_clear(struct policylint *l);
/*
 * Overlays of organs that the rows of organs.csv do not have, whatever their days: a complaint each to d, the file named
 * behind where ("dir/"); of organs that end before their overlays: a warning.  A register without any organ yet is not asked.
 */
void policylint_organs(const struct policy *p, const char *where, const struct tablerows *organs, struct diag *d);
/*
 * The other side: rows of organs.csv (file, for messages) that are to follow those there were.  A complaint for each organ that
 * the overlays in force want and now has not, or that goes while hazards may be pinned to an overlay of it; a warning for each
 * that now ends before its overlay.  The first organs of a register are not asked for those of overlays.
 */
int policylint_organs_put(struct office *o, const struct tablerows *was, const struct tablerows *now, const char *file,
    struct diag *d, struct err *e);

#endif

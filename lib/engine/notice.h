/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTICE_H
#define GL_ENGINE_NOTICE_H
#include "base/mem.h"
#include "engine/escalate.h"
#include "register/commit.h"
/*
 * Turning a sweep's acts into rows: events of the hazards, and papers bundled
 * by kind, issuer and receiver with one line a hazard.  Numbers run per prefix
 * (each kind of notice has its own) and year without gaps: PREFIX〔YEAR〕SERIAL号.
 */
struct notice_hazard {		/* what the rows say of a hazard; owned by the caller */
	char *id;
	struct span owner, person, subject;
	char *subject_name;
	int64_t due;
	const struct policy *policy;
};
/* Serial numbers given out so far. */
struct notice_serials {
	struct names keys;
	uint64_t *last;
	size_t cap;
};
int notice_serials_load(struct notice_serials *s, struct reg *r, const struct moment *m, struct err *e);
void notice_serials_clear(struct notice_serials *s);
uint64_t notice_serial(struct notice_serials *s, struct span prefix, int year);	/* the next one, taken */

/* Append the events of all acts, then the notices.  Each line of a notice also goes to `on_line` (may be NULL) for printing:
 * the values of notice_columns in order. */
#define NOTICE_COLUMNS 11
extern const char *const notice_columns[NOTICE_COLUMNS];
typedef void notice_line_fn(void *arg, const struct span *v);
int notice_record(struct commit *c, struct office *o, int64_t now, const struct escalate_acts *acts,
    const struct notice_hazard *hazards, struct notice_serials *serials, notice_line_fn *on_line, void *arg, struct err *e);

#endif

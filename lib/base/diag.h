/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_DIAG_H
#define GL_BASE_DIAG_H
#include <stdbool.h>
#include <stdio.h>
#include "base/err.h"
/*
 * Complaints about input: all of them in one pass, each on one line, the
 * first `max` written and the rest counted.  The text is escaped for people
 * (text_escape), so hostile data cannot steer a terminal.
 */
struct diag {
	FILE *to;		/* where lines go; NULL counts only */
	const char *prog;	/* put in front of warnings, may be NULL */
	size_t max;		/* errors written; 0 is no limit */
	size_t errors, warnings;
};
#define DIAG_MAX_DEFAULT 100

void diag_init(struct diag *d, FILE *to, const char *prog, size_t max);
/*
 * An error in a data file.  Written as `file:line: column: text`; line 0 and
 * column NULL are left out.  col > 0 (1-based, for YAML and raw bytes) gives
 * `file:line:col: text`.
 */
void diag_row(struct diag *d, const char *file, size_t line, const char *column, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void diag_pos(struct diag *d, const char *file, size_t line, size_t col, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* `prog: warning: text`; never an error. */
void diag_warn(struct diag *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * The end of the pass: writes `… and N more errors` where some were held
 * back.  Returns 0 when there was none, else -1 with e set to ERR_DATA and a
 * text that counts them (`12 errors, nothing was written`).
 */
int diag_end(struct diag *d, struct err *e);

#endif

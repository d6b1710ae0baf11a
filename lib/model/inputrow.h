/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_INPUTROW_H
#define GL_MODEL_INPUTROW_H
#include "base/diag.h"
#include "register/schema.h"
/*
 * Rows as people write them, in files and on command lines: what the labels
 * of a header mean, and where a complaint stands.
 */
/* `file:line: column: text`, or for options (file NULL) `prog: --column: text`; column NULL: it is about the row. */
void inputrow_complain(const char *file, size_t line, const char *column, struct diag *d, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

enum { INPUTROW_BAD = -1, INPUTROW_UNKNOWN = -2 };
/*
 * The column of t that a label means, by its name, Chinese title or an alias.  INPUTROW_BAD after a complaint: it has no
 * name, or names one of `given` (ends with NULL), which the register fills in itself.  INPUTROW_UNKNOWN: the caller may
 * know more, or says inputrow_unknown.  number: of the input column, from 1.
 */
int inputrow_column(const struct table *t, const char *const *given, const char *file, struct span label, size_t number,
    struct diag *d);
/* Nobody knows the label; the nearest column is named. */
void inputrow_unknown(const struct table *t, const char *file, struct span label, struct diag *d);
/* Input columns first and second (from 0) of this header mean the same. */
void inputrow_double(const char *file, const struct span *header, size_t first, size_t second, struct diag *d);

#endif

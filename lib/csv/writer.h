/* SPDX-License-Identifier: MIT */
#ifndef GL_CSV_WRITER_H
#define GL_CSV_WRITER_H
#include "base/buf.h"
/*
 * Canonical CSV, RFC 4180 with LF: a field is quoted only when it holds a
 * comma, a quote, CR or LF, or begins or ends with a blank or tab; the empty
 * field is empty, but a record of one empty field is written "" so that
 * readers do not skip it.
 */
void writer_field(struct buf *out, struct span value);		/* no separator */
/* The same at `to`, where 2 * n + 2 bytes are free: behind its last byte. */
char *writer_field_at(char *to, struct span value);
void writer_row(struct buf *out, const struct span *values, size_t n);	/* with commas and LF */

#endif

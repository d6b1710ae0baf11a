/* SPDX-License-Identifier: MIT */
#ifndef GL_CSV_FOREIGNINT_H
#define GL_CSV_FOREIGNINT_H
#include "csv/foreign.h"
/* Shared by foreign.c and foreigntext.c only. */

/*
 * The text of a foreign file as UTF-8 without BOM: in *text, which lies in
 * bytes or in *own.  *valid is false when rows with invalid bytes are left,
 * each to be complained about on its own.  -1 with e when it cannot be read
 * at all: empty, of another encoding than said, of an encoding not said.
 */
int foreign_text(const char *name, struct span bytes, const char *encoding, struct buf *own, struct span *text,
    bool *valid, struct err *e);
/* What an invalid row may be: "" or a clause for a message. */
const char *foreign_guess(struct span raw);
/* Line ends in s: LF, CRLF and lone CR count one each. */
size_t foreign_lines(struct span s);
/* The column of text.p[at] in its line, in characters from 1. */
size_t foreign_column(struct span text, size_t at);
/* The offset behind the line end at or behind `at`, or the end of the text. */
size_t foreign_next_line(struct span text, size_t at);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_CSV_FOREIGN_H
#define GL_CSV_FOREIGN_H
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
/*
 * CSV from other hands: libcsv (strict) behind a guard for what it does not
 * see (reliability.md 5.1): NUL, BOM, encoding, ctrl-Z, sizes, line numbers.  Runs of
 * regular rows go through the fast scan; libcsv stays the authority for the rest.
 */
struct foreign_row;
/*
 * A look at the rows behind the header, some hundred at a time, before the row
 * callback gets them one by one.  Rows of different slots (FOREIGN_SLOTS of them, taken in turn) may be in
 * work at once: with `threaded` this is called on another thread, while the row callback has rows of another slot.
 */
typedef void foreign_ahead_fn(void *arg, unsigned slot, const struct foreign_row *row, size_t n);
#define FOREIGN_SLOTS 4u

struct foreign_options {
	const char *encoding;	/* named by the user, or NULL: a BOM decides (UTF-8, UTF-16), else strict UTF-8,
				 * else an error that names --encoding and proposes gb18030 when that converts cleanly */
	size_t field_max;	/* bytes; 0: 1 MiB */
	size_t fields_max;	/* 0: 1024 */
	bool clean;		/* the bytes are known to be UTF-8 without NULs */
	foreign_ahead_fn *ahead;	/* or NULL; called with the row callback's arg */
	bool threaded;		/* a large file is read ahead by a thread of its own: what comes out is the same */
};

struct foreign_row {
	size_t line;		/* where the record starts, 1-based */
	size_t n;
	const struct span *f;	/* unquoted; blanks at either end cut (spaces, tabs, U+3000); valid during the call */
	struct span raw;	/* the record's bytes as UTF-8, without line end, for a rejects file */
	bool bad;		/* already complained about: wrong number of fields, a broken quote, bad bytes.
				 * f may be shorter than the header; the row must not be used, only put aside */
	unsigned slot;
	size_t at, left;	/* it is row `at` of its slot, so many come behind it there */
};

/* Non-zero stops the parse and is returned. */
typedef int foreign_row_fn(void *arg, const struct foreign_row *row);

/*
 * Parse bytes; the first record is the header and comes first (row->line 1).
 * Every complaint goes to d as `name:line: text` or, where one place is meant,
 * `name:line:col: text` with col in characters from 1 (invalid UTF-8 with the byte
 * and what encoding it may be; `quote opened here is never closed`; `7 fields,
 * the header has 9`), the pass goes on: behind a broken quote with the line after
 * the one where the quoted field was opened.  Lines end with LF, CRLF or CR.  Empty lines are skipped.  An empty
 * file and one with no header are errors.  Returns 0 (look at d->errors),
 * the callback's value, or -1 with e when nothing can be parsed at all.
 */
int foreign_parse(const char *name, struct span bytes, const struct foreign_options *opt, struct diag *d,
    foreign_row_fn *row, void *arg, struct err *e);

#endif

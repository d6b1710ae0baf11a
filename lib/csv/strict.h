/* SPDX-License-Identifier: MIT */
#ifndef GL_CSV_STRICT_H
#define GL_CSV_STRICT_H
#include "base/buf.h"
#include "csv/libcsv.h"
/*
 * One record at a time by libcsv with CSV_STRICT and CSV_STRICT_FINI: the
 * authority on whatever the fast path does not take.  Unlike libcsv itself it
 * says where a record ends and where it is broken.
 */
enum strict_result {
	STRICT_ROW,	/* a record; *used counts its bytes with the line end */
	STRICT_BLANK,	/* an empty line or one of blanks only; *used as above */
	STRICT_MORE,	/* not complete, and more may come: give it again with more behind it */
	STRICT_QUOTE,	/* *used: a quote in the middle of an unquoted field */
	STRICT_JUNK,	/* *used: a byte behind a closing quote */
	STRICT_OPEN	/* *used: the opening quote that is never closed */
};

struct strict {
	const struct libcsv *lib;	/* NULL: not ready */
	struct csv_parser p;
	size_t keep;		/* so many fields are kept, all are counted */
	size_t field_max;
	/* of the last record */
	struct buf text;	/* the fields, one behind the other; 32 readable bytes stand behind */
	size_t *end;		/* where each ends in text */
	size_t end_cap;
	size_t n;
	size_t too_long;	/* the number, from 1, of the first field over field_max, blanks around it counted too, or 0 */
	bool done;
};

void strict_init(struct strict *s, size_t keep, size_t field_max);
void strict_clear(struct strict *s);
/* Has libcsv there, which strict_take needs; again costs nothing.  -1 with e when it cannot be loaded. */
int strict_ready(struct strict *s, struct err *e);
/* Takes the record at in.p; `last`: nothing comes behind in. */
enum strict_result strict_take(struct strict *s, struct span in, bool last, size_t *used);
/* Field i (i < n and i < keep) of the last record, valid until the next call. */
struct span strict_field(const struct strict *s, size_t i);
/* The quote that opened the field which byte `at` of the record belongs to, as an offset; `at` if there is none. */
size_t strict_opening(struct span record, size_t at);

#endif

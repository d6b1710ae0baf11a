/* SPDX-License-Identifier: MIT */
#ifndef GL_OUTPUT_SHEET_H
#define GL_OUTPUT_SHEET_H
#include <stdbool.h>
#include "base/buf.h"
#include "base/mem.h"
/*
 * Rows of named columns on their way out: as a text table aligned by display
 * width, as CSV, or as JSON.  Cells are copied; an unset cell is empty.
 */
struct sheet_column {
	const char *name;	/* English, for CSV and JSON */
	const char *title;	/* for the text table; NULL: the name */
	bool right;		/* numbers: aligned to the right, JSON numbers when they are integers */
	bool csv_only;		/* left out of the text table */
	bool text_only;		/* only in the text table */
	bool whole;		/* ids: never cut to fit a terminal */
};
struct sheet {
	struct arena mem;
	struct sheet_column *column;
	size_t ncolumns, columns_cap;
	struct span *cell;	/* nrows * ncolumns */
	size_t nrows, cells_cap;
	size_t total_from;	/* rows from here on stand below a rule (totals); SIZE_MAX none */
};
void sheet_init(struct sheet *s);
void sheet_clear(struct sheet *s);
size_t sheet_add_column(struct sheet *s, struct sheet_column c);	/* its number; before any row */
void sheet_add_row(struct sheet *s);
void sheet_put(struct sheet *s, size_t column, struct span value);	/* into the last row */
void sheet_putf(struct sheet *s, size_t column, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* At most `width` columns of a terminal where that can be had by cutting the widest left-aligned column (never
 * below 8; a cut cell ends in …); 0: no limit.  Two blanks between columns, a line of dashes under the titles and above totals. */
void sheet_text(const struct sheet *s, size_t width, struct buf *out);
void sheet_csv(const struct sheet *s, struct buf *out);
void sheet_json(const struct sheet *s, struct buf *out);	/* an array of objects, one a line */
void sheet_json_string(struct buf *out, struct span s);		/* quoted; invalid bytes as U+FFFD */

#endif

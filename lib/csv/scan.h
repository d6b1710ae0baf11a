/* SPDX-License-Identifier: MIT */
#ifndef GL_CSV_SCAN_H
#define GL_CSV_SCAN_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"
/*
 * The fast reader of CSV whose columns are known by number: two stages over a
 * window (vector masks to position lists, quoted regions masked out by a
 * prefix XOR over the quote bits; then one row per newline), DESIGN.md 7.
 * AVX2 by a run-time check, else portable.  Only wanted columns are decoded.
 */
struct scan_source {
	int fd;			/* a regular file (pread in [from, to)) or a stream (read) */
	const char *name;	/* for messages */
	off_t from, to;		/* bytes; to < 0: a stream, until its end.  from stands at the start of a record */
	bool canonical;		/* a ledger of ours: every LF ends a record, quote parity restarts at each line */
	size_t first_line;	/* the line number of the record at `from`, for messages (2 behind a header) */
};

struct scan_row {
	off_t at;		/* offset of the record's first byte */
	size_t length;		/* bytes of the record without its line end */
	const char *bytes;	/* the record itself, valid during the call */
	const struct span *f;	/* the wanted columns, in the order asked for, unquoted; valid during the call.
				 * At least 32 readable bytes stand behind each (vector compares need no bounds). */
	/* for scan_soon */
	const char *window;
	const uint16_t *ends;	/* of the fields from this row's first one on, nends of them, in the window */
	size_t nends;
	const struct scan_want *want;
};

struct scan_want {
	size_t ncols;		/* columns a row must have; another number is an error that says both */
	const int *cols;	/* wanted column numbers; -1 reads as empty (a column this segment lacks) */
	size_t n;		/* at most SCAN_WANT_MAX */
};
#define SCAN_WANT_MAX 128

/*
 * Wanted column i of the row that comes k rows behind this one, when it is at hand already, else empty: a hint of what
 * will be asked for, to have it fetched meanwhile.  Its bytes are as they stand in the file, with quotes and all, and the
 * row may still turn out to be none.
 */
static inline struct span scan_soon(const struct scan_row *row, size_t i, size_t k)
{
	const uint16_t *end;
	uint16_t from;

	if (row->want == NULL || (k + 1) * row->want->ncols > row->nends || row->want->cols[i] < 0)
		return (struct span){ NULL, 0 };
	end = row->ends + k * row->want->ncols + row->want->cols[i];
	from = (uint16_t)(end[-1] + 1);
	return (struct span){ row->window + from, (size_t)(end[0] - from) };
}

#define SCAN_FIELD_MAX (1u << 20)	/* bytes in a field; a longer one is an error with line and column */

/* Called for each row in file order; non-zero stops the scan and is returned. */
typedef int scan_row_fn(void *arg, const struct scan_row *row);

/*
 * All rows of a source.  0, or the callback's non-zero value, or -1 with e set
 * (I/O, ERR_FAILED; a malformed row, ERR_DATA, `file:line: …`).  When the
 * source is not canonical, records that the fast path does not take (a quote
 * opening in the middle of a field, a lone CR, a field over the window) are
 * read as libcsv with CSV_STRICT reads them; CRLF line ends are accepted and
 * empty lines passed over.  In a canonical source an empty line and a CR outside
 * quotes are errors.  Blanks and tabs around an unquoted field are cut in both.
 * Memory: under 1 MiB whatever the source's size, plus the longest record (and with scan_threads_again 2 MiB of the page
 * cache a thread).
 */
int scan_rows(const struct scan_source *src, const struct scan_want *want, scan_row_fn *row, void *arg, struct err *e);

/*
 * The same over nthreads byte ranges of a regular file at once; thread i calls
 * row with args[i].  Within a thread rows come in file order, and thread i's
 * rows stand before thread i+1's.  Ranges of a file that is not canonical are
 * guessed at newlines and redone where the guess fell into a quoted field (the
 * rows of that range are then held back until its start is proven, or: it is scanned
 * for its quote parity first), so the callbacks see each row exactly once.
 */
int scan_threads(const struct scan_source *src, const struct scan_want *want, scan_row_fn *row,
    void *const *args, size_t nthreads, struct err *e);
/*
 * The same without reading for the parity, for those who can forget rows: a range begins behind the first newline, which
 * the range before proves by ending there; when one does not, or anything else fails or stops the scan, again is called
 * with each of args, and all rows come anew as scan_threads gives them.  The first time a large file is mapped, by windows,
 * where that can be done: until again is called or all is over its bytes may change under the callback when others write to
 * it, and are zeros where they cut it, so row must stand any bytes.  Meanwhile SIGBUS is handled here: one call at a time.
 */
typedef void scan_again_fn(void *arg);
int scan_threads_again(const struct scan_source *src, const struct scan_want *want, scan_row_fn *row, scan_again_fn *again,
    void *const *args, size_t nthreads, struct err *e);
/* Cores usable now, at most `most`; $GRIDLEDGER_THREADS overrides. */
size_t scan_cores(size_t most);

/*
 * The header record of a source: reads it (whole, at most 64 KiB), gives its
 * fields (owned by *text, to be freed with buf_clear and free(*fields)) and moves src->from behind it,
 * src->first_line (0 counts as 1) by the lines it takes
 * (a stream's remaining bytes are kept in *rest, to be scanned before the
 * descriptor: pass it on unchanged with scan_rest).  A BOM is skipped.
 */
int scan_header(struct scan_source *src, struct buf *text, struct span **fields, size_t *n, struct buf *rest, struct err *e);
/* As scan_rows, for a stream whose first bytes were read already (scan_header's rest). */
int scan_rest(const struct scan_source *src, struct span rest, const struct scan_want *want, scan_row_fn *row, void *arg, struct err *e);
/* Rows of bytes in memory (name for messages). */
int scan_bytes(const char *name, struct span bytes, bool canonical, size_t first_line, const struct scan_want *want,
    scan_row_fn *row, void *arg, struct err *e);
/* The fields of one record in memory, unquoted into *text; for point reads.  Number of fields, or -1 with e. */
int scan_record(const char *name, struct span record, struct buf *text, struct span *fields, size_t max, struct err *e);

#endif

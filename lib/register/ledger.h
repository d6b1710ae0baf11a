/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_LEDGER_H
#define GL_REGISTER_LEDGER_H
#include "csv/scan.h"
#include "register/register.h"
/*
 * Reading the append-only ledgers of a moment: all segments in order, columns bound by each segment's
 * header, a column it lacks reads empty.
 */
/* Every committed row: columns by schema number of `t`.  rowfn's scan_row.at is unique within a segment;
 * rows come in append order (with nthreads > 1: within each thread, thread by thread per segment). */
int ledger_scan(struct reg *r, const struct moment *m, const char *table, const int *cols, size_t ncols,
    scan_row_fn *fn, void *const *args, size_t nthreads, struct err *e);
/*
 * The same in blocks of a MiB, for rows whose meaning hangs on the ones before: fn gets the rows of a block in one of
 * the threads; then, block after block in the order of the ledger and never two at once, end is called with that
 * thread's argument.  What can be done to a row alone belongs in fn, the rest in end.  Non-zero from either stops all.
 */
typedef int ledger_end_fn(void *arg);
int ledger_scan_ordered(struct reg *r, const struct moment *m, const char *table, const int *cols, size_t ncols,
    scan_row_fn *fn, ledger_end_fn *end, void *const *args, size_t nthreads, struct err *e);
/* Where a record stands. */
struct ledger_at {
	unsigned segment;
	off_t at;
};
/* One record: fields in schema order of the table into f (ncolumns of them), unquoted into text. */
int ledger_read(struct reg *r, const struct moment *m, const char *table, struct ledger_at at,
    struct buf *text, struct span *f, struct err *e);
/* Its bytes, without the LF; they last until the next record of the ledger is read. */
int ledger_record(struct reg *r, const struct moment *m, const char *table, struct ledger_at at, struct span *record, struct err *e);

/*
 * Look-ups, through the index where it is at hand and fresh, else by a scan: the
 * answer is the same.  1 found, 0 not, -1 e.
 */
int ledger_find(struct reg *r, const struct moment *m, const char *table, struct span id, struct ledger_at *at, struct err *e);
/* The rows of a ledger that carry this hazard (events, measures, evidence, notice-lines), in append order;
 * *at is a new array to be freed. */
int ledger_of_hazard(struct reg *r, const struct moment *m, const char *table, struct span hazard,
    struct ledger_at **at, size_t *n, struct err *e);
/* The hazard with this caller's key. */
int ledger_find_ref(struct reg *r, const struct moment *m, struct span ref, struct ledger_at *at, struct err *e);
/* A likely duplicate: the newest hazard with the same fingerprint (index only; 0 without index). */
int ledger_find_like(struct reg *r, const struct moment *m, struct span grid, struct span subject, struct span day,
    struct span description, struct ledger_at *at, struct err *e);
/* What makes two hazards look alike, as one number; day: the date alone. */
uint64_t ledger_print(struct span grid, struct span subject, struct span day, struct span description);
uint64_t ledger_ref_hash(struct span ref);

/*
 * For a writer with many rows: what the hazards of a moment have, read once.
 * Where it says false neither ledger_find_ref nor ledger_find_like would find
 * anything; true is to be asked there.  Any thread may ask.  NULL: it could not be made.
 */
struct ledger_filter;
/* How many there are to read, over all segments; -1: not known. */
off_t ledger_bytes(struct reg *r, const struct moment *m, const char *table);
struct ledger_filter *ledger_filter_new(struct reg *r, const struct moment *m);
void ledger_filter_free(struct ledger_filter *f);
bool ledger_filter_has(const struct ledger_filter *f, uint64_t hash);	/* of a ref, or a print */

#endif

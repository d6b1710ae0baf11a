/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_WATCHFILE_H
#define GL_REGISTER_WATCHFILE_H
#include "register/ledger.h"
/*
 * .index/watch: copies of the committed rows of some hazards and of all their events, as of one moment, for who would
 * else read the ledgers for them (model/watch).  Derived, always safe to delete.  It names its moment by seq, chain and
 * sizes, so it is used only where that moment is part of the history, and it carries a checksum: written without syncs,
 * it may be cut or damaged.  Like the rest of .index/ it is believed: who can write the register could forge it.
 */
struct watch_rows {
	struct buf hazards, events;	/* records with their LF; hazards as they stand in the ledger, those of one hazard in events too */
	uint64_t *place;		/* of each hazard in the ledger: ascending */
	size_t n, cap;
};
void watch_rows_clear(struct watch_rows *w);
/* Append one hazard or one event: a record without its LF.  Hazards come in the order of the ledger. */
void watch_rows_hazard(struct watch_rows *w, struct ledger_at at, struct span record);
void watch_rows_event(struct watch_rows *w, struct span record);
static inline uint64_t watch_place(struct ledger_at at) { return (uint64_t)at.segment << 48 | (uint64_t)at.at; }
static inline struct ledger_at watch_at(uint64_t place)
{
	return (struct ledger_at){ (unsigned)(place >> 48), (off_t)(place & ((UINT64_C(1) << 48) - 1)) };
}
/* scan_bytes over the rows of hazards or events, columns by schema number.  As ledger_scan, by one thread. */
int watch_scan(const struct watch_rows *w, const char *table, const int *cols, size_t ncols, scan_row_fn *fn, void *arg,
    struct err *e);

/* What a file says besides. */
struct watch_mark {
	uint64_t seq;
	char chain[65];
	off_t journal;			/* as in the moment */
	struct watch_ends {
		unsigned segment;
		off_t size;
	} hazards, events;		/* where the ledgers end */
	uint64_t versions;		/* the caller's: how many policies there were */
	bool none;			/* it has no rows: there were too many hazards to be worth it */
};
/* That of a moment. */
struct watch_mark watch_mark_of(const struct moment *m, uint64_t versions, bool none);
/* What is kept, where it is whole and of a moment in the history of m, made by this version of the programs; else false. */
bool watch_read(struct reg *r, const struct moment *m, struct watch_mark *at, struct watch_rows *w);
/* Best effort: a cache that cannot be written is none. */
void watch_write(struct reg *r, const struct watch_mark *at, const struct watch_rows *w);

/* Can rows be kept?  Only where all segments of both ledgers have the columns of this version, in its order. */
bool watch_can(struct reg *r, const struct moment *m);
/*
 * Every row of a ledger behind an end, in append order; *segment is the one that the row is in.  With several threads those of a
 * segment come as ledger_scan has them, and done (or NULL) is called when a segment is through.
 */
int watch_tail(struct reg *r, const struct moment *m, const char *table, struct watch_ends from, const int *cols, size_t ncols,
    unsigned *segment, scan_row_fn *fn, ledger_end_fn *done, void *const *args, size_t nthreads, struct err *e);
/* Bytes that watch_tail would read; -1: not known. */
off_t watch_tail_bytes(struct reg *r, const struct moment *m, const char *table, struct watch_ends from);
/* Is a row found without reading the ledger: is there an index of that moment? */
bool watch_is_indexed(struct reg *r, const struct moment *m);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_MASTERPUT_H
#define GL_ENGINE_MASTERPUT_H
#include "engine/tablerows.h"
/*
 * A new version of a master table, checked whole: from a file (gridctl put) or
 * by changing one row (gridctl set).  Nothing is written here: out is what is
 * to be committed.
 */
struct masterput {
	struct office *office;
	const struct table *table;
	const char *file;		/* for messages */
	int32_t day;			/* names are looked up as of this day */
};
struct masterput_sum {
	size_t rows, added, changed, dropped;
	bool same;			/* byte for byte what is committed already */
};
/*
 * The rows of a CSV replace the table; with merge they replace or add rows by their unique columns (by the key's
 * latest row when valid_from is not among the columns), columns the file lacks keep their value, and
 * nothing is dropped.  Every complaint to d; out and sum are right only when there was none.
 */
int masterput_file(const struct masterput *p, struct span bytes, const char *encoding, bool merge, struct diag *d,
    struct buf *out, struct masterput_sum *sum, struct err *e);
/* Change values of the latest row of id; each of set is COL=VALUE, an empty VALUE clears. */
int masterput_row(const struct masterput *p, struct span id, char *const *set, size_t n, struct diag *d,
    struct buf *out, struct masterput_sum *sum, struct err *e);

#endif

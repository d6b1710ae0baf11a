/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_TABLEROWS_H
#define GL_ENGINE_TABLEROWS_H
#include "base/diag.h"
#include "base/mem.h"
#include "model/office.h"
/*
 * The rows of one master table in memory: canonical values in schema order,
 * and the line each came from.  From a committed version, or from a CSV that
 * somebody wrote (any subset of the columns in any order, English or Chinese
 * headers, labels and names for ids).
 */
struct tablerows {
	const struct table *table;
	struct arena mem;
	struct span *f;			/* n * table->ncolumns */
	size_t *line;			/* n; 0: of no file */
	size_t n, f_cap, line_cap;
	bool given[64];			/* by column: the file has it */
};
void tablerows_init(struct tablerows *r, const struct table *t);
void tablerows_clear(struct tablerows *r);
static inline const struct span *tablerows_row(const struct tablerows *r, size_t i)
{
	return r->f + i * (size_t)r->table->ncolumns;
}
/* Add a row; v is copied. */
void tablerows_add(struct tablerows *r, const struct span *v, size_t line);
/*
 * Read what somebody wrote; every complaint to d as file:line: column.  References to other master tables are
 * resolved (ids or unique names) and must exist; those to the table itself are left as written.
 * -1 with e only when nothing can be read.
 */
int tablerows_foreign(struct tablerows *r, const struct table *t, struct office *o, const char *file, struct span bytes,
    const char *encoding, int32_t day, struct diag *d, struct err *e);
/* One value as a person writes it, canonical and checked, appended to out; -1 with e without file or column. */
struct values;
int tablerows_value(struct values *v, struct office *o, const struct table *t, int col, int32_t day, struct span said,
    struct buf *out, struct err *e);
/* The rows of a committed version (digest as in the moment; NULL: no rows). */
int tablerows_version(struct tablerows *r, const struct table *t, struct reg *reg, const char *digest, struct err *e);
/* Canonical CSV with header. */
void tablerows_write(const struct tablerows *r, struct buf *out);

/* The values of the columns that together are unique, as one string for look-ups; into key (reset first). */
void tablerows_key(const struct table *t, const struct span *row, struct buf *key);

/* What became of the rows from one version to the next, in the new order, those gone last. */
struct tablerows_change {
	const struct span *was, *now;	/* NULL: added, or gone */
	size_t row;			/* number in the version that has it */
};
typedef int tablerows_fn(void *arg, const struct tablerows_change *c);
/* Non-zero from fn stops and is returned.  Rows that are the same are not given.  A row whose validity alone makes
 * it another one (one row of that key left on either side) counts as changed. */
int tablerows_compare(const struct tablerows *was, const struct tablerows *now, tablerows_fn *fn, void *arg);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_MASTER_H
#define GL_REGISTER_MASTER_H
#include "register/register.h"
/*
 * Master data of a moment.  A key may stand in several rows with different
 * validity; rows keep the order of the file.  Point look-ups go through the
 * index when it is fresh, so that adding one hazard does not read 60 000
 * subjects; anything else loads the file once.
 */
struct master;
struct master_row {
	const struct span *f;	/* one per schema column; lives as long as the master */
	size_t line;		/* in the file, the header is 1; 0 from the index */
};

struct master *master_open(struct reg *r, const struct moment *m, const char *table, struct err *e);
/* From bytes not committed yet (gridctl put): parsed as canonical or foreign CSV by the caller into rows already checked. */
struct master *master_of_rows(const struct table *t, const struct span *fields, size_t nrows);
void master_close(struct master *x);
const struct table *master_table(const struct master *x);

/* The row of a key valid on day (inclusive dates, empty is open); with DATE_NONE the last row of the key.
 * 1 found, 0 no row on that day, -1 e (I/O). */
int master_find(struct master *x, struct span key, int32_t day, struct master_row *row, struct err *e);
/* Keys whose column `col` (name, uscc, login …) equals value on day: up to max of them into out. Returns how many there are. */
int master_find_by(struct master *x, int col, struct span value, int32_t day, struct master_row *out, size_t max, struct err *e);
/* Calls fn for every row whose column `col` has the value, of whatever days, in the order of the file. 0, -1 e. */
int master_each(struct master *x, int col, struct span value, void (*fn)(void *arg, const struct master_row *row), void *arg,
    struct err *e);
/* All rows: loads the file. */
int master_rows(struct master *x, const struct master_row **rows, size_t *n, struct err *e);
/* A key's number from 0: the order of first appearance; UINT32_MAX unknown.  Loads. */
uint32_t master_number(struct master *x, struct span key, struct err *e);

#endif

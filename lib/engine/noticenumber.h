/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTICENUMBER_H
#define GL_ENGINE_NOTICENUMBER_H
#include "base/mem.h"
#include "model/office.h"
/*
 * Numbers of papers, PREFIX〔YEAR〕SERIAL号: the serial runs without gaps for
 * each prefix and year.  {issuer} in a kind's prefix is the name of the issuing organ (its id where the name
 * is no word),
 * so each organ has numbers of its own; without it the organs that issue a kind share one row of numbers.
 * Under the lock of a commit, numbers are given once.
 */
struct notice_serials {
	struct names keys;
	uint64_t *last;
	size_t cap;
	bool loaded;
};
/* Reads the ledger, once. */
int notice_serials_load(struct notice_serials *s, struct reg *r, const struct moment *m, struct err *e);
void notice_serials_clear(struct notice_serials *s);
uint64_t notice_serial(struct notice_serials *s, struct span prefix, int year);	/* the next one, taken */

/* The next number of a kind; appended to out. */
int notice_number(struct notice_serials *s, struct office *o, const struct notice_kind *k, struct span issuer,
    int64_t now,
    struct buf *out, struct err *e);
/* The name of a row of a master table (organs, officers, subjects, grids) on a day, or as it was last; the id when there is no
 * such row.  Lives as long as the office. */
int notice_name(struct office *o, const char *table, struct span id, int32_t day, struct span *name,
    struct err *e);
/* The same for any text column; empty when there is no such row. */
int notice_field(struct office *o, const char *table, struct span id, const char *column, int32_t day,
    struct span *value,
    struct err *e);

#endif

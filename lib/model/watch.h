/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_WATCH_H
#define GL_MODEL_WATCH_H
#include "model/hazard.h"
#include "register/watchfile.h"
/*
 * The watch list of a register: hazards that a sweep may have to act upon though nothing new is said of them, since time goes by.
 * Those are the open ones, and those whose limits may run on after the end; all others are woken only by a row of their own.
 * Their rows are kept from one sweep to the next (register/watchfile), so that a sweep pays for what is open and what is
 * new, and not for all that ever was.  The list hangs on the record and the policies alone: not on masters, calendars or now.
 */
struct watch {
	struct watch_rows rows;
	bool usable;			/* rows of this register can be kept at all */
	struct watch_mark was;		/* what was found there */
	bool found;
	size_t fresh;			/* bytes of rows that it had not */
	uint64_t versions;		/* which policies there are */
};
/*
 * The rows of all that is to be watched at the office's moment, and maybe of some more.  From what is kept and the ledgers' tails,
 * else from the ledgers, twice.  1; 0 all hazards are to be folded: too many of them are watched to be worth it; -1 e.
 */
int watch_open(struct office *o, struct watch *w, struct err *e);
/* Of the rows in w keep those of hazards that f, their fold, has to watch, for the next sweep; f NULL: watch_open said 0. */
void watch_keep(struct office *o, struct watch *w, struct fold *f);
void watch_clear(struct watch *w);

/* By the ledgers: as watch_open.  For watch.c. */
int watch_find(struct office *o, struct watch_rows *out, struct err *e);
/* So many bytes of a ledger of so many are worth to be kept. */
bool watch_pays(size_t kept, off_t all);

#endif

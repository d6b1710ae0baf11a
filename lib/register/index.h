/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_INDEX_H
#define GL_REGISTER_INDEX_H
#include "register/ledger.h"
/*
 * .index/: LMDB, derived, always safe to delete.  Stamped with the journal's
 * seq and chain and with the machine's boot id (it is written without syncs,
 * so it is not trusted across a restart of the machine); a stamp behind the moment is caught up
 * from the ledgers' tails when the gap is small, else it is rebuilt.  Who may not write scans instead.
 * Tables: record ids -> where, hazard -> where in events/measures/evidence/notice-lines, ref -> where,
 * retry key -> journal offset, master keys and their names -> rows, fingerprints -> hazard, policy versions -> the trees
 * of their YAML files.
 */
struct index;
/* Open for reading at exactly this moment; NULL without e set when it is missing, stale or unusable. */
struct index *index_open(struct reg *r, const struct moment *m);
void index_close(struct index *x);
int index_get(struct index *x, char kind, struct span key, struct ledger_at *at);
/* 1, 0; -1: it cannot be read (what is asked must be looked for by a scan) */

#endif

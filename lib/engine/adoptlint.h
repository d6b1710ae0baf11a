/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_ADOPTLINT_H
#define GL_ENGINE_ADOPTLINT_H
#include "base/diag.h"
#include "model/office.h"
#include "register/commit.h"
/*
 * Rows that another hand added behind a ledger's committed end, before they
 * are adopted: their schema, the place's words, references to master tables,
 * ids that go on without a gap, and the commit column, which must be `next`: the number that the adoption gets.
 * Complaints to d as file:line: column; each row is also given to show.
 */
typedef void adoptlint_fn(void *arg, const char *file, size_t line, const struct table *t, const struct span *v);
int adoptlint_tail(struct office *o, const struct adopt_tail *tail, uint64_t next, adoptlint_fn *show, void *arg,
    struct diag *d, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTICE_H
#define GL_ENGINE_NOTICE_H
#include "engine/escalate.h"
#include "engine/noticebatch.h"
/*
 * Turning a sweep's acts into rows: events of the hazards, and the papers that
 * go with them (engine/noticebatch).  An act whose paper goes to a hazard's owner for want of a `to` goes
 * to the kind's own addressee; each `cc` of a rung gets the paper too.  A silenced hazard's event says so
 * (并入).
 */
/* acts[i].hazard counts the batch's hazards.  The papers are left in the batch. */
int notice_record(struct notice_batch *b, struct commit *c, struct fold *f, const struct escalate_acts *acts,
    struct err *e);

#endif

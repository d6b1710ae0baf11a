/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTICETAKE_H
#define GL_ENGINE_NOTICETAKE_H
#include "engine/noticebatch.h"
/*
 * Hazards named by id into a batch.  number[i]: that of ids' i-th, NOTICE_NO_HAZARD where there is no such
 * hazard.
 * watch: every open hazard is looked at for those that silence others (notice_batch_watch).
 */
int notice_take(struct notice_batch *b, struct fold *f, const struct names *ids, bool watch, uint32_t *number,
    struct err *e);

#endif

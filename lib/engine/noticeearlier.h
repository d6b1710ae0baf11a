/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTICEEARLIER_H
#define GL_ENGINE_NOTICEEARLIER_H
#include "engine/noticebatch.h"
/*
 * The earlier papers that papers answer to (notices.yaml: follows): of each hazard on them the last one of that kind that was
 * recorded before commit `before` and not withdrawn, as the office's moment knows it.  Fills in `earlier` of papers and lines;
 * reads nothing when no kind follows another.
 */
int notice_earlier_find(struct notice_batch *b, uint64_t before, struct err *e);

#endif

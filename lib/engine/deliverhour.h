/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_DELIVERHOUR_H
#define GL_ENGINE_DELIVERHOUR_H
#include "base/diag.h"
#include "model/office.h"
/*
 * When papers may go out: the sending hours of calendar.yaml, and what is not bound to them.
 */
/* Is now within the sending hours?  A year that the calendar lacks holds nothing up, but is said. */
bool deliver_is_open(const struct office *o, int64_t now, struct diag *d);
/* A sweep's paper, by its once-only key ([rN/]RULE/RUNG|LIMIT|handovers/…): does that rung, missed limit or hand-over
 * send at any hour? */
bool deliver_rung_any_hour(const struct policy *p, struct span key);

#endif

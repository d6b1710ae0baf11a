/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_ESCALATEINT_H
#define GL_ENGINE_ESCALATEINT_H
#include "engine/escalate.h"
/* Where acts lead, up the tree or along who dispatches whom: for escalate*.c only. */

/* The word for where a rung leads, when it names none. */
static inline const char *escalate_to(const struct rung *g)
{
	return g->to != NULL ? g->to : g->act == RUNG_ESCALATE ? "parent" : "owner";
}
/* The organ that a reminder or paper of a rung goes to: its `to`, the owner without one; empty: nobody. */
int escalate_receiver(const struct escalate_at *at, const struct hazard *h, const struct rung *g, int32_t day,
    struct span *organ, struct err *e);
/* Would the rung lead further up once the hazard is at this tier? */
bool escalate_leads_on(const struct escalate_at *at, const struct hazard *h, const struct rung *g, int tier);
/* Who owned the hazard before sweeps raised it on the way to what fell at that time: they raised it no sooner. */
struct span escalate_owner_before(const struct escalate_at *at, const struct hazard *h, const struct escalate_past *past, int64_t fell);
/* One tier up towards the rung's target: the new tier, its organ as owner and issuer.  *arrived: it is there, or there is nothing above. */
int escalate_rise(const struct escalate_at *at, const struct hazard *h, const struct rung *g, int32_t day,
    struct escalate_act *a, bool *arrived, struct err *e);

#endif

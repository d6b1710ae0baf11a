/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_FIGURES_H
#define GL_MODEL_FIGURES_H
#include <stdint.h>
#include "base/buf.h"
/* Sums of hazards; the unit is the round (domain.md 6.1). */
struct figures {
	uint64_t found, rectified, closed, open, overdue, major, followed, terminated, void_;
	uint64_t days, ndays;	/* mean_days = days / ndays over rectified rounds */
	uint64_t handovers, returns, raised, climbed;	/* of who asks for them: model/trail.h */
};
void figures_add(struct figures *to, const struct figures *f);
/* num/den as a percentage with decimals, half up on integers: "86.63%"; den 0 gives "/". */
void figures_rate(struct buf *out, uint64_t num, uint64_t den, int decimals);
/* num/den with decimals, half up; den 0 gives "/". */
void figures_mean(struct buf *out, uint64_t num, uint64_t den, int decimals);
/* Is num/den < percent %?  Exact; never for den 0. */
int figures_under(uint64_t num, uint64_t den, int percent);
#endif

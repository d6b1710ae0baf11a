/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTED_H
#define GL_ENGINE_NOTED_H
#include "base/mem.h"
#include "model/office.h"
/*
 * When the receivers of a hazard's papers last took note: acknowledged or answered one (deliveries.csv).
 * Zero-initialised is ready for use, and knows of nobody.
 */
struct noted {
	struct names hazards;
	int64_t *at;		/* by number of the hazard */
	size_t cap;
};
/* Reads the register only when a rule of some policy version asks for it (hush). */
int noted_load(struct noted *n, struct office *o, const struct moment *m, struct err *e);
int64_t noted_at(const struct noted *n, struct span hazard);	/* TIME_NONE: nobody did */
void noted_clear(struct noted *n);

#endif

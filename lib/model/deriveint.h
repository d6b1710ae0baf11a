/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_DERIVEINT_H
#define GL_MODEL_DERIVEINT_H
#include <pthread.h>
#include "model/foldint.h"
/*
 * Deriving hazards one after the other, in parts, so that a list asks only for
 * what its columns need (derive, list, listvalue, and fold to free it); nobody else includes this.
 * One deriver per thread; what they share is made before they start.
 */
#define SEEN 8192			/* in pairs */

struct hazard_columns {		/* of hazards.csv */
	int hazard, reported_at, found_at, grid, subject, category, severity, source, reporter, emergency, policy;
};
struct subject_columns {
	int kind, sector, landlord, name;
};
struct deriver {
	struct fold *f;
	int64_t now;
	int offset;
	struct hazard_columns col;
	struct subject_columns scol;
	const struct table *hazards;
	struct grid_tree *grids;	/* when places are asked for */
	struct master *subjects;
	struct master *organs;		/* where they keep hours of their own */
	int organ_kind;			/* its column */
	pthread_mutex_t *lock;		/* around patterns; NULL: alone */
	struct span *row;		/* a corrected row; NULL: from the fold's memory */
	size_t year;			/* of the last id */
	/* the last answers */
	struct policy *policy;
	char digest[16];
	size_t digest_n;
	const struct fold_flow *flow;
	unsigned tested;		/* bit set of rule fields that the policy's rules look at */
	bool scoped;			/* has it rules for some units or days only? */
	const struct policy *tested_of;
	struct seen_grid {		/* units met, by a hash of their id: a register's hazards lie in few units */
		uint64_t head, tail;	/* of an id of 8 to 16 bytes; others are looked up each time */
		uint32_t n;
		int32_t day;
		const struct grid_node *grid;
	} *seen, *soon;		/* soon: where the unit of the row after this one is looked for first */
	struct derive_over *over;	/* whose overlay counts, made when a policy has some */
	struct names facts;		/* distinct facts -> rule */
	int *rule;
	size_t rule_cap;
	uint32_t fact;			/* number of the last ones */
	struct span *pilots;		/* by number: of derive_pilots; p NULL: not asked yet */
	size_t pilots_n, pilots_cap;
	struct buf key;
};
void deriver_init(struct deriver *d, struct fold *f, int64_t now);
void deriver_clear(struct deriver *d);
int derive_base(struct deriver *d, uint32_t slot, const struct span *row, struct hazard *h, struct err *e);
int derive_grid(struct deriver *d, struct hazard *h, struct err *e);		/* grid, tier */
/* A hint, which may be wrong: derive_grid will be asked for the unit with this id when the next hazard is through. */
void derive_grid_soon(struct deriver *d, struct span id);
int derive_subject(struct deriver *d, struct hazard *h, struct err *e);		/* after derive_base */
/* after derive_base: the rule, asked once per distinct facts, and the grid and subject when rules look at them */
int derive_rule(struct deriver *d, struct hazard *h, struct err *e);
/* after the others: rule, due, overdue */
int derive_clock(struct deriver *d, struct hazard *h, struct clock_trace *trace, struct err *e);
/* derivescope.c: what the scopes of rules look at, put into f (which points to l); the unit must be derived. */
struct derive_lies {
	const struct grid_tree *tree;
	const struct grid_node *grid;
	int32_t day;
};
int derive_scope(struct deriver *d, const struct hazard *h, struct rule_facts *f, struct derive_lies *l, struct err *e);
/* What it shows to the rules: everything but their scopes. */
void derive_facts(const struct deriver *d, const struct hazard *h, struct rule_facts *f);
/* after derive_rule: the rules with a scope (pilots) that hold for it, whichever rule came first: ids joined by ; */
int derive_pilots(struct deriver *d, const struct hazard *h, struct span *out, struct err *e);
/* deriveoverlay.c: the rule in the form that the overlay of the organ which leads the hazard gives it; for policies that have some. */
int derive_overlay(struct deriver *d, struct hazard *h, struct err *e);
void derive_overlay_free(struct derive_over *o);
/* Which scopes hold, behind the facts in d->key. */
int derive_scope_key(struct deriver *d, const struct hazard *h, struct err *e);

#endif

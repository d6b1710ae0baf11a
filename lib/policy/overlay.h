/* SPDX-License-Identifier: MIT */
#ifndef GL_POLICY_OVERLAY_H
#define GL_POLICY_OVERLAY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/mem.h"
#include "policy/rule.h"
/*
 * policy.d/ORGAN.yaml: what an organ asks beyond the rules of escalation.yaml, of the hazards that it leads (DESIGN.md 4).
 * Overlays only tighten.  A rule in its tightened form is a rule as any other, which stands behind those of
 * escalation.yaml in the policy's rules: who has the number of a hazard's rule need not know of overlays.
 */
#define OVERLAY_DIR "policy.d/"
#define OVERLAY_ENTRIES 64		/* of one overlay, at most */
#define OVERLAY_SCOPES 4		/* entries of one overlay with a scope that are about one rule, at most */

struct overlay_entry {
	bool *of;			/* by rule of escalation.yaml: is it about it? */
	struct rule says;		/* only what it says: terms with n 0, lists without items are left out */
	bool before, total;		/* of says.extend: said */
	bool acts;			/* of says.handovers: `do` is said */
};
struct overlay {
	const char *path;		/* policy.d/ORGAN.yaml */
	const char *organ;
	const char *basis;		/* "" when none is given */
	int32_t from, to;		/* days of the report, inclusive; DATE_NONE open */
	struct overlay_entry *v;
	size_t n;
	int *first;			/* by rule: where its tightened forms stand among the rules, -1: it has none */
};
struct overlays {
	struct overlay *v;		/* by path */
	size_t n;
};
/* Is it the path of an overlay: policy.d/, a code that begins with a capital letter or a digit, .yaml? */
bool overlay_path(struct span path);
/* The number of the form that the overlay gives the rule for a hazard with these facts (those of scopes); the rule's own when
 * it gives it none. */
int overlay_rule(const struct overlay *o, int rule, const struct rule_facts *f);

/*
 * Is a surely not longer than b, whatever the calendar?  For limits, which count from one start with the same holds:
 * days end at 24:00; working time never runs faster than the wall clock.  False too where it cannot be told.
 */
bool overlay_term_within(struct term a, struct term b);
/* The same for lengths to the second, as terms stand before a due time or behind it (model/clock.h, clock_add). */
bool overlay_length_within(struct term a, struct term b);

/* What entries make of a rule: of all that they say it takes what is surely tighter.  out shares what it does not change. */
void overlay_tighten(
    struct arena *mem, const struct overlay *o, uint64_t entries, const struct rule *base, struct rule *out);
/* How many forms the overlay needs of a rule: 0, or one for each set of the entries with a scope. */
size_t overlay_forms(const struct overlay *o, size_t rule);
/* The entries that make the k-th of them. */
uint64_t overlay_form(const struct overlay *o, size_t rule, size_t k);
/* Rungs in order of time; equal ones stay as they are. */
void rule_sort_rungs(struct rule *r);

#endif

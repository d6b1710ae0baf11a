/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_POLICYLINTINT_H
#define GL_ENGINE_POLICYLINTINT_H
#include "engine/policylint.h"
#include "yaml/tree.h"
/*
 * What the parts of policylint share (policylint, policylintcover, policylintover, policylintpattern, policylintterm,
 * policylintwho);
 * nobody else includes this.
 */
struct policylinting {
	struct policylint *out;
	const struct policy *p;
	const struct yaml_file *words, *rules;	/* policy.yaml and escalation.yaml as trees, for positions */
	const struct yaml_node *list;		/* the rules, one node for each of p->rules, in order */
	struct yaml_file **over;		/* the overlays as trees, one for each of p->overlays */
	struct office *office;			/* or NULL */
	int32_t day;
};
void policylint_add(struct policylinting *l, const struct yaml_file *f, const struct yaml_node *at, bool warning,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* A key of a map, or the map itself where it has none. */
const struct yaml_node *policylint_at(const struct yaml_node *map, const char *key);

int policylint_cover(struct policylinting *l, struct err *e);	/* rules and categories that nothing meets */
int policylint_patterns(struct policylinting *l, struct err *e);	/* branches of patterns that take nothing */
void policylint_terms(struct policylinting *l);			/* limits, rungs and due times beside each other */
void policylint_duties(struct policylinting *l);		/* categories that nobody leads on some day */
int policylint_who(struct policylinting *l, struct err *e);	/* addressees that the register does not have */
void policylint_overlays(struct policylinting *l);		/* overlays that change nothing, or leave a limit longer than the due time */
/* An organ's row that goes on, or ends last; SIZE_MAX: it has none.  *end: that day, DATE_NONE when it goes on. */
size_t policylint_organ(const struct tablerows *organs, const char *organ, int32_t *end);
/* Does an overlay hold for reports behind the end of its organ (DATE_NONE: it has none)?  Said with POLICYLINT_ENDS: organ, day, day. */
bool policylint_outlives(const struct overlay *o, int32_t end);
#define POLICYLINT_ENDS "organ %s ends on %s, so its overlay holds for nothing that is reported later; say `to: %s`, and give one to the organ that follows"
int policylint_over_who(struct policylinting *l, struct err *e);	/* those of organs and for units that the register does not have */
/* Is a surely longer than b?  In one unit by its number. */
bool policylint_longer(struct term a, struct term b);
/* May a limit run longer than the due time?  All may but those that begin where the work begins, with the report or an assignment:
 * any other step may be taken when the due time has passed. */
bool policylint_beyond(const struct policy *p, const struct limit *x);

#endif

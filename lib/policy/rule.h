/* SPDX-License-Identifier: MIT */
#ifndef GL_POLICY_RULE_H
#define GL_POLICY_RULE_H
#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"
#include "base/err.h"
#include "policy/pattern.h"
#include "policy/term.h"
/*
 * escalation.yaml: rules for due dates and rungs (DESIGN.md 4 shows one).
 * First match wins; the last rule must match everything.
 */
enum rule_field {	/* what `when` may name */
	RULE_SEVERITY, RULE_CATEGORY, RULE_SOURCE, RULE_SECTOR, RULE_SUBJECT_KIND, RULE_EMERGENCY, RULE_TIER, RULE_OWNER,
	RULE_NFIELDS
};
extern const char *const rule_field_name[RULE_NFIELDS];

struct rule_test {
	enum rule_field field;
	const char **value;	/* any of these, or */
	size_t nvalues;
	struct pattern *pattern; /* matches this (on the id and on the name of the value) */
};

enum rung_do { RUNG_REMIND, RUNG_ESCALATE, RUNG_SUPERVISE, RUNG_NOTICE };
extern const char *const rung_do_name[4];

struct rung {
	struct rung_at at;
	enum rung_do act;
	const char *to;		/* owner, parent, top, a level, an organ id or organ kind; left out: parent to escalate, else owner */
	const char *notice;	/* kind of paper, or NULL */
	struct term *repeat;	/* gaps between further occurrences; the last one goes on for ever */
	size_t nrepeats;
	const char **cc;
	size_t ncc;
	int line;
};

struct limit {
	const char *id, *from, *until;	/* steps; from may be "report", which is no step */
	struct term within;
	struct rung miss;		/* what happens when it is missed; act RUNG_REMIND by default */
	int line;
};

struct rule {
	const char *id, *basis;	/* basis "" when none is given */
	struct rule_test *when;
	size_t ntests;
	bool has_due;		/* `due: none` for 长期坚持: never overdue */
	struct term within;
	const char *from;	/* "reported", "found", "assigned", "tier" (since it came to this tier) */
	struct rung *rung;	/* in order of time */
	size_t nrungs;
	struct limit *limit;
	size_t nlimits;
	const char **needs;	/* close.needs */
	size_t nneeds;
	int line;		/* in escalation.yaml */
};

struct rules {
	struct rule *v;
	size_t n;
};

/* What a hazard shows to the rules: id and name for each field (empty spans where unknown: these match no test,
 * but an empty emergency counts as no). */
struct rule_facts {
	struct span id[RULE_NFIELDS], name[RULE_NFIELDS];
};
/* The first rule that matches; -1 with e when a pattern hit its limit.  There is always one (the last). */
int rules_match(const struct rules *r, const struct rule_facts *f, struct err *e);

#endif

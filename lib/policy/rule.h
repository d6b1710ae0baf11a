/* SPDX-License-Identifier: MIT */
#ifndef GL_POLICY_RULE_H
#define GL_POLICY_RULE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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

struct overlay;
struct rung {
	struct rung_at at;
	enum rung_do act;
	const char *to;		/* owner, parent, dispatch, top, a level, an organ id or organ kind; left out: parent to escalate, else owner */
	const char *notice;	/* kind of paper, or NULL */
	struct term *repeat;	/* gaps between further occurrences; the last one goes on for ever */
	size_t nrepeats;
	const char **cc;
	size_t ncc;
	bool send_any;		/* at any hour; else a reminder waits for the sending hours */
	struct term hush;	/* how long it is silent once its receiver took note (ack of its paper, or accept); n 0: not at all */
	bool added;		/* by an overlay: policy/overlay.h */
	unsigned number;	/* in keys: of a rule that was tightened, its place in the rule before that, or, when added, among
				 * what all overlays add; 0: its place in the rule */
	int line;
};

struct limit {
	const char *id, *from, *until;	/* steps; from may be "report" or "due", which are no steps */
	struct term within;
	struct rung miss;		/* what happens when it is missed, again by `repeat`; act RUNG_REMIND by default */
	const char *file;		/* of `line`, when an overlay added it; NULL: escalation.yaml */
	int line;
};

struct rule_scope {		/* a pilot: where and when the rule holds */
	bool set;		/* false: everywhere and always */
	const char **grid;	/* units, with all below them; none: everywhere */
	size_t ngrids;
	int32_t from, to;	/* days of the report, inclusive; DATE_NONE open */
};

struct rule_extend {		/* what an extension must keep to */
	bool set;
	struct term before;	/* asked this long before the due time; n 0: at any time before it */
	const char *ask;	/* the step that asks; NULL: it is asked for by the extension itself */
	unsigned max;		/* how many; 0: as many as there is reason for */
	struct term total;	/* how far from the first due time, in all; n 0: as far as there is reason for */
	const char **by;	/* roles that grant it; none: those of the step */
	size_t nby;
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
	struct rule_scope scope;
	struct rule_extend extend;
	unsigned handovers;		/* more changes of owner than these in a round: `handed` happens; 0: never */
	struct rung handed;
	uint64_t closers;	/* close.by: bit set over policy roles; 0: whoever may take the step */
	const char **needs;	/* close.needs: phases of evidence */
	size_t nneeds;
	bool measures;		/* close.measures: every measure has its evidence */
	unsigned acceptors;	/* close.acceptors.min: so many officers passed the recheck; 0: the step decides */
	bool not_rectifier, not_owner;	/* close.acceptors.not: who rectified; whoever belongs to the owner */
	const char **acceptor;	/* close.acceptors.organs: one of each of these organs or organ kinds at least */
	size_t nacceptors;
	const char **fixed;	/* assign.needs (五定): columns of events that an assignment must fill */
	size_t nfixed;
	const char **part;	/* plan.parts: what the text of a plan must treat, each as `PART: …` */
	size_t nparts;
	const char **planned;	/* plan.before: steps that wait for a plan with all its parts */
	size_t nplanned;
	bool lit;		/* has thresholds of its own for the lights, percent of the time used; else those of the policy */
	int yellow, red;
	const struct rule *base;	/* what an overlay made this rule of; NULL: it stands in escalation.yaml */
	const struct overlay *overlay;	/* then: which one, */
	uint64_t entries;		/* and which of its entries, as a bit set */
	int line;		/* in escalation.yaml */
};
/* Where a rule stands, for messages: escalation.yaml:LINE, or that and the overlay that tightened it. */
void rule_where(const struct rule *r, struct buf *out);
/* The file that the line of a rung or a limit of the rule is of. */
const char *rung_file(const struct rule *r, const struct rung *g);
static inline const char *limit_file(const struct limit *l) { return l->file ? l->file : "escalation.yaml"; }

enum rule_parent { PARENT_GRID, PARENT_DISPATCH };

struct rules {
	struct rule *v;
	size_t n;		/* those of escalation.yaml; */
	size_t all;		/* behind them stand their forms as overlays tighten them: policy/overlay.h */
	enum rule_parent parent;	/* where a hazard rises: by the tree of units, or to who dispatches its owner */
};

/* What a hazard shows to the rules: id and name for each field (empty spans where unknown: these match no test,
 * but an empty emergency counts as no). */
struct rule_facts {
	struct span id[RULE_NFIELDS], name[RULE_NFIELDS];
	int32_t day;		/* of the report; for scopes */
	bool (*within)(const void *arg, const char *grid);	/* does it lie in that unit?  NULL: in none */
	const void *arg;
};
/* Does the scope of the rule hold for it? */
bool rule_in_scope(const struct rule *r, const struct rule_facts *f);
/* Does it hold for it, whatever rules stand before it?  1, 0, -1 with e when a pattern hit its limit. */
int rule_match(const struct rule *r, const struct rule_facts *f, struct err *e);
/* The first rule that matches; -1 with e when a pattern hit its limit.  There is always one (the last). */
int rules_match(const struct rules *r, const struct rule_facts *f, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_OFFICE_H
#define GL_MODEL_OFFICE_H
#include "policy/policy.h"
#include "register/master.h"
#include "register/register.h"
/*
 * An office opened at one moment: the register, the policy in force, older
 * policy versions that hazards are pinned to, and the master tables, each loaded when
 * first asked for.  The context that the model and the programs work in.
 */
struct grid_tree;
struct office {
	struct reg *reg;
	struct moment at;
	struct policy *policy;		/* in force at the moment */
	struct office_cache *cache;	/* older policies, masters, the grid tree */
};

/* known as reg_moment.  The register is owned by the office. */
struct office *office_open(const char *dir, const char *known, struct err *e);
/*
 * The same for programs that check single rows: policies come from the index when it has them (reg_policy_trees).  What
 * sweeps, counts or shows deadlines reads the files, which are checked against their digests each time.
 */
struct office *office_open_quick(const char *dir, struct err *e);
/* On a register and a moment that somebody else holds (a commit); frees neither. */
struct office *office_on(struct reg *r, const struct moment *m, struct err *e);
void office_close(struct office *o);

/* By the first twelve hex digits of its digest, as hazards.policy has it; cached; NULL with e. Thread-safe once
 * office_policies was called. */
struct policy *office_policy(struct office *o, struct span digest12, struct err *e);
/* From here on every hazard is taken as one pinned to p, which stays the caller's; NULL: no more. */
void office_instead(struct office *o, struct policy *p);
/* Load every version the journal names up to the moment (few): then office_policy only looks up. *n versions. */
int office_policies(struct office *o, size_t *n, struct err *e);
/* One of them, 0 to n - 1; number 0 is the policy in force at the moment. */
const struct policy *office_version(const struct office *o, size_t i);
/* The calendar that clocks count by: calendars are facts, so that of the policy in force, whatever a hazard is pinned to; NULL none. */
const struct calendar *office_calendar(const struct office *o);
/* A master table, opened once; NULL with e. */
struct master *office_master(struct office *o, const char *table, struct err *e);
struct grid_tree *office_grids(struct office *o, struct err *e);
/* A tree that has at least this unit and all above it: for questions about one hazard or officer, where reading every
 * unit would be most of the work.  Nodes and trees live as long as the office.  NULL with e. */
struct grid_tree *office_grids_of(struct office *o, struct span id, struct err *e);

/* Names people use for things: id, national code (uscc), or a name unique there; half-width first.
 * 1 with *id (owned by the office's cache), or -1 with e: `no officer "王五"` with near ones, or `3 subjects are called "便民
 * 超市": 990101-S0001 (…), …; write the id`.  grid limits names to that subtree; day is the day of validity. */
int office_resolve(struct office *o, const char *table, struct span said, struct span grid, int32_t day,
    struct span *id, struct err *e);

/* Who acts: --actor, $GRIDLEDGER_ACTOR, or the officer whose login is this system user's; ERR_USAGE when nobody. */
int office_actor(struct office *o, const char *actor, int64_t now, struct span *officer, struct err *e);
/* The roles (bit set over policy roles) an officer holds on a day by posts.csv. */
int office_roles(struct office *o, struct span officer, int32_t day, uint64_t *roles, struct err *e);
/* The level an officer stands at on a day: of his post's grid, else of his organ (organs.level); -1 unknown. */
int office_level(struct office *o, struct span officer, int32_t day, int *level, struct err *e);

#endif

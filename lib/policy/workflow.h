/* SPDX-License-Identifier: MIT */
#ifndef GL_POLICY_WORKFLOW_H
#define GL_POLICY_WORKFLOW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/*
 * workflow.yaml: states and steps (domain.md 4.2).  State and step ids are
 * the same English words everywhere; names are the place's own.  What a step
 * does beyond changing the state is its effect: the closed list of what the
 * fold understands.
 *
 *   start: reported
 *   states:
 *     reported:  {name: 待交办, phase: open}
 *     assigned:  {name: 待接收, phase: open}
 *     rectified: {name: 待复查, phase: done}
 *     closed:    {name: 已销号, phase: closed}
 *   steps:
 *     assign:  {name: 任务分配, from: [reported, assigned], to: assigned, by: [dispatcher], needs: [owner], effect: assign}
 *     accept:  {name: 接收, from: [assigned], to: rectifying, implied: yes}
 *     recheck: {name: 复查, from: [rectified], result: {pass: rechecked, fail: rectifying}, by: […], needs: [verifier]}
 *     hold:    {name: 停表, from: open, effect: hold, needs: [reason]}      # `from: open` is a phase: all its states
 *     escalate: {name: 升级, from: open, effect: escalate, by: [sweep]}
 */
enum wf_phase { PHASE_OPEN, PHASE_DONE, PHASE_CLOSED, PHASE_ENDED, PHASE_VOID };
extern const char *const wf_phase_name[5];	/* "open" "done" "closed" "ended" "void" */
/* Has a hazard ended, one way or another? */
static inline bool phase_over(enum wf_phase phase) { return phase != PHASE_OPEN && phase != PHASE_DONE; }

struct wf_state {
	const char *id, *name;
	enum wf_phase phase;
	int line;
};

enum wf_effect {
	WF_NONE,
	WF_ASSIGN,	/* sets owner, person, due; from here `followed` is counted */
	WF_HOLD,	/* stops the clock */
	WF_RESUME,	/* starts it again */
	WF_EXTEND,	/* a later due date, the first one stays visible */
	WF_ESCALATE,	/* to a higher tier (sweep: escalate; a person: raise) */
	WF_RETURN,	/* back down or back to the sender */
	WF_SUPERVISE, WF_DELIST,
	WF_CORRECT,	/* field, was, value */
	WF_RETRACT,	/* undoes the event named in key */
	WF_REOPEN,	/* a new round */
	WF_TRANSFER,	/* to another owner; with a state of phase void: to another register */
	WF_REMIND,	/* a sweep's note; changes nothing */
	WF_REPIN	/* another policy version from here */
};

struct wf_step {
	const char *id, *name;
	uint64_t from;		/* bit set over states */
	int to;			/* state, or -1: stays as it is */
	int to_fail;		/* state for result=fail, or -2: the step takes no result */
	uint64_t by;		/* bit set over policy roles; 0: anybody */
	bool sweep;		/* only the sweep may take it (by: [sweep]) */
	const char **needs;	/* event columns, or "evidence" */
	size_t nneeds;
	bool implied;		/* filled in when a later step needs it */
	enum wf_effect effect;
	int line;
};

struct workflow {
	struct wf_state *state;
	size_t nstates;		/* at most 64 */
	struct wf_step *step;
	size_t nsteps;		/* at most 64 */
	int start;
};

int workflow_state(const struct workflow *w, const char *id);	/* -1 unknown */
int workflow_step(const struct workflow *w, const char *id, size_t n);
/* The state after a step from a state, by result ("fail" or not). */
int workflow_next(const struct workflow *w, int state, int step, bool failed);
/*
 * The implied steps that lead from state to one where `step` may be taken:
 * their numbers into path (room for nsteps), shortest first, in workflow order at ties.
 * Returns how many (0: it may be taken now), or -1 when there is no way.
 */
int workflow_implied(const struct workflow *w, int state, int step, int *path);

#endif

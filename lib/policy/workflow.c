/* SPDX-License-Identifier: MIT */
#include "policy/workflow.h"
#include <string.h>

#define MAX_STATES 64

const char *const wf_phase_name[5] = { "open", "done", "closed", "ended", "void" };

int workflow_state(const struct workflow *w, const char *id)
{
	for (size_t i = 0; i < w->nstates; i++)
		if (strcmp(w->state[i].id, id) == 0)
			return (int)i;
	return -1;
}

int workflow_step(const struct workflow *w, const char *id, size_t n)
{
	for (size_t i = 0; n > 0 && i < w->nsteps; i++)
		if (w->step[i].id[0] == id[0] && strncmp(w->step[i].id, id, n) == 0 && w->step[i].id[n] == '\0')
			return (int)i;
	return -1;
}

int workflow_next(const struct workflow *w, int state, int step, bool failed)
{
	const struct wf_step *s = &w->step[step];
	int to = failed && s->to_fail != -2 ? s->to_fail : s->to;
	return to < 0 ? state : to;
}

int workflow_implied(const struct workflow *w, int state, int step, int *path)
{
	int by[MAX_STATES], from[MAX_STATES], queue[MAX_STATES];	/* the step and state each state was first reached by */
	uint64_t seen = UINT64_C(1) << state, goal = w->step[step].from;
	size_t head = 0, tail = 0;
	queue[tail++] = state;
	while (head < tail) {
		int at = queue[head++];
		if (goal >> at & 1) {
			int n = 0;
			for (int s = at; s != state; s = from[s])
				n++;
			for (int s = at, i = n; s != state; s = from[s])
				path[--i] = by[s];
			return n;
		}
		for (size_t i = 0; i < w->nsteps; i++) {
			int to = w->step[i].to;
			if (!w->step[i].implied || !(w->step[i].from >> at & 1) || to < 0 || (seen >> to & 1))
				continue;
			seen |= UINT64_C(1) << to;
			by[to] = (int)i;
			from[to] = at;
			queue[tail++] = to;
		}
	}
	return -1;
}

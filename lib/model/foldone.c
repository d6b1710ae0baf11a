/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/time.h"
#include "model/foldint.h"

/* The events of one hazard, kept while it is folded. */
struct history {
	struct span *row;		/* nevents times ncols */
	size_t n;
	struct names undone;
	struct arena mem;
};

/* Read them all, noting what is retracted. */
static int read_history(struct fold *f, struct span hazard, const struct workflow *w, struct history *x, struct err *e)
{
	struct office *o = f->office;
	const struct table *t = schema_table(SPAN("events"));
	struct ledger_at *at = NULL;
	struct span v[SCAN_WANT_MAX];
	size_t n = 0;
	int bad = ledger_of_hazard(o->reg, &o->at, "events", hazard, &at, &n, e) < 0;

	x->row = mem_zalloc(n, (size_t)t->ncolumns * sizeof *x->row);
	for (size_t i = 0; i < n && !bad; i++) {
		struct span *to = x->row + i * (size_t)t->ncolumns;
		struct buf text = BUF_INIT;

		bad = ledger_read(o->reg, &o->at, "events", at[i], &text, v, e) < 0;
		for (int c = 0; c < t->ncolumns && !bad; c++)
			to[c] = (struct span){ v[c].n ? arena_spandup(&x->mem, v[c]) : "", v[c].n };
		buf_clear(&text);
		x->n += !bad;
		if (!bad && time_trust(to[f->col[EV_AT]].p, o->reg->offset) <= f->as_of) {
			int step = workflow_step(w, to[f->col[EV_STEP]].p, to[f->col[EV_STEP]].n);

			if (step >= 0 && w->step[step].effect == WF_RETRACT)
				names_add(&x->undone, to[f->col[EV_KEY]]);
		}
	}
	free(at);
	return bad ? -1 : 0;
}

/* The hazard's row of hazards.csv says which policy it is pinned to. 1, 0 no such hazard, -1. */
static int pinned_to(struct fold *f, struct span hazard, struct policy **p, struct err *e)
{
	struct office *o = f->office;
	struct ledger_at at;
	struct span v[SCAN_WANT_MAX];
	struct buf text = BUF_INIT;
	int found = ledger_find(o->reg, &o->at, "hazards", hazard, &at, e);

	if (found <= 0)
		return found;
	if (ledger_read(o->reg, &o->at, "hazards", at, &text, v, e) == 0)
		*p = office_policy(o, v[schema_column(schema_table(SPAN("hazards")), SPAN("policy"))], e);
	buf_clear(&text);
	return *p != NULL ? 1 : -1;
}

/* Apply what stands; fn, or NULL, is told. */
static int replay(struct fold *f, struct policy *p, const struct history *x, fold_step_fn *fn, void *arg, struct err *e)
{
	const struct table *t = schema_table(SPAN("events"));

	for (size_t i = 0; i < x->n; i++) {
		const struct span *row = x->row + i * (size_t)t->ncolumns;
		struct hazard_event ev = { row, time_trust(row[f->col[EV_AT]].p, f->office->reg->offset) };
		const struct hazard_side *side = fold_side(f, 0);

		if (side != NULL && side->policy.n > 0 && (p = office_policy(f->office, side->policy, e)) == NULL)
			return -1;
		if (names_find(&x->undone, row[t->key]) != NAMES_NONE || ev.at > f->as_of)
			continue;
		hazard_apply(f, 0, &p->workflow, &ev, e);
		if (fn != NULL && fn(arg, f, &p->workflow, row, ev.at) < 0)
			return -1;
	}
	return 0;
}

int fold_followed(struct office *o, struct span hazard, int64_t as_of, struct marks *marks, fold_step_fn *fn, void *arg,
    struct fold **out, struct err *e)
{
	struct fold *f = fold_new(o, as_of);
	struct history x = { .row = NULL };
	struct policy *p = NULL;
	int found = pinned_to(f, hazard, &p, e);

	f->marks = marks;
	if (found > 0) {
		fold_add(f, hazard);
		if (read_history(f, hazard, &p->workflow, &x, e) < 0 || replay(f, p, &x, fn, arg, e) < 0)
			found = -1;
	}
	names_clear(&x.undone);
	arena_clear(&x.mem);
	free(x.row);
	if (found <= 0) {
		fold_free(f);
		return found;
	}
	*out = f;
	return 1;
}

int fold_one(struct office *o, struct span hazard, int64_t as_of, struct fold **out, struct err *e)
{
	return fold_followed(o, hazard, as_of, NULL, NULL, NULL, out, e);
}

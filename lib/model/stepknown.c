/* SPDX-License-Identifier: MIT */
#include "model/stepint.h"

#include <stdlib.h>

#include "base/time.h"
#include "model/foldint.h"

#define ROW_TEXT 16384u		/* more than the rows of nearly all new hazards take */

/* Memory of the hazard: the fresh one's is used again for the next. */
static void *keep(struct known *k, size_t n)
{
	n = (n + 15) & ~(size_t)15;
	if (k->row_text == NULL || n > ROW_TEXT - k->row_used)
		return arena_alloc(&k->mem, n);
	k->row_used += n;
	return k->row_text + (k->row_used - n);
}

/* A row copied into the hazard's memory. */
static struct span *keep_row(struct known *k, const struct span *f, int n)
{
	size_t room = (size_t)n * sizeof(struct span);
	struct span *copy;
	char *to;

	for (int i = 0; i < n; i++)
		room += f[i].n;
	copy = keep(k, room);
	to = (char *)(copy + n);
	for (int i = 0; i < n; i++) {
		copy[i] = (struct span){ "", 0 };
		if (f[i].n == 0)
			continue;
		memcpy(to, f[i].p, f[i].n);
		copy[i] = (struct span){ to, f[i].n };
		to += f[i].n;
	}
	return copy;
}

bool past_is_sweep(const struct step_batch *b, const struct past *p)
{
	return span_is(p->f[b->col.actor], SWEEP);
}

struct past *known_event(struct known *k, const struct step_batch *b, struct span event)
{
	for (size_t i = 0; i < k->npast; i++)
		if (span_eq(k->past[i].f[b->col.event], event))
			return &k->past[i];
	return NULL;
}

const struct workflow *known_workflow(struct known *k, struct step_batch *b, struct err *e)
{
	const struct hazard_side *side = fold_side(k->fold, k->slot);
	struct span digest = k->row[b->col.of_policy];
	struct policy *p;

	if (side != NULL && side->policy.n > 0)
		digest = side->policy;
	p = office_policy(b->office, digest, e);
	return p != NULL ? &p->workflow : NULL;
}

/* Is the event a retraction, and of what? */
static bool is_retraction(const struct step_batch *b, const struct workflow *w, const struct past *p)
{
	struct span s = p->f[b->col.step];
	int step = workflow_step(w, s.p, s.n);

	return step >= 0 && w->step[step].effect == WF_RETRACT;
}

/* Remember an event; a retraction marks what it undoes. */
static void remember(struct step_batch *b, struct known *k, const struct workflow *w, const struct span *f)
{
	struct past *p, *undone;

	MEM_GROW(k->past, k->cap, k->npast + 1);
	p = &k->past[k->npast++];
	*p = (struct past){ .f = keep_row(k, f, b->events->ncolumns), .at = time_trust(f[b->col.at].p,
	    b->office->reg->offset) };
	if (!is_retraction(b, w, p))
		return;
	p->gone = true;
	undone = known_event(k, b, p->f[b->col.key]);
	if (undone != NULL)
		undone->gone = true;
}

/* What the record says now. */
static int derive(struct step_batch *b, struct known *k, struct err *e)
{
	k->moved = false;
	return hazard_derive_own(k->fold, k->slot, k->row, b->who.now, &k->now, NULL, e);
}

int known_now(struct step_batch *b, struct known *k, struct err *e)
{
	return k->moved ? derive(b, k, e) : 0;
}

int known_place(struct known *k, struct err *e)
{
	return hazard_place(k->fold, &k->now, e);
}

/* A new place in the batch's fold: an id given back and minted again must not find the old one. */
static void join_fold(struct step_batch *b, struct known *k)
{
	if (b->fold == NULL)
		b->fold = fold_new(b->office, INT64_MAX);
	k->fold = b->fold;
	k->slot = slot_next(b->fold);
}

/* Give every event that stands its meaning, from the first. */
static int apply_all(struct step_batch *b, struct known *k, struct err *e)
{
	for (size_t i = 0; i < k->npast; i++) {
		const struct workflow *w = known_workflow(k, b, e);
		struct hazard_event ev = { k->past[i].f, k->past[i].at };

		if (w == NULL)
			return -1;
		if (!k->past[i].gone && hazard_apply(k->fold, k->slot, w, &ev, e) < 0)
			return -1;
	}
	return derive(b, k, e);
}

int known_refold(struct step_batch *b, struct known *k, struct err *e)
{
	fold_free(k->own);
	k->fold = k->own = fold_new(b->office, INT64_MAX);
	k->slot = fold_add(k->fold, k->id);
	return apply_all(b, k, e);
}

int known_add(struct step_batch *b, struct known *k, const struct span *f, struct err *e)
{
	const struct workflow *w = known_workflow(k, b, e);
	struct past *p;
	struct hazard_event ev;

	if (w == NULL)
		return -1;
	remember(b, k, w, f);
	p = &k->past[k->npast - 1];
	if (p->gone)
		return known_refold(b, k, e);
	ev = (struct hazard_event){ p->f, p->at };
	k->moved = true;
	return hazard_apply(k->fold, k->slot, w, &ev, e) < 0 ? -1 : 0;
}

/* All events of the hazard, in order. */
static int read_past(struct step_batch *b, struct known *k, struct err *e)
{
	struct office *o = b->office;
	struct ledger_at *at = NULL;
	struct span f[EVENT_COLUMNS_MAX];
	struct buf text = BUF_INIT;
	const struct workflow *w = known_workflow(k, b, e);
	size_t n = 0;
	int bad = w == NULL || ledger_of_hazard(o->reg, &o->at, "events", k->id, &at, &n, e) < 0 ? -1 : 0;

	for (size_t i = 0; i < n && !bad; i++) {
		buf_reset(&text);
		bad = ledger_read(o->reg, &o->at, "events", at[i], &text, f, e);
		if (!bad)
			remember(b, k, w, f);
	}
	buf_clear(&text);
	free(at);
	return bad;
}

/* Read a hazard of the register. */
static struct known *read_hazard(struct step_batch *b, struct span id, struct err *e)
{
	struct office *o = b->office;
	struct ledger_at at;
	struct span f[EVENT_COLUMNS_MAX];
	struct buf text = BUF_INIT;
	struct known *k;

	if (ledger_find(o->reg, &o->at, "hazards", id, &at, e) <= 0)
		return NULL;
	if (ledger_read(o->reg, &o->at, "hazards", at, &text, f, e) < 0) {
		buf_clear(&text);
		return NULL;
	}
	k = mem_zalloc(1, sizeof *k);
	k->row = keep_row(k, f, b->hazards->ncolumns);
	k->id = k->row[b->hazards->key];
	buf_clear(&text);
	join_fold(b, k);
	if (read_past(b, k, e) || apply_all(b, k, e)) {
		known_free(k);
		return NULL;
	}
	return k;
}

struct known *known_get(struct step_batch *b, struct span id, struct err *e)
{
	uint32_t i;
	struct known *k;

	if (b->fresh != NULL && span_eq(b->fresh->id, id))
		return b->fresh;
	i = names_find(&b->ids, id);
	if (i != NAMES_NONE)
		return b->known[i];
	k = read_hazard(b, id, e);
	if (k == NULL)
		return NULL;
	i = names_add(&b->ids, id);
	MEM_GROW(b->known, b->cap, (size_t)i + 1);
	b->known[i] = k;
	return k;
}

struct known *known_fresh(struct step_batch *b, const struct span *row, struct err *e)
{
	struct known *k = b->fresh;

	if (k == NULL) {
		k = b->fresh = mem_zalloc(1, sizeof *k);
		k->row_text = mem_alloc(ROW_TEXT);
	}
	k->row_used = 0;
	if (k->own != NULL) {
		fold_free(k->own);
		k->own = NULL;
		k->fold = NULL;
	}
	arena_clear(&k->mem);
	k->row = keep_row(k, row, b->hazards->ncolumns);
	k->id = k->row[b->hazards->key];
	k->npast = k->nshown = 0;
	k->spoiled = false;
	if (k->fold != NULL)
		side_reset(k->fold, k->slot);
	else
		join_fold(b, k);
	return derive(b, k, e) < 0 ? NULL : k;
}

void known_free(struct known *k)
{
	if (k == NULL)
		return;
	fold_free(k->own);
	free(k->past);
	free(k->row_text);
	arena_clear(&k->mem);
	free(k);
}

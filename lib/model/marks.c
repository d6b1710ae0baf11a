/* SPDX-License-Identifier: MIT */
#include "model/marks.h"

#include <stdlib.h>

#define FIRST 1024	/* places of the table; a power of two */

static size_t entry_size(const struct marks *m)
{
	return sizeof(struct marks_of) + m->steps.n * sizeof(struct mark);
}

static struct marks_of *entry(const struct marks *m, uint32_t i)
{
	return (struct marks_of *)(void *)(m->entry + i * entry_size(m));
}

/* Where a slot is looked for first: eight neighbours, which are often met together, in one line of the cache. */
static uint32_t home(const struct marks *m, uint32_t slot)
{
	return ((slot >> 3) * 0x9e3779b1u >> 7 << 3 | (slot & 7)) & m->mask;
}

/* The place of a slot in the table, or the free one where it would go. */
static uint32_t place(const struct marks *m, uint32_t slot)
{
	uint32_t i = home(m, slot);

	while (m->table[i].entry != 0 && m->table[i].slot != slot)
		i = (i + 1) & m->mask;
	return i;
}

/* The number of a step, a new one when it has none. */
static uint32_t number(struct marks *m, const char *step)
{
	uint32_t known = names_find(&m->steps, span_of(step));

	if (known != NAMES_NONE)
		return known;
	names_add(&m->steps, span_of(step));
	return m->steps.n - 1;
}

static struct marks_pair *find_pair(const struct marks *m, uint32_t from, uint32_t until)
{
	for (size_t i = 0; i < m->npairs; i++)
		if (m->pair[i].from == from && m->pair[i].until == until)
			return &m->pair[i];
	return NULL;
}

/* A limit that a step begins. */
static void add_pair(struct marks *m, uint32_t from, uint32_t until, bool lives)
{
	struct marks_pair *known = find_pair(m, from, until);

	if (known != NULL) {
		known->lives |= lives;
		return;
	}
	MEM_GROW(m->pair, m->pairs_cap, m->npairs + 1);
	m->pair[m->npairs++] = (struct marks_pair){ from, until, lives };
}

/* Can a step be taken when a hazard has ended? */
static bool is_late(const struct workflow *w, const char *step)
{
	int s = workflow_step(w, step, strlen(step));

	for (size_t i = 0; s >= 0 && i < w->nstates; i++)
		if (w->step[s].from >> i & 1 && phase_over(w->state[i].phase))
			return true;
	return false;
}

/* The steps and counts that a rule asks for. */
static void ask(struct marks *m, const struct rule *r, const struct workflow *w)
{
	m->handovers |= r->handovers > 0;
	for (size_t k = 0; k < r->nlimits; k++) {
		const char *from = r->limit[k].from;
		uint32_t until = number(m, r->limit[k].until);

		if (strcmp(from, "report") != 0 && strcmp(from, "due") != 0)
			add_pair(m, number(m, from), until, is_late(w, r->limit[k].until));
	}
}

/* Marks that were asked for, ready to be set; NULL: nothing was. */
static struct marks *ready(struct marks *m)
{
	if (m->steps.n == 0 && !m->handovers) {
		marks_free(m);
		return NULL;
	}
	m->mask = FIRST - 1;
	m->table = mem_zalloc(FIRST, sizeof *m->table);
	return m;
}

int marks_new(struct office *o, struct marks **out, struct err *e)
{
	struct marks *m;
	size_t n;

	*out = NULL;
	if (office_policies(o, &n, e) < 0)
		return -1;
	m = mem_zalloc(1, sizeof *m);
	for (size_t i = 0; i < n; i++) {
		const struct rules *all = &office_version(o, i)->rules;

		for (size_t k = 0; k < all->all; k++)
			ask(m, &all->v[k], &office_version(o, i)->workflow);
	}
	*out = ready(m);
	return 0;
}

struct marks *marks_of_rule(const struct rule *r, const struct workflow *w)
{
	struct marks *m = mem_zalloc(1, sizeof *m);

	ask(m, r, w);
	return ready(m);
}

void marks_free(struct marks *m)
{
	if (m == NULL)
		return;
	names_clear(&m->steps);
	free(m->pair);
	free(m->ended);
	free(m->look);
	free(m->table);
	free(m->entry);
	free(m);
}

/* Twice as many places. */
static void grow(struct marks *m)
{
	struct marks_place *old = m->table;
	uint32_t n = m->mask + 1;

	m->mask = 2 * n - 1;
	m->table = mem_zalloc(2 * (size_t)n, sizeof *m->table);
	for (uint32_t i = 0; i < n; i++)
		if (old[i].entry != 0)
			m->table[place(m, old[i].slot)] = old[i];
	free(old);
}

/* An entry nobody has, cleared. */
static uint32_t entry_new(struct marks *m)
{
	uint32_t i;

	if (m->freed > 0) {
		i = m->freed - 1;
		m->freed = entry(m, i)->slot;
	} else {
		i = m->used++;
		m->entry = mem_grow(m->entry, &m->cap, m->used, entry_size(m));
	}
	memset(entry(m, i), 0, entry_size(m));
	return i;
}

/* The entry of a slot, made when it is missing. */
static struct marks_of *of(struct marks *m, uint32_t slot)
{
	uint32_t i, at;

	if (2 * m->n > m->mask)
		grow(m);
	at = place(m, slot);
	if (m->table[at].entry == 0) {
		i = entry_new(m);
		entry(m, i)->slot = slot;
		m->table[at] = (struct marks_place){ slot, i + 1 };
		m->n++;
	}
	return entry(m, m->table[at].entry - 1);
}

/* The entry of a slot, or NULL. */
static struct marks_of *find(const struct marks *m, uint32_t slot)
{
	uint32_t i = m->n > 0 ? m->table[place(m, slot)].entry : 0;

	return i != 0 ? entry(m, i - 1) : NULL;
}

void marks_take(struct marks *m, uint32_t slot, uint32_t step, int64_t at, uint32_t organ)
{
	struct marks_of *x = of(m, slot);

	x->step[step] = (struct mark){ at, ++x->order, organ };
}

void marks_hand(struct marks *m, uint32_t slot, int64_t at)
{
	struct marks_of *x = of(m, slot);

	x->handovers++;
	x->handed = at;
}

void marks_drop(struct marks *m, uint32_t slot)
{
	uint32_t hole = place(m, slot), gone = m->table[hole].entry;

	if (slot < m->nended)
		m->ended[slot] = 0;
	if (gone == 0)
		return;
	entry(m, gone - 1)->slot = m->freed;
	m->freed = gone;
	m->n--;
	/* what stands behind moves up, unless it is at home there */
	for (uint32_t i = (hole + 1) & m->mask; m->table[i].entry != 0; i = (i + 1) & m->mask) {
		uint32_t from = home(m, m->table[i].slot);

		if (((i - from) & m->mask) < ((i - hole) & m->mask))
			continue;
		m->table[hole] = m->table[i];
		hole = i;
	}
	m->table[hole].entry = 0;
}

const struct marks_of *marks_get(const struct marks *m, uint32_t slot)
{
	return m != NULL ? find(m, slot) : NULL;
}

/* Does a limit begin with this step? */
static bool begins(const struct marks *m, uint32_t step)
{
	for (size_t i = 0; i < m->npairs; i++)
		if (m->pair[i].from == step)
			return true;
	return false;
}

/* marks_runs of a limit that is known. */
static bool runs(const struct marks_of *x, const struct marks_pair *p)
{
	const struct mark *from = &x->step[p->from], *until = &x->step[p->until];

	return from->order > 0 && until->order <= from->order && (p->lives || from->order > x->ended);
}

bool marks_runs(const struct marks *m, const struct marks_of *x, uint32_t from, uint32_t until)
{
	const struct marks_pair *p = find_pair(m, from, until);
	struct marks_pair plain = { from, until, false };

	return x != NULL && from < m->steps.n && until < m->steps.n && runs(x, p != NULL ? p : &plain);
}

/* Does any limit run that another step began? */
static bool any_runs(const struct marks *m, const struct marks_of *x, uint32_t but)
{
	for (size_t i = 0; i < m->npairs; i++)
		if (m->pair[i].from != but && runs(x, &m->pair[i]))
			return true;
	return false;
}

/* The byte of a slot, made when it is missing. */
static uint8_t *ended(struct marks *m, uint32_t slot)
{
	size_t old = m->nended;

	if (slot >= old) {
		m->ended = mem_grow(m->ended, &m->nended, (size_t)slot + 1, 1);
		memset(m->ended + old, 0, m->nended - old);
	}
	return &m->ended[slot];
}

void marks_end(struct marks *m, uint32_t slot, uint32_t step, int64_t at, uint32_t organ, bool kept)
{
	struct marks_of *x = find(m, slot);

	if (x != NULL) {
		x->ended = x->order;
		if (step != NAMES_NONE)
			x->step[step] = (struct mark){ at, ++x->order, organ };
		if (any_runs(m, x, step))
			return;
	}
	marks_drop(m, slot);
	if (step == NAMES_NONE || !begins(m, step))
		return;
	if (kept && step < UINT8_MAX)
		*ended(m, slot) = (uint8_t)(step + 1);
	else
		marks_take(m, slot, step, at, organ);
}

void marks_after(struct marks *m, uint32_t slot, uint32_t step, int64_t at, uint32_t organ, int64_t closed, uint32_t owner)
{
	uint8_t by = slot < m->nended ? m->ended[slot] : 0;

	if (by > 0) {
		m->ended[slot] = 0;
		marks_take(m, slot, by - 1u, closed, owner);
	} else if (marks_get(m, slot) == NULL && !begins(m, step)) {
		return;
	}
	marks_take(m, slot, step, at, organ);
	if (!any_runs(m, marks_get(m, slot), NAMES_NONE))
		marks_drop(m, slot);
}

const struct marks_of *marks_look(struct marks *m, uint32_t slot, int64_t closed, uint32_t owner)
{
	if (slot >= m->nended || m->ended[slot] == 0)
		return marks_get(m, slot);
	if (m->look == NULL)
		m->look = mem_zalloc(1, entry_size(m));
	memset(m->look, 0, entry_size(m));
	m->look->slot = slot;
	m->look->order = 1;
	m->look->step[m->ended[slot] - 1] = (struct mark){ closed, 1, owner };
	return m->look;
}

void marks_event(struct marks *m, uint32_t slot, const struct marks_event *ev)
{
	if (ev->ends) {
		if (!ev->over)
			marks_end(m, slot, ev->step, ev->at, ev->organ, ev->kept);
		else if (ev->step != NAMES_NONE)
			marks_after(m, slot, ev->step, ev->at, ev->organ, ev->closed, ev->owner);
		return;
	}
	if (ev->over || ev->reopens)
		marks_drop(m, slot);
	if (ev->step != NAMES_NONE)
		marks_take(m, slot, ev->step, ev->at, ev->organ);
}

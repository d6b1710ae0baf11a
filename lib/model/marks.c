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

static uint32_t home(const struct marks *m, uint32_t slot)
{
	return (slot * 0x9e3779b1u >> 7) & m->mask;
}

/* The place of a slot in the table, or the free one where it would go. */
static uint32_t place(const struct marks *m, uint32_t slot)
{
	uint32_t i = home(m, slot);

	while (m->table[i] != 0 && entry(m, m->table[i] - 1)->slot != slot)
		i = (i + 1) & m->mask;
	return i;
}

/* The steps and counts that one policy's rules ask for. */
static void ask(struct marks *m, const struct policy *p)
{
	for (size_t i = 0; i < p->rules.n; i++) {
		const struct rule *r = &p->rules.v[i];

		m->handovers |= r->handovers > 0;
		for (size_t k = 0; k < r->nlimits; k++) {
			if (strcmp(r->limit[k].from, "report") != 0 && strcmp(r->limit[k].from, "due") != 0)
				names_add(&m->steps, span_of(r->limit[k].from));
			names_add(&m->steps, span_of(r->limit[k].until));
		}
	}
}

int marks_new(struct office *o, struct marks **out, struct err *e)
{
	struct marks *m;
	size_t n;

	*out = NULL;
	if (office_policies(o, &n, e) < 0)
		return -1;
	m = mem_zalloc(1, sizeof *m);
	for (size_t i = 0; i < n; i++)
		ask(m, office_version(o, i));
	if (m->steps.n == 0 && !m->handovers) {
		marks_free(m);
		return 0;
	}
	m->mask = FIRST - 1;
	m->table = mem_zalloc(FIRST, sizeof *m->table);
	*out = m;
	return 0;
}

void marks_free(struct marks *m)
{
	if (m == NULL)
		return;
	names_clear(&m->steps);
	free(m->table);
	free(m->entry);
	free(m);
}

/* Twice as many places. */
static void grow(struct marks *m)
{
	uint32_t *old = m->table, n = m->mask + 1;

	m->mask = 2 * n - 1;
	m->table = mem_zalloc(2 * (size_t)n, sizeof *m->table);
	for (uint32_t i = 0; i < n; i++)
		if (old[i] != 0)
			m->table[place(m, entry(m, old[i] - 1)->slot)] = old[i];
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
	if (m->table[at] == 0) {
		i = entry_new(m);
		entry(m, i)->slot = slot;
		m->table[at] = i + 1;
		m->n++;
	}
	return entry(m, m->table[at] - 1);
}

void marks_take(struct marks *m, uint32_t slot, uint32_t step, int64_t at)
{
	struct marks_of *x = of(m, slot);

	x->step[step] = (struct mark){ at, ++x->order };
}

void marks_hand(struct marks *m, uint32_t slot, int64_t at)
{
	struct marks_of *x = of(m, slot);

	x->handovers++;
	x->handed = at;
}

void marks_drop(struct marks *m, uint32_t slot)
{
	uint32_t hole = place(m, slot), gone = m->table[hole];

	if (gone == 0)
		return;
	entry(m, gone - 1)->slot = m->freed;
	m->freed = gone;
	m->n--;
	/* what stands behind moves up, unless it is at home there */
	for (uint32_t i = (hole + 1) & m->mask; m->table[i] != 0; i = (i + 1) & m->mask) {
		uint32_t from = home(m, entry(m, m->table[i] - 1)->slot);

		if (((i - from) & m->mask) < ((i - hole) & m->mask))
			continue;
		m->table[hole] = m->table[i];
		hole = i;
	}
	m->table[hole] = 0;
}

const struct marks_of *marks_get(const struct marks *m, uint32_t slot)
{
	uint32_t i;

	if (m == NULL || m->n == 0)
		return NULL;
	i = place(m, slot);
	return m->table[i] != 0 ? entry(m, m->table[i] - 1) : NULL;
}

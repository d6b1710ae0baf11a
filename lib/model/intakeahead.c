/* SPDX-License-Identifier: MIT */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/time.h"
#include "model/intakeint.h"

#define SOON 4u		/* so many rows before it is its turn the values of a row are announced */
#define LEFT 1u		/* so many slots wait, or fewer: whoever takes the rows is about to have nothing to do */

/* What was made of one slot's rows. */
struct slot {
	struct intake_made *row;
	struct span *v;
	size_t row_cap, v_cap;
	struct buf text;		/* the rows as far as they will stand in the ledger */
	unsigned long number;		/* how many came before, and it */
	bool left;			/* to whoever takes the rows */
};

struct intake_ahead {
	const struct intake *in;
	struct intake_state *s;
	struct values *values[2];	/* of their own: for who makes ahead, and for who takes the rows */
	unsigned long made;		/* slots so far */
	atomic_ulong taken;		/* the number of the one whose rows are being taken */
	size_t width;			/* columns of hazards.csv */
	size_t ncells;			/* of the input */
	char now[TIME_LEN + 1];
	int *col;			/* columns to be taken when the times are known */
	size_t ncols;
	int *key;			/* those among them that are keys of a master */
	size_t nkeys;
	struct slot slot[FOREIGN_SLOTS];
};

struct intake_ahead *intake_ahead_new(struct intake *in, struct err *e)
{
	struct intake_ahead *a = mem_zalloc(1, sizeof *a);
	struct intake_state *s = in->state;
	const struct hazard_columns *c = &s->col;
	struct value_context context = { in->office->policy, { NULL, 0 }, 0 };

	a->in = in;
	a->s = s;
	for (int i = 0; i < 2; i++)
		a->values[i] = values_new(in->office);
	a->width = (size_t)s->t->ncolumns;
	a->ncells = in->ncolumns;
	a->col = mem_zalloc(a->width, sizeof *a->col);
	a->key = mem_zalloc(a->width, sizeof *a->key);
	time_write(in->now, in->office->reg->offset, a->now);
	for (int i = 0; i < s->t->ncolumns; i++) {
		if (!s->bound[i])
			continue;
		if (values_freeze(a->values[0], &s->t->columns[i], &context, e)
		    || values_freeze(a->values[1], &s->t->columns[i], &context, e)) {
			intake_ahead_free(a);
			return NULL;
		}
		if (i != c->reported && i != c->found)
			a->col[a->ncols++] = i;
		if (s->t->columns[i].type == COLUMN_REF || (s->t->columns[i].type == COLUMN_CODE && s->t->columns[i].ref[0] != '\0'))
			a->key[a->nkeys++] = i;
	}
	return a;
}

void intake_ahead_free(struct intake_ahead *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < FOREIGN_SLOTS; i++) {
		free(a->slot[i].row);
		free(a->slot[i].v);
		buf_clear(&a->slot[i].text);
	}
	for (int i = 0; i < 2; i++)
		values_free(a->values[i]);
	free(a->col);
	free(a->key);
	free(a);
}

/* A value as it stands; false when it does not. */
static inline bool stand(const struct intake_ahead *a, struct values *values, int col, const struct value_context *in,
    const struct span *f, struct span *v)
{
	const struct span *said = &f[a->s->cell[col]];

	if (said->n == 0) {
		v[col] = *said;
		return true;
	}
	return values_stand(values, &a->s->t->columns[col], in, *said, true, &v[col]);
}

/* The two times, in an order that says nothing against them. */
static bool take_times(const struct intake_ahead *a, struct values *values, const struct span *f, struct intake_made *m)
{
	const struct intake_state *s = a->s;
	struct value_context in = { a->in->office->policy, { NULL, 0 }, 0 };
	int offset = a->in->office->reg->offset, rep = s->col.reported, fnd = s->col.found;

	if ((s->bound[rep] && !stand(a, values, rep, &in, f, m->v)) || (s->bound[fnd] && !stand(a, values, fnd, &in, f, m->v)))
		return false;
	m->reported = a->in->now;
	if (m->v[rep].n > 0)
		m->reported = time_trust(m->v[rep].p, offset);
	else
		m->v[rep] = (struct span){ a->now, TIME_LEN };
	return m->reported <= a->in->now && (m->v[fnd].n == 0 || time_trust(m->v[fnd].p, offset) <= m->reported);
}

/* All values of a row; false when one is to be looked at more closely. */
static bool take_values(const struct intake_ahead *a, struct values *values, const struct span *f, struct intake_made *m)
{
	const struct intake_state *s = a->s;
	struct value_context in = { a->in->office->policy, { NULL, 0 }, 0 };

	if (!take_times(a, values, f, m))
		return false;
	in.day = time_day(m->reported, a->in->office->reg->offset);
	for (size_t i = 0; i < a->ncols; i++)
		if (!stand(a, values, a->col[i], &in, f, m->v))
			return false;
	if (m->v[s->col.grid].n == 0 || m->v[s->col.severity].n == 0 || m->v[s->col.description].n == 0)
		return false;
	if (m->v[s->col.reporter].n == 0)
		m->v[s->col.reporter] = a->in->actor;
	m->v[s->col.policy] = (struct span){ a->in->office->policy->digest, 12 };
	m->print = intake_print(s, m->v);
	m->has_ref = m->v[s->col.ref].n > 0;
	m->ref = m->has_ref ? ledger_ref_hash(m->v[s->col.ref]) : 0;
	return true;
}

/* Room for the rows of a slot as they will stand in the ledger, so that none of them moves. */
static void make_room(const struct intake_ahead *a, struct buf *text, const struct foreign_row *row, size_t n)
{
	size_t filled = a->in->actor.n + sizeof a->now + DIGEST_HEX, bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += row[i].bad ? 0 : commit_tail_room(a->s->t, row[i].raw.n + filled);
	buf_reset(text);
	buf_reserve(text, bytes);
}

/* The row as it will stand in the ledger. */
static void write_tail(const struct intake_ahead *a, struct buf *text, struct intake_made *m)
{
	char *from = text->p + text->n, *end = commit_tail(a->s->t, m->v, from);

	m->tail = (struct span){ NULL, 0 };
	if (end == NULL)
		return;
	m->tail = (struct span){ from, (size_t)(end - from) };
	text->n += m->tail.n;
}

/* Announce the values of a row that are looked up in large tables. */
static void announce(const struct intake_ahead *a, const struct values *values, const struct foreign_row *row)
{
	if (row->bad || row->n != a->ncells)
		return;
	for (size_t i = 0; i < a->nkeys; i++)
		values_soon(values, &a->s->t->columns[a->key[i]], row->f[a->s->cell[a->key[i]]]);
}

/* Which rows the register may have: of all at once, so that what is asked of the filter is fetched side by side. */
static void ask_filter(const struct intake_state *s, struct intake_made *m, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		m[i].ref_there = m[i].whole && m[i].has_ref && intake_may_have(s, m[i].ref);
		m[i].like_there = m[i].whole && intake_may_have(s, m[i].print);
	}
}

/* The rows of a slot. */
static void make(const struct intake_ahead *a, struct values *values, struct slot *t, const struct foreign_row *row, size_t n)
{
	size_t had = t->v_cap;

	/* the columns that the input has are set for each row; the others stay empty, or what the register says of all rows */
	make_room(a, &t->text, row, n);
	MEM_GROW(t->row, t->row_cap, n + 1);
	MEM_GROW(t->v, t->v_cap, n * a->width + 1);
	memset(t->v + had, 0, (t->v_cap - had) * sizeof *t->v);
	for (size_t i = 0; i < n; i++) {
		struct intake_made *m = &t->row[i];

		if (n - i > SOON)
			announce(a, values, &row[i + SOON]);
		m->v = t->v + i * a->width;
		m->whole = !row[i].bad && row[i].n == a->ncells && take_values(a, values, row[i].f, m);
		if (m->whole)
			write_tail(a, &t->text, m);
	}
	ask_filter(a->s, t->row, n);
}

void intake_ahead_make(struct intake_ahead *a, unsigned slot, const struct foreign_row *row, size_t n)
{
	struct slot *t = &a->slot[slot];

	t->number = ++a->made;
	t->left = t->number - 1 - atomic_load_explicit(&a->taken, memory_order_relaxed) <= LEFT;
	if (!t->left)
		make(a, a->values[0], t, row, n);
}

const struct intake_made *intake_ahead_row(struct intake_ahead *a, const struct foreign_row *row)
{
	struct slot *t = &a->slot[row->slot];

	if (t->number != atomic_load_explicit(&a->taken, memory_order_relaxed)) {
		atomic_store_explicit(&a->taken, t->number, memory_order_relaxed);
		if (t->left)
			make(a, a->values[1], t, row - row->at, row->at + row->left + 1);
	}
	return &t->row[row->at];
}

/* SPDX-License-Identifier: MIT */
#include "model/valueint.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"

/* Where a column's source is kept; NULL when there is no place left, or (frozen) none yet. */
static struct source *source_of(struct values *v, const struct column *c, bool frozen)
{
	size_t i = (uintptr_t)c / sizeof *c % SOURCES;

	for (size_t k = 0; k < SOURCES; k++, i = (i + 1) % SOURCES) {
		struct source *s = &v->source[i];

		if (s->c == NULL && !frozen)
			s->c = c;
		if (s->c == c)
			return s;
	}
	return NULL;
}

bool value_is_plain(struct span s)
{
	const uint64_t ones = 0x0101010101010101u, high = ones * 0x80;
	size_t i = 0;

	for (; s.n - i >= 8; i += 8) {
		uint64_t v;

		memcpy(&v, s.p + i, 8);
		/* from 0x80 on, below 0x20, or 0x7f; what a borrow adds is looked at below */
		if (((v | (v - ones * 0x20) | ((v ^ ones * 0x7f) - ones)) & high) != 0)
			break;
	}
	for (; i < s.n; i++)
		if ((unsigned char)s.p[i] - 0x20u >= 0x5fu)
			return false;
	return true;
}

/* The words of the policy in force from here on. */
static void set_words(struct values *v, struct source *s, const struct policy *p)
{
	s->policy = p;
	s->words = policy_vocab(p, s->c->vocabulary);
	if (s->met == NULL)
		s->met = arena_room(&v->mem, WORDS_MET * sizeof *s->met);
	memset(s->met, 0, WORDS_MET * sizeof *s->met);
}

/* Is it an id of a word of the place's policy? */
static bool is_word(struct values *v, struct source *s, const struct value_context *in, struct span said, bool frozen)
{
	struct span *met;
	int i;

	if (s->policy != in->policy) {
		if (frozen)
			return false;
		set_words(v, s, in->policy);
	}
	if (s->words == NULL)
		return false;
	met = &s->met[(said.n + (unsigned char)said.p[0]) % WORDS_MET];
	if (span_eq(*met, said))
		return true;
	i = vocab_id(s->words, said);
	if (i >= 0)
		*met = (struct span){ s->words->v[i].id, said.n };
	return i >= 0;
}

/* The master of a column, opened; false when it cannot be. */
static bool open_master(struct values *v, struct source *s, struct err *e)
{
	if (s->m != NULL)
		return true;
	s->m = office_master(v->office, s->c->ref, e);
	if (s->m == NULL)
		return false;
	s->from = schema_column(master_table(s->m), SPAN("valid_from"));
	s->to = schema_column(master_table(s->m), SPAN("valid_to"));
	return true;
}

/* Remember that a row of the master holds from its first to its last day. */
static void remember(struct seen *x, const struct source *s, size_t number, struct span said, const struct master_row *row)
{
	x->n = 0;
	if (said.n > SEEN_TEXT)
		return;
	if (s->from < 0 || !date_read(row->f[s->from], &x->from))
		x->from = INT32_MIN;
	if (s->to < 0 || !date_read(row->f[s->to], &x->to))
		x->to = INT32_MAX;
	x->source = (uint8_t)number;
	x->n = (uint8_t)said.n;
	memcpy(x->text, said.p, said.n);
}

/* Room for the keys that were found, the ways of each place in one line of the cache. */
static void make_seen(struct values *v)
{
	size_t line = SEEN_WAYS * sizeof *v->seen;

	v->seen_memory = mem_zalloc(SEEN + SEEN_WAYS, sizeof *v->seen);
	v->seen = (struct seen *)(((uintptr_t)v->seen_memory + line - 1) / line * line);
}

/* Where a key is remembered, in one of SEEN_WAYS places. */
static struct seen *seen_at(const struct values *v, const struct column *c, struct span said)
{
	return &v->seen[mem_hash(said, (uintptr_t)c) % (SEEN / SEEN_WAYS) * SEEN_WAYS];
}

/* Is it a key of the column's master? */
static bool is_key(struct values *v, struct source *s, const struct value_context *in, struct span said, bool frozen)
{
	size_t number = (size_t)(s - v->source);
	struct master_row row;
	struct err ignored;
	struct seen *x;

	err_start(&ignored);
	if ((frozen && s->m == NULL) || !open_master(v, s, &ignored))
		return false;
	if (v->seen == NULL && v->asked_keys++ == SEEN_FROM)
		make_seen(v);
	x = v->seen != NULL ? seen_at(v, s->c, said) : NULL;
	for (size_t i = 0; x != NULL && i < SEEN_WAYS; i++)
		if (x[i].n == said.n && x[i].source == number && x[i].from <= in->day && in->day <= x[i].to
		    && bytes_eq(x[i].text, said.p, said.n))
			return true;
	if (master_find(s->m, said, in->day, &row, &ignored) != 1)
		return false;
	if (x == NULL)
		return true;
	if (x[0].n > 0)
		x[1] = x[0];
	remember(&x[0], s, number, said, &row);
	return true;
}

void values_soon(const struct values *v, const struct column *c, struct span said)
{
	if (v->seen != NULL && said.n > 0 && c->ref[0] != '\0')
		__builtin_prefetch(seen_at(v, c, said));
}

/* Is a plain value one of its column, as it stands? */
static bool is_right(const struct column *c, struct span said)
{
	struct err ignored;

	err_start(&ignored);
	return schema_check(c, said, 0, &ignored) == 0;
}

bool values_stand(struct values *v, const struct column *c, const struct value_context *in, struct span said, bool frozen,
    struct span *value)
{
	struct source *s;
	int64_t t;
	int32_t day;

	*value = said = span_trim(said);
	if (said.n == 0 || (c->clears && span_is(said, "-")))
		return true;
	if (said.n > c->max)
		return false;
	switch (c->type) {
	case COLUMN_TEXT:
		return value_is_plain(said) || text_is_canonical(said);
	case COLUMN_TIME:
		return time_read(said, v->office->reg->offset, &t);
	case COLUMN_DATE:
		return date_read(said, &day);
	case COLUMN_PLACE:
		return value_is_plain(said) && (s = source_of(v, c, frozen)) != NULL && is_word(v, s, in, said, frozen);
	case COLUMN_REF:
		return value_is_plain(said) && (s = source_of(v, c, frozen)) != NULL && is_key(v, s, in, said, frozen);
	case COLUMN_CODE:
		if (!value_is_plain(said))
			return false;
		return c->ref[0] == '\0' ? is_right(c, said) : (s = source_of(v, c, frozen)) != NULL && is_key(v, s, in, said, frozen);
	case COLUMN_ENUM:
		for (size_t i = 0; i < c->nvalues; i++)
			if (span_is(said, schema_value(c, i)))
				return true;
		return false;
	case COLUMN_INTEGER:
	case COLUMN_FEN:
	case COLUMN_QTY:
	case COLUMN_DIGEST:
		return value_is_plain(said) && is_right(c, said);
	default:
		return false;
	}
}

int values_freeze(struct values *v, const struct column *c, const struct value_context *in, struct err *e)
{
	struct source *s = source_of(v, c, false);

	if (s == NULL)
		return 0;
	if (c->type == COLUMN_PLACE) {
		set_words(v, s, in->policy);
	} else if ((c->type == COLUMN_REF || c->type == COLUMN_CODE) && c->ref[0] != '\0') {
		/* its keys are loaded and sorted by this: look-ups change nothing from here on */
		if (!open_master(v, s, e) || (master_number(s->m, SPAN("-"), e) == UINT32_MAX && e->status != ERR_OK))
			return -1;
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "model/value.h"

#include <assert.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"
#include "model/valueint.h"
#include "register/ledger.h"

#define SHOWN_MAX 60		/* bytes of a wrong value that a message shows */
#define FIELD_ROOM 320		/* more than the longest id, code or time */

struct values *values_new(struct office *o)
{
	struct values *v = mem_zalloc(1, sizeof *v);

	v->office = o;
	return v;
}

void values_free(struct values *v)
{
	if (v == NULL)
		return;
	names_clear(&v->asked);
	free(v->answer);
	free(v->seen_memory);
	arena_clear(&v->mem);
	buf_clear(&v->key);
	buf_clear(&v->half);
	buf_clear(&v->made);
	free(v);
}

size_t values_room(size_t n, size_t columns)
{
	return 4 * n + FIELD_ROOM * columns;
}

/* At most SHOWN_MAX bytes of s, not cut inside a character. */
static struct span shown(struct span s)
{
	if (s.n > SHOWN_MAX)
		s.n = text_valid((struct span){ s.p, SHOWN_MAX });
	return s;
}

/* The id of a word of the place's policy. */
static int take_word(const struct column *c, const struct value_context *in, struct span said,
    struct buf *out, struct err *e)
{
	const struct vocab *w = policy_vocab(in->policy, c->vocabulary);
	struct buf words = BUF_INIT;
	struct span s = shown(said);
	int i;

	if (w == NULL)
		return schema_check(c, said, 0, e) ? -1 : (buf_span(out, said), 0);
	i = vocab_find(w, said);
	if (i >= 0) {
		buf_puts(out, w->v[i].id);
		return 0;
	}
	values_words(&words, w, said);
	err_set(e, ERR_DATA, "\"%.*s\" is not one of %s", (int)s.n, s.p, words.p);
	buf_clear(&words);
	return -1;
}

/* A key of a master table, or what is called so there. */
static int take_key(struct values *v, const struct column *c, const struct value_context *in,
    struct span said, struct buf *out, struct err *e)
{
	struct span grid = { NULL, 0 }, id;

	assert(c->ref[0] != '\0');		/* a column of keys names its table */
	if (strcmp(c->ref, "subjects") == 0 || strcmp(c->ref, "points") == 0)
		grid = in->grid;
	if (office_resolve(v->office, c->ref, said, grid, in->day, &id, e) < 0) {
		if (e->status == ERR_USAGE)
			e->status = ERR_DATA;
		return -1;
	}
	buf_span(out, id);
	return 0;
}

/* A code that may be a key: an officer by id or name, else the word as it stands. */
static int take_code(struct values *v, const struct column *c, const struct value_context *in,
    struct span said, struct buf *out, struct err *e)
{
	struct master *m = c->ref[0] != '\0' ? office_master(v->office, c->ref, e) : NULL;
	struct master_row row;
	int name, n = 0;

	if (c->ref[0] != '\0') {
		if (m == NULL)
			return -1;
		n = master_find(m, said, DATE_NONE, &row, e);
		name = schema_column(master_table(m), SPAN("name"));
		if (n == 0 && name >= 0)
			n = master_find_by(m, name, said, in->day, &row, 1, e);
		if (n < 0)
			return -1;
	}
	if (n > 0)
		return take_key(v, c, in, said, out, e);
	if (schema_check(c, said, 0, e))
		return -1;
	buf_span(out, said);
	return 0;
}

/* Codes joined by ; 、 or a comma. */
static int take_list(struct values *v, const struct column *c, const struct value_context *in,
    struct span said, struct buf *out, struct err *e)
{
	struct buf joined = BUF_INIT;
	struct span rest, one;
	size_t start = out->n;
	int bad = 0;

	for (size_t i = 0; i < said.n; i++) {
		if (i + 3 <= said.n && memcmp(said.p + i, "、", 3) == 0) {
			buf_putc(&joined, ';');
			i += 2;
		} else {
			buf_putc(&joined, said.p[i] == ',' ? ';' : said.p[i]);
		}
	}
	rest = buf_view(&joined);
	while (!bad && span_split(&rest, ';', &one)) {
		one = span_trim(one);
		if (one.n == 0)
			continue;
		if (out->n > start)
			buf_putc(out, ';');
		if (c->ref[0] != '\0')
			bad = take_key(v, c, in, one, out, e);
		else
			buf_span(out, one);
	}
	buf_clear(&joined);
	return bad || schema_check(c, (struct span){ out->p + start, out->n - start }, 0, e) ? -1 : 0;
}

/* An id of a record ledger; a row of this office must be there. */
static int take_id(struct values *v, const struct column *c, struct span said, struct buf *out, struct err *e)
{
	const struct table *of = schema_of_letter(c->letter);
	struct schema_id id;
	struct ledger_at at;
	int found = 1;

	if (schema_check(c, said, 0, e))
		return -1;
	if (of != NULL && schema_id_parse(said, &id) && span_is(id.office, v->office->reg->office))
		found = ledger_find(v->office->reg, &v->office->at, of->name, said, &at, e);
	if (found < 0)
		return -1;
	if (found == 0)
		return err_set(e, ERR_DATA, "%.*s is not in %s.csv", (int)said.n, said.p, of->name);
	buf_span(out, said);
	return 0;
}

/* One of an enum of the law; where yes is the only one, no is empty. */
static int take_enum(const struct column *c, struct span said, struct buf *out, struct err *e)
{
	int i = schema_enum(c, said);

	if (i < 0 && c->nvalues == 1 && (span_is(said, "no") || span_is(said, "否")))
		return 0;
	if (i < 0)
		return schema_check(c, said, 0, e) ? -1 : 0;
	buf_puts(out, schema_value(c, (size_t)i));
	return 0;
}

/* The look-up behind the memory. */
static int look_up(struct values *v, const struct column *c, const struct value_context *in, struct span said,
    struct err *e)
{
	buf_reset(&v->made);
	switch (c->type) {
	case COLUMN_PLACE:
		return take_word(c, in, said, &v->made, e);
	case COLUMN_REF:
		return take_key(v, c, in, said, &v->made, e);
	case COLUMN_CODE:
		return take_code(v, c, in, said, &v->made, e);
	case COLUMN_LIST:
		return take_list(v, c, in, said, &v->made, e);
	case COLUMN_ID:
		return take_id(v, c, said, &v->made, e);
	default:
		return take_enum(c, said, &v->made, e);
	}
}

/* The same, asked once. */
static int ask(struct values *v, const struct column *c, const struct value_context *in, struct span said,
    struct buf *out, struct err *e)
{
	const void *fixed[2] = { c, in->policy };
	struct err mine;
	struct answer *a;
	uint32_t n = v->asked.n, i;

	err_start(&mine);
	buf_reset(&v->key);
	buf_put(&v->key, fixed, sizeof fixed);
	if (c->ref[0] != '\0')
		buf_put(&v->key, &in->day, sizeof in->day);
	if (c->type == COLUMN_REF)
		buf_span(&v->key, in->grid);
	buf_putc(&v->key, '\0');
	buf_span(&v->key, said);
	i = names_add(&v->asked, buf_view(&v->key));
	MEM_GROW(v->answer, v->cap, (size_t)v->asked.n);
	a = &v->answer[i];
	if (i == n) {
		*a = (struct answer){ .why = NULL };
		if (look_up(v, c, in, said, &mine) == 0)
			a->value = (struct span){ arena_spandup(&v->mem, buf_view(&v->made)), v->made.n };
		else if (mine.status == ERR_DATA)
			a->why = arena_strdup(&v->mem, mine.text);
		else
			return err_set(e, mine.status, "%s", mine.text);
	}
	if (a->why != NULL)
		return err_set(e, ERR_DATA, "%s", a->why);
	buf_span(out, a->value);
	return 0;
}

/* A time or date in any accepted form. */
static int take_time(struct values *v, const struct column *c, struct span said, struct buf *out, bool *dated,
    struct err *e)
{
	char text[TIME_LEN + 1];
	int64_t t;
	int32_t day;

	if (c->type == COLUMN_DATE) {
		if (date_parse(said, &day, e))
			return -1;
		date_write(day, text);
	} else {
		int offset = v->office->reg->offset;

		if (time_parse(said, offset, &t, dated, e))
			return -1;
		time_write(t, offset, text);
	}
	buf_puts(out, text);
	return 0;
}

int values_take(struct values *v, const struct column *c, const struct value_context *in, struct span said,
    struct buf *out, bool *dated, struct err *e)
{
	size_t start = out->n;
	struct span stands;

	if (dated != NULL)
		*dated = false;
	if (values_stand(v, c, in, said, false, &stands)) {
		buf_span(out, stands);
		return 0;
	}
	said = stands;
	if (c->type == COLUMN_TEXT) {
		if (text_canonical(out, said, e))
			return -1;
		return schema_check(c, (struct span){ out->p + start, out->n - start }, 0, e);
	}
	if (!value_is_plain(said)) {
		buf_reset(&v->half);
		text_halfwidth(&v->half, said);
		buf_reset(&v->made);
		if (text_canonical(&v->made, buf_view(&v->half), e))
			return -1;
		buf_reset(&v->half);
		buf_span(&v->half, buf_view(&v->made));
		said = buf_view(&v->half);
	}
	if (c->type == COLUMN_TIME || c->type == COLUMN_DATE)
		return take_time(v, c, said, out, dated, e);
	if (c->type == COLUMN_INTEGER || c->type == COLUMN_FEN || c->type == COLUMN_QTY ||
	    c->type == COLUMN_DIGEST) {
		buf_span(out, said);
		return schema_check(c, said, 0, e);
	}
	return ask(v, c, in, said, out, e);
}

/* SPDX-License-Identifier: MIT */
#include "model/filter.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"

void filter_clear(struct filter *f)
{
	for (size_t i = 0; i < f->n; i++) {
		for (size_t k = 0; k < f->v[i].nvalues; k++)
			free((char *)f->v[i].value[k].p);
		free(f->v[i].value);
		pattern_free(f->v[i].pattern);
	}
	free(f->v);
	*f = (struct filter){ NULL, 0, 0 };
}

/* A new test on a column. */
static struct filter_test *add(struct filter *f, enum filter_op op, int col)
{
	MEM_GROW(f->v, f->cap, f->n + 1);
	f->v[f->n] = (struct filter_test){ .op = op, .col = col };
	return &f->v[f->n++];
}

/* One more value of a test. */
static void put_value(struct filter_test *t, struct span s)
{
	t->value = mem_realloc(t->value, t->nvalues + 1, sizeof *t->value);
	t->value[t->nvalues++] = (struct span){ mem_spandup(s), s.n };
}

/* What a vocabulary lacks, with what it has. */
static int unknown(const char *what, struct span s, const struct vocab *w, struct err *e)
{
	const char **ids = mem_zalloc(w->n, sizeof *ids);
	struct buf list = BUF_INIT;
	const char *near;

	for (size_t i = 0; i < w->n; i++)
		ids[i] = w->v[i].id;
	near = text_nearest(s, ids, w->n);
	text_list(&list, ids, w->n, 12);
	err_set(e, ERR_USAGE, "%s: \"%.*s\" is not one of %s%s%s%s", what, (int)s.n, s.p, list.p, near ? "; did you mean " : "",
	    near ? near : "", near ? "?" : "");
	buf_clear(&list);
	free(ids);
	return -1;
}

int filter_in(struct filter *f, int col, const char *what, const char *values, const struct vocab *vocab, struct err *e)
{
	struct filter_test *t = add(f, FILTER_IN, col);
	struct span rest = span_of(values), one;

	while (span_split(&rest, ',', &one)) {
		int i;

		one = span_trim(one);
		i = vocab != NULL && one.n > 0 ? vocab_find(vocab, one) : -1;
		if (vocab != NULL && one.n > 0 && i < 0)
			return unknown(what, one, vocab, e);
		put_value(t, i >= 0 ? span_of(vocab->v[i].id) : one);
	}
	if (t->nvalues == 0)		/* "--owner=": those that have none */
		put_value(t, SPAN(""));
	return 0;
}

int filter_match(struct filter *f, int col, struct span pattern, const struct vocab *names, struct err *e)
{
	struct pattern *p = pattern_new(pattern, e);

	if (p == NULL) {
		e->status = ERR_USAGE;
		return -1;
	}
	put_value(add(f, FILTER_MATCH, col), pattern);
	f->v[f->n - 1].pattern = p;
	f->v[f->n - 1].names = names;
	return 0;
}

int filter_copy(struct filter *to, const struct filter *from, struct err *e)
{
	*to = (struct filter){ NULL, 0, 0 };
	for (size_t i = 0; i < from->n; i++) {
		const struct filter_test *t = &from->v[i];
		struct filter_test *c = add(to, t->op, t->col);

		memcpy(c->time, t->time, sizeof c->time);
		c->names = t->names;
		for (size_t k = 0; k < t->nvalues; k++)
			put_value(c, t->value[k]);
		if (t->op == FILTER_MATCH && (c->pattern = pattern_new(t->value[0], e)) == NULL) {
			filter_clear(to);
			return -1;
		}
	}
	return 0;
}

int filter_time(struct filter *f, int col, bool since, int64_t t, int offset)
{
	time_write(t, offset, add(f, since ? FILTER_SINCE : FILTER_UNTIL, col)->time);
	return 0;
}

/* Is v one of the values? */
static bool is_in(const struct filter_test *t, struct span v)
{
	for (size_t i = 0; i < t->nvalues; i++)
		if (span_eq(t->value[i], v))
			return true;
	return false;
}

/* Does the pattern match the value, or what a vocabulary calls it? */
static int match(const struct filter_test *t, struct span v, struct err *e)
{
	int hit = pattern_match(t->pattern, v, e), i = hit == 0 && t->names != NULL ? vocab_id(t->names, v) : -1;
	const struct vocab_item *w;

	if (i < 0)
		return hit;
	w = &t->names->v[i];
	hit = pattern_match(t->pattern, span_of(w->name), e);
	for (size_t k = 0; hit == 0 && k < w->naliases; k++)
		hit = pattern_match(t->pattern, span_of(w->alias[k]), e);
	return hit;
}

int filter_pass(const struct filter *f, const struct span *v, const int *map, struct err *e)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct filter_test *t = &f->v[i];
		struct span s = v[map[t->col]];
		int hit;

		switch (t->op) {
		case FILTER_IN:
			hit = is_in(t, s);
			break;
		case FILTER_MATCH:
			hit = match(t, s, e);
			if (hit < 0)
				return err_prefix(e, "--match");
			break;
		case FILTER_SINCE:
			hit = s.n == TIME_LEN && memcmp(s.p, t->time, TIME_LEN) >= 0;
			break;
		default:
			hit = s.n == TIME_LEN && memcmp(s.p, t->time, TIME_LEN) < 0;
		}
		if (!hit)
			return 0;
	}
	return 1;
}

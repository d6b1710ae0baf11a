/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_FILTER_H
#define GL_MODEL_FILTER_H
#include "base/buf.h"
#include "base/err.h"
#include "policy/pattern.h"
#include "policy/policy.h"
/*
 * Conditions on list columns by value, all of which must hold.  Works on any
 * source of named columns: the register's list or a CSV of it.
 */
enum filter_op {
	FILTER_IN,	/* equal to one of the values */
	FILTER_MATCH,	/* PCRE2 */
	FILTER_SINCE,	/* time column >= value */
	FILTER_UNTIL	/* time column < value */
};
struct filter_test {
	enum filter_op op;
	int col;
	struct span *value;	/* FILTER_MATCH: the pattern's text */
	size_t nvalues;
	char time[26];
	struct pattern *pattern;
	const struct vocab *names;	/* FILTER_MATCH: names and aliases of the value are looked at too, or NULL */
};
struct filter {
	struct filter_test *v;
	size_t n, cap;
};
void filter_clear(struct filter *f);
/* The same tests with patterns of their own, for another thread (which may read to and from at once). */
int filter_copy(struct filter *to, const struct filter *from, struct err *e);
/* --state=a,b  --severity=…: a comma list; ids, names and labels of the vocabulary are accepted and become ids (vocab may be NULL). */
int filter_in(struct filter *f, int col, const char *what, const char *values, const struct vocab *vocab, struct err *e);
/* pattern: the text without its slashes.  names: the vocabulary of a column of ids, or NULL: the pattern may match the id,
 * its name or an alias, as in the rules of a policy. */
int filter_match(struct filter *f, int col, struct span pattern, const struct vocab *names, struct err *e);
int filter_time(struct filter *f, int col, bool since, int64_t t, int offset);
/* v[map[col]] is the value of a column.  1, 0, -1 with e (a pattern's limit). */
int filter_pass(const struct filter *f, const struct span *v, const int *map, struct err *e);

#endif

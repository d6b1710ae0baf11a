/* SPDX-License-Identifier: MIT */
#include "engine/rollup.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"
#include "engine/rollupint.h"

/* How a dimension gets its value from its column. */
static const struct {
	const char *dim, *id, *name;
	enum rollup_cut cut;
} dims[] = {
	{ "subject", "subject", "subject_name", CUT_NONE },
	{ "subject_kind", "subject_kind", NULL, CUT_NONE },
	{ "sector", "sector", NULL, CUT_NONE },
	{ "landlord", "landlord", NULL, CUT_NONE },
	{ "category", "category", NULL, CUT_NONE },
	{ "severity", "severity", NULL, CUT_NONE },
	{ "source", "source", NULL, CUT_NONE },
	{ "reporter", "reporter", NULL, CUT_NONE },
	{ "reporter_level", "reporter_level", NULL, CUT_NONE },
	{ "closer_level", "closer_level", NULL, CUT_NONE },
	{ "owner", "owner", NULL, CUT_NONE },
	{ "duty", "duty", NULL, CUT_NONE },
	{ "scope", "scope", NULL, CUT_NONE },
	{ "state", "state", NULL, CUT_NONE },
	{ "day", "reported_at", NULL, CUT_DAY },
	{ "week", "reported_at", NULL, CUT_WEEK },
	{ "month", "reported_at", NULL, CUT_MONTH },
	{ "quarter", "reported_at", NULL, CUT_QUARTER },
	{ "year", "reported_at", NULL, CUT_YEAR },
	{ "organ", "organ", NULL, CUT_NONE }, { "limit", "limit", NULL, CUT_NONE }, { "clock", "clock", NULL, CUT_NONE },
};
#define NDIMS (sizeof dims / sizeof *dims)
#define NLIMIT 3		/* the last of them are of limits only */

/* Columns that the figures rest on; the first two must be there. */
static const char *const figure_column[ROLLUP_INPUTS] = { "phase", "round", "overdue", "severity", "followed", "days", "handovers",
	"returns", "raised", "climbed" };

/* The number of a needed column, added when it is new. */
static size_t need(struct rollup *r, const char *column)
{
	for (size_t i = 0; i < r->nneeds; i++)
		if (!strcmp(r->need[i], column))
			return i;
	r->need[r->nneeds] = arena_strdup(&r->mem, column);
	return r->nneeds++;
}

/* How many dimensions there are. */
static size_t ndims(const struct rollup_spec *spec)
{
	return spec->limits ? NDIMS : NDIMS - NLIMIT;
}

/* Refuse an unknown dimension, naming the nearest one. */
static int unknown(const struct rollup_spec *spec, struct span word, struct err *e)
{
	const char **all = mem_alloc((NDIMS + spec->nlevels) * sizeof *all);
	struct buf list = BUF_INIT;
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < spec->nlevels; i++)
		all[n++] = spec->levels[i];
	for (size_t i = 0; i < ndims(spec); i++)
		all[n++] = dims[i].dim;
	near = text_nearest(word, all, n);
	text_list(&list, all, n, n);
	err_set(e, ERR_USAGE, "--by: \"%.*s\" is not a dimension%s%s%s: %s", (int)word.n, word.p, near ? ", did you mean " : "",
	    near ? near : "", near ? "?" : "", list.p);
	buf_clear(&list);
	free(all);
	return -1;
}

/* An id as policies have it (data-schemas/policy/policy.schema.json). */
static bool is_id(struct span s)
{
	size_t n = 0;

	while (n < s.n && ((s.p[n] >= 'a' && s.p[n] <= 'z') || (n > 0 && (s.p[n] == '-' || (s.p[n] >= '0' && s.p[n] <= '9')))))
		n++;
	return n > 0 && n == s.n && n <= 32;
}

/* A level of the policy; where none is given any id. */
static bool is_level(const struct rollup_spec *spec, struct span word)
{
	for (size_t i = 0; i < spec->nlevels; i++)
		if (span_is(word, spec->levels[i]))
			return true;
	return spec->nlevels == 0 && is_id(word);
}

/* Bind one word of --by. */
static int add_dim(struct rollup *r, const struct rollup_spec *spec, struct span word, struct err *e)
{
	struct rollup_dim *d = &r->dim[r->ndims];
	char column[80];

	if (r->ndims == ROLLUP_DIMS_MAX)
		return err_set(e, ERR_USAGE, "--by: more than %d dimensions", ROLLUP_DIMS_MAX);
	for (size_t i = 0; i < r->ndims; i++)
		if (span_is(word, r->dim[i].word))
			return err_set(e, ERR_USAGE, "--by: \"%.*s\" stands twice", (int)word.n, word.p);
	d->word = arena_spandup(&r->mem, word);
	for (size_t i = 0; i < ndims(spec); i++)
		if (span_is(word, dims[i].dim)) {
			d->cut = dims[i].cut;
			d->id = need(r, dims[i].id);
			d->name_column = dims[i].name;
			r->ndims++;
			return 0;
		}
	if (!is_level(spec, word))
		return unknown(spec, word, e);
	snprintf(column, sizeof column, "%s_grid", d->word);
	d->id = need(r, column);
	snprintf(column, sizeof column, "%s_name", d->word);
	d->name_column = arena_strdup(&r->mem, column);
	r->ndims++;
	return 0;
}

struct rollup *rollup_new(const struct rollup_spec *spec, struct err *e)
{
	struct rollup *r = mem_zalloc(1, sizeof *r);
	struct span rest = span_of(spec->by), word;

	while (span_split(&rest, ',', &word))
		if (add_dim(r, spec, word, e)) {
			rollup_free(r);
			return NULL;
		}
	r->counts = spec->counts;
	r->limits = spec->limits;
	r->ninputs = r->limits ? 0 : r->counts ? ROLLUP_INPUTS : ROLLUP_USUAL;
	for (size_t i = 0; i < r->ninputs && i < 2; i++)
		r->input[i] = need(r, figure_column[i]);
	r->optional = r->nneeds;
	for (size_t i = 2; i < r->ninputs; i++)
		r->input[i] = need(r, figure_column[i]);
	for (size_t i = 0; i < r->ndims; i++)
		r->dim[i].name = r->dim[i].name_column ? need(r, r->dim[i].name_column) : SIZE_MAX;
	for (size_t i = 0; i < spec->nmajor; i++)
		names_add(&r->major, span_of(spec->major[i]));
	return r;
}

void rollup_free(struct rollup *r)
{
	if (!r)
		return;
	names_clear(&r->keys);
	names_clear(&r->major);
	arena_clear(&r->mem);
	buf_clear(&r->text);
	free(r->group);
	free(r->word);
	free(r->sorted);
	free(r);
}

void rollup_reset(struct rollup *r)
{
	names_clear(&r->keys);
	memset(r->seen, 0, sizeof r->seen);
}

struct rollup *rollup_like(const struct rollup *r)
{
	struct rollup *x = mem_zalloc(1, sizeof *x);

	memcpy(x->dim, r->dim, sizeof x->dim);
	for (size_t i = 0; i < r->ndims; i++)
		x->dim[i].word = arena_strdup(&x->mem, r->dim[i].word);
	for (size_t i = 0; i < r->nneeds; i++)
		x->need[i] = arena_strdup(&x->mem, r->need[i]);
	for (uint32_t i = 0; i < r->major.n; i++)
		names_add(&x->major, names_at(&r->major, i));
	memcpy(x->input, r->input, sizeof x->input);
	x->ninputs = r->ninputs;
	x->counts = r->counts;
	x->limits = r->limits;
	x->ndims = r->ndims;
	x->nneeds = r->nneeds;
	x->optional = r->optional;
	x->missing = r->missing;
	return x;
}

const char *const *rollup_needs(const struct rollup *r, size_t *n, size_t *optional)
{
	*n = r->nneeds;
	*optional = r->optional;
	return (const char *const *)r->need;
}

void rollup_without(struct rollup *r, size_t n)
{
	static const enum rollup_figure rests[ROLLUP_INPUTS] = {
		ROLLUP_FOUND, ROLLUP_FOUND, ROLLUP_OVERDUE, ROLLUP_MAJOR, ROLLUP_FOLLOWED, ROLLUP_DAYS, ROLLUP_HANDOVERS, ROLLUP_RETURNS,
		ROLLUP_RAISED, ROLLUP_CLIMBED
	};

	for (size_t i = 2; i < r->ninputs; i++)
		if (r->input[i] == n)
			r->missing |= 1u << rests[i];
}

bool rollup_has(const struct rollup *r, enum rollup_figure f)
{
	return !(r->missing & 1u << f) && (r->counts || f < ROLLUP_HANDOVERS);
}

size_t rollup_dims(const struct rollup *r)
{
	return r->ndims;
}

const char *rollup_dim(const struct rollup *r, size_t i)
{
	return r->dim[i].word;
}

bool rollup_dim_named(const struct rollup *r, size_t i)
{
	return r->dim[i].name != SIZE_MAX;
}

/* What a time column shows of a bucket: 2026-03-16, 2026-W12, 2026-03, 2026Q1, 2026. */
static struct span cut(enum rollup_cut how, struct span v, char room[16])
{
	int32_t day;
	int year, week;

	if (how == CUT_NONE || v.n < DATE_LEN)
		return v;
	switch (how) {
	case CUT_DAY:
		return (struct span){ v.p, 10 };
	case CUT_MONTH:
		return (struct span){ v.p, 7 };
	case CUT_YEAR:
		return (struct span){ v.p, 4 };
	case CUT_QUARTER:
		return (struct span){ room, (size_t)snprintf(room, 16, "%.4sQ%d", v.p,
		    ((v.p[5] - '0') * 10 + (v.p[6] - '0') - 1) / 3 + 1) };
	case CUT_WEEK:
		if (!date_read((struct span){ v.p, DATE_LEN }, &day))
			return v;
		date_isoweek(day, &year, &week);
		return (struct span){ room, (size_t)snprintf(room, 16, "%04d-W%02d", year, week) };
	default:
		return v;
	}
}

/* The ends of s. */
static inline struct rollup_word word_of(struct span s)
{
	uint64_t first = 0, last = 0;

	if (s.n >= 8) {
		first = load8(s.p);
		last = load8(s.p + s.n - 8);
	} else if (s.n >= 4) {
		first = load4(s.p);
		last = load4(s.p + s.n - 4);
	} else if (s.n > 0) {
		first = (unsigned char)s.p[0];
		last = (uint64_t)(unsigned char)s.p[s.n / 2] << 8 | (unsigned char)s.p[s.n - 1];
	}
	return (struct rollup_word){ first, last, s.n };
}

/* Are these the same?  For strings of at most ROLLUP_WORD bytes; no branch, which would go another way in every row. */
static inline bool same_word(struct rollup_word a, struct rollup_word b)
{
	return ((a.first ^ b.first) | (a.last ^ b.last) | (a.n ^ b.n)) == 0;
}

/* Is this the group with these ids? */
static inline bool is_group(const struct rollup *r, uint32_t g, const struct span *const *id, const struct rollup_word *w)
{
	for (size_t i = 0; i < r->ndims; i++)
		if (!same_word(r->word[g][i], w[i]) || (w[i].n > ROLLUP_WORD && !span_eq(r->group[g].id[i], *id[i])))
			return false;
	return true;
}

/* The number of the group with these ids, by the table of all. */
static uint32_t group_of(struct rollup *r, const struct span *const *id)
{
	const size_t n = r->ndims;
	struct span key = n == 1 ? *id[0] : (struct span){ NULL, 0 };	/* no dimension: one group */
	uint32_t before = r->keys.n, g;

	if (n > 1) {
		buf_reset(&r->text);
		for (size_t i = 0; i < n; i++) {
			buf_span(&r->text, *id[i]);
			buf_putc(&r->text, '\x1f');
		}
		key = buf_view(&r->text);
	}
	g = names_add(&r->keys, key);
	if (g == before) {
		MEM_GROW(r->group, r->groups_cap, (size_t)g + 1);
		MEM_GROW(r->word, r->words_cap, (size_t)g + 1);
		r->group[g] = (struct rollup_group){ .number = g };
		for (size_t i = 0; i < n; i++) {
			r->group[g].id[i] = (struct span){ arena_spandup(&r->mem, *id[i]), id[i]->n };
			r->word[g][i] = word_of(*id[i]);
		}
	}
	return g;
}

/* rollup_at without the names. */
static inline struct rollup_group *group_at(struct rollup *r, const struct span *const *id)
{
	struct rollup_word w[ROLLUP_DIMS_MAX];
	uint32_t *seen;
	uint64_t h = 0;

	for (size_t i = 0; i < r->ndims; i++) {
		w[i] = word_of(*id[i]);
		h = (h ^ w[i].first ^ (w[i].last << 1) ^ w[i].n) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	seen = &r->seen[(h >> 20) % ROLLUP_SEEN];
	if (*seen == 0 || !is_group(r, *seen - 1, id, w))
		*seen = group_of(r, id) + 1;
	return &r->group[*seen - 1];
}

/* The first name that is said of a group's dimension stays. */
static inline void name_it(struct rollup *r, struct rollup_group *g, size_t dim, struct span name)
{
	if (g->name[dim].n == 0 && name.n > 0)
		g->name[dim] = (struct span){ arena_spandup(&r->mem, name), name.n };
}

struct rollup_group *rollup_at(struct rollup *r, const struct span *id, const struct span *name)
{
	const struct span *at[ROLLUP_DIMS_MAX];
	struct rollup_group *g;

	for (size_t i = 0; i < r->ndims; i++)
		at[i] = &id[i];
	g = group_at(r, at);
	for (size_t i = 0; i < r->ndims; i++)
		name_it(r, g, i, name[i]);
	return g;
}

/* The number of rounds that a row says, 1 when it says none. */
static inline uint64_t rounds(struct span s)
{
	uint64_t n = 1;

	if (s.n == 1 && s.p[0] >= '0' && s.p[0] <= '9')
		return (uint64_t)(s.p[0] - '0');
	span_u64(s, UINT32_MAX, &n);
	return n;
}

/* Is a severity one of the major ones?  There are few of them. */
static inline bool is_major(const struct rollup *r, struct span severity)
{
	struct rollup_word w = word_of(severity);
	bool is = false;

	for (uint32_t i = 0; i < r->major.n; i++)
		is |= same_word(word_of(names_at(&r->major, i)), w) && (w.n <= ROLLUP_WORD || span_eq(names_at(&r->major, i), severity));
	return is;
}

/* Does a column that says "yes" or nothing say it?  No branch, as in same_word. */
static inline bool is_yes(struct span s)
{
	const char *p = s.n == 3 ? s.p : "no";

	return (p[0] == 'y') & (p[1] == 'e') & (p[2] == 's');
}

/* What a column that counts says of a row that counts. */
static uint64_t number(struct span s, bool counts)
{
	uint64_t n;

	return counts && s.n > 0 && span_u64(s, UINT32_MAX, &n) ? n : 0;
}

/* One row's worth of rounds into a group's figures. */
static inline void count(struct rollup *r, struct figures *f, const struct span *v)
{
	struct rollup_word phase = word_of(v[r->input[0]]);
	uint64_t round = rounds(v[r->input[1]]), days = 0, earlier = round ? round - 1 : 0;
	bool closed = same_word(phase, word_of(SPAN("closed"))), rectified = closed | same_word(phase, word_of(SPAN("done")));
	bool is_void = same_word(phase, word_of(SPAN("void"))), counts = !is_void, timed;

	f->found += earlier + counts;
	f->rectified += earlier + rectified;
	f->closed += earlier + closed;
	f->open += same_word(phase, word_of(SPAN("open")));
	f->terminated += same_word(phase, word_of(SPAN("ended")));
	f->void_ += is_void;
	f->overdue += counts & is_yes(v[r->input[2]]);
	if (~r->missing & (1u << ROLLUP_MAJOR | 1u << ROLLUP_FOLLOWED | 1u << ROLLUP_DAYS)) {
		f->followed += earlier + (counts & is_yes(v[r->input[4]]));
		f->major += (counts & is_major(r, v[r->input[3]])) * (earlier + 1);
		timed = v[r->input[5]].n > 0 && rectified && span_u64(v[r->input[5]], UINT32_MAX, &days);
		f->days += timed ? days : 0;
		f->ndays += timed;
	}
	if (__builtin_expect(r->counts, false)) {
		f->handovers += number(v[r->input[6]], counts);
		f->returns += number(v[r->input[7]], counts);
		f->raised += number(v[r->input[8]], counts);
		f->climbed += number(v[r->input[9]], counts);
	}
}

/* The group of a row. */
static inline __attribute__((always_inline)) struct rollup_group *group_for(struct rollup *r, const struct span *v)
{
	const struct span *id[ROLLUP_DIMS_MAX];	/* not copies: to read at once, whole, what was just written in halves is slow */
	struct span bucket[ROLLUP_DIMS_MAX];
	char room[ROLLUP_DIMS_MAX][16];
	struct rollup_group *g;

	for (size_t i = 0; i < r->ndims; i++) {
		id[i] = &v[r->dim[i].id];
		if (r->dim[i].cut == CUT_NONE)
			continue;
		bucket[i] = cut(r->dim[i].cut, *id[i], room[i]);
		id[i] = &bucket[i];
	}
	g = group_at(r, id);
	for (size_t i = 0; i < r->ndims; i++)
		if (r->dim[i].name != SIZE_MAX)
			name_it(r, g, i, v[r->dim[i].name]);
	return g;
}

void rollup_add(struct rollup *r, const struct span *v)
{
	count(r, &group_for(r, v)->sum, v);
}

size_t rollup_place(struct rollup *r, const struct span *v)
{
	return group_for(r, v)->number;
}

void rollup_join(struct rollup *to, const struct rollup *from)
{
	to->missing |= from->missing;
	for (uint32_t g = 0; g < from->keys.n; g++)
		figures_add(&rollup_at(to, from->group[g].id, from->group[g].name)->sum, &from->group[g].sum);
}

static int by_id(const void *a, const void *b)
{
	const struct rollup_group *x = a, *y = b;

	for (size_t i = 0; i < ROLLUP_DIMS_MAX; i++) {
		int c = span_cmp(x->id[i], y->id[i]);

		if (c)
			return c;
	}
	return 0;
}

const struct rollup_group *rollup_groups(struct rollup *r, size_t *n)
{
	*n = r->keys.n;
	free(r->sorted);
	r->sorted = mem_zalloc(r->keys.n + 1, sizeof *r->sorted);
	if (r->keys.n)
		memcpy(r->sorted, r->group, r->keys.n * sizeof *r->sorted);
	qsort(r->sorted, r->keys.n, sizeof *r->sorted, by_id);
	return r->sorted;
}

void rollup_total(const struct rollup *r, struct figures *sum)
{
	memset(sum, 0, sizeof *sum);
	for (uint32_t g = 0; g < r->keys.n; g++)
		figures_add(sum, &r->group[g].sum);
}

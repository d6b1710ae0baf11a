/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_FOLDINT_H
#define GL_MODEL_FOLDINT_H
#include <endian.h>
#include "base/mem.h"
#include "model/hazard.h"
/*
 * What the files of the fold share (fold, foldslot, foldflow, apply, derive,
 * list), and stepknown, which folds hazards one by one; nobody else includes this.
 */
enum ev {			/* the columns of an event that the fold reads, in this order */
	EV_AT, EV_HAZARD, EV_STEP, EV_RESULT, EV_ACTOR, EV_TIER, EV_OWNER, EV_PERSON, EV_DUE, EV_SEVERITY, EV_CATEGORY, EV_KEY,
	EV_FIELD, EV_VALUE, EV_REASON, EV_EVENT, EV_ASSIST, EV_BEHALF, EV_N
};				/* the last three are read only when they are asked for: fold.c */
#define FLOW_STAYS 0xff
#define FLOW_SLOTS 256

/* A workflow made ready: step names by a small table, states as the fold's numbers. */
struct flow_step {
	const char *id;
	uint8_t n, to, to_fail;		/* fold states, FLOW_STAYS */
	bool fails;			/* takes a result */
	bool closes;			/* whatever the result: some way out of it is closed */
	uint8_t effect;
	uint32_t mark, trail;		/* 1 + number in the fold's marks, in its trail; 0 none */
};
struct fold_flow {
	const struct workflow *w;
	uint8_t start;
	uint8_t phase[256];		/* by fold state */
	int16_t state[256];		/* fold state -> state of w, -1 none */
	struct flow_step step[64];
	uint8_t at[FLOW_SLOTS];		/* 1 + step */
};
struct fold_flow *flow_for(struct fold *f, const struct workflow *w);
bool flow_same(const struct workflow *a, const struct workflow *b);

/* Where a step's name is looked for first: its length and three of its bytes. */
static inline uint32_t flow_spot(const char *p, size_t n)
{
	uint32_t v = (uint32_t)(unsigned char)p[0] << 16 | (uint32_t)(unsigned char)p[n / 2] << 8 | (unsigned char)p[n - 1];

	return ((v + (uint32_t)n * 0x01000193u) * 0x9e3779b1u) >> 24;
}

/* The step of this name; NULL: not one of the flow. */
static inline const struct flow_step *flow_step(const struct fold_flow *w, struct span name)
{
	if (name.n == 0)
		return NULL;
	for (uint32_t i = flow_spot(name.p, name.n);; i = (i + 1) % FLOW_SLOTS) {
		const struct flow_step *s = &w->step[(w->at[i] - 1) & 63];

		if (w->at[i] == 0)
			return NULL;
		if (s->n == name.n && bytes_eq(s->id, name.p, name.n))
			return s;
	}
}

/* (office, year): pages by number / FOLD_PAGE. */
struct fold_year {
	char prefix[SCHEMA_ID_MAX];
	size_t n;			/* length of "T01-H2026-" */
	uint32_t *page;			/* 1 + page, 0 none */
	size_t cap;
};
struct fold_years {
	struct fold_year *v;
	size_t n, cap;
};
uint32_t slot_find(const struct fold *f, size_t *year, struct span id);	/* *year: where to look first */
uint32_t slot_make(struct fold *f, size_t *year, struct span id);	/* UINT32_MAX: not an id */
struct fold_year *year_new(struct fold_years *years, size_t *year, struct span id);	/* of an id; NULL: it is none */
size_t year_like(struct fold_years *years, const struct fold_year *y);	/* which has the prefix of y, made when none has */
void page_make(struct fold *f, struct fold_year *y, size_t at);	/* page `at` of a year */
uint32_t slot_next(struct fold *f);		/* by hand: page space for one more */
struct hazard_side *side_get(struct fold *f, uint32_t slot);	/* made when there is none */
void side_reset(struct fold *f, uint32_t slot);
void sides_free(struct fold_sides *s);

/* The year an id belongs to, number `hint` first; NULL unknown. */
static inline struct fold_year *fold_year_of(const struct fold_years *y, size_t *hint, struct span id)
{
	if (*hint < y->n && id.n > y->v[*hint].n && bytes_eq(id.p, y->v[*hint].prefix, y->v[*hint].n))
		return &y->v[*hint];
	for (size_t i = 0; i < y->n; i++)
		if (id.n > y->v[i].n && memcmp(id.p, y->v[i].prefix, y->v[i].n) == 0) {
			*hint = i;
			return &y->v[i];
		}
	return NULL;
}

/* The digits of an id behind its prefix: eight bytes at once, the first digit in the lowest. */
static inline uint32_t fold_number_of(const struct fold_year *y, struct span id)
{
	const uint64_t ones = 0x0101010101010101u;
	size_t n = id.n - y->n;
	unsigned ninth = 0;
	uint64_t v;

	if (n == 9) {
		ninth = (unsigned)id.p[y->n] - '0';
		n = 8;
	}
	if (n > 8 || ninth > 9)
		return UINT32_MAX;
	memcpy(&v, id.p + id.n - sizeof v, sizeof v);
	v = (le64toh(v) ^ ones * '0') & UINT64_MAX << 8 * (8 - n);
	if ((((v + ones * (0x7f - 9)) | v) & ones * 0x80) != 0)
		return UINT32_MAX;
	v = (v * (1 + (10 << 8))) >> 8;
	v = ((v & 0x00ff00ff00ff00ffu) * (1 + (UINT64_C(100) << 16))) >> 16;
	v = ((v & 0x0000ffff0000ffffu) * (1 + (UINT64_C(10000) << 32))) >> 32;
	return ninth * 100000000 + (uint32_t)v;
}

/* slot_make in two: the id's year, made when it is new, and its number (UINT32_MAX: not an id); then the slot. */
static inline uint32_t id_number(struct fold_years *years, size_t *year, struct span id)
{
	const struct fold_year *y = fold_year_of(years, year, id);

	if (y == NULL && (y = year_new(years, year, id)) == NULL)
		return UINT32_MAX;
	return fold_number_of(y, id);
}
static inline uint32_t slot_numbered(struct fold *f, size_t year, uint32_t number)
{
	struct fold_year *y = &f->years->v[year];
	size_t at = number / FOLD_PAGE;

	if (__builtin_expect(at >= y->cap || y->page[at] == 0, 0))
		page_make(f, y, at);
	return (y->page[at] - 1) * FOLD_PAGE + number % FOLD_PAGE;
}

/* s: flow_step of v[EV_STEP] */
void event_apply(struct fold *f, uint32_t slot, const struct fold_flow *w, const struct flow_step *s, const struct span *v, int64_t at);

/*
 * What most events are: a person's step that assigns or only leads on, naming nobody but owner, person and actor.
 * Worked out from its row alone, in names and years that may be a thread's own.
 */
struct event_plain {
	int64_t at;
	uint32_t number, year;		/* of the hazard */
	uint32_t owner, person, actor;	/* numbers of names; FOLD_UNSAID.  actor: of steps that close */
	uint16_t step;			/* 1 + number in the flow, 0 a step that it does not know */
	bool fail;
};
#define FOLD_UNSAID UINT32_MAX
#define FOLD_MET 512
struct fold_met {			/* names met lately, by a hash of their bytes: a register's events name few */
	struct fold_name {
		uint64_t head, tail;	/* the first and the last bytes of the name, which may overlap */
		uint32_t n, number;	/* n 0: nothing stands here */
	} v[FOLD_MET];
};
struct fold_words {			/* what the numbers are of */
	struct names *organs, *officers;
	struct fold_years *years;
	size_t year;			/* of the last id */
	bool assists, behalf;		/* who is called in is asked for too, and for whom a step was taken */
	struct fold_met organ, officer;
};
/* True when the event with the columns v is one; ev->at is given. */
bool event_plain(const struct fold_flow *w, const struct span *v, struct fold_words *words, struct event_plain *ev);
/* slot, owner, person and actor: those of ev as the fold numbers them */
void event_plain_apply(struct fold *f, const struct fold_flow *w, uint32_t slot, const struct event_plain *ev, uint32_t owner,
    uint32_t person, uint32_t actor);

/* An event on its way into a slot. */
struct applying {
	struct fold *f;
	uint32_t slot;
	struct hazard_slot *h;
	const struct fold_flow *w;
	const struct span *v;		/* its columns; NULL: a plain one, which says nothing but the following */
	int64_t at;
	uint32_t owner, person, actor;	/* as in event_plain; actor FOLD_UNSAID: look into v */
	bool fail, sweep;
};
/* The state a step leads to, or FLOW_STAYS. */
static inline uint8_t leads_to(const struct applying *a, const struct flow_step *s)
{
	return s->fails && a->fail ? s->to_fail : s->to;
}
/* Of a value that clears: "-". */
static inline bool clears(struct span s)
{
	return s.n == 1 && s.p[0] == '-';
}
/* Tell the marks and the trail, if there are any, before the slot is changed.  s: NULL when the flow has no such step; what: its effect. */
void fold_tell(struct applying *a, const struct flow_step *s, int what);

static inline uint32_t slot_time(int64_t t)
{
	int64_t v = t - HAZARD_EPOCH;

	return v < 1 ? 1 : v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}
static inline int64_t time_slot(uint32_t v)
{
	return v == 0 ? INT64_MIN : (int64_t)v + HAZARD_EPOCH;
}
#endif

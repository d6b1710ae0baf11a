/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/time.h"
#include "model/deriveint.h"
#include "model/marks.h"
#include "model/trail.h"
#include "register/watchfile.h"

static const char *const wanted[EV_N] = { "at", "hazard", "step", "result", "actor", "tier", "owner", "person", "due", "severity",
	"category", "key", "field", "value", "reason", "event", "assist", "on_behalf_of" };

struct fold *fold_new(struct office *o, int64_t as_of)
{
	const struct table *t = schema_table(SPAN("events"));
	struct fold *f = mem_zalloc(1, sizeof *f);

	f->office = o;
	f->as_of = as_of;
	f->owners = office_calendar(o) != NULL && calendar_has_organs(office_calendar(o));
	names_add(&f->organs, SPAN(""));
	names_add(&f->officers, SPAN(""));
	_Static_assert(EV_N == sizeof f->col / sizeof *f->col, "one column each");
	for (int i = 0; i < EV_N; i++)
		f->col[i] = schema_column(t, span_of(wanted[i]));
	return f;
}

uint32_t fold_add(struct fold *f, struct span hazard)
{
	size_t year = 0;
	uint32_t n;

	if (f->years != NULL)
		return slot_make(f, &year, hazard);
	n = names_add(&f->ids, hazard);
	return n == f->n ? slot_next(f) : n;
}

void fold_free(struct fold *f)
{
	if (f == NULL)
		return;
	if (f->deriver != NULL)
		deriver_clear(f->deriver);
	free(f->deriver);
	names_clear(&f->organs);
	names_clear(&f->officers);
	names_clear(&f->states);
	names_clear(&f->severities);
	names_clear(&f->levels);
	names_clear(&f->ids);
	for (size_t i = 0; f->years != NULL && i < f->years->n; i++)
		free(f->years->v[i].page);
	if (f->years != NULL)
		free(f->years->v);
	free(f->years);
	sides_free(f->sides);
	marks_free(f->marks);
	trail_free(f->trail);
	for (size_t i = 0; i < f->nflows; i++)
		free(f->flow[i]);
	free(f->flow);
	free(f->page);
	free(f->pin);
	arena_clear(&f->mem);
	free(f);
}

uint32_t fold_index(const struct fold *f, struct span hazard)
{
	size_t year = 0;

	return f->years != NULL ? slot_find(f, &year, hazard) : names_find(&f->ids, hazard);
}

/* The scan of a whole register's events. */
struct folding {
	struct fold *f;
	size_t year;			/* where the last id was found */
	struct fold_flow *flow;		/* the one for all, NULL: pins */
	struct names undone;		/* "event hazard" of retractions */
	bool again;			/* second pass: only what has to be folded again */
	size_t nthreads;
	struct fold_words words;	/* of a single thread: the fold's own */
	struct err *e;
};

/* How many columns of the ledger are read: the id of an event is asked for only when some were retracted, who was called in
 * only by a trail, and by marks where organs keep hours of their own, for whom a step was taken only by a trail. */
static size_t columns_read(const struct folding *x)
{
	if (x->words.behalf)
		return EV_N;
	return x->again || x->words.assists ? EV_BEHALF : EV_EVENT;
}

/* The slot of an id, made when it is missing. */
static uint32_t slot_for(struct folding *x, struct span id)
{
	return x->f->years != NULL ? slot_make(x->f, &x->year, id) : fold_add(x->f, id);
}

/* The flow an event of a slot goes by; NULL with e. */
static const struct fold_flow *flow_of(struct folding *x, uint32_t slot)
{
	const struct hazard_side *side = fold_side(x->f, slot);
	struct policy *p;

	if (x->flow != NULL)
		return x->flow;
	if (side == NULL || side->policy.n == 0)
		return x->f->flow[x->f->pin[slot]];
	p = office_policy(x->f->office, side->policy, x->e);
	return p != NULL ? flow_for(x->f, &p->workflow) : NULL;
}

/* What names one event of one hazard. */
static struct span undone_key(struct span event, struct span hazard, char out[128])
{
	size_t n = event.n < 60 ? event.n : 60, m = hazard.n < 60 ? hazard.n : 60;

	if (n > 0)
		memcpy(out, event.p, n);
	out[n] = ' ';
	if (m > 0)
		memcpy(out + n + 1, hazard.p, m);
	return (struct span){ out, n + 1 + m };
}

/* One event, first pass or second. */
static int take_event(struct folding *x, const struct span *v, int64_t at)
{
	struct fold *f = x->f;
	const struct fold_flow *w;
	const struct flow_step *s;
	uint32_t slot = slot_for(x, v[EV_HAZARD]);
	char key[128];

	if (slot == UINT32_MAX)
		return 0;
	if (x->again && (!(fold_slot(f, slot)->flags & HAZARD_REFOLD) || names_find(&x->undone,
	    undone_key(v[EV_EVENT], v[EV_HAZARD], key)) != NAMES_NONE))
		return 0;
	w = flow_of(x, slot);
	if (w == NULL)
		return -1;
	s = flow_step(w, v[EV_STEP]);
	if (!x->again && s != NULL && s->effect == WF_RETRACT)
		names_add(&x->undone, undone_key(v[EV_KEY], v[EV_HAZARD], key));
	event_apply(f, slot, w, s, v, at);
	return 0;
}

/* One row, by a single thread. */
static int on_event(void *arg, const struct scan_row *row)
{
	struct folding *x = arg;
	struct fold *f = x->f;
	struct event_plain ev;

	ev.at = time_trust(row->f[EV_AT].p, f->office->reg->offset);
	if (ev.at > f->as_of)
		return 0;
	if (x->flow == NULL || x->again || f->years == NULL || !event_plain(x->flow, row->f, &x->words, &ev))
		return take_event(x, row->f, ev.at);
	event_plain_apply(f, x->flow, slot_numbered(f, ev.year, ev.number), &ev, ev.owner, ev.person, ev.actor);
	return 0;
}

/* A thread's own numbers as the fold's: 1 + number, 0 not asked for yet. */
struct same {
	uint32_t *v;
	size_t n, cap;
};

/* The events of one block, as one of several threads reads them, one behind the other. */
struct packed {
	struct folding *x;
	struct buf text;
	struct fold_words words;
	struct names organs, officers;
	struct fold_years years;
	struct same organ, officer, year;
};
struct packed_event {
	struct event_plain plain;
	uint32_t said;			/* 0: plain.  Else bit set over enum ev: a length and the bytes of each follow */
};
#define ALIGN _Alignof(struct packed_event)
#define ALIGNED(n) (((n) + ALIGN - 1) / ALIGN * ALIGN)

/* Pack a row that has to be looked at in its turn. */
static void pack_text(struct packed *p, struct packed_event *ev, const struct scan_row *row, char *to)
{
	size_t n = columns_read(p->x);

	for (size_t i = EV_AT + 1; i < n; i++) {
		uint32_t length = (uint32_t)row->f[i].n;

		if (length == 0)
			continue;
		ev->said |= UINT32_C(1) << i;
		memcpy(to, &length, sizeof length);
		memcpy(to + sizeof length, row->f[i].p, length);
		to += sizeof length + length;
	}
	p->text.n = ALIGNED((size_t)(to - p->text.p));
}

/* Pack a row, worked out as far as that can be done without the rows before it. */
static int on_packed(void *arg, const struct scan_row *row)
{
	struct packed *p = arg;
	const struct folding *x = p->x;
	int64_t at = time_trust(row->f[EV_AT].p, x->f->office->reg->offset);
	struct packed_event *ev;

	if (at > x->f->as_of)
		return 0;
	if (p->text.cap - p->text.n < sizeof *ev + EV_N * sizeof(uint32_t) + row->length + ALIGN)
		buf_reserve(&p->text, sizeof *ev + EV_N * sizeof(uint32_t) + row->length + ALIGN);
	ev = (void *)(p->text.p + p->text.n);
	ev->plain.at = at;
	ev->said = 0;
	if (x->flow != NULL && !x->again && event_plain(x->flow, row->f, &p->words, &ev->plain))
		p->text.n += sizeof *ev;
	else
		pack_text(p, ev, row, (char *)(ev + 1));
	return 0;
}

/* The fold's number of a thread's name. */
static inline uint32_t name_of(struct same *s, struct names *all, const struct names *own, uint32_t n)
{
	if (n == 0 || n == FOLD_UNSAID)
		return n;
	if (n >= s->n) {
		MEM_GROW(s->v, s->cap, own->n);
		memset(s->v + s->n, 0, (own->n - s->n) * sizeof *s->v);
		s->n = own->n;
	}
	if (s->v[n] == 0)
		s->v[n] = names_add(all, names_at(own, n)) + 1;
	return s->v[n] - 1;
}

/* The fold's number of a thread's year. */
static inline uint32_t year_at(struct packed *p, uint32_t n)
{
	struct same *s = &p->year;

	while (n >= s->n) {
		MEM_GROW(s->v, s->cap, s->n + 1);
		s->v[s->n] = (uint32_t)year_like(p->x->f->years, &p->years.v[s->n]);
		s->n++;
	}
	return s->v[n];
}

/* A plain event in its turn. */
static void take_plain(struct packed *p, const struct event_plain *ev)
{
	struct fold *f = p->x->f;

	event_plain_apply(f, p->x->flow, slot_numbered(f, year_at(p, ev->year), ev->number), ev,
	    name_of(&p->organ, &f->organs, &p->organs, ev->owner), name_of(&p->officer, &f->officers, &p->officers, ev->person),
	    name_of(&p->officer, &f->officers, &p->officers, ev->actor));
}

/* The columns of a packed row; where the next event begins. */
static const char *unpack(const char *at, uint32_t said, struct span v[EV_N])
{
	for (; said != 0; said &= said - 1) {
		uint32_t length;

		memcpy(&length, at, sizeof length);
		at += sizeof length;
		v[__builtin_ctz(said)] = (struct span){ at, length };
		at += length;
	}
	return at;
}

/* The events of a block, in the order of the ledger. */
static int on_block(void *arg)
{
	struct packed *p = arg;
	const char *at = p->text.p, *end = at + p->text.n;
	int result = 0;

	while (at < end && result == 0) {
		const struct packed_event *ev = (const void *)at;

		at += sizeof *ev;
		if (ev->said == 0) {
			take_plain(p, &ev->plain);
		} else {
			struct span v[EV_N] = { { NULL, 0 } };

			at = p->text.p + ALIGNED((size_t)(unpack(at, ev->said, v) - p->text.p));
			result = take_event(p->x, v, ev->plain.at);
		}
	}
	p->text.n = 0;
	return result;
}

static void packed_init(struct packed *p, struct folding *x)
{
	*p = (struct packed){ .x = x, .words = { .organs = &p->organs, .officers = &p->officers, .years = &p->years,
	    .assists = x->words.assists, .behalf = x->words.behalf } };
	names_add(&p->organs, SPAN(""));
	names_add(&p->officers, SPAN(""));
}

static void packed_clear(struct packed *p)
{
	buf_clear(&p->text);
	names_clear(&p->organs);
	names_clear(&p->officers);
	free(p->years.v);
	free(p->organ.v);
	free(p->officer.v);
	free(p->year.v);
}

/* All committed events through take_event. */
static int scan_events(struct folding *x)
{
	struct office *o = x->f->office;
	size_t n = columns_read(x);
	struct packed *p;
	void **args;
	int result;

	if (x->f->rows != NULL)
		return watch_scan(x->f->rows, "events", x->f->col, n, on_event, x, x->e);
	if (x->nthreads <= 1)
		return ledger_scan(o->reg, &o->at, "events", x->f->col, n, on_event, (void *[]){ x }, 1, x->e);
	p = mem_zalloc(x->nthreads, sizeof *p);
	args = mem_zalloc(x->nthreads, sizeof *args);
	for (size_t i = 0; i < x->nthreads; i++) {
		packed_init(&p[i], x);
		args[i] = &p[i];
	}
	result = ledger_scan_ordered(o->reg, &o->at, "events", x->f->col, n, on_packed, on_block, args, x->nthreads, x->e);
	for (size_t i = 0; i < x->nthreads; i++)
		packed_clear(&p[i]);
	free(p);
	free(args);
	return result;
}

/* Hazards with retracted events begin anew. */
static int fold_again(struct folding *x)
{
	struct fold *f = x->f;

	for (size_t i = 0; i < f->npages * FOLD_PAGE; i++)
		if (fold_slot(f, (uint32_t)i)->flags & HAZARD_REFOLD) {
			side_reset(f, (uint32_t)i);
			if (f->marks != NULL)
				marks_drop(f->marks, (uint32_t)i);
			if (f->trail != NULL)
				trail_drop(f->trail, (uint32_t)i);
			fold_slot(f, (uint32_t)i)->flags = HAZARD_REFOLD;
		}
	x->again = true;
	return scan_events(x);
}

/* The pin of one hazard. */
static int on_pin(void *arg, const struct scan_row *row)
{
	struct folding *x = arg;
	struct policy *p = office_policy(x->f->office, row->f[1], x->e);
	uint32_t slot = slot_for(x, row->f[0]);
	struct fold_flow *flow;

	if (p == NULL)
		return -1;
	flow = flow_for(x->f, &p->workflow);
	for (size_t i = 0; slot != UINT32_MAX && i < x->f->nflows && i < 256; i++)
		if (x->f->flow[i] == flow)
			x->f->pin[slot] = (uint8_t)i;
	return 0;
}

/* One workflow for all where the versions agree, else each hazard's own. */
static int choose_flows(struct folding *x)
{
	struct office *o = x->f->office;
	const struct table *t = schema_table(SPAN("hazards"));
	int cols[2] = { t->key, schema_column(t, SPAN("policy")) };
	void *args[1] = { x };
	bool same = true;
	size_t n;

	if (office_policies(o, &n, x->e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		flow_for(x->f, &office_version(o, i)->workflow);
		same = same && flow_same(&o->policy->workflow, &office_version(o, i)->workflow);
	}
	if (same) {
		x->flow = flow_for(x->f, &o->policy->workflow);
		return 0;
	}
	x->f->pin = mem_zalloc(1, FOLD_PAGE);
	if (x->f->rows != NULL)
		return watch_scan(x->f->rows, "hazards", cols, 2, on_pin, x, x->e);
	return ledger_scan(o->reg, &o->at, "hazards", cols, 2, on_pin, args, 1, x->e);
}

/* Fold all, into a new fold that has the marks and the trail which are asked for. */
static struct fold *fold_register(struct fold *f, size_t nthreads, struct err *e)
{
	struct folding x = { .f = f, .nthreads = nthreads, .e = e };
	bool bad;

	if (f->rows == NULL)
		f->years = mem_zalloc(1, sizeof *f->years);
	x.words = (struct fold_words){ .organs = &f->organs, .officers = &f->officers, .years = f->years,
	    .assists = f->trail != NULL || (f->marks != NULL && f->owners), .behalf = f->trail != NULL };
	bad = choose_flows(&x) != 0 || scan_events(&x) != 0 || (x.undone.n > 0 && fold_again(&x) != 0);
	names_clear(&x.undone);
	if (!bad)
		return f;
	fold_free(f);
	return NULL;
}

struct fold *fold_trailed(struct office *o, int64_t as_of, size_t nthreads, struct trail *trail, struct err *e)
{
	struct fold *f = fold_new(o, as_of);

	f->trail = trail;
	return fold_register(f, nthreads, e);
}

struct fold *fold_all(struct office *o, int64_t as_of, size_t nthreads, struct err *e)
{
	return fold_trailed(o, as_of, nthreads, NULL, e);
}

struct fold *fold_of_rows(struct office *o, const struct watch_rows *rows, int64_t as_of, size_t nthreads, struct err *e)
{
	struct fold *f = fold_new(o, as_of);

	f->rows = rows;
	if (marks_new(o, &f->marks, e) == 0)
		return fold_register(f, nthreads, e);
	fold_free(f);
	return NULL;
}

struct fold *fold_marked(struct office *o, int64_t as_of, size_t nthreads, struct err *e)
{
	return fold_of_rows(o, NULL, as_of, nthreads, e);
}

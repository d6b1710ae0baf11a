/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/time.h"
#include "model/deriveint.h"

static const struct hazard_slot blank;

void deriver_init(struct deriver *d, struct fold *f, int64_t now)
{
	const struct table *h = schema_table(SPAN("hazards")), *s = schema_table(SPAN("subjects"));

	*d = (struct deriver){ .f = f, .now = now, .offset = f->office->reg->offset, .hazards = h };
	d->col = (struct hazard_columns){ h->key, schema_column(h, SPAN("reported_at")), schema_column(h, SPAN("found_at")),
		schema_column(h, SPAN("grid")), schema_column(h, SPAN("subject")), schema_column(h, SPAN("category")),
		schema_column(h, SPAN("severity")), schema_column(h, SPAN("source")), schema_column(h, SPAN("reporter")),
		schema_column(h, SPAN("emergency")), schema_column(h, SPAN("policy")) };
	d->scol = (struct subject_columns){ schema_column(s, SPAN("kind")), schema_column(s, SPAN("sector")),
		schema_column(s, SPAN("landlord")), schema_column(s, SPAN("name")) };
}

void deriver_clear(struct deriver *d)
{
	free(d->row);
	free(d->seen);
	free(d->rule);
	free(d->pilots);
	derive_overlay_free(d->over);
	names_clear(&d->facts);
	buf_clear(&d->key);
}

static const struct hazard_slot *slot_at(const struct fold *f, uint32_t slot)
{
	return slot == UINT32_MAX ? &blank : fold_slot(f, slot);
}

/* The row with corrections and the severity judged since. */
static const struct span *effective(struct deriver *d, const struct hazard_slot *s, const struct hazard_side *side, const struct span *row)
{
	size_t n = (size_t)d->hazards->ncolumns;
	struct span *to = d->row;

	if (s->severity == 0 && (side == NULL || side->nfixes == 0))
		return row;
	if (to == NULL)
		to = arena_alloc(&d->f->mem, n * sizeof *to);
	memcpy(to, row, n * sizeof *to);
	for (uint32_t i = 0; side != NULL && i < side->nfixes; i++)
		to[side->fix[i].col] = side->fix[i].value;
	if (s->severity > 0)
		to[d->col.severity] = names_at(&d->f->severities, s->severity - 1u);
	return to;
}

/* The policy a hazard is pinned to, the last answer first. */
static int find_policy(struct deriver *d, const struct hazard_side *side, const struct span *row, struct err *e)
{
	struct span digest = side != NULL && side->policy.n > 0 ? side->policy : row[d->col.policy];
	size_t n = digest.n < sizeof d->digest - 1 ? digest.n : sizeof d->digest - 1;

	if (d->policy != NULL && d->digest_n == n && bytes_eq(d->digest, digest.p, n))
		return 0;
	d->policy = office_policy(d->f->office, digest, e);
	if (d->policy == NULL)
		return -1;
	if (n > 0)
		memcpy(d->digest, digest.p, n);
	d->digest_n = n;
	d->flow = flow_for(d->f, &d->policy->workflow);
	return 0;
}

static int64_t read_time(const struct deriver *d, struct span s)
{
	return s.n == TIME_LEN ? time_trust(s.p, d->offset) : TIME_NONE;
}

int derive_base(struct deriver *d, uint32_t slot, const struct span *row, struct hazard *h, struct err *e)
{
	const struct hazard_slot *s = slot_at(d->f, slot);
	const struct hazard_side *side = fold_side(d->f, slot);
	int state;

	h->slot = slot;
	h->grid = NULL;
	h->subject_kind = h->sector = h->landlord = h->subject_name = (struct span){ NULL, 0 };
	h->tier = h->rule = -1;
	h->due = h->first_due = h->clock_from = TIME_NONE;
	h->stopped = 0;
	h->overdue = false;
	if (find_policy(d, side, row, e) < 0)
		return -1;
	h->row = row = effective(d, s, side, row);
	h->policy = d->policy;
	state = s->state ? d->flow->state[s->state - 1] : d->flow->w->start;
	h->state = state >= 0 ? state : d->flow->w->start;
	h->phase = h->policy->workflow.state[h->state].phase;
	h->reported = read_time(d, row[d->col.reported_at]);
	h->found = read_time(d, row[d->col.found_at]);
	h->severity = row[d->col.severity].n ? vocab_id(&h->policy->severities, row[d->col.severity]) : -1;
	h->round = side != NULL ? side->nrounds + 1 : 1;
	h->round_from = h->round > 1 ? side->round_from : h->reported;
	h->assigned = time_slot(s->assigned);
	h->rectified = time_slot(s->rectified);
	h->closed = time_slot(s->closed);
	h->first_closed = h->round > 1 ? side->round[0].closed : h->closed;
	h->tier_at = side != NULL ? side->tier_at : TIME_NONE;
	h->owner = names_at(&d->f->organs, s->owner);
	h->person = names_at(&d->f->officers, s->person);
	h->closed_by = names_at(&d->f->officers, s->closed_by);
	h->held = s->flags & HAZARD_HELD && h->phase == PHASE_OPEN;
	h->followed = s->flags & HAZARD_FOLLOWED;
	h->supervised = s->flags & HAZARD_SUPERVISED;
	return 0;
}

/* A level of one policy as one of another. */
static int map_level(const struct policy *from, const struct policy *to, int level)
{
	if (from == to || level < 0)
		return level;
	return vocab_id(&to->levels, span_of(from->levels.v[level].id));
}

/* The unit with this id on a day, looked up. */
static const struct grid_node *look_up(const struct grid_tree *grids, struct span id, int32_t day)
{
	const struct grid_node *g = grid_at(grids, id, day);

	/* older than the unit's first row, or after its last day */
	return g != NULL ? g : grid_at(grids, id, DATE_NONE);
}

/* Does s say what the unit with the id in `it` is on the day in `it`? */
static inline bool is_seen(const struct seen_grid *s, const struct seen_grid *it)
{
	return s->head == it->head && s->tail == it->tail && s->n == it->n && (s->day == it->day || s->grid->alone);
}

/* Where the unit with the id in `it` is looked for first. */
static inline struct seen_grid *seen_at(struct deriver *d, const struct seen_grid *it)
{
	return &d->seen[((it->head << 7 ^ it->tail) * 0x9e3779b97f4a7c15u >> 48) % SEEN];
}

/* An id of 8 to 16 bytes as seen_grid has it. */
static inline struct seen_grid seen_id(struct span id)
{
	struct seen_grid it = { .n = (uint32_t)id.n };

	memcpy(&it.head, id.p, 8), memcpy(&it.tail, id.p + id.n - 8, 8);
	return it;
}

/* The rows that stream by push the units out of the caches: what was seen is fetched two rows ahead, the unit one. */
void derive_grid_soon(struct deriver *d, struct span id)
{
	struct seen_grid it;

	if (d->soon != NULL)
		__builtin_prefetch(d->soon->grid);
	d->soon = NULL;
	if (d->seen == NULL || id.n - 8 > 8)
		return;
	it = seen_id(id);
	d->soon = seen_at(d, &it);
	__builtin_prefetch(d->soon);
}

/* Units seen, none yet; a pair lies in one line of the cache. */
static struct seen_grid *seen_new(void)
{
	struct seen_grid *s = aligned_alloc(2 * sizeof *s, SEEN * sizeof *s);

	if (s != NULL)
		return memset(s, 0, SEEN * sizeof *s);
	mem_exhausted();
}

/* The unit with this id on a day. */
static inline const struct grid_node *find_grid(struct deriver *d, const struct grid_tree *grids, struct span id, int32_t day)
{
	struct seen_grid it, *s;

	if (id.n - 8 > 8 || d->grids == NULL)	/* a table of what was seen pays for who goes through all */
		return look_up(grids, id, day);
	if (d->seen == NULL)
		d->seen = seen_new();
	it = seen_id(id);
	it.day = day;
	s = seen_at(d, &it);
	if (is_seen(s, &it))
		return s->grid;
	if (is_seen(&d->seen[(s - d->seen) ^ 1], &it))
		return d->seen[(s - d->seen) ^ 1].grid;
	it.grid = look_up(grids, id, day);
	if (it.grid == NULL)
		return NULL;
	if (s->n > 0)		/* the older one makes room */
		d->seen[(s - d->seen) ^ 1] = *s;
	*s = it;
	return it.grid;
}

int derive_grid(struct deriver *d, struct hazard *h, struct err *e)
{
	const struct hazard_slot *s = slot_at(d->f, h->slot);
	struct span id = h->row[d->col.grid];
	int32_t day = h->reported != TIME_NONE ? time_day(h->reported, d->offset) : DATE_NONE;
	/* one hazard or a few need no more than the units they lie in; who goes through all has set d->grids */
	const struct grid_tree *grids = d->grids != NULL ? d->grids : office_grids_of(d->f->office, id, e);

	if (grids == NULL)
		return -1;
	h->grid = find_grid(d, grids, id, day);
	if (s->tier > 0)
		h->tier = vocab_id(&h->policy->levels, names_at(&d->f->levels, s->tier - 1u));
	if (h->tier < 0 && h->grid != NULL)
		h->tier = map_level(d->f->office->policy, h->policy, h->grid->level);
	if (h->tier < 0)
		h->tier = (int)h->policy->levels.n - 1;
	return 0;
}

int derive_subject(struct deriver *d, struct hazard *h, struct err *e)
{
	struct span id = h->row[d->col.subject];
	struct master_row row;
	int found;

	if (id.n == 0)
		return 0;
	if (d->subjects == NULL && (d->subjects = office_master(d->f->office, "subjects", e)) == NULL)
		return -1;
	found = master_find(d->subjects, id, h->reported != TIME_NONE ? time_day(h->reported, d->offset) : DATE_NONE, &row, e);
	if (found == 0)
		found = master_find(d->subjects, id, DATE_NONE, &row, e);
	if (found <= 0)
		return found;
	h->subject_kind = row.f[d->scol.kind];
	h->sector = row.f[d->scol.sector];
	h->landlord = row.f[d->scol.landlord];
	h->subject_name = row.f[d->scol.name];
	return 0;
}

/* The id a hazard shows for a rule field. */
static struct span fact(const struct deriver *d, const struct hazard *h, enum rule_field field)
{
	switch (field) {
	case RULE_SEVERITY:
		return h->row[d->col.severity];
	case RULE_CATEGORY:
		return h->row[d->col.category];
	case RULE_SOURCE:
		return h->row[d->col.source];
	case RULE_SECTOR:
		return h->sector;
	case RULE_SUBJECT_KIND:
		return h->subject_kind;
	case RULE_EMERGENCY:
		return h->row[d->col.emergency];
	case RULE_TIER:
		return h->tier >= 0 ? span_of(h->policy->levels.v[h->tier].id) : SPAN("");
	default:
		return h->owner;
	}
}

/* What people call it. */
static struct span fact_name(const struct hazard *h, enum rule_field field, struct span id)
{
	const char *words[RULE_NFIELDS] = { "severity", "category", "source", "sector", "subject_kind", NULL, "level", NULL };
	const struct vocab *v = words[field] != NULL && id.n > 0 ? policy_vocab(h->policy, words[field]) : NULL;
	int i = v != NULL ? vocab_id(v, id) : -1;

	return i >= 0 ? span_of(v->v[i].name) : SPAN("");
}

/* Which fields the rules of a policy look at. */
static void find_tested(struct deriver *d, const struct policy *p)
{
	d->tested = 0;
	d->scoped = false;
	d->tested_of = p;
	for (size_t i = 0; i < p->rules.n; i++) {
		d->scoped |= p->rules.v[i].scope.set;
		for (size_t k = 0; k < p->rules.v[i].ntests; k++)
			d->tested |= 1u << p->rules.v[i].when[k].field;
	}
}

void derive_facts(const struct deriver *d, const struct hazard *h, struct rule_facts *f)
{
	for (int i = 0; i < RULE_NFIELDS; i++) {
		f->id[i] = fact(d, h, (enum rule_field)i);
		f->name[i] = fact_name(h, (enum rule_field)i, f->id[i]);
	}
}

/* Ask the rules themselves. */
static int match(struct deriver *d, const struct hazard *h, struct err *e)
{
	struct rule_facts f = { .id = { { NULL, 0 } } };
	struct derive_lies lies;
	int rule;

	if (d->scoped && derive_scope(d, h, &f, &lies, e) < 0)
		return -1;
	derive_facts(d, h, &f);
	if (d->lock != NULL)
		pthread_mutex_lock(d->lock);
	rule = rules_match(&h->policy->rules, &f, e);
	if (d->lock != NULL)
		pthread_mutex_unlock(d->lock);
	return rule;
}

int derive_rule(struct deriver *d, struct hazard *h, struct err *e)
{
	uint32_t known = d->facts.n, n;

	if (d->tested_of != h->policy)
		find_tested(d, h->policy);
	if (d->tested & (1u << RULE_SECTOR | 1u << RULE_SUBJECT_KIND) && h->subject_name.p == NULL && derive_subject(d, h, e) < 0)
		return -1;
	if ((d->scoped || d->tested & 1u << RULE_TIER) && h->tier < 0 && derive_grid(d, h, e) < 0)
		return -1;
	buf_reset(&d->key);
	buf_put(&d->key, &h->policy, sizeof h->policy);
	for (int i = 0; i < RULE_NFIELDS; i++)
		if (d->tested >> i & 1) {
			buf_span(&d->key, fact(d, h, (enum rule_field)i));
			buf_putc(&d->key, ',');
		}
	if (d->scoped && derive_scope_key(d, h, e) < 0)
		return -1;
	n = names_add(&d->facts, buf_view(&d->key));
	MEM_GROW(d->rule, d->rule_cap, (size_t)d->facts.n);
	if (n == known)
		d->rule[n] = match(d, h, e);
	h->rule = d->rule[n];
	d->fact = n;
	if (h->rule < 0)
		return e->status != ERR_OK ? -1 : err_set(e, ERR_DATA, "policy/escalation.yaml: a pattern hit its limit");
	return h->policy->overlays.n > 0 ? derive_overlay(d, h, e) : 0;
}

/* Where the limit counts from; TIME_NONE: it has not begun. */
static int64_t clock_start(const struct hazard *h, const struct rule *r)
{
	if (strcmp(r->from, "found") == 0 && h->round == 1 && h->found != TIME_NONE)
		return h->found;
	if (strcmp(r->from, "assigned") == 0)
		return h->assigned;
	if (strcmp(r->from, "tier") == 0 && h->tier_at != TIME_NONE)
		return h->tier_at;
	return h->round_from;
}

/* Seconds of holds after a time, up to now; those that count, where the limit counts working time. */
static int64_t stopped_since(const struct hazard_side *side, const struct worktime *w, int64_t from, int64_t now)
{
	struct err ignored = ERR_INIT;
	int64_t sum = 0, counted;

	for (uint32_t i = 0; side != NULL && i < side->nholds; i++) {
		int64_t a = side->hold[i].from > from ? side->hold[i].from : from;
		int64_t b = side->hold[i].to != TIME_NONE && side->hold[i].to < now ? side->hold[i].to : now;

		if (b <= a)
			continue;
		sum += w->kind != CALENDAR_WALL && worktime_between(w, a, b, &counted, &ignored) == 0 ? counted : b - a;
	}
	return sum;
}

/* The organ that owned the hazard at a time. */
static struct span owner_at(const struct deriver *d, const struct hazard *h, const struct hazard_side *side, int64_t at)
{
	for (uint32_t i = 0; side != NULL && i < side->nowned; i++)
		if (side->owned[i].at > at)
			return names_at(&d->f->organs, side->owned[i].from);
	return h->owner;
}

/* Whose working time counts: everybody's from the report or the finding on, else that of the organ that owned it when the count began. */
static int find_hours(struct deriver *d, struct hazard *h, const struct rule *r, const struct hazard_side *side, struct err *e)
{
	const struct calendar *c = office_calendar(d->f->office);
	struct span owner, kind = { NULL, 0 };
	struct master_row row;
	int found;

	h->work = (struct worktime){ c, CALENDAR_WALL, "", d->offset };
	if (!d->f->owners || h->clock_from == TIME_NONE || (strcmp(r->from, "assigned") != 0 && strcmp(r->from, "tier") != 0))
		return 0;
	owner = owner_at(d, h, side, h->clock_from);
	if (owner.n == 0)
		return 0;
	if (d->organs == NULL) {
		d->organs = office_master(d->f->office, "organs", e);
		if (d->organs == NULL)
			return -1;
		d->organ_kind = schema_column(master_table(d->organs), SPAN("kind"));
	}
	found = master_find(d->organs, owner, time_day(h->clock_from, d->offset), &row, e);
	if (found == 0)
		found = master_find(d->organs, owner, DATE_NONE, &row, e);
	if (found > 0)
		kind = row.f[d->organ_kind];
	h->work.organ = calendar_whose(c, owner, kind);
	return found < 0 ? -1 : 0;
}

/* The due time that a step said, moved by the holds since. */
static int64_t said_due(const struct deriver *d, const struct hazard *h, const struct hazard_slot *s, const struct hazard_side *side,
    struct clock_trace *trace)
{
	int64_t from = side != NULL && side->due_at != TIME_NONE ? side->due_at : h->assigned != TIME_NONE ? h->assigned : h->round_from;
	int64_t due = time_slot(s->due);
	uint32_t skip = side != NULL ? side->due_holds : 0;
	bool held;

	if (due <= from)
		return due;
	return clock_run(from, due - from, side != NULL ? side->hold + skip : NULL, side != NULL ? side->nholds - skip : 0, d->now,
	    &held, trace);
}

int derive_clock(struct deriver *d, struct hazard *h, struct clock_trace *trace, struct err *e)
{
	const struct hazard_slot *s = slot_at(d->f, h->slot);
	const struct hazard_side *side = fold_side(d->f, h->slot);
	const struct rule *r;
	int64_t by_rule = TIME_NONE;
	bool held;

	if (derive_rule(d, h, e) < 0)
		return -1;
	r = &h->policy->rules.v[h->rule];
	h->clock_from = r->has_due ? clock_start(h, r) : h->round_from;
	if (find_hours(d, h, r, side, e) < 0)
		return -1;
	if (r->has_due && h->clock_from != TIME_NONE && (s->due == 0 || (side != NULL && side->moved && side->extended_from == TIME_NONE))
	    && clock_due(h->clock_from, r->within, side != NULL ? side->hold : NULL, side != NULL ? side->nholds : 0, d->now, d->offset,
	    &h->work, &by_rule, &held, s->due == 0 ? trace : NULL, e) < 0) {
		err_prefix(e, "policy/escalation.yaml:%d: rule %s", r->line, r->id);
		return err_prefix(e, "%.*s", (int)h->row[d->col.hazard].n, h->row[d->col.hazard].p);
	}
	if (s->due == 0 && by_rule != TIME_NONE)
		h->work.kind = clock_kind(r->within);
	h->due = s->due > 0 ? said_due(d, h, s, side, trace) : by_rule;
	h->first_due = side == NULL || !side->moved ? h->due : side->extended_from != TIME_NONE ? side->extended_from : by_rule;
	if (h->clock_from == TIME_NONE)
		h->clock_from = h->round_from;
	h->stopped = stopped_since(side, &h->work, h->clock_from, d->now);
	h->overdue = h->phase == PHASE_OPEN && !h->held && h->due != TIME_NONE && d->now > h->due;
	return 0;
}

int hazard_derive(struct fold *f, uint32_t slot, const struct span *row, int64_t now, struct hazard *out,
    struct clock_trace *trace, struct err *e)
{
	return hazard_derive_own(f, slot, row, now, out, trace, e) < 0 || hazard_place(f, out, e) < 0
	    || (out->subject_name.p == NULL && derive_subject(f->deriver, out, e) < 0) ? -1 : 0;
}

int hazard_derive_own(struct fold *f, uint32_t slot, const struct span *row, int64_t now, struct hazard *out,
    struct clock_trace *trace, struct err *e)
{
	struct deriver *d = f->deriver;

	if (d == NULL) {
		d = f->deriver = mem_alloc(sizeof *d);
		deriver_init(d, f, now);
	}
	d->now = now;
	return derive_base(d, slot, row, out, e) < 0 || derive_clock(d, out, trace, e) < 0 ? -1 : 0;
}

int hazard_place(struct fold *f, struct hazard *h, struct err *e)
{
	return h->tier < 0 ? derive_grid(f->deriver, h, e) : 0;
}

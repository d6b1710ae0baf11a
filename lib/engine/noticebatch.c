/* SPDX-License-Identifier: MIT */
#include "engine/noticebatch.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "engine/noticeearlier.h"
#include "engine/noticetext.h"
#include "engine/noticeto.h"
#include "model/clock.h"
#include "model/list.h"
#include "model/worktime.h"

void notice_batch_clear(struct notice_batch *b)
{
	for (size_t i = 0; i < b->npapers; i++)
		free(b->paper[i].line);
	free(b->paper);
	free(b->item);
	free(b->hazard);
	free(b->first);
	free(b->silencer);
	names_clear(&b->subjects);
	notice_serials_clear(&b->serials);
	arena_clear(&b->mem);
	*b = (struct notice_batch){ .office = NULL };
}

const struct notice_kind *notice_kind_find(const struct policy *p, const char *id)
{
	for (size_t i = 0; i < p->nnotices; i++)
		if (!strcmp(p->notice[i].id, id))
			return &p->notice[i];
	return NULL;
}

const struct notice_kind *notice_kind_of(struct office *o, const char *id, const struct policy **of, struct err *e)
{
	const struct policy *p = o->policy;
	const struct notice_kind *k = notice_kind_find(p, id);
	size_t n = 0;

	if (!k && office_policies(o, &n, e))
		return NULL;
	for (size_t i = n; i-- > 0 && !k; )
		k = notice_kind_find(p = office_version(o, i), id);
	if (of)
		*of = p;
	if (!k)
		err_set(e, ERR_DATA, "no version of notices.yaml has the kind \"%s\"", id);
	return k;
}

static struct span keep(struct notice_batch *b, struct span s)
{
	return (struct span){ arena_spandup(&b->mem, s), s.n };
}

/* A value of the hazard's own row. */
static struct span column(const struct hazard *h, const char *name)
{
	return h->row[schema_column(schema_table(SPAN("hazards")), span_of(name))];
}

/* What people of the place call a word. */
static const char *word(const struct vocab *w, struct span id)
{
	int i = vocab_id(w, id);

	return i >= 0 ? w->v[i].zh : "";
}

uint32_t notice_batch_hazard(struct notice_batch *b, const struct hazard *h)
{
	const struct rule *rule = h->rule >= 0 ? &h->policy->rules.v[h->rule] : NULL;

	MEM_GROW(b->hazard, b->hazards_cap, b->nhazards + 1);
	b->hazard[b->nhazards] = (struct notice_hazard){
		.id = arena_spandup(&b->mem, column(h, "hazard")),
		.owner = keep(b, h->owner),
		.person = keep(b, h->person),
		.subject = keep(b, column(h, "subject")),
		.subject_name = arena_spandup(&b->mem, h->subject_name.n ? h->subject_name : column(h, "place")),
		.place = arena_spandup(&b->mem, column(h, "place")),
		.description = arena_spandup(&b->mem, column(h, "description")),
		.category = word(&h->policy->categories, column(h, "category")),
		.state = h->policy->workflow.state[h->state].name,
		.basis = rule && rule->basis ? rule->basis : "",
		.policy = h->policy, .grid = h->grid, .due = h->due, .reported = h->reported,
		.tier = h->tier, .severity = h->severity, .supervised = h->supervised
	};
	return (uint32_t)b->nhazards++;
}

/* The office's own number of a hazard's severity; -1 unknown to it. */
static int severity_here(const struct notice_batch *b, const struct policy *p, int severity)
{
	const struct policy *own = b->office->policy;

	if (severity < 0 || p == own)
		return severity;
	return vocab_id(&own->severities, span_of(p->severities.v[severity].id));
}

void notice_batch_watch(struct notice_batch *b, const struct hazard *h, bool supervised)
{
	const struct policy *p = b->office->policy;
	struct span subject = p->ninhibits && h->phase == PHASE_OPEN ? column(h, "subject")
	    : (struct span){ NULL, 0 };
	int severity = subject.n ? severity_here(b, h->policy, h->severity) : -1;
	uint32_t before = b->subjects.n, s;
	uint64_t silences = 0;

	for (size_t i = 0; subject.n && i < p->ninhibits; i++)
		if (p->inhibit[i].supervised ? supervised : p->inhibit[i].severity == severity)
			silences |= p->inhibit[i].silences;
	if (!silences)
		return;
	s = names_add(&b->subjects, subject);
	MEM_GROW(b->first, b->first_cap, (size_t)s + 1);
	if (s == before)
		b->first[s] = UINT32_MAX;
	MEM_GROW(b->silencer, b->silencers_cap, b->nsilencers + 1);
	b->silencer[b->nsilencers] = (struct notice_silencer){ s, b->first[s], arena_spandup(&b->mem,
	    column(h, "hazard")), silences };
	b->first[s] = (uint32_t)b->nsilencers++;
}

/* Which hazard silences this one; empty when none does.  One that silences others is never silenced. */
static struct span silenced_by(const struct notice_batch *b, const struct notice_hazard *h)
{
	uint32_t s = b->nsilencers && h->subject.n ? names_find(&b->subjects, h->subject) : NAMES_NONE;
	int severity = severity_here(b, h->policy, h->severity);
	const char *by = NULL;

	if (s == NAMES_NONE || severity < 0)
		return (struct span){ NULL, 0 };
	for (uint32_t i = b->first[s]; i != UINT32_MAX; i = b->silencer[i].next) {
		if (!strcmp(b->silencer[i].hazard, h->id))
			return (struct span){ NULL, 0 };
		if (b->silencer[i].silences >> severity & 1)
			by = b->silencer[i].hazard;
	}
	return span_of(by);
}

void notice_batch_add(struct notice_batch *b, const struct notice_item *i)
{
	MEM_GROW(b->item, b->items_cap, b->nitems + 1);
	b->item[b->nitems++] = *i;
}

/* A new paper, without lines. */
static struct notice_paper *new_paper(struct notice_batch *b, const struct notice_kind *k, struct span issuer,
    struct span receiver)
{
	MEM_GROW(b->paper, b->papers_cap, b->npapers + 1);
	b->paper[b->npapers] = (struct notice_paper){ .kind = k, .issuer = issuer, .receiver = receiver,
	    .id = "", .number = "",
		.key = "", .title = "", .at = b->now, .due = TIME_NONE };
	return &b->paper[b->npapers++];
}

struct notice_paper *notice_batch_letter(struct notice_batch *b, const struct notice_kind *k,
    struct span issuer, struct span receiver)
{
	return new_paper(b, k, issuer, receiver);
}

static void add_line(struct notice_batch *b, struct notice_paper *p, uint32_t hazard, const char *note,
    struct span silenced)
{
	const struct notice_hazard *h = &b->hazard[hazard];

	MEM_GROW(p->line, p->cap, p->nlines + 1);
	p->line[p->nlines++] = (struct notice_line){ hazard, h->due, h->due != TIME_NONE && b->now > h->due,
	    silenced, note, NULL };
}

/* The number of the paper an item belongs to, by kind, issuer, receiver and what else it is bundled by. */
static uint32_t paper_of(struct notice_batch *b, struct names *keys, const struct notice_item *i)
{
	struct buf key = BUF_INIT;
	uint32_t before = keys->n, k;

	buf_printf(&key, "%s\n", i->kind->id);
	buf_span(&key, i->issuer);
	buf_putc(&key, '\n');
	buf_span(&key, i->receiver);
	buf_putc(&key, '\n');
	buf_span(&key, i->group);
	if (i->kind->alone || i->alone)
		buf_printf(&key, "\n%s", b->hazard[i->hazard].id);
	k = names_add(keys, buf_view(&key));
	buf_clear(&key);
	if (k == before)
		new_paper(b, i->kind, i->issuer, i->receiver)->key = i->key;
	return k;
}

/* Who gets it, the subject where it is one, when a reply is wanted, the title. */
static int finish(struct notice_batch *b, struct notice_paper *p, struct err *e)
{
	bool letter = p->nlines && p->line[0].hazard == NOTICE_NO_HAZARD;
	const struct notice_hazard *h = p->nlines && !letter ? &b->hazard[p->line[0].hazard] : NULL;
	int32_t day = time_day(b->now, b->office->reg->offset);
	struct span subject = h ? h->subject : (struct span){ NULL, 0 };
	struct worktime work = { b->office->policy->calendar, CALENDAR_WALL, "", b->office->reg->offset };
	struct buf title = BUF_INIT;
	bool held;
	int rc = 0;

	for (size_t i = 1; i < p->nlines && subject.n && h; i++)
		if (!span_eq(subject, b->hazard[p->line[i].hazard].subject))
			subject = (struct span){ NULL, 0 };
	if (h)
		p->subject = subject;
	if (*p->kind->post)
		rc = notice_post(b->office, p->receiver, p->kind->post, day, &p->person, e);
	else if (h && p->nlines == 1)
		p->person = h->person;
	if (!rc && p->kind->answers)
		rc = clock_due(b->now, p->kind->answer, NULL, 0, b->now, b->office->reg->offset, &work,
		    &p->due, &held, NULL, e);
	if (b->title)
		p->title = b->title;
	if (rc || *p->title)
		return rc;
	rc = notice_title(b, p, &title, e);
	p->title = arena_strdup(&b->mem, title.p ? title.p : "");
	buf_clear(&title);
	return rc;
}

/* Subjects whose silenced hazards are looked for. */
struct hunt {
	struct notice_batch *b;
	const struct names *subjects;
};

static int on_open(void *arg, const struct hazard *h, const struct span *v)
{
	struct hunt *x = arg;

	if (names_find(x->subjects, v[0]) != NAMES_NONE)
		notice_batch_hazard(x->b, h);
	return 0;
}

/* All open hazards of these subjects, as hazards of the batch from number *from on. */
static int find_open(struct notice_batch *b, struct fold *f, const struct names *subjects, size_t *from,
    struct err *e)
{
	struct list_columns *all = list_columns_new(b->office->policy);
	int col[2] = { list_column(all, SPAN("subject"), e), list_column(all, SPAN("due"), e) };
	struct hunt x = { b, subjects };
	struct filter open = { .v = NULL };
	struct list_want want = { .columns = all, .col = col, .n = 2, .filter = &open, .now = b->now,
	    .hazard = true, .nthreads = 1 };
	void *arg = &x;
	int rc = filter_in(&open, list_column(all, SPAN("phase"), e), "phase", "open", NULL, e);

	*from = b->nhazards;
	if (!rc)
		rc = list_run(f, &want, on_open, &arg, e);
	filter_clear(&open);
	list_columns_free(all);
	return rc;
}

/* The subjects of the silencers on a paper. */
static void silencers_on(const struct notice_batch *b, const struct notice_paper *p, struct names *subjects)
{
	for (size_t i = 0; i < p->nlines && p->line[i].hazard != NOTICE_NO_HAZARD; i++) {
		const struct notice_hazard *h = &b->hazard[p->line[i].hazard];
		uint32_t s = h->subject.n ? names_find(&b->subjects, h->subject) : NAMES_NONE;

		for (uint32_t k = s == NAMES_NONE ? UINT32_MAX
		    : b->first[s]; k != UINT32_MAX; k = b->silencer[k].next)
			if (!strcmp(b->silencer[k].hazard, h->id))
				names_add(subjects, h->subject);
	}
}

/* Annexes: on each paper that names a silencer, what it silences of its subject. */
static int annex(struct notice_batch *b, struct fold *f, struct err *e)
{
	struct names all = { .n = 0 };
	size_t from = 0;
	int rc = 0;

	for (size_t i = 0; i < b->npapers; i++)
		silencers_on(b, &b->paper[i], &all);
	if (all.n)
		rc = find_open(b, f, &all, &from, e);
	for (size_t i = 0; i < b->npapers && all.n && !rc; i++) {
		struct notice_paper *p = &b->paper[i];
		struct names own = { .n = 0 };

		silencers_on(b, p, &own);
		for (size_t k = from; k < b->nhazards; k++) {
			struct span by = silenced_by(b, &b->hazard[k]);

			if (by.n && names_find(&own, b->hazard[k].subject) != NAMES_NONE) {
				add_line(b, p, (uint32_t)k, "", by);
				p->nannexed++;
			}
		}
		names_clear(&own);
	}
	names_clear(&all);
	return rc;
}

int notice_batch_make(struct notice_batch *b, struct fold *f, struct err *e)
{
	struct names keys = { .n = 0 };
	size_t letters = b->npapers;
	int rc = 0;

	for (size_t i = 0; i < b->nitems; i++) {
		struct notice_item *x = &b->item[i];
		uint32_t k;

		x->silenced_by = silenced_by(b, &b->hazard[x->hazard]);
		if (x->silenced_by.n)
			continue;
		k = paper_of(b, &keys, x);
		add_line(b, &b->paper[letters + k], x->hazard, x->note, (struct span){ NULL, 0 });
	}
	names_clear(&keys);
	rc = notice_earlier_find(b, UINT64_MAX, e);
	for (size_t i = 0; i < b->npapers && !rc; i++)
		rc = finish(b, &b->paper[i], e);
	return rc || !b->nsilencers ? rc : annex(b, f, e);
}

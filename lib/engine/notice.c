/* SPDX-License-Identifier: MIT */
#include "engine/notice.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "register/ledger.h"

const char *const notice_columns[NOTICE_COLUMNS] = {
	"notice", "kind", "number", "issuer", "receiver", "line", "hazard", "due", "overdue", "title", "note"
};

#define ROW_MAX 40	/* more columns than any ledger has */

/* A row under construction: values by column name. */
struct row {
	const struct table *t;
	struct span f[ROW_MAX];
};

static struct row row_of(const char *table)
{
	return (struct row){ .t = schema_table(span_of(table)) };
}

static void set(struct row *r, const char *column, struct span value)
{
	r->f[schema_column(r->t, span_of(column))] = value;
}

/* The prefix, year and serial of 永安办督〔2026〕12号; false for a number of another form. */
static bool number_parse(struct span number, struct span *prefix, int *year, uint64_t *serial)
{
	static const char open[] = "〔", close[] = "〕", end[] = "号";
	const char *a = memmem(number.p, number.n, open, 3), *b = memmem(number.p, number.n, close, 3);
	uint64_t y;

	if (!a || !b || b < a || number.n < 3 || memcmp(number.p + number.n - 3, end, 3))
		return false;
	if (!span_u64((struct span){ a + 3, (size_t)(b - a - 3) }, 9999, &y) ||
	    !span_u64((struct span){ b + 3, (size_t)(number.p + number.n - 3 - (b + 3)) }, UINT32_MAX, serial))
		return false;
	*prefix = (struct span){ number.p, (size_t)(a - number.p) };
	*year = (int)y;
	return true;
}

/* Where the last serial of a prefix and year is kept. */
static uint64_t *slot(struct notice_serials *s, struct span prefix, int year)
{
	struct buf key = BUF_INIT;
	uint32_t before = s->keys.n, k;

	buf_printf(&key, "%04d", year);
	buf_span(&key, prefix);
	k = names_add(&s->keys, buf_view(&key));
	buf_clear(&key);
	MEM_GROW(s->last, s->cap, (size_t)k + 1);
	if (k == before)
		s->last[k] = 0;
	return &s->last[k];
}

static int on_notice(void *arg, const struct scan_row *row)
{
	uint64_t serial, *last;
	struct span prefix;
	int year;

	if (number_parse(row->f[0], &prefix, &year, &serial)) {
		last = slot(arg, prefix, year);
		if (serial > *last)
			*last = serial;
	}
	return 0;
}

int notice_serials_load(struct notice_serials *s, struct reg *r, const struct moment *m, struct err *e)
{
	int col = schema_column(schema_table(SPAN("notices")), SPAN("number"));
	void *arg = s;

	return ledger_scan(r, m, "notices", &col, 1, on_notice, &arg, 1, e);
}

void notice_serials_clear(struct notice_serials *s)
{
	names_clear(&s->keys);
	free(s->last);
	*s = (struct notice_serials){ .last = NULL };
}

uint64_t notice_serial(struct notice_serials *s, struct span prefix, int year)
{
	return ++*slot(s, prefix, year);
}

/* Which step an act is recorded as: an escalation that leads nowhere is a reminder. */
static const char *step_of(const struct escalate_act *a)
{
	switch (a->act) {
	case RUNG_ESCALATE:
		return a->tier >= 0 ? "escalate" : "remind";
	case RUNG_SUPERVISE:
		return "supervise";
	default:
		return "remind";
	}
}

/* 应于…,停机补发 when sweeps were missed. */
static void missed_note(const struct escalate_act *a, int offset, struct buf *out)
{
	char at[TIME_LEN + 1];

	if (!a->missed)
		return;
	time_write(a->fell, offset, at);
	buf_printf(out, "应于%s,停机补发,此前漏发%u次", at, a->missed);
}

/* The event of one act. */
static int record_event(struct commit *c, struct office *o, int64_t now, const struct escalate_act *a,
    const struct notice_hazard *h, struct err *e)
{
	struct row r = row_of("events");
	struct buf note = BUF_INIT;
	char id[ID_MAX], at[TIME_LEN + 1];

	if (workflow_step(&h->policy->workflow, step_of(a), strlen(step_of(a))) < 0)
		return err_set(e, ERR_DATA, "%s: rule %s wants the step \"%s\", which workflow.yaml does not have", h->id,
		    a->rule->id, step_of(a));
	commit_mint(c, r.t, id);
	time_write(now, o->reg->offset, at);
	missed_note(a, o->reg->offset, &note);
	set(&r, "event", span_of(id));
	set(&r, "at", span_of(at));
	set(&r, "hazard", span_of(h->id));
	set(&r, "step", span_of(step_of(a)));
	set(&r, "actor", SPAN("sweep"));
	if (a->tier >= 0) {
		set(&r, "tier", span_of(h->policy->levels.v[a->tier].id));
		set(&r, "owner", a->owner);
		if (a->owner.n && !span_eq(a->owner, h->owner))
			set(&r, "assist", h->owner);
	}
	set(&r, "key", span_of(a->key));
	set(&r, "reason", span_of(a->rule->basis ? a->rule->basis : ""));
	set(&r, "note", note.n ? buf_view(&note) : (struct span){ NULL, 0 });
	commit_append(c, r.t, r.f);
	buf_clear(&note);
	return 0;
}

static const struct notice_kind *kind_of(const struct escalate_act *a, const struct notice_hazard *h)
{
	for (size_t i = 0; a->rung->notice && i < h->policy->nnotices; i++)
		if (!strcmp(h->policy->notice[i].id, a->rung->notice))
			return &h->policy->notice[i];
	return NULL;
}

/* Acts sorted into papers: same kind, issuer and receiver. */
#define NO_ACT SIZE_MAX
struct bundles {
	struct names keys;
	struct bundle { size_t first, last, count; } *v;
	size_t cap;
	size_t *next;		/* by act: the next one on the same paper */
};

static void bundle(struct bundles *b, const struct escalate_acts *acts)
{
	struct buf key = BUF_INIT;

	b->next = mem_zalloc(acts->n + 1, sizeof *b->next);
	for (size_t i = 0; i < acts->n; i++) {
		const struct escalate_act *a = &acts->v[i];
		uint32_t before = b->keys.n, k;

		b->next[i] = NO_ACT;
		if (!a->rung->notice)
			continue;
		buf_reset(&key);
		buf_printf(&key, "%s\n", a->rung->notice);
		buf_span(&key, a->issuer);
		buf_putc(&key, '\n');
		buf_span(&key, a->receiver);
		k = names_add(&b->keys, buf_view(&key));
		MEM_GROW(b->v, b->cap, (size_t)k + 1);
		if (k == before)
			b->v[k] = (struct bundle){ i, i, 0 };
		else
			b->next[b->v[k].last] = i;
		b->v[k].last = i;
		b->v[k].count++;
	}
	buf_clear(&key);
}

static void bundles_clear(struct bundles *b)
{
	names_clear(&b->keys);
	free(b->v);
	free(b->next);
}

/* The title of a paper: {hazard} {subject} {count} and {days} overdue put in. */
static void write_title(const struct notice_kind *k, const struct notice_hazard *h, size_t count, int64_t now, struct buf *out)
{
	char many[32], *subject = h->subject_name;

	snprintf(many, sizeof many, "%zu", count);
	for (const char *p = k->title ? k->title : k->name; *p; ) {
		if (!strncmp(p, "{hazard}", 8)) {
			buf_puts(out, h->id);
			if (count > 1)
				buf_printf(out, "等%zu项", count);
			p += 8;
		} else if (!strncmp(p, "{subject}", 9)) {
			buf_puts(out, subject ? subject : "");
			p += 9;
		} else if (!strncmp(p, "{days}", 6)) {
			buf_printf(out, "%lld", (long long)(now > h->due ? (now - h->due) / TIME_DAY : 0));
			p += 6;
		} else if (!strncmp(p, "{count}", 7)) {
			buf_puts(out, many);
			p += 7;
		} else
			buf_putc(out, *p++);
	}
}

struct paper {
	struct commit *c;
	struct office *o;
	int64_t now;
	const struct escalate_acts *acts;
	const struct notice_hazard *hazards;
	notice_line_fn *on_line;
	void *arg;
	char id[ID_MAX], number[128];
	struct buf title;
};

/* One line of a paper, recorded and handed on for printing. */
static void record_line(struct paper *p, const struct escalate_act *a, size_t line)
{
	const struct notice_hazard *h = &p->hazards[a->hazard];
	struct row r = row_of("notice-lines");
	struct buf note = BUF_INIT;
	struct span overdue = p->now > h->due ? SPAN("yes") : (struct span){ NULL, 0 };
	char due[TIME_LEN + 1], number[24];

	time_write(h->due, p->o->reg->offset, due);
	snprintf(number, sizeof number, "%zu", line);
	missed_note(a, p->o->reg->offset, &note);
	set(&r, "notice", span_of(p->id));
	set(&r, "line", span_of(number));
	set(&r, "hazard", span_of(h->id));
	set(&r, "due", span_of(due));
	set(&r, "overdue", overdue);
	set(&r, "note", note.n ? buf_view(&note) : (struct span){ NULL, 0 });
	commit_append(p->c, r.t, r.f);
	if (p->on_line) {
		const struct span v[NOTICE_COLUMNS] = { span_of(p->id), span_of(a->rung->notice), span_of(p->number), a->issuer,
		    a->receiver, span_of(number), span_of(h->id), span_of(due), overdue, buf_view(&p->title),
		    note.n ? buf_view(&note) : (struct span){ NULL, 0 } };

		p->on_line(p->arg, v);
	}
	buf_clear(&note);
}

/* One paper: its row, then a line for each act on it. */
static int record_paper(struct paper *p, const struct bundles *b, const struct bundle *bundle, struct notice_serials *serials,
    struct err *e)
{
	const struct escalate_act *a = &p->acts->v[bundle->first];
	const struct notice_hazard *h = &p->hazards[a->hazard];
	const struct notice_kind *k = kind_of(a, h);
	bool one = bundle->count == 1;
	struct row r = row_of("notices");
	char at[TIME_LEN + 1];
	size_t line = 0;
	int year, m, d;

	if (!k)
		return err_set(e, ERR_DATA, "%s: rule %s issues the notice \"%s\", which notices.yaml does not have", h->id,
		    a->rule->id, a->rung->notice);
	date_civil(time_day(p->now, p->o->reg->offset), &year, &m, &d);
	commit_mint(p->c, r.t, p->id);
	time_write(p->now, p->o->reg->offset, at);
	snprintf(p->number, sizeof p->number, "%s〔%d〕%llu号", k->prefix ? k->prefix : "", year,
	    (unsigned long long)notice_serial(serials, span_of(k->prefix ? k->prefix : ""), year));
	buf_reset(&p->title);
	write_title(k, h, bundle->count, p->now, &p->title);
	set(&r, "notice", span_of(p->id));
	set(&r, "at", span_of(at));
	set(&r, "kind", span_of(k->id));
	set(&r, "number", span_of(p->number));
	set(&r, "issuer", a->issuer);
	set(&r, "receiver", a->receiver);
	set(&r, "person", one ? h->person : (struct span){ NULL, 0 });
	set(&r, "subject", one ? h->subject : (struct span){ NULL, 0 });
	set(&r, "key", span_of(a->key));
	set(&r, "title", buf_view(&p->title));
	commit_append(p->c, r.t, r.f);
	for (size_t i = bundle->first; i != NO_ACT; i = b->next[i])
		record_line(p, &p->acts->v[i], ++line);
	return 0;
}

int notice_record(struct commit *c, struct office *o, int64_t now, const struct escalate_acts *acts,
    const struct notice_hazard *hazards, struct notice_serials *serials, notice_line_fn *on_line, void *arg, struct err *e)
{
	struct paper p = { .c = c, .o = o, .now = now, .acts = acts, .hazards = hazards, .on_line = on_line, .arg = arg };
	struct bundles b = { .v = NULL };
	int rc = 0;

	for (size_t i = 0; i < acts->n && !rc; i++)
		rc = record_event(c, o, now, &acts->v[i], &hazards[acts->v[i].hazard], e);
	bundle(&b, acts);
	for (uint32_t i = 0; i < b.keys.n && !rc; i++)
		rc = record_paper(&p, &b, &b.v[i], serials, e);
	bundles_clear(&b);
	buf_clear(&p.title);
	return rc;
}

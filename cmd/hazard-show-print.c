/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "hazard-show.h"
#include "output/sheet.h"

static struct span column(const struct table *t, const struct span *f, const char *name)
{
	return f[schema_column(t, span_of(name))];
}

static struct span of_row(const struct shown *x, const char *name)
{
	return column(schema_table(SPAN("hazards")), x->h.row, name);
}

void shown_line(struct buf *out, const char *label, const struct buf *text)
{
	struct buf shown = BUF_INIT;

	if (text->n) {
		text_unfold(&shown, buf_view(text));
		buf_printf(out, "%-12s", label);
		text_escape(out, buf_view(&shown), true);
		buf_putc(out, '\n');
	}
	buf_clear(&shown);
}

void shown_named(const struct shown *x, const char *table, struct span id, struct buf *out)
{
	struct err ignored = ERR_INIT;
	struct master *m = id.n ? office_master(x->s->office, table, &ignored) : NULL;
	struct master_row row;

	buf_span(out, id);
	if (m && master_find(m, id, DATE_NONE, &row, &ignored) == 1) {
		struct span name = column(master_table(m), row.f, "name");

		if (name.n) {
			buf_putc(out, ' ');
			buf_span(out, name);
		}
	}
}

/* A word of a vocabulary: its name with the id behind it. */
static void word(const struct policy *p, const char *vocabulary, struct span id, struct buf *out)
{
	const struct vocab *w = policy_vocab(p, vocabulary);
	int i = w ? vocab_id(w, id) : -1;

	if (i >= 0)
		buf_printf(out, "%s (%s)", w->v[i].name, w->v[i].id);
	else
		buf_span(out, id);
}

void shown_time(const struct shown *x, int64_t t, struct buf *out)
{
	char at[TIME_LEN + 1];

	time_write(t, x->s->office->reg->offset, at);
	buf_puts(out, at);
}

/* The units a hazard lies in, from its own grid upwards. */
static void put_grid(const struct shown *x, struct buf *out)
{
	struct err ignored = ERR_INIT;
	const struct grid_tree *tree = x->h.grid != NULL ? office_grids_of(x->s->office, x->h.grid->id, &ignored) : NULL;
	int32_t day = time_day(x->h.reported, x->s->office->reg->offset);

	buf_span(out, of_row(x, "grid"));
	for (const struct grid_node *g = x->h.grid; tree && g; g = grid_parent(tree, g, day)) {
		buf_puts(out, g == x->h.grid ? " " : " < ");
		buf_span(out, g->name);
	}
}

void shown_due(const struct shown *x, struct buf *out)
{
	const struct hazard *h = &x->h;

	if (h->due == TIME_NONE) {
		buf_puts(out, "none");
		return;
	}
	shown_time(x, h->due, out);
	if (h->first_due != TIME_NONE && h->first_due != h->due) {
		buf_puts(out, ", at first ");
		shown_time(x, h->first_due, out);
	}
	buf_puts(out, h->held ? ", clock stopped" : h->overdue ? ", overdue" : "");
}

static void head(const struct shown *x, struct buf *out)
{
	const struct hazard *h = &x->h;
	const struct policy *p = h->policy;
	const struct wf_state *state = &p->workflow.state[h->state];

	SHOWN("hazard", buf_span(&t_, of_row(x, "hazard")));
	SHOWN("state", buf_printf(&t_, "%s (%s, %s)", state->name, state->id, wf_phase_name[h->phase]);
	    if (h->round > 1) buf_printf(&t_, ", round %u", h->round);
	    if (h->supervised) buf_puts(&t_, ", supervised"));
	SHOWN("severity", if (h->severity >= 0) word(p, "severity", span_of(p->severities.v[h->severity].id), &t_));
	SHOWN("category", word(p, "category", of_row(x, "category"), &t_));
	SHOWN("grid", put_grid(x, &t_));
	SHOWN("tier", if (h->tier >= 0) buf_printf(&t_, "%s (%s)", p->levels.v[h->tier].name, p->levels.v[h->tier].id));
	SHOWN("subject", shown_named(x, "subjects", of_row(x, "subject"), &t_));
	SHOWN("place", buf_span(&t_, of_row(x, "place")));
	SHOWN("found", if (h->found != TIME_NONE) shown_time(x, h->found, &t_));
	SHOWN("reported", shown_time(x, h->reported, &t_); buf_puts(&t_, " by ");
	    shown_named(x, "officers", of_row(x, "reporter"), &t_);
	    if (of_row(x, "source").n) { buf_puts(&t_, ", "); word(p, "source", of_row(x, "source"), &t_); });
	SHOWN("owner", shown_named(x, "organs", h->owner, &t_));
	SHOWN("person", shown_named(x, "officers", h->person, &t_));
	SHOWN("due", shown_due(x, &t_));
	SHOWN("rectified", if (h->rectified != TIME_NONE) shown_time(x, h->rectified, &t_));
	SHOWN("closed", if (h->closed != TIME_NONE) { shown_time(x, h->closed, &t_); buf_puts(&t_, " by ");
	    shown_named(x, "officers", h->closed_by, &t_); });
	SHOWN("ref", buf_span(&t_, of_row(x, "ref")));
	SHOWN("description", buf_span(&t_, of_row(x, "description")));
}

/* The columns of events.csv that a line of the timeline asks for, and what was found for the line before. */
struct lines {
	int event, at, step, actor, key;
	bool elsewhere[64];	/* by column: stands elsewhere in the line */
	struct span *undone;	/* events that a later one took back */
	size_t nundone, cap;
	struct span who;	/* the actor of the line before, and what was written for him */
	struct buf name;
};

/* Look once at what every line needs. */
static void lines_start(struct lines *l, const struct shown *x)
{
	static const char *const elsewhere[] = { "event", "commit", "at", "hazard", "step", "actor", "key" };
	const struct table *t = x->events.t;

	*l = (struct lines){ schema_column(t, SPAN("event")), schema_column(t, SPAN("at")), schema_column(t, SPAN("step")),
	    schema_column(t, SPAN("actor")), schema_column(t, SPAN("key")), .undone = NULL };
	for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
		l->elsewhere[schema_column(t, span_of(elsewhere[i]))] = true;
	for (size_t i = 0; i < x->events.n; i++) {
		const struct span *f = x->events.f + i * (size_t)t->ncolumns;

		if (!span_is(f[l->step], "retract"))
			continue;
		MEM_GROW(l->undone, l->cap, l->nundone + 1);
		l->undone[l->nundone++] = f[l->key];
	}
}

/* Was this event undone by a later one? */
static bool retracted(const struct lines *l, struct span event)
{
	for (size_t i = 0; i < l->nundone; i++)
		if (span_eq(l->undone[i], event))
			return true;
	return false;
}

/* The actor with his name: mostly the one of the line before. */
static struct span actor(struct lines *l, const struct shown *x, struct span id)
{
	if (l->name.n == 0 || !span_eq(l->who, id)) {
		buf_reset(&l->name);
		shown_named(x, "officers", id, &l->name);
		l->who = id;
	}
	return buf_view(&l->name);
}

/* Was this row of the sweep made groundless by a late entry? */
static bool late(const struct lines *l, const struct shown *x, const struct span *f)
{
	const struct hazard_side *side = fold_side(x->fold, 0);
	int64_t at;

	if (!side || !span_is(f[l->actor], "sweep") ||
	    !time_read(f[l->at], x->s->office->reg->offset, &at))
		return false;
	for (uint32_t i = 0; i < side->ntiers; i++)
		if (side->tier[i].late && side->tier[i].sweep && side->tier[i].at == at)
			return true;
	return false;
}

/* What a step said, column by column, left out what stands elsewhere in the line. */
static void said(const struct lines *l, const struct shown *x, const struct span *f, struct buf *out)
{
	for (int c = 0; c < x->events.t->ncolumns; c++) {
		if (f[c].n == 0 || l->elsewhere[c])
			continue;
		buf_printf(out, "%s%s=", out->n ? " " : "", x->events.t->columns[c].name);
		buf_span(out, f[c]);
	}
	if (span_is(f[l->step], "retract"))
		buf_printf(out, "%sundoes %.*s", out->n ? " " : "", (int)f[l->key].n, f[l->key].p);
}

static void timeline(const struct shown *x, struct buf *out)
{
	const struct workflow *w = &x->h.policy->workflow;
	struct lines l;
	struct sheet s;

	lines_start(&l, x);
	sheet_init(&s);
	sheet_add_column(&s, (struct sheet_column){ .name = "at" });
	sheet_add_column(&s, (struct sheet_column){ .name = "step" });
	sheet_add_column(&s, (struct sheet_column){ .name = "actor" });
	sheet_add_column(&s, (struct sheet_column){ .name = "said" });
	for (size_t i = 0; i < x->events.n; i++) {
		const struct span *f = x->events.f + i * (size_t)x->events.t->ncolumns;
		struct span id = f[l.step];
		int step = workflow_step(w, id.p, id.n);
		struct buf text = BUF_INIT;

		sheet_add_row(&s);
		sheet_put(&s, 0, f[l.at]);
		buf_printf(&text, "%.*s %s", (int)id.n, id.p, step >= 0 ? w->step[step].name : "");
		sheet_put(&s, 1, buf_view(&text));
		sheet_put(&s, 2, actor(&l, x, f[l.actor]));
		buf_reset(&text);
		if (retracted(&l, f[l.event]))
			buf_puts(&text, "[retracted]");
		if (late(&l, x, f))
			buf_puts(&text, "[late 晚录]");
		said(&l, x, f, &text);
		sheet_put(&s, 3, buf_view(&text));
		buf_clear(&text);
	}
	if (x->events.n) {
		buf_putc(out, '\n');
		sheet_text(&s, 0, out);
	}
	sheet_clear(&s);
	buf_clear(&l.name);
	free(l.undone);
}

/* How a measure stands. */
static void put_state(const struct shown *x, const struct measure *m, struct buf *out)
{
	struct span due = measure_value(m, "due");
	bool late = due.n > 0 && time_trust(due.p, x->s->office->reg->offset) < x->s->now;

	if (!measure_counts(m)) {
		buf_puts(out, "replaced by ");
		buf_span(out, measure_id(&x->measures.v[m->by]));
	} else if (m->done != TIME_NONE) {
		buf_puts(out, "done ");
		shown_time(x, m->done, out);
	} else {
		buf_puts(out, late && (x->h.phase == PHASE_OPEN || x->h.phase == PHASE_DONE) ? "overdue" : "open");
	}
}

/* A table that begins with the columns of a ledger that say something. */
static void sheet_begin(struct sheet *s, const char *const *names, size_t n)
{
	sheet_init(s);
	for (size_t c = 0; c < n; c++)
		sheet_add_column(s, (struct sheet_column){ .name = names[c] });
}

/* The measures: those that count and those that were replaced, and which are done. */
static void measures(const struct shown *x, struct buf *out)
{
	static const char *const names[] = { "measure", "no", "owner", "person", "due", "state", "text" };
	const size_t n = sizeof names / sizeof *names;
	const struct table *t = schema_table(SPAN("measures"));
	struct sheet s;

	if (x->measures.n == 0)
		return;
	sheet_begin(&s, names, n);
	for (size_t i = 0; i < x->measures.n; i++) {
		const struct measure *m = &x->measures.v[i];
		struct buf state = BUF_INIT;

		sheet_add_row(&s);
		put_state(x, m, &state);
		for (size_t c = 0; c < n; c++)
			sheet_put(&s, c, strcmp(names[c], "state") == 0 ? buf_view(&state) : column(t, m->f, names[c]));
		buf_clear(&state);
	}
	buf_puts(out, "\nmeasures\n");
	sheet_text(&s, 0, out);
	sheet_clear(&s);
}

/* The evidence: the columns that say something. */
static void evidence(const struct shown *x, struct buf *out)
{
	/* the measure, which a hazard without any has no column for, stands behind the id */
	static const char *const all[] = { "evidence", "measure", "phase", "bytes", "sha256", "file" },
	    *const plain[] = { "evidence", "phase", "bytes", "sha256", "file" };
	const char *const *names = x->measures.n > 0 ? all : plain;
	const size_t n = x->measures.n > 0 ? 6 : 5;
	const struct shown_rows *r = &x->evidence;
	struct sheet s;

	if (r->n == 0)
		return;
	sheet_begin(&s, names, n);
	for (size_t i = 0; i < r->n; i++) {
		sheet_add_row(&s);
		for (size_t c = 0; c < n; c++)
			sheet_put(&s, c, column(r->t, r->f + i * (size_t)r->t->ncolumns, names[c]));
	}
	buf_puts(out, "\nevidence\n");
	sheet_text(&s, 0, out);
	sheet_clear(&s);
}

void shown_text(const struct shown *x, struct buf *out)
{
	head(x, out);
	timeline(x, out);
	measures(x, out);
	evidence(x, out);
	if (x->explain)
		shown_explain(x, out);
}

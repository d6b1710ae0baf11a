/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "engine/policyrunint.h"
#include "model/office.h"
#include "register/ledger.h"

/* A paper or an act that was recorded since somebody looked. */
enum { PAPER_KIND, PAPER_RECEIVER, PAPER_ISSUER, PAPER_PERSON, PAPER_NUMBER, PAPER_N };
static const char *const paper_keys[PAPER_N] = { "kind", "receiver", "issuer", "person", "number" };

struct paper {
	char *f[PAPER_N], *id;
	struct names hazards, silenced;	/* refs, or ids of hazards that have none */
	bool matched;
};
struct papers {
	struct policyrun_case *c;
	struct paper *v;
	size_t n, cap, seen, skip;
	struct names ids;		/* number is that of v */
};

/* What the case calls a hazard. */
static struct span ref_of(const struct policyrun_case *c, struct span id)
{
	for (uint32_t i = 0; i < c->refs.n; i++)
		if (span_is(id, c->id[i]))
			return names_at(&c->refs, i);
	return id;
}

/* A row of notices.csv. */
static int on_notice(void *arg, const struct scan_row *row)
{
	struct papers *p = arg;
	struct paper *x;

	if (p->seen++ < p->skip)
		return 0;
	MEM_GROW(p->v, p->cap, p->n + 1);
	x = &p->v[p->n++];
	*x = (struct paper){ .id = mem_spandup(row->f[PAPER_N]) };
	for (int i = 0; i < PAPER_N; i++)
		x->f[i] = mem_spandup(row->f[i]);
	names_add(&p->ids, row->f[PAPER_N]);
	return 0;
}

/* A row of notice-lines.csv: notice, hazard, silenced_by. */
static int on_line(void *arg, const struct scan_row *row)
{
	struct papers *p = arg;
	uint32_t at = names_find(&p->ids, row->f[0]);

	if (at != NAMES_NONE && row->f[1].n > 0)
		names_add(row->f[2].n > 0 ? &p->v[at].silenced : &p->v[at].hazards, ref_of(p->c, row->f[1]));
	return 0;
}

/* The papers behind those that were looked at before. */
static int read_papers(struct papers *p, struct err *e)
{
	const struct table *n = schema_table(SPAN("notices")), *l = schema_table(SPAN("notice-lines"));
	int cols[PAPER_N + 1],
	    lcols[3] = { schema_column(l, SPAN("notice")), schema_column(l, SPAN("hazard")),
		    schema_column(l, SPAN("silenced_by")) };
	struct office *o = office_open(p->c->reg.p, NULL, e);
	void *args = p;
	int result = -1;

	for (int i = 0; i < PAPER_N; i++)
		cols[i] = schema_column(n, span_of(paper_keys[i]));
	cols[PAPER_N] = n->key;
	p->skip = p->c->notices;
	if (o != NULL && ledger_scan(o->reg, &o->at, "notices", cols, PAPER_N + 1, on_notice, &args, 1, e) == 0
	    && ledger_scan(o->reg, &o->at, "notice-lines", lcols, 3, on_line, &args, 1, e) == 0)
		result = 0;
	p->c->notices = p->seen;
	office_close(o);
	return result;
}

/* Does a list name just these? */
static bool same_set(const struct yaml_node *list, const struct names *found)
{
	if (list->n != found->n)
		return false;
	for (size_t i = 0; i < list->n; i++)
		if (names_find(found, list->item[i]->text) == NAMES_NONE)
			return false;
	return true;
}

/* Is the paper what is wanted, in all that is said of it? */
static bool is_wanted(const struct yaml_node *want, const struct paper *x)
{
	const struct yaml_node *hazards = yaml_get(want, "hazards"), *silenced = yaml_get(want, "silenced"), *one;

	for (int i = 0; i < PAPER_N; i++)
		if ((one = yaml_get(want, paper_keys[i])) != NULL && !span_is(one->text, x->f[i])
		    && !(span_is(one->text, "none") && x->f[i][0] == '\0'))
			return false;
	return (hazards == NULL || same_set(hazards, &x->hazards))
	    && (silenced == NULL || same_set(silenced, &x->silenced));
}

static void put_names(struct buf *out, const char *before, const struct names *names)
{
	for (uint32_t i = 0; i < names->n; i++)
		buf_printf(out, "%s%.*s", i ? ", " : before, (int)names_at(names, i).n, names_at(names, i).p);
}

/* A paper in words. */
static void put_paper(struct buf *out, const struct paper *x)
{
	buf_printf(out, "#   + {kind: %s, receiver: %s", x->f[PAPER_KIND],
	    x->f[PAPER_RECEIVER][0] ? x->f[PAPER_RECEIVER] : "none");
	if (x->f[PAPER_ISSUER][0])
		buf_printf(out, ", issuer: %s", x->f[PAPER_ISSUER]);
	put_names(out, ", hazards: [", &x->hazards);
	buf_puts(out, x->hazards.n ? "]" : "");
	put_names(out, ", silenced: [", &x->silenced);
	buf_puts(out, x->silenced.n ? "]}\n" : "}\n");
}

/* What was wanted of a paper, as it stands in the test. */
static void put_wanted(struct buf *out, const struct yaml_node *want)
{
	buf_puts(out, "#   - {");
	for (size_t i = 0; i < want->n; i++) {
		const struct yaml_node *v = want->item[i];

		buf_printf(out, "%s%s: %s", i ? ", " : "", yaml_text(want->key[i]),
		    v->kind == YAML_LIST ? "[" : yaml_text(v));
		for (size_t k = 0; v->kind == YAML_LIST && k < v->n; k++)
			buf_printf(out, "%s%s", k ? ", " : "", yaml_text(v->item[k]));
		buf_puts(out, v->kind == YAML_LIST ? "]" : "");
	}
	buf_puts(out, "}\n");
}

/* Find each wanted paper among those not taken yet. */
static void match_papers(struct papers *p, const struct yaml_node *want, struct buf *diff)
{
	for (size_t i = 0; i < want->n; i++) {
		size_t k = 0;

		while (k < p->n && (p->v[k].matched || !is_wanted(want->item[i], &p->v[k])))
			k++;
		if (k < p->n)
			p->v[k].matched = true;
		else
			put_wanted(diff, want->item[i]);
	}
	for (size_t k = 0; k < p->n; k++)
		if (!p->v[k].matched)
			put_paper(diff, &p->v[k]);
}

int policyrun_notices(struct policyrun_case *c, const struct yaml_node *want, const char *when, struct err *e)
{
	struct papers p = { .c = c };
	struct buf diff = BUF_INIT;
	int result = read_papers(&p, e);

	if (result == 0)
		match_papers(&p, want, &diff);
	if (diff.n > 0) {
		policyrun_fail(c, want, "notices at %s: expected (-) and found (+):", when);
		buf_span(&c->out, buf_view(&diff));
	}
	for (size_t i = 0; i < p.n; i++) {
		for (int k = 0; k < PAPER_N; k++)
			free(p.v[i].f[k]);
		free(p.v[i].id);
		names_clear(&p.v[i].hazards);
		names_clear(&p.v[i].silenced);
	}
	free(p.v);
	names_clear(&p.ids);
	buf_clear(&diff);
	return result;
}

/* Acts of the sweep, as lines "STEP REF". */
struct acts {
	struct policyrun_case *c;
	struct names words;
	size_t *count, cap, seen;
};

/* One more of these words, or one fewer. */
static void count_act(struct acts *a, struct span words, bool more)
{
	uint32_t n = a->words.n, at = names_add(&a->words, words);

	MEM_GROW(a->count, a->cap, (size_t)at + 1);
	if (at == n)
		a->count[at] = 0;
	a->count[at] += more;
}

/* A row of events.csv. */
static int on_event(void *arg, const struct scan_row *row)
{
	struct acts *a = arg;
	struct span ref;
	struct buf words = BUF_INIT;

	if (!span_is(row->f[0], "sweep") || a->seen++ < a->c->acts)
		return 0;
	ref = ref_of(a->c, row->f[2]);
	buf_printf(&words, "%.*s %.*s", (int)row->f[1].n, row->f[1].p, (int)ref.n, ref.p);
	count_act(a, buf_view(&words), true);
	buf_clear(&words);
	return 0;
}

/* What was wanted, taken from what was found; the rest of either is the difference. */
static void match_acts(struct acts *a, const struct yaml_node *want, struct buf *diff)
{
	for (size_t i = 0; i < want->n; i++) {
		struct buf words = BUF_INIT;
		uint32_t at;

		buf_span(&words, want->item[i]->text);
		if (a->c->refs.n == 1 && strchr(words.p, ' ') == NULL)	/* the only hazard need not be named */
			buf_printf(&words, " %.*s", (int)names_at(&a->c->refs, 0).n, names_at(&a->c->refs, 0).p);
		at = names_find(&a->words, buf_view(&words));
		if (at != NAMES_NONE && a->count[at] > 0)
			a->count[at]--;
		else
			buf_printf(diff, "#   - %s\n", words.p);
		buf_clear(&words);
	}
	for (uint32_t i = 0; i < a->words.n; i++)
		while (a->count[i]-- > 0)
			buf_printf(diff, "#   + %.*s\n", (int)names_at(&a->words, i).n, names_at(&a->words, i).p);
}

int policyrun_acts(struct policyrun_case *c, const struct yaml_node *want, const char *when, struct err *e)
{
	const struct table *t = schema_table(SPAN("events"));
	int cols[3] = { schema_column(t, SPAN("actor")), schema_column(t, SPAN("step")),
		schema_column(t, SPAN("hazard")) };
	struct office *o = office_open(c->reg.p, NULL, e);
	struct acts a = { .c = c };
	struct buf diff = BUF_INIT;
	void *args = &a;
	int result = o != NULL ? ledger_scan(o->reg, &o->at, "events", cols, 3, on_event, &args, 1, e) : -1;

	if (result == 0)
		match_acts(&a, want, &diff);
	c->acts = a.seen;
	if (diff.n > 0) {
		policyrun_fail(c, want, "acts at %s: expected (-) and found (+):", when);
		buf_span(&c->out, buf_view(&diff));
	}
	names_clear(&a.words);
	free(a.count);
	office_close(o);
	buf_clear(&diff);
	return result;
}

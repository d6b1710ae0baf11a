/* SPDX-License-Identifier: MIT */
#include "model/recordint.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/time.h"
#include "model/measure.h"
#include "model/stepint.h"

/*
 * What a measure must be beside its columns: one of a hazard that is not at its end, numbered within it; its due time and
 * funds against those of the hazard.
 */

/* A hazard that rows of this input name. */
struct of_hazard {
	struct known *k;
	struct measures m;
};

struct record_measures {
	int hazard, at, no, due, fund, replaces;	/* columns */
	struct step_batch *b;
	struct names ids;
	struct of_hazard *v;		/* by number in ids; k NULL: there is no such hazard */
	size_t cap;
};

static struct record_measures *measures_of(struct record *r)
{
	struct record_measures *x = r->state->measures;

	if (x != NULL)
		return x;
	x = r->state->measures = mem_zalloc(1, sizeof *x);
	x->hazard = schema_column(r->t, SPAN("hazard"));
	x->at = schema_column(r->t, SPAN("at"));
	x->no = schema_column(r->t, SPAN("no"));
	x->due = schema_column(r->t, SPAN("due"));
	x->fund = schema_column(r->t, SPAN("fund_fen"));
	x->replaces = schema_column(r->t, SPAN("replaces"));
	x->b = step_batch_new(r->office, r->commit, &(struct step_who){ r->actor, r->now, -1 });
	return x;
}

/* The hazard of the row; *h NULL after a complaint. */
static int find_hazard(struct record_row *w, struct record_measures *x, struct of_hazard **h, struct err *e)
{
	struct span id = w->v[x->hazard];
	uint32_t n = x->ids.n, i = names_add(&x->ids, id);
	struct err mine;

	*h = NULL;
	if (i == n) {
		MEM_GROW(x->v, x->cap, (size_t)n + 1);
		x->v[i] = (struct of_hazard){ .k = NULL };
		err_start(&mine);
		x->v[i].k = known_get(x->b, names_at(&x->ids, i), &mine);
		if (mine.status != ERR_OK)
			return err_set(e, mine.status, "%s", mine.text);
		if (x->v[i].k != NULL && measures_read(&x->v[i].m, w->r->office, id, INT64_MAX, e))
			return -1;
	}
	if (x->v[i].k != NULL)
		*h = &x->v[i];
	else
		record_complain(w, x->hazard, "there is no hazard %.*s in this register", (int)id.n, id.p);
	return 0;
}

/* The hazard is not at its end, and was reported by then. */
static void check_hazard(struct record_row *w, const struct record_measures *x, const struct of_hazard *h)
{
	const struct hazard *now = &h->k->now;
	const struct wf_state *state = &now->policy->workflow.state[now->state];
	int offset = w->r->office->reg->offset;
	struct span id = h->k->id;
	char reported[TIME_LEN + 1];

	if (now->phase != PHASE_OPEN && now->phase != PHASE_DONE)
		record_complain(w, x->hazard, "hazard %.*s is %s (%s) and takes no more measures", (int)id.n, id.p, state->id,
		    state->name);
	if (w->bad[x->at] || w->at >= now->reported)
		return;
	if (w->dated && time_day(w->at, offset) == time_day(now->reported, offset)) {
		w->at = now->reported;
		w->v[x->at] = record_time(w, w->at);
		return;
	}
	time_write(now->reported, offset, reported);
	record_complain(w, x->at, "%.*s is before hazard %.*s was reported (%s)", (int)w->v[x->at].n, w->v[x->at].p,
	    (int)id.n, id.p, reported);
}

/* Its due time against those of the hazard. */
static void check_due(struct record_row *w, const struct record_measures *x, const struct of_hazard *h)
{
	const struct hazard *now = &h->k->now;
	struct span due = w->v[x->due], id = h->k->id;
	int offset = w->r->office->reg->offset;
	int64_t at = due.n > 0 ? time_trust(due.p, offset) : TIME_NONE;
	int64_t found = now->found != TIME_NONE ? now->found : now->reported;
	char text[TIME_LEN + 1];

	if (at == TIME_NONE)
		return;
	if (at < found) {
		time_write(found, offset, text);
		record_complain(w, x->due, "%.*s is before hazard %.*s was found (%s)", (int)due.n, due.p, (int)id.n,
		    id.p, text);
	} else if (now->due != TIME_NONE && at > now->due) {
		time_write(now->due, offset, text);
		record_warn(w, "the measure is due %.*s, after hazard %.*s (%s)", (int)due.n, due.p, (int)id.n,
		    id.p, text);
	}
}

/* The number of a measure within its hazard; 0 none. */
static uint64_t number(const struct measure *m)
{
	uint64_t no;

	return span_u64(measure_value(m, "no"), UINT64_MAX, &no) ? no : 0;
}

/* What it replaces is of the same hazard; its number is that of what it replaces, or the next one, or free. */
static void check_number(struct record_row *w, const struct record_measures *x, const struct of_hazard *h)
{
	struct span was = w->v[x->replaces], id = h->k->id;
	const struct measure *replaced = was.n > 0 ? measures_find(&h->m, was) : NULL;
	uint64_t said = 0, next = 1;
	char text[24];

	if (was.n > 0 && replaced == NULL && w->was[w->r->state->key].n > 0)
		record_complain(w, x->replaces, "%.*s is not a measure of hazard %.*s", (int)was.n, was.p,
		    (int)id.n, id.p);
	for (size_t i = 0; i < h->m.n; i++)
		if (number(&h->m.v[i]) >= next)
			next = number(&h->m.v[i]) + 1;
	if (w->v[x->no].n == 0 && !w->bad[x->no]) {
		if (replaced != NULL && number(replaced) > 0)
			next = number(replaced);
		snprintf(text, sizeof text, "%" PRIu64, next);
		w->v[x->no] = record_put(w, text);
		return;
	}
	span_u64(w->v[x->no], UINT64_MAX, &said);
	for (size_t i = 0; i < h->m.n && said > 0; i++) {
		const struct measure *m = &h->m.v[i];

		if (m != replaced && measure_counts(m) && number(m) == said)
			record_complain(w, x->no, "%" PRIu64 " is the number of %.*s; leave it empty for %" PRIu64
			    ", or say what it replaces", said, (int)measure_id(m).n, measure_id(m).p, next);
	}
}

static int check(struct record_row *w, struct err *e)
{
	struct record_measures *x = measures_of(w->r);
	struct of_hazard *h;

	if (w->v[x->hazard].n == 0)
		return 0;
	if (find_hazard(w, x, &h, e))
		return -1;
	if (h == NULL)
		return 0;
	check_hazard(w, x, h);
	check_due(w, x, h);
	check_number(w, x, h);
	return 0;
}

/* It is one of its hazard's from here. */
static void added(struct record_row *w)
{
	struct record_measures *x = w->r->state->measures;

	measures_add(&x->v[names_find(&x->ids, w->v[x->hazard])].m, w->r->office, w->v);
}

/* The funds that steps gave the hazard against those of its measures. */
static int compare_funds(struct record *r, struct of_hazard *h, struct diag *d, struct err *e)
{
	struct record_measures *x = r->state->measures;
	struct taking t = { .b = x->b, .k = h->k, .w = known_workflow(h->k, x->b, e) };
	struct record_row w = { .r = r, .d = d };
	uint64_t funds = 0, one, sum = 0;
	bool any = false;

	if (t.w == NULL)
		return -1;
	for (size_t i = 0; i < h->m.n; i++)
		if (measure_counts(&h->m.v[i]) && span_u64(h->m.v[i].f[x->fund], UINT64_MAX, &one)) {
			sum += one;
			any = true;
		}
	if (any && span_u64(past_value(&t, x->b->col.fund), UINT64_MAX, &funds) && sum != funds)
		record_warn(&w, "the measures of hazard %.*s come to %" PRIu64 " fen, its funds are %" PRIu64,
		    (int)h->k->id.n, h->k->id.p, sum, funds);
	return 0;
}

static int sums(struct record *r, struct diag *d, struct err *e)
{
	struct record_measures *x = r->state->measures;

	for (uint32_t i = 0; x != NULL && i < x->ids.n; i++)
		if (x->v[i].k != NULL && compare_funds(r, &x->v[i], d, e))
			return -1;
	return 0;
}

static void end(struct record *r)
{
	struct record_measures *x = r->state->measures;

	if (x == NULL)
		return;
	for (uint32_t i = 0; i < x->ids.n; i++)
		measures_clear(&x->v[i].m);
	step_batch_free(x->b);
	names_clear(&x->ids);
	free(x->v);
	free(x);
	r->state->measures = NULL;
}

const struct record_rule record_measure = { "measures", check, added, sums, end };

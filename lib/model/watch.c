/* SPDX-License-Identifier: MIT */
#include "model/watch.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/foldint.h"
#include "model/marks.h"

#define SMALL ((size_t)1 << 20)		/* bytes of hazards that are kept whatever their share … */
#define SHARE 10			/* … which more of them must not reach */
#define STALE 8				/* part of what is kept that may be fresh, or not be watched any more, and it is kept on */
#define WOKEN_MAX 1000			/* hazards looked up one by one */
#define WOKEN_BYTES ((off_t)16 << 20)	/* of ledgers read for that, where there is no index */

void watch_clear(struct watch *w)
{
	watch_rows_clear(&w->rows);
	*w = (struct watch){ .found = false };
}

bool watch_pays(size_t kept, off_t all)
{
	return kept <= SMALL || (off_t)kept <= all / SHARE;
}

static int key_of(const char *table)
{
	return schema_column(schema_table(span_of(table)), SPAN("hazard"));
}

static struct span record_of(const struct scan_row *row)
{
	return (struct span){ row->bytes, row->length };
}

/* Rows that are brought up to a moment. */
struct catching {
	struct office *o;
	struct watch *w;
	struct names ids, woken;	/* in the rows; not in them, though something new is said of them */
	unsigned segment;
	struct woken_row {
		struct ledger_at at;
		struct buf record;
	} *row;				/* hazards of those, in the order of the ledger */
	size_t n, cap;
	struct err *e;
};

static int on_known(void *arg, const struct scan_row *row)
{
	struct catching *x = arg;

	names_add(&x->ids, row->f[0]);
	return 0;
}

static int on_new_hazard(void *arg, const struct scan_row *row)
{
	struct catching *x = arg;

	names_add(&x->ids, row->f[0]);
	watch_rows_hazard(&x->w->rows, (struct ledger_at){ x->segment, row->at }, record_of(row));
	return 0;
}

static int on_new_event(void *arg, const struct scan_row *row)
{
	struct catching *x = arg;

	if (names_find(&x->ids, row->f[0]) != NAMES_NONE)
		watch_rows_event(&x->w->rows, record_of(row));
	else
		names_add(&x->woken, row->f[0]);
	return 0;
}

/* All rows of one that was not watched. */
static int wake(struct catching *x, struct span id)
{
	struct reg *r = x->o->reg;
	const struct moment *m = &x->o->at;
	struct ledger_at *at = NULL;
	struct span record;
	size_t n = 0;
	int found;

	MEM_GROW(x->row, x->cap, x->n + 1);
	x->row[x->n] = (struct woken_row){ .record = BUF_INIT };
	found = ledger_find(r, m, "hazards", id, &x->row[x->n].at, x->e);
	if (found <= 0)
		return found;
	if (ledger_record(r, m, "hazards", x->row[x->n].at, &record, x->e) < 0)
		return -1;
	buf_span(&x->row[x->n++].record, record);
	if (ledger_of_hazard(r, m, "events", id, &at, &n, x->e) < 0)
		return -1;
	for (size_t i = 0; i < n && found > 0; i++) {
		found = ledger_record(r, m, "events", at[i], &record, x->e) < 0 ? -1 : 1;
		if (found > 0)
			watch_rows_event(&x->w->rows, record);
	}
	free(at);
	return found < 0 ? -1 : 0;
}

static int by_place(const void *a, const void *b)
{
	uint64_t x = watch_place(((const struct woken_row *)a)->at), y = watch_place(((const struct woken_row *)b)->at);

	return x < y ? -1 : x > y;
}

/* The woken hazards to their places among the others. */
static void merge(struct catching *x)
{
	struct watch_rows *w = &x->w->rows, old = *w;
	const char *p = old.hazards.p, *end = p + old.hazards.n;
	size_t k = 0;

	if (x->n == 0)
		return;
	qsort(x->row, x->n, sizeof *x->row, by_place);
	w->hazards = (struct buf)BUF_INIT;
	w->place = NULL;
	w->n = w->cap = 0;
	for (size_t i = 0; i <= old.n; i++) {
		const char *lf = i < old.n ? memchr(p, '\n', (size_t)(end - p)) : NULL;

		for (; k < x->n && (lf == NULL || watch_place(x->row[k].at) < old.place[i]); k++)
			watch_rows_hazard(w, x->row[k].at, buf_view(&x->row[k].record));
		if (lf == NULL)
			break;
		watch_rows_hazard(w, watch_at(old.place[i]), (struct span){ p, (size_t)(lf - p) });
		p = lf + 1;
	}
	buf_clear(&old.hazards);
	free(old.place);
}

/* Are so many hazards looked up faster than the ledgers are read? */
static bool wakes_fast(struct catching *x)
{
	off_t all = ledger_bytes(x->o->reg, &x->o->at, "events");

	if (x->woken.n == 0)
		return true;
	return x->woken.n <= WOKEN_MAX && (all * (off_t)x->woken.n <= WOKEN_BYTES || watch_is_indexed(x->o->reg, &x->o->at));
}

/* The rows that came behind those that are kept.  1, 0 it is better to begin anew, -1. */
static int take_tails(struct catching *x)
{
	const int hazard = key_of("hazards"), event = key_of("events");
	struct reg *r = x->o->reg;
	const struct moment *m = &x->o->at;
	struct watch *w = x->w;
	off_t hazards = watch_tail_bytes(r, m, "hazards", w->was.hazards), events = watch_tail_bytes(r, m, "events", w->was.events);
	size_t before = w->rows.hazards.n + w->rows.events.n;
	void *arg = x;

	if (hazards < 0 || events < 0)
		return 0;
	if (hazards == 0 && events == 0)
		return 1;
	if (!watch_pays((size_t)hazards, ledger_bytes(r, m, "hazards")) || !watch_pays((size_t)events, ledger_bytes(r, m, "events")))
		return 0;
	if (watch_scan(&w->rows, "hazards", &hazard, 1, on_known, x, x->e) < 0
	    || watch_tail(r, m, "hazards", w->was.hazards, &hazard, 1, &x->segment, on_new_hazard, NULL, &arg, 1, x->e) < 0
	    || watch_tail(r, m, "events", w->was.events, &event, 1, &x->segment, on_new_event, NULL, &arg, 1, x->e) < 0)
		return -1;
	if (!wakes_fast(x))
		return 0;
	for (uint32_t i = 0; i < x->woken.n; i++)
		if (wake(x, names_at(&x->woken, i)) < 0)
			return -1;
	merge(x);
	w->fresh = w->rows.hazards.n + w->rows.events.n - before;
	return 1;
}

static int catch_up(struct office *o, struct watch *w, struct err *e)
{
	struct catching x = { .o = o, .w = w, .e = e };
	int result = take_tails(&x);

	names_clear(&x.ids);
	names_clear(&x.woken);
	for (size_t i = 0; i < x.n; i++)
		buf_clear(&x.row[i].record);
	free(x.row);
	return result;
}

/* Has the register grown so much since there were too many that it is time to see again? */
static bool is_time(struct office *o, const struct watch_mark *was)
{
	static const char *const tables[] = { "hazards", "events" };
	const struct watch_ends from[] = { was->hazards, was->events };
	off_t all = 0, fresh = 0;

	for (size_t i = 0; i < 2; i++) {
		all += ledger_bytes(o->reg, &o->at, tables[i]);
		fresh += watch_tail_bytes(o->reg, &o->at, tables[i], from[i]);
	}
	return fresh > all / STALE;
}

/* From what is kept, else from the ledgers: as watch_open. */
static int bring(struct office *o, struct watch *w, struct err *e)
{
	int result = 0;

	w->found = watch_read(o->reg, &o->at, &w->was, &w->rows) && w->was.versions == w->versions;
	if (w->found && w->was.none && !is_time(o, &w->was))
		return 0;
	if (w->found && !w->was.none)
		result = catch_up(o, w, e);
	if (result != 0)
		return result;
	watch_rows_clear(&w->rows);
	w->found = false;
	result = watch_find(o, &w->rows, e);
	if (result <= 0)
		watch_rows_clear(&w->rows);
	return result;
}

int watch_open(struct office *o, struct watch *w, struct err *e)
{
	const char *policy = moment_version(&o->at, "policy");
	size_t versions;
	int result;

	*w = (struct watch){ .found = false };
	if (office_policies(o, &versions, e) < 0)
		return -1;
	if (versions > UINT8_MAX || !watch_can(o->reg, &o->at))	/* the fold numbers their workflows in a byte */
		return 0;
	/* versions are only added, so that as many of them are the same */
	w->versions = mem_hash(span_of(policy != NULL ? policy : ""), versions);
	result = bring(o, w, e);
	w->usable = result >= 0;
	return result;
}

/* Is a hazard of the fold watched?  -1 e. */
static int is_watched(struct fold *f, uint32_t slot, struct err *e)
{
	const struct hazard_side *side = fold_side(f, slot);
	const struct hazard_slot *s = fold_slot(f, slot);
	const struct fold_flow *w = f->pin != NULL ? f->flow[f->pin[slot]] : flow_for(f, &f->office->policy->workflow);
	const struct policy *p;
	enum wf_phase phase;

	if (side != NULL && side->policy.n > 0) {
		p = office_policy(f->office, side->policy, e);
		if (p == NULL)
			return -1;
		w = flow_for(f, &p->workflow);
	}
	/* a state that the workflow does not know is its start, as in derive_base */
	phase = w->phase[s->state > 0 && w->state[s->state - 1] >= 0 ? s->state - 1 : w->start];
	if (phase == PHASE_OPEN)
		return 1;
	return f->marks != NULL && (phase == PHASE_DONE || marks_live_on(f->marks, slot));
}

/* Rows that are sorted out. */
struct sorting {
	struct fold *f;
	const struct watch_rows *from;
	struct watch_rows to;
	size_t i;			/* of the hazard */
	uint8_t *drop;			/* by slot */
	struct err e;
};

static int sort_hazard(void *arg, const struct scan_row *row)
{
	struct sorting *x = arg;
	uint32_t slot = fold_index(x->f, row->f[0]);
	int watched = slot != UINT32_MAX ? is_watched(x->f, slot, &x->e) : 1;
	size_t i = x->i++;

	if (watched > 0)
		watch_rows_hazard(&x->to, watch_at(x->from->place[i]), record_of(row));
	else if (watched == 0)
		x->drop[slot] = true;
	return watched < 0 ? -1 : 0;
}

static int sort_event(void *arg, const struct scan_row *row)
{
	struct sorting *x = arg;
	uint32_t slot = fold_index(x->f, row->f[0]);

	if (slot != UINT32_MAX && !x->drop[slot])
		watch_rows_event(&x->to, record_of(row));
	return 0;
}

/* Keep those of w that are still watched. */
static void keep_rows(struct office *o, struct watch *w, struct fold *f)
{
	const int hazard = key_of("hazards"), event = key_of("events");
	struct sorting x = { .f = f, .from = &w->rows, .e = ERR_INIT };
	struct watch_mark now = watch_mark_of(&o->at, w->versions, false);
	size_t all = w->rows.hazards.n + w->rows.events.n;

	x.drop = mem_zalloc(f->n + 1, 1);
	if (watch_scan(&w->rows, "hazards", &hazard, 1, sort_hazard, &x, &x.e) == 0
	    && (!w->found || w->fresh * STALE > all || (w->rows.n - x.to.n) * STALE > w->rows.n)
	    && watch_scan(&w->rows, "events", &event, 1, sort_event, &x, &x.e) == 0) {
		now.none = !watch_pays(x.to.hazards.n, ledger_bytes(o->reg, &o->at, "hazards"));
		if (now.none)
			watch_rows_clear(&x.to);
		watch_write(o->reg, &now, &x.to);
	}
	watch_rows_clear(&x.to);
	free(x.drop);
}

void watch_keep(struct office *o, struct watch *w, struct fold *f)
{
	const struct watch_rows none = { .place = NULL };
	struct watch_mark now;

	if (!w->usable)
		return;
	if (f != NULL) {
		keep_rows(o, w, f);
	} else if (!w->found) {
		now = watch_mark_of(&o->at, w->versions, true);
		watch_write(o->reg, &now, &none);
	}
}

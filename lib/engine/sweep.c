/* SPDX-License-Identifier: MIT */
#include "engine/sweep.h"

#include <stdlib.h>

#include "base/time.h"
#include "csv/scan.h"
#include "engine/deliverhour.h"
#include "register/copies.h"
#include "register/journal.h"

#define COMMAND "hazard-escalate"

int sweep_open(struct sweep *s, struct cli *c, struct err *e)
{
	struct commit_who who = { .actor = c->actor ? c->actor : "sweep", .command = COMMAND, .key = "",
	    .lock_wait_ms = c->lock_wait_ms, .dry_run = c->dry_run };

	s->reg = reg_open(c->dir, e);
	if (!s->reg || cli_now(c, s->reg->offset, e))
		return -1;
	who.now = s->now = c->now;
	s->diag = &c->diag;
	s->quiet = c->quiet;
	s->dry = c->dry_run;
	s->reg->allow_network = c->allow_network;
	s->commit = commit_open(s->reg, &who, e);
	if (!s->commit)
		return -1;
	s->office = office_on(s->reg, commit_moment(s->commit), e);
	s->batch = (struct notice_batch){ .office = s->office, .now = s->now };
	return s->office ? 0 : -1;
}

struct first {
	int offset;
	int32_t today;
	bool swept;		/* a sweep of today was found */
};

/* Backwards through today's commits, looking for a sweep. */
static int on_commit(void *arg, const struct journal_line *l, bool chained)
{
	struct first *f = arg;

	(void)chained;
	if (time_day(l->at, f->offset) < f->today)
		return 1;
	f->swept = l->kind == JOURNAL_COMMIT && span_is(l->command, COMMAND) && time_day(l->at, f->offset) == f->today;
	return f->swept;
}

/* Has no sweep of this day been recorded yet? */
static int find_first(struct sweep *s, struct err *e)
{
	struct first f = { s->reg->offset, time_day(s->now, s->reg->offset), false };

	if (journal_walk_back(s->reg, commit_moment(s->commit)->journal, on_commit, &f, e) < 0)
		return -1;
	s->first_today = !f.swept;
	return 0;
}

struct visit {
	struct sweep *s;
	struct escalate_at at;
	struct err *e;
};

static struct span column(const struct hazard *h, const char *name)
{
	return h->row[schema_column(schema_table(SPAN("hazards")), span_of(name))];
}

/* One open hazard: its acts, and what their rows will say of it. */
static int on_hazard(void *arg, const struct hazard *h, const struct span *v)
{
	struct visit *x = arg;
	struct sweep *s = x->s;
	const struct hazard_side *side = fold_side(s->fold, h->slot);
	struct escalate_past past = { .noted = noted_at(&s->noted, column(h, "hazard")),
	    .marked = fold_marks(s->fold, h->slot) };
	size_t before = s->acts.n;
	bool supervised = h->supervised;

	(void)v;
	if (side) {
		past.key = side->key;
		past.nkeys = side->nkeys;
		past.hold = side->hold;
		past.nholds = side->nholds;
		past.rose = side->tier;
		past.nrose = side->ntiers;
		past.owned = side->owned;
		past.nowned = side->nowned;
	}
	if (escalate_hazard(&x->at, h, (uint32_t)s->batch.nhazards, &past, &s->acts, x->e))
		return -1;
	for (size_t i = before; i < s->acts.n; i++)
		supervised |= s->acts.v[i].act == RUNG_SUPERVISE;
	notice_batch_watch(&s->batch, h, supervised);
	if (s->acts.n == before)
		return 0;
	notice_batch_hazard(&s->batch, h);
	return 0;
}

/* Every open hazard of the register, and every one with a limit that runs on after its end. */
static int visit_all(struct sweep *s, struct err *e)
{
	struct list_columns *all = list_columns_new(s->office->policy);
	struct visit x = { .s = s, .at = { .now = s->now, .offset = s->reg->offset, .marks = s->fold->marks,
	    .owners = &s->fold->organs, .quiet = !deliver_is_open(s->office, s->now, s->diag) }, .e = e };
	int cols[2] = { list_column(all, SPAN("subject_name"), e), list_column(all, SPAN("due"), e) };
	struct filter open = { .v = NULL };
	struct list_want want = { .columns = all, .col = cols, .n = 2, .filter = &open, .now = s->now, .hazard = true, .nthreads = 1,
	    .limited = true };
	void *args = &x;
	int rc = -1;

	x.at.tree = office_grids(s->office, e);
	x.at.organs = office_master(s->office, "organs", e);
	if (x.at.tree && x.at.organs && !filter_in(&open, list_column(all, SPAN("phase"), e), "phase", s->fold->marks ? "open,done" : "open", NULL, e))
		rc = list_run(s->fold, &want, on_hazard, &args, e);
	filter_clear(&open);
	list_columns_free(all);
	return rc;
}

/* The fold of what a sweep looks at: of the hazards that are watched, else of all.  NULL with e. */
static struct fold *fold_for(struct sweep *s, struct err *e)
{
	struct err why = ERR_INIT;
	const struct watch_rows *rows = watch_open(s->office, &s->watch, &why) > 0 ? &s->watch.rows : NULL;
	struct fold *f = rows ? fold_of_rows(s->office, rows, INT64_MAX, 1, &why) : NULL;

	/* what is wrong with the register is said by the whole fold: of the ledgers, by their lines */
	return f ? f : fold_marked(s->office, INT64_MAX, scan_cores(2), e);
}

int sweep_run(struct sweep *s, struct err *e)
{
	s->fold = fold_for(s, e);
	if (!s->fold || find_first(s, e) || noted_load(&s->noted, s->office, commit_moment(s->commit), e) || visit_all(s, e))
		return -1;
	if (!s->acts.n)
		return 0;
	if (notice_record(&s->batch, s->commit, s->fold, &s->acts, e))
		return -1;
	if (s->on_line)
		notice_batch_lines(&s->batch, s->on_line, s->arg);
	for (size_t i = 0; i < s->batch.npapers; i++)
		s->nobody += s->batch.paper[i].receiver.n ? 0 : s->batch.paper[i].nlines;
	return 0;
}

bool sweep_writes(const struct sweep *s)
{
	return s->acts.n || s->first_today;
}

int sweep_close(struct sweep *s, struct buf *warning, struct err *e)
{
	struct commit *c = s->commit;

	if (!s->dry)
		watch_keep(s->office, &s->watch, s->fold->rows ? s->fold : NULL);
	s->commit = NULL;
	if (sweep_writes(s))
		return commit_close(c, warning, e);
	if (!s->quiet)			/* cron need not mail it every ten minutes: a sweep that writes says it */
		copies_warn(s->reg, commit_moment(c), false, warning);
	commit_drop(c);
	return 0;
}

void sweep_clear(struct sweep *s)
{
	commit_drop(s->commit);
	fold_free(s->fold);
	watch_clear(&s->watch);
	notice_batch_clear(&s->batch);
	office_close(s->office);
	noted_clear(&s->noted);
	escalate_clear(&s->acts);
	reg_close(s->reg);
}

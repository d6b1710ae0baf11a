/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "engine/calendarneed.h"
#include "engine/checkint.h"
#include "model/clock.h"
#include "register/journal.h"

#define FILE_NAME "policy/policy.yaml"

/* A commit of a sweep ends the walk. */
static int on_commit(void *arg, const struct journal_line *l, bool chained)
{
	int64_t *last = arg;

	(void)chained;
	if (l->kind != JOURNAL_COMMIT || !span_is(l->command, "hazard-escalate"))
		return 0;
	*last = l->at;
	return 1;
}

int check_sweep(struct check_run *c, struct err *e)
{
	int offset = c->office->reg->offset;
	char at[TIME_LEN + 1];
	int64_t last = TIME_NONE, until;

	if (journal_walk_back(c->office->reg, c->office->at.journal, on_commit, &last, e) < 0)
		return -1;
	if (last == TIME_NONE) {
		diag_pos(c->diag, "journal.csv", 0, 0, "no sweep was ever recorded; is hazard-escalate in the crontab?");
		return 0;
	}
	if (clock_add(last, c->max_age, offset, NULL, &until, e) < 0)
		return -1;
	if (c->now > until) {
		time_write(last, offset, at);
		diag_pos(c->diag, "journal.csv", 0, 0, "the last sweep ran at %s, %lld hours ago; does cron still run?", at,
		    (long long)((c->now - last) / 3600));
	}
	return 0;
}

int check_calendar(struct check_run *c, struct err *e)
{
	struct calendar_needs needs;
	struct buf soon = BUF_INIT;
	struct err said = ERR_INIT;
	int needed = calendar_is_needed(c->office, e), rc = needed < 0 ? -1 : 0;

	if (needed > 0)
		rc = calendar_ends_soon(c->office, c->now, &soon, e) < 0 || calendar_needs(c->office, false, NULL, c->now, &needs, e) < 0 ? -1 : 0;
	if (rc == 0 && soon.n > 0)
		diag_warn(c->diag, "%s", soon.p);
	if (rc == 0 && needed > 0 && needs.hazards > 0) {
		calendar_complain(&needs, "policy", &said);
		diag_pos(c->diag, "register", 0, 0, "%s", said.text);
	}
	buf_clear(&soon);
	return rc;
}

/* In order of time. */
static int by_start(const void *a, const void *b)
{
	const struct duty *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* The duties of one category: somebody on every day up to today. */
static void check_category(struct check_run *c, const struct vocab_item *w, const struct category *k, int32_t today)
{
	struct duty *v = mem_alloc((k->nduties + 1) * sizeof *v);
	char day[DATE_LEN + 1];

	if (k->nduties > 0)
		memcpy(v, k->duty, k->nduties * sizeof *v);
	qsort(v, k->nduties, sizeof *v, by_start);
	if (k->nduties == 0)
		diag_pos(c->diag, FILE_NAME, 0, 0, "category %s (%s): nobody answers for it; add duty: [{lead: …}]", w->id, w->name);
	for (size_t i = 0; i < k->nduties; i++) {
		bool last = i + 1 == k->nduties;

		/* two at once are refused when a policy is put in */
		if (v[i].to == DATE_NONE || (last ? v[i].to >= today : v[i + 1].from <= v[i].to + 1))
			continue;
		date_write(v[i].to, day);
		diag_pos(c->diag, FILE_NAME, 0, 0, "category %s (%s): the duty of %s ends on %s, and nobody answers for it %s%s", w->id, w->name,
		    v[i].lead, day, last ? "since" : "until that of ", last ? "" : v[i + 1].lead);
	}
	free(v);
}

int check_duties(struct check_run *c, struct err *e)
{
	const struct policy *p = c->office->policy;

	(void)e;
	for (size_t i = 0; i < p->categories.n; i++)
		check_category(c, &p->categories.v[i], &p->category[i], time_day(c->now, c->office->reg->offset));
	return 0;
}

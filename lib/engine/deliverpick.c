/* SPDX-License-Identifier: MIT */
#include "engine/deliver.h"

#include "base/time.h"
#include "engine/deliverhour.h"
#include "register/ledger.h"

/* Is this the hour for it? */
static bool is_hour(const struct deliver *d, const struct notice_kind *k, struct span key)
{
	return d->open || d->any_hour || k->any_hour || deliver_rung_any_hour(d->office->policy, key);
}

/* Is any channel of a paper to be tried? */
static bool is_due(const struct deliver *d, const struct notice_rules *r, const struct notice_state *x)
{
	struct notice_next next;
	bool force = d->wanted != NULL;

	for (size_t i = 0; i < r->kind->nchannels; i++) {
		enum notice_way way = notice_way(&d->states, x, r->policy, r->kind->channel[i], d->cli->now,
		    force, &next);

		if (way == WAY_DUE || (way == WAY_DELIVERED && d->again))
			return true;
	}
	return false;
}

/* A row of notices.csv. */
struct picking {
	struct deliver *d;
	struct err *e;
	int kind, key, commit;
};

/* Why a paper that was named cannot be sent; -1 with e, 0 it can. */
static int refuse(struct span id, const struct notice_rules *r, const struct notice_state *x, struct err *e)
{
	const struct notice_kind *k = r->kind;

	if (x->withdrawn != TIME_NONE)
		return err_set(e, ERR_DATA, "%.*s was withdrawn", (int)id.n, id.p);
	if (!k)
		return err_set(e, ERR_DATA, "%.*s is of a kind that no version of notices.yaml has; run gridctl check", (int)id.n,
		    id.p);
	if (!k->nchannels)
		return err_set(e, ERR_DATA,
		    "%.*s: kind \"%s\" has no channels in notices.yaml; print and serve it", (int)id.n, id.p,
		    k->id);
	if (!notice_is_signed(k, x))
		return err_set(e, ERR_DATA, "%.*s must first be approved by %s (hazard-notice approve)",
		    (int)id.n, id.p,
		    r->policy->roles.v[k->approval].id);
	return 0;
}

/* A paper whose kind nobody knows: never silently left. */
static void say_unknown(struct deliver *d, struct span id, struct span kind)
{
	if (!d->unknown++)
		diag_warn(&d->cli->diag, "%.*s is not sent: no version of notices.yaml has the kind \"%.*s\"; run gridctl check", (int)id.n,
		    id.p, (int)kind.n, kind.p);
}

static int on_notice(void *arg, const struct scan_row *row)
{
	struct picking *x = arg;
	struct deliver *d = x->d;
	struct span id = row->f[0];
	const struct notice_state *state = notice_state_of(&d->states, id);
	struct notice_rules r;
	uint64_t commit = 0;

	if (d->wanted && names_find(d->wanted, id) == NAMES_NONE)
		return 0;
	span_u64(row->f[x->commit], INT64_MAX, &commit);
	if (notice_rules_of(&d->kinds, row->f[x->kind], commit, &r, x->e))
		return -1;
	if (d->wanted && refuse(id, &r, state, x->e))
		return -1;
	if (state->withdrawn != TIME_NONE)
		return 0;
	if (!r.kind)
		say_unknown(d, id, row->f[x->kind]);
	if (!r.kind || !is_due(d, &r, state))
		return 0;
	if (!notice_is_signed(r.kind, state))
		d->unsigned_++;
	else if (!is_hour(d, r.kind, row->f[x->key]))
		d->closed++;
	else
		notice_archive_add(&d->archive, row->f);
	return 0;
}

/* Every id that was named is there. */
static int check_wanted(const struct deliver *d, struct err *e)
{
	for (uint32_t i = 0; d->wanted && i < d->wanted->n; i++) {
		struct span id = names_at(d->wanted, i);
		struct ledger_at at;
		int found = ledger_find(d->reg, &d->office->at, "notices", id, &at, e);

		if (found <= 0)
			return found < 0 ? -1 : err_set(e, ERR_DATA, "%.*s: no notice of that id in %s",
			    (int)id.n, id.p, d->reg->path);
	}
	return 0;
}

int deliver_pick(struct deliver *d, struct err *e)
{
	const struct table *t = schema_table(SPAN("notices"));
	struct picking x = { d, e, schema_column(t, SPAN("kind")), schema_column(t, SPAN("key")),
	    schema_column(t, SPAN("commit")) };
	const struct moment *m = &d->office->at;

	if (check_wanted(d, e))
		return -1;
	d->seq = m->seq;
	if (notice_states_load(&d->states, d->reg, m, e) || notice_archive_scan(d->reg, m, on_notice, &x, e))
		return -1;
	return notice_archive_lines(&d->archive, m, e);
}

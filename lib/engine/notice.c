/* SPDX-License-Identifier: MIT */
#include "engine/notice.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "engine/noticerow.h"
#include "engine/noticeto.h"

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

/* The event of one act; silenced_by: the hazard that keeps it off a paper of its own, or empty. */
static int record_event(struct notice_batch *b, struct commit *c, const struct escalate_act *a,
    struct span silenced_by,
    struct err *e)
{
	const struct notice_hazard *h = &b->hazard[a->hazard];
	struct notice_row r = { .t = schema_table(SPAN("events")) };
	struct buf note = BUF_INIT;
	char id[ID_MAX], at[TIME_LEN + 1];

	if (workflow_step(&h->policy->workflow, step_of(a), strlen(step_of(a))) < 0)
		return err_set(e, ERR_DATA,
		    "%s: rule %s wants the step \"%s\", which workflow.yaml does not have", h->id,
		    a->rule->id, step_of(a));
	commit_mint(c, r.t, id);
	time_write(b->now, b->office->reg->offset, at);
	missed_note(a, b->office->reg->offset, &note);
	if (silenced_by.n)
		buf_printf(&note, "%s并入%.*s,不另发文", note.n ? ";" : "", (int)silenced_by.n, silenced_by.p);
	notice_row_set(&r, "event", span_of(id));
	notice_row_set(&r, "at", span_of(at));
	notice_row_set(&r, "hazard", span_of(h->id));
	notice_row_set(&r, "step", span_of(step_of(a)));
	notice_row_set(&r, "actor", SPAN("sweep"));
	if (a->tier >= 0) {
		notice_row_set(&r, "tier", span_of(h->policy->levels.v[a->tier].id));
		notice_row_set(&r, "owner", a->owner);
		if (a->owner.n && !span_eq(a->owner, h->owner))
			notice_row_set(&r, "assist", h->owner);
	}
	notice_row_set(&r, "key", span_of(a->key));
	notice_row_set(&r, "reason", span_of(a->rule->basis ? a->rule->basis : ""));
	notice_row_set(&r, "note", note.n ? buf_view(&note) : (struct span){ NULL, 0 });
	commit_append(c, r.t, r.f);
	buf_clear(&note);
	return 0;
}

/* The paper of an act, and its copies, as items. */
static int add_items(struct notice_batch *b, const struct escalate_act *a, struct err *e)
{
	struct notice_hazard h = b->hazard[a->hazard];
	const struct notice_kind *k = notice_kind_of(b->office, a->rung->notice, NULL, e);
	int32_t day = time_day(b->now, b->office->reg->offset);
	struct buf note = BUF_INIT;
	struct notice_item i = { .hazard = a->hazard, .kind = k, .issuer = a->issuer, .receiver = a->receiver,
	    .key = a->key, .note = "" };
	int rc = 0;

	if (!k)
		return err_prefix(e, "%s: rule %s", h.id, a->rule->id);
	if (a->was.n)
		h.owner = a->was;	/* not one that it only passed */
	missed_note(a, b->office->reg->offset, &note);
	if (note.n)
		i.note = arena_strdup(&b->mem, note.p);
	buf_clear(&note);
	if (!a->rung->to && *k->to)
		rc = notice_addressee(b->office, k->to, &h, day, &i.receiver, e);
	notice_batch_add(b, &i);
	for (size_t n = 0; n < a->rung->ncc && !rc; n++) {
		struct notice_item copy = i;

		rc = notice_addressee(b->office, a->rung->cc[n], &h, day, &copy.receiver, e);
		if (!rc && !(copy.receiver.n && span_eq(copy.receiver, i.receiver)))
			notice_batch_add(b, &copy);
	}
	return rc;
}

int notice_record(struct notice_batch *b, struct commit *c, struct fold *f, const struct escalate_acts *acts,
    struct err *e)
{
	size_t *item = mem_zalloc(acts->n + 1, sizeof *item);	/* of an act, counted from 1 */
	int rc = 0;

	for (size_t i = 0; i < acts->n && !rc; i++)
		if (acts->v[i].rung->notice && !acts->v[i].passes) {
			item[i] = b->nitems + 1;
			rc = add_items(b, &acts->v[i], e);
		}
	if (!rc)
		rc = notice_batch_make(b, f, e);
	for (size_t i = 0; i < acts->n && !rc; i++)
		rc = record_event(b, c, &acts->v[i], item[i] ? b->item[item[i] - 1].silenced_by
		    : (struct span){ NULL, 0 }, e);
	if (!rc)
		rc = notice_batch_record(b, c, e);
	free(item);
	return rc;
}

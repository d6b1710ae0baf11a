/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "hazard-notice.h"
#include "model/session.h"
#include "output/sheet.h"
#include "register/ledger.h"

enum {
	OUT_NOTICE, OUT_AT, OUT_KIND, OUT_NUMBER, OUT_ISSUER, OUT_RECEIVER, OUT_PERSON, OUT_SUBJECT, OUT_DUE,
	    OUT_APPROVED, OUT_SENT,
	OUT_SERVED, OUT_ACKED, OUT_REPLIED, OUT_WITHDRAWN, OUT_STATE, OUT_NEXT, OUT_TITLE, OUT_N
};
static const struct sheet_column columns[OUT_N] = {
	{ .name = "notice", .whole = true },
	{ .name = "at", .csv_only = true },
	{ .name = "kind", .csv_only = true },
	{ .name = "number", .whole = true },
	{ .name = "issuer", .csv_only = true },
	{ .name = "receiver" },
	{ .name = "person", .csv_only = true },
	{ .name = "subject", .csv_only = true },
	{ .name = "due", .csv_only = true },
	{ .name = "approved_at", .csv_only = true },
	{ .name = "sent_at", .csv_only = true },
	{ .name = "served_at", .csv_only = true },
	{ .name = "acked_at", .csv_only = true },
	{ .name = "replied_at", .csv_only = true },
	{ .name = "withdrawn_at", .csv_only = true },
	{ .name = "state", .whole = true },
	{ .name = "next_at", .csv_only = true },
	{ .name = "title" },
};
/* Columns of notices.csv that are printed as they are. */
static const struct { int out; const char *column; } plain[] = {
	{ OUT_NOTICE, "notice" }, { OUT_AT, "at" }, { OUT_KIND, "kind" }, { OUT_NUMBER, "number" },
	    { OUT_ISSUER, "issuer" },
	{ OUT_RECEIVER, "receiver" }, { OUT_PERSON, "person" }, { OUT_SUBJECT, "subject" }, { OUT_DUE,
	    "due" }, { OUT_TITLE, "title" },
};

struct listing_notices {
	struct notice_job *j;
	struct session s;
	struct notice_states states;
	struct sheet sheet;
	struct notice_kinds kinds;
	struct span kind;			/* --kind */
	struct err *e;
};

/* What is open with a paper. */
struct open_duties {
	bool unapproved, undelivered, unserved, unacknowledged, unanswered, withdrawn, late, failed;
	int64_t next_at;
};

/* Where its channels stand. */
static void look_ways(const struct listing_notices *l, const struct notice_rules *r,
    const struct notice_state *x, struct open_duties *o)
{
	struct notice_next next;

	o->next_at = INT64_MAX;
	for (size_t i = 0; i < r->kind->nchannels; i++) {
		enum notice_way way = notice_way(&l->states, x, r->policy, r->kind->channel[i], l->s.now, false, &next);

		o->undelivered |= way != WAY_DELIVERED;
		o->failed |= way == WAY_DEAD;
		if (way == WAY_WAITING && next.at < o->next_at)
			o->next_at = next.at;
	}
}

static struct open_duties duties(const struct listing_notices *l, const struct notice_rules *r,
    const struct notice_state *x, int64_t due)
{
	struct open_duties o = { .withdrawn = x->withdrawn != TIME_NONE, .next_at = INT64_MAX };
	const struct notice_kind *k = r->kind;

	if (o.withdrawn)
		return o;
	if (k)
		look_ways(l, r, x, &o);
	else		/* of a kind that nobody knows: it stays in the lists */
		o.undelivered = x->sent == TIME_NONE;
	o.unapproved = k && k->approval >= 0 && x->approved == TIME_NONE;
	o.unserved = k && k->serve && x->served == TIME_NONE;
	o.unacknowledged = x->acked == TIME_NONE && x->replied == TIME_NONE;
	o.unanswered = due != TIME_NONE && x->replied == TIME_NONE;
	o.late = o.unanswered && l->s.now > due;
	return o;
}

/* One word for it: what comes first. */
static const char *state_of(const struct open_duties *o)
{
	if (o->withdrawn)
		return "withdrawn";
	if (o->unapproved)
		return "unapproved";
	if (o->failed)
		return "failed";
	if (o->undelivered)
		return "undelivered";
	if (o->unserved)
		return "unserved";
	if (o->late)
		return "late";
	if (o->unanswered)
		return "unanswered";
	return o->unacknowledged ? "unacknowledged" : "done";
}

/* All that was asked for must hold. */
static bool is_wanted(const struct listing_notices *l, const struct open_duties *o, struct span kind,
    struct span receiver)
{
	const char *const *v = l->j->value;
	const struct { int option; bool holds; } tests[] = {
		{ OPT_UNAPPROVED, o->unapproved }, { OPT_UNDELIVERED, o->undelivered }, { OPT_UNSERVED,
		    o->unserved },
		{ OPT_UNACKNOWLEDGED, o->unacknowledged }, { OPT_UNANSWERED, o->unanswered }, { OPT_WITHDRAWN,
		    o->withdrawn },
		{ OPT_RECEIVER, v[OPT_RECEIVER] && span_is(receiver, v[OPT_RECEIVER]) }, { OPT_KIND,
		    span_eq(kind, l->kind) },
	};
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		if (v[tests[i].option] && !tests[i].holds)
			return false;
	return true;
}

static void put_time(struct sheet *s, size_t column, int64_t t, int offset)
{
	char text[TIME_LEN + 1];

	if (t == TIME_NONE || t == INT64_MAX)
		return;
	time_write(t, offset, text);
	sheet_put(s, column, span_of(text));
}

static int on_notice(void *arg, const struct scan_row *row)
{
	struct listing_notices *l = arg;
	const struct table *t = schema_table(SPAN("notices"));
	struct span id = row->f[t->key], kind = row->f[schema_column(t, SPAN("kind"))];
	const struct notice_state *x = notice_state_of(&l->states, id);
	int offset = l->s.office->reg->offset;
	int64_t due = TIME_NONE;
	uint64_t commit = 0;
	struct notice_rules r;
	struct open_duties o;

	span_u64(row->f[schema_column(t, SPAN("commit"))], INT64_MAX, &commit);
	if (notice_rules_of(&l->kinds, kind, commit, &r, l->e))
		return -1;
	if (!time_read(row->f[schema_column(t, SPAN("due"))], offset, &due))
		due = TIME_NONE;
	o = duties(l, &r, x, due);
	if (!is_wanted(l, &o, kind, row->f[schema_column(t, SPAN("receiver"))]))
		return 0;
	if (job_is(l->j, "ids")) {
		buf_span(&l->j->out, id);
		buf_putc(&l->j->out, '\n');
		return 0;
	}
	sheet_add_row(&l->sheet);
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		sheet_put(&l->sheet, (size_t)plain[i].out, row->f[schema_column(t,
		    span_of(plain[i].column))]);
	put_time(&l->sheet, OUT_APPROVED, x->approved, offset);
	put_time(&l->sheet, OUT_SENT, x->sent, offset);
	put_time(&l->sheet, OUT_SERVED, x->served, offset);
	put_time(&l->sheet, OUT_ACKED, x->acked, offset);
	put_time(&l->sheet, OUT_REPLIED, x->replied, offset);
	put_time(&l->sheet, OUT_WITHDRAWN, x->withdrawn, offset);
	put_time(&l->sheet, OUT_NEXT, o.next_at, offset);
	sheet_put(&l->sheet, OUT_STATE, span_of(state_of(&o)));
	return 0;
}

/* The kind that --kind names: of the policy in force, or the id of one that an older version has. */
static int find_kind(struct listing_notices *l, struct err *e)
{
	const char *said = l->j->value[OPT_KIND];
	const struct notice_kind *k = said ? job_kind(l->j, l->s.office->policy, e) : NULL;
	struct err ignored = ERR_INIT;

	if (said && !k) {
		k = notice_kind_of(l->s.office, said, NULL, &ignored);
		if (!k)
			return -1;
		err_clear(e);
	}
	l->kind = span_of(k ? k->id : "");
	return 0;
}

int notice_list(struct notice_job *j, struct err *e)
{
	struct listing_notices l = { .j = j, .e = e };
	int rc = -1;

	sheet_init(&l.sheet);
	for (size_t i = 0; i < OUT_N; i++)
		sheet_add_column(&l.sheet, columns[i]);
	if (j->noperands) {
		err_set(e, ERR_USAGE, "\"%s\": list takes no operand; show prints a paper", j->operand[0]);
		goto done;
	}
	if (session_open(&l.s, &j->c, NULL, NULL, e))
		goto done;
	l.kinds.office = l.s.office;
	if (find_kind(&l, e))
		goto done;
	if (notice_states_load(&l.states, l.s.office->reg, &l.s.office->at, e) ||
	    notice_archive_scan(l.s.office->reg, &l.s.office->at, on_notice, &l, e))
		goto done;
	rc = 0;
	if (job_is(j, "csv"))
		sheet_csv(&l.sheet, &j->out);
	else if (job_is(j, "json"))
		sheet_json(&l.sheet, &j->out);
	else if (!job_is(j, "ids") && l.sheet.nrows)
		sheet_text(&l.sheet, cli_columns(), &j->out);
done:
	sheet_clear(&l.sheet);
	notice_kinds_clear(&l.kinds);
	notice_states_clear(&l.states);
	session_close(&l.s);
	return rc;
}

/* Papers that are shown. */
struct showing {
	const struct names *ids;
	struct notice_archive archive;
};

static int on_shown(void *arg, const struct scan_row *row)
{
	struct showing *x = arg;

	if (names_find(x->ids, row->f[schema_table(SPAN("notices"))->key]) != NAMES_NONE)
		notice_archive_add(&x->archive, row->f);
	return 0;
}

/* The papers in the order they were named. */
static int print_all(struct notice_job *j, struct showing *x, const struct notice_states *states,
    struct err *e)
{
	for (uint32_t i = 0; i < x->ids->n; i++) {
		struct span id = names_at(x->ids, i);
		uint32_t n = names_find(&x->archive.ids, id);
		struct notice_paper *p;

		if (n == NAMES_NONE)
			return err_set(e, ERR_DATA, "%.*s: no notice of that id in %s", (int)id.n, id.p,
			    x->archive.reg->path);
		if (notice_archive_paper(&x->archive, n, &p, e))
			return -1;
		if (notice_state_of(states, id)->withdrawn != TIME_NONE)
			cli_say(&j->c, "%s: %.*s was withdrawn", j->c.prog, (int)id.n, id.p);
		if (job_is(j, "csv")) {
			struct notice_batch one = x->archive.batch;

			one.paper = p;
			one.npapers = 1;
			notice_batch_lines(&one, notice_line_csv, &j->out);
		} else if (job_print(j, &x->archive.batch, p, false, e))
			return -1;
	}
	return 0;
}

int notice_show(struct notice_job *j, struct err *e)
{
	struct names ids = { .n = 0 };
	struct showing x = { .ids = &ids };
	struct notice_states states = { .v = NULL };
	struct session s = { .office = NULL };
	int rc = -1;

	if (job_is(j, "json")) {
		err_set(e, ERR_USAGE, "--format: json goes with list");
		goto done;
	}
	if (job_ids(j, "notice", schema_table(SPAN("notices")), false, &ids, e) || session_open(&s, &j->c,
	    NULL, NULL, e))
		goto done;
	x.archive.reg = s.office->reg;
	if (notice_states_load(&states, s.office->reg, &s.office->at, e) ||
	    notice_archive_scan(s.office->reg, &s.office->at, on_shown, &x, e) ||
	    notice_archive_lines(&x.archive, &s.office->at, e))
		goto done;
	rc = print_all(j, &x, &states, e);
done:
	notice_archive_clear(&x.archive);
	notice_states_clear(&states);
	names_clear(&ids);
	session_close(&s);
	return rc;
}

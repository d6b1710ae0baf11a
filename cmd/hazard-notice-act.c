/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "engine/deliver.h"
#include "hazard-notice.h"
#include "register/ledger.h"

static const char *const ways[] = { "direct", "left", "post", "public" };

/* approve, serve, ack, reply, withdraw at work. */
struct acting {
	struct notice_job *j;
	struct writing w;
	struct notice_states states;
	struct arena mem;
	struct names ids;
	struct notice_kinds kinds;
	struct notice_rules rules;		/* of the paper in hand */
	const struct notice_state *state;
	struct span by, to, note, how;
	const char *result;
	int64_t at;
	uint64_t roles;				/* of who acts */
};

static int complain(struct acting *a, struct span id, const char *what)
{
	diag_row(&a->j->c.diag, a->j->c.prog, 0, NULL, "%.*s %s", (int)id.n, id.p, what);
	return 1;
}

/* Something done already is no mistake: said, and nothing added. */
static int already(struct acting *a, struct span id, const char *what, int64_t at)
{
	char text[TIME_LEN + 1];

	time_write(at, a->w.reg->offset, text);
	cli_say(&a->j->c, "%s: %.*s was %s on %s; nothing was added", a->j->c.prog, (int)id.n, id.p, what,
	    text);
	return 2;
}

/* May who acts approve it? */
static int check_approve(struct acting *a, struct span id)
{
	const struct vocab *roles = &a->w.office->policy->roles;
	bool gone;
	int role = notice_rules_role(a->w.office, &a->rules, &gone);

	if (gone) {
		diag_row(&a->j->c.diag, a->j->c.prog, 0, NULL,
		    "%.*s: was to be approved by %s, a role that policy.yaml has no more; withdraw it and issue another", (int)id.n, id.p,
		    a->rules.policy->roles.v[a->rules.kind->approval].id);
		return 1;
	}
	if (role < 0)
		return complain(a, id, "needs no approval");
	if (a->state->approved != TIME_NONE)
		return already(a, id, "approved", a->state->approved);
	if (a->roles >> role & 1)
		return 0;
	diag_row(&a->j->c.diag, a->j->c.prog, 0, NULL,
	    "%.*s: may be approved by %s (%s); %.*s holds no such post", (int)id.n, id.p,
	    roles->v[role].id, roles->v[role].name, (int)a->w.actor.n, a->w.actor.p);
	return 1;
}

/* Can it be done to this paper?  0 yes, 1 no (complained), 2 it was done before. */
static int check(struct acting *a, struct span id, int64_t issued)
{
	char text[TIME_LEN + 1];

	if (a->state->withdrawn != TIME_NONE && a->j->command == NOTICE_WITHDRAW)
		return already(a, id, "withdrawn", a->state->withdrawn);
	if (a->state->withdrawn != TIME_NONE)
		return complain(a, id, "was withdrawn");
	if (a->at < issued) {
		time_write(issued, a->w.reg->offset, text);
		diag_row(&a->j->c.diag, a->j->c.prog, 0, "at", "%.*s was issued on %s only", (int)id.n, id.p,
		    text);
		return 1;
	}
	if (a->j->command == NOTICE_APPROVE)
		return check_approve(a, id);
	if (a->j->command != NOTICE_WITHDRAW && !notice_is_signed(a->rules.kind, a->state)) {
		diag_row(&a->j->c.diag, a->j->c.prog, 0, NULL,
		    "%.*s must first be approved by %s (hazard-notice approve)", (int)id.n, id.p,
		    a->rules.policy->roles.v[a->rules.kind->approval].id);
		return 1;
	}
	if (a->j->command == NOTICE_SERVE && a->state->served != TIME_NONE)
		return already(a, id, "served", a->state->served);
	if (a->j->command == NOTICE_ACK && a->state->acked != TIME_NONE)
		return already(a, id, "acknowledged", a->state->acked);
	return 0;
}

/* One row. */
static void append(struct acting *a, struct span id)
{
	const struct table *t = schema_table(SPAN("deliveries"));
	char delivery[ID_MAX], at[TIME_LEN + 1];
	struct span f[16] = { { NULL, 0 } };

	commit_mint(a->w.commit, t, delivery);
	time_write(a->at, a->w.reg->offset, at);
	f[schema_column(t, SPAN("delivery"))] = span_of(delivery);
	f[schema_column(t, SPAN("at"))] = span_of(at);
	f[schema_column(t, SPAN("notice"))] = id;
	f[schema_column(t, SPAN("act"))] = span_of(notice_command_name[a->j->command]);
	f[schema_column(t, SPAN("channel"))] = a->how;
	f[schema_column(t, SPAN("result"))] = span_of(a->result);
	f[schema_column(t, SPAN("by"))] = a->by;
	f[schema_column(t, SPAN("to"))] = a->to;
	f[schema_column(t, SPAN("note"))] = a->note;
	commit_append(a->w.commit, t, f);
}

/* Of which nothing is asked but that it is not withdrawn. */
static const struct notice_kind gone = { .approval = -1, .post = "", .to = "", .template = "", .brief = "" };

/* One paper. */
static int act(struct acting *a, struct span id, struct err *e)
{
	const struct table *t = schema_table(SPAN("notices"));
	struct office *o = a->w.office;
	struct span f[SCAN_WANT_MAX];
	struct buf text = BUF_INIT;
	struct ledger_at at;
	int64_t issued = INT64_MIN;
	uint64_t commit = 0;
	int found = ledger_find(a->w.reg, &o->at, "notices", id, &at, e), rc = found < 0 ? -1 : 0;

	if (found == 0) {
		diag_row(&a->j->c.diag, a->j->c.prog, 0, NULL, "%.*s: no notice of that id in %s", (int)id.n,
		    id.p, a->w.reg->path);
		return 0;
	}
	if (!rc)
		rc = ledger_read(a->w.reg, &o->at, "notices", at, &text, f, e);
	if (!rc) {
		time_read(f[schema_column(t, SPAN("at"))], a->w.reg->offset, &issued);
		span_u64(f[schema_column(t, SPAN("commit"))], INT64_MAX, &commit);
		rc = notice_rules_of(&a->kinds, f[schema_column(t, SPAN("kind"))], commit, &a->rules, e);
	}
	if (!rc) {
		if (!a->rules.kind)
			a->rules.kind = &gone;
		a->state = notice_state_of(&a->states, id);
		if (check(a, id, issued) == 0)
			append(a, id);
	}
	buf_clear(&text);
	return rc;
}

/* A name or id of an officer. */
static int find_by(struct acting *a, struct err *e)
{
	const char *said = a->j->value[OPT_BY];

	a->by = a->w.actor;
	if (said && office_resolve(a->w.office, "officers", span_of(said), (struct span){ "", 0 },
	    time_day(a->at, a->w.reg->offset), &a->by, e) < 0)
		return err_prefix(e, "--by");
	return 0;
}

/* When: --at, not after now. */
static int find_at(struct acting *a, struct err *e)
{
	const char *said = a->j->value[OPT_AT];

	a->at = a->j->c.now;
	if (!said)
		return 0;
	if (time_parse(span_of(said), a->w.reg->offset, &a->at, NULL, e)) {
		e->status = ERR_USAGE;
		return err_prefix(e, "--at");
	}
	return a->at > a->j->c.now ? err_set(e, ERR_USAGE, "--at: %s is still to come", said) : 0;
}

/* serve: how, into whose hands, refused or not. */
static int check_serve(struct acting *a, struct err *e)
{
	const char *how = a->j->value[OPT_HOW], *witness = a->j->value[OPT_WITNESS];
	bool refused = a->j->value[OPT_REFUSED] != NULL, known = !how;

	for (size_t i = 0; i < sizeof ways / sizeof *ways && how; i++)
		known |= !strcmp(how, ways[i]);
	if (!known)
		return err_set(e, ERR_USAGE, "--how: \"%s\" is not one of direct, left, post, public", how);
	if (!a->j->value[OPT_TO] && (!how || strcmp(how, "public")))
		return err_set(e, ERR_USAGE, "serve: who took it, or refused it? --to=NAME");
	if ((refused || (how && !strcmp(how, "left"))) && !witness)
		return err_set(e, ERR_USAGE, "serve: a paper that is left needs a witness: --witness=NAME");
	if (refused && how && strcmp(how, "left"))
		return err_set(e, ERR_USAGE, "serve: what was refused was left there; leave out --how");
	if (witness && !refused && (!how || strcmp(how, "left")))
		return err_set(e, ERR_USAGE, "--witness goes with --refused or --how=left");
	a->how = span_of(refused ? "left" : how ? how : "direct");
	a->result = refused ? "refused" : "ok";
	return 0;
}

/* What the row will say, from the options. */
static int read_options(struct acting *a, struct err *e)
{
	struct notice_job *j = a->j;
	const char *note = j->value[OPT_NOTE], *reason = j->value[OPT_REASON],
	    *witness = j->value[OPT_WITNESS];

	a->result = "ok";
	if (j->command == NOTICE_SERVE && check_serve(a, e))
		return -1;
	if (j->command == NOTICE_REPLY && !note)
		return err_set(e, ERR_USAGE, "reply: what was answered? --note=TEXT");
	if (j->command == NOTICE_WITHDRAW && !reason)
		return err_set(e, ERR_USAGE, "withdraw: why? --reason=TEXT");
	if (j->value[OPT_TO] && job_text("to", j->value[OPT_TO], &a->mem, &a->to, e))
		return -1;
	if (note && job_text("note", note, &a->mem, &a->note, e))
		return -1;
	if (reason && job_text("reason", reason, &a->mem, &a->note, e))
		return -1;
	if (witness && job_text("witness", witness, &a->mem, &a->note, e))
		return -1;
	if (witness) {
		struct buf both = BUF_INIT;

		buf_printf(&both, "见证人:%s%s%s", a->note.p, note ? ";" : "", note ? note : "");
		a->note = (struct span){ NULL, 0 };
		if (job_text("note", both.p, &a->mem, &a->note, e)) {
			buf_clear(&both);
			return -1;
		}
		buf_clear(&both);
	}
	return 0;
}

/* All papers, then the commit. */
static int run(struct acting *a, struct err *e)
{
	struct notice_job *j = a->j;

	a->kinds.office = a->w.office;
	if (find_at(a, e) || find_by(a, e) || notice_states_load(&a->states, a->w.reg, &a->w.office->at, e))
		return -1;
	if (office_roles(a->w.office, a->w.actor, time_day(j->c.now, a->w.reg->offset), &a->roles, e))
		return -1;
	for (uint32_t i = 0; i < a->ids.n; i++)
		if (act(a, names_at(&a->ids, i), e))
			return -1;
	if (diag_end(&j->c.diag, e))
		return -1;
	return writing_close(&a->w, &j->out, e);
}

int notice_act(struct notice_job *j, struct err *e)
{
	struct acting a = { .j = j, .w = { .cli = &j->c } };
	char command[64];
	int rc;

	snprintf(command, sizeof command, "hazard-notice %s", notice_command_name[j->command]);
	rc = read_options(&a, e);
	if (!rc)
		rc = job_ids(j, "notice", schema_table(SPAN("notices")), false, &a.ids, e);
	if (!rc)
		rc = writing_open(&a.w, &j->c, command, "", false, e);
	if (!rc)
		rc = run(&a, e);
	notice_states_clear(&a.states);
	notice_kinds_clear(&a.kinds);
	names_clear(&a.ids);
	arena_clear(&a.mem);
	writing_drop(&a.w);
	return rc;
}

/* What would be sent, for a dry run. */
static void list_due(struct notice_job *j, const struct deliver *d)
{
	for (size_t i = 0; i < d->archive.n; i++)
		buf_printf(&j->out, "%s\n", notice_archive_value(&d->archive, i, "notice").p);
}

int notice_send(struct notice_job *j, struct err *e)
{
	struct deliver d = { .cli = &j->c, .again = j->value[OPT_AGAIN] != NULL,
	    .any_hour = j->value[OPT_ANY_HOUR] != NULL };
	struct names ids = { .n = 0 };
	struct buf said = BUF_INIT;
	int rc = -1;

	if (j->noperands && job_ids(j, "notice", schema_table(SPAN("notices")), false, &ids, e))
		goto done;
	if (j->noperands)
		d.wanted = &ids;
	d.office = office_open(j->c.dir, NULL, e);
	if (!d.office || cli_now(&j->c, d.office->reg->offset, e))
		goto done;
	d.reg = d.office->reg;
	d.reg->allow_network = j->c.allow_network;
	if (office_actor(d.office, j->c.actor, j->c.now, &d.actor, e) || deliver_run(&d, e))
		goto done;
	rc = 0;
	j->bad = d.failed + d.nobody + d.unknown > 0;
	if (j->c.dry_run)
		list_due(j, &d);
	deliver_said(&d, &said);
	cli_say(&j->c, "%s: %s", j->c.prog, j->c.dry_run && d.archive.n ? "these would be tried" : said.p);
done:
	deliver_clear(&d);
	names_clear(&ids);
	buf_clear(&said);
	office_close(d.office);
	return rc;
}

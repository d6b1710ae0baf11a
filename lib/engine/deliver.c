/* SPDX-License-Identifier: MIT */
#include "engine/deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/spawn.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/deliverhour.h"
#include "engine/delivermail.h"
#include "engine/noticetext.h"
#include "engine/noticeto.h"

#define LOCK ".index/sending"
#define COMMAND "hazard-notice send"
#define HUNG_MAX 3		/* a channel that hangs so often in a row is left alone for this run */
#define NOTE_MAX 200
#define EX_TEMPFAIL 75

void deliver_clear(struct deliver *d)
{
	notice_states_clear(&d->states);
	notice_archive_clear(&d->archive);
	notice_kinds_clear(&d->kinds);
	names_clear(&d->channels);
	free(d->hung);
	d->hung = NULL;
}

/* The lock that keeps a second `send` out; the descriptor, or -1. */
static int lock_sending(struct deliver *d, struct err *e)
{
	struct reg *r = d->reg;
	int fd, rc;

	/* the group's, whatever the umask */
	if (io.mkdirat(r->dir, ".index", r->dir_mode & 07777) == 0 && (r->dir_mode & 02000)
	    && fchmodat(r->dir, ".index", r->dir_mode, 0) < 0)
		return err_set(e, ERR_FAILED, ".index: %s", strerror(errno));
	fd = io_open(r->dir, LOCK, O_RDWR | O_CREAT, r->file_mode, false, e);
	if (fd < 0)
		return -1;
	rc = io_lock(fd, LOCK, d->cli->lock_wait_ms, e);
	if (rc == 0)
		return fd;
	io.close(fd);
	if (rc > 0)
		err_set(e, ERR_FAILED, "another hazard-notice send is under way in %s; what it does not send the next one will", r->path);
	return -1;
}

/* What somebody did meanwhile: a paper may have been withdrawn or delivered by hand. */
static int look_again(struct deliver *d, struct err *e)
{
	struct moment *m = mem_zalloc(1, sizeof *m);
	int rc = reg_moment(d->reg, NULL, m, e);

	if (!rc && m->seq != d->seq) {
		d->seq = m->seq;
		rc = notice_states_load(&d->states, d->reg, m, e);
	}
	free(m);
	return rc;
}

/* An attempt and how it went. */
struct attempt {
	const struct notice_paper *paper;
	const struct notice_kind *kind;		/* as it is now */
	const struct notice_channel *channel;
	uint32_t number;			/* of the channel, in this run */
	struct notice_next next;
	struct notice_address to;
	enum notice_result result;
	int64_t next_at;
	struct buf note;
};

/* One row of deliveries.csv, in a commit of its own. */
static int record(struct deliver *d, struct attempt *a, struct err *e)
{
	const struct table *t = schema_table(SPAN("deliveries"));
	char actor[256], id[ID_MAX], at[TIME_LEN + 1], next[TIME_LEN + 1] = "", number[24];
	struct commit_who who = { .actor = actor, .command = COMMAND, .key = "", .now = d->cli->now,
	    .lock_wait_ms = d->cli->lock_wait_ms };
	struct span f[16] = { { NULL, 0 } };
	struct buf warning = BUF_INIT, note = BUF_INIT;
	struct err ignored = ERR_INIT;
	struct commit *c;
	bool alone;
	int rc;

	snprintf(actor, sizeof actor, "%.*s", (int)d->actor.n, d->actor.p);
	c = commit_open(d->reg, &who, e);
	if (!c)
		return -1;
	commit_mint(c, t, id);
	time_write(d->cli->now, d->reg->offset, at);
	if (a->next_at != TIME_NONE)
		time_write(a->next_at, d->reg->offset, next);
	snprintf(number, sizeof number, "%u", a->next.attempt);
	if (a->note.n && text_canonical(&note, buf_view(&a->note), &ignored))
		buf_reset(&note);
	f[schema_column(t, SPAN("delivery"))] = span_of(id);
	f[schema_column(t, SPAN("at"))] = span_of(at);
	f[schema_column(t, SPAN("notice"))] = span_of(a->paper->id);
	f[schema_column(t, SPAN("act"))] = SPAN("send");
	f[schema_column(t, SPAN("channel"))] = span_of(a->channel->name);
	f[schema_column(t, SPAN("attempt"))] = span_of(number);
	f[schema_column(t, SPAN("result"))] = span_of(notice_result_name[a->result]);
	f[schema_column(t, SPAN("next_at"))] = span_of(next);
	f[schema_column(t, SPAN("by"))] = d->actor;
	f[schema_column(t, SPAN("to"))] = a->to.who;
	f[schema_column(t, SPAN("note"))] = buf_view(&note);
	commit_append(c, t, f);
	alone = commit_seq(c) == d->seq + 1;	/* else look_again reads what others recorded meanwhile */
	rc = commit_close(c, &warning, e);
	if (!rc)
		d->cli->recorded = true;
	if (!rc && alone) {
		d->seq++;
		notice_states_add(&d->states, f);
	}
	cli_warn(d->cli, buf_view(&warning));
	buf_clear(&warning);
	buf_clear(&note);
	return rc;
}

/* What the program said, as one line that cannot steer anything. */
static void put_said(struct buf *out, struct span said)
{
	struct buf line = BUF_INIT;

	while (said.n && (said.p[said.n - 1] == '\n' || said.p[said.n - 1] == '\r'))
		said.n--;
	said = span_trim(said);
	if (said.n > NOTE_MAX)
		said.n = NOTE_MAX;
	while (said.n && text_valid(said) != said.n && said.n - text_valid(said) < 4)
		said.n = text_valid(said);	/* cut in the middle of a character */
	text_escape(&line, said, true);
	if (line.n)
		buf_puts(out, ": ");
	for (size_t i = 0; i < line.n; i++)
		buf_putc(out, line.p[i] == '\n' ? ' ' : line.p[i]);
	buf_clear(&line);
}

/* The result of a program's end, and when to try again. */
static void judge(const struct deliver *d, struct attempt *a, const struct spawn_result *r)
{
	const struct notice_channel *c = a->channel;
	int64_t first = a->next.first != TIME_NONE ? a->next.first : d->cli->now;
	size_t tries = 0;

	a->next_at = TIME_NONE;
	a->result = NOTICE_FAILED;
	if (r->end == SPAWN_EXIT && r->code == 0) {
		a->result = NOTICE_OK;
		return;
	}
	if (r->end == SPAWN_MISSING)
		buf_printf(&a->note, "%s cannot be run; install it, or change the channel %s in notices.yaml",
		    c->run[0], c->name);
	else if (r->end == SPAWN_TIMEOUT)
		buf_printf(&a->note, "no answer within %d s", c->timeout);
	else
		buf_printf(&a->note, r->end == SPAWN_SIGNAL ? "died of signal %d" : "exit status %d",
		    r->code);
	put_said(&a->note, buf_view(&r->said));
	if (r->end == SPAWN_MISSING || (r->end == SPAWN_EXIT && r->code != EX_TEMPFAIL))
		return;
	tries = a->next.first != TIME_NONE ? a->next.attempt - 1 : 0;
	a->next_at = d->cli->now + c->retry[tries < c->nretries ? tries : c->nretries - 1];
	if (a->next_at - first > c->give_up) {
		a->next_at = TIME_NONE;
		buf_printf(&a->note, "; given up");
		return;
	}
	a->result = NOTICE_TEMPORARY;
}

/* Who a mail is from: the issuing organ's name, the channel's address or the organ's own. */
static int find_sender(struct deliver *d, const struct attempt *a, struct deliver_message *m, struct err *e)
{
	int32_t day = time_day(d->cli->now, d->reg->offset);

	m->from_name = span_of(d->reg->name);
	m->from = span_of(a->channel->from);
	if (a->paper->issuer.n && notice_name(d->office, "organs", a->paper->issuer, day, &m->from_name, e))
		return -1;
	if (!m->from.n && notice_field(d->office, "organs", a->paper->issuer, "mail", day, &m->from, e))
		return -1;
	if (!deliver_address_ok(m->from, true))
		m->from = (struct span){ NULL, 0 };
	return 0;
}

/* The message for a channel. */
static int compose(struct deliver *d, const struct attempt *a, struct buf *out, struct err *e)
{
	struct deliver_message m = { .notice = a->paper->id, .number = a->paper->number, .to = a->to.address,
		.receiver = a->paper->receiver, .office = d->reg->office, .at = d->cli->now,
		.offset = d->reg->offset };
	struct buf text = BUF_INIT, title = BUF_INIT, name = BUF_INIT;
	int rc = a->channel->mail ? notice_text(&d->archive.batch, a->paper, false, &text, e)
	    : notice_brief(&d->archive.batch, a->paper, &text, e);

	if (!rc)
		rc = find_sender(d, a, &m, e);
	text_escape(&title, span_of(a->paper->title), false);
	text_escape(&name, m.from_name, false);
	m.title = title.n ? title.p : "";
	m.from_name = buf_view(&name);
	m.text = buf_view(&text);
	if (!rc && a->channel->mail)
		deliver_mail(&m, out);
	else if (!rc)
		deliver_phone(&m, out);
	buf_clear(&text);
	buf_clear(&title);
	buf_clear(&name);
	return rc;
}

/* Nobody to send to: recorded, said, and tried again tomorrow. */
static int nobody(struct deliver *d, struct attempt *a, const char *why, struct err *e)
{
	a->result = NOTICE_NO_ADDRESSEE;
	a->next_at = d->cli->now + DELIVER_AGAIN;
	buf_puts(&a->note, why);
	d->nobody++;
	diag_warn(&d->cli->diag, "%s: nobody to send it to by %s%s%.*s: %s", a->paper->id, a->channel->name,
	    a->to.who.n ? ", for " : "",
	    (int)a->to.who.n, a->to.who.p ? a->to.who.p : "", why);
	return record(d, a, e);
}

/* Count and say how an attempt went. */
static void account(struct deliver *d, const struct attempt *a, const struct spawn_result *r)
{
	d->hung[a->number] = r->end == SPAWN_TIMEOUT ? d->hung[a->number] + 1 : 0;
	if (a->result == NOTICE_OK)
		d->sent++;
	else if (a->result == NOTICE_TEMPORARY)
		d->temporary++;
	else {
		d->failed++;
		diag_warn(&d->cli->diag, "%s: not delivered by %s: %s", a->paper->id, a->channel->name,
		    a->note.p);
	}
}

/* Try one channel of a paper. */
static int try_channel(struct deliver *d, struct attempt *a, struct err *e)
{
	struct spawn_result r = { .end = SPAWN_EXIT };
	struct buf message = BUF_INIT;
	int rc;

	if (notice_address(d->office, a->kind, a->paper->receiver, a->paper->person, a->channel->mail,
	    time_day(d->cli->now, d->reg->offset), &a->to, e))
		return -1;
	if (!a->to.address.n)
		return nobody(d, a, a->to.why, e);
	if (!deliver_address_ok(a->to.address, a->channel->mail))
		return nobody(d, a, a->channel->mail ? "what stands there is no mail address"
		    : "what stands there is no phone number", e);
	rc = compose(d, a, &message, e);
	if (!rc)
		rc = spawn_run(a->channel->run, buf_view(&message), (int64_t)a->channel->timeout * 1000, &r,
		    e);
	if (!rc) {
		judge(d, a, &r);
		account(d, a, &r);
		rc = record(d, a, e);
	}
	buf_clear(&r.said);
	buf_clear(&message);
	return rc;
}

/* The number of a channel in this run. */
static uint32_t channel_number(struct deliver *d, const char *name)
{
	uint32_t before = d->channels.n, n = names_add(&d->channels, span_of(name));

	MEM_GROW(d->hung, d->hung_cap, (size_t)d->channels.n);
	if (d->channels.n > before)
		d->hung[n] = 0;
	return n;
}

/* One of a paper's channels, and on to its fallbacks while one fails at once. */
static int send_by(struct deliver *d, size_t i, const struct notice_rules *r, int channel, struct err *e)
{
	struct span id = notice_archive_value(&d->archive, i, "notice");
	bool force = d->wanted != NULL;

	for (size_t tries = 0; tries <= r->policy->nchannels; tries++, force = false) {
		struct attempt a = { .kind = r->kind };
		const struct notice_state *x;
		struct notice_paper *p;
		enum notice_way way;
		int rc;

		if (look_again(d, e))
			return -1;
		x = notice_state_of(&d->states, id);
		way = notice_way(&d->states, x, r->policy, channel, d->cli->now, force, &a.next);
		if (way == WAY_DELIVERED && d->again && tries == 0)
			way = WAY_DUE;
		if (way != WAY_DUE || !notice_is_signed(r->kind, x))
			return 0;
		a.channel = notice_rules_channel(d->office, r, a.next.channel);
		a.number = channel_number(d, a.channel->name);
		if (d->hung[a.number] >= HUNG_MAX) {
			d->left++;
			return 0;
		}
		if (notice_archive_paper(&d->archive, i, &p, e))
			return -1;
		a.paper = p;
		rc = try_channel(d, &a, e);
		buf_clear(&a.note);
		if (rc)
			return -1;
		if (a.result == NOTICE_OK || a.result == NOTICE_TEMPORARY)
			return 0;
	}
	return 0;
}

/* All channels of a paper. */
static int send_paper(struct deliver *d, size_t i, struct err *e)
{
	struct notice_rules r;

	if (notice_rules_of(&d->kinds, notice_archive_value(&d->archive, i, "kind"), d->archive.v[i].commit, &r, e))
		return -1;
	for (size_t n = 0; n < r.kind->nchannels; n++)
		if (send_by(d, i, &r, r.kind->channel[n], e))
			return -1;
	return 0;
}

int deliver_run(struct deliver *d, struct err *e)
{
	int lock = -1, rc = -1;

	d->archive.reg = d->reg;
	d->kinds.office = d->office;
	if (!d->cli->dry_run && (lock = lock_sending(d, e)) < 0)
		return -1;
	d->open = deliver_is_open(d->office, d->cli->now, &d->cli->diag);
	if (deliver_pick(d, e))
		goto done;
	for (size_t i = 0; i < d->archive.n; i++) {
		cli_progress(d->cli, "papers", i, d->archive.n);
		if (!d->cli->dry_run && send_paper(d, i, e))
			goto done;
	}
	rc = 0;
done:
	if (lock >= 0)
		io.close(lock);
	return rc;
}

void deliver_said(const struct deliver *d, struct buf *out)
{
	const struct { size_t n; const char *words; } said[] = {
		{ d->sent, "sent" }, { d->temporary, "to be tried again" }, { d->failed, "failed" },
		    { d->nobody, "without an addressee" },
		{ d->unsigned_, "waiting for approval" }, { d->closed, "waiting for sending hours" },
		{ d->left, "left for the next run, because their channel hangs" },
		{ d->unknown, "of a kind that nobody knows" },
	};

	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		if (said[i].n)
			buf_printf(out, "%s%zu %s", out->n ? ", " : "", said[i].n, said[i].words);
	if (!out->n)
		buf_puts(out, "nothing to send");
}

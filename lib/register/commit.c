/* SPDX-License-Identifier: MIT */
#include "register/commit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/time.h"
#include "csv/writer.h"
#include "register/pending.h"

#define ID_TAIL 4096u
#define DIGEST_STEP 16384u	/* bytes of rows digested at a time */

/* The journal's words must be told what is wrong with them before anything is done. */
static int check_word(const char *what, const char *column, const char *value, int offset, struct err *e)
{
	const struct table *t = schema_table(SPAN("journal"));
	struct err why = ERR_INIT;

	if (value == NULL || value[0] == '\0')
		return 0;
	if (schema_check(&t->columns[schema_column(t, span_of(column))], span_of(value), offset, &why) == 0)
		return 0;
	return err_set(e, ERR_USAGE, "%s: %s", what, why.text);
}

/* A commit on a snapshot. */
static struct commit *commit_new(struct reg *r, const struct commit_who *who)
{
	struct commit *c = mem_zalloc(1, sizeof *c);

	c->r = r;
	c->who = *who;
	c->actor = mem_strdup(who->actor != NULL ? who->actor : "");
	c->command = mem_strdup(who->command != NULL && who->command[0] != '\0' ? who->command : "unknown");
	c->key = mem_strdup(who->key != NULL ? who->key : "");
	c->who.actor = c->actor;
	c->who.command = c->command;
	c->who.key = c->key;
	c->journal = -1;
	return c;
}

/* Take over the tail of the journal as the snapshot. */
static int take_tail(struct commit *c, const struct tail *t, struct err *e)
{
	if (!index_moment(c->r, &t->sized, &c->m) && moment_of_line(&t->sized, &c->m, e) < 0) {
		c->m.nledgers = 0;
		return -1;
	}
	memcpy(c->chain, t->last.chain.p, DIGEST_HEX);
	c->journal_size = t->good;
	c->seq = t->last.seq + 1;
	c->seq_n = (size_t)snprintf(c->seq_text, sizeof c->seq_text, "%ju", (uintmax_t)c->seq);
	for (size_t i = 0; i < c->m.nledgers; i++) {
		struct pending_ledger *l = &c->ledger[i];

		l->at = &c->m.ledger[i];
		l->table = l->at->table;
		l->commit_column = schema_column(l->table, SPAN("commit"));
		l->fd = -1;
		reg_segment_name(l->table->name, l->at->segment, l->name);
	}
	return 0;
}

struct commit *commit_open(struct reg *r, const struct commit_who *who, struct err *e)
{
	struct commit *c;
	struct tail t;
	size_t n;
	int result = -1;

	if (check_word("actor", "actor", who->actor, r->offset, e) < 0
	    || check_word("retry key", "key", who->key, r->offset, e) < 0)
		return NULL;
	c = commit_new(r, who);
	if (who->dry_run) {
		if (tail_now(r, &t, e) < 0)
			goto fail;
	} else {
		index_make_ready(r);
		c->journal = journal_lock(r, &c->who, &t, e);
		if (c->journal < 0)
			goto fail;
		/* invariant 1: no begin stands open once the lock is ours */
		assert(t.last.kind != JOURNAL_BEGIN && t.good == t.size);
	}
	result = take_tail(c, &t, e);
	tail_clear(&t);
	if (result == 0 && !who->dry_run)
		result = foreign_check(r, &c->m, NULL, 0, &n, e);
	if (result == 0)
		return c;
fail:
	commit_drop(c);
	return NULL;
}

const struct moment *commit_moment(const struct commit *c)
{
	return &c->m;
}

uint64_t commit_seq(const struct commit *c)
{
	return c->seq;
}

/* The ledger of a table; NULL with c broken when this register has none. */
static struct pending_ledger *ledger_of(struct commit *c, const struct table *t)
{
	for (size_t i = 0; i < c->m.nledgers; i++)
		if (c->ledger[i].table == t)
			return &c->ledger[i];
	err_set(&c->broken, ERR_PERSON, "this register has no %s.csv: it was made by an older program", t->name);
	return NULL;
}

/* The id of the last record of a segment; 0 none. */
static int last_id(struct commit *c, const struct pending_ledger *l, struct segment *s, struct schema_id *id, struct err *e)
{
	struct buf bytes = BUF_INIT, text = BUF_INIT;
	struct span fields[SCAN_WANT_MAX], record;
	size_t want = 0;
	const char *lf = NULL;
	off_t end;
	int n, result = -1;

	if (segment_end(&c->m, s, &end, e) < 0)
		return -1;
	if (end <= s->body)
		return 0;
	/* back to the LF before the last record; the header's own ends the search */
	for (size_t next = ID_TAIL; lf == NULL; next *= 2) {
		want = (off_t)next < end ? next : (size_t)end;
		buf_reset(&bytes);
		buf_reserve(&bytes, want);
		if (io_read_at(s->fd, s->name, bytes.p, want, end - (off_t)want, e) < 0)
			goto done;
		lf = want > 1 ? memrchr(bytes.p, '\n', want - 1) : NULL;
		if (lf == NULL && (off_t)want == end)
			break;
	}
	if (lf == NULL || bytes.p[want - 1] != '\n')
		goto bad;
	record = (struct span){ lf + 1, (size_t)(bytes.p + want - 1 - (lf + 1)) };
	n = scan_record(s->name, record, &text, fields, SCAN_WANT_MAX, e);
	if (n < 0) {
		segment_changed(s, e);
		goto done;
	}
	if (s->column[l->table->key] < n && schema_id_parse(fields[s->column[l->table->key]], id)) {
		result = 1;
		goto done;
	}
bad:
	err_set(e, ERR_PERSON, "%s: its last record has no id; run gridctl verify", s->name);
done:
	buf_clear(&bytes);
	buf_clear(&text);
	return result;
}

/* The highest id among rows that share ids. */
static int highest_id(void *arg, const struct scan_row *row)
{
	struct schema_id *best = arg, id;

	if (schema_id_parse(row->f[0], &id)
	    && (id.year > best->year || (id.year == best->year && id.number > best->number)))
		*best = id;
	return 0;
}

/* Year and last number of a ledger: from its tail, whatever its size. */
static int read_last(struct commit *c, struct pending_ledger *l, struct err *e)
{
	struct schema_id id = { .year = 0 };
	bool alone = strcmp(l->table->primary, l->table->columns[l->table->key].name) == 0;
	int y, m, d, got = 0;

	if (!alone) {
		/* one id may stand in several rows (rewards), so the last row need not carry the last id */
		void *args[] = { &id };

		if (ledger_scan(c->r, &c->m, l->table->name, &l->table->key, 1, highest_id, args, 1, e) < 0)
			return -1;
		got = id.year > 0;
	}
	for (unsigned n = l->at->segment; alone && n > 0 && got == 0; n--) {
		struct segment *s = segment_get(c->r, l->table->name, n, e);

		got = s != NULL ? last_id(c, l, s, &id, e) : -1;
	}
	if (got < 0)
		return -1;
	date_civil(time_day(c->who.now, c->r->offset), &y, &m, &d);
	l->year = got > 0 && id.year > y ? id.year : y;
	l->last = got > 0 && id.year == l->year ? id.number : 0;
	l->known = true;
	return 0;
}

void commit_mint(struct commit *c, const struct table *t, char out[ID_MAX])
{
	struct pending_ledger *l = ledger_of(c, t);
	struct schema_id id = { .office = span_of(c->r->office), .letter = t->id_letter, .year = 1970, .number = 1 };

	assert(t->id_letter != 0);
	if (l != NULL && (l->known || read_last(c, l, &c->broken) == 0)) {
		l->minted++;
		id.year = l->year;
		id.number = (uint32_t)(l->last + l->minted);
		if (l->last + l->minted > SCHEMA_NUMBER_MAX)
			err_set(&c->broken, ERR_FAILED, "%s: there are no more numbers for %d", l->name, l->year);
	}
	schema_id_write(&id, out);
}

void commit_mark(const struct commit *c, struct commit_mark *m)
{
	for (size_t i = 0; i < c->m.nledgers; i++) {
		m->rows[i] = c->ledger[i].nrows;
		m->bytes[i] = c->ledger[i].rows.n;
		m->minted[i] = c->ledger[i].minted;
	}
}

void commit_rewind(struct commit *c, const struct commit_mark *m)
{
	for (size_t i = 0; i < c->m.nledgers; i++) {
		struct pending_ledger *l = &c->ledger[i];

		assert(m->rows[i] <= l->nrows && m->bytes[i] <= l->rows.n && m->minted[i] <= l->minted);
		l->nrows = m->rows[i];
		l->rows.n = m->bytes[i];
		l->minted = m->minted[i];
		if (l->digested > l->rows.n)
			l->digested = 0;
		if (l->rows.p != NULL)
			l->rows.p[l->rows.n] = '\0';
	}
}

/* Digest the rows up to a byte. */
static void digest_rows(struct pending_ledger *l, size_t to)
{
	if (l->digested == 0)
		digest_start(&l->digest);
	digest_put(&l->digest, l->rows.p + l->digested, to - l->digested);
	l->digested = to;
}

void pending_digest(struct pending_ledger *l, char out[DIGEST_HEX + 1])
{
	struct digest d;

	digest_rows(l, l->rows.n);
	d = l->digest;
	digest_hex(&d, out);
}

/* Is the record one line? */
static bool is_line_safe(struct span v)
{
	return v.n == 0 || (memchr(v.p, '\n', v.n) == NULL && memchr(v.p, '\r', v.n) == NULL && memchr(v.p, '\0', v.n) == NULL);
}

/* A row stands behind the others, up to `to`. */
static void take_row(struct pending_ledger *l, char *to)
{
	*to++ = '\n';
	*to = '\0';
	if (l->rows.n - l->digested >= DIGEST_STEP)
		digest_rows(l, l->rows.n);	/* the row under way may be given back, those before it seldom are */
	l->rows.n = (size_t)(to - l->rows.p);
	l->nrows++;
}

void commit_append(struct commit *c, const struct table *t, const struct span *values)
{
	struct pending_ledger *l = ledger_of(c, t);
	size_t bytes = 0;
	char *to, *start;

	assert(t->kind == TABLE_RECORD);
	if (l == NULL)
		return;
	for (int i = 0; i < t->ncolumns; i++)
		bytes += values[i].n;
	buf_reserve(&l->rows, 2 * bytes + 3 * (size_t)t->ncolumns + sizeof c->seq_text + 2);
	to = start = l->rows.p + l->rows.n;
	for (int i = 0; i < t->ncolumns; i++) {
		struct span v = i == l->commit_column ? (struct span){ c->seq_text, c->seq_n } : values[i];

		if (i > 0)
			*to++ = ',';
		if (v.n > 0)
			to = writer_field_at(to, v);
	}
	assert(is_line_safe((struct span){ start, (size_t)(to - start) }));
	take_row(l, to);
}

size_t commit_tail_room(const struct table *t, size_t bytes)
{
	return 2 * bytes + 3 * (size_t)t->ncolumns;
}

char *commit_tail(const struct table *t, const struct span *values, char *to)
{
	char *start = to;

	if (t->key != 0 || t->ncolumns < 3 || strcmp(t->columns[1].name, "commit") != 0)
		return NULL;
	for (int i = 2; i < t->ncolumns; i++) {
		*to++ = ',';
		if (values[i].n > 0)
			to = writer_field_at(to, values[i]);
	}
	assert(is_line_safe((struct span){ start, (size_t)(to - start) }));
	return to;
}

void commit_append_tail(struct commit *c, const struct table *t, struct span id, struct span tail)
{
	struct pending_ledger *l = ledger_of(c, t);
	char *to;

	assert(t->kind == TABLE_RECORD && t->key == 0);
	if (l == NULL)
		return;
	buf_reserve(&l->rows, id.n + 1 + sizeof c->seq_text + tail.n + 2);
	to = mempcpy(l->rows.p + l->rows.n, id.p, id.n);
	*to++ = ',';
	to = mempcpy(to, c->seq_text, c->seq_n);
	take_row(l, mempcpy(to, tail.p, tail.n));
}

struct span commit_pending(const struct commit *c, const struct table *t)
{
	for (size_t i = 0; i < c->m.nledgers; i++)
		if (c->ledger[i].table == t)
			return buf_view(&c->ledger[i].rows);
	return (struct span){ NULL, 0 };
}

void commit_pending_all(const struct commit *c, struct buf *out)
{
	for (int first = 1; first >= 0; first--)
		for (size_t i = 0; i < c->m.nledgers; i++)
			if ((strcmp(c->ledger[i].table->name, "hazards") == 0) == first)
				buf_span(out, buf_view(&c->ledger[i].rows));
}

size_t commit_rows(const struct commit *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->m.nledgers; i++)
		n += c->ledger[i].nrows;
	return n;
}

void commit_version(struct commit *c, const char *name, struct span bytes)
{
	struct pending_version *v = NULL;
	const char *now = moment_version(&c->m, name);

	for (size_t i = 0; i < c->nversions; i++)
		if (strcmp(c->version[i].name, name) == 0)
			v = &c->version[i];
	if (v == NULL) {
		char digest[DIGEST_HEX + 1];

		digest_of(bytes, digest);
		if (now != NULL && strcmp(now, digest) == 0)
			return;
		assert(c->nversions < REG_LEDGERS_MAX && strlen(name) < sizeof v->name);
		v = &c->version[c->nversions++];
		memcpy(v->name, name, strlen(name) + 1);
	}
	buf_reset(&v->bytes);
	buf_span(&v->bytes, bytes);
	digest_of(bytes, v->digest);
}

void commit_policy(struct commit *c, const struct policy_bytes *files, size_t n, struct span manifest)
{
	assert(c->nfiles == 0);
	c->file = mem_zalloc(n > 0 ? n : 1, sizeof *c->file);
	for (size_t i = 0; i < n; i++) {
		if (!policy_path_ok(span_of(files[i].path)))
			err_set(&c->broken, ERR_DATA, "policy: \"%s\" is not a name for a policy file", files[i].path);
		c->file[i].path = mem_strdup(files[i].path);
		buf_span(&c->file[i].bytes, files[i].bytes);
	}
	c->nfiles = n;
	commit_version(c, "policy", manifest);
}

void commit_drop(struct commit *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->m.nledgers; i++) {
		buf_clear(&c->ledger[i].rows);
		if (c->ledger[i].fd >= 0)
			io.close(c->ledger[i].fd);
	}
	for (size_t i = 0; i < c->nversions; i++)
		buf_clear(&c->version[i].bytes);
	for (size_t i = 0; i < c->nfiles; i++) {
		free(c->file[i].path);
		buf_clear(&c->file[i].bytes);
	}
	free(c->file);
	buf_clear(&c->begin);
	buf_clear(&c->commit);
	buf_clear(&c->abort);
	if (c->journal >= 0)
		io.close(c->journal);
	free(c->actor);
	free(c->command);
	free(c->key);
	free(c);
}

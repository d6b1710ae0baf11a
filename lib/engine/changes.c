/* SPDX-License-Identifier: MIT */
#include "engine/changes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "engine/rowspan.h"
#include "engine/tablerows.h"
#include "register/journal.h"

#define SPANS_MAX (2 * REG_LEDGERS_MAX)

const char *const changes_columns[CHANGES_NCOLUMNS] = { "commit", "at", "actor", "login", "command", "ledger",
    "id", "column", "was",
	"value" };

/* The journal going by. */
struct walk {
	struct reg *r;
	const struct changes_want *want;
	changes_fn *fn;
	void *arg;
	struct err *e;
	struct buf begin;		/* the last begin line: its words and spans */
	struct journal_line line;
	struct moment_version before[REG_LEDGERS_MAX + 4];	/* of each version so far */
	size_t nbefore;
	/* of the commit under way */
	struct span v[CHANGES_NCOLUMNS];
	char seq[24], at[TIME_LEN + 1];
	const struct table *table;
	bool headed;			/* the span begins with the header of its file */
	struct buf first, last;		/* ids of the rows that count */
	uint64_t rows;
	bool any;
};

/* Hand one line on. */
static int put(struct walk *w, struct span ledger, struct span id, const char *column, struct span was,
    struct span value)
{
	w->v[CHANGES_LEDGER] = ledger;
	w->v[CHANGES_ID] = id;
	w->v[CHANGES_COLUMN] = span_of(column);
	w->v[CHANGES_WAS] = was;
	w->v[CHANGES_VALUE] = value;
	w->any = true;
	return w->fn(w->arg, w->v);
}

/* The line for a ledger without its values. */
static int put_count(struct walk *w, const char *ledger, uint64_t count)
{
	struct buf id = BUF_INIT;
	char n[24];
	int result;

	snprintf(n, sizeof n, "%" PRIu64, count);
	buf_span(&id, buf_view(&w->first));
	if (w->last.n && !span_eq(buf_view(&w->first), buf_view(&w->last)))
		buf_printf(&id, "..%s", w->last.p);
	result = put(w, span_of(ledger), buf_view(&id), "", (struct span){ NULL, 0 }, span_of(n));
	buf_clear(&id);
	return result;
}

/* Does a row carry the id asked for? */
static bool carries(const struct walk *w, const struct span *f)
{
	for (int c = 0; c < w->table->ncolumns; c++) {
		struct span v = f[c], one;

		if (w->table->columns[c].type == COLUMN_LIST) {
			while (span_split(&v, ';', &one))
				if (span_eq(one, w->want->id))
					return true;
		} else if (w->table->columns[c].left && span_eq(v, w->want->id)) {
			return true;
		}
	}
	return false;
}

/* Count a row by its id. */
static void count(struct walk *w, struct span id)
{
	if (w->rows++ == 0) {
		buf_reset(&w->first);
		buf_span(&w->first, id);
	}
	buf_reset(&w->last);
	buf_span(&w->last, id);
}

/* One new record. */
static int take_record(void *arg, size_t number, const struct span *f)
{
	struct walk *w = arg;
	const struct table *t = w->table;
	int result = 0;

	if ((number == 1 && w->headed) || (w->want->id.n && !carries(w, f)))
		return 0;
	count(w, f[t->key]);
	for (int c = 0; w->want->values && c < t->ncolumns && result == 0; c++)
		if (f[c].n && c != t->key && strcmp(t->columns[c].name, "commit"))
			result = put(w, span_of(t->name), f[t->key], t->columns[c].name, (struct span){ NULL,
			    0 }, f[c]);
	return result;
}

/* A ledger's part of a commit. */
static int take_ledger(struct walk *w, const struct journal_span *s)
{
	int result;

	w->table = rowspan_table(s->name);
	if (!w->table || (w->want->ledger && strcmp(w->want->ledger, w->table->name)))
		return 0;
	w->rows = 0;
	w->headed = s->offset == 0;
	w->first.n = w->last.n = 0;
	result = rowspan_read(w->r, w->table, s->name, s->offset, s->offset + s->length, 0, take_record, w, w->e);
	if (result == 0 && !w->want->values && w->rows)
		result = put_count(w, w->table->name, w->rows);
	return result;
}

/* The digest of a version before this commit, which becomes now. */
static void turn_version(struct walk *w, const char *name, const char *now, char was[65])
{
	size_t i = 0;

	was[0] = '\0';
	while (i < w->nbefore && strcmp(w->before[i].name, name))
		i++;
	if (i == sizeof w->before / sizeof *w->before)
		return;
	if (i == w->nbefore) {
		w->nbefore++;
		snprintf(w->before[i].name, sizeof w->before[i].name, "%.*s", REG_FILE_MAX - 1, name);
	} else {
		memcpy(was, w->before[i].digest, sizeof w->before[i].digest);
	}
	memcpy(w->before[i].digest, now, sizeof w->before[i].digest);
}

/* One changed row of a master. */
static int take_change(void *arg, const struct tablerows_change *c)
{
	struct walk *w = arg;
	const struct span none = { NULL, 0 };
	const struct span *some = c->now ? c->now : c->was;
	int result = 0;

	if (w->want->id.n && !(c->now && carries(w, c->now)) && !(c->was && carries(w, c->was)))
		return 0;
	count(w, some[w->table->key]);
	for (int i = 0; w->want->values && i < w->table->ncolumns && result == 0; i++) {
		struct span was = c->was ? c->was[i] : none, now = c->now ? c->now[i] : none;

		if (i != w->table->key && !span_eq(was, now))
			result = put(w, span_of(w->table->name), some[w->table->key], w->table->columns[i].name,
			    was, now);
	}
	return result;
}

/* A new version of a master. */
static int take_master(struct walk *w, const char *was, const char *now)
{
	struct tablerows a, b;
	int result = -1;

	tablerows_init(&b, w->table);
	if (tablerows_version(&a, w->table, w->r, was[0] ? was : NULL, w->e) == 0
	    && tablerows_version(&b, w->table, w->r, now, w->e) == 0) {
		w->rows = 0;
		w->first.n = w->last.n = 0;
		result = tablerows_compare(&a, &b, take_change, w);
		if (result == 0 && !w->want->values && (w->want->id.n ? w->rows : a.n + b.n)) {
			if (!w->want->id.n)
				w->first.n = w->last.n = 0;
			result = put_count(w, w->table->name, w->want->id.n ? w->rows : b.n);
		}
	}
	tablerows_clear(&a);
	tablerows_clear(&b);
	return result;
}

/* The digest of a path in a manifest, or an empty span. */
static struct span manifest_digest(struct span manifest, struct span path)
{
	struct span line;

	while (span_split(&manifest, '\n', &line))
		if (line.n > 66 && span_eq((struct span){ line.p + 66, line.n - 66 }, path))
			return (struct span){ line.p, 12 };
	return (struct span){ NULL, 0 };
}

/* Files of one manifest that the other has otherwise; both ways round gives all changes. */
static int put_files(struct walk *w, struct span of, struct span other, bool now)
{
	struct span line, rest = of;
	int result = 0;

	while (result == 0 && span_split(&rest, '\n', &line)) {
		struct span path = { line.p + 66, line.n > 66 ? line.n - 66 : 0 }, mine = { line.p, 12 }, theirs;

		if (!path.n)
			continue;
		theirs = manifest_digest(other, path);
		if (now ? !span_eq(mine, theirs) : !theirs.n)
			result = put(w, SPAN("policy"), path, "sha256", now ? theirs : mine, now ? mine
			    : (struct span){ NULL, 0 });
	}
	return result;
}

/* A new version of the policy: its files by digest. */
static int take_policy(struct walk *w, const char *was, const char *now)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	uint64_t files = 0;
	int result = -1;

	if ((was[0] && reg_version(w->r, was, &a, w->e)) || reg_version(w->r, now, &b, w->e))
		goto done;
	for (size_t i = 0; i < b.n; i++)
		files += b.p[i] == '\n';
	w->first.n = w->last.n = 0;
	if (!w->want->values) {
		result = put_count(w, "policy", files);
	} else {
		result = put_files(w, buf_view(&b), buf_view(&a), true);
		if (result == 0)
			result = put_files(w, buf_view(&a), buf_view(&b), false);
	}
done:
	buf_clear(&a);
	buf_clear(&b);
	return result;
}

/* A version's part of a commit; looked at only when wanted, remembered always. */
static int take_version(struct walk *w, const struct journal_span *s, bool wanted)
{
	char was[65];

	turn_version(w, s->name, s->digest, was);
	if (!wanted || (w->want->ledger && strcmp(w->want->ledger, s->name)))
		return 0;
	w->table = schema_table(span_of(s->name));
	if (w->table && w->table->kind == TABLE_MASTER)
		return take_master(w, was, s->digest);
	if (w->want->id.n)
		return 0;
	if (!strcmp(s->name, "policy"))
		return take_policy(w, was, s->digest);
	w->first.n = w->last.n = 0;
	return w->want->values ? put(w, span_of(s->name), (struct span){ NULL, 0 }, "sha256", span_of(was),
	    span_of(s->digest))
	    : put_count(w, s->name, 1);
}

/* Is the commit asked for? */
static bool is_wanted(const struct walk *w, const struct journal_line *l)
{
	return l->at >= w->want->since && l->at <= w->want->until && (!w->want->actor.n || span_eq(l->actor,
	    w->want->actor));
}

/* All of one commit, whose words and spans are those of l. */
static int take_commit(struct walk *w, const struct journal_line *l)
{
	struct journal_span s[SPANS_MAX];
	bool wanted = is_wanted(w, l);
	int result = 0;
	size_t n;

	if (!journal_spans(l->spans, s, SPANS_MAX, &n))
		return err_set(w->e, ERR_PERSON,
		    "journal.csv: the spans of commit %" PRIu64 " cannot be read; run gridctl verify", l->seq);
	snprintf(w->seq, sizeof w->seq, "%" PRIu64, l->seq);
	time_write(l->at, w->r->offset, w->at);
	w->v[CHANGES_COMMIT] = span_of(w->seq);
	w->v[CHANGES_AT] = span_of(w->at);
	w->v[CHANGES_ACTOR] = l->actor;
	w->v[CHANGES_LOGIN] = l->login;
	w->v[CHANGES_COMMAND] = l->command;
	w->any = false;
	for (size_t i = 0; i < n && result == 0; i++) {
		if (s[i].length < 0)
			result = take_version(w, &s[i], wanted);
		else if (wanted)
			result = take_ledger(w, &s[i]);
	}
	if (result == 0 && wanted && n == 0 && !w->want->values && !w->want->ledger && !w->want->id.n) {
		w->first.n = w->last.n = 0;
		result = put_count(w, "", 0);
	}
	return result;
}

/* One line of the journal: a begin is kept until its commit. */
static int take_line(void *arg, const struct journal_line *l, bool chained)
{
	struct walk *w = arg;
	struct journal_line begin;

	if (!chained)
		return err_set(w->e, ERR_PERSON,
		    "journal.csv:%zu: this line does not fit the chain; run gridctl verify", l->line);
	if (l->kind == JOURNAL_BEGIN) {
		buf_reset(&w->begin);
		buf_span(&w->begin, l->body);
		buf_putc(&w->begin, ',');
		buf_span(&w->begin, l->chain);
		return 0;
	}
	if (l->kind == JOURNAL_ADOPT)
		return take_commit(w, l);
	if (l->kind != JOURNAL_COMMIT)
		return 0;
	if (!w->begin.n || !journal_parse(buf_view(&w->begin), w->r->offset, &begin) || begin.seq != l->seq)
		return take_commit(w, l);
	return take_commit(w, &begin);
}

int changes_run(struct reg *r, const struct moment *m, const struct changes_want *want, changes_fn *fn,
    void *arg, struct err *e)
{
	struct walk *w = mem_zalloc(1, sizeof *w);
	int result;

	w->r = r;
	w->want = want;
	w->fn = fn;
	w->arg = arg;
	w->e = e;
	result = journal_walk(r, m->journal, take_line, w, e);
	buf_clear(&w->begin);
	buf_clear(&w->first);
	buf_clear(&w->last);
	free(w);
	return result;
}

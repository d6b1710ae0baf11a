/* SPDX-License-Identifier: MIT */
#include "powerjudge.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "register/verify.h"

#define LEDGERS 40

/* What a journal says is committed. */
struct known {
	size_t journal;		/* bytes of its whole lines */
	size_t sized;		/* and of those up to the last one with sizes */
	int n;
	char name[LEDGERS][40];
	off_t size[LEDGERS];
};

/* An append with nothing in it but what is needed. */
static void put(struct commit *c, const char *table, char id[ID_MAX], const char *const *set)
{
	const struct table *t = schema_table(span_of(table));
	struct span v[128] = { { "", 0 } };

	commit_mint(c, t, id);
	v[t->key] = span_of(id);
	for (; *set != NULL; set += 2)
		v[schema_column(t, span_of(set[0]))] = span_of(set[1]);
	commit_append(c, t, v);
}

void power_pair(struct commit *c)
{
	static const char at[] = "2026-02-02T10:40:00+08:00";
	char id[ID_MAX], event[ID_MAX];

	put(c, "hazards", id, (const char *const[]){ "reported_at", at, "grid", "G1", "severity", "general", "description",
		"液化气瓶, \"室内\" 存放", NULL });
	put(c, "events", event, (const char *const[]){ "at", at, "hazard", id, "step", "assign", NULL });
}

int power_commit(struct reg *r, const char *key, int n, struct err *e)
{
	struct commit_who who = { .actor = "T01-O1", .command = "hazard-add", .key = key, .now = POWER_NOW };
	struct commit *c = commit_open(r, &who, e);

	if (c == NULL)
		return -1;
	for (int i = 0; i < n; i++)
		power_pair(c);
	return commit_close(c, NULL, e);
}

/* A field of a line. */
static struct span field(struct span line, int n)
{
	struct span f = { "", 0 };

	for (int i = 0; i <= n; i++)
		if (!span_split(&line, ',', &f))
			return (struct span){ "", 0 };
	return f;
}

/* The sizes of a line. */
static void read_sizes(struct span sizes, struct known *k)
{
	struct span part;

	k->n = 0;
	while (span_split(&sizes, ';', &part)) {
		const char *colon = memchr(part.p, ':', part.n);
		uint64_t size;

		if (colon == NULL || !span_u64((struct span){ colon + 1, (size_t)(part.p + part.n - colon - 1) }, INT64_MAX, &size))
			continue;	/* a version */
		snprintf(k->name[k->n], sizeof k->name[0], "%.*s", (int)(colon - part.p), part.p);
		k->size[k->n++] = (off_t)size;
	}
}

/* What these bytes of a journal, true so far, say. */
static void read_journal(struct span journal, struct known *k)
{
	struct span line;
	const char *start = journal.p;

	memset(k, 0, sizeof *k);
	while (journal.n > 0 && memchr(journal.p, '\n', journal.n) != NULL && span_split(&journal, '\n', &line)) {
		struct span kind = field(line, 0);

		k->journal = (size_t)(journal.p - start);
		if (span_is(kind, "commit") || span_is(kind, "abort") || span_is(kind, "adopt")) {
			k->sized = k->journal;
			read_sizes(field(line, 10), k);
		}
	}
}

/* The part of the journal on the disk that was written there: no invented, torn or damaged byte. */
static void truth(const struct scenario *s, const struct cut *c, struct span disk, struct known *k)
{
	struct buf was = BUF_INIT;
	size_t best = 0;

	for (int i = 0; i <= c->n; i++) {
		int node = model_node(s->m, i, "journal.csv");
		size_t n = 0;

		if (node < 0 || (i > 0 && (s->m->op[i - 1].node != node || s->m->op[i - 1].kind == OP_SYNC) && i < c->n))
			continue;
		model_bytes(s->m, i, node, &was);
		while (n < disk.n && n < was.n && disk.p[n] == was.p[n])
			n++;
		best = n > best ? n : best;
	}
	read_journal((struct span){ disk.p, best }, k);
	buf_clear(&was);
}

static int bad(char why[400], const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int bad(char why[400], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, 400, fmt, ap);
	va_end(ap);
	return -1;
}

/* A file of the state; empty when it is not there. */
static void slurp(const char *dir, const char *file, struct buf *out)
{
	char path[700];
	struct err e = ERR_INIT;

	snprintf(path, sizeof path, "%s/reg/%s", dir, file);
	buf_reset(out);
	buf_put(out, "", 0);
	if (access(path, F_OK) == 0)
		io_slurp(AT_FDCWD, path, SIZE_MAX, out, &e);
}

/* All that was acknowledged before the cut is in the files. */
static int check_acked(const struct scenario *s, const struct cut *c, const char *dir, const char *when, char why[400])
{
	struct buf was = BUF_INIT, now = BUF_INIT;
	struct known k;
	int ack = 0, result = 0;

	for (int i = 0; i < c->n; i++)
		if (s->m->op[i].kind == OP_ACK)
			ack = i + 1;
	if (!model_file(s->m, ack, "journal.csv", &was))
		goto done;
	read_journal(buf_view(&was), &k);
	slurp(dir, "journal.csv", &now);
	if (now.n < k.sized || memcmp(was.p, now.p, k.sized) != 0)
		result = bad(why, "journal.csv: acknowledged lines are gone or changed (%s)", when);
	for (int i = 0; i < k.n && result == 0; i++) {
		model_file(s->m, ack, k.name[i], &was);
		slurp(dir, k.name[i], &now);
		if ((off_t)now.n < k.size[i] || memcmp(was.p, now.p, (size_t)k.size[i]) != 0)
			result = bad(why, "%s: acknowledged rows are gone or changed (%s)", k.name[i], when);
	}
done:
	buf_clear(&was);
	buf_clear(&now);
	return result;
}

/* Is there a file under lost+found/ with these bytes? */
static bool is_kept(const char *dir, const char *file, struct span bytes)
{
	char path[700];
	struct buf now = BUF_INIT;
	struct dirent *d;
	bool found = false;
	DIR *list;

	snprintf(path, sizeof path, "%s/reg/lost+found", dir);
	list = opendir(path);
	while (list != NULL && !found && (d = readdir(list)) != NULL) {
		if (strncmp(d->d_name, file, strlen(file)) != 0)
			continue;
		snprintf(path, sizeof path, "lost+found/%s", d->d_name);
		slurp(dir, path, &now);
		found = span_eq(buf_view(&now), bytes);
	}
	if (list != NULL)
		closedir(list);
	buf_clear(&now);
	return found;
}

/* The state before anything touched it. */
struct before {
	struct known k;
	struct buf journal, ledger[LEDGERS];
};

/* Nothing that recovery cut is lost. */
static int check_kept(const struct scenario *s, const struct before *b, const char *dir, char why[400])
{
	if (b->journal.n > b->k.journal && !is_kept(dir, "journal.csv", (struct span){ b->journal.p + b->k.journal, b->journal.n - b->k.journal }))
		return bad(why, "journal.csv: what was cut is not kept");
	for (int i = 0; i < b->k.n; i++) {
		size_t size = (size_t)b->k.size[i];

		if (b->ledger[i].n > size && !is_kept(dir, b->k.name[i], (struct span){ b->ledger[i].p + size, b->ledger[i].n - size }))
			return bad(why, "%s: what was cut is not kept", b->k.name[i]);
	}
	for (int i = 0; i < s->nkept; i++)
		if (!is_kept(dir, s->kept[i].file, buf_view(&s->kept[i].bytes)))
			return bad(why, "%s: what an earlier crash left is not kept", s->kept[i].file);
	return 0;
}

/* A moment has the sizes that the journal says, with so many more bytes in hazards and events. */
static int check_sizes(const struct known *k, const struct moment *m, bool grown, char why[400])
{
	for (int i = 0; i < k->n; i++) {
		const char *name = k->name[i];
		off_t size = -1;
		bool more = grown && (strcmp(name, "hazards.csv") == 0 || strcmp(name, "events.csv") == 0);
		char file[REG_FILE_MAX];

		for (size_t j = 0; j < m->nledgers; j++) {
			reg_segment_name(m->ledger[j].table->name, m->ledger[j].segment, file);
			if (strcmp(file, name) == 0)
				size = m->ledger[j].size;
		}
		if (more ? size <= k->size[i] : size != k->size[i])
			return bad(why, "%s: %jd bytes are committed, the journal on the disk says %jd", name, (intmax_t)size, (intmax_t)k->size[i]);
	}
	return 0;
}

/* Findings of verify, the first in words. */
struct findings {
	char *why;
	int n, warnings;
};

static int find(void *arg, const struct verify_finding *f)
{
	struct findings *x = arg;

	if (f->warning)
		x->warnings++;
	else if (x->n++ == 0)
		bad(x->why, "verify: %.60s: %.300s", f->file, f->text);
	return 0;
}

/* Recovery has been and gone: is the register sound? */
static int check_sound(const struct scenario *s, const struct cut *c, const char *dir, const struct before *b, char why[400])
{
	bool idle = !s->faulty && c->n == s->m->nops && s->m->op[c->n - 1].kind == OP_ACK;
	struct findings x = { .why = why };
	struct verify_sum sum;
	struct err e = ERR_INIT;
	struct moment m;
	char path[600];
	struct reg *r;
	int result = -1;

	snprintf(path, sizeof path, "%s/reg", dir);
	r = reg_open(path, &e);
	if (r == NULL || verify_register(r, NULL, find, &x, &sum, &e) < 0 || reg_moment(r, NULL, &m, &e) < 0)
		bad(why, "after recovery: %s", e.text);
	else if (x.n == 0 && idle && x.warnings > 0)
		bad(why, "a working copy that was written before the answer is gone");
	else if (x.n == 0)
		result = check_sizes(&b->k, &m, true, why);
	reg_close(r);
	return result;
}

/* A reader before the next writer sees the same moment. */
static int check_reader(struct reg *r, const struct before *b, const struct cut *c, char why[400])
{
	struct err e = ERR_INIT;
	struct moment m;

	if (reg_moment(r, NULL, &m, &e) < 0)
		return c->has_text && e.status == ERR_PERSON ? VERDICT_REFUSED : bad(why, "a reader: %s", e.text);
	return check_sizes(&b->k, &m, false, why) < 0 ? -1 : VERDICT_GOOD;
}

/* The next writer. */
static int check_writer(const struct scenario *s, const struct cut *c, struct reg *r, const struct before *b, char why[400])
{
	struct commit_who who = { .actor = "T01-O1", .command = "gridctl check", .now = POWER_NOW };
	struct buf said = BUF_INIT;
	struct err e = ERR_INIT;
	bool tail = false;
	int result;

	for (int i = 0; i < b->k.n; i++)
		tail |= strcmp(b->k.name[i], "tags.csv") == 0 && (off_t)b->ledger[i].n > b->k.size[i];
	result = commit_settle(r, &who, &said, &e);
	buf_clear(&said);
	if (result == 0)
		result = power_commit(r, "next", 1, &e);
	if (result == 0)
		return VERDICT_GOOD;
	if (e.status == ERR_PERSON && (c->has_text || (s->by_hand && tail)))
		return VERDICT_REFUSED;
	return bad(why, "the next writer: %s", e.text);
}

/* The same with what stood before at hand. */
static int judge_with(const struct scenario *s, const struct cut *c, const char *dir, struct before *b, char why[400])
{
	struct err e = ERR_INIT;
	struct reg *r = NULL;
	char path[600];
	int result;

	if (check_acked(s, c, dir, "on the disk", why) < 0)
		return -1;
	if (b->k.n == 0)	/* gridctl init did not get so far */
		return VERDICT_NONE;
	snprintf(path, sizeof path, "%s/reg", dir);
	r = reg_open(path, &e);
	if (r == NULL)
		return bad(why, "%s", e.text);
	result = check_reader(r, b, c, why);
	if (result == VERDICT_GOOD)
		result = check_writer(s, c, r, b, why);
	reg_close(r);
	if (result >= 0 && check_acked(s, c, dir, "after recovery", why) < 0)
		return -1;
	if (result == VERDICT_GOOD && (check_sound(s, c, dir, b, why) < 0 || check_kept(s, b, dir, why) < 0))
		return -1;
	return result;
}

int judge(const struct scenario *s, const struct cut *c, const char *dir, char why[400])
{
	static struct before b;
	int result;

	memset(&b, 0, sizeof b);
	slurp(dir, "journal.csv", &b.journal);
	truth(s, c, buf_view(&b.journal), &b.k);
	for (int i = 0; i < b.k.n; i++)
		slurp(dir, b.k.name[i], &b.ledger[i]);
	result = judge_with(s, c, dir, &b, why);
	buf_clear(&b.journal);
	for (int i = 0; i < LEDGERS; i++)
		buf_clear(&b.ledger[i]);
	return result;
}

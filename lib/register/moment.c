/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <time.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/time.h"
#include "register/inside.h"
#include "register/verify.h"

#define TRIES 4			/* of a reader that meets a writer at work */
#define TRY_PAUSE_NS 5000000
#define CHECKPOINT_MAX 4096

const struct moment_ledger *moment_ledger(const struct moment *m, const char *table)
{
	for (size_t i = 0; i < m->nledgers; i++)
		if (strcmp(m->ledger[i].table->name, table) == 0)
			return &m->ledger[i];
	return NULL;
}

const char *moment_version(const struct moment *m, const char *name)
{
	for (size_t i = 0; i < m->nversions; i++)
		if (strcmp(m->version[i].name, name) == 0)
			return m->version[i].digest;
	return NULL;
}

struct moment_version *moment_slot(struct moment *m, const char *name)
{
	struct moment_version *v;

	for (size_t i = 0; i < m->nversions; i++)
		if (strcmp(m->version[i].name, name) == 0)
			return &m->version[i];
	if (m->nversions == REG_LEDGERS_MAX)
		return NULL;
	v = &m->version[m->nversions++];
	memset(v, 0, sizeof *v);
	memcpy(v->name, name, strnlen(name, sizeof v->name - 1));
	return v;
}

int moment_of_line(const struct journal_line *l, struct moment *m, struct err *e)
{
	if (!journal_sizes(l->sizes, m))
		return err_set(e, ERR_PERSON, "%s: the sizes of commit %ju cannot be read: a newer program wrote them, or they were changed;"
		    " run gridctl verify", JOURNAL_NAME, (uintmax_t)l->seq);
	m->seq = l->seq;
	m->at = l->at;
	memcpy(m->chain, l->chain.p, DIGEST_HEX);
	m->chain[DIGEST_HEX] = '\0';
	m->journal = journal_end(l);
	return 0;
}

/* What --known names. */
struct known {
	enum { KNOWN_SEQ, KNOWN_TIME, KNOWN_CHECKPOINT } kind;
	const char *text;
	uint64_t seq;
	int64_t at;
	char chain[65];
	struct moment *m;
	struct err *e;
};

/* The checkpoint's office, seq and chain. */
static int read_checkpoint(struct reg *r, struct span text, struct known *k, struct err *e)
{
	struct checkpoint c;

	if (!checkpoint_parse(text, &c))
		return err_set(e, ERR_DATA, "%s: is not a checkpoint; one has four lines, the first is gridledger-checkpoint 1", k->text);
	if (strcmp(c.office, r->office) != 0)
		return err_set(e, ERR_DATA, "the checkpoint is of office %s, this register is of %s", c.office, r->office);
	k->kind = KNOWN_CHECKPOINT;
	k->seq = c.seq;
	memcpy(k->chain, c.chain, sizeof k->chain);
	return 0;
}

/* A number, a checkpoint's text, a file with one, or a time. */
static int read_known(struct reg *r, const char *text, struct known *k, struct err *e)
{
	struct buf file = BUF_INIT;
	struct stat st;
	int result, why;

	k->text = text;
	if (span_u64(span_of(text), INT64_MAX, &k->seq)) {
		k->kind = KNOWN_SEQ;
		return 0;
	}
	if (strncmp(text, CHECKPOINT_HEAD, strlen(CHECKPOINT_HEAD)) == 0)
		return read_checkpoint(r, span_of(text), k, e);
	if (io.fstatat(AT_FDCWD, text, &st, 0) == 0) {
		result = io_slurp(AT_FDCWD, text, CHECKPOINT_MAX, &file, e);
		if (result == 0)
			result = read_checkpoint(r, buf_view(&file), k, e);
		buf_clear(&file);
		return result;
	}
	why = errno;
	k->kind = KNOWN_TIME;
	if (time_parse(span_of(text), r->offset, &k->at, NULL, e) == 0)
		return 0;
	if (why == ENOENT || why == ENOTDIR || why == ENAMETOOLONG)
		return err_prefix(e, "known: neither a commit's number, nor a checkpoint, nor a file");
	err_clear(e);
	errno = why;
	return err_sys(e, "%s: cannot open", text);
}

/* Is this line the one asked for? */
static int match_known(void *arg, const struct journal_line *l, bool chained)
{
	struct known *k = arg;
	bool hit;

	if (!chained) {
		err_set(k->e, ERR_PERSON, "%s: the line at byte %jd does not fit the chain; run gridctl verify", JOURNAL_NAME,
		    (intmax_t)l->offset);
		return -1;
	}
	if (l->kind == JOURNAL_BEGIN)
		return 0;
	hit = k->kind == KNOWN_SEQ ? l->seq <= k->seq : k->kind == KNOWN_TIME ? l->at <= k->at
	    : span_is(l->chain, k->chain);
	if (!hit)
		return k->kind == KNOWN_CHECKPOINT && l->seq < k->seq ? 2 : 0;
	return moment_of_line(l, k->m, k->e) < 0 ? -1 : 1;
}


int tail_now(struct reg *r, struct tail *t, struct err *e)
{
	int fd = journal_open(r, O_RDONLY, e), result = -1;
	const struct timespec pause = { 0, TRY_PAUSE_NS };

	if (fd < 0)
		return -1;
	for (int i = 0; i < TRIES && result < 0; i++) {
		struct err now = ERR_INIT;

		if (i > 0)
			nanosleep(&pause, NULL);
		result = tail_read(r, fd, t, &now);
		if (result < 0 && i + 1 == TRIES)
			err_set(e, now.status, "%s", now.text);
	}
	io.close(fd);
	return result;
}

int reg_moment(struct reg *r, const char *known, struct moment *m, struct err *e)
{
	struct known k = { .m = m, .e = e };
	struct tail t;
	int result;

	if (known != NULL && read_known(r, known, &k, e) < 0)
		return -1;
	if (tail_now(r, &t, e) < 0)
		return -1;
	if (known == NULL) {
		result = moment_of_line(&t.sized, m, e);
	} else {
		result = journal_walk_back(r, t.good, match_known, &k, e);
		if (result == 1)
			result = 0;
		else if (result >= 0 && k.kind == KNOWN_CHECKPOINT)
			result = err_set(e, ERR_PERSON, "the checkpoint (commit %ju) is not a moment of this register: its history was rolled"
			    " back or rewritten; run gridctl verify --since", (uintmax_t)k.seq);
		else if (result >= 0)
			result = err_set(e, ERR_USAGE, "known: there is no commit up to %s", known);
	}
	tail_clear(&t);
	return result;
}

/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_JOURNAL_H
#define GL_REGISTER_JOURNAL_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/buf.h"
#include "base/err.h"
#include "register/register.h"
/*
 * journal.csv: the lock, the commit record and the hash chain (ledgers.md).
 * chain = SHA-256, in hex, of the previous line's chain followed by the line's
 * bytes up to and without the comma before its chain field; the chain before
 * the first line is the SHA-256 of the header line without its LF.  So
 * `printf %s%s "$prev" "${line%,*}" | sha256sum` proves a line by hand.
 */
enum journal_kind { JOURNAL_BEGIN, JOURNAL_COMMIT, JOURNAL_ABORT, JOURNAL_ADOPT };

struct journal_span {			/* one touched ledger, or one version (rows and offset 0, length -1) */
	char name[REG_FILE_MAX];	/* "hazards" with segment as ledger file name "hazards.2.csv"; version: "grids" */
	off_t offset, length;
	uint64_t rows;
	char digest[65];
};
struct journal_line {
	enum journal_kind kind;
	uint64_t seq;
	int64_t at;
	struct span login, actor, command, version, key, policy, spans, sizes;
	struct span chain;		/* 64 hex digits */
	struct span body;		/* what the chain covers of this line */
	off_t offset;			/* of the line in journal.csv */
	size_t line;			/* 1-based, when known, else 0 */
};
/* A line without its LF; false when it is not a well-formed journal line. */
bool journal_parse(struct span line, int offset, struct journal_line *out);
void journal_chain(const char prev[65], struct span body, char out[65]);
bool journal_spans(struct span spans, struct journal_span *out, size_t max, size_t *n);
bool journal_sizes(struct span sizes, struct moment *m);

/*
 * Every line from the start up to size, in order, with its chain checked; a
 * line that does not fit is given with chained=false.  Non-zero from the callback stops.
 */
typedef int journal_fn(void *arg, const struct journal_line *l, bool chained);
int journal_walk(struct reg *r, off_t size, journal_fn *fn, void *arg, struct err *e);
/* The same backwards from size (chain checked against the line before), for "since yesterday" questions. */
int journal_walk_back(struct reg *r, off_t size, journal_fn *fn, void *arg, struct err *e);

#endif

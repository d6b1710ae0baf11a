/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_TAMPERCASE_H
#define GL_TESTS_TAMPERCASE_H
#include <sys/types.h>
#include "base/buf.h"
#include "register/register.h"
/*
 * The cases of tests/fault/tamper.c: every small change of every file of a register that its journal answers for, and
 * what must be said of each.  All that is expected comes from the journal's text and the bytes that differ, read here
 * anew and not by the code under test.
 */
struct tamper_line {			/* of the journal, after its header */
	size_t at, end;
	struct span kind, spans, sizes;
	uint64_t seq;
};
struct tamper_file {
	char name[128];			/* hazards.csv, journal.csv, versions/DIGEST */
	enum { TAMPER_LEDGER, TAMPER_JOURNAL, TAMPER_VERSION } kind;
	struct buf bytes;
};
struct tamper_reg {
	const char *path;
	struct tamper_file *file;
	size_t nfiles;
	const struct tamper_file *journal;
	struct tamper_line *line;
	size_t nlines;
};
/* Reads all of the register in path; false after a message on standard error. */
bool tamper_read(struct tamper_reg *r, const char *path);
void tamper_clear(struct tamper_reg *r);

enum tamper_way { TAMPER_EDIT, TAMPER_DELETE, TAMPER_INSERT, TAMPER_CUT, TAMPER_DROP, TAMPER_DOUBLE, TAMPER_SWAP, TAMPER_WAYS };
extern const char *const tamper_ways[TAMPER_WAYS];	/* "bytes edited" … */
struct tamper_case {
	const struct tamper_file *f;
	enum tamper_way way;
	size_t at;			/* the byte, or of the line that is dropped, doubled or swapped with the next: its start */
	struct span now;		/* the file as changed, until the next case */
	size_t first;			/* first byte that differs */
};
/*
 * Every case of a file, those that change nothing left out: each byte given two other values (one of them a flipped bit;
 * of each 32nd byte all eight bits), removed, one put in front of it; each shorter length; each line dropped, doubled,
 * swapped with the next.  Non-zero from fn stops.
 */
typedef int tamper_fn(void *arg, const struct tamper_case *c);
int tamper_each(const struct tamper_file *f, uint64_t seed, tamper_fn *fn, void *arg);
uint64_t tamper_random(uint64_t *state);

/* What of a case is a journal that ends at the end of an earlier line. */
enum tamper_end {
	TAMPER_NO_END,			/* not so */
	TAMPER_SEEN_END,		/* so, and the files of the register hold more than it accounts for */
	TAMPER_HIDDEN_END,		/* so, and they do not: only a checkpoint can tell */
};
enum tamper_end tamper_ends(const struct tamper_reg *r, const struct tamper_case *c);
/* "begin 12": the line of the journal that ends there; until the next call. */
const char *tamper_line_name(const struct tamper_reg *r, size_t end);
/* NULL when the first line of what verify said names the file, the commit and, of the journal, the line; else what it lacks. */
const char *tamper_unnamed(const struct tamper_reg *r, const struct tamper_case *c, struct span said, char want[256]);

#endif

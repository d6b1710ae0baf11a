/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTICEBATCH_H
#define GL_ENGINE_NOTICEBATCH_H
#include "base/mem.h"
#include "engine/noticenumber.h"
#include "model/hazard.h"
#include "register/commit.h"
/*
 * Papers on their way out, the same for a sweep and for a person: what is to be
 * said of which hazard to whom becomes papers, bundled by kind, issuer and receiver with one line a hazard;
 * hazards that a
 * graver one of their subject silences (notices.yaml: inhibit) get no paper of their own and stand in the
 * annex of
 * the papers that name the graver one; numbers are given and rows appended.
 */
struct notice_hazard {		/* what a paper says of a hazard; in the batch's arena */
	const char *id;
	struct span owner, person, subject;
	const char *subject_name, *place, *description, *category, *state, *basis;
	const struct policy *policy;
	const struct grid_node *grid;
	int64_t due, reported;	/* due TIME_NONE: none */
	int tier, severity;	/* of its policy */
	bool supervised;
};
struct notice_item {		/* a hazard that a kind of paper is wanted for */
	uint32_t hazard;	/* number in the batch */
	const struct notice_kind *kind;
	struct span issuer, receiver;	/* receiver: an organ or a subject; empty: nobody found */
	struct span group;	/* further bundled by this, or empty */
	bool alone;		/* a paper for this hazard alone, as a kind with bundle: none has */
	const char *key;	/* once-only key, or "" */
	const char *note;	/* of its line, or "" */
	struct span silenced_by;	/* set by notice_batch_make: it has no line */
};
#define NOTICE_NO_HAZARD UINT32_MAX
struct notice_earlier {		/* a paper that another one answers to (engine/noticeearlier); in the batch's arena */
	int64_t at;
	struct span number, issuer, title;
};
struct notice_line {
	uint32_t hazard;	/* or NOTICE_NO_HAZARD: the note is the paper's text */
	int64_t due;
	bool overdue;
	struct span silenced_by;
	const char *note;
	const struct notice_earlier *earlier;	/* about this hazard; NULL none */
};
struct notice_paper {
	const struct notice_kind *kind;
	struct span issuer, receiver, person, subject;
	const char *id, *number, *key, *title;	/* id, number "" until recorded */
	const struct notice_earlier *earlier;	/* the last one of those of its lines; NULL none */
	int64_t at, due;	/* due: a reply is wanted by then, or TIME_NONE */
	struct notice_line *line;	/* those with silenced_by come last */
	size_t nlines, nannexed, cap;
};
struct notice_silencer {
	uint32_t subject, next;	/* of batch.silenced; the subject's next one, UINT32_MAX none */
	const char *hazard;
	uint64_t silences;	/* bit set over the office's severities */
};
struct notice_batch {
	struct office *office;
	int64_t now;
	const char *title;		/* of all papers; NULL: the kind's */
	struct arena mem;
	struct notice_hazard *hazard;
	size_t nhazards, hazards_cap;
	struct notice_item *item;
	size_t nitems, items_cap;
	struct notice_paper *paper;
	size_t npapers, papers_cap;
	struct notice_serials serials;
	struct names subjects;		/* with a silencer */
	uint32_t *first;		/* by subject */
	size_t first_cap;
	struct notice_silencer *silencer;
	size_t nsilencers, silencers_cap;
};
void notice_batch_clear(struct notice_batch *b);
/* Take a hazard in; its number.  h points into things that last only now: all is copied. */
uint32_t notice_batch_hazard(struct notice_batch *b, const struct hazard *h);
/* A hazard goes by: does it, being open, silence others of its subject?  supervised: it is, or is about to
 * be. */
void notice_batch_watch(struct notice_batch *b, const struct hazard *h, bool supervised);
void notice_batch_add(struct notice_batch *b, const struct notice_item *i);
/* A paper without hazards. */
struct notice_paper *notice_batch_letter(struct notice_batch *b, const struct notice_kind *k,
    struct span issuer, struct span receiver);
/*
 * Items to papers.  A reply's time, a person by the kind's post and titles are filled in; the annexes are
 * found by
 * looking through the open hazards of f once more, where a paper names a silencer.
 */
int notice_batch_make(struct notice_batch *b, struct fold *f, struct err *e);
/* The kind of that id, or NULL. */
const struct notice_kind *notice_kind_find(const struct policy *p, const char *id);
/* The same in the policy in force or, where it was dropped there, in a version that hazards may still be pinned to; of (or
 * NULL) gets the policy it is of.  NULL with e. */
const struct notice_kind *notice_kind_of(struct office *o, const char *id, const struct policy **of, struct err *e);

/* Append the rows, giving ids and numbers.  Each line also goes to on_line (may be NULL): the values of
 * notice_columns. */
#define NOTICE_COLUMNS 12
extern const char *const notice_columns[NOTICE_COLUMNS];
typedef void notice_line_fn(void *arg, const struct span *v);
/* One that writes CSV to a struct buf, the header before the first line. */
void notice_line_csv(void *arg, const struct span *v);
int notice_batch_record(struct notice_batch *b, struct commit *c, struct err *e);
/* The lines of all papers, recorded or not. */
void notice_batch_lines(const struct notice_batch *b, notice_line_fn *fn, void *arg);

#endif

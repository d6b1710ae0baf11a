/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTICEARCHIVE_H
#define GL_ENGINE_NOTICEARCHIVE_H
#include "csv/scan.h"
#include "engine/noticebatch.h"
/*
 * Recorded papers, made whole again: the rows of notices.csv and notice-lines.csv, and the register as it was
 * known right after their commit, so that their text is the one they were issued with.
 */
struct notice_recorded {
	uint64_t commit;
	struct span *f;		/* columns of notices.csv in schema order */
};
struct notice_archive {
	struct reg *reg;
	struct arena mem;
	struct names ids;
	struct notice_recorded *v;	/* by number of the id, in the order of the ledger */
	size_t n, cap;
	struct archive_line { uint32_t paper; struct span *f; } *line;	/* columns of notice-lines.csv */
	size_t nlines, lines_cap;
	struct notice_batch batch;	/* of the papers of one commit */
	struct office *office;		/* on moment */
	struct moment *moment;
	uint64_t commit;		/* that one; 0 none yet */
	size_t from, to;		/* its papers */
};
void notice_archive_clear(struct notice_archive *a);
/* Calls fn for every row of notices.csv, with all columns. */
int notice_archive_scan(struct reg *r, const struct moment *m, scan_row_fn *fn, void *arg, struct err *e);
/* Keep a row; rows come in the order of the ledger. */
void notice_archive_add(struct notice_archive *a, const struct span *f);
/* Read the lines of all that were kept. */
int notice_archive_lines(struct notice_archive *a, const struct moment *m, struct err *e);
/* The i-th paper, in a->batch.  Papers of one commit share the work, so ask in order.  The pointers are good until one of another
 * commit is asked for. */
int notice_archive_paper(struct notice_archive *a, size_t i, struct notice_paper **p, struct err *e);
/* A column of the i-th row. */
struct span notice_archive_value(const struct notice_archive *a, size_t i, const char *column);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_LISTFILE_H
#define GL_MODEL_LISTFILE_H
#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"
#include "policy/policy.h"
/*
 * A CSV with hazard-list's columns, from a file or standard input ("-"): the
 * same rows that list_run gives from the register.  Headers and values may be
 * in Chinese, as --labels=zh prints them.
 */
struct listfile {
	const char *path;
	const char *const *names;	/* columns wanted */
	size_t n, optional;		/* names from `optional` on may be missing, or NULL: read as empty */
	const struct policy *policy;	/* of the register beside it, or NULL: for the place's own titles and labels */
	bool *missing;			/* n of them, set by listfile_open */
	size_t nthreads;		/* for a regular file */
	void (*again)(void *arg);	/* or NULL: forget the rows that came with arg, all come once more (faster with threads) */
	struct listfile_state *state;
};
typedef int listfile_fn(void *arg, const struct span *v);

/* Reads the header.  ERR_DATA names a wanted column that is not there, how to have it printed, and the nearest one. */
int listfile_open(struct listfile *l, struct err *e);
/* All rows; args one per thread (listfile_threads of them).  Chinese labels of values become ids again: those of the
 * law always, those of the place when its policy is given. */
int listfile_rows(struct listfile *l, listfile_fn *fn, void *const *args, struct err *e);
size_t listfile_threads(const struct listfile *l);	/* 1 for a stream */
void listfile_close(struct listfile *l);

#endif

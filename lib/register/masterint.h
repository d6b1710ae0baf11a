/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_MASTERINT_H
#define GL_REGISTER_MASTERINT_H
#include "base/mem.h"
#include "register/inside.h"
#include "register/master.h"
/*
 * What master (whole tables) and masterpoint (single rows through the index)
 * share; nobody else includes this.
 */
#define MASTER_HITS_MAX 256
struct by_column;

struct master {
	struct reg *r;
	struct moment m;
	const struct table *t;
	int from, to;			/* columns valid_from, valid_to, or -1 */
	bool loaded;
	struct arena mem;		/* fields of rows */
	struct master_row *row;
	size_t n, cap;
	struct days { int32_t from, to; } *valid;	/* of each row, once the master is loaded */
	struct by_column **by;		/* per column, made when asked for */
	unsigned points;
	int fd;				/* of the version, for point look-ups; -1 */
	off_t size;			/* of what is open there, which never changes */
	char path[REG_FILE_MAX + 32];
};

/* A point look-up under way. */
struct point {
	struct master *x;
	struct err *e;
	int col;
	struct span value;
	struct master_row hit[MASTER_HITS_MAX];
	size_t n;
	bool failed;
};
/* The rows whose column has the value, through the index.  False: load the file instead. */
bool master_point(struct master *x, int col, struct span value, struct point *p);
/* The fields of a row, owned by the master: one copy of them all.  column: where each stands in f, NULL in order. */
void master_keep(struct master *x, struct span *to, const struct span *f, const int *column);
#endif

/* SPDX-License-Identifier: MIT */
#include "register/masterint.h"

#include <fcntl.h>

#include "base/io.h"

#define POINTS_MAX 64		/* look-ups through the index before the whole file is worth reading */
#define RECORD_FIRST 1024u		/* bytes that hold nearly every record */

/* The record of the version at an offset, its fields in schema order. */
static struct span *read_point(struct master *x, off_t at, struct err *e)
{
	struct span field[SCAN_WANT_MAX], *f = NULL;
	struct buf bytes = BUF_INIT, text = BUF_INIT;
	char first[RECORD_FIRST], *p = first;
	const char *lf = NULL;

	for (size_t want = sizeof first; lf == NULL; want *= 4) {
		if ((off_t)want > x->size - at)
			want = x->size > at ? (size_t)(x->size - at) : 0;
		if (want > sizeof first) {
			buf_reset(&bytes);
			buf_reserve(&bytes, want);
			p = bytes.p;
		}
		if (io_read_at(x->fd, x->path, p, want, at, e) < 0)
			goto done;
		lf = memchr(p, '\n', want);
		if (lf == NULL && at + (off_t)want >= x->size)
			goto done;
	}
	if (scan_record(x->path, (struct span){ p, (size_t)(lf - p) }, &text, field, SCAN_WANT_MAX, e)
	    == x->t->ncolumns) {
		f = arena_alloc(&x->mem, (size_t)x->t->ncolumns * sizeof *f);
		master_keep(x, f, field, NULL);
	}
done:
	buf_clear(&bytes);
	buf_clear(&text);
	return f;
}

/* Has the version the columns of this program?  Only then is it indexed by column. */
static bool is_indexed(struct master *x)
{
	struct buf want = BUF_INIT, have = BUF_INIT;
	struct err ignored = ERR_INIT;
	bool same;

	schema_header(x->t, &want);
	buf_reserve(&have, want.n);
	same = io_read_at(x->fd, x->path, have.p, want.n, 0, &ignored) == 0 && memcmp(have.p, want.p, want.n) == 0;
	buf_clear(&want);
	buf_clear(&have);
	return same;
}

/* One place that the index names. */
static int point_hit(void *arg, off_t at, size_t line)
{
	struct point *p = arg;
	struct span *f = p->n < MASTER_HITS_MAX ? read_point(p->x, at, p->e) : NULL;

	if (f == NULL || !span_eq(f[p->col], p->value)) {
		p->failed = true;
		return 1;
	}
	p->hit[p->n++] = (struct master_row){ f, line };
	return 0;
}

bool master_point(struct master *x, int col, struct span value, struct point *p)
{
	struct err ignored = ERR_INIT;
	struct index *ix;
	bool good;

	if (x->loaded || x->r == NULL || x->points >= POINTS_MAX || !master_named_by(x->t, col))
		return false;
	ix = index_at(x->r, &x->m);
	if (ix == NULL)
		return false;
	x->points++;
	p->x = x;		/* what is hit is most of it, and not cleared */
	p->e = &ignored;
	p->col = col;
	p->value = value;
	p->n = 0;
	p->failed = false;
	good = index_has_master(ix, x->t, x->path + strlen("versions/"));
	if (good && x->fd < 0) {
		x->fd = io_open(x->r->dir, x->path, O_RDONLY, 0, false, &ignored);
		good = x->fd >= 0 && io_size(x->fd, x->path, &x->size, &ignored) == 0 && is_indexed(x);
	}
	if (!good)
		x->points = POINTS_MAX;	/* this version is loaded */
	else if (index_each_master(ix, x->t, col, value, point_hit, p) < 0)
		p->failed = true;
	index_close(ix);
	return good && !p->failed;
}

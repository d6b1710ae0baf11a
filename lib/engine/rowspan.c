/* SPDX-License-Identifier: MIT */
#include "engine/rowspan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "csv/scan.h"

#define BLOCK 65536
#define HEADER_MAX 65536

struct reading {
	rowspan_fn *fn;
	void *arg;
	size_t number;
};

/* Hands a row on. */
static int take_row(void *arg, const struct scan_row *row)
{
	struct reading *g = arg;

	return g->fn(g->arg, ++g->number, row->f);
}

/* The columns of the file by its header; the number of columns, or -1. */
static int bind(int fd, const char *file, const struct table *t, int *cols, struct err *e)
{
	struct span fields[SCAN_WANT_MAX];
	struct buf text = BUF_INIT;
	char *head = mem_alloc(HEADER_MAX);
	const char *lf = NULL;
	ssize_t got = 1;
	int n = -1;

	/* one read may give less than there is */
	for (size_t at = 0; got > 0 && !lf && at < HEADER_MAX; at += got > 0 ? (size_t)got : 0) {
		got = io_read_some(fd, file, head + at, HEADER_MAX - at, (off_t)at, e);
		lf = got > 0 ? memchr(head + at, '\n', (size_t)got) : NULL;
	}
	if (got >= 0 && !lf)
		err_set(e, ERR_PERSON, "%s: its header is gone; run gridctl verify", file);
	else if (got >= 0)
		n = scan_record(file, (struct span){ head, (size_t)(lf - head) }, &text, fields, SCAN_WANT_MAX, e);
	for (int c = 0; n >= 0 && c < t->ncolumns; c++) {
		cols[c] = -1;
		for (int i = 0; i < n; i++)
			if (span_is(fields[i], t->columns[c].name))
				cols[c] = i;
	}
	buf_clear(&text);
	free(head);
	return n;
}

int rowspan_read(struct reg *r, const struct table *t, const char *file, off_t from, off_t to, size_t first_line,
    rowspan_fn *fn, void *arg, struct err *e)
{
	int fd = io_open(r->dir, file, O_RDONLY, 0, false, e), n, result = -1;
	struct reading g = { fn, arg, 0 };
	int cols[SCAN_WANT_MAX];

	if (fd < 0)
		return -1;
	n = bind(fd, file, t, cols, e);
	if (n >= 0) {
		struct scan_source src = { .fd = fd, .name = file, .from = from, .to = to, .canonical = true,
		    .first_line = first_line };
		struct scan_want want = { .ncols = (size_t)n, .cols = cols, .n = (size_t)t->ncolumns };

		result = scan_rows(&src, &want, take_row, &g, e);
	}
	io.close(fd);
	return result;
}

int rowspan_line(struct reg *r, const char *file, off_t from, size_t *line, struct err *e)
{
	int fd = io_open(r->dir, file, O_RDONLY, 0, false, e), result = 0;
	char *p = mem_alloc(BLOCK);

	*line = 1;
	for (off_t at = 0; fd >= 0 && result == 0 && at < from; at += BLOCK) {
		size_t n = from - at < BLOCK ? (size_t)(from - at) : BLOCK;

		result = io_read_at(fd, file, p, n, at, e);
		for (size_t i = 0; result == 0 && i < n; i++)
			*line += p[i] == '\n';
	}
	free(p);
	if (fd < 0)
		return -1;
	io.close(fd);
	return result;
}

const struct table *rowspan_table(const char *file)
{
	const struct table *t = schema_table((struct span){ file, strcspn(file, ".") });

	return t && t->kind == TABLE_RECORD ? t : NULL;
}

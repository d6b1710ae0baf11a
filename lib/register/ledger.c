/* SPDX-License-Identifier: MIT */
#include "register/ledger.h"

#include "base/io.h"
#include "base/mem.h"
#include "register/inside.h"

#define READ_FIRST 4096u
#define READ_AHEAD ((size_t)65536)	/* at most, when records are read one after the other */
#define READ_MOST (1u << 26)	/* no record is longer: a column holds at most 1 MiB */

int ledger_scan(struct reg *r, const struct moment *m, const char *table, const int *cols, size_t ncols,
    scan_row_fn *fn, void *const *args, size_t nthreads, struct err *e)
{
	const struct moment_ledger *l = moment_ledger(m, table);

	for (unsigned n = 1; l != NULL && n <= l->segment; n++) {
		struct segment *s = segment_get(r, table, n, e);
		off_t end;
		int result;

		if (s == NULL || segment_end(m, s, &end, e) < 0)
			return -1;
		result = segment_scan(s, s->body, end, cols, ncols, fn, args, nthreads, e);
		if (result != 0)
			return result;
	}
	return 0;
}

/* Have the window begin at `at`, with n bytes. */
static int window_read(struct segment *s, off_t at, size_t n, struct err *e)
{
	MEM_GROW(s->window, s->window_cap, n);
	s->window_n = 0;
	if (io_read_at(s->fd, s->name, s->window, n, at, e) < 0)
		return -1;
	s->window_at = at;
	s->window_n = n;
	return 0;
}

/* The bytes of the record at `at`, without its LF; they last until the next one of this segment is read. */
static int read_record(struct segment *s, off_t at, off_t end, struct span *record, struct err *e)
{
	off_t ahead = at - s->window_at;
	size_t want = READ_FIRST;
	const char *lf = NULL;

	if (ahead >= 0 && ahead < (off_t)s->window_n)
		lf = memchr(s->window + ahead, '\n', s->window_n - (size_t)ahead);
	/* many in the order they stand in: more and more at a time */
	if (lf == NULL && ahead > 0 && ahead < (off_t)(2 * s->window_n))
		want = 2 * s->window_n < READ_AHEAD ? 2 * s->window_n : READ_AHEAD;
	for (; lf == NULL; want *= 4) {
		if ((off_t)want > end - at)
			want = (size_t)(end - at);
		if (window_read(s, at, want, e) < 0)
			return -1;
		ahead = 0;
		lf = memchr(s->window, '\n', want);
		if (lf == NULL && (at + (off_t)want == end || want >= READ_MOST))
			return err_set(e, ERR_PERSON, "%s: the record at byte %jd has no end; run gridctl verify", s->name, (intmax_t)at);
	}
	*record = (struct span){ s->window + ahead, (size_t)(lf - (s->window + ahead)) };
	return 0;
}

/* The bytes of a record, and the segment it is of. */
static int find_record(struct reg *r, const struct moment *m, const char *table, struct ledger_at at, struct segment **s,
    struct span *record, struct err *e)
{
	off_t end;

	*s = segment_get(r, table, at.segment, e);
	if (*s == NULL || segment_end(m, *s, &end, e) < 0)
		return -1;
	if (at.at < (*s)->body || at.at >= end)
		return err_set(e, ERR_FAILED, "%s: there is no record at byte %jd", (*s)->name, (intmax_t)at.at);
	return read_record(*s, at.at, end, record, e);
}

int ledger_record(struct reg *r, const struct moment *m, const char *table, struct ledger_at at, struct span *record, struct err *e)
{
	struct segment *s;

	return find_record(r, m, table, at, &s, record, e);
}

int ledger_read(struct reg *r, const struct moment *m, const char *table, struct ledger_at at,
    struct buf *text, struct span *f, struct err *e)
{
	struct span fields[SCAN_WANT_MAX], record = { NULL, 0 };
	struct segment *s;
	int n;

	if (find_record(r, m, table, at, &s, &record, e) < 0)
		return -1;
	n = scan_record(s->name, record, text, fields, SCAN_WANT_MAX, e);
	if (n < 0)
		return segment_changed(s, e);
	if ((size_t)n != s->ncols)
		return err_set(e, ERR_PERSON, "%s: the record at byte %jd has %d fields, its header has %zu; run gridctl verify", s->name,
		    (intmax_t)at.at, n, s->ncols);
	for (int c = 0; c < s->table->ncolumns; c++)
		f[c] = s->column[c] >= 0 ? fields[s->column[c]] : (struct span){ "", 0 };
	return 0;
}

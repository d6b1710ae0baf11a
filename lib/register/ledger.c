/* SPDX-License-Identifier: MIT */
#include "register/ledger.h"

#include "base/io.h"
#include "register/inside.h"

#define READ_FIRST 4096u
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

/* The bytes of the record at `at`, without its LF. */
static int read_record(struct segment *s, off_t at, off_t end, struct buf *bytes, struct span *record, struct err *e)
{
	const char *lf = NULL;

	for (size_t want = READ_FIRST; lf == NULL; want *= 4) {
		if ((off_t)want > end - at)
			want = (size_t)(end - at);
		buf_reset(bytes);
		buf_reserve(bytes, want);
		if (io_read_at(s->fd, s->name, bytes->p, want, at, e) < 0)
			return -1;
		lf = memchr(bytes->p, '\n', want);
		if (lf == NULL && (at + (off_t)want == end || want >= READ_MOST))
			return err_set(e, ERR_PERSON, "%s: the record at byte %jd has no end; run gridctl verify", s->name, (intmax_t)at);
	}
	*record = (struct span){ bytes->p, (size_t)(lf - bytes->p) };
	return 0;
}

int ledger_read(struct reg *r, const struct moment *m, const char *table, struct ledger_at at,
    struct buf *text, struct span *f, struct err *e)
{
	struct segment *s = segment_get(r, table, at.segment, e);
	struct span fields[SCAN_WANT_MAX], record;
	struct buf bytes = BUF_INIT;
	off_t end;
	int n, result = -1;

	if (s == NULL || segment_end(m, s, &end, e) < 0)
		return -1;
	if (at.at < s->body || at.at >= end)
		return err_set(e, ERR_FAILED, "%s: there is no record at byte %jd", s->name, (intmax_t)at.at);
	if (read_record(s, at.at, end, &bytes, &record, e) < 0)
		goto done;
	n = scan_record(s->name, record, text, fields, SCAN_WANT_MAX, e);
	if (n < 0)
		goto done;
	if ((size_t)n != s->ncols) {
		err_set(e, ERR_PERSON, "%s: the record at byte %jd has %d fields, its header has %zu; run gridctl verify", s->name,
		    (intmax_t)at.at, n, s->ncols);
		goto done;
	}
	for (int c = 0; c < s->table->ncolumns; c++)
		f[c] = s->column[c] >= 0 ? fields[s->column[c]] : (struct span){ "", 0 };
	result = 0;
done:
	buf_clear(&bytes);
	return result;
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/text.h"
#include "register/verifyint.h"

#define NARROW_MAX (1u << 26)	/* a longer span is named as a whole */

/* The bytes of a file in order. */
struct stream {
	int fd;
	const char *name;
	off_t size, at;		/* at: of p[pos] */
	char *p;
	size_t pos, n;
};

/* Digest of the next length bytes, or of what is left of them. */
static int stream_digest(struct stream *s, off_t length, char out[65], struct err *e)
{
	struct digest d;

	digest_start(&d);
	while (length > 0 && s->at < s->size) {
		size_t take;

		if (s->pos == s->n) {
			s->n = s->size - s->at < VERIFY_WINDOW ? (size_t)(s->size - s->at) : VERIFY_WINDOW;
			s->pos = 0;
			if (io_read_at(s->fd, s->name, s->p, s->n, s->at, e) < 0)
				return -1;
		}
		take = s->n - s->pos;
		if ((off_t)take > length)
			take = (size_t)length;
		digest_put(&d, s->p + s->pos, take);
		s->pos += take;
		s->at += (off_t)take;
		length -= (off_t)take;
	}
	digest_hex(&d, out);
	return 0;
}

/* The rows of a span that is wrong, one by one. */
struct narrow {
	const struct verify_file *f;
	const struct verify_span *s;
	const char *office;
	int ncols, commit;	/* as the segment's own header has them */
	bool ids;		/* every row has the next id */
	uint32_t before;	/* number of the id in front of the span, 0 unknown */
	uint32_t base;		/* number of the first row's id: by its neighbours where they disagree with it */
	const char *why;
};

/* The id of a record, cheaply. */
static bool record_id(struct span record, struct schema_id *id)
{
	const char *comma = record.n > 0 ? memchr(record.p, ',', record.n) : NULL;

	return comma != NULL && schema_id_parse((struct span){ record.p, (size_t)(comma - record.p) }, id);
}

/* Is the i-th record of the span not what this toolkit wrote there? */
static bool is_bad(struct narrow *w, struct span record, size_t i)
{
	struct span f[SCAN_WANT_MAX];
	struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	struct schema_id id;
	uint64_t seq;
	int n;

	w->why = NULL;
	if (text_clean(record) != record.n) {
		w->why = "it holds control bytes or broken characters";
		return true;
	}
	n = scan_record(w->f->name, record, &text, f, SCAN_WANT_MAX, &ignored);
	if (n != w->ncols)
		w->why = "it has another number of fields";
	else if (!w->s->adopted && w->commit >= 0 && (!span_u64(f[w->commit], INT64_MAX, &seq) || seq != w->s->seq))
		w->why = "its commit column is of another commit";
	else if (w->ids && (!schema_id_parse(f[0], &id) || !span_is(id.office, w->office) || id.letter != w->f->table->id_letter
	    || id.number != w->base + i))
		w->why = "its id is not the one that was given";
	buf_clear(&text);
	return w->why != NULL;
}

/* Cut bytes into records. */
static bool next_record(struct span *rest, struct span *record)
{
	const char *lf = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;

	if (rest->n == 0)
		return false;
	*record = (struct span){ rest->p, lf != NULL ? (size_t)(lf - rest->p) : rest->n };
	*rest = (struct span){ rest->p + record->n + (lf != NULL), rest->n - record->n - (lf != NULL) };
	return true;
}

/* Which row of the span is it?  0 when that cannot be said. */
static size_t bad_row(struct narrow *w, struct span bytes)
{
	struct span rest = bytes, record;
	struct schema_id first, second;
	size_t i = 0;

	if (next_record(&rest, &record) && record_id(record, &first)) {
		w->base = first.number;
		if (first.number != w->before + 1 && next_record(&rest, &record) && record_id(record, &second)
		    && second.number == w->before + 2)
			w->base = w->before + 1;
	}
	/* a last record without its line end was pushed over the span's end by a longer row before it */
	if (bytes.n > 0 && bytes.p[bytes.n - 1] != '\n') {
		const char *lf = memrchr(bytes.p, '\n', bytes.n);

		bytes.n = lf != NULL ? (size_t)(lf + 1 - bytes.p) : 0;
	}
	for (rest = bytes; next_record(&rest, &record) && i < w->s->rows; i++)
		if (is_bad(w, record, i))
			return w->s->line + i;
	w->why = NULL;
	if (w->s->rows == 1)
		return w->s->line;
	return 0;
}

/* The columns of a segment; of the schema when its header cannot be read. */
static void read_columns(struct narrow *w, int fd)
{
	char block[4096];
	struct span f[SCAN_WANT_MAX], rest = { block, 0 }, record;
	struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	ssize_t got = io_read_some(fd, w->f->name, block, sizeof block, 0, &ignored);
	int n = -1;

	w->ncols = w->f->table->ncolumns;
	w->commit = schema_column(w->f->table, SPAN("commit"));
	rest.n = got > 0 ? (size_t)got : 0;
	if (next_record(&rest, &record))
		n = scan_record(w->f->name, record, &text, f, SCAN_WANT_MAX, &ignored);
	for (int i = 0; i < n; i++)
		if (span_is(f[i], "commit")) {
			w->ncols = n;
			w->commit = i;
		}
	buf_clear(&text);
}

/* The id in front of a span. */
static uint32_t id_before(int fd, const char *name, off_t offset)
{
	char block[4096], *lf;
	size_t n = offset < (off_t)sizeof block ? (size_t)offset : sizeof block;
	struct err ignored = ERR_INIT;
	struct schema_id id;

	if (n < 2 || io_read_at(fd, name, block, n, offset - (off_t)n, &ignored) < 0)
		return 0;
	lf = memrchr(block, '\n', n - 1);
	if (lf == NULL || !record_id((struct span){ lf + 1, n - (size_t)(lf + 1 - block) }, &id))
		return 0;
	return id.number;
}

/* Tell of a header that is another than was committed. */
static int tell_header(struct verify *v, const struct verify_file *f, const struct verify_span *s, struct err *e)
{
	int fd = io_open(v->r->dir, f->name, O_RDONLY, 0, false, e);
	const char *why;

	if (fd < 0)
		return -1;
	why = spreadsheet_trace(fd, f->name, f->table);
	io.close(fd);
	verify_find(v, s->seq, f->name, 1, 1, false, "its header was changed%s%s%s", why != NULL ? ": it was saved by a spreadsheet (" : "",
	    why != NULL ? why : "", why != NULL ? ")" : "");
	return 0;
}

/* Tell of a span whose bytes are others than were committed. */
static int tell_span(struct verify *v, const struct verify_file *f, const struct verify_span *s, off_t size, struct err *e)
{
	struct narrow w = { .f = f, .s = s, .office = v->r->office };
	off_t end = s->offset + s->length < size ? s->offset + s->length : size;
	struct buf bytes = BUF_INIT;
	size_t row = 0, n = end > s->offset ? (size_t)(end - s->offset) : 0;
	int fd, result = -1;

	if (s->offset == 0 && s->rows == 0)
		return tell_header(v, f, s, e);
	w.ids = !s->adopted && f->table->id_letter != 0 && strcmp(f->table->primary, f->table->columns[f->table->key].name) == 0;
	if (n > 0 && n <= NARROW_MAX) {
		fd = io_open(v->r->dir, f->name, O_RDONLY, 0, false, e);
		if (fd < 0)
			return -1;
		buf_reserve(&bytes, n);
		read_columns(&w, fd);
		w.before = id_before(fd, f->name, s->offset);
		result = io_read_at(fd, f->name, bytes.p, n, s->offset, e);
		io.close(fd);
		if (result == 0)
			row = bad_row(&w, (struct span){ bytes.p, n });
		buf_clear(&bytes);
		if (result < 0)
			return -1;
	}
	if (row > 0)
		verify_find(v, s->seq, f->name, row, row, false, "this row of commit %ju was changed%s%s", (uintmax_t)s->seq,
		    w.why != NULL ? ": " : "", w.why != NULL ? w.why : "");
	else
		verify_find(v, s->seq, f->name, s->line, s->line + (s->rows > 0 ? (size_t)s->rows - 1 : 0), false,
		    end < s->offset + s->length ? "rows of commit %ju are missing or shorter: the ledger has %jd bytes, they ended at byte %jd"
		    : "rows of commit %ju (bytes %jd-%jd) are not those that were committed", (uintmax_t)s->seq,
		    (intmax_t)(end < s->offset + s->length ? size : s->offset), (intmax_t)(s->offset + s->length - 1));
	return 0;
}

/* Does the tail of the ledger belong to a commit that began or ended since the journal was walked? */
static bool is_under_way(struct verify *v, const struct verify_file *f, off_t size)
{
	struct journal_span span[SPANS_MAX];
	struct err ignored = ERR_INIT;
	struct moment *m = mem_zalloc(1, sizeof *m);
	const struct moment_ledger *l;
	struct tail t;
	size_t n = 0;
	bool found = false;

	if (tail_now(v->r, &t, &ignored) == 0) {
		if (moment_of_line(&t.sized, m, &ignored) == 0) {
			l = moment_ledger(m, f->table->name);
			found = l != NULL && (l->segment > f->segment || (l->segment == f->segment && l->size >= size));
		}
		if (!found && t.last.kind == JOURNAL_BEGIN && journal_spans(t.last.spans, span, SPANS_MAX, &n))
			for (size_t i = 0; i < n; i++)
				found |= strcmp(span[i].name, f->name) == 0 && span[i].length >= 0
				    && span[i].offset + span[i].length >= size;
		tail_clear(&t);
	}
	free(m);
	return found;
}

/* All spans of an open file. */
static int check_spans(struct verify *v, const struct verify_file *f, struct stream *s, struct err *e)
{
	char digest[DIGEST_HEX + 1];
	unsigned char binary[32];
	size_t bad = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct verify_span *x = &f->span[i];
		off_t left = s->size - s->at;

		if (stream_digest(s, x->length, digest, e) < 0)
			return -1;
		verify_binary(digest, binary);
		if (left >= x->length && memcmp(binary, x->digest, sizeof binary) == 0) {
			bad = 0;
			continue;
		}
		/* in a ledger of the wrong length all behind the first bad place is displaced: it is told once */
		if (bad++ > 0 && s->size != f->end)
			continue;
		if (tell_span(v, f, x, s->size, e) < 0)
			return -1;
	}
	if (s->size > f->end && bad == 0 && !is_under_way(v, f, s->size))
		verify_find(v, 0, f->name, f->lines + 1, 0, false, "bytes %jd-%jd behind the last commit were not written by this toolkit;"
		    " gridctl adopt takes them in", (intmax_t)f->end, (intmax_t)(s->size - 1));
	return 0;
}

int verify_file(struct verify *v, const struct verify_file *f, struct err *e)
{
	struct stream s = { .name = f->name };
	struct stat st;
	int result = -1;

	if (io.fstatat(v->r->dir, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode)) {
		verify_find(v, f->n > 0 ? f->span[0].seq : 0, f->name, 0, 0, false, "is not a regular file");
		return 0;
	}
	s.fd = io_open(v->r->dir, f->name, O_RDONLY, 0, true, e);
	if (s.fd < 0) {
		if (e->status != ERR_OK)
			return -1;
		verify_find(v, f->n > 0 ? f->span[0].seq : 0, f->name, 0, 0, false, "is missing");
		return 0;
	}
	s.p = v->window;
	if (io_size(s.fd, f->name, &s.size, e) == 0)
		result = check_spans(v, f, &s, e);
	v->sum->bytes += (uint64_t)s.at;
	io.close(s.fd);
	return result;
}

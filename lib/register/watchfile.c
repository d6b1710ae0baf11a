/* SPDX-License-Identifier: MIT */
#include "register/watchfile.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "register/indexenv.h"

#define WATCH ".index/watch"
#define LAYOUT 1			/* of the file, and of what is watched; another number is made anew */
#define SEED 0x77617463u
#define FILE_MAX_BYTES ((size_t)1 << 31)
#define HEAD_MAX 512

void watch_rows_clear(struct watch_rows *w)
{
	buf_clear(&w->hazards);
	buf_clear(&w->events);
	free(w->place);
	*w = (struct watch_rows){ .place = NULL };
}

static void put_record(struct buf *b, struct span record)
{
	buf_span(b, record);
	buf_putc(b, '\n');
}

void watch_rows_hazard(struct watch_rows *w, struct ledger_at at, struct span record)
{
	MEM_GROW(w->place, w->cap, w->n + 1);
	w->place[w->n++] = watch_place(at);
	put_record(&w->hazards, record);
}

void watch_rows_event(struct watch_rows *w, struct span record)
{
	put_record(&w->events, record);
}

int watch_scan(const struct watch_rows *w, const char *table, const int *cols, size_t ncols, scan_row_fn *fn, void *arg,
    struct err *e)
{
	const struct table *t = schema_table(span_of(table));
	const struct buf *rows = strcmp(table, "hazards") == 0 ? &w->hazards : &w->events;
	struct scan_want want = { .ncols = (size_t)t->ncolumns, .cols = cols, .n = ncols };

	return rows->n > 0 ? scan_bytes(WATCH, buf_view(rows), true, 1, &want, fn, arg, e) : 0;
}

/* Where a ledger ends at a moment. */
static struct watch_ends ends_at(const struct moment *m, const char *table)
{
	const struct moment_ledger *l = moment_ledger(m, table);

	return l != NULL ? (struct watch_ends){ l->segment, l->size } : (struct watch_ends){ 1, 0 };
}

struct watch_mark watch_mark_of(const struct moment *m, uint64_t versions, bool none)
{
	struct watch_mark at = { .seq = m->seq, .journal = m->journal, .hazards = ends_at(m, "hazards"), .events = ends_at(m, "events"),
		.versions = versions, .none = none };

	memcpy(at.chain, m->chain, sizeof at.chain);
	return at;
}

/* The first line: all that the rest is read by. */
static void put_head(struct buf *out, const struct watch_mark *at, const struct watch_rows *w)
{
	buf_printf(out, "watch %d %s %ju %s %jd %u %jd %u %jd %ju %d %zu %zu %zu\n", LAYOUT, PACKAGE_VERSION, (uintmax_t)at->seq,
	    at->chain, (intmax_t)at->journal, at->hazards.segment, (intmax_t)at->hazards.size, at->events.segment,
	    (intmax_t)at->events.size, (uintmax_t)at->versions, at->none, w->n, w->hazards.n, w->events.n);
}

/* A number of the head. */
static bool next_number(struct span *rest, uint64_t most, uint64_t *out)
{
	struct span word;

	return span_split(rest, ' ', &word) && span_u64(word, most, out);
}

/* The head of a file; what it says of rows is not trusted yet. */
static bool read_head(struct span line, struct watch_mark *at, uint64_t counts[3])
{
	uint64_t layout, journal, none, segment[2], size[2];
	struct span word;

	if (!span_split(&line, ' ', &word) || !span_is(word, "watch") || !next_number(&line, LAYOUT, &layout) || layout != LAYOUT
	    || !span_split(&line, ' ', &word) || !span_is(word, PACKAGE_VERSION) || !next_number(&line, UINT64_MAX, &at->seq)
	    || !span_split(&line, ' ', &word) || !digest_is_hex(word, DIGEST_HEX) || !next_number(&line, INT64_MAX, &journal))
		return false;
	memcpy(at->chain, word.p, DIGEST_HEX);
	at->chain[DIGEST_HEX] = '\0';
	at->journal = (off_t)journal;
	for (size_t i = 0; i < 2; i++)
		if (!next_number(&line, UINT16_MAX, &segment[i]) || !next_number(&line, INT64_MAX, &size[i]))
			return false;
	at->hazards = (struct watch_ends){ (unsigned)segment[0], (off_t)size[0] };
	at->events = (struct watch_ends){ (unsigned)segment[1], (off_t)size[1] };
	if (!next_number(&line, UINT64_MAX, &at->versions) || !next_number(&line, 1, &none))
		return false;
	at->none = none;
	for (size_t i = 0; i < 3; i++)
		if (!next_number(&line, FILE_MAX_BYTES, &counts[i]))
			return false;
	return line.n == 0;
}

/* Does an end lie before the one of a moment, or there? */
static bool is_before(struct watch_ends from, const struct moment *m, const char *table)
{
	struct watch_ends to = ends_at(m, table);

	return from.segment < to.segment || (from.segment == to.segment && from.size <= to.size);
}

/* Is the moment of a file in the history of m? */
static bool is_past(struct reg *r, const struct moment *m, const struct watch_mark *at)
{
	struct moment then = { .seq = at->seq, .journal = at->journal };

	memcpy(then.chain, at->chain, sizeof then.chain);
	return at->seq <= m->seq && at->journal <= m->journal && is_before(at->hazards, m, "hazards") && is_before(at->events, m, "events")
	    && index_on_history(r, &then);
}

/* The checksum of a file: of its parts, each seeded with the one before. */
static uint64_t check_of(struct span head, const struct watch_rows *w)
{
	struct span places = { (const char *)w->place, w->n * sizeof *w->place };

	return mem_hash(buf_view(&w->events), mem_hash(buf_view(&w->hazards), mem_hash(places, mem_hash(head, SEED))));
}

/* Bytes of the file into b. */
static int read_part(int fd, struct buf *b, uint64_t n, off_t at, struct err *e)
{
	buf_reserve(b, (size_t)n + 1);
	b->n = (size_t)n;
	return n > 0 ? io_read_at(fd, WATCH, b->p, (size_t)n, at, e) : 0;
}

/* What stands behind the head, when that is all there is and fits the checksum. */
static bool read_rows(int fd, struct span head, const uint64_t counts[3], struct watch_rows *w)
{
	const uint64_t places = counts[0] * sizeof *w->place, sum = head.n + places + counts[1] + counts[2];
	struct err ignored = ERR_INIT;
	uint64_t check;
	off_t size;

	if (io_size(fd, WATCH, &size, &ignored) < 0 || (uint64_t)size != sum + sizeof check)
		return false;
	MEM_GROW(w->place, w->cap, (size_t)counts[0]);
	w->n = (size_t)counts[0];
	return (places == 0 || io_read_at(fd, WATCH, w->place, (size_t)places, (off_t)head.n, &ignored) == 0)
	    && read_part(fd, &w->hazards, counts[1], (off_t)(head.n + places), &ignored) == 0
	    && read_part(fd, &w->events, counts[2], (off_t)(head.n + places + counts[1]), &ignored) == 0
	    && io_read_at(fd, WATCH, &check, sizeof check, (off_t)sum, &ignored) == 0 && check == check_of(head, w);
}

bool watch_read(struct reg *r, const struct moment *m, struct watch_mark *at, struct watch_rows *w)
{
	struct err ignored = ERR_INIT;
	int fd = io_open(r->dir, WATCH, O_RDONLY, 0, true, &ignored);
	char text[HEAD_MAX];
	const char *lf;
	ssize_t n;
	uint64_t counts[3];
	bool good = false;

	if (fd < 0)
		return false;
	n = io_read_some(fd, WATCH, text, sizeof text, 0, &ignored);
	lf = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;
	if (lf != NULL && read_head((struct span){ text, (size_t)(lf - text) }, at, counts) && is_past(r, m, at))
		good = read_rows(fd, (struct span){ text, (size_t)(lf + 1 - text) }, counts, w);
	io.close(fd);
	if (!good)
		watch_rows_clear(w);
	return good;
}

void watch_write(struct reg *r, const struct watch_mark *at, const struct watch_rows *w)
{
	struct err ignored = ERR_INIT;
	struct buf head = BUF_INIT;
	int fd = open_inside(r, WATCH ".tmp", O_WRONLY | O_CREAT | O_TRUNC, &ignored);
	uint64_t check;
	bool good;

	if (fd < 0)
		return;
	put_head(&head, at, w);
	check = check_of(buf_view(&head), w);
	good = io_write_all(fd, WATCH, head.p, head.n, &ignored) == 0
	    && io_write_all(fd, WATCH, w->place, w->n * sizeof *w->place, &ignored) == 0
	    && io_write_all(fd, WATCH, w->hazards.p, w->hazards.n, &ignored) == 0
	    && io_write_all(fd, WATCH, w->events.p, w->events.n, &ignored) == 0
	    && io_write_all(fd, WATCH, &check, sizeof check, &ignored) == 0;
	good = io.close(fd) == 0 && good && ((r->dir_mode & 02000) == 0 || fchmodat(r->dir, WATCH ".tmp", r->file_mode, 0) == 0);
	if (!good || io.renameat(r->dir, WATCH ".tmp", WATCH) < 0)
		io.unlinkat(r->dir, WATCH ".tmp", 0);
	buf_clear(&head);
}

/* Has a segment the columns of this version, in its order? */
static bool is_plain(const struct segment *s)
{
	bool same = s->ncols == (size_t)s->table->ncolumns;

	for (int i = 0; i < s->table->ncolumns && same; i++)
		same = s->column[i] == i;
	return same;
}

bool watch_can(struct reg *r, const struct moment *m)
{
	static const char *const tables[] = { "hazards", "events" };
	struct err ignored = ERR_INIT;

	for (size_t i = 0; i < 2; i++)
		for (unsigned n = 1; n <= ends_at(m, tables[i]).segment; n++) {
			const struct segment *s = segment_get(r, tables[i], n, &ignored);

			if (s == NULL || !is_plain(s))
				return false;
		}
	return true;
}

/* The bytes of a segment that lie behind an end. */
static int part_behind(struct reg *r, const struct moment *m, const char *table, unsigned n, struct watch_ends from,
    struct segment **s, off_t *start, off_t *end, struct err *e)
{
	*s = segment_get(r, table, n, e);
	if (*s == NULL || segment_end(m, *s, end, e) < 0)
		return -1;
	*start = n == from.segment && from.size > (*s)->body ? from.size : (*s)->body;
	return 0;
}

int watch_tail(struct reg *r, const struct moment *m, const char *table, struct watch_ends from, const int *cols, size_t ncols,
    unsigned *segment, scan_row_fn *fn, ledger_end_fn *done, void *const *args, size_t nthreads, struct err *e)
{
	for (unsigned n = from.segment; n <= ends_at(m, table).segment; n++) {
		struct segment *s;
		off_t start, end;
		int result;

		*segment = n;
		if (part_behind(r, m, table, n, from, &s, &start, &end, e) < 0)
			return -1;
		result = segment_scan(s, start, end, cols, ncols, fn, args, nthreads, e);
		if (result == 0 && done != NULL)
			result = done(args[0]);
		if (result != 0)
			return result;
	}
	return 0;
}

off_t watch_tail_bytes(struct reg *r, const struct moment *m, const char *table, struct watch_ends from)
{
	struct err ignored = ERR_INIT;
	off_t sum = 0, start, end;

	for (unsigned n = from.segment; n <= ends_at(m, table).segment; n++) {
		struct segment *s;

		if (part_behind(r, m, table, n, from, &s, &start, &end, &ignored) < 0)
			return -1;
		sum += end - start;
	}
	return sum;
}

bool watch_is_indexed(struct reg *r, const struct moment *m)
{
	return index_at(r, m) != NULL;
}

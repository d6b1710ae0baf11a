/* SPDX-License-Identifier: MIT */
#include "register/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

#include "base/io.h"
#include "register/verifyint.h"

#define CHECKPOINT_MAX 16384
#define LINE_BLOCK 65536

void verify_find(struct verify *v, uint64_t seq, const char *file, size_t first, size_t last, bool warning, const char *fmt, ...)
{
	struct verify_finding *f;
	va_list ap;

	MEM_GROW(v->finding, v->findings_cap, v->nfindings + 1);
	f = &v->finding[v->nfindings++];
	memset(f, 0, sizeof *f);
	f->seq = seq;
	f->first_row = first;
	f->last_row = last;
	f->warning = warning;
	snprintf(f->file, sizeof f->file, "%s", file);
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	v->sum->findings += !warning;
}

void verify_binary(const char hex[65], unsigned char out[32])
{
	for (int i = 0; i < 32; i++) {
		unsigned hi = (unsigned char)hex[2 * i], lo = (unsigned char)hex[2 * i + 1];

		hi = hi > '9' ? hi - 'a' + 10 : hi - '0';
		lo = lo > '9' ? lo - 'a' + 10 : lo - '0';
		out[i] = (unsigned char)(hi << 4 | lo);
	}
}

/* A line of the journal that is wrong.  Where the chain does not vouch for its number it is of the commit whose turn it is. */
static void bad_line(struct verify *v, const struct journal_line *l, bool chained, const char *what)
{
	uint64_t turn = v->is_open ? v->seq : v->seq + 1;

	verify_find(v, chained ? l->seq : turn, JOURNAL_NAME, l->line, l->line, false, "%s", what);
}

/* The file of a span, made when new. */
static struct verify_file *file_of(struct verify *v, const char *name)
{
	struct verify_file *f;

	for (size_t i = 0; i < v->nfiles; i++)
		if (strcmp(v->file[i].name, name) == 0)
			return &v->file[i];
	MEM_GROW(v->file, v->files_cap, v->nfiles + 1);
	f = &v->file[v->nfiles];
	memset(f, 0, sizeof *f);
	snprintf(f->name, sizeof f->name, "%.*s", (int)sizeof f->name - 1, name);
	if (!segment_parse(span_of(name), &f->table, &f->segment))
		return NULL;
	v->nfiles++;
	return f;
}

/* The ledger of the running moment takes a span in. */
static bool grow(struct verify *v, const struct verify_file *f, off_t end)
{
	for (size_t i = 0; i < v->now.nledgers; i++) {
		struct moment_ledger *l = &v->now.ledger[i];

		if (l->table != f->table)
			continue;
		if (f->segment != l->segment && f->segment != l->segment + 1)
			return false;
		l->segment = f->segment;
		l->size = end;
		return true;
	}
	if (v->now.nledgers == REG_LEDGERS_MAX)
		return false;
	v->now.ledger[v->now.nledgers++] = (struct moment_ledger){ f->table, f->segment, end };
	return true;
}

/* A version that a commit brought. */
static void add_version(struct verify *v, const struct journal_span *s, uint64_t seq)
{
	struct moment_version *slot = moment_slot(&v->now, s->name);
	uint32_t known = v->digests.n;
	struct verify_version *x;

	if (slot != NULL)
		memcpy(slot->digest, s->digest, sizeof slot->digest);
	if (names_add(&v->digests, span_of(s->digest)) < known)
		return;
	MEM_GROW(v->version, v->versions_cap, v->nversions + 1);
	x = &v->version[v->nversions++];
	memcpy(x->name, s->name, sizeof x->name);
	memcpy(x->digest, s->digest, sizeof x->digest);
	x->seq = seq;
}

/* What a commit or adopt line makes true. */
static bool apply(struct verify *v, const struct journal_span *s, size_t n, bool adopted)
{
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		struct verify_file *f;
		struct verify_span *x;

		if (s[i].length < 0) {
			add_version(v, &s[i], v->seq);
			continue;
		}
		f = file_of(v, s[i].name);
		if (f == NULL || s[i].offset != f->end || !grow(v, f, s[i].offset + s[i].length)) {
			good = false;
			continue;
		}
		MEM_GROW(f->span, f->cap, f->n + 1);
		x = &f->span[f->n++];
		*x = (struct verify_span){ s[i].offset, s[i].length, s[i].rows, v->seq, f->lines + 1, adopted, { 0 } };
		verify_binary(s[i].digest, x->digest);
		/* the header is a line and no row */
		f->lines += (size_t)s[i].rows + (s[i].offset == 0);
		f->end += s[i].length;
		v->sum->rows += s[i].rows;
	}
	return good;
}

/* Is what the line says what came before it adds up to? */
static bool sizes_agree(const struct moment *a, const struct moment *b)
{
	if (a->nledgers != b->nledgers || a->nversions != b->nversions)
		return false;
	for (size_t i = 0; i < a->nledgers; i++) {
		const struct moment_ledger *l = moment_ledger(b, a->ledger[i].table->name);

		if (l == NULL || l->segment != a->ledger[i].segment || l->size != a->ledger[i].size)
			return false;
	}
	for (size_t i = 0; i < a->nversions; i++) {
		const char *d = moment_version(b, a->version[i].name);

		if (d == NULL || strcmp(d, a->version[i].digest) != 0)
			return false;
	}
	return true;
}

/* The checkpoint's own line must be here, unchanged. */
static void check_since(struct verify *v, const struct journal_line *l)
{
	char digest[DIGEST_HEX + 1];

	if (!v->has_since || l->seq != v->since.seq)
		return;
	digest_of(l->sizes, digest);
	v->since_found = span_is(l->chain, v->since.chain) && strcmp(digest, v->since.sizes) == 0;
	if (v->since_found)
		return;
	v->since_told = true;
	verify_find(v, l->seq, JOURNAL_NAME, l->line, l->line, false, "commit %ju is not the one of the checkpoint (chain %.16s, the checkpoint"
	    " has %.16s): the history up to it was rewritten", (uintmax_t)l->seq, l->chain.p, v->since.chain);
}

/* A line with sizes. */
static void sized_line(struct verify *v, const struct journal_line *l, bool chained)
{
	struct moment *said = mem_alloc(sizeof *said);
	bool good = true;

	if (l->kind == JOURNAL_ADOPT)
		good = journal_spans(l->spans, v->open, SPANS_MAX, &v->nopen);
	if (l->kind != JOURNAL_ABORT) {
		good = good && apply(v, v->open, v->nopen, l->kind == JOURNAL_ADOPT);
		v->sum->commits++;
	}
	v->is_open = false;
	v->nopen = 0;
	memset(said, 0, sizeof *said);
	if (!journal_sizes(l->sizes, said)) {
		if (chained)
			bad_line(v, l, true, "its sizes cannot be read");
	} else if (chained && (!good || !sizes_agree(&v->now, said))) {
		bad_line(v, l, true, "its sizes are not what the spans before it add up to");
	}
	free(said);
	v->now.seq = l->seq;
	v->now.at = l->at;
	v->now.journal = journal_end(l);
	memcpy(v->now.chain, l->chain.p, DIGEST_HEX);
	check_since(v, l);
}

/* Is it this line's turn?  v->seq becomes its commit: the line's own number where the chain vouches for it. */
static bool take_turn(struct verify *v, const struct journal_line *l, bool chained)
{
	bool begins = l->kind == JOURNAL_BEGIN || l->kind == JOURNAL_ADOPT;
	uint64_t turn = begins ? v->seq + 1 : v->seq;
	bool good = v->adrift || (l->seq == turn && v->is_open == !begins);

	v->seq = chained ? l->seq : turn;
	/* behind a line that was changed, removed or moved the next that fits says where the journal is */
	v->adrift = !chained;
	return good;
}

/* One line of the journal. */
static int line(void *arg, const struct journal_line *l, bool chained)
{
	struct verify *v = arg;

	if (l->seq == 0 || !chained)
		bad_line(v, l, false, l->seq == 0 ? "is not a line of a journal: it was changed"
		    : "does not fit the chain: it was changed, or a line before it was removed, added or moved");
	if (l->seq == 0) {
		v->adrift = true;
		return 0;
	}
	if (!take_turn(v, l, chained) && chained)
		bad_line(v, l, true, "is out of order");
	if (l->kind != JOURNAL_BEGIN) {
		sized_line(v, l, chained);
		return 0;
	}
	v->is_open = true;
	if (!journal_spans(l->spans, v->open, SPANS_MAX, &v->nopen)) {
		v->nopen = 0;
		if (chained)
			bad_line(v, l, true, "its spans cannot be read");
	}
	return 0;
}

/* Bytes up to and with the last LF. */
static int whole_lines(int fd, off_t size, off_t *whole, struct err *e)
{
	char *p = mem_alloc(LINE_BLOCK);
	int result = 0;

	*whole = 0;
	while (size > 0 && *whole == 0) {
		size_t n = size < LINE_BLOCK ? (size_t)size : LINE_BLOCK;
		const char *lf;

		result = io_read_at(fd, JOURNAL_NAME, p, n, size - (off_t)n, e);
		if (result < 0)
			break;
		lf = memrchr(p, '\n', n);
		size -= (off_t)n;
		if (lf != NULL)
			*whole = size + (lf - p) + 1;
	}
	free(p);
	return result;
}

/* Header and extent of the journal; *whole is what is to be walked. */
static int check_extent(struct verify *v, off_t *whole, struct err *e)
{
	char head[sizeof JOURNAL_HEADER];
	off_t size;
	bool torn;
	int fd = journal_open(v->r, O_RDONLY, e), result = -1;

	if (fd < 0)
		return -1;
	if (io_size(fd, JOURNAL_NAME, &size, e) < 0 || whole_lines(fd, size, whole, e) < 0)
		goto done;
	torn = *whole < size;
	/* who holds the lock is at work; once it is free what is torn stays torn until the next writer */
	if (torn && (io.flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)) {
		if (io_size(fd, JOURNAL_NAME, &size, e) < 0 || whole_lines(fd, size, whole, e) < 0)
			goto done;
		v->torn = size - *whole;
	}
	if (size >= JOURNAL_FIRST && io_read_at(fd, JOURNAL_NAME, head, sizeof head, 0, e) < 0)
		goto done;
	if (size < JOURNAL_FIRST || memcmp(head, JOURNAL_HEADER "\n", sizeof head) != 0)
		verify_find(v, 1, JOURNAL_NAME, 1, 1, false, "its header was changed");
	v->sum->bytes += (uint64_t)*whole;
	result = 0;
done:
	io.close(fd);
	return result;
}

/* since: text or a file. */
static int read_since(struct verify *v, const char *since, struct err *e)
{
	struct buf file = BUF_INIT;
	struct span text = span_of(since);
	bool good;

	if (since == NULL)
		return 0;
	if (strstr(since, CHECKPOINT_HEAD) == NULL) {
		if (io_slurp(AT_FDCWD, since, CHECKPOINT_MAX, &file, e) < 0) {
			buf_clear(&file);
			return -1;
		}
		text = buf_view(&file);
	}
	good = checkpoint_parse(text, &v->since);
	buf_clear(&file);
	if (!good)
		return err_set(e, ERR_DATA, "%s: is not a checkpoint; one has four lines, the first is %s", since, CHECKPOINT_HEAD);
	if (strcmp(v->since.office, v->r->office) != 0)
		return err_set(e, ERR_DATA, "the checkpoint is of office %s, this register is of %s", v->since.office, v->r->office);
	v->has_since = true;
	return 0;
}

/* In journal order; what has no commit last. */
static int by_seq(const void *x, const void *y)
{
	const struct verify_finding *a = x, *b = y;
	uint64_t s = a->seq - 1, t = b->seq - 1;
	int ja = strcmp(a->file, JOURNAL_NAME) != 0, jb = strcmp(b->file, JOURNAL_NAME) != 0;

	if (s != t)
		return s < t ? -1 : 1;
	if (ja != jb)
		return ja - jb;
	if (strcmp(a->file, b->file) != 0)
		return strcmp(a->file, b->file);
	/* what has no line, a file's end, last */
	return a->first_row - 1 < b->first_row - 1 ? -1 : a->first_row > b->first_row;
}

int verify_register(struct reg *r, const char *since, verify_fn *fn, void *arg, struct verify_sum *sum, struct err *e)
{
	struct verify *v = mem_zalloc(1, sizeof *v);
	off_t whole;
	int result = -1;

	memset(sum, 0, sizeof *sum);
	v->r = r;
	v->sum = sum;
	v->e = e;
	v->window = mem_alloc(VERIFY_WINDOW);
	if (read_since(v, since, e) < 0 || check_extent(v, &whole, e) < 0 || journal_walk(r, whole, line, v, e) < 0)
		goto done;
	if (v->torn > 0)
		verify_find(v, v->is_open ? v->seq : v->seq + 1, JOURNAL_NAME, 0, 0, false, "its last %jd bytes are no whole line: a program was"
		    " interrupted while it wrote, or bytes were removed; the next writer undoes the commit that was not finished",
		    (intmax_t)v->torn);
	if (v->now.seq == 0 && v->nfindings == 0)
		verify_find(v, 1, JOURNAL_NAME, 0, 0, false, "holds no commit");
	if (v->has_since && !v->since_found && !v->since_told)
		verify_find(v, v->since.seq, JOURNAL_NAME, 0, 0, false, "the checkpoint is of commit %ju, this register ends at commit %ju: it was"
		    " rolled back, or is another one", (uintmax_t)v->since.seq, (uintmax_t)v->now.seq);
	sum->head = v->now;
	sum->open_begin = v->is_open;
	for (size_t i = 0; i < v->nfiles; i++)
		if (verify_file(v, &v->file[i], e) < 0)
			goto done;
	if (verify_versions(v, e) < 0 || verify_copies(v, e) < 0)
		goto done;
	if (v->nfindings > 0)
		qsort(v->finding, v->nfindings, sizeof *v->finding, by_seq);
	result = 0;
	for (size_t i = 0; i < v->nfindings && result == 0; i++)
		result = fn(arg, &v->finding[i]);
	result = 0;
done:
	for (size_t i = 0; i < v->nfiles; i++)
		free(v->file[i].span);
	names_clear(&v->digests);
	free(v->file);
	free(v->version);
	free(v->finding);
	free(v->window);
	free(v);
	return result;
}

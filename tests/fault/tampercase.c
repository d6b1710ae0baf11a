/* SPDX-License-Identifier: MIT */
#include "tests/fault/tampercase.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/mem.h"

const char *const tamper_ways[TAMPER_WAYS] = { "bytes edited", "bytes removed", "bytes put in", "shorter lengths", "lines dropped",
	"lines doubled", "lines swapped" };

uint64_t tamper_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* One more file. */
static bool add_file(struct tamper_reg *r, const char *name, int kind)
{
	char path[4096];
	struct err e = ERR_INIT;
	struct tamper_file *f;

	r->file = mem_realloc(r->file, r->nfiles + 1, sizeof *r->file);
	f = &r->file[r->nfiles++];
	memset(f, 0, sizeof *f);
	f->kind = kind;
	snprintf(f->name, sizeof f->name, "%s", name);
	snprintf(path, sizeof path, "%s/%s", r->path, name);
	if (io_slurp(AT_FDCWD, path, 1 << 28, &f->bytes, &e) == 0)
		return true;
	fprintf(stderr, "%s\n", e.text);
	return false;
}

/* The columns of a line of the journal. */
static void read_line(struct tamper_line *l, struct span text)
{
	struct span field;
	size_t i = 0;

	for (; i < 12 && text.p; i++) {
		const char *comma = memchr(text.p, ',', text.n);

		field = (struct span){ text.p, comma ? (size_t)(comma - text.p) : text.n };
		text = comma ? (struct span){ comma + 1, text.n - field.n - 1 } : (struct span){ NULL, 0 };
		if (i == 0)
			l->kind = field;
		else if (i == 1)
			span_u64(field, INT64_MAX, &l->seq);
		else if (i == 9)
			l->spans = field;
		else if (i == 10)
			l->sizes = field;
	}
}

/* The lines of the journal behind its header. */
static void read_lines(struct tamper_reg *r)
{
	struct span all = buf_view(&r->journal->bytes);
	size_t at = 0;

	for (const char *lf; at < all.n && (lf = memchr(all.p + at, '\n', all.n - at)); at = (size_t)(lf + 1 - all.p)) {
		struct tamper_line l = { .at = at, .end = (size_t)(lf + 1 - all.p), .seq = 0 };

		if (at == 0)
			continue;
		read_line(&l, (struct span){ all.p + at, l.end - 1 - at });
		r->line = mem_realloc(r->line, r->nlines + 1, sizeof *r->line);
		r->line[r->nlines++] = l;
	}
}

/* One part of a list of spans or sizes: its words between colons. */
static bool next_part(struct span *rest, struct span word[5], size_t *n)
{
	struct span part;

	if (!span_split(rest, ';', &part))
		return false;
	for (*n = 0; *n < 5 && part.p; (*n)++) {
		const char *colon = memchr(part.p, ':', part.n);

		word[*n] = (struct span){ part.p, colon ? (size_t)(colon - part.p) : part.n };
		part = colon ? (struct span){ colon + 1, part.n - word[*n].n - 1 } : (struct span){ NULL, 0 };
	}
	return true;
}

/* A span of a ledger or a size; false for one of a version. */
static bool is_ledger(const struct span word[5], size_t n, struct span *name, uint64_t *at, uint64_t *length)
{
	*length = 0;
	*name = word[0];
	return (n == 2 || n == 5) && span_u64(word[1], INT64_MAX, at) && (n == 2 || span_u64(word[2], INT64_MAX, length));
}

/* The ledgers that any line names. */
static bool add_ledgers(struct tamper_reg *r)
{
	struct span rest = r->line[r->nlines - 1].sizes, word[5], name;
	char text[128];
	uint64_t at, length;
	size_t n;

	while (next_part(&rest, word, &n)) {
		if (!is_ledger(word, n, &name, &at, &length))
			continue;
		snprintf(text, sizeof text, "%.*s", (int)name.n, name.p);
		if (!add_file(r, text, TAMPER_LEDGER))
			return false;
	}
	return true;
}

bool tamper_read(struct tamper_reg *r, const char *path)
{
	char text[4096];
	struct dirent *x;
	bool good = true;
	DIR *d;

	memset(r, 0, sizeof *r);
	r->path = path;
	if (!add_file(r, "journal.csv", TAMPER_JOURNAL))
		return false;
	r->journal = r->file;
	read_lines(r);
	if (!add_ledgers(r))
		return false;
	snprintf(text, sizeof text, "%s/versions", path);
	d = opendir(text);
	while (good && d && (x = readdir(d)))
		if (x->d_name[0] != '.') {
			snprintf(text, sizeof text, "versions/%.64s", x->d_name);
			good = add_file(r, text, TAMPER_VERSION);
		}
	if (d)
		closedir(d);
	r->journal = r->file;	/* where they all are now */
	return good && d;
}

void tamper_clear(struct tamper_reg *r)
{
	for (size_t i = 0; i < r->nfiles; i++)
		buf_clear(&r->file[i].bytes);
	free(r->file);
	free(r->line);
}

/* The cases of one file while they are made. */
struct making {
	struct tamper_case c;
	struct buf now;
	tamper_fn *fn;
	void *arg;
};

/* Hand out the case unless it changes nothing. */
static int give(struct making *m, enum tamper_way way, size_t at)
{
	struct span was = buf_view(&m->c.f->bytes), is = buf_view(&m->now);
	size_t d = 0, shorter = was.n < is.n ? was.n : is.n;

	if (span_eq(was, is))
		return 0;
	while (d < shorter && was.p[d] == is.p[d])
		d++;
	m->c.way = way;
	m->c.at = at;
	m->c.first = d;
	m->c.now = is;
	return m->fn(m->arg, &m->c);
}

/* head + middle + tail. */
static void put(struct making *m, struct span head, struct span middle, struct span tail)
{
	buf_reset(&m->now);
	buf_span(&m->now, head);
	buf_span(&m->now, middle);
	buf_span(&m->now, tail);
}

/* The byte given another value, removed, another put in front of it, and all cut from it on. */
static int at_byte(struct making *m, size_t i, uint64_t *seed)
{
	struct span all = buf_view(&m->c.f->bytes), head = { all.p, i }, from = { all.p + i, all.n - i }, none = { NULL, 0 };
	uint64_t r = tamper_random(seed);
	char b = all.p[i], value = (char)(r & 0xff);
	const char in[] = { value, b, '\n', ' ', '"', ',', '\0', '\r' };
	int bits = i % 32 == 0 ? 8 : 1, got = 0;
	struct span behind = { from.p + 1, from.n - 1 };

	for (int k = 0; k < bits && !got; k++) {
		char flipped = (char)(b ^ 1 << ((i / 32 + i + (size_t)k) % 8));

		put(m, head, (struct span){ &flipped, 1 }, behind);
		got = give(m, TAMPER_EDIT, i);
	}
	if (value == b)
		value = (char)(b ^ 0x11);
	put(m, head, (struct span){ &value, 1 }, behind);
	if (got || (got = give(m, TAMPER_EDIT, i)))
		return got;
	put(m, head, none, behind);
	if ((got = give(m, TAMPER_DELETE, i)))
		return got;
	put(m, head, (struct span){ &in[r >> 8 & 7], 1 }, from);
	if ((got = give(m, TAMPER_INSERT, i)))
		return got;
	put(m, head, none, none);
	return give(m, TAMPER_CUT, i);
}

/* A line dropped, doubled, swapped with the next. */
static int at_line(struct making *m, size_t i, size_t n)
{
	struct span all = buf_view(&m->c.f->bytes), head = { all.p, i }, line = { all.p + i, n }, tail = { all.p + i + n, all.n - i - n };
	const char *lf = tail.n > 0 ? memchr(tail.p, '\n', tail.n) : NULL;
	struct span next = { tail.p, lf ? (size_t)(lf + 1 - tail.p) : tail.n }, rest = { tail.p + next.n, tail.n - next.n };
	struct buf swapped = BUF_INIT;
	int got;

	put(m, head, (struct span){ NULL, 0 }, tail);
	if ((got = give(m, TAMPER_DROP, i)))
		return got;
	buf_span(&swapped, line);
	buf_span(&swapped, line);
	put(m, head, buf_view(&swapped), tail);
	got = give(m, TAMPER_DOUBLE, i);
	buf_reset(&swapped);
	buf_span(&swapped, next);
	buf_span(&swapped, line);
	put(m, head, buf_view(&swapped), rest);
	if (!got && next.n > 0)
		got = give(m, TAMPER_SWAP, i);
	buf_clear(&swapped);
	return got;
}

int tamper_each(const struct tamper_file *f, uint64_t seed, tamper_fn *fn, void *arg)
{
	struct making m = { .c = { .f = f }, .now = BUF_INIT, .fn = fn, .arg = arg };
	struct span all = buf_view(&f->bytes);
	int got = 0;

	for (size_t i = 0; i < all.n && !got; i++)
		got = at_byte(&m, i, &seed);
	for (int way = 0; way < 3 && !got; way++) {	/* one byte behind the end */
		put(&m, all, (struct span){ &"x\n,"[way], 1 }, (struct span){ NULL, 0 });
		got = give(&m, TAMPER_INSERT, all.n);
	}
	for (size_t i = 0; i < all.n && !got;) {
		const char *lf = memchr(all.p + i, '\n', all.n - i);
		size_t n = lf ? (size_t)(lf + 1 - all.p) - i : all.n - i;

		got = at_line(&m, i, n);
		i += n;
	}
	buf_clear(&m.now);
	return got;
}

/* How far the prefix of the journal that ends with line `last` accounts for a ledger. */
static uint64_t accounted(const struct tamper_reg *r, size_t last, struct span ledger)
{
	size_t sized = last, n;
	struct span word[5], rest, name;
	uint64_t most = 0, at, length;

	if (span_is(r->line[last].kind, "begin"))
		sized--;
	rest = r->line[sized].sizes;
	while (next_part(&rest, word, &n))
		if (is_ledger(word, n, &name, &at, &length) && span_eq(name, ledger))
			most = at;
	rest = sized < last ? r->line[last].spans : (struct span){ NULL, 0 };
	while (next_part(&rest, word, &n))
		if (is_ledger(word, n, &name, &at, &length) && span_eq(name, ledger) && at + length > most)
			most = at + length;
	return most;
}

enum tamper_end tamper_ends(const struct tamper_reg *r, const struct tamper_case *c)
{
	size_t last = 0;

	if (c->f != r->journal || c->now.n >= c->f->bytes.n || c->first != c->now.n)
		return TAMPER_NO_END;
	while (last < r->nlines && r->line[last].end != c->now.n)
		last++;
	if (last == r->nlines)
		return TAMPER_NO_END;
	if (last == 0)
		return TAMPER_SEEN_END;		/* the begin of the first commit: there is no moment before it */
	for (size_t i = 0; i < r->nfiles; i++) {
		const struct tamper_file *f = &r->file[i];

		if (f->kind == TAMPER_LEDGER && f->bytes.n > accounted(r, last, span_of(f->name)))
			return TAMPER_SEEN_END;
	}
	return TAMPER_HIDDEN_END;
}

/* Does the policy's manifest of that digest name the file? */
static bool in_manifest(const struct tamper_reg *r, struct span manifest, const char *digest)
{
	char name[128];

	snprintf(name, sizeof name, "versions/%.*s", (int)manifest.n, manifest.p);
	for (size_t i = 0; i < r->nfiles; i++)
		if (strcmp(r->file[i].name, name) == 0)
			return r->file[i].bytes.p && strstr(r->file[i].bytes.p, digest);
	return false;
}

const char *tamper_line_name(const struct tamper_reg *r, size_t end)
{
	static char name[64];

	for (size_t i = 0; i < r->nlines; i++)
		if (r->line[i].end == end)
			snprintf(name, sizeof name, "%.*s %" PRIu64, (int)r->line[i].kind.n, r->line[i].kind.p, r->line[i].seq);
	return name;
}

/* The commit that brought a byte of a ledger (0: none), or a version. */
static uint64_t commit_of(const struct tamper_reg *r, const struct tamper_case *c)
{
	const char *digest = c->f->name + strlen("versions/");

	for (size_t i = 0; i < r->nlines; i++) {
		struct span rest = r->line[i].spans, word[5], name;
		bool stands = span_is(r->line[i].kind, "adopt") || (i + 1 < r->nlines && span_is(r->line[i + 1].kind, "commit"));
		uint64_t at, length;
		size_t n;

		while (stands && next_part(&rest, word, &n)) {
			if (c->f->kind == TAMPER_VERSION && n == 3 && (span_is(word[2], digest)
			    || (span_is(word[0], "policy") && in_manifest(r, word[2], digest))))
				return r->line[i].seq;
			if (c->f->kind == TAMPER_LEDGER && is_ledger(word, n, &name, &at, &length) && span_is(name, c->f->name)
			    && c->first >= at && c->first < at + length)
				return r->line[i].seq;
		}
	}
	return 0;
}

/* Does the line of text contain it? */
static bool holds(struct span line, const char *text)
{
	return text[0] == '\0' || (line.n > 0 && memmem(line.p, line.n, text, strlen(text)));
}

const char *tamper_unnamed(const struct tamper_reg *r, const struct tamper_case *c, struct span said, char want[256])
{
	const char *lf = said.n > 0 ? memchr(said.p, '\n', said.n) : NULL;
	struct span line = { said.p, lf ? (size_t)(lf - said.p) : said.n };
	uint64_t seq = c->f->kind == TAMPER_JOURNAL ? 0 : commit_of(r, c);
	size_t number = 1, head;

	if (c->f->kind == TAMPER_VERSION) {
		snprintf(want, 256, "%s", c->f->name);
		if (!holds(line, want))
			return want;
	} else if (c->f->kind == TAMPER_LEDGER) {
		snprintf(want, 256, "%s:", c->f->name);
		if (line.n < strlen(want) || memcmp(line.p, want, strlen(want)) != 0)
			return want;
	} else {
		/* a line without its end has no number */
		for (size_t i = 0; i < c->first; i++)
			number += c->f->bytes.p[i] == '\n';
		head = (size_t)snprintf(want, 256, "journal.csv:%zu: ", number);
		if (line.n > head && memcmp(line.p, want, head) == 0)
			return NULL;
		if (c->now.n < r->line[1].end && holds(line, "journal.csv: holds no commit"))
			return NULL;
		return holds(line, "journal.csv: its last ") && c->now.n > 0 && c->now.p[c->now.n - 1] != '\n' ? NULL : want;
	}
	if (seq > 0)
		snprintf(want, 256, "(commit %" PRIu64 ")", seq);
	else
		snprintf(want, 256, "behind the last commit");
	return holds(line, want) ? NULL : want;
}

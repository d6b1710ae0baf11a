/* SPDX-License-Identifier: MIT */
#include "policy/template.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

const char *const template_field_name[TEMPLATE_NFIELDS] = {
	"number", "date", "issuer", "receiver", "to", "title", "kind", "office", "count", "text", "reply_by",
	    "telephone",
	"line", "hazard", "subject", "address", "contact", "place", "grid", "category", "severity",
	    "description", "state",
	"owner", "person", "reported", "due", "days", "hours", "overdue", "basis", "note", "silenced_by",
	"earlier_number", "earlier_date", "earlier_title", "earlier_issuer",
};

enum block { BLOCK_LINES, BLOCK_ANNEX, BLOCK_ANNEXED, NBLOCKS, BLOCK_NONE = -1 };
static const char *const block_name[NBLOCKS] = { "lines", "annex", "annexed" };

/* A text being taken apart. */
struct parsing {
	struct span bytes;
	bool blocks;
	struct template *out;
	struct template_fault *fault;
	int open[2], depth;		/* blocks begun */
	size_t from;			/* of the plain text not yet put */
};

static void add(struct template *t, enum template_what what, struct span text, int which)
{
	if (what == TEMPLATE_TEXT && text.n == 0)
		return;
	MEM_GROW(t->v, t->cap, t->n + 1);
	t->v[t->n++] = (struct template_part){ what, text, which };
}

/* Note the place of a fault; false. */
static bool fault_at(struct parsing *p, size_t at)
{
	size_t line = 1, col = 1;

	for (size_t i = 0; i < at; i++) {
		if (p->bytes.p[i] == '\n') {
			line++;
			col = 1;
		} else if ((p->bytes.p[i] & 0xc0) != 0x80)
			col++;
	}
	p->fault->line = line;
	p->fault->col = col;
	return false;
}

static int index_of(struct span s, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (span_is(s, names[i]))
			return i;
	return -1;
}

/* A block begins: lines and annex at the top, annexed in annex. */
static bool begin(struct parsing *p, size_t at, int block)
{
	int in = p->depth > 0 ? p->open[p->depth - 1] : BLOCK_NONE;

	if (block == BLOCK_ANNEXED ? in != BLOCK_ANNEX : in != BLOCK_NONE) {
		snprintf(p->fault->text, sizeof p->fault->text, "{%s} may not stand %s%s%s",
		    block_name[block],
		    block == BLOCK_ANNEXED ? "outside {annex}" : "inside {", block == BLOCK_ANNEXED ? ""
		    : block_name[in],
		    block == BLOCK_ANNEXED ? "" : "}");
		return fault_at(p, at);
	}
	p->open[p->depth++] = block;
	add(p->out, TEMPLATE_BLOCK, (struct span){ NULL, 0 }, block);
	return true;
}

static bool end(struct parsing *p, size_t at, int block)
{
	if (p->depth == 0 || p->open[p->depth - 1] != block) {
		snprintf(p->fault->text, sizeof p->fault->text, "{/%s} ends nothing that was begun here",
		    block_name[block]);
		return fault_at(p, at);
	}
	p->depth--;
	add(p->out, TEMPLATE_END, (struct span){ NULL, 0 }, block);
	return true;
}

/* An unknown name: what is near, or all there are. */
static bool unknown(struct parsing *p, size_t at, struct span name)
{
	const char *near = text_nearest(name, template_field_name, TEMPLATE_NFIELDS);
	struct buf list = BUF_INIT;

	text_list(&list, template_field_name, TEMPLATE_NFIELDS, TEMPLATE_NFIELDS);
	if (near != NULL)
		snprintf(p->fault->text, sizeof p->fault->text,
		    "there is no placeholder {%.*s}; did you mean {%s}?",
		    (int)(name.n < 40 ? name.n : 40), name.p, near);
	else
		snprintf(p->fault->text, sizeof p->fault->text,
		    "there is no placeholder {%.*s}; there are %s",
		    (int)(name.n < 20 ? name.n : 20), name.p, list.p);
	buf_clear(&list);
	return fault_at(p, at);
}

/* The plain text up to `at` is put; after a mark that has its line to itself the rest of the line is left
 * out. */
static void flush(struct parsing *p, size_t at, size_t *next, bool mark)
{
	const char *b = p->bytes.p;
	size_t start = at, stop = *next;

	while (mark && start > p->from && (b[start - 1] == ' ' || b[start - 1] == '\t'))
		start--;
	while (mark && stop < p->bytes.n && (b[stop] == ' ' || b[stop] == '\t' || b[stop] == '\r'))
		stop++;
	if (mark && (start == 0 || b[start - 1] == '\n') && (stop == p->bytes.n || b[stop] == '\n')) {
		*next = stop < p->bytes.n ? stop + 1 : stop;
		at = start;
	}
	add(p->out, TEMPLATE_TEXT, (struct span){ b + p->from, at - p->from }, 0);
	p->from = *next;
}

/* The brace at `at`; *next is behind it. */
static bool take(struct parsing *p, size_t at, size_t *next)
{
	const char *b = p->bytes.p, *close;
	struct span name;
	int which;

	if (at + 1 < p->bytes.n && b[at + 1] == '{') {
		*next = at + 1;
		flush(p, at, next, false);	/* one brace is left, as text */
		*next = at + 2;
		return true;
	}
	close = memchr(b + at, '}', p->bytes.n - at);
	if (close == NULL || memchr(b + at, '\n', (size_t)(close - b) - at)) {
		snprintf(p->fault->text, sizeof p->fault->text,
		    "{ is not closed by } on its line; write {{ for a brace");
		return fault_at(p, at);
	}
	name = (struct span){ b + at + 1, (size_t)(close - b) - at - 1 };
	*next = (size_t)(close - b) + 1;
	which = index_of(name, template_field_name, TEMPLATE_NFIELDS);
	if (which >= 0) {
		flush(p, at, next, false);
		add(p->out, TEMPLATE_FIELD, name, which);
		return true;
	}
	which = p->blocks ? index_of(name, block_name, NBLOCKS) : -1;
	if (which >= 0) {
		flush(p, at, next, true);
		return begin(p, at, which);
	}
	if (p->blocks && name.n > 0 && name.p[0] == '/')
		which = index_of((struct span){ name.p + 1, name.n - 1 }, block_name, NBLOCKS);
	if (which < 0)
		return unknown(p, at, name);
	flush(p, at, next, true);
	return end(p, at, which);
}

bool template_parse(struct span bytes, bool blocks, struct template *out, struct template_fault *fault)
{
	struct parsing p = { .bytes = bytes, .blocks = blocks, .out = out, .fault = fault };
	size_t next;

	if (bytes.n >= 3 && memcmp(bytes.p, "\xEF\xBB\xBF", 3) == 0)
		p.from = 3;
	for (size_t at = p.from; at < bytes.n; at = next) {
		const char *brace = memchr(bytes.p + at, '{', bytes.n - at);

		if (brace == NULL)
			break;
		if (!take(&p, (size_t)(brace - bytes.p), &next))
			return false;
	}
	if (p.depth > 0) {
		snprintf(fault->text, sizeof fault->text, "{%s} is never ended; write {/%s}",
		    block_name[p.open[p.depth - 1]],
		    block_name[p.open[p.depth - 1]]);
		return fault_at(&p, bytes.n);
	}
	add(out, TEMPLATE_TEXT, (struct span){ bytes.p + p.from, bytes.n - p.from }, 0);
	return true;
}

void template_clear(struct template *t)
{
	free(t->v);
	*t = (struct template){ NULL, 0, 0 };
}

/* The part that ends the block begun at i. */
static size_t end_of(const struct template *t, size_t i)
{
	int block = t->v[i].which;

	while (i < t->n && !(t->v[i].what == TEMPLATE_END && t->v[i].which == block))
		i++;
	return i;
}

void template_write(const struct template *t, size_t nlines, size_t nannexed, template_put_fn *put, void *arg,
    struct buf *out)
{
	size_t row = SIZE_MAX, start = 0, count = 0;
	bool annex = false;

	for (size_t i = 0; i < t->n; i++) {
		const struct template_part *x = &t->v[i];

		if (x->what == TEMPLATE_TEXT)
			buf_span(out, x->text);
		else if (x->what == TEMPLATE_FIELD)
			put(arg, (enum template_field)x->which, annex, row, out);
		else if (x->what == TEMPLATE_BLOCK) {
			count = x->which == BLOCK_LINES ? nlines : nannexed;
			if (count == 0)
				i = end_of(t, i);
			else if (x->which != BLOCK_ANNEX) {
				annex = x->which == BLOCK_ANNEXED;
				row = 0;
				start = i;
			}
		} else if (x->which != BLOCK_ANNEX) {
			if (++row < count)
				i = start;
			else {
				row = SIZE_MAX;
				annex = false;
			}
		}
	}
}

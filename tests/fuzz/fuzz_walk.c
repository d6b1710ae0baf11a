/* SPDX-License-Identifier: MIT */
/*
 * A whole journal, read forwards, backwards and from its tail.  With an odd
 * first byte the lines that parse get the chain they should have, so that the
 * paths behind a good chain are reached.
 */
#include <stdlib.h>
#include "base/digest.h"
#include "fuzz.h"
#include "register/inside.h"
#include "register/verify.h"

fuzz_fn FUZZ_TARGET(walk);
#define LINES 256

struct seen {
	struct { off_t at; size_t n; bool chained; } v[LINES];
	size_t n;
};

static int on_line(void *arg, const struct journal_line *l, bool chained)
{
	struct seen *s = arg;

	if (s->n < LINES) {
		s->v[s->n].at = l->offset;
		s->v[s->n].n = l->body.n;
		s->v[s->n].chained = chained;
	}
	s->n++;
	return 0;
}

/* The same journal with chains that fit. */
static struct buf forge(struct span in)
{
	struct buf b = BUF_INIT;
	struct journal_line l;
	struct span line;
	char chain[65];

	buf_puts(&b, JOURNAL_HEADER "\n");
	journal_chain_first(chain);
	while (span_split(&in, '\n', &line)) {
		bool torn = in.n == 0 && line.n > 0 && line.p[line.n - 1] != 'x';

		if (journal_parse(line, 28800, &l)) {
			journal_chain(chain, l.body, chain);
			buf_span(&b, l.body);
			buf_printf(&b, ",%s", chain);
		} else {
			buf_span(&b, line);
		}
		if (!torn)
			buf_putc(&b, '\n');
	}
	return b;
}

static void check_tail(struct reg *r, off_t size)
{
	struct err e = ERR_INIT;
	struct moment m;
	struct tail t;

	if (tail_read(r, FUZZ_FD, &t, &e) != 0) {
		fuzz_error(&e);
		return;
	}
	FUZZ_CHECK(t.size == size && t.good <= t.size && t.good > 0, "good up to %jd of %jd", (intmax_t)t.good, (intmax_t)size);
	FUZZ_CHECK(t.sized.kind != JOURNAL_BEGIN && t.sized.seq <= UINT64_MAX / 2, "a begin with sizes");
	if (moment_of_line(&t.sized, &m, &e) == 0) {
		struct buf b = BUF_INIT;
		struct checkpoint c;

		FUZZ_CHECK(m.journal <= t.good && m.seq == t.sized.seq, "%jd", (intmax_t)m.journal);
		verify_checkpoint(r, &m, &b);
		FUZZ_CHECK(checkpoint_parse(buf_view(&b), &c) && c.seq == m.seq && strcmp(c.chain, m.chain) == 0, "%s", b.p);
		buf_clear(&b);
	} else {
		fuzz_error(&e);
	}
	tail_clear(&t);
}

int FUZZ_TARGET(walk)(const uint8_t *p, size_t n)
{
	struct fuzz_in in = { { (const char *)p, n } };
	bool forged = fuzz_byte(&in) & 1;
	struct span all = fuzz_rest(&in);
	struct buf made = BUF_INIT;
	struct reg_inner inner = { .pub = { .dir = -1, .path = (char *)"d", .office = "T01", .offset = 28800 } };
	struct seen on = { .n = 0 }, back = { .n = 0 };
	struct err e = ERR_INIT;
	off_t size;

	if (forged)
		made = forge(all);
	fuzz_file(JOURNAL_NAME, forged ? buf_view(&made) : all);
	size = (off_t)(forged ? made.n : all.n);
	FUZZ_CHECK(journal_walk(&inner.pub, size, on_line, &on, &e) == 0, "%s", e.text);
	FUZZ_CHECK(journal_walk_back(&inner.pub, size, on_line, &back, &e) == 0, "%s", e.text);
	for (size_t i = 0; on.n == back.n && i < on.n && on.n <= LINES; i++) {
		FUZZ_CHECK(on.v[i].at == back.v[on.n - 1 - i].at && on.v[i].n == back.v[on.n - 1 - i].n, "line %zu", i);
		/* behind a line that is none the two may differ on what it leaves as the chain */
		if (i > 0 && on.v[i].chained && on.v[i - 1].chained)
			FUZZ_CHECK(back.v[on.n - 1 - i].chained, "line %zu", i);
	}
	/* an empty line at the start is a header of nothing, which only one of the ways hands out */
	FUZZ_CHECK(on.n == back.n, "%zu lines forwards, %zu backwards", on.n, back.n);
	check_tail(&inner.pub, size);
	fuzz_files_end();
	buf_clear(&made);
	fuzz_free(all);
	return 0;
}

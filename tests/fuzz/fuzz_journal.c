/* SPDX-License-Identifier: MIT */
/* Lines of the journal: what parses is put together again as it was; manifests, words and paths. */
#include <stdlib.h>
#include <stdlib.h>
#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "fuzz.h"
#include "register/inside.h"

fuzz_fn FUZZ_TARGET(journal);
#define OFFSET 28800

static void check_spans(struct span s)
{
	struct journal_span v[SPANS_MAX];
	struct buf b = BUF_INIT;
	size_t n = 0;

	if (!journal_spans(s, v, SPANS_MAX, &n))
		return;
	FUZZ_CHECK(n <= SPANS_MAX, "%zu", n);
	for (size_t i = 0; i < n; i++)
		journal_put_span(&b, &v[i]);
	/* numbers may have been written with leading zeros */
	FUZZ_CHECK(b.n <= s.n, "%s", n ? b.p : "");
	for (size_t i = 0, k; i < n; i++) {
		struct journal_span w[SPANS_MAX];

		FUZZ_CHECK(journal_spans(buf_view(&b), w, SPANS_MAX, &k) && k == n && strcmp(w[i].name, v[i].name) == 0 &&
		    w[i].offset == v[i].offset && w[i].length == v[i].length && w[i].rows == v[i].rows &&
		    strcmp(w[i].digest, v[i].digest) == 0, "%s", b.p);
	}
	buf_clear(&b);
}

static void check_sizes(struct span s)
{
	struct moment m, again;
	struct buf b = BUF_INIT, c = BUF_INIT;

	memset(&m, 0, sizeof m);
	memset(&again, 0, sizeof again);
	if (!journal_sizes(s, &m))
		return;
	moment_sizes(&m, &b);
	if (m.nledgers > 0) {	/* a register has some */
		FUZZ_CHECK(journal_sizes(buf_view(&b), &again) && again.nledgers == m.nledgers && again.nversions == m.nversions, "%s", b.p);
		moment_sizes(&again, &c);
		FUZZ_CHECK(span_eq(buf_view(&b), buf_view(&c)), "%s", b.p);
	}
	buf_clear(&b);
	buf_clear(&c);
}

/* The line again from its parts. */
static void check_line(struct span line)
{
	struct journal_line l, two;
	struct journal_new again;
	char *word[4], chain[65], prev[65];
	struct buf b = BUF_INIT;

	if (!journal_parse(line, OFFSET, &l))
		return;
	FUZZ_CHECK(l.body.n + CHAIN_FIELD - 1 == line.n && l.chain.n == 64 && l.seq > 0, "%zu", l.body.n);
	check_spans(l.spans);
	check_sizes(l.sizes);
	word[0] = mem_spandup(l.login), word[1] = mem_spandup(l.actor), word[2] = mem_spandup(l.command), word[3] = mem_spandup(l.key);
	again = (struct journal_new){ .kind = l.kind, .seq = l.seq, .at = l.at, .offset = OFFSET, .login = word[0], .actor = word[1],
		.command = word[2], .key = word[3], .spans = l.spans, .sizes = l.sizes };
	journal_chain_first(chain);
	memcpy(prev, chain, sizeof prev);
	if (l.spans.n + l.sizes.n < 60000)
		journal_put(&b, &again, chain);
	if (b.n) {
		FUZZ_CHECK(b.p[b.n - 1] == '\n' && journal_parse((struct span){ b.p, b.n - 1 }, OFFSET, &two), "%s", b.p);
		FUZZ_CHECK(two.kind == l.kind && two.seq == l.seq && two.at == l.at && span_eq(two.spans, l.spans) &&
		    span_eq(two.sizes, l.sizes) && span_is(two.chain, chain), "%s", b.p);
		journal_chain(prev, two.body, prev);
		FUZZ_CHECK(strcmp(prev, chain) == 0, "%s", prev);
	}
	for (int i = 0; i < 4; i++)
		free(word[i]);
	buf_clear(&b);
}

static void check_word(struct span s)
{
	char *text = mem_spandup(s);
	struct buf b = BUF_INIT;

	journal_word(&b, text, 40);
	FUZZ_CHECK(b.n <= 40 && text_clean(buf_view(&b)) == b.n, "%zu bytes", b.n);
	for (size_t i = 0; i < b.n; i++)
		FUZZ_CHECK(!strchr(" ,;\"", b.p[i]), "%s", b.p);
	free(text);
	buf_clear(&b);
}

int FUZZ_TARGET(journal)(const uint8_t *p, size_t n)
{
	struct fuzz_in in = { { (const char *)p, n } };
	struct span all = fuzz_rest(&in), rest = all, digest, path, line;
	const struct table *t;
	unsigned number;

	while (manifest_next(&rest, &digest, &path)) {
		char *name = mem_spandup(path);

		FUZZ_CHECK(digest.n == 64 && path.n > 0 && path.n < 256 && strlen(name) == path.n, "%s", name);
		FUZZ_CHECK(name[0] != '/' && !strstr(name, "//") && !strstr(name, "/../") && strncmp(name, "../", 3), "%s", name);
		free(name);
	}
	in.rest = all;
	while (in.rest.n) {
		line = fuzz_line(&in);
		check_line(line);
		check_spans(line);
		check_sizes(line);
		check_word(line);
		if (segment_parse(line, &t, &number)) {
			char name[REG_FILE_MAX];

			reg_segment_name(t->name, number, name);
			FUZZ_CHECK(span_is(line, name), "%s", name);
		}
		fuzz_free(line);
	}
	fuzz_free(all);
	return 0;
}

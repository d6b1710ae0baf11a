/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/digest.h"
#include "base/time.h"
#include "register/inside.h"
#include "register/verify.h"

void verify_checkpoint(const struct reg *r, const struct moment *m, struct buf *out)
{
	char at[TIME_LEN + 1], digest[DIGEST_HEX + 1];
	struct buf sizes = BUF_INIT;

	moment_sizes(m, &sizes);
	digest_of(buf_view(&sizes), digest);
	buf_clear(&sizes);
	time_write(m->at, r->offset, at);
	buf_printf(out, "%s\n%s %ju %s\n%s\n%s\n", CHECKPOINT_HEAD, r->office, (uintmax_t)m->seq, at, m->chain, digest);
}

void verify_short(const struct reg *r, const struct moment *m, struct buf *out)
{
	buf_printf(out, "%s %ju %.4s-%.4s-%.4s-%.4s\n", r->office, (uintmax_t)m->seq, m->chain, m->chain + 4, m->chain + 8,
	    m->chain + 12);
}

/* The next line, without its LF or CRLF. */
static bool next_line(struct span *rest, struct span *line)
{
	const char *lf = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;

	if (rest->n == 0)
		return false;
	*line = (struct span){ rest->p, lf != NULL ? (size_t)(lf - rest->p) : rest->n };
	*rest = (struct span){ rest->p + line->n + (lf != NULL), rest->n - line->n - (lf != NULL) };
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

bool checkpoint_parse(struct span text, struct checkpoint *out)
{
	struct span line, office, seq, rest;

	memset(out, 0, sizeof *out);
	/* a signed message may put lines in front */
	do {
		if (!next_line(&text, &line))
			return false;
	} while (!span_is(line, CHECKPOINT_HEAD));
	if (!next_line(&text, &rest) || !span_split(&rest, ' ', &office) || !span_split(&rest, ' ', &seq)
	    || !schema_office_ok(office) || !span_u64(seq, INT64_MAX, &out->seq))
		return false;
	memcpy(out->office, office.p, office.n);
	if (!next_line(&text, &line) || !digest_is_hex(line, DIGEST_HEX))
		return false;
	memcpy(out->chain, line.p, DIGEST_HEX);
	if (!next_line(&text, &line) || !digest_is_hex(line, DIGEST_HEX))
		return false;
	memcpy(out->sizes, line.p, DIGEST_HEX);
	return true;
}

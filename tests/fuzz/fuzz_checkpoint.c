/* SPDX-License-Identifier: MIT */
/* Checkpoints and headers of ledgers that a spreadsheet may have saved. */
#include "base/digest.h"
#include "fuzz.h"
#include "register/inside.h"
#include "register/verify.h"

fuzz_fn FUZZ_TARGET(checkpoint);

static void check_checkpoint(struct span s)
{
	struct checkpoint c, again;
	struct buf b = BUF_INIT;

	if (!checkpoint_parse(s, &c))
		return;
	FUZZ_CHECK(schema_office_ok(span_of(c.office)) && digest_is_hex(span_of(c.chain), 64) && digest_is_hex(span_of(c.sizes), 64),
	    "%s", c.office);
	buf_printf(&b, "%s\n%s %ju 2026-01-01T00:00:00+08:00\n%s\n%s\n", CHECKPOINT_HEAD, c.office, (uintmax_t)c.seq, c.chain, c.sizes);
	FUZZ_CHECK(checkpoint_parse(buf_view(&b), &again) && memcmp(&c, &again, sizeof c) == 0, "%s", b.p);
	buf_clear(&b);
}

int FUZZ_TARGET(checkpoint)(const uint8_t *p, size_t n)
{
	struct fuzz_in in = { { (const char *)p, n } };
	struct span s = fuzz_rest(&in);
	const struct table *t = schema_table(SPAN("tags"));
	struct buf header = BUF_INIT;
	struct err e = ERR_INIT;
	const char *why;

	check_checkpoint(s);
	fuzz_file("tags.csv", s);
	why = spreadsheet_trace(FUZZ_FD, "tags.csv", t);
	schema_header(t, &header);
	if (s.n >= header.n && memcmp(s.p, header.p, header.n) == 0)
		FUZZ_CHECK(why == NULL, "our own header: %s", why);
	FUZZ_CHECK((spreadsheet_check(FUZZ_FD, "tags.csv", t, &e) == 0) == (why == NULL), "%s", e.text);
	fuzz_files_end();
	buf_clear(&header);
	fuzz_free(s);
	return 0;
}

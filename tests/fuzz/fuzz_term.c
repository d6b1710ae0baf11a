/* SPDX-License-Identifier: MIT */
/* Terms, points relative to a due time, ids and numbers: what is taken writes and parses back to the same. */
#include "policy/term.h"
#include "register/schema.h"
#include "fuzz.h"

fuzz_fn FUZZ_TARGET(term);

static void check_id(struct span s)
{
	struct schema_id id;
	char out[SCHEMA_ID_MAX + 1];

	if (!schema_id_parse(s, &id))
		return;
	FUZZ_CHECK(schema_id_write(&id, out) == s.n && span_is(s, out), "%s", out);
	FUZZ_CHECK(schema_office_ok(id.office) && id.number >= 1 && id.number <= SCHEMA_NUMBER_MAX, "%s", out);
}

int FUZZ_TARGET(term)(const uint8_t *p, size_t n)
{
	struct fuzz_in in = { { (const char *)p, n } };
	struct span s = fuzz_rest(&in);
	struct err e = ERR_INIT;
	struct buf b = BUF_INIT;
	struct rung_at at, at2;
	struct term t, t2;

	if (term_parse(s, &t, &e) == 0) {
		term_write(&b, t);
		FUZZ_CHECK(span_eq(buf_view(&b), s), "%s", b.p);
		FUZZ_CHECK(term_parse(buf_view(&b), &t2, &e) == 0 && t2.n == t.n && t2.unit == t.unit, "%s: %s", b.p, e.text);
	} else {
		fuzz_error(&e);
	}
	err_clear(&e);
	buf_reset(&b);
	if (rung_at_parse(s, &at, &e) == 0) {
		rung_at_write(&b, &at);
		FUZZ_CHECK(rung_at_parse(buf_view(&b), &at2, &e) == 0 && at.share == at2.share && at.off.n == at2.off.n &&
		    (at.off.unit == at2.off.unit || at.off.n == 0), "%s: %s", b.p, e.text);
	} else {
		fuzz_error(&e);
	}
	check_id(s);
	buf_clear(&b);
	fuzz_free(s);
	return 0;
}

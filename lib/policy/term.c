/* SPDX-License-Identifier: MIT */
#include "policy/term.h"
#include "base/text.h"

#define MAX_N 100000

static const struct {
	const char *word;
	enum term_unit unit;
} units[] = {
	{ "m", TERM_MINUTE }, { "h", TERM_HOUR }, { "d", TERM_DAY }, { "wh", TERM_WORK_HOUR }, { "wd",
		TERM_WORK_DAY },
};
#define NUNITS (sizeof units / sizeof *units)
#define EXAMPLES "write a number and a unit (m h d wh wd) such as 30m, 24h, 3d, 4wh, 5wd, or \"month end\""

/* Digits and a unit, nothing else; 0, 1 for no number, 2 for an unknown unit, 3 for too large a number. */
static int read_count(struct span s, struct term *out)
{
	size_t digits = 0;
	uint64_t n;
	while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	struct span unit = { s.p + digits, s.n - digits };
	if (digits == 0 || (digits > 1 && s.p[0] == '0'))
		return 1;
	for (size_t i = 0; i < NUNITS; i++)
		if (span_is(unit, units[i].word)) {
			if (!span_u64((struct span){ s.p, digits }, MAX_N, &n))
				return 3;
			out->n = (int64_t)n;
			out->unit = units[i].unit;
			return 0;
		}
	return 2;
}

int term_parse(struct span s, struct term *out, struct err *e)
{
	if (span_is(s, "month end")) {
		*out = (struct term){ 0, TERM_MONTH_END };
		return 0;
	}
	switch (read_count(s, out)) {
	case 0:
		return 0;
	case 3:
		return err_set(e, ERR_DATA, "\"%.*s\" is too long a time; at most %d", (int)s.n, s.p, MAX_N);
	case 2:
		if (s.n < 12)
			return err_set(e, ERR_DATA, "\"%.*s\" has no known unit; " EXAMPLES, (int)s.n, s.p);
		/* fall through */
	default:
		return err_set(e, ERR_DATA, "\"%.*s\" is not a length of time; " EXAMPLES,
			       (int)(s.n < 60 ? s.n : 60), s.p);
	}
}

void term_write(struct buf *out, struct term t)
{
	if (t.unit == TERM_MONTH_END) {
		buf_puts(out, "month end");
		return;
	}
	for (size_t i = 0; i < NUNITS; i++)
		if (units[i].unit == t.unit)
			buf_printf(out, "%lld%s", (long long)t.n, units[i].word);
}

/* "-50%" after due: the share left. */
static bool read_share(struct span s, struct rung_at *out)
{
	uint64_t pct;
	if (s.n < 3 || s.p[0] != '-' || s.p[s.n - 1] != '%' ||
	    !span_u64((struct span){ s.p + 1, s.n - 2 }, 100, &pct))
		return false;
	out->share = true;
	out->off = (struct term){ (int64_t)pct, TERM_MINUTE };
	return true;
}

int rung_at_parse(struct span s, struct rung_at *out, struct err *e)
{
	*out = (struct rung_at){ false, { 0, TERM_MINUTE } };
	if (s.n >= 3 && memcmp(s.p, "due", 3) == 0) {
		struct span rest = { s.p + 3, s.n - 3 };
		if (rest.n == 0 || read_share(rest, out))
			return 0;
		struct span count = { rest.p + 1, rest.n - 1 };
		if ((rest.p[0] == '+' || rest.p[0] == '-') && read_count(count, &out->off) == 0) {
			if (rest.p[0] == '-')
				out->off.n = -out->off.n;
			return 0;
		}
	}
	return err_set(e, ERR_DATA,
		       "\"%.*s\" is no point in time; write due, due-50%% (that share of the time left), due-2h, due+1d or due+5wd",
		       (int)(s.n < 60 ? s.n : 60), s.p);
}

void rung_at_write(struct buf *out, const struct rung_at *a)
{
	buf_puts(out, "due");
	if (a->share) {
		buf_printf(out, "-%lld%%", (long long)a->off.n);
		return;
	}
	if (a->off.n == 0)
		return;
	if (a->off.n > 0)
		buf_putc(out, '+');
	term_write(out, a->off);
}

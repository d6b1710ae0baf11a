/* SPDX-License-Identifier: MIT */
#include "model/session.h"

#include "base/time.h"
#include "csv/scan.h"

int session_time(const char *option, const char *value, int offset, bool end, int64_t *out, struct err *e)
{
	bool dated = false;

	if (time_parse(span_of(value), offset, out, &dated, e)) {
		e->status = ERR_USAGE;
		return err_prefix(e, "--%s", option);
	}
	if (dated && end)
		*out += TIME_DAY - 1;
	return 0;
}

int session_open(struct session *s, struct cli *c, const char *known, const char *as_of, struct err *e)
{
	*s = (struct session){ .as_of = INT64_MAX };
	s->office = office_open(c->dir, known, e);
	if (!s->office)
		return -1;
	if (cli_now(c, s->office->reg->offset, e))
		return -1;
	s->now = c->now;
	if (as_of) {
		if (session_time("as-of", as_of, s->office->reg->offset, true, &s->as_of, e))
			return -1;
		s->now = s->as_of;
	}
	return 0;
}

int session_fold(struct session *s, struct trail *trail, struct err *e)
{
	s->fold = fold_trailed(s->office, s->as_of, scan_cores(2), trail, e);
	return s->fold ? 0 : -1;
}

void session_close(struct session *s)
{
	fold_free(s->fold);
	office_close(s->office);
	*s = (struct session){ .office = NULL };
}

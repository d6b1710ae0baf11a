/* SPDX-License-Identifier: MIT */
#include "engine/noticestate.h"

#include <stdlib.h>

#include "base/time.h"
#include "register/ledger.h"

const char *const notice_result_name[NOTICE_NRESULTS] = { "ok", "temporary", "failed", "no-addressee",
    "refused" };

static const struct notice_state nothing = { TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE,
    NULL };

enum { COL_NOTICE, COL_AT, COL_ACT, COL_CHANNEL, COL_ATTEMPT, COL_RESULT, COL_NEXT, COL_N };
static const char *const columns[COL_N] = { "notice", "at", "act", "channel", "attempt", "result",
    "next_at" };

void notice_states_clear(struct notice_states *s)
{
	names_clear(&s->ids);
	names_clear(&s->channels);
	free(s->v);
	arena_clear(&s->mem);
	*s = (struct notice_states){ .v = NULL };
}

static struct notice_state *state_for(struct notice_states *s, struct span notice)
{
	uint32_t before = s->ids.n, i = names_add(&s->ids, notice);

	MEM_GROW(s->v, s->cap, (size_t)i + 1);
	if (i == before)
		s->v[i] = nothing;
	return &s->v[i];
}

static enum notice_result result_of(struct span s)
{
	for (int i = 0; i < NOTICE_NRESULTS; i++)
		if (span_is(s, notice_result_name[i]))
			return (enum notice_result)i;
	return NOTICE_OK;
}

/* An attempt of a channel. */
static void take_send(struct notice_states *s, struct notice_state *x, const struct span *f, int64_t at)
{
	uint32_t channel = names_add(&s->channels, f[COL_CHANNEL]);
	struct notice_send *y = x->send;
	uint64_t attempt = 1;

	while (y && y->channel != channel)
		y = y->next;
	if (!y) {
		y = arena_alloc(&s->mem, sizeof *y);
		*y = (struct notice_send){ .channel = channel, .result = NOTICE_FAILED, .next = x->send };
		x->send = y;
	}
	if (y->result != NOTICE_TEMPORARY)
		y->first = at;
	span_u64(f[COL_ATTEMPT], UINT32_MAX, &attempt);
	y->attempt = (unsigned)attempt;
	y->result = result_of(f[COL_RESULT]);
	y->at = at;
	if (!time_read(f[COL_NEXT], s->offset, &y->next_at))
		y->next_at = TIME_NONE;
	if (y->result == NOTICE_OK && x->sent == TIME_NONE)
		x->sent = at;
}

/* A row; f: the columns above. */
static void take_row(struct notice_states *s, const struct span *f)
{
	struct notice_state *x = state_for(s, f[COL_NOTICE]);
	const struct { const char *act; int64_t *at; } acts[] = {
		{ "approve", &x->approved }, { "ack", &x->acked }, { "reply", &x->replied }, { "withdraw",
		    &x->withdrawn },
	};
	int64_t at;

	if (!time_read(f[COL_AT], s->offset, &at))
		return;
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (span_is(f[COL_ACT], acts[i].act) && *acts[i].at == TIME_NONE)
			*acts[i].at = at;
	if (span_is(f[COL_ACT], "send"))
		take_send(s, x, f, at);
	/* refused and left there before a witness is served too (留置送达) */
	if (span_is(f[COL_ACT], "serve") && x->served == TIME_NONE && (span_is(f[COL_RESULT], "ok") ||
	    span_is(f[COL_CHANNEL], "left")))
		x->served = at;
}

static int on_row(void *arg, const struct scan_row *row)
{
	take_row(arg, row->f);
	return 0;
}

void notice_states_add(struct notice_states *s, const struct span *row)
{
	struct span f[COL_N];

	for (int i = 0; i < COL_N; i++)
		f[i] = row[schema_column(schema_table(SPAN("deliveries")), span_of(columns[i]))];
	take_row(s, f);
}

int notice_states_load(struct notice_states *s, struct reg *r, const struct moment *m, struct err *e)
{
	const struct table *t = schema_table(SPAN("deliveries"));
	int col[COL_N];
	void *arg = s;

	notice_states_clear(s);
	s->offset = r->offset;
	for (int i = 0; i < COL_N; i++)
		col[i] = schema_column(t, span_of(columns[i]));
	return ledger_scan(r, m, "deliveries", col, COL_N, on_row, &arg, 1, e);
}

const struct notice_state *notice_state_of(const struct notice_states *s, struct span notice)
{
	uint32_t i = s->ids.n ? names_find(&s->ids, notice) : NAMES_NONE;

	return i == NAMES_NONE ? &nothing : &s->v[i];
}

/* The last attempt by a channel, NULL none. */
static const struct notice_send *last_send(const struct notice_states *s, const struct notice_state *x,
    const char *channel)
{
	uint32_t c = s->channels.n ? names_find(&s->channels, span_of(channel)) : NAMES_NONE;
	const struct notice_send *y = x->send;

	while (y && y->channel != c)
		y = y->next;
	return y;
}

enum notice_way notice_way(const struct notice_states *s, const struct notice_state *x,
    const struct policy *p, int channel, int64_t now,
    bool force, struct notice_next *next)
{
	const struct notice_send *first = last_send(s, x, p->channel[channel].name);

	next->at = INT64_MAX;
	for (int c = channel; c >= 0; c = p->channel[c].fallback) {
		const struct notice_send *y = last_send(s, x, p->channel[c].name);

		next->channel = c;
		next->attempt = y ? y->attempt + 1 : 1;
		next->first = y && y->result == NOTICE_TEMPORARY ? y->first : TIME_NONE;
		if (y && y->result == NOTICE_OK)
			return WAY_DELIVERED;
		if (!y || (y->next_at != TIME_NONE && (force || y->next_at <= now)))
			return WAY_DUE;
		if (y->next_at != TIME_NONE && y->next_at < next->at)
			next->at = y->next_at;
		if (y->result == NOTICE_TEMPORARY)
			return WAY_WAITING;
	}
	if (force && first) {
		*next = (struct notice_next){ channel, first->attempt + 1, TIME_NONE, INT64_MAX };
		return WAY_DUE;
	}
	return next->at != INT64_MAX ? WAY_WAITING : WAY_DEAD;
}

bool notice_is_signed(const struct notice_kind *k, const struct notice_state *x)
{
	return x->withdrawn == TIME_NONE && (k->approval < 0 || x->approved != TIME_NONE);
}

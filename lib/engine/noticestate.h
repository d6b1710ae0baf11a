/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTICESTATE_H
#define GL_ENGINE_NOTICESTATE_H
#include "base/mem.h"
#include "model/office.h"
/*
 * What was done with each paper after it was issued: deliveries.csv folded.
 */
enum notice_result { NOTICE_OK, NOTICE_TEMPORARY, NOTICE_FAILED, NOTICE_NO_ADDRESSEE, NOTICE_REFUSED,
    NOTICE_NRESULTS };
extern const char *const notice_result_name[NOTICE_NRESULTS];	/* ok temporary failed no-addressee refused */

struct notice_send {		/* the last attempt by one channel */
	uint32_t channel;	/* number in states.channels */
	unsigned attempt;
	enum notice_result result;
	int64_t at, next_at;	/* next_at TIME_NONE: none said */
	int64_t first;		/* of this run of attempts: behind the last that failed for good */
	struct notice_send *next;
};
struct notice_state {		/* times; TIME_NONE: not so */
	int64_t approved, sent, served, acked, replied,
	    withdrawn;	/* sent: first by any channel; served: in hand or left there */
	struct notice_send *send;
};
struct notice_states {
	struct names ids, channels;
	struct notice_state *v;
	size_t cap;
	struct arena mem;
	int offset;
};
int notice_states_load(struct notice_states *s, struct reg *r, const struct moment *m, struct err *e);
void notice_states_clear(struct notice_states *s);
/* One more row of deliveries.csv, columns in schema order. */
void notice_states_add(struct notice_states *s, const struct span *row);
/* Never NULL: of a paper that nothing was done with all times are TIME_NONE. */
const struct notice_state *notice_state_of(const struct notice_states *s, struct span notice);

/* Where one of a paper's channels stands, with those that stand in for it. */
enum notice_way { WAY_DELIVERED, WAY_DUE, WAY_WAITING, WAY_DEAD };
struct notice_next {
	int channel;		/* WAY_DUE: the one to try */
	unsigned attempt;	/* its number, from 1 */
	int64_t first;		/* when this run of attempts began; TIME_NONE: it begins */
	int64_t at;		/* WAY_WAITING: not before */
};
/* force: as if every waiting time were over, and from the start where it was given up. */
enum notice_way notice_way(const struct notice_states *s, const struct notice_state *x,
    const struct policy *p, int channel, int64_t now,
    bool force, struct notice_next *next);
/* May it go out at all: signed where it must be, not withdrawn? */
bool notice_is_signed(const struct notice_kind *k, const struct notice_state *x);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_DELIVER_H
#define GL_ENGINE_DELIVER_H
#include "base/cli.h"
#include "engine/noticearchive.h"
#include "engine/noticekind.h"
#include "engine/noticestate.h"
/*
 * Sending: papers that are signed where they must be and not delivered yet go out by their channels'
 * programs.
 * A program runs without any lock on the register; its end is then recorded, one commit for each attempt, so
 * one
 * that is killed in between sends again with the same number: at least once, the number is the key to drop
 * the second.  One
 * `send` at a time: a lock of its own, .index/sending.
 *
 * Exit 0 delivered; 75, a signal or the time limit: temporary, again by the channel's retry list until it
 * gives up; any
 * other: failed for good.  Then its fallback is tried.  Nobody to send to is recorded too, and tried again a
 * day later.
 *
 * A paper whose kind the policy in force has no more goes by the rules it was issued under (engine/noticekind).
 */
#define DELIVER_AGAIN (24 * 3600)	/* seconds until a paper without an addressee is tried again */
struct deliver {
	struct cli *cli;
	struct reg *reg;
	struct office *office;		/* now: kinds, channels, posts, addresses */
	struct span actor;
	const struct names *wanted;	/* ids; NULL: all that is to be sent */
	bool again;			/* what was delivered too */
	bool any_hour;
	/* filled in */
	size_t sent, temporary, failed, nobody;
	size_t unsigned_, closed,
	    left;	/* not tried: to be approved first; out of hours; their channel hangs */
	size_t unknown;			/* not tried: of a kind that no version of the policy has */
	struct notice_kinds kinds;
	struct notice_states states;
	struct notice_archive archive;
	uint64_t seq;			/* of the register as states knows it */
	struct names channels;		/* tried in this run */
	unsigned *hung;			/* by number of these: how often it hung in a row */
	size_t hung_cap;
	bool open;			/* within sending hours */
};
/* The first part of deliver_run: all that is to be sent now, with their lines, into the archive. */
int deliver_pick(struct deliver *d, struct err *e);
int deliver_run(struct deliver *d, struct err *e);
void deliver_clear(struct deliver *d);
/* What a run did, in words for people. */
void deliver_said(const struct deliver *d, struct buf *out);

#endif

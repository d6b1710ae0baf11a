/* SPDX-License-Identifier: MIT */
#ifndef GL_CMD_HAZARD_NOTICE_H
#define GL_CMD_HAZARD_NOTICE_H
#include "base/cli.h"
#include "engine/noticearchive.h"
#include "engine/noticekind.h"
#include "engine/noticestate.h"
#include "model/writing.h"
/*
 * hazard-notice: the life of a paper.  Each command is a function here; what
 * they share is the job.
 */
enum notice_command {
	NOTICE_DRAFT, NOTICE_ISSUE, NOTICE_APPROVE, NOTICE_SEND, NOTICE_SERVE, NOTICE_ACK, NOTICE_REPLY,
	    NOTICE_WITHDRAW, NOTICE_LIST,
	NOTICE_SHOW, NOTICE_NCOMMANDS
};
extern const char *const notice_command_name[NOTICE_NCOMMANDS];
enum notice_option {
	OPT_KIND, OPT_TO, OPT_BUNDLE, OPT_ISSUER, OPT_TITLE, OPT_TEXT, OPT_NO_INHIBIT, OPT_AGAIN, OPT_KEY,
	    OPT_ENCODING, OPT_ANY_HOUR,
	OPT_BY, OPT_HOW, OPT_REFUSED, OPT_WITNESS, OPT_AT, OPT_NOTE, OPT_REASON, OPT_RECEIVER, OPT_UNAPPROVED,
	    OPT_UNDELIVERED,
	OPT_UNSERVED, OPT_UNACKNOWLEDGED, OPT_UNANSWERED, OPT_WITHDRAWN, NOTICE_NOPTIONS
};
struct notice_job {
	struct cli c;
	enum notice_command command;
	const char *value[NOTICE_NOPTIONS];	/* NULL: not said; flags "" */
	char **operand;
	int noperands;
	struct buf out;			/* for standard output, once all is done */
	struct buf input;		/* of -, and its retry key */
	char key[DIGEST_HEX + 1];
	bool bad;			/* done, but the answer is no: exit 1 */
};
static inline bool job_is(const struct notice_job *j, const char *format)
{
	return j->c.format != NULL && strcmp(j->c.format, format) == 0;
}

/* The ids that are meant: operands, or - and none: rows with a column of that name, or ids one a line.  key: the retry key of
 * rows that were read is made, of them and of words. */
int job_ids(struct notice_job *j, const char *column, const struct table *t, bool key, struct names *ids,
    struct err *e);
/* Text as a ledger keeps it, in the arena. */
int job_text(const char *option, const char *said, struct arena *mem, struct span *out, struct err *e);
/* The kind that --kind names, by id or name. */
const struct notice_kind *job_kind(const struct notice_job *j, const struct policy *p, struct err *e);
/* The papers of a batch or archive for standard output, one after the other, a line of dashes in between. */
int job_print(struct notice_job *j, const struct notice_batch *b, const struct notice_paper *p, bool draft,
    struct err *e);

int notice_issue(struct notice_job *j, struct err *e);	/* draft, issue */
int notice_act(struct notice_job *j, struct err *e);	/* approve, serve, ack, reply, withdraw */
int notice_send(struct notice_job *j, struct err *e);
int notice_list(struct notice_job *j, struct err *e);
int notice_show(struct notice_job *j, struct err *e);

#endif

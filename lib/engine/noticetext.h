/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTICETEXT_H
#define GL_ENGINE_NOTICETEXT_H
#include "engine/noticebatch.h"
/*
 * Papers as text, from the templates of the policy of the batch's office
 * (policy/template.h).  Made of the paper's own values and of the office as of its moment alone, so a
 * recorded paper
 * comes out the same at any later time.  The language is the kind's, else the register's, never the
 * environment's.  Texts are escaped for people; lines end with LF.
 */
#define NOTICE_BRIEF_MAX 70	/* characters of a text for phones */
int notice_title(const struct notice_batch *b, const struct notice_paper *p, struct buf *out, struct err *e);
/* The whole paper; a draft is marked (草稿) and has no number. */
int notice_text(const struct notice_batch *b, const struct notice_paper *p, bool draft, struct buf *out,
    struct err *e);
/* Have papers of the kind a place for a text of one's own ({text})?  1, 0, -1 e. */
int notice_takes_text(struct office *o, const struct notice_kind *k, struct err *e);
/* What is sent to phones: one line of at most NOTICE_BRIEF_MAX characters. */
int notice_brief(const struct notice_batch *b, const struct notice_paper *p, struct buf *out, struct err *e);

#endif

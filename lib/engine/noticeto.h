/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_NOTICETO_H
#define GL_ENGINE_NOTICETO_H
#include "engine/noticebatch.h"
/*
 * Who a paper is for, and where that is: a kind's `to` to an organ or subject,
 * its `post` to a person there on that day, a person or organ to an address.
 */
/* An organ's or subject's id for `to` (as in notices.yaml, without post) and a hazard; empty: nobody. */
int notice_addressee(struct office *o, const char *to, const struct notice_hazard *h, int32_t day,
    struct span *receiver,
    struct err *e);
/* The organs that a word means for a paper that names no hazard, under the unit of the issuer: of a level, the organ of each
 * unit; of an organ kind, each of that kind; the issuer itself not.  *out is for the caller to free; what it points to lives as long
 * as the office.  -1 with e, also when there are none, or when the word means nobody without a hazard (owner, subject, parent, top). */
int notice_everyone(struct office *o, const char *to, struct span issuer, int32_t day, struct span **out, size_t *n, struct err *e);
/* Who holds the post at an organ on a day: role of a post, or "duty": any post with a duty; the first by the
 * file; empty: nobody. */
int notice_post(struct office *o, struct span organ, const char *role, int32_t day, struct span *officer,
    struct err *e);

struct notice_address {
	struct span who;		/* officer, organ or subject; for the record */
	struct span address;		/* empty: nobody, and why says so */
	const char *why;
};
/*
 * The address of a paper's receiver on a day.  With a post: that person's phone, then the organ's own. 
 * Without: the
 * paper's person, then who is on duty, then the organ's own phone; mail is the organ's.  A subject has its
 * own phone and no mail.
 */
int notice_address(struct office *o, const struct notice_kind *k, struct span receiver, struct span person,
    bool mail, int32_t day,
    struct notice_address *out, struct err *e);

#endif

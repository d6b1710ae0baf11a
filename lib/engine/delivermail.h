/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_DELIVERMAIL_H
#define GL_ENGINE_DELIVERMAIL_H
#include <stdbool.h>
#include "base/buf.h"
#include "engine/noticebatch.h"
/*
 * What a channel's program gets on its standard input.
 */
struct deliver_message {
	const char *notice, *number, *title;
	struct span to, from;		/* addresses; from may be empty */
	struct span from_name;
	struct span receiver;
	const char *office;		/* code, for Message-ID */
	struct span text;		/* UTF-8, LF */
	int64_t at;
	int offset;
};
/* A mail (RFC 5322, 2045, 2047), lines ending with LF as sendmail wants them.  Its Message-ID is made of notice, receiver and
 * office, so the same paper has the same one however often it is sent. */
void deliver_mail(const struct deliver_message *m, struct buf *out);
/* For phones: Number, Notice, To, Subject, an empty line, the text. */
void deliver_phone(const struct deliver_message *m, struct buf *out);
/* Could it be an address?  One that could end a header or name a second receiver is none. */
bool deliver_address_ok(struct span address, bool mail);

#endif

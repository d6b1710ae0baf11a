/* SPDX-License-Identifier: MIT */
#ifndef GL_POLICY_TEMPLATE_H
#define GL_POLICY_TEMPLATE_H
#include <stdbool.h>
#include <stddef.h>
#include "base/buf.h"
#include "base/mem.h"
/*
 * Texts of papers: plain text with {placeholders}, a block {lines} … {/lines} that is repeated for each
 * hazard on the
 * paper, and a block {annex} … {/annex} that stands only when hazards were silenced, with an {annexed} …
 * {/annexed} that is
 * repeated for each of them.  A block's mark alone on its line takes the line with it.  {{ is a brace. 
 * Nothing nests
 * but annexed in annex.
 */
enum template_field {
	FIELD_NUMBER, FIELD_DATE, FIELD_ISSUER, FIELD_RECEIVER, FIELD_TO, FIELD_TITLE, FIELD_KIND,
	    FIELD_OFFICE, FIELD_COUNT,
	FIELD_TEXT, FIELD_REPLY_BY, FIELD_TELEPHONE,
	/* of a hazard: the block's, outside of blocks the first one's */
	FIELD_LINE, FIELD_HAZARD, FIELD_SUBJECT, FIELD_ADDRESS, FIELD_CONTACT, FIELD_PLACE, FIELD_GRID,
	    FIELD_CATEGORY,
	FIELD_SEVERITY, FIELD_DESCRIPTION, FIELD_STATE, FIELD_OWNER, FIELD_PERSON, FIELD_REPORTED, FIELD_DUE,
	    FIELD_DAYS,
	FIELD_HOURS, FIELD_OVERDUE, FIELD_BASIS, FIELD_NOTE, FIELD_SILENCED_BY,
	/* of the earlier paper that it answers to: the line's, outside of blocks the last of all lines */
	FIELD_EARLIER_NUMBER, FIELD_EARLIER_DATE, FIELD_EARLIER_TITLE, FIELD_EARLIER_ISSUER,
	TEMPLATE_NFIELDS
};
extern const char *const template_field_name[TEMPLATE_NFIELDS];

enum template_what { TEMPLATE_TEXT, TEMPLATE_FIELD, TEMPLATE_BLOCK, TEMPLATE_END };
struct template_part {
	enum template_what what;
	struct span text;		/* of TEMPLATE_TEXT; points into the template's bytes */
	int which;			/* field, or block */
};
struct template {
	struct template_part *v;
	size_t n, cap;
};
/* What is wrong with a text, and where: line and column in characters from 1. */
struct template_fault {
	size_t line, col;
	char text[256];
};
/* blocks: a whole paper, in which blocks may stand; else one line.  false with *fault. */
bool template_parse(struct span bytes, bool blocks, struct template *out, struct template_fault *fault);
void template_clear(struct template *t);

/* Puts a field; row: SIZE_MAX outside of blocks, else the number of the line or silenced hazard. */
typedef void template_put_fn(void *arg, enum template_field f, bool annex, size_t row, struct buf *out);
void template_write(const struct template *t, size_t nlines, size_t nannexed, template_put_fn *put, void *arg,
    struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_MODEL_VALUE_H
#define GL_MODEL_VALUE_H
#include "model/office.h"
/*
 * What people write, made into what a ledger holds: names and labels to ids,
 * any accepted form of a time to the canonical one, full-width digits to
 * half-width, text to NFC on one line.  Look-ups are done once per distinct
 * value, wrong ones included.
 */
struct values;
struct value_context {
	const struct policy *policy;	/* whose vocabularies hold */
	struct span grid;		/* names of subjects are looked for in this subtree; empty: everywhere */
	int32_t day;			/* the day of validity of master data */
};
struct values *values_new(struct office *o);
void values_free(struct values *v);

/*
 * Append to out the canonical value of `said` in column c; nothing when it is
 * blank.  A time said as a date alone sets *dated (NULL: not asked for).
 * -1 with e: ERR_DATA what was found and what to write instead, without file
 * or column; another status when the register could not be read.
 */
int values_take(struct values *v, const struct column *c, const struct value_context *in, struct span said,
    struct buf *out, bool *dated, struct err *e);
/*
 * Is `said` in its canonical form already, as nearly all values of a machine are?  True with *value, a part of said
 * (empty when that is blank); false says nothing: values_take it is then.  When frozen, nothing is loaded, asked of the
 * register or remembered on the way: a thread with values of its own may call it while another one uses the office.
 */
bool values_stand(struct values *v, const struct column *c, const struct value_context *in, struct span said, bool frozen,
    struct span *value);
/* It will be asked of this value soon: have the memory of it fetched meanwhile. */
void values_soon(const struct values *v, const struct column *c, struct span said);
/* Load what values_stand needs for this column when it is frozen; -1 e. */
int values_freeze(struct values *v, const struct column *c, const struct value_context *in, struct err *e);
/* Room that values of n raw bytes in all and `columns` columns can need at most. */
size_t values_room(size_t n, size_t columns);
/* The words of a vocabulary for a message: "minor, general, major", nearest one behind it. */
void values_words(struct buf *out, const struct vocab *w, struct span said);

#endif

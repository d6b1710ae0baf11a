/* SPDX-License-Identifier: MIT */
#ifndef GL_REGISTER_COPIES_H
#define GL_REGISTER_COPIES_H
#include "register/register.h"
/*
 * Working copies of masters and policy files that were edited in place, and files that somebody laid under policy/ beside them.
 * They change nothing until gridctl put takes them in, and who edits one without knowing that should be told by the next writer.
 *
 * What each copy was when it was last looked at (size, times, digest of its bytes) is kept in .index/copies, so that a writer
 * asks the system for each copy's size and times and reads only those that differ; a folder under policy/ is listed again when
 * its own times differ.  As in git's index, a copy
 * as young as that file is read again: it could have been edited in the same tick of the clock.  The file is derived
 * and of this machine; without it every copy is read.
 */
#define COPIES_NAMED 5			/* copies named one by one */

/*
 * Append to out, once for a register opened, a line for each copy that is not what is committed at m:
 *   policy/escalation.yaml: the working copy is not what is committed; it changes nothing until gridctl put policy
 *   policy/policy.d/T01-GAS.yaml: is not committed; it changes nothing until gridctl put policy
 * register.yaml is not among them (reg.edited).  remember: write down what was found (a dry run leaves no trace).
 * Best effort: what cannot be read is passed over.
 */
void copies_warn(struct reg *r, const struct moment *m, bool remember, struct buf *out);
/* Is a name in a folder under policy/ (top: in policy/ itself) that of no policy file?  README* and demo at the top; names that
 * begin with a dot or end in ~ or .tmp. */
bool copies_passes_over(const char *name, bool top);

#endif

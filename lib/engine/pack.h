/* SPDX-License-Identifier: MIT */
#ifndef GL_ENGINE_PACK_H
#define GL_ENGINE_PACK_H
#include "policy/policy.h"
#include "register/register.h"
/*
 * A directory of policy files on its way into a register: a place's pack
 * (gridctl init) or a policy working copy (gridctl put policy).  Every regular
 * file below it counts, except README*, the folder demo/, and names that begin
 * with a dot or end in ~ or .tmp.  Symbolic links are passed over.
 */
#define PACK_FILES_MAX 1000
#define PACK_FILE_MAX ((size_t)1 << 20)
struct pack {
	struct policy_file *file;	/* sorted by path */
	size_t n, cap;
	struct policy_bytes *bytes;	/* the same files, for reg_create and commit_policy */
	struct buf manifest;
};
#define PACK_INIT { NULL, 0, 0, NULL, BUF_INIT }
/* ERR_DATA: not a directory, a file too large, too many files, a name that is no policy path. */
int pack_read(struct pack *p, const char *dir, struct err *e);
void pack_clear(struct pack *p);
/*
 * The directory of a place: DIR itself when `place` holds a slash or is a directory here, else
 * DATA/places/PLACE for DATA = data (e.g. $GRIDLEDGER_DATA).  -1 with e (ERR_USAGE) that lists the places there are.
 */
int pack_find(const char *place, const char *data, struct buf *dir, struct err *e);
/* Load it as a policy, all complaints to d with dir/ in front of the names; NULL when there were errors. */
struct policy *pack_load(const struct pack *p, const char *dir, struct diag *d);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef FAULT_TREE_H
#define FAULT_TREE_H
#include <stdint.h>
/*
 * The files below the working directory, as they are to be before each try.  Files under .index that name machines and
 * processes (lock, lock.mdb, holder, boot) or say times of files (copies) are restored but do not count in the digest.
 */
struct tree;

struct tree *tree_take(void);		/* remembers all, NULL with errno; one that is taken later is restored first */
int tree_restore(const struct tree *t);	/* what was changed, added or removed is undone in place; -1 with errno */
uint64_t tree_digest(const struct tree *t);	/* of names and bytes as they are now */
void tree_free(struct tree *t);

#endif

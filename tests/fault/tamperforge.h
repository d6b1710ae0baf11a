/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_TAMPERFORGE_H
#define GL_TESTS_TAMPERFORGE_H
/*
 * What somebody who owns the directory can do: the first `old` in the ledger becomes `new` (of any length), and the
 * journal is written anew to fit, offsets, lengths, sizes, digests and chain.  0, or 1 after a message.
 */
int forge(const char *reg, const char *ledger, const char *old, const char *new);

#endif

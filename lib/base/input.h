/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_INPUT_H
#define GL_BASE_INPUT_H
#include "base/digest.h"
#include "base/err.h"
/*
 * What a user hands in: a file that he names (links are followed), or "-",
 * standard input; whole, with its SHA-256, which of a large file is made while
 * the file is still being read when `threaded`.  At most max bytes, put into
 * out, which is empty.  *clean (unless NULL) says whether all of it is UTF-8 without NULs.  -1 with e, the same as io_slurp's.
 */
int input_read(const char *path, size_t max, bool threaded, struct buf *out, char digest[DIGEST_HEX + 1], bool *clean,
    struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_TAMPERMEM_H
#define GL_TESTS_TAMPERMEM_H
#include "tests/fault/tampercase.h"
/*
 * The files of a register in memory, put under the library through its table of system calls (base/io.h), so that a
 * case costs no system call.  Working copies are not among them.  From tampermem_use on the table is ours for good.
 */
void tampermem_use(const struct tamper_reg *r);
/* This file has other bytes from now on; NULL: all are as they were. */
void tampermem_change(const struct tamper_file *f, struct span now);

#endif

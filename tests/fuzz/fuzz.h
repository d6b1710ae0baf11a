/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_FUZZ_H
#define GL_TESTS_FUZZ_H
#include <stdint.h>
#include <stdio.h>
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
/*
 * What the fuzz targets share.  A target takes bytes from outside and asserts
 * what must hold of them; tests/fuzz/run.sh links it with libFuzzer, where it
 * is LLVMFuzzerTestOneInput, and tests/fuzz/replay links all of them.
 */
#ifdef FUZZER
#define FUZZ_TARGET(name) LLVMFuzzerTestOneInput
#else
#define FUZZ_TARGET(name) fuzz_##name
#endif
typedef int fuzz_fn(const uint8_t *p, size_t n);

/* Says what does not hold and aborts, so that libFuzzer and replay keep the input. */
#define FUZZ_CHECK(held, ...) ((held) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #held, __VA_ARGS__))
_Noreturn void fuzz_fail(const char *file, int line, const char *held, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The input, taken piece by piece. */
struct fuzz_in {
	struct span rest;
};
unsigned fuzz_byte(struct fuzz_in *in);			/* 0 at the end */
/* Up to the next LF, or the end; a new allocation of exactly that size, so that ASan sees a read behind it. */
struct span fuzz_line(struct fuzz_in *in);
char *fuzz_word(struct fuzz_in *in);			/* the same, NUL-terminated and cut at a NUL */
struct span fuzz_rest(struct fuzz_in *in);		/* all that is left, copied the same way */
void fuzz_free(struct span s);

/* What a diag says. */
struct fuzz_said {
	struct diag d;
	char *text;
	size_t n;
};
void fuzz_listen(struct fuzz_said *s, size_t max);
/* Ends it: every line is clean text; where one begins with `name:N:` a line N of input (or the one behind it) is meant. */
void fuzz_heard(struct fuzz_said *s, const char *name, struct span input);
/* An error is set, with a text of one line. */
void fuzz_error(const struct err *e);
/* No byte that could steer a terminal, and valid UTF-8; LF is allowed. */
void fuzz_shown(struct span s);

/* Files in memory: base/io opens them by name, whatever the directory; everything else is not there. */
void fuzz_file(const char *name, struct span bytes);
void fuzz_files_end(void);
#define FUZZ_FD 5000			/* the descriptor of the first one; a read gives few bytes at a time */

/* A file of data-schemas, $GRIDLEDGER_DATA/path, read once. */
struct span fuzz_data(const char *path);
#endif

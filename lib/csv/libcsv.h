/* SPDX-License-Identifier: MIT */
#ifndef GL_CSV_LIBCSV_H
#define GL_CSV_LIBCSV_H
#include <csv.h>
#include "base/err.h"
/*
 * libcsv, loaded when a record first needs it.  Most programs read canonical
 * ledgers only, which need none of it, and a library that is linked costs each
 * start of each program a twentieth of what one hazard-add takes.
 */
struct libcsv {
	__typeof__(csv_init) *init;
	__typeof__(csv_fini) *fini;
	__typeof__(csv_free) *free;
	__typeof__(csv_parse) *parse;
	__typeof__(csv_set_realloc_func) *set_realloc_func;
	__typeof__(csv_set_blk_size) *set_blk_size;
};

/* Its functions, for all threads and as long as the program runs; NULL with e (ERR_FAILED) when it cannot be loaded. */
const struct libcsv *libcsv(struct err *e);

#endif

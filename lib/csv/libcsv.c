/* SPDX-License-Identifier: MIT */
#include "csv/libcsv.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define TRIES 3
#define FILE_NAME "libcsv.so." TEXT(CSV_MAJOR)	/* of the header's interface */

static struct libcsv functions;
static bool loaded;
static char why[256];	/* it is not */

/* Set the function pointer at to. */
static bool find(void *library, const char *name, void *to)
{
	void *function = dlsym(library, name);

	memcpy(to, &function, sizeof function);
	return function != NULL;
}

/* Load it, once. */
static void load(void)
{
	void *library = NULL;

	/* ld.so gives up where a signal interrupts it, and its errno is its own */
	errno = 0;
	for (int i = 0; library == NULL && i < TRIES; i++)
		library = dlopen(FILE_NAME, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL && errno == ENOMEM)
		mem_exhausted();
	loaded = library != NULL && find(library, "csv_init", &functions.init) && find(library, "csv_fini", &functions.fini)
	    && find(library, "csv_free", &functions.free) && find(library, "csv_parse", &functions.parse)
	    && find(library, "csv_set_realloc_func", &functions.set_realloc_func)
	    && find(library, "csv_set_blk_size", &functions.set_blk_size);
	if (!loaded) {
		const char *said = dlerror();

		snprintf(why, sizeof why, "%s", said != NULL ? said : FILE_NAME);
	}
}

const struct libcsv *libcsv(struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	if (loaded)
		return &functions;
	err_set(e, ERR_FAILED, "libcsv, which reads other programs' CSV, cannot be loaded (%s); install it (Debian: libcsv3)", why);
	return NULL;
}

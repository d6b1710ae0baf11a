/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_MEM_H
#define GL_BASE_MEM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
/*
 * Allocation that never returns NULL.  When memory is exhausted the handler
 * set by mem_on_exhausted is called and must not return (cli's says so on
 * standard error and ends with mem_status()); without a handler that is done
 * here.  For the register this is the same as a kill at that point, which
 * recovery is built for (reliability.md R11); the commit protocol allocates
 * nothing between its begin line and its commit line.
 */
void mem_on_exhausted(void (*handler)(void));
/* With what the process is to end then: ERR_FAILED, until a commit stands (ERR_UNSAID) or is in doubt (ERR_DOUBT). */
void mem_exit_status(int status);
int mem_status(void);
/* The same end for memory that a library asked for itself and did not get. */
_Noreturn void mem_exhausted(void);
void *mem_alloc(size_t n);			/* not cleared */
void *mem_zalloc(size_t count, size_t size);	/* cleared; overflow of the product is exhaustion */
void *mem_realloc(void *p, size_t count, size_t size);
char *mem_strdup(const char *s);
char *mem_spandup(struct span s);		/* NUL-terminated copy */

/* Has the pages that the heap took with the first call of malloc there in one go, best effort: a fault for each is a
 * tenth of what a small command takes. */
void mem_warm(void);

/* Does a sanitizer look for what was not freed when the program ends?  Then nothing may be left to the end of the process. */
#if defined __SANITIZE_ADDRESS__
#define MEM_WATCHED true
#elif defined __has_feature
#define MEM_WATCHED __has_feature(address_sanitizer)
#else
#define MEM_WATCHED false
#endif

/* Grow an array so that it holds need items: MEM_GROW(v, cap, need).  New items are not cleared. */
void *mem_grow(void *p, size_t *cap, size_t need, size_t size);
#define MEM_GROW(v, cap, need) ((v) = mem_grow((v), &(cap), (need), sizeof *(v)))

/* A region: many small things that are freed together.  Zero-initialised is ready for use. */
struct arena {
	struct arena_block *first;
};
void *arena_alloc(struct arena *a, size_t n);	/* 16-byte aligned, cleared */
void *arena_room(struct arena *a, size_t n);	/* the same, not cleared */
char *arena_strdup(struct arena *a, const char *s);
char *arena_spandup(struct arena *a, struct span s);
void arena_clear(struct arena *a);

/*
 * Interned names: every distinct byte string gets a number 0, 1, 2 … in order
 * of first sight.  Constant time; the strings live as long as the table and
 * never move.  Zero-initialised is ready for use.
 */
struct names {
	struct arena text;
	struct span *v;
	uint32_t n;
	size_t cap;
	uint32_t *slots;
	uint32_t mask;
};
#define NAMES_NONE UINT32_MAX
uint32_t names_add(struct names *t, struct span s);
uint32_t names_find(const struct names *t, struct span s);	/* or NAMES_NONE */
static inline struct span names_at(const struct names *t, uint32_t i) { return t->v[i]; }
void names_clear(struct names *t);
/* The hash used by names, for other tables over byte strings. */
uint64_t mem_hash(struct span s, uint64_t seed);

#endif

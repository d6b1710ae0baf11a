/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"

#define BLOCK_MIN 1024u
#define BLOCK_BIG 8192u		/* from here on a block is larger than the one before by a quarter only: the last is seldom full */
#define BLOCK_MAX (1u << 20)
#define PAGE ((uintptr_t)4096)
#define WARM_MAX ((size_t)1 << 20)	/* more than malloc takes at first */

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(16) char bytes[];
};

static void (*exhausted)(void);
static int status = ERR_FAILED;

void mem_on_exhausted(void (*handler)(void))
{
	exhausted = handler;
}

void mem_exit_status(int now)
{
	status = now;
}

int mem_status(void)
{
	return status;
}

_Noreturn void mem_exhausted(void)
{
	static const char text[] = "out of memory\n";
	ssize_t put;

	if (exhausted != NULL)
		exhausted();
	put = write(STDERR_FILENO, text, sizeof text - 1);
	(void)put;
	_exit(status);
}

void mem_warm(void)
{
#ifdef MADV_POPULATE_WRITE
	char *p = malloc(1), *end = sbrk(0);
	char *from = (char *)(((uintptr_t)p + PAGE - 1) & ~(PAGE - 1));

	/* not where memory comes from elsewhere: under a sanitizer, with another malloc */
	if (p != NULL && from < end && (size_t)(end - from) <= WARM_MAX)
		madvise(from, (size_t)(end - from), MADV_POPULATE_WRITE);
	free(p);
#endif
}

void *mem_alloc(size_t n)
{
	void *p = malloc(n > 0 ? n : 1);

	if (p == NULL)
		mem_exhausted();
	return p;
}

void *mem_zalloc(size_t count, size_t size)
{
	size_t n;
	void *p;

	if (__builtin_mul_overflow(count, size, &n) || n > PTRDIFF_MAX)
		mem_exhausted();
	p = calloc(1, n > 0 ? n : 1);
	if (p == NULL)
		mem_exhausted();
	return p;
}

void *mem_realloc(void *p, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n) || n > PTRDIFF_MAX)
		mem_exhausted();
	p = realloc(p, n > 0 ? n : 1);
	if (p == NULL)
		mem_exhausted();
	return p;
}

char *mem_strdup(const char *s)
{
	return mem_spandup(span_of(s));
}

char *mem_spandup(struct span s)
{
	char *p = mem_alloc(s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

void *mem_grow(void *p, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap > 0 ? *cap : 16;

	if (p != NULL && need <= *cap)
		return p;
	while (n < need)
		n = n > SIZE_MAX / 2 ? need : n * 2;
	p = mem_realloc(p, n, size);
	*cap = n;
	return p;
}

/* A new block for n bytes; a big one goes behind the first, so that this keeps being filled. */
static struct arena_block *block_new(struct arena *a, size_t n)
{
	size_t last = a->first != NULL ? a->first->size : BLOCK_MIN / 2, size = last < BLOCK_BIG ? 2 * last : last + last / 4;
	struct arena_block *b;
	bool alone;

	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	alone = n > size / 4;
	if (alone)
		size = n;
	if (size > PTRDIFF_MAX - sizeof *b)
		mem_exhausted();
	/* not cleared: what is never handed out is never touched */
	b = mem_alloc(sizeof *b + size);
	b->used = 0;
	b->size = size;
	if (alone && a->first != NULL) {
		b->next = a->first->next;
		a->first->next = b;
	} else {
		b->next = a->first;
		a->first = b;
	}
	return b;
}

/* n bytes whose place is a multiple of align. */
static void *arena_take(struct arena *a, size_t n, size_t align)
{
	struct arena_block *b = a->first;
	size_t at = b == NULL ? 0 : (b->used + align - 1) & ~(align - 1);

	if (b == NULL || at > b->size || n > b->size - at) {
		b = block_new(a, n);
		at = 0;
	}
	b->used = at + n;
	return b->bytes + at;
}

void *arena_alloc(struct arena *a, size_t n)
{
	n = n > 0 ? n : 1;
	return memset(arena_take(a, n, 16), 0, n);
}

void *arena_room(struct arena *a, size_t n)
{
	return arena_take(a, n > 0 ? n : 1, 16);
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_spandup(a, span_of(s));
}

char *arena_spandup(struct arena *a, struct span s)
{
	char *p = arena_take(a, s.n + 1, 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

void arena_clear(struct arena *a)
{
	struct arena_block *b, *next;

	for (b = a->first; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	a->first = NULL;
}

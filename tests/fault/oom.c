/* SPDX-License-Identifier: MIT */
/*
 * An LD_PRELOAD shim that lets memory run out (reliability.md R11): the OOM_AT-th allocation of the process fails, with
 * OOM_STICKY=1 all from there on.  OOM_COUNT names a file that gets the number of allocations at the end, and so does
 * OOM_HIT when one failed.  Not counted are those before main and after exit began: the loader and stdio's last words.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);

static atomic_long count;
static long at;
static int sticky, ready;
static atomic_int failed;

/* Does this one fail? */
static int fails(void)
{
	long n;

	if (!ready)
		return 0;
	n = atomic_fetch_add(&count, 1) + 1;
	if (at == 0 || (sticky ? n < at : n != at))
		return 0;
	failed = 1;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}

void *reallocarray(void *p, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, all);
}

void *memalign(size_t align, size_t n)
{
	return fails() ? NULL : __libc_memalign(align, n);
}

void *aligned_alloc(size_t align, size_t n)
{
	return memalign(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
	void *got = memalign(align, n);

	if (got == NULL)
		return ENOMEM;
	*p = got;
	return 0;
}

char *strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = malloc(n);

	return p != NULL ? memcpy(p, s, n) : NULL;
}

char *strndup(const char *s, size_t most)
{
	size_t n = strnlen(s, most);
	char *p = malloc(n + 1);

	if (p == NULL)
		return NULL;
	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

static void note(const char *variable)
{
	const char *path = getenv(variable);
	char text[32];
	int fd, n;

	if (path == NULL)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	n = snprintf(text, sizeof text, "%ld\n", (long)count);
	if (fd < 0 || write(fd, text, (size_t)n) != n || close(fd) < 0)
		_exit(125);
}

/* exit(3) and _exit(2) both end here or in the next. */
static void end(void)
{
	if (!ready)
		return;
	ready = 0;
	note("OOM_COUNT");
	if (failed)
		note("OOM_HIT");
}

void _exit(int status)
{
	void (*real)(int) = (void (*)(int))(intptr_t)dlsym(RTLD_NEXT, "_exit");

	end();
	real(status);
	for (;;)
		continue;
}

__attribute__((destructor)) static void at_exit(void)
{
	end();
}

__attribute__((constructor)) static void at_start(void)
{
	const char *v = getenv("OOM_AT");

	at = v != NULL ? atol(v) : 0;
	v = getenv("OOM_STICKY");
	sticky = v != NULL && v[0] == '1';
	ready = 1;
}

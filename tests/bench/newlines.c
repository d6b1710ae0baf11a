/* SPDX-License-Identifier: MIT */
/*
 * The floor under every reader of lines: counts newlines with memchr, in one thread.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW (256u << 10)

static const char usage[] =
	"usage: newlines read|mmap FILE...    count newlines: by pread of windows of 256 KiB, or over the mapped file\n";

static size_t count(const char *p, size_t n)
{
	const char *end = p + n;
	size_t lines = 0;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		lines++;
		if (++p == end)
			break;
	}
	return lines;
}

/* Adds the newlines of fd to *lines; 0 or -1. */
static int by_read(int fd, size_t *lines)
{
	static char window[WINDOW];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, window, sizeof window, at)) > 0) {
		*lines += count(window, (size_t)n);
		at += n;
	}
	return n == 0 ? 0 : -1;
}

static int by_mmap(int fd, size_t *lines)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) != 0)
		return -1;
	if (st.st_size == 0)
		return 0;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return -1;
	*lines += count(p, (size_t)st.st_size);
	return munmap(p, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
	int (*how)(int, size_t *) = argc < 3 ? NULL : strcmp(argv[1], "read") == 0 ? by_read
	    : strcmp(argv[1], "mmap") == 0 ? by_mmap : NULL;
	size_t lines = 0;

	if (how == NULL) {
		fputs(usage, stderr);
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY | O_CLOEXEC);

		if (fd < 0 || how(fd, &lines) != 0 || close(fd) != 0) {
			perror(argv[i]);
			return 4;
		}
	}
	return printf("%zu\n", lines) < 0 || fflush(stdout) != 0 ? 4 : 0;
}

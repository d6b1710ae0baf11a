/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include "base/io.h"
#include "base/mem.h"
#include "base/text.h"

#define FILES_MAX 8
#define DATA_MAX 64

void fuzz_fail(const char *file, int line, const char *held, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: does not hold: %s: ", file, line, held);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

/* ---- the input ---- */

unsigned fuzz_byte(struct fuzz_in *in)
{
	if (in->rest.n == 0)
		return 0;
	in->rest.n--;
	return (unsigned char)*in->rest.p++;
}

/* A copy of exactly this size. */
static struct span copy(struct span s)
{
	char *p = malloc(s.n ? s.n : 1);

	FUZZ_CHECK(p != NULL, "memory");
	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct span){ p, s.n };
}

struct span fuzz_line(struct fuzz_in *in)
{
	const char *lf = in->rest.n ? memchr(in->rest.p, '\n', in->rest.n) : NULL;
	struct span line = { in->rest.p, lf ? (size_t)(lf - in->rest.p) : in->rest.n };
	size_t used = line.n + (lf != NULL);

	in->rest = (struct span){ in->rest.p + used, in->rest.n - used };
	return copy(line);
}

char *fuzz_word(struct fuzz_in *in)
{
	struct span line = fuzz_line(in);
	char *word = mem_spandup(line);

	fuzz_free(line);
	return word;
}

struct span fuzz_rest(struct fuzz_in *in)
{
	struct span all = copy(in->rest);

	in->rest.n = 0;
	return all;
}

void fuzz_free(struct span s)
{
	free((void *)(uintptr_t)s.p);
}

/* ---- what was said ---- */

void fuzz_listen(struct fuzz_said *s, size_t max)
{
	FILE *to = open_memstream(&s->text, &s->n);

	FUZZ_CHECK(to != NULL, "memory");
	diag_init(&s->d, to, "fuzz", max);
}

void fuzz_shown(struct span s)
{
	struct buf again = BUF_INIT;

	text_escape(&again, s, true);
	FUZZ_CHECK(span_eq(buf_view(&again), s), "%.*s", (int)s.n, s.p);
	buf_clear(&again);
}

/* The most lines that somebody may count in it: CRLF may be two. */
static size_t lines_of(struct span s)
{
	size_t n = 1;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n' || s.p[i] == '\r' || (unsigned char)s.p[i] >= 0x80 || s.p[i] == 0;
	return n;
}

void fuzz_heard(struct fuzz_said *s, const char *name, struct span input)
{
	struct span rest, line;
	size_t head = strlen(name);

	fclose(s->d.to);
	rest = (struct span){ s->text, s->n };
	fuzz_shown(rest);
	FUZZ_CHECK((s->d.errors + s->d.warnings > 0) == (s->n > 0), "%zu errors, %zu bytes said", s->d.errors, s->n);
	while (span_split(&rest, '\n', &line)) {
		size_t at = head + 1, digits = at;
		uint64_t number = 0;

		if (line.n <= at || memcmp(line.p, name, head) != 0 || line.p[head] != ':')
			continue;
		while (digits < line.n && line.p[digits] >= '0' && line.p[digits] <= '9')
			digits++;
		if (digits == at || digits == line.n || line.p[digits] != ':')
			continue;
		FUZZ_CHECK(span_u64((struct span){ line.p + at, digits - at }, SIZE_MAX, &number) && number >= 1 &&
		    number <= lines_of(input) + 1, "%.*s", (int)line.n, line.p);
	}
	free(s->text);
}

void fuzz_error(const struct err *e)
{
	FUZZ_CHECK(e->status != ERR_OK && e->text[0] != '\0', "status %d", (int)e->status);
	FUZZ_CHECK(memchr(e->text, 0, sizeof e->text) != NULL, "no end");
}

/* ---- files in memory ---- */

static struct memory {
	const char *name;
	struct span bytes;
	off_t at;
} files[FILES_MAX];
static size_t nfiles;
static struct io_table kernel;

/* Standard input is the file "-", when there is one. */
static struct memory *memory_of(int fd)
{
	for (size_t i = 0; fd == 0 && i < nfiles; i++)
		if (strcmp(files[i].name, "-") == 0)
			return &files[i];
	return fd >= FUZZ_FD && (size_t)(fd - FUZZ_FD) < nfiles ? &files[fd - FUZZ_FD] : NULL;
}

static int memory_open(int dir, const char *path, int flags, mode_t mode)
{
	(void)dir, (void)flags, (void)mode;
	for (size_t i = 0; i < nfiles; i++)
		if (strcmp(files[i].name, path) == 0) {
			files[i].at = 0;
			return FUZZ_FD + (int)i;
		}
	errno = ENOENT;
	return -1;
}

static int memory_close(int fd)
{
	return memory_of(fd) ? 0 : kernel.close(fd);
}

static ssize_t memory_pread(int fd, void *p, size_t n, off_t at)
{
	const struct memory *m = memory_of(fd);
	size_t left;

	if (!m)
		return kernel.pread(fd, p, n, at);
	left = at < (off_t)m->bytes.n ? m->bytes.n - (size_t)at : 0;
	n = n < left ? n : left;
	if (n)
		memcpy(p, m->bytes.p + at, n);
	return (ssize_t)n;
}

/* A stream: between 1 and 61 bytes at a time. */
static ssize_t memory_read(int fd, void *p, size_t n)
{
	struct memory *m = memory_of(fd);
	size_t most;
	ssize_t k;

	if (!m)
		return kernel.read(fd, p, n);
	most = m->bytes.n > 100000 ? 30000 : 1 + (size_t)m->at * 7 % 61;
	k = memory_pread(fd, p, n < most ? n : most, m->at);
	m->at += k;
	return k;
}

static int memory_stat(int fd, struct stat *st)
{
	const struct memory *m = memory_of(fd);

	if (!m)
		return kernel.fstat(fd, st);
	*st = (struct stat){ .st_mode = S_IFREG | 0644, .st_size = (off_t)m->bytes.n, .st_nlink = 1 };
	return 0;
}

static int memory_stat_at(int dir, const char *path, struct stat *st, int flags)
{
	int fd = memory_open(dir, path, 0, 0);

	(void)flags;
	return fd < 0 ? -1 : memory_stat(fd, st);
}

void fuzz_file(const char *name, struct span bytes)
{
	if (nfiles == 0) {
		kernel = io;
		io.openat = memory_open;
		io.close = memory_close;
		io.read = memory_read;
		io.pread = memory_pread;
		io.fstat = memory_stat;
		io.fstatat = memory_stat_at;
	}
	FUZZ_CHECK(nfiles < FILES_MAX, "%s", name);
	files[nfiles++] = (struct memory){ .name = name, .bytes = bytes };
}

void fuzz_files_end(void)
{
	if (nfiles > 0)
		io = kernel;
	nfiles = 0;
}

/* ---- data ---- */

struct span fuzz_data(const char *path)
{
	static struct {
		const char *path;
		struct buf bytes;
	} known[DATA_MAX];
	const char *data = getenv("GRIDLEDGER_DATA");
	char name[1024];
	FILE *f;
	size_t i = 0;
	int c;

	while (i < DATA_MAX && known[i].path && strcmp(known[i].path, path) != 0)
		i++;
	FUZZ_CHECK(i < DATA_MAX, "%s", path);
	if (known[i].path)
		return buf_view(&known[i].bytes);
	snprintf(name, sizeof name, "%s/%s", data ? data : "data-schemas", path);
	f = fopen(name, "r");
	FUZZ_CHECK(f != NULL, "%s: cannot be read; set GRIDLEDGER_DATA", name);
	while ((c = getc(f)) != EOF)
		buf_putc(&known[i].bytes, (char)c);
	fclose(f);
	known[i].path = path;
	return buf_view(&known[i].bytes);
}

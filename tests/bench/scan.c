/* SPDX-License-Identifier: MIT */
/*
 * How fast scan_rows groups by two columns and compares a third, against a
 * newline count by memchr over the same file.  Not an assertion: prints MB/s.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/io.h"
#include "base/mem.h"
#include "csv/foreign.h"
#include "csv/scan.h"

#define GROUPS 1024u
#define BLOCK (256u << 10)

static const char usage[] =
	"usage: scan [-f] FILE GROUP1 GROUP2 TIME [ROUNDS]\n"
	"Groups the rows of a CSV file by the columns GROUP1 (16 bytes, cut at its second dash) and GROUP2 (8 bytes) and\n"
	"counts those whose column TIME is before 2026-06-01.  Prints MB/s, best of ROUNDS (5): newline\n"
	"count, scan of a canonical file with 1 and 2 threads, and of a foreign one (-f: foreign_parse too).\n";

/* One thread's groups: 16 bytes of the first column, 8 of the second. */
struct tally {
	struct group {
		uint64_t key[3];
		size_t n, before;
	} v[GROUPS];
	size_t rows;
};

/* The seconds of some clock. */
static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The length of s up to its second dash. */
static size_t town(struct span s)
{
	size_t i = 0, dashes = 0;

	while (i < s.n && (dashes += s.p[i] == '-') < 2)
		i++;
	return i;
}

/* The first n (at most 8) bytes at p; 32 bytes are readable. */
static uint64_t word(const char *p, size_t n)
{
	uint64_t x;

	memcpy(&x, p, 8);
	return n == 0 ? 0 : n >= 8 ? x : x & (UINT64_MAX >> (64 - 8 * n));
}

/* Adds a row to its group. */
static int add(void *arg, const struct scan_row *row)
{
	struct tally *t = arg;
	const struct span *f = row->f;
	size_t a = town(f[0]), b = f[1].n;
	uint64_t x = word(f[0].p, a), y = a > 8 ? word(f[0].p + 8, a - 8) : 0, z = word(f[1].p, b);
	uint64_t h = (x ^ y * 0x9e3779b97f4a7c15u ^ z * 0xc2b2ae3d27d4eb4fu) * 0x9fb21c651e98df25u;

	for (size_t i = h >> 54;; i = (i + 1) % GROUPS) {
		struct group *g = &t->v[i];

		if (g->n == 0)
			memcpy(g->key, (uint64_t[]){ x, y, z }, sizeof g->key);
		else if (g->key[0] != x || g->key[1] != y || g->key[2] != z)
			continue;
		g->n++;
		g->before += f[2].n >= 10 && memcmp(f[2].p, "2026-06-01", 10) < 0;
		break;
	}
	t->rows++;
	return 0;
}

/* Newlines of the whole file. */
static size_t newlines(int fd, off_t size)
{
	static char b[BLOCK];
	size_t n = 0;
	ssize_t k;

	for (off_t at = 0; at < size && (k = pread(fd, b, BLOCK, at)) > 0; at += k)
		for (char *p = b, *end = b + k; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
			n++;
	return n;
}

/* What all runs need. */
struct bench {
	const char *name;
	int fd, cols[3];
	off_t size;
	struct tally *t[2];
	size_t rows;
	struct err e;
};

/* Rows by n threads. */
static int scan(struct bench *b, size_t n, bool canonical)
{
	struct scan_source src = { .fd = b->fd, .name = b->name, .from = 0, .to = b->size };
	struct buf text = BUF_INIT, rest = BUF_INIT;
	struct scan_want want = { 0, b->cols, 3 };
	void *args[2] = { b->t[0], b->t[1] };
	struct span *f = NULL;
	int r;

	memset(b->t[0], 0, sizeof *b->t[0]);
	memset(b->t[1], 0, sizeof *b->t[1]);
	r = scan_header(&src, &text, &f, &want.ncols, &rest, &b->e);
	src.canonical = canonical;
	if (r == 0)
		r = n == 1 ? scan_rows(&src, &want, add, args[0], &b->e) : scan_threads(&src, &want, add, args, n, &b->e);
	b->rows = b->t[0]->rows + b->t[1]->rows;
	free(f);
	buf_clear(&text);
	buf_clear(&rest);
	return r;
}

/* A foreign row. */
static int foreign_row(void *arg, const struct foreign_row *row)
{
	*(size_t *)arg += !row->bad;
	return 0;
}

/* The whole file through foreign_parse, in memory. */
static int foreign(struct bench *b, struct span bytes)
{
	struct foreign_options opt = { 0 };
	struct diag d;

	diag_init(&d, stderr, "scan", 10);
	b->rows = 0;
	return foreign_parse(b->name, bytes, &opt, &d, foreign_row, &b->rows, &b->e);
}

/* Runs one kind: 0 newlines, 1 and 2 canonical with so many threads, 3 and 4 the same not canonical, 5 foreign. */
static int run(struct bench *b, int kind, struct span bytes)
{
	if (kind == 0) {
		b->rows = newlines(b->fd, b->size);
		return 0;
	}
	if (kind == 5)
		return foreign(b, bytes);
	return scan(b, kind > 2 ? (size_t)kind - 2 : (size_t)kind, kind <= 2);
}

/* All kinds, interleaved, the best of `rounds`. */
static int bench(struct bench *b, int rounds, bool with_foreign)
{
	static const char *const what[] = { "newline count", "canonical, 1 thread", "canonical, 2 threads",
		"not canonical, 1 thread", "not canonical, 2 threads", "foreign_parse" };
	int kinds = with_foreign ? 6 : 5;
	double best[6] = { 0 };
	size_t rows[6] = { 0 };
	struct buf bytes = BUF_INIT;

	if (with_foreign && io_slurp(AT_FDCWD, b->name, (size_t)b->size, &bytes, &b->e) != 0)
		return -1;
	for (int i = 0; i < rounds; i++)
		for (int k = 0; k < kinds; k++) {
			double t = seconds();

			err_clear(&b->e);
			if (run(b, k, buf_view(&bytes)) != 0) {
				fprintf(stderr, "scan: %s: %s\n", what[k], b->e.text);
				continue;
			}
			t = seconds() - t;
			rows[k] = b->rows;
			if (best[k] == 0 || t < best[k])
				best[k] = t;
		}
	for (int k = 0; k < kinds; k++)
		if (best[k] > 0)
			printf("%-26s %7.0f MB/s  %5.2f x newline count  %zu rows\n", what[k], (double)b->size / best[k] / 1e6,
			    best[k] / best[0], rows[k]);
	buf_clear(&bytes);
	return fflush(stdout);
}

int main(int argc, char **argv)
{
	bool with_foreign = argc > 1 && strcmp(argv[1], "-f") == 0;
	struct bench b = { .e = ERR_INIT };
	int r;

	argv += with_foreign;
	argc -= with_foreign;
	if (argc < 5 || argc > 6 || strcmp(argv[1], "--help") == 0) {
		fputs(usage, stderr);
		return 2;
	}
	b.name = argv[1];
	for (int i = 0; i < 3; i++)
		b.cols[i] = atoi(argv[2 + i]) - 1;
	b.fd = open(b.name, O_RDONLY | O_CLOEXEC);
	if (b.fd < 0 || io_size(b.fd, b.name, &b.size, &b.e) != 0) {
		perror(b.name);
		return 4;
	}
	b.t[0] = mem_zalloc(1, sizeof *b.t[0]);
	b.t[1] = mem_zalloc(1, sizeof *b.t[1]);
	r = bench(&b, argc > 5 ? atoi(argv[5]) : 5, with_foreign);
	free(b.t[0]);
	free(b.t[1]);
	close(b.fd);
	return r ? 4 : 0;
}

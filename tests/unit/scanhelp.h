/* SPDX-License-Identifier: MIT */
#ifndef GL_TESTS_SCANHELP_H
#define GL_TESTS_SCANHELP_H
#include <check.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/io.h"
#include "csv/scan.h"
/*
 * What the tests of the fast reader share: random numbers, what a scan gave, streams.
 */
/* The seed; repeats a run. */
static uint64_t state;

__attribute__((unused)) static uint32_t below(uint32_t n)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)(((z >> 32) * n) >> 32);
}

/* ---- what a scan gave: fields each behind a US byte pair, rows ended by RS ---- */
struct got {
	struct buf text;
	size_t rows, stop_at;	/* stop_at: the callback returns 7 at this row */
	size_t nfields;
	struct span file;	/* to check `at`, `length` and `bytes` against */
};

__attribute__((unused)) static void put_field(struct buf *b, const char *p, size_t n)
{
	uint32_t k = (uint32_t)n;

	buf_put(b, &k, sizeof k);
	buf_put(b, p, n);
}

__attribute__((unused)) static int on_row(void *arg, const struct scan_row *row)
{
	struct got *g = arg;
	unsigned sum = 0;

	for (size_t i = 0; i < g->nfields; i++) {
		put_field(&g->text, row->f[i].p, row->f[i].n);
		for (size_t k = 0; k < 32; k++)		/* 32 readable bytes behind: ASan looks */
			sum += (unsigned char)row->f[i].p[row->f[i].n + k];
		for (size_t k = 1; k <= 3; k++) {
			struct span soon = scan_soon(row, i, k);

			for (size_t at = 0; at < soon.n; at++)
				sum += (unsigned char)soon.p[at];
		}
	}
	buf_puts(&g->text, "\036");
	ck_assert_uint_lt(sum, UINT32_MAX);
	if (g->file.p) {
		ck_assert_uint_le((size_t)row->at + row->length, g->file.n);
		ck_assert_int_eq(memcmp(g->file.p + row->at, row->bytes, row->length), 0);
		ck_assert(row->length == 0 || (row->bytes[row->length - 1] != '\n' && row->bytes[row->length - 1] != '\r'));
	}
	return ++g->rows == g->stop_at ? 7 : 0;
}

/* Adds up the lengths of the first fields. */
__attribute__((unused)) static int count_rows(void *arg, const struct scan_row *row)
{
	*(size_t *)arg += row->f[0].n;
	return 0;
}

/* ---- streams with odd read sizes ---- */
__attribute__((unused)) static uint32_t read_most;

__attribute__((unused)) static ssize_t odd_read(int fd, void *p, size_t n)
{
	size_t most = 1 + below(read_most);

	return read(fd, p, n < most ? n : most);
}

__attribute__((unused)) static int memory_file(struct span s)
{
	int fd = memfd_create("check_scan", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, s.p, s.n), (ssize_t)s.n);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

#endif

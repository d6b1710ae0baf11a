/* SPDX-License-Identifier: MIT */
#include "csv/scan.h"
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "csv/scanint.h"
#include "scanhelp.h"
#include "runhelp.h"

/* ---- threads on a file large enough to start them ---- */
static void forget_rows(void *arg)
{
	*(size_t *)arg = 0;
}

START_TEST(large_threads)
{
	static const int cols[] = { 0, 1 };
	struct scan_want want = { 2, cols, 2 };
	struct buf b = BUF_INIT;
	struct scan_source src = { .name = "f", .first_line = 1 };
	size_t bytes[4] = { 0 };
	void *args[4] = { &bytes[0], &bytes[1], &bytes[2], &bytes[3] };
	struct err e = ERR_INIT;
	size_t expect = 0;

	for (int i = 0; i < 150000; i++) {
		size_t was = b.n;

		buf_printf(&b, "%d", i);
		expect += b.n - was;
		buf_puts(&b, i % 3 ? ",\"多行\n\"\"文本\"\", 第二行\"\n" : ",plain\n");
	}
	src.fd = memory_file(buf_view(&b));
	src.to = (off_t)b.n;
	for (size_t n = 1; n <= 4; n++) {
		memset(bytes, 0, sizeof bytes);
		ck_assert_msg(scan_threads(&src, &want, count_rows, args, n, &e) == 0, "%s", e.text);
		ck_assert_uint_eq(bytes[0] + bytes[1] + bytes[2] + bytes[3], expect);
		ck_assert_uint_gt(bytes[n - 1], 0);
		memset(bytes, 0, sizeof bytes);
		ck_assert_msg(scan_threads_again(&src, &want, count_rows, forget_rows, args, n, &e) == 0, "%s", e.text);
		ck_assert_uint_eq(bytes[0] + bytes[1] + bytes[2] + bytes[3], expect);
		ck_assert_uint_gt(bytes[n - 1], 0);
	}
	ck_assert_int_eq(pwrite(src.fd, "x\"\"\n", 4, (off_t)b.n - 4), 4);
	ck_assert_int_eq(scan_threads(&src, &want, count_rows, args, 4, &e), -1);
	ck_assert_str_eq(e.text, "f:249999: column 2: quote opened here is never closed");
	e = (struct err)ERR_INIT;
	ck_assert_int_eq(scan_threads_again(&src, &want, count_rows, forget_rows, args, 4, &e), -1);
	ck_assert_str_eq(e.text, "f:249999: column 2: quote opened here is never closed");
	close(src.fd);
	buf_clear(&b);
}
END_TEST

/* ---- a large file that others cut while it is mapped ---- */
struct cutter {
	int fd;
	size_t rows, times;
	off_t to;	/* < 0: nobody cuts it */
};

static int cut_file(void *arg, const struct scan_row *row)
{
	struct cutter *c = arg;

	if (c->rows++ == 1000 && c->to >= 0)
		ck_assert_int_eq(ftruncate(c->fd, c->to), 0);
	return row->f[0].n > 64;
}

static void count_again(void *arg)
{
	struct cutter *c = arg;

	c->rows = 0;
	c->times++;
}

/* A file of 9 MiB in a directory's file system, as memfd_create's may be exempt from the signal. */
static struct scan_source large_file(struct buf *b)
{
	FILE *f = tmpfile();
	struct scan_source src = { .name = "f", .first_line = 1 };

	ck_assert_ptr_nonnull(f);
	for (int i = 0; b->n < 9u << 20; i++)
		buf_printf(b, "%d,%0*d\n", i, i % 5000 == 0 ? 40000 : 60, i);
	src.fd = dup(fileno(f));
	fclose(f);
	ck_assert_int_eq(write(src.fd, b->p, b->n), (ssize_t)b->n);
	src.to = (off_t)b->n;
	return src;
}

START_TEST(cut_while_mapped)
{
	static const int cols[] = { 0 };
	struct scan_want want = { 2, cols, 1 };
	struct sigaction was, is;
	size_t n = 1 + (size_t)_i % 2;

	sigaction(SIGBUS, NULL, &was);
	for (off_t to = -1; to < 9 << 20; to += 1500000) {
		struct buf b = BUF_INIT;
		struct scan_source src = large_file(&b);
		struct cutter c[2] = { { src.fd, 0, 0, to }, { src.fd, 0, 0, to } };
		void *args[2] = { &c[0], &c[1] };
		struct err e = ERR_INIT;
		int r = scan_threads_again(&src, &want, cut_file, count_again, args, n, &e);
		char text[80];

		snprintf(text, sizeof text, "f: ends at byte %lld, ", (long long)to);
		ck_assert_int_eq(r, to < 0 ? 0 : -1);
		ck_assert_uint_eq(c[0].times, to < 0 ? 0 : 1);
		if (to >= 0) {
			ck_assert_msg(strncmp(e.text, text, strlen(text)) == 0, "%s", e.text);
			ck_assert_int_eq(e.status, ERR_FAILED);
		} else
			ck_assert_uint_eq(c[0].rows + c[1].rows, scan_isa_plain.count(b.p, b.n, '\n'));
		close(src.fd);
		buf_clear(&b);
	}
	sigaction(SIGBUS, NULL, &is);
	ck_assert(was.sa_handler == is.sa_handler);
}
END_TEST

/* A SIGBUS that is not of a map's pages ends the process as ever. */
static int die(void *arg, const struct scan_row *row)
{
	(void)arg;
	(void)row;
	raise(SIGBUS);
	return 0;
}

START_TEST(other_bus_errors)
{
	static const int cols[] = { 0 };
	struct scan_want want = { 2, cols, 1 };
	struct buf b = BUF_INIT;
	struct scan_source src = large_file(&b);
	struct cutter c = { 0 };
	void *args[1] = { &c };
	struct err e = ERR_INIT;

	signal(SIGBUS, SIG_DFL);
	scan_threads_again(&src, &want, die, count_again, args, 1, &e);
}
END_TEST

START_TEST(cores)
{
	ck_assert_uint_ge(scan_cores(4), 1);
	ck_assert_uint_eq(scan_cores(1), 1);
	ck_assert_uint_eq(scan_cores(0), 1);
	setenv("GRIDLEDGER_THREADS", "3", 1);
	ck_assert_uint_eq(scan_cores(8), 3);
	ck_assert_uint_eq(scan_cores(2), 2);
	setenv("GRIDLEDGER_THREADS", "many", 1);
	ck_assert_uint_ge(scan_cores(8), 1);
	unsetenv("GRIDLEDGER_THREADS");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scanthread");
	TCase *t = tcase_create("scanthread");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, large_threads);
	tcase_add_loop_test(t, cut_while_mapped, 0, 2);
	tcase_add_test_raise_signal(t, other_bus_errors, SIGBUS);
	tcase_add_test(t, cores);
	suite_add_tcase(s, t);
	return h_run(s);
}

/* SPDX-License-Identifier: MIT */
#include "base/input.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "runhelp.h"

#define MIB ((size_t)1 << 20)

static char dir[64];
static ssize_t (*kernel_read)(int fd, void *p, size_t n);
static int (*kernel_fstat)(int fd, struct stat *st);
static int reads_left;

/* A directory for one test. */
static void set_up(void)
{
	strcpy(dir, "/tmp/check-input-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	kernel_read = io.read;
	kernel_fstat = io.fstat;
}

/* Away with it. */
static void tear_down(void)
{
	io.read = kernel_read;
	io.fstat = kernel_fstat;
	unlink("a");
	unlink("b");
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}

/* n bytes that do not repeat soon, also as a file. */
static struct buf make(const char *name, size_t n)
{
	struct buf b = BUF_INIT;
	FILE *f = fopen(name, "w");
	uint32_t x = 1;

	buf_reserve(&b, n);
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525u + 1013904223u;
		buf_putc(&b, (char)(x >> 24));
	}
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(n > 0 ? b.p : "", 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
	return b;
}

/* path gives those bytes and their digest. */
static void gives(const char *path, bool threaded, struct span want)
{
	char digest[DIGEST_HEX + 1] = "", expected[DIGEST_HEX + 1];
	struct buf got = BUF_INIT;
	struct err e = ERR_INIT;
	bool clean, is_clean = text_valid(want) == want.n && (want.n == 0 || memchr(want.p, 0, want.n) == NULL);

	ck_assert_msg(input_read(path, SIZE_MAX, threaded, &got, digest, &clean, &e) == 0, "%s", e.text);
	ck_assert_int_eq(clean, is_clean);
	ck_assert(span_eq(buf_view(&got), want));
	ck_assert_int_eq(got.p[got.n], 0);
	digest_of(want, expected);
	ck_assert_str_eq(digest, expected);
	buf_clear(&got);
}

START_TEST(test_sizes)
{
	static const size_t sizes[] = { 0, 3, MIB - 1, MIB, MIB + 1, 3 * MIB, 9 * MIB + 17 };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct buf b = make("a", sizes[i]);

		gives("a", false, buf_view(&b));
		gives("a", true, buf_view(&b));
		buf_clear(&b);
	}
}
END_TEST

/* Characters of one to four bytes that begin `shift` bytes behind those of another file, so that pieces end inside them. */
static struct buf make_text(size_t n, size_t shift)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < shift; i++)
		buf_putc(&b, '-');
	while (b.n < n)
		buf_puts(&b, "\xf0\xa0\x80\x80\xe7\x81\xab\xc2\xb7,");
	return b;
}

/* The file holds these bytes, and is read right. */
static void holds(const struct buf *b)
{
	struct err e = ERR_INIT;

	unlink("a");
	ck_assert_int_eq(io_create(AT_FDCWD, "a", 0666, buf_view(b), &e), 0);
	gives("a", false, buf_view(b));
	gives("a", true, buf_view(b));
}

START_TEST(test_clean)
{
	static const size_t spots[] = { 0, 1, 5, MIB - 4, MIB - 3, MIB - 2, MIB - 1, MIB, MIB + 1, MIB + 3, 2 * MIB - 1, 2 * MIB };
	static const char odd[] = { '\0', '\x80', '\xff', '\xe7', 'x' };

	for (size_t shift = 0; shift < 10; shift++) {
		struct buf b = make_text(2 * MIB + 7, shift);
		bool clean;

		holds(&b);
		for (size_t k = 0; k < sizeof spots / sizeof *spots; k++) {
			size_t at = k + shift;
			char was = b.p[spots[k]];

			b.p[spots[k]] = odd[at % sizeof odd];
			holds(&b);
			b.p[spots[k]] = was;
		}
		clean = text_valid((struct span){ b.p, b.n - 2 }) == b.n - 2;
		ck_assert(!clean);
		b.n -= 2;	/* the last character is cut */
		holds(&b);
		buf_clear(&b);
	}
}
END_TEST

/* The kernel gives a few bytes at a time. */
static ssize_t small_read(int fd, void *p, size_t n)
{
	return kernel_read(fd, p, reads_left++ % 7 < 6 ? n < 3 ? n : 1 + (size_t)reads_left % 3 : n / 3 + 1);
}

START_TEST(test_clean_in_small_pieces)
{
	struct buf b = make_text(MIB + 7, 0);

	reads_left = 0;
	io.read = small_read;
	holds(&b);
	b.p[1] = '\0';
	holds(&b);
	b.p[1] = '\xa0';
	b.p[b.n - 1] = '\0';
	holds(&b);
	b.p[b.n - 1] = '\xc2';
	holds(&b);
	buf_clear(&b);
}
END_TEST

START_TEST(test_standard_input)
{
	struct buf b = make("a", 2 * MIB + 5);
	int was = dup(STDIN_FILENO);
	FILE *p;

	for (int threaded = 0; threaded < 2; threaded++) {
		int fd = open("a", O_RDONLY);

		ck_assert_int_ge(fd, 0);
		ck_assert_int_ge(dup2(fd, STDIN_FILENO), 0);
		gives("-", threaded, buf_view(&b));
		/* part of it was read by somebody else */
		ck_assert_int_eq(lseek(fd, (off_t)MIB, SEEK_SET), (off_t)MIB);
		gives("-", threaded, (struct span){ b.p + MIB, b.n - MIB });
		close(fd);
		p = popen("cat a", "r");
		ck_assert_ptr_nonnull(p);
		ck_assert_int_ge(dup2(fileno(p), STDIN_FILENO), 0);
		gives("-", threaded, buf_view(&b));
		pclose(p);
	}
	dup2(was, STDIN_FILENO);
	close(was);
	buf_clear(&b);
}
END_TEST

START_TEST(test_bounds)
{
	struct buf b = make("a", 2 * MIB), got = BUF_INIT;
	char digest[DIGEST_HEX + 1];
	struct err e = ERR_INIT;

	ck_assert_int_eq(input_read("a", 2 * MIB, true, &got, digest, NULL, &e), 0);
	buf_clear(&got);
	ck_assert_int_eq(input_read("a", 2 * MIB - 1, true, &got, digest, NULL, &e), -1);
	ck_assert_str_eq(e.text, "a: longer than the 2097151 bytes allowed");
	ck_assert_int_eq(e.status, ERR_DATA);
	buf_clear(&got);
	err_start(&e);
	ck_assert_int_eq(input_read("none", SIZE_MAX, true, &got, digest, NULL, &e), -1);
	ck_assert_str_eq(e.text, "none: cannot open: No such file or directory");
	err_start(&e);
	ck_assert_int_eq(input_read(".", SIZE_MAX, true, &got, digest, NULL, &e), -1);
	ck_assert_str_eq(e.text, ".: cannot read: Is a directory");
	ck_assert_int_eq(symlink("a", "b"), 0);
	gives("b", true, buf_view(&b));
	buf_clear(&b);
	buf_clear(&got);
}
END_TEST

/* The disk fails behind some reads, each of which gives less than was asked for. */
static ssize_t failing_read(int fd, void *p, size_t n)
{
	if (reads_left-- > 0)
		return kernel_read(fd, p, n / 2 + 1);
	errno = EIO;
	return -1;
}

START_TEST(test_failing)
{
	struct buf b = make("a", 3 * MIB), got = BUF_INIT;
	char digest[DIGEST_HEX + 1];
	struct err e = ERR_INIT;

	io.read = failing_read;
	reads_left = 1000;
	gives("a", true, buf_view(&b));
	for (int n = 0; n < 4; n++) {
		reads_left = n;
		err_start(&e);
		ck_assert_int_eq(input_read("a", SIZE_MAX, true, &got, digest, NULL, &e), -1);
		ck_assert_str_eq(e.text, "a: cannot read: Input/output error");
		buf_clear(&got);
	}
	buf_clear(&b);
}
END_TEST

/* The size of a moment ago: the file was shorter or longer then. */
static off_t said_size;
static int old_fstat(int fd, struct stat *st)
{
	int r = kernel_fstat(fd, st);

	st->st_size = said_size;
	return r;
}

START_TEST(test_moving_size)
{
	struct buf b = make("a", 4 * MIB);

	io.fstat = old_fstat;
	said_size = (off_t)MIB + 7;
	gives("a", true, buf_view(&b));
	said_size = 9 * (off_t)MIB;
	gives("a", true, buf_view(&b));
	buf_clear(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("input");
	TCase *c = tcase_create("input");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, test_sizes);
	tcase_add_test(c, test_clean);
	tcase_add_test(c, test_clean_in_small_pieces);
	tcase_add_test(c, test_standard_input);
	tcase_add_test(c, test_bounds);
	tcase_add_test(c, test_failing);
	tcase_add_test(c, test_moving_size);
	tcase_set_timeout(c, 60);
	suite_add_tcase(s, c);
	return h_run(s);
}

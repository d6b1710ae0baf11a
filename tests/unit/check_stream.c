/* SPDX-License-Identifier: MIT */
#include "base/stream.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "runhelp.h"

/* A fresh pseudo-terminal's two ends; false where there is none. */
static bool terminal(int end[2])
{
	end[0] = posix_openpt(O_RDWR | O_NOCTTY);
	if (end[0] < 0 || grantpt(end[0]) < 0 || unlockpt(end[0]) < 0)
		return false;
	end[1] = open(ptsname(end[0]), O_RDWR | O_NOCTTY);
	return end[1] >= 0;
}

/* What comes out at end[0] when a child prints text in two pieces, cut at `cut`, to end[1]. */
static void printed(int end[2], struct span text, size_t cut, struct buf *got)
{
	pid_t pid = fork();
	char piece[4096];
	ssize_t n;
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		dup2(end[1], STDOUT_FILENO);
		close(end[0]);
		close(end[1]);
		stream_start();
		fwrite(text.p, 1, cut, stdout);
		fflush(stdout);
		fwrite(text.p + cut, 1, text.n - cut, stdout);
		_exit(stream_flush() == 0 ? 0 : 1);
	}
	close(end[1]);
	while ((n = read(end[0], piece, sizeof piece)) > 0)	/* a terminal whose other end is closed gives EIO */
		buf_put(got, piece, (size_t)n);
	close(end[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

START_TEST(a_pipe_gets_each_byte)
{
	struct span text = SPAN("a\x1b[2J\xe2\x80\xae" "b\t\xff\n\xe9\x9a");
	struct buf got = BUF_INIT;
	int end[2];

	ck_assert_int_eq(pipe(end), 0);
	printed(end, text, 6, &got);
	ck_assert(span_eq(buf_view(&got), text));
	buf_clear(&got);
}
END_TEST

/* Wherever the buffer is cut, also inside a character. */
START_TEST(a_terminal_is_not_steered)
{
	struct span text = SPAN("隐\x1b[2J\xe2\x80\xae" "b\xff患\n\xe9\x9a");
	struct buf got = BUF_INIT;
	int end[2];

	if (!terminal(end))
		return;
	printed(end, text, (size_t)_i, &got);
	buf_putc(&got, '\0');
	ck_assert_str_eq(got.p, "隐\\u{1b}[2J\\u{202e}b\\x{ff}患\r\n\\x{e9}\\x{9a}");
	buf_clear(&got);
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
	pid_t pid;
	int status, fd = open("/dev/full", O_WRONLY);

	if (fd < 0)
		return;
	pid = fork();
	if (pid == 0) {
		dup2(fd, STDOUT_FILENO);
		stream_start();
		fputs("x\n", stdout);
		_exit(stream_flush() != 0 && ferror(stdout) ? 0 : 1);
	}
	close(fd);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stream");
	TCase *t = tcase_create("stream");

	tcase_add_test(t, a_pipe_gets_each_byte);
	tcase_add_loop_test(t, a_terminal_is_not_steered, 0, 18);
	tcase_add_test(t, a_full_disk_is_an_error);
	suite_add_tcase(s, t);
	return h_run(s);
}

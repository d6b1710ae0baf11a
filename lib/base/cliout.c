/* SPDX-License-Identifier: MIT */
#include "base/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/stream.h"
#include "base/text.h"

#define COLUMNS_DEFAULT 80
#define PROGRESS_EVERY_MS 200

/* The progress line: when it was written last, and whether it stands on the terminal now. */
static int64_t progress_at;
static bool progress_shown;

/* Take the progress line off the terminal. */
static void progress_erase(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}

/* Bytes for people to standard error, escaped but for line breaks if they are kept, one at the end. */
static void put_escaped(struct span s, bool keep_lf)
{
	struct buf b = BUF_INIT;

	text_escape(&b, s, keep_lf);
	if (b.n == 0 || b.p[b.n - 1] != '\n')
		buf_putc(&b, '\n');
	progress_erase();
	fwrite(b.p, 1, b.n, stderr);
	buf_clear(&b);
}

void cli_report(const struct cli *c, const struct err *e)
{
	struct buf b = BUF_INIT;

	if (e->text[0] == '\0')
		return;
	buf_printf(&b, "%s: %s", c->prog, e->text);
	put_escaped(buf_view(&b), false);
	buf_clear(&b);
}

void cli_say(const struct cli *c, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (c->quiet)
		return;
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	put_escaped(buf_view(&b), true);
	buf_clear(&b);
}

void cli_progress(const struct cli *c, const char *what, uint64_t done, uint64_t total)
{
	struct timespec t;
	int64_t now;

	if (c->quiet || !isatty(STDERR_FILENO))
		return;
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	if (total > 0 && done >= total) {
		progress_erase();
		return;
	}
	if (progress_at == 0)
		progress_at = now;	/* what is soon over shows nothing */
	if (now - progress_at < PROGRESS_EVERY_MS)
		return;
	progress_at = now;
	progress_shown = true;
	if (total > 0)
		fprintf(stderr, "\r%s: %s: %" PRIu64 " of %" PRIu64 " (%d %%)\033[K", c->prog, what, done, total,
		    (int)((double)done * 100 / (double)total));
	else
		fprintf(stderr, "\r%s: %s: %" PRIu64 "\033[K", c->prog, what, done);
}

void cli_warn(struct cli *c, struct span lines)
{
	struct span line;

	while (span_split(&lines, '\n', &line))
		diag_warn(&c->diag, "%.*s", (int)line.n, line.p);
}

/* Has the reader at the other end of standard output gone? */
static bool is_reader_gone(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0;
}

int cli_end(struct cli *c, int status)
{
	struct err e = ERR_INIT;
	bool failed, gone;
	int fd;

	progress_erase();
	errno = 0;
	failed = ferror(stdout) != 0;
	if (stream_flush() != 0)
		failed = true;
	gone = failed && (errno == EPIPE || is_reader_gone());
	/* some file systems tell of a full disk only at a close; stdout itself stays for exit */
	if (!failed && ((fd = dup(STDOUT_FILENO)) < 0 || close(fd) < 0))
		failed = true;
	if (!failed || (gone && !c->recorded))
		return status;
	if (errno != 0)
		err_sys(&e, "standard output: cannot write");
	else
		err_set(&e, ERR_FAILED, "standard output: cannot write");
	if (c->recorded)
		err_prefix(&e, "recorded, but the answer could not be delivered");
	cli_report(c, &e);
	if (c->recorded)
		return status == ERR_DOUBT ? status : ERR_UNSAID;
	return status <= ERR_NO ? ERR_FAILED : status;
}

int cli_fail(struct cli *c, const struct err *e)
{
	cli_report(c, e);
	return cli_end(c, e->status);
}

size_t cli_columns(void)
{
	const char *text = getenv("COLUMNS");
	struct winsize w;
	uint64_t n;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	return text != NULL && span_u64(span_of(text), 10000, &n) && n > 0 ? (size_t)n : COLUMNS_DEFAULT;
}

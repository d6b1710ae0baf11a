/* SPDX-License-Identifier: MIT */
#include "base/stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"

#define BUFFER (BUFSIZ > 65536 ? BUFSIZ : 65536)
#define CHARACTER_MAX 4

static struct {
	bool terminal;
	char held[CHARACTER_MAX];	/* the first bytes of a character whose others are still to come */
	size_t nheld;
} out;

/* All of n bytes to standard output, whatever interrupts it; false with errno. */
static bool put_all(const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(STDOUT_FILENO, p, n);

		if (k < 0 && errno != EINTR)
			return false;
		p += k > 0 ? k : 0;
		n -= k > 0 ? (size_t)k : 0;
	}
	return true;
}

/* How many bytes at the end of s may be the beginning of a character. */
static size_t unfinished(struct span s)
{
	for (size_t n = 1; n < CHARACTER_MAX && n <= s.n; n++) {
		unsigned char c = (unsigned char)s.p[s.n - n];

		if (c >= 0xc0)
			return n < (c >= 0xf0 ? 4u : c >= 0xe0 ? 3u : 2u) ? n : 0;
		if (c < 0x80)
			break;
	}
	return 0;
}

/* What a terminal may show of s behind the bytes held back; with `all` nothing is held back of it. */
static bool put_shown(struct span s, bool all)
{
	struct buf whole = BUF_INIT, shown = BUF_INIT;
	bool done;

	buf_put(&whole, out.held, out.nheld);
	buf_span(&whole, s);
	out.nheld = all ? 0 : unfinished(buf_view(&whole));
	memcpy(out.held, whole.p + whole.n - out.nheld, out.nheld);
	text_escape(&shown, (struct span){ whole.p, whole.n - out.nheld }, true);
	done = put_all(shown.p, shown.n);
	buf_clear(&whole);
	buf_clear(&shown);
	return done;
}

/* stdio's buffer is to be written; 0 is an error to stdio. */
static ssize_t on_write(void *cookie, const char *p, size_t n)
{
	(void)cookie;
	if (out.terminal ? put_shown((struct span){ p, n }, false) : put_all(p, n))
		return (ssize_t)n;
	return 0;
}

void stream_start(void)
{
	static FILE *steady;

	if (steady == NULL)
		steady = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = on_write });
	if (steady == NULL)
		return;
	out.terminal = isatty(STDOUT_FILENO);
	stdout = steady;
	setvbuf(stdout, NULL, out.terminal ? _IOLBF : _IOFBF, BUFFER);
}

int stream_flush(void)
{
	if (fflush(stdout) != 0)
		return EOF;
	if (out.nheld > 0 && !put_shown(SPAN(""), true))
		return EOF;
	return 0;
}

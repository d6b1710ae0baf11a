/* SPDX-License-Identifier: MIT */
#include "base/input.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "base/relay.h"
#include "base/text.h"

#define STEP ((size_t)1 << 20)	/* bytes read at a time; a smaller file is not worth starting a thread for */
#define SLOTS 4u
#define CHAR_MAX_BYTES 4u	/* of a character in UTF-8 */

/* A file being read while it is digested. */
struct input {
	int fd;
	const char *name;
	struct buf *out;		/* does not move: there is room for limit bytes */
	size_t limit;
	struct span piece[SLOTS];
	struct digest digest;
	size_t clean;			/* so many bytes are UTF-8 without NULs */
	struct err *e;
	bool failed;
};

/* Reads the next piece. */
static int read_piece(void *arg, unsigned slot)
{
	struct input *in = arg;
	size_t left = in->limit - in->out->n;
	char *to = in->out->p + in->out->n;
	ssize_t got = io_read_some(in->fd, in->name, to, left < STEP ? left : STEP, -1, in->e);

	in->failed = got < 0;
	in->piece[slot] = (struct span){ to, got > 0 ? (size_t)got : 0 };
	in->out->n += in->piece[slot].n;
	return got <= 0 || in->out->n == in->limit ? RELAY_LAST : 0;
}

/* Digests bytes that stand behind all that were, and sees whether they are text. */
static void take(struct input *in, struct span s)
{
	struct span text = { in->out->p + in->clean, (size_t)(s.p + s.n - (in->out->p + in->clean)) };

	digest_put(&in->digest, s.p, s.n);
	/* a character may have been cut by the end before; where more is left than that it was none, and this is not asked again */
	if (text.n >= s.n + CHAR_MAX_BYTES || memchr(text.p, 0, text.n) != NULL)
		return;
	in->clean += text_valid(text);
}

/* Digests the piece. */
static int digest_piece(void *arg, unsigned slot)
{
	struct input *in = arg;

	take(in, in->piece[slot]);
	return 0;
}

/* The size of a large regular file within max; 0: it is no such file. */
static size_t large_size(int fd, size_t max)
{
	struct stat st;

	if (io.fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < (off_t)STEP || (uint64_t)st.st_size > max)
		return 0;
	return (size_t)st.st_size;
}

/* All of fd. */
static int read_all(struct input *in, size_t max, bool threaded)
{
	struct relay relay = { SLOTS, read_piece, digest_piece, in };
	size_t done;

	in->limit = threaded ? large_size(in->fd, max) : 0;
	if (in->limit > 0) {
		buf_reserve(in->out, in->limit + STEP);
		relay_run(&relay, true);
		if (in->failed)
			return -1;
		in->out->p[in->out->n] = '\0';
	}
	done = in->out->n;	/* more may have come since its size was asked for */
	if (io_slurp_fd(in->fd, in->name, max - done, in->out, in->e))
		return -1;
	if (in->out->n > done)
		take(in, (struct span){ in->out->p + done, in->out->n - done });
	return 0;
}

int input_read(const char *path, size_t max, bool threaded, struct buf *out, char digest[DIGEST_HEX + 1], bool *clean,
    struct err *e)
{
	bool standard = path[0] == '-' && path[1] == '\0';
	struct input in = { .name = standard ? "standard input" : path, .out = out, .e = e };
	int r;

	in.fd = standard ? STDIN_FILENO : io_open_named(path, e);
	if (in.fd < 0)
		return -1;
	digest_start(&in.digest);
	r = read_all(&in, max, threaded);
	if (!standard && io_close(in.fd, path, e) < 0)
		r = -1;
	if (r == 0)
		digest_hex(&in.digest, digest);
	if (clean != NULL)
		*clean = in.clean == out->n;
	return r;
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/text.h"
#include "register/inside.h"

#define MARK "lost+found/in-doubt"
#define MARK_MAX 1024u

/* The mark's one line, in the room given. */
static size_t mark_line(const struct doubt *d, char *line, size_t size)
{
	int n = snprintf(line, size, "%" PRIu64 ",%s,%s,%s,%d\n", d->seq, d->chain, d->at, d->command, d->number);

	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

/* Write the mark.  A sync of it that fails is no matter: it is there to stop writers of the running kernel; after a power
 * cut the journal itself says what is on the disk. */
static int mark_write(struct reg *r, const struct doubt *d, struct err *e)
{
	char line[MARK_MAX];
	size_t n = mark_line(d, line, sizeof line);
	struct err ignored = ERR_INIT;
	int fd, result;

	make_dir(r, "lost+found", &ignored);
	fd = io_open(r->dir, MARK, O_WRONLY | O_CREAT | O_EXCL, r->file_mode, false, e);
	if (fd < 0)
		return -1;
	result = io_write_all(fd, MARK, line, n, e);
	io.fsync(fd);
	io.close(fd);
	fd = io_open_dir(r->dir, "lost+found", &ignored);
	if (fd >= 0) {
		io.fsync(fd);
		io.close(fd);
	}
	return result;
}

int doubt_leave(struct reg *r, const struct doubt *d, const struct err *cause, struct err *e)
{
	struct err why = ERR_INIT;

	if (mark_write(r, d, &why) == 0)
		return err_set(e, ERR_DOUBT, "%s; commit %" PRIu64 " may or may not have been recorded: run gridctl check", cause->text, d->seq);
	return err_set(e, ERR_DOUBT, "%s; commit %" PRIu64 " may or may not have been recorded, and no mark of that could be left (%s): let"
	    " nobody write; see to the disk and run gridctl verify", cause->text, d->seq, why.text);
}

/* A word of the mark. */
static bool take_word(struct span *rest, char *out, size_t size)
{
	struct span word;

	if (!span_split(rest, ',', &word) || word.n >= size || text_clean(word) != word.n)
		return false;
	memcpy(out, word.p, word.n);
	out[word.n] = '\0';
	return true;
}

/* What the mark says; one that a crash left empty or torn says only that there is one. */
static void mark_parse(struct span text, struct doubt *d)
{
	struct span line, word;
	uint64_t number;

	*d = (struct doubt){ .seq = 0 };
	if (!span_split(&text, '\n', &line) || !span_split(&line, ',', &word) || !span_u64(word, UINT64_MAX, &d->seq))
		return;
	if (!take_word(&line, d->chain, sizeof d->chain) || !digest_is_hex(span_of(d->chain), DIGEST_HEX)
	    || !take_word(&line, d->at, sizeof d->at) || !take_word(&line, d->command, sizeof d->command)
	    || !span_u64(line, INT32_MAX, &number)) {
		*d = (struct doubt){ .seq = 0 };
		return;
	}
	d->number = (int)number;
}

int doubt_read(struct reg *r, struct doubt *d, struct err *e)
{
	struct buf text = BUF_INIT;
	struct stat st;
	int result = 1;

	while (io.fstatat(r->dir, MARK, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		if (errno != EINTR)
			return err_sys(e, "%s: cannot look for it", MARK);
	}
	if (io_slurp(r->dir, MARK, MARK_MAX, &text, e) < 0)
		result = -1;
	else
		mark_parse(buf_view(&text), d);
	buf_clear(&text);
	return result;
}

int doubt_remove(struct reg *r, struct err *e)
{
	int fd, result;

	if (io.unlinkat(r->dir, MARK, 0) < 0 && errno != ENOENT)
		return err_sys(e, "%s: cannot remove", MARK);
	fd = io_open_dir(r->dir, "lost+found", e);
	if (fd < 0)
		return -1;
	result = io_sync(fd, "lost+found", e);
	return io_close(fd, "lost+found", e) < 0 ? -1 : result;
}

/* The commit in words. */
static void say(const struct doubt *d, struct buf *out)
{
	const char *why = d->number > 0 ? strerrordesc_np(d->number) : NULL;

	if (d->seq == 0)
		buf_puts(out, "a commit is in doubt (" MARK " does not say which)");
	else
		buf_printf(out, "commit %" PRIu64 " (%s, %s) is in doubt: ", d->seq, d->command, d->at);
	if (d->seq > 0 && why != NULL)
		buf_printf(out, "its sync failed (%s), so it may not be on the disk", why);
	else if (d->seq > 0)
		buf_puts(out, "it may not be on the disk");
}

int commit_doubt(struct reg *r, struct buf *words, struct err *e)
{
	struct doubt d = { .seq = 0 };
	int got = doubt_read(r, &d, e);

	if (got == 1)
		say(&d, words);
	return got;
}

int doubt_refuse(struct reg *r, struct err *e)
{
	struct buf words = BUF_INIT;
	int got = commit_doubt(r, &words, e);

	if (got == 1)
		err_set(e, ERR_DOUBT, "%s; nothing is recorded until that is settled: run gridctl check", words.p);
	buf_clear(&words);
	return got == 0 ? 0 : -1;
}

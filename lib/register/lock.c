/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/time.h"
#include "register/inside.h"

#define HOLDER ".index/holder"
#define HOLDER_MAX 1024

/* Say who holds the lock, for those who wait.  Only words: a failure is no matter. */
static void holder_write(struct reg *r, const struct commit_who *who)
{
	struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	char at[TIME_LEN + 1];
	int fd;

	if (make_dir(r, ".index", &ignored) < 0)
		return;
	fd = io_open(r->dir, HOLDER, O_WRONLY | O_CREAT | O_TRUNC, r->file_mode, false, &ignored);
	if (fd < 0)
		return;
	if (r->dir_mode & 02000)
		fchmod(fd, r->file_mode);
	time_write(who->now, r->offset, at);
	buf_printf(&text, "pid %ld, ", (long)getpid());
	journal_login(&text);
	buf_printf(&text, ", %s, since %s\n", who->command, at);
	io_write_all(fd, HOLDER, text.p, text.n, &ignored);
	io.close(fd);
	buf_clear(&text);
}

/* The lock is another's. */
static int busy(struct reg *r, const struct commit_who *who, struct err *e)
{
	struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;

	if (io_slurp(r->dir, HOLDER, HOLDER_MAX, &text, &ignored) < 0 || text.n == 0)
		err_set(e, ERR_FAILED, "%s: the register is busy: another program has held its lock for %" PRId64 " ms; try again", r->path,
		    who->lock_wait_ms);
	else
		err_set(e, ERR_FAILED, "%s: the register is busy: locked by %.*s (waited %" PRId64 " ms); try again", r->path,
		    (int)strcspn(text.p, "\n"), text.p, who->lock_wait_ms);
	buf_clear(&text);
	return -1;
}

/* The locked file must still be the one that bears the name. */
static int check_same(struct reg *r, int fd, struct err *e)
{
	struct stat held, named;

	while (io.fstat(fd, &held) < 0)
		if (errno != EINTR)
			return err_sys(e, "%s: cannot ask for its size", JOURNAL_NAME);
	while (io.fstatat(r->dir, JOURNAL_NAME, &named, AT_SYMLINK_NOFOLLOW) < 0)
		if (errno != EINTR)
			return err_sys(e, "%s: cannot ask for its size", JOURNAL_NAME);
	if (held.st_dev != named.st_dev || held.st_ino != named.st_ino)
		return err_set(e, ERR_FAILED, "%s: was replaced while this program waited for it; try again", JOURNAL_NAME);
	return 0;
}

int journal_lock(struct reg *r, const struct commit_who *who, struct tail *t, struct err *e)
{
	const char *kind;
	int fd, got;

	if (!r->allow_network && io_is_network(r->dir, &kind))
		return err_set(e, ERR_USAGE, "%s: lies on a network file system (%s), where locks and appends cannot be trusted; write on the"
		    " machine that holds it, or say --allow-network-fs", r->path, kind);
	fd = journal_open(r, O_RDWR | O_APPEND, e);
	if (fd < 0)
		return -1;
	got = io_lock(fd, JOURNAL_NAME, who->lock_wait_ms, e);
	if (got == 1)
		busy(r, who, e);
	if (got != 0 || check_same(r, fd, e) < 0)
		goto fail;
	holder_write(r, who);
	if (tail_read(r, fd, t, e) < 0)
		goto fail;
	if ((t->good != t->size || t->last.kind == JOURNAL_BEGIN) && recover(r, fd, who, t, e) < 0)
		goto fail;
	return fd;
fail:
	io.close(fd);
	return -1;
}

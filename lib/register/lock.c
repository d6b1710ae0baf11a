/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "base/time.h"
#include "register/inside.h"

#define HOLDER ".index/holder"
#define NUMBER 16			/* digits that a number of the system has at most, with the NUL */
#define HOLDER_MAX 1024
#define LOCKS_MAX (1u << 20)

/* Say who holds the lock, for those who wait.  Only words: a failure is no matter. */
static void holder_write(struct reg *r, const struct commit_who *who)
{
	struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	char at[TIME_LEN + 1];
	int fd;

	/* written over, not cut first: that would make the file system free a block and flush the new one at each commit; a
	 * longer text of before leaves its end behind the LF, where nobody reads */
	fd = open_inside(r, HOLDER, O_WRONLY | O_CREAT, &ignored);
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

/* The process that has flock(2)ed this file, as the kernel lists it; 0 when that cannot be told. */
static long locker(int fd)
{
	struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	struct span rest, line;
	struct stat st;
	long found = 0;

	if (io.fstat(fd, &st) < 0 || io_slurp(AT_FDCWD, "/proc/locks", LOCKS_MAX, &text, &ignored) < 0)
		goto done;
	rest = buf_view(&text);
	while (found == 0 && span_split(&rest, '\n', &line)) {
		char words[256], pid[NUMBER], major[NUMBER], minor[NUMBER], inode[NUMBER];

		snprintf(words, sizeof words, "%.*s", (int)line.n, line.p);
		if (sscanf(words, "%*s FLOCK %*s WRITE %15[0-9] %15[0-9a-f]:%15[0-9a-f]:%15[0-9]", pid, major, minor, inode) == 4
		    && makedev((unsigned)strtoul(major, NULL, 16), (unsigned)strtoul(minor, NULL, 16)) == st.st_dev
		    && strtoull(inode, NULL, 10) == st.st_ino)
			found = strtol(pid, NULL, 10);
	}
done:
	buf_clear(&text);
	return found;
}

/* Who holds the lock: what the holder left about itself, when it is the one; else its process and command. */
static void describe_holder(struct reg *r, int fd, struct buf *out)
{
	struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	char path[64], number[NUMBER];
	long pid = locker(fd), left = 0;

	if (io_slurp(r->dir, HOLDER, HOLDER_MAX, &text, &ignored) == 0 && text.n > 0) {
		buf_putc(&text, '\0');
		left = sscanf(text.p, "pid %15[0-9],", number) == 1 ? strtol(number, NULL, 10) : 0;
	}
	if (left > 0 && (pid == left || (pid == 0 && (kill((pid_t)left, 0) == 0 || errno == EPERM)))) {
		text_escape(out, (struct span){ text.p, strcspn(text.p, "\n") }, false);
	} else if (pid > 0) {
		buf_printf(out, "pid %ld", pid);
		snprintf(path, sizeof path, "/proc/%ld/comm", pid);
		buf_reset(&text);
		if (io_slurp(AT_FDCWD, path, HOLDER_MAX, &text, &ignored) == 0 && text.n > 1) {
			buf_puts(out, ", ");
			text_escape(out, (struct span){ text.p, text.n - 1 }, false);
		}
	}
	buf_clear(&text);
}

/* The lock is another's. */
static int busy(struct reg *r, int fd, const struct commit_who *who, struct err *e)
{
	struct buf holder = BUF_INIT;

	describe_holder(r, fd, &holder);
	if (holder.n == 0)
		err_set(e, ERR_FAILED, "%s: the register is busy: another program has held its lock for %" PRId64 " ms; try again", r->path,
		    who->lock_wait_ms);
	else
		err_set(e, ERR_FAILED, "%s: the register is busy: locked by %.*s (waited %" PRId64 " ms); try again", r->path,
		    (int)holder.n, holder.p, who->lock_wait_ms);
	buf_clear(&holder);
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

int journal_hold(struct reg *r, const struct commit_who *who, int flags, struct err *e)
{
	int fd = journal_open(r, flags, e), got;

	if (fd < 0)
		return -1;
	got = io_lock(fd, JOURNAL_NAME, who->lock_wait_ms, e);
	if (got == 1)
		busy(r, fd, who, e);
	if (got == 0 && check_same(r, fd, e) == 0)
		return fd;
	io.close(fd);
	return -1;
}

int journal_lock(struct reg *r, const struct commit_who *who, struct tail *t, struct err *e)
{
	const char *kind;
	int fd;

	if (!r->allow_network && io_is_network(r->dir, &kind))
		return err_set(e, ERR_USAGE, "%s: lies on a network file system (%s), where locks and appends cannot be trusted; write on the"
		    " machine that holds it, or say --allow-network-fs", r->path, kind);
	fd = journal_hold(r, who, O_RDWR | O_APPEND, e);
	if (fd < 0)
		return -1;
	if (doubt_refuse(r, e) < 0)
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

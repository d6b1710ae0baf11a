/* SPDX-License-Identifier: MIT */
#include "register/indexenv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"

#define LAYOUT 6			/* of the keys and of what they lead to; another number is made anew */
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define BOOT_MAX 256
#define STAMP_MAX 8192

static char stamp_name[] = "\0stamp";	/* no kind is 0 */

/* 5 million hazards with 15 million events take about 200 MB; an address space that is limited gets less. */
static const size_t map_sizes[] = { (size_t)32 << 30, (size_t)4 << 30, (size_t)512 << 20 };

/* What ties the index to this start of this machine and to this directory (own): it is written without syncs and must
 * not be trusted after a power cut or in a copy. */
static bool boot_text(struct reg *r, struct stat *own, struct buf *out)
{
	struct err ignored = ERR_INIT;

	if (io_slurp(AT_FDCWD, BOOT_ID, BOOT_MAX, out, &ignored) < 0 || out->n == 0
	    || io.fstatat(r->dir, ".index", own, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	buf_printf(out, "%ju %ju %d\n", (uintmax_t)own->st_dev, (uintmax_t)own->st_ino, LAYOUT);
	return true;
}

/* Was the index made since this machine started, in this place?  Then that is own. */
static bool boot_fits(struct reg *r, struct stat *own)
{
	struct buf want = BUF_INIT, have = BUF_INIT;
	struct err ignored = ERR_INIT;
	bool same = boot_text(r, own, &want) && io_slurp(r->dir, ".index/boot", BOOT_MAX, &have, &ignored) == 0
	    && span_eq(buf_view(&want), buf_view(&have));

	buf_clear(&want);
	buf_clear(&have);
	return same;
}

int index_lock(struct reg *r, int64_t wait_ms)
{
	struct err ignored = ERR_INIT;
	int fd = open_inside(r, ".index/lock", O_RDWR | O_CREAT, &ignored);

	if (fd < 0)
		return -1;
	if (r->dir_mode & 02000)
		fchmod(fd, r->file_mode);
	if (io_lock(fd, ".index/lock", wait_ms, &ignored) == 0)
		return fd;
	io.close(fd);
	return -1;
}

/* Throw the old one away and say what the new one belongs to. */
static bool start_anew(struct reg *r, struct stat *own)
{
	struct buf boot = BUF_INIT;
	struct err ignored = ERR_INIT;
	int lock = index_lock(r, 1000);
	bool good = lock >= 0;

	if (good && !boot_fits(r, own)) {
		io.unlinkat(r->dir, ".index/data.mdb", 0);
		io.unlinkat(r->dir, ".index/lock.mdb", 0);
		good = boot_text(r, own, &boot) && io_replace(r->dir, ".index/boot", r->file_mode, buf_view(&boot), &ignored) == 0
		    && ((r->dir_mode & 02000) == 0 || fchmodat(r->dir, ".index/boot", r->file_mode, 0) == 0);
	}
	buf_clear(&boot);
	if (lock >= 0)
		io.close(lock);
	return good;
}

/* Where LMDB finds the index, which it wants by name: as the register was named, where that still leads to it, since the
 * way by its descriptor has the kernel make a process's part of /proc first. */
static void env_path(struct reg *r, const struct stat *own, struct buf *path)
{
	struct stat named;

	buf_printf(path, "%s/.index", r->path);
	if (stat(path->p, &named) == 0 && named.st_dev == own->st_dev && named.st_ino == own->st_ino)
		return;
	buf_reset(path);
	buf_printf(path, "/proc/self/fd/%d/.index", r->dir);
}

/* Open LMDB at path, with the largest map that the address space takes. */
static MDB_env *open_env(const char *path, mode_t mode, bool readonly)
{
	/* Not MDB_NOLOCK: who reads holds no lock of ours, and only the table of readers keeps a writer from using their pages
	 * again.  Not MDB_NOMEMINIT: what lay in this process's memory has no business in a file. */
	unsigned flags = MDB_NOTLS | MDB_NOSYNC | (readonly ? MDB_RDONLY : 0);

	for (size_t i = 0; i < sizeof map_sizes / sizeof *map_sizes; i++) {
		MDB_env *env;
		int rc, fd;

		if (mdb_env_create(&env) != 0)
			return NULL;
		mdb_env_set_mapsize(env, map_sizes[i]);
		rc = mdb_env_open(env, path, flags, mode);
		if (rc == 0) {
			/* LMDB opens its lock so, but not its data */
			if (mdb_env_get_fd(env, &fd) == 0)
				fcntl(fd, F_SETFD, FD_CLOEXEC);
			return env;
		}
		mdb_env_close(env);
		if (rc != ENOMEM && rc != EINVAL)	/* that is what valgrind's address space says */
			return NULL;
	}
	return NULL;
}

/* The one database.  It is always there, so that a reading transaction will do: one that writes would wait for who writes. */
static bool open_dbi(struct index_env *x)
{
	MDB_txn *txn;

	if (mdb_txn_begin(x->env, NULL, MDB_RDONLY, &txn) != 0)
		return false;
	if (mdb_dbi_open(txn, NULL, 0, &x->dbi) != 0) {
		mdb_txn_abort(txn);
		return false;
	}
	return mdb_txn_commit(txn) == 0;
}

struct index_env *index_env(struct reg *r, bool make)
{
	struct reg_inner *in = reg_inner(r);
	struct index_env x = { .env = NULL };
	struct buf path = BUF_INIT;
	struct stat own;
	bool readonly;

	if (in->env != NULL || in->env_failed)
		return in->env;
	readonly = faccessat(r->dir, ".", W_OK, AT_EACCESS) != 0;
	if (!boot_fits(r, &own) && (!make || readonly || !start_anew(r, &own)))
		goto done;
	env_path(r, &own, &path);
	x.env = open_env(path.p, r->file_mode, readonly);
	if (x.env != NULL && open_dbi(&x)) {
		int dead;

		mdb_reader_check(x.env, &dead);
		in->env = mem_alloc(sizeof *in->env);
		*in->env = x;
	} else {
		if (x.env != NULL)
			mdb_env_close(x.env);
		in->env_failed = true;
	}
	/* another member's index stays as he made it; who cannot write it scans */
	if (in->env != NULL && (r->dir_mode & 02000) && (fchmodat(r->dir, ".index/data.mdb", r->file_mode, 0) < 0
	    || fchmodat(r->dir, ".index/lock.mdb", r->file_mode, 0) < 0))
		errno = 0;
done:
	buf_clear(&path);
	return in->env;
}

void index_env_close(struct index_env *env)
{
	if (env == NULL)
		return;
	mdb_env_close(env->env);
	free(env);
}

void index_forget(struct reg *r)
{
	struct reg_inner *in = reg_inner(r);

	index_let_go(r);
	index_env_close(in->env);
	in->env = NULL;
	in->env_failed = true;
	io.unlinkat(r->dir, ".index/boot", 0);
}

/* How the tables are numbered in keys. */
static size_t tables(void)
{
	size_t n;

	schema_tables(&n);
	return n;
}

/* How a stamp begins: what no other moment has. */
static void put_stamp_head(const struct moment *at, struct buf *out)
{
	buf_printf(out, "%zu %ju %s %jd ", tables(), (uintmax_t)at->seq, at->chain, (intmax_t)at->journal);
}

bool index_stamp_is(struct index_env *env, MDB_txn *txn, const struct moment *m)
{
	MDB_val key = { sizeof stamp_name, stamp_name }, v;
	struct buf head = BUF_INIT;
	bool same;

	put_stamp_head(m, &head);
	same = mdb_get(txn, env->dbi, &key, &v) == 0 && v.mv_size < STAMP_MAX && v.mv_size > head.n
	    && memcmp(v.mv_data, head.p, head.n) == 0;
	buf_clear(&head);
	return same;
}

bool index_stamp(struct index_env *env, MDB_txn *txn, struct moment *at)
{
	MDB_val key = { sizeof stamp_name, stamp_name }, v;
	char text[STAMP_MAX];
	struct span rest, word;
	uint64_t n, journal;

	if (mdb_get(txn, env->dbi, &key, &v) != 0 || v.mv_size >= sizeof text)
		return false;
	memcpy(text, v.mv_data, v.mv_size);
	text[v.mv_size] = '\0';
	memset(at, 0, sizeof *at);
	rest = span_of(text);
	if (!span_split(&rest, ' ', &word) || !span_u64(word, SIZE_MAX, &n) || n != tables() || !span_split(&rest, ' ', &word)
	    || !span_u64(word, UINT64_MAX, &at->seq) || !span_split(&rest, ' ', &word) || !digest_is_hex(word, DIGEST_HEX))
		return false;
	memcpy(at->chain, word.p, DIGEST_HEX);
	if (!span_split(&rest, ' ', &word) || !span_u64(word, INT64_MAX, &journal))
		return false;
	at->journal = (off_t)journal;
	return journal_sizes(rest, at);
}

int index_drop_stamp(struct index_env *env, MDB_txn *txn)
{
	MDB_val key = { sizeof stamp_name, stamp_name };
	int rc = mdb_del(txn, env->dbi, &key, NULL);

	return rc == MDB_NOTFOUND ? 0 : rc;
}

int index_put_stamp(struct index_env *env, MDB_txn *txn, const struct moment *at)
{
	MDB_val key = { sizeof stamp_name, stamp_name }, v;
	struct buf text = BUF_INIT;
	int rc;

	put_stamp_head(at, &text);
	moment_sizes(at, &text);
	v = (MDB_val){ text.n, text.p };
	rc = mdb_put(txn, env->dbi, &key, &v, 0);
	buf_clear(&text);
	return rc;
}

bool index_on_history(struct reg *r, const struct moment *at)
{
	char chain[DIGEST_HEX];
	struct err ignored = ERR_INIT;
	int fd = io_open(r->dir, JOURNAL_NAME, O_RDONLY, 0, false, &ignored);
	bool same = fd >= 0 && at->journal > JOURNAL_FIRST
	    && io_read_at(fd, JOURNAL_NAME, chain, sizeof chain, at->journal - DIGEST_HEX - 1, &ignored) == 0
	    && memcmp(chain, at->chain, sizeof chain) == 0;

	if (fd >= 0)
		io.close(fd);
	return same;
}

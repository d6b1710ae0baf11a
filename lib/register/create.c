/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/time.h"
#include "register/inside.h"

/* A register in the making. */
struct create {
	struct reg_inner in;
	const struct reg_new *n;
	bool made_dir;			/* the directory is ours: it may be removed again */
	char **made;			/* files, in order */
	size_t nmade, cap;
	struct buf spans;
	struct moment m;
};

static const char *const subdirs[] = { "versions", "policy", "lost+found", "periods" };

/* A directory that is new, or empty (a file system's own lost+found aside). */
static int take_dir(struct create *c, const char *dir, struct err *e)
{
	struct dirent *d;
	DIR *list;
	int found = 0, fd;

	c->made_dir = io.mkdirat(AT_FDCWD, dir, c->in.pub.dir_mode & 0777) == 0;
	if (!c->made_dir && errno != EEXIST)
		return err_sys(e, "%s: cannot make the directory", dir);
	if (c->made_dir && io_sync_parent(AT_FDCWD, dir, e) < 0)
		return -1;
	c->in.pub.dir = io_open_dir(AT_FDCWD, dir, e);
	fd = c->in.pub.dir < 0 ? -1 : io_open_dir(c->in.pub.dir, ".", e);
	if (fd < 0)
		return -1;
	list = fdopendir(fd);
	if (list == NULL) {
		err_sys(e, "%s: cannot read the directory", dir);
		io.close(fd);
		return -1;
	}
	while ((d = readdir(list)) != NULL)
		found += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 && strcmp(d->d_name, "lost+found") != 0;
	closedir(list);
	if (found > 0)
		return err_set(e, ERR_USAGE, "%s: is not empty; a register is made in a new or empty directory", dir);
	return 0;
}

/* --shared=GROUP: the directory belongs to the group, and so does all that is made in it. */
static int take_group(struct create *c, const char *dir, struct err *e)
{
	struct group *g;

	if (c->n->group == NULL)
		return 0;
	g = getgrnam(c->n->group);
	if (g == NULL)
		return err_set(e, ERR_USAGE, "shared: there is no group \"%s\" on this machine", c->n->group);
	if (fchown(c->in.pub.dir, (uid_t)-1, g->gr_gid) < 0 || fchmod(c->in.pub.dir, 02770) < 0)
		return err_sys(e, "%s: cannot give it to group %s", dir, c->n->group);
	return 0;
}

/* A file that was made, or of which a failure may have left something. */
static void remember(struct create *c, const char *path)
{
	MEM_GROW(c->made, c->cap, c->nmade + 1);
	c->made[c->nmade++] = mem_strdup(path);
}

/* A new file, remembered so that a failure leaves nothing behind. */
static int put_file(struct create *c, const char *path, struct span bytes, struct err *e)
{
	int result;

	/* first: once the journal, the last of them, is there memory may not run out any more */
	remember(c, path);
	result = make_file(&c->in.pub, path, bytes, e);
	if (result != 1)
		return result;
	free(c->made[--c->nmade]);	/* not ours */
	return err_set(e, ERR_FAILED, "%s: is there already", path);
}

/* A version by its digest; two tables may share one. */
static int put_version(struct create *c, const char *name, struct span bytes, struct err *e)
{
	char digest[DIGEST_HEX + 1], path[DIGEST_HEX + 16];
	struct journal_span s = { .length = -1 };
	struct stat st;

	digest_of(bytes, digest);
	snprintf(path, sizeof path, "versions/%s", digest);
	if (io.fstatat(c->in.pub.dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0 && put_file(c, path, bytes, e) < 0)
		return -1;
	if (name == NULL)
		return 0;
	snprintf(s.name, sizeof s.name, "%s", name);
	memcpy(s.digest, digest, sizeof s.digest);
	journal_put_span(&c->spans, &s);
	memcpy(moment_slot(&c->m, name)->digest, digest, sizeof digest);
	return 0;
}

/* A quoted YAML scalar. */
static void put_scalar(struct buf *out, const char *s)
{
	buf_putc(out, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_putc(out, '\\');
		buf_putc(out, (unsigned char)*s < ' ' ? ' ' : *s);
	}
	buf_puts(out, "\"\n");
}

/* register.yaml */
static int put_settings(struct create *c, struct err *e)
{
	struct buf text = BUF_INIT;
	char offset[7];
	int result;

	time_offset_write(c->n->offset, offset);
	buf_puts(&text, "# A register of gridledger. Changed by gridctl put register, not by hand.\n");
	buf_printf(&text, "format: %d\noffice: \"%s\"\nname: ", REG_FORMAT, c->n->office);
	put_scalar(&text, c->n->name != NULL ? c->n->name : "");
	buf_printf(&text, "offset: \"%s\"\nlanguage: %s\n", offset, c->n->language != NULL ? c->n->language : "zh");
	if (c->n->group != NULL) {
		buf_puts(&text, "shared: ");
		put_scalar(&text, c->n->group);
	}
	result = put_version(c, "register", buf_view(&text), e);
	if (result == 0)
		result = put_file(c, REGISTER_FILE, buf_view(&text), e);
	buf_clear(&text);
	return result;
}

/* The ledgers and masters, each with its header. */
static int put_tables(struct create *c, struct err *e)
{
	struct buf text = BUF_INIT;
	size_t n;
	const struct table *t = schema_tables(&n);
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++) {
		struct journal_span s = { .offset = 0 };

		if (t[i].kind != TABLE_RECORD && t[i].kind != TABLE_MASTER)
			continue;
		buf_reset(&text);
		schema_header(&t[i], &text);
		reg_segment_name(t[i].name, 1, s.name);
		result = put_file(c, s.name, buf_view(&text), e);
		if (result == 0 && t[i].kind == TABLE_MASTER) {
			result = put_version(c, t[i].name, buf_view(&text), e);
		} else if (result == 0) {
			s.length = (off_t)text.n;
			digest_of(buf_view(&text), s.digest);
			journal_put_span(&c->spans, &s);
			c->m.ledger[c->m.nledgers++] = (struct moment_ledger){ &t[i], 1, s.length };
		}
	}
	buf_clear(&text);
	return result;
}

/* The policy's files, their manifest and their working copies. */
static int put_policy(struct create *c, struct err *e)
{
	char path[REG_FILE_MAX + 256];

	for (size_t i = 0; i < c->n->npolicy; i++) {
		const struct policy_bytes *f = &c->n->policy[i];

		if (!policy_path_ok(span_of(f->path)))
			return err_set(e, ERR_DATA, "policy: \"%s\" is not a name for a policy file", f->path);
		snprintf(path, sizeof path, "policy/%s", f->path);
		if (put_version(c, NULL, f->bytes, e) < 0)
			return -1;
		remember(c, path);
		if (working_copy(&c->in.pub, path, f->bytes, e) < 0)
			return -1;
	}
	return put_version(c, "policy", c->n->manifest, e);
}

/* The journal with commit 1: the last file made, and what makes the rest a register. */
static int put_journal(struct create *c, struct err *e)
{
	struct buf text = BUF_INIT, login = BUF_INIT, sizes = BUF_INIT;
	struct journal_new l = { .kind = JOURNAL_BEGIN, .seq = 1, .at = c->n->now, .offset = c->n->offset,
		.actor = c->n->actor, .command = c->n->command, .policy = moment_version(&c->m, "policy") };
	char chain[DIGEST_HEX + 1];
	int result;

	journal_login(&login);
	l.login = login.p;
	l.spans = buf_view(&c->spans);
	buf_puts(&text, JOURNAL_HEADER "\n");
	journal_chain_first(chain);
	journal_put(&text, &l, chain);
	moment_sizes(&c->m, &sizes);
	l.kind = JOURNAL_COMMIT;
	l.spans = (struct span){ NULL, 0 };
	l.sizes = buf_view(&sizes);
	journal_put(&text, &l, chain);
	result = put_file(c, JOURNAL_NAME, buf_view(&text), e);
	buf_clear(&text);
	buf_clear(&login);
	buf_clear(&sizes);
	return result;
}

/* Take back what was made. */
static void unmake(struct create *c)
{
	struct reg *r = &c->in.pub;

	for (size_t i = c->nmade; i-- > 0;) {
		char *slash;

		io.unlinkat(r->dir, c->made[i], 0);
		while ((slash = strrchr(c->made[i], '/')) != NULL) {
			*slash = '\0';
			io.unlinkat(r->dir, c->made[i], AT_REMOVEDIR);
		}
	}
	for (size_t i = 0; i < sizeof subdirs / sizeof *subdirs; i++)
		io.unlinkat(r->dir, subdirs[i], AT_REMOVEDIR);
}

int reg_create(const char *dir, const struct reg_new *n, struct err *e)
{
	struct create c = { .n = n };
	struct reg *r = &c.in.pub;
	int result = -1;

	r->dir = -1;
	r->file_mode = n->group != NULL ? 0660 : 0666;
	r->dir_mode = n->group != NULL ? 02770 : 0777;
	if (!schema_office_ok(span_of(n->office)))
		return err_set(e, ERR_USAGE, "office: \"%s\" is not 1 to 12 of A-Z and 0-9", n->office);
	if (n->language != NULL && strcmp(n->language, "zh") != 0 && strcmp(n->language, "en") != 0)
		return err_set(e, ERR_USAGE, "language: \"%s\" is not one of zh, en", n->language);
	if (take_dir(&c, dir, e) < 0 || take_group(&c, dir, e) < 0)
		goto done;
	for (size_t i = 0; i < sizeof subdirs / sizeof *subdirs; i++)
		if (make_dir(r, subdirs[i], e) < 0)
			goto undo;
	if (put_settings(&c, e) < 0 || put_tables(&c, e) < 0 || put_policy(&c, e) < 0 || put_journal(&c, e) < 0)
		goto undo;
	result = io_sync(r->dir, dir, e);
	if (result == 0) {
		mem_exit_status(ERR_UNSAID);
		goto done;
	}
undo:
	unmake(&c);
done:
	if (result < 0 && c.made_dir)
		rmdir(dir);
	if (r->dir >= 0)
		io.close(r->dir);
	for (size_t i = 0; i < c.nmade; i++)
		free(c.made[i]);
	free(c.made);
	buf_clear(&c.spans);
	return result;
}

/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/login.h"
#include "base/mem.h"
#include "base/text.h"

int keeper_read(struct keeper *k, const char *known, bool with_office, struct err *e)
{
	k->reg = reg_open(k->cli.dir, e);
	if (!k->reg || cli_now(&k->cli, k->reg->offset, e) || reg_moment(k->reg, known, &k->at, e))
		return -1;
	if (!with_office)
		return 0;
	k->office = office_on(k->reg, &k->at, e);
	return k->office ? 0 : -1;
}

char *keeper_self(const struct cli *c)
{
	struct buf login = BUF_INIT;
	char *self;

	if (!c->actor && !login_name(getuid(), &login))
		buf_puts(&login, "init");
	self = mem_strdup(c->actor ? c->actor : login.p);
	buf_clear(&login);
	return self;
}

int keeper_actor(struct keeper *k, struct err *e)
{
	struct master *officers = office_master(k->office, "officers", e);
	const struct master_row *rows;
	struct span actor;
	size_t n;

	if (!officers || master_rows(officers, &rows, &n, e) < 0)
		return -1;
	if (n > 0 && office_actor(k->office, k->cli.actor, k->cli.now, &actor, e) < 0)
		return -1;
	k->actor = n > 0 ? mem_spandup(actor) : keeper_self(&k->cli);
	return 0;
}

int keeper_write(struct keeper *k, const char *words, struct err *e)
{
	struct commit_who who = { .command = words, .key = "", .lock_wait_ms = k->cli.lock_wait_ms,
	    .dry_run = k->cli.dry_run };

	if (keeper_read(k, NULL, true, e) || keeper_actor(k, e))
		return -1;
	who.actor = k->actor;
	who.now = k->cli.now;
	k->reg->allow_network = k->cli.allow_network;
	k->commit = commit_open(k->reg, &who, e);
	if (!k->commit)
		return -1;
	if (commit_moment(k->commit)->seq == k->at.seq)
		return 0;
	office_close(k->office);
	k->at = *commit_moment(k->commit);
	k->office = office_on(k->reg, &k->at, e);
	return k->office ? 0 : -1;
}

int keeper_commit(struct keeper *k, struct err *e)
{
	struct buf warning = BUF_INIT;
	struct commit *c = k->commit;
	int result;

	k->commit = NULL;
	if (k->cli.dry_run) {
		commit_drop(c);
		return 0;
	}
	result = commit_close(c, &warning, e);
	k->cli.recorded = result == 0;
	cli_warn(&k->cli, buf_view(&warning));
	buf_clear(&warning);
	return result;
}

int keeper_end(struct keeper *k, int status, const struct err *e)
{
	status = e->status ? cli_fail(&k->cli, e) : cli_end(&k->cli, status);
	commit_drop(k->commit);
	office_close(k->office);
	reg_close(k->reg);
	free(k->actor);
	return status;
}

int gridctl_operands(const struct cli *c, int first, int argc, int min, int max, const char *what, struct err *e)
{
	int n = argc - first;

	if (n >= min && n <= max)
		return 0;
	return err_set(e, ERR_USAGE, "takes %s, %d operand%s given; %s --help shows how", what, n,
	    n == 1 ? " was" : "s were", c->prog);
}

const struct table *gridctl_table(const char *name, enum table_kind kind, struct err *e)
{
	const struct table *t = schema_table(span_of(name)), *all;
	const char *names[64], *near;
	const char *what = kind == TABLE_MASTER ? "master table" : "ledger";
	struct buf list = BUF_INIT;
	size_t n, count = 0;

	if (t && t->kind == kind)
		return t;
	if (t && t->kind == TABLE_RECORD) {
		err_set(e, ERR_USAGE, "%s is append-only and no master table; gridctl cat %s prints it", name, name);
		return NULL;
	}
	if (t && t->kind == TABLE_MASTER) {
		err_set(e, ERR_USAGE, "%s is a master table and no ledger; gridctl get %s prints it", name, name);
		return NULL;
	}
	all = schema_tables(&n);
	for (size_t i = 0; i < n && count < 64; i++)
		if (all[i].kind == kind)
			names[count++] = all[i].name;
	near = text_nearest(span_of(name), names, count);
	text_list(&list, names, count, count);
	err_set(e, ERR_USAGE, "there is no %s \"%s\"%s%s%s there are %s", what, name, near ? "; did you mean "
	    : "", near ? near : "",
	    near ? "?" : ";", list.p);
	buf_clear(&list);
	return NULL;
}

int gridctl_base(const struct moment *m, const char *name, const char *base, struct err *e)
{
	const char *now = moment_version(m, name);
	size_t n = base ? strlen(base) : 0;

	if (!base)
		return 0;
	if (n < 8 || n > DIGEST_HEX || !digest_is_hex(span_of(base), n))
		return err_set(e, ERR_USAGE,
		    "--base: \"%s\" is not a digest; write 8 to 64 hex digits as gridctl get -v says them", base);
	if (now && !strncmp(now, base, n))
		return 0;
	return err_set(e, ERR_DATA,
	    "%s: was changed since: the committed version is %.12s, not %.12s; get it again and redo the change",
	    name, now ? now : "none", base);
}

void gridctl_print(struct span bytes)
{
	fwrite(bytes.p ? bytes.p : "", 1, bytes.n, stdout);
}

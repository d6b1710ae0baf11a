/* SPDX-License-Identifier: MIT */
#include "engine/checkint.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/io.h"
#include "engine/masterlint.h"
#include "engine/pack.h"
#include "register/index.h"

#define COPY_MAX ((size_t)1 << 30)

int check_masters(struct check_run *c, struct err *e)
{
	size_t n;
	const struct table *all = schema_tables(&n);
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++) {
		const char *digest = moment_version(&c->office->at, all[i].name);
		struct buf file = BUF_INIT;
		struct tablerows rows;

		if (all[i].kind != TABLE_MASTER || !digest)
			continue;
		buf_printf(&file, "%s.csv", all[i].name);
		result = tablerows_version(&rows, &all[i], c->office->reg, digest, e);
		if (result == 0)
			result = masterlint_values(c->office, c->office->policy, &rows, file.p, c->diag, e);
		if (result == 0)
			result = masterlint_rows(c->office, &rows, file.p, c->diag, e);
		tablerows_clear(&rows);
		buf_clear(&file);
	}
	return result;
}

/* One line `sha256  path` of a manifest. */
static bool manifest_line(struct span *rest, char digest[DIGEST_HEX + 1], struct buf *path)
{
	struct span line;

	if (!span_split(rest, '\n', &line) || line.n < DIGEST_HEX + 3)
		return false;
	memcpy(digest, line.p, DIGEST_HEX);
	digest[DIGEST_HEX] = '\0';
	buf_reset(path);
	buf_put(path, line.p + DIGEST_HEX + 2, line.n - DIGEST_HEX - 2);
	return true;
}

/* The manifest of the policy in force. */
static int read_manifest(struct check_run *c, struct buf *out, struct err *e)
{
	const char *digest = moment_version(&c->office->at, "policy");

	if (!digest)
		return err_set(e, ERR_PERSON, "this register has no committed policy; run gridctl verify");
	return reg_version(c->office->reg, digest, out, e);
}

int check_committed_policy(struct check_run *c, struct err *e)
{
	struct buf manifest = BUF_INIT, path = BUF_INIT;
	struct policy_file *file = NULL;
	size_t n = 0, cap = 0;
	char digest[DIGEST_HEX + 1];
	struct span rest;
	int result = read_manifest(c, &manifest, e);

	rest = buf_view(&manifest);
	while (result == 0 && manifest_line(&rest, digest, &path)) {
		struct buf bytes = BUF_INIT;

		result = reg_version(c->office->reg, digest, &bytes, e);
		MEM_GROW(file, cap, n + 1);
		file[n++] = (struct policy_file){ mem_strdup(path.p), bytes.p ? bytes.p : mem_strdup(""), bytes.n };
	}
	if (result == 0)
		policy_free(policy_load("policy/", file, n, false, c->diag));
	for (size_t i = 0; i < n; i++) {
		free(file[i].path);
		free(file[i].bytes);
	}
	free(file);
	buf_clear(&manifest);
	buf_clear(&path);
	return result;
}

/* A working copy against its committed digest; name is what gridctl put takes. */
static void check_copy(struct check_run *c, const char *path, const char *digest, const char *name)
{
	struct buf bytes = BUF_INIT;
	struct err mine = ERR_INIT;
	char now[DIGEST_HEX + 1];

	if (io_slurp(c->office->reg->dir, path, COPY_MAX, &bytes, &mine)) {
		diag_row(c->diag, path, 0, NULL, "the working copy cannot be read; what is committed holds");
	} else {
		digest_of(buf_view(&bytes), now);
		if (strcmp(now, digest))
			diag_row(c->diag, path, 0, NULL,
			    "the working copy is not what is committed; it changes nothing until gridctl put %s",
			    name);
	}
	buf_clear(&bytes);
}

/* Files under policy/ that the committed policy does not have. */
static void check_extra(struct check_run *c, const struct names *committed)
{
	struct buf dir = BUF_INIT, path = BUF_INIT;
	struct pack pack = PACK_INIT;
	struct err mine = ERR_INIT;

	buf_printf(&dir, "%s/policy", c->office->reg->path);
	if (pack_read(&pack, dir.p, &mine))
		diag_row(c->diag, "policy", 0, NULL, "%s", mine.text);
	for (size_t i = 0; i < pack.n; i++) {
		if (names_find(committed, span_of(pack.file[i].path)) != NAMES_NONE)
			continue;
		buf_reset(&path);
		buf_printf(&path, "policy/%s", pack.file[i].path);
		diag_row(c->diag, path.p, 0, NULL, "is not committed; it changes nothing until gridctl put policy");
	}
	pack_clear(&pack);
	buf_clear(&dir);
	buf_clear(&path);
}

/* The files under policy/. */
static int check_policy_copies(struct check_run *c, struct err *e)
{
	struct buf manifest = BUF_INIT, path = BUF_INIT, copy = BUF_INIT;
	struct names committed = { .n = 0 };
	char digest[DIGEST_HEX + 1];
	struct span rest;
	int result = read_manifest(c, &manifest, e);

	rest = buf_view(&manifest);
	while (result == 0 && manifest_line(&rest, digest, &path)) {
		names_add(&committed, buf_view(&path));
		buf_reset(&copy);
		buf_printf(&copy, "policy/%s", path.p);
		check_copy(c, copy.p, digest, "policy");
	}
	if (result == 0)
		check_extra(c, &committed);
	names_clear(&committed);
	buf_clear(&manifest);
	buf_clear(&path);
	buf_clear(&copy);
	return result;
}

int check_copies(struct check_run *c, struct err *e)
{
	const struct moment *m = &c->office->at;
	char path[REG_FILE_MAX + 8];

	for (size_t i = 0; i < m->nversions; i++) {
		const char *name = m->version[i].name;

		if (!strcmp(name, "policy")) {
			if (check_policy_copies(c, e))
				return -1;
			continue;
		}
		snprintf(path, sizeof path, "%s.%s", name, strcmp(name, "register") ? "csv" : "yaml");
		check_copy(c, path, m->version[i].digest, name);
	}
	return 0;
}

/* A ledger being compared with the index. */
struct indexed {
	struct check_run *c;
	const struct table *t;
	struct check_line at;
	struct err *e;
};

/* The index says where this row stands. */
static int index_row(void *arg, const struct scan_row *row)
{
	struct indexed *x = arg;
	struct office *o = x->c->office;
	struct ledger_at at;
	int found;

	check_line_next(&x->at, row);
	found = ledger_find(o->reg, &o->at, x->t->name, row->f[0], &at, x->e);
	if (found < 0)
		return -1;
	if (!found || at.segment != x->at.segment || at.at != row->at)
		diag_row(x->c->diag, x->at.file, x->at.line, x->t->columns[x->t->key].name,
		    "the index has %.*s %s; delete .index/, it is made anew",
		    (int)row->f[0].n, row->f[0].p, found ? "elsewhere" : "nowhere");
	return 0;
}

/* The policies that the index keeps for programs which check single rows are the committed ones. */
static int index_policies(struct check_run *c, struct err *e)
{
	size_t n;

	if (office_policies(c->office, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const char *digest = office_version(c->office, i)->digest;

		if (!reg_policy_fits(c->office->reg, digest))
			diag_row(c->diag, "policy", 0, NULL, "the index has another version %.12s than the one that was committed; delete"
			    " .index/, it is made anew, and look at what was recorded since with gridctl check replay", digest);
	}
	return 0;
}

int check_index(struct check_run *c, struct err *e)
{
	struct index *i = index_open(c->office->reg, &c->office->at);
	int result = 0;

	if (!i)
		return 0;	/* none, or behind: it is made when it is needed */
	index_close(i);
	if (index_policies(c, e) < 0)
		return -1;
	for (size_t k = 0; k < c->office->at.nledgers && result == 0; k++) {
		struct indexed x = { .c = c, .t = c->office->at.ledger[k].table, .e = e };
		void *arg = &x;

		if (!x.t->id_letter || strcmp(x.t->primary, x.t->columns[x.t->key].name))
			continue;
		check_line_start(&x.at, x.t->name);
		result = ledger_scan(c->office->reg, &c->office->at, x.t->name, &x.t->key, 1, index_row, &arg,
		    1, e) < 0 ? -1 : 0;
	}
	return result;
}

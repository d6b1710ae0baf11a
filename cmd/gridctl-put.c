/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/time.h"
#include "engine/calendarneed.h"
#include "engine/masterlint.h"
#include "engine/masterput.h"
#include "engine/pack.h"
#include "engine/policylint.h"
#include "engine/policyrun.h"
#include "engine/settings.h"

#define FILE_MAX ((size_t)1 << 30)
#define SETTINGS_MAX ((size_t)65536)

struct put {
	struct keeper k;
	const char *base, *encoding;
	bool merge;
};

static const struct cli_option options[] = {
	{ "merge", 0, NULL, "change and add the rows of FILE, keep all others and the columns it lacks" },
	{ "base", 0, "DIGEST", "refuse when the committed version is another one (see gridctl get -v)" },
	{ "encoding", 0, "NAME", "the encoding of FILE, like gb18030 (default: UTF-8)" },
	{ NULL, 0, NULL, NULL }
};

/* Takes the options. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct put *p = arg;

	(void)e;
	if (!strcmp(o->name, "merge"))
		p->merge = true;
	else if (!strcmp(o->name, "base"))
		p->base = value;
	else
		p->encoding = value;
	return 0;
}

static const struct cli_program program = {
	.name = "gridctl put",
	.usage = "[options] TABLE FILE|-\n[options] policy DIR\n[options] register FILE|-",
	.about = "Replace a master table by the rows of a CSV, the policy by the files of a directory, or register.yaml.",
	.shared = CLI_WRITER,
	.options = options,
	.on = on,
	.more = "Columns may stand in any order and be left out; headers may be English or Chinese.  A key that records use\n"
	    "may be ended (valid_to) but not dropped.  When nothing changes, nothing is committed.",
};

/* Commit what was built, and say what it was. */
static int finish(struct put *p, const char *name, const char *sum, struct err *e)
{
	uint64_t seq = commit_seq(p->k.commit);

	if (keeper_commit(&p->k, e))
		return -1;
	if (!p->k.cli.dry_run)
		cli_say(&p->k.cli, "%s: %s, commit %ju", name, sum, (uintmax_t)seq);
	return 0;
}

/* gridctl put TABLE FILE */
static int put_table(struct put *p, const struct table *t, const char *path, struct err *e)
{
	struct masterput m = { .table = t, .file = strcmp(path, "-") ? path : "standard input" };
	struct buf bytes = BUF_INIT, out = BUF_INIT, said = BUF_INIT;
	struct masterput_sum sum;
	int result = -1;

	if (io_slurp(AT_FDCWD, path, FILE_MAX, &bytes, e) || keeper_write(&p->k, "gridctl put", e)
	    || gridctl_base(&p->k.at, t->name, p->base, e))
		goto done;
	m.office = p->k.office;
	m.day = time_day(p->k.cli.now, p->k.reg->offset);
	if (masterput_file(&m, buf_view(&bytes), p->encoding, p->merge, &p->k.cli.diag, &out, &sum, e)
	    || diag_end(&p->k.cli.diag, e))
		goto done;
	result = 0;
	if (p->k.cli.dry_run)
		gridctl_print(buf_view(&out));
	if (sum.same) {
		cli_say(&p->k.cli, "%s: nothing to change, nothing was committed", t->name);
		goto done;
	}
	commit_version(p->k.commit, t->name, buf_view(&out));
	buf_printf(&said, "%zu row%s (%zu new, %zu changed, %zu dropped)", sum.rows, sum.rows == 1 ? "" : "s",
	    sum.added, sum.changed,
	    sum.dropped);
	result = finish(p, t->name, said.p, e);
done:
	buf_clear(&bytes);
	buf_clear(&out);
	buf_clear(&said);
	return result;
}

/* Words of the committed masters that the new policy no longer has, and organs that it names and they have not; where: "dir/". */
static int lint_masters(struct put *p, const struct policy *policy, const char *where, struct err *e)
{
	size_t n;
	const struct table *all = schema_tables(&n);
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++) {
		struct tablerows rows;
		struct buf file = BUF_INIT;

		if (all[i].kind != TABLE_MASTER)
			continue;
		result = tablerows_version(&rows, &all[i], p->k.reg, moment_version(&p->k.at, all[i].name), e);
		buf_printf(&file, "%s.csv", all[i].name);
		if (result == 0)
			masterlint_words(policy, &rows, file.p, &p->k.cli.diag);
		if (result == 0 && strcmp(all[i].name, "organs") == 0)
			policylint_organs(policy, where, &rows, &p->k.cli.diag);
		tablerows_clear(&rows);
		buf_clear(&file);
	}
	return result;
}

/* $GRIDLEDGER_DATA, or where the package put its data. */
static const char *data_dir(void)
{
	const char *v = getenv("GRIDLEDGER_DATA");

	return v && v[0] ? v : PKGDATADIR;
}

/* Lines of the tests of a policy: those of cases that fail are kept for people. */
static void on_case(void *arg, struct span lines)
{
	if (lines.n > 3 && memcmp(lines.p, "ok ", 3))
		buf_span(arg, lines);
}

/* The tests that a policy carries, run before the lock is taken; what they say comes behind what lint has to say. */
static int run_tests(struct put *p, const struct pack *pack, const struct policy *policy, const char *dir, struct buf *said,
    struct err *e)
{
	struct policyrun r = { .data = data_dir(), .diag = &p->k.cli.diag, .say = on_case, .arg = said };

	if (policyrun_pack(&r, pack, policy, dir, e))
		return -1;
	if (r.failed)
		buf_printf(said, "# %zu of %zu tests of the policy failed; mend the policy, or the test where it is no longer right\n", r.failed, r.ran);
	return 0;
}

/* gridctl put policy DIR */
static int put_policy(struct put *p, const char *dir, struct err *e)
{
	struct pack pack = PACK_INIT;
	struct policy *policy = NULL;
	struct buf said = BUF_INIT, was = BUF_INIT, tests = BUF_INIT, where = BUF_INIT;
	const char *digest;
	int result = -1;

	if (pack_read(&pack, dir, e))
		goto done;
	policy = pack_load(&pack, dir, &p->k.cli.diag);
	if ((policy && run_tests(p, &pack, policy, dir, &tests, e)) || keeper_write(&p->k, "gridctl put", e) || gridctl_base(&p->k.at,
	    "policy", p->base, e))
		goto done;
	buf_printf(&where, "%s/", dir);
	if ((policy && lint_masters(p, policy, where.p, e)) || diag_end(&p->k.cli.diag, e)
	    || calendar_put(p->k.office, policy, dir, p->k.cli.now, e))
		goto done;
	if (tests.n > 0) {
		fwrite(tests.p, 1, tests.n, stderr);
		err_set(e, ERR_DATA, "%s: its own tests fail, nothing was written", dir);
		goto done;
	}
	result = 0;
	digest = moment_version(&p->k.at, "policy");
	if (digest && reg_version(p->k.reg, digest, &was, e)) {
		result = -1;
		goto done;
	}
	if (p->k.cli.dry_run)
		gridctl_print(buf_view(&pack.manifest));
	if (span_eq(buf_view(&was), buf_view(&pack.manifest))) {
		cli_say(&p->k.cli, "policy: nothing to change, nothing was committed");
		goto done;
	}
	commit_policy(p->k.commit, pack.bytes, pack.n, buf_view(&pack.manifest));
	buf_printf(&said, "%zu files; hazards reported before keep the version they were reported under", pack.n);
	result = finish(p, "policy", said.p, e);
done:
	policy_free(policy);
	pack_clear(&pack);
	buf_clear(&said);
	buf_clear(&was);
	buf_clear(&tests);
	buf_clear(&where);
	return result;
}

/* gridctl put register FILE */
static int put_register(struct put *p, const char *path, struct err *e)
{
	struct buf bytes = BUF_INIT, was = BUF_INIT;
	const char *digest;
	int result = -1;

	if (io_slurp(AT_FDCWD, path, SETTINGS_MAX, &bytes, e) || keeper_write(&p->k, "gridctl put", e)
	    || gridctl_base(&p->k.at, "register", p->base, e))
		goto done;
	settings_check(p->k.reg, strcmp(path, "-") ? path : "standard input", buf_view(&bytes), &p->k.cli.diag);
	digest = moment_version(&p->k.at, "register");
	if (diag_end(&p->k.cli.diag, e) || (digest && reg_version(p->k.reg, digest, &was, e)))
		goto done;
	result = 0;
	if (p->k.cli.dry_run)
		gridctl_print(buf_view(&bytes));
	if (span_eq(buf_view(&was), buf_view(&bytes))) {
		cli_say(&p->k.cli, "register: nothing to change, nothing was committed");
		goto done;
	}
	commit_version(p->k.commit, "register", buf_view(&bytes));
	result = finish(p, "register", "changed", e);
done:
	buf_clear(&bytes);
	buf_clear(&was);
	return result;
}

int gridctl_put(int argc, char **argv)
{
	struct put p = { .merge = false };
	struct err e = ERR_INIT;
	int first = cli_start(&p.k.cli, &program, argc, argv, &p);
	const struct table *t;

	if (gridctl_operands(&p.k.cli, first, argc, 2, 2, "a TABLE and a FILE, or policy and a DIR", &e) == 0) {
		if (!strcmp(argv[first], "policy"))
			put_policy(&p, argv[first + 1], &e);
		else if (!strcmp(argv[first], "register"))
			put_register(&p, argv[first + 1], &e);
		else if ((t = gridctl_table(argv[first], TABLE_MASTER, &e)) != NULL)
			put_table(&p, t, argv[first + 1], &e);
	}
	return keeper_end(&p.k, 0, &e);
}

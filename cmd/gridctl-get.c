/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "engine/pack.h"

struct get {
	struct keeper k;
	const char *known;
};

static const struct cli_option options[] = {
	{ "known", 0, "SEQ|TIME|CHECKPOINT", "the version that was committed up to there" },
	{ NULL, 0, NULL, NULL }
};

/* Takes --known. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct get *g = arg;

	(void)o;
	(void)e;
	g->known = value;
	return 0;
}

static const struct cli_program program = {
	.name = "gridctl get",
	.usage = "[options] TABLE\n[options] policy [FILE]",
	.about = "Print the committed version of a master table (or policy: its manifest; register: register.yaml).",
	.options = options,
	.on = on,
	.more = "With -v the digest of the version goes to standard error: what put --base and set --base take.",
};

/* The digest of a policy file, from the manifest into the buffer that held it. */
static int find_file(struct buf *manifest, const char *file, const char **digest, struct err *e)
{
	struct span rest = buf_view(manifest), line;
	const char *names[PACK_FILES_MAX], *near;
	size_t n = 0;

	while (span_split(&rest, '\n', &line) && n < PACK_FILES_MAX) {
		char *end = (char *)line.p + line.n;

		if (line.n <= DIGEST_HEX + 2)
			continue;
		*end = '\0';
		names[n++] = line.p + DIGEST_HEX + 2;
		if (strcmp(names[n - 1], file) == 0) {
			((char *)line.p)[DIGEST_HEX] = '\0';
			*digest = line.p;
			return 0;
		}
	}
	near = text_nearest(span_of(file), names, n);
	return err_set(e, ERR_USAGE, "the policy has no file \"%s\"%s%s%s", file, near ? "; did you mean " : "", near ? near : "",
	    near ? "?" : "; gridctl get policy lists them");
}

/* Print the version named; of the policy one file when it is named. */
static int print(struct get *g, const char *name, const char *file, struct err *e)
{
	struct buf bytes = BUF_INIT, manifest = BUF_INIT;
	const char *digest;
	int result;

	if (file && strcmp(name, "policy"))
		return err_set(e, ERR_USAGE, "takes one TABLE; only policy has files to name");
	if (strcmp(name, "policy") && strcmp(name, "register") && !gridctl_table(name, TABLE_MASTER, e))
		return -1;
	if (keeper_read(&g->k, g->known, false, e))
		return -1;
	digest = moment_version(&g->k.at, name);
	if (!digest)
		return err_set(e, ERR_PERSON,
		    "%s: this register has no committed version of it; run gridctl verify", name);
	result = file ? reg_version(g->k.reg, digest, &manifest, e) : 0;
	if (result == 0 && file)
		result = find_file(&manifest, file, &digest, e);
	if (result == 0)
		result = reg_version(g->k.reg, digest, &bytes, e);
	if (result == 0) {
		gridctl_print(buf_view(&bytes));
		if (g->k.cli.verbose)
			cli_say(&g->k.cli, "%s", digest);
	}
	buf_clear(&bytes);
	buf_clear(&manifest);
	return result;
}

int gridctl_get(int argc, char **argv)
{
	struct get g = { .known = NULL };
	struct err e = ERR_INIT;
	int first = cli_start(&g.k.cli, &program, argc, argv, &g);

	if (gridctl_operands(&g.k.cli, first, argc, 1, 2, "one TABLE, or policy and a file of it", &e) == 0)
		print(&g, argv[first], argc - first > 1 ? argv[first + 1] : NULL, &e);
	return keeper_end(&g.k, 0, &e);
}

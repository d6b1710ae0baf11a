/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <grp.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "engine/pack.h"

struct init {
	struct keeper k;
	const char *place, *office, *name, *language, *group;
	int offset;
};

static const struct cli_option options[] = {
	{ "place", 0, "NAME|DIR", "whose policy: a shipped place, or a directory (default: default)" },
	{ "office", 0, "CODE", "the code in front of every id: 1 to 12 of A-Z and 0-9" },
	{ "name", 0, "TEXT", "the office's name for papers (default: the place's name)" },
	{ "offset", 0, "+08:00", "the register's one fixed offset from UTC (default +08:00)" },
	{ "language", 0, "zh|en", "of papers (default zh)" },
	{ "shared", 0, "GROUP", "let this group write: files 0660, directories 2770" },
	{ NULL, 0, NULL, NULL }
};

/* Takes one option, its value checked. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct init *n = arg;

	if (!strcmp(o->name, "place")) {
		n->place = value;
	} else if (!strcmp(o->name, "office")) {
		n->office = value;
		if (!schema_office_ok(span_of(value)))
			return err_set(e, ERR_USAGE,
			    "\"%s\" is not an office code: 1 to 12 characters A-Z and 0-9", value);
	} else if (!strcmp(o->name, "name")) {
		n->name = value;
		if (!value[0] || text_clean(span_of(value)) != strlen(value))
			return err_set(e, ERR_USAGE, "\"%s\" is not a name: write text in UTF-8 on one line", value);
	} else if (!strcmp(o->name, "offset")) {
		if (!time_offset_read(span_of(value), &n->offset))
			return err_set(e, ERR_USAGE,
			    "\"%s\" is not an offset from UTC; write it like +08:00 (zones with daylight saving"
			    " are not taken)", value);
	} else if (!strcmp(o->name, "language")) {
		n->language = value;
		if (strcmp(value, "zh") && strcmp(value, "en"))
			return err_set(e, ERR_USAGE, "\"%s\" is not one of zh, en", value);
	} else {
		n->group = value;
		if (!getgrnam(value))
			return err_set(e, ERR_USAGE, "there is no group \"%s\" on this machine", value);
	}
	return 0;
}

static const struct cli_program program = {
	.name = "gridctl init",
	.usage = "[--place=NAME|DIR] --office=CODE [options] DIR",
	.about = "Make a register in a new or empty directory, with a place's policy.",
	.options = options,
	.on = on,
};

/* $GRIDLEDGER_DATA, or where the package put its data. */
static const char *data_dir(void)
{
	const char *v = getenv("GRIDLEDGER_DATA");

	return v && v[0] ? v : PKGDATADIR;
}

/* Lint the pack and make the register of it. */
static int make(struct init *n, const char *dir, struct err *e)
{
	struct buf from = BUF_INIT;
	struct pack pack = PACK_INIT;
	struct policy *p = NULL;
	struct cli *c = &n->k.cli;
	int result = -1;

	if (cli_now(c, n->offset, e) || pack_find(n->place, data_dir(), &from, e) || pack_read(&pack, from.p, e))
		goto done;
	n->k.actor = keeper_self(c);
	p = pack_load(&pack, from.p, &c->diag);
	if (diag_end(&c->diag, e))
		goto done;
	struct reg_new reg = { .office = n->office, .name = n->name ? n->name : p->name,
	    .language = n->language, .offset = n->offset,
		.group = n->group, .policy = pack.bytes, .npolicy = pack.n,
		    .manifest = buf_view(&pack.manifest), .now = c->now,
		.actor = n->k.actor, .command = "gridctl init" };
	result = reg_create(dir, &reg, e);
	if (result == 0) {
		c->recorded = true;
		cli_say(c, "%s: register %s (%s) with the policy of %s", dir, n->office, reg.name, p->place);
	}
done:
	policy_free(p);
	pack_clear(&pack);
	buf_clear(&from);
	return result;
}

int gridctl_init(int argc, char **argv)
{
	struct init n = { .place = "default", .language = "zh", .offset = 8 * 3600 };
	struct err e = ERR_INIT;
	int first = cli_start(&n.k.cli, &program, argc, argv, &n);

	if (gridctl_operands(&n.k.cli, first, argc, 1, 1, "one DIR, the directory to make", &e) == 0) {
		if (!n.office)
			err_set(&e, ERR_USAGE, "--office=CODE is needed: the code in front of every id, like T01");
		else
			make(&n, argv[first], &e);
	}
	return keeper_end(&n.k, 0, &e);
}

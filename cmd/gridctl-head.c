/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <string.h>

#include "register/verify.h"

struct head {
	struct keeper k;
	const char *known;
	bool brief;
};

static const struct cli_option options[] = {
	{ "short", 0, NULL, "one line, for the foot of a bulletin" },
	{ "known", 0, "SEQ|TIME", "of the newest commit up to there" },
	{ NULL, 0, NULL, NULL }
};

/* Takes the options. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct head *h = arg;

	(void)e;
	if (!strcmp(o->name, "short"))
		h->brief = true;
	else
		h->known = value;
	return 0;
}

static const struct cli_program program = {
	.name = "gridctl head",
	.usage = "[options]",
	.about = "Print a checkpoint of the newest commit: four lines to be kept, or signed, by another office.",
	.options = options,
	.on = on,
	.more = "gridctl verify --since=FILE proves later that the register extends it.",
};

int gridctl_head(int argc, char **argv)
{
	struct head h = { .brief = false };
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	int first = cli_start(&h.k.cli, &program, argc, argv, &h);

	if (gridctl_operands(&h.k.cli, first, argc, 0, 0, "no operand", &e) == 0 && keeper_read(&h.k, h.known,
	    false, &e) == 0) {
		if (h.brief)
			verify_short(h.k.reg, &h.k.at, &out);
		else
			verify_checkpoint(h.k.reg, &h.k.at, &out);
		if (out.n && out.p[out.n - 1] != '\n')
			buf_putc(&out, '\n');
		gridctl_print(buf_view(&out));
	}
	buf_clear(&out);
	return keeper_end(&h.k, 0, &e);
}

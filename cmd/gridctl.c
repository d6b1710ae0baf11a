/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include "base/clisub.h"

static const struct clisub commands[] = {
	{ "init", "make a register of a place", gridctl_init },
	{ "get", "print a master table as committed", gridctl_get },
	{ "put", "replace a master table or the policy", gridctl_put },
	{ "repin", "let hazards go by another version of the policy", gridctl_repin },
	{ "set", "change one row of a master table", gridctl_set },
	{ "check", "run the named checks over the whole register", gridctl_check },
	{ "verify", "prove that the register is what its journal says", gridctl_verify },
	{ "head", "print a checkpoint of the newest commit", gridctl_head },
	{ "log", "list commits, or every change of a value", gridctl_log },
	{ "cat", "print the committed rows of a ledger", gridctl_cat },
	{ "adopt", "take in rows that were added by another hand", gridctl_adopt },
	{ "tree", "print the tree of grids with counts per level", gridctl_tree },
};

int main(int argc, char **argv)
{
	const struct clisub_program p = { .name = "gridctl", .about = "Keep a register of hazard ledgers.", .shared = CLI_WRITER | CLI_FORMAT,
		.formats = "text|csv", .sub = commands, .n = sizeof commands / sizeof *commands };

	return clisub_main(&p, argc, argv);
}

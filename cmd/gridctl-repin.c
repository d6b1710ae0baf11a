/* SPDX-License-Identifier: MIT */
#include "gridctl.h"

#include <fcntl.h>
#include <string.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/text.h"
#include "model/update.h"

#define INPUT_MAX ((size_t)1 << 30)
#define PIN 12			/* hex digits in hazards.policy and in the event */

struct repin {
	struct keeper k;
	const char *reason, *to;
};

static const struct cli_option options[] = {
	{ "reason", 0, "TEXT", "why; kept in the events" },
	{ "to", 0, "VERSION", "the policy version to go by: 8 to 64 hex digits (default: the one in force)" },
	{ NULL, 0, NULL, NULL }
};

static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct repin *r = arg;
	size_t n = strlen(value);

	if (!strcmp(o->name, "reason")) {
		r->reason = value;
		if (!value[0] || text_clean(span_of(value)) != n)
			return err_set(e, ERR_USAGE, "\"%s\" is not a reason: write text in UTF-8 on one line", value);
		return 0;
	}
	r->to = value;
	if (n < 8 || n > DIGEST_HEX || !digest_is_hex(span_of(value), n))
		return err_set(e, ERR_USAGE, "\"%s\" is not a version; write 8 to 64 hex digits as gridctl log says them", value);
	return 0;
}

static const struct cli_program program = {
	.name = "gridctl repin",
	.usage = "[options] --reason=TEXT ID...|-",
	.about = "Let hazards go by another version of the policy from here on: its rules, workflow and gates.",
	.shared = CLI_WRITER,
	.options = options,
	.on = on,
	.more = "A hazard keeps the rules it was reported under until it is repinned.  Rows are read as by hazard-update: ids, or CSV\n"
	    "with a column hazard.  What a new due time makes of earlier notices is said.\n",
};

/* The committed version that begins so; what it is called in events. */
static int find_version(struct repin *r, char pin[PIN + 1], struct err *e)
{
	const struct policy *found = NULL;
	size_t n;

	if (office_policies(r->k.office, &n, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct policy *p = office_version(r->k.office, i);

		if (!r->to ? i > 0 : strncmp(p->digest, r->to, strlen(r->to)) != 0)
			continue;
		if (found && strcmp(found->digest, p->digest) != 0)
			return err_set(e, ERR_USAGE, "--to: several versions begin with %s; write more digits", r->to);
		found = p;
	}
	if (!found)
		return err_set(e, ERR_USAGE, "--to: no version of the policy begins with %s; gridctl log --changes lists them", r->to);
	memcpy(pin, found->digest, PIN);
	pin[PIN] = '\0';
	return 0;
}

/* Take the step on all that are named. */
static int take(char **argv, size_t n, struct update *u, struct err *e)
{
	struct buf bytes = BUF_INIT;
	int result = 0;

	if (n == 1 && !strcmp(argv[0], "-")) {
		result = io_slurp(AT_FDCWD, "-", INPUT_MAX, &bytes, e);
		if (result == 0)
			result = update_list(u, "standard input", buf_view(&bytes), e);
		buf_clear(&bytes);
		return result < 0 ? -1 : 0;
	}
	for (size_t i = 0; i < n && result >= 0; i++)
		result = update_one(u, NULL, 0, span_of(argv[i]), e);
	return result < 0 ? -1 : 0;
}

static int run(struct repin *r, char **argv, size_t n, struct err *e)
{
	const struct table *t = schema_table(SPAN("events"));
	struct span f[64] = { { NULL, 0 } };
	struct update u = { .d = &r->k.cli.diag, .step = SPAN("repin"), .f = f };
	struct buf rows = BUF_INIT;
	char pin[PIN + 1];
	int result = -1;

	if (keeper_write(&r->k, "gridctl repin", e) || find_version(r, pin, e))
		return -1;
	struct step_who who = { span_of(r->k.actor), r->k.cli.now, AT_FDCWD };

	u.office = r->k.office;
	u.repin = span_of(pin);
	f[schema_column(t, SPAN("reason"))] = span_of(r->reason);
	u.batch = step_batch_new(r->k.office, r->k.commit, &who);
	if (take(argv, n, &u, e) == 0 && diag_end(&r->k.cli.diag, e) == 0) {
		if (r->k.cli.dry_run)
			commit_pending_all(r->k.commit, &rows);
		gridctl_print(buf_view(&rows));
		result = u.rows > 0 ? keeper_commit(&r->k, e) : 0;
	}
	if (result == 0 && step_remarks(u.batch)->n > 0)
		cli_say(&r->k.cli, "%s", step_remarks(u.batch)->p);
	if (result == 0)
		cli_say(&r->k.cli, "%zu hazard%s by version %s", u.rows, u.rows == 1 ? " goes" : "s go", pin);
	step_batch_free(u.batch);
	buf_clear(&rows);
	return result;
}

int gridctl_repin(int argc, char **argv)
{
	struct repin r = { .reason = NULL };
	struct err e = ERR_INIT;
	int first = cli_start(&r.k.cli, &program, argc, argv, &r);

	if (gridctl_operands(&r.k.cli, first, argc, 1, argc, "hazards, or - to read them", &e) == 0) {
		if (!r.reason)
			err_set(&e, ERR_USAGE, "--reason=TEXT is needed: why they go by another version");
		else
			run(&r, argv + first, (size_t)(argc - first), &e);
	}
	return keeper_end(&r.k, 0, &e);
}

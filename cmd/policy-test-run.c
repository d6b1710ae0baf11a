/* SPDX-License-Identifier: MIT */
#include "policy-test.h"

#include <stdio.h>
#include <string.h>

#include "engine/policyrun.h"

static const struct cli_option options[] = {
	{ "filter", 0, "TEXT", "only the cases whose name contains TEXT" },
	{ NULL, 0, NULL, NULL }
};

/* Takes --filter. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	const char **filter = arg;

	(void)o, (void)e;
	*filter = value;
	return 0;
}

static const struct cli_program program = {
	.name = "policy-test run",
	.usage = "[options] FILE.test.yaml...|-",
	.about = "Run tests of a policy: each case in a private register of its own, which is removed afterwards.",
	.options = options,
	.on = on,
	.more = "Prints TAP: ok or not ok for each case, and behind one that fails FILE:LINE:COLUMN of what was "
		"expected.\n"
		"Status 1 when a case fails.  The registers lie under $TMPDIR, else /dev/shm, else /tmp.",
};

/* Set by a signal: the case under way is given up, its register removed. */
static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = sig;
}

/* Lines of the answer. */
static void say(void *arg, struct span lines)
{
	(void)arg;
	fwrite(lines.p, 1, lines.n, stdout);
	fflush(stdout);
}

int policy_test_run(int argc, char **argv)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct policyrun r = { .data = subject_data(), .say = say, .stop = &stop };
	struct sigaction act = { .sa_handler = on_signal };
	struct err e = ERR_INIT;
	struct cli c;
	int first = cli_start(&c, &program, argc, argv, &r.filter), result = 0;

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &act, NULL);
	r.diag = &c.diag;
	if (first == argc)
		result = err_set(&e, ERR_USAGE, "which tests? name files, or - for standard input");
	for (int i = first; i < argc && result == 0; i++)
		result = policyrun_file(&r, argv[i], &e);
	if (result)
		return cli_fail(&c, &e);
	printf("1..%zu\n", r.ran);
	if (!r.ran)
		cli_say(&c, "policy-test run: no case %s", r.filter ? "has such a name" : "was run");
	else if (r.failed)
		cli_say(&c, "policy-test run: %zu of %zu cases failed", r.failed, r.ran);
	return cli_end(&c, r.failed || !r.ran ? ERR_NO : ERR_OK);
}

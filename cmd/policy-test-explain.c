/* SPDX-License-Identifier: MIT */
#include "policy-test.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/policyexplain.h"

static const struct cli_option options[] = {	/* in the order of enum rule_field */
	{ "severity", 0, "WORD", "its severity" },
	{ "category", 0, "WORD", "its category" },
	{ "source", 0, "WORD", "how it was found" },
	{ "sector", 0, "WORD", "the sector of its subject" },
	{ "subject-kind", 0, "WORD", "the kind of its subject" },
	{ "emergency", 0, "yes|no", "reported as an emergency (default no)" },
	{ "tier", 0, "LEVEL", "the level that answers for it now" },
	{ "owner", 0, "ORGAN", "the organ it is assigned to" },
	{ NULL, 0, NULL, NULL }
};

/* Takes one fact, as said. */
static int on(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	const char **said = arg;

	(void)e;
	said[o - options] = value;
	return 0;
}

static const struct cli_program program = {
	.name = "policy-test explain",
	.usage = "[options] [DIR|PLACE]",
	.about = "Which rule is taken for a hazard like this, why not those before it, and what it says.",
	.options = options,
	.on = on,
	.more = "Words are ids, names or aliases of the policy.  What is not said matches no condition.",
};

/* The facts that were said. */
static int read_facts(const struct policy *p, const char *const *said, struct rule_facts *f, struct err *e)
{
	for (int i = 0; i < RULE_NFIELDS; i++)
		if (said[i] && policyexplain_fact(p, (enum rule_field)i, span_of(said[i]), f, e))
			return -1;
	return 0;
}

int policy_test_explain(int argc, char **argv)
{
	const char *said[RULE_NFIELDS] = { NULL };
	struct subject s = SUBJECT_INIT;
	struct rule_facts facts = { .day = 0 };
	struct buf out = BUF_INIT, shown = BUF_INIT, file = BUF_INIT;
	struct err e = ERR_INIT;
	struct cli c;
	int first = cli_start(&c, &program, argc, argv, said), status;

	if (subject_operands(first, argc, argv, 1, &e) == 0
	    && subject_load(&s, &c, first < argc ? argv[first] : NULL, &e) == 0
	    && read_facts(s.policy, said, &facts, &e) == 0) {
		buf_printf(&file, "%s/escalation.yaml", s.dir.p);
		policyexplain(s.policy, file.p, &facts, &out, &e);
	}
	if (e.status == ERR_OK) {
		text_escape(&shown, buf_view(&out), true);
		fwrite(shown.p, 1, shown.n, stdout);
		status = cli_end(&c, ERR_OK);
	} else {
		status = cli_fail(&c, &e);
	}
	buf_clear(&out);
	buf_clear(&shown);
	buf_clear(&file);
	subject_clear(&s);
	return status;
}

/* SPDX-License-Identifier: MIT */
#include "model/ruleids.h"

#include <stdlib.h>

#include "base/text.h"

/* What can be named of one rule. */
typedef void known_fn(const struct rule *r, struct names *known);

static void if_pilot(const struct rule *r, struct names *known)
{
	if (r->scope.set)
		names_add(known, span_of(r->id));
}

static void its_limits(const struct rule *r, struct names *known)
{
	for (size_t i = 0; i < r->nlimits; i++)
		names_add(known, span_of(r->limit[i].id));
}

/* Refuse what there is not. */
static int unknown(const char *option, const char *what, const struct names *known, struct span id, struct err *e)
{
	const char **all = mem_zalloc(known->n, sizeof *all), *near;
	struct buf list = BUF_INIT;

	for (uint32_t i = 0; i < known->n; i++)
		all[i] = names_at(known, i).p;
	near = text_nearest(id, all, known->n);
	text_list(&list, all, known->n, 40);
	err_set(e, ERR_USAGE, "--%s: \"%.*s\" is not %s%s%s%s: %s", option, (int)id.n, id.p, what, near ? ", did you mean " : "",
	    near ? near : "", near ? "?" : "", known->n > 0 ? list.p : "there is none");
	buf_clear(&list);
	free(all);
	return -1;
}

/* The ids of a list, all of which are known. */
static int read_list(struct office *o, const char *option, const char *what, known_fn *fn, const char *list, struct names *out, struct err *e)
{
	struct names known = { .v = NULL };
	struct span rest = span_of(list), id;
	size_t n;
	int result = office_policies(o, &n, e) < 0 ? -1 : 0;

	for (size_t i = 0; result == 0 && i < n; i++)
		for (size_t k = 0; k < office_version(o, i)->rules.all; k++)
			fn(&office_version(o, i)->rules.v[k], &known);
	while (result == 0 && span_split(&rest, ',', &id)) {
		id = span_trim(id);
		if (names_find(&known, id) == NAMES_NONE)
			result = unknown(option, what, &known, id, e);
		names_add(out, id);
	}
	names_clear(&known);
	return result;
}

int ruleids_pilots(struct office *o, const char *list, struct names *out, struct err *e)
{
	return read_list(o, "scope", "a rule with a scope", if_pilot, list, out, e);
}

int ruleids_limits(struct office *o, const char *list, struct names *out, struct err *e)
{
	return read_list(o, "limits", "a limit of the policy", its_limits, strcmp(list, "all") == 0 ? "" : list, out, e);
}

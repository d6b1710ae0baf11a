/* SPDX-License-Identifier: MIT */
#include "policy/rule.h"
#include <string.h>
#include "base/time.h"
#include "policy/overlay.h"

const char *const rule_field_name[RULE_NFIELDS] = {
	"severity", "category", "source", "sector", "subject_kind", "emergency", "tier", "owner",
};
const char *const rung_do_name[4] = { "remind", "escalate", "supervise", "notice" };

/* One test: 1, 0, or -1 with e.  What is unknown matches nothing, but emergency is no until it is said. */
static int test_match(const struct rule_test *t, const struct rule_facts *f, struct err *e)
{
	struct span id = f->id[t->field], name = f->name[t->field];
	if (t->field == RULE_EMERGENCY && id.n == 0)
		id = SPAN("no");
	for (size_t i = 0; i < t->nvalues; i++)
		if ((id.n > 0 && span_is(id, t->value[i])) || (name.n > 0 && span_is(name, t->value[i])))
			return 1;
	if (!t->pattern)
		return 0;
	int hit = id.n > 0 ? pattern_match(t->pattern, id, e) : 0;
	return hit == 0 && name.n > 0 ? pattern_match(t->pattern, name, e) : hit;
}

bool rule_in_scope(const struct rule *r, const struct rule_facts *f)
{
	const struct rule_scope *s = &r->scope;
	bool in = s->ngrids == 0;

	if (!s->set)
		return true;
	if ((s->from != DATE_NONE && f->day < s->from) || (s->to != DATE_NONE && f->day > s->to))
		return false;
	for (size_t i = 0; i < s->ngrids && !in; i++)
		in = f->within && f->within(f->arg, s->grid[i]);
	return in;
}

int rule_match(const struct rule *r, const struct rule_facts *f, struct err *e)
{
	int hit = rule_in_scope(r, f);

	for (size_t k = 0; k < r->ntests && hit == 1; k++) {
		hit = test_match(&r->when[k], f, e);
		if (hit < 0)
			return err_prefix(e, "policy/escalation.yaml:%d: rule %s: %s", r->line, r->id, rule_field_name[r->when[k].field]);
	}
	return hit;
}

int rules_match(const struct rules *r, const struct rule_facts *f, struct err *e)
{
	for (size_t i = 0; i < r->n; i++) {
		int hit = rule_match(&r->v[i], f, e);

		if (hit != 0)
			return hit < 0 ? -1 : (int)i;
	}
	return err_set(e, ERR_DATA, "no rule of escalation.yaml matches; the last one must match everything");
}

void rule_where(const struct rule *r, struct buf *out)
{
	buf_printf(out, "escalation.yaml:%d", r->line);
	for (size_t i = 0; r->overlay && i < r->overlay->n; i++)
		if (r->entries >> i & 1)
			buf_printf(out, ", %s:%d", r->overlay->path, r->overlay->v[i].says.line);
}

const char *rung_file(const struct rule *r, const struct rung *g)
{
	return g->added && r->overlay ? r->overlay->path : "escalation.yaml";
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "engine/policyrunint.h"
#include "model/list.h"

#define FIELDS_MAX 64	/* columns in one expectation */

/* An expectation being compared with the register as it is. */
struct looking {
	struct policyrun_case *c;
	const struct yaml_node *want;
	const struct yaml_node *value[FIELDS_MAX];	/* what each column shall be … */
	const char *name[FIELDS_MAX];
	int col[FIELDS_MAX + 1];			/* … the hazard's id last */
	size_t n;
	char when[TIME_LEN + 1];
	uint32_t ref;			/* of the hazard compared */
	struct span id;
	bool zh;			/* the values are labels */
	bool differs[FIELDS_MAX];	/* by its id; then by its label too */
	char *found[FIELDS_MAX];
};

/* Are an expected and a found value the same?  yes and no as flags, none and - as nothing, times in any form. */
static bool fits(const struct looking *l, const struct yaml_node *want, struct span found)
{
	struct err ignored = ERR_INIT;
	int64_t a, b;
	bool flag;

	if (span_eq(want->text, found))
		return true;
	if (want->plain && yaml_bool(want, &flag))
		return span_eq(found, flag ? SPAN("yes") : SPAN(""));
	if (span_is(want->text, "none") || span_is(want->text, "-"))
		return found.n == 0;
	return time_read(found, l->c->file->offset, &a)
	    && time_parse(want->text, l->c->file->offset, &b, NULL, &ignored) == 0 && a == b;
}

/* A row of the list: the hazard asked for, or another one. */
static int on_hazard(void *arg, const struct hazard *h, const struct span *v)
{
	struct looking *l = arg;

	(void)h;
	if (!span_eq(v[l->n], l->id))
		return 0;
	for (size_t i = 0; i < l->n; i++) {
		bool fit = fits(l, l->value[i], v[i]);

		if (!l->zh) {
			l->differs[i] = !fit;
			free(l->found[i]);
			l->found[i] = mem_spandup(v[i]);
		} else if (fit) {
			l->differs[i] = false;
		}
	}
	return 0;
}

/* Compare one hazard. */
static int look_at(struct looking *l, struct fold *f, const struct list_columns *all, int64_t at, struct err *e)
{
	struct list_want want = {
		.columns = all, .col = l->col, .n = l->n + 1, .now = at, .hazard = true, .nthreads = 1
	};
	void *args = l;

	for (int zh = 0; zh < 2; zh++) {
		l->zh = want.zh = zh == 1;
		if (list_run(f, &want, on_hazard, &args, e))
			return -1;
	}
	for (size_t i = 0; i < l->n; i++)
		if (l->differs[i])
			policyrun_fail(l->c, l->value[i], "%.*s at %s: %s: expected %s, found %s",
			    (int)names_at(&l->c->refs, l->ref).n, names_at(&l->c->refs, l->ref).p, l->when,
			    l->name[i], yaml_text(l->value[i]), l->found[i][0] ? l->found[i] : "none");
	return 0;
}

/* The columns of hazard-list that the expectation names; false when one is none. */
static bool find_fields(struct looking *l, const struct list_columns *all)
{
	struct err e = ERR_INIT;
	bool good = true;

	for (size_t i = 0; i < l->want->n; i++) {
		const struct yaml_node *key = l->want->key[i];
		int col;

		if (span_is(key->text, "hazard") || span_is(key->text, "notices") || span_is(key->text, "acts"))
			continue;
		err_clear(&e);
		col = list_column(all, key->text, &e);
		if (col < 0 || l->n == FIELDS_MAX) {
			policyrun_fail(l->c, key, "%s", col < 0 ? e.text : "too many columns in one expectation");
			good = false;
			continue;
		}
		l->name[l->n] = yaml_text(key);
		l->value[l->n] = l->want->item[i];
		l->col[l->n++] = col;
	}
	l->col[l->n] = list_column(all, SPAN("hazard"), &e);
	return good;
}

/* Compare the columns of the hazards named, or of the only one. */
static int look_at_all(struct looking *l, struct fold *f, const struct list_columns *all, int64_t at, struct err *e)
{
	const struct yaml_node *named = yaml_get(l->want, "hazard"), *const *v;
	size_t n = policyrun_items(&named, &v);
	int result = 0;

	if (named == NULL && l->n > 0 && l->c->refs.n != 1) {
		policyrun_fail(
		    l->c, l->want, "which hazard? there are %u in this case; add hazard: REF", l->c->refs.n);
		return 0;
	}
	for (size_t i = 0; i < (named == NULL ? 1 : n) && l->n > 0 && result == 0; i++) {
		l->ref = named == NULL ? 0 : policyrun_ref(l->c, v[i]->text);
		if (l->ref == NAMES_NONE) {
			policyrun_fail(
			    l->c, v[i], "hazard: no hazard of this case has the ref \"%s\"", yaml_text(v[i]));
			continue;
		}
		l->id = span_of(l->c->id[l->ref]);
		result = look_at(l, f, all, at, e);
	}
	return result;
}

int policyrun_expect(struct policyrun_case *c, const struct yaml_node *want, int64_t at, struct err *e)
{
	struct looking l = { .c = c, .want = want };
	const struct yaml_node *notices = yaml_get(want, "notices"), *acts = yaml_get(want, "acts");
	struct office *o = office_open(c->reg.p, NULL, e);
	struct list_columns *all = o != NULL ? list_columns_new(o->policy) : NULL;
	struct fold *f = o != NULL ? fold_all(o, INT64_MAX, 1, e) : NULL;
	int result = f != NULL ? 0 : -1;

	time_write(at, c->file->offset, l.when);
	l.when[16] = '\0';		/* to the minute, which is what tests speak of */
	if (result == 0 && find_fields(&l, all))
		result = look_at_all(&l, f, all, at, e);
	if (result < 0 && e->status == ERR_DATA) {	/* a deadline that cannot be reckoned is the policy's fault */
		policyrun_fail(c, want, "%s", e->text);
		err_clear(e);
		result = 0;
	}
	if (result == 0 && notices != NULL)
		result = policyrun_notices(c, notices, l.when, e);
	if (result == 0 && acts != NULL)
		result = policyrun_acts(c, acts, l.when, e);
	for (size_t i = 0; i < FIELDS_MAX; i++)
		free(l.found[i]);
	list_columns_free(all);
	fold_free(f);
	office_close(o);
	return result;
}

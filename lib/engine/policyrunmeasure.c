/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/policyrunint.h"
#include "model/record.h"
#include "model/writing.h"

struct span policyrun_measure_id(const struct policyrun_case *c, struct span said)
{
	uint32_t i = names_find(&c->measures, said);

	return i == NAMES_NONE ? said : span_of(c->measure[i]);
}

/* Remember what the case calls a measure. */
static void note_measure(struct policyrun_case *c, struct span ref, const char *id)
{
	uint32_t n = names_add(&c->measures, ref);

	MEM_GROW(c->measure, c->measures_cap, (size_t)c->measures.n);
	memcpy(c->measure[n], id, ID_MAX);
}

/* The hazard of the measure: the one that is named, or the only one; what was said when the case knows none of it. */
static struct span hazard_of(const struct policyrun_case *c, const struct yaml_node *named)
{
	uint32_t i = named != NULL ? policyrun_ref(c, named->text) : c->refs.n == 1 ? 0 : NAMES_NONE;

	if (i != NAMES_NONE)
		return span_of(c->id[i]);
	return named != NULL ? named->text : (struct span){ "", 0 };
}

/* The row added; 0 with its id, 1, -1. */
static int take_in(struct policyrun_case *c, const struct yaml_node *row, struct writing *w, int64_t at, struct diag *d,
    char id[ID_MAX], struct err *e)
{
	const struct yaml_node *named = yaml_get(row, "hazard");
	struct span *name = mem_zalloc(row->n + 1, sizeof *name), *value = mem_zalloc(row->n + 1, sizeof *value);
	struct record r = { .csv = false };
	size_t n = 0;
	int result;

	for (size_t i = 0; i < row->n; i++) {
		struct span key = row->key[i]->text, said = row->item[i]->text;

		if (span_is(key, "ref") || row->item[i] == named)
			continue;
		name[n] = key;
		value[n++] = span_is(key, "replaces") ? policyrun_measure_id(c, said) : said;
	}
	if (named != NULL || yaml_get(row, "replaces") == NULL) {	/* else that of the measure it replaces */
		name[n] = SPAN("hazard");
		value[n++] = hazard_of(c, named);
	}
	record_start(&r, schema_table(SPAN("measures")), w->office, w->commit, w->actor, at);
	result = record_bind(&r, c->file->f->name, name, n, d) ? 1
	    : record_row(&r, c->file->f->name, row->line, value, id, d, e);
	record_end(&r);
	free(name);
	free(value);
	return result;
}

int policyrun_measure(struct policyrun_case *c, const struct yaml_node *row, int64_t at, const char *by, struct buf *why,
    struct err *e)
{
	const struct yaml_node *ref = yaml_get(row, "ref");
	char id[ID_MAX] = "";
	int result = policyrun_take(c, row, at, by, "ledger-add measures", take_in, id, why, e);

	if (result == 0 && ref != NULL)
		note_measure(c, ref->text, id);
	return result;
}

/* SPDX-License-Identifier: MIT */
#include "engine/noted.h"

#include <stdlib.h>

#include "base/time.h"
#include "register/ledger.h"

static bool asks(const struct rung *g)
{
	return g->hush.n > 0;
}

static bool policy_asks(const struct policy *p)
{
	for (size_t i = 0; i < p->rules.all; i++) {
		const struct rule *r = &p->rules.v[i];

		if (asks(&r->handed))
			return true;
		for (size_t k = 0; k < r->nrungs; k++)
			if (asks(&r->rung[k]))
				return true;
		for (size_t k = 0; k < r->nlimits; k++)
			if (asks(&r->limit[k].miss))
				return true;
	}
	return false;
}

/* The last time for each name. */
struct times {
	struct names names;
	int64_t *at;
	size_t cap;
};

static void put(struct times *x, struct span name, int64_t at)
{
	uint32_t before = x->names.n, n = names_add(&x->names, name);

	MEM_GROW(x->at, x->cap, (size_t)n + 1);
	if (n == before || x->at[n] < at)
		x->at[n] = at;
}

struct reading {
	struct times papers, hazards;
	int offset;
};

/* A delivery: act, notice, at. */
static int on_delivery(void *arg, const struct scan_row *row)
{
	struct reading *x = arg;
	int64_t at;

	if ((span_is(row->f[0], "ack") || span_is(row->f[0], "reply")) && time_read(row->f[2], x->offset, &at))
		put(&x->papers, row->f[1], at);
	return 0;
}

/* A line of a paper: notice, hazard. */
static int on_line(void *arg, const struct scan_row *row)
{
	struct reading *x = arg;
	uint32_t paper = names_find(&x->papers.names, row->f[0]);

	if (paper != NAMES_NONE && row->f[1].n > 0)
		put(&x->hazards, row->f[1], x->papers.at[paper]);
	return 0;
}

/* Both ledgers, the second only when the first names a paper. */
static int read_both(struct reading *x, struct reg *r, const struct moment *m, struct err *e)
{
	const struct table *d = schema_table(SPAN("deliveries")), *l = schema_table(SPAN("notice-lines"));
	int acts[] = { schema_column(d, SPAN("act")), schema_column(d, SPAN("notice")), schema_column(d, SPAN("at")) };
	int lines[] = { schema_column(l, SPAN("notice")), schema_column(l, SPAN("hazard")) };
	void *arg = x;

	if (ledger_scan(r, m, "deliveries", acts, 3, on_delivery, &arg, 1, e) < 0)
		return -1;
	return x->papers.names.n > 0 ? ledger_scan(r, m, "notice-lines", lines, 2, on_line, &arg, 1, e) : 0;
}

int noted_load(struct noted *n, struct office *o, const struct moment *m, struct err *e)
{
	struct reading x = { .offset = o->reg->offset };
	bool wanted = false;
	size_t versions;
	int result = 0;

	if (office_policies(o, &versions, e) < 0)
		return -1;
	for (size_t i = 0; i < versions && !wanted; i++)
		wanted = policy_asks(office_version(o, i));
	if (wanted)
		result = read_both(&x, o->reg, m, e);
	names_clear(&x.papers.names);
	free(x.papers.at);
	*n = (struct noted){ x.hazards.names, x.hazards.at, x.hazards.cap };
	return result;
}

int64_t noted_at(const struct noted *n, struct span hazard)
{
	uint32_t i = n->hazards.n > 0 ? names_find(&n->hazards, hazard) : NAMES_NONE;

	return i != NAMES_NONE ? n->at[i] : TIME_NONE;
}

void noted_clear(struct noted *n)
{
	names_clear(&n->hazards);
	free(n->at);
	*n = (struct noted){ .at = NULL };
}

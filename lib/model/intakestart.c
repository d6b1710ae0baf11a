/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>

#include "model/intakeint.h"

/* Has the register no hazard yet? */
static bool is_empty(const struct office *o, const struct table *t)
{
	const struct moment_ledger *l = moment_ledger(&o->at, t->name);
	struct buf header = BUF_INIT;
	bool empty;

	schema_header(t, &header);
	empty = l != NULL && l->segment == 1 && l->size <= (off_t)header.n;
	buf_clear(&header);
	return empty;
}

void intake_start(struct intake *in, struct office *o, struct commit *c, struct span actor, int64_t now)
{
	struct step_who who = { actor, now, AT_FDCWD };
	struct intake_state *s = mem_zalloc(1, sizeof *s);
	const struct table *t = schema_table(SPAN("hazards"));

	*in = (struct intake){ .office = o, .commit = c, .now = now, .actor = actor, .state = s };
	in->batch = step_batch_new(o, c, &who);
	s->t = t;
	s->values = values_new(o);
	s->first = is_empty(o, t);
	intake_gate_start(s, o->policy);
	s->col = (struct hazard_columns){ .hazard = t->key, .commit = schema_column(t, SPAN("commit")),
		.reported = schema_column(t, SPAN("reported_at")), .found = schema_column(t, SPAN("found_at")),
		.grid = schema_column(t, SPAN("grid")), .subject = schema_column(t, SPAN("subject")),
		.severity = schema_column(t, SPAN("severity")), .reporter = schema_column(t, SPAN("reporter")),
		.policy = schema_column(t, SPAN("policy")), .ref = schema_column(t, SPAN("ref")),
		.description = schema_column(t, SPAN("description")) };
}

void intake_end(struct intake *in)
{
	struct intake_state *s = in->state;

	if (s == NULL)
		return;
	step_batch_free(in->batch);
	free(in->column);
	values_free(s->values);
	buf_clear(&s->text);
	ledger_filter_free(s->filter);
	free(s->row);
	free(s->refs.slot);
	free(s->likes.slot);
	arena_clear(&s->mem);
	free(s);
	*in = (struct intake){ .office = NULL };
}

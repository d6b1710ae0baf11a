/* SPDX-License-Identifier: MIT */
#include "model/intakeint.h"

#include <stdlib.h>

#include "base/text.h"

/* The step and column of "assign.owner"; 1 bound, 0 it is none, -1 after a complaint. */
static int bind_step(struct intake *in, const char *file, struct span name, struct intake_column *c,
    struct diag *d)
{
	const struct policy *p = in->office->policy;
	const struct vocab *steps = policy_vocab(p, "step");
	const struct table *events = schema_table(SPAN("events"));
	const char *dot = memrchr(name.p, '.', name.n);
	struct span head, tail;
	struct buf words = BUF_INIT;
	const struct wf_step *s;
	int i;

	if (dot == NULL || steps == NULL)
		return 0;
	head = span_trim((struct span){ name.p, (size_t)(dot - name.p) });
	tail = span_trim((struct span){ dot + 1, (size_t)(name.p + name.n - dot - 1) });
	i = vocab_find(steps, head);
	if (i < 0) {
		values_words(&words, steps, head);
		inputrow_complain(file, 1, NULL, d, "unknown step \"%.*s\" in column \"%.*s\"; steps are %s",
		    (int)head.n, head.p,
		    (int)name.n, name.p, words.p);
		buf_clear(&words);
		return -1;
	}
	s = &p->workflow.step[workflow_step(&p->workflow, steps->v[i].id, strlen(steps->v[i].id))];
	if (s->sweep || s->effect == WF_CORRECT || s->effect == WF_RETRACT || s->effect == WF_REPIN) {
		inputrow_complain(file, 1, NULL, d,
		    "column \"%.*s\": %s is not a step that comes with a new hazard", (int)name.n, name.p,
		    s->id);
		return -1;
	}
	c->kind = INTAKE_STEP;
	c->step = span_of(s->id);
	c->col = span_is(tail, "evidence") ? INTAKE_EVIDENCE : schema_column_label(events, tail);
	if (c->col != -1 && (c->col < 0 || (c->col != events->key &&
	    !span_is(span_of(events->columns[c->col].name), "hazard") &&
	    !span_is(span_of(events->columns[c->col].name), "commit") &&
	    !span_is(span_of(events->columns[c->col].name), "step"))))
		return 1;
	i = schema_nearest_column(events, tail);
	inputrow_complain(file, 1, NULL, d, "unknown column \"%.*s\": a step has no \"%.*s\"%s%s%s",
	    (int)name.n, name.p, (int)tail.n, tail.p,
	    i >= 0 ? "; did you mean " : "", i >= 0 ? events->columns[i].name : "", i >= 0 ? "?" : "");
	return -1;
}

/* What an input column is; -1 after a complaint. */
static int bind_column(struct intake *in, const char *file, struct span name, size_t number,
    struct intake_column *c, struct diag *d)
{
	static const char *const given[] = { "hazard", "commit", "policy", NULL };
	struct intake_state *s = in->state;
	int bound;

	*c = (struct intake_column){ .kind = INTAKE_IGNORED };
	if (span_is(name, INTAKE_REJECTED_LINE) || span_is(name, INTAKE_REJECTED_REASON))
		return 0;
	c->col = inputrow_column(s->t, given, file, name, number, d);
	if (c->col == INPUTROW_BAD)
		return -1;
	c->kind = INTAKE_HAZARD;
	if (c->col >= 0)
		return 0;
	bound = bind_step(in, file, name, c, d);
	if (bound != 0)
		return bound < 0 ? -1 : 0;
	inputrow_unknown(s->t, file, name, d);
	return -1;
}

/* The same column twice cannot be: which one holds? */
static void check_doubles(struct intake *in, const char *file, const struct span *header, struct diag *d)
{
	for (size_t i = 0; i < in->ncolumns; i++)
		for (size_t k = 0; k < i; k++) {
			const struct intake_column *a = &in->column[k], *b = &in->column[i];

			if (b->kind == INTAKE_IGNORED || a->kind != b->kind || a->col != b->col ||
			    !span_eq(a->step, b->step))
				continue;
			inputrow_double(file, header, k, i, d);
		}
}

/* The steps of the header in workflow order. */
static void make_groups(struct intake *in)
{
	const struct workflow *w = &in->office->policy->workflow;
	struct intake_state *s = in->state;

	s->group = arena_alloc(&s->mem, (w->nsteps + 1) * sizeof *s->group);
	s->ngroups = 0;
	for (size_t i = 0; i < w->nsteps; i++) {
		struct intake_group *g = &s->group[s->ngroups];

		*g = (struct intake_group){ .step = (int)i, .id = span_of(w->step[i].id) };
		for (size_t k = 0; k < in->ncolumns; k++) {
			if (in->column[k].kind != INTAKE_STEP || !span_eq(in->column[k].step, g->id))
				continue;
			if (g->cell == NULL)
				g->cell = arena_alloc(&s->mem, in->ncolumns * sizeof *g->cell);
			g->cell[g->ncells++] = k;
		}
		s->ngroups += g->ncells > 0;
	}
}

int intake_bind(struct intake *in, const char *file, const struct span *header, size_t n, struct diag *d)
{
	struct intake_state *s = in->state;
	size_t before = d->errors;
	bool bad = false;

	free(in->column);
	in->column = mem_zalloc(n + 1, sizeof *in->column);
	in->ncolumns = n;
	for (size_t i = 0; i < n; i++) {
		if (bind_column(in, file, span_trim(header[i]), i + 1, &in->column[i], d) < 0) {
			in->column[i].kind = INTAKE_IGNORED;
			bad = true;
		} else if (in->column[i].kind == INTAKE_HAZARD) {
			s->bound[in->column[i].col] = true;
			s->cell[in->column[i].col] = i;
		}
	}
	check_doubles(in, file, header, d);
	if (!bad && file != NULL && !s->bound[s->col.description])
		inputrow_complain(file, 1, NULL, d, "no column \"%s\" (%s): every hazard needs one",
		    s->t->columns[s->col.description].name,
		    s->t->columns[s->col.description].title_zh);
	make_groups(in);
	return d->errors == before ? 0 : -1;
}

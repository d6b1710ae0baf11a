/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "engine/policyrunint.h"
#include "engine/sweep.h"
#include "model/intake.h"
#include "model/step.h"
#include "model/writing.h"
#include "register/ledger.h"

#define COLUMNS_MAX 64		/* of events.csv; there are fewer */

/* What a program would be told on its command line. */
static struct cli cli_at(const struct policyrun_case *c, int64_t at, const char *by)
{
	struct cli cli = { .prog = "policy-test",
		.dir = c->reg.p,
		.now = at,
		.actor = by,
		.lock_wait_ms = 1000,
		.quiet = true,
		.allow_network = true };

	diag_init(&cli.diag, NULL, NULL, 0);
	return cli;
}

/* Is it a refusal, whichever way it is told?  Then why has it and e is clear. */
static int refusal(int result, struct policyrun_catch *catch, struct buf *why, struct err *e)
{
	bool complained = catch->d.errors > 0;

	policyrun_caught(catch, why);
	if (!complained)	/* warnings refuse nothing */
		buf_reset(why);
	if (result < 0 && (e->status == ERR_DATA || e->status == ERR_USAGE)) {
		buf_printf(why, "%s\n", e->text);
		err_clear(e);
		return 1;
	}
	return result < 0 ? -1 : why->n > 0;
}

/* Remember what the case calls a hazard. */
static void note_ref(struct policyrun_case *c, struct span ref, const char *id)
{
	uint32_t n = names_add(&c->refs, ref);

	MEM_GROW(c->id, c->ids_cap, (size_t)c->refs.n);
	memcpy(c->id[n], id, ID_MAX);
}

/* One row taken in; 0 with its id, 1, -1. */
static int take_in(struct policyrun_case *c, const struct yaml_node *row, struct writing *w, int64_t at,
    struct diag *d, char id[ID_MAX], struct err *e)
{
	struct span *name = mem_zalloc(row->n, sizeof *name), *value = mem_zalloc(row->n, sizeof *value);
	struct intake in = { .office = NULL };
	bool old = false;
	int result;

	for (size_t i = 0; i < row->n; i++) {
		name[i] = row->key[i]->text;
		value[i] = row->item[i]->text;
	}
	intake_start(&in, w->office, w->commit, w->actor, at);
	result = intake_bind(&in, c->file->f->name, name, row->n, d) ? 1
	    : intake_row(&in, c->file->f->name, row->line, value, id, &old, d, e);
	intake_end(&in);
	free(name);
	free(value);
	return result;
}

int policyrun_take(struct policyrun_case *c, const struct yaml_node *row, int64_t at, const char *by, const char *program,
    policyrun_take_fn *take, char id[ID_MAX], struct buf *why, struct err *e)
{
	struct cli cli = cli_at(c, at, by);
	struct writing w = { .cli = &cli };
	struct policyrun_catch catch;
	int result;

	policyrun_catch(&catch);
	result = writing_open(&w, &cli, program, "", true, e);
	if (result == 0)
		result = take(c, row, &w, at, &catch.d, id, e);
	if (result == 0)
		result = writing_close(&w, NULL, e);
	writing_drop(&w);
	return refusal(result, &catch, why, e);
}

int policyrun_add(
    struct policyrun_case *c, const struct yaml_node *row, int64_t at, const char *by, struct buf *why, struct err *e)
{
	const struct yaml_node *ref = yaml_get(row, "ref");
	char id[ID_MAX] = "", made[32];
	int result = policyrun_take(c, row, at, by, "hazard-add", take_in, id, why, e);

	snprintf(made, sizeof made, "%u", c->refs.n + 1);
	if (result == 0)
		note_ref(c, ref != NULL ? ref->text : span_of(made), id);
	return result;
}

/* The files that prove a step, made where the register's own lie not; their paths, joined by ;. */
static int make_proofs(struct policyrun_case *c, const struct yaml_node *said, struct buf *paths, struct err *e)
{
	const struct yaml_node *const *v;
	size_t n = policyrun_items(&said, &v);
	struct buf path = BUF_INIT;
	int result = 0;

	for (size_t i = 0; i < n && result >= 0; i++) {
		const char *name = yaml_text(v[i]);
		const char *slash = strrchr(name, '/');

		buf_reset(&path);
		buf_printf(&path, "%s/%s", c->root, slash != NULL ? slash + 1 : name);
		result = io_create(AT_FDCWD, path.p, 0600, v[i]->text, e);
		buf_printf(paths, "%s%s", paths->n ? ";" : "", path.p);
	}
	buf_clear(&path);
	return result < 0 ? -1 : 0;
}

/* The columns of a step; false when one is none (said to d). */
static bool read_columns(struct policyrun_case *c, const struct yaml_node *row, struct span *f, struct diag *d)
{
	const struct table *t = schema_table(SPAN("events"));
	bool good = true;

	for (size_t i = 0; i < row->n; i++) {
		const struct yaml_node *key = row->key[i];
		int col = schema_column_label(t, key->text),
		    near = col < 0 ? schema_nearest_column(t, key->text) : -1;

		if (span_is(key->text, "evidence") || span_is(key->text, "step") || span_is(key->text, "hazard"))
			continue;
		if (col >= 0 && row->item[i]->kind == YAML_SCALAR) {
			f[col] = strcmp(t->columns[col].name, "measure") == 0 ? policyrun_measure_id(c, row->item[i]->text) : row->item[i]->text;
			continue;
		}
		good = false;
		diag_pos(d, c->file->f->name, key->line, key->col, "\"%s\" is not a column of a step%s%s%s",
		    yaml_text(key), near >= 0 ? "; did you mean " : "", near >= 0 ? t->columns[near].name : "",
		    near >= 0 ? "?" : "");
	}
	return good;
}

/* A step that is to be undone, being looked for among the events of its hazard. */
struct undoing {
	const struct workflow *w;
	struct span hazard;
	int step;
	struct names taken, gone;	/* events of the step; of these and others, those that were retracted */
};

/* A row of events.csv: event, hazard, step, key. */
static int on_event(void *arg, const struct scan_row *row)
{
	struct undoing *u = arg;
	int step = workflow_step(u->w, row->f[2].p, row->f[2].n);

	if (!span_eq(row->f[1], u->hazard) || step < 0)
		return 0;
	if (step == u->step)
		names_add(&u->taken, row->f[0]);
	if (u->w->step[step].effect == WF_RETRACT)
		names_add(&u->gone, row->f[3]);
	return 0;
}

/* The last event of the step that stands, into id; empty when there is none. */
static int find_undone(
    struct policyrun_case *c, struct office *o, struct span hazard, int step, struct buf *id, struct err *e)
{
	const struct table *t = schema_table(SPAN("events"));
	const int cols[4] = { t->key, schema_column(t, SPAN("hazard")), schema_column(t, SPAN("step")),
		schema_column(t, SPAN("key")) };
	struct undoing u = { .w = &c->file->policy->workflow, .hazard = hazard, .step = step };
	void *args = &u;
	int result = ledger_scan(o->reg, &o->at, "events", cols, 4, on_event, &args, 1, e);

	buf_reset(id);
	for (uint32_t i = u.taken.n; result == 0 && i-- > 0 && id->n == 0;)
		if (names_find(&u.gone, names_at(&u.taken, i)) == NAMES_NONE)
			buf_span(id, names_at(&u.taken, i));
	names_clear(&u.taken);
	names_clear(&u.gone);
	return result;
}

/* A step by its id or by the place's own word; -1 none. */
static int named_step(const struct policy *p, struct span word)
{
	const struct vocab *steps = policy_vocab(p, "step");
	int step = workflow_step(&p->workflow, word.p, word.n), i = -1;

	if (step < 0 && steps != NULL)
		i = vocab_find(steps, word);
	return i >= 0 ? workflow_step(&p->workflow, steps->v[i].id, strlen(steps->v[i].id)) : step;
}

/* What a retraction undoes: a test knows no ids of events and names the step; its last event that stands is meant. */
static int name_undone(struct policyrun_case *c, const struct yaml_node *row, struct office *o, struct step_said *said,
    struct buf *id, struct diag *d, struct err *e)
{
	const struct workflow *w = &c->file->policy->workflow;
	const struct yaml_node *key = yaml_get(row, "key");
	int does = named_step(c->file->policy, said->step), step;

	if (key == NULL || key->kind != YAML_SCALAR || does < 0 || w->step[does].effect != WF_RETRACT)
		return 0;
	step = named_step(c->file->policy, key->text);
	if (step < 0)
		return 0;		/* the id of an event, or a mistake that is told of like any other */
	if (find_undone(c, o, said->hazard, step, id, e))
		return -1;
	if (id->n == 0)
		diag_pos(d, c->file->f->name, key->line, key->col, "key: no step %s of this hazard stands",
		    yaml_text(key));
	said->f[schema_column(schema_table(SPAN("events")), SPAN("key"))] = buf_view(id);
	return 0;
}

/* The step on each hazard that is named, or on the only one. */
static int take_steps(struct policyrun_case *c, const struct yaml_node *row, struct step_batch *b,
    struct office *o, struct step_said *said, struct diag *d, struct err *e)
{
	const struct yaml_node *named = yaml_get(row, "hazard"), *const *v;
	size_t n = policyrun_items(&named, &v);
	struct buf undone = BUF_INIT;
	int result = 0;

	if (named == NULL && c->refs.n != 1) {
		diag_pos(d, c->file->f->name, row->line, row->col,
		    "which hazard? there are %u in this case; add hazard: REF", c->refs.n);
		return 0;
	}
	for (size_t i = 0; i < (named == NULL ? 1 : n) && result == 0; i++) {
		uint32_t at = named == NULL ? 0 : policyrun_ref(c, v[i]->text);

		if (at == NAMES_NONE) {
			diag_pos(d, c->file->f->name, v[i]->line, v[i]->col,
			    "hazard: no hazard of this case has the ref \"%s\"", yaml_text(v[i]));
			break;
		}
		said->hazard = span_of(c->id[at]);
		result = name_undone(c, row, o, said, &undone, d, e);
		if (result == 0 && d->errors == 0)
			result = step_take(b, said, d, e);
	}
	buf_clear(&undone);
	return result < 0 ? -1 : 0;
}

int policyrun_step(
    struct policyrun_case *c, const struct yaml_node *row, int64_t at, const char *by, struct buf *why, struct err *e)
{
	struct cli cli = cli_at(c, at, by);
	struct writing w = { .cli = &cli };
	struct span f[COLUMNS_MAX] = { { NULL, 0 } };
	struct buf proofs = BUF_INIT;
	struct step_said said = {
		.step = yaml_get(row, "step")->text, .f = f, .file = c->file->f->name, .line = row->line
	};
	struct policyrun_catch catch;
	int result;

	policyrun_catch(&catch);
	result = make_proofs(c, yaml_get(row, "evidence"), &proofs, e);
	said.evidence = buf_view(&proofs);
	if (result == 0)
		result = writing_open(&w, &cli, "hazard-update -f", "", true, e);
	if (result == 0 && read_columns(c, row, f, &catch.d)) {
		struct step_who who = { w.actor, at, AT_FDCWD };
		struct step_batch *b = step_batch_new(w.office, w.commit, &who);

		result = take_steps(c, row, b, w.office, &said, &catch.d, e);
		if (result == 0 && catch.d.errors == 0)
			result = writing_close(&w, NULL, e);
		step_batch_free(b);
	}
	writing_drop(&w);
	buf_clear(&proofs);
	return refusal(result, &catch, why, e);
}

int policyrun_sweep(struct policyrun_case *c, int64_t at, struct err *e)
{
	struct cli cli = cli_at(c, at, NULL);
	struct sweep s = { .reg = NULL };
	struct buf warning = BUF_INIT;
	int result = sweep_open(&s, &cli, e) || sweep_run(&s, e) ? -1 : 0;

	if (result == 0)
		result = sweep_close(&s, &warning, e);
	sweep_clear(&s);
	buf_clear(&warning);
	return result;
}

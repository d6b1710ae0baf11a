/* SPDX-License-Identifier: MIT */
#include "model/step.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"
#include "model/stepint.h"

struct step_batch *step_batch_new(struct office *o, struct commit *c, const struct step_who *who)
{
	struct step_batch *b = mem_zalloc(1, sizeof *b);
	const struct table *t = schema_table(SPAN("events"));

	b->office = o;
	b->commit = c;
	b->who = *who;
	b->values = values_new(o);
	b->events = t;
	b->hazards = schema_table(SPAN("hazards"));
	b->evidence = schema_table(SPAN("evidence"));
	b->col = (struct event_columns){ .event = t->key, .commit = schema_column(t, SPAN("commit")),
	    .of_policy = schema_column(b->hazards, SPAN("policy")), .of_grid = schema_column(b->hazards, SPAN("grid")),
	    .of_category = schema_column(b->hazards, SPAN("category")), .category = schema_column(t, SPAN("category")),
	    .person = schema_column(t, SPAN("person")), .verifier = schema_column(t, SPAN("verifier")),
	    .plan = schema_column(t, SPAN("plan")), .measure = schema_column(t, SPAN("measure")), .fund = schema_column(t, SPAN("fund_fen")),
	    .at = schema_column(t, SPAN("at")),
	    .hazard = schema_column(t, SPAN("hazard")),
		.step = schema_column(t, SPAN("step")), .result = schema_column(t, SPAN("result")),
		    .actor = schema_column(t, SPAN("actor")),
		.tier = schema_column(t, SPAN("tier")), .owner = schema_column(t, SPAN("owner")),
		    .due = schema_column(t, SPAN("due")),
		.key = schema_column(t, SPAN("key")), .field = schema_column(t, SPAN("field")),
		    .was = schema_column(t, SPAN("was")),
		.value = schema_column(t, SPAN("value")), .reason = schema_column(t, SPAN("reason")) };
	return b;
}

void step_batch_free(struct step_batch *b)
{
	if (b == NULL)
		return;
	for (uint32_t i = 0; i < b->ids.n; i++)
		known_free(b->known[i]);
	known_free(b->fresh);
	fold_free(b->fold);
	free(b->known);
	free(b->stood);
	free(b->proof);
	names_clear(&b->ids);
	names_clear(&b->done);
	names_clear(&b->paths);
	values_free(b->values);
	buf_clear(&b->text);
	buf_clear(&b->remarks);
	free(b);
}

bool step_bad_value(const struct step_batch *b)
{
	return b->bad_value;
}

const struct buf *step_remarks(const struct step_batch *b)
{
	return &b->remarks;
}

int step_new_hazard(struct step_batch *b, const struct span *row, struct err *e)
{
	return known_fresh(b, row, e) == NULL ? -1 : 0;
}

/* How a column is called where the row came from: due, assign.due, --due. */
static void put_column(const struct taking *t, const char *column, struct buf *out)
{
	const struct step_said *said = t->said;

	if (said->joined)
		buf_printf(out, "%s.", t->s != NULL ? t->s->id : "step");
	else if (said->file == NULL)
		buf_puts(out, "--");
	for (; *column; column++)
		buf_putc(out, said->file == NULL && *column == '_' ? '-' : *column);
}

void step_complain(const struct taking *t, const char *column, const char *fmt, ...)
{
	const struct step_said *said = t->said;
	struct buf text = BUF_INIT, name = BUF_INIT;
	const char *file = said->file != NULL ? said->file : t->d->prog != NULL ? t->d->prog : "command line";
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	/* an option holds for every hazard that is named: say which one it is that it does not fit */
	if (said->line == 0 && !said->joined && t->k != NULL && memmem(text.p, text.n, t->k->id.p, t->k->id.n) == NULL)
		buf_printf(&text, " (hazard %.*s)", (int)t->k->id.n, t->k->id.p);
	if (column != NULL)
		put_column(t, column, &name);
	diag_row(t->d, file, said->line, column != NULL ? name.p : NULL, "%s", text.p);
	buf_clear(&text);
	buf_clear(&name);
}

int step_value(struct taking *t, int col, const struct column *c, struct span said, int32_t day,
    struct span *out, struct err *e)
{
	struct step_batch *b = t->b;
	struct value_context in = { t->policy, { NULL, 0 }, day };
	struct err mine;
	size_t start = b->text.n;

	err_start(&mine);
	if (t->k != NULL && c != &b->events->columns[col])	/* a column of the hazard itself */
		in.grid = t->k->now.row[b->col.of_grid];
	if (values_take(b->values, c, &in, said, &b->text, &t->value_dated, &mine) == 0) {
		*out = (struct span){ b->text.p + start, b->text.n - start };
		return 0;
	}
	b->text.n = start;
	if (mine.status != ERR_DATA)
		return err_set(e, mine.status, "%s", mine.text);
	step_complain(t, b->events->columns[col].name, "%s", mine.text);
	b->bad_value = true;
	return 1;
}

/* Make room for the row's values, so that none of them moves. */
static void start_row(struct taking *t)
{
	const struct table *events = t->b->events;
	size_t n = 0;

	for (int i = 0; i < events->ncolumns; i++)
		n += t->said->f[i].n;
	t->b->bad_value = false;
	buf_reset(&t->b->text);
	buf_reserve(&t->b->text, values_room(n, (size_t)events->ncolumns + 2));
}

/* The step by its id or the place's name for it. */
static void find_step(struct taking *t)
{
	const struct vocab *steps;
	struct buf half = BUF_INIT, words = BUF_INIT;
	struct span s = span_trim(t->said->step);
	int i;

	t->w = &t->policy->workflow;
	t->step = s.n > 0 ? workflow_step(t->w, s.p, s.n) : -1;
	t->s = t->step >= 0 ? &t->w->step[t->step] : NULL;
	if (t->s != NULL)	/* its id, as nearly always */
		return;
	steps = policy_vocab(t->policy, "step");
	text_halfwidth(&half, s);
	s = buf_view(&half);
	t->step = s.n > 0 ? workflow_step(t->w, s.p, s.n) : -1;
	if (t->step < 0 && s.n > 0 && steps != NULL && (i = vocab_find(steps, s)) >= 0)
		t->step = workflow_step(t->w, steps->v[i].id, strlen(steps->v[i].id));
	t->s = t->step >= 0 ? &t->w->step[t->step] : NULL;
	if (t->s == NULL) {
		if (steps != NULL)
			values_words(&words, steps, s);
		step_complain(t, t->said->file != NULL ? "step" : NULL, "\"%.*s\" is not a step; steps are %s",
		    (int)s.n, s.p ? s.p : "", words.p ? words.p : "none");
		t->b->bad_value = true;
	}
	buf_clear(&half);
	buf_clear(&words);
}

/* The hazard of the event `key`, or of a ref.  1 found, 0 not, -1 e. */
static int hazard_of(struct taking *t, bool by_event, struct span key, struct buf *id, struct err *e)
{
	struct office *o = t->b->office;
	const char *table = by_event ? "events" : "hazards";
	struct span f[EVENT_COLUMNS_MAX];
	struct buf text = BUF_INIT;
	struct ledger_at at;
	int found = by_event ? ledger_find(o->reg, &o->at, "events", key, &at, e)
	    : ledger_find_ref(o->reg, &o->at, key, &at, e);

	if (found == 1 && ledger_read(o->reg, &o->at, table, at, &text, f, e) < 0)
		found = -1;
	if (found == 1)
		buf_span(id, f[by_event ? t->b->col.hazard : t->b->hazards->key]);
	buf_clear(&text);
	return found;
}

/* The id of the row's hazard; 0 with a complaint when there is none. */
static int name_hazard(struct taking *t, struct buf *id, struct err *e)
{
	struct span said = span_trim(t->said->hazard), ref = span_trim(t->said->ref),
	    key = span_trim(t->said->f[t->b->col.key]);
	struct schema_id parsed;
	int found;

	if (said.n > 0) {
		text_halfwidth(id, said);
		if (schema_id_parse(buf_view(id), &parsed) && parsed.letter == 'H')
			return 1;
		step_complain(t, t->said->file ? "hazard" : NULL,
		    "\"%.*s\" is not the id of a hazard; write one like %s-H2026-000001",
		    (int)said.n, said.p, t->b->office->reg->office);
		return 0;
	}
	if (ref.n > 0) {
		found = hazard_of(t, false, ref, id, e);
		if (found == 0)
			step_complain(t, "ref", "no hazard has the ref \"%.*s\"", (int)ref.n, ref.p);
		return found;
	}
	if (t->s == NULL || t->s->effect != WF_RETRACT) {
		step_complain(t, "hazard", "empty; name the hazard by its id or its ref");
		return 0;
	}
	if (!schema_id_parse(key, &parsed) || parsed.letter != 'E') {
		step_complain(t, t->said->file ? "key" : NULL,
		    "\"%.*s\" is not the id of an event; write one like %s-E2026-000001",
		    (int)key.n, key.p, t->b->office->reg->office);
		return 0;
	}
	found = hazard_of(t, true, key, id, e);
	if (found == 0)
		step_complain(t, t->said->file ? "key" : NULL, "there is no event %.*s", (int)key.n, key.p);
	return found;
}

/* The hazard of the row, and with it the policy that holds for it. */
static int find_hazard(struct taking *t, struct err *e)
{
	struct buf id = BUF_INIT;
	const struct workflow *w;
	struct err mine;
	int found = 0;

	err_start(&mine);
	if (t->b->fresh != NULL && span_eq(t->said->hazard, t->b->fresh->id))
		t->k = t->b->fresh;
	else
		found = name_hazard(t, &id, e);
	if (found == 1) {
		t->k = known_get(t->b, buf_view(&id), &mine);
		if (t->k == NULL && mine.status != ERR_OK)
			found = err_set(e, mine.status, "%s", mine.text);
		else if (t->k == NULL)
			step_complain(t, t->said->file ? "hazard" : NULL,
			    "there is no hazard %s in this register", id.p);
	}
	buf_clear(&id);
	if (found < 0 || t->k == NULL)
		return found < 0 ? -1 : 0;
	w = known_workflow(t->k, t->b, e);
	if (known_now(t->b, t->k, e) < 0)
		return -1;
	t->policy = t->k->now.policy;
	t->w = w;
	return w == NULL ? -1 : 0;
}

/* The time of the step. */
static int take_at(struct taking *t, struct err *e)
{
	struct step_batch *b = t->b;
	struct span ignored;
	int bad;

	t->at = t->said->joined && t->k != NULL ? last_person(t, &ignored) : b->who.now;
	bad = step_value(t, b->col.at, &b->events->columns[b->col.at], t->said->f[b->col.at],
	    time_day(b->who.now, b->office->reg->offset), &t->f[b->col.at], e);
	if (bad || t->f[b->col.at].n == 0)
		return bad < 0 ? -1 : 0;
	t->at = time_trust(t->f[b->col.at].p, b->office->reg->offset);
	t->dated = t->value_dated;
	return 0;
}

/* A due time said as a date alone means the end of that day. */
static void end_of_day(struct taking *t, struct span *due)
{
	int offset = t->b->office->reg->offset;
	char text[TIME_LEN + 1];

	time_write(time_trust(due->p, offset) + TIME_DAY - 1, offset, text);
	memcpy(t->b->text.p + (due->p - t->b->text.p), text, TIME_LEN);
}

/* All values of the row that were said. */
static int take_values(struct taking *t, struct err *e)
{
	const struct event_columns *col = &t->b->col;
	bool corrects = t->s != NULL && t->s->effect == WF_CORRECT;
	int32_t day;

	if (take_at(t, e))
		return -1;
	day = time_day(t->at, t->b->office->reg->offset);
	for (int i = 0; i < t->b->events->ncolumns; i++) {
		const struct column *c = &t->b->events->columns[i];
		struct span said = t->said->f[i];

		if (said.n == 0 || i == col->event || i == col->at || i == col->hazard || i == col->step || i == col->commit)
			continue;
		if (i == col->field || i == col->was || i == col->value) {
			if (!corrects && t->s != NULL)
				step_complain(t, c->name, "%s takes no %s", t->s->id, c->name);
			continue;
		}
		if (step_value(t, i, c, said, day, &t->f[i], e) < 0)
			return -1;
		if (i == col->due && t->value_dated && t->f[i].n == TIME_LEN)
			end_of_day(t, &t->f[i]);
	}
	if (t->f[col->actor].n == 0)
		t->f[col->actor] = t->b->who.actor;
	return 0;
}

/* Fill in what nobody said and check what the step asks for. */
static int check(struct taking *t, int *path, int *npath, struct err *e)
{
	if (t->s->effect == WF_REPIN && t->said->repin.n == 0) {
		step_complain(t, NULL, "%s is taken by gridctl repin", t->s->id);
		return 0;
	}
	if (t->s->effect == WF_REPIN)
		return check_who(t, e) || repin_check(t, e) ? -1 : 0;
	if (check_who(t, e))
		return -1;
	if (check_state(t, path, npath))	/* the rest would only follow from that */
		return 0;
	check_times(t);
	if (fill_owner(t, e) || fill_tier(t, e))
		return -1;
	if (t->s->effect == WF_CORRECT && correct_fill(t, e))
		return -1;
	if (t->s->effect == WF_RETRACT && retract_check(t, e))
		return -1;
	check_result(t);
	if (t->s->effect != WF_CORRECT && !(t->s->effect == WF_ASSIGN && t->f[t->b->col.owner].n == 0))
		check_needs(t);
	check_clock(t);
	return check_gate(t, path, *npath, e) || (t->said->evidence.n > 0 && evidence_check(t, e)) ? -1 : 0;
}

/* Append one event row and give it its meaning. */
static int put_event(struct taking *t, struct span *f, const char *step, struct err *e)
{
	struct step_batch *b = t->b;
	char id[ID_MAX];

	commit_mint(b->commit, b->events, id);
	f[b->col.event] = span_of(id);
	f[b->col.hazard] = t->k->id;
	f[b->col.step] = span_of(step);
	f[b->col.at] = (struct span){ t->at_text, TIME_LEN };
	commit_append(b->commit, b->events, f);
	return known_add(b, t->k, f, e);
}

/* Append what the row means. */
static int append(struct taking *t, const int *path, int npath, struct err *e)
{
	struct step_batch *b = t->b;
	int64_t due = t->k->now.due;
	enum wf_phase before;

	time_write(t->at, b->office->reg->offset, t->at_text);
	for (int i = 0; i < npath; i++) {
		struct span f[EVENT_COLUMNS_MAX] = { { NULL, 0 } };

		f[b->col.actor] = t->f[b->col.actor];
		if (put_event(t, f, t->w->step[path[i]].id, e))
			return -1;
	}
	if (t->said->evidence.n > 0 && known_now(b, t->k, e))
		return -1;
	before = t->k->now.phase;
	if (put_event(t, t->f, t->s->id, e) || (t->said->evidence.n > 0 && evidence_put(t, before, e)))
		return -1;
	if (t->s->effect == WF_CORRECT || t->s->effect == WF_RETRACT || t->s->effect == WF_REPIN)
		return known_now(b, t->k, e) ? -1 : remark_changes(b, t->k, due, e);
	return 0;
}

int step_take(struct step_batch *b, const struct step_said *said, struct diag *d, struct err *e)
{
	struct taking t = { .b = b, .said = said, .d = d, .policy = b->office->policy };
	size_t errors = d->errors;
	int path[64], npath = 0;

	start_row(&t);
	find_step(&t);		/* by the policy in force: a retraction finds its hazard by the event */
	if (find_hazard(&t, e))
		return -1;
	if (t.k != NULL && t.policy != b->office->policy && d->errors == errors)
		find_step(&t);
	if (take_values(&t, e))
		return -1;
	/* a hazard that was not found was complained about */
	if (d->errors == errors && t.k != NULL && !t.k->spoiled && check(&t, path, &npath, e))
		return -1;
	if (d->errors > errors && t.k != NULL && !b->bad_value)
		t.k->spoiled = true;
	if (d->errors > errors || t.k == NULL || t.k->spoiled)
		return 0;
	return append(&t, path, npath, e);
}

int step_look(struct step_batch *b, const struct step_said *said, struct diag *d, struct err *e)
{
	struct taking t = { .b = b, .said = said, .d = d, .policy = b->office->policy };

	start_row(&t);
	find_step(&t);
	return take_values(&t, e);
}

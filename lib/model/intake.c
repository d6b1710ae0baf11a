/* SPDX-License-Identifier: MIT */
#include "model/intake.h"

#include <stdlib.h>

#include "base/time.h"
#include "model/intakeint.h"

/* A complaint about one of its columns. */
static void complain(const struct intake_under_way *r, int col, const char *text)
{
	inputrow_complain(r->file, r->line, col >= 0 ? r->s->t->columns[col].name : NULL, r->d, "%s", text);
}

/* The canonical value of a column; 0, 1 complained about, -1 e. */
static int take(struct intake_under_way *r, int col, int32_t day, struct err *e)
{
	struct intake_state *s = r->s;
	struct value_context in;
	struct err mine;
	size_t start = s->text.n;

	s->v[col] = (struct span){ NULL, 0 };
	s->said[col] = false;
	if (r->raw[col] == NULL || r->raw[col]->n == 0)
		return 0;
	in = (struct value_context){ r->in->office->policy, s->v[s->col.grid], day };
	err_start(&mine);
	if (values_take(s->values, &s->t->columns[col], &in, *r->raw[col], &s->text, &r->dated[col],
	    &mine) == 0) {
		s->v[col] = (struct span){ s->text.p + start, s->text.n - start };
		s->said[col] = s->v[col].n > 0;
		return 0;
	}
	s->text.n = start;
	if (mine.status != ERR_DATA)
		return err_set(e, mine.status, "%s", mine.text);
	complain(r, col, mine.text);
	return 1;
}

/* A time written behind the row's other values. */
static struct span put_time(struct intake_under_way *r, int64_t t)
{
	struct intake_state *s = r->s;
	size_t start = s->text.n;
	char text[TIME_LEN + 1];

	time_write(t, r->in->office->reg->offset, text);
	buf_puts(&s->text, text);
	return (struct span){ s->text.p + start, TIME_LEN };
}

/* When it was found and reported; the day for validity. */
static int take_times(struct intake_under_way *r, int32_t *day, struct err *e)
{
	struct intake_state *s = r->s;
	int offset = r->in->office->reg->offset, rep = s->col.reported, fnd = s->col.found;
	int bad_rep = take(r, rep, 0, e), bad_fnd = bad_rep < 0 ? -1 : take(r, fnd, 0, e);
	int64_t reported = r->in->now, found;

	if (bad_fnd < 0)
		return -1;
	if (s->v[rep].n > 0)
		reported = time_trust(s->v[rep].p, offset);
	else if (!bad_rep)
		s->v[rep] = put_time(r, reported);
	if (s->v[fnd].n > 0 && !bad_rep) {
		found = time_trust(s->v[fnd].p, offset);
		if (found > reported && r->dated[rep] && s->said[rep] && time_day(found,
		    offset) == time_day(reported, offset)) {
			reported = found;
			s->v[rep] = s->v[fnd];
		}
		if (found > reported) {
			struct buf text = BUF_INIT;

			buf_printf(&text, "%.*s is after reported_at (%.*s)", (int)s->v[fnd].n, s->v[fnd].p,
			    (int)s->v[rep].n, s->v[rep].p);
			complain(r, fnd, text.p);
			buf_clear(&text);
		}
	}
	if (reported > r->in->now) {
		struct buf text = BUF_INIT;
		char now[TIME_LEN + 1];

		time_write(r->in->now, offset, now);
		buf_printf(&text, "%.*s is after now (%s)", (int)s->v[rep].n, s->v[rep].p, now);
		complain(r, rep, text.p);
		buf_clear(&text);
	}
	r->in->reported = reported;
	*day = time_day(reported, offset);
	return 0;
}

/* The grid of the row's subject, when no grid was said. */
static int grid_of_subject(struct intake_under_way *r, int32_t day, struct err *e)
{
	struct intake_state *s = r->s;
	struct master *m;
	struct master_row row;
	int col, found;

	if (s->v[s->col.grid].n > 0 || s->v[s->col.subject].n == 0)
		return 0;
	m = office_master(r->in->office, "subjects", e);
	if (m == NULL || (found = master_find(m, s->v[s->col.subject], day, &row, e)) < 0)
		return -1;
	col = schema_column(master_table(m), SPAN("grid"));
	if (found && row.f[col].n > 0)
		s->v[s->col.grid] = (struct span){ arena_spandup(&s->mem, row.f[col]), row.f[col].n };
	return 0;
}

/* What nobody said but the register knows; what is missing then. */
static void fill_in(struct intake_under_way *r, bool grid_bad, bool severity_bad, bool text_bad)
{
	struct intake_state *s = r->s;
	const struct policy *p = r->in->office->policy;
	struct buf words = BUF_INIT;

	if (s->v[s->col.reporter].n == 0)
		s->v[s->col.reporter] = r->in->actor;
	if (s->v[s->col.severity].n == 0 && p->severities.n == 1)
		s->v[s->col.severity] = span_of(p->severities.v[0].id);
	s->v[s->col.policy] = (struct span){ p->digest, 12 };
	if (s->v[s->col.grid].n == 0 && !grid_bad)
		complain(r, s->col.grid, "empty; give the grid, or a subject that lies in one");
	if (s->v[s->col.severity].n == 0 && !severity_bad) {
		values_words(&words, &p->severities, (struct span){ "", 0 });
		inputrow_complain(r->file, r->line, "severity", r->d, "empty; give one of %s", words.p);
		buf_clear(&words);
	}
	if (s->v[s->col.description].n == 0 && !text_bad)
		complain(r, s->col.description, "empty; say what is wrong");
}

/* All values of hazards.csv. */
static int take_values(struct intake_under_way *r, struct err *e)
{
	struct intake_state *s = r->s;
	const struct hazard_columns *c = &s->col;
	bool bad[EVENT_COLUMNS_MAX] = { false };
	int32_t day;
	int b;

	s->v[c->grid] = (struct span){ NULL, 0 };
	if (take_times(r, &day, e))
		return -1;
	if ((b = take(r, c->grid, day, e)) < 0)
		return -1;
	bad[c->grid] = b;
	if ((b = take(r, c->subject, day, e)) < 0 || grid_of_subject(r, day, e))
		return -1;
	bad[c->subject] = b;
	bad[c->grid] |= b && (r->raw[c->grid] == NULL || r->raw[c->grid]->n == 0);
	for (int i = 0; i < s->t->ncolumns; i++) {
		if (i == c->hazard || i == c->commit || i == c->policy || i == c->reported || i == c->found ||
		    i == c->grid || i == c->subject)
			continue;
		if ((b = take(r, i, day, e)) < 0)
			return -1;
		bad[i] = b;
	}
	fill_in(r, bad[c->grid], bad[c->severity], bad[c->description]);
	intake_needs(r, bad);
	return 0;
}

/* The columns in which a recorded row differs from what this one says. */
static void differing(const struct intake_under_way *r, const struct span *old, struct buf *out)
{
	const struct intake_state *s = r->s;

	for (int i = 0; i < s->t->ncolumns; i++) {
		const struct column *c = &s->t->columns[i];
		bool defaulted = i == s->col.reported || i == s->col.grid || i == s->col.severity ||
		    i == s->col.reporter;

		if (!s->bound[i] || (defaulted && !s->said[i]) || span_eq(s->v[i], old[i]))
			continue;
		buf_printf(out, "%s%s (\"%.*s\" there)", out->n ? ", " : "", c->name, (int)(old[i].n > 60 ? 60
		    : old[i].n), old[i].n ? old[i].p : "");
	}
}

/* The row with this ref in this commit or in the register: 1 with its fields, 0 none, -1 e. */
static int find_ref(struct intake_under_way *r, struct buf *text, struct span *old, struct buf *where, struct err *e)
{
	struct intake_state *s = r->s;
	struct office *o = r->in->office;
	struct ledger_at at;
	size_t line;
	int found = intake_find(s, r->in->commit, r->ref, s->v[s->col.ref], text, old, &line, e);

	if (found == 1)
		buf_printf(where, "line %zu", line);
	if (found != 0)
		return found;
	found = intake_may_have(s, r->ref) ? ledger_find_ref(o->reg, &o->at, s->v[s->col.ref], &at, e) : 0;
	if (found == 1 && ledger_read(o->reg, &o->at, "hazards", at, text, old, e) < 0)
		return -1;
	if (found == 1)
		buf_printf(where, "hazard %.*s", (int)old[s->col.hazard].n, old[s->col.hazard].p);
	return found;
}

/* A ref that is there already: 1 known with the same values (id set), 2 complained about, 0 new, -1 e. */
static int check_ref(struct intake_under_way *r, char id[ID_MAX], struct err *e)
{
	struct intake_state *s = r->s;
	struct span old[EVENT_COLUMNS_MAX];
	struct buf text = BUF_INIT, where = BUF_INIT, diff = BUF_INIT;
	int found;

	if (s->v[s->col.ref].n == 0)
		return 0;
	r->has_ref = true;
	r->ref = ledger_ref_hash(s->v[s->col.ref]);
	found = find_ref(r, &text, old, &where, e);
	if (found == 1) {
		differing(r, old, &diff);
		snprintf(id, ID_MAX, "%.*s", (int)old[s->col.hazard].n, old[s->col.hazard].p);
		if (diff.n > 0) {
			inputrow_complain(r->file, r->line, "ref", r->d, "\"%.*s\" is %s with another %s",
			    (int)s->v[s->col.ref].n,
			    s->v[s->col.ref].p, where.p, diff.p);
			found = 2;
		}
	}
	buf_clear(&text);
	buf_clear(&where);
	buf_clear(&diff);
	return found;
}

/* The cells of one step in workflow order; false when all are empty. */
static bool step_cells(const struct intake_under_way *r, const struct intake_group *g, struct span *f,
    struct step_said *said)
{
	bool any = false;

	*said = (struct step_said){ .step = g->id, .f = f, .file = r->file, .line = r->line, .joined = true,
		.history = r->in->history };
	for (size_t n = 0; n < g->ncells; n++) {
		size_t i = g->cell[n];
		const struct intake_column *c = &r->in->column[i];

		if (span_trim(r->f[i]).n == 0)
			continue;
		if (!any)
			memset(f, 0, EVENT_COLUMNS_MAX * sizeof *f);
		if (c->col == INTAKE_EVIDENCE)
			said->evidence = r->f[i];
		else
			f[c->col] = r->f[i];
		any = true;
	}
	return any;
}

/* The steps of the row: taken for the hazard id, or (NULL) only looked at. */
static int take_steps(struct intake_under_way *r, const char *id, struct err *e)
{
	struct intake_state *s = r->s;
	struct span f[EVENT_COLUMNS_MAX];
	struct step_said said;
	bool first = true;

	for (size_t i = 0; i < s->ngroups; i++) {
		if (!step_cells(r, &s->group[i], f, &said))
			continue;
		if (id == NULL) {
			if (step_look(r->in->batch, &said, r->d, e))
				return -1;
			continue;
		}
		if (first && step_new_hazard(r->in->batch, s->v, e))
			return -1;
		first = false;
		said.hazard = span_of(id);
		if (step_take(r->in->batch, &said, r->d, e))
			return -1;
	}
	return 0;
}

/* Does it look like a hazard that is there already, or like the one in line `first`?  A warning only. */
static int check_like(struct intake_under_way *r, const char *id, size_t first, struct err *e)
{
	struct intake_state *s = r->s;
	struct office *o = r->in->office;
	struct span grid = s->v[s->col.grid], subject = s->v[s->col.subject], text = s->v[s->col.description],
	    old[EVENT_COLUMNS_MAX];
	struct span day = { s->v[s->col.reported].p, DATE_LEN };
	struct ledger_at at;
	struct buf b = BUF_INIT;
	int found = r->like_there ? ledger_find_like(o->reg, &o->at, grid, subject, day, text, &at, e) : 0;

	if (found < 0 || (found == 1 && ledger_read(o->reg, &o->at, "hazards", at, &b, old, e) < 0))
		return -1;
	if (found == 1 || first != r->line) {
		r->in->likely++;
		if (r->in->likely <= INTAKE_LIKELY_NAMED && found == 1)
			diag_warn(r->d, "%s may be %.*s once more: same grid, subject, day and description",
			    id, (int)old[s->col.hazard].n,
			    old[s->col.hazard].p);
		else if (r->in->likely <= INTAKE_LIKELY_NAMED)
			diag_warn(r->d, "%s:%zu: same grid, subject, day and description as line %zu", r->file
			    ? r->file : "-", r->line, first);
	}
	buf_clear(&b);
	return 0;
}

/* Append the row and its steps. */
static int append(struct intake_under_way *r, char id[ID_MAX], struct err *e)
{
	struct intake *in = r->in;
	struct intake_state *s = r->s;
	size_t errors = r->d->errors, at = commit_pending(in->commit, s->t).n;
	struct commit_mark mark;
	size_t first;

	if (s->ngroups > 0)
		commit_mark(in->commit, &mark);
	commit_mint(in->commit, s->t, id);
	s->v[s->col.hazard] = span_of(id);
	if (r->made != NULL && r->made->tail.p != NULL)
		commit_append_tail(in->commit, s->t, s->v[s->col.hazard], r->made->tail);
	else
		commit_append(in->commit, s->t, s->v);
	if (s->ngroups > 0 && take_steps(r, id, e))
		return -1;
	if (r->d->errors > errors) {
		in->refused++;
		commit_rewind(in->commit, &mark);
		return 1;
	}
	first = intake_keep(s, &(struct intake_row){ at, r->line, r->print }, r->has_ref, r->ref);
	return r->like_there || first != r->line ? check_like(r, id, first, e) : 0;
}

/* Point at the input fields of the hazard's columns and make room for their values. */
static void start_row(struct intake_under_way *r)
{
	struct intake_state *s = r->s;
	size_t n = 0;

	for (size_t i = 0; i < r->in->ncolumns; i++)
		if (r->in->column[i].kind == INTAKE_HAZARD) {
			r->raw[r->in->column[i].col] = &r->f[i];
			n += r->f[i].n;
		}
	buf_reset(&s->text);
	buf_reserve(&s->text, values_room(n, (size_t)s->t->ncolumns + 2));
}

/* Is the ref of a row made ahead there already?  1, 0, -1 e. */
static int has_known_ref(const struct intake_under_way *r, const struct intake_made *made, struct err *e)
{
	struct intake_state *s = r->s;
	struct span ref, old[EVENT_COLUMNS_MAX];
	struct buf text = BUF_INIT;
	struct ledger_at at;
	size_t line;
	int found;

	if (!made->has_ref || (!made->ref_there && !intake_may_find(s, made->ref)))
		return 0;
	ref = made->v[s->col.ref];
	found = intake_find(s, r->in->commit, made->ref, ref, &text, old, &line, e);
	if (found == 0 && made->ref_there)
		found = ledger_find_ref(r->in->office->reg, &r->in->office->at, ref, &at, e);
	buf_clear(&text);
	return found;
}

/* The row as it was made ahead, unless its ref is there already (that is for the long way, which knows what was said and
 * what was filled in).  1 taken so, 0 not, -1 e. */
static int take_made(struct intake_under_way *r, const struct intake_made *made, struct err *e)
{
	struct intake_state *s = r->s;
	int found;

	if (made == NULL || !made->whole || (found = intake_severity_fits(r, made, e)) == 0)
		return 0;
	found = found < 0 ? -1 : has_known_ref(r, made, e);
	if (found != 0)
		return found < 0 ? -1 : 0;
	/* where its tail says the values few ask for them */
	if (made->tail.p == NULL || s->ngroups > 0 || s->names_subject || made->like_there)
		memcpy(s->v, made->v, (size_t)s->t->ncolumns * sizeof *s->v);
	r->in->reported = made->reported;
	r->print = made->print;
	r->like_there = made->like_there;
	r->has_ref = made->has_ref;
	r->ref = made->ref;
	r->made = made;
	return 1;
}

int intake_take(struct intake *in, const struct intake_made *made, const char *file, size_t line, const struct span *f,
    char id[ID_MAX], bool *old, struct diag *d, struct err *e)
{
	struct intake_under_way r = { .in = in, .s = in->state, .file = file, .line = line, .f = f, .d = d };
	size_t errors = d->errors;
	int known = take_made(&r, made, e);

	*old = false;
	if (known != 0) {
		in->subject = r.s->v[r.s->col.subject];
		return known < 0 ? -1 : append(&r, id, e);
	}
	start_row(&r);
	if (take_values(&r, e))
		return -1;
	in->subject = r.s->v[r.s->col.subject];
	if (d->errors == errors)
		known = check_ref(&r, id, e);
	if (known < 0)
		return -1;
	if (known == 1) {
		in->known++;
		*old = true;
		return 0;
	}
	if (intake_severity(&r, e))
		return -1;
	if (d->errors > errors)
		return take_steps(&r, NULL, e) ? -1 : 1;
	r.print = intake_print(r.s, r.s->v);
	r.like_there = intake_may_have(r.s, r.print);
	return append(&r, id, e);
}

int intake_row(struct intake *in, const char *file, size_t line, const struct span *f, char id[ID_MAX], bool *old,
    struct diag *d, struct err *e)
{
	return intake_take(in, NULL, file, line, f, id, old, d, e);
}

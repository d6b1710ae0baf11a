/* SPDX-License-Identifier: MIT */
#include "model/record.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "csv/foreign.h"
#include "csv/writer.h"
#include "model/recordint.h"
#include "register/ledger.h"

static const struct record_rule *const rules[] = { &record_measure };

void record_start(struct record *r, const struct table *t, struct office *o, struct commit *c, struct span actor,
    int64_t now)
{
	struct record_state *s = mem_zalloc(1, sizeof *s);

	assert(t->ncolumns <= RECORD_COLUMNS_MAX);
	r->t = t;
	r->office = o;
	r->commit = c;
	r->actor = actor;
	r->now = now;
	r->state = s;
	s->values = values_new(o);
	s->key = t->key;
	s->commit = schema_column(t, SPAN("commit"));
	s->at = schema_column(t, SPAN("at"));
	s->grid = schema_column(t, SPAN("grid"));
	s->replaces = schema_column(t, SPAN("replaces"));
	s->from = schema_column(t, SPAN("valid_from"));
	s->to = schema_column(t, SPAN("valid_to"));
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (strcmp(rules[i]->table, t->name) == 0)
			s->rule = rules[i];
}

void record_end(struct record *r)
{
	struct record_state *s = r->state;

	buf_clear(&r->answer);
	if (s == NULL)
		return;
	if (s->rule != NULL)
		s->rule->end(r);
	values_free(s->values);
	buf_clear(&s->text);
	buf_clear(&s->was);
	names_clear(&s->replaced);
	free(s->column);
	free(s);
	r->state = NULL;
}

void record_complain(const struct record_row *w, int col, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	inputrow_complain(w->file, w->line, w->r->t->columns[col].name, w->d, "%s", text.p);
	buf_clear(&text);
}

void record_warn(struct record_row *w, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	if (++w->r->state->warned > RECORD_WARNED)
		return;
	if (w->file != NULL)
		buf_printf(&text, "%s:%zu: ", w->file, w->line);
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	diag_warn(w->d, "%s", text.p);
	buf_clear(&text);
}

struct span record_put(struct record_row *w, const char *text)
{
	struct buf *b = &w->r->state->text;
	size_t start = b->n;

	buf_puts(b, text);
	return (struct span){ b->p + start, b->n - start };
}

struct span record_time(struct record_row *w, int64_t t)
{
	char text[TIME_LEN + 1];

	time_write(t, w->r->office->reg->offset, text);
	return record_put(w, text);
}

/* Is the column of the table one of the input? */
static bool is_bound(const struct record_state *s, int col)
{
	for (size_t i = 0; i < s->ncolumns; i++)
		if (col >= 0 && s->column[i] == col)
			return true;
	return false;
}

/* Columns that every row needs and that the header lacks; `at` is known without. */
static void check_missing(const struct record *r, const char *file, struct diag *d)
{
	const struct record_state *s = r->state;

	for (int i = 0; i < r->t->ncolumns; i++) {
		const struct column *c = &r->t->columns[i];

		if (c->required && i != s->key && i != s->commit && i != s->at && !is_bound(s, i))
			inputrow_complain(file, 1, NULL, d, "no column \"%s\" (%s): every row needs one", c->name,
			    c->title_zh);
	}
}

int record_bind(struct record *r, const char *file, const struct span *header, size_t n, struct diag *d)
{
	const char *const given[] = { r->t->columns[r->state->key].name, "commit", NULL };
	struct record_state *s = r->state;
	size_t errors = d->errors;

	free(s->column);
	s->column = mem_zalloc(n + 1, sizeof *s->column);
	s->ncolumns = n;
	for (size_t i = 0; i < n; i++) {
		struct span label = span_trim(header[i]);

		s->column[i] = inputrow_column(r->t, given, file, label, i + 1, d);
		if (s->column[i] == INPUTROW_UNKNOWN)
			inputrow_unknown(r->t, file, label, d);
		for (size_t k = 0; k < i; k++)
			if (s->column[i] >= 0 && s->column[k] == s->column[i])
				inputrow_double(file, header, k, i, d);
	}
	/* a row that replaces another one has its values */
	if (file != NULL && d->errors == errors && !is_bound(s, s->replaces))
		check_missing(r, file, d);
	return d->errors == errors ? 0 : -1;
}

/* The canonical value of a column; one that was not said is that of the row it replaces. */
static int take(struct record_row *w, int col, const struct value_context *in, bool *dated, struct err *e)
{
	struct record_state *s = w->r->state;
	const struct column *c = &w->r->t->columns[col];
	size_t start = s->text.n;
	struct err mine;

	*dated = false;
	if (w->raw[col] == NULL) {
		w->v[col] = w->was[col];
		return 0;
	}
	err_start(&mine);
	if (values_take(s->values, c, in, *w->raw[col], &s->text, dated, &mine) == 0) {
		w->v[col] = (struct span){ s->text.p + start, s->text.n - start };
		return 0;
	}
	s->text.n = start;
	if (mine.status != ERR_DATA)
		return err_set(e, mine.status, "%s", mine.text);
	record_complain(w, col, "%s", mine.text);
	w->bad[col] = true;
	return 0;
}

/* A row that replaces another one. */
static int on_replaced(void *arg, const struct scan_row *row)
{
	struct names *replaced = arg;

	if (row->f[0].n > 0)
		names_add(replaced, row->f[0]);
	return 0;
}

/* Does a row replace that one already, of the ledger or of this input? */
static int is_replaced(struct record *r, struct span id, struct err *e)
{
	struct record_state *s = r->state;
	void *arg = &s->replaced;

	if (!s->knows_replaced
	    && ledger_scan(r->office->reg, &r->office->at, r->t->name, &s->replaces, 1, on_replaced, &arg, 1, e))
		return -1;
	s->knows_replaced = true;
	return names_find(&s->replaced, id) != NAMES_NONE;
}

/* The row that it replaces: of this ledger, and nothing replaces it yet. */
static int take_replaced(struct record_row *w, struct err *e)
{
	struct record *r = w->r;
	struct record_state *s = r->state;
	struct value_context in = { r->office->policy, { NULL, 0 }, 0 };
	struct ledger_at at;
	struct span id;
	bool ignored;
	int found;

	if (s->replaces < 0 || take(w, s->replaces, &in, &ignored, e))
		return s->replaces < 0 ? 0 : -1;
	id = w->v[s->replaces];
	if (id.n == 0)
		return 0;
	found = ledger_find(r->office->reg, &r->office->at, r->t->name, id, &at, e);
	w->bad[s->replaces] = found != 1;
	if (found == 0)			/* an id of another office is taken as it is written */
		record_complain(w, s->replaces, "%.*s is not in %s.csv", (int)id.n, id.p, r->t->name);
	if (found <= 0)
		return found;
	buf_reset(&s->was);
	if (ledger_read(r->office->reg, &r->office->at, r->t->name, at, &s->was, w->was, e) < 0)
		return -1;
	found = is_replaced(r, id, e);
	if (found == 1)
		record_complain(w, s->replaces, "%.*s is replaced already; name the row that replaces it", (int)id.n, id.p);
	names_add(&s->replaced, id);
	return found < 0 ? -1 : 0;
}

/* When it happened: now, when nobody said and it replaces none. */
static int take_at(struct record_row *w, struct value_context *in, struct err *e)
{
	const struct record *r = w->r;
	int col = r->state->at, offset = r->office->reg->offset;
	char now[TIME_LEN + 1];

	w->at = r->now;
	in->day = time_day(r->now, offset);
	if (col < 0)
		return 0;
	if (take(w, col, in, &w->dated, e))
		return -1;
	if (w->v[col].n == 0)
		w->v[col] = w->was[col].n > 0 ? w->was[col] : record_time(w, r->now);
	w->at = time_trust(w->v[col].p, offset);
	in->day = time_day(w->at, offset);
	if (w->at > r->now) {
		time_write(r->now, offset, now);
		record_complain(w, col, "%.*s is after now (%s)", (int)w->v[col].n, w->v[col].p, now);
		w->bad[col] = true;
	}
	return 0;
}

/* Is an empty value of a required column to be complained about?  Not where the header was for the lack of it, nor the row
 * that would have it. */
static bool is_wanted(const struct record_row *w, int col)
{
	const struct record_state *s = w->r->state;

	if (w->raw[col] != NULL)
		return true;
	return (w->file == NULL || is_bound(s, s->replaces)) && !(s->replaces >= 0 && w->bad[s->replaces]);
}

/* All values; the grid before what is looked for in it. */
static int take_values(struct record_row *w, struct err *e)
{
	const struct record *r = w->r;
	struct record_state *s = r->state;
	struct value_context in = { r->office->policy, { NULL, 0 }, 0 };
	int offset = r->office->reg->offset;
	bool dated;

	if (take_at(w, &in, e) || (s->grid >= 0 && take(w, s->grid, &in, &dated, e)))
		return -1;
	if (s->grid >= 0)
		in.grid = w->v[s->grid];
	for (int i = 0; i < r->t->ncolumns; i++) {
		const struct column *c = &r->t->columns[i];

		if (i == s->key || i == s->commit || i == s->replaces || i == s->at)
			continue;
		if (i != s->grid && take(w, i, &in, &dated, e))
			return -1;
		if (i != s->grid && c->type == COLUMN_TIME && dated && w->v[i].n > 0)
			w->v[i] = record_time(w, time_trust(w->v[i].p, offset) + TIME_DAY - 1);
		if (c->required && w->v[i].n == 0 && !w->bad[i] && is_wanted(w, i)) {
			record_complain(w, i, "empty, but a value is required");
			w->bad[i] = true;
		}
	}
	return 0;
}

/* Everything that is asked of the row. */
static int check(struct record_row *w, struct err *e)
{
	const struct record_state *s = w->r->state;
	struct span from, to;

	if (take_replaced(w, e) || take_values(w, e))
		return -1;
	from = s->from >= 0 ? w->v[s->from] : (struct span){ NULL, 0 };
	to = s->to >= 0 ? w->v[s->to] : (struct span){ NULL, 0 };
	if (from.n > 0 && to.n > 0 && span_cmp(to, from) < 0)
		record_complain(w, s->to, "%.*s is before valid_from (%.*s)", (int)to.n, to.p, (int)from.n, from.p);
	return s->rule != NULL ? s->rule->check(w, e) : 0;
}

int record_row(struct record *r, const char *file, size_t line, const struct span *f, char id[ID_MAX], struct diag *d,
    struct err *e)
{
	struct record_row w = { .r = r, .file = file, .line = line, .d = d };
	struct record_state *s = r->state;
	size_t errors = d->errors, bytes = 0;

	r->rows++;
	for (size_t i = 0; i < s->ncolumns; i++)
		if (s->column[i] >= 0) {
			w.raw[s->column[i]] = &f[i];
			bytes += f[i].n;
		}
	buf_reset(&s->text);		/* with room for all, so that none of them moves */
	buf_reserve(&s->text, values_room(bytes, (size_t)r->t->ncolumns + RECORD_COLUMNS_MAX));
	if (check(&w, e))
		return -1;
	if (d->errors > errors)
		return 1;
	commit_mint(r->commit, r->t, id);
	w.v[s->key] = span_of(id);
	commit_append(r->commit, r->t, w.v);
	if (s->rule != NULL)
		s->rule->added(&w);
	return 0;
}

void record_answer(struct record *r, size_t row, struct span id)
{
	if (r->csv && r->answer.n == 0)
		buf_printf(&r->answer, "%s,row\n", r->t->columns[r->t->key].name);
	buf_span(&r->answer, id);
	if (r->csv)
		buf_printf(&r->answer, ",%zu", row);
	buf_putc(&r->answer, '\n');
}

/* A file being read. */
struct reading {
	struct record *r;
	const char *name;
	struct diag *d;
	struct err *e;
	bool bound;			/* the header was seen */
};

/* The header, or a row. */
static int on_row(void *arg, const struct foreign_row *row)
{
	struct reading *g = arg;
	char id[ID_MAX];
	int result;

	if (!g->bound) {
		g->bound = true;
		record_bind(g->r, g->name, row->f, row->n, g->d);
		return 0;
	}
	if (row->bad) {
		g->r->rows++;
		return 0;
	}
	result = record_row(g->r, g->name, row->line, row->f, id, g->d, g->e);
	if (result == 0)
		record_answer(g->r, g->r->rows, span_of(id));
	return result < 0 ? -1 : 0;
}

int record_read(struct record *r, const char *name, struct span bytes, const char *encoding, struct diag *d,
    struct err *e)
{
	struct foreign_options opt = { .encoding = encoding };
	struct reading g = { .r = r, .name = name, .d = d, .e = e };

	return foreign_parse(name, bytes, &opt, d, on_row, &g, e) < 0 ? -1 : 0;
}

int record_sums(struct record *r, struct diag *d, struct err *e)
{
	struct record_state *s = r->state;

	if (s->rule != NULL && s->rule->sums(r, d, e))
		return -1;
	if (s->warned > RECORD_WARNED)
		diag_warn(d, "%zu warnings more", s->warned - RECORD_WARNED);
	return 0;
}

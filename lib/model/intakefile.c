/* SPDX-License-Identifier: MIT */
#include "model/intake.h"

#include <stdlib.h>

#include "base/time.h"
#include "csv/foreign.h"
#include "csv/scan.h"
#include "csv/writer.h"
#include "model/intakeint.h"

#define AHEAD_FROM ((size_t)256 << 10)	/* bytes; a smaller file is not worth loading what its rows are looked up in */
#define FILTER_TIMES 8u		/* so many times the file's bytes a ledger may have that is read whole on its account */
#define ROW_LEAST 64u		/* bytes of a row: of shorter ones more may come than room is made for */
#define SOON 12u		/* so many rows before it is its turn a row is announced */
#define PROGRESS_ROWS 0xfffu	/* rows between two looks at the progress line, a mask */

/* A file being read. */
struct reading {
	struct intake *in;
	struct intake_file *f;
	struct diag *d;			/* the caller's */
	struct diag own;		/* with set_aside: keeps the text, for the rejects file */
	char *said;			/* what own wrote */
	size_t nsaid, seen;		/* errors of own that are passed on */
	FILE *memory;
	size_t nheader;
	struct span *header;		/* copies */
	struct arena mem;
	struct buf reason;
	struct intake_ahead *ahead;	/* or NULL: the file is small */
	struct err *e;
	bool bound;
};

/* Pass on what own wrote and keep it as the reason of a row; how many errors. */
static size_t pass_on(struct reading *r)
{
	struct span rest, line;
	size_t n = r->own.errors - r->seen;

	if (r->memory == NULL)
		return 0;
	if (fflush(r->memory) != 0)
		mem_exhausted();
	buf_reset(&r->reason);
	rest = (struct span){ r->said, r->nsaid };
	while (span_split(&rest, '\n', &line)) {
		const char *colon = memmem(line.p, line.n, ": ", 2);
		size_t head = colon != NULL ? (size_t)(colon - line.p) : line.n;
		const char *tail = colon != NULL ? colon + 2 : line.p + line.n;
		size_t ntail = line.n - (size_t)(tail - line.p);

		if (r->own.prog != NULL && line.n > head && span_is((struct span){ line.p, head },
		    r->own.prog) && ntail > 9 &&
		    memcmp(tail, "warning: ", 9) == 0) {
			diag_warn(r->d, "%.*s", (int)ntail - 9, tail + 9);
			continue;
		}
		line.p = arena_spandup(&r->mem, (struct span){ line.p, head });
		diag_row(r->d, line.p, 0, NULL, "%.*s", (int)ntail, tail);
		buf_printf(&r->reason, "%s%.*s", r->reason.n ? "; " : "", (int)ntail, tail);
		arena_clear(&r->mem);
	}
	rewind(r->memory);
	r->seen = r->own.errors;
	r->own.warnings = 0;
	return n;
}

/* Where reading the register's hazards once is less work than looking the rows up in it one by one. */
static void make_filter(struct reading *r)
{
	struct office *o = r->in->office;
	struct intake_state *s = r->in->state;
	off_t bytes = s->first || s->filter != NULL ? -1 : ledger_bytes(o->reg, &o->at, s->t->name);

	if (bytes >= 0 && (uint64_t)bytes / FILTER_TIMES <= r->f->bytes.n)
		s->filter = ledger_filter_new(o->reg, &o->at);
}

/* The header, kept for the rejects file without its reason columns. */
static int read_header(struct reading *r, const struct foreign_row *row)
{
	r->bound = intake_bind(r->in, r->f->name, row->f, row->n, r->memory ? &r->own : r->d) == 0;
	pass_on(r);
	r->nheader = row->n;
	r->header = mem_zalloc(row->n + 1, sizeof *r->header);
	for (size_t i = 0; i < row->n; i++)
		r->header[i] = (struct span){ mem_spandup(row->f[i]), row->f[i].n };
	if (!r->bound || r->f->bytes.n < AHEAD_FROM)
		return 0;
	make_filter(r);
	r->ahead = intake_ahead_new(r->in, r->e);
	return r->ahead == NULL ? -1 : 0;
}

/* Rows that are to come. */
static void look_ahead(void *arg, unsigned slot, const struct foreign_row *row, size_t n)
{
	struct reading *r = arg;

	if (r->ahead != NULL)
		intake_ahead_make(r->ahead, slot, row, n);
}

/* How many rows the file has, by those of the block that begins with this one; not more than are worth room ahead. */
static size_t guess_rows(const struct intake_file *f, const struct foreign_row *row)
{
	const struct foreign_row *last = row + row->left;
	size_t bytes = (size_t)(last->raw.p - row->raw.p) + last->raw.n, rows = row->left + 1;
	size_t guess = rows * (f->bytes.n / (bytes + 1) + 1), most = f->bytes.n / ROW_LEAST;

	return guess < most ? guess : most;
}

/* What was made of a row ahead; on the way one that comes later is announced. */
static const struct intake_made *made_of(const struct reading *r, const struct foreign_row *row)
{
	const struct intake_made *m;

	if (r->ahead == NULL)
		return NULL;
	m = intake_ahead_row(r->ahead, row);
	if (r->f->rows == 1)
		intake_expect(r->in->state, guess_rows(r->f, row));
	if (row->left >= SOON)
		intake_soon(r->in->state, m + SOON);
	if (row->left >= 2 * SOON)
		__builtin_prefetch(m + 2 * SOON);	/* another thread made it: it is to be here when it is announced */
	return m;
}

/* The fields of a row that stand in a rejects file, and two more. */
static void put_reject(struct reading *r, const struct span *f, struct span line, struct span reason)
{
	struct span *v = mem_zalloc(r->nheader + 2, sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < r->nheader; i++)
		if (!span_is(r->header[i], INTAKE_REJECTED_LINE) && !span_is(r->header[i],
		    INTAKE_REJECTED_REASON))
			v[n++] = f[i];
	v[n++] = line;
	v[n++] = reason;
	writer_row(&r->f->rejects, v, n);
	free(v);
}

/* Put a row aside with what was said about it. */
static void set_aside(struct reading *r, const struct foreign_row *row)
{
	struct intake_file *f = r->f;
	char line[24];

	snprintf(line, sizeof line, "%zu", row->line);
	if (f->rejects.n == 0)
		put_reject(r, r->header, SPAN(INTAKE_REJECTED_LINE), SPAN(INTAKE_REJECTED_REASON));
	f->rejected++;
	if (!row->bad && row->n == r->nheader) {
		put_reject(r, row->f, span_of(line), buf_view(&r->reason));
		return;
	}
	buf_span(&f->rejects, row->raw);	/* its fields cannot be told apart: as it stands */
	buf_printf(&f->rejects, ",%s,", line);
	writer_field(&f->rejects, buf_view(&r->reason));
	buf_putc(&f->rejects, '\n');
}

int intake_answer(struct intake *in, struct intake_file *f, size_t row, const char *id, struct err *e)
{
	struct master *m;
	struct master_row found;
	struct span v[3] = { span_of(id), { NULL, 0 }, { NULL, 0 } };
	char number[24];
	int n = 0;

	if (!f->csv) {
		buf_puts(&f->answer, id);
		buf_putc(&f->answer, '\n');
		return 0;
	}
	if (f->answer.n == 0)
		buf_puts(&f->answer, "hazard,row,subject_name\n");
	snprintf(number, sizeof number, "%zu", row);
	v[1] = span_of(number);
	if (in->subject.n > 0) {
		m = office_master(in->office, "subjects", e);
		n = m == NULL ? -1 : master_find(m, in->subject, time_day(in->reported,
		    in->office->reg->offset), &found, e);
		if (n == 1)
			v[2] = found.f[schema_column(master_table(m), SPAN("name"))];
	}
	writer_row(&f->answer, v, 3);
	return n < 0 ? -1 : 0;
}

int intake_again(struct intake *in, struct intake_file *f, size_t row, const char *id, struct err *e)
{
	const struct table *t = schema_table(SPAN("hazards"));
	struct office *o = in->office;
	struct span v[EVENT_COLUMNS_MAX];
	struct buf text = BUF_INIT;
	struct ledger_at at;
	int result = 0;

	in->subject = (struct span){ NULL, 0 };
	if (f->csv && ledger_find(o->reg, &o->at, t->name, span_of(id), &at, e) == 1 &&
	    (result = ledger_read(o->reg, &o->at, t->name, at, &text, v, e)) == 0) {
		in->subject = v[schema_column(t, SPAN("subject"))];
		in->reported = time_trust(v[schema_column(t, SPAN("reported_at"))].p, o->reg->offset);
	}
	if (result == 0)
		result = intake_answer(in, f, row, id, e);
	in->subject = (struct span){ NULL, 0 };
	buf_clear(&text);
	return result;
}

/* A record of the file. */
static int read_row(void *arg, const struct foreign_row *row)
{
	struct reading *r = arg;
	struct intake_file *f = r->f;
	struct diag *d = r->memory != NULL ? &r->own : r->d;
	char id[ID_MAX];
	bool old;
	int result;

	if (r->header == NULL)
		return read_header(r, row);
	if (!r->bound)
		return 1;		/* rows mean nothing under a header that is not understood */
	if ((++f->rows & PROGRESS_ROWS) == 0 && f->cli != NULL)
		cli_progress(f->cli, f->name, f->rows, 0);
	if (row->bad || row->n != r->nheader) {
		if (pass_on(r) > 0)
			set_aside(r, row);
		return 0;
	}
	result = intake_take(r->in, made_of(r, row), f->name, row->line, row->f, id, &old, d, r->e);
	if (r->memory != NULL && (r->own.errors > r->seen || r->own.warnings > 0))
		pass_on(r);
	if (result < 0)
		return -1;
	if (result == 1) {
		if (r->memory != NULL)
			set_aside(r, row);
		return 0;
	}
	f->added += !old;
	return intake_answer(r->in, f, f->rows, id, r->e);
}

int intake_read(struct intake *in, struct intake_file *f, struct diag *d, size_t *fatal, struct err *e)
{
	struct reading r = { .in = in, .f = f, .d = d, .e = e };
	struct foreign_options opt = { .encoding = f->encoding, .clean = f->clean, .ahead = look_ahead, .threaded = scan_cores(2) > 1 };
	size_t before = d->errors;
	int result;

	in->state->names_subject = f->csv;
	if (f->set_aside) {
		r.memory = open_memstream(&r.said, &r.nsaid);
		if (r.memory == NULL)
			return err_sys(e, "rejects: cannot keep them");
		diag_init(&r.own, r.memory, d->prog, 0);
	}
	result = foreign_parse(f->name, f->bytes, &opt, f->set_aside ? &r.own : d, read_row, &r, e);
	if (f->set_aside)
		pass_on(&r);
	if (result >= 0 && d->errors == before && f->rows == 0)
		diag_row(d, f->name, 0, NULL, "a header and no rows");
	*fatal = f->set_aside && r.bound && f->rows > 0 ? 0 : d->errors - before;
	for (size_t i = 0; i < r.nheader; i++)
		free((char *)r.header[i].p);
	free(r.header);
	intake_ahead_free(r.ahead);
	if (r.memory != NULL)
		fclose(r.memory);
	free(r.said);
	buf_clear(&r.reason);
	arena_clear(&r.mem);
	return result < 0 ? -1 : 0;
}

void intake_file_clear(struct intake_file *f)
{
	buf_clear(&f->answer);
	buf_clear(&f->rejects);
}

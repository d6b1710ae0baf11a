/* SPDX-License-Identifier: MIT */
#include "model/listfile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/text.h"
#include "csv/scan.h"
#include "model/list.h"
#include "register/schema.h"

#define PIPE_BYTES (1 << 20)

struct listfile_state {
	struct scan_source src;
	struct buf text, rest;
	struct span *header;
	size_t ncols;
	int *cols;
	size_t threads;
	bool stream;
	struct label {			/* how a Chinese label of a wanted column becomes an id again */
		const struct column *law;
		const struct vocab *place;
	} *label;
	size_t *labelled;		/* the columns that have labels */
	size_t nlabelled;
};

struct row_call {		/* one thread's callback with its argument */
	const struct listfile *l;
	listfile_fn *fn;
	void *arg;
	struct span v[SCAN_WANT_MAX];
};

/* The English name of a header cell, or the cell as it stands. */
static struct span header_name(struct span cell, const struct list_columns *place)
{
	const struct table *t = schema_table(SPAN("hazard-list"));
	int c = schema_column_label(t, cell);
	struct err ignored = ERR_INIT;

	if (c >= 0)
		return span_of(t->columns[c].name);
	c = place ? list_column(place, cell, &ignored) : -1;
	return c >= 0 ? names_at(&place->ids, (uint32_t)c) : cell;
}

/* Which column of the file each wanted name is, -1 for none. */
static void bind(struct listfile *l)
{
	struct listfile_state *s = l->state;
	struct list_columns *place = l->policy ? list_columns_new(l->policy) : NULL;

	for (size_t i = 0; i < l->n; i++)
		s->cols[i] = -1;
	for (size_t c = 0; c < s->ncols; c++) {
		struct span name = header_name(s->header[c], place);

		for (size_t i = 0; i < l->n; i++)
			if (s->cols[i] < 0 && l->names[i] && span_is(name, l->names[i]))
				s->cols[i] = (int)c;
	}
	list_columns_free(place);
}

/* Where labels of wanted columns are looked up. */
static void bind_labels(struct listfile *l)
{
	const struct table *t = schema_table(SPAN("hazard-list"));

	l->state->label = mem_zalloc(l->n + 1, sizeof *l->state->label);
	l->state->labelled = mem_zalloc(l->n + 1, sizeof *l->state->labelled);
	for (size_t i = 0; i < l->n; i++) {
		struct label *b = &l->state->label[i];
		int c = l->names[i] ? schema_column(t, span_of(l->names[i])) : -1;

		if (c >= 0 && t->columns[c].type == COLUMN_ENUM)
			b->law = &t->columns[c];
		else if (c >= 0 && t->columns[c].type == COLUMN_PLACE && l->policy)
			b->place = policy_vocab(l->policy, t->columns[c].vocabulary);
		if (b->law || b->place)
			l->state->labelled[l->state->nlabelled++] = i;
	}
}

/* The id behind a Chinese label; other values as they are. */
static struct span unlabel(const struct label *b, struct span v)
{
	int i;

	if (b->law && (i = schema_enum(b->law, v)) >= 0)
		return span_of(schema_value(b->law, (size_t)i));
	if (b->place && (i = vocab_find(b->place, v)) >= 0)
		return span_of(b->place->v[i].id);
	return v;
}

/* Say that a column is not there. */
static int absent(const struct listfile *l, size_t want, struct err *e)
{
	struct listfile_state *s = l->state;
	const char **all = mem_zalloc(s->ncols + 1, sizeof *all);
	const char *near;

	for (size_t c = 0; c < s->ncols; c++)
		all[c] = mem_spandup(s->header[c]);
	near = text_nearest(span_of(l->names[want]), all, s->ncols);
	err_set(e, ERR_DATA, "%s:1: no column \"%s\"%s%s%s; hazard-list --columns=…,%s prints it", s->src.name, l->names[want],
	    near ? " (there is \"" : "", near ? near : "", near ? "\")" : "", l->names[want]);
	for (size_t c = 0; c < s->ncols; c++)
		free((char *)all[c]);
	free(all);
	return -1;
}

static int open_source(struct listfile *l, struct err *e)
{
	struct listfile_state *s = l->state;
	bool is_stdin = !strcmp(l->path, "-");
	struct stat st;

	s->src = (struct scan_source){ .fd = 0, .name = is_stdin ? "standard input" : l->path, .to = -1, .first_line = 1 };
	if (!is_stdin) {
		s->src.fd = io.openat(AT_FDCWD, l->path, O_RDONLY | O_CLOEXEC, 0);
		if (s->src.fd < 0)
			return err_sys(e, "%s", l->path);
	}
	s->stream = is_stdin || fstat(s->src.fd, &st) || !S_ISREG(st.st_mode);
	/* the program that writes should seldom wait for this one: as much as anybody may ask for, or what there is */
	if (s->stream)
		fcntl(s->src.fd, F_SETPIPE_SZ, PIPE_BYTES);
	if (!s->stream)
		s->src.to = st.st_size;
	s->threads = s->stream || st.st_size < 1 << 22 ? 1 : l->nthreads;
	return 0;
}

int listfile_open(struct listfile *l, struct err *e)
{
	l->state = mem_zalloc(1, sizeof *l->state);
	l->state->src.fd = -1;
	if (open_source(l, e) || scan_header(&l->state->src, &l->state->text, &l->state->header, &l->state->ncols, &l->state->rest, e))
		return -1;
	l->state->cols = mem_zalloc(l->n + 1, sizeof *l->state->cols);
	bind(l);
	bind_labels(l);
	for (size_t i = 0; i < l->n; i++) {
		l->missing[i] = l->state->cols[i] < 0;
		if (i < l->optional && l->missing[i])
			return absent(l, i, e);
	}
	return 0;
}

size_t listfile_threads(const struct listfile *l)
{
	return l->state->threads;
}

/* May a value be a label?  Ids are plain. */
static inline bool may_label(struct span v)
{
	return v.n > 0 && (unsigned char)v.p[0] >= 0x80;
}

static int on_row(void *arg, const struct scan_row *row)
{
	struct row_call *call = arg;
	const struct listfile_state *s = call->l->state;
	const struct span *v = row->f;

	for (size_t k = 0; k < s->nlabelled; k++) {
		size_t i = s->labelled[k];

		if (__builtin_expect(!may_label(row->f[i]), 1))
			continue;
		if (v == row->f)
			v = memcpy(call->v, row->f, call->l->n * sizeof *v);
		call->v[i] = unlabel(&s->label[i], row->f[i]);
	}
	return call->fn(call->arg, v);
}

/* The rows of one thread come once more. */
static void on_again(void *arg)
{
	const struct row_call *call = arg;

	call->l->again(call->arg);
}

int listfile_rows(struct listfile *l, listfile_fn *fn, void *const *args, struct err *e)
{
	struct listfile_state *s = l->state;
	struct scan_want want = { s->ncols, s->cols, l->n };
	struct row_call *call = mem_zalloc(s->threads, sizeof *call);
	void **calls = mem_zalloc(s->threads, sizeof *calls);
	int rc;

	for (size_t i = 0; i < s->threads; i++) {
		call[i] = (struct row_call){ .l = l, .fn = fn, .arg = args[i] };
		calls[i] = &call[i];
	}
	if (s->stream)
		rc = scan_rest(&s->src, buf_view(&s->rest), &want, on_row, calls[0], e);
	else
		rc = scan_threads_again(&s->src, &want, on_row, l->again != NULL ? on_again : NULL, calls, s->threads, e);
	free(calls);
	free(call);
	return rc;
}

void listfile_close(struct listfile *l)
{
	if (!l->state)
		return;
	if (l->state->src.fd > 0)
		close(l->state->src.fd);
	buf_clear(&l->state->text);
	buf_clear(&l->state->rest);
	free(l->state->header);
	free(l->state->cols);
	free(l->state->label);
	free(l->state->labelled);
	free(l->state);
	l->state = NULL;
}

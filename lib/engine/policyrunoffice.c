/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/text.h"
#include "base/time.h"
#include "csv/writer.h"
#include "engine/masterput.h"
#include "engine/policyrunint.h"

#define MASTER_MAX ((size_t)64 << 20)
#define COLUMNS_MAX 64

/* In this order: a table comes behind those it refers to. */
static const char *const order[] = { "grids", "organs", "officers", "posts", "subjects", "points", "campaigns" };

/* The columns that the rows of a table use; false when one is none. */
static bool find_columns(struct policyrun_case *c, const struct table *t, const struct yaml_node *rows, bool *used)
{
	size_t before = c->out.n;

	for (size_t i = 0; i < rows->n; i++)
		for (size_t k = 0; k < rows->item[i]->n; k++) {
			const struct yaml_node *key = rows->item[i]->key[k];
			int col = schema_column_label(t, key->text),
			    near = col < 0 ? schema_nearest_column(t, key->text) : -1;

			if (col >= 0)
				used[col] = true;
			else
				policyrun_fail(c, key, "\"%s\" is not a column of %s%s%s%s", yaml_text(key), t->name,
				    near >= 0 ? "; did you mean " : "", near >= 0 ? t->columns[near].name : "",
				    near >= 0 ? "?" : "");
		}
	return c->out.n == before;
}

/* Rows given in the test as a CSV whose lines are those of the test, so that complaints name them. */
static void put_rows(const struct table *t, const struct yaml_node *rows, const bool *used, struct buf *out)
{
	struct span v[COLUMNS_MAX];
	size_t line = 2, n = 0;

	for (int col = 0; col < t->ncolumns; col++)
		if (used[col])
			v[n++] = span_of(t->columns[col].name);
	writer_row(out, v, n);
	for (size_t i = 0; i < rows->n; i++) {
		const struct yaml_node *row = rows->item[i];

		for (; line < row->line; line++)
			buf_putc(out, '\n');
		n = 0;
		for (int col = 0; col < t->ncolumns; col++) {
			if (!used[col])
				continue;
			v[n] = SPAN("");
			for (size_t k = 0; k < row->n; k++)
				if (schema_column_label(t, row->key[k]->text) == col)
					v[n] = row->item[k]->text;
			n++;
		}
		writer_row(out, v, n);
		line++;
	}
}

/* A table's rows as CSV and where they come from; nothing when the test has none. */
static int read_table(
    struct policyrun_case *c, const struct table *t, struct buf *bytes, struct buf *name, struct err *e)
{
	const struct yaml_node *m = c->file->masters, *rows;
	bool used[COLUMNS_MAX] = { false };
	struct stat st;

	if (m->kind == YAML_SCALAR) {
		const char *dir = yaml_text(m);

		buf_printf(name, "%s%s%s/%s.csv", dir[0] == '/' ? "" : c->file->here, dir[0] == '/' ? "" : "/", dir,
		    t->name);
		if (io.fstatat(AT_FDCWD, name->p, &st, 0) < 0) {
			if (strcmp(t->name, "grids") == 0 || strcmp(t->name, "officers") == 0)
				policyrun_fail(c, m, "masters: there is no %s", name->p);
			return 0;
		}
		return io_slurp(AT_FDCWD, name->p, MASTER_MAX, bytes, e);
	}
	buf_puts(name, c->file->f->name);
	rows = yaml_get(m, t->name);
	if (rows != NULL && find_columns(c, t, rows, used))
		put_rows(t, rows, used, bytes);
	return 0;
}

/* The first officer, who acts when nobody is named. */
static void note_actor(struct policyrun_case *c, const struct table *t, struct span canonical)
{
	struct span line, id;

	if (strcmp(t->name, "officers") != 0 || c->file->actor != NULL)
		return;
	if (span_split(&canonical, '\n', &line) && span_split(&canonical, '\n', &line) && span_split(&line, ',', &id))
		c->file->actor = mem_spandup(id);
}

/* Commit one table. */
static int put_table(struct policyrun_case *c, struct reg *r, const struct table *t, int64_t now, struct err *e)
{
	struct commit_who who = {
		.actor = "policy-test", .command = "policy-test run", .key = "", .now = now, .lock_wait_ms = 1000
	};
	struct buf bytes = BUF_INIT, name = BUF_INIT, out = BUF_INIT, why = BUF_INIT, warning = BUF_INIT;
	struct masterput m = { .table = t, .day = time_day(now, c->file->offset) };
	struct policyrun_catch catch;
	struct masterput_sum sum;
	struct commit *commit = NULL;
	int result = read_table(c, t, &bytes, &name, e);

	policyrun_catch(&catch);
	if (result == 0 && bytes.n > 0 && c->out.n == 0) {
		commit = commit_open(r, &who, e);
		m.file = name.p;
		m.office = commit != NULL ? office_on(r, commit_moment(commit), e) : NULL;
		result =
		    m.office == NULL || masterput_file(&m, buf_view(&bytes), NULL, false, &catch.d, &out, &sum, e)
		    ? -1
		    : 0;
		office_close(m.office);
	}
	policyrun_caught(&catch, &why);
	if (why.n > 0) {
		struct span rest = buf_view(&why), line;

		while (span_split(&rest, '\n', &line))
			buf_printf(&c->out, "# %.*s\n", (int)line.n, line.p);
	} else if (result == 0 && commit != NULL && !sum.same) {
		note_actor(c, t, buf_view(&out));
		commit_version(commit, t->name, buf_view(&out));
		result = commit_close(commit, &warning, e);
		commit = NULL;
	}
	commit_drop(commit);
	buf_clear(&bytes);
	buf_clear(&name);
	buf_clear(&out);
	buf_clear(&why);
	buf_clear(&warning);
	return result;
}

int policyrun_office(struct policyrun_case *c, int64_t now, struct err *e)
{
	const struct pack *p = c->file->pack;
	struct reg_new n = { .office = c->file->office,
		.name = c->file->policy->name,
		.language = "zh",
		.offset = c->file->offset,
		.policy = p->bytes,
		.npolicy = p->n,
		.manifest = buf_view(&p->manifest),
		.now = now,
		.actor = "policy-test",
		.command = "policy-test run" };
	struct reg *r;
	int result = 0;

	if (reg_create(c->reg.p, &n, e))
		return -1;
	r = reg_open(c->reg.p, e);
	if (r == NULL)
		return -1;
	r->allow_network = true;
	for (size_t i = 0; i < sizeof order / sizeof *order && result == 0 && c->out.n == 0; i++)
		result = put_table(c, r, schema_table(span_of(order[i])), now, e);
	reg_close(r);
	return result;
}

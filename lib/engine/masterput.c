/* SPDX-License-Identifier: MIT */
#include "engine/masterput.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "engine/masterlint.h"
#include "engine/policylint.h"
#include "model/value.h"

/* Count a change. */
static int count_change(void *arg, const struct tablerows_change *c)
{
	struct masterput_sum *s = arg;

	if (!c->was)
		s->added++;
	else if (!c->now)
		s->dropped++;
	else
		s->changed++;
	return 0;
}

/* The checks around the new rows, the bytes and the sums. */
static int finish(const struct masterput *p, const struct tablerows *was, const struct tablerows *now,
    const char *file, struct diag *d,
    struct buf *out, struct masterput_sum *sum, struct err *e)
{
	const char *committed = moment_version(&p->office->at, p->table->name);
	char digest[DIGEST_HEX + 1];

	*sum = (struct masterput_sum){ .rows = now->n };
	if (masterlint_rows(p->office, now, file, d, e) || masterlint_dropped(p->office, was, now, file, d, e))
		return -1;
	if (strcmp(p->table->name, "organs") == 0 && policylint_organs_put(p->office, was, now, file, d, e))
		return -1;
	tablerows_compare(was, now, count_change, sum);
	tablerows_write(now, out);
	digest_of(buf_view(out), digest);
	sum->same = committed && !strcmp(committed, digest);
	return 0;
}

/* Columns that every row needs and that the file lacks. */
static void lint_missing(const struct masterput *p, const struct tablerows *file, struct diag *d)
{
	for (int c = 0; c < p->table->ncolumns; c++)
		if (p->table->columns[c].required && c != p->table->key && !file->given[c])
			diag_row(d, p->file, 1, NULL, "there is no column %s (%s), which every row needs",
			    p->table->columns[c].name,
			    p->table->columns[c].title_zh);
}

/* Are all columns that together are unique in the file? */
static bool has_primary(const struct tablerows *file)
{
	struct span rest = span_of(file->table->primary), name;

	while (span_split(&rest, ',', &name))
		if (!file->given[schema_column(file->table, name)])
			return false;
	return true;
}

/* What a row goes by in a merge. */
static struct span merge_key(const struct tablerows *file, const struct span *v, bool primary, struct buf *key)
{
	if (!primary)
		return v[file->table->key];
	tablerows_key(file->table, v, key);
	return buf_view(key);
}

/* The committed rows by that key; where it is not unique the one latest in validity. */
static uint32_t *index_rows(const struct tablerows *was, const struct tablerows *file, bool primary, struct names *keys)
{
	int from = schema_column(was->table, SPAN("valid_from"));
	uint32_t *row = mem_zalloc(was->n + file->n + 1, sizeof *row);
	struct buf key = BUF_INIT;

	for (size_t i = 0; i < was->n; i++) {
		const struct span *v = tablerows_row(was, i);
		uint32_t n = keys->n, k = names_add(keys, merge_key(file, v, primary, &key));

		if (k == n || from < 0 || span_cmp(v[from], tablerows_row(was, row[k])[from]) >= 0)
			row[k] = (uint32_t)i;
	}
	buf_clear(&key);
	return row;
}

/* A row of the file over the committed one: the columns it has. */
static void overlay(struct tablerows *now, size_t i, const struct tablerows *file, size_t from)
{
	struct span *to = now->f + i * (size_t)now->table->ncolumns;
	const struct span *v = tablerows_row(file, from);

	for (int c = 0; c < now->table->ncolumns; c++)
		if (file->given[c])
			to[c] = (struct span){ v[c].n ? arena_spandup(&now->mem, v[c]) : "", v[c].n };
	now->line[i] = file->line[from];
}

/* A row that is new: it has all that rows need. */
static void lint_new(const struct masterput *p, const struct tablerows *file, size_t i, struct diag *d)
{
	for (int c = 0; c < p->table->ncolumns; c++)
		if (p->table->columns[c].required && !file->given[c])
			diag_row(d, p->file, file->line[i], p->table->columns[c].name,
			    "%.*s is new, so it needs a value here; the file has no such column",
			    (int)tablerows_row(file, i)[p->table->key].n,
			    tablerows_row(file, i)[p->table->key].p);
}

/* was and the file's rows over it. */
static void merge_rows(const struct masterput *p, const struct tablerows *was, const struct tablerows *file,
    struct diag *d,
    struct tablerows *now)
{
	bool primary = has_primary(file);
	struct names keys = { .n = 0 };
	struct buf key = BUF_INIT;
	uint32_t *row = index_rows(was, file, primary, &keys);

	for (size_t i = 0; i < was->n; i++)
		tablerows_add(now, tablerows_row(was, i), 0);
	for (size_t i = 0; i < file->n; i++) {
		const struct span *v = tablerows_row(file, i);
		uint32_t n = keys.n, k = names_add(&keys, merge_key(file, v, primary, &key));

		if (k == n) {
			lint_new(p, file, i, d);
			row[k] = (uint32_t)now->n;
			tablerows_add(now, v, file->line[i]);
		} else if (now->line[row[k]]) {
			diag_row(d, p->file, file->line[i], p->table->columns[p->table->key].name,
			    "%.*s: line %zu changes the same row",
			    (int)v[p->table->key].n, v[p->table->key].p, now->line[row[k]]);
		} else {
			overlay(now, row[k], file, i);
		}
	}
	names_clear(&keys);
	buf_clear(&key);
	free(row);
}

int masterput_file(const struct masterput *p, struct span bytes, const char *encoding, bool merge, struct diag *d,
    struct buf *out, struct masterput_sum *sum, struct err *e)
{
	struct tablerows was, file, now;
	struct buf merged = BUF_INIT;
	int result = -1;

	tablerows_init(&file, p->table);
	tablerows_init(&now, p->table);
	if (tablerows_version(&was, p->table, p->office->reg, moment_version(&p->office->at, p->table->name), e)
	    || tablerows_foreign(&file, p->table, p->office, p->file, bytes, encoding, p->day, d, e))
		goto done;
	if (!file.given[p->table->key]) {
		result = 0;	/* said already; without keys nothing more can be looked at */
		goto done;
	}
	if (!merge)
		lint_missing(p, &file, d);
	else
		merge_rows(p, &was, &file, d, &now);
	if (merge) {
		/* what stands between rows is told by the lines of the table to be */
		buf_printf(&merged, "%s.csv as merged", p->table->name);
		for (size_t i = 0; i < now.n; i++)
			now.line[i] = i + 2;
	}
	result = finish(p, &was, merge ? &now : &file, merge ? merged.p : p->file, d, out, sum, e);
done:
	buf_clear(&merged);
	tablerows_clear(&was);
	tablerows_clear(&file);
	tablerows_clear(&now);
	return result;
}

/* The latest row of a key; SIZE_MAX none. */
static size_t latest(const struct tablerows *rows, struct span id)
{
	int from = schema_column(rows->table, SPAN("valid_from"));
	size_t at = SIZE_MAX;

	for (size_t i = 0; i < rows->n; i++) {
		const struct span *v = tablerows_row(rows, i);

		if (span_eq(v[rows->table->key], id)
		    && (at == SIZE_MAX || from < 0 || span_cmp(v[from], tablerows_row(rows, at)[from]) >= 0))
			at = i;
	}
	return at;
}

/* One COL=VALUE. */
static int assign(const struct masterput *p, struct values *values, struct tablerows *now, size_t row, const char *said,
    struct diag *d, struct err *e)
{
	struct span name = { said, strcspn(said, "=") };
	struct err mine = ERR_INIT;
	struct buf value = BUF_INIT;
	struct span *to;
	int c, near, result = 0;

	if (!said[name.n] || name.n == 0)
		return err_set(e, ERR_USAGE, "\"%s\" is not COL=VALUE", said);
	c = schema_column_label(p->table, name);
	if (c < 0) {
		near = schema_nearest_column(p->table, name);
		return err_set(e, ERR_USAGE, "%s has no column \"%.*s\"%s%s%s", p->table->name, (int)name.n, name.p,
		    near >= 0 ? "; did you mean " : "", near >= 0 ? p->table->columns[near].name : "",
		    near >= 0 ? "?" : "");
	}
	if (c == p->table->key)
		return err_set(e, ERR_USAGE,
		    "%s is the key of %s and stays; end the row with valid_to and put a new one",
		    p->table->columns[c].name, p->table->name);
	if (tablerows_value(values, p->office, p->table, c, p->day, span_of(said + name.n + 1), &value, &mine)) {
		if (mine.status == ERR_DATA)
			diag_row(d, p->file, now->line[row], p->table->columns[c].name, "%s", mine.text);
		else
			result = err_set(e, mine.status, "%s", mine.text);
	} else {
		to = now->f + row * (size_t)p->table->ncolumns;
		to[c] = (struct span){ value.n ? arena_spandup(&now->mem, buf_view(&value)) : "", value.n };
	}
	buf_clear(&value);
	return result;
}

int masterput_row(const struct masterput *p, struct span id, char *const *set, size_t n, struct diag *d,
    struct buf *out, struct masterput_sum *sum, struct err *e)
{
	const char *digest = moment_version(&p->office->at, p->table->name);
	struct values *values = values_new(p->office);
	struct tablerows was, now;
	size_t row;
	int result = -1;

	tablerows_init(&now, p->table);
	if (tablerows_version(&was, p->table, p->office->reg, digest, e)
	    || tablerows_version(&now, p->table, p->office->reg, digest, e))
		goto done;
	row = latest(&now, id);
	if (row == SIZE_MAX) {
		err_set(e, ERR_DATA, "%s has no row of %s \"%.*s\"; gridctl put --merge adds rows", p->table->name,
		    p->table->columns[p->table->key].name, (int)id.n, id.p);
		goto done;
	}
	for (size_t i = 0; i < n; i++)
		if (assign(p, values, &now, row, set[i], d, e))
			goto done;
	result = finish(p, &was, &now, p->file, d, out, sum, e);
done:
	tablerows_clear(&was);
	tablerows_clear(&now);
	values_free(values);
	return result;
}

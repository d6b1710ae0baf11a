/* SPDX-License-Identifier: MIT */
#include "model/columnopt.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* What to write for the value of a column. */
static const char *metavar(const struct column *c)
{
	switch (c->type) {
	case COLUMN_TIME:
		return "TIME";
	case COLUMN_DATE:
		return "DATE";
	case COLUMN_TEXT:
		return "TEXT";
	case COLUMN_INTEGER:
	case COLUMN_FEN:
	case COLUMN_QTY:
		return "N";
	case COLUMN_ENUM:
	case COLUMN_PLACE:
		return "WORD";
	default:
		return "ID";
	}
}

void column_options_init(struct column_options *c, const struct table *t, const char *const *skip,
    const struct cli_option *own)
{
	size_t n = 0;

	*c = (struct column_options){ .t = t };
	while (own[c->own].name != NULL)
		c->own++;
	c->options = mem_zalloc(c->own + 2 * (size_t)t->ncolumns + 1, sizeof *c->options);
	c->value = mem_zalloc((size_t)t->ncolumns, sizeof *c->value);
	for (; n < c->own; n++)
		c->options[n] = own[n];
	for (int i = 0; i < t->ncolumns; i++) {
		const struct column *col = &t->columns[i];
		bool skipped = false;
		char *dashed;

		for (const char *const *s = skip; *s != NULL; s++)
			skipped = skipped || strcmp(*s, col->name) == 0;
		if (skipped)
			continue;
		dashed = mem_strdup(col->name);
		for (char *p = dashed; *p != '\0'; p++)
			if (*p == '_')
				*p = '-';
		c->options[n++] = (struct cli_option){ dashed, 0, metavar(col), col->title };
		if (strcmp(dashed, col->name) != 0)
			c->options[n++] = (struct cli_option){ mem_strdup(col->name), 0, metavar(col),
			    "the same" };
	}
}

void column_options_clear(struct column_options *c)
{
	for (size_t i = c->own; c->options != NULL && c->options[i].name != NULL; i++)
		free((char *)c->options[i].name);
	free(c->options);
	free(c->value);
}

int column_options_take(struct column_options *c, const struct cli_option *o, const char *value, struct err *e)
{
	char name[64];
	int col;

	if (o < c->options + c->own)
		return 0;
	snprintf(name, sizeof name, "%s", o->name);
	for (char *p = name; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	col = schema_column(c->t, span_of(name));
	if (c->value[col].p != NULL)
		return err_set(e, ERR_USAGE, "given twice");
	c->value[col] = span_of(value);
	c->said++;
	return 1;
}

size_t column_options_row(const struct column_options *c, struct span name[COLUMN_OPTIONS_MAX],
    struct span value[COLUMN_OPTIONS_MAX])
{
	size_t n = 0;

	for (int i = 0; i < c->t->ncolumns && n < COLUMN_OPTIONS_MAX; i++)
		if (c->value[i].p != NULL) {
			name[n] = span_of(c->t->columns[i].name);
			value[n++] = c->value[i];
		}
	return n;
}

/* SPDX-License-Identifier: MIT */
#include "model/inputrow.h"

#include <stdarg.h>
#include <string.h>

void inputrow_complain(const char *file, size_t line, const char *column, struct diag *d, const char *fmt, ...)
{
	struct buf text = BUF_INIT, name = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (file == NULL && column != NULL) {
		buf_puts(&name, "--");
		for (; *column; column++)
			buf_putc(&name, *column == '_' ? '-' : *column);
	} else if (column != NULL) {
		buf_puts(&name, column);
	}
	diag_row(d, file != NULL ? file : d->prog != NULL ? d->prog : "command line", file != NULL ? line : 0,
	    name.p, "%s", text.p);
	buf_clear(&text);
	buf_clear(&name);
}

int inputrow_column(const struct table *t, const char *const *given, const char *file, struct span label, size_t number,
    struct diag *d)
{
	int col = schema_column_label(t, label);

	if (label.n == 0) {
		inputrow_complain(file, 1, NULL, d, "column %zu has no name", number);
		return INPUTROW_BAD;
	}
	if (col < 0)
		return INPUTROW_UNKNOWN;
	while (*given != NULL && strcmp(*given, t->columns[col].name) != 0)
		given++;
	if (*given == NULL)
		return col;
	inputrow_complain(file, 1, NULL, d, "column \"%.*s\" is given by the register; leave it out", (int)label.n, label.p);
	return INPUTROW_BAD;
}

void inputrow_unknown(const struct table *t, const char *file, struct span label, struct diag *d)
{
	int near = schema_nearest_column(t, label);

	inputrow_complain(file, 1, NULL, d, "unknown column \"%.*s\"%s%s%s", (int)label.n, label.p,
	    near >= 0 ? "; did you mean " : "", near >= 0 ? t->columns[near].name : "", near >= 0 ? "?" : "");
}

void inputrow_double(const char *file, const struct span *header, size_t first, size_t second, struct diag *d)
{
	inputrow_complain(file, 1, NULL, d, "columns %zu (\"%.*s\") and %zu (\"%.*s\") are the same", first + 1,
	    (int)header[first].n, header[first].p, second + 1, (int)header[second].n, header[second].p);
}

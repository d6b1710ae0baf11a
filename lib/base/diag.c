/* SPDX-License-Identifier: MIT */
#include "base/diag.h"

#include <stdarg.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

void diag_init(struct diag *d, FILE *to, const char *prog, size_t max)
{
	*d = (struct diag){ .to = to, .prog = prog, .max = max };
}

/* Write a line, escaped. */
static void put_line(FILE *to, const struct buf *line)
{
	struct buf shown = BUF_INIT;

	text_escape(&shown, buf_view(line), false);
	buf_putc(&shown, '\n');
	fwrite(shown.p, 1, shown.n, to);
	buf_clear(&shown);
}

/* Count an error; is it to be written? */
static bool is_wanted(struct diag *d)
{
	d->errors++;
	return d->to != NULL && (d->max == 0 || d->errors <= d->max);
}

/* The place that b holds so far, then the text. */
static void finish(struct diag *d, struct buf *b, const char *fmt, va_list ap)
{
	buf_puts(b, ": ");
	buf_vprintf(b, fmt, ap);
	put_line(d->to, b);
	buf_clear(b);
}

void diag_row(struct diag *d, const char *file, size_t line, const char *column, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (!is_wanted(d))
		return;
	buf_puts(&b, file);
	if (line > 0)
		buf_printf(&b, ":%zu", line);
	if (column != NULL)
		buf_printf(&b, ": %s", column);
	va_start(ap, fmt);
	finish(d, &b, fmt, ap);
	va_end(ap);
}

void diag_pos(struct diag *d, const char *file, size_t line, size_t col, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (!is_wanted(d))
		return;
	buf_puts(&b, file);
	if (line > 0)
		buf_printf(&b, ":%zu", line);
	if (line > 0 && col > 0)
		buf_printf(&b, ":%zu", col);
	va_start(ap, fmt);
	finish(d, &b, fmt, ap);
	va_end(ap);
}

void diag_warn(struct diag *d, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	d->warnings++;
	if (d->to == NULL)
		return;
	if (d->prog != NULL)
		buf_printf(&b, "%s: ", d->prog);
	buf_puts(&b, "warning: ");
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	put_line(d->to, &b);
	buf_clear(&b);
}

int diag_end(struct diag *d, struct err *e)
{
	if (d->errors == 0)
		return 0;
	if (d->to != NULL && d->max > 0 && d->errors > d->max) {
		size_t more = d->errors - d->max;

		fprintf(d->to, "… and %zu more error%s\n", more, more == 1 ? "" : "s");
	}
	return err_set(e, ERR_DATA, "%zu error%s, nothing was written", d->errors, d->errors == 1 ? "" : "s");
}

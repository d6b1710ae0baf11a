/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Format into text; where it is cut, no part of a UTF-8 character is left at the end. */
__attribute__((format(printf, 3, 0)))
static void format_cut(char *text, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(text, size, fmt, ap);
	size_t end = size - 1, i;

	if (n < 0) {
		text[0] = '\0';
		return;
	}
	if ((size_t)n < size)
		return;
	for (i = end; i > 0 && end - i < 4 && ((unsigned char)text[i - 1] & 0xc0) == 0x80; i--)
		continue;
	if (i > 0 && ((unsigned char)text[i - 1] & 0xc0) == 0xc0)
		text[i - 1] = '\0';
}

int err_set(struct err *e, enum err_status status, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL || e->status != ERR_OK)
		return -1;
	va_start(ap, fmt);
	format_cut(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	e->status = status;
	return -1;
}

int err_sys(struct err *e, const char *fmt, ...)
{
	int number = errno;
	/* strerror's words, but the same under every locale */
	const char *why = strerrordesc_np(number);
	char what[sizeof e->text];
	va_list ap;

	va_start(ap, fmt);
	format_cut(what, sizeof what, fmt, ap);
	va_end(ap);
	if (why != NULL)
		err_set(e, ERR_FAILED, "%s: %s", what, why);
	else
		err_set(e, ERR_FAILED, "%s: error %d", what, number);
	errno = number;
	return -1;
}

int err_prefix(struct err *e, const char *fmt, ...)
{
	char prefix[sizeof e->text], old[sizeof e->text];
	enum err_status status;
	va_list ap;

	if (e == NULL || e->status == ERR_OK)
		return -1;
	va_start(ap, fmt);
	format_cut(prefix, sizeof prefix, fmt, ap);
	va_end(ap);
	memcpy(old, e->text, sizeof old);
	status = e->status;
	e->status = ERR_OK;
	return err_set(e, status, "%s: %s", prefix, old);
}

void err_clear(struct err *e)
{
	e->status = ERR_OK;
	e->text[0] = '\0';
}

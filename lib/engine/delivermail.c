/* SPDX-License-Identifier: MIT */
#include "engine/delivermail.h"

#include <nettle/base64.h>

#include "base/time.h"

#define WORD_BYTES 36		/* of text in an encoded word, so that none makes a line of more than 78 characters */
#define LINE_BYTES 57		/* of text in a line of 76 characters */

/* Bytes as base64. */
static void put_base64(struct buf *out, const char *p, size_t n)
{
	size_t room = BASE64_ENCODE_RAW_LENGTH(n);

	buf_reserve(out, room + 1);
	base64_encode_raw(out->p + out->n, n, (const uint8_t *)p);
	out->n += room;
	out->p[out->n] = '\0';
}

static bool is_plain(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || (unsigned char)s.p[i] > 0x7e)
			return false;
	return s.n <= 60 && !memmem(s.p, s.n, "=?", 2);
}

/* Text in a header: as it is where that is plain, else as encoded words, one a line, cut between characters.
 * */
static void put_words(struct buf *out, struct span s)
{
	if (is_plain(s)) {
		buf_span(out, s);
		return;
	}
	for (size_t at = 0, n; at < s.n; at += n) {
		n = s.n - at < WORD_BYTES ? s.n - at : WORD_BYTES;
		while (at + n < s.n && n > 1 && (s.p[at + n] & 0xc0) == 0x80)
			n--;
		buf_puts(out, at ? "\n =?UTF-8?B?" : "=?UTF-8?B?");
		put_base64(out, s.p + at, n);
		buf_puts(out, "?=");
	}
}

/* Letters, digits and what may stand between dots of a Message-ID; anything else as _. */
static void put_atom(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-';

		buf_putc(out, fine ? c : '_');
	}
}

/* Tue, 10 Mar 2026 09:00:00 +0800 */
static void put_date(struct buf *out, int64_t at, int offset)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
	    "Oct", "Nov", "Dec" };
	int32_t day = time_day(at, offset);
	int64_t s = at - time_of_day(day, offset);
	int y, m, d, east = offset < 0 ? -offset : offset;

	date_civil(day, &y, &m, &d);
	buf_printf(out, "%s, %d %s %d %02lld:%02lld:%02lld %c%02d%02d", days[date_weekday(day) - 1], d,
	    months[m - 1], y,
	    (long long)(s / 3600), (long long)(s / 60 % 60), (long long)(s % 60), offset < 0 ? '-' : '+',
	    east / 3600, east / 60 % 60);
}

void deliver_mail(const struct deliver_message *m, struct buf *out)
{
	buf_puts(out, "From: ");
	put_words(out, m->from_name);
	buf_puts(out, " <");
	if (m->from.n)
		buf_span(out, m->from);
	else
		buf_puts(out, "gridledger@localhost");
	buf_puts(out, ">\nTo: <");
	buf_span(out, m->to);
	buf_puts(out, ">\nSubject: ");
	put_words(out, span_of(m->title));
	buf_puts(out, "\nDate: ");
	put_date(out, m->at, m->offset);
	buf_puts(out, "\nMessage-ID: <");
	put_atom(out, span_of(m->notice));
	buf_putc(out, '.');
	put_atom(out, m->receiver);
	buf_putc(out, '@');
	put_atom(out, span_of(m->office));
	buf_puts(out, ".gridledger>\nX-Notice: ");
	buf_puts(out, m->notice);
	buf_puts(out, "\nX-Notice-Number: ");
	put_words(out, span_of(m->number));
	buf_puts(out, "\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
	    "Content-Transfer-Encoding: base64\n\n");
	for (size_t at = 0; at < m->text.n; at += LINE_BYTES) {
		put_base64(out, m->text.p + at, m->text.n - at < LINE_BYTES ? m->text.n - at : LINE_BYTES);
		buf_putc(out, '\n');
	}
}

void deliver_phone(const struct deliver_message *m, struct buf *out)
{
	buf_printf(out, "Number: %s\nNotice: %s\nTo: %.*s\nSubject: %s\n\n", m->number, m->notice,
	    (int)m->to.n, m->to.p, m->title);
	buf_span(out, m->text);
	buf_putc(out, '\n');
}

bool deliver_address_ok(struct span a, bool mail)
{
	size_t ats = 0;

	if (a.n < 3 || a.n > 254 || a.p[0] == '-')
		return false;
	for (size_t i = 0; i < a.n; i++) {
		unsigned char c = (unsigned char)a.p[i];

		if (mail ? c <= 0x20 || c >= 0x7f || strchr("<>()[],;:\"\\", c) != NULL
		    : strchr("0123456789+- ", c) == NULL)
			return false;
		ats += c == '@';
	}
	return !mail || (ats == 1 && a.p[0] != '@' && a.p[a.n - 1] != '@');
}

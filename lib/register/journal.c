/* SPDX-License-Identifier: MIT */
#include "register/journal.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/login.h"
#include "base/text.h"
#include "base/time.h"
#include "csv/writer.h"
#include "register/inside.h"

#define FIELDS 12
#define SHORT 12		/* digits of the policy's digest */
#define WORD_MAX 255
#define NUMBER_MAX 20		/* digits */

static const char *const kinds[] = { "begin", "commit", "abort", "adopt" };

/* Split at sep into exactly n fields. */
static bool split(struct span s, char sep, struct span *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *at = s.n > 0 ? memchr(s.p, sep, s.n) : NULL;

		if ((at == NULL) != (i + 1 == n))
			return false;
		f[i] = (struct span){ s.p, at != NULL ? (size_t)(at - s.p) : s.n };
		if (at != NULL) {
			s.n -= (size_t)(at + 1 - s.p);
			s.p = at + 1;
		}
	}
	return true;
}

bool journal_parse(struct span line, int offset, struct journal_line *out)
{
	struct span f[FIELDS];
	size_t k = 0;

	memset(out, 0, sizeof *out);
	if (line.n > JOURNAL_LINE_MAX || line.n < CHAIN_FIELD || text_clean(line) != line.n
	    || memchr(line.p, '"', line.n) != NULL || memchr(line.p, ' ', line.n) != NULL)
		return false;
	if (!split(line, ',', f, FIELDS))
		return false;
	while (k < sizeof kinds / sizeof *kinds && !span_is(f[0], kinds[k]))
		k++;
	if (k == sizeof kinds / sizeof *kinds || !span_u64(f[1], INT64_MAX, &out->seq) || out->seq == 0
	    || f[1].p[0] == '0' || !time_read(f[2], offset, &out->at) || !digest_is_hex(f[11], DIGEST_HEX)
	    || (f[8].n > 0 && !digest_is_hex(f[8], SHORT)))
		return false;
	out->kind = (enum journal_kind)k;
	out->login = f[3];
	out->actor = f[4];
	out->command = f[5];
	out->version = f[6];
	out->key = f[7];
	out->policy = f[8];
	out->spans = f[9];
	out->sizes = f[10];
	out->chain = f[11];
	out->body = (struct span){ line.p, line.n - DIGEST_HEX - 1 };
	return true;
}

void journal_chain(const char prev[65], struct span body, char out[65])
{
	struct digest d;

	digest_start(&d);
	digest_put(&d, prev, DIGEST_HEX);
	digest_put(&d, body.p, body.n);
	digest_hex(&d, out);
}

void journal_chain_first(char out[65])
{
	digest_of(SPAN(JOURNAL_HEADER), out);
}

/* A name as it may stand in spans and sizes: it becomes a file name. */
static bool name_ok(struct span s)
{
	if (s.n == 0 || s.n >= REG_FILE_MAX || s.p[0] == '.' || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-'
		    || s.p[i] == '.'))
			return false;
	return true;
}

/* A number of bytes or rows. */
static bool read_count(struct span s, off_t *out)
{
	uint64_t v;

	if (!span_u64(s, INT64_MAX / 2, &v))
		return false;
	*out = (off_t)v;
	return true;
}

/* name::digest */
static bool read_version(struct span s, struct span *name, char digest[65])
{
	struct span f[3];

	if (!split(s, ':', f, 3) || f[1].n != 0 || !name_ok(f[0]) || !digest_is_hex(f[2], DIGEST_HEX))
		return false;
	*name = f[0];
	memcpy(digest, f[2].p, DIGEST_HEX);
	digest[DIGEST_HEX] = '\0';
	return true;
}

/* One part of `spans`. */
static bool read_span(struct span s, struct journal_span *out)
{
	struct span f[5], name;
	off_t rows;

	memset(out, 0, sizeof *out);
	if (read_version(s, &name, out->digest)) {
		memcpy(out->name, name.p, name.n);
		out->length = -1;
		return true;
	}
	if (!split(s, ':', f, 5) || !name_ok(f[0]) || !read_count(f[1], &out->offset)
	    || !read_count(f[2], &out->length) || !read_count(f[3], &rows) || !digest_is_hex(f[4], DIGEST_HEX))
		return false;
	memcpy(out->name, f[0].p, f[0].n);
	memcpy(out->digest, f[4].p, DIGEST_HEX);
	out->rows = (uint64_t)rows;
	return true;
}

/* The next part of a list joined by ";". */
static bool next_part(struct span *rest, struct span *part)
{
	const char *at;

	if (rest->p == NULL)
		return false;
	at = rest->n > 0 ? memchr(rest->p, ';', rest->n) : NULL;
	*part = (struct span){ rest->p, at != NULL ? (size_t)(at - rest->p) : rest->n };
	*rest = at != NULL ? (struct span){ at + 1, rest->n - part->n - 1 } : (struct span){ NULL, 0 };
	return true;
}

bool journal_spans(struct span spans, struct journal_span *out, size_t max, size_t *n)
{
	struct span part;

	*n = 0;
	if (spans.n == 0)
		return true;
	while (next_part(&spans, &part)) {
		if (*n == max || !read_span(part, &out[*n]))
			return false;
		(*n)++;
	}
	return true;
}

/* name:SIZE into m. */
static bool read_size(struct span s, struct moment *m)
{
	struct moment_ledger *l = &m->ledger[m->nledgers];
	struct span f[2];

	if (m->nledgers == REG_LEDGERS_MAX || !split(s, ':', f, 2) || !name_ok(f[0])
	    || !segment_parse(f[0], &l->table, &l->segment) || !read_count(f[1], &l->size))
		return false;
	m->nledgers++;
	return true;
}

bool journal_sizes(struct span sizes, struct moment *m)
{
	struct span part, name;
	char digest[65];

	m->nledgers = m->nversions = 0;
	if (sizes.n == 0)
		return false;
	while (next_part(&sizes, &part)) {
		if (read_version(part, &name, digest)) {
			struct moment_version *v;

			if (m->nversions == REG_LEDGERS_MAX)
				return false;
			v = &m->version[m->nversions++];
			memset(v->name, 0, sizeof v->name);
			memcpy(v->name, name.p, name.n);
			memcpy(v->digest, digest, sizeof digest);
		} else if (!read_size(part, m)) {
			return false;
		}
	}
	return true;
}

/* A number, without the detour that printf is: some twenty at each commit, three times.  Returns its end. */
static char *number_at(char *to, uint64_t v)
{
	char digits[NUMBER_MAX], *p = digits + sizeof digits;

	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	return mempcpy(to, p, (size_t)(digits + sizeof digits - p));
}

void moment_sizes(const struct moment *m, struct buf *out)
{
	char *to;

	buf_reserve(out, m->nledgers * (REG_FILE_MAX + NUMBER_MAX + 2) + m->nversions * (REG_FILE_MAX + DIGEST_HEX + 3));
	to = out->p + out->n;
	for (size_t i = 0; i < m->nledgers; i++) {
		if (i > 0)
			*to++ = ';';
		reg_segment_name(m->ledger[i].table->name, m->ledger[i].segment, to);
		to += strlen(to);
		*to++ = ':';
		to = number_at(to, (uint64_t)m->ledger[i].size);
	}
	for (size_t i = 0; i < m->nversions; i++) {
		*to++ = ';';
		to = stpcpy(to, m->version[i].name);
		to = stpcpy(to, "::");
		to = stpcpy(to, m->version[i].digest);
	}
	*to = '\0';
	out->n = (size_t)(to - out->p);
}

void journal_put_span(struct buf *out, const struct journal_span *s)
{
	if (out->n > 0)
		buf_putc(out, ';');
	if (s->length < 0)
		buf_printf(out, "%s::%s", s->name, s->digest);
	else
		buf_printf(out, "%s:%jd:%jd:%" PRIu64 ":%s", s->name, (intmax_t)s->offset, (intmax_t)s->length, s->rows,
		    s->digest);
}

/* Bytes of the character at s that a word may hold, or 0. */
static size_t word_char(struct span s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if (c <= ' ' || c == 0x7f || c == ',' || c == ';' || c == '"' || len > s.n)
		return 0;
	if (len > 1 && text_clean((struct span){ s.p, len }) != len)
		return 0;
	if (span_eq((struct span){ s.p, len }, SPAN("\xc2\xa0")) || span_eq((struct span){ s.p, len }, SPAN("\xe3\x80\x80")))
		return 0;
	return len;
}

void journal_word(struct buf *out, const char *s, size_t max)
{
	struct span rest = span_of(s);
	size_t start = out->n;

	while (rest.n > 0) {
		size_t len = word_char(rest), step = len > 0 ? len : 1;

		if (out->n - start + step > max)
			break;
		if (len > 0)
			buf_put(out, rest.p, len);
		else
			buf_putc(out, rest.p[0] == ' ' ? ':' : '_');
		rest.p += step;
		rest.n -= step;
	}
}

/* user@host, asked of the system. */
static void ask_login(struct buf *out)
{
	char host[256] = "";
	struct buf name = BUF_INIT;
	size_t start = out->n;

	if (login_name(getuid(), &name))
		journal_word(out, name.p, WORD_MAX / 2);
	buf_clear(&name);
	if (out->n == start)
		buf_printf(out, "%ju", (uintmax_t)getuid());
	if (gethostname(host, sizeof host - 1) == 0 && host[0] != '\0') {
		buf_putc(out, '@');
		journal_word(out, host, WORD_MAX / 2);
	}
}

void journal_login(struct buf *out)
{
	static char known[2 * WORD_MAX];

	if (known[0] == '\0') {
		struct buf now = BUF_INIT;

		ask_login(&now);
		assert(now.n < sizeof known);
		memcpy(known, now.p, now.n + 1);
		buf_clear(&now);
	}
	buf_puts(out, known);
}

void journal_put(struct buf *out, const struct journal_new *l, char chain[65])
{
	char at[TIME_LEN + 1], prev[65], seq[NUMBER_MAX];
	struct buf word = BUF_INIT;
	const char *const words[] = { l->login, l->actor, l->command, PACKAGE_VERSION, l->key };
	size_t start = out->n;

	time_write(l->at, l->offset, at);
	buf_puts(out, kinds[l->kind]);
	buf_putc(out, ',');
	buf_put(out, seq, (size_t)(number_at(seq, l->seq) - seq));
	buf_putc(out, ',');
	buf_puts(out, at);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		buf_reset(&word);
		journal_word(&word, words[i] != NULL ? words[i] : "", WORD_MAX);
		buf_putc(out, ',');
		writer_field(out, buf_view(&word));
	}
	buf_clear(&word);
	buf_putc(out, ',');
	if (l->policy != NULL)
		buf_put(out, l->policy, strnlen(l->policy, SHORT));
	buf_putc(out, ',');
	writer_field(out, l->spans);
	buf_putc(out, ',');
	writer_field(out, l->sizes);
	assert(out->n - start + CHAIN_FIELD <= JOURNAL_LINE_MAX);
	memcpy(prev, chain, sizeof prev);
	journal_chain(prev, (struct span){ out->p + start, out->n - start }, chain);
	buf_putc(out, ',');
	buf_put(out, chain, DIGEST_HEX);
	buf_putc(out, '\n');
}

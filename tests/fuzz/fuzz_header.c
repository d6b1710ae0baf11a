/* SPDX-License-Identifier: MIT */
/* The header of a file and of a stream, and single records: the same fields as libcsv reads, and what the writer
 * makes of them reads back. */
#include <stdlib.h>
#include "csv/scan.h"
#include "csv/strict.h"
#include "csv/writer.h"
#include "fuzz.h"

fuzz_fn FUZZ_TARGET(header);
#define FIELDS 40

/* The written record reads back to the same fields. */
static void write_and_read(const struct span *f, size_t n)
{
	struct buf line = BUF_INIT, text = BUF_INIT;
	struct span again[FIELDS];
	struct err e = ERR_INIT;

	writer_row(&line, f, n);
	FUZZ_CHECK(scan_record("w", buf_view(&line), &text, again, FIELDS, &e) == (int)n, "%s", e.text);
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(span_eq(f[i], again[i]), "field %zu", i);
	buf_clear(&line);
	buf_clear(&text);
}

/* libcsv says the same of the record. */
static void ask_libcsv(struct span bytes, const struct span *f, int n)
{
	enum strict_result r;
	struct strict s;
	struct err e = ERR_INIT;
	size_t used = 0;

	strict_init(&s, FIELDS, SCAN_FIELD_MAX);
	if (strict_ready(&s, &e) < 0)
		abort();
	r = strict_take(&s, bytes, true, &used);
	if (n < 0) {
		FUZZ_CHECK((r != STRICT_ROW && r != STRICT_BLANK) || s.n > FIELDS || used < bytes.n, "refused");
	} else {
		FUZZ_CHECK((r == STRICT_ROW || r == STRICT_BLANK) && s.n == (size_t)n, "%d fields, libcsv has %zu", n, s.n);
		for (int i = 0; i < n; i++)
			FUZZ_CHECK(span_eq(f[i], strict_field(&s, (size_t)i)), "field %d", i);
	}
	strict_clear(&s);
}

static void record(struct span bytes)
{
	struct buf text = BUF_INIT;
	struct span f[FIELDS];
	struct err e = ERR_INIT;
	int n = scan_record("r", bytes, &text, f, FIELDS, &e);

	FUZZ_CHECK(n <= FIELDS, "%d", n);
	ask_libcsv(bytes, f, n);
	if (n < 0)
		fuzz_error(&e);
	else if (n > 0)
		write_and_read(f, (size_t)n);
	buf_clear(&text);
}

int FUZZ_TARGET(header)(const uint8_t *p, size_t n)
{
	struct fuzz_in in = { { (const char *)p, n } };
	struct span bytes = fuzz_rest(&in), *f[2] = { NULL, NULL };
	struct buf text[2] = { BUF_INIT, BUF_INIT }, rest = BUF_INIT;
	struct err e[2] = { ERR_INIT, ERR_INIT };
	size_t k[2] = { 0, 0 };
	struct scan_source src[2];
	int r[2];

	for (int i = 0; i < 2; i++) {
		fuzz_file("f", bytes);
		src[i] = (struct scan_source){ .fd = FUZZ_FD + i, .name = "f", .to = i ? -1 : (off_t)bytes.n };
		r[i] = scan_header(&src[i], &text[i], &f[i], &k[i], &rest, &e[i]);
	}
	FUZZ_CHECK(r[0] == r[1] && k[0] == k[1] && strcmp(e[0].text, e[1].text) == 0, "%s; %s", e[0].text, e[1].text);
	if (r[0] == 0) {
		size_t used = (size_t)src[0].from;

		FUZZ_CHECK(used <= bytes.n && src[0].from == src[1].from && src[0].first_line == src[1].first_line, "%zu", used);
		FUZZ_CHECK(rest.n <= bytes.n - used && (rest.n == 0 || memcmp(rest.p, bytes.p + used, rest.n) == 0), "the rest");
		for (size_t i = 0; i < k[0]; i++)
			FUZZ_CHECK(span_eq(f[0][i], f[1][i]), "field %zu", i);
		if (k[0] > 0 && k[0] <= FIELDS)
			write_and_read(f[0], k[0]);
	} else {
		fuzz_error(&e[0]);
	}
	for (int i = 0; i < 2; i++) {
		free(f[i]);
		buf_clear(&text[i]);
	}
	buf_clear(&rest);
	fuzz_files_end();
	record(bytes);
	fuzz_free(bytes);
	return 0;
}

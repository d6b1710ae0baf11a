/* SPDX-License-Identifier: MIT */
#include "tests/fault/tamperforge.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/io.h"

struct forger {
	const char *ledger;
	struct buf rows, journal, out;
	size_t at;			/* the byte that was changed */
	long longer;			/* by so much the ledger is longer now */
	char chain[DIGEST_HEX + 1];
};

/* One part of spans or sizes, put right. */
static void put_part(struct forger *g, struct span part)
{
	size_t name = strlen(g->ledger);
	char digest[DIGEST_HEX + 1];
	long at, n, rows;

	if (part.n <= name || memcmp(part.p, g->ledger, name) != 0 || part.p[name] != ':') {
		buf_span(&g->out, part);
		return;
	}
	if (sscanf(part.p + name, ":%ld:%ld:%ld:", &at, &n, &rows) != 3) {
		at = atol(part.p + name + 1);
		buf_printf(&g->out, "%s:%ld", g->ledger, at > (long)g->at ? at + g->longer : at);
		return;
	}
	if (at > (long)g->at)
		at += g->longer;
	else if (at + n > (long)g->at)
		n += g->longer;
	digest_of((struct span){ g->rows.p + at, (size_t)n }, digest);
	buf_printf(&g->out, "%s:%ld:%ld:%ld:%s", g->ledger, at, n, rows, digest);
}

/* A line of the journal without its LF. */
static void put_line(struct forger *g, struct span line)
{
	size_t start = g->out.n;
	struct digest d;

	line.n -= DIGEST_HEX + 1;
	for (size_t i = 0, from = 0; i <= line.n; i++)
		if (i == line.n || line.p[i] == ',' || line.p[i] == ';') {
			put_part(g, (struct span){ line.p + from, i - from });
			if (i < line.n)
				buf_putc(&g->out, line.p[i]);
			from = i + 1;
		}
	digest_start(&d);
	digest_put(&d, g->chain, DIGEST_HEX);
	digest_put(&d, g->out.p + start, g->out.n - start);
	digest_hex(&d, g->chain);
	buf_printf(&g->out, ",%s\n", g->chain);
}

/* The file, to read or to write. */
static int whole(const char *reg, const char *name, struct buf *in, struct span out)
{
	char path[4096];
	struct err e = ERR_INIT;
	int fd, result;

	snprintf(path, sizeof path, "%s/%s", reg, name);
	if (in) {
		result = io_slurp(AT_FDCWD, path, 1 << 28, in, &e);
	} else {
		fd = io_open(AT_FDCWD, path, O_WRONLY | O_TRUNC, 0, false, &e);
		result = fd < 0 ? -1 : io_write_all(fd, path, out.p, out.n, &e);
		if (fd >= 0)
			close(fd);
	}
	if (result < 0)
		fprintf(stderr, "%s\n", e.text);
	return result;
}

int forge(const char *reg, const char *ledger, const char *old, const char *new)
{
	struct forger g = { .ledger = ledger, .longer = (long)strlen(new) - (long)strlen(old) };
	struct buf rows = BUF_INIT;
	const char *hit, *lf;
	int result = 1;

	if (whole(reg, ledger, &rows, (struct span){ NULL, 0 }) < 0 || whole(reg, "journal.csv", &g.journal, (struct span){ NULL, 0 }) < 0)
		goto done;
	hit = strstr(rows.p, old);
	if (!hit) {
		fprintf(stderr, "%s: has no %s\n", ledger, old);
		goto done;
	}
	g.at = (size_t)(hit - rows.p);
	buf_put(&g.rows, rows.p, g.at);
	buf_puts(&g.rows, new);
	buf_puts(&g.rows, hit + strlen(old));
	for (size_t at = 0; (lf = memchr(g.journal.p + at, '\n', g.journal.n - at)); at = (size_t)(lf + 1 - g.journal.p)) {
		struct span line = { g.journal.p + at, (size_t)(lf - g.journal.p) - at };

		if (at > 0) {
			put_line(&g, line);
			continue;
		}
		digest_of(line, g.chain);
		buf_span(&g.out, line);
		buf_putc(&g.out, '\n');
	}
	result = whole(reg, ledger, NULL, buf_view(&g.rows)) < 0 || whole(reg, "journal.csv", NULL, buf_view(&g.out)) < 0;
done:
	buf_clear(&rows);
	buf_clear(&g.rows);
	buf_clear(&g.journal);
	buf_clear(&g.out);
	return result;
}

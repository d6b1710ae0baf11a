/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "csv/foreign.h"
#include "rectify-report.h"

#define PARTS_MAX ((size_t)1 << 28)	/* bytes of parts in one file */

struct merging {
	struct report *report;
	struct diag *diag;
	const char *file;
	struct span *header;		/* of the first part; all others must have the same */
	size_t n;
	struct arena mem;
	struct names offices;
	char basis[16];
	int decimals, target;		/* how the parts are shown */
	bool shown, targets_differ;
	struct err *e;
};

/* The header of the first part, or the same again further down (parts put one behind another). */
static int on_header(struct merging *m, const struct foreign_row *row)
{
	if (m->header) {
		for (size_t i = 0; i < m->n; i++)
			if (row->n != m->n || !span_eq(row->f[i], m->header[i])) {
				diag_row(m->diag, m->file, row->line, NULL, "these parts have other columns than the first ones: "
				    "merge parts made with the same --by");
				return 0;
			}
		return 0;
	}
	if (limitroll_is_part(row->f, row->n))
		m->report->limitroll = limitroll_part_open(row->f, row->n, m->e);
	else
		m->report->rollup = rollup_part_open(row->f, row->n, m->e);
	if (!m->report->rollup && !m->report->limitroll)
		return err_prefix(m->e, "%s:%zu", m->file, row->line);
	m->n = row->n;
	m->header = mem_alloc(m->n * sizeof *m->header);
	for (size_t i = 0; i < m->n; i++)
		m->header[i] = (struct span){ arena_spandup(&m->mem, row->f[i]), row->f[i].n };
	return 0;
}

/* How the merged figures are shown: the most decimals of any part, the target when all have the same. */
static void take_showing(struct merging *m, const struct foreign_row *row)
{
	uint64_t decimals = 2, target = 0;
	bool has = span_u64(row->f[ROLLUP_PART_TARGET], 100, &target);

	if (span_u64(row->f[ROLLUP_PART_DECIMALS], 6, &decimals) && (!m->shown || (int)decimals > m->decimals))
		m->decimals = (int)decimals;
	if (!m->shown)
		m->target = has ? (int)target : -1;
	else
		m->targets_differ |= m->target != (has ? (int)target : -1);
	m->shown = true;
}

/* One line of a part. */
static int on_row(void *arg, const struct foreign_row *row)
{
	struct merging *m = arg;
	struct err bad = ERR_INIT;

	if (row->line == 1 || !m->header || (row->n && !row->bad && span_is(row->f[0], "office")))
		return on_header(m, row);
	if (row->bad)
		return 0;
	if (m->report->limitroll ? limitroll_part_row(m->report->limitroll, row->f, row->n, &bad) :
	    rollup_part_row(m->report->rollup, row->f, row->n, &bad)) {
		diag_row(m->diag, m->file, row->line, NULL, "%s", bad.text);
		return 0;
	}
	names_add(&m->offices, row->f[ROLLUP_PART_OFFICE]);
	take_showing(m, row);
	if (!*m->basis)
		snprintf(m->basis, sizeof m->basis, "%.*s", (int)(row->f[ROLLUP_PART_BASIS].n % sizeof m->basis), row->f[ROLLUP_PART_BASIS].p);
	else if (!span_is(row->f[ROLLUP_PART_BASIS], m->basis))
		diag_row(m->diag, m->file, row->line, "basis", "\"%.*s\", the parts before have \"%s\": rates of two kinds cannot be added up",
		    (int)row->f[ROLLUP_PART_BASIS].n, row->f[ROLLUP_PART_BASIS].p, m->basis);
	return 0;
}

/* Add one file of parts. */
static int add(struct merging *m, const char *path, struct err *e)
{
	struct foreign_options opt = { .encoding = "utf-8" };
	struct buf bytes = BUF_INIT;
	int rc = -1;

	m->file = path;
	if (!io_slurp(AT_FDCWD, path, PARTS_MAX, &bytes, e))
		rc = foreign_parse(path, buf_view(&bytes), &opt, m->diag, on_row, m, e);
	buf_clear(&bytes);
	return rc ? -1 : 0;
}

/* Say which expected offices sent nothing; a merge without them is still a merge. */
static void expect(struct report *r, struct merging *m, struct cli *c)
{
	struct span rest = span_of(r->expect), office;

	while (span_split(&rest, ',', &office)) {
		r->expected++;
		if (names_find(&m->offices, office) == NAMES_NONE)
			cli_say(c, "no part from %.*s", (int)office.n, office.p);
		else
			r->reported++;
	}
}

int report_merge(struct report *r, struct cli *c, char **paths, size_t n, struct err *e)
{
	static char *standard_input[] = { (char *)"-" };
	struct merging m = { .report = r, .diag = &c->diag, .e = e };
	int rc = 0;

	if (!n) {
		paths = standard_input;
		n = 1;
	}
	for (size_t i = 0; i < n && !rc; i++)
		rc = add(&m, paths[i], e);
	if (!rc)
		rc = diag_end(&c->diag, e);
	if (!rc && r->expect)
		expect(r, &m, c);
	r->closed = !strcmp(m.basis, "closed");
	if (m.shown && r->decimals < 0)
		r->decimals = m.decimals;
	if (m.shown && r->target < 0 && !m.targets_differ)
		r->target = m.target;
	for (uint32_t i = 0; i < m.offices.n && !rc; i++)
		snprintf(r->office + strlen(r->office), sizeof r->office - strlen(r->office), "%s%.*s", i ? "+" : "",
		    (int)names_at(&m.offices, i).n, names_at(&m.offices, i).p);
	names_clear(&m.offices);
	arena_clear(&m.mem);
	free(m.header);
	return rc;
}

/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "csv/scan.h"
#include "model/listfile.h"
#include "model/trail.h"
#include "rectify-report.h"

#define THREADS 2

/* One thread's counting. */
struct counter {
	struct rollup *rollup;
	const struct report *report;
	bool period;		/* reported_at stands in front of the rollup's values */
};

bool report_in_period(const struct report *r, struct span at)
{
	return (!*r->since || span_cmp(at, span_of(r->since)) >= 0) && (!*r->until || span_cmp(at, span_of(r->until)) <= 0);
}

/* Count a row when it lies in the period: byte order of times is their order. */
static void count(struct counter *c, const struct span *v)
{
	if (c->period && !report_in_period(c->report, *v++))
		return;
	rollup_add(c->rollup, v);
}

static int on_hazard(void *arg, const struct hazard *h, const struct span *v)
{
	(void)h;
	count(arg, v);
	return 0;
}

/* All lines of this thread come once more. */
static void on_again(void *arg)
{
	struct counter *c = arg;

	rollup_reset(c->rollup);
}

static int on_line(void *arg, const struct span *v)
{
	count(arg, v);
	return 0;
}

int report_period(struct report *r, int offset, struct err *e)
{
	int64_t t;

	if (r->from) {
		if (session_time("from", r->from, offset, false, &t, e))
			return -1;
		time_write(t, offset, r->since);
	}
	if (r->to) {
		if (session_time("to", r->to, offset, true, &t, e))
			return -1;
		time_write(t, offset, r->until);
	}
	return 0;
}

struct rollup_spec report_spec(const struct report *r, const struct policy *p, const char **levels, const char **major)
{
	struct rollup_spec spec = { .by = r->by ? r->by : "", .levels = levels, .major = major };

	for (size_t i = 0; p && i < p->levels.n && i < REPORT_WORDS; i++)
		levels[spec.nlevels++] = p->levels.v[i].id;
	for (size_t i = 0; p && i < p->severities.n && i < REPORT_WORDS; i++)
		if (p->severities.v[i].major)
			major[spec.nmajor++] = p->severities.v[i].id;
	if (!p)
		major[spec.nmajor++] = "major";
	return spec;
}

/* Was one of the figures asked for that nobody gets who does not ask? */
static bool counts(const struct report *r)
{
	static const char *const figures[] = { "all", "handovers", "returns", "raised", "climbed" };
	struct span rest = span_of(r->figures), one;

	while (r->figures && span_split(&rest, ',', &one))
		for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
			if (span_is(one, figures[i]))
				return true;
	return false;
}

/* The rollup for this place, or for a file without a register (p NULL). */
static int make_rollup(struct report *r, const struct policy *p, struct err *e)
{
	const char *levels[REPORT_WORDS], *major[REPORT_WORDS];
	struct rollup_spec spec = report_spec(r, p, levels, major);

	spec.counts = counts(r);
	r->rollup = rollup_new(&spec, e);
	return r->rollup ? 0 : -1;
}

/* Counters for n threads: the first counts into the report's own rollup. */
static struct counter *counters(struct report *r, size_t n, void **args)
{
	struct counter *c = mem_zalloc(n, sizeof *c);

	for (size_t i = 0; i < n; i++) {
		c[i] = (struct counter){ i ? rollup_like(r->rollup) : r->rollup, r, r->from || r->to };
		args[i] = &c[i];
	}
	return c;
}

/* Join what the other threads counted, in order. */
static void join(struct counter *c, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		rollup_join(c[0].rollup, c[i].rollup);
		rollup_free(c[i].rollup);
	}
	free(c);
}

/* Does a figure that was asked for rest on this column? */
static bool is_shown(const struct report *r, const char *column)
{
	static const struct { const char *column, *figure; } rests[] = {
		{ "overdue", "overdue" }, { "severity", "major" }, { "followed", "followed" }, { "days", "mean_days" },
	};
	struct span rest = span_of(r->figures), one;

	if (r->partial || !r->figures || !strcmp(r->figures, "all"))
		return true;
	for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
		if (strcmp(column, rests[i].column))
			continue;
		while (span_split(&rest, ',', &one))
			if (span_is(one, rests[i].figure))
				return true;
		return false;
	}
	return true;
}

/* reported_at when a period is asked for, then the needed columns; NULL for one that no figure shown rests on. */
static size_t wanted(const struct report *r, const char **names, size_t *optional)
{
	size_t n, at = 0;
	const char *const *need = rollup_needs(r->rollup, &n, optional);

	if (r->from || r->to)
		names[at++] = "reported_at";
	memcpy(names + at, need, n * sizeof *need);
	for (size_t i = 0; i < n; i++)
		if (!is_shown(r, need[i])) {
			rollup_without(r->rollup, i);
			if (i >= *optional)	/* else a dimension that a figure rests on too */
				names[at + i] = NULL;
		}
	*optional += at;
	return n + at;
}

int report_source_open(struct report *r, struct report_source *s, const char *const *names, size_t n, bool limits, struct err *e)
{
	struct office *o = r->session.office;
	struct trail *trail;

	*s = (struct report_source){ .all = list_columns_new(o->policy), .n = n };
	for (size_t i = 0; i < n; i++) {
		s->col[i] = names[i] ? list_column(s->all, span_of(names[i]), e) : -1;
		if (names[i] && s->col[i] < 0)
			return -1;
	}
	if (r->scope && list_filter_scope(&s->filter, s->all, o, r->scope, e))
		return -1;
	trail = list_trail(s->all, s->col, n, &s->filter);
	if (limits && !trail)
		trail = trail_new(0);
	if (limits && trail_ask_limits(trail, o, e)) {
		trail_free(trail);
		return -1;
	}
	return session_fold(&r->session, trail, e);
}

void report_source_close(struct report_source *s)
{
	list_columns_free(s->all);
	filter_clear(&s->filter);
}

int report_register(struct report *r, struct err *e)
{
	struct session *s = &r->session;
	const struct policy *p = s->office->policy;
	struct report_source source = { .all = NULL };
	const char *names[REPORT_COLUMNS];
	size_t optional, n, nthreads = scan_cores(THREADS);
	void *args[THREADS];
	struct counter *c;
	int rc = -1;

	if (report_period(r, s->office->reg->offset, e) || make_rollup(r, p, e))
		return -1;
	n = wanted(r, names, &optional);
	if (report_source_open(r, &source, names, n, false, e))
		goto done;
	c = counters(r, nthreads, args);
	struct list_want want = { .columns = source.all, .col = source.col, .n = n, .filter = r->scope ? &source.filter : NULL,
		.now = s->now, .nthreads = nthreads };
	rc = list_run(s->fold, &want, on_hazard, args, e);
	join(c, nthreads);
	r->closed = p->rate_of == RATE_CLOSED;
	snprintf(r->office, sizeof r->office, "%s", s->office->reg->office);
	snprintf(r->head, sizeof r->head, "%llu", (unsigned long long)s->office->at.seq);
done:
	report_source_close(&source);
	return rc;
}

/* The register beside a file of rows gives the basis, the target and the levels; without one defaults hold. */
static int beside(struct report *r, struct cli *c, struct err *e)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/register.yaml", c->dir);
	if (access(path, F_OK))
		return cli_now(c, 0, e);
	return session_open(&r->session, c, NULL, NULL, e);
}

int report_file(struct report *r, struct cli *c, const char *path, struct err *e)
{
	const char *names[REPORT_COLUMNS];
	bool missing[REPORT_COLUMNS];
	struct listfile l = { .path = path, .names = names, .missing = missing, .nthreads = scan_cores(THREADS),
		.again = on_again };
	size_t first = r->from || r->to;
	const struct policy *p;
	void *args[THREADS];
	struct counter *cs;
	int rc = -1;

	if (beside(r, c, e))
		return -1;
	p = r->session.office ? r->session.office->policy : NULL;
	if (report_period(r, p ? r->session.office->reg->offset : 28800, e) || make_rollup(r, p, e))
		return -1;
	l.n = wanted(r, names, &l.optional);
	l.policy = p;
	if (listfile_open(&l, e))
		goto done;
	for (size_t i = l.optional; i < l.n; i++)
		if (missing[i])
			rollup_without(r->rollup, i - first);
	cs = counters(r, listfile_threads(&l), args);
	rc = listfile_rows(&l, on_line, args, e);
	join(cs, listfile_threads(&l));
	r->closed = p && p->rate_of == RATE_CLOSED;
	snprintf(r->office, sizeof r->office, "%s", p ? r->session.office->reg->office : "");
done:
	listfile_close(&l);
	return rc;
}

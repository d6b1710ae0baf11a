/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv/scan.h"
#include "model/ruleids.h"
#include "rectify-report.h"

#define THREADS 2

/* One thread's counting. */
struct counter {
	struct limitroll *l;
	const struct report *report;
	const struct names *ids;	/* of the limits that are asked for; none: all */
	struct limit_runs *runs;
	struct span v[REPORT_COLUMNS];	/* of the hazard */
	struct err *e;
};

static void on_run(void *arg, const struct limit_run *run)
{
	struct counter *c = arg;

	if (c->ids->n == 0 || names_find(c->ids, span_of(run->limit->id)) != NAMES_NONE)
		limitroll_add(c->l, c->v, run);
}

/* A hazard; reported_at stands in front of what the rollup reads. */
static int on_hazard(void *arg, const struct hazard *h, const struct span *v)
{
	struct counter *c = arg;
	size_t n, optional;

	if (h->phase == PHASE_VOID || !report_in_period(c->report, v[0]))
		return 0;
	rollup_needs(c->l->rollup, &n, &optional);
	memcpy(c->v, v + 1, n * sizeof *v);
	return limit_runs_tell(c->runs, h, c->report->session.now, on_run, c, c->e);
}

/* The columns to read: reported_at, then those of the rollup; NULL for what a run brings. */
static size_t wanted(const struct limitroll *l, const char **names)
{
	size_t n, optional;
	const char *const *need = rollup_needs(l->rollup, &n, &optional);

	names[0] = "reported_at";
	for (size_t i = 0; i < n; i++)
		names[1 + i] = i == l->organ || i == l->limit || i == l->clock ? NULL : need[i];
	return 1 + n;
}

/* Count, each thread for itself, and add up. */
static int count(struct report *r, const struct report_source *source, const struct names *ids, struct err *e)
{
	struct session *s = &r->session;
	struct counter c[THREADS];
	struct err failed[THREADS];
	const size_t nthreads = scan_cores(THREADS);
	void *args[THREADS];
	struct list_want want = { .columns = source->all, .col = source->col, .n = source->n,
		.filter = r->scope ? &source->filter : NULL, .now = s->now, .hazard = true, .nthreads = nthreads };
	struct master *organs = s->fold->owners ? office_master(s->office, "organs", e) : NULL;
	int rc;

	if (s->fold->owners && !organs)
		return -1;
	for (size_t i = 0; i < nthreads; i++) {
		failed[i] = (struct err)ERR_INIT;
		c[i] = (struct counter){ .l = i ? limitroll_like(r->limitroll) : r->limitroll, .report = r, .ids = ids,
			.runs = limit_runs_new(s->fold, organs), .e = &failed[i] };
		args[i] = &c[i];
	}
	rc = list_run(s->fold, &want, on_hazard, args, e);
	for (size_t i = 0; i < nthreads; i++) {
		if (failed[i].status && !e->status)
			err_set(e, failed[i].status, "%s", failed[i].text);
		limit_runs_free(c[i].runs);
		if (i) {
			limitroll_join(r->limitroll, c[i].l);
			limitroll_free(c[i].l);
		}
	}
	return rc;
}

int report_limits(struct report *r, struct err *e)
{
	struct office *o = r->session.office;
	struct report_source source = { .all = NULL };
	const char *levels[REPORT_WORDS], *major[REPORT_WORDS], *names[REPORT_COLUMNS];
	struct rollup_spec spec = report_spec(r, o->policy, levels, major);
	struct names ids = { .v = NULL };
	int rc = -1;

	if (!report_period(r, o->reg->offset, e) && !ruleids_limits(o, r->limits, &ids, e) && (r->limitroll = limitroll_new(&spec, e)) != NULL &&
	    !report_source_open(r, &source, names, wanted(r->limitroll, names), true, e))
		rc = count(r, &source, &ids, e);
	report_source_close(&source);
	names_clear(&ids);
	snprintf(r->office, sizeof r->office, "%s", o->reg->office);
	snprintf(r->head, sizeof r->head, "%llu", (unsigned long long)o->at.seq);
	return rc;
}

/* What is shown of a limit. */
enum shown { BEGUN, MET, LATE, RUNNING, OVERDUE, LAPSED, MEDIAN, P90, MAX, NSHOWN };
static const struct { const char *name, *title, *zh; bool csv_only; } shown[NSHOWN] = {
	{ "begun", "begun", "起算", false }, { "met", "met", "按时", false }, { "late", "late", "超时", false },
	{ "running", "running", "在办", true }, { "overdue", "overdue", "逾期未办", false }, { "lapsed", "lapsed", "失效", true },
	{ "median_min", "median", "中位", false }, { "p90_min", "p90", "九成", false }, { "max_min", "max", "最长", false },
};

struct printing {
	struct report *r;
	struct sheet sheet;
	size_t limit, first;		/* columns: of the limit's id, the first that is shown */
	int decimals;
};

static void columns(struct printing *p)
{
	const struct report *r = p->r;
	struct sheet *s = &p->sheet;

	report_dims(s, r->limitroll->rollup, r->zh);
	for (size_t i = 0; i < s->ncolumns; i++) {
		if (!strcmp(s->column[i].name, "clock"))
			s->column[i].csv_only = true;
		if (strcmp(s->column[i].name, "limit"))
			continue;
		p->limit = i;
		s->column[i].title = r->zh ? "时限" : NULL;
	}
	p->first = s->ncolumns;
	for (size_t i = 0; i < NSHOWN; i++)
		sheet_add_column(s, (struct sheet_column){ .name = shown[i].name, .title = r->zh ? shown[i].zh : shown[i].title,
		    .right = true, .csv_only = shown[i].csv_only });
	sheet_add_column(s, (struct sheet_column){ .name = "as_of", .csv_only = true });
	sheet_add_column(s, (struct sheet_column){ .name = "known", .csv_only = true });
}

/* Numbers and times of a group into the last row. */
static void put_sum(struct printing *p, struct limit_sum *sum, bool text)
{
	const unsigned percent[] = { [MEDIAN] = 50, [P90] = 90, [MAX] = 100 };
	uint64_t met = histogram_count(&sum->times);
	struct buf cell = BUF_INIT;

	for (size_t i = 0; i < NSHOWN; i++) {
		buf_reset(&cell);
		if (i == BEGUN)
			buf_printf(&cell, "%llu", (unsigned long long)limit_sum_begun(sum));
		else if (i < MEDIAN)
			buf_printf(&cell, "%llu", (unsigned long long)sum->n[i - MET]);
		else if (met > 0)
			figures_mean(&cell, histogram_rank(&sum->times, percent[i]), 60, p->decimals);
		else if (text)
			buf_putc(&cell, '/');
		sheet_put(&p->sheet, p->first + i, buf_view(&cell));
	}
	buf_clear(&cell);
}

/* The rows of a limitroll; in a text table the limit says what it counts, if that is not wall time. */
static void rows(struct printing *p, struct limitroll *l, bool text)
{
	size_t n;
	const struct rollup_group *g = rollup_groups(l->rollup, &n);
	size_t ndims = rollup_dims(l->rollup), limit = 0, clock = 0;

	for (size_t d = 0; d < ndims; d++) {
		limit = strcmp(rollup_dim(l->rollup, d), "limit") ? limit : d;
		clock = strcmp(rollup_dim(l->rollup, d), "clock") ? clock : d;
	}
	for (size_t k = 0; k < n; k++) {
		sheet_add_row(&p->sheet);
		if (l == p->r->limitroll)
			report_put_ids(&p->sheet, l->rollup, &g[k], text);
		else
			sheet_put(&p->sheet, 0, p->r->zh ? SPAN("合计") : SPAN("total"));
		if (text)
			sheet_putf(&p->sheet, p->limit, "%.*s%s", (int)g[k].id[limit].n, g[k].id[limit].p,
			    span_is(g[k].id[clock], "hours") ? " wh" : span_is(g[k].id[clock], "days") ? " wd" : "");
		put_sum(p, limitroll_sum(l, &g[k]), text);
		report_put_stand(&p->sheet, p->r);
	}
}

/* The sums, with what a merge needs to show them as this report would. */
static void print_part(const struct printing *p, struct buf *out)
{
	char decimals[16];
	struct rollup_part part = { .office = span_of(p->r->office), .head = span_of(p->r->head), .basis = SPAN("limits") };

	snprintf(decimals, sizeof decimals, "%d", p->decimals);
	part.decimals = span_of(decimals);
	limitroll_part_write(p->r->limitroll, &part, out);
}

int report_print_limits(struct report *r, struct cli *c, struct err *e)
{
	struct printing p = { .r = r, .decimals = r->decimals >= 0 ? r->decimals : 1 };
	bool text = report_is_text(c);
	struct limitroll *totals;
	struct buf out = BUF_INIT;

	if (r->check || r->target >= 0)
		return err_set(e, ERR_USAGE, "these are parts of limits, which have no rate: no --target or --check");
	sheet_init(&p.sheet);
	if (r->partial) {
		print_part(&p, &out);
	} else {
		columns(&p);
		rows(&p, r->limitroll, text);
		if (text && rollup_dims(r->limitroll->rollup) > 2) {
			totals = limitroll_totals(r->limitroll);
			p.sheet.total_from = p.sheet.nrows;
			rows(&p, totals, true);
			limitroll_free(totals);
		}
		report_sheet(&p.sheet, c, &out);
		if (text) {
			buf_puts(&out, "minutes of the limit's own clock (wh, wd: working time)\nnearest rank");
			report_footer(r, &out);
		}
	}
	if (out.n)
		fwrite(out.p, 1, out.n, stdout);
	sheet_clear(&p.sheet);
	buf_clear(&out);
	return 0;
}

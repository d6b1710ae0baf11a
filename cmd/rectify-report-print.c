/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "rectify-report.h"

enum kind { COUNT, RATE, MEAN };

/* Every figure: what it is made of, and what people read. */
static const struct {
	const char *name, *zh;
	enum kind kind;
	enum rollup_figure rests;
	size_t offset;
	bool usual;		/* in a text table unless --figures says otherwise: what fits 80 columns */
} figures[] = {
	{ "found", "隐患数", COUNT, ROLLUP_FOUND, offsetof(struct figures, found), true },
	{ "rectified", "已整改", COUNT, ROLLUP_RECTIFIED, offsetof(struct figures, rectified), true },
	{ "rate", "整改率", RATE, ROLLUP_RECTIFIED, 0, true },
	{ "closed", "已销号", COUNT, ROLLUP_CLOSED, offsetof(struct figures, closed), false },
	{ "open", "未整改", COUNT, ROLLUP_OPEN, offsetof(struct figures, open), true },
	{ "overdue", "逾期", COUNT, ROLLUP_OVERDUE, offsetof(struct figures, overdue), true },
	{ "major", "重大", COUNT, ROLLUP_MAJOR, offsetof(struct figures, major), true },
	{ "followed", "已跟进", COUNT, ROLLUP_FOLLOWED, offsetof(struct figures, followed), false },
	{ "terminated", "已终止", COUNT, ROLLUP_TERMINATED, offsetof(struct figures, terminated), false },
	{ "void", "作废", COUNT, ROLLUP_VOID, offsetof(struct figures, void_), false },
	{ "mean_days", "平均整改天数", MEAN, ROLLUP_DAYS, 0, false },
	{ "handovers", "转办", COUNT, ROLLUP_HANDOVERS, offsetof(struct figures, handovers), false },
	{ "returns", "退回", COUNT, ROLLUP_RETURNS, offsetof(struct figures, returns), false },
	{ "raised", "主动上报", COUNT, ROLLUP_RAISED, offsetof(struct figures, raised), false },
	{ "climbed", "逾期升级", COUNT, ROLLUP_CLIMBED, offsetof(struct figures, climbed), false },
};
#define NFIGURES (sizeof figures / sizeof *figures)

struct printing {
	struct report *r;
	struct sheet sheet;
	int which[NFIGURES];
	size_t nwhich;
	size_t column[NFIGURES], mark;
	int decimals, target;
	bool zh;
};

/* Is it one of those that cost a look at every step, and are shown only when asked for? */
static bool is_asked(enum rollup_figure f)
{
	return f >= ROLLUP_HANDOVERS;
}

/* --figures, or all but those for programs and the usual ones for people. */
static int choose(struct printing *p, bool text, struct err *e)
{
	const char *names[NFIGURES], *near;
	struct span rest = span_of(p->r->figures), one;

	for (size_t i = 0; i < NFIGURES; i++)
		names[i] = figures[i].name;
	if (!p->r->figures || !strcmp(p->r->figures, "all")) {
		for (size_t i = 0; i < NFIGURES; i++)
			if (p->r->figures || figures[i].usual || (!text && !is_asked(figures[i].rests)))
				p->which[p->nwhich++] = (int)i;
		return 0;
	}
	while (span_split(&rest, ',', &one)) {
		size_t i;

		for (i = 0; i < NFIGURES && !span_is(one, figures[i].name); i++)
			;
		near = text_nearest(one, names, NFIGURES);
		if (i == NFIGURES || p->nwhich == NFIGURES)
			return err_set(e, ERR_USAGE, "--figures: \"%.*s\" is not a figure%s%s%s", (int)one.n, one.p,
			    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
		p->which[p->nwhich++] = (int)i;
	}
	return 0;
}

void report_dims(struct sheet *s, const struct rollup *r, bool zh)
{
	for (size_t d = 0; d < rollup_dims(r); d++) {
		char name[96];

		sheet_add_column(s, (struct sheet_column){ .name = rollup_dim(r, d), .whole = true });
		snprintf(name, sizeof name, "%s_name", rollup_dim(r, d));
		if (rollup_dim_named(r, d))
			sheet_add_column(s, (struct sheet_column){ .name = arena_strdup(&s->mem, name), .title = zh ? "名称" : "name" });
	}
}

void report_put_ids(struct sheet *s, const struct rollup *r, const struct rollup_group *g, bool text)
{
	size_t c = 0;

	for (size_t d = 0; d < rollup_dims(r); d++) {
		sheet_put(s, c++, g->id[d].n || !text ? g->id[d] : SPAN("-"));
		if (rollup_dim_named(r, d))
			sheet_put(s, c++, g->name[d]);
	}
}

/* Dimension columns (id, and name beside it), then the figures, then what they stand on. */
static void columns(struct printing *p)
{
	report_dims(&p->sheet, p->r->rollup, p->zh);
	for (size_t i = 0; i < p->nwhich; i++) {
		p->column[i] = sheet_add_column(&p->sheet, (struct sheet_column){ .name = figures[p->which[i]].name,
		    .title = p->zh ? figures[p->which[i]].zh : NULL, .right = true });
		if (figures[p->which[i]].kind == RATE && p->target >= 0)
			p->mark = sheet_add_column(&p->sheet, (struct sheet_column){ .name = "under_target",
			    .title = p->zh ? "达标" : "target" });
	}
	sheet_add_column(&p->sheet, (struct sheet_column){ .name = "basis", .csv_only = true });
	sheet_add_column(&p->sheet, (struct sheet_column){ .name = "as_of", .csv_only = true });
	sheet_add_column(&p->sheet, (struct sheet_column){ .name = "known", .csv_only = true });
}

static uint64_t done_of(const struct printing *p, const struct figures *f)
{
	return p->r->closed ? f->closed : f->rectified;
}

/* The figures of one group into the last row; true when it is under the target. */
static bool put_figures(struct printing *p, const struct figures *f, bool text)
{
	bool under = p->target >= 0 && figures_under(done_of(p, f), f->found, p->target);

	for (size_t i = 0; i < p->nwhich; i++) {
		struct buf cell = BUF_INIT;
		uint64_t v;

		switch (figures[p->which[i]].kind) {
		case COUNT:
			memcpy(&v, (const char *)f + figures[p->which[i]].offset, sizeof v);
			buf_printf(&cell, "%llu", (unsigned long long)v);
			break;
		case RATE:
			figures_rate(&cell, done_of(p, f), f->found, p->decimals);
			if (under)
				sheet_putf(&p->sheet, p->mark, text ? "<%d%%" : "yes", p->target);
			break;
		case MEAN:
			figures_mean(&cell, f->days, f->ndays, p->decimals > 1 ? p->decimals : 1);
			break;
		}
		if (rollup_has(p->r->rollup, figures[p->which[i]].rests))
			sheet_put(&p->sheet, p->column[i], buf_view(&cell));
		else if (text)
			sheet_put(&p->sheet, p->column[i], p->zh ? SPAN("未报") : SPAN("-"));
		buf_clear(&cell);
	}
	return under;
}

void report_put_stand(struct sheet *s, const struct report *r)
{
	char at[TIME_LEN + 1] = "";

	if (r->session.office && *r->head)
		time_write(r->session.now, r->session.office->reg->offset, at);
	sheet_put(s, s->ncolumns - 2, span_of(at));
	sheet_put(s, s->ncolumns - 1, span_of(r->head));
}

/* Basis, as-of and known into the last row of a sheet for programs. */
static void put_basis(struct printing *p)
{
	sheet_put(&p->sheet, p->sheet.ncolumns - 3, p->r->closed ? SPAN("closed/found") : SPAN("rectified/found"));
	report_put_stand(&p->sheet, p->r);
}

void report_footer(const struct report *r, struct buf *out)
{
	char at[TIME_LEN + 1];

	if (r->session.office && *r->head) {
		time_write(r->session.now, r->session.office->reg->offset, at);
		buf_printf(out, "; as of %s; known %s", at, r->head);
	}
	if (r->expected)
		buf_printf(out, "; reported by %zu of %zu", r->reported, r->expected);
	buf_putc(out, '\n');
}

/* What the figures stand on, below a text table. */
static void footer(const struct printing *p, struct buf *out)
{
	buf_printf(out, "rate = %s/found", p->r->closed ? "closed" : "rectified");
	if (p->target >= 0)
		buf_printf(out, "; target %d%%", p->target);
	report_footer(p->r, out);
}

/* All groups, and in a text table their total. */
static bool rows(struct printing *p, bool text)
{
	size_t n;
	const struct rollup_group *g = rollup_groups(p->r->rollup, &n);
	size_t ndims = rollup_dims(p->r->rollup);
	struct figures total;
	bool under = false;

	for (size_t k = 0; k < n; k++) {
		sheet_add_row(&p->sheet);
		report_put_ids(&p->sheet, p->r->rollup, &g[k], text);
		under |= put_figures(p, &g[k].sum, text);
		put_basis(p);
	}
	if (text && (ndims || !n)) {
		p->sheet.total_from = p->sheet.nrows;
		sheet_add_row(&p->sheet);
		rollup_total(p->r->rollup, &total);
		if (ndims)
			sheet_put(&p->sheet, 0, p->zh ? SPAN("合计") : SPAN("total"));
		under |= put_figures(p, &total, true);
	}
	return under;
}

/* The sums, with what a merge needs to show them as this report would. */
static void print_part(const struct printing *p, struct buf *out)
{
	char decimals[16], target[16] = "";
	struct rollup_part part = { .office = span_of(p->r->office), .head = span_of(p->r->head),
	    .basis = p->r->closed ? SPAN("closed") : SPAN("rectified") };

	snprintf(decimals, sizeof decimals, "%d", p->decimals);
	if (p->target >= 0)
		snprintf(target, sizeof target, "%d", p->target);
	part.decimals = span_of(decimals);
	part.target = span_of(target);
	rollup_part_write(p->r->rollup, &part, out);
}

bool report_is_text(const struct cli *c)
{
	return !c->format || !strcmp(c->format, "text");
}

void report_sheet(const struct sheet *s, const struct cli *c, struct buf *out)
{
	if (report_is_text(c))
		sheet_text(s, cli_columns(), out);
	else if (!strcmp(c->format, "csv"))
		sheet_csv(s, out);
	else
		sheet_json(s, out);
}

int report_print(struct report *r, struct cli *c, bool *under, struct err *e)
{
	const struct policy *policy = r->session.office ? r->session.office->policy : NULL;
	struct printing p = { .r = r, .zh = r->zh };
	bool text = report_is_text(c);
	struct buf out = BUF_INIT;
	int rc = -1;

	p.decimals = r->decimals >= 0 ? r->decimals : policy ? policy->rate_decimals : 2;
	p.target = r->target >= 0 ? r->target : policy ? policy->rate_target : -1;
	if (!r->rollup)
		return err_set(e, ERR_DATA, "no parts to merge");
	if (r->check && p.target < 0)
		return err_set(e, ERR_USAGE, "--check: there is no target to check; give --target=PCT, or target under rate in policy.yaml");
	if (r->partial) {
		print_part(&p, &out);
	} else {
		sheet_init(&p.sheet);
		if (choose(&p, text, e))
			goto done;
		columns(&p);
		*under = rows(&p, text);
		report_sheet(&p.sheet, c, &out);
		if (text)
			footer(&p, &out);
	}
	if (out.n)
		fwrite(out.p, 1, out.n, stdout);
	rc = 0;
done:
	sheet_clear(&p.sheet);
	buf_clear(&out);
	return rc;
}

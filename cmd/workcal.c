/* SPDX-License-Identifier: MIT */
#include "workcal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/mem.h"
#include "base/time.h"

#define FILE_MAX ((size_t)1 << 20)

static const struct cli_option options[] = {
	{ "calendar", 0, "FILE", "the calendar.yaml to count by; without it that of the register" },
	{ "offset", 0, "+HH:MM", "with --calendar, the offset of the times; +08:00 is the default" },
	{ "known", 0, "SEQ|TIME|CHECKPOINT", "the calendar as committed up to there" },
	{ "organ", 0, "ORGAN", "whose hours: an organ or a kind of organ" },
	{ "kind", 0, "hours|days|sending", "what counts, where no TERM says it; hours is the default" },
	{ "hold", 0, "FROM..TO", "a time in which the clock was held; without TO it still is; may be repeated" },
	{ "explain", 0, NULL, "show every span that counted or did not, and why; so does -v" },
	{ NULL, 0, NULL, NULL }
};

static int on_option(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	struct workcal *k = arg;

	if (strcmp(o->name, "explain") == 0) {
		k->explain = true;
	} else if (strcmp(o->name, "hold") == 0) {
		MEM_GROW(k->hold_said, k->cap, k->nholds + 1);
		k->hold_said[k->nholds++] = value;
	} else if (strcmp(o->name, "kind") == 0) {
		static const char *const kinds[] = { "hours", "days", "sending" };	/* as the enum has them */
		int i = 0;

		while (i < 3 && strcmp(value, kinds[i]) != 0)
			i++;
		if (i == 3)
			return err_set(e, ERR_USAGE, "--kind: \"%s\" is not one of hours, days, sending", value);
		k->kind = kinds[i];
		k->w.kind = (enum calendar_kind)i;
	} else {
		*(strcmp(o->name, "calendar") == 0 ? &k->file : strcmp(o->name, "offset") == 0 ? &k->offset_said :
		  strcmp(o->name, "known") == 0 ? &k->known : &k->organ) = value;
	}
	return 0;
}

static const struct cli_program program = {
	.name = "workcal",
	.usage = "[options] add TIME TERM\n[options] between TIME TIME\n[options] is-open TIME\n[options] next TIME\n[options] days YEAR",
	.about = "Count working time by a calendar, as the clocks of the register do.",
	.shared = CLI_FORMAT,
	.options = options,
	.formats = "text|csv",
	.on = on_option,
	.more = "TERM is 30m, 24h, 3d, 4wh, 5wd or \"month end\"; -2wh counts back (put -- before it).\n"
		"is-open ends with 0 when TIME is open and with 1 when it is not.\n",
};

static int by_from(const void *a, const void *b)
{
	const struct clock_hold *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/* The holds, in order. */
static int read_holds(struct workcal *k, struct err *e)
{
	k->hold = mem_zalloc(k->nholds + 1, sizeof *k->hold);
	for (size_t i = 0; i < k->nholds; i++) {
		const char *dots = strstr(k->hold_said[i], "..");
		struct span from = { k->hold_said[i], dots ? (size_t)(dots - k->hold_said[i]) : 0 };
		struct clock_hold *h = &k->hold[i];

		*h = (struct clock_hold){ .to = TIME_NONE, .reason = SPAN("hold") };
		if (dots == NULL)
			return err_set(e, ERR_USAGE, "--hold: \"%s\" is no span of time; write FROM..TO, or FROM.. while it is held", k->hold_said[i]);
		if (time_parse(from, k->w.offset, &h->from, NULL, e) < 0 ||
		    (dots[2] != '\0' && time_parse(span_of(dots + 2), k->w.offset, &h->to, NULL, e) < 0)) {
			e->status = ERR_USAGE;
			return err_prefix(e, "--hold");
		}
		if (h->to != TIME_NONE && h->to < h->from)
			return err_set(e, ERR_USAGE, "--hold: \"%s\" ends before it begins", k->hold_said[i]);
	}
	qsort(k->hold, k->nholds, sizeof *k->hold, by_from);
	for (size_t i = 1; i < k->nholds; i++)
		if (k->hold[i - 1].to == TIME_NONE || k->hold[i - 1].to > k->hold[i].from)
			return err_set(e, ERR_USAGE, "--hold: two of them overlap; a clock is held once at a time");
	return 0;
}

/* The calendar of a file. */
static int open_file(struct workcal *k, struct err *e)
{
	struct buf bytes = BUF_INIT;
	char digest[DIGEST_HEX + 1];
	int result = -1;

	k->w.offset = 8 * 3600;
	if (k->offset_said != NULL && !time_offset_read(span_of(k->offset_said), &k->w.offset))
		return err_set(e, ERR_USAGE, "--offset: \"%s\" is no offset; write it like +08:00", k->offset_said);
	if (input_read(k->file, FILE_MAX, false, &bytes, digest, NULL, e) == 0) {
		k->policy = policy_load_calendar(strcmp(k->file, "-") == 0 ? "standard input" : k->file, buf_view(&bytes), &k->cli.diag);
		if (k->policy != NULL)
			result = 0;
		else
			e->status = ERR_DATA;	/* said by diag */
	}
	buf_clear(&bytes);
	return result;
}

/* The calendar in force in the register. */
static int open_register(struct workcal *k, struct err *e)
{
	if (k->offset_said != NULL)
		return err_set(e, ERR_USAGE, "--offset: the register has its own; it is for --calendar");
	k->office = office_open(k->cli.dir, k->known, e);
	if (k->office == NULL)
		return -1;
	k->w.offset = k->office->reg->offset;
	if (k->office->policy->calendar == NULL)
		return err_set(e, ERR_DATA,
		    "the policy of this register has no calendar.yaml; add one (gridctl put policy) or give --calendar=FILE");
	return 0;
}

/* Whose hours --organ asks for: a key of the calendar, else an organ of the register. */
static int find_organ(struct workcal *k, struct err *e)
{
	const struct calendar *c = k->w.calendar;
	struct span id, none = { NULL, 0 };
	struct master_row row;
	struct master *m;
	int found;

	k->w.organ = "";
	if (k->organ == NULL)
		return 0;
	k->w.organ = calendar_whose(c, span_of(k->organ), none);
	if (*k->w.organ != '\0')
		return 0;
	if (k->office == NULL)
		return err_set(e, ERR_USAGE, "--organ: %s has no hours for \"%s\"; without --organ those of everybody are counted", k->file,
		    k->organ);
	if (vocab_id(&k->office->policy->organ_kinds, span_of(k->organ)) >= 0)
		return 0;	/* a kind that keeps everybody's hours */
	m = office_master(k->office, "organs", e);
	if (m == NULL || office_resolve(k->office, "organs", span_of(k->organ), none, time_day(k->cli.now, k->w.offset), &id, e) < 0)
		return -1;
	found = master_find(m, id, DATE_NONE, &row, e);
	if (found > 0)
		k->w.organ = calendar_whose(c, id, row.f[schema_column(master_table(m), SPAN("kind"))]);
	return found < 0 ? -1 : 0;
}

/* All that every command needs. */
static int open_calendar(struct workcal *k, struct err *e)
{
	if (k->file != NULL && k->known != NULL)
		return err_set(e, ERR_USAGE, "--known: a file has no history; it goes without --calendar");
	if ((k->file != NULL ? open_file(k, e) : open_register(k, e)) < 0)
		return -1;
	k->w.calendar = k->file != NULL ? k->policy->calendar : k->office->policy->calendar;
	return cli_now(&k->cli, k->w.offset, e) || find_organ(k, e) || read_holds(k, e) ? -1 : 0;
}

static const struct command {
	const char *name;
	int operands;
	const char *wanted;
	int (*run)(struct workcal *k, char **operand, struct err *e);
} commands[] = {
	{ "add", 2, "a TIME and a TERM", workcal_add },
	{ "between", 2, "two TIMEs", workcal_between },
	{ "days", 1, "a YEAR", workcal_days },
	{ "is-open", 1, "a TIME", workcal_is_open },
	{ "next", 1, "a TIME", workcal_next },
};

/* Find the command and do it. */
static int run(struct workcal *k, int argc, char **argv, struct err *e)
{
	if (argc == 0)
		return err_set(e, ERR_USAGE, "which command? add, between, days, is-open or next");
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(argv[0], commands[i].name) != 0)
			continue;
		if (argc - 1 != commands[i].operands)
			return err_set(e, ERR_USAGE, "%s takes %s", argv[0], commands[i].wanted);
		return open_calendar(k, e) || commands[i].run(k, argv + 1, e) ? -1 : 0;
	}
	return err_set(e, ERR_USAGE, "\"%s\" is not one of add, between, days, is-open, next", argv[0]);
}

int main(int argc, char **argv)
{
	struct workcal k = { .file = NULL };
	struct err e = ERR_INIT;
	int first = cli_start(&k.cli, &program, argc, argv, &k), rc, status;

	k.explain |= k.cli.verbose;
	rc = run(&k, argc - first, argv + first, &e);
	if (k.out.n > 0 && !(k.cli.quiet && k.asked))
		fwrite(k.out.p, 1, k.out.n, stdout);
	status = rc ? cli_fail(&k.cli, &e) : cli_end(&k.cli, k.status);
	office_close(k.office);
	policy_free(k.policy);
	buf_clear(&k.out);
	free(k.hold);
	free(k.hold_said);
	return status;
}

/* SPDX-License-Identifier: MIT */
#include "base/cli.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "runhelp.h"

#define MOST_ARGS 24

/* What a program run in a child wrote and how it ended. */
static struct buf out, errors;
static int status;

/* Where the child's standard output goes. */
enum sink { TO_PIPE, TO_FULL, TO_CLOSED, TO_NOBODY };

static char seen[400];	/* own options as they came */

static int64_t clock_ms = -1;	/* what the clock says; -1: the machine's */

/* Stands in for the C library's. */
int clock_gettime(clockid_t id, struct timespec *t)
{
	if (clock_ms < 0)
		return (int)syscall(SYS_clock_gettime, id, t);
	*t = (struct timespec){ .tv_sec = clock_ms / 1000, .tv_nsec = clock_ms % 1000 * 1000000 };
	return 0;
}

/* Takes every value but "bad" and "worse". */
static int on_option(void *arg, const struct cli_option *o, const char *value, struct err *e)
{
	char *list = arg;

	if (value != NULL && strcmp(value, "bad") == 0)
		return err_set(e, ERR_USAGE, "\"bad\" is not a grid");
	if (value != NULL && strcmp(value, "worse") == 0)
		return err_set(e, ERR_DATA, "--grid and --all exclude each other");
	sprintf(list + strlen(list), "%s=%s;", o->name, value != NULL ? value : "(none)");
	return 0;
}

static const struct cli_option own[] = {
	{ "grid", 'g', "ID", "only this grid and those below it" },
	{ "all", 'a', NULL, "all of them" },
	{ "assign.owner", 0, "ORGAN", "who is to rectify" },
	{ NULL, 0, NULL, NULL },
};

static const struct cli_program program = {
	.name = "hazard-try", .usage = "[options] ID...\n[options] -f FILE", .about = "Try things.",
	.shared = CLI_WRITER | CLI_FORMAT, .options = own, .formats = "text|csv|json", .more = "See also gridledger(7).",
	.on = on_option,
};
static const struct cli_program reader = { .name = "hazard-look", .usage = "[options]", .about = "Look." };

/* All of a descriptor. */
static void drain(int fd, struct buf *b)
{
	char part[512];
	ssize_t n;

	buf_reset(b);
	buf_put(b, "", 0);
	while ((n = read(fd, part, sizeof part)) > 0)
		buf_put(b, part, (size_t)n);
	close(fd);
}

/* Print what cli_start made of the arguments; the first operand picks how to end. */
static int body(const struct cli_program *p, int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct cli c;
	int first = cli_start(&c, p, argc, argv, seen);
	const char *what = first < argc ? argv[first] : "";

	if (strcmp(what, "now") == 0) {
		if (cli_now(&c, 28800, &e) < 0)
			return cli_fail(&c, &e);
		printf("%lld\n", (long long)c.now);
	} else if (strcmp(what, "say") == 0) {
		cli_say(&c, "two\nlines 隐患 \x1b %d", 7);
		cli_say(&c, "ended\n");
		cli_progress(&c, "reading", 1, 2);
	} else if (strcmp(what, "fail") == 0) {
		err_set(&e, ERR_PERSON, "journal.csv:4: \x1b[2J\nbroken");
		return cli_fail(&c, &e);
	} else if (strcmp(what, "memory") == 0) {
		free(mem_realloc(NULL, SIZE_MAX / 2, 4));
	} else if (strcmp(what, "many") == 0 || strcmp(what, "recorded") == 0 || strcmp(what, "doubt") == 0) {
		c.recorded = strcmp(what, "many") != 0;
		for (int i = 0; i < 20000; i++)
			printf("T01-H2026-%06d\n", i);
		return cli_end(&c, strcmp(what, "doubt") == 0 ? ERR_DOUBT : ERR_NO);
	} else if (strcmp(what, "nothing") == 0) {
		c.recorded = true;
	} else if (strcmp(what, "ledger") == 0) {
		/* a file opened now must not get the number of a closed standard descriptor */
		return cli_end(&c, open("/dev/null", O_RDONLY) > 2 ? 0 : 1);
	} else {
		printf("dir=%s now=%s actor=%s format=%s wait=%lld max=%zu/%zu%s%s%s own=%s", c.dir,
		    c.now_text ? c.now_text : "-", c.actor ? c.actor : "-", c.format ? c.format : "-",
		    (long long)c.lock_wait_ms, c.max_errors, c.diag.max, c.dry_run ? " dry" : "", c.quiet ? " quiet" : "",
		    c.verbose ? " verbose" : "", seen);
		for (; first < argc; first++)
			printf(" %s", argv[first]);
		printf("\n");
	}
	return cli_end(&c, ERR_OK);
}

/* Run body in a child with the words of line as arguments ("''" is an empty one). */
static void run_to(const struct cli_program *p, enum sink sink, const char *line)
{
	char words[300], *argv[MOST_ARGS + 2] = { (char *)(uintptr_t)p->name }, *save = NULL;
	int argc = 1, o[2], x[2], wait_status;
	pid_t child;

	strcpy(words, line);
	for (char *w = strtok_r(words, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
		argv[argc++] = strcmp(w, "''") == 0 ? w + 2 : w;
	ck_assert_int_eq(pipe(o), 0);
	ck_assert_int_eq(pipe(x), 0);
	fflush(NULL);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		dup2(sink == TO_FULL ? open("/dev/full", O_WRONLY) : o[1], 1);
		dup2(x[1], 2);
		if (sink == TO_CLOSED)
			close(1);
		close(o[0]);
		close(o[1]);
		close(x[0]);
		close(x[1]);
		_exit(body(p, argc, argv));
	}
	close(o[1]);
	close(x[1]);
	if (sink == TO_NOBODY) {
		close(o[0]);
		buf_reset(&out);
	} else {
		drain(o[0], &out);
	}
	drain(x[0], &errors);
	waitpid(child, &wait_status, 0);
	ck_assert(WIFEXITED(wait_status));
	status = WEXITSTATUS(wait_status);
}

static void run(const char *line)
{
	run_to(&program, TO_PIPE, line);
}

static void set_up(void)
{
	unsetenv("GRIDLEDGER_DIR");
	unsetenv("GRIDLEDGER_ACTOR");
}

static void tear_down(void)
{
	buf_clear(&out);
	buf_clear(&errors);
}

START_TEST(test_defaults_and_environment)
{
	run("");
	ck_assert_str_eq(out.p, "dir=. now=- actor=- format=- wait=30000 max=100/100 own=\n");
	ck_assert_str_eq(errors.p, "");
	ck_assert_int_eq(status, 0);
	setenv("GRIDLEDGER_DIR", "/srv/t01", 1);
	setenv("GRIDLEDGER_ACTOR", "clerk7", 1);
	run("");
	ck_assert_str_eq(out.p, "dir=/srv/t01 now=- actor=clerk7 format=- wait=30000 max=100/100 own=\n");
	run("-C here --actor=T01-O031");
	ck_assert_str_eq(out.p, "dir=here now=- actor=T01-O031 format=- wait=30000 max=100/100 own=\n");
	setenv("GRIDLEDGER_DIR", "", 1);
	setenv("GRIDLEDGER_ACTOR", "", 1);
	run("");
	ck_assert_str_eq(out.p, "dir=. now=- actor=- format=- wait=30000 max=100/100 own=\n");
}
END_TEST

START_TEST(test_options)
{
	run("H1 -nqv -g 990101 --all H2 --assign.owner=GAS --format=csv --lock-wait=2m --max-errors 5 -- -x --y");
	ck_assert_str_eq(out.p, "dir=. now=- actor=- format=csv wait=120000 max=5/5 dry quiet verbose "
	    "own=grid=990101;all=(none);assign.owner=GAS; H1 H2 -x --y\n");
	run("--lock-wait=500ms --max-errors=0 --form=json -");
	ck_assert_str_eq(out.p, "dir=. now=- actor=- format=json wait=500 max=0/0 own= -\n");
	run_to(&reader, TO_PIPE, "--quiet --directory=x --now=2026-02-03 --verbose");
	ck_assert_str_eq(out.p, "dir=x now=2026-02-03 actor=- format=- wait=30000 max=100/100 quiet verbose own=\n");
}
END_TEST

START_TEST(test_usage_messages)
{
	static const char *const rows[][2] = {
		{ "--grdi=1", "unknown option --grdi; did you mean --grid?" },
		{ "--zzzzzzzzz", "unknown option --zzzzzzzzz" },
		{ "-nz", "unknown option -z" },
		{ "--ver", "option --ver may mean --verbose, --version" },
		{ "--grid", "option --grid needs a value: --grid=ID" },
		{ "-g", "option -g needs a value: -g ID" },
		{ "-C", "option -C needs a value: -C DIR" },
		{ "--all=1", "option --all takes no value" },
		{ "--quiet=1", "option --quiet takes no value" },
		{ "--grid=bad", "--grid: \"bad\" is not a grid" },
		{ "--format=xlsx", "--format: \"xlsx\" is not one of text, csv, json" },
		{ "--lock-wait=30", "--lock-wait: \"30\" is not a duration; write 500ms, 30s or 2m" },
		{ "--lock-wait=s", "--lock-wait: \"s\" is not a duration; write 500ms, 30s or 2m" },
		{ "--lock-wait=-1s", "--lock-wait: \"-1s\" is not a duration; write 500ms, 30s or 2m" },
		{ "--max-errors=5x", "--max-errors: \"5x\" is not a whole number; write one like 100, or 0 for all" },
		{ "-C ''", "--directory: \"\" is not a directory; write . for the current one" },
		{ "--actor=", "--actor: \"\" is not an officer; write the id of one" },
		{ "--\x1b[2J", "unknown option --\\u{1b}[2J" },
	};
	char expected[300];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		run(rows[i][0]);
		snprintf(expected, sizeof expected, "hazard-try: %s\nhazard-try --help shows what it takes\n", rows[i][1]);
		ck_assert_str_eq(errors.p, expected);
		ck_assert_str_eq(out.p, "");
		ck_assert_int_eq(status, 2);
	}
	/* a reader has no options of a writer; a program may refuse with another status */
	run_to(&reader, TO_PIPE, "-n");
	ck_assert_str_eq(errors.p, "hazard-look: unknown option -n\nhazard-look --help shows what it takes\n");
	run("-g worse");
	ck_assert_str_eq(errors.p, "hazard-try: --grid and --all exclude each other\n");
	ck_assert_int_eq(status, 3);
}
END_TEST

START_TEST(test_help_and_version)
{
	run("--help --nonsense");
	ck_assert_str_eq(out.p,
	    "Usage: hazard-try [options] ID...\n"
	    "       hazard-try [options] -f FILE\n"
	    "\n"
	    "Try things.\n"
	    "\n"
	    "Options:\n"
	    "  -g, --grid=ID             only this grid and those below it\n"
	    "  -a, --all                 all of them\n"
	    "      --assign.owner=ORGAN  who is to rectify\n"
	    "  -C, --directory=DIR       the register (default $GRIDLEDGER_DIR, else the current directory)\n"
	    "      --now=TIME            act as if it were TIME\n"
	    "      --actor=ID            who acts (default $GRIDLEDGER_ACTOR, else the officer of this login)\n"
	    "  -n, --dry-run             print the rows that would be appended and write nothing\n"
	    "      --lock-wait=DURATION  wait so long for another writer: 500ms, 30s, 2m (default 30s)\n"
	    "      --allow-network-fs    write although the register lies on a network file system\n"
	    "      --max-errors=N        print at most N errors and count the rest (default 100, 0 for all)\n"
	    "      --format=F            text|csv|json (the first is the default)\n"
	    "  -q, --quiet               no words for people, only results and errors\n"
	    "  -v, --verbose             more words for people\n"
	    "      --help                print this help and end\n"
	    "      --version             print the version and end\n"
	    "\n"
	    "See also gridledger(7).\n");
	ck_assert_int_eq(status, 0);
	run("--version");
	ck_assert_str_eq(out.p, "hazard-try (gridledger) " PACKAGE_VERSION "\n");
	run_to(&program, TO_FULL, "--help");
	ck_assert_str_eq(errors.p, "hazard-try: standard output: cannot write: No space left on device\n");
	ck_assert_int_eq(status, 4);
	run_to(&program, TO_NOBODY, "--version");
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(test_now)
{
	run("--now=2026-02-03T14:35 now");
	ck_assert_str_eq(out.p, "1770100500\n");
	run("--now=2026-02-30 now");
	ck_assert_str_eq(errors.p, "hazard-try: --now: \"2026-02-30\" is not a time: February 2026 has 28 days; write"
	    " 2026-02-28T00:00:00+08:00\n");
	ck_assert_int_eq(status, 2);
	run("now");
	ck_assert_int_gt(atoll(out.p), 1700000000);
}
END_TEST

START_TEST(test_words_are_escaped)
{
	static const char *const locales[] = { "C", "C.UTF-8", "no_such.locale" };

	for (size_t i = 0; i < sizeof locales / sizeof *locales; i++) {	/* cron's bytes are the clerk's */
		setenv("LC_ALL", locales[i], 1);
		run("say");
		ck_assert_str_eq(errors.p, "two\nlines 隐患 \\u{1b} 7\nended\n");
	}
	run("-q say");
	ck_assert_str_eq(errors.p, "");
	run("-q fail");
	ck_assert_str_eq(errors.p, "hazard-try: journal.csv:4: \\u{1b}[2J\\u{a}broken\n");
	ck_assert_int_eq(status, 5);
}
END_TEST

/* The terminal got this, as its other end reads it: no less, and no more that is there by then. */
static void terminal_shows(int master, const char *want)
{
	char text[200] = "";
	struct pollfd p = { .fd = master, .events = POLLIN };
	size_t have = 0;

	while (have < sizeof text - 1 && poll(&p, 1, have < strlen(want) ? 10000 : 0) == 1) {
		ssize_t n = read(master, text + have, sizeof text - 1 - have);

		ck_assert_int_gt(n, 0);
		have += (size_t)n;
	}
	ck_assert_str_eq(text, want);
}

START_TEST(test_progress_on_a_terminal)
{
	struct cli c = { .prog = "hazard-try" };
	int master = posix_openpt(O_RDWR | O_NOCTTY), keep = dup(2), slave;

	if (grantpt(master) != 0 || unlockpt(master) != 0) {
		printf("SKIPPED: progress on a terminal: this machine gives out no pseudo-terminal\n");
		close(master);
		close(keep);
		return;
	}
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(slave, 0);
	dup2(slave, 2);
	clock_ms = 5000;
	cli_progress(&c, "reading", 1, 4);	/* not yet: what is soon over shows nothing */
	clock_ms += 250;
	cli_progress(&c, "reading", 2, 4);
	clock_ms += 50;
	cli_progress(&c, "reading", 3, 4);	/* too soon after the last */
	cli_progress(&c, "reading", 4, 4);	/* done: the line goes */
	clock_ms = -1;
	dup2(keep, 2);
	close(keep);
	terminal_shows(master, "\rhazard-try: reading: 2 of 4 (50 %)\033[K\r\033[K");
	close(slave);
	close(master);
}
END_TEST

START_TEST(test_undelivered_answers)
{
	static const struct {
		enum sink sink;
		const char *operand;
		int status;
		const char *errors;
	} rows[] = {
		{ TO_PIPE, "many", 1, "" },
		{ TO_PIPE, "recorded", 1, "" },
		{ TO_FULL, "many", 4, "hazard-try: standard output: cannot write: No space left on device\n" },
		{ TO_FULL, "recorded", 7, "hazard-try: recorded, but the answer could not be delivered: standard output:"
		    " cannot write: No space left on device\n" },
		{ TO_FULL, "doubt", 6, "hazard-try: recorded, but the answer could not be delivered: standard output:"
		    " cannot write: No space left on device\n" },
		{ TO_CLOSED, "many", 4, "hazard-try: standard output: cannot write: Bad file descriptor\n" },
		{ TO_CLOSED, "recorded", 7, "hazard-try: recorded, but the answer could not be delivered: standard output:"
		    " cannot write: Bad file descriptor\n" },
		{ TO_CLOSED, "nothing", 0, "" },
		{ TO_CLOSED, "ledger", 0, "" },
		{ TO_NOBODY, "many", 1, "" },
		{ TO_NOBODY, "recorded", 7, "hazard-try: recorded, but the answer could not be delivered: standard output:"
		    " cannot write: Broken pipe\n" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		run_to(&program, rows[i].sink, rows[i].operand);
		ck_assert_str_eq(errors.p, rows[i].errors);
		ck_assert_int_eq(status, rows[i].status);
	}
}
END_TEST

START_TEST(test_out_of_memory)
{
	run("memory");
	ck_assert_str_eq(errors.p, "hazard-try: out of memory\n");
	ck_assert_int_eq(status, 4);
}
END_TEST

START_TEST(test_terminal)
{
	setenv("COLUMNS", "120", 1);
	if (!isatty(1))
		ck_assert_uint_eq(cli_columns(), 120);
	setenv("COLUMNS", "wide", 1);
	if (!isatty(1))
		ck_assert_uint_eq(cli_columns(), 80);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli");
	TCase *c = tcase_create("cli");

	tcase_add_test(c, test_defaults_and_environment);
	tcase_add_test(c, test_options);
	tcase_add_test(c, test_usage_messages);
	tcase_add_test(c, test_help_and_version);
	tcase_add_test(c, test_now);
	tcase_add_test(c, test_words_are_escaped);
	tcase_add_test(c, test_progress_on_a_terminal);
	tcase_add_test(c, test_undelivered_answers);
	tcase_add_test(c, test_out_of_memory);
	tcase_add_test(c, test_terminal);
	tcase_add_checked_fixture(c, set_up, tear_down);
	suite_add_tcase(s, c);
	return h_run(s);
}

/* SPDX-License-Identifier: MIT */
#include "base/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/stream.h"
#include "base/text.h"
#include "base/time.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define HELP_COLUMN 28
#define LOCK_WAIT_DEFAULT_MS 30000
#define OWN_FIRST 1000		/* getopt values: own options from here on … */
#define SHARED_FIRST 500	/* … and shared ones from here */

/* The options every program takes, and the kinds that only some do. */
static const struct {
	struct cli_option o;
	unsigned only;	/* 0, or the CLI_ flag a program must have */
} shared[] = {
	{ { "directory", 'C', "DIR", "the register (default $GRIDLEDGER_DIR, else the current directory)" }, 0 },
	{ { "now", 0, "TIME", "act as if it were TIME" }, 0 },
	{ { "actor", 0, "ID", "who acts (default $GRIDLEDGER_ACTOR, else the officer of this login)" }, 0 },
	{ { "dry-run", 'n', NULL, "print the rows that would be appended and write nothing" }, CLI_WRITER },
	{ { "lock-wait", 0, "DURATION", "wait so long for another writer: 500ms, 30s, 2m (default 30s)" }, CLI_WRITER },
	{ { "allow-network-fs", 0, NULL, "write although the register lies on a network file system" }, CLI_WRITER },
	{ { "max-errors", 0, "N", "print at most N errors and count the rest (default 100, 0 for all)" }, CLI_WRITER },
	{ { "format", 0, "F", NULL }, CLI_FORMAT },	/* help is p->formats */
	{ { "quiet", 'q', NULL, "no words for people, only results and errors" }, 0 },
	{ { "verbose", 'v', NULL, "more words for people" }, 0 },
	{ { "help", 0, NULL, "print this help and end" }, 0 },
	{ { "version", 0, NULL, "print the version and end" }, 0 },
};
#define SHARED_N (sizeof shared / sizeof *shared)

/* What getopt_long is given, made from both lists. */
struct table {
	struct option *longs;
	const char **names;	/* of longs, for the nearest one */
	size_t n, own;		/* all of them; the program's own come first */
	struct buf letters;
};

/* For the out-of-memory handler, which gets no argument. */
static const struct cli *running;

/* The end when memory is exhausted: nothing is allocated and nothing flushed. */
static void out_of_memory(void)
{
	static const char text[] = ": out of memory\n", stands[] = ": recorded, but the answer could not be delivered";
	const char *prog = running != NULL ? running->prog : "gridledger";
	int status = running != NULL && running->recorded ? ERR_UNSAID : mem_status();

	if (write(STDERR_FILENO, prog, strlen(prog)) < 0 || (status == ERR_UNSAID && write(STDERR_FILENO, stands, sizeof stands - 1) < 0)
	    || write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(status);
	_exit(status);
}

/* A closed descriptor 0, 1 or 2 would be given to a ledger: put one there whose use fails. */
static void guard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
			_exit(ERR_FAILED);
}

/* Does the environment name a language of messages that the C locale does not speak already? */
static bool has_language(void)
{
	static const char *const plain[] = { "", "C", "POSIX", "C.UTF-8", "C.utf8" };
	const char *said = getenv("LANGUAGE");

	if (said != NULL && *said != '\0')
		return true;
	said = NULL;
	for (size_t i = 0; i < 3 && (said == NULL || *said == '\0'); i++)
		said = getenv((const char *const[]){ "LC_ALL", "LC_MESSAGES", "LANG" }[i]);
	for (size_t i = 0; said != NULL && i < sizeof plain / sizeof *plain; i++)
		if (strcmp(said, plain[i]) == 0)
			return false;
	return said != NULL;
}

/* The words of the system (strerror) in the user's language: all that a locale is for here, so that where they are
 * English anyway a dozen files stay closed.  Our own text is UTF-8, figures and dates are data. */
static void set_up_locale(void)
{
	if (!has_language())
		return;
	setlocale(LC_CTYPE, "");
	setlocale(LC_MESSAGES, "");
}

/* The process-wide part of the start. */
static void set_up_process(void)
{
	guard_descriptors();
	stream_start();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	set_up_locale();
	mem_on_exhausted(out_of_memory);
}

/* Does the program have an option of its own with this name? */
static bool is_own(const struct cli_program *p, const char *name)
{
	for (const struct cli_option *o = p->options; o != NULL && o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return true;
	return false;
}

/* Does the program take shared option i? */
static bool is_taken(const struct cli_program *p, size_t i)
{
	return (shared[i].only & ~p->shared) == 0 && !is_own(p, shared[i].o.name);
}

/* Add an option to the table; a letter that is taken already stays with the first. */
static void table_add(struct table *t, const struct cli_option *o, int val)
{
	t->longs[t->n] = (struct option){ o->name, o->arg != NULL ? required_argument : no_argument, NULL, val };
	t->names[t->n++] = o->name;
	if (o->letter != 0 && strchr(t->letters.p, o->letter) == NULL) {
		buf_putc(&t->letters, o->letter);
		if (o->arg != NULL)
			buf_putc(&t->letters, ':');
	}
}

/* The table of all options the program takes; table_clear frees it. */
static void table_init(struct table *t, const struct cli_program *p)
{
	size_t own = 0;

	while (p->options != NULL && p->options[own].name != NULL)
		own++;
	*t = (struct table){ .own = own };
	t->longs = mem_zalloc(own + SHARED_N + 1, sizeof *t->longs);
	t->names = mem_zalloc(own + SHARED_N + 1, sizeof *t->names);
	buf_puts(&t->letters, ":");
	for (size_t i = 0; i < own; i++)
		table_add(t, &p->options[i], OWN_FIRST + (int)i);
	for (size_t i = 0; i < SHARED_N; i++)
		if (is_taken(p, i))
			table_add(t, &shared[i].o, SHARED_FIRST + (int)i);
}

/* Free what table_init made. */
static void table_clear(struct table *t)
{
	free(t->longs);
	free(t->names);
	buf_clear(&t->letters);
}

/* The option of a getopt value; NULL for what is none. */
static const struct cli_option *option_of(const struct cli_program *p, const struct table *t, int val)
{
	if (val >= OWN_FIRST)
		return (size_t)(val - OWN_FIRST) < t->own ? &p->options[val - OWN_FIRST] : NULL;
	if (val >= SHARED_FIRST)
		return (size_t)(val - SHARED_FIRST) < SHARED_N ? &shared[val - SHARED_FIRST].o : NULL;
	for (size_t i = 0; i < t->own; i++)
		if (p->options[i].letter == val)
			return &p->options[i];
	for (size_t i = 0; i < SHARED_N; i++)
		if (shared[i].o.letter == val && is_taken(p, i))
			return &shared[i].o;
	return NULL;
}

/* One line of the list of options. */
static void print_option(const struct cli_option *o, const char *help)
{
	struct buf b = BUF_INIT;
	size_t width;

	buf_printf(&b, "  %c%c%s--%s%s%s", o->letter != 0 ? '-' : ' ', o->letter != 0 ? o->letter : ' ',
	    o->letter != 0 ? ", " : "  ", o->name, o->arg != NULL ? "=" : "", o->arg != NULL ? o->arg : "");
	width = text_width(buf_view(&b));
	if (width + 2 > HELP_COLUMN)
		buf_printf(&b, "\n%*s", HELP_COLUMN, "");
	else
		buf_printf(&b, "%*s", (int)(HELP_COLUMN - width), "");
	printf("%s%s\n", b.p, help != NULL ? help : "");
	buf_clear(&b);
}

/* The whole of --help. */
static void print_help(const struct cli_program *p)
{
	struct span rest = span_of(p->usage), line;
	const char *lead = "Usage: ";
	char formats[80];

	while (span_split(&rest, '\n', &line)) {
		printf("%s%s %.*s\n", lead, p->name, (int)line.n, line.p);
		lead = "       ";
	}
	printf("\n%s\n\nOptions:\n", p->about);
	for (const struct cli_option *o = p->options; o != NULL && o->name != NULL; o++)
		print_option(o, o->help);
	snprintf(formats, sizeof formats, "%s (the first is the default)", p->formats != NULL ? p->formats : "");
	for (size_t i = 0; i < SHARED_N; i++)
		if (is_taken(p, i))
			print_option(&shared[i].o, shared[i].o.help != NULL ? shared[i].o.help : formats);
	if (p->more != NULL)
		printf("\n%s%s", p->more, p->more[0] != '\0' && p->more[strlen(p->more) - 1] != '\n' ? "\n" : "");
}

/* 500ms, 30s, 2m, 1h to milliseconds. */
static bool read_duration(const char *text, int64_t *ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
	size_t n = strspn(text, "0123456789");
	uint64_t v;

	if (!span_u64((struct span){ text, n }, 1000000000, &v))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(text + n, units[i].unit) == 0) {
			*ms = (int64_t)v * units[i].ms;
			return true;
		}
	return false;
}

/* Take --format when it is one of p->formats. */
static int take_format(struct cli *c, const struct cli_program *p, const char *value, struct err *e)
{
	struct span rest = span_of(p->formats), one;
	struct buf list = BUF_INIT;

	while (span_split(&rest, '|', &one)) {
		if (span_is(one, value)) {
			c->format = value;
			buf_clear(&list);
			return 0;
		}
		buf_printf(&list, "%s%.*s", list.n > 0 ? ", " : "", (int)one.n, one.p);
	}
	err_set(e, ERR_USAGE, "--format: \"%s\" is not one of %s", value, list.n > 0 ? list.p : "none");
	buf_clear(&list);
	return -1;
}

/* Take a shared option with an argument or a flag. */
static int take_shared(struct cli *c, const struct cli_program *p, const char *name, const char *value, struct err *e)
{
	uint64_t n;

	if (strcmp(name, "directory") == 0) {
		c->dir = value;
		if (value[0] == '\0')
			return err_set(e, ERR_USAGE, "--directory: \"\" is not a directory; write . for the current one");
	} else if (strcmp(name, "now") == 0) {
		c->now_text = value;
	} else if (strcmp(name, "actor") == 0) {
		c->actor = value;
		if (value[0] == '\0')
			return err_set(e, ERR_USAGE, "--actor: \"\" is not an officer; write the id of one");
	} else if (strcmp(name, "dry-run") == 0) {
		c->dry_run = true;
	} else if (strcmp(name, "lock-wait") == 0) {
		if (!read_duration(value, &c->lock_wait_ms))
			return err_set(e, ERR_USAGE, "--lock-wait: \"%s\" is not a duration; write 500ms, 30s or 2m",
			    value);
	} else if (strcmp(name, "max-errors") == 0) {
		if (!span_u64(span_of(value), SIZE_MAX, &n))
			return err_set(e, ERR_USAGE, "--max-errors: \"%s\" is not a whole number; write one like 100, or 0"
			    " for all", value);
		c->max_errors = (size_t)n;
	} else if (strcmp(name, "format") == 0) {
		return take_format(c, p, value, e);
	} else if (strcmp(name, "allow-network-fs") == 0) {
		c->allow_network = true;
	} else if (strcmp(name, "quiet") == 0) {
		c->quiet = true;
	} else if (strcmp(name, "verbose") == 0) {
		c->verbose = true;
	}
	return 0;
}

/* What is wrong with a long option that getopt_long did not know: ambiguous or unknown. */
static int refuse_long(const struct table *t, const char *word, struct err *e)
{
	struct span name = { word + 2, strcspn(word + 2, "=") };
	struct buf hits = BUF_INIT;
	size_t count = 0;
	const char *near;

	for (size_t i = 0; i < t->n; i++)
		if (strncmp(t->names[i], name.p, name.n) == 0) {
			buf_printf(&hits, "%s--%s", count == 0 ? "" : ", ", t->names[i]);
			count++;
		}
	near = text_nearest(name, t->names, t->n);
	if (count > 1)
		err_set(e, ERR_USAGE, "option --%.*s may mean %s", (int)name.n, name.p, hits.p);
	else if (near != NULL)
		err_set(e, ERR_USAGE, "unknown option --%.*s; did you mean --%s?", (int)name.n, name.p, near);
	else
		err_set(e, ERR_USAGE, "unknown option --%.*s", (int)name.n, name.p);
	buf_clear(&hits);
	return -1;
}

/* The error for what getopt_long answered with '?' or ':'. */
static int refuse_option(const struct cli_program *p, const struct table *t, int answer, char **argv, struct err *e)
{
	const struct cli_option *o = option_of(p, t, optopt);
	const char *word = argv[optind - 1];

	if (answer == ':' && o != NULL && optopt >= SHARED_FIRST)
		return err_set(e, ERR_USAGE, "option --%s needs a value: --%s=%s", o->name, o->name, o->arg);
	if (answer == ':' && o != NULL)
		return err_set(e, ERR_USAGE, "option -%c needs a value: -%c %s", optopt, optopt, o->arg);
	if (o != NULL && optopt >= SHARED_FIRST)
		return err_set(e, ERR_USAGE, "option --%s takes no value", o->name);
	if (optopt != 0)
		return err_set(e, ERR_USAGE, "unknown option -%c", optopt);
	return refuse_long(t, word, e);
}

/* Hand an own option to the program; the name of the option goes in front of what it says. */
static int give_own(const struct cli_program *p, void *arg, const struct cli_option *o, struct err *e)
{
	if (p->on == NULL || p->on(arg, o, optarg, e) == 0)
		return 0;
	err_set(e, ERR_USAGE, "this value is not allowed");
	return strncmp(e->text, "--", 2) == 0 ? -1 : err_prefix(e, "--%s", o->name);
}

/* Read all options; --help and --version are answered here by setting *answered. */
static int read_options(struct cli *c, const struct cli_program *p, const struct table *t, int argc, char **argv,
    void *arg, bool *answered, struct err *e)
{
	int val;

	optind = 0;	/* glibc: start anew, for a sub-command */
	opterr = 0;
	while ((val = getopt_long(argc, argv, t->letters.p, t->longs, NULL)) != -1) {
		const struct cli_option *o = val == '?' || val == ':' ? NULL : option_of(p, t, val);

		if (o == NULL)
			return refuse_option(p, t, val, argv, e);
		if (p->options != NULL && o >= p->options && o < p->options + t->own) {
			if (give_own(p, arg, o, e) < 0)
				return -1;
			continue;
		}
		*answered = true;
		if (strcmp(o->name, "help") == 0) {
			print_help(p);
			return 0;
		}
		if (strcmp(o->name, "version") == 0) {
			printf("%s (gridledger) %s\n", p->name, PACKAGE_VERSION);
			return 0;
		}
		*answered = false;
		if (take_shared(c, p, o->name, optarg, e) < 0)
			return -1;
	}
	return 0;
}

/* An environment variable, NULL when it is unset or empty. */
static const char *env(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && v[0] != '\0' ? v : NULL;
}

int cli_start(struct cli *c, const struct cli_program *p, int argc, char **argv, void *arg)
{
	struct err e = ERR_INIT;
	bool answered = false;
	struct table t;

	set_up_process();
	*c = (struct cli){ .prog = p->name, .dir = env("GRIDLEDGER_DIR"), .actor = env("GRIDLEDGER_ACTOR"),
		.now = time_now(), .lock_wait_ms = LOCK_WAIT_DEFAULT_MS, .max_errors = DIAG_MAX_DEFAULT };
	running = c;
	if (c->dir == NULL)
		c->dir = ".";
	diag_init(&c->diag, stderr, p->name, c->max_errors);
	table_init(&t, p);
	if (read_options(c, p, &t, argc, argv, arg, &answered, &e) < 0) {
		table_clear(&t);
		cli_report(c, &e);
		if (e.status == ERR_USAGE)
			fprintf(stderr, "%s --help shows what it takes\n", p->name);
		exit(cli_end(c, e.status));
	}
	table_clear(&t);
	if (answered)
		exit(cli_end(c, ERR_OK));
	c->diag.max = c->max_errors;
	mem_warm();
	return optind;
}

int cli_now(struct cli *c, int offset, struct err *e)
{
	struct err mine = ERR_INIT;
	int64_t t;

	if (c->now_text == NULL)
		return 0;
	if (time_parse(span_of(c->now_text), offset, &t, NULL, &mine) < 0)
		return err_set(e, ERR_USAGE, "--now: %s", mine.text);
	c->now = t;
	return 0;
}

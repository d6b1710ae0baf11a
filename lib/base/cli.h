/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_CLI_H
#define GL_BASE_CLI_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
/*
 * What every program of the suite shares: options, --help, the clock, the
 * actor, standard output that is checked, exit statuses.  The only part of
 * lib/ that prints (with diag), reads the clock or ends the process.
 */
struct cli_option {
	const char *name;	/* long name, "grid" */
	char letter;		/* 0 for none */
	const char *arg;	/* "ID" for --grid=ID; NULL for a flag */
	const char *help;	/* one line */
};

struct cli {
	const char *prog;
	const char *dir;	/* -C, else $GRIDLEDGER_DIR, else "." */
	int64_t now;		/* the clock, read once at the start, until cli_now puts --now here */
	const char *now_text;	/* --now as given, or NULL */
	const char *actor;	/* --actor, else $GRIDLEDGER_ACTOR, else NULL (the register finds the login) */
	const char *format;	/* --format or NULL */
	int64_t lock_wait_ms;	/* --lock-wait=30s on writers */
	size_t max_errors;	/* --max-errors on writers */
	bool dry_run, quiet, verbose;
	bool allow_network;	/* --allow-network-fs on writers */
	bool recorded;		/* set by a writer once its commit stands: an undelivered answer is then 7, not 4 */
	struct diag diag;
};

enum { CLI_WRITER = 1, CLI_FORMAT = 2 };	/* which shared options a program takes besides -C, --now, -q, -v */

struct cli_program {
	const char *name;
	const char *usage;	/* "[options] ID...|-", one line, or several separated by LF */
	const char *about;	/* one sentence */
	unsigned shared;	/* CLI_WRITER | CLI_FORMAT */
	const struct cli_option *options;	/* ends with a NULL name; may be built at run time */
	const char *formats;	/* "text|csv|json": what --format takes, first is the default */
	const char *more;	/* further lines of --help, or NULL */
	/* called for each own option in order; -1 with e set (ERR_USAGE) to refuse a value */
	int (*on)(void *arg, const struct cli_option *o, const char *value, struct err *e);
};

/*
 * Parse.  argv is permuted as getopt_long does; "--" ends options; returns the
 * index of the first operand.  --help and --version print and exit 0; an
 * unknown option is reported with the nearest known one, exit 2.  Sets up
 * SIGPIPE and SIGXFSZ (ignored), the locale, the out-of-memory handler.
 */
int cli_start(struct cli *c, const struct cli_program *p, int argc, char **argv, void *arg);
/* For gridctl-like programs: the same for a sub-command whose name is "gridctl verify". */

/* Read --now (time_parse, so the offset may be left out) once the register's offset is known. */
int cli_now(struct cli *c, int offset, struct err *e);

/* Report e as `prog: text` on standard error (escaped) unless it is empty. */
void cli_report(const struct cli *c, const struct err *e);
/* Words for people on standard error unless -q. */
void cli_say(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Warnings that a person must see, -q or not: one for each line of text (none for empty text). */
void cli_warn(struct cli *c, struct span lines);
/* Progress on standard error when it is a terminal and not -q; done of total (0 unknown). Rate-limited. */
void cli_progress(const struct cli *c, const char *what, uint64_t done, uint64_t total);
/*
 * The end of main: flushes standard output and checks it (full disk, closed
 * pipe); returns the exit status: `status` when all was delivered, 7 when
 * c->recorded and it was not, else 4.  A reader that closed the pipe early
 * (EPIPE) ends a program that recorded nothing quietly with 0 … status.
 */
int cli_end(struct cli *c, int status);
/* Reports e and ends with its status: `return cli_fail(&c, &e);` */
int cli_fail(struct cli *c, const struct err *e);
size_t cli_columns(void);	/* width of the terminal, $COLUMNS, or 80 */

#endif

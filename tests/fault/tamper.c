/* SPDX-License-Identifier: MIT */
/*
 * tamper library REG                         every case of tampercase.h through verify_register, the files in memory
 * tamper program REG N SEED COMMAND...       about N of them (0: all) through COMMAND REG, as a process each
 * tamper verdict REG N SEED COMMAND...       the same over ledgers and journal only, and only its status matters
 * tamper forge REG LEDGER OLD NEW            the first OLD in the ledger becomes NEW, and every digest, size and the
 *                                            chain are reckoned anew: a history that nobody can tell from a true one
 *
 * REG, a copy, is changed and put back case by case.  Each change must be found (status 1), its file, commit and line named
 * first; only a journal that was cut at the end of an earlier line, with nothing behind it in the ledgers, may pass for
 * an interrupted commit: those are counted, and a checkpoint of the whole must find each.  Status 1 when one was not.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "register/verify.h"
#include "tests/fault/tampercase.h"
#include "tests/fault/tamperforge.h"
#include "tests/fault/tampermem.h"

#define COMPLAINTS 20
#define WORDS_MAX 16

extern char **environ;

struct tamper {
	struct tamper_reg model;
	struct reg *reg;		/* of the library's own verify */
	char *const *command;		/* NULL: the library */
	bool verdict_only;
	struct buf head;		/* the checkpoint of the whole, its file */
	char head_file[4096];
	uint64_t chosen, seed;		/* of 2^32; 2^32 is all */
	uint64_t tried[TAMPER_WAYS], hidden, seen_ends, failed;
	struct buf said;
};

/* The file as the case has it. */
static bool write_file(const struct tamper *t, const struct tamper_file *f, struct span bytes)
{
	char path[4096];
	int fd;
	bool good;

	if (!t->command) {
		tampermem_change(f, bytes);
		return true;
	}
	snprintf(path, sizeof path, "%s/%s", t->model.path, f->name);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	good = fd >= 0 && write(fd, bytes.p ? bytes.p : "", bytes.n) == (ssize_t)bytes.n;
	if (fd >= 0)
		close(fd);
	if (!good)
		perror(path);
	return good;
}

/* A finding as gridctl verify prints it. */
static int note(void *arg, const struct verify_finding *f)
{
	struct tamper *t = arg;

	if (f->warning)
		return 0;
	buf_puts(&t->said, f->file);
	if (f->first_row > 0)
		buf_printf(&t->said, ":%zu", f->first_row);
	if (f->last_row > f->first_row)
		buf_printf(&t->said, "-%zu", f->last_row);
	buf_printf(&t->said, ": %s", f->text);
	if (f->seq > 0)
		buf_printf(&t->said, " (commit %" PRIu64 ")", f->seq);
	buf_putc(&t->said, '\n');
	return 0;
}

/* The status of the library's verify. */
static int by_library(struct tamper *t, bool since)
{
	struct err e = ERR_INIT;
	struct verify_sum sum;

	if (verify_register(t->reg, since ? t->head.p : NULL, note, t, &sum, &e) == 0)
		return sum.findings > 0;
	buf_printf(&t->said, "%s\n", e.text);
	return (int)e.status;
}

/* The status of the command, 256 and the signal when it was killed. */
static int by_command(struct tamper *t, bool since)
{
	char *argv[WORDS_MAX + 3], option[4200], path[4096], block[4096];
	posix_spawn_file_actions_t a;
	int n = 0, fd[2], status;
	ssize_t got;
	pid_t pid;

	while (n < WORDS_MAX && t->command[n]) {
		argv[n] = t->command[n];
		n++;
	}
	snprintf(option, sizeof option, "--since=%s", t->head_file);
	snprintf(path, sizeof path, "%s", t->model.path);
	if (since)
		argv[n++] = option;
	argv[n++] = path;
	argv[n] = NULL;
	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	posix_spawn_file_actions_init(&a);
	posix_spawn_file_actions_adddup2(&a, fd[1], 1);
	posix_spawn_file_actions_addopen(&a, 2, "/dev/null", O_WRONLY, 0);
	status = posix_spawnp(&pid, argv[0], &a, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&a);
	close(fd[1]);
	while (status == 0 && (got = read(fd[0], block, sizeof block)) > 0)
		buf_put(&t->said, block, (size_t)got);
	close(fd[0]);
	if (status != 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static int verify_now(struct tamper *t, bool since)
{
	buf_reset(&t->said);
	return t->command ? by_command(t, since) : by_library(t, since);
}

/* Say what went wrong with a case. */
static void complain(struct tamper *t, const struct tamper_case *c, int status, const char *what)
{
	if (t->failed++ < COMPLAINTS)
		printf("%s: %s at byte %zu: status %d: %s; it said: %.*s\n", c->f->name, tamper_ways[c->way], c->at, status, what,
		    (int)(t->said.n < 300 ? t->said.n : 300), t->said.p ? t->said.p : "");
}

/* A journal that was cut at the end of a line. */
static void judge_end(struct tamper *t, const struct tamper_case *c, enum tamper_end end, int status)
{
	if (end == TAMPER_HIDDEN_END && c->way == TAMPER_CUT)
		printf("only a checkpoint tells: journal.csv cut behind %s\n", tamper_line_name(&t->model, c->now.n));
	t->hidden += end == TAMPER_HIDDEN_END;
	t->seen_ends += end == TAMPER_SEEN_END;
	if (status != (end == TAMPER_SEEN_END))
		complain(t, c, status, end == TAMPER_SEEN_END ? "the ledgers hold more than the journal" : "is how an interrupted commit looks");
	if (t->verdict_only)
		return;
	status = verify_now(t, true);
	if (status != 1)
		complain(t, c, status, "the checkpoint must find it");
}

/* One case. */
static int judge(void *arg, const struct tamper_case *c)
{
	struct tamper *t = arg;
	enum tamper_end end;
	const char *lacks;
	char want[256];
	int status;

	/* those that look like an interrupted commit are never left out */
	if (tamper_random(&t->seed) >> 32 >= t->chosen && tamper_ends(&t->model, c) != TAMPER_HIDDEN_END)
		return 0;
	if (!write_file(t, c->f, c->now))
		return -1;
	t->tried[c->way]++;
	status = verify_now(t, false);
	end = tamper_ends(&t->model, c);
	if (end != TAMPER_NO_END)
		judge_end(t, c, end, status);
	else if (status != 1)
		complain(t, c, status, "must be found");
	else if (!t->verdict_only && (lacks = tamper_unnamed(&t->model, c, buf_view(&t->said), want)))
		complain(t, c, status, lacks);
	return 0;
}

/* All cases of all files. */
static int run(struct tamper *t)
{
	uint64_t all = 0;

	if (verify_now(t, false) != 0) {
		printf("the register is not sound to begin with: %.*s\n", (int)t->said.n, t->said.p ? t->said.p : "");
		return 1;
	}
	for (size_t i = 0; i < t->model.nfiles; i++) {
		const struct tamper_file *f = &t->model.file[i];

		if (t->verdict_only && f->kind == TAMPER_VERSION)
			continue;
		if (tamper_each(f, i + 1, judge, t) != 0 || !write_file(t, f, buf_view(&f->bytes)))
			return 1;
	}
	if (verify_now(t, false) != 0)
		complain(t, &(struct tamper_case){ .f = t->model.journal }, 1, "not as it was in the end");
	for (int i = 0; i < TAMPER_WAYS; i++) {
		printf("%s%" PRIu64 " %s", i ? ", " : "", t->tried[i], tamper_ways[i]);
		all += t->tried[i];
	}
	printf("\n%" PRIu64 " cases, not found or not named: %" PRIu64 "; a journal cut at the end of a line: %" PRIu64 " found, %" PRIu64
	    " only by a checkpoint\n", all, t->failed, t->seen_ends, t->hidden);
	return t->failed > 0;
}

/* Cases of each file, for a choice of about n. */
static int count(void *arg, const struct tamper_case *c)
{
	(void)c;
	++*(uint64_t *)arg;
	return 0;
}

/* The checkpoint of the register as it is, also in a file beside it. */
static bool keep_head(struct tamper *t, struct err *e)
{
	struct moment m;
	FILE *f;

	if (reg_moment(t->reg, NULL, &m, e) < 0)
		return false;
	verify_checkpoint(t->reg, &m, &t->head);
	snprintf(t->head_file, sizeof t->head_file, "%s.head", t->model.path);
	f = fopen(t->head_file, "w");
	if (!f || fwrite(t->head.p, 1, t->head.n, f) != t->head.n || fclose(f) != 0)
		return err_sys(e, "%s: cannot write", t->head_file) == 0;
	return true;
}

int main(int argc, char **argv)
{
	struct tamper t = { .chosen = (uint64_t)1 << 32 };
	uint64_t cases = 0, n = 0;
	struct err e = ERR_INIT;
	int status = 1;

	if (argc == 6 && !strcmp(argv[1], "forge"))
		return forge(argv[2], argv[3], argv[4], argv[5]);
	if (!(argc == 3 && !strcmp(argv[1], "library")) && !(argc >= 6 && (!strcmp(argv[1], "program") || !strcmp(argv[1], "verdict")))) {
		fputs("usage: tamper library REG | program|verdict REG N SEED COMMAND... | forge REG LEDGER OLD NEW\n", stderr);
		return 2;
	}
	if (argc > 3) {
		n = strtoull(argv[3], NULL, 10);
		t.seed = strtoull(argv[4], NULL, 10);
		t.command = argv + 5;
		t.verdict_only = argv[1][0] == 'v';
	}
	t.reg = reg_open(argv[2], &e);
	if (t.reg && tamper_read(&t.model, argv[2]) && keep_head(&t, &e)) {
		for (size_t i = 0; n > 0 && i < t.model.nfiles; i++)
			if (!t.verdict_only || t.model.file[i].kind != TAMPER_VERSION)
				tamper_each(&t.model.file[i], i + 1, count, &cases);
		if (n > 0 && n < cases)
			t.chosen = (n << 32) / cases;
		if (!t.command) {
			tampermem_use(&t.model);
			mallopt(M_MMAP_THRESHOLD, 1 << 28);	/* verify's window again and again */
			mallopt(M_TRIM_THRESHOLD, 1 << 28);
		}
		status = run(&t);
	}
	if (e.status != ERR_OK)
		fprintf(stderr, "%s\n", e.text);
	tamper_clear(&t.model);
	reg_close(t.reg);
	buf_clear(&t.head);
	buf_clear(&t.said);
	return status;
}

/* SPDX-License-Identifier: MIT */
/*
 *	tries -l LOG [-s FAULT] -w DIR -- PROGRAM [ARGUMENT...]
 *	tries -p PLAN -o RESULTS -J JUDGED -j JUDGE -a ANSWER [-s FAULT] [-P] [-L] -w DIR [-w DIR...] -- PROGRAM [ARGUMENT...]
 *
 * The first runs a program in DIR and logs its system calls.  The second runs it once for each line of PLAN, which is
 * FAULT, tab, CALL, tab, N and anything behind it (see fault_of), each time from the same files in DIR; several DIRs
 * that are alike are used at the same time.  What the fault leaves is judged by the command `sh JUDGE` in that directory,
 * which says before or after on standard output, or fails; a state of the files that was judged once, also by an
 * earlier run with the same JUDGED, is not judged again, unless -L.  RESULTS gets for each line of the plan
 *
 *	FAULT CALL N REST... STATUS SEEN SAID REACHED FAULTS RESYNCED DIGEST
 *
 * SAID is same when standard output is as in the file ANSWER, else none when it is empty, else other.  With -P it is a
 * pipe.  With -s KIND:CALL:N the files that a first run with this fault leaves are those that tries start from.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inject.h"
#include "tree.h"

#define STATES_MAX 65536
#define WORKERS_MAX 16

enum { UNDER_WAY = 1, BEFORE, AFTER, BAD };

/* What the workers share. */
struct shared {
	atomic_int next;		/* line of the plan */
	atomic_flag busy;		/* guards what follows */
	int nstates;
	struct { uint64_t digest; int verdict; } state[STATES_MAX];
};

struct tries {
	const char *log, *plan, *results, *judged, *judge, *answer, *start, *dir[WORKERS_MAX];
	int ndirs;
	bool piped, again;
	char **argv, **line;
	int nlines;
	struct shared *shared;
	char *top;
};

static void die(const char *what)
{
	fprintf(stderr, "tries: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void lock(struct shared *s)
{
	while (atomic_flag_test_and_set(&s->busy))
		usleep(50);
}

static void unlock(struct shared *s)
{
	atomic_flag_clear(&s->busy);
}

/* Lines of a file. */
static void read_plan(struct tries *t)
{
	FILE *f = fopen(t->plan, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (f == NULL)
		die(t->plan);
	while ((n = getline(&line, &room, f)) > 0) {
		line[n - 1] = '\0';
		t->line = realloc(t->line, (size_t)(t->nlines + 1) * sizeof *t->line);
		if (t->line == NULL)
			die(t->plan);
		t->line[t->nlines++] = line;
		line = NULL;
		room = 0;
	}
	free(line);
	fclose(f);
}

static void read_judged(struct tries *t)
{
	FILE *f = fopen(t->judged, "r");
	struct shared *s = t->shared;

	if (f == NULL)
		return;
	while (s->nstates < STATES_MAX
	    && fscanf(f, "%" SCNx64 " %d", &s->state[s->nstates].digest, &s->state[s->nstates].verdict) == 2)
		s->nstates++;
	fclose(f);
}

static void write_judged(const struct tries *t)
{
	FILE *f = fopen(t->judged, "w");

	if (f == NULL)
		die(t->judged);
	for (int i = 0; i < t->shared->nstates; i++)
		fprintf(f, "%016" PRIx64 " %d\n", t->shared->state[i].digest, t->shared->state[i].verdict);
	if (fclose(f) != 0)
		die(t->judged);
}

/* Run the judge here; his last word decides. */
static int ask(const struct tries *t, const char *what, int worker)
{
	char command[8192], word[16] = "";
	FILE *p;

	snprintf(command, sizeof command, "sh '%s' 2>'%s/words.%d'", t->judge, t->top, worker);
	p = popen(command, "r");
	if (p == NULL)
		die("judge");
	if (fscanf(p, "%15s", word) != 1)
		word[0] = '\0';
	if (pclose(p) == 0 && strcmp(word, "before") == 0)
		return BEFORE;
	if (strcmp(word, "after") == 0)
		return AFTER;
	printf("%s: %s\n", what, word);
	fflush(stdout);
	snprintf(command, sizeof command, "head -n 30 '%s/words.%d'", t->top, worker);
	if (system(command) != 0)
		die("head");
	return BAD;
}

/* The verdict on these files: known, or waited for, or asked for. */
static int judge(const struct tries *t, uint64_t digest, const char *what, int worker)
{
	struct shared *s = t->shared;
	int at, verdict;

	for (;;) {
		lock(s);
		for (at = 0; at < s->nstates && s->state[at].digest != digest; at++)
			;
		verdict = at < s->nstates ? s->state[at].verdict : 0;
		if (verdict == 0 && at < STATES_MAX) {
			s->nstates++;
			s->state[at].digest = digest;
			s->state[at].verdict = UNDER_WAY;
		}
		unlock(s);
		if (verdict == 0 || (t->again && verdict != UNDER_WAY))
			break;
		if (verdict != UNDER_WAY)
			return verdict;
		usleep(500);
	}
	verdict = ask(t, what, worker);
	if (at < STATES_MAX)
		s->state[at].verdict = verdict;
	return verdict;
}

static const char *said(const struct tries *t, const char *answer)
{
	char want[65536], got[65536];
	FILE *a = fopen(t->answer, "r"), *b = fopen(answer, "r");
	size_t n, m;

	if (a == NULL || b == NULL)
		die(t->answer);
	n = fread(want, 1, sizeof want, a);
	m = fread(got, 1, sizeof got, b);
	fclose(a);
	fclose(b);
	return n == m && memcmp(want, got, n) == 0 ? "same" : m == 0 ? "none" : "other";
}

/* The fault in a line of a plan, fields parted by any of these. */
static struct fault parse(const char *line, const char *parted)
{
	char copy[512], *save, *kind, *call, *n;
	struct fault f;

	snprintf(copy, sizeof copy, "%s", line);
	kind = strtok_r(copy, parted, &save);
	call = strtok_r(NULL, parted, &save);
	n = strtok_r(NULL, parted, &save);
	if (n == NULL || !fault_of(&f, kind, call, atoi(n))) {
		errno = EINVAL;
		die(line);
	}
	return f;
}

/* Go to this directory: its files, and those to start from, which are the same without -s. */
static struct tree *settle(const struct tries *t, const char *dir, struct tree **base)
{
	struct tree *start;
	struct outcome o;
	struct fault f;

	if (chdir(dir) < 0 || (*base = start = tree_take()) == NULL)
		die(dir);
	if (t->start != NULL) {
		f = parse(t->start, ":");
		if (fault_run(t->argv, "/dev/null", false, "/dev/null", &f, NULL, &o) < 0 || !o.reached)
			die(t->start);
		start = tree_take();
	}
	if (start == NULL || tree_restore(start) < 0)
		die(dir);
	return start;
}

/* Put the directory back as it was found. */
static void unsettle(struct tree *start, struct tree *base)
{
	if (tree_restore(base) < 0)
		die("restore");
	tree_free(base);
	if (start != base)
		tree_free(start);
}

/* One line of the plan: what came of it. */
static void try(const struct tries *t, const struct tree *tree, const char *line, int worker, FILE *out)
{
	static const char *const words[] = { "", "", "before", "after", "BAD" };
	char answer[4096], err[4096];
	struct fault f = parse(line, "\t");
	struct outcome o;
	uint64_t digest;
	int verdict;

	snprintf(answer, sizeof answer, "%s/answer.%d", t->top, worker);
	snprintf(err, sizeof err, "%s/err.%d", t->top, worker);
	if (tree_restore(tree) < 0)
		die("restore");
	if (fault_run(t->argv, answer, t->piped, err, &f, NULL, &o) < 0)
		die(line);
	digest = tree_digest(tree);
	verdict = judge(t, digest, line, worker);
	fprintf(out, "%s\t%d\t%s\t%s\t%d\t%d\t%d\t%016" PRIx64 "\n", line, o.status, words[verdict], said(t, answer), o.reached, o.faults,
	    o.resynced, digest);
}

static void work(const struct tries *t, int worker)
{
	char path[4096];
	struct tree *tree, *base;
	FILE *out;
	int i;

	snprintf(path, sizeof path, "%s.%d", t->results, worker);
	out = fopen(path, "w");
	if (out == NULL)
		die(path);
	tree = settle(t, t->dir[worker], &base);
	while ((i = atomic_fetch_add(&t->shared->next, 1)) < t->nlines)
		try(t, tree, t->line[i], worker, out);
	unsettle(tree, base);
	if (fclose(out) != 0)
		die(path);
}

static int run_plan(struct tries *t)
{
	int result = 0, state;

	t->shared = mmap(NULL, sizeof *t->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t->shared == MAP_FAILED)
		die("memory");
	read_plan(t);
	read_judged(t);
	for (int i = 0; i < t->ndirs; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid == 0) {
			work(t, i);
			exit(0);
		}
	}
	while (wait(&state) > 0)
		result |= state != 0;
	write_judged(t);
	return result ? 2 : 0;
}

static int run_log(struct tries *t)
{
	const struct fault none = { .kind = FAULT_NONE, .call = -1 };
	FILE *log = fopen(t->log, "w");
	struct tree *tree, *base;
	struct outcome o;

	if (log == NULL)
		die(t->log);
	tree = settle(t, t->dir[0], &base);
	if (fault_run(t->argv, t->answer != NULL ? t->answer : "/dev/null", t->piped, "/dev/null", &none, log, &o) < 0)
		die("cannot watch system calls here");
	unsettle(tree, base);
	return fclose(log) == 0 ? o.status : 2;
}

int main(int argc, char **argv)
{
	struct tries t = { .ndirs = 0 };
	int c;

	while ((c = getopt(argc, argv, "+l:p:o:J:j:a:s:w:PL")) != -1)
		switch (c) {
		case 'l': t.log = optarg; break;
		case 'p': t.plan = optarg; break;
		case 'o': t.results = optarg; break;
		case 'J': t.judged = optarg; break;
		case 'j': t.judge = optarg; break;
		case 'a': t.answer = optarg; break;
		case 's': t.start = optarg; break;
		case 'P': t.piped = true; break;
		case 'L': t.again = true; break;
		case 'w':
			if (t.ndirs < WORKERS_MAX)
				t.dir[t.ndirs++] = optarg;
			break;
		default: return 2;
		}
	t.argv = argv + optind;
	t.top = getcwd(NULL, 0);
	if (t.ndirs == 0 || argc == optind || (t.log == NULL && (!t.plan || !t.results || !t.judged || !t.judge || !t.answer))) {
		fprintf(stderr, "tries: usage: see the head of tries.c\n");
		return 2;
	}
	return t.log != NULL ? run_log(&t) : run_plan(&t);
}

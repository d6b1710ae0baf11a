/* SPDX-License-Identifier: MIT */
/*
 * Power loss by a model (reliability.md R5): the library's own write path is recorded through lib/base/io, the states that
 * a disk may hold after a power cut at any call are drawn at random, and each is opened by the real recovery path.
 * Then the negative control: with the syncs ignored, all of them and one by one, the same must find a violation.
 *
 *	POWERLOSS_SEED=N	start of the random numbers (default: the clock); it is printed
 *	POWERLOSS_STATES=N	how many (default 2000, with TEST_LONG=yes 100000)
 *	POWERLOSS_ONLY=N	only the N-th state of that seed; its directory is kept
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "powerscene.h"

static char doing[200] = "setting up";
static int plan, failures;

static void ok(bool good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void ok(bool good, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", good ? "" : "not ", ++plan);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	failures += !good;
}

/* An assertion of the library that does not hold. */
static void on_abort(int number)
{
	static const char text[] = "\n# aborted at: ";

	(void)number;
	if (write(1, text, sizeof text - 1) < 0 || write(1, doing, strlen(doing)) < 0 || write(1, "\n", 1) < 0)
		_exit(3);
	_exit(3);
}

/* One state of a scenario: its verdict, -1 with why. */
static int one(const struct scenario *s, struct cut *c, char why[400])
{
	char dir[400], index[500];

	scene_place("state", dir);
	model_cut(s->m, c, dir);
	/* the index is derived and outside of the table: it is gone, unusable, or garbage */
	snprintf(index, sizeof index, "%s/reg/.index", dir);
	switch (access(dir, F_OK) == 0 ? model_random(c->seed, 32) : 0) {
	case 0:
		break;
	case 1:
		if (mkdir(index, 0755) == 0) {
			int fd;

			strcat(index, "/data.mdb");
			fd = open(index, O_WRONLY | O_CREAT, 0644);
			if (fd >= 0 && write(fd, "garbage, garbage", 16) == 16)
				close(fd);
		}
		break;
	default: {
		int fd = open(index, O_WRONLY | O_CREAT, 0644);

		if (fd >= 0)
			close(fd);
	}
	}
	return judge(s, c, dir, why);
}

/* The i-th state of a seed. */
static int state(uint64_t seed, uint64_t i, char why[400])
{
	uint64_t my = seed + i * 0x632be59bd9b4e019u;
	bool main_one = model_random(&my, 10) < 6;
	const struct scenario *s = &scene[main_one ? model_random(&my, SCENE_MAINS) : SCENE_MAINS + model_random(&my, (uint64_t)(nscenes - SCENE_MAINS))];
	struct cut c = { .n = s->m->nops, .seed = &my };

	c.text = model_random(&my, 50) == 0;
	if (model_random(&my, 8) > 0)
		c.n = (int)model_random(&my, (uint64_t)s->m->nops + 1);
	snprintf(doing, sizeof doing, "seed %ju, state %ju: %s, the power goes after call %d of %d", (uintmax_t)seed, (uintmax_t)i,
	    s->name, c.n, s->m->nops);
	return one(s, &c, why);
}

static void all_states(uint64_t seed, uint64_t n)
{
	uint64_t verdict[3] = { 0 }, wrong = 0;
	char why[400];

	for (uint64_t i = 0; i < n; i++) {
		int v = state(seed, i, why);

		if (v >= 0) {
			verdict[v]++;
			continue;
		}
		if (wrong++ < 10)
			printf("# %s: %s\n", doing, why);
	}
	printf("# power loss: %ju states of %d scenarios, seed %ju: %ju good, %ju before there was a register, %ju rightly left to a person\n",
	    (uintmax_t)n, nscenes, (uintmax_t)seed, (uintmax_t)verdict[VERDICT_GOOD], (uintmax_t)verdict[VERDICT_NONE],
	    (uintmax_t)verdict[VERDICT_REFUSED]);
	ok(wrong == 0, "%ju states after a power cut: %ju violations", (uintmax_t)n, (uintmax_t)wrong);
}

/* ---- the negative control ---- */

/* What a sync is for. */
static void label(const struct scenario *s, int i, char out[120])
{
	const struct model *m = s->m;
	const struct node *x = &m->node[m->op[i].node];
	struct buf bytes = BUF_INIT;
	const char *line = NULL;

	snprintf(out, 120, "%s", m->op[i].node == 0 ? "the directory around" : m->op[i].node == 1 ? "the directory" : x->path);
	if (strncmp(x->path, "versions/", 9) == 0 || strncmp(x->path, "lost+found/", 11) == 0)
		snprintf(out, 120, "%.11s*", x->path[0] == 'v' ? "versions/" : "lost+found/");
	if (strcmp(x->path, "journal.csv") == 0) {
		model_bytes(m, i, m->op[i].node, &bytes);
		for (size_t k = 0; k + 1 < bytes.n; k++)
			if (k == 0 || bytes.p[k - 1] == '\n')
				line = bytes.p + k;
		if (line != NULL)
			snprintf(out, 120, "journal.csv, behind %.*s", (int)strcspn(line, ","), line);
		buf_clear(&bytes);
	}
}

/* Look for a violation with these syncs ignored, in a process of its own since assertions may fail.  The one of a single
 * sync matters until the next one of the same file. */
static bool violated(const struct scenario *s, const bool *skip, int only, uint64_t seed, int tries)
{
	pid_t child = fork();
	int status, last = s->m->nops;

	if (child < 0)
		scene_fatal("fork", NULL);
	if (child > 0)
		return waitpid(child, &status, 0) == child && !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	signal(SIGABRT, SIG_DFL);
	if (freopen("/dev/null", "w", stderr) == NULL)
		_exit(2);
	for (int i = only + 1; only >= 0 && i < s->m->nops && last == s->m->nops; i++)
		if (s->m->op[i].kind == OP_SYNC && s->m->op[i].node == s->m->op[only].node)
			last = i;
	for (int t = 0; t < tries; t++) {
		struct cut c = { .skip = skip, .seed = &seed };
		char why[400];

		c.n = last;
		if (model_random(&seed, 2) == 0)
			c.n = only < 0 ? (int)model_random(&seed, (uint64_t)last + 1) : only + 1 + (int)model_random(&seed, (uint64_t)(last - only));
		if (one(s, &c, why) < 0)
			_exit(1);
	}
	_exit(0);
}

/* What is synced and need not be: an abort whose sync is lost is written again, for the open begin says the same, and a
 * begin that was written behind it without being synced is taken for torn. */
static bool is_spare(const char *what)
{
	return strcmp(what, "journal.csv, behind abort") == 0;
}

/* Every sync of a scenario dropped alone; what is found out by none of these is covered by a later sync of the same file,
 * so then all of a kind are dropped together. */
static void drop_each(const struct scenario *s, uint64_t seed, int tries)
{
	struct { char what[120]; int n, caught; bool last; } seen[100];
	static char what[MODEL_OPS][120];
	bool skip[MODEL_OPS] = { false };
	int nseen = 0;

	for (int i = 0; i < s->m->nops; i++) {
		int k = 0;

		what[i][0] = '\0';
		if (s->m->op[i].kind != OP_SYNC)
			continue;
		label(s, i, what[i]);
		while (k < nseen && strcmp(seen[k].what, what[i]) != 0)
			k++;
		if (k == nseen) {
			if (nseen == 100)
				scene_fatal("too many kinds of syncs", NULL);
			memset(&seen[nseen], 0, sizeof seen[0]);
			strcpy(seen[nseen++].what, what[i]);
		}
		skip[i] = true;
		seen[k].n++;
		/* of many alike a few are enough */
		if (seen[k].n <= 12)
			seen[k].caught += violated(s, skip, i, seed + (uint64_t)i, tries);
		skip[i] = false;
	}
	for (int k = 0; k < nseen; k++) {
		bool together = seen[k].caught > 0;

		for (int i = 0; i < s->m->nops && !together; i++)
			skip[i] = strcmp(what[i], seen[k].what) == 0;
		if (!together)
			together = violated(s, skip, -1, seed, tries * 4);
		memset(skip, 0, sizeof skip);
		if (is_spare(seen[k].what)) {
			printf("# %s: sync of %s: to spare, found out %d of %d times\n", s->name, seen[k].what, seen[k].caught, seen[k].n);
			continue;
		}
		ok(together, "%s: sync of %s: its loss is found out (%d of %d alone%s)", s->name, seen[k].what, seen[k].caught,
		    seen[k].n < 12 ? seen[k].n : 12, seen[k].caught == 0 ? ", all together" : "");
	}
}

static void negative(uint64_t seed, int tries)
{
	static bool skip[MODEL_OPS];

	memset(skip, true, sizeof skip);
	for (int i = 0; i < SCENE_MAINS; i++)
		ok(violated(&scene[i], skip, -1, seed, tries), "without any sync a violation is found in %s", scene[i].name);
	for (int i = 0; i < SCENE_MAINS; i++)
		drop_each(&scene[i], seed, tries);
}

static uint64_t from_env(const char *name, uint64_t otherwise)
{
	const char *v = getenv(name);

	return v != NULL && v[0] != '\0' ? strtoull(v, NULL, 10) : otherwise;
}

int main(void)
{
	const char *longer = getenv("TEST_LONG"), *scratch;
	bool is_long = longer != NULL && strcmp(longer, "yes") == 0;
	uint64_t seed = from_env("POWERLOSS_SEED", (uint64_t)time(NULL)), only = from_env("POWERLOSS_ONLY", UINT64_MAX);
	char why[400];

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGABRT, on_abort);
	scratch = scenes_record();
	if (only != UINT64_MAX) {
		int v = state(seed, only, why);

		printf("# %s: %s; kept in %s\n", doing, v < 0 ? why : "good", scratch);
		return v < 0;
	}
	all_states(seed, from_env("POWERLOSS_STATES", is_long ? 100000 : 2000));
	/* where the syncs that there are do not suffice it says nothing that others would be missed */
	if (failures == 0)
		negative(seed, is_long ? 400 : 100);
	printf("1..%d\n", plan);
	scenes_end();
	return failures > 0;
}

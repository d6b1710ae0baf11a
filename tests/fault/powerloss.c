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
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"
#include "powerjudge.h"

#define SCENARIOS 400
#define MAINS 4		/* the first ones, where no call fails */

static struct scenario scenario[SCENARIOS];
static int nscenarios;
static char scratch[300];
static char doing[200] = "setting up";
static int plan, failures;

static void fatal(const char *what, const struct err *e)
{
	printf("Bail out! %s: %s\n", what, e != NULL ? e->text : "");
	exit(1);
}

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

static int unlink_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st, (void)flag, (void)f;
	return remove(path);
}

static void remove_tree(const char *path)
{
	nftw(path, unlink_one, 32, FTW_DEPTH | FTW_PHYS);
}

/* A place for a directory of its own. */
static void place(const char *name, char out[400])
{
	snprintf(out, 400, "%s/%s", scratch, name);
	remove_tree(out);
	mkdir(out, 0755);
}

/* ---- what is recorded ---- */

static void init(const char *root)
{
	static const struct policy_bytes file[] = { { "policy.yaml", { "place: test\n", 12 } }, { "templates/a.txt", { "hello\n", 6 } } };
	struct reg_new n = { .office = "T01", .name = "x", .language = "zh", .offset = 28800, .policy = file, .npolicy = 2,
		.now = POWER_NOW, .actor = "", .command = "gridctl init" };
	struct buf manifest = BUF_INIT;
	struct err e = ERR_INIT;
	char digest[65];

	for (size_t i = 0; i < 2; i++) {
		digest_of(file[i].bytes, digest);
		buf_printf(&manifest, "%s  %s\n", digest, file[i].path);
	}
	n.manifest = buf_view(&manifest);
	if (reg_create(root, &n, &e) < 0)
		fatal("init", &e);
	buf_clear(&manifest);
}

static struct reg *open_reg(const char *root)
{
	struct err e = ERR_INIT;
	struct reg *r = reg_open(root, &e);

	if (r == NULL)
		fatal("open", &e);
	return r;
}

/* A commit with rows in three ledgers, a master, and, when asked for, settings and policy. */
static int big_commit(struct reg *r, const char *key, int salt, bool policy, struct err *e)
{
	struct commit_who who = { .actor = "T01-O1", .command = "gridctl put", .key = key, .now = POWER_NOW };
	struct policy_bytes file = { "policy.yaml", { "place: other\n", 13 } };
	struct commit *c = commit_open(r, &who, e);
	const struct table *tags = schema_table(SPAN("tags"));
	struct span v[32] = { { "", 0 } };
	struct buf text = BUF_INIT;
	char digest[65];

	if (c == NULL)
		return -1;
	for (int i = 0; i < 3; i++)
		power_pair(c);
	v[schema_column(tags, SPAN("name"))] = SPAN("x");
	if (tags->id_letter == 0)
		commit_append(c, tags, v);
	schema_header(schema_table(SPAN("grids")), &text);
	buf_printf(&text, "G%d,,county,,,,,,,,,County\n", salt);
	commit_version(c, "grids", buf_view(&text));
	if (policy) {
		buf_reset(&text);
		buf_puts(&text, "format: 1\noffice: \"T01\"\nname: \"y\"\noffset: \"+08:00\"\nlanguage: zh\n");
		commit_version(c, "register", buf_view(&text));
		buf_reset(&text);
		digest_of(file.bytes, digest);
		buf_printf(&text, "%s  %s\n", digest, file.path);
		commit_policy(c, &file, 1, buf_view(&text));
	}
	buf_clear(&text);
	return commit_close(c, NULL, e);
}

/* Begin a scenario: a register with one commit, at root. */
static struct scenario *begin(const char *name, char root[400], bool empty)
{
	struct scenario *s = &scenario[nscenarios++];
	struct err e = ERR_INIT;
	struct reg *r;

	if (nscenarios == SCENARIOS)
		fatal("too many scenarios", NULL);
	snprintf(s->name, sizeof s->name, "%s", name);
	place("record", root);
	strcat(root, "/reg");
	if (empty)
		return s;
	init(root);
	r = open_reg(root);
	if (power_commit(r, "first", 2, &e) < 0)
		fatal(name, &e);
	reg_close(r);
	return s;
}

static void start(struct scenario *s, const char *root)
{
	s->m = model_new(root);
	model_record(s->m);
}

/* A commit that must succeed, and its answer. */
static void acked(struct scenario *s, int result, const struct err *e, int number)
{
	if (result < 0) {
		model_stop();
		fatal(s->name, e);
	}
	model_ack(s->m, number);
}

/* Several commits, a seal without rows among them. */
static void commits(void)
{
	char root[400];
	struct scenario *s = begin("commits", root, false);
	struct err e = ERR_INIT;
	struct reg *r;

	start(s, root);
	r = open_reg(root);
	acked(s, big_commit(r, "", 1, false, &e), &e, 1);
	acked(s, power_commit(r, "", 0, &e), &e, 2);
	acked(s, power_commit(r, "", 1, &e), &e, 3);
	acked(s, big_commit(r, "", 2, true, &e), &e, 4);
	model_stop();
	reg_close(r);
}

static void new_register(void)
{
	char root[400];
	struct scenario *s = begin("init", root, true);
	struct err e = ERR_INIT;
	struct reg *r;

	start(s, root);
	init(root);
	model_ack(s->m, 1);
	r = open_reg(root);
	acked(s, power_commit(r, "", 1, &e), &e, 2);
	model_stop();
	reg_close(r);
}

/* Keep the end of a file from `from` on as something that must not be lost, cut to so many bytes. */
static void keep_tail(struct scenario *s, const char *root, const char *file, off_t from, size_t most)
{
	struct kept *k = &s->kept[s->nkept++];
	struct buf all = BUF_INIT;
	struct err e = ERR_INIT;
	char path[500];

	snprintf(k->file, sizeof k->file, "%s", file);
	snprintf(path, sizeof path, "%s/%s", root, file);
	if (io_slurp(AT_FDCWD, path, SIZE_MAX, &all, &e) < 0)
		fatal(file, &e);
	if (all.n - (size_t)from > most)
		all.n = (size_t)from + most;
	if (truncate(path, (off_t)all.n) < 0)
		fatal("truncate", NULL);
	buf_put(&k->bytes, all.p + from, all.n - (size_t)from);
	buf_clear(&all);
}

/* A scenario that starts with a commit that a crash interrupted, its rows and half of its commit line on the disk. */
static struct scenario *half_done(const char *name, char root[400])
{
	struct scenario *s = begin(name, root, false);
	char path[500];
	struct moment before, after;
	struct err e = ERR_INIT;
	struct buf journal = BUF_INIT;
	struct reg *r = open_reg(root);
	off_t line;

	if (reg_moment(r, NULL, &before, &e) < 0 || power_commit(r, "", 2, &e) < 0 || reg_moment(r, NULL, &after, &e) < 0)
		fatal(s->name, &e);
	reg_close(r);
	snprintf(path, sizeof path, "%s/journal.csv", root);
	if (io_slurp(AT_FDCWD, path, SIZE_MAX, &journal, &e) < 0)
		fatal(s->name, &e);
	line = strstr(journal.p + before.journal, "\ncommit,") + 1 - journal.p;
	buf_clear(&journal);
	keep_tail(s, root, "journal.csv", line, 100);
	keep_tail(s, root, "hazards.csv", moment_ledger(&before, "hazards")->size, 1000);
	keep_tail(s, root, "events.csv", moment_ledger(&before, "events")->size, 60);
	start(s, root);
	return s;
}

/* Its recovery. */
static void recovery(void)
{
	char root[400];
	struct scenario *s = half_done("recovery", root);
	struct err e = ERR_INIT;
	struct reg *r = open_reg(root);

	acked(s, power_commit(r, "", 1, &e), &e, 1);
	acked(s, power_commit(r, "", 1, &e), &e, 2);
	model_stop();
	reg_close(r);
}

/* Rows by another hand, then adopt. */
static void adoption(void)
{
	static const char rows[] = "T01-E2026-000003,0,,x\n";
	struct commit_who who = { .actor = "T01-O1", .command = "gridctl adopt", .key = "", .now = POWER_NOW };
	char root[400];
	struct scenario *s = begin("adopt", root, false);
	struct err e = ERR_INIT;
	struct reg *r;
	int fd;

	s->by_hand = true;
	start(s, root);
	r = open_reg(root);
	fd = io_open(r->dir, "tags.csv", O_WRONLY | O_APPEND, 0, false, &e);
	if (fd < 0 || io_write_all(fd, "tags.csv", rows, sizeof rows - 1, &e) < 0)
		fatal(s->name, &e);
	io.close(fd);
	acked(s, commit_adopt(r, &who, NULL, NULL, &e), &e, 1);
	acked(s, power_commit(r, "", 1, &e), &e, 2);
	model_stop();
	reg_close(r);
}

enum fault { FAULT_KILL, FAULT_FAIL, FAULT_RETRY };

/* The same input again: what an earlier commit recorded is told, else it is recorded now. */
static int retry(struct reg *r, const char *key, struct err *e)
{
	struct commit_who who = { .actor = "T01-O1", .command = "hazard-add", .key = key, .now = POWER_NOW };
	struct commit *c = commit_open(r, &who, e);
	uint64_t seq;
	int64_t at;
	int found;

	if (c == NULL)
		return -1;
	found = commit_find_key(r, commit_moment(c), key, &seq, &at, e);
	commit_drop(c);
	return found == 0 ? big_commit(r, key, 3, false, e) : found < 0 ? -1 : 0;
}

/* A writer that is killed before its n-th change, or whose n-th change fails; then the next one, or the same again, and
 * one more.  False when it has no n-th change. */
static bool faulty(enum fault fault, int n)
{
	static const char *const words[] = { "killed before", "failed", "killed and retried before" };
	struct commit_who who = { .actor = "T01-O1", .command = "gridctl check", .now = POWER_NOW };
	struct buf said = BUF_INIT;
	char root[400], name[48];
	struct scenario *s;
	struct err e = ERR_INIT;
	struct reg *r;
	bool hit;

	snprintf(name, sizeof name, "%s change %d", words[fault], n);
	s = begin(name, root, false);
	s->faulty = true;
	start(s, root);
	*(fault == FAULT_FAIL ? &s->m->fail : &s->m->die) = n;
	r = open_reg(root);
	if (big_commit(r, "key", 3, false, &e) == 0)
		model_ack(s->m, 1);
	hit = s->m->dead || s->m->failed;
	s->m->dead = false;
	s->m->die = s->m->fail = 0;
	reg_close(r);
	err_clear(&e);
	r = open_reg(root);
	if (commit_settle(r, &who, &said, &e) < 0)
		fatal(name, &e);
	acked(s, fault == FAULT_RETRY ? retry(r, "key", &e) : power_commit(r, "", 1, &e), &e, 2);
	acked(s, power_commit(r, "", 1, &e), &e, 3);
	model_stop();
	reg_close(r);
	buf_clear(&said);
	return hit;
}

/* Its recovery by a writer that is killed before its n-th change, then by the next.  False when it has no n-th change. */
static bool recovery_killed(int n)
{
	char root[400], name[48];
	struct scenario *s;
	struct err e = ERR_INIT;
	struct reg *r;
	bool hit;

	snprintf(name, sizeof name, "recovery killed before change %d", n);
	s = half_done(name, root);
	s->faulty = true;
	s->m->die = n;
	r = open_reg(root);
	if (power_commit(r, "", 1, &e) == 0)
		model_ack(s->m, 1);
	hit = s->m->dead;
	s->m->dead = false;
	s->m->die = 0;
	reg_close(r);
	err_clear(&e);
	r = open_reg(root);
	acked(s, power_commit(r, "", 0, &e), &e, 2);	/* no rows, whose syncs would make up for what recovery leaves out */
	acked(s, power_commit(r, "", 1, &e), &e, 3);
	model_stop();
	reg_close(r);
	return hit;
}

/* ---- the states ---- */

/* One state of a scenario: its verdict, -1 with why. */
static int one(const struct scenario *s, struct cut *c, char why[400])
{
	char dir[400], index[500];

	place("state", dir);
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
	const struct scenario *s = &scenario[main_one ? model_random(&my, MAINS) : MAINS + model_random(&my, (uint64_t)(nscenarios - MAINS))];
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
	    (uintmax_t)n, nscenarios, (uintmax_t)seed, (uintmax_t)verdict[VERDICT_GOOD], (uintmax_t)verdict[VERDICT_NONE],
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
		fatal("fork", NULL);
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
				fatal("too many kinds of syncs", NULL);
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
	for (int i = 0; i < MAINS; i++)
		ok(violated(&scenario[i], skip, -1, seed, tries), "without any sync a violation is found in %s", scenario[i].name);
	for (int i = 0; i < MAINS; i++)
		drop_each(&scenario[i], seed, tries);
}

static uint64_t from_env(const char *name, uint64_t otherwise)
{
	const char *v = getenv(name);

	return v != NULL && v[0] != '\0' ? strtoull(v, NULL, 10) : otherwise;
}

int main(void)
{
	const char *tmp = getenv("TMPDIR"), *longer = getenv("TEST_LONG");
	bool is_long = longer != NULL && strcmp(longer, "yes") == 0;
	uint64_t seed = from_env("POWERLOSS_SEED", (uint64_t)time(NULL)), only = from_env("POWERLOSS_ONLY", UINT64_MAX);
	char why[400];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (tmp == NULL && access("/dev/shm", W_OK) == 0)
		tmp = "/dev/shm";
	snprintf(scratch, sizeof scratch, "%s/gl-powerloss-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(scratch) == NULL)
		fatal("no scratch directory", NULL);
	signal(SIGABRT, on_abort);
	commits();
	recovery();
	adoption();
	new_register();
	for (int f = FAULT_KILL; f <= FAULT_RETRY; f++)
		for (int n = 1; faulty((enum fault)f, n); n++)
			continue;
	for (int n = 1; recovery_killed(n); n++)
		continue;
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
	for (int i = 0; i < nscenarios; i++)
		model_free(scenario[i].m);
	remove_tree(scratch);
	return failures > 0;
}

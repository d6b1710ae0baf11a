/* SPDX-License-Identifier: MIT */
#include "powerscene.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"

struct scenario scene[SCENES];
int nscenes;
static char scratch[300];

void scene_fatal(const char *what, const struct err *e)
{
	printf("Bail out! %s: %s\n", what, e != NULL ? e->text : "");
	exit(1);
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

void scene_place(const char *name, char out[400])
{
	snprintf(out, 400, "%s/%s", scratch, name);
	remove_tree(out);
	mkdir(out, 0755);
}

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
		scene_fatal("init", &e);
	buf_clear(&manifest);
}

static struct reg *open_reg(const char *root)
{
	struct err e = ERR_INIT;
	struct reg *r = reg_open(root, &e);

	if (r == NULL)
		scene_fatal("open", &e);
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
	struct scenario *s = &scene[nscenes++];
	struct err e = ERR_INIT;
	struct reg *r;

	if (nscenes == SCENES)
		scene_fatal("too many scenarios", NULL);
	snprintf(s->name, sizeof s->name, "%s", name);
	scene_place("record", root);
	strcat(root, "/reg");
	if (empty)
		return s;
	init(root);
	r = open_reg(root);
	if (power_commit(r, "first", 2, &e) < 0)
		scene_fatal(name, &e);
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
		scene_fatal(s->name, e);
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
		scene_fatal(file, &e);
	if (all.n - (size_t)from > most)
		all.n = (size_t)from + most;
	if (truncate(path, (off_t)all.n) < 0)
		scene_fatal("truncate", NULL);
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
		scene_fatal(s->name, &e);
	reg_close(r);
	snprintf(path, sizeof path, "%s/journal.csv", root);
	if (io_slurp(AT_FDCWD, path, SIZE_MAX, &journal, &e) < 0)
		scene_fatal(s->name, &e);
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
		scene_fatal(s->name, &e);
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
		scene_fatal(name, &e);
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

const char *scenes_record(void)
{
	const char *tmp = getenv("TMPDIR");

	if (tmp == NULL && access("/dev/shm", W_OK) == 0)
		tmp = "/dev/shm";
	snprintf(scratch, sizeof scratch, "%s/gl-powerloss-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(scratch) == NULL)
		scene_fatal("no scratch directory", NULL);
	commits();
	recovery();
	adoption();
	new_register();
	for (int f = FAULT_KILL; f <= FAULT_RETRY; f++)
		for (int n = 1; faulty((enum fault)f, n); n++)
			continue;
	for (int n = 1; recovery_killed(n); n++)
		continue;
	return scratch;
}

void scenes_end(void)
{
	for (int i = 0; i < nscenes; i++)
		model_free(scene[i].m);
	remove_tree(scratch);
}

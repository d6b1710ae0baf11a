/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/time.h"
#include "engine/policyrunint.h"

#define SWEEPS_MAX 10000	/* of one `every` */

void policyrun_fail(struct policyrun_case *c, const struct yaml_node *at, const char *fmt, ...)
{
	va_list ap;

	buf_printf(&c->out, "# %s:%zu:%zu: ", c->file->f->name, at->line, at->col);
	va_start(ap, fmt);
	buf_vprintf(&c->out, fmt, ap);
	va_end(ap);
	buf_putc(&c->out, '\n');
}

uint32_t policyrun_ref(const struct policyrun_case *c, struct span ref)
{
	return names_find(&c->refs, ref);
}

size_t policyrun_items(const struct yaml_node *const *n, const struct yaml_node *const **items)
{
	*items = n;
	if (*n == NULL)
		return 0;
	if ((*n)->kind != YAML_LIST)
		return 1;
	*items = (const struct yaml_node *const *)(*n)->item;
	return (*n)->n;
}

void policyrun_catch(struct policyrun_catch *c)
{
	FILE *to;

	*c = (struct policyrun_catch){ .text = NULL };
	to = open_memstream(&c->text, &c->n);
	if (to == NULL)
		mem_exhausted();
	diag_init(&c->d, to, NULL, 20);
}

void policyrun_caught(struct policyrun_catch *c, struct buf *out)
{
	if (c->d.to == NULL)
		return;
	fclose(c->d.to);
	c->d.to = NULL;
	buf_put(out, c->text, c->n);
	free(c->text);
}

/* Empty an open directory, which is given away; links are not followed. */
static void empty(int fd)
{
	DIR *list = fdopendir(fd);
	struct dirent *d;

	if (list == NULL) {
		close(fd);
		return;
	}
	while ((d = readdir(list)) != NULL) {
		int sub;

		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0
		    || unlinkat(dirfd(list), d->d_name, 0) == 0)
			continue;
		sub = openat(dirfd(list), d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0)
			empty(sub);
		unlinkat(dirfd(list), d->d_name, AT_REMOVEDIR);
	}
	closedir(list);
}

/* Take the scratch directory away. */
static void scratch_end(struct policyrun_case *c)
{
	int fd = c->root[0] != '\0' ? open(c->root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (fd >= 0)
		empty(fd);
	if (c->root[0] != '\0')
		rmdir(c->root);
}

/* A directory of the case's own, in memory where there is such a file system. */
static int scratch_begin(struct policyrun_case *c, struct err *e)
{
	const char *dirs[] = { getenv("TMPDIR"), "/dev/shm", "/tmp" };

	for (size_t i = 0; i < 3; i++) {
		if (dirs[i] == NULL || dirs[i][0] == '\0' || strlen(dirs[i]) > sizeof c->root - 32)
			continue;
		snprintf(c->root, sizeof c->root, "%s/policy-test.XXXXXX", dirs[i]);
		if (mkdtemp(c->root) != NULL) {
			buf_printf(&c->reg, "%s/reg", c->root);
			return 0;
		}
		c->root[0] = '\0';
		if (i == 0)
			return err_sys(e, "%s: cannot make a directory for the test; TMPDIR names where", dirs[i]);
	}
	return err_sys(e, "/tmp: cannot make a directory for the test; TMPDIR names another place");
}

/* The times of the timeline, in order; false when one is wrong. */
static bool read_times(struct policyrun_case *c, const struct yaml_node *line, int64_t *at)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < line->n; i++) {
		const struct yaml_node *said = yaml_get(line->item[i], "at");

		if (time_parse(said->text, c->file->offset, &at[i], NULL, &e)) {
			policyrun_fail(c, said, "at: %s", e.text);
			return false;
		}
		if (i > 0 && at[i] < at[i - 1]) {
			policyrun_fail(c, said, "at: %s is before the entry above it; put the timeline in order",
			    yaml_text(said));
			return false;
		}
	}
	return true;
}

/* What an entry of the timeline does. */
enum act { ACT_ADD, ACT_STEP, ACT_MEASURE, ACT_SWEEP, ACT_EXPECT, NACTS };

/* Exactly one of these. */
static const struct yaml_node *find_act(struct policyrun_case *c, const struct yaml_node *entry, enum act *which)
{
	static const char *const names[NACTS] = { "add", "step", "measure", "sweep", "expect" };
	const struct yaml_node *found = NULL;
	int n = 0;

	for (enum act i = 0; i < NACTS; i++) {
		const struct yaml_node *one = yaml_get(entry, names[i]);

		if (one != NULL) {
			found = one;
			*which = i;
			n++;
		}
	}
	if (n == 1)
		return found;
	policyrun_fail(
	    c, entry, "an entry has one of add, step, measure, sweep, expect; found %s", n == 0 ? "none" : "several");
	return NULL;
}

/* Did the refusal come that was expected, and only then?  false: the case goes no further. */
static bool judge(struct policyrun_case *c, const struct yaml_node *act, const struct yaml_node *refused, bool was,
    const struct buf *why)
{
	const char *text = why->n > 0 ? why->p : "";
	struct span rest = { text, strlen(text) }, line;
	bool yes = refused != NULL, flag;

	if (refused != NULL && yaml_bool(refused, &flag))
		yes = flag;
	if (yes && !was) {
		policyrun_fail(c, refused, "was taken; expected to be refused");
		return false;
	}
	if (!was)
		return true;
	if (yes && (yaml_bool(refused, &flag) || strstr(text, yaml_text(refused)) != NULL))
		return true;
	policyrun_fail(
	    c, yes ? refused : act, yes ? "refused, but not with \"%s\":" : "is refused:", yaml_text(refused));
	while (span_split(&rest, '\n', &line))
		buf_printf(&c->out, "#   %.*s\n", (int)line.n, line.p);
	return yes;
}

/* Is the whole run to end? */
static bool is_stopped(const struct policyrun_case *c)
{
	return c->file->run->stop != NULL && *c->file->run->stop;
}

/* One sweep; one that the policy makes impossible is the case's failure. */
static int sweep_once(struct policyrun_case *c, const struct yaml_node *act, int64_t at, struct err *e)
{
	if (policyrun_sweep(c, at, e) == 0)
		return 0;
	if (e->status != ERR_DATA)
		return -1;
	policyrun_fail(c, act, "sweep: %s", e->text);
	err_clear(e);
	return 1;
}

/* One sweep, or one every so often. 0, 1 the case goes no further, -1 e. */
static int sweep_all(struct policyrun_case *c, const struct yaml_node *act, int64_t at, struct err *e)
{
	const struct yaml_node *every = yaml_get(act, "every"), *until = yaml_get(act, "until");
	struct err mine = ERR_INIT;
	int64_t last, gap;

	if (every == NULL)
		return sweep_once(c, act, at, e);
	gap = strtoll(yaml_text(every), NULL, 10);
	switch (every->text.p[every->text.n - 1]) {
	case 'm':
		gap *= 60;
		break;
	case 'h':
		gap *= 3600;
		break;
	default:
		gap *= TIME_DAY;
	}
	if (time_parse(until->text, c->file->offset, &last, NULL, &mine)) {
		policyrun_fail(c, until, "until: %s", mine.text);
		return 1;
	}
	if ((last - at) / gap > SWEEPS_MAX)
		policyrun_fail(c, every, "every: %lld sweeps are too many; at most %d",
		    (long long)((last - at) / gap), SWEEPS_MAX);
	for (; at <= last && c->out.n == 0; at += gap) {
		if (sweep_once(c, act, at, e) < 0)
			return -1;
		if (is_stopped(c))
			return err_set(e, ERR_FAILED, "interrupted");
	}
	return c->out.n > 0;
}

/* One entry.  0 go on, 1 it makes no sense to, -1 e. */
static int play_entry(struct policyrun_case *c, const struct yaml_node *entry, int64_t at, struct err *e)
{
	const struct yaml_node *refused = yaml_get(entry, "refused"), *by = yaml_get(entry, "by"), *act;
	struct buf why = BUF_INIT;
	enum act which = ACT_ADD;
	int result;

	act = find_act(c, entry, &which);
	if (act == NULL)
		return 1;
	if ((which == ACT_SWEEP || which == ACT_EXPECT) && (refused != NULL || by != NULL)) {
		policyrun_fail(c, refused != NULL ? refused : by, "goes with add, step and measure only");
		return 1;
	}
	if (which == ACT_SWEEP)
		return sweep_all(c, act, at, e);
	if (which == ACT_EXPECT)
		return policyrun_expect(c, act, at, e);
	result = (which == ACT_ADD ? policyrun_add : which == ACT_STEP ? policyrun_step : policyrun_measure)(
	    c, act, at, by != NULL ? yaml_text(by) : c->file->actor, &why, e);
	if (result >= 0)
		result = !judge(c, act, refused, result == 1, &why);
	buf_clear(&why);
	return result;
}

int policyrun_play(struct policyrun_case *c, struct err *e)
{
	const struct yaml_node *line = yaml_get(c->node, "timeline");
	int64_t *at = mem_zalloc(line->n, sizeof *at);
	int result = 0;

	if (read_times(c, line, at)) {
		result = scratch_begin(c, e);
		if (result == 0)
			result = policyrun_office(c, at[0], e);
		for (size_t i = 0; i < line->n && result == 0 && (i > 0 || c->out.n == 0); i++) {
			result = play_entry(c, line->item[i], at[i], e);
			if (is_stopped(c))
				result = err_set(e, ERR_FAILED, "interrupted");
		}
		scratch_end(c);
	}
	free(at);
	return result < 0 ? -1 : 0;
}

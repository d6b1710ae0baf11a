/* SPDX-License-Identifier: MIT */
#include "engine/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "register/copies.h"

#define DEPTH_MAX 8
#define PLACES_MAX 64

/* Take in one file of the open directory. */
static int take_file(struct pack *p, int dir, const char *name, const char *path, const char *root, struct err *e)
{
	struct buf bytes = BUF_INIT;

	if (text_clean(span_of(path)) != strlen(path) || strlen(path) > 255)
		return err_set(e, ERR_DATA,
		    "%s/%s: is no name for a policy file: use plain characters, at most 255 bytes", root, path);
	if (p->n == PACK_FILES_MAX)
		return err_set(e, ERR_DATA, "%s: more than %d files; is this a policy?", root, PACK_FILES_MAX);
	if (io_slurp(dir, name, PACK_FILE_MAX, &bytes, e)) {
		buf_clear(&bytes);
		return err_prefix(e, "%s", root);
	}
	MEM_GROW(p->file, p->cap, p->n + 1);
	p->file[p->n++] = (struct policy_file){ mem_strdup(path), bytes.p ? bytes.p : mem_strdup(""), bytes.n };
	return 0;
}

static int take_dir(struct pack *p, int fd, const char *prefix, const char *root, int depth, struct err *e);

/* Take in one name of a directory: a file, or a directory's files. */
static int take_name(struct pack *p, int dir, const char *name, const char *prefix, const char *root, int depth,
    struct err *e)
{
	struct buf path = BUF_INIT;
	struct stat st;
	int fd, result = 0;

	buf_printf(&path, "%s%s", prefix, name);
	if (io.fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		result = err_sys(e, "%s/%s", root, path.p);
	} else if (S_ISREG(st.st_mode)) {
		result = take_file(p, dir, name, path.p, root, e);
	} else if (S_ISDIR(st.st_mode) && depth == DEPTH_MAX) {
		result = err_set(e, ERR_DATA, "%s/%s: more than %d folders deep", root, path.p, DEPTH_MAX);
	} else if (S_ISDIR(st.st_mode)) {
		buf_putc(&path, '/');
		fd = io_open_dir(dir, name, e);
		result = fd < 0 ? -1 : take_dir(p, fd, path.p, root, depth + 1, e);
	}
	buf_clear(&path);
	return result;
}

/* Take in all of a directory; fd is given away. */
static int take_dir(struct pack *p, int fd, const char *prefix, const char *root, int depth, struct err *e)
{
	DIR *list = fdopendir(fd);
	struct dirent *d;
	int result = 0;

	if (!list) {
		err_sys(e, "%s/%s", root, prefix);
		close(fd);
		return -1;
	}
	while (result == 0 && (errno = 0, d = readdir(list)) != NULL)
		if (!copies_passes_over(d->d_name, depth == 0))
			result = take_name(p, dirfd(list), d->d_name, prefix, root, depth, e);
	if (result == 0 && errno)
		result = err_sys(e, "%s/%s", root, prefix);
	closedir(list);
	return result;
}

/* Order of paths. */
static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct policy_file *)a)->path, ((const struct policy_file *)b)->path);
}

int pack_read(struct pack *p, const char *dir, struct err *e)
{
	int fd = io.openat(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

	*p = (struct pack)PACK_INIT;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, ERR_USAGE, "%s: is not a directory with policy files", dir);
	if (fd < 0)
		return err_sys(e, "%s", dir);
	if (take_dir(p, fd, "", dir, 0, e))
		return -1;
	if (p->n == 0)
		return err_set(e, ERR_DATA,
		    "%s: holds no policy file; policy.yaml, workflow.yaml and escalation.yaml are needed", dir);
	qsort(p->file, p->n, sizeof *p->file, by_path);
	p->bytes = mem_zalloc(p->n, sizeof *p->bytes);
	for (size_t i = 0; i < p->n; i++)
		p->bytes[i] = (struct policy_bytes){ p->file[i].path, { p->file[i].bytes, p->file[i].n } };
	policy_manifest(p->file, p->n, &p->manifest);
	return 0;
}

void pack_clear(struct pack *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->file[i].path);
		free(p->file[i].bytes);
	}
	free(p->file);
	free(p->bytes);
	buf_clear(&p->manifest);
	*p = (struct pack)PACK_INIT;
}

/* Is there a directory of that name? */
static bool is_dir(const char *path)
{
	struct stat st;

	return io.fstatat(AT_FDCWD, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

/* Order of strings in an array. */
static int by_string(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The message for a place that is none: those there are. */
static int no_place(const char *place, const char *data, struct err *e)
{
	char *name[PLACES_MAX];
	struct buf at = BUF_INIT, list = BUF_INIT;
	const char *near;
	struct dirent *d;
	size_t n = 0;
	DIR *dir;

	buf_printf(&at, "%s/places", data);
	dir = opendir(at.p);
	while (dir && n < PLACES_MAX && (d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.')
			name[n++] = mem_strdup(d->d_name);
	if (dir)
		closedir(dir);
	qsort(name, n, sizeof *name, by_string);
	near = text_nearest(span_of(place), (const char *const *)name, n);
	text_list(&list, (const char *const *)name, n, 20);
	err_set(e, ERR_USAGE, "there is no place \"%s\"%s%s%s %s has %s; or name a directory", place,
	    near ? "; did you mean " : "",
	    near ? near : "", near ? "?" : ";", at.p, n ? list.p : "none");
	while (n > 0)
		free(name[--n]);
	buf_clear(&at);
	buf_clear(&list);
	return -1;
}

int pack_find(const char *place, const char *data, struct buf *dir, struct err *e)
{
	size_t n = strlen(place);

	buf_reset(dir);
	if (n > 0 && !strchr(place, '/') && strcmp(place, ".") && strcmp(place, "..")) {
		buf_printf(dir, "%s/places/%s", data, place);
		if (is_dir(dir->p))
			return 0;
		buf_reset(dir);
	}
	while (n > 1 && place[n - 1] == '/')
		n--;
	buf_put(dir, place, n);
	if (n > 0 && is_dir(dir->p))
		return 0;
	return no_place(place, data, e);
}

/* A term that counts working time needs a calendar that says when that is. */
static void lint_term(struct diag *d, const char *file, int line, struct term t, const struct calendar *c)
{
	const struct calendar_hours *ignored;
	struct err why = ERR_INIT;
	struct buf text = BUF_INIT;
	int32_t first, last;

	if (t.unit != TERM_WORK_HOUR && t.unit != TERM_WORK_DAY)
		return;
	term_write(&text, t);
	if (c == NULL) {
		diag_row(d, file, (size_t)line, NULL, "\"%s\" counts working time, and there is no calendar.yaml; add one, or write it in m, h or d", text.p);
	} else if (t.unit == TERM_WORK_HOUR) {
		calendar_covers(c, &first, &last);
		if (calendar_day(c, CALENDAR_HOURS, "", last, &ignored, &why) < 0)
			diag_row(d, file, (size_t)line, NULL, "\"%s\" counts working hours, and calendar.yaml gives none; add hours to it", text.p);
	}
	buf_clear(&text);
}

/* The terms of a rung. */
static void lint_rung(struct diag *d, const char *file, const struct rung *g, const struct calendar *c)
{
	if (!g->at.share)
		lint_term(d, file, g->line, g->at.off, c);
	for (size_t n = 0; n < g->nrepeats; n++)
		lint_term(d, file, g->line, g->repeat[n], c);
	lint_term(d, file, g->line, g->hush, c);
}

/* The terms of a rule, or of what an overlay says. */
static void lint_rule(struct diag *d, const char *file, const struct rule *r, const struct calendar *c)
{
	if (r->has_due)
		lint_term(d, file, r->line, r->within, c);
	for (size_t k = 0; k < r->nrungs; k++)
		lint_rung(d, file, &r->rung[k], c);
	for (size_t k = 0; k < r->nlimits; k++) {
		lint_term(d, file, r->limit[k].line, r->limit[k].within, c);
		lint_rung(d, file, &r->limit[k].miss, c);
	}
	lint_term(d, file, r->line, r->extend.before, c);
	lint_term(d, file, r->line, r->extend.total, c);
}

/* Every term of the rules that decides when something falls due. */
static void lint_terms(struct diag *d, const char *where, const struct policy *p)
{
	struct buf file = BUF_INIT;

	buf_printf(&file, "%sescalation.yaml", where);
	for (size_t i = 0; i < p->rules.n; i++)
		lint_rule(d, file.p, &p->rules.v[i], p->calendar);
	for (size_t i = 0; i < p->overlays.n; i++) {
		buf_reset(&file);
		buf_printf(&file, "%s%s", where, p->overlays.v[i].path);
		for (size_t k = 0; k < p->overlays.v[i].n; k++)
			lint_rule(d, file.p, &p->overlays.v[i].v[k].says, p->calendar);
	}
	buf_reset(&file);
	buf_printf(&file, "%snotices.yaml", where);
	for (size_t i = 0; i < p->nnotices; i++)
		if (p->notice[i].answers)
			lint_term(d, file.p, p->notice[i].line, p->notice[i].answer, p->calendar);
	buf_reset(&file);
	buf_printf(&file, "%spolicy.yaml", where);
	lint_term(d, file.p, 0, p->backdate, p->calendar);
	buf_clear(&file);
}

struct policy *pack_load(const struct pack *p, const char *dir, struct diag *d)
{
	struct buf where = BUF_INIT;
	struct policy *policy;

	buf_printf(&where, "%s/", dir);
	policy = policy_load(where.p, p->file, p->n, false, d);
	if (policy) {
		size_t before = d->errors;

		lint_terms(d, where.p, policy);
		if (d->errors > before) {
			policy_free(policy);
			policy = NULL;
		}
	}
	buf_clear(&where);
	return policy;
}

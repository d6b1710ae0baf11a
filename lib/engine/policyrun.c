/* SPDX-License-Identifier: MIT */
#include "engine/policyrun.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/policyrunint.h"

#define TEST_MAX ((size_t)1 << 20)
#define AS_TEST "tests/any.test.yaml"	/* whose schema a test has, whatever its path */

/* One case: play it and say how it went. */
static int run_case(struct policyrun_file *file, const struct yaml_node *node, struct err *e)
{
	struct policyrun *r = file->run;
	struct policyrun_case c = { .file = file, .node = node };
	const char *name = yaml_text(yaml_get(node, "name"));
	struct buf line = BUF_INIT, shown = BUF_INIT;
	int result;

	if (r->filter != NULL && strstr(name, r->filter) == NULL)
		return 0;
	result = policyrun_play(&c, e);
	if (result == 0) {
		r->ran++;
		r->failed += c.out.n > 0;
		buf_printf(&line, "%sok %zu - %s\n", c.out.n ? "not " : "", r->ran, name);
		buf_span(&line, buf_view(&c.out));
		text_escape(&shown, buf_view(&line), true);
		r->say(r->arg, buf_view(&shown));
	}
	names_clear(&c.refs);
	names_clear(&c.measures);
	free(c.measure);
	free(c.id);
	buf_clear(&c.reg);
	buf_clear(&c.out);
	buf_clear(&line);
	buf_clear(&shown);
	return result;
}

/* The directory of a path; "." for a bare name. */
static void put_dir(struct buf *out, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		buf_puts(out, ".");
	else
		buf_put(out, path, slash == path ? 1 : (size_t)(slash - path));
}

/* The directory of the policy: a place or a directory that the file names, else the one above its folder. */
static int find_policy(const struct policyrun_file *file, const char *path, struct buf *dir, struct err *e)
{
	const char *place = yaml_text(yaml_get(file->f->root, "place"));
	struct buf from = BUF_INIT;
	int result = 0;

	buf_reset(dir);
	if (place[0] == '\0') {
		if (strcmp(path, "-") == 0)
			buf_puts(dir, ".");
		else
			buf_printf(dir, "%s/..", file->here);
		return 0;
	}
	if (place[0] != '/' && (strchr(place, '/') != NULL || strcmp(place, ".") == 0 || strcmp(place, "..") == 0))
		buf_printf(&from, "%s/", file->here);
	buf_puts(&from, place);
	result = pack_find(from.p, file->run->data, dir, e);
	buf_clear(&from);
	return result;
}

/* All cases of a file that was read, with its policy. */
static int run_cases(struct policyrun_file *file, struct err *e)
{
	const struct yaml_node *cases = yaml_get(file->f->root, "cases"), *office = yaml_get(file->f->root, "office"),
	    *offset = yaml_get(file->f->root, "offset");
	int result = 0;

	file->office = office != NULL ? yaml_text(office) : "T01";
	file->offset = 8 * 3600;
	file->masters = yaml_get(file->f->root, "masters");
	if (offset != NULL && !time_offset_read(offset->text, &file->offset)) {
		diag_pos(file->run->diag, file->f->name, offset->line, offset->col,
		    "offset: \"%s\" is not an offset from UTC; write it like +08:00", yaml_text(offset));
		return err_set(e, ERR_DATA, "%s: is not understood as a test", file->f->name);
	}
	for (size_t i = 0; i < cases->n && result == 0; i++)
		result = run_case(file, cases->item[i], e);
	free(file->actor);
	return result;
}

/* The policy of a file that does not come with one, then its cases. */
static int run_found(struct policyrun_file *file, const char *path, struct err *e)
{
	struct pack pack = PACK_INIT;
	struct policy *policy = NULL;
	struct buf dir = BUF_INIT;
	int result = -1;

	if (find_policy(file, path, &dir, e) == 0 && pack_read(&pack, dir.p, e) == 0) {
		policy = pack_load(&pack, dir.p, file->run->diag);
		file->pack = &pack;
		file->policy = policy;
		result = policy != NULL ? run_cases(file, e)
					: err_set(e, ERR_DATA, "%s: the policy under test has errors", file->f->name);
	}
	file->pack = NULL;
	file->policy = NULL;
	policy_free(policy);
	pack_clear(&pack);
	buf_clear(&dir);
	return result;
}

/* A test file's bytes as a tree that fits the schema; NULL with e. */
static struct yaml_file *parse(struct policyrun *r, const char *name, struct span bytes, struct err *e)
{
	size_t before = r->diag->errors;
	struct yaml_file *f = yaml_parse(name, bytes, r->diag);

	if (f != NULL)
		policy_check(f, AS_TEST, r->diag);
	if (f != NULL && r->diag->errors == before)
		return f;
	yaml_free(f);
	err_set(e, ERR_DATA, "%s: is not understood as a test", name);
	return NULL;
}

int policyrun_file(struct policyrun *r, const char *path, struct err *e)
{
	struct policyrun_file file = { .run = r };
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	struct buf bytes = BUF_INIT, here = BUF_INIT;
	struct yaml_file *f = NULL;
	int result = -1;

	put_dir(&here, path);
	if (io_slurp(AT_FDCWD, path, TEST_MAX, &bytes, e) == 0 && (f = parse(r, name, buf_view(&bytes), e)) != NULL) {
		file.f = f;
		file.here = here.p;
		result = run_found(&file, path, e);
	}
	yaml_free(f);
	buf_clear(&bytes);
	buf_clear(&here);
	return result;
}

/* A test of the pack under test. */
static int run_carried(struct policyrun *r, const struct pack *p, const struct policy *policy,
    const struct policy_file *test, const char *dir, struct err *e)
{
	struct policyrun_file file = { .run = r, .pack = p, .policy = policy };
	struct buf name = BUF_INIT, here = BUF_INIT;
	struct yaml_file *f;
	int result = -1;

	buf_printf(&name, "%s/%s", dir, test->path);
	put_dir(&here, name.p);
	f = parse(r, name.p, (struct span){ test->bytes, test->n }, e);
	if (f != NULL) {
		file.f = f;
		file.here = here.p;
		result = yaml_get(f->root, "place") != NULL ? run_found(&file, name.p, e) : run_cases(&file, e);
	}
	yaml_free(f);
	buf_clear(&name);
	buf_clear(&here);
	return result;
}

int policyrun_pack(
    struct policyrun *r, const struct pack *p, const struct policy *policy, const char *dir, struct err *e)
{
	int result = 0;

	for (size_t i = 0; i < p->n && result == 0; i++)
		if (policy_is_test(p->file[i].path))
			result = run_carried(r, p, policy, &p->file[i], dir, e);
	return result;
}

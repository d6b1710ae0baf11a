/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/mem.h"
#include "model/officeint.h"
#include "register/journal.h"

#define WINDOW ((size_t)1 << 20)
#define SHORT 12		/* digits of a digest in hazards.policy */

/* The entry of a full digest, made when it is new. */
static struct office_policy *entry(struct office *o, const char *digest)
{
	struct office_cache *c = o->cache;

	for (size_t i = 0; i < c->npolicies; i++)
		if (memcmp(c->policy[i].digest, digest, DIGEST_HEX) == 0)
			return &c->policy[i];
	MEM_GROW(c->policy, c->cap, c->npolicies + 1);
	c->policy[c->npolicies] = (struct office_policy){ .policy = NULL };
	memcpy(c->policy[c->npolicies].digest, digest, DIGEST_HEX);
	return &c->policy[c->npolicies++];
}

/* The files of a manifest that a policy is read from, out of versions/; *n of them. */
static int read_files(struct office *o, struct span manifest, struct policy_file **files, size_t *n, struct err *e)
{
	struct span line;
	size_t cap = 0;

	while (span_split(&manifest, '\n', &line)) {
		struct buf bytes = BUF_INIT;
		char digest[65] = "";

		if (line.n == 0)
			continue;
		if (line.n < DIGEST_HEX + 3)
			return err_set(e, ERR_PERSON, "the manifest of the policy is damaged; run gridctl verify");
		if (!policy_reads((struct span){ line.p + DIGEST_HEX + 2, line.n - DIGEST_HEX - 2 }))
			continue;
		memcpy(digest, line.p, DIGEST_HEX);
		if (reg_version(o->reg, digest, &bytes, e) < 0) {
			buf_clear(&bytes);
			return -1;
		}
		MEM_GROW(*files, cap, *n + 1);
		(*files)[(*n)++] = (struct policy_file){
			mem_spandup((struct span){ line.p + DIGEST_HEX + 2, line.n - DIGEST_HEX - 2 }),
			bytes.p != NULL ? bytes.p : mem_strdup(""), bytes.n };
	}
	return 0;
}

/* A policy from its trees. */
static void take_trees(void *arg, struct span rest)
{
	struct policy **p = arg;
	struct policy_tree *tree = NULL, next;
	struct diag d;
	size_t n = 0, cap = 0;

	while (reg_next_tree(&rest, &next.path, &next.tree)) {
		if (!policy_reads(next.path))
			continue;
		MEM_GROW(tree, cap, n + 1);
		tree[n++] = next;
	}
	diag_init(&d, NULL, NULL, 0);
	*p = policy_load_trees("policy/", tree, n, &d);
	free(tree);
}

/* A version from the trees that the index has of it; NULL when it has none. */
static struct policy *load_trees(struct office *o, const char *digest)
{
	struct policy *p = NULL;

	return reg_policy_trees(o->reg, digest, take_trees, &p) ? p : NULL;
}

/* A version from its files. */
static struct policy *load_files(struct office *o, const char *digest, struct err *e)
{
	struct policy_file *files = NULL;
	struct buf manifest = BUF_INIT;
	struct policy *p = NULL;
	struct diag d;
	size_t n = 0;

	if (reg_version(o->reg, digest, &manifest, e) == 0 && read_files(o, buf_view(&manifest), &files, &n, e) == 0) {
		diag_init(&d, NULL, NULL, 0);
		p = policy_load("policy/", files, n, true, &d);
		if (p == NULL)
			err_set(e, ERR_DATA, "policy %.12s of this register is not understood by this program (%zu complaints)", digest,
			    d.errors);
	}
	for (size_t i = 0; i < n; i++) {
		free(files[i].path);
		free(files[i].bytes);
	}
	free(files);
	buf_clear(&manifest);
	return p;
}

struct policy *office_load(struct office *o, const char *digest, struct err *e)
{
	size_t at = (size_t)(entry(o, digest) - o->cache->policy);
	struct policy *p = o->cache->policy[at].policy;

	if (p != NULL)
		return p;
	p = load_trees(o, digest);
	if (p == NULL)
		p = load_files(o, digest, e);
	if (p == NULL)
		return NULL;
	memcpy(p->digest, digest, DIGEST_HEX);
	p->digest[DIGEST_HEX] = '\0';
	o->cache->policy[at].policy = p;
	return p;
}

/* Does this line of the journal bring a policy?  Then its digest is remembered. */
static void look(struct office *o, struct span line)
{
	struct journal_line l;
	struct span rest, one;

	if (!journal_parse(line, o->reg->offset, &l) || l.kind != JOURNAL_BEGIN)
		return;
	for (rest = l.spans; span_split(&rest, ';', &one);)
		if (one.n == strlen("policy::") + DIGEST_HEX && memcmp(one.p, "policy::", strlen("policy::")) == 0)
			entry(o, one.p + strlen("policy::"));
}

/* The lines of a window that hold "policy::"; *used is up to its last LF. */
static void look_window(struct office *o, const char *p, size_t n, size_t *used)
{
	const char *end = memrchr(p, '\n', n), *hit;
	size_t at = 0;

	*used = end != NULL ? (size_t)(end + 1 - p) : 0;
	while (at < *used && (hit = memmem(p + at, *used - at, "policy::", strlen("policy::"))) != NULL) {
		const char *start = memrchr(p, '\n', (size_t)(hit - p)), *lf = memchr(hit, '\n', (size_t)(p + *used - hit));

		start = start != NULL ? start + 1 : p;
		look(o, (struct span){ start, (size_t)(lf - start) });
		at = (size_t)(lf + 1 - p);
	}
}

/* Go once through the committed journal.  Its chain is verify's business; here a plain search finds what brings a policy. */
static int walk(struct office *o, struct err *e)
{
	int fd = io_open(o->reg->dir, "journal.csv", O_RDONLY, 0, false, e), result = -1;
	size_t cap = WINDOW, n = 0, used;
	char *p;

	if (fd < 0)
		return -1;
	p = mem_alloc(cap);
	for (off_t at = 0; at < o->at.journal;) {
		size_t more = cap - n;

		if ((off_t)more > o->at.journal - at)
			more = (size_t)(o->at.journal - at);
		if (io_read_at(fd, "journal.csv", p + n, more, at, e) < 0)
			goto done;
		at += (off_t)more;
		n += more;
		look_window(o, p, n, &used);
		n -= used;
		memmove(p, p + used, n);
		if (n == cap)
			p = mem_realloc(p, cap *= 2, 1);
	}
	o->cache->walked = true;
	result = 0;
done:
	free(p);
	io.close(fd);
	return result;
}

/* The version whose digest begins so, among those known. */
static struct office_policy *find(struct office *o, struct span digest12)
{
	for (size_t i = 0; i < o->cache->npolicies; i++)
		if (memcmp(o->cache->policy[i].digest, digest12.p, digest12.n) == 0)
			return &o->cache->policy[i];
	return NULL;
}

/* The one version of the register whose digest begins so, by the names under versions/. */
static void find_version(struct office *o, struct span digest12)
{
	int fd = io.openat(o->reg->dir, "versions", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (d == NULL && fd >= 0) {
		if (errno == ENOMEM)
			mem_exhausted();
		io.close(fd);
	}
	for (struct dirent *x; d != NULL && (x = readdir(d)) != NULL; )
		if (strlen(x->d_name) == DIGEST_HEX && memcmp(x->d_name, digest12.p, digest12.n) == 0)
			entry(o, x->d_name);
	if (d != NULL)
		closedir(d);
}

struct policy *office_policy(struct office *o, struct span digest12, struct err *e)
{
	struct office_policy *p;

	if (o->cache->instead != NULL)
		return o->cache->instead;
	if (digest12.n == 0)
		return o->policy;
	if (digest12.n > DIGEST_HEX)
		digest12.n = DIGEST_HEX;
	p = digest12.n >= SHORT ? find(o, digest12) : NULL;
	if (p == NULL && digest12.n >= SHORT && !o->cache->walked) {
		find_version(o, digest12);
		p = find(o, digest12);
	}
	if (p == NULL) {
		err_set(e, ERR_PERSON, "policy %.*s was never committed to this register; run gridctl verify", (int)digest12.n, digest12.p);
		return NULL;
	}
	return p->policy != NULL ? p->policy : office_load(o, p->digest, e);
}

void office_instead(struct office *o, struct policy *p)
{
	o->cache->instead = p;
}

int office_policies(struct office *o, size_t *n, struct err *e)
{
	if (!o->cache->walked && walk(o, e) < 0)
		return -1;
	for (size_t i = 0; i < o->cache->npolicies; i++)
		if (o->cache->policy[i].policy == NULL) {
			char digest[65];

			memcpy(digest, o->cache->policy[i].digest, sizeof digest);
			if (office_load(o, digest, e) == NULL)
				return -1;
		}
	*n = o->cache->npolicies;
	return 0;
}

const struct policy *office_version(const struct office *o, size_t i)
{
	return o->cache->policy[i].policy;
}

const struct calendar *office_calendar(const struct office *o)
{
	return o->cache->instead != NULL ? o->cache->instead->calendar : o->policy->calendar;
}

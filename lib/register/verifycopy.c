/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/io.h"
#include "register/verifyint.h"

/* The digest of a file; 1 when it is not there. */
static int file_digest(struct reg *r, const char *path, char out[65], struct buf *bytes, struct err *e)
{
	struct stat st;

	buf_reset(bytes);
	if (io.fstatat(r->dir, path, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 1;
	if (io_slurp(r->dir, path, VERSION_MAX, bytes, e) < 0)
		return -1;
	digest_of(buf_view(bytes), out);
	return 0;
}

/* One version by its name. */
static int check_version(struct verify *v, const char *digest, const char *what, uint64_t seq, struct buf *bytes, struct err *e)
{
	char path[REG_FILE_MAX + 32], found[DIGEST_HEX + 1];
	int got;

	snprintf(path, sizeof path, "versions/%s", digest);
	got = file_digest(v->r, path, found, bytes, e);
	if (got < 0)
		return -1;
	v->sum->bytes += bytes->n;
	if (got == 1)
		verify_find(v, seq, "versions", 0, 0, false, "%s (%s of commit %ju) is missing", path, what, (uintmax_t)seq);
	else if (strcmp(found, digest) != 0)
		verify_find(v, seq, "versions", 0, 0, false, "%s (%s of commit %ju) was changed", path, what, (uintmax_t)seq);
	return 0;
}

int verify_versions(struct verify *v, struct err *e)
{
	struct buf bytes = BUF_INIT, file = BUF_INIT;
	int result = -1;

	for (size_t i = 0; i < v->nversions; i++) {
		const struct verify_version *x = &v->version[i];
		struct span rest, digest, path;
		char hex[DIGEST_HEX + 1];

		if (check_version(v, x->digest, x->name, x->seq, &bytes, e) < 0)
			goto done;
		rest = buf_view(&bytes);
		while (strcmp(x->name, "policy") == 0 && manifest_next(&rest, &digest, &path)) {
			uint32_t known = v->digests.n;

			memcpy(hex, digest.p, DIGEST_HEX);
			hex[DIGEST_HEX] = '\0';
			if (names_add(&v->digests, digest) == known && check_version(v, hex, "policy", x->seq, &file, e) < 0)
				goto done;
		}
	}
	result = 0;
done:
	buf_clear(&bytes);
	buf_clear(&file);
	return result;
}

/* One working copy against the digest that was committed. */
static int check_copy(struct verify *v, const char *path, const char *digest, struct buf *bytes, struct err *e)
{
	char found[DIGEST_HEX + 1];
	int got = file_digest(v->r, path, found, bytes, e);

	if (got < 0)
		return -1;
	if (got == 1 || strncmp(found, digest, DIGEST_HEX) != 0)
		verify_find(v, 0, strlen(path) < REG_FILE_MAX ? path : "policy", 0, 0, true, "%s: the working copy %s: what is committed is not"
		    " changed by it; hand it in with gridctl put, or get the committed one with gridctl get", path,
		    got == 1 ? "is missing" : "was edited");
	return 0;
}

/* The working copies of the policy's files. */
static int check_policy(struct verify *v, const char *manifest, struct buf *bytes, struct err *e)
{
	struct buf list = BUF_INIT;
	struct err why = ERR_INIT;
	struct span rest, digest, path;
	char name[REG_FILE_MAX + 256];
	int result = 0;

	/* a manifest that is damaged was told of already */
	if (reg_version(v->r, manifest, &list, &why) < 0) {
		result = why.status == ERR_PERSON ? 0 : err_set(e, why.status, "%s", why.text);
		goto done;
	}
	rest = buf_view(&list);
	while (result == 0 && manifest_next(&rest, &digest, &path)) {
		snprintf(name, sizeof name, "policy/%.*s", (int)path.n, path.p);
		result = check_copy(v, name, digest.p, bytes, e);
	}
done:
	buf_clear(&list);
	return result;
}

int verify_copies(struct verify *v, struct err *e)
{
	struct buf bytes = BUF_INIT;
	int result = 0;

	for (size_t i = 0; i < v->now.nversions && result == 0; i++) {
		const struct moment_version *x = &v->now.version[i];
		char path[REG_FILE_MAX + 8];

		if (strcmp(x->name, "policy") == 0) {
			result = check_policy(v, x->digest, &bytes, e);
			continue;
		}
		snprintf(path, sizeof path, "%s%s", strcmp(x->name, "register") == 0 ? "register.yaml" : x->name,
		    strcmp(x->name, "register") == 0 ? "" : ".csv");
		result = check_copy(v, path, x->digest, &bytes, e);
	}
	buf_clear(&bytes);
	return result;
}

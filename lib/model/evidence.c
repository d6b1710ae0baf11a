/* SPDX-License-Identifier: MIT */
#include "model/stepint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/io.h"
#include "base/text.h"
#include "base/time.h"

#define CHUNK 65536

/* Is it the path that is wrong, and not this machine that could not look? */
static bool path_is_wrong(int number)
{
	return number == ENOENT || number == ENOTDIR || number == EACCES || number == EPERM || number == ELOOP ||
	    number == ENAMETOOLONG || number == ENXIO || number == ENODEV;
}

/* Open a file of evidence: ERR_DATA when there is no such regular file. */
static int open_proof(int dir, const char *path, struct err *why)
{
	struct stat st;
	int fd, got;

	do
		fd = io.openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return path_is_wrong(errno) ? err_set(why, ERR_DATA, "%s: %s", path, strerror(errno)) : err_sys(why, "%s: cannot open", path);
	do
		got = io.fstat(fd, &st);
	while (got < 0 && errno == EINTR);
	if (got == 0 && S_ISREG(st.st_mode))
		return fd;
	if (got < 0)
		err_sys(why, "%s: cannot ask what it is", path);
	err_set(why, ERR_DATA, "%s: not a regular file", path);
	io.close(fd);
	return -1;
}

/* Digest and size of a file. */
static int read_proof(int dir, const char *path, struct proof *p, struct err *why)
{
	int fd = open_proof(dir, path, why);
	struct digest d;
	char *chunk;
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	chunk = mem_alloc(CHUNK);
	digest_start(&d);
	p->bytes = 0;
	while ((n = io_read_some(fd, path, chunk, CHUNK, -1, why)) > 0) {
		digest_put(&d, chunk, (size_t)n);
		p->bytes += (uint64_t)n;
	}
	digest_hex(&d, p->digest);
	free(chunk);
	close(fd);
	return n < 0 ? -1 : 0;
}

/* The proof of a path, read once a batch; NULL after a complaint, or with e when it could not be read. */
static const struct proof *proof_of(struct taking *t, struct span path, struct err *e)
{
	struct step_batch *b = t->b;
	uint32_t n = b->paths.n, i = names_add(&b->paths, path);
	struct err why = ERR_INIT;

	MEM_GROW(b->proof, b->proof_cap, (size_t)b->paths.n);
	if (i == n) {
		b->proof[i].digest[0] = '\0';
		if (read_proof(b->who.evidence_dir, names_at(&b->paths, i).p, &b->proof[i], &why)) {
			b->proof[i].digest[0] = '\0';
			if (why.status == ERR_DATA)
				step_complain(t, "evidence", "%s", why.text);
			else
				*e = why;
			return NULL;
		}
	}
	return b->proof[i].digest[0] ? &b->proof[i] : NULL;
}

int evidence_check(struct taking *t, struct err *e)
{
	struct span rest = t->said->evidence, path;
	struct buf canonical = BUF_INIT;
	struct err mine = ERR_INIT;

	while (e->status == ERR_OK && span_split(&rest, ';', &path)) {
		path = span_trim(path);
		buf_reset(&canonical);
		if (path.n == 0)
			continue;
		if (text_canonical(&canonical, path, &mine)) {
			step_complain(t, "evidence", "%s", mine.text);
			err_clear(&mine);
		} else if (proof_of(t, path, e) == NULL) {
			t->b->bad_value = true;
		}
	}
	buf_clear(&canonical);
	return e->status == ERR_OK ? 0 : -1;
}

/* The phase of evidence that comes with this step: what the step does to the hazard says it.  What closes it on the spot shows it
 * put right, and what names a measure shows that one put right; a recheck and an assignment only look at it. */
static const char *phase_of(const struct taking *t, enum wf_phase before)
{
	bool measured = t->f[t->b->col.measure].n > 0;

	if (before == PHASE_OPEN && (t->k->now.phase == PHASE_DONE || t->k->now.phase == PHASE_CLOSED))
		return "after";
	if (before == PHASE_DONE && t->s->to_fail != -2)
		return "recheck";
	if (measured && t->s->effect != WF_ASSIGN)
		return "after";
	if (before != PHASE_OPEN)
		return "sign";
	return t->s->effect == WF_ASSIGN || t->k->now.assigned == TIME_NONE ? "before" : "progress";
}

/* Does this commit bring evidence of that phase of the hazard? */
static bool is_shown(const struct known *k, struct span phase)
{
	for (size_t i = 0; i < k->nshown; i++)
		if (span_is(phase, k->shown[i]))
			return true;
	return false;
}

/* Remember that it does. */
static void show(struct known *k, const char *phase)
{
	if (!is_shown(k, span_of(phase)))
		k->shown[k->nshown++] = phase;
}

int evidence_put(struct taking *t, enum wf_phase before, struct err *e)
{
	struct step_batch *b = t->b;
	const struct table *v = b->evidence;
	const char *phase;
	struct span rest = t->said->evidence, path, f[EVENT_COLUMNS_MAX] = { { NULL, 0 } };
	struct buf name = BUF_INIT;
	char id[ID_MAX], size[24];

	if (known_now(b, t->k, e))
		return -1;
	phase = phase_of(t, before);
	while (span_split(&rest, ';', &path)) {
		const struct proof *p;

		path = span_trim(path);
		if (path.n == 0 || (p = proof_of(t, path, e)) == NULL)
			continue;
		buf_reset(&name);
		if (text_canonical(&name, path, e)) {
			buf_clear(&name);
			return -1;
		}
		commit_mint(b->commit, v, id);
		snprintf(size, sizeof size, "%llu", (unsigned long long)p->bytes);
		f[v->key] = span_of(id);
		f[schema_column(v, SPAN("at"))] = t->f[b->col.at];
		f[schema_column(v, SPAN("hazard"))] = t->k->id;
		f[schema_column(v, SPAN("measure"))] = t->f[b->col.measure];
		f[schema_column(v, SPAN("phase"))] = span_of(phase);
		f[schema_column(v, SPAN("bytes"))] = span_of(size);
		f[schema_column(v, SPAN("sha256"))] = span_of(p->digest);
		f[schema_column(v, SPAN("by"))] = t->f[b->col.actor];
		f[schema_column(v, SPAN("file"))] = buf_view(&name);
		commit_append(b->commit, v, f);
		show(t->k, phase);
		if (t->f[b->col.measure].n > 0 && strcmp(phase, "after") == 0)
			names_add(&b->done, t->f[b->col.measure]);
	}
	buf_clear(&name);
	return 0;
}

/* Is there evidence of a phase, in this commit or recorded?  A hazard that is being added has nothing recorded. */
static int look_for(struct taking *t, struct span phase, bool *has, struct err *e)
{
	struct office *o = t->b->office;
	const struct table *v = t->b->evidence;
	int col = schema_column(v, SPAN("phase"));
	struct span f[EVENT_COLUMNS_MAX];
	struct ledger_at *at = NULL;
	struct buf text = BUF_INIT;
	size_t n = 0;
	int bad = 0;

	*has = is_shown(t->k, phase);
	if (!*has && t->k != t->b->fresh)
		bad = ledger_of_hazard(o->reg, &o->at, "evidence", t->k->id, &at, &n, e) < 0 ? -1 : 0;
	for (size_t i = 0; i < n && !bad && !*has; i++) {
		buf_reset(&text);
		bad = ledger_read(o->reg, &o->at, "evidence", at[i], &text, f, e);
		*has = !bad && span_eq(f[col], phase);
	}
	buf_clear(&text);
	free(at);
	return bad;
}

/* Is the hazard open when the closing step comes, its implied steps taken? */
static bool closes_at_once(const struct taking *t)
{
	int path[64], n = workflow_implied(t->w, t->k->now.state, t->step, path);
	int state = n > 0 ? t->w->step[path[n - 1]].to : t->k->now.state;

	return t->w->state[state].phase == PHASE_OPEN;
}

int evidence_has(struct taking *t, struct span phase, bool *has, struct err *e)
{
	bool comes = t->said->evidence.n > 0;

	if (closes_at_once(t))
		*has = comes && span_is(phase, "after");
	else
		*has = comes && (span_is(phase, "sign") || (t->s->to_fail != -2 && span_is(phase, "recheck")));
	return *has ? 0 : look_for(t, phase, has, e);
}

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

/* Digest and size of a file. */
static int read_proof(int dir, const char *path, struct proof *p, struct err *why)
{
	int fd = io.openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
	struct digest d;
	struct stat st;
	char *chunk;
	ssize_t n = 0;

	if (fd < 0 || io.fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		err_set(why, ERR_DATA, "%s: %s", path, fd < 0 ? strerror(errno) : "not a regular file");
		if (fd >= 0)
			close(fd);
		return -1;
	}
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

/* The proof of a path, read once a batch; NULL after a complaint. */
static const struct proof *proof_of(struct taking *t, struct span path)
{
	struct step_batch *b = t->b;
	uint32_t n = b->paths.n, i = names_add(&b->paths, path);
	struct err why = ERR_INIT;

	MEM_GROW(b->proof, b->proof_cap, (size_t)b->paths.n);
	if (i == n) {
		b->proof[i].digest[0] = '\0';
		if (read_proof(b->who.evidence_dir, names_at(&b->paths, i).p, &b->proof[i], &why)) {
			b->proof[i].digest[0] = '\0';
			step_complain(t, "evidence", "%s", why.text);
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

	(void)e;
	while (span_split(&rest, ';', &path)) {
		path = span_trim(path);
		buf_reset(&canonical);
		if (path.n == 0)
			continue;
		if (text_canonical(&canonical, path, &mine)) {
			step_complain(t, "evidence", "%s", mine.text);
			err_clear(&mine);
		} else if (proof_of(t, path) == NULL) {
			t->b->bad_value = true;
		}
	}
	buf_clear(&canonical);
	return 0;
}

/* The phase of evidence that comes with this step: what the step does to the hazard says it.  What closes it on the spot shows it
 * put right. */
static const char *phase_of(const struct taking *t, enum wf_phase before)
{
	if (before == PHASE_OPEN && (t->k->now.phase == PHASE_DONE || t->k->now.phase == PHASE_CLOSED))
		return "after";
	if (before == PHASE_DONE)
		return t->s->to_fail != -2 ? "recheck" : "sign";
	if (before != PHASE_OPEN)
		return "sign";
	return t->s->effect == WF_ASSIGN || t->k->now.assigned == TIME_NONE ? "before" : "progress";
}

int evidence_put(struct taking *t, enum wf_phase before, struct err *e)
{
	struct step_batch *b = t->b;
	const struct table *v = b->evidence;
	struct span rest = t->said->evidence, path, f[EVENT_COLUMNS_MAX] = { { NULL, 0 } };
	struct buf name = BUF_INIT;
	char id[ID_MAX], size[24];

	if (known_now(b, t->k, e))
		return -1;
	while (span_split(&rest, ';', &path)) {
		const struct proof *p;

		path = span_trim(path);
		if (path.n == 0 || (p = proof_of(t, path)) == NULL)
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
		f[schema_column(v, SPAN("measure"))] = t->f[schema_column(b->events, SPAN("measure"))];
		f[schema_column(v, SPAN("phase"))] = span_of(phase_of(t, before));
		f[schema_column(v, SPAN("bytes"))] = span_of(size);
		f[schema_column(v, SPAN("sha256"))] = span_of(p->digest);
		f[schema_column(v, SPAN("by"))] = t->f[b->col.actor];
		f[schema_column(v, SPAN("file"))] = buf_view(&name);
		commit_append(b->commit, v, f);
	}
	buf_clear(&name);
	return 0;
}

/* What is looked for among the evidence. */
struct look {
	struct span hazard, measure, phase;	/* measure: empty, whichever */
	bool has;
};

static bool fits(const struct look *l, struct span hazard, struct span measure, struct span phase)
{
	return span_eq(hazard, l->hazard) && span_eq(phase, l->phase) && (l->measure.n == 0 || span_eq(measure, l->measure));
}

/* A row of this commit: hazard, phase, measure. */
static int look_pending(void *arg, const struct scan_row *row)
{
	struct look *l = arg;

	l->has = l->has || fits(l, row->f[0], row->f[2], row->f[1]);
	return 0;
}

/* Among what is recorded, and what this commit brings. */
static int look_for(struct taking *t, struct look *l, struct err *e)
{
	struct office *o = t->b->office;
	const struct table *v = t->b->evidence;
	int cols[3] = { schema_column(v, SPAN("hazard")), schema_column(v, SPAN("phase")), schema_column(v, SPAN("measure")) };
	struct scan_want want = { (size_t)v->ncolumns, cols, 3 };
	struct span f[EVENT_COLUMNS_MAX], pending = commit_pending(t->b->commit, v);
	struct ledger_at *at = NULL;
	struct buf text = BUF_INIT;
	size_t n = 0;
	int bad = ledger_of_hazard(o->reg, &o->at, "evidence", t->k->id, &at, &n, e) < 0 ? -1 : 0;

	for (size_t i = 0; i < n && !bad && !l->has; i++) {
		buf_reset(&text);
		bad = ledger_read(o->reg, &o->at, "evidence", at[i], &text, f, e);
		l->has = !bad && fits(l, f[cols[0]], f[cols[2]], f[cols[1]]);
	}
	if (!bad && !l->has && pending.n > 0)
		bad = scan_bytes("evidence.csv", pending, true, 1, &want, look_pending, l, e);
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
	struct look l = { .hazard = t->k->id, .phase = phase };
	int bad;

	if (closes_at_once(t))
		l.has = t->said->evidence.n > 0 && span_is(phase, "after");
	else
		l.has = t->said->evidence.n > 0 && (span_is(phase, "sign") || (t->s->to_fail != -2 && span_is(phase, "recheck")));
	bad = l.has ? 0 : look_for(t, &l, e);
	*has = l.has;
	return bad;
}

int evidence_of(struct taking *t, struct span measure, struct span phase, bool *has, struct err *e)
{
	struct look l = { .hazard = t->k->id, .measure = measure, .phase = phase };
	int bad = look_for(t, &l, e);

	*has = l.has;
	return bad;
}

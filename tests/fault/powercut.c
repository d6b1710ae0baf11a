/* SPDX-License-Identifier: MIT */
#include "powermodel.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RANGES 256

uint64_t model_random(uint64_t *seed, uint64_t below)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (z ^ z >> 31) % below;
}

/* Bytes of a file that may not be on the disk. */
struct range {
	off_t from, to;
	bool doomed;
};
struct pending {
	struct range v[RANGES];
	int n;
	off_t size[RANGES];	/* that the file had since its last sync, that one first */
	int nsizes;
	int synced;		/* ops up to there count as synced */
};

/* Take [from, to) out of the ranges. */
static void range_drop(struct pending *p, off_t from, off_t to)
{
	for (int i = 0, n = p->n; i < n; i++) {
		struct range *r = &p->v[i];

		if (r->to <= from || r->from >= to)
			continue;
		if (r->to > to && p->n < RANGES)
			p->v[p->n++] = (struct range){ to, r->to, r->doomed };
		if (r->from < from)
			r->to = from;
		else
			r->to = r->from;
	}
}

/* What of a file is not durable after the ops. */
static void pending_of(const struct model *m, const struct cut *c, int node, struct pending *p)
{
	off_t size = (off_t)m->node[node].base.n;

	p->n = 0;
	p->synced = 0;
	p->size[0] = size;
	p->nsizes = 1;
	for (int i = 0; i < c->n; i++) {
		const struct op *o = &m->op[i];

		if (o->node != node)
			continue;
		if (o->kind == OP_WRITE) {
			range_drop(p, o->at, o->at + (off_t)o->n);
			if (p->n == RANGES || p->nsizes == RANGES)
				model_die("too many writes");
			p->v[p->n++] = (struct range){ o->at, o->at + (off_t)o->n, false };
			size = o->at + (off_t)o->n > size ? o->at + (off_t)o->n : size;
			p->size[p->nsizes++] = size;
		} else if (o->kind == OP_CUT) {
			range_drop(p, o->at, INT64_MAX);
			size = o->at;
			p->size[p->nsizes++] = size;
		} else if (o->kind == OP_SYNC_FAILED) {
			for (int k = 0; k < p->n; k++)
				p->v[k].doomed = true;
		} else if (o->kind == OP_SYNC && (c->skip == NULL || !c->skip[i])) {
			int kept = 0;

			for (int k = 0; k < p->n; k++)
				if (p->v[k].doomed)
					p->v[kept++] = p->v[k];
			p->n = kept;
			p->size[0] = size;
			p->nsizes = 1;
			p->synced = i + 1;
		}
	}
}

enum how { HOW_OLD, HOW_NEW, HOW_PREFIX, HOW_ZEROS, HOW_SECTORS, HOW_GARBAGE, HOWS };

/* Nothing that somebody could have typed, unless text is wanted: a power cut leaves what the disk held before. */
static void garble(char *p, size_t n, struct cut *c)
{
	static const char stale[] = "commit,9,2026-02-02T10:40:00+08:00,\nT01-H2026-000009,9,,x\n";

	if (c->text && model_random(c->seed, 2) == 0) {
		c->has_text = true;
		for (size_t i = 0; i < n; i++)
			p[i] = stale[i % (sizeof stale - 1)];
		return;
	}
	for (size_t i = 0; i < n; i++)
		p[i] = (char)model_random(c->seed, 256);
	if (n > 0)
		p[0] = '\0';
}

/* One sector of what is not durable. */
static void fill(struct cut *c, enum how how, struct buf *out, const struct buf *old, const struct buf *new, size_t from, size_t to)
{
	uint64_t pick = how == HOW_OLD ? 0 : how == HOW_NEW ? 1 : how == HOW_ZEROS ? 2
	    : how == HOW_SECTORS ? model_random(c->seed, 2) : model_random(c->seed, 4);

	for (size_t i = from; i < to; i++)
		out->p[i] = pick == 0 ? i < old->n ? old->p[i] : '\0' : pick == 1 && i < new->n ? new->p[i] : '\0';
	if (pick == 3)
		garble(out->p + from, to - from, c);
}

/* The bytes that the disk holds of a file. */
static void cut_file(const struct model *m, struct cut *c, int node, enum how how, struct buf *out)
{
	static struct pending p;
	struct buf old = BUF_INIT, new = BUF_INIT;
	size_t size;

	pending_of(m, c, node, &p);
	model_bytes(m, c->n, node, &new);
	buf_reset(out);
	if (p.n == 0 && p.nsizes == 1) {
		buf_span(out, buf_view(&new));
		goto done;
	}
	model_bytes(m, p.synced, node, &old);
	if (how == HOW_PREFIX) {	/* some of the ops, the last one in part */
		int i = p.synced + (int)model_random(c->seed, (uint64_t)(c->n - p.synced + 1));

		model_bytes(m, i, node, out);
		if (i < c->n && m->op[i].node == node && m->op[i].kind == OP_WRITE)
			model_put_at(out, m->op[i].at, m->op[i].bytes, model_random(c->seed, m->op[i].n + 1));
		how = HOW_SECTORS;	/* for what no sync will save */
		for (int k = 0; k < p.n; k++)
			if (!p.v[k].doomed)
				p.v[k].to = p.v[k].from;
	} else {
		uint64_t which = how == HOW_OLD ? 0 : how == HOW_NEW ? (uint64_t)p.nsizes - 1 : model_random(c->seed, (uint64_t)p.nsizes + 1);

		if (which == (uint64_t)p.nsizes) {
			off_t a = p.size[p.nsizes - 1], b = p.size[0];

			size = (size_t)(a < b ? a : b) + model_random(c->seed, (uint64_t)(a < b ? b - a : a - b) + 1);
		} else {
			size = (size_t)p.size[which];
		}
		buf_span(out, buf_view(&new));
		if (old.n > out->n)
			model_put_at(out, (off_t)out->n, old.p + out->n, old.n - out->n);
		model_set_size(out, size);
	}
	for (int k = 0; k < p.n; k++)
		for (size_t at = (size_t)p.v[k].from; at < (size_t)p.v[k].to && at < out->n;) {
			size_t end = (at / MODEL_SECTOR + 1) * MODEL_SECTOR;

			end = end < (size_t)p.v[k].to ? end : (size_t)p.v[k].to;
			end = end < out->n ? end : out->n;
			fill(c, how, out, &old, &new, at, end);
			at = end;
		}
done:
	buf_clear(&old);
	buf_clear(&new);
}

/* The child that a name has on the disk: as at the last sync of the directory, or at any time since. */
static int cut_name(const struct model *m, struct cut *c, int dir, const char *name, int mood)
{
	int synced = 0, at = c->n;

	for (int i = 0; i < c->n; i++)
		if (m->op[i].kind == OP_SYNC && m->op[i].node == dir && (c->skip == NULL || !c->skip[i]))
			synced = i;
	if (mood == 0)
		at = synced;
	else if (mood > 1)
		at = synced + (int)model_random(c->seed, (uint64_t)(c->n - synced + 1));
	return model_lookup(m, at, dir, name);
}

/* All names that a directory ever had. */
static int names_of(const struct model *m, int dir, const char **name)
{
	int n = 0;

	for (int i = 0; i < m->nbase; i++)
		if (m->node[i].parent == dir)
			name[n++] = m->node[i].name;
	for (int i = 0; i < m->nops; i++) {
		const struct op *o = &m->op[i];
		const char *s = o->node != dir ? NULL : o->kind == OP_MAKE ? o->name : o->kind == OP_RENAME ? o->to : NULL;
		bool new = s != NULL;

		for (int k = 0; k < n && new; k++)
			new = strcmp(name[k], s) != 0;
		if (new && n == MODEL_NODES)
			model_die("too many names");
		if (new)
			name[n++] = s;
	}
	return n;
}

/* A directory and what lies in it. */
static void lay(const struct model *m, struct cut *c, int dir, const char *to, int mood, int how)
{
	const char **name = malloc(MODEL_NODES * sizeof *name);
	int n = names_of(m, dir, name);
	struct buf bytes = BUF_INIT;
	char path[1024];

	for (int i = 0; i < n; i++) {
		int child = cut_name(m, c, dir, name[i], mood), fd;

		if (child == MODEL_NONE)
			continue;
		snprintf(path, sizeof path, "%s/%s", to, name[i]);
		if (m->node[child].is_dir) {
			if (mkdir(path, 0755) < 0)
				model_die("cannot make a directory");
			lay(m, c, child, path, mood, how);
			continue;
		}
		cut_file(m, c, child, how < 0 ? (enum how)model_random(c->seed, HOWS) : (enum how)how, &bytes);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
		if (fd < 0 || write(fd, bytes.p ? bytes.p : "", bytes.n) != (ssize_t)bytes.n || close(fd) < 0)
			model_die("cannot lay out a file");
	}
	buf_clear(&bytes);
	free(name);
}

void model_cut(const struct model *m, struct cut *c, const char *to)
{
	/* half of them with one fate for all files, and for all names */
	int how = model_random(c->seed, 2) ? (int)model_random(c->seed, HOWS) : -1, mood = (int)model_random(c->seed, 4);

	c->has_text = false;
	lay(m, c, 0, to, mood, how);
}

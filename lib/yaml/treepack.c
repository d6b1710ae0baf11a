/* SPDX-License-Identifier: MIT */
#include "yaml/tree.h"
#include <stdlib.h>
#include "base/mem.h"

/* A node of a packed tree.  A scalar's text follows, with a NUL and up to a multiple of four; or a list's items; or the number of
 * a map's shape, its keys where no map before had that shape, and its values.  Maps of the same keys have one shape: most nodes of
 * a policy would be the keys of its many small maps. */
struct packed {
	uint32_t kind, line, col, n;
};
#define PACKED_PLAIN 4u
#define PACKED_FLOW 8u

/* What stands in front: how much memory the tree takes. */
struct packed_head {
	uint32_t nodes, pointers, shapes;
};

/* Bytes of a text with its NUL and what fills up. */
static size_t padded(size_t n)
{
	return (n + 4) & ~(size_t)3;
}

/* A tree being packed. */
struct packing {
	struct packed_head h;
	const struct yaml_node **shape;	/* the first map of each */
	size_t cap;
	struct buf *out;
};

static bool same_keys(const struct yaml_node *a, const struct yaml_node *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = span_eq(a->key[i]->text, b->key[i]->text);
	return same;
}

static void pack_node(struct packing *p, const struct yaml_node *n);

/* The number of a map's shape, and its keys where it is new. */
static void pack_keys(struct packing *p, const struct yaml_node *map)
{
	uint32_t at = 0;

	while (at < p->h.shapes && !same_keys(p->shape[at], map))
		at++;
	buf_put(p->out, &at, sizeof at);
	if (at < p->h.shapes)
		return;
	MEM_GROW(p->shape, p->cap, (size_t)at + 1);
	p->shape[p->h.shapes++] = map;
	p->h.pointers += (uint32_t)map->n;
	for (size_t i = 0; i < map->n; i++)
		pack_node(p, map->key[i]);
}

static void pack_node(struct packing *p, const struct yaml_node *n)
{
	bool scalar = n->kind == YAML_SCALAR;
	struct packed k = { (uint32_t)n->kind | (n->plain ? PACKED_PLAIN : 0) | (n->flow ? PACKED_FLOW : 0), (uint32_t)n->line,
		(uint32_t)n->col, (uint32_t)(scalar ? n->text.n : n->n) };

	p->h.nodes++;
	buf_put(p->out, &k, sizeof k);
	if (scalar) {
		buf_put(p->out, n->text.p, n->text.n);
		buf_put(p->out, "\0\0\0\0", padded(n->text.n) - n->text.n);
		return;
	}
	if (n->kind == YAML_MAP)
		pack_keys(p, n);
	p->h.pointers += k.n;
	for (size_t i = 0; i < n->n; i++)
		pack_node(p, n->item[i]);
}

void yaml_pack(const struct yaml_file *f, struct buf *out)
{
	struct packing p = { .out = out };
	size_t start = out->n;

	buf_put(out, &p.h, sizeof p.h);
	pack_node(&p, f->root);
	memcpy(out->p + start, &p.h, sizeof p.h);
	free(p.shape);
}

/* A packed tree being read, and the memory that is left for it. */
struct unpacking {
	const char *at, *end;
	struct yaml_node *node, *last;
	struct yaml_node **pointer, **top;
	struct shape {
		struct yaml_node **key;
		uint32_t n;
	} *shape;
	uint32_t shapes, most;	/* seen, and that there are */
};

/* The next node, without what is in it, and how many bytes or parts that is; NULL when the bytes are no tree. */
static inline struct yaml_node *unpack_head(struct unpacking *u, uint32_t *count)
{
	struct yaml_node *n = u->node;
	struct packed p;

	if (n == u->last || (size_t)(u->end - u->at) < sizeof p)
		return NULL;
	memcpy(&p, u->at, sizeof p);
	u->at += sizeof p;
	u->node++;
	*n = (struct yaml_node){ .kind = (enum yaml_kind)(p.kind & 3), .plain = (p.kind & PACKED_PLAIN) != 0,
		.flow = (p.kind & PACKED_FLOW) != 0, .line = p.line, .col = p.col };
	*count = p.n;
	return n;
}

/* A scalar's text. */
static inline bool unpack_text(struct unpacking *u, struct yaml_node *n, uint32_t count)
{
	if (count > YAML_SCALAR_MAX || padded(count) > (size_t)(u->end - u->at) || u->at[count] != '\0')
		return false;
	n->text = (struct span){ u->at, count };
	u->at += padded(count);
	return true;
}

/* So many pointers to nodes; NULL when there are not. */
static struct yaml_node **unpack_room(struct unpacking *u, uint32_t count)
{
	struct yaml_node **room = u->pointer;

	if (count > (size_t)(u->top - room))
		return NULL;
	u->pointer += count;
	return room;
}

/* The keys of a map of that many. */
static bool unpack_keys(struct unpacking *u, struct yaml_node *map, uint32_t count)
{
	struct shape *s;
	uint32_t at, n = 0;

	if ((size_t)(u->end - u->at) < sizeof at)
		return false;
	memcpy(&at, u->at, sizeof at);
	u->at += sizeof at;
	if (at > u->shapes || at == u->most)
		return false;
	s = &u->shape[at];
	if (at == u->shapes) {
		*s = (struct shape){ unpack_room(u, count), count };
		u->shapes++;
		for (uint32_t i = 0; s->key != NULL && i < count; i++) {
			s->key[i] = unpack_head(u, &n);
			if (s->key[i] == NULL || s->key[i]->kind != YAML_SCALAR || !unpack_text(u, s->key[i], n))
				return false;
		}
	}
	map->key = s->key;
	return s->key != NULL && s->n == count;
}

/* What is in a list or map of that many. */
static bool unpack_parts(struct unpacking *u, struct yaml_node *n, uint32_t count, size_t depth)
{
	if (n->kind > YAML_MAP || depth == YAML_DEPTH_MAX || (n->kind == YAML_MAP && !unpack_keys(u, n, count)))
		return false;
	n->n = count;
	n->item = unpack_room(u, count);
	for (size_t i = 0; n->item != NULL && i < n->n; i++) {
		struct yaml_node *part = unpack_head(u, &count);

		if (part == NULL
		    || !(part->kind == YAML_SCALAR ? unpack_text(u, part, count) : unpack_parts(u, part, count, depth + 1)))
			return false;
		n->item[i] = part;
	}
	return n->item != NULL;
}

/* The whole tree into the memory that it says it takes. */
static bool unpack_root(struct unpacking *u, struct yaml_file *f)
{
	uint32_t count;

	f->root = unpack_head(u, &count);
	return f->root != NULL
	    && (f->root->kind == YAML_SCALAR ? unpack_text(u, f->root, count) : unpack_parts(u, f->root, count, 0))
	    && u->at == u->end && u->node == u->last && u->pointer == u->top && u->shapes == u->most;
}

struct yaml_file *yaml_unpack(const char *name, struct span bytes)
{
	struct packed_head h;
	struct unpacking u = { .end = bytes.p + bytes.n };
	struct yaml_file *f;

	if (bytes.n < sizeof h)
		return NULL;
	memcpy(&h, bytes.p, sizeof h);
	if (h.nodes > (bytes.n - sizeof h) / sizeof(struct packed) || h.pointers > h.nodes || h.shapes > h.nodes)
		return NULL;
	f = mem_zalloc(1, sizeof *f);
	f->name = mem_strdup(name);
	u.at = bytes.p + sizeof h;
	u.node = arena_room(&f->mem, h.nodes * sizeof *u.node + h.pointers * sizeof *u.pointer + h.shapes * sizeof *u.shape);
	u.last = u.node + h.nodes;
	u.shape = (struct shape *)(void *)u.last;
	u.most = h.shapes;
	u.pointer = (struct yaml_node **)(void *)(u.shape + h.shapes);
	u.top = u.pointer + h.pointers;
	if (unpack_root(&u, f))
		return f;
	yaml_free(f);
	return NULL;
}

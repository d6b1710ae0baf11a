/* SPDX-License-Identifier: MIT */
#ifndef GL_YAML_TREE_H
#define GL_YAML_TREE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/buf.h"
#include "base/diag.h"
#include "base/mem.h"
/*
 * A YAML file as a tree with positions, from libyaml's events behind limits
 * (reliability.md 5.2): 256 KiB, depth 32, 100 000 nodes, scalars of 4 KiB,
 * one document, no anchors, aliases or tags, no duplicate keys, no control
 * characters in scalars (LF only inside block scalars, whose last LF is cut).
 * Every complaint is `file:line:column: …`.
 */
#define YAML_DEPTH_MAX 32
#define YAML_SCALAR_MAX 4096

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	bool plain;			/* a scalar without quotes: may be a number or yes/no */
	bool flow;			/* stands inside braces or brackets */
	size_t line, col;		/* 1-based */
	struct span text;		/* scalar */
	size_t n;			/* items of a list, pairs of a map */
	struct yaml_node **item;	/* values */
	struct yaml_node **key;		/* keys of a map (scalars), else NULL */
};

struct yaml_file {
	char *name;			/* as shown in messages */
	struct yaml_told *told;		/* what was said of it already (yaml/told.h) */
	struct arena mem;
	struct yaml_node *root;		/* an empty file gives an empty map */
};

/* libyaml.so exports a yaml_free of its own, which ours would take the place of: another name for the linker. */
#define yaml_free yaml_file_free
/* NULL when d got an error.  The file is freed with yaml_free. */
struct yaml_file *yaml_parse(const char *name, struct span bytes, struct diag *d);
void yaml_free(struct yaml_file *f);

/*
 * The same tree as bytes of this machine, for a cache that is beside the file: many times faster read than the file is.
 * yaml_unpack checks the shape, not the rules that yaml_parse has: NULL when the bytes are no tree.  Maps of the same keys
 * share them: their positions are those in the first such map.  The texts of the nodes lie in bytes, which must stay as long
 * as the file does.
 */
void yaml_pack(const struct yaml_file *f, struct buf *out);
struct yaml_file *yaml_unpack(const char *name, struct span bytes);

/* The value of a key, or NULL; a NULL map gives NULL. */
struct yaml_node *yaml_get_span(const struct yaml_node *map, struct span key);
static inline struct yaml_node *yaml_get(const struct yaml_node *map, const char *key) { return yaml_get_span(map, span_of(key)); }
/* Strict scalars (5x is not 5, 010 is not 8, only yes/no/true/false): false when it is not one. */
bool yaml_int(const struct yaml_node *n, int64_t *out);
bool yaml_bool(const struct yaml_node *n, bool *out);
/* The text of a scalar, or "" for NULL. NUL-terminated, lives as long as the file. */
const char *yaml_text(const struct yaml_node *n);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_YAML_TOLD_H
#define GL_YAML_TOLD_H
#include <stdbool.h>
#include "yaml/tree.h"
/*
 * Where something was said about a file already: what the schema complains about is not said again, in other
 * words, by who reads the tree for its meaning, so that both can say all they have in one pass.
 */
struct yaml_told *told_new(void);	/* for a file, whose end it has with yaml_free */
void told_free(struct yaml_told *t);
void told_add(const struct yaml_file *f, size_t line, size_t col);
/* Is anything told of the file; of the node?  Of an unpacked file nothing ever is. */
bool told_any(const struct yaml_file *f);
bool told_of(const struct yaml_file *f, const struct yaml_node *n);

#endif

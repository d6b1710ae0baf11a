/* SPDX-License-Identifier: MIT */
#ifndef GL_YAML_FLAT_H
#define GL_YAML_FLAT_H
#include "yaml/tree.h"
/*
 * A file of lines like `word: value`, `word: "value"` and comments, as register.yaml is, read without libyaml, which
 * takes ten times as long.  Gives f the very tree that libyaml's events give; false, and f as it was, for whatever is not
 * as plain as that: then libyaml reads it, and says what is wrong.
 */
bool yaml_flat(struct yaml_file *f, struct span bytes);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef GL_YAML_ALLOWED_H
#define GL_YAML_ALLOWED_H
#include <jansson.h>
#include "base/buf.h"
#include "yaml/tree.h"
/*
 * A schema in words: what was found and what is allowed, for the messages of yaml/schema, its only user.
 */
/* The schema a $ref (#/$defs/NAME) stands for, the schema itself when it is none, NULL when it leads nowhere. */
const json_t *schema_resolve(const json_t *root, const json_t *schema);
/* `"value"`, `a list`, `a map` or `no value`; long values are cut. */
void schema_put_found(struct buf *out, const struct yaml_node *n);
/* A JSON constant as it is written in YAML. */
void schema_put_const(struct buf *out, const json_t *v);
/* What a schema takes: its form from values or type, and the description, which may stand beside a $ref. */
void schema_put_allowed(struct buf *out, const json_t *root, const json_t *schema);
/* The names in `properties`; the array is the caller's to free. */
const char **schema_names(const json_t *schema, size_t *n);

#endif

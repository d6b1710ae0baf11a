/* SPDX-License-Identifier: MIT */
#ifndef GL_YAML_SCHEMA_H
#define GL_YAML_SCHEMA_H
#include <jansson.h>
#include "yaml/tree.h"
/*
 * Check a YAML tree against a JSON Schema (draft 2020-12, the part our schemas use: type,
 * properties, required, additionalProperties, patternProperties, propertyNames, items, enum, const,
 * pattern, minimum, maximum, minItems, uniqueItems, minProperties, minLength, oneOf, anyOf, $ref into $defs,
 * description).  Another keyword in a schema is a programming error, reported in e.  Patterns are PCRE2.
 * A plain scalar is a boolean or an integer where the schema asks for one, a string where it asks for that.
 * Each complaint has position, what is allowed there and the nearest name or what was probably meant (yaml/meant.h):
 * `escalation.yaml:7:5: unknown key "wihtin"; did you mean "within"? allowed: from, within`.
 */
/* Where it complained is put down in f (yaml/told.h), for who reads the tree for its meaning. */
void yaml_check(const struct yaml_file *f, const json_t *schema, struct diag *d);

#endif

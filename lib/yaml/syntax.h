/* SPDX-License-Identifier: MIT */
#ifndef GL_YAML_SYNTAX_H
#define GL_YAML_SYNTAX_H
#include <stdbool.h>
#include <yaml.h>
#include "base/buf.h"
#include "base/diag.h"
/*
 * What libyaml cannot say well: where bytes that are no text stand, and what a clerk should write instead
 * of what the scanner stumbled over.  Used by yaml/tree only.
 */
/* The first byte of valid UTF-8 that may not stand in a YAML file of ours: of a control character (but LF, CR and tab), a line
 * separator (U+2028, U+2029) or a byte order mark; b.n when there is none. */
size_t yaml_control(struct span b);
/* Which character that is. */
unsigned yaml_control_code(struct span b, size_t at);
/* Cuts a byte order mark and complains about the first byte that is no UTF-8 text; false then. */
bool yaml_bytes(const char *name, struct span *bytes, struct diag *d);
/* One complaint for the error the parser stopped at; bytes is its whole input. */
void yaml_syntax(const char *name, struct span bytes, const yaml_parser_t *p, struct diag *d);

#endif

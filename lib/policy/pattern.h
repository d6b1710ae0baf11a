/* SPDX-License-Identifier: MIT */
#ifndef GL_POLICY_PATTERN_H
#define GL_POLICY_PATTERN_H
#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"
/*
 * Patterns of policies and of --match: PCRE2, UTF and UCP, with limits and a
 * deadline (reliability.md 5.4).  A limit that is hit is an error, never "no match".
 */
struct pattern;
/* text without the slashes; at most 1000 bytes.  NULL with e: the reason and its 1-based position in the text. */
struct pattern *pattern_new(struct span text, struct err *e);
/* One that was compiled before, when its policy was committed: compiled at its first match.  text must stay as long. */
struct pattern *pattern_later(struct span text);
void pattern_free(struct pattern *p);
/* 1 match, 0 none, -1 with e (too long over 4 KiB, limit or 50 ms hit). Not thread-safe per pattern object. */
int pattern_match(struct pattern *p, struct span subject, struct err *e);
/* "/…/" as written in YAML and options: the inside; false when not of that form. */
bool pattern_slashes(struct span s, struct span *inside);

#endif

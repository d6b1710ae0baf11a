/* SPDX-License-Identifier: MIT */
#ifndef GL_BASE_TEXT_H
#define GL_BASE_TEXT_H
#include <stdbool.h>
#include "base/buf.h"
#include "base/err.h"

/* The length of the longest valid UTF-8 prefix; equals s.n when all is valid.  Overlong forms,
 * surrogates and code points above U+10FFFF are invalid.  ASCII runs go 16 bytes and more a step. */
size_t text_valid(struct span s);
/* As text_valid, and stops too at NUL and every other C0 control byte, DEL, and C1 (U+0080-009F). */
size_t text_clean(struct span s);
/* Columns on a terminal (utf8proc): 2 for wide, 0 for combining; control characters count as escaped. */
size_t text_width(struct span s);
/* Append s with everything that could steer a terminal shown as \u{..}: C0 but not LF when keep_lf,
 * DEL, C1, bidi controls, zero-width characters, U+FEFF, line and paragraph separators; invalid bytes as \x{..}. */
void text_escape(struct buf *out, struct span s, bool keep_lf);
/* Append s cut or padded with blanks to exactly `width` columns, after escaping; right-aligned if right. */
void text_pad(struct buf *out, struct span s, size_t width, bool right);
/* Full-width ASCII (U+FF01-FF5E) and U+3000 to ASCII; other bytes as they are. For codes, numbers and times. */
void text_halfwidth(struct buf *out, struct span s);
/* The same one byte at a time: what the character at *at (< s.n) gives; *at moves on. */
char text_halfwidth_next(struct span s, size_t *at);
/* NFC, newlines (CR, LF, CRLF) to U+2424, blanks at the ends cut.  -1 (text without file or column) for
 * invalid UTF-8, NUL, other control bytes, or a literal U+2424.  TAB inside becomes a blank. */
int text_canonical(struct buf *out, struct span s, struct err *e);
/* Would text_canonical append s just as it stands?  May say no where unsure. */
bool text_is_canonical(struct span s);
/* Display of a stored value: U+2424 back to LF. */
void text_unfold(struct buf *out, struct span s);
/* The nearest of n names by edit distance, or NULL when none is near (distance over a third of the length, at least 1). */
const char *text_nearest(struct span s, const char *const *names, size_t n);
/* "a, b, c": names joined, at most `most` of them and then "…"; appended to out. */
void text_list(struct buf *out, const char *const *names, size_t n, size_t most);
/* Foreign text to UTF-8 by iconv; encoding as named by the user (gb18030, gbk, utf-16 …).
 * -1 with e naming the byte offset and the encoding when it does not convert cleanly. */
int text_decode(struct buf *out, struct span s, const char *encoding, struct err *e);

#endif

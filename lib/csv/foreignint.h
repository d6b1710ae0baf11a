/* SPDX-License-Identifier: MIT */
#ifndef GL_CSV_FOREIGNINT_H
#define GL_CSV_FOREIGNINT_H
#include "csv/foreign.h"
#include "base/mem.h"
#include "csv/scanint.h"
/*
 * Shared by foreign.c, foreignblock.c and foreigntext.c only.  Parsing is a
 * relay: foreign_fill makes blocks of rows out of the text, foreign.c hands them out.
 */

/* What is wrong with a row, to be said when it is handed out. */
struct foreign_said {
	size_t line, col;		/* col 0: the whole record is meant */
	const char *text;		/* in the block's memory; NULL: nothing is wrong */
};

/* Rows that were parsed together. */
struct foreign_block {
	struct foreign_row *row;
	struct foreign_said *said;	/* one per row */
	size_t n, row_cap, said_cap;
	struct span *f;			/* the fields of all rows */
	size_t nf, f_cap;
	char *unquoted, *to;		/* fields of regular records that lost doubled quotes */
	struct arena mem;		/* fields of irregular ones, and complaints */
};

/* The first stage of one parse. */
struct foreign_parse {
	const char *name;
	size_t field_max, fields_max;
	struct err *e;			/* used for the header only */
	/* where it is: the next record begins at text.p[pos], in this line */
	struct span text;
	size_t pos, line;
	bool clean;			/* it is known to be UTF-8 without NULs */
	bool valid, nul;		/* all is UTF-8; there is a NUL somewhere */
	bool headed, fatal;		/* the header was seen; it was bad */
	size_t ncols;
	/* the stages of the fast path, and libcsv */
	struct scan_lists l;
	size_t window;
	char *tail;			/* a copy of the text's end from byte tail_from on, with a last LF and zero bytes behind */
	size_t tail_from, tail_n;
	struct strict strict;
};
void foreign_start(struct foreign_parse *p, struct span text);	/* the other members are set */
void foreign_end(struct foreign_parse *p);
/* The next rows; the header comes alone.  At the end of the text p->pos is text.n.  When the header is bad p->fatal is
 * set with e. */
void foreign_fill(struct foreign_parse *p, struct foreign_block *b);
void foreign_block_clear(struct foreign_block *b);

/*
 * The text of a foreign file as UTF-8 without BOM: in *text, which lies in
 * bytes or in *own.  *valid is false when rows with invalid bytes are left,
 * each to be complained about on its own.  -1 with e when it cannot be read
 * at all: empty, of another encoding than said, of an encoding not said.
 * *clean says whether the bytes are known to be UTF-8 without NULs, then whether the text is.
 */
int foreign_text(const char *name, struct span bytes, const char *encoding, struct buf *own, struct span *text,
    bool *clean, bool *valid, struct err *e);
/* What an invalid row may be: "" or a clause for a message. */
const char *foreign_guess(struct span raw);
/* Line ends in s: LF, CRLF and lone CR count one each. */
size_t foreign_lines(struct span s);
/* The column of text.p[at] in its line, in characters from 1. */
size_t foreign_column(struct span text, size_t at);
/* The offset behind the line end at or behind `at`, or the end of the text. */
size_t foreign_next_line(struct span text, size_t at);

#endif
